import { type Entry, readEntry } from '../log/entry.ts'
import { type Hash, hashBytes, leafHash } from '../log/merkle.ts'
import { type TileAddress, readEntryBundle, tileWidth } from '../log/tiles.ts'
import { toBase64url } from '../wire/base64.ts'
import { type Sha256, fromUtf8 } from '../wire/bytes.ts'
import type { Failure } from '../wire/failure.ts'
import type { Desk } from './crew.ts'
import { type Listed, readListed } from './files.ts'
import { logTilePath } from './folder.ts'
import { newLedger, note } from './ledger.ts'
import type { Finding, ProofCounts } from './report.ts'

/** A bundle of the log's entries, and what is listed for its file. */
export type BundleFile = { readonly address: TileAddress; readonly listed: Listed | undefined }

/** The entries of a bundle as far as one can tell without the rest of the log. */
export type HashedBundle = {
  /** Leaf hashes side by side; none where the bundle cannot be read at all, and the failure says why. */
  readonly leaves: Uint8Array<ArrayBuffer>
  readonly failure?: Failure
  /** Statement ids of open entries, commitments of sealed ones, by their place in the bundle; null for all others. */
  readonly sids: readonly (string | null)[]
  readonly commitments: readonly (string | null)[]
  readonly findings: readonly Finding[]
  readonly proofs: ProofCounts
}

/** spec/09-audit.md#order step 4, as far as it is about one bundle. */
export function hashBundle({ files, primitives: { sha256 } }: Desk, { address, listed }: BundleFile): HashedBundle {
  const path = logTilePath(address)
  const ledger = newLedger()
  const bytes = readListed({ files, sha256, ledger }, path, listed)
  const bundle = bytes && readEntryBundle(bytes, address.width)
  const entries = bundle?.ok === true ? bundle.value : []
  const names = entries.map((entry, i) => {
    const read = readEntry(entry)
    if (read.ok) ledger.proofs.entries++
    else note(ledger, { ...read, path, index: address.index * tileWidth + i })
    return { sealed: read.ok && read.value.form === 'sealed' ? toBase64url(read.value.commitment) : null, read, entry }
  })
  return {
    leaves: leavesOf(sha256, entries),
    ...(bundle?.ok !== true && { failure: bundle ?? missing }),
    sids: names.map(({ read, entry }) =>
      read.ok && read.value.form === 'open' ? sidOf(entry.subarray(1), sha256) : null,
    ),
    commitments: names.map(({ sealed }) => sealed),
    findings: ledger.findings,
    proofs: ledger.proofs,
  }
}

const missing: Failure = { ok: false, code: 'evidence.missing', why: 'entries of the log' }

function leavesOf(sha256: Sha256, entries: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const leaves = new Uint8Array(entries.length * hashBytes)
  for (const [i, entry] of entries.entries()) leaves.set(leafHash(sha256, entry), i * hashBytes)
  return leaves
}

export const leafAt = (leaves: Uint8Array, i: number): Hash => leaves.subarray(i * hashBytes, (i + 1) * hashBytes)

const dot = 46

/** The statement id of a compact JWS: what stands before its last dot, hashed. */
export const sidOf = (jws: Uint8Array, sha256: Sha256): string =>
  toBase64url(sha256(jws.subarray(0, jws.lastIndexOf(dot))))

/** Entries again: they have been read and have led to the root. One bundle at a time is kept. */
export function entryReader({ files }: Pick<Desk, 'files'>, size: number): (index: number) => Entry | undefined {
  let [kept, entries]: [number, readonly Uint8Array[]] = [-1, []]
  return index => {
    const bundle = Math.floor(index / tileWidth)
    if (bundle !== kept) {
      const width = Math.min(tileWidth, size - bundle * tileWidth)
      const bytes = files.read(logTilePath({ level: 'entries', index: bundle, width }))
      const read = readEntryBundle(bytes ?? new Uint8Array(0), width)
      if (!read.ok) throw new Error('the folder changed while it was read')
      ;[kept, entries] = [bundle, read.value]
    }
    return entryAgain(entries[index % tileWidth] ?? new Uint8Array(0))
  }
}

/** The shape of an open entry has been checked, and is long: it is not checked once more. */
function entryAgain(bytes: Uint8Array): Entry | undefined {
  if (bytes[0] === openForm) return { form: 'open', jws: fromUtf8(bytes.subarray(1)) ?? '' }
  const read = readEntry(bytes)
  return read.ok ? read.value : undefined
}

const openForm = 2
