import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Tlp, kinds } from '@chancery/protocol'
import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { bothReports, lay } from './both-ways.ts'
import { doctored, flipped } from './doctor.ts'
import { folderFor, tellStory } from './story.ts'

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

describe('a folder of several bundles, part open and part sealed', () => {
  test('holds for threads as it holds for one', async () => {
    lay(folder, whole)
    const { together, alone } = await bothReports(folder)
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
        lay(folder, how === 'forge' ? doctored(whole, change) : changed)
        const { together, alone } = await bothReports(folder)
        expect(together).toEqual(alone)
        expect(alone.ok).toBe(false)
      }),
      { numRuns: 6 },
    )
  }, 60_000)
})
