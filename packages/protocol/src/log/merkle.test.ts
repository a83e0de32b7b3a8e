import { hash } from 'node:crypto'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Sha256, concat, toHex, utf8 } from '../wire/bytes.ts'
import {
  type Hash,
  type HashReader,
  consistencyProof,
  emptyRoot,
  inclusionProof,
  leafHash,
  nodeHash,
  rootAt,
  verifyConsistency,
  verifyInclusion,
} from './merkle.ts'

const sha256: Sha256 = bytes => hash('sha256', bytes, 'buffer')
const leaf = (index: number): Hash => leafHash(sha256, utf8(`entry ${index}`))
const stranger = leafHash(sha256, utf8('not an entry'))
const hexes = (hashes: readonly Hash[]) => hashes.map(toHex).join()

// The slow obvious twin: RFC 6962 section 2.1 as it is written, over slices.
const memo = new Map<string, Hash>()
function twinRoot(from: number, to: number): Hash {
  const key = `${from}-${to}`
  const known = memo.get(key) ?? (to - from === 1 ? leaf(from) : twinNode(from, to))
  memo.set(key, known)
  return known
}
function twinNode(from: number, to: number): Hash {
  const middle = from + splitOf(to - from)
  return nodeHash(sha256, twinRoot(from, middle), twinRoot(middle, to))
}
const splitOf = (n: number): number => Math.max(...[1, 2, 4, 8, 16, 32, 64, 128, 256].filter(k => k < n))

function twinPath(m: number, from: number, to: number): Hash[] {
  if (to - from === 1) return []
  const k = splitOf(to - from)
  return m < k
    ? [...twinPath(m, from, from + k), twinRoot(from + k, to)]
    : [...twinPath(m - k, from + k, to), twinRoot(from, from + k)]
}

function twinSubproof(m: number, from: number, to: number, whole: boolean): Hash[] {
  if (m === to - from) return whole ? [] : [twinRoot(from, to)]
  const k = splitOf(to - from)
  return m <= k
    ? [...twinSubproof(m, from, from + k, whole), twinRoot(from + k, to)]
    : [...twinSubproof(m - k, from + k, to, false), twinRoot(from, from + k)]
}

const read: HashReader = (level, index) => twinRoot(index * 2 ** level, (index + 1) * 2 ** level)
const rootOf = (size: number): Hash => (size === 0 ? emptyRoot(sha256) : twinRoot(0, size))

describe('a root', () => {
  test('of nothing is the hash of nothing', () => {
    expect(toHex(emptyRoot(sha256))).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855')
  })

  test('of eight known leaves is the one other logs compute', () => {
    const entries = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f']
    const known = entries.map(hex => leafHash(sha256, Uint8Array.from(Buffer.from(hex, 'hex'))))
    const built: HashReader = (level, index) =>
      level === 0
        ? (known[index] ?? stranger)
        : nodeHash(sha256, built(level - 1, index * 2), built(level - 1, index * 2 + 1))
    const root = rootAt({ sha256, size: 8, read: built })
    expect(toHex(root)).toBe('5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328')
  })

  test('is the recursion of RFC 6962 at every size up to 300', () => {
    for (let size = 0; size <= 300; size++) expect(toHex(rootAt({ sha256, size, read }))).toBe(toHex(rootOf(size)))
  })
})

describe('a leaf', () => {
  test('is the hash of a zero byte and the entry, a long entry and the short one after it', () => {
    for (const length of [0, 1, 65_534, 65_535, 65_536, 100_000, 64, 1, 0]) {
      const entry = new Uint8Array(length).fill(length + 7)
      expect(toHex(leafHash(sha256, entry))).toBe(toHex(sha256(concat(Uint8Array.of(0), entry))))
    }
  })
})

