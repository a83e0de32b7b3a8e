import {
  type Stats,
  closeSync,
  constants,
  existsSync,
  fstatSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { randomUUID } from 'node:crypto'
import { type Json, canonicalBytes, check, readCanonical } from '@chancery/protocol'
import type { z } from 'zod'
import { type Answer, type OwnCode, ok, refuse } from './refusal.ts'

/** Whom a file or folder is for: secrets and what vouches for them are nobody's but their owner's. */
export type Readers = 'owner' | 'everyone'
const fileModes: Readonly<Record<Readers, number>> = { owner: 0o600, everyone: 0o644 }
const folderModes: Readonly<Record<Readers, number>> = { owner: 0o700, everyone: 0o755 }

/** Whole or not at all, and durable when it returns: a temporary file, fsync, rename, fsync of the folder. */
export function writeDurably(path: string, bytes: Uint8Array | string): void {
  const folder = dirname(path)
  const temporary = join(folder, `.${basename(path)}.${randomUUID()}`)
  const last = () => {
    renameSync(temporary, path)
    syncFolder(folder)
  }
  try {
    create(temporary, { bytes, mode: fileModes.owner, last })
  } catch (cause) {
    throw cannotWrite(path, cause)
  }
}

/** A file that a person names is made, never written over: no document, no device, nothing that a link leads to. */
export function writeNew(path: string, bytes: Uint8Array | string, readers: Readers): Answer<void> {
  try {
    create(path, { bytes, mode: fileModes[readers], last: () => syncFolder(dirname(path)) })
    return ok(undefined)
  } catch (error) {
    return refusePlace(path, error)
  }
}

/** Said before the passphrase is asked for. That nothing is written over, `writeNew` alone makes sure. */
export const checkNew = (path: string): Answer<void> =>
  lstatSync(path, { throwIfNoEntry: false }) === undefined ? ok(undefined) : refuse('home.exists', path, otherName)

const otherName = 'name another file, or move this one away'

/** The folder that a person names, for many files that are made in it. */
export function newFolder(path: string, readers: Readers): Answer<void> {
  try {
    if (namesIn(path).length > 0) return refuse('file.not-empty', path, 'name a new folder')
    makeFolder(path, readers)
    return ok(undefined)
  } catch (error) {
    return refusePlace(path, error)
  }
}

/** One of many files, in a folder made for them: not durable by itself. */
export function addFile(path: string, bytes: Uint8Array, readers: Readers): void {
  try {
    makeFolder(dirname(path), readers)
    writeFileSync(path, bytes, { flag: 'wx', mode: fileModes[readers] })
  } catch (cause) {
    throw cannotWrite(path, cause)
  }
}

type Made = { readonly bytes: Uint8Array | string; readonly mode: number; readonly last: () => void }

/** A file that was not there, or is not there again where anything fails. */
function create(path: string, { bytes, mode, last }: Made): void {
  const file = openSync(path, 'wx', mode)
  try {
    try {
      writeAll(file, typeof bytes === 'string' ? new TextEncoder().encode(bytes) : bytes)
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
    last()
  } catch (error) {
    rmSync(path, { force: true })
    throw error
  }
}

function writeAll(file: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length;) done += writeSync(file, bytes, done)
}

const cannotWrite = (path: string, cause: unknown): Error => new Error(`cannot write ${path}`, { cause })

/** A place that was named wrongly is refused by its own name; a disk that is full is a fault. */
function refusePlace(path: string, cause: unknown): Answer<void> {
  const code = codeOf(cause)
  if (code === 'EEXIST') return refuse('home.exists', path, otherName)
  if (code === 'ENOENT') return refuse('file.unwritable', path, `there is no folder ${dirname(path)}`)
  if (code === 'ENOTDIR') return refuse('file.unwritable', path, 'a file stands where a folder is needed')
  if (code === 'EROFS') return refuse('file.unwritable', path, 'nothing can be written there; name another place')
  const isForbidden = code === 'EACCES' || code === 'EPERM'
  if (isForbidden) return refuse('file.unwritable', path, 'this user may not write there; name another place')
  throw cannotWrite(path, cause)
}

export function removeDurably(path: string): void {
  rmSync(path, { force: true })
  syncFolder(dirname(path))
}

function syncFolder(folder: string): void {
  const file = openSync(folder, 'r')
  try {
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}

/** One level after the other: where a folder cannot be made, as under /proc, Node's own recursive way never returns. */
export function makeFolder(path: string, readers: Readers = 'owner'): void {
  if (existsSync(path)) return
  makeFolder(dirname(path), readers)
  try {
    mkdirSync(path, { mode: folderModes[readers] })
  } catch (error) {
    // Another process of this node was first.
    if (codeOf(error) !== 'EEXIST') throw error
  }
}

/** Names in a folder, sorted; none where there is no folder. Temporary files of a crash are let be. */
export function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter(name => !name.startsWith('.'))
      .sort()
  } catch (error) {
    if (isAbsent(error)) return []
    throw error
  }
}

