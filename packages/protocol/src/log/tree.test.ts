import { hash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { type Sha256, toHex, utf8 } from '../wire/bytes.ts'
import {
  type Hash,
  consistencyProof,
  emptyRoot,
  inclusionProof,
  leafHash,
  nodeHash,
  verifyConsistency,
  verifyInclusion,
} from './merkle.ts'
import { createTree } from './tree.ts'

const sha256: Sha256 = bytes => hash('sha256', bytes, 'buffer')
const leaf = (index: number): Hash => leafHash(sha256, utf8(`entry ${index}`))

/** The slow obvious twin: pair up each level, let a lone last hash through. */
function twinRoot(hashes: readonly Hash[]): Hash {
  let level = [...hashes]
  while (level.length > 1) {
    level = level.flatMap((left, i) => {
      const right = level[i + 1]
      return i % 2 === 1 ? [] : right === undefined ? [left] : [nodeHash(sha256, left, right)]
    })
  }
  return level[0] ?? emptyRoot(sha256)
}

describe('a growing tree', () => {
  test('has the right root at every size up to 300, then and later', () => {
    const tree = createTree(sha256)
    const leaves: Hash[] = []
    const roots: string[] = []
    for (let size = 0; size <= 300; size++) {
      expect(tree.size).toBe(size)
      roots.push(toHex(twinRoot(leaves)))
      expect(toHex(tree.root())).toBe(roots[size])
      leaves.push(leaf(size))
      tree.append(leaf(size))
    }
    roots.forEach((root, size) => expect(toHex(tree.root(size))).toBe(root))
  })

  test('keeps its own copy of a leaf hash', () => {
    const tree = createTree(sha256)
    const mine = Uint8Array.from(leaf(0))
    tree.append(mine)
    mine.fill(0)
    expect(toHex(tree.root())).toBe(toHex(leaf(0)))
  })

  test('computes less than two hashes a leaf', () => {
    let hashed = 0
    const tree = createTree(bytes => (hashed++, sha256(bytes)))
    const one = leaf(1)
    for (let i = 0; i < 10_000; i++) tree.append(one)
    expect(hashed).toBeLessThan(10_000)
  })

  test('at 65,536 leaves and beside it has the right root, and its proofs hold', () => {
    const leaves = Array.from({ length: 65_540 }, (_, index) => leaf(index))
    const tree = createTree(sha256)
    leaves.forEach(tree.append)
    const { read } = tree
    for (const size of [65_533, 65_534, 65_535, 65_536, 65_537, 65_538, 65_539]) {
      const root = tree.root(size)
      expect(toHex(root)).toBe(toHex(twinRoot(leaves.slice(0, size))))
      for (const index of [0, 255, 256, 32_767, 32_768, size - 1]) {
        const proof = inclusionProof({ sha256, index, size, read })
        expect(verifyInclusion({ sha256, leaf: leaf(index), index, size, proof, root })).toBe(true)
      }
      for (const from of [1, 256, 257, 32_768, 65_532, size]) {
        const proof = consistencyProof({ sha256, from, to: size, read })
        const given = { sha256, from, fromRoot: tree.root(from), to: size, toRoot: root, proof }
        expect(verifyConsistency(given)).toBe(true)
      }
    }
  })

  test('refuses what it cannot have', () => {
    const tree = createTree(sha256)
    expect(() => tree.append(new Uint8Array(31))).toThrow('bug:')
    tree.append(leaf(0))
    expect(() => tree.read(0, 1)).toThrow('bug:')
    expect(() => tree.read(1, 0)).toThrow('bug:')
    expect(() => tree.root(2)).toThrow('bug:')
  })
})
