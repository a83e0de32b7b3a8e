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
