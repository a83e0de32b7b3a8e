import { type Sha256, concat } from '../wire/bytes.ts'
import { assert } from '../wire/failure.ts'
import { type Hash, type HashReader, hashBytes, nodeHash, rootAt } from './merkle.ts'

/** A growing Merkle tree in memory: every complete subtree's hash, so that any past root or proof is at hand. */
export type Tree = {
  readonly size: number
  /** One leaf hash; on average one more hash is computed. */
  readonly append: (leaf: Hash) => void
  /** A view into the store, not a copy: the caller does not write to it. */
  readonly read: HashReader
  /** All hashes of complete subtrees, level by level, each level side by side: a copy, for `hashReaderOf`. */
  readonly levels: () => Uint8Array[]
  /** The root now, or at an earlier size. */
  readonly root: (size?: number) => Hash
}

/** Hashes a chunk, as wide as a tile: 100,000 leaves are 200,000 hashes in some 800 arrays. */
const chunkHashes = 256

/** Hashes of one level from the left, in flat chunks that are never moved. */
type Level = { count: number; readonly chunks: Uint8Array[] }

export function createTree(sha256: Sha256): Tree {
  const levels: Level[] = []
  const read: HashReader = (level, index) => {
    const { count, chunks } = levels[level] ?? { count: 0, chunks: [] }
    const chunk = chunks[Math.floor(index / chunkHashes)]
    assert(chunk !== undefined && index < count, `a hash is read where the tree has one: level ${level}, ${index}`)
    const offset = (index % chunkHashes) * hashBytes
    return chunk.subarray(offset, offset + hashBytes)
  }
  const size = () => levels[0]?.count ?? 0
  return {
    get size() {
      return size()
    },
    append(leaf) {
      assert(leaf.length === hashBytes, 'a leaf hash is 32 bytes')
      let hash = leaf
      for (let level = 0; ; level++) {
        const index = push((levels[level] ??= { count: 0, chunks: [] }), hash)
        if (index % 2 === 0) return
        hash = nodeHash(sha256, read(level, index - 1), hash)
      }
    },
    read,
    levels: () => levels.map(({ count, chunks }) => concat(...chunks).subarray(0, count * hashBytes)),
    root(at = size()) {
      assert(at <= size(), 'a root is asked for a size that the tree has had')
      return rootAt({ sha256, size: at, read })
    },
  }
}

/** Returns the index that the hash got. */
function push(level: Level, hash: Hash): number {
  const index = level.count++
  if (index % chunkHashes === 0) level.chunks.push(new Uint8Array(chunkHashes * hashBytes))
  level.chunks.at(-1)?.set(hash, (index % chunkHashes) * hashBytes)
  return index
}

/** Reads what `Tree.levels` has given. */
export const hashReaderOf =
  (levels: readonly Uint8Array[]): HashReader =>
  (level, index) => {
    const hash = levels[level]?.subarray(index * hashBytes, (index + 1) * hashBytes)
    assert(hash?.length === hashBytes, `a hash is read where the tree has one: level ${level}, ${index}`)
    return hash
  }
