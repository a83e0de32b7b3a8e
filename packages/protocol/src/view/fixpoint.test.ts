import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Condition } from '../statement/kinds/condition.ts'
import { type Position, named as objects, onScale, stances } from '../statement/kinds/position.ts'
import { holds } from './condition.ts'
import { type Candidate, largestSet } from './fixpoint.ts'

const said: Position = { claim: 'c1', stance: 'attributes', named: 'state', basis: 'own-assessment' }
const outright: Candidate = { positions: [said] }
const when = (condition: Condition): Candidate => ({ positions: [said], when: condition })
const largest = (joins: Record<string, Candidate>): string[] => [...largestSet(new Map(Object.entries(joins)))].sort()

describe('the largest set', () => {
  test('is everybody where nobody asks for anything', () => {
    expect(largest({ aldova: outright, borsk: outright })).toEqual(['aldova', 'borsk'])
  })
  test('is empty where nobody joins', () => {
    expect(largest({})).toEqual([])
  })
  test('admits two that wait for one another', () => {
    const joins = { aldova: when({ member: 'borsk' }), borsk: when({ member: 'aldova' }) }
    expect(largest(joins)).toEqual(['aldova', 'borsk'])
  })
  test('lets a whole chain fall when its first link does', () => {
    const chain = {
      aldova: when({ member: 'nobody' }),
      borsk: when({ member: 'aldova' }),
      caldria: when({ member: 'borsk' }),
    }
    expect(largest({ ...chain, dorvane: outright })).toEqual(['dorvane'])
  })
  test('counts the joiner itself among any signatories', () => {
    expect(largest({ aldova: when({ atLeast: [2] }), borsk: outright })).toEqual(['aldova', 'borsk'])
    expect(largest({ aldova: when({ atLeast: [3] }), borsk: outright })).toEqual(['borsk'])
  })
  test('may hold a co-seal, which counts for nobody', () => {
    const seal = { positions: [{ ...said, stance: 'co-seals' as const }] }
    const joins = { aldova: seal, borsk: when({ member: 'aldova' }), caldria: when({ atLeast: [1] }) }
    expect(largest(joins)).toEqual(['aldova', 'caldria'])
  })

  test('is the union of all sets in which every condition holds', () => {
    fc.assert(
      fc.property(candidates(10), joins => {
        expect([...largestSet(joins)].sort()).toEqual([...byAllSubsets(joins)].sort())
      }),
      { numRuns: 300 },
    )
  })
  test('does not depend on the order in which the joins are read', () => {
    fc.assert(
      fc.property(candidates(10), joins => {
        expect([...largestSet(new Map([...joins].reverse()))].sort()).toEqual([...largestSet(joins)].sort())
      }),
    )
  })
  test('is what asking each in turn, round after round, ends with', () => {
    fc.assert(
      fc.property(candidates(40), joins => {
        expect([...largestSet(joins)].sort()).toEqual([...byRounds(joins)].sort())
      }),
      { numRuns: 400 },
    )
  })
  test('counts who meets a floor, whichever other floors are asked for', () => {
    const floors = fc.array(fc.tuple(fc.integer({ min: 1, max: 20 }), floor), { minLength: 60, maxLength: 60 })
    fc.assert(
      fc.property(fc.array(positions, { maxLength: 40 }), floors, (spoken, asked) => {
        const speakers = spoken.map((each, i): [string, Candidate] => [`m${i}`, { positions: each }])
        const words = new Map(speakers.map(([id, speaker]) => [id, speaker.positions]))
        const askers = asked.map(([least, rest], i): [string, Candidate & { when: Condition }] => [
          `z${i}`,
          { positions: [], when: { atLeast: [least], ...rest } },
        ])
        const met = askers.filter(([, { when: condition }]) => holds(condition, words)).map(([id]) => id)
        const set = largestSet(new Map<string, Candidate>([...speakers, ...askers]))
        expect([...set].filter(id => id.startsWith('z'))).toEqual(met)
      }),
      { numRuns: 200 },
    )
  })
  test('never grows when a condition is added', () => {
    fc.assert(
      fc.property(candidates(10), condition, (joins, more) => {
        const stricter = new Map(
          [...joins].map(([member, join], i) => [
            member,
            i === 0 ? { ...join, when: { all: [more, join.when ?? more] } } : join,
          ]),
        )
        expect([...largestSet(stricter)].filter(member => !largestSet(joins).has(member))).toEqual([])
      }),
    )
  })
})

