import { assert } from '../wire/failure.ts'
import { signatureTypes } from '../wire/vkey.ts'
import type { Group, Policy } from './policy.ts'

/** What a key is a key of, for the question what is left when one of the two can be broken. */
export type Family = 'ed25519' | 'ml-dsa-44'

const witnessOf = (policy: Policy, name: string) => policy.witnesses.find(witness => witness.name === name)
const groupOf = (policy: Policy, name: string) => policy.groups.find(group => group.name === name)

export const familyOfWitness = ({ key }: Policy['witnesses'][number]): Family =>
  key.type === signatureTypes.mlDsa44 ? 'ml-dsa-44' : 'ed25519'

/** Whether those that `has` makes a quorum. Every witness counts in one place only: the policy is a tree. */
export function quorumHolds(policy: Policy, has: (witness: string) => boolean): boolean {
  if (policy.quorum === 'none') return true
  const holds = (name: string): boolean => {
    const group = groupOf(policy, name)
    return group === undefined ? has(name) : group.members.filter(holds).length >= group.k
  }
  return holds(policy.quorum)
}

/** A group of two keys of one witness, one of each family: spec/14-witnesses.md#families. It is one party. */
function isPair(policy: Policy, { members }: Group): boolean {
  const families = new Set(members.flatMap(name => witnessOf(policy, name) ?? []).map(familyOfWitness))
  return members.length === 2 && families.size === 2
}

/** Who can be corrupt or away: a witness, or the two keys of one. Those that the quorum cannot reach are none. */
export type Party = { readonly name: string; readonly witnesses: readonly string[] }

export function partiesOf(policy: Policy): readonly Party[] {
  const under = (name: string): Party[] => {
    const group = groupOf(policy, name)
    if (group === undefined) return [{ name, witnesses: [name] }]
    return isPair(policy, group) ? [{ name, witnesses: group.members }] : group.members.flatMap(under)
  }
  return policy.quorum === 'none' ? [] : under(policy.quorum)
}

/** The parties that have signed with as many of their keys as the policy asks of each. */
export const partiesThat = (policy: Policy, has: (witness: string) => boolean): readonly Party[] =>
  partiesOf(policy).filter(({ name, witnesses }) => witnesses.filter(has).length >= (groupOf(policy, name)?.k ?? 1))

/** The same with the time of each: of a party's keys, the earliest. */
export const cosignedParties = (policy: Policy, cosigned: CosignedAt): ReadonlyMap<string, number> =>
  new Map(
    partiesThat(policy, name => cosigned.has(name)).map(({ name, witnesses }) => [
      name,
      Math.min(...witnesses.flatMap(witness => cosigned.get(witness) ?? [])),
    ]),
  )

/** Whose key it is: of a pair its name, of any other witness its own. */
export const ownerOf = (policy: Policy, witness: string): string =>
  policy.groups.find(group => group.members.includes(witness) && isPair(policy, group))?.name ?? witness

/** What a coalition under this policy can bear: spec/14-witnesses.md#tolerance. */
export type Tolerance = {
  readonly parties: number
  /** Fewest parties that make a quorum. */
  readonly quorum: number
  /** Parties that any two quorums are sure to share; at 0 two views can both count. */
  readonly shared: number
  /** So many corrupt parties cannot make two views count: one fewer than are shared. */
  readonly faulty: number
  /** So many parties can be away and a quorum is still reached. */
  readonly away: number
}

export function toleranceOf(policy: Policy): Tolerance {
  if (policy.quorum === 'none') return { parties: 0, quorum: 0, shared: 0, faulty: 0, away: 0 }
  const sum = (values: readonly number[], count: number) =>
    values
      .toSorted((a, b) => a - b)
      .slice(0, Math.max(0, count))
      .reduce((total, value) => total + value, 0)
  const of = (name: string): { parties: number; quorum: number; shared: number; stops: number } => {
    const group = groupOf(policy, name)
    if (group === undefined || isPair(policy, group)) return { parties: 1, quorum: 1, shared: 1, stops: 1 }
    const { k, members } = group
    const each = members.map(of)
    return {
      parties: sum(
        each.map(({ parties }) => parties),
        members.length,
      ),
      quorum: sum(
        each.map(({ quorum }) => quorum),
        k,
      ),
      // Two choices of k among n have 2k - n in common; in each of those both quorums have its shared parties.
      shared: sum(
        each.map(({ shared }) => shared),
        2 * k - members.length,
      ),
      stops: sum(
        each.map(({ stops }) => stops),
        members.length - k + 1,
      ),
    }
  }
  const { parties, quorum, shared, stops } = of(policy.quorum)
  return { parties, quorum, shared, faulty: Math.max(0, shared - 1), away: stops - 1 }
}

