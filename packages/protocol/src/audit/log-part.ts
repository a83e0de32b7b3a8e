import type { Family } from '../charter/quorum.ts'
import { type Checkpoint, checkpointIn, openCheckpoint } from '../log/checkpoint.ts'
import { readNote } from '../log/note.ts'
import { type TileAddress, tileHashes, tileWidth, tilesForSize } from '../log/tiles.ts'
import { type Tree, createTree } from '../log/tree.ts'
import { toBase64url } from '../wire/base64.ts'
import { equalBytes } from '../wire/bytes.ts'
import type { Failure, Result } from '../wire/failure.ts'
import { type HashedBundle, leafAt } from './bundles.ts'
import { type Crew, type Desk, inTurn } from './crew.ts'
import { type Folder, type Reading, readListed, readListedText } from './files.ts'
import { checkpointPath, logTilePath, manifestPath, vkeyPath } from './folder.ts'
import { type Ledger, add, note } from './ledger.ts'

/** The log of a folder, once its entries have been shown to lead to the signed root. */
export type LogPart = {
  readonly vkey: string
  /** The signed checkpoint, as it came. */
  readonly signed: string
  readonly size: number
  readonly tree: Tree
  readonly names: Names
}

/** Who stands where: statement ids of open entries by index, indices of sealed ones by commitment as base64url. */
type Names = { readonly sids: ReadonlyMap<number, string>; readonly indexByCommitment: ReadonlyMap<string, number> }

export type AuditContext = Desk & {
  readonly folder: Folder
  readonly ledger: Ledger
  readonly crew: Crew
  /** What proves nothing about the log: spec/09-audit.md#without-a-family. */
  readonly without: Family | undefined
}

export const readingOf = ({ files, ledger, primitives: { sha256 } }: Desk & { readonly ledger: Ledger }): Reading => ({
  files,
  sha256,
  ledger,
})

/** spec/09-audit.md#order steps 3 to 5. undefined where the entries are not those that the log has signed. */
export async function readLog(context: AuditContext): Promise<LogPart | undefined> {
  const head = readHead(context)
  if (head === undefined) return undefined
  const { size, root } = head.checkpoint
  const tree = createTree(context.primitives.sha256)
  const names = await readEntries(context, size, tree)
  if (names === undefined) return undefined
  if (!equalBytes(tree.root(), root)) {
    return stop(context, { code: 'log.bad-tile', why: 'the entries lead to another root' }, 'log/tile/entries')
  }
  checkTiles(context, size, tree)
  const { vkey, signed } = head
  return { vkey, signed, size, tree, names }
}

function stop({ ledger }: AuditContext, failure: Omit<Failure, 'ok'>, path: string): undefined {
  note(ledger, { ...failure, path, severity: 'fatal' })
}

type Head = { readonly vkey: string; readonly signed: string; readonly checkpoint: Checkpoint }

/** The key is the folder's own word until the charter, further on, names the same one. */
function readHead(context: AuditContext): Head | undefined {
  const { folder } = context
  const open = (path: string) => readListedText(readingOf(context), path, folder.claim(path))
  const [vkey, signed] = [open(vkeyPath), open(checkpointPath)]
  const why = 'without it nothing can be checked'
  if (vkey === undefined) return stop(context, { code: 'evidence.missing', why }, vkeyPath)
  if (signed === undefined) return stop(context, { code: 'evidence.missing', why }, checkpointPath)
  const { size, root, files } = folder.manifest
  const checkpoint = openHead(context, { vkey, signed })
  if (!checkpoint.ok) return stop(context, checkpoint, checkpoint.code === 'log.bad-vkey' ? vkeyPath : checkpointPath)
  const same = { '/size': checkpoint.value.size === size, '/root': toBase64url(checkpoint.value.root) === root }
  const [at] = Object.entries(same).find(([, holds]) => !holds) ?? []
  if (at !== undefined) {
    return stop(context, { code: 'evidence.bad-manifest', at, why: 'the checkpoint has another' }, manifestPath)
  }
  // No loop below is longer than the folder has files for.
  if (Math.ceil(size / tileWidth) > files.length) return stop(context, { code: 'evidence.missing' }, 'log/tile/entries')
  return { vkey, signed, checkpoint: checkpoint.value }
}

function openHead(
  { folder, primitives, ledger, without }: AuditContext,
  { vkey, signed }: Omit<Head, 'checkpoint'>,
): Result<Checkpoint> {
  const { origin } = folder.manifest
  if (without !== 'ed25519') {
    const checkpoint = openCheckpoint({ note: signed, origin, vkey, primitives })
    if (checkpoint.ok) ledger.proofs.signatures++
    return checkpoint
  }
  const read = readNote(signed)
  return read.ok ? checkpointIn({ text: read.value.text, origin, sha256: primitives.sha256 }) : read
}

async function readEntries(context: AuditContext, size: number, tree: Tree): Promise<Names | undefined> {
  const { folder, ledger, crew } = context
  const names = { sids: new Map<number, string>(), indexByCommitment: new Map<string, number>() }
  const whole = await inTurn(crew.ways, bundlesOf(size), {
    start: address => crew.hash({ address, listed: folder.claim(logTilePath(address)) }),
    take(bundle, address) {
      const path = logTilePath(address)
      add(ledger, bundle)
      if (bundle.failure !== undefined) stop(context, bundle.failure, path)
      else addBundle({ ledger, names, tree, path }, bundle)
      return bundle.failure === undefined
    },
  })
  return whole ? names : undefined
}

type Adding = {
  readonly ledger: Ledger
  readonly names: { readonly sids: Map<number, string>; readonly indexByCommitment: Map<string, number> }
  readonly tree: Tree
  readonly path: string
}

function addBundle({ ledger, names, tree, path }: Adding, { leaves, sids, commitments }: HashedBundle): void {
  for (const [i, sid] of sids.entries()) {
    const [index, commitment] = [tree.size, commitments[i] ?? null]
    tree.append(leafAt(leaves, i))
    if (sid !== null) names.sids.set(index, sid)
    if (commitment === null) continue
    if (names.indexByCommitment.has(commitment)) note(ledger, { code: 'statement.duplicate', path, index })
    else names.indexByCommitment.set(commitment, index)
  }
}

const bundlesOf = (size: number): TileAddress[] => tilesForSize(size).filter(({ level }) => level === 'entries')

/** The tiles add nothing for us, who have every entry; whoever has only the tiles must find the same tree in them. */
function checkTiles(context: AuditContext, size: number, { read }: Tree): void {
  const { folder, ledger } = context
  for (const { level, index, width } of tilesForSize(size)) {
    if (level === 'entries') continue
    const path = logTilePath({ level, index, width })
    const listed = folder.claim(path)
    const bytes = readListed(readingOf(context), path, listed)
    if (bytes === undefined) {
      if (listed === undefined) note(ledger, { code: 'evidence.missing', why: 'a tile of the log', path })
      continue
    }
    if (equalBytes(bytes, tileHashes({ read, level, index, width }))) ledger.proofs.tiles++
    else note(ledger, { code: 'log.bad-tile', why: 'not the hashes of the entries', path })
  }
}
