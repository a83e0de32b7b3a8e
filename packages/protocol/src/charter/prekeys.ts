import { z } from 'zod'
import { type Result, assert, fail, ok } from '../wire/failure.ts'
import { limits } from '../wire/limits.ts'
import type { Primitives } from '../wire/primitives.ts'
import type { SealKey } from '../wire/seal.ts'
import { Instant, secondsOf } from '../wire/shapes.ts'
import { type Charter, isCleared, sealKeyOf, sealKeysFor } from './charter.ts'
import type { CharterState } from './fold.ts'
import { KeyRecord, checkKey } from './keys.ts'
import type { RestrictedTlp } from './tiers.ts'

/** Keys to seal to for a while, in place of those of the charter: spec/13-keys-over-time.md#prekeys. */
export const PrekeyBody = z.strictObject({
  keys: z.array(KeyRecord).min(1).max(limits.keysPerMemberMax),
  until: Instant,
})
export type PrekeyBody = z.infer<typeof PrekeyBody>

export const prekeySecondsMax = 30 * 86_400

/** A key of a `key.prekey`; it is asked for from the index after its statement, until the moment it names. */
export type Prekey = {
  readonly record: KeyRecord
  readonly from: number
  readonly until: number
  /** Where the charter has taken its member's keys back: nobody's from this index on. */
  readonly to?: number
}

/** One statement that changes who may do what, as the folds of the charter take it. */
export type Recorded<Body> = {
  readonly sid: string
  readonly iss: string
  /** The key it is signed with. */
  readonly kid: string
  readonly iat: number
  readonly index: number
  readonly body: Body
}

/** spec/13-keys-over-time.md#prekeys, the steps that need the charter; a key belongs to one member, once, for ever. */
export function publishPrekeys(
  primitives: Primitives,
  state: CharterState,
  { iss, iat, index, body }: Recorded<PrekeyBody>,
): Result<CharterState> {
  const until = secondsOf(body.until)
  if (until <= iat || until > iat + prekeySecondsMax)
    return fail('statement.breaks-law', '/body/until', 'after the statement was made, by at most 30 days')
  for (const [k, key] of body.keys.entries()) {
    const checked = checkPrekey(primitives, state, { iss, key, at: `/body/keys/${k}` })
    if (!checked.ok) return checked
  }
  const prekeys = new Map(state.prekeys)
  const fresh = body.keys.map((record): Prekey => ({ record, from: index + 1, until }))
  prekeys.set(iss, [...(prekeys.get(iss) ?? []), ...fresh])
  return ok({ ...state, prekeys })
}

type Enrolling = { readonly iss: string; readonly key: KeyRecord; readonly at: string }

function checkPrekey(primitives: Primitives, state: CharterState, { iss, key, at }: Enrolling): Result<KeyRecord> {
  const checked = checkKey(primitives, iss, key, at)
  if (!checked.ok) return checked
  if (isKnownKid(state, key.kid)) return fail('charter.repeated-key', `${at}/kid`)
  const { person } = key
  const named = person === undefined || personsOf(state, iss).includes(person)
  return named ? checked : fail('statement.breaks-law', `${at}/person`, 'a person whom the charter names')
}

/** Key bytes are one key's for ever, whatever has become of it. */
export function isKnownKid({ keys, prekeys }: CharterState, kid: string): boolean {
  if (keys.has(kid)) return true
  return [...prekeys.values()].some(all => all.some(({ record }) => record.kid === kid))
}

const personsOf = ({ charter }: CharterState, member: string): readonly (string | undefined)[] =>
  charter.members.find(({ id }) => id === member)?.keys.map(({ person }) => person) ?? []

/** Which keys are asked for: those of statements before the size `size`, that are in force at `moment`. */
export type When = { readonly size: number; readonly moment: number }

/** Nothing newer is known, and no moment is asked about: the newest of each. */
export const newest: When = { size: Infinity, moment: 0 }

/** The members that an audience reaches: cleared for the tier, and named where it names some. */
const reached = (charter: Charter, tlp: RestrictedTlp, among: readonly string[] | undefined) =>
  charter.members.filter(({ id }) => isCleared(charter, id, tlp) && (among === undefined || among.includes(id)))

/** Enc keys of an audience, all of the suite of its tier: for RED of named persons, else the members' own. */
export const recipientsFor = (
  state: CharterState,
  tlp: RestrictedTlp,
  among?: readonly string[],
  when: When = newest,
): readonly SealKey[] =>
  reached(state.charter, tlp, among).flatMap(({ id }) => encKeysOf(state, id, tlp, when).map(sealKeyOf))

/** Members of an audience without any key in force: nothing can be sealed to them until they publish one. */
export const withoutKey = (
  state: CharterState,
  tlp: RestrictedTlp,
  among: readonly string[] | undefined,
  when: When,
): readonly string[] =>
  reached(state.charter, tlp, among)
    .filter(({ id }) => encKeysOf(state, id, tlp, when).length === 0)
    .map(({ id }) => id)

/**
 * Whom a container may name. The author sealed to the newest keys that it had seen; what was published since is newer
 * than its view, and no fault of it. So a key that goes out of use meanwhile refuses nobody's statement.
 */
export function sealableKids(
  state: CharterState,
  {
    tlp,
    among,
    seen,
    moment,
  }: { tlp: RestrictedTlp; among: readonly string[] | undefined; seen: number; moment: number },
): ReadonlySet<string> {
  const kids = new Set(recipientsFor(state, tlp, among, { size: seen, moment }).map(({ kid }) => kid))
  for (const member of reached(state.charter, tlp, among)) {
    const suitable = new Set(sealKeysFor(member, tlp).map(nameOf))
    for (const { record, from, until, to } of state.prekeys.get(member.id) ?? []) {
      if (from > seen && until > moment && to === undefined && suitable.has(nameOf(record))) kids.add(record.kid)
    }
  }
  return kids
}

/** What takes the place of a key: another of the same suite, of the same person or of the member itself. */
const nameOf = ({ alg, person }: KeyRecord): string => `${alg} ${person ?? ''}`

/**
 * The keys that text of a tier is sealed to for one member. From its first prekey of a suite on, the key of the charter
 * is no longer one: its private part is kept for ever, and what is sealed to it can be opened for ever.
 */
export function encKeysOf(state: CharterState, id: string, tlp: RestrictedTlp, when: When): readonly KeyRecord[] {
  const member = state.charter.members.find(one => one.id === id)
  assert(member !== undefined, 'a reader is a member')
  const published = (state.prekeys.get(id) ?? []).filter(
    ({ from, to = Infinity }) => from <= when.size && (to === Infinity || when.size < to),
  )
  const keys = new Map<string, KeyRecord[]>()
  for (const record of sealKeysFor(member, tlp)) {
    const name = nameOf(record)
    keys.set(name, [...(keys.get(name) ?? []), record])
  }
  return [...keys].flatMap(([name, founding]) => {
    const own = published.filter(({ record }) => nameOf(record) === name)
    if (own.length === 0) return founding
    const last = own.findLast(({ until }) => until > when.moment)
    return last === undefined ? [] : [last.record]
  })
}
