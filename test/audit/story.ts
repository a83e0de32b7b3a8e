import * as crypto from 'node:crypto'
import {
  type Exhibit,
  type AuditReport,
  type EvidenceParts,
  type FolderFiles,
  assembleEvidence,
  auditFolder,
  fromBase64url,
  instantOf,
  isOpenEntry,
  kinds,
  leafHash,
  nodePrimitives,
  openEntry,
  sealedEntry,
  selectFor,
} from '@chancery/protocol'
import { type SignedDraft, type World, makeWorld, worldBegins } from '../world.ts'

export const primitives = nodePrimitives(crypto)
const { sha256 } = primitives
const template = kinds['attribution.statement'].template
export const whenOf = (minutes: number): string => instantOf(worldBegins + 60 * minutes)

/** Four members, one attribution with tear lines, one call-out released by three of them; the joins are AMBER. */
export async function tellStory(seed = 'evidence'): Promise<World> {
  const world = await makeWorld({ members: 4, seed })
  const [first = '', second = '', third = '', fourth = ''] = world.ids
  const said = { ...template, title: 'The harbour case' }
  const attribution = await world.statement('attribution.statement', first, said, {
    tear: [
      { label: 'methods', tlp: 'green', content: { text: 'How it is known' } },
      { label: 'sources', tlp: 'red', content: { text: 'Who told us' } },
    ],
  })
  const proposal = await world.statement(
    'callout.propose',
    first,
    {
      ...kinds['callout.propose'].template,
      title: 'Common text on the harbour case',
      attributions: [attribution.sid],
      pen_holder: first,
      invitees: [second, third, fourth],
      deputies: [],
      respond_by: whenOf(8),
      release_window: { from: whenOf(10), until: whenOf(600) },
    },
    { tlp: 'green' },
  )
  const text = await world.statement(
    'callout.text',
    first,
    {
      proposal: proposal.sid,
      texts: [{ lang: 'en', title: 'On the harbour case', text: 'We name the organ.' }],
      claims: [{ id: 'c1', attribution: attribution.sid, claim: template.claims[0]?.id ?? '' }],
      deadline: { size: world.size + 5, at: whenOf(8) },
      lapse: { size: world.size + 500 },
    },
    { tlp: 'green' },
  )
  const join = { ...kinds['callout.join'].template, text: text.sid }
  const joins = [
    await world.statement('callout.join', first, join, { tlp: 'amber' }),
    await world.statement(
      'callout.join',
      second,
      {
        ...join,
        when: { atLeast: [3] },
        reservations: [{ passage: 'organ', text: 'On the evidence seen.' }],
      },
      { tlp: 'amber' },
    ),
    await world.statement('callout.join', third, { ...join, when: { member: first } }, { tlp: 'amber' }),
  ]
  await world.statement('callout.decline', fourth, { text: text.sid, reason: 'timing' }, { tlp: 'red' })
  await world.statement('callout.release', first, {
    text: text.sid,
    cut: { size: world.size, root: world.rootAt(world.size) },
    joins: joins.map(({ sid }) => sid).sort(),
    released_at: whenOf(12),
  })
  return world
}

/** All that happened, as one who heeds no marking would hand it over. */
export const everythingIn = (world: World): Exhibit[] =>
  world.logged.map(({ index, sid, jws, statement: { kind }, lines }) => ({
    index,
    sid,
    kind,
    jws,
    disclosures: lines.map(({ disclosure }) => disclosure),
  }))

/** What `exportedBy` hands to a reader of this tier. */
export function partsFor(world: World, reader: string, size = world.size): EvidenceParts {
  const { origin, vkey } = world.charter.charter.relay
  const placed = world.logged
  return {
    primitives,
    reader,
    exportedBy: world.ids[0] ?? '',
    genesis: world.charter.genesis,
    origin,
    vkey,
    checkpoint: world.checkpoint(size),
    size,
    entry: index => world.entries[index] ?? new Uint8Array(0),
    read: world.tree.read,
    exhibits: selectFor({
      reader,
      charter: world.charter,
      placed,
      view: { size, rootAt: world.rootAt },
      moment: worldBegins,
    }),
  }
}

export const folderFor = (world: World, reader: string): Map<string, Uint8Array> =>
  assembleEvidence(partsFor(world, reader))

export const filesOf = (folder: ReadonlyMap<string, Uint8Array>): FolderFiles => ({
  list: () => [...folder.keys()].map(path => ({ path, plain: true })),
  read: path => folder.get(path),
})

export const audit = (folder: ReadonlyMap<string, Uint8Array>, genesis?: string): Promise<AuditReport> =>
  auditFolder({ files: filesOf(folder), primitives, genesis })

/** What a person is shown, apart from the findings. */
export const listed = (report: AuditReport): string => JSON.stringify({ ...report, findings: [], proofs: [] })

/** Findings in short, so that a test reads as a list. */
export const found = ({ findings }: AuditReport): string[] => findings.map(({ code, at }) => `${code} ${at}`)

/** A relay that logs whatever it is given. */
export function logAnyway(world: World, draft: SignedDraft, form: 'as asked' | 'open' | 'sealed' = 'as asked'): number {
  const { jws, sid, kid, payload } = draft
  const signature = fromBase64url(jws.split('.')[2] ?? '') ?? new Uint8Array(0)
  const open = form === 'as asked' ? isOpenEntry(payload.handling.tlp, jws) : form === 'open'
  const entry = open ? openEntry(jws) : sealedEntry({ sha256, sid, signature, tagKey: world.tagKey, kid })
  world.tree.append(leafHash(sha256, entry))
  // The world shows its book as readonly; this relay writes in it.
  const entries = world.entries as Uint8Array[]
  return entries.push(entry) - 1
}
