import { toBase64url } from '../wire/base64.ts'
import { type Sha256, fromUtf8 } from '../wire/bytes.ts'
import { type Manifest, manifestPath, readManifest } from './folder.ts'
import { type Ledger, note } from './ledger.ts'

/** An evidence folder as it lies there: paths with forward slashes, and the bytes of one file at a time. */
export type FolderFiles = {
  readonly list: () => readonly string[]
  readonly read: (path: string) => Uint8Array | undefined
}

/** A folder with a manifest that reads. Each file that a step asks for is held against the manifest when it is read. */
export type Folder = {
  readonly manifest: Manifest
  readonly has: (path: string) => boolean
  /** Listed paths below a folder. */
  readonly paths: (below: string) => readonly string[]
  /** The bytes, held against their digest; what differs is a finding, and the step goes on with what is there. */
  readonly open: (path: string) => Uint8Array | undefined
  readonly openText: (path: string) => string | undefined
  /** The same file again, unchecked. */
  readonly again: (path: string) => Uint8Array | undefined
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
  const { files: listed } = read.value
  const rows = new Map(listed.map(({ path, sha256: digest, size }) => [path, { digest, size, opened: false }]))
  for (const path of files
    .list()
    .filter(each => each !== manifestPath && !rows.has(each))
    .toSorted()) {
    note(ledger, { code: 'evidence.unreferenced', why: 'the manifest does not list it', path })
  }
  return folderOf({ files, manifest: read.value, rows, sha256, ledger })
}

/** What the manifest says of a file, and whether a step has asked for it. */
type Row = { readonly digest: string; readonly size: number; opened: boolean }

type Source = {
  readonly files: FolderFiles
  readonly manifest: Manifest
  readonly rows: ReadonlyMap<string, Row>
  readonly sha256: Sha256
  readonly ledger: Ledger
}

function folderOf({ files, manifest, rows, sha256, ledger }: Source): Folder {
  const open = (path: string): Uint8Array | undefined => {
    const row = rows.get(path)
    if (row === undefined) return undefined
    row.opened = true
    const bytes = files.read(path)
    if (bytes === undefined) note(ledger, { code: 'evidence.missing', why: 'the manifest lists it', path })
    else if (bytes.length === row.size && toBase64url(sha256(bytes)) === row.digest) ledger.proofs.digests++
    else note(ledger, { code: 'evidence.altered', why: 'not the bytes that the manifest names', path })
    return bytes
  }
  return {
    manifest,
    has: path => rows.has(path),
    paths: below => [...rows.keys()].filter(path => path.startsWith(below)),
    open,
    openText(path) {
      const bytes = open(path)
      const text = bytes && fromUtf8(bytes)
      if (bytes !== undefined && text === undefined) note(ledger, { code: 'bytes.not-utf8', path })
      return text
    },
    again: path => files.read(path),
    close() {
      for (const [path, { opened }] of rows) {
        if (opened || open(path) === undefined) continue
        note(ledger, { code: 'evidence.unreferenced', why: 'nothing in the log names it', path })
      }
    },
  }
}
