import * as crypto from 'node:crypto'
import { type Hash, createTree, nodePrimitives, utf8 } from '@chancery/protocol'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { signedLeaves } from './leaves.ts'

const { sha256 } = nodePrimitives(crypto)
const leafNumbered = (index: number): Hash => new Uint8Array(sha256(utf8(`leaf ${index}`)))

function treeOf(size: number) {
  const tree = createTree(sha256)
  for (let index = 0; index < size; index++) tree.append(leafNumbered(index))
  return tree
}

const sizes = fc.integer({ min: 1, max: 70 })

describe('leaves below a signed root', () => {
  test('are the leaves of the log, in whatever order they are asked for', () => {
    const asked = sizes.chain(size => fc.tuple(fc.constant(size), fc.array(fc.nat(size - 1), { maxLength: 40 })))
    fc.assert(
      fc.property(asked, ([size, indices]) => {
        const tree = treeOf(size)
        const leafOf = signedLeaves({ sha256, size, root: tree.root(), read: tree.read })
        expect(indices.map(leafOf)).toEqual(indices.map(leafNumbered))
      }),
    )
  })
  test('are none where the hashes held lead to another root', () => {
    const tree = treeOf(9)
    const leafOf = signedLeaves({ sha256, size: 9, root: tree.root(8), read: tree.read })
    expect(leafOf(3)).toBeUndefined()
  })
  test('are never others: one hash changed anywhere is believed nowhere', () => {
    const changed = sizes.chain(size => fc.tuple(fc.constant(size), fc.nat(size - 1), fc.nat(6)))
    fc.assert(
      fc.property(changed, ([size, at, level]) => {
        const tree = treeOf(size)
        const index = Math.floor(at / 2 ** level)
        const isThere = (index + 1) * 2 ** level <= size
        const read = (l: number, i: number) => (l === level && i === index ? sha256(utf8('other')) : tree.read(l, i))
        const leafOf = signedLeaves({ sha256, size, root: tree.root(), read })
        const leaves = Array.from({ length: size }, (_, each) => leafOf(each))
        const isBelow = (each: number) => isThere && Math.floor(each / 2 ** level) === index
        expect(leaves.filter((_, each) => isBelow(each)).every(leaf => leaf === undefined)).toBe(true)
        expect(leaves).toEqual(leaves.map((leaf, each) => leaf && leafNumbered(each)))
      }),
    )
  })
})
