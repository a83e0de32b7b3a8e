import { readHeld } from '@chancery/client'
import {
  type Draft,
  type EnclosedCopy,
  type Handling,
  type ReleaseBody,
  type TextBody,
  type UseBody,
  atLeastAsRestricted,
} from '@chancery/protocol'
import { orRefuse, refused } from './refusal.ts'
import type { Session } from './session.ts'

/** An earlier statement, and the tear lines of it that go with it. */
type Wanted = { readonly sid: string; readonly slots: readonly string[] }
type CopiesOf = (session: Session, draft: Draft) => readonly Wanted[]
type Part = { readonly sid: string; readonly slots?: readonly string[] }
const partOf = ({ sid, slots = [] }: Part): Wanted => ({ sid, slots })

/** Which earlier statements a new one brings to its own readers, by its kind: spec/07-relay.md#enclosures. */
const rows: Readonly<Record<string, CopiesOf>> = {
  // The text comes before the proposal that it names.
  'callout.release': (session, { body }) => {
    const { text, joins } = body as ReleaseBody
    const { body: frozen } = session.mirror.store.referred(text) ?? {}
    const { proposal } = (frozen ?? {}) as Partial<TextBody>
    return [text, ...(proposal === undefined ? [] : [proposal]), ...joins].map(sid => partOf({ sid }))
  },
  'tearline.open': (_session, { body }) => [partOf(body as Part)],
  resend: (_session, { body }) => [partOf(body as Part)],
  'release.use': ({ mirror }, { body }) => {
    const { action, grant } = body as UseBody
    const { body: granted } = mirror.store.referred(grant) ?? {}
    return action === 'forward' && granted !== undefined ? [partOf(granted as Part)] : []
  },
}

/** Copies of what is for fewer than the readers of this draft: the others hold the rest already. */
export function copiesFor(session: Session, draft: Draft): readonly EnclosedCopy[] {
  const wanted = rows[draft.kind]?.(session, draft) ?? []
  const copies = wanted.flatMap(part => copyOf(session, part, draft.handling))
  const bytes = copies.reduce((sum, { jws, disclosures }) => sum + jws.length + disclosures.join().length, 0)
  if (bytes <= copiesBytesMax) return copies
  throw refused('bytes.too-large', '/enclosed', `its copies are ${bytes} bytes together, and ${copiesBytesMax} fit`)
}

/** Beside the statement itself in the largest container. */
const copiesBytesMax = 720_000

function copyOf({ mirror }: Session, { sid, slots }: Wanted, { tlp, releasable_to: among }: Handling): EnclosedCopy[] {
  const stored = mirror.store.statement(sid)
  if (stored === undefined) throw refused('evidence.missing', sid, 'it is not held here, and its readers need a copy')
  const { jws, claims, lines } = orRefuse(readHeld(mirror, stored)).statement
  const { handling } = claims
  const isTheirs = atLeastAsRestricted(tlp, handling.tlp) && handling.releasable_to === undefined
  const disclosures = lines.filter(({ label }) => slots.includes(label)).map(({ disclosure }) => disclosure)
  if (disclosures.length < slots.length)
    throw refused('evidence.missing', sid, 'not all of its tear lines are open here')
  return isTheirs && among === undefined && slots.length === 0 ? [] : [{ disclosures, jws }]
}
