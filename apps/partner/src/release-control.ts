import {
  type Action,
  type Decision,
  type Draft,
  type Facts,
  type Handling,
  type LogTime,
  type Placed,
  type Reader,
  type Verified,
  Instant,
  Label,
  actions,
  decide,
  grantFor,
  isCleared,
  limits,
  openedByReleases,
  readerOf,
  releaseControl,
  sliceOf,
  subjectsOf,
} from '@chancery/protocol'
import type { Flags } from './cli.ts'
import { placedIn } from './commands/call-out.ts'
import { type Published, publishDraft } from './publish.ts'
import { Usage, refused } from './refusal.ts'
import type { Session } from './session.ts'
import { viewOf } from './view.ts'

/** What a decision of this node goes by: everything held, at the size held and by its own clock. */
export function factsOf(session: Session, placed: readonly Placed[] = placedIn(session)): Facts {
  const at = { size: session.mirror.store.size, moment: session.world.now() }
  return { control: releaseControl(placed, at), released: openedByReleases(placed, viewOf(session)), at }
}

export function readerNamed({ mirror }: Session, name: string): Reader {
  const reader = readerOf(mirror.charter, name)
  if (reader === undefined) throw refused('reader.unknown', name, 'run `chancery charter show` for who is in it')
  return reader
}

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
  const slices = statement.slices.map(({ label, to }) => ({ slot: `${label}/${to}`, subject: sliceOf(statement, to) }))
  return [...subjectsOf(statement, facts, { reader: name, towards }), ...slices].map(({ slot, subject }) => ({
    slot,
    tlp: subject.opened ?? subject.handling.tlp,
    ...decide(subject, reader, action, facts.at),
  }))
}

export type Onward = {
  readonly statement: Verified
  readonly slots: readonly string[]
  readonly to: string
}

/**
 * May this member hand that on, and may its recipient have it? The grant that lets it, undefined where none is needed.
 * Refused where one is missing, with the command that asks for it.
 */
export function grantToForward(session: Session, facts: Facts, { statement, slots, to }: Onward): string | undefined {
  const { member } = session.keys
  const asked = new Set<string | undefined>([undefined, ...slots])
  const onward = decisionsOn(session, statement, { facts, name: member, action: 'forward', towards: to })
  const reaches = decisionsOn(session, statement, { facts, name: to, action: 'see' })
  const all = [...onward, ...reaches].filter(({ slot }) => asked.has(slot))
  const denied = all.find(({ decision }) => decision === 'deny')
  if (denied !== undefined) throw missingGrant(session, { statement, slots, to }, denied)
  if (statement.iss === member || all.every(({ rule }) => rule !== 'granted')) return undefined
  const covering = [undefined, ...slots].map(slot =>
    grantFor(facts.control, { sid: statement.sid, slot }, { reader: member, towards: to }, 'forward'),
  )
  const found = covering.find(state => slots.every(label => state?.grant.body.slots?.includes(label)))
  if (found === undefined) throw missingGrant(session, { statement, slots, to }, all[0])
  return found.grant.sid
}

function missingGrant({ keys }: Session, { statement, slots, to }: Onward, denied: PartDecision | undefined) {
  const { sid, iss } = statement
  const what = denied?.slot === undefined ? '' : `tear line ${denied.slot}: `
  const flags = slots.map(label => ` --slot ${label}`).join('')
  const cure =
    iss === keys.member
      ? 'it is your own: grant it to the member that hands it on, or `chancery open` it'
      : `ask ${iss}: chancery request-release ${sid} --to ${to}${flags} --action forward --purpose TEXT --until TIME`
  return refused('release.no-grant', sid, `${what}${denied?.why ?? 'no one grant covers all of it'}; ${cure}`)
}

/** Whom it concerns, by their names as readers; the widest of them says how widely it is readable. */
export function audienceOf({ mirror, keys }: Session, names: readonly string[]): Handling {
  const { charter } = mirror.charter
  if (names.includes('anyone')) return { tlp: 'clear' }
  if (names.some(name => name.startsWith('community:'))) return { tlp: 'green' }
  const members = [...new Set([keys.member, ...names.map(name => name.split('/')[0] ?? name)])].sort()
  const tlp = members.every(id => isCleared(charter, id, 'amber')) ? 'amber' : 'green'
  return { releasable_to: members, tlp }
}

type Act = Pick<Draft, 'kind' | 'body' | 'exercise'> & { readonly among: readonly string[] }

/** Signs what is between these readers, and logs it. */
export const publishAmong = (session: Session, { among, ...act }: Act): Promise<Published> =>
  publishDraft(session, { ...act, handling: audienceOf(session, among), tear: [] })

/** `AT` or `AT,SIZE`: without a size, the moment alone decides, for the size that is held has passed. */
export function untilOf({ mirror }: Session, flags: Flags): LogTime {
  const [at = '', size = `${mirror.store.size}`, ...more] = flags.must('until').split(',')
  const known = Instant.safeParse(at)
  const number = Number(size)
  const fits = more.length === 0 && Number.isInteger(number) && number >= 0 && number <= limits.logSizeMax
  if (!known.success || !fits)
    throw new Usage('--until is a moment like 2031-03-01T12:00:00Z, or that, a comma, a log size')
  return { at, size: number }
}

/** Labels of tear lines, sorted as they are signed. */
export function slotsOf(flags: Flags, statement?: Verified): string[] {
  const labels = [...new Set(flags.texts('slot'))].sort()
  const stray = labels.find(
    label =>
      !Label.safeParse(label).success || (statement !== undefined && !Object.hasOwn(statement.claims.tear, label)),
  )
  if (stray !== undefined) throw new Usage(`there is no tear line ${stray}`)
  return labels
}

export function actionsOf(flags: Flags): Action[] {
  const named = [...new Set(flags.texts('action'))].sort()
  return named.map(name => {
    const action = actions.find(known => known === name)
    if (action === undefined) throw new Usage(`there is no action ${name}; one of ${actions.join(', ')}`)
    return action
  })
}
