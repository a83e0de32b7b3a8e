import { type EnclosedCopy, type SealedTier, type Tlp, assert } from '@chancery/protocol'
import type { NewEntry, StoredEntry, StoredStatement } from './store.ts'

/** A row of the table `entries`, as SQLite hands it back. */
export type EntryRow = {
  readonly place: number
  readonly leaf: Uint8Array
  readonly sid: string | null
  readonly kind: string | null
  readonly iss: string | null
  readonly tlp: string | null
  readonly chain: string | null
  readonly seq: number | null
  readonly entry: Uint8Array
  readonly jws: string | null
  readonly seals: string | null
  readonly disclosures: string | null
  readonly enclosed: string | null
  readonly sender: string | null
  readonly cover: number | null
}
type Cell = string | number | Uint8Array | null

const openForm = 2

/** An open entry is its statement: the text is not kept twice. */
export function toRow(place: number, given: NewEntry): Cell[] {
  const { entry, leaf, jws, about, seals, disclosures, enclosed = [], sender, cover } = given
  assert((jws === undefined) === (about === undefined), 'a statement that is held is described')
  const kept = jws === undefined || (entry[0] === openForm && entry.length === jws.length + 1) ? null : jws
  return [
    place,
    leaf,
    about?.sid ?? null,
    about?.kind ?? null,
    about?.iss ?? null,
    about?.tlp ?? null,
    about?.chain ?? null,
    about?.seq ?? null,
    entry,
    kept,
    list(seals),
    list(disclosures),
    list(enclosed),
    sender ?? null,
    cover === undefined ? null : 1,
  ]
}

export const list = (items: readonly unknown[]): string | null => (items.length === 0 ? null : JSON.stringify(items))
export const listed = <T>(text: string | null): readonly T[] => (text === null ? [] : (JSON.parse(text) as T[]))

export function fromRow(row: EntryRow): StoredEntry {
  const { place, leaf, sid, kind, iss, tlp, chain, seq, entry, enclosed, sender, cover } = row
  const common = {
    index: place,
    entry,
    leaf,
    seals: listed<SealedTier>(row.seals),
    disclosures: listed<string>(row.disclosures),
    ...(enclosed !== null && { enclosed: listed<EnclosedCopy>(enclosed) }),
    ...(sender !== null && { sender }),
    ...(cover !== null && { cover: true as const }),
  }
  if (sid === null || kind === null || iss === null || tlp === null || chain === null || seq === null) return common
  const jws = row.jws ?? Buffer.from(entry.buffer, entry.byteOffset + 1, entry.length - 1).toString('latin1')
  return { ...common, jws, about: { sid, kind, iss, tlp: tlp as Tlp, chain, seq } }
}

export const isStatement = (stored: StoredEntry): stored is StoredStatement => stored.about !== undefined

/** Bytes of a row, for a range's bound: what a reader is sent of it is of this order. */
export const bytesOf = ({ entry, jws, seals, enclosed }: EntryRow): number =>
  entry.length + (jws?.length ?? 0) + (seals?.length ?? 0) + (enclosed?.length ?? 0)
