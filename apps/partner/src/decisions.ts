import { statementsOf } from '@chancery/client'
import {
  type Action,
  type Decision,
  type Facts,
  type Handling,
  type Placed,
  type Reader,
  type Verified,
  decide,
  folderReader,
  openedByReleases,
  readerOf,
  releaseControl,
  sliceOf,
  subjectsOf,
} from '@chancery/protocol'
import { orRefuse, refused } from './refusal.ts'
import type { Session } from './session.ts'
import { viewOf } from './view.ts'

/** What a decision of this node goes by: everything held, at the size held and by its own clock. */
export function factsOf(session: Session, placed: readonly Placed[] = allIn(session)): Facts {
  const at = { size: session.mirror.store.size, moment: session.world.now() }
  return { control: releaseControl(placed, at), released: openedByReleases(placed, viewOf(session)), at }
}

const allIn = ({ mirror }: Session): readonly Placed[] => orRefuse(statementsOf(mirror))

/** The same without what grants let: what a marking, and what has been opened since, say by themselves. */
export const withoutGrants = (facts: Facts): Facts => ({ ...facts, control: { ...facts.control, grants: [] } })

const readerCure =
  'a reader is anyone, MEMBER, MEMBER/ID, community:ID or tlp:TIER; `chancery charter show` says who is in it'

export function readerNamed({ mirror }: Session, name: string): Reader {
  const reader = readerOf(mirror.charter, name)
  if (reader === undefined) throw refused('reader.unknown', name, readerCure)
  return reader
}

/** A folder for a tier is for its readers, by the tier's own word. */
const recipientNamed = (session: Session, name: string): Reader =>
  folderReader(session.mirror.charter, name) ?? readerNamed(session, name)

export type PartDecision = Decision & { readonly slot: string | undefined; readonly tlp: Handling['tlp'] }
export type Question = {
  readonly name: string
  readonly action: Action
  readonly towards?: string | undefined
}

/** May this reader do that with the statement, with each tear line of it, and with each slice that is held? */
export function decisionsOn(
  session: Session,
  statement: Verified,
  { facts, name, action, towards }: Question & { readonly facts: Facts },
): readonly PartDecision[] {
  const reader = readerNamed(session, name)
  const recipient = towards === undefined ? undefined : recipientNamed(session, towards)
  const slices = statement.slices.map(({ label, to }) => ({ slot: `${label}/${to}`, subject: sliceOf(statement, to) }))
  return [...subjectsOf(statement, facts, { reader: name, towards }), ...slices].map(({ slot, subject }) => ({
    slot,
    tlp: subject.opened ?? subject.handling.tlp,
    ...decide(subject, reader, action, facts.at, recipient),
  }))
}