const codeOf = (error: unknown): string | undefined => (error as { code?: string }).code
export const isAbsent = (error: unknown): boolean => codeOf(error) === 'ENOENT'

/** A secret of a home is never a link; one that a person names may be, or a pipe. */
type Reading = { readonly bytesMax: number; readonly secret?: 'own' | 'given' }

/** undefined where there is no such file. A secret that others may read is refused before a byte of it is used. */
export function readBounded(path: string, { bytesMax, secret }: Reading): Answer<Uint8Array | undefined> {
  let file: number
  try {
    file = openSync(path, constants.O_RDONLY | (secret === 'own' ? constants.O_NOFOLLOW : 0))
  } catch (error) {
    if (isAbsent(error)) return ok(undefined)
    return refuse('file.unreadable', path, (error as Error).message)
  }
  try {
    const stats = fstatSync(file)
    const kept = secret === undefined || !stats.isFile() ? ok(undefined) : checkMode(path, stats)
    if (!kept.ok) return kept
    if (stats.size > bytesMax) return refuse('bytes.too-large', path, `at most ${bytesMax} bytes`)
    return ok(readFileSync(file))
  } catch (error) {
    return refuse('file.unreadable', path, (error as Error).message)
  } finally {
    closeSync(file)
  }
}

/** A secret or a home that is there has the modes of one: nobody else reads the file, or writes to the folder. */
export function checkOwn(path: string): Answer<void> {
  const stats = statSync(path, { throwIfNoEntry: false })
  return stats === undefined ? ok(undefined) : checkMode(path, stats)
}

function checkMode(path: string, stats: Stats): Answer<void> {
  const [tooWide, cure] = stats.isDirectory() ? [0o022, '700'] : [0o077, '600']
  if ((stats.mode & tooWide) === 0) return ok(undefined)
  const shown = (stats.mode & 0o777).toString(8).padStart(4, '0')
  return refuse('home.wrong-mode', path, `its mode is ${shown}; run: chmod ${cure} ${path}`)
}

/** A file of our own: canonical JSON of a closed shape. undefined where there is none. */
export function readOwnJson<T>(
  path: string,
  schema: z.ZodType<T>,
  { code, ...reading }: Reading & { readonly code: OwnCode },
): Answer<T | undefined> {
  const bytes = readBounded(path, reading)
  if (!bytes.ok) return bytes
  if (bytes.value === undefined) return ok(undefined)
  const json = readCanonical(bytes.value, path)
  if (!json.ok) return refuse(code, path, json.why ?? json.code)
  const value = check(schema, json.value, 'statement.bad-schema')
  return value.ok ? value : refuse(code, `${path}${value.at ?? ''}`, value.why)
}

export const writeOwnJson = (path: string, value: Json): void => writeDurably(path, canonicalBytes(value))

/** A file a person names: it must be there. */
export function readGiven(path: string, bytesMax: number, secret?: 'given'): Answer<Uint8Array> {
  const bytes = readBounded(path, { bytesMax, ...(secret && { secret }) })
  if (!bytes.ok) return bytes
  return bytes.value === undefined ? refuse('file.unreadable', path, 'there is no such file') : ok(bytes.value)
}
