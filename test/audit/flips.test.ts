import { type AuditReport, kinds } from '@chancery/protocol'
import { beforeAll, describe, expect, test } from 'vitest'
import { makeWorld } from '../world.ts'
import { flipped } from './doctor.ts'
import { audit, folderFor } from './story.ts'

/** Bytes of every file this close to its ends are all flipped; between them, one in so many. */
const ends = 48
const stride = 41

let folder: Map<string, Uint8Array>
let whole: AuditReport

beforeAll(async () => {
  const world = await makeWorld({ members: 2, seed: 'flips' })
  const tear = [
    { label: 'methods', tlp: 'amber', content: { text: 'How it is known' } },
    { label: 'sources', tlp: 'red', content: { text: 'Who told us' } },
  ] as const
  const { template } = kinds['attribution.statement']
  await world.statement('attribution.statement', 'aldova', template, { tlp: 'green', tear })
  await world.statement('attribution.statement', 'borsk', template)
  await world.statement('attribution.statement', 'borsk', template, { tlp: 'red' })
  folder = folderFor(world, 'amber')
  whole = await audit(folder)
})

function placesOf(bytes: Uint8Array): number[] {
  const all = Array.from(bytes, (_, at) => at)
  return all.filter(at => at < ends || at >= bytes.length - ends || at % stride === 0)
}

/** What a person is shown, apart from the findings. */
const listed = (report: AuditReport): string => JSON.stringify({ ...report, findings: [], proofs: [] })

describe('one bit flipped in a folder that holds', () => {
  test('the folder holds, and has a part of every sort', () => {
    expect(whole).toMatchObject({ ok: true, findings: [], withheld: { entries: 1, slots: 1 } })
    const sorts = new Set([...folder.keys()].map(path => path.replace(/[A-Za-z0-9_-]{43}/, '')))
    expect(sorts.size).toBe(8)
  })
  test('is found wherever it is, or shows', async () => {
    const unseen: string[] = []
    const shown: string[] = []
    let flips = 0
    for (const [path, bytes] of folder) {
      for (const at of placesOf(bytes)) {
        const report = await audit(new Map(folder).set(path, flipped(bytes, at, (at + flips++) % 8)))
        if (!report.ok) continue
        if (listed(report) === listed(whole)) unseen.push(`${path} at ${at}`)
        else shown.push(path)
      }
    }
    expect(unseen).toEqual([])
    // The name of the exporter is bound to nothing; a change of it is shown.
    expect(new Set([...shown, 'manifest.json'])).toEqual(new Set(['manifest.json']))
    expect(flips).toBeGreaterThan(1_000)
  })
})
