import type { EnclosedCopy, Hash, Referred, SealedTier, Tlp } from '@chancery/protocol'

/**
 * What every store of a log promises.
 *
 * 1. `append` is one transaction and durable when it returns: after a crash at any moment the log is the one before it
 *    or the one after it, whole.
 * 2. The head moves by compare-and-swap on the size. Two writers cannot both extend one log: the second gets a
 *    StoreConflict and has changed nothing.
 * 3. After a storage error the store refuses everything (StoreFault). A failed write may have reached the disk or not;
 *    only opening the file again tells. The error is never retried.
 * 4. Entries and statements are returned as the bytes that were appended.
 * 5. A store that is smaller than the last head written beside it does not open.
 */

/** What a statement says of itself, as far as it is looked up by. */
export type About = {
  readonly sid: string
  readonly kind: string
  readonly iss: string
  readonly tlp: Tlp
  readonly chain: string
  readonly seq: number
}

/** One entry to append; its index is its place. `jws` is without disclosures, and absent where it is not ours. */
export type NewEntry = {
  readonly entry: Uint8Array
  readonly leaf: Hash
  readonly jws?: string
  readonly about?: About
  readonly seals: readonly SealedTier[]
  readonly disclosures: readonly string[]
  /** Copies of earlier statements that travel beside it, where whoever carries it has them to carry. */
  readonly enclosed?: readonly EnclosedCopy[]
  /** Who handed in a sealed entry: the one thing that its carrier knows of it beside its audiences. */
  readonly sender?: string
  /** A sealed entry that was opened and says nothing: no statement is missing there. */
  readonly cover?: true
}

/** A statement that came to be held after its entry: spec/07-relay.md#enclosures. */
export type Opening = {
  readonly index: number
  readonly jws: string
  readonly about: About
  readonly disclosures: readonly string[]
}

export type StoredEntry = NewEntry & { readonly index: number }
/** An entry whose statement is held. */
export type StoredStatement = StoredEntry & { readonly jws: string; readonly about: About }

/** The newest checkpoint: the signed note as it came, and what it says. */
export type Head = { readonly note: string; readonly size: number; readonly root: string }

/** A checkpoint that a quorum has cosigned, whole, under the SHA-256 by which statements name it as base64url. */
export type CosignedNote = {
  readonly number: number
  readonly hash: string
  readonly size: number
  readonly note: string
}

export type Append = {
  /** The size the caller believes the log has. */
  readonly expectedSize: number
  readonly entries: readonly NewEntry[]
  /** Entries before these whose statements come with them. */
  readonly opened?: readonly Opening[]
  /** The checkpoint of the log after these entries, and its root. */
  readonly note: string
  readonly root: Hash
}

/** A range ends at whichever bound comes first, but is never empty where the log goes on. */
export type RangeLimits = { readonly countMax: number; readonly bytesMax?: number }

export type ChainHead = { readonly seq: number; readonly sid: string }
export type { Referred }

/** Another writer moved the head. Nothing was changed; the store reads on from the new head. */
export class StoreConflict extends Error {
  override readonly name = 'StoreConflict'
}

/** The disk, or what is on it, failed. The store has refused everything since. */
export class StoreFault extends Error {
  override readonly name = 'StoreFault'
}
