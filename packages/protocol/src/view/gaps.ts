import { clearanceOf } from '../sharing/reader.ts'
import type { CharterState } from '../charter/fold.ts'
import { type Tlp, atLeastAsRestricted } from '../charter/tiers.ts'
import type { Handling } from '../sharing/handling.ts'
import type { Placed } from './call-out-state.ts'

/** Numbers of one author's chain that its reader does not hold, though the chain is for it. */
export type Gap = { readonly iss: string; readonly chain: string; readonly tlp: Tlp; readonly missing: number }

type Numbers = { readonly iss: string; readonly chain: string; readonly tlp: Tlp; count: number; last: number }

/** Whether all statements of this handling, and so all numbers of its chain, are for a member. */
export function isForMember(charter: CharterState, member: string): (handling: Handling) => boolean {
  const clearance = clearanceOf(charter, member)
  return ({ tlp, releasable_to: named }) =>
    atLeastAsRestricted(clearance, tlp) && (named === undefined || named.includes(member))
}

/**
 * spec/04-statements.md#chains: who may read a chain sees all its numbers, so one that is not there is withheld. Of a
 * chain for others, opened here and there by a later statement, gaps say nothing.
 */
export function gapsFor(placed: Iterable<Placed>, charter: CharterState, member: string): readonly Gap[] {
  const isFor = isForMember(charter, member)
  const chains = new Map<string, Numbers>()
  for (const { statement } of placed) {
    const { iss, claims } = statement
    const { tlp } = claims.handling
    if (!isFor(claims.handling)) continue
    const { id, seq } = claims.chain
    const numbers = chains.get(`${iss} ${id}`) ?? { iss, chain: id, tlp, count: 0, last: -1 }
    chains.set(`${iss} ${id}`, numbers)
    numbers.count++
    numbers.last = Math.max(numbers.last, seq)
  }
  const gaps = [...chains.values()].map(({ count, last, ...chain }) => ({ ...chain, missing: last + 1 - count }))
  return gaps.filter(({ missing }) => missing > 0)
}
