import { closeSync, constants, openSync, readFileSync, writeSync } from 'node:fs'
import {
  type Checkpoint,
  type Hash,
  type Result,
  equalBytes,
  fail,
  ok,
  readCheckpoint,
  readNote,
} from '@chancery/protocol'
import { StoreFault } from './store.ts'

/**
 * The last signed note, in a file beside the store. A store restored from an older copy is behind it and says so,
 * instead of signing another history. Written after the commit and never synced, it may be older than the log but
 * never newer.
 */
export class HeadFile {
  readonly #path: string
  #file: number | undefined

  constructor(path: string) {
    this.#path = path
  }

  /** undefined where there is none yet, or where a power cut left only an empty one. */
  read(): Result<Checkpoint | undefined> {
    const text = this.#settled()
    if (text === '') return ok(undefined)
    const note = readNote(text)
    if (!note.ok) return note
    return readCheckpoint(note.value.text)
  }

  /** In place, in one write: a killed process leaves the old text or the new one. A NUL ends it, whatever follows. */
  write(note: string): void {
    const bytes = Buffer.from(`${note}\0`)
    this.#file ??= openSync(this.#path, constants.O_RDWR | constants.O_CREAT, 0o600)
    const written = writeSync(this.#file, bytes, 0, bytes.length, 0)
    if (written !== bytes.length) throw new Error(`short write to ${this.#path}`)
  }

  close(): void {
    if (this.#file !== undefined) closeSync(this.#file)
    this.#file = undefined
  }

  /** Another process may be writing: what is read twice the same is what one of them wrote. */
  #settled(): string {
    for (let last = this.#text(); ;) {
      const again = this.#text()
      if (again === last) return again
      last = again
    }
  }

  #text(): string {
    try {
      return readFileSync(this.#path, 'utf8').split('\0', 1)[0] ?? ''
    } catch (cause) {
      if ((cause as { code?: string }).code === 'ENOENT') return ''
      throw new StoreFault(`cannot read ${this.#path}`, { cause })
    }
  }
}

/** Is the log still what it was when the file was written? */
export function checkHeadFile(
  known: { readonly size: number; readonly root: Hash } | undefined,
  log: { readonly at: string; readonly size: number; readonly rootAt: (size: number) => Hash },
): Result<true> {
  if (known === undefined) return ok(true)
  const { at, size, rootAt } = log
  if (known.size > size) return wentBack(at, known.size, size)
  return equalBytes(rootAt(known.size), known.root)
    ? ok(true)
    : fail('log.forked', at, `the log is another one than it was at ${known.size} entries; it has ${size}`)
}

export const wentBack = (at: string, from: number, to: number) =>
  fail('log.went-back', at, `the log went back from ${from} to ${to} entries`)