describe('an inclusion proof', () => {
  test('is the recursion of RFC 6962 and holds, for every leaf of every size up to 300', () => {
    const wrong: string[] = []
    for (let size = 1; size <= 300; size++) {
      for (let index = 0; index < size; index++) {
        const proof = inclusionProof({ sha256, index, size, read })
        const same = hexes(proof) === hexes(twinPath(index, 0, size))
        const given = { sha256, leaf: twinRoot(index, index + 1), index, size, proof, root: rootOf(size) }
        if (!same || !verifyInclusion(given)) wrong.push(`leaf ${index} of ${size}`)
      }
    }
    expect(wrong).toEqual([])
  }, 60_000)

  test('fails for another leaf, place, size, root, a hash too many, too few, altered or cut short', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 300 }), fc.nat(), fc.nat(), (size, a, b) => {
        const index = a % size
        const proof = inclusionProof({ sha256, index, size, read })
        const given = { sha256, leaf: leaf(index), index, size, proof, root: rootOf(size) }
        const other = stranger
        const at = proof.length === 0 ? 0 : b % proof.length
        const wrong = [
          { leaf: other },
          { root: other },
          { index: index + 1 },
          { index: size },
          { index: -1 },
          { index: 0.5 },
          { size: 0 },
          { size: -1 },
          { size: NaN },
          { size: 2 ** 53 },
          { proof: [...proof, other] },
          { proof: [other, ...proof] },
          { leaf: leaf(index).subarray(1) },
          { root: rootOf(size).subarray(0, 31) },
          ...(proof.length === 0
            ? []
            : [
                { proof: proof.slice(1) },
                { proof: proof.slice(0, -1) },
                { proof: proof.with(at, other) },
                { proof: proof.with(at, (proof[at] ?? other).subarray(1)) },
              ]),
        ]
        for (const change of wrong) expect(verifyInclusion({ ...given, ...change })).toBe(false)
      }),
    )
  })
})

describe('a proof that holds for one place', () => {
  const path = (index: number, size: number) => inclusionProof({ sha256, index, size, read })
  const at = (index: number, size: number, proof: Hash[], root: Hash) =>
    verifyInclusion({ sha256, leaf: leaf(index), index, size, proof, root })

  test('does not hold for the same leaf in a larger or smaller log of the same root', () => {
    expect(at(0, 2, path(0, 2), rootOf(2))).toBe(true)
    expect(at(0, 4, path(0, 2), rootOf(2))).toBe(false)
    const given = { sha256, leaf: leaf(3), proof: path(3, 4), root: rootOf(4) }
    expect(verifyInclusion({ ...given, index: 3, size: 4 })).toBe(true)
    expect(verifyInclusion({ ...given, index: 1, size: 2 })).toBe(false)
  })

  test('of growth does not hold for other sizes with the same roots', () => {
    const growth = (from: number, to: number) => ({
      sha256,
      fromRoot: rootOf(from),
      toRoot: rootOf(to),
      proof: consistencyProof({ sha256, from, to, read }),
    })
    const one = growth(1, 2)
    expect(verifyConsistency({ ...one, from: 1, to: 2 })).toBe(true)
    expect(verifyConsistency({ ...one, from: 1, to: 4 })).toBe(false)
    const seven = growth(7, 8)
    expect(verifyConsistency({ ...seven, from: 7, to: 8 })).toBe(true)
    expect(verifyConsistency({ ...seven, from: 3, to: 4 })).toBe(false)
  })
})

describe('a consistency proof', () => {
  test('is the recursion of RFC 6962 and holds, between any two sizes up to 300', () => {
    const wrong: string[] = []
    for (let to = 0; to <= 300; to++) {
      for (let from = 0; from <= to; from++) {
        const proof = consistencyProof({ sha256, from, to, read })
        const twin = from === 0 ? [] : twinSubproof(from, 0, to, true)
        const given = { sha256, from, fromRoot: rootOf(from), to, toRoot: rootOf(to), proof }
        if (hexes(proof) !== hexes(twin) || !verifyConsistency(given)) wrong.push(`${from} to ${to}`)
      }
    }
    expect(wrong).toEqual([])
  }, 60_000)

  test('from nothing and from the same size is empty, and the roots are checked all the same', () => {
    const other = stranger
    const same = { sha256, from: 5, fromRoot: rootOf(5), to: 5, toRoot: rootOf(5), proof: [] }
    expect(verifyConsistency(same)).toBe(true)
    expect(verifyConsistency({ ...same, toRoot: other })).toBe(false)
    expect(verifyConsistency({ ...same, proof: [other] })).toBe(false)
    const fresh = { ...same, from: 0, fromRoot: emptyRoot(sha256) }
    expect(verifyConsistency(fresh)).toBe(true)
    expect(verifyConsistency({ ...fresh, fromRoot: other })).toBe(false)
    expect(verifyConsistency({ ...fresh, proof: [other] })).toBe(false)
  })

  test('fails for another root or size, a hash too many, too few, altered or cut short', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 300 }), fc.nat(), fc.nat(), (to, a, b) => {
        const from = 1 + (a % (to - 1))
        const proof = consistencyProof({ sha256, from, to, read })
        const given = { sha256, from, fromRoot: rootOf(from), to, toRoot: rootOf(to), proof }
        const [other, at] = [stranger, b % proof.length]
        const wrong = [
          { fromRoot: other },
          { toRoot: other },
          { from: to },
          { from: to + 1 },
          { to: from },
          { from: 0 },
          { to: -1 },
          { proof: [] },
          { proof: [...proof, other] },
          { proof: [other, ...proof] },
          { proof: proof.slice(1) },
          { proof: proof.slice(0, -1) },
          { proof: proof.with(at, other) },
          { proof: proof.with(at, (proof[at] ?? other).subarray(1)) },
          { toRoot: rootOf(to).subarray(1) },
        ]
        for (const change of wrong) expect(verifyConsistency({ ...given, ...change })).toBe(false)
      }),
    )
  })
})

