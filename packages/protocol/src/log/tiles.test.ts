import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { portableSha256 as sha256, toHex, utf8 } from '../wire/bytes.ts'
import { type HashReader, consistencyProof, inclusionProof, leafHash } from './merkle.ts'
import {
  type TileAddress,
  type TileReader,
  entryBundle,
  hashReaderFromTiles,
  openEntryBundle,
  openTiles,
  parseTilePath,
  readEntryBundle,
  tileHashes,
  tilePath,
  tilesForSize,
} from './tiles.ts'
import { createTree } from './tree.ts'

describe('a tile path', () => {
  test.each<[TileAddress, string]>([
    [{ level: 0, index: 0, width: 256 }, 'tile/0/000'],
    [{ level: 0, index: 1234, width: 5 }, 'tile/0/x001/234.p/5'],
    [{ level: 63, index: 1_234_067, width: 256 }, 'tile/63/x001/x234/067'],
    [{ level: 'entries', index: 999, width: 255 }, 'tile/entries/999.p/255'],
    [{ level: 'entries', index: 1000, width: 1 }, 'tile/entries/x001/000.p/1'],
    [{ level: 1, index: Number.MAX_SAFE_INTEGER, width: 1 }, 'tile/1/x009/x007/x199/x254/x740/991.p/1'],
  ])('of %j is %s', (address, path) => {
    expect(tilePath(address)).toBe(path)
    expect(parseTilePath(path)).toEqual({ ok: true, value: address })
  })

  test('is read back for every address', () => {
    const level = fc.oneof(fc.constant('entries' as const), fc.integer({ min: 0, max: 63 }))
    const index = fc.oneof(fc.nat(2_000_000), fc.maxSafeNat())
    fc.assert(
      fc.property(level, index, fc.integer({ min: 1, max: 256 }), (...[at, tile, width]) => {
        const address = { level: at, index: tile, width }
        expect(parseTilePath(tilePath(address))).toEqual({ ok: true, value: address })
      }),
    )
  })

  test.each([
    ['nothing', ''],
    ['a slash before it', '/tile/0/000'],
    ['a slash after it', 'tile/0/000/'],
    ['a new line after it', 'tile/0/000\n'],
    ['a climb out', 'tile/0/../../etc/passwd'],
    ['a climb inside', 'tile/0/x001/../000'],
    ['an escaped climb', 'tile/0/%2e%2e/000'],
    ['a backslash', 'tile\\0\\000'],
    ['a null', 'tile/0/000\0'],
    ['a level with a leading zero', 'tile/00/000'],
    ['a level past 63', 'tile/64/000'],
    ['a level of three digits', 'tile/100/000'],
    ['a negative level', 'tile/-1/000'],
    ['an unknown level', 'tile/data/000'],
    ['an index without padding', 'tile/0/0'],
    ['an index of four digits', 'tile/0/1234'],
    ['a first group of nothing', 'tile/0/x000/001'],
    ['a last group with an x', 'tile/0/x001/x234'],
    ['a first group without an x', 'tile/0/001/234'],
    ['an index past 2^53', 'tile/0/x009/x007/x199/x254/x740/992'],
    ['seven groups', 'tile/0/x001/x000/x000/x000/x000/x000/000'],
    ['a width of 0', 'tile/0/000.p/0'],
    ['a width of 256', 'tile/0/000.p/256'],
    ['a width of 999', 'tile/0/000.p/999'],
    ['a width with a leading zero', 'tile/0/000.p/05'],
    ['no width after .p', 'tile/0/000.p/'],
    ['a width twice', 'tile/0/000.p/5.p/5'],
    ['digits of another script', 'tile/0/٠٠٠'],
    ["the path of Go's checksum database", 'tile/8/0/000'],
  ])('is refused with %s', (_, path) => {
    expect(parseTilePath(path)).toMatchObject({ ok: false, code: 'log.bad-path' })
  })
})

describe('an entry bundle', () => {
  test('gives back its entries', () => {
    const entry = fc.uint8Array({ maxLength: 300 })
    fc.assert(
      fc.property(fc.array(entry, { minLength: 1, maxLength: 256 }), entries => {
        const read = readEntryBundle(entryBundle(entries), entries.length)
        expect(read.ok && read.value.map(toHex)).toEqual(entries.map(toHex))
      }),
    )
  })

  test('has the length of each entry before it, high byte first', () => {
    expect([...entryBundle([new Uint8Array(0), Uint8Array.of(7, 8)])]).toEqual([0, 0, 0, 2, 7, 8])
    expect([...entryBundle([new Uint8Array(258)]).subarray(0, 2)]).toEqual([1, 2])
  })

  test('takes an entry of 65,535 bytes and not of 65,536', () => {
    const largest = new Uint8Array(65_535).fill(9)
    expect(readEntryBundle(entryBundle([largest]), 1)).toEqual({ ok: true, value: [largest] })
    expect(() => entryBundle([new Uint8Array(65_536)])).toThrow('bug:')
    expect(() => entryBundle([])).toThrow('bug:')
  })

  test.each([
    ['nothing', [], 1],
    ['half a length', [0], 1],
    ['a cut entry', [0, 2, 7], 1],
    ['an entry too few', [0, 1, 7], 2],
    ['an entry too many', [0, 1, 7, 0, 1, 8], 1],
    ['a byte after the last entry', [0, 1, 7, 0], 1],
  ])('is refused with %s', (_, bytes, width) => {
    expect(readEntryBundle(Uint8Array.from(bytes), width)).toMatchObject({ ok: false, code: 'log.bad-tile' })
  })
})

