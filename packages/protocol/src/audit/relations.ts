import type { CharterState } from '../charter/fold.ts'
import type { Tlp } from '../charter/tiers.ts'
import { fromTheStart, isAllowed, subjectOf } from '../sharing/decide.ts'
import { tierReader } from '../sharing/reader.ts'
import type { Referred } from '../statement/kind.ts'
import { kindOf } from '../statement/kinds.ts'
import { checkSeen } from '../statement/relate.ts'
import type { Verified } from '../statement/verify.ts'
import { type Result, fail, ok } from '../wire/failure.ts'

/** What the folder shows of the log before a statement. Lookups answer from the prefix alone. */
export type PartPrefix = {
  readonly charter: CharterState
  readonly reader: Tlp
  readonly find: (sid: string) => Referred | undefined
  readonly rootAt: (size: number) => string | undefined
  /** Entries before this statement that the folder does not open: each can hold one statement that is missing here. */
  readonly unopened: number
  /** The author's chain so far. */
  readonly chain: ChainPart | undefined
}

/** One author's chain, as far as the folder has it: its last number, and what stood unopened when it came. */
export type ChainPart = {
  readonly seq: number
  readonly sid: string
  readonly unopened: number
  /** By number. */
  readonly sids: Map<number, string>
}

/**
 * spec/04-statements.md#verification, the steps that need the log, by a reader who holds a part of it. What is absent
 * is withheld where an unopened entry can hold it, and wrong where none can; what is held is held to checkRelations.
 */
export function checkPartRelations(statement: Verified, prefix: PartPrefix): Result<Verified> {
  if (prefix.find(statement.sid) !== undefined) return fail('statement.duplicate')
  const refs = checkPartRefs(statement, prefix)
  if (!refs.ok) return refs
  const chain = checkPartChain(statement, prefix)
  if (!chain.ok) return chain
  return checkSeen(statement, { ...prefix, chainHead: () => undefined })
}

const withheld = Symbol('a statement that the folder does not hold')

function checkPartRefs(statement: Verified, prefix: PartPrefix): Result<Verified> {
  const { kind, iss, body } = statement
  const { find, charter, unopened } = prefix
  const row = kindOf(kind)
  const refs = row.refs(body)
  const missing = new Set(refs.filter(({ sid }) => find(sid) === undefined).map(({ sid }) => sid))
  if (missing.size > unopened) {
    const ref = refs.find(({ sid }) => missing.has(sid))
    return fail('statement.unknown-ref', `/body${ref?.at}`, `${ref?.sid} is not on the log`)
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
    if (found === undefined && unopened > 0) throw withheld
    return found
  }
  try {
    const broken = row.relates?.({ iss, body, find: findHeld, charter })
    return broken === undefined ? ok(statement) : fail('statement.breaks-law', `/body${broken.at}`, broken.says)
  } catch (reason) {
    // The law needs what is withheld: whoever holds that can check it.
    if (reason === withheld) return ok(statement)
    throw reason
  }
}

function checkPartChain(statement: Verified, { chain, unopened, reader }: PartPrefix): Result<Verified> {
  const { id, seq, prev } = statement.claims.chain
  const next = (chain?.seq ?? -1) + 1
  if (seq < next) {
    const other = chain?.sids.get(seq)
    return other === undefined
      ? fail('statement.chain-broken', '/chain/seq', `number ${seq} comes after number ${next - 1}`)
      : fail('statement.equivocation', '/chain/seq', `${other} has the number ${seq} of the chain ${id} as well`)
  }
  const gap = seq - next
  const follows = gap > 0 ? prev !== null : prev === (chain?.sid ?? null)
  if (!follows || gap > unopened - (chain?.unopened ?? 0)) {
    return fail('statement.chain-broken', '/chain', `the next number is ${next}`)
  }
  // A folder whose reader sees one number of a chain holds every number: a chain is of one audience.
  const subject = subjectOf(statement)
  if (gap > 0 && isAllowed(subject, tierReader(subject.coa, reader), 'see', fromTheStart)) {
    return fail('evidence.missing', '/chain', `numbers ${next} to ${seq - 1} of the chain ${id} by ${statement.iss}`)
  }
  return ok(statement)
}

/** The chain after a statement; a number that came twice keeps its first holder. */
export function extendChain(chain: ChainPart | undefined, { sid, claims }: Verified, unopened: number): ChainPart {
  const sids = chain?.sids ?? new Map<number, string>()
  const { seq } = claims.chain
  if (sids.has(seq)) return chain ?? { seq, sid, unopened, sids }
  sids.set(seq, sid)
  return chain !== undefined && seq < chain.seq ? chain : { seq, sid, unopened, sids }
}
