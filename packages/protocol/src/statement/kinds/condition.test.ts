import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { limits } from '../../wire/limits.ts'
import { Condition, whyNotCondition } from './condition.ts'

const id = fc.constantFrom('a', 'b', 'c', 'd')
const floor = fc.record(
  {
    min_stance: fc.constantFrom('attributes', 'supports', 'co-seals', 'dissents'),
    min_named: fc.constantFrom('organ', 'activity', 'territory'),
  },
  { requiredKeys: [] },
)
const leaf = fc.oneof(
  fc.tuple(id, floor).map(([member, rest]) => ({ member, ...rest })),
  fc
    .tuple(fc.integer({ min: 1, max: 4 }), fc.array(id, { maxLength: 4 }), floor)
    .map(([k, ids, rest]) => ({ atLeast: [k, ...ids], ...rest })),
)
const { node } = fc.letrec(tie => ({
  node: fc.oneof(
    { maxDepth: 6, depthSize: 'large', withCrossShrink: true },
    leaf,
    fc.array(tie('node'), { minLength: 1, maxLength: 5 }).map(all => ({ all })),
    fc.array(tie('node'), { minLength: 1, maxLength: 5 }).map(any => ({ any })),
  ),
}))

/** Every node with its depth, in a flat list: what the laws count is then counted one by one. */
function listed(condition: unknown, depth = 1): { value: Record<string, unknown>; depth: number }[] {
  const value = condition as Record<string, unknown>
  const parts = (value['all'] ?? value['any'] ?? []) as unknown[]
  return [{ value, depth }, ...parts.flatMap(part => listed(part, depth + 1))]
}

function holdsSlowly(condition: unknown): boolean {
  const nodes = listed(condition)
  const counted = nodes.reduce((sum, { value }) => sum + ((value['atLeast'] as unknown[] | undefined)?.length ?? 1), 0)
  const offScale = new Set<unknown>(['co-seals', 'no-position', 'dissents', 'territory'])
  return (
    counted <= limits.conditionNodesMax &&
    nodes.every(({ value, depth }) => {
      const [least, ...ids] = (value['atLeast'] ?? [1]) as [number, ...string[]]
      const possible = ids.length === 0 || least <= ids.length
      return (
        depth <= limits.conditionDepthMax &&
        possible &&
        new Set(ids).size === ids.length &&
        !offScale.has(value['min_stance']) &&
        !offScale.has(value['min_named'])
      )
    })
  )
}

describe('a condition', () => {
  test('is bounded, on the scales, and counts nobody twice', () => {
    fc.assert(
      fc.property(node, value => {
        const parsed = Condition.safeParse(value)
        expect(parsed.success && whyNotCondition(parsed.data) === undefined).toBe(holdsSlowly(value))
        expect(parsed.success).toBe(true)
      }),
      { numRuns: 500 },
    )
  })

  test('of two forms at once is none', () => {
    fc.assert(
      fc.property(leaf, node, (one, other) => {
        expect(Condition.safeParse({ ...one, all: [other] }).success).toBe(false)
      }),
    )
  })

  test('as deep as signed JSON may be is read and refused by its law', () => {
    const deep = Array.from({ length: 15 }).reduce<unknown>(inner => ({ any: [inner] }), { member: 'a' })
    const parsed = Condition.safeParse(deep)
    expect(parsed.success && whyNotCondition(parsed.data)).toContain('deep')
  })
})
