import { type Result, assert, fail, ok } from '../wire/failure.ts'
import type { Charter, Member, Role } from './charter.ts'
import type { Mandate } from './mandates.ts'
import type { Dispute, Made } from './disputes.ts'
import type { KeyRecord, KeyUse } from './keys.ts'
import type { Prekey } from './prekeys.ts'

/** A key, whose it is, and the log indices `[from, to)` at which it speaks. */
export type HeldKey = {
  readonly member: string
  readonly record: KeyRecord
  readonly from: number
  readonly to: number
}

/** Why a member of the charter does not speak: it has not acceded yet, is suspended, or has left. */
export type Absence = 'awaited' | 'suspended' | 'left'

/** A version of the charter, as it was adopted or amended, and the statement that holds it. */
export type Version = { readonly number: number; readonly sid: string; readonly charter: Charter }

/** What the charter is from one log index on, until the next of these begins: spec/03-charter.md#versions. */
export type Era = {
  readonly from: number
  readonly version: Version
  readonly absent: ReadonlyMap<string, Absence>
  /** How often a member was given keys that are all new: spec/04-statements.md#chains. */
  readonly renewed: ReadonlyMap<string, number>
  /** The version's charter, in which nobody absent is cleared for anything. */
  readonly charter: Charter
}

/** What waits for approvals. A member has one of each sort at most, so they are few. */
export type Proposal = {
  readonly by: string
  readonly is: { readonly charter: Charter } | { readonly suspends: string } | { readonly closes: true }
  readonly approvedBy: ReadonlySet<string>
}

/**
 * Members and keys as a fold over the log. Time is the log index: a question names one, and the answer never depends
 * on when it is asked. A key's `to` is the index at which it ends; what was the charter before is among the eras.
 */
export type CharterState = {
  /** Statement id of the genesis charter: the coalition's name in every statement. */
  readonly genesis: string
  /** That of the newest era, or of the one asked for: `stateAt`. */
  readonly charter: Charter
  readonly version: Version
  readonly absent: ReadonlyMap<string, Absence>
  readonly renewed: ReadonlyMap<string, number>
  /** In log order; there is one from index 0 on. */
  readonly eras: readonly Era[]
  /** For the version in force, by the sid of what proposes. */
  readonly proposals: ReadonlyMap<string, Proposal>
  /** Founding members that have adopted, with the index of their statement. */
  readonly adopted: ReadonlyMap<string, number>
  /** First index at which other statements count: every founding member has adopted before it. */
  readonly inForceFrom: number | undefined
  readonly keys: ReadonlyMap<string, HeldKey>
  /** Keys to seal to that members have published since, each member's in log order. */
  readonly prekeys: ReadonlyMap<string, readonly Prekey[]>
  /** The kid of the root key that is to take over, by member: spec/13-keys-over-time.md#rotating. */
  readonly nextRoots: ReadonlyMap<string, string>
  /** What keys may sign, each in log order. */
  readonly mandates: ReadonlyMap<string, readonly Mandate[]>
  /** Keys that were compromised, since when, and who says so. */
  readonly disputes: readonly Dispute[]
  /** Statements that re-affirm others, by the sid of each that they name. */
  readonly reaffirmed: ReadonlyMap<string, readonly Made[]>
  /** The first index at which nothing stands any more: spec/06-log.md#closing. */
  readonly closedFrom: number | undefined
}

/** The state after the genesis statement at index 0. The body has passed checkCharter. */
export function beginCharter(genesis: {
  readonly sid: string
  readonly iss: string
  readonly charter: Charter
}): CharterState {
  const keys = new Map<string, HeldKey>()
  for (const member of genesis.charter.members) {
    for (const record of member.keys) {
      keys.set(record.kid, { member: member.id, record, from: 0, to: Infinity })
    }
  }
  const { sid, charter, iss } = genesis
  const version: Version = { number: charter.version, sid, charter }
  const era: Era = { from: 0, version, absent: new Map(), renewed: new Map(), charter }
  const { absent, renewed } = era
  const begun: CharterState = {
    genesis: sid,
    charter,
    version,
    absent,
    renewed,
    eras: [era],
    proposals: new Map(),
    adopted: new Map(),
    inForceFrom: undefined,
    keys,
    prekeys: new Map(),
    nextRoots: nextRootsIn(charter),
    mandates: new Map(),
    disputes: [],
    reaffirmed: new Map(),
    closedFrom: undefined,
  }
  return withAdoption(begun, iss, 0)
}

