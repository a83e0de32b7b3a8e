import { type Sha256, concat, equalBytes } from '../wire/bytes.ts'
import { type Result, assert, fail, ok } from '../wire/failure.ts'
import { limits } from '../wire/limits.ts'
import { type Hash, type HashReader, hashBytes, isSize, leafHash, nodeHash, rootAt } from './merkle.ts'

/** Where a tile or an entry bundle is: a width of 256 is a full one, 1 to 255 a partial one. */
export type TileAddress = { readonly level: number | 'entries'; readonly index: number; readonly width: number }
/** The bytes of one tile of hashes, or undefined where there is none. */
export type TileReader = (level: number, index: number, width: number) => Uint8Array | undefined

export const tileWidth = 256
const tileLevels = 8
const levelMax = 63

/** spec/06-log.md#tiles: `tile/0/x001/234.p/5`, as C2SP tlog-tiles writes it. */
export function tilePath({ level, index, width }: TileAddress): string {
  const groups = [String(index % 1000).padStart(3, '0')]
  for (let rest = Math.floor(index / 1000); rest > 0; rest = Math.floor(rest / 1000))
    groups.unshift(`x${String(rest % 1000).padStart(3, '0')}`)
  return `tile/${level}/${groups.join('/')}${width === tileWidth ? '' : `.p/${width}`}`
}

// 2^53 - 1 has 16 digits: six groups of three.
const pathShape = /^tile\/(entries|\d{1,2})\/((?:x\d{3}\/){0,5}\d{3})(?:\.p\/(\d{1,3}))?$/

/** Only the one spelling of an address is a path: what does not come out again as it went in is refused. */
export function parseTilePath(path: string): Result<TileAddress> {
  const [, level, groups, width] = pathShape.exec(path) ?? []
  if (level === undefined || groups === undefined) return fail('log.bad-path', path)
  const address: TileAddress = {
    level: level === 'entries' ? level : Number(level),
    index: Number(groups.replace(/\D/g, '')),
    width: width === undefined ? tileWidth : Number(width),
  }
  return isAddress(address) && tilePath(address) === path ? ok(address) : fail('log.bad-path', path)
}

const isAddress = ({ level, index, width }: TileAddress): boolean =>
  (level === 'entries' || level <= levelMax) && isSize(index) && width >= 1 && width <= tileWidth

/** The bytes of one tile: its hashes side by side. */
export function tileHashes({
  read,
  level,
  index,
  width,
}: {
  read: HashReader
  level: number
  index: number
  width: number
}): Uint8Array<ArrayBuffer> {
  const first = index * tileWidth
  return concat(...Array.from({ length: width }, (_, i) => read(level * tileLevels, first + i)))
}

/** Entries one after another, each behind its length in two bytes. */
export function entryBundle(entries: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  assert(entries.length >= 1 && entries.length <= tileWidth, 'a bundle has 1 to 256 entries')
  return concat(...entries.flatMap(entry => [prefix(entry.length), entry]))
}

function prefix(length: number): Uint8Array {
  assert(length <= limits.entryBytesMax, 'an entry fits its 16-bit length')
  return Uint8Array.of(Math.floor(length / 256), length % 256)
}

/** Exactly `width` entries and not a byte more. */
export function readEntryBundle(bytes: Uint8Array, width: number): Result<Uint8Array[]> {
  const entries: Uint8Array[] = []
  let at = 0
  while (entries.length < width) {
    const [high, low] = bytes.subarray(at, at + 2)
    if (high === undefined || low === undefined) return fail('log.bad-tile', `${at}`, 'the bundle ends too early')
    const end = at + 2 + high * 256 + low
    if (end > bytes.length) return fail('log.bad-tile', `${at}`, 'the bundle ends inside an entry')
    entries.push(bytes.subarray(at + 2, end))
    at = end
  }
  return at === bytes.length ? ok(entries) : fail('log.bad-tile', `${at}`, 'bytes after the last entry')
}

/** The entries of a bundle, each checked to be the one whose leaf hash the tree has at its index. */
export function openEntryBundle({
  sha256,
  index,
  width,
  bytes,
  read,
}: {
  readonly sha256: Sha256
  readonly index: number
  readonly width: number
  readonly bytes: Uint8Array
  readonly read: HashReader
}): Result<Uint8Array[]> {
  const entries = readEntryBundle(bytes, width)
  if (!entries.ok) return entries
  const first = index * tileWidth
  const wrong = entries.value.findIndex((entry, i) => !equalBytes(leafHash(sha256, entry), read(0, first + i)))
  if (wrong < 0) return entries
  return fail('log.bad-tile', tilePath({ level: 'entries', index, width }), `entry ${first + wrong} is not in the tree`)
}

