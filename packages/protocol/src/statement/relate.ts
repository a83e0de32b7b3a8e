import type { CharterState } from '../charter/fold.ts'
import { type Result, fail, ok } from '../wire/failure.ts'
import type { Referred } from './kind.ts'
import { kindOf } from './kinds.ts'
import type { Verified } from './verify.ts'

/** What the log before a statement says. Each lookup answers from the prefix `[0, index)` alone. */
export type Prefix = {
  readonly charter: CharterState
  readonly find: (sid: string) => Referred | undefined
  /** Newest statement of an author's chain. */
  readonly chainHead: (iss: string, chain: string) => { readonly seq: number; readonly sid: string } | undefined
  /** Root of the log at a size, base64url; undefined where the size is beyond the prefix. */
  readonly rootAt: (size: number) => string | undefined
}

/** spec/04-statements.md#verification, the steps that need the log: the same at relay, node and auditor. */
export function checkRelations(statement: Verified, prefix: Prefix): Result<Verified> {
  if (prefix.find(statement.sid) !== undefined) return fail('statement.duplicate')
  const refs = checkRefs(statement, prefix)
  if (!refs.ok) return refs
  const chain = checkChain(statement, prefix)
  if (!chain.ok) return chain
  return checkSeen(statement, prefix)
}

export function checkRefs(statement: Verified, { find, charter }: Prefix): Result<Verified> {
  const { kind, iss, body } = statement
  const row = kindOf(kind)
  for (const { sid, at, kind: wanted } of row.refs(body)) {
    const referred = find(sid)
    if (referred === undefined) return fail('statement.unknown-ref', `/body${at}`, `${sid} is not on the log`)
    if (referred.kind !== wanted) return fail('statement.unknown-ref', `/body${at}`, `${sid} is not a ${wanted}`)
  }
  const broken = row.relates?.({ iss, body, find, charter })
  return broken === undefined ? ok(statement) : fail('statement.breaks-law', `/body${broken.at}`, broken.says)
}

export function checkChain(statement: Verified, { chainHead }: Prefix): Result<Verified> {
  const { id, seq, prev } = statement.claims.chain
  const head = chainHead(statement.iss, id)
  if (head !== undefined && seq <= head.seq) {
    return fail('statement.equivocation', '/chain/seq', `number ${seq} is taken; the chain is at ${head.seq}`)
  }
  const continues = head === undefined ? seq === 0 && prev === null : seq === head.seq + 1 && prev === head.sid
  return continues
    ? ok(statement)
    : fail('statement.chain-broken', '/chain', `the next number is ${(head?.seq ?? -1) + 1}`)
}

export function checkSeen(statement: Verified, { rootAt }: Prefix): Result<Verified> {
  const { seen } = statement.claims
  if (seen === null) return ok(statement)
  return rootAt(seen.size) === seen.root ? ok(statement) : fail('statement.seen-mismatch', '/seen')
}
