import {
  type Hash,
  type HashReader,
  type Sha256,
  assert,
  emptyRoot,
  hashBytes,
  nodeHash,
  tileWidth,
} from '@chancery/protocol'

/** Hashes [from, to) of one tile level: leaf hashes at 0, roots of full tiles of the level below above that. */
export type HashRows = (level: number, from: number, to: number) => readonly Hash[]

/** The complete subtrees of one tile, by height above its own hashes: 256, 128, … 1. */
type Tile = { count: number; readonly heights: readonly Uint8Array[] }

const heightsOfTile = 8
/** 16 KiB each: 8 MiB at most. The edge and what proofs ask for again stay. */
const cachedTilesMax = 512

/**
 * Hashes of a log that lies in rows. A tile is read once and kept while it is in use, so start-up reads few, and
 * a proof near the edge few more. Owned by its store, which tells it of every row it adds.
 */
export function createHashes(sha256: Sha256, rows: HashRows) {
  const tiles = new Map<string, Tile>()

  const load = (level: number, index: number): Tile => {
    const tile = emptyTile()
    for (const hash of rows(level, index * tileWidth, (index + 1) * tileWidth)) grow(sha256, tile, hash)
    return tile
  }
  const tileAt = (level: number, index: number, count: number): Tile => {
    const name = `${level}/${index}`
    const known = tiles.get(name)
    if (known !== undefined && known.count >= count) return known
    const tile = load(level, index)
    if (tile.count < count) throw new Error(`tile ${name} has ${tile.count} hashes where the log has ${count}`)
    if (tiles.size >= cachedTilesMax) tiles.clear()
    tiles.set(name, tile)
    return tile
  }

  const read: HashReader = (level, index) => {
    const height = level % heightsOfTile
    const width = tileWidth >> height
    const tileIndex = Math.floor(index / width)
    const within = index % width
    const tile = tileAt(Math.floor(level / heightsOfTile), tileIndex, (within + 1) << height)
    const hashes = tile.heights[height] as Uint8Array
    return hashes.subarray(within * hashBytes, (within + 1) * hashBytes)
  }

  /** Takes a leaf in and returns the tile roots that it completes, which the caller makes rows of. */
  const append = (leaf: Hash, size: number): { level: number; index: number; hash: Hash }[] => {
    const completed: { level: number; index: number; hash: Hash }[] = []
    for (let [level, index, hash] = [0, size, leaf]; ; level++) {
      const tileIndex = Math.floor(index / tileWidth)
      const tile = tileAt(level, tileIndex, index % tileWidth)
      assert(tile.count === index % tileWidth, 'the edge of the tree is where the log ends')
      grow(sha256, tile, hash)
      if (tile.count < tileWidth) return completed
      hash = (tile.heights[heightsOfTile] as Uint8Array).subarray(0, hashBytes)
      index = tileIndex
      completed.push({ level: level + 1, index, hash })
    }
  }

  /** The first `width` hashes of a tile, as they are served. */
  const tile = (level: number, index: number, width: number): Uint8Array =>
    (tileAt(level, index, width).heights[0] as Uint8Array).slice(0, width * hashBytes)

  return { read, append, tile, forget: () => tiles.clear() }
}

const emptyTile = (): Tile => ({
  count: 0,
  heights: Array.from({ length: heightsOfTile + 1 }, (_, height) => new Uint8Array((tileWidth >> height) * hashBytes)),
})

/** One more hash, and every subtree that it completes inside the tile. */
function grow(sha256: Sha256, tile: Tile, hash: Hash): void {
  let [place, above] = [tile.count++, hash]
  for (const [height, hashes] of tile.heights.entries()) {
    hashes.set(above, place * hashBytes)
    if (place % 2 === 0 || height === heightsOfTile) return
    above = nodeHash(sha256, hashes.subarray((place - 1) * hashBytes, place * hashBytes), above)
    place = (place - 1) / 2
  }
}

/** The root after more leaves, by folding peaks: another way than the tiles', so that the two judge each other. */
export function rootAfter({
  sha256,
  read,
  size,
  leaves,
}: {
  readonly sha256: Sha256
  readonly read: HashReader
  readonly size: number
  readonly leaves: readonly Hash[]
}): Hash {
  const peaks = peaksOf(read, size)
  for (const leaf of leaves) {
    let peak = { level: 0, hash: leaf }
    for (let left = peaks.at(-1); left?.level === peak.level; left = peaks.at(-1)) {
      peaks.pop()
      peak = { level: peak.level + 1, hash: nodeHash(sha256, left.hash, peak.hash) }
    }
    peaks.push(peak)
  }
  if (peaks.length === 0) return emptyRoot(sha256)
  return peaks.map(({ hash }) => hash).reduceRight((right, left) => nodeHash(sha256, left, right))
}

function peaksOf(read: HashReader, size: number): { level: number; hash: Hash }[] {
  const peaks: { level: number; hash: Hash }[] = []
  let at = 0
  for (let level = Math.floor(Math.log2(Math.max(size, 1))); level >= 0; level--) {
    const width = 2 ** level
    if (size - at < width) continue
    peaks.push({ level, hash: read(level, at / width) })
    at += width
  }
  return peaks
}