/** Every tile and bundle of a whole log of this size: tiles from the leaves up, then bundles. */
export function tilesForSize(size: number): TileAddress[] {
  assert(isSize(size), 'a log size is a whole number')
  const tiles: TileAddress[] = []
  for (let [level, hashes] = [0, size]; hashes > 0; level++, hashes = Math.floor(hashes / tileWidth))
    tiles.push(...row(level, hashes))
  return [...tiles, ...row('entries', size)]
}

const row = (level: TileAddress['level'], hashes: number): TileAddress[] =>
  Array.from({ length: Math.ceil(hashes / tileWidth) }, (_, index) => ({
    level,
    index,
    width: Math.min(tileWidth, hashes - index * tileWidth),
  }))

type Tiled = { readonly sha256: Sha256; readonly size: number; readonly tile: TileReader }

/**
 * Reads hashes out of tiles, fetching the width that a log of this size has. It believes the tiles: what it proves is
 * checked against a root, or the tiles were checked by openTiles. A missing tile is a fault of the store: it throws.
 */
export function hashReaderFromTiles({ sha256, size, tile }: Tiled): HashReader {
  return (level, index) => {
    const tileLevel = Math.floor(level / tileLevels)
    const span = 2 ** (level % tileLevels)
    const tileIndex = Math.floor(index / (tileWidth / span))
    const width = widthAt({ size, level: tileLevel, index: tileIndex })
    const first = (index % (tileWidth / span)) * span
    assert(first + span <= width, `a hash is read where the tree has one: level ${level}, ${index}`)
    const bytes = tile(tileLevel, tileIndex, width)
    if (bytes?.length !== width * hashBytes) throw new Error(`no such tile: ${tileLevel}/${tileIndex}, width ${width}`)
    return complete(sha256, bytes.subarray(first * hashBytes, (first + span) * hashBytes))
  }
}

/** All tiles of a log, checked: present, of exact size, each under the hash above it, and leading to the root. */
export function openTiles({ sha256, size, root, tile }: Tiled & { readonly root: Hash }): Result<HashReader> {
  const kept = new Map<string, Uint8Array>()
  for (const address of tilesForSize(size)) {
    if (address.level === 'entries') break
    const path = tilePath(address)
    const bytes = tile(address.level, address.index, address.width)
    if (bytes === undefined) return fail('log.bad-tile', path, 'the tile is missing')
    if (bytes.length !== address.width * hashBytes) return fail('log.bad-tile', path, 'a hash is 32 bytes')
    const wrong = firstWrongChild(sha256, address.level, address.index, bytes, kept)
    if (wrong !== undefined) return fail('log.bad-tile', path, `hash ${wrong} is not that of the tile below`)
    kept.set(path, bytes)
  }
  const keptTile: TileReader = (level, index, width) => kept.get(tilePath({ level, index, width }))
  const read = hashReaderFromTiles({ sha256, size, tile: keptTile })
  return equalBytes(rootAt({ sha256, size, read }), root) ? ok(read) : fail('log.bad-tile', 'root')
}

/** tilesForSize lists the leaves first, so the full tiles below have been kept before the hashes over them come up. */
function firstWrongChild(
  sha256: Sha256,
  level: number,
  index: number,
  bytes: Uint8Array,
  kept: ReadonlyMap<string, Uint8Array>,
): number | undefined {
  if (level === 0) return undefined
  for (let i = 0; i < bytes.length / hashBytes; i++) {
    const below = kept.get(tilePath({ level: level - 1, index: index * tileWidth + i, width: tileWidth }))
    assert(below !== undefined, 'a hash of a tile stands over a full tile')
    if (!equalBytes(complete(sha256, below), bytes.subarray(i * hashBytes, (i + 1) * hashBytes))) return i
  }
  return undefined
}

/** The hash of a complete subtree whose leaves lie side by side. */
function complete(sha256: Sha256, bytes: Uint8Array): Hash {
  if (bytes.length === hashBytes) return bytes
  const middle = bytes.length / 2
  return nodeHash(sha256, complete(sha256, bytes.subarray(0, middle)), complete(sha256, bytes.subarray(middle)))
}

/** How many hashes the tile at this place has in a log of this size; 0 where there is none. */
function widthAt({ size, level, index }: { size: number; level: number; index: number }): number {
  const hashes = Math.floor(size / tileWidth ** level)
  return Math.max(0, Math.min(tileWidth, hashes - index * tileWidth))
}
