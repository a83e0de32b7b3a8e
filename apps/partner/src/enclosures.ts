import { readHeld } from '@chancery/client'
import {
  type Draft,
  type EnclosedCopy,
  type Handling,
  type ReleaseBody,
  type TextBody,
  atLeastAsRestricted,
} from '@chancery/protocol'
import { orRefuse, refused } from './refusal.ts'
import type { Session } from './session.ts'

type CopiesOf = (session: Session, draft: Draft) => readonly string[]

/** Which earlier statements a new one brings to its own readers, by its kind: spec/07-relay.md#enclosures. */
const rows: Readonly<Record<string, CopiesOf>> = {
  // The text comes before the proposal that it names.
  'callout.release': (session, { body }) => {
    const { text, joins } = body as ReleaseBody
    const { body: frozen } = session.mirror.store.referred(text) ?? {}
    const { proposal } = (frozen ?? {}) as Partial<TextBody>
    return [text, ...(proposal === undefined ? [] : [proposal]), ...joins]
  },
}

/** Copies of what is for fewer than the readers of this draft: the others hold the rest already. */
export function copiesFor(session: Session, draft: Draft): readonly EnclosedCopy[] {
  const sids = rows[draft.kind]?.(session, draft) ?? []
  const copies = sids.flatMap(sid => copyOf(session, sid, draft.handling))
  const bytes = copies.reduce((sum, { jws }) => sum + jws.length, 0)
  if (bytes <= copiesBytesMax) return copies
  throw refused('bytes.too-large', '/enclosed', `its copies are ${bytes} bytes together, and ${copiesBytesMax} fit`)
}

/** Beside the statement itself in the largest container. */
const copiesBytesMax = 720_000

function copyOf({ mirror }: Session, sid: string, { tlp }: Handling): EnclosedCopy[] {
  const stored = mirror.store.statement(sid)
  if (stored === undefined) throw refused('evidence.missing', sid, 'it is not held here, and its readers need a copy')
  const { jws, claims } = orRefuse(readHeld(mirror, stored)).statement
  const { handling } = claims
  const isTheirs = atLeastAsRestricted(tlp, handling.tlp) && handling.releasable_to === undefined
  return isTheirs ? [] : [{ disclosures: [], jws }]
}
