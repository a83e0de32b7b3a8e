import { type Checkpoint, openCheckpoint } from '../log/checkpoint.ts'
import { type Entry, readEntry } from '../log/entry.ts'
import { leafHash } from '../log/merkle.ts'
import { readEntryBundle, tileHashes, tileWidth, tilesForSize } from '../log/tiles.ts'
import { type Tree, createTree } from '../log/tree.ts'
import { toBase64url } from '../wire/base64.ts'
import { equalBytes, fromUtf8 } from '../wire/bytes.ts'
import type { Failure } from '../wire/failure.ts'
import type { Primitives } from '../wire/primitives.ts'
import type { Folder } from './files.ts'
import { checkpointPath, logTilePath, manifestPath, vkeyPath } from './folder.ts'
import { type Ledger, note } from './ledger.ts'

/** The log of a folder, once its entries have been shown to lead to the signed root. */
export type LogPart = {
  readonly vkey: string
  /** The signed checkpoint, as it came. */
  readonly signed: string
  readonly size: number
  readonly tree: Tree
  readonly names: Names
  readonly entryAt: (index: number) => Entry | undefined
}

/** Who stands where: statement ids of open entries by index, indices of sealed ones by commitment as base64url. */
type Names = { readonly sids: ReadonlyMap<number, string>; readonly indexByCommitment: ReadonlyMap<string, number> }

export type AuditContext = { readonly folder: Folder; readonly primitives: Primitives; readonly ledger: Ledger }

/** spec/09-audit.md#order steps 3 to 5. undefined where the entries are not those that the log has signed. */
export function readLog(context: AuditContext): LogPart | undefined {
  const head = readHead(context)
  if (head === undefined) return undefined
  const { size, root } = head.checkpoint
  const tree = createTree(context.primitives.sha256)
  const names = readEntries(context, size, tree)
  if (names === undefined) return undefined
  if (!equalBytes(tree.root(), root)) {
    return stop(context, { code: 'log.bad-tile', why: 'the entries lead to another root' }, 'log/tile/entries')
  }
  checkTiles(context, size, tree)
  const { vkey, signed } = head
  return { vkey, signed, size, tree, names, entryAt: entryReader(context.folder, size, names.sids) }
}

function stop({ ledger }: AuditContext, failure: Omit<Failure, 'ok'>, path: string): undefined {
  note(ledger, { ...failure, path, severity: 'fatal' })
}

type Head = { readonly vkey: string; readonly signed: string; readonly checkpoint: Checkpoint }

/** The key is the folder's own word until the charter, further on, names the same one. */
function readHead(context: AuditContext): Head | undefined {
  const { folder, primitives, ledger } = context
  const [vkey, signed] = [folder.openText(vkeyPath), folder.openText(checkpointPath)]
  const why = 'without it nothing can be checked'
  if (vkey === undefined) return stop(context, { code: 'evidence.missing', why }, vkeyPath)
  if (signed === undefined) return stop(context, { code: 'evidence.missing', why }, checkpointPath)
  const { origin, size, root, files } = folder.manifest
  const checkpoint = openCheckpoint({ note: signed, origin, vkey, primitives })
  if (!checkpoint.ok) return stop(context, checkpoint, checkpoint.code === 'log.bad-vkey' ? vkeyPath : checkpointPath)
  ledger.proofs.signatures++
  const same = { '/size': checkpoint.value.size === size, '/root': toBase64url(checkpoint.value.root) === root }
  const [at] = Object.entries(same).find(([, holds]) => !holds) ?? []
  if (at !== undefined) {
    return stop(context, { code: 'evidence.bad-manifest', at, why: 'the checkpoint has another' }, manifestPath)
  }
  // No loop below is longer than the folder has files for.
  if (Math.ceil(size / tileWidth) > files.length) return stop(context, { code: 'evidence.missing' }, 'log/tile/entries')
  return { vkey, signed, checkpoint: checkpoint.value }
}

function readEntries(context: AuditContext, size: number, tree: Tree): Names | undefined {
  const {
    folder,
    primitives: { sha256 },
    ledger,
  } = context
  const sids = new Map<number, string>()
  const indexByCommitment = new Map<string, number>()
  for (const address of bundlesOf(size)) {
    const path = logTilePath(address)
    const bytes = folder.open(path)
    if (bytes === undefined) return stop(context, { code: 'evidence.missing', why: 'entries of the log' }, path)
    const bundle = readEntryBundle(bytes, address.width)
    if (!bundle.ok) return stop(context, bundle, path)
    for (const entry of bundle.value) {
      const index = tree.size
      tree.append(leafHash(sha256, entry))
      const read = readEntry(entry)
      if (!read.ok) note(ledger, { ...read, path, index })
      else if (read.value.form === 'sealed') {
        const name = toBase64url(read.value.commitment)
        if (indexByCommitment.has(name)) note(ledger, { code: 'statement.duplicate', path, index })
        else indexByCommitment.set(name, index)
      } else sids.set(index, sidOf(entry.subarray(1), sha256))
      if (read.ok) ledger.proofs.entries++
    }
  }
  return { sids, indexByCommitment }
}

const dot = 46

/** The statement id of a compact JWS: what stands before its last dot, hashed. */
export const sidOf = (jws: Uint8Array, sha256: Primitives['sha256']): string =>
  toBase64url(sha256(jws.subarray(0, jws.lastIndexOf(dot))))

const bundlesOf = (size: number) => tilesForSize(size).filter(({ level }) => level === 'entries')

/** The tiles add nothing for us, who have every entry; whoever has only the tiles must find the same tree in them. */
function checkTiles({ folder, ledger }: AuditContext, size: number, { read }: Tree): void {
  for (const { level, index, width } of tilesForSize(size)) {
    if (level === 'entries') continue
    const path = logTilePath({ level, index, width })
    const bytes = folder.open(path)
    if (bytes === undefined) {
      if (!folder.has(path)) note(ledger, { code: 'evidence.missing', why: 'a tile of the log', path })
      continue
    }
    if (equalBytes(bytes, tileHashes({ read, level, index, width }))) ledger.proofs.tiles++
    else note(ledger, { code: 'log.bad-tile', why: 'not the hashes of the entries', path })
  }
}

/** Entries again, in order: they have been read and have led to the root. One bundle at a time is kept. */
function entryReader(folder: Folder, size: number, sids: Names['sids']): (index: number) => Entry | undefined {
  let [kept, entries]: [number, readonly Uint8Array[]] = [-1, []]
  return index => {
    const bundle = Math.floor(index / tileWidth)
    if (bundle !== kept) {
      const width = Math.min(tileWidth, size - bundle * tileWidth)
      const bytes = folder.again(logTilePath({ level: 'entries', index: bundle, width }))
      const read = readEntryBundle(bytes ?? new Uint8Array(0), width)
      if (!read.ok) throw new Error('the folder changed while it was read')
      ;[kept, entries] = [bundle, read.value]
    }
    const bytes = entries[index % tileWidth] ?? new Uint8Array(0)
    if (sids.has(index)) return { form: 'open', jws: fromUtf8(bytes.subarray(1)) ?? '' }
    const sealed = readEntry(bytes)
    return sealed.ok ? sealed.value : undefined
  }
}
