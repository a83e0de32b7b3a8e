import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Claimed, heldBounds, heldSince } from './held.ts'

/** A folder has some of the entries; each author had seen no more than stood before it. */
const folders = fc
  .array(fc.record({ there: fc.boolean(), iat: fc.nat(50), seen: fc.option(fc.nat(100), { nil: undefined }) }), {
    maxLength: 30,
  })
  .map(all =>
    all.flatMap(({ there, iat, seen }, index): Claimed[] =>
      there ? [{ index, iat, ...(seen !== undefined && { seen: { size: seen % (index + 1) } }) }] : [],
    ),
  )

describe('held since', () => {
  test('of all statements at once is what it is of each', () => {
    fc.assert(
      fc.property(folders, claimed => {
        const size = (claimed.at(-1)?.index ?? -1) + 1
        const of = heldBounds(claimed, size)
        const placed = claimed.map(({ index, iat, seen }) => ({ index, statement: { claims: { iat, seen } } }))
        for (const [i, each] of claimed.entries()) {
          const { index: _, ...twin } = heldSince(placed as never, placed[i] as never)
          expect(of(each)).toEqual(twin)
        }
      }),
    )
  })
})