/** The state with the charter that is in force at an index: what stands there is judged by it, whenever it is read. */
export function stateAt(state: CharterState, index: number): CharterState {
  const era = eraAt(state, index)
  if (era === state.eras.at(-1)) return state
  const { version, absent, renewed, charter } = era
  return { ...state, version, absent, renewed, charter }
}

export function eraAt({ eras }: Pick<CharterState, 'eras'>, index: number): Era {
  const era = eras.findLast(({ from }) => from <= index)
  assert(era !== undefined, 'an era begins at index 0')
  return era
}

const nextRootsIn = ({ members }: Charter): ReadonlyMap<string, string> =>
  new Map(members.flatMap(({ id, next_root: kid }) => (kid === undefined ? [] : [[id, kid] as const])))

/** spec/03-charter.md#adoption. Members are counted once each; key bytes are unique, so by key as well. */
export function adopt(state: CharterState, by: string, index: number): Result<CharterState> {
  if (state.adopted.has(by)) return fail('charter.already-adopted', '/iss')
  return ok(withAdoption(state, by, index))
}

function withAdoption(state: CharterState, by: string, index: number): CharterState {
  const adopted = new Map(state.adopted).set(by, index)
  const complete = state.charter.members.every(({ id }) => adopted.has(id))
  return { ...state, adopted, inForceFrom: complete ? index + 1 : undefined }
}

export function isInForce(state: CharterState, index: number): boolean {
  return state.inForceFrom !== undefined && index >= state.inForceFrom
}

export const isClosed = ({ closedFrom }: Pick<CharterState, 'closedFrom'>, index: number): boolean =>
  closedFrom !== undefined && index >= closedFrom

/** Why a key does not speak at an index, for people; undefined where nobody has such a key. */
export function whySilent(state: CharterState, kid: string, index: number): string | undefined {
  const held = state.keys.get(kid)
  if (held === undefined) return undefined
  return index < held.from ? `it speaks from index ${held.from} on` : `it ended with index ${held.to - 1}`
}

/** The key of this id at that index, or undefined. */
export function keyAt(state: CharterState, kid: string, index: number): HeldKey | undefined {
  const held = state.keys.get(kid)
  return held !== undefined && index >= held.from && index < held.to ? held : undefined
}

/** What is sealed to, who has adopted, and what counts no longer change no verdict on another statement. */
const besideTheVerdict: ReadonlySet<keyof CharterState> = new Set([
  'adopted',
  'prekeys',
  'disputes',
  'proposals',
  'reaffirmed',
])

/** Whether a statement at an index has the same verdict by both. A state is never changed in place. */
export const judgesAlike = (a: CharterState, b: CharterState): boolean =>
  (Object.keys({ ...a, ...b }) as (keyof CharterState)[]).every(
    name => besideTheVerdict.has(name) || a[name] === b[name],
  )

export const memberOf = (state: CharterState, id: string): Member | undefined =>
  state.charter.members.find(member => member.id === id)

export const hasRole = (state: CharterState, id: string, role: Role): boolean =>
  memberOf(state, id)?.roles.includes(role) ?? false

/** Keys of one use held by the members named, for sealing or routing. */
export function keysFor(state: CharterState, members: readonly string[], use: KeyUse): readonly HeldKey[] {
  const wanted = new Set(members)
  return [...state.keys.values()].filter(held => held.record.use === use && wanted.has(held.member))
}
