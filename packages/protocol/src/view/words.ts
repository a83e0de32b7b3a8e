import type { Condition, Floor } from '../statement/kinds/condition.ts'
import type { Position } from '../statement/kinds/position.ts'
import type { Leaf } from './condition.ts'

/** A condition as a person would say it, of the member that has made it. */
export function sayCondition(condition: Condition): string {
  if ('all' in condition) return condition.all.map(sayPart).join(', and ')
  if ('any' in condition) return condition.any.map(sayPart).join(', or ')
  return sayLeaf(condition)
}

const sayPart = (part: Condition): string =>
  'all' in part || 'any' in part ? `(${sayCondition(part)})` : sayLeaf(part)

function sayLeaf(leaf: Leaf): string {
  const saying = sayFloor(leaf)
  if ('member' in leaf) return `${leaf.member} signs${saying}`
  const [least, ...ids] = leaf.atLeast
  if (ids.length === 0) return `at least ${least} sign, this member counted${saying}`
  return `at least ${least} of ${ids.join(', ')} sign${least === 1 ? 's' : ''}${saying}`
}

function sayFloor({ claim, min_named, min_stance }: Floor): string {
  const floors = [
    min_stance === undefined ? [] : [`saying "${min_stance}" or stronger`],
    min_named === undefined ? [] : [`naming ${min_named} or more`],
    claim === undefined ? [] : [`on claim ${claim}`],
  ].flat()
  return floors.length === 0 ? '' : `, ${floors.join(', ')}`
}

/** What a claim or a position rests on and how sure it is, each on the scale of whoever says it. */
export function saySurety({
  basis,
  confidence,
  likelihood,
}: Pick<Position, 'basis' | 'confidence' | 'likelihood'>): string {
  const words = [basis.replaceAll('-', ' ')]
  if (likelihood !== undefined) words.push(`${termOf(likelihood)} on the scale ${likelihood.scale}`)
  if (confidence !== undefined) words.push(`${confidence} confidence`)
  return words.join(', ')
}

/** Terms of a known scale are written with hyphens; what a member has typed stays as it is. */
const termOf = ({ scale, term }: NonNullable<Position['likelihood']>): string =>
  scale === 'other' ? `"${term}"` : term.replaceAll('-', ' ')
