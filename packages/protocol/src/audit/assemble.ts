import type { CharterState } from '../charter/fold.ts'
import { readEntry } from '../log/entry.ts'
import { type HashReader, rootAt } from '../log/merkle.ts'
import { entryBundle, tileHashes, tileWidth, tilesForSize } from '../log/tiles.ts'
import { isAllowed, sliceOf } from '../sharing/decide.ts'
import { folderReader } from '../sharing/reader.ts'
import type { Subject } from '../sharing/rules.ts'
import { byPlace, formatTierCopy } from '../statement/tearline.ts'
import { type LogView, type Placed, withDisputes } from '../view/call-out-state.ts'
import { subjectsOf } from '../view/facts.ts'
import { openedByReleases } from '../view/opened.ts'
import { releaseControl } from '../view/release-control.ts'
import { toBase64url } from '../wire/base64.ts'
import { type Sha256, compareText, utf8 } from '../wire/bytes.ts'
import { assert } from '../wire/failure.ts'
import {
  type Manifest,
  checkpointPath,
  logTilePath,
  manifestBytes,
  manifestPath,
  notePath,
  receiptPath,
  statementPath,
  vkeyPath,
} from './folder.ts'
import { receiptWriter } from '../log/receipts.ts'

/** A statement as one reader may have it, and its place in the log. */
export type Exhibit = {
  readonly index: number
  readonly sid: string
  readonly kind: string
  /** Without disclosures. */
  readonly jws: string
  /** In the order of their labels. */
  readonly disclosures: readonly string[]
}

export type EvidenceParts = {
  readonly primitives: { readonly sha256: Sha256 }
  /** Whom the folder is for, as `selectFor` takes it. */
  readonly reader: string
  readonly exportedBy: string
  /** Statement id of the genesis charter. */
  readonly genesis: string
  readonly origin: string
  readonly vkey: string
  /** The signed checkpoint, as it came, and the size it signs. */
  readonly checkpoint: string
  readonly size: number
  readonly entry: (index: number) => Uint8Array
  readonly read: HashReader
  readonly exhibits: readonly Exhibit[]
  /** Notes that a quorum has cosigned, by their hash: those that the exhibits have seen, and the first over each. */
  readonly notes?: ReadonlyMap<string, string>
}

/** spec/09-audit.md#folder: every file of an evidence folder by its path. The same parts give the same bytes. */
export function assembleEvidence(parts: EvidenceParts): Map<string, Uint8Array> {
  const {
    primitives: { sha256 },
    origin,
    size,
    read,
    genesis,
    reader,
  } = parts
  const files = new Map<string, Uint8Array>([...logFiles(parts), ...exhibitFiles(parts), ...noteFiles(parts)])
  const root = toBase64url(rootAt({ sha256, size, read }))
  const listed = [...files].map(([path, bytes]) => ({ path, sha256: toBase64url(sha256(bytes)), size: bytes.length }))
  const manifest: Manifest = {
    exported_by: parts.exportedBy,
    files: listed.sort((a, b) => compareText(a.path, b.path)),
    genesis,
    origin,
    reader,
    root,
    size,
    v: 1,
  }
  return files.set(manifestPath, manifestBytes(manifest))
}

function* logFiles({ checkpoint, vkey, size, entry, read }: EvidenceParts): Iterable<[string, Uint8Array]> {
  yield [checkpointPath, utf8(checkpoint)]
  yield [vkeyPath, utf8(vkey)]
  for (const address of tilesForSize(size)) {
    const { level, index, width } = address
    yield [logTilePath(address), level === 'entries' ? bundle(index, width) : tileHashes({ read, level, index, width })]
  }
  function bundle(index: number, width: number): Uint8Array {
    return entryBundle(Array.from({ length: width }, (_, i) => entry(index * tileWidth + i)))
  }
}

function* noteFiles({ notes = new Map() }: EvidenceParts): Iterable<[string, Uint8Array]> {
  for (const [hash, note] of notes) yield [notePath(hash), utf8(note)]
}

function* exhibitFiles(parts: EvidenceParts): Iterable<[string, Uint8Array]> {
  const {
    primitives: { sha256 },
    checkpoint,
    size,
    entry,
    read,
    exhibits,
  } = parts
  const receipt = receiptWriter({ sha256, size, read, checkpoint })
  for (const { index, sid, kind, jws, disclosures } of exhibits) {
    assert(index < size, 'what is exported stands before the checkpoint')
    const form = readEntry(entry(index))
    assert(form.ok, 'our own log has entries')
    yield [statementPath({ kind, sid }), utf8(formatTierCopy(jws, disclosures))]
    yield [receiptPath(sid), utf8(receipt(index, form.value.form === 'sealed' ? form.value.tag : undefined))]
  }
}

/**
 * What one reader may have of a log: each statement and tear line that `decide` lets it see, with all that has been
 * opened and granted at the size of the view and the moment given. `placed` is in log order, whole or as held.
 */
export function selectFor({
  reader: name,
  charter,
  placed,
  view,
  moment,
}: {
  /** As the manifest names it: a tier, or a reader of the charter by its name. */
  readonly reader: string
  readonly charter: CharterState
  readonly placed: readonly Placed[]
  readonly view: LogView
  /** Seconds since 1970, by the clock of whoever hands the folder over. */
  readonly moment: number
}): readonly Exhibit[] {
  const reader = folderReader(charter, name)
  assert(reader !== undefined, 'a folder is for a reader that the charter knows')
  const at = { size: view.size, moment }
  const stood = withDisputes(charter, placed)
  const facts = { control: releaseControl(stood, at), released: openedByReleases(stood, view), at }
  const maySee = (subject: Subject) => isAllowed(subject, reader, 'see', at)
  return placed.flatMap(({ statement, index }) => {
    if (index >= view.size) return []
    const seen = subjectsOf(statement, facts, { reader: name }).filter(({ subject }) => maySee(subject))
    const readable = new Set(seen.map(({ slot }) => slot))
    if (!readable.has(undefined)) return []
    const { sid, kind, jws } = statement
    const lines = statement.lines.filter(({ label }) => readable.has(label))
    const slices = statement.slices.filter(({ to }) => maySee(sliceOf(statement, to)))
    const disclosures = [...lines, ...slices].sort(byPlace).map(({ disclosure }) => disclosure)
    return [{ index, sid, kind, jws, disclosures }]
  })
}
