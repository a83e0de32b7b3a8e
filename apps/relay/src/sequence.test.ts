import { expect, test } from 'vitest'
import { takeBatch } from './sequence.ts'

const MiB = 1_048_576
const batches = (jobs: readonly { readonly count: number; readonly bytes: number }[], batchMax = 512): number[] => {
  const [queue, sizes] = [[...jobs], [] as number[]]
  while (queue.length > 0) sizes.push(takeBatch(queue, batchMax).length)
  return sizes
}
const jobs = (length: number, job: { readonly count: number; readonly bytes: number }) =>
  Array.from({ length }, () => job)

test('a batch ends at its bound on statements, and at its bound on bytes', () => {
  expect(batches(jobs(17, { count: 64, bytes: 1 }))).toEqual([8, 8, 1])
  expect(batches(jobs(33, { count: 1, bytes: MiB }))).toEqual([16, 16, 1])
  expect(batches(jobs(3, { count: 1, bytes: 16 * MiB }))).toEqual([1, 1, 1])
  expect(batches(jobs(2, { count: 64, bytes: 1 }), 1)).toEqual([1, 1])
})