describe('the tiles of a log', () => {
  test('are those the tlog-tiles text counts: 70,000 and 256', () => {
    const counted = (size: number) =>
      Object.entries(Object.groupBy(tilesForSize(size), ({ level, width }) => `${level} ${width}`))
        .map(([key, tiles]) => `${key} × ${tiles?.length}`)
        .sort()
    expect(counted(70_000)).toEqual([
      '0 112 × 1',
      '0 256 × 273',
      '1 17 × 1',
      '1 256 × 1',
      '2 1 × 1',
      'entries 112 × 1',
      'entries 256 × 273',
    ])
    expect(counted(256)).toEqual(['0 256 × 1', '1 1 × 1', 'entries 256 × 1'])
    expect(tilesForSize(0)).toEqual([])
  })

  const tree = createTree(sha256)
  for (let i = 0; i < 66_000; i++) tree.append(leafHash(sha256, utf8(`entry ${i}`)))
  /** A store that has exactly the tiles of one size. */
  const stored = (size: number): TileReader => {
    const paths = new Map(tilesForSize(size).map(address => [tilePath(address), address]))
    return (level, index, width) => {
      const found = paths.has(tilePath({ level, index, width }))
      return found ? tileHashes({ read: tree.read, level, index, width }) : undefined
    }
  }

  test.each([1, 2, 255, 256, 257, 511, 512, 65_535, 65_536, 65_537, 65_999])(
    'of %d entries give every hash of its tree',
    size => {
      const read = hashReaderFromTiles({ sha256, size, tile: stored(size) })
      for (let level = 0; 2 ** level <= size; level++) {
        const count = Math.floor(size / 2 ** level)
        for (const index of [0, Math.floor(count / 2), count - 1])
          expect(toHex(read(level, index))).toBe(toHex(tree.read(level, index)))
      }
      const proofs = (reader: HashReader) =>
        [
          ...inclusionProof({ sha256, index: Math.floor(size / 3), size, read: reader }),
          ...consistencyProof({ sha256, from: Math.ceil(size / 2), to: size, read: reader }),
        ].map(toHex)
      expect(proofs(read)).toEqual(proofs(tree.read))
    },
  )

  test('a tile that is missing or cut is the fault of the store', () => {
    const gone = hashReaderFromTiles({ sha256, size: 300, tile: () => undefined })
    expect(() => gone(0, 0)).toThrow('no such tile: 0/0, width 256')
    const cut = hashReaderFromTiles({ sha256, size: 300, tile: () => new Uint8Array(31) })
    expect(() => cut(0, 299)).toThrow('no such tile: 0/1, width 44')
  })

  test.each([0, 1, 255, 256, 300, 1000, 65_536, 66_000])('of %d entries open against their root', size => {
    const opened = openTiles({ sha256, size, root: tree.root(size), tile: stored(size) })
    expect(opened.ok).toBe(true)
  })

  test('hold the entries of each bundle, and no other', () => {
    const entries = Array.from({ length: 44 }, (_, i) => utf8(`entry ${256 + i}`))
    const given = { sha256, index: 1, width: 44, bytes: entryBundle(entries), read: tree.read }
    expect(openEntryBundle(given)).toMatchObject({ ok: true, value: entries })
    const another = entryBundle(entries.with(9, utf8('forged')))
    const at = { ok: false, code: 'log.bad-tile', at: 'tile/entries/001.p/44' }
    expect(openEntryBundle({ ...given, bytes: another })).toMatchObject({ ...at, why: 'entry 265 is not in the tree' })
    expect(openEntryBundle({ ...given, index: 0 })).toMatchObject({ code: 'log.bad-tile' })
    expect(openEntryBundle({ ...given, width: 43 })).toMatchObject({ code: 'log.bad-tile' })
  })

  const altered = (bytes: Uint8Array) => bytes.map((byte, i) => (i === 40 ? 255 - byte : byte))
  test.each([
    ['a tile missing', 'tile/0/001', () => undefined],
    ['a tile cut', 'tile/0/000', (bytes: Uint8Array) => bytes.subarray(32)],
    ['a tile too long', 'tile/0/002.p/88', (bytes: Uint8Array) => new Uint8Array(bytes.length + 32)],
    ['a leaf hash altered', 'tile/0/001', (bytes: Uint8Array) => altered(bytes)],
    ['a leaf hash at the right edge altered', 'tile/0/002.p/88', (bytes: Uint8Array) => altered(bytes)],
    ['an upper hash altered', 'tile/1/000.p/2', (bytes: Uint8Array) => altered(bytes)],
  ])('do not open with %s', (_, path, change) => {
    const tile: TileReader = (level, index, width) => {
      const bytes = stored(600)(level, index, width)
      return bytes !== undefined && tilePath({ level, index, width }) === path ? change(bytes) : bytes
    }
    expect(openTiles({ sha256, size: 600, root: tree.root(600), tile })).toMatchObject({
      ok: false,
      code: 'log.bad-tile',
    })
  })
})
