import { type AuditReport, type Tlp, kinds, statementPath, utf8 } from '@chancery/protocol'
import { beforeAll, describe, expect, test } from 'vitest'
import { type World, makeWorld } from '../world.ts'
import { doctored, flipped } from './doctor.ts'
import { audit, folderFor, tellStory, whenOf } from './story.ts'

const tiers: readonly Tlp[] = ['clear', 'green', 'amber', 'red']
const dot = 46

type Damage = (bytes: Uint8Array) => Uint8Array | undefined
const damages: Readonly<Record<string, Damage>> = {
  removed: () => undefined,
  'flipped in its body': bytes => flipped(bytes, 100),
  'flipped in its signature': bytes => flipped(bytes, bytes.lastIndexOf(dot) + 10),
  truncated: bytes => bytes.slice(0, -300),
}

let world: World
beforeAll(async () => {
  world = await tellStory()
})

function* damagedFolders(of: World, tier: Tlp, damage: Damage) {
  const folder = folderFor(of, tier)
  for (const { sid, statement } of of.logged) {
    const path = statementPath({ kind: statement.kind, sid })
    const bytes = folder.get(path)
    if (bytes === undefined) continue
    const [copy, left] = [new Map(folder), damage(bytes)]
    if (left === undefined) copy.delete(path)
    else copy.set(path, left)
    yield { path, kind: statement.kind, copy }
  }
}

const codes = ({ findings }: AuditReport) => findings.map(({ code }) => code)

describe.each(Object.entries(damages))('a statement file that is %s', (how, damage) => {
  test.each(tiers)('is the first finding for a %s reader, and accuses no healthy file of being there', async tier => {
    for (const { path, copy } of damagedFolders(world, tier, damage)) {
      const report = await audit(copy)
      const code = how === 'removed' ? 'evidence.missing' : 'evidence.altered'
      expect(report.findings[0]).toMatchObject({ code, at: path })
      expect(codes(report)).not.toContain('evidence.above-tier')
      expect(codes(report)).not.toContain('evidence.unreferenced')
      expect(report.findings.length).toBeLessThanOrEqual(5)
    }
  })
})

describe('what a damaged file leaves open', () => {
  test('is said once: the proposal, the text and the joins of a release that cannot be followed', async () => {
    const untold: Record<string, number[]> = {}
    for (const { kind, copy } of damagedFolders(world, 'clear', () => undefined)) {
      untold[kind] = [...(untold[kind] ?? []), (await audit(copy)).untold]
    }
    expect(untold).toEqual({
      'charter.adopt': [0, 0, 0, 0],
      'attribution.statement': [0],
      'callout.propose': [4],
      'callout.text': [4],
      'callout.join': [4, 4, 4],
      'callout.release': [0],
    })
    expect((await audit(folderFor(world, 'clear'))).untold).toBe(0)
  })
  test('is no cloak: what the release does not list is found beside it', async () => {
    const decline = statementPath({ kind: 'callout.decline', sid: world.logged[10]?.sid ?? '' })
    const text = statementPath({ kind: 'callout.text', sid: world.logged[6]?.sid ?? '' })
    const folder = folderFor(world, 'clear')
    const bytes = utf8(`${world.logged[10]?.jws}~`)
    const more = doctored(folder, copy => copy.set(decline, bytes))
    more.delete(text)
    const { findings, untold } = await audit(more)
    expect(untold).toBe(4)
    expect(findings).toContainEqual(expect.objectContaining({ code: 'evidence.above-tier', at: decline }))
  })
  test('a sealed release that is lost leaves open what it may have opened, and nothing else', async () => {
    const sealed = await tellSealed()
    const release = sealed.logged.at(-1)
    const path = statementPath({ kind: 'callout.release', sid: release?.sid ?? '' })
    const folder = folderFor(sealed, 'green')
    expect(await audit(folder)).toMatchObject({ ok: true, untold: 0 })
    for (const damage of Object.values(damages)) {
      const [copy, left] = [new Map(folder), damage(folder.get(path) ?? new Uint8Array(0))]
      if (left === undefined) copy.delete(path)
      else copy.set(path, left)
      const report = await audit(copy)
      expect(report.findings[0]?.at).toBe(path)
      expect(codes(report)).not.toContain('evidence.above-tier')
      expect(report.untold).toBe(1)
    }
  })
})

/** A call-out whose release GREEN readers have and the public has not. */
async function tellSealed(): Promise<World> {
  const sealed = await makeWorld({ members: 1, seed: 'sealed release' })
  const [only = ''] = sealed.ids
  const { template } = kinds['attribution.statement']
  const attribution = await sealed.statement('attribution.statement', only, template, { tlp: 'green' })
  const proposal = await sealed.statement(
    'callout.propose',
    only,
    {
      ...kinds['callout.propose'].template,
      attributions: [attribution.sid],
      pen_holder: only,
      invitees: [only],
      deputies: [],
      respond_by: whenOf(4),
      release_window: { from: whenOf(10), until: whenOf(600) },
    },
    { tlp: 'green' },
  )
  const frozen = {
    proposal: proposal.sid,
    texts: [{ lang: 'en', title: 'On the harbour case', text: 'We name the organ.' }],
    claims: [{ id: 'c1', attribution: attribution.sid, claim: template.claims[0]?.id ?? '' }],
    deadline: { size: sealed.size + 2, at: whenOf(4) },
    lapse: { size: sealed.size + 500 },
  }
  const text = await sealed.statement('callout.text', only, frozen, { tlp: 'green' })
  const join = { ...kinds['callout.join'].template, text: text.sid }
  const joined = await sealed.statement('callout.join', only, join, { tlp: 'amber' })
  const cut = { size: sealed.size, root: sealed.rootAt(sealed.size) }
  const release = { text: text.sid, cut, joins: [joined.sid], released_at: whenOf(12) }
  await sealed.statement('callout.release', only, release, { tlp: 'green' })
  return sealed
}