describe('sizes beyond 32 bits', () => {
  // A log whose leaves are all alike: one hash a level, so that any size can be read.
  const levels: Hash[] = [stranger]
  for (const below of levels) if (levels.length < 54) levels.push(nodeHash(sha256, below, below))
  const alike: HashReader = (level, index) => {
    const equal = levels[level]
    if (equal === undefined || !Number.isSafeInteger(index)) throw new Error(`no hash at ${level}, ${index}`)
    return equal
  }
  const max = Number.MAX_SAFE_INTEGER
  const sizes = [
    2 ** 31 - 1,
    2 ** 31,
    2 ** 31 + 1,
    2 ** 32 - 1,
    2 ** 32,
    2 ** 32 + 1,
    2 ** 52,
    2 ** 52 + 1,
    max - 1,
    max,
  ]

  test.each(sizes)('every proof in a log of %d leaves holds, and no other place does', size => {
    const root = rootAt({ sha256, size, read: alike })
    for (const index of [0, 1, 2 ** 31 - 1, 2 ** 31, 2 ** 32, size - 2, size - 1].filter(i => i < size)) {
      const proof = inclusionProof({ sha256, index, size, read: alike })
      const given = { sha256, leaf: stranger, index, size, proof, root }
      expect(verifyInclusion(given)).toBe(true)
      expect(verifyInclusion({ ...given, size: size - 1, proof: proof.slice(1) })).toBe(false)
      expect(verifyInclusion({ ...given, proof: proof.slice(1) })).toBe(false)
      expect(proof.length).toBeLessThanOrEqual(53)
    }
  })

  test.each(sizes)('a log of %d leaves extends each of its past', to => {
    const toRoot = rootAt({ sha256, size: to, read: alike })
    for (const from of [1, 2, 3, 2 ** 31 - 1, 2 ** 31, 2 ** 32 + 1, 2 ** 52, to - 1].filter(size => size < to)) {
      const fromRoot = rootAt({ sha256, size: from, read: alike })
      const proof = consistencyProof({ sha256, from, to, read: alike })
      expect(verifyConsistency({ sha256, from, fromRoot, to, toRoot, proof })).toBe(true)
      expect(verifyConsistency({ sha256, from, fromRoot: toRoot, to, toRoot, proof })).toBe(false)
    }
  })

  test('the last leaf of the largest log has the shortest path its shape allows', () => {
    // 2^53 - 1 is 53 ones: the last leaf is a subtree of its own beside 52 complete ones.
    expect(inclusionProof({ sha256, index: max - 1, size: max, read: alike })).toHaveLength(52)
    expect(inclusionProof({ sha256, index: 0, size: max, read: alike })).toHaveLength(53)
  })
})

test('a proof for a leaf the tree does not have is a bug of the caller', () => {
  expect(() => inclusionProof({ sha256, index: 3, size: 3, read })).toThrow('bug:')
  expect(() => consistencyProof({ sha256, from: 4, to: 3, read })).toThrow('bug:')
  expect(() => rootAt({ sha256, size: 1.5, read })).toThrow('bug:')
})
