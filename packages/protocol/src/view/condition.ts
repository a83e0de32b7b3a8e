import type { Condition, Floor } from '../statement/kinds/condition.ts'
import { type Position, namedAtLeast, onScale, stanceAtLeast } from '../statement/kinds/position.ts'

/** What each member of a set says: spec/08-call-outs.md#conditions. */
export type PositionsByMember = ReadonlyMap<string, readonly Position[]>

/** Whether a condition holds in a set of signatories. Monotone: a larger set never makes it false. */
export function holds(condition: Condition, set: PositionsByMember): boolean {
  if ('all' in condition) return condition.all.every(part => holds(part, set))
  if ('any' in condition) return condition.any.some(part => holds(part, set))
  const { least, listed } = countedBy(condition)
  let found = 0
  for (const member of listed.length > 0 ? listed : set.keys()) {
    if (meetsFloor(set.get(member) ?? [], condition) && ++found >= least) return true
  }
  return false
}

export type Leaf = Exclude<Condition, { readonly all: unknown } | { readonly any: unknown }>

/** A leaf as a count: at least so many of those listed, or of all signatories where it lists nobody. */
export function countedBy(leaf: Leaf): { readonly least: number; readonly listed: readonly string[] } {
  if ('member' in leaf) return { least: 1, listed: [leaf.member] }
  const [least, ...listed] = leaf.atLeast
  return { least, listed }
}

/** One position meets every part of the floor. A co-seal, a dissent or no position meets not even an empty one. */
export const meetsFloor = (positions: readonly Position[], floor: Floor): boolean =>
  positions.some(position => positionMeets(position, floor))

export function positionMeets({ claim, stance, named }: Position, floor: Floor): boolean {
  if (!onScale(stance) || (floor.claim !== undefined && floor.claim !== claim)) return false
  if (floor.min_stance !== undefined && !stanceAtLeast(stance, floor.min_stance)) return false
  return floor.min_named === undefined || namedAtLeast(named, floor.min_named)
}
