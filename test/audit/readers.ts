import { type Exhibit, assembleEvidence, kinds } from '@chancery/protocol'
import { type World, makeWorld } from '../world.ts'
import { partsFor, whenOf } from './story.ts'

/** A tear line for two members, and one that its author opens later; the first is handed to a third by a grant. */
export async function tellReaders(seed: string) {
  const world = await makeWorld({ members: 3, seed, curvesOnly: true })
  const [author = '', holder = '', recipient = ''] = world.ids
  const { template } = kinds['attribution.statement']
  const few = { tlp: 'green' as const, releasable_to: [author, holder] }
  const source = await world.statement('attribution.statement', author, template, {
    tlp: 'green',
    tear: [
      { label: 'late', ...few, content: { text: 'Opened later' } },
      { label: 'named', ...few, content: { text: 'For two' } },
    ],
  })
  const before = folderParts(world)
  const slots = ['late']
  const opening = await world.statement(
    'tearline.open',
    author,
    { sid: source.sid, slots, to: 'green' },
    { tlp: 'green' },
  )
  const granted = grantOnce({ sid: source.sid, to: holder, recipient })
  const grant = await world.statement('release.grant', author, granted, { tlp: 'green' })
  const use = { action: 'forward' as const, grant: grant.sid, purpose: 'Handed over.' }
  await world.statement('release.use', holder, use, { tlp: 'green' })
  return { world, source, opening, grant, before, author, holder, recipient }
}

/** Lets the holder of a statement hand its tear line `named` on, once. */
export const grantOnce = (of: { readonly sid: string; readonly to: string; readonly recipient: string }) => ({
  ...of,
  actions: ['forward' as const],
  mode: 'release' as const,
  purpose: 'To warn it.',
  slots: ['named'],
  until: { at: whenOf(600), size: 1_000 },
  uses: 'once' as const,
})

/** Of the log as it is now, a folder for a reader in which something is otherwise. */
export function folderParts(world: World) {
  const size = world.size
  const parts = (reader: string) => ({ ...partsFor(world, reader, size) })
  return (reader: string, change = (exhibits: readonly Exhibit[]): readonly Exhibit[] => exhibits) => {
    const made = parts(reader)
    return assembleEvidence({ ...made, exhibits: change(made.exhibits) })
  }
}

/** All tear lines of one statement in place of those that the reader may see. */
export const withAll =
  ({
    sid,
    lines,
  }: {
    readonly sid: string
    readonly lines: readonly { readonly label: string; readonly disclosure: string }[]
  }) =>
  (exhibits: readonly Exhibit[]): readonly Exhibit[] =>
    exhibits.map(each =>
      each.sid === sid ? { ...each, disclosures: lines.map(({ disclosure }) => disclosure) } : each,
    )

export const without =
  (sid: string) =>
  (exhibits: readonly Exhibit[]): readonly Exhibit[] =>
    exhibits.filter(each => each.sid !== sid)
