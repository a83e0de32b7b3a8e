import { fromBase64, toBase64 } from '../wire/base64.ts'
import { equalBytes } from '../wire/bytes.ts'
import { type Result, assert, fail, ok } from '../wire/failure.ts'
import { limits } from '../wire/limits.ts'
import type { Primitives } from '../wire/primitives.ts'
import { type Checkpoint, openCheckpoint } from './checkpoint.ts'
import { readEntry } from './entry.ts'
import { type Hash, hashBytes, isSize, leafHash, verifyInclusion } from './merkle.ts'

/** A C2SP tlog-proof: where the entry is, the way to the root, and the signed checkpoint that has this root. */
export type Receipt = {
  readonly index: number
  readonly proof: readonly Hash[]
  /** The signed note, as it came. */
  readonly checkpoint: string
  /** The tag of a sealed entry; absent for an open one. It proves nothing by itself. */
  readonly extra?: Uint8Array
}

const header = 'c2sp.org/tlog-proof@v1'
const extraBytes = 32
const numberShape = /^(0|[1-9][0-9]{0,15})$/
// Header, extra, index and 63 hashes of 45 bytes each, well under 4 KiB, before the note.
const receiptCharsMax = limits.noteBytesMax + 4_096

export function formatReceipt({ index, proof, checkpoint, extra }: Receipt): string {
  assert(isSize(index) && proof.length <= limits.proofHashesMax, 'a receipt has a place and a proof')
  const extraLine = extra === undefined ? [] : [`extra ${toBase64(extra)}`]
  return `${[header, ...extraLine, `index ${index}`, ...proof.map(toBase64)].join('\n')}\n\n${checkpoint}`
}

/** spec/06-log.md#receipts: the shape only; verifyReceipt says whether it proves anything. */
export function readReceipt(text: string): Result<Receipt> {
  if (text.length > receiptCharsMax) return fail('log.bad-receipt', undefined, 'too long')
  // Lines of the proof are never empty, so the first blank line ends them; the note may have more.
  const split = text.indexOf('\n\n')
  const [first, ...lines] = split < 0 ? [] : text.slice(0, split).split('\n')
  if (first !== header) return fail('log.bad-receipt', 'header')
  const extra = lines[0]?.startsWith('extra ') ? readExtra(lines.shift()) : ok(undefined)
  if (!extra.ok) return extra
  const index = readIndex(lines.shift())
  if (index === undefined) return fail('log.bad-receipt', 'index')
  const proof = readHashes(lines)
  if (proof === undefined) return fail('log.bad-receipt', 'proof')
  const checkpoint = text.slice(split + 2)
  return ok({ index, proof, checkpoint, ...(extra.value !== undefined && { extra: extra.value }) })
}

function readExtra(line = ''): Result<Uint8Array | undefined> {
  const bytes = fromBase64(line.slice('extra '.length))
  return bytes?.length === extraBytes ? ok(bytes) : fail('log.bad-receipt', 'extra')
}

function readIndex(line: string | undefined): number | undefined {
  const digits = line?.startsWith('index ') ? line.slice('index '.length) : ''
  return numberShape.test(digits) && Number(digits) <= limits.logSizeMax ? Number(digits) : undefined
}

function readHashes(lines: readonly string[]): Hash[] | undefined {
  if (lines.length > limits.proofHashesMax) return undefined
  const hashes = lines.map(line => fromBase64(line)).filter(hash => hash?.length === hashBytes)
  return hashes.length === lines.length ? hashes.filter(hash => hash !== undefined) : undefined
}

/** That these entry bytes are at this index of the log `origin`, with no one asked. */
export function verifyReceipt({
  receipt,
  entry,
  origin,
  vkey,
  primitives,
}: {
  readonly receipt: Receipt
  readonly entry: Uint8Array
  readonly origin: string
  readonly vkey: string
  readonly primitives: Primitives
}): Result<{ index: number; checkpoint: Checkpoint }> {
  const { sha256 } = primitives
  const { index, proof, extra } = receipt
  const form = readEntry(entry)
  if (!form.ok) return form
  const tag = form.value.form === 'sealed' ? form.value.tag : undefined
  if (!sameExtra(extra, tag)) return fail('log.bad-receipt', 'extra', 'extra is the tag of a sealed entry, else absent')
  const checkpoint = openCheckpoint({ note: receipt.checkpoint, origin, vkey, primitives })
  if (!checkpoint.ok) return checkpoint
  const { size, root } = checkpoint.value
  const leaf = leafHash(sha256, entry)
  if (!verifyInclusion({ sha256, leaf, index, size, proof, root })) return fail('log.bad-proof', 'proof')
  return ok({ index, checkpoint: checkpoint.value })
}

function sameExtra(extra: Uint8Array | undefined, tag: Uint8Array | undefined): boolean {
  if (extra === undefined || tag === undefined) return extra === tag
  return equalBytes(extra, tag)
}
