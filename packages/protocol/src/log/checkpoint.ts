import { fromBase64, toBase64 } from '../wire/base64.ts'
import { type Sha256, equalBytes } from '../wire/bytes.ts'
import { type Result, assert, fail, ok } from '../wire/failure.ts'
import { limits } from '../wire/limits.ts'
import type { Primitives } from '../wire/primitives.ts'
import { type Hash, emptyRoot, hashBytes, isSize, verifyConsistency } from './merkle.ts'
import { signNote, verifyNote } from './note.ts'

/** The state of one log at one size. */
export type Checkpoint = { readonly origin: string; readonly size: number; readonly root: Hash }

/** The text of the note: exactly three lines (spec/06-log.md#checkpoint). */
export function formatCheckpoint({ origin, size, root }: Checkpoint): string {
  assert(/^[^\n]+$/.test(origin) && isSize(size) && root.length === hashBytes, 'a checkpoint is three lines')
  return `${origin}\n${size}\n${toBase64(root)}\n`
}

const sizeShape = /^(0|[1-9][0-9]{0,15})$/

/** The text of a note, without its signatures. Nothing vouches for it: use openCheckpoint on what came from outside. */
export function readCheckpoint(text: string): Result<Checkpoint> {
  const [origin, size, root, end, ...extension] = text.split('\n')
  if (end !== '' || extension.length > 0) return fail('log.bad-checkpoint', undefined, 'it is exactly three lines')
  if (origin === undefined || origin === '') return fail('log.bad-checkpoint', 'origin')
  if (size === undefined || !sizeShape.test(size) || Number(size) > limits.logSizeMax)
    return fail('log.bad-checkpoint', 'size')
  const hash = fromBase64(root ?? '')
  if (hash?.length !== hashBytes) return fail('log.bad-checkpoint', 'root')
  return ok({ origin, size: Number(size), root: hash })
}

/** A signed checkpoint of the log `origin`: note, signature, three lines, origin, in this order. */
export function openCheckpoint({
  note,
  origin,
  vkey,
  primitives,
}: {
  readonly note: string
  readonly origin: string
  readonly vkey: string
  readonly primitives: Primitives
}): Result<Checkpoint> {
  const signed = verifyNote({ text: note, vkey, primitives })
  return signed.ok ? checkpointIn({ text: signed.value.text, origin, sha256: primitives.sha256 }) : signed
}

/** The checkpoint of this log that the text of a note is, whoever has signed it: steps 4 to 6. */
export function checkpointIn({
  text,
  origin,
  sha256,
}: {
  readonly text: string
  readonly origin: string
  readonly sha256: Sha256
}): Result<Checkpoint> {
  const checkpoint = readCheckpoint(text)
  if (!checkpoint.ok) return checkpoint
  if (checkpoint.value.origin !== origin) return fail('log.wrong-origin', 'origin')
  const { size, root } = checkpoint.value
  if (size === 0 && !equalBytes(root, emptyRoot(sha256))) return fail('log.bad-checkpoint', 'root')
  return checkpoint
}

/** The signed note. Whoever calls it has made the checkpoint durable first: a log signs one root a size, ever. */
export const signCheckpoint = ({
  checkpoint,
  vkey,
  sign,
}: {
  readonly checkpoint: Checkpoint
  readonly vkey: string
  readonly sign: (message: Uint8Array) => Uint8Array
}): string => signNote({ text: formatCheckpoint(checkpoint), vkey, sign })

/** spec/06-log.md#consistency: the later checkpoint, once it is shown to extend the one that was known. */
export function followCheckpoint({
  sha256,
  known,
  next,
  proof,
}: {
  readonly sha256: Sha256
  readonly known: Checkpoint
  readonly next: Checkpoint
  readonly proof: readonly Hash[]
}): Result<Checkpoint> {
  if (next.origin !== known.origin) return fail('log.wrong-origin', 'origin')
  if (next.size < known.size) return fail('log.went-back', 'size')
  const [from, fromRoot, to, toRoot] = [known.size, known.root, next.size, next.root]
  return verifyConsistency({ sha256, from, fromRoot, to, toRoot, proof }) ? ok(next) : fail('log.forked', 'root')
}
