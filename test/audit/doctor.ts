import { type Manifest, assert, manifestBytes, manifestPath, readManifest, toBase64url } from '@chancery/protocol'
import { primitives } from './story.ts'

type Folder = Map<string, Uint8Array>
type Change = (copy: Folder) => void

/** A forger who knows the format: the change, and a manifest that agrees with it. */
export function doctored(folder: Folder, change: Change, claims: Partial<Manifest> = {}): Folder {
  const copy = new Map(folder)
  change(copy)
  const manifest = manifestOf(folder)
  copy.delete(manifestPath)
  const { sha256 } = primitives
  const files = [...copy].map(([path, bytes]) => ({ path, sha256: toBase64url(sha256(bytes)), size: bytes.length }))
  files.sort((a, b) => (a.path < b.path ? -1 : 1))
  return copy.set(manifestPath, manifestBytes({ ...manifest, ...claims, files }))
}

export function manifestOf(folder: ReadonlyMap<string, Uint8Array>): Manifest {
  const read = readManifest(folder.get(manifestPath) ?? new Uint8Array(0))
  assert(read.ok, 'the folder was assembled')
  return read.value
}

export function flipped(bytes: Uint8Array, at: number, bit = 0): Uint8Array {
  const copy = Uint8Array.from(bytes)
  copy[at] = (copy[at] ?? 0) ^ (1 << bit)
  return copy
}