/** The slow twin: tries every set, and takes the union of those that hold. */
function byAllSubsets(joins: ReadonlyMap<string, Candidate>): ReadonlySet<string> {
  const members = [...joins.keys()]
  const union = new Set<string>()
  for (let bits = 0; bits < 2 ** members.length; bits++) {
    const set = members.filter((_, i) => (bits >> i) % 2 === 1)
    if (everyConditionHolds(joins, set)) set.forEach(member => union.add(member))
  }
  return union
}

function byRounds(joins: ReadonlyMap<string, Candidate>): readonly string[] {
  let set = [...joins.keys()]
  while (!everyConditionHolds(joins, set)) set = set.filter(member => isMet(joins, set, member))
  return set
}

const everyConditionHolds = (joins: ReadonlyMap<string, Candidate>, set: readonly string[]): boolean =>
  set.every(member => isMet(joins, set, member))

function isMet(joins: ReadonlyMap<string, Candidate>, set: readonly string[], member: string): boolean {
  const condition = joins.get(member)?.when
  return condition === undefined || holds(condition, new Map(set.map(each => [each, joins.get(each)?.positions ?? []])))
}

const memberIds = Array.from({ length: 40 }, (_, i) => `m${i}`)
const claim = fc.constantFrom('c1', 'c2')
// Few words, of which many members say the same, and all there are.
const stance = fc.oneof(fc.constantFrom('attributes', 'supports', 'condemns', 'co-seals'), fc.constantFrom(...stances))
const named = fc.oneof(fc.constantFrom('state', 'group', 'territory'), fc.constantFrom(...objects))
const floor = fc.record(
  {
    claim,
    min_stance: fc.constantFrom(...stances.filter(onScale)),
    min_named: fc.constantFrom(...objects.filter(each => each !== 'territory')),
  },
  { requiredKeys: [] },
)
const someIds = fc.uniqueArray(fc.constantFrom(...memberIds.slice(0, 11)), { maxLength: 5 })
const leaf = fc.oneof(
  fc.tuple(fc.constantFrom(...memberIds.slice(0, 11)), floor).map(([member, rest]) => ({ member, ...rest })),
  fc.tuple(fc.integer({ min: 1, max: 6 }), someIds, floor).map(([least, ids, rest]) => ({
    atLeast: [ids.length > 0 ? Math.min(least, ids.length) : least, ...ids],
    ...rest,
  })),
)
const { node: tree } = fc.letrec(tie => ({
  node: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    leaf,
    fc.record({ all: parts(tie) }),
    fc.record({ any: parts(tie) }),
  ),
}))
const condition = tree as fc.Arbitrary<Condition>

function parts(tie: (name: string) => fc.Arbitrary<unknown>): fc.Arbitrary<unknown[]> {
  return fc.array(tie('node'), { minLength: 1, maxLength: 4 })
}

const position = fc.record({ claim, stance, named, basis: fc.constant('own-assessment') }) as fc.Arbitrary<Position>
const positions = fc.array(position, { minLength: 1, maxLength: 3 })

function candidates(most: number): fc.Arbitrary<ReadonlyMap<string, Candidate>> {
  const candidate = fc.record({ positions, when: condition }, { requiredKeys: ['positions'] })
  return fc.array(candidate, { maxLength: most }).map(list => new Map(list.map((join, i) => [`m${i}`, join])))
}
