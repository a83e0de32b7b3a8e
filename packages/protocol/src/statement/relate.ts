import type { CharterState } from '../charter/fold.ts'
import type { Handling } from '../sharing/handling.ts'
import { type Result, fail, ok } from '../wire/failure.ts'
import type { Claims } from './claims.ts'
import type { KindName, Reference, Referred } from './kind.ts'
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
  /** The statement held of a number of a chain. Absent: every number up to the head is held. */
  readonly numbered?: (iss: string, chain: string, seq: number) => string | undefined
  /** Entries before it that this reader does not open: each can hold one statement that it misses. Absent: none. */
  readonly unopened?: () => number
}

/** spec/04-statements.md#verification, the steps that need the log: the same at relay, node and auditor. */
export function checkRelations(statement: Verified, prefix: Prefix): Result<Verified> {
  if (prefix.find(statement.sid) !== undefined) return fail('statement.duplicate')
  const refs = checkRefs(relatedOf(statement), prefix)
  if (!refs.ok) return refs
  const chain = checkChain(statement, prefix)
  if (!chain.ok) return chain
  return checkSeen(statement, prefix)
}

/** What the relations of a statement are checked by: plain data, which can come from another thread. */
export type Related = {
  readonly sid: string
  readonly kind: KindName
  readonly iss: string
  readonly handling: Handling
  readonly chain: Claims['chain']
  readonly seen: Claims['seen']
  readonly refs: readonly Reference[]
  /** Only of a kind whose law asks for it. */
  readonly body?: unknown
}

export function relatedOf({ sid, kind, iss, claims: { handling, chain, seen }, body }: Verified): Related {
  const { refs, relates } = kindOf(kind)
  const asked = relates !== undefined && { body }
  return { sid, kind, iss, handling, chain, seen, refs: refs(body), ...asked }
}

type RefsPrefix = Pick<Prefix, 'charter' | 'find' | 'unopened'>

const withheld = Symbol('a statement that this reader does not hold')

/** What is absent is withheld where an entry that is not opened can hold it, and wrong where none can. */
export function checkRefs({ kind, iss, handling, refs, body }: Related, prefix: RefsPrefix): Result<true> {
  const { find, charter, unopened = none } = prefix
  const missing = new Map(refs.flatMap(ref => (find(ref.sid) === undefined ? [[ref.sid, ref] as const] : [])))
  const [first] = missing.values()
  if (first !== undefined && missing.size > unopened()) {
    return fail('statement.unknown-ref', `/body${first.at}`, `${first.sid} is not on the log`)
  }
  for (const { sid, at, kind: wanted } of refs) {
    const referred = find(sid)
    if (referred !== undefined && referred.kind !== wanted) {
      return fail('statement.unknown-ref', `/body${at}`, `${sid} is not a ${wanted}`)
    }
  }
  const findHeld = (sid: string): Referred | undefined => {
    const found = find(sid)
    // A law may follow references further than the statement's own.
    if (found === undefined && unopened() > 0) throw withheld
    return found
  }
  try {
    const broken = kindOf(kind).relates?.({ iss, handling, body, find: findHeld, charter })
    return broken === undefined
      ? ok(true)
      : fail('statement.breaks-law', `${broken.in ?? '/body'}${broken.at}`, broken.says)
  } catch (reason) {
    // The law needs what is withheld: whoever holds that can check it.
    if (reason === withheld) return ok(true)
    throw reason
  }
}

const none = (): number => 0

/**
 * spec/04-statements.md#chains. Of what anyone may read every number is held, so there is no gap; of another chain some
 * numbers may be withheld, each by an entry that is not opened.
 */
export function checkChain(statement: Verified, prefix: Prefix): Result<Verified> {
  const { id, seq, prev } = statement.claims.chain
  const head = prefix.chainHead(statement.iss, id)
  const next = (head?.seq ?? -1) + 1
  if (seq < next) return checkNumber(statement, prefix, next)
  const gap = seq - next
  const follows = gap > 0 ? prev !== null : prev === (head?.sid ?? null)
  const mayMiss = gap === 0 || (statement.claims.handling.tlp !== 'clear' && gap <= (prefix.unopened ?? none)())
  return follows && mayMiss ? ok(statement) : fail('statement.chain-broken', '/chain', `the next number is ${next}`)
}

function checkNumber({ iss, claims }: Verified, { numbered }: Prefix, next: number): Result<never> {
  const { id, seq } = claims.chain
  if (numbered !== undefined && numbered(iss, id, seq) === undefined)
    return fail('statement.chain-broken', '/chain/seq', `number ${seq} comes after number ${next - 1}`)
  return fail('statement.equivocation', '/chain/seq', `number ${seq} is taken; the chain is at ${next - 1}`)
}

/**
 * The same for a statement that is opened late, at its own earlier index: spec/07-relay.md#enclosures. What stands
 * after it in its chain has been read already, so of the chain only its number is asked for.
 */
export function checkLateRelations(statement: Verified, prefix: Prefix): Result<Verified> {
  const { iss, claims, sid } = statement
  const { id, seq } = claims.chain
  if (prefix.find(sid) !== undefined) return fail('statement.duplicate')
  const refs = checkRefs(relatedOf(statement), prefix)
  if (!refs.ok) return refs
  if (prefix.numbered?.(iss, id, seq) !== undefined) return fail('statement.equivocation', '/chain/seq')
  return checkSeen(statement, prefix)
}

export const checkSeen = (statement: Verified, prefix: Prefix): Result<Verified> =>
  isOfThisLog(statement.claims.seen, prefix) ? ok(statement) : fail('statement.seen-mismatch', '/seen')

/** Whether what an author says it has seen is a size and root of the log before its statement. */
export const isOfThisLog = (seen: Claims['seen'], { rootAt }: Pick<Prefix, 'rootAt'>): boolean =>
  seen === null || rootAt(seen.size) === seen.root
