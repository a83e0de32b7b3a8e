import { z } from 'zod'
import { limits } from '../../wire/limits.ts'
import { Label, MemberId, distinct } from '../../wire/shapes.ts'
import { Named, Stance, namedAtLeast, onScale } from './position.ts'

/** What the members counted must at least say; on any claim, or on the one named. */
const floor = { claim: Label.optional(), min_named: Named.optional(), min_stance: Stance.optional() }

export type Floor = {
  readonly claim?: string | undefined
  readonly min_named?: Named | undefined
  readonly min_stance?: Stance | undefined
}

/**
 * A join's condition: monotone, so that a largest set exists and is unique (spec/08-call-outs.md#conditions).
 * `atLeast: [k, ids…]` counts the members listed; `atLeast: [k]` counts any signatory, the joiner included.
 */
export type Condition =
  | ({ readonly member: string } & Floor)
  | ({ readonly atLeast: readonly [number, ...string[]] } & Floor)
  | { readonly all: readonly Condition[] }
  | { readonly any: readonly Condition[] }

const several = z.lazy(() => z.array(Node).min(1).max(limits.conditionNodesMax))
const count = z.int().min(1).max(limits.coalitionMembersMax)
const Node: z.ZodType<Condition> = z.lazy(() =>
  z.union([
    z.strictObject({ member: MemberId, ...floor }),
    z.strictObject({ atLeast: z.tuple([count], MemberId), ...floor }),
    z.strictObject({ all: several }),
    z.strictObject({ any: several }),
  ]),
)

export const Condition: z.ZodType<Condition> = Node

/** Laws of a condition: bounded in nodes and depth, floors on the scale, no id counted twice. */
export function whyNotCondition(condition: Condition): string | undefined {
  if (nodesOf(condition) > limits.conditionNodesMax) return `a condition has at most ${limits.conditionNodesMax} nodes`
  if (depthOf(condition) > limits.conditionDepthMax) return `a condition nests at most ${limits.conditionDepthMax} deep`
  return partsOf(condition).length > 0 ? firstOf(partsOf(condition), whyNotCondition) : whyNotLeaf(condition)
}

export const partsOf = (condition: Condition): readonly Condition[] =>
  'all' in condition ? condition.all : 'any' in condition ? condition.any : []

const nodesOf = (condition: Condition): number =>
  partsOf(condition).reduce((sum, part) => sum + nodesOf(part), 'atLeast' in condition ? condition.atLeast.length : 1)

const depthOf = (condition: Condition): number => 1 + Math.max(0, ...partsOf(condition).map(depthOf))

function whyNotLeaf(condition: Condition): string | undefined {
  const { min_stance, min_named } = condition as Floor
  if (min_stance !== undefined && !onScale(min_stance)) return `${min_stance} is not on the scale of stances`
  if (min_named !== undefined && !namedAtLeast(min_named, min_named))
    return `${min_named} is not on the ladder of what is named`
  if (!('atLeast' in condition)) return undefined
  const [least, ...ids] = condition.atLeast
  if (!distinct(ids)) return 'a member is counted once'
  return ids.length > 0 && least > ids.length ? `${least} of ${ids.length} can never be` : undefined
}

function firstOf<T, R>(items: readonly T[], find: (item: T) => R | undefined): R | undefined {
  for (const item of items) {
    const found = find(item)
    if (found !== undefined) return found
  }
  return undefined
}
