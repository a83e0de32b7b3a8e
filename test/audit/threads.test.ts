import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { type Tlp, auditFolder, kinds } from '@chancery/protocol'
import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openEvidence } from '../../apps/auditor/src/evidence.ts'
import { openPool } from '../../apps/auditor/src/pool.ts'
import { doctored, flipped } from './doctor.ts'
import { folderFor, primitives, tellStory } from './story.ts'

const tiers: readonly Tlp[] = ['clear', 'green', 'clear']
const statements = 540
let whole = new Map<string, Uint8Array>()
const folder = mkdtempSync(join(tmpdir(), 'evidence-'))

beforeAll(async () => {
  const world = await tellStory('threads')
  const said = kinds['attribution.statement'].template
  for (let i = 0; i < statements; i++) {
    const iss = world.ids[i % world.ids.length] ?? ''
    const tlp = tiers[i % tiers.length] ?? 'clear'
    await world.statement('attribution.statement', iss, { ...said, title: `Case ${i}` }, { tlp })
  }
  whole = folderFor(world, 'clear')
}, 60_000)
afterAll(() => rmSync(folder, { recursive: true }))

function lay(files: ReadonlyMap<string, Uint8Array>): void {
  rmSync(folder, { recursive: true })
  for (const [path, bytes] of files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), bytes)
  }
}

async function bothReports() {
  const input = { files: openEvidence(folder), primitives }
  const pool = openPool(folder, 2)
  try {
    return { together: await auditFolder({ ...input, crew: pool.crew }), alone: await auditFolder(input) }
  } finally {
    await pool.close()
  }
}

describe('a folder of several bundles, part open and part sealed', () => {
  test('holds for threads as it holds for one', async () => {
    lay(whole)
    const { together, alone } = await bothReports()
    expect(together).toEqual(alone)
    expect(together).toMatchObject({ ok: true, findings: [] })
    expect(together.statements.length).toBeGreaterThan(512 * (2 / 3))
  })
  test('has the same findings in the same order, whatever is changed in it', async () => {
    const places = fc.array(fc.nat(1_000_000), { minLength: 1, maxLength: 6 })
    await fc.assert(
      fc.asyncProperty(places, fc.constantFrom('flip', 'drop', 'forge'), async (asked, how) => {
        const paths = [...whole.keys()].filter(path => path !== 'manifest.json')
        const change = (copy: Map<string, Uint8Array>): void => {
          for (const place of asked) {
            const path = paths[place % paths.length] ?? ''
            if (how === 'drop') copy.delete(path)
            else copy.set(path, flipped(whole.get(path) ?? new Uint8Array(1), place % (whole.get(path)?.length ?? 1)))
          }
        }
        const changed = new Map(whole)
        change(changed)
        lay(how === 'forge' ? doctored(whole, change) : changed)
        const { together, alone } = await bothReports()
        expect(together).toEqual(alone)
        expect(alone.ok).toBe(false)
      }),
      { numRuns: 6 },
    )
  }, 60_000)
})
