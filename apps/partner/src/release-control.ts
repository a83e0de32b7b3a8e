import {
  type Action,
  type Draft,
  type Facts,
  type GrantState,
  type Handling,
  type LogTime,
  type Verified,
  Instant,
  Label,
  actions,
  hasPassed,
  isCleared,
  limits,
  tlpLabel,
} from '@chancery/protocol'
import type { Flags } from './cli.ts'
import { type PartDecision, decisionsOn, withoutGrants } from './decisions.ts'
import { type Published, publishDraft } from './publish.ts'
import { Usage, refused } from './refusal.ts'
import type { Session } from './session.ts'

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
  const onward = { statement, slots, to }
  // Where the marking lets it by itself, no grant is used up.
  if (deniedOf(session, withoutGrants(facts), onward) === undefined) return undefined
  const denied = deniedOf(session, facts, onward)
  if (denied !== undefined || statement.iss === member) throw missingGrant(session, onward, denied)
  const covering = facts.control.grants
    .filter(({ is, grant: { body } }) => is === 'in-force' && body.sid === statement.sid && body.to === member)
    .filter(({ grant: { body } }) => body.recipient === to && body.actions.includes('forward'))
    .filter(({ grant: { body } }) => slots.every(label => body.slots?.includes(label)))
  const narrowest = covering.toSorted((a, b) => slotsIn(a) - slotsIn(b))[0]
  if (narrowest === undefined) throw missingGrant(session, onward, undefined)
  checkWhole(narrowest, onward)
  return narrowest.grant.sid
}

const slotsIn = ({ grant }: GrantState): number => grant.body.slots?.length ?? 0

/** The use of a grant brings its recipient all that the grant is for: nothing goes that was not named here. */
function checkWhole({ grant }: GrantState, { slots }: Onward): void {
  const { slots: granted = [] } = grant.body
  if (granted.every(label => slots.includes(label))) return
  const flags = granted.map(label => ` --slot ${label}`).join('')
  throw new Usage(`the grant ${grant.sid} is for its tear lines together, and all of them would go: name them,${flags}`)
}

/** The first part that the sender may not hand on, or that its recipient may not see. */
function deniedOf(session: Session, facts: Facts, { statement, slots, to }: Onward): PartDecision | undefined {
  const asked = new Set<string | undefined>([undefined, ...slots])
  const onward = { facts, name: session.keys.member, action: 'forward', towards: to } as const
  const reaches = { facts, name: to, action: 'see' } as const
  return [...decisionsOn(session, statement, onward), ...decisionsOn(session, statement, reaches)].find(
    ({ slot, decision }) => asked.has(slot) && decision === 'deny',
  )
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
export function publishAmong(session: Session, { among, ...act }: Act): Promise<Published> {
  const handling = audienceOf(session, among)
  for (const line of wideWords(act, handling)) session.world.warn(line)
  return publishDraft(session, { ...act, handling, tear: [] })
}

/** Words of release control that are written for two and read by all, where the recipient is no member. */
function wideWords({ kind, body }: Pick<Act, 'kind' | 'body'>, { tlp, releasable_to: among }: Handling): string[] {
  if (among !== undefined || (tlp !== 'clear' && tlp !== 'green')) return []
  const { purpose, reason, slots } = body as Partial<Record<'purpose' | 'reason', string> & { slots: string[] }>
  const shown = [
    ...[purpose, reason].flatMap(words => (words === undefined ? [] : [`the words "${words}"`])),
    ...(slots ?? []).map(label => `the label ${label}`),
    'whose statement it is about, and when',
  ]
  const whom = tlp === 'clear' ? 'anyone' : 'every member and every registered community'
  return [`this ${kind} is ${tlpLabel(tlp)}: ${whom} may read it at once, before any use of it: ${shown.join('; ')}`]
}

/** `AT` or `AT,SIZE`: without a size, the moment alone decides, for the size that is held has passed. */
export function untilOf(session: Session, flags: Flags): LogTime {
  const [at = '', size = `${session.mirror.store.size}`, ...more] = flags.must('until').split(',')
  const known = Instant.safeParse(at)
  const number = Number(size)
  const fits = more.length === 0 && Number.isInteger(number) && number >= 0 && number <= limits.logSizeMax
  if (!known.success || !fits)
    throw new Usage('--until is a moment like 2031-03-01T12:00:00Z, or that, a comma, a log size')
  const until = { at, size: number }
  checkAhead(session, until, '--until')
  return until
}

/** What has ended already lets nobody do anything, and is no answer to who asks. */
export function checkAhead({ mirror, world }: Session, until: LogTime, named: string): void {
  if (!hasPassed(until, { size: mirror.store.size, moment: world.now() })) return
  throw new Usage(`${named} is ${until.at}, which has passed: name a moment that is still to come`)
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
