import { toBase64url } from '../wire/base64.ts'
import { type Sha256, fromUtf8 } from '../wire/bytes.ts'
import { type Manifest, manifestPath, readManifest } from './folder.ts'
import { type Ledger, note } from './ledger.ts'

/** An evidence folder as it lies there: paths with forward slashes, and the bytes of one file at a time. */
export type FolderFiles = {
  /** Every path there is, and whether it is a plain file: links and devices are found, and never followed. */
  readonly list: () => Iterable<{ readonly path: string; readonly plain: boolean }>
  readonly read: (path: string) => Uint8Array | undefined
}

/** What the manifest says of a file, and whether a plain file lies there: nothing else is ever read. */
export type Listed = { readonly sha256: string; readonly size: number; readonly there: boolean }

/** A folder with a manifest that reads. */
export type Folder = {
  readonly manifest: Manifest
  /** Listed paths below a folder. */
  readonly paths: (below: string) => readonly string[]
  /** What is listed for a path that a step asks for; whoever asks reads the file. */
  readonly claim: (path: string) => Listed | undefined
  /** The same file again, unchecked. */
  readonly again: (path: string) => Uint8Array | undefined
  /** Whether a file that opens no entry lies there as listed. What does not is found here, and is asked for no more. */
  readonly isWhole: (path: string) => boolean
  /** Nothing will ask for this file, because another one is not whole: it is no finding that nothing does. */
  readonly excuse: (path: string) => void
  /** Opens whatever no step has asked for, and finds that nothing names it. */
  readonly close: () => void
}

/** spec/09-audit.md#order steps 1 and 2. undefined where nothing can be made of the folder. */
export function openFolder(files: FolderFiles, sha256: Sha256, ledger: Ledger): Folder | undefined {
  const bytes = files.read(manifestPath)
  const fatal = { path: manifestPath, severity: 'fatal' } as const
  if (bytes === undefined) {
    note(ledger, { code: 'evidence.bad-manifest', why: 'there is no manifest', ...fatal })
    return undefined
  }
  const read = readManifest(bytes)
  if (!read.ok) {
    note(ledger, { ...read, ...fatal })
    return undefined
  }
  const rows = new Map(read.value.files.map(({ path, ...file }) => [path, { ...file, ...unread }]))
  for (const path of strayPaths(files, rows)) {
    note(ledger, { code: 'evidence.unreferenced', why: 'the manifest does not list it', path })
  }
  return folderOf({ files, manifest: read.value, rows, sha256, ledger })
}

type Row = { readonly sha256: string; readonly size: number; there: boolean; claimed: boolean; excused: boolean }

const unread = { there: false, claimed: false, excused: false }

/** Marks the rows of files that lie there, and returns what no row is for. */
function strayPaths(files: FolderFiles, rows: ReadonlyMap<string, Row>): string[] {
  const stray: string[] = []
  for (const { path, plain } of files.list()) {
    const row = rows.get(path)
    if (row !== undefined) row.there = plain
    else if (path !== manifestPath) stray.push(path)
  }
  return stray.toSorted()
}

export type Reading = { readonly files: FolderFiles; readonly sha256: Sha256; readonly ledger: Ledger }
type Source = Reading & { readonly manifest: Manifest; readonly rows: ReadonlyMap<string, Row> }

function folderOf({ manifest, rows, ...reading }: Source): Folder {
  const { files, ledger } = reading
  return {
    manifest,
    paths: below => [...rows.keys()].filter(path => path.startsWith(below)),
    claim(path) {
      const row = rows.get(path)
      if (row !== undefined) row.claimed = true
      return row
    },
    again: path => (rows.get(path)?.there === true ? files.read(path) : undefined),
    isWhole(path) {
      const row = rows.get(path)
      const bytes = row?.there === true ? files.read(path) : undefined
      if (row === undefined || (bytes !== undefined && isAsListed(reading.sha256, bytes, row))) return true
      row.claimed = true
      readListed(reading, path, row)
      return false
    },
    excuse(path) {
      const row = rows.get(path)
      if (row !== undefined) row.excused = true
    },
    close() {
      for (const [path, row] of rows) {
        if (row.claimed || readListed(reading, path, row) === undefined || row.excused) continue
        note(ledger, { code: 'evidence.unreferenced', why: 'nothing in the log names it', path })
      }
    },
  }
}

/** The bytes, held against the manifest; what differs is a finding, and the step goes on with what is there. */
export function readListed(
  { files, sha256, ledger }: Reading,
  path: string,
  listed: Listed | undefined,
): Uint8Array | undefined {
  if (listed === undefined) return undefined
  const bytes = listed.there ? files.read(path) : undefined
  if (bytes === undefined) note(ledger, { code: 'evidence.missing', why: 'the manifest lists it', path })
  else if (isAsListed(sha256, bytes, listed)) ledger.proofs.digests++
  else note(ledger, { code: 'evidence.altered', why: 'not the bytes that the manifest names', path })
  return bytes
}

const isAsListed = (sha256: Sha256, bytes: Uint8Array, listed: Listed): boolean =>
  bytes.length === listed.size && toBase64url(sha256(bytes)) === listed.sha256

export function readListedText(reading: Reading, path: string, listed: Listed | undefined): string | undefined {
  const bytes = readListed(reading, path, listed)
  const text = bytes && fromUtf8(bytes)
  if (bytes !== undefined && text === undefined) note(reading.ledger, { code: 'bytes.not-utf8', path })
  return text
}