/**
 * The policy as it is where only one family of signatures can be believed. A pair keeps the key that is left; every
 * other threshold stays. undefined where too few are left for any quorum.
 */
export function policyOn(policy: Policy, family: Family): Policy | undefined {
  const witnesses = policy.witnesses.filter(witness => familyOfWitness(witness) === family)
  const logs = policy.logs.filter(({ key }) => (key.type === signatureTypes.mlDsa44) === (family === 'ml-dsa-44'))
  const left = new Set(witnesses.map(({ name }) => name))
  const groups: Group[] = []
  for (const group of policy.groups) {
    const members = group.members.filter(name => left.has(name))
    const k = isPair(policy, group) ? 1 : group.k
    if (members.length < k) continue
    groups.push({ name: group.name, k, members })
    left.add(group.name)
  }
  if (policy.quorum !== 'none' && !left.has(policy.quorum)) return undefined
  return logs.length === 0 ? undefined : { logs, witnesses, groups, quorum: policy.quorum }
}

/** Whether nothing counts without this family: no quorum is made of keys of the other alone. */
export const asksFor = (policy: Policy, family: Family): boolean =>
  policyOn(policy, family) !== undefined &&
  !quorumHolds(policy, name => {
    const witness = witnessOf(policy, name)
    return witness !== undefined && familyOfWitness(witness) !== family
  })

/** Timestamps of cosignatures by witness name, as POSIX seconds. */
export type CosignedAt = ReadonlyMap<string, number>

/** Each party's times: of a pair, the first and the last of its two. */
function timesOf(policy: Policy, cosigned: CosignedAt, pick: (times: readonly number[]) => number): number[] {
  return partiesOf(policy).flatMap(({ witnesses }) => {
    const times = witnesses.flatMap(name => cosigned.get(name) ?? [])
    return times.length === 0 ? [] : [pick(times)]
  })
}

/**
 * Whoever has seen this note has seen it no earlier than this: of the f + 1 latest times one at least is of an honest
 * witness. undefined where there are not so many.
 */
export const seenNotBefore = (policy: Policy, cosigned: CosignedAt): number | undefined =>
  timesOf(policy, cosigned, times => Math.max(...times)).toSorted((a, b) => b - a)[toleranceOf(policy).faulty]

/** What this note covers was logged by then: of the f + 1 earliest times one at least is of an honest witness. */
export const loggedNotAfter = (policy: Policy, cosigned: CosignedAt): number | undefined =>
  timesOf(policy, cosigned, times => Math.min(...times)).toSorted((a, b) => a - b)[toleranceOf(policy).faulty]

/** POSIX seconds, each where it is known. */
export type TimeBounds = { readonly notBefore?: number; readonly notAfter?: number }

const [earlyMax, lateMax] = [5 * 60, 24 * 60 * 60]

/** Why the time that an author claims does not fit, or undefined: spec/14-witnesses.md#time. */
export function timeFlag(iat: number, { notBefore, notAfter }: TimeBounds): string | undefined {
  if (notBefore !== undefined && iat < notBefore - earlyMax)
    return `a time ${notBefore - iat} seconds before it can have been signed`
  if (notAfter !== undefined && iat > notAfter + lateMax)
    return `a time ${iat - notAfter} seconds after it was on the log`
  return undefined
}

/** Whether a quorum has cosigned within `maxAge` seconds before `now`. One fresh cosignature alone says nothing. */
export function isFresh(
  policy: Policy,
  cosigned: CosignedAt,
  { now, maxAge }: { readonly now: number; readonly maxAge: number },
): boolean {
  assert(maxAge > 0, 'freshness has an age')
  return quorumHolds(policy, name => (cosigned.get(name) ?? -Infinity) >= now - maxAge)
}
