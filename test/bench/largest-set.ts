import { type Candidate, type Condition, type Position, largestSet, named, onScale, stances } from '@chancery/protocol'
import { printFigure, race } from './measure.ts'

const members = 200
const claims = Array.from({ length: 16 }, (_, i) => `c${i}`)

/** Every floor there is: on any claim or on one of 16, of any stance of the scale or none, of any object or none. */
const floors = [undefined, ...claims].flatMap(claim =>
  [undefined, ...stances.filter(onScale)].flatMap(stance =>
    [undefined, ...named.filter(each => each !== 'territory')].map(object => ({
      ...(claim !== undefined && { claim }),
      ...(stance !== undefined && { min_stance: stance }),
      ...(object !== undefined && { min_named: object }),
    })),
  ),
)

const words = stances.filter(onScale).flatMap(stance => named.map(object => ({ stance, named: object })))

/** Of each claim another word for every member: so no two floors count the same members, and most count many. */
const positionsOf = (i: number): Position[] =>
  claims.map((claim, c) => {
    const word = words[(i * 7 + c * 13) % words.length]
    return { claim, stance: 'attributes', named: 'state', ...word, basis: 'own-assessment' }
  })

/**
 * The largest set at its worst: 200 members who all say something else, as many floors as 64 nodes a condition can ask
 * for, and each drop caused by the one before it.
 */
export async function benchLargestSet(): Promise<void> {
  const ids = Array.from({ length: members }, (_, i) => `m${String(i).padStart(3, '0')}`)
  const when = (i: number): Condition => {
    const next = ids[i + 1]
    // The last condition never holds, so everyone falls, one after the other.
    const link: Condition = next === undefined ? { member: 'nobody' } : { member: next }
    const leaf = (k: number): Condition => ({ atLeast: [1], ...floors[(i * 62 + k) % floors.length] })
    return { all: [link, ...Array.from({ length: 62 }, (_, k) => leaf(k))] }
  }
  const candidates = new Map<string, Candidate>(ids.map((id, i) => [id, { positions: positionsOf(i), when: when(i) }]))
  const rates = await race([{ name: 'set', count: 1, run: () => void largestSet(candidates) }], 21)
  printFigure({
    what: `largest set, ${members} members falling one by one`,
    value: 1000 / (rates.get('set') ?? 1),
    unit: 'ms',
    goal: '≤ 20 ms',
    beside: `64 nodes a condition, ${floors.length} floors, ${claims.length} positions a member`,
  })
}
