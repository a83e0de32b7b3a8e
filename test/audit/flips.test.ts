import { type AuditReport, kinds } from '@chancery/protocol'
import { beforeAll, describe, expect, test } from 'vitest'
import { type World, makeWorld } from '../world.ts'
import { flipped } from './doctor.ts'
import { audit, folderFor, listed, whenOf } from './story.ts'

/** Another run flips other bytes; a number given as FLIPS flips those of the run that printed it. */
const seed = Number(process.env['FLIPS'] ?? Date.now() % 1_000_000)

/** In a file as small as this every byte is flipped. */
const smallBytes = 256
/** In a larger one its ends, and between them so many bytes at an even stride from a place of the seed's choice. */
const ends = 4
const between = 16
/** What ends an audit before a key is looked at costs little: of such files more. */
const betweenEarly = 400
const isEarly = (path: string): boolean => path === 'manifest.json' || path.startsWith('log/tile/entries/')

let folder: Map<string, Uint8Array>
let whole: AuditReport

/** Two members, an attribution with tear lines, and a call-out that one of them joins on a condition, released. */
async function tellWhole(): Promise<World> {
  const world = await makeWorld({ members: 2, seed: 'flips' })
  const [first = '', second = ''] = world.ids
  const tear = [
    { label: 'methods', tlp: 'amber', content: { text: 'How it is known' } },
    { label: 'sources', tlp: 'red', content: { text: 'Who told us' } },
  ] as const
  const { template } = kinds['attribution.statement']
  const attribution = await world.statement('attribution.statement', first, template, { tlp: 'green', tear })
  const proposed = {
    ...kinds['callout.propose'].template,
    attributions: [attribution.sid],
    pen_holder: first,
    invitees: [second],
    deputies: [],
    respond_by: whenOf(4),
    release_window: { from: whenOf(10), until: whenOf(600) },
  }
  const proposal = await world.statement('callout.propose', first, proposed, { tlp: 'green' })
  const frozen = {
    proposal: proposal.sid,
    texts: [{ lang: 'en', title: 'On the harbour case', text: 'We name the organ.' }],
    claims: [{ id: 'c1', attribution: attribution.sid, claim: template.claims[0]?.id ?? '' }],
    deadline: { size: world.size + 3, at: whenOf(4) },
    lapse: { size: world.size + 500 },
  }
  const text = await world.statement('callout.text', first, frozen, { tlp: 'green' })
  const join = { ...kinds['callout.join'].template, text: text.sid }
  const own = await world.statement('callout.join', first, join, { tlp: 'amber' })
  const when = { atLeast: [2] }
  const other = await world.statement('callout.join', second, { ...join, when }, { tlp: 'amber' })
  await world.statement('attribution.statement', second, template, { tlp: 'red' })
  const cut = { size: world.size, root: world.rootAt(world.size) }
  const joins = [own.sid, other.sid].sort()
  await world.statement('callout.release', first, { text: text.sid, cut, joins, released_at: whenOf(12) })
  return world
}

beforeAll(async () => {
  folder = folderFor(await tellWhole(), 'amber')
  whole = await audit(folder)
})

/** Numbers that look like chance and follow from the seed: the same seed flips the same bits. */
function chanceOf(from: number): (below: number) => number {
  let state = from >>> 0
  return below => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

function placesOf(path: string, bytes: Uint8Array, chance: (below: number) => number): number[] {
  const all = Array.from(bytes, (_, at) => at)
  if (bytes.length <= smallBytes) return all
  const stride = Math.ceil(bytes.length / (isEarly(path) ? betweenEarly : between))
  const start = chance(stride)
  return all.filter(at => at < ends || at >= bytes.length - ends || at % stride === start)
}

describe('one bit flipped in a folder that holds', () => {
  test('the folder holds, has a part of every sort, and a call-out that was released', () => {
    expect(whole).toMatchObject({ ok: true, findings: [], withheld: { entries: 1, slots: 1 } })
    expect(whole.callouts).toMatchObject([{ phase: 'released' }])
    const sorts = new Set([...folder.keys()].map(path => path.replace(/[A-Za-z0-9_-]{43}/, '')))
    expect(sorts.size).toBe(8)
  })
  test(`is found wherever it is, or shows (FLIPS=${seed})`, async () => {
    const chance = chanceOf(seed)
    const unseen: string[] = []
    const shown = new Set<string>()
    const flipsIn = new Map<string, number>()
    for (const [path, bytes] of folder) {
      const places = placesOf(path, bytes, chance)
      flipsIn.set(path, places.length)
      for (const at of places) {
        const bit = chance(8)
        const report = await audit(new Map(folder).set(path, flipped(bytes, at, bit)))
        if (!report.ok && report.findings.length > 0) continue
        if (report.ok && listed(report) !== listed(whole)) shown.add(path)
        else unseen.push(`${path} at ${at}, bit ${bit}`)
      }
    }
    expect(unseen).toEqual([])
    // The name of the exporter is bound to nothing; a change of it is shown.
    expect(new Set([...shown, 'manifest.json'])).toEqual(new Set(['manifest.json']))
    const [least, flips] = [Math.min(...flipsIn.values()), [...flipsIn.values()].reduce((sum, count) => sum + count, 0)]
    expect([...flipsIn.keys()]).toEqual([...folder.keys()])
    expect(least).toBeGreaterThanOrEqual(between)
    expect(flips).toBeGreaterThan(1_200)
  })
})
