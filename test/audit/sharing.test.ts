import { type Exhibit, type Tlp, assembleEvidence, kinds, selectFor } from '@chancery/protocol'
import { beforeAll, describe, expect, test } from 'vitest'
import { type World, makeWorld, worldBegins } from '../world.ts'
import { audit, folderFor, found, partsFor } from './story.ts'

let world: World
const past = { at: '2030-01-01T00:00:00Z', size: 1 }
const [named, after, opening, torn] = [2, 3, 4, 5]

beforeAll(async () => {
  world = await makeWorld({ members: 2, seed: 'sharing' })
  const { template } = kinds['attribution.statement']
  const say = (opts: Parameters<World['statement']>[3]) =>
    world.statement('attribution.statement', 'aldova', template, opts)
  await say({ tlp: 'amber', handling: { releasable_to: ['borsk'] } })
  await say({ tlp: 'amber' })
  await say({ tlp: 'amber', handling: { declassify_on: { at: past.at, size: 6 } } })
  await say({
    tear: [
      { label: 'named', tlp: 'amber', releasable_to: ['borsk'], content: { text: 'For borsk' } },
      { label: 'opened', tlp: 'amber', declassify_on: past, content: { text: 'Open since long' } },
      { label: 'whole', tlp: 'amber', content: { text: 'For amber' } },
    ],
  })
})

const pathAt = (index: number) => `statements/${world.logged[index]?.sid}.jws`
/** A folder for a tier to which somebody has added what its reader may not have, or taken something away. */
const made = (reader: Tlp, change: (exhibits: readonly Exhibit[]) => readonly Exhibit[]) => {
  const parts = partsFor(world, reader)
  return assembleEvidence({ ...parts, exhibits: change(parts.exhibits) })
}
const whole = (index: number): Exhibit => {
  const { sid, jws, lines, statement } = world.logged[index] as World['logged'][0]
  return { index, sid, kind: statement.kind, jws, disclosures: lines.map(({ disclosure }) => disclosure) }
}
const withWhole = (index: number) => (exhibits: readonly Exhibit[]) =>
  [...exhibits.filter(exhibit => exhibit.index !== index), whole(index)].sort((a, b) => a.index - b.index)

describe('a folder for a tier', () => {
  test('leaves out what is for named members, and the gap is no fault', async () => {
    const report = await audit(folderFor(world, 'red'))
    expect(report).toMatchObject({ ok: true, withheld: { entries: 1, slots: 1 } })
    expect(report.statements.map(({ index }) => index)).toEqual([0, 1, after, opening, torn])
  })
  test('that has a statement for named members is found out', async () => {
    expect(found(await audit(made('red', withWhole(named))))).toEqual([`evidence.above-tier ${pathAt(named)}`])
  })
  test('that has a tear line for named members is found out', async () => {
    const folder = made('amber', withWhole(torn))
    expect(found(await audit(folder))).toEqual([`evidence.above-tier ${pathAt(torn)}#/tear/named`])
  })
  test('for anyone has what has opened by then', async () => {
    const report = await audit(folderFor(world, 'clear'))
    expect(report).toMatchObject({ ok: true })
    expect(report.statements.map(({ index }) => index)).toEqual([0, 1, opening, torn])
    expect(
      report.statements
        .at(-1)
        ?.tear.filter(({ open }) => open)
        .map(({ label }) => label),
    ).toEqual(['opened'])
  })
  test('made before the moment has not, and holds as well', async () => {
    const view = { size: world.size, rootAt: world.rootAt }
    const early = selectFor({
      reader: 'clear',
      charter: world.charter,
      placed: world.logged,
      view,
      moment: worldBegins - 10 * 366 * 86_400,
    })
    expect(early.map(({ index, disclosures }) => [index, disclosures.length])).toEqual([
      [0, 0],
      [1, 0],
      [torn, 0],
    ])
    expect(await audit(made('clear', () => early))).toMatchObject({ ok: true, findings: [] })
  })
  test('that has what opens at a larger log is found out', async () => {
    const small = await makeWorld({ members: 2, seed: 'small' })
    const { template } = kinds['attribution.statement']
    const handling = { declassify_on: { at: past.at, size: 9 } }
    const { sid } = await small.statement('attribution.statement', 'aldova', template, { tlp: 'amber', handling })
    const parts = partsFor(small, 'amber')
    expect(found(await audit(assembleEvidence({ ...parts, reader: 'clear' })))).toEqual([
      `evidence.above-tier statements/${sid}.jws`,
    ])
  })
  test('without a tear line that its reader could always see is found out', async () => {
    const bare = (exhibits: readonly Exhibit[]) => exhibits.map(exhibit => ({ ...exhibit, disclosures: [] }))
    expect(found(await audit(made('amber', bare)))).toEqual([
      `evidence.missing ${pathAt(torn)}#/tear/opened`,
      `evidence.missing ${pathAt(torn)}#/tear/whole`,
    ])
  })
})
