import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { backoffMs } from './stream.ts'

test('waits grow, stay under half a minute, and are spread from zero', () => {
  const chances = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })
  fc.assert(
    fc.property(fc.nat(10_000), chances, (attempt, chance) => {
      const ms = backoffMs(attempt, chance)
      expect(ms).toBeGreaterThanOrEqual(0)
      expect(ms).toBeLessThanOrEqual(30_000)
      expect(backoffMs(attempt, 0)).toBe(0)
    }),
  )
  expect([0, 1, 2].map(attempt => backoffMs(attempt, 0.5))).toEqual([125, 250, 500])
})
