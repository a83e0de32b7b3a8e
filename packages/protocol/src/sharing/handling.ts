import { z } from 'zod'
import { Tlp, atLeastAsRestricted } from '../charter/tiers.ts'
import { limits } from '../wire/limits.ts'
import { Instant, Line, MemberId, Size, ascending, secondsOf } from '../wire/shapes.ts'

/** FIRST IEP 2.0, least restricted first: what a reader may be seen to do. */
export const permittedActions = [
  'externally-visible-direct-actions',
  'externally-visible-indirect-actions',
  'internally-visible-actions',
  'contact-for-instruction',
  'none',
] as const
/** PAP, least restricted first: how visible an action may be. */
export const papLabels = ['clear', 'green', 'amber', 'red'] as const
export const legalUses = ['allow', 'ask', 'deny'] as const

/** A log size with the moment announced beside it, as a deadline has: spec/11-handling.md#time. */
export const LogTime = z.strictObject({ at: Instant, size: Size })
export type LogTime = z.infer<typeof LogTime>

/** What a statement, or a tear line of it, may be used for: spec/11-handling.md#members. Only `tlp` is always there. */
export const Handling = z.strictObject({
  affected_party_notifications: z.enum(['may', 'must-not']).optional(),
  chatham_house: z.literal(true).optional(),
  declassify_on: LogTime.optional(),
  embargo_until: LogTime.optional(),
  legal_use: z.enum(legalUses).optional(),
  national_marking: z.strictObject({ marking: Line, system: Line }).optional(),
  originator_consent: z.literal(true).optional(),
  pap: z.enum(papLabels).optional(),
  permitted_actions: z.enum(permittedActions).optional(),
  provider_attribution: z.enum(['may', 'must', 'must-not']).optional(),
  releasable_to: z.array(MemberId).min(1).max(limits.coalitionMembersMax).optional(),
  tlp: Tlp,
})
export type Handling = z.infer<typeof Handling>
type Member = keyof Handling

/** When a decision is made: the size of the log, and seconds since 1970 by the clock of whoever would act. */
export type Now = { readonly size: number; readonly moment: number }

/** Both have passed: a full log brings nothing forward, and neither does a fast clock. */
export const hasPassed = (time: LogTime, { size, moment }: Now): boolean =>
  size >= time.size && moment >= secondsOf(time.at)

/** What silence means: the court is asked for, except of what anyone may read. */
export const legalUseOf = ({ legal_use, tlp }: Handling): (typeof legalUses)[number] =>
  legal_use ?? (tlp === 'clear' ? 'allow' : 'ask')

type Law = { readonly at: Member; readonly says: string; readonly holds: (handling: Handling) => boolean }

/** Of what anyone may read, nobody says who may. */
const forSome = ['declassify_on', 'embargo_until', 'originator_consent', 'releasable_to'] as const

/** spec/11-handling.md#laws, in this order. */
const laws: readonly Law[] = [
  ...forSome.map(at => ({
    at,
    says: 'what anyone may read has no readers to choose',
    holds: (handling: Handling) => handling.tlp !== 'clear' || handling[at] === undefined,
  })),
  { at: 'releasable_to', says: 'sorted ids, none twice', holds: ({ releasable_to = [] }) => ascending(releasable_to) },
  {
    at: 'chatham_house',
    says: 'a source that is not named is not one that must be',
    holds: handling => handling.chatham_house === undefined || handling.provider_attribution !== 'must',
  },
  {
    at: 'declassify_on',
    says: 'not before the embargo ends',
    holds: ({ declassify_on: opens, embargo_until: ends }) => opens === undefined || isNotBefore(opens, ends),
  },
]

/** The first law that a marking breaks by itself. */
export const brokenLaw = (handling: Handling): Law | undefined => laws.find(law => !law.holds(handling))

type Bound = { readonly at: Member; readonly holds: (slot: Handling, statement: Handling) => boolean }

/** spec/11-handling.md#slots: each dimension in which "at least as restricted" means something. */
const bounds: readonly Bound[] = [
  { at: 'tlp', holds: (slot, statement) => slot.tlp !== 'clear' && atLeastAsRestricted(slot.tlp, statement.tlp) },
  { at: 'affected_party_notifications', holds: keeps('affected_party_notifications', 'must-not') },
  { at: 'chatham_house', holds: keeps('chatham_house', true) },
  { at: 'declassify_on', holds: opensNoEarlier },
  { at: 'embargo_until', holds: (slot, statement) => isNotBefore(slot.embargo_until, statement.embargo_until) },
  { at: 'legal_use', holds: onScale(legalUses, legalUseOf) },
  { at: 'originator_consent', holds: keeps('originator_consent', true) },
  { at: 'pap', holds: onScale(papLabels, ({ pap = 'clear' }) => pap) },
  { at: 'permitted_actions', holds: onScale(permittedActions, actionsOf) },
  { at: 'provider_attribution', holds: keeps('provider_attribution', 'must-not') },
  { at: 'releasable_to', holds: namesNoOther },
]

/** The first member in which a slot is more open than its statement. */
export const tooOpenIn = (slot: Handling, statement: Handling): Member | undefined =>
  bounds.find(({ holds }) => !holds(slot, statement))?.at

const ownWords: readonly string[] = ['declassify_on', 'national_marking'] satisfies Member[]

/** What a slot's author has left out it takes over from the statement, but for what restricts nothing. */
export function underStatement(slot: Handling, statement: Handling): Handling {
  const inherited = Object.entries(statement).filter(([name]) => !ownWords.includes(name))
  return { ...Object.fromEntries(inherited), ...slot }
}

export function actionsOf({ permitted_actions }: Handling): (typeof permittedActions)[number] {
  return permitted_actions ?? 'externally-visible-direct-actions'
}

function keeps<Name extends Member>(name: Name, value: Handling[Name]): Bound['holds'] {
  return (slot, statement) => statement[name] !== value || slot[name] === value
}

function onScale<Value extends string>(scale: readonly Value[], of: (handling: Handling) => Value): Bound['holds'] {
  return (slot, statement) => scale.indexOf(of(slot)) >= scale.indexOf(of(statement))
}

/** Of a restricted statement that never opens by itself, no part does. */
function opensNoEarlier({ declassify_on: slot }: Handling, { declassify_on: statement, tlp }: Handling): boolean {
  if (slot === undefined || tlp === 'clear') return true
  return statement !== undefined && isNotBefore(slot, statement)
}

function namesNoOther({ releasable_to: slot }: Handling, { releasable_to: statement }: Handling): boolean {
  return statement === undefined || (slot?.every(id => statement.includes(id)) ?? false)
}

/** Neither the size nor the moment is before the end's. No end is before any time; no time is before any end. */
function isNotBefore(time: LogTime | undefined, end: LogTime | undefined): boolean {
  if (end === undefined) return true
  return time !== undefined && time.size >= end.size && time.at >= end.at
}
