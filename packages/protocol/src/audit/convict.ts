import type { CharterState } from '../charter/fold.ts'
import { type Verified, verify } from '../statement/verify.ts'
import { type Result, fail, ok } from '../wire/failure.ts'
import type { Primitives } from '../wire/primitives.ts'

/** Two statements with one number of one chain of one author. */
export type Equivocation = {
  readonly iss: string
  readonly chain: string
  readonly seq: number
  readonly sids: readonly [string, string]
}

/**
 * spec/04-statements.md#chains: does this pair convict its author? Portable: the two signed statements and the charter
 * say it, with no log and no witness.
 */
export function convict(
  pair: readonly [string, string],
  context: { readonly primitives: Primitives; readonly charter: CharterState; readonly index: number },
): Result<Equivocation> {
  const [first, second] = pair.map(jws => verify(`${jws}~`, context)) as [Result<Verified>, Result<Verified>]
  if (!first.ok) return { ...first, at: `/0${first.at ?? ''}` }
  if (!second.ok) return { ...second, at: `/1${second.at ?? ''}` }
  const [a, b] = [first.value, second.value]
  if (a.sid === b.sid) return fail('statement.duplicate', '', 'one statement twice proves nothing')
  const [mine, theirs] = [a.claims.chain, b.claims.chain]
  const same = a.iss === b.iss && mine.id === theirs.id && mine.seq === theirs.seq
  if (!same) return fail('statement.chain-broken', '', 'two authors, two chains or two numbers: no equivocation')
  return ok({ iss: a.iss, chain: mine.id, seq: mine.seq, sids: [a.sid, b.sid] })
}
