import type { Placed } from './call-out-state.ts'

/** Between which moments a statement came to be held, by the claims of those who signed around it. */
export type HeldSince = {
  readonly index: number
  /** Seconds since 1970; undefined where nothing that is held says so. */
  readonly notBefore: number | undefined
  readonly notAfter: number | undefined
}

/**
 * spec/12-release-control.md#held-since. Its author had seen a log with the one, and the author of the other had seen a
 * log with it: neither proves a clock until witnesses confirm the heads.
 */
export function heldSince(placed: Iterable<Placed>, { statement, index }: Placed): HeldSince {
  const seen = statement.claims.seen?.size ?? 0
  let [notBefore, notAfter]: [number | undefined, number | undefined] = [undefined, undefined]
  for (const { statement: other, index: at } of placed) {
    const { iat, seen: saw } = other.claims
    if (at < seen && (notBefore === undefined || iat > notBefore)) notBefore = iat
    if (at > index && (saw?.size ?? 0) > index && (notAfter === undefined || iat < notAfter)) notAfter = iat
  }
  return { index, notBefore, notAfter }
}

/** Of a statement, what bounds the others: where it stands, when its author says it was made, and what it had seen. */
export type Claimed = { readonly index: number; readonly iat: number; readonly seen?: { readonly size: number } }

/** `heldSince` of many at once: one pass forward for the first bound, one back for the second. In log order. */
export function heldBounds(
  claimed: readonly Claimed[],
  size: number,
): (of: Claimed) => Pick<HeldSince, 'notBefore' | 'notAfter'> {
  // Before a size, the latest that was signed below it; over an index, the earliest by an author who had seen it.
  const none = () => Array.from<undefined, number | undefined>({ length: size + 1 }, () => undefined)
  const [latest, earliest] = [none(), none()]
  for (const { index, iat, seen } of claimed) {
    latest[index + 1] = iat
    if (seen !== undefined && seen.size <= size) earliest[seen.size] = least(earliest[seen.size], iat)
  }
  for (let at = 1; at <= size; at++) latest[at] = greatest(latest[at - 1], latest[at])
  for (let at = size - 1; at >= 0; at--) earliest[at] = least(earliest[at + 1], earliest[at])
  return ({ index, seen }) => ({ notBefore: latest[seen?.size ?? 0], notAfter: earliest[index + 1] })
}

const least = (a: number | undefined, b: number | undefined): number | undefined =>
  a === undefined || b === undefined ? (a ?? b) : Math.min(a, b)
const greatest = (a: number | undefined, b: number | undefined): number | undefined =>
  a === undefined || b === undefined ? (a ?? b) : Math.max(a, b)
