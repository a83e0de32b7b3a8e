import { type Sha256, equalBytes } from '../wire/bytes.ts'
import { assert } from '../wire/failure.ts'
import { limits } from '../wire/limits.ts'

/** 32 bytes of SHA-256. */
export type Hash = Uint8Array
export const hashBytes = 32

/** The hash of the complete subtree of 2^level leaves that is number `index` from the left. */
export type HashReader = (level: number, index: number) => Hash

type Source = { readonly sha256: Sha256; readonly read: HashReader }
type Range = { readonly from: number; readonly to: number }

// RFC 6962 section 2.1. Sizes go to 2^53 - 1: division and remainder only, since bit operators see 32 bits.
const [leafPrefix, nodePrefix] = [0, 1]
/** What is hashed is put together here: a hash is done with it when it returns, and nothing is allocated for it. */
const input = new Uint8Array(1 + Math.max(limits.entryBytesMax, 2 * hashBytes))

export const emptyRoot = (sha256: Sha256): Hash => sha256(new Uint8Array(0))

export function leafHash(sha256: Sha256, entry: Uint8Array): Hash {
  const bytes = 1 + entry.length <= input.length ? input : new Uint8Array(1 + entry.length)
  bytes[0] = leafPrefix
  bytes.set(entry, 1)
  return sha256(bytes.subarray(0, 1 + entry.length))
}

export function nodeHash(sha256: Sha256, left: Hash, right: Hash): Hash {
  input[0] = nodePrefix
  input.set(left, 1)
  input.set(right, 1 + left.length)
  return sha256(input.subarray(0, 1 + left.length + right.length))
}

/** The root of the first `size` leaves, from the complete subtrees of its right edge. */
export function rootAt({ sha256, size, read }: Source & { readonly size: number }): Hash {
  assert(isSize(size), 'a log size is a whole number')
  return size === 0 ? emptyRoot(sha256) : rangeHash({ sha256, read }, { from: 0, to: size })
}

/** RFC 6962 section 2.1.1: sibling hashes from the leaf upwards. */
export function inclusionProof({
  sha256,
  index,
  size,
  read,
}: Source & { readonly index: number; readonly size: number }): Hash[] {
  assert(isSize(size) && isSize(index) && index < size, 'a proof is asked for a leaf that the tree has')
  const proof: Hash[] = []
  for (let range: Range = { from: 0, to: size }; range.to - range.from > 1;) {
    const [left, right] = halves(range)
    const goesLeft = index < left.to
    proof.push(rangeHash({ sha256, read }, goesLeft ? right : left))
    range = goesLeft ? left : right
  }
  return proof.reverse()
}

/** RFC 6962 section 2.1.2. From nothing, and from the same size, the proof is empty. */
export function consistencyProof({
  sha256,
  from,
  to,
  read,
}: Source & { readonly from: number; readonly to: number }): Hash[] {
  assert(isSize(from) && isSize(to) && from <= to, 'a log only grows')
  if (from === 0) return []
  const proof: Hash[] = []
  let range: Range = { from: 0, to }
  while (range.to !== from) {
    const [left, right] = halves(range)
    const goesLeft = from <= left.to
    proof.push(rangeHash({ sha256, read }, goesLeft ? right : left))
    range = goesLeft ? left : right
  }
  // A range that begins at 0 is the old tree itself, whose root the verifier holds.
  if (range.from > 0) proof.push(rangeHash({ sha256, read }, range))
  return proof.reverse()
}

/** Does the proof, of exactly the length this place has, lead from the leaf hash to the root? Never throws. */
export function verifyInclusion({
  sha256,
  leaf,
  index,
  size,
  proof,
  root,
}: {
  readonly sha256: Sha256
  readonly leaf: Hash
  readonly index: number
  readonly size: number
  readonly proof: readonly Hash[]
  readonly root: Hash
}): boolean {
  if (!isSize(index) || !isSize(size) || index >= size || ![leaf, root, ...proof].every(isHash)) return false
  let [place, last, hash] = [index, size - 1, leaf]
  for (const sibling of proof) {
    if (last === 0) return false
    if (isOdd(place) || place === last) {
      hash = nodeHash(sha256, sibling, hash)
      // Where the right edge has no sibling the hash moves up unchanged.
      while (!isOdd(place) && place !== 0) [place, last] = [half(place), half(last)]
    } else hash = nodeHash(sha256, hash, sibling)
    ;[place, last] = [half(place), half(last)]
  }
  return last === 0 && equalBytes(hash, root)
}

/** Is the tree at `to` an extension of the tree at `from`? Never throws. */
export function verifyConsistency({
  sha256,
  from,
  fromRoot,
  to,
  toRoot,
  proof,
}: {
  readonly sha256: Sha256
  readonly from: number
  readonly fromRoot: Hash
  readonly to: number
  readonly toRoot: Hash
  readonly proof: readonly Hash[]
}): boolean {
  if (!isSize(from) || !isSize(to) || from > to || ![fromRoot, toRoot, ...proof].every(isHash)) return false
  if (from === to) return proof.length === 0 && equalBytes(fromRoot, toRoot)
  if (from === 0) return proof.length === 0 && equalBytes(fromRoot, emptyRoot(sha256))
  let [place, last] = [from - 1, to - 1]
  while (isOdd(place)) [place, last] = [half(place), half(last)]
  // Place 0 here means that the old tree is complete: its root is the first node of the walk.
  const [first, ...rest] = place === 0 ? [fromRoot, ...proof] : proof
  if (first === undefined) return false
  let [older, newer] = [first, first]
  for (const sibling of rest) {
    if (last === 0) return false
    if (isOdd(place) || place === last) {
      older = nodeHash(sha256, sibling, older)
      newer = nodeHash(sha256, sibling, newer)
      while (!isOdd(place) && place !== 0) [place, last] = [half(place), half(last)]
    } else newer = nodeHash(sha256, newer, sibling)
    ;[place, last] = [half(place), half(last)]
  }
  return last === 0 && equalBytes(older, fromRoot) && equalBytes(newer, toRoot)
}

export const isSize = (value: number): boolean => Number.isSafeInteger(value) && value >= 0
const isHash = (hash: Hash): boolean => hash.length === hashBytes
const isOdd = (value: number): boolean => value % 2 === 1
const half = (value: number): number => Math.floor(value / 2)

/** The split of RFC 6962: the left half is the largest power of two smaller than the range. */
function halves({ from, to }: Range): [Range, Range] {
  const { width } = largestPower(to - from - 1)
  return [
    { from, to: from + width },
    { from: from + width, to },
  ]
}

/** The hash of leaves [from, to), where `from` lies on the grid of the range's own size, as every split leaves it. */
function rangeHash({ sha256, read }: Source, { from, to }: Range): Hash {
  const peaks: Hash[] = []
  for (let at = from; at < to;) {
    const { level, width } = largestPower(to - at)
    peaks.push(read(level, at / width))
    at += width
  }
  return peaks.reduceRight((right, left) => nodeHash(sha256, left, right))
}

/** The largest 2^level that is at most `value`, for value >= 1. Doubling is exact up to 2^53. */
function largestPower(value: number): { level: number; width: number } {
  let [level, width] = [0, 1]
  for (; width * 2 <= value; level++) width *= 2
  return { level, width }
}
