import { z } from 'zod'
import { type TileAddress, parseTilePath, tilePath } from '../log/tiles.ts'
import { canonicalBytes, readCanonical } from '../wire/canonical.ts'
import { check } from '../wire/check.ts'
import { type Result, fail } from '../wire/failure.ts'
import { Digest, Index, Line, MemberId, Sid, Size, ascending } from '../wire/shapes.ts'

/** What a file of an evidence folder is, by its path: spec/09-audit.md#folder. */
export type FolderPart =
  | { readonly is: 'manifest' | 'checkpoint' | 'vkey' }
  | { readonly is: 'tile'; readonly address: TileAddress }
  | { readonly is: 'statement' | 'charter' | 'receipt'; readonly sid: string }
  | { readonly is: 'note'; readonly hash: string }

export const manifestPath = 'manifest.json'
export const checkpointPath = 'log/checkpoint'
export const vkeyPath = 'log/vkey'
export const logTilePath = (address: TileAddress): string => `log/${tilePath(address)}`
export const receiptPath = (sid: string): string => `receipts/${sid}.tlog-proof`
/** A note that a quorum has cosigned, by the SHA-256 that `seen` names. */
export const notePath = (hash: string): string => `notes/${hash}`
/** Adoptions lie apart: whoever opens the folder finds the charter first. */
export const statementPath = ({ kind, sid }: { readonly kind: string; readonly sid: string }): string =>
  `${kind === 'charter.adopt' ? 'charter' : 'statements'}/${sid}.jws`

// The last character of a sid carries four bits: one spelling for each.
const named = /^(charter|statements|receipts)\/([A-Za-z0-9_-]{42}[AEIMQUYcgkosw048])\.(jws|tlog-proof)$/
const noteNamed = /^notes\/([A-Za-z0-9_-]{42}[AEIMQUYcgkosw048])$/
const kindOfFolder = { charter: 'charter', statements: 'statement', receipts: 'receipt' } as const

/** undefined for a path that no part has: there is one spelling for each part and no room for anything else. */
export function partOf(path: string): FolderPart | undefined {
  if (path === manifestPath) return { is: 'manifest' }
  if (path === checkpointPath) return { is: 'checkpoint' }
  if (path === vkeyPath) return { is: 'vkey' }
  if (path.startsWith('log/tile/')) {
    const address = parseTilePath(path.slice('log/'.length))
    return address.ok ? { is: 'tile', address: address.value } : undefined
  }
  const [, hash] = noteNamed.exec(path) ?? []
  if (hash !== undefined) return { is: 'note', hash }
  const [, folder, sid, ending] = named.exec(path) ?? []
  if (sid === undefined || (folder === 'receipts') !== (ending === 'tlog-proof')) return undefined
  return { is: kindOfFolder[folder as keyof typeof kindOfFolder], sid }
}

/** One file as the manifest names it: SHA-256 as base64url, and how many bytes. */
export const ManifestFile = z.strictObject({ path: z.string().max(256), sha256: Digest, size: Index })
export type ManifestFile = z.infer<typeof ManifestFile>

export const Manifest = z.strictObject({
  exported_by: MemberId,
  files: z.array(ManifestFile),
  genesis: Sid,
  origin: Line,
  /** Whom the folder is for: it holds all that this reader may have. A tier, or a reader by its name. */
  reader: Line,
  root: Digest,
  size: Size,
  v: z.literal(1),
})
export type Manifest = z.infer<typeof Manifest>

export const manifestBytes = (manifest: Manifest): Uint8Array<ArrayBuffer> => canonicalBytes(manifest)

/** spec/09-audit.md#order step 1: canonical, closed, and each file listed once, by a path that some part has. */
export function readManifest(bytes: Uint8Array): Result<Manifest> {
  const json = readCanonical(bytes, manifestPath)
  if (!json.ok) return fail('evidence.bad-manifest', json.at, json.why ?? json.code)
  const manifest = check(Manifest, json.value, 'evidence.bad-manifest', '')
  if (!manifest.ok) return manifest
  const { files } = manifest.value
  const sorted = ascending(files.map(({ path }) => path))
  if (!sorted) return fail('evidence.bad-manifest', '/files', 'sorted paths, none twice')
  const stray = files.findIndex(({ path }) => path === manifestPath || partOf(path) === undefined)
  return stray < 0 ? manifest : fail('evidence.bad-manifest', `/files/${stray}/path`, 'no part has this path')
}
