import type { CharterState } from '../charter/fold.ts'
import { fromTheStart, isAllowed } from '../sharing/decide.ts'
import type { Reader } from '../sharing/reader.ts'
import type { Referred } from '../statement/kind.ts'
import { type Related, checkRefs, isOfThisLog } from '../statement/relate.ts'
import { type Result, fail, ok } from '../wire/failure.ts'

/** What the folder shows of the log before a statement. Lookups answer from the prefix alone. */
export type PartPrefix = {
  readonly charter: CharterState
  /** Whom the folder is for. */
  readonly reader: Reader
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
export function checkPartRelations(statement: Related, prefix: PartPrefix): Result<true> {
  if (prefix.find(statement.sid) !== undefined) return fail('statement.duplicate')
  const refs = checkRefs(statement, { ...prefix, unopened: () => prefix.unopened })
  if (!refs.ok) return refs
  const chain = checkPartChain(statement, prefix)
  if (!chain.ok) return chain
  return isOfThisLog(statement.seen, prefix) ? ok(true) : fail('statement.seen-mismatch', '/seen')
}

function checkPartChain(statement: Related, { chain, unopened, reader, charter }: PartPrefix): Result<true> {
  const { id, seq, prev } = statement.chain
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
  const subject = { coa: charter.genesis, iss: statement.iss, handling: statement.handling }
  if (gap > 0 && isAllowed(subject, reader, 'see', fromTheStart)) {
    return fail('evidence.missing', '/chain', `numbers ${next} to ${seq - 1} of the chain ${id} by ${statement.iss}`)
  }
  return ok(true)
}

/** The chain after a statement; a number that came twice keeps its first holder. */
export function extendChain(
  chain: ChainPart | undefined,
  { sid, chain: { seq } }: Related,
  unopened: number,
): ChainPart {
  const sids = chain?.sids ?? new Map<number, string>()
  if (sids.has(seq)) return chain ?? { seq, sid, unopened, sids }
  sids.set(seq, sid)
  return chain !== undefined && seq < chain.seq ? chain : { seq, sid, unopened, sids }
}
