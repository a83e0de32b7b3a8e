import {
  closeSync,
  constants,
  existsSync,
  fstatSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { randomUUID } from 'node:crypto'
import { type Json, canonicalBytes, check, readCanonical } from '@chancery/protocol'
import type { z } from 'zod'
import { type Answer, type OwnCode, ok, refuse } from './refusal.ts'

/** Secrets and what vouches for them: nobody but their owner. */
const ownerOnly = 0o600
const ownerOnlyFolder = 0o700

/** Whole or not at all, and durable when it returns: a temporary file, fsync, rename, fsync of the folder. */
export function writeDurably(path: string, bytes: Uint8Array | string, mode: number = ownerOnly): void {
  const folder = dirname(path)
  const temporary = join(folder, `.${basename(path)}.${randomUUID()}`)
  const file = openSync(temporary, 'wx', mode)
  try {
    writeAll(file, typeof bytes === 'string' ? new TextEncoder().encode(bytes) : bytes)
    fsyncSync(file)
  } catch (cause) {
    rmSync(temporary, { force: true })
    throw new Error(`cannot write ${path}`, { cause })
  } finally {
    closeSync(file)
  }
  renameSync(temporary, path)
  syncFolder(folder)
}

function writeAll(file: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length;) done += writeSync(file, bytes, done)
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
export function makeFolder(path: string): void {
  if (existsSync(path)) return
  makeFolder(dirname(path))
  try {
    mkdirSync(path, { mode: ownerOnlyFolder })
  } catch (error) {
    // Another process of this node was first.
    if ((error as { code?: string }).code !== 'EEXIST') throw error
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

export const isAbsent = (error: unknown): boolean => (error as { code?: string }).code === 'ENOENT'

type Reading = { readonly bytesMax: number; readonly secret?: 'secret' }

/** undefined where there is no such file. A secret that others may read is refused before a byte of it is used. */
export function readBounded(path: string, { bytesMax, secret }: Reading): Answer<Uint8Array | undefined> {
  let file: number
  try {
    file = openSync(path, constants.O_RDONLY | (secret === undefined ? 0 : constants.O_NOFOLLOW))
  } catch (error) {
    if (isAbsent(error)) return ok(undefined)
    return refuse('file.unreadable', path, (error as Error).message)
  }
  try {
    const { mode, size } = fstatSync(file)
    const shown = (mode & 0o777).toString(8).padStart(4, '0')
    if (secret !== undefined && (mode & 0o077) !== 0)
      return refuse('home.wrong-mode', path, `its mode is ${shown}; run: chmod 600 ${path}`)
    if (size > bytesMax) return refuse('bytes.too-large', path, `at most ${bytesMax} bytes`)
    return ok(readFileSync(file))
  } catch (error) {
    return refuse('file.unreadable', path, (error as Error).message)
  } finally {
    closeSync(file)
  }
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
export function readGiven(path: string, bytesMax: number): Answer<Uint8Array> {
  const bytes = readBounded(path, { bytesMax })
  if (!bytes.ok) return bytes
  return bytes.value === undefined ? refuse('file.unreadable', path, 'there is no such file') : ok(bytes.value)
}
