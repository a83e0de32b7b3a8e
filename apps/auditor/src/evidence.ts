import { closeSync, constants, fstatSync, openSync, readSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { type FolderFiles, cut } from '@chancery/protocol'

/** More than any part can have: a bundle of 256 entries is 16 MiB, and the manifest of a million statements 300 MB. */
const bytesMax = 2 ** 29
const firstRead = 2 ** 16

/**
 * A folder on disk, one file in memory at a time. Only what a walk has found is ever opened, so no path leads outside;
 * links and devices are listed, so that they are found, and never followed. A disk that cannot be read throws.
 */
export function openEvidence(folder: string): FolderFiles {
  const found = new Map<string, Found>()
  walk(folder, '', each => found.set(each.path, each))
  const { read } = partsOf(folder)
  return {
    list: () => found.values(),
    read: path => (found.get(path)?.plain === true ? read(path) : undefined),
  }
}

/** For whoever asks only for files that a walk has found to be plain. */
export function partsOf(folder: string): FolderFiles {
  const scratch = new Uint8Array(firstRead)
  return { list: () => [], read: path => readPart(`${folder}/${path}`, scratch) }
}

type Found = { readonly path: string; readonly plain: boolean }

function walk(folder: string, under: string, find: (found: Found) => void): void {
  for (const entry of readdirSync(join(folder, under), { withFileTypes: true })) {
    const path = under === '' ? entry.name : `${under}/${entry.name}`
    if (entry.isDirectory()) walk(folder, path, find)
    else find({ path, plain: entry.isFile() })
  }
}

function readPart(path: string, scratch: Uint8Array): Uint8Array | undefined {
  const file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW)
  try {
    const length = readSync(file, scratch)
    if (length < scratch.length) return copied(scratch.subarray(0, length))
    const { size } = fstatSync(file)
    return size > bytesMax ? undefined : readWhole(file, new Uint8Array(size))
  } finally {
    closeSync(file)
  }
}

/** A part is judged and let go of: none is kept, or sent to another thread. */
function copied(bytes: Uint8Array): Uint8Array {
  const copy = cut(bytes.length)
  copy.set(bytes)
  return copy
}

function readWhole(file: number, bytes: Uint8Array): Uint8Array {
  for (let at = 0; at < bytes.length;) {
    const length = readSync(file, bytes, at, bytes.length - at, at)
    if (length === 0) return bytes.subarray(0, at)
    at += length
  }
  return bytes
}
