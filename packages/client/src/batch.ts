import {
  type CharterState,
  type Hash,
  type Placed,
  type Prefix,
  type Referred,
  type Verified,
  nodeHash,
  referredBy,
  rootAt,
  toBase64url,
} from '@chancery/protocol'
import type { ChainHead, NewEntry, Opening } from '@chancery/store'
import type { Mirror } from './mirror.ts'
import type { BadCopy, BadSeal, BadTag, ForeignUse, NotDelivered, NotOurs, OpenedLate, Unsound } from './notice.ts'

/** A batch being read: nothing of it is kept before all of it holds. */
export type Batch = {
  readonly mirror: Mirror
  readonly from: number
  readonly entries: NewEntry[]
  readonly hashes: Map<string, Hash>
  readonly found: Map<string, Referred>
  readonly heads: Map<string, ChainHead>
  readonly placed: Placed[]
  readonly badSeals: BadSeal[]
  readonly badTags: BadTag[]
  readonly notDelivered: NotDelivered[]
  readonly foreignUse: ForeignUse[]
  readonly unsound: Unsound[]
  readonly badCopies: BadCopy[]
  readonly openedLate: OpenedLate[]
  readonly notOurs: NotOurs[]
  /** Statements of entries before the batch. */
  readonly opened: Opening[]
  /** Tear lines of statements that are held already. */
  readonly relined: Opening[]
  /** Statements by author, chain and number. */
  readonly numbers: Map<string, string>
  /** Copies beside the statement at work, until it is kept. */
  readonly late: Map<string, Referred>
  charter: CharterState
}

export function beginBatch(mirror: Mirror): Batch {
  const from = mirror.store.size
  return {
    mirror,
    from,
    entries: [],
    hashes: new Map(),
    found: new Map(),
    heads: new Map(),
    placed: [],
    ...nothingNoted(),
    opened: [],
    relined: [],
    numbers: new Map(),
    late: new Map(),
    charter: mirror.charter,
  }
}

export const nothingNoted = () => ({
  badSeals: [],
  badTags: [],
  notDelivered: [],
  foreignUse: [],
  unsound: [],
  badCopies: [],
  openedLate: [],
  notOurs: [],
})

export const aboutOf = ({ sid, kind, iss, claims }: Verified) => ({
  sid,
  kind,
  iss,
  tlp: claims.handling.tlp,
  chain: claims.chain.id,
  seq: claims.chain.seq,
})

export const headIn = ({ mirror, heads }: Batch, iss: string, chain: string): ChainHead | undefined =>
  heads.get(`${iss} ${chain}`) ?? mirror.store.chainHead(iss, chain)

export const numberedIn = ({ mirror, numbers }: Batch, iss: string, chain: string, seq: number): string | undefined =>
  numbers.get(`${iss} ${chain} ${seq}`) ?? mirror.store.numbered(iss, chain, seq)

export function prefixOf(batch: Batch): Prefix {
  const { mirror, charter, found, late } = batch
  const { store } = mirror
  return {
    charter,
    find: sid => found.get(sid) ?? late.get(sid) ?? store.referred(sid),
    unopened: () => store.unopened() + batch.entries.filter(isMissing).length - batch.opened.length,
    chainHead: (iss, chain) => headIn(batch, iss, chain),
    numbered: (iss, chain, seq) => numberedIn(batch, iss, chain, seq),
    rootAt: size => {
      if (size > batch.from + batch.entries.length) return undefined
      return toBase64url(batchRoot(batch, size))
    },
  }
}

const isMissing = ({ about, cover }: NewEntry): boolean => about === undefined && cover === undefined

export function put(batch: Batch, entry: NewEntry, statement?: Verified): void {
  const index = batch.from + batch.entries.length
  batch.entries.push(entry)
  if (statement === undefined) return
  const { sid, iss, claims } = statement
  const { id, seq } = claims.chain
  batch.found.set(sid, referredBy(statement, index))
  batch.numbers.set(`${iss} ${id} ${seq}`, sid)
  batch.heads.set(`${iss} ${id}`, { seq, sid })
  batch.placed.push({ statement, index })
}

/** Roots over the store and what is not yet in it. Hashes above the seam are computed once each. */
export function batchRoot(
  { mirror, from, entries, hashes }: Pick<Batch, 'mirror' | 'from' | 'entries' | 'hashes'>,
  size: number,
): Hash {
  const { sha256 } = mirror.primitives
  if (size <= from) return mirror.store.rootAt(size)
  const read = (level: number, index: number): Hash => {
    if ((index + 1) * 2 ** level <= from) return mirror.store.read(level, index)
    const name = `${level}/${index}`
    const hash = hashes.get(name) ?? compute(level, index)
    hashes.set(name, hash)
    return hash
  }
  const compute = (level: number, index: number): Hash => {
    if (level > 0) return nodeHash(sha256, read(level - 1, index * 2), read(level - 1, index * 2 + 1))
    const leaf = entries[index - from]?.leaf
    if (leaf === undefined) throw new Error(`bug: no leaf ${index} in the batch`)
    return leaf
  }
  return rootAt({ sha256, size, read })
}

/** The log as this mirror holds it, for checking what is ours and comes next: it refers to nothing that is not held. */
export function admittedPrefix(mirror: Mirror): Prefix {
  const { unopened: _, ...prefix } = prefixOf(beginBatch(mirror))
  return prefix
}
