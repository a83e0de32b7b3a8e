import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { inclusionProof, leafHash } from './merkle.ts'
import { formatReceipt } from './proof.ts'
import { createTree } from './tree.ts'
import { portableSha256 as sha256, utf8 } from '../wire/bytes.ts'
import { receiptWriter } from './receipts.ts'

const largest = 600
const tree = createTree(sha256)
for (let i = 0; i < largest; i++) tree.append(leafHash(sha256, utf8(`${i}`)))
const { read } = tree
const checkpoint = 'a note\n'

const slow = (size: number, index: number, extra?: Uint8Array) =>
  formatReceipt({
    index,
    proof: inclusionProof({ sha256, index, size, read }),
    checkpoint,
    ...(extra !== undefined && { extra }),
  })

test('every receipt of every small log is the one that is made from its proof', () => {
  for (let size = 1; size <= 70; size++) {
    const fast = receiptWriter({ sha256, size, read, checkpoint })
    for (let index = 0; index < size; index++) expect(fast(index)).toBe(slow(size, index))
  }
})

test('receipts of larger logs as well, asked for in any order, with and without a tag', () => {
  const sizes = fc.integer({ min: 1, max: largest })
  const places = fc.array(fc.integer({ min: 0, max: largest }), { maxLength: 40 })
  fc.assert(
    fc.property(sizes, places, (size, asked) => {
      const fast = receiptWriter({ sha256, size, read, checkpoint })
      for (const place of asked) {
        const index = place % size
        const extra = place % 2 === 0 ? sha256(utf8(`${place}`)) : undefined
        expect(fast(index, extra)).toBe(slow(size, index, extra))
      }
    }),
  )
})
