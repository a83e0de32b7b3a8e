import type { CharterState } from '../charter/fold.ts'
import { commitmentOf } from './entry.ts'
import { type Copy, mayEnclose } from '../sharing/enclose.ts'
import { type Failure, type Result, fail, ok } from '../wire/failure.ts'
import type { Primitives } from '../wire/primitives.ts'
import type { Referred } from '../statement/kind.ts'
import type { EnclosedCopy } from '../statement/sealed.ts'
import { formatTierCopy } from '../statement/tearline.ts'
import { type Verified, verify } from '../statement/verify.ts'

export type Enclosed = { readonly statement: Verified; readonly index: number; readonly copy: EnclosedCopy }

type Reading = {
  readonly primitives: Primitives
  readonly charter: CharterState
  /** Index of the sealed entry with this commitment, before the statement that carries the copies. */
  readonly placeOf: (commitment: Uint8Array) => number | undefined
  readonly find: (sid: string) => Referred | undefined
}

/**
 * spec/07-relay.md#enclosures: each copy against the entry at its own earlier index, with the charter at that index.
 * A copy may be allowed by one before it: the text of a release names its proposal.
 */
export function readEnclosed(
  enclosing: Copy,
  copies: readonly EnclosedCopy[],
  { find, ...reading }: Reading,
): readonly Result<Enclosed>[] {
  const known = new Map<string, Referred>()
  const findAny = (sid: string) => known.get(sid) ?? find(sid)
  return copies.map((copy, i) => {
    const at = `/enclosed/${i}`
    const read = readCopy(copy, reading)
    if (!read.ok) return under(at, read)
    const { statement, index } = read.value
    if (!mayEnclose(enclosing, statement, findAny)) {
      return fail('statement.breaks-law', at, `a ${enclosing.kind} carries no copy of this ${statement.kind}`)
    }
    known.set(statement.sid, referredBy(statement, index))
    return read
  })
}

/** A statement as laws over several look it up. */
export const referredBy = ({ kind, iss, body, claims }: Verified, index: number): Referred => ({
  kind,
  iss,
  index,
  tlp: claims.handling.tlp,
  body,
})

function readCopy(copy: EnclosedCopy, { primitives, charter, placeOf }: Omit<Reading, 'find'>): Result<Enclosed> {
  const committed = commitmentOf(primitives.sha256, copy.jws)
  const index = committed && placeOf(committed)
  if (index === undefined) return fail('log.entry-mismatch', '/jws', 'no sealed entry before it commits to this copy')
  const statement = verify(formatTierCopy(copy.jws, copy.disclosures), { primitives, charter, index })
  return statement.ok ? ok({ statement: statement.value, index, copy }) : statement
}

const under = (at: string, failure: Failure): Failure => ({ ...failure, at: `${at}${failure.at ?? ''}` })
