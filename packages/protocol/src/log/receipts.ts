import { type Hash, type HashReader, nodeHash } from './merkle.ts'
import { toBase64 } from '../wire/base64.ts'
import type { Sha256 } from '../wire/bytes.ts'
import { assert } from '../wire/failure.ts'

type Log = { readonly sha256: Sha256; readonly size: number; readonly read: HashReader; readonly checkpoint: string }

/**
 * The one receipt of each entry under one checkpoint, as text. Entries share most of their way to the root, so each
 * piece of it is written once: a receipt costs one new line instead of a proof. `formatReceipt` writes the same bytes.
 */
export function receiptWriter({ sha256, size, read, checkpoint }: Log): (index: number, tag?: Uint8Array) => string {
  const edges = rightEdge({ sha256, size, read })
  const above: string[][] = []

  /** The proof from a node of the grid upwards, one hash a line. */
  function linesAbove(level: number, index: number): string {
    if (2 ** level >= size) return ''
    const row = (above[level] ??= [])
    const known = row[index]
    if (known !== undefined) return known
    const sibling = index % 2 === 0 ? index + 1 : index - 1
    const hash = hashAt(level, sibling)
    const rest = linesAbove(level + 1, Math.floor(index / 2))
    const lines = hash === undefined ? rest : `${toBase64(hash)}\n${rest}`
    // A leaf is asked for once; what stands above it is shared.
    if (level > 0) row[index] = lines
    return lines
  }

  /** undefined beyond the right edge of the tree, where a hash moves up alone. */
  const hashAt = (level: number, index: number): Hash | undefined =>
    (index + 1) * 2 ** level <= size ? read(level, index) : index * 2 ** level < size ? edges[level] : undefined

  return (index, tag) => {
    assert(index < size, 'a receipt is asked for an entry that the log has')
    const extra = tag === undefined ? '' : `extra ${toBase64(tag)}\n`
    return `c2sp.org/tlog-proof@v1\n${extra}index ${index}\n${linesAbove(0, index)}\n${checkpoint}`
  }
}

/** By level, the hash of the incomplete subtree that ends the tree; a hole where the tree ends on the grid. */
function rightEdge({ sha256, size, read }: Omit<Log, 'checkpoint'>): (Hash | undefined)[] {
  const edges: (Hash | undefined)[] = [undefined]
  for (let [level, width] = [1, 2]; width / 2 < size; level++, width *= 2) {
    const right = edges[level - 1]
    const halves = Math.floor(size / (width / 2))
    if (halves % 2 === 0) edges.push(right)
    else {
      const left = read(level - 1, halves - 1)
      edges.push(right === undefined ? left : nodeHash(sha256, left, right))
    }
  }
  return edges
}
