import type { Condition, Floor } from '../statement/kinds/condition.ts'
import { type Position, named, stances } from '../statement/kinds/position.ts'
import { type Leaf, countedBy, meetsFloor, positionMeets } from './condition.ts'

/** What a member would say, and on what condition; without one, outright. */
export type Candidate = { readonly positions: readonly Position[]; readonly when?: Condition | undefined }

/**
 * spec/08-call-outs.md#largest-set. The largest set of candidates in which the condition of each holds: begin with all,
 * and drop whoever's condition fails until nobody's does. Conditions are monotone, so the order does not matter.
 *
 * Every node of a condition is a gate that stays open while enough of its inputs do. A member that drops is told once
 * to the counters it is in, so the work is the size of the conditions and not members times rounds.
 */
export function largestSet(candidates: ReadonlyMap<string, Candidate>): ReadonlySet<string> {
  const set = new Set(candidates.keys())
  const { countersByMember, unmet } = wire(candidates)
  for (let member = unmet.pop(); member !== undefined; member = unmet.pop()) {
    if (!set.delete(member)) continue
    for (const counter of countersByMember.get(member) ?? []) lower(counter, unmet)
  }
  return set
}

/** Open while `have >= need`; whoever stands above is told when it closes. */
type Gate = { have: number; readonly need: number; readonly above: Above }
/** Another gate, or the member whose condition this is. */
type Above = Gate | string

/** How many members still in meet one floor. Leaves that count the same share it, each at a need of its own. */
type Counter = { have: number; readonly aboveByNeed: (Above[] | undefined)[] }

function lower(counter: Counter, unmet: string[]): void {
  const closing = counter.aboveByNeed[counter.have--]
  if (closing !== undefined) for (const above of closing) close(above, unmet)
}

/** Tells the way up that an input has closed, as far as that closes anything. */
function close(above: Above, unmet: string[]): void {
  let next = above
  while (typeof next !== 'string') {
    if (next.have-- !== next.need) return
    next = next.above
  }
  unmet.push(next)
}

/** The counters that a member is in. */
type Counted = Counter[]

type Wired = {
  readonly countersByMember: ReadonlyMap<string, Counted>
  /** Members whose condition has failed and who have not been dropped yet. */
  readonly unmet: string[]
}

function wire(candidates: ReadonlyMap<string, Candidate>): Wired {
  const countersByMember = new Map([...candidates.keys()].map(member => [member, [] as Counted]))
  const counterOf = sharedCounters(candidates, countersByMember)
  const unmet: string[] = []
  const place = (condition: Condition, above: Above): void => {
    if ('all' in condition) return placeAll(condition.all, condition.all.length, above)
    if ('any' in condition) return placeAll(condition.any, 1, above)
    const { least, listed } = countedBy(condition)
    const counter = counterOf(condition, listed)
    if (counter.have < least) close(above, unmet)
    else (counter.aboveByNeed[least] ??= []).push(above)
  }
  const placeAll = (parts: readonly Condition[], need: number, above: Above): void => {
    const gate = { have: parts.length, need, above }
    for (const part of parts) place(part, gate)
  }
  for (const [member, { when }] of candidates) if (when !== undefined) place(when, member)
  return { countersByMember, unmet }
}

function sharedCounters(
  candidates: ReadonlyMap<string, Candidate>,
  countersByMember: ReadonlyMap<string, Counted>,
): (leaf: Leaf, listed: readonly string[]) => Counter {
  const [byFloor, byList, byCrowd] = [
    new Map<number, Counter>(),
    new Map<string, Counter>(),
    new Map<string, Counter>(),
  ]
  const numberOf = floorNumbers()
  const everyone = indexPositions(candidates, countersByMember)
  const among = (floor: Floor, listed: readonly string[]): Counted[] =>
    listed.flatMap(member => {
      const counted = countersByMember.get(member)
      return counted !== undefined && meetsFloor(candidates.get(member)?.positions ?? [], floor) ? [counted] : []
    })
  return (leaf, listed) => {
    const floor = numberOf(leaf)
    if (listed.length > 0)
      return madeOnce(byList, `${floor} ${listed.join(' ')}`, () => newCounter([among(leaf, listed)]))
    const known = byFloor.get(floor)
    if (known !== undefined) return known
    const { name, crowd } = everyone(leaf)
    const counter = madeOnce(byCrowd, name, () => newCounter(crowd()))
    byFloor.set(floor, counter)
    return counter
  }
}

function madeOnce<Key, Value>(known: Map<Key, Value>, key: Key, make: () => Value): Value {
  const value = known.get(key) ?? make()
  known.set(key, value)
  return value
}

/** Of disjoint parts of the members. */
function newCounter(parts: readonly Iterable<Counted>[]): Counter {
  const counter: Counter = { have: 0, aboveByNeed: [] }
  for (const part of parts) {
    for (const counted of part) {
      counted.push(counter)
      counter.have++
    }
  }
  return counter
}

/** One number for one floor, for there are as many as leaves. */
function floorNumbers(): (floor: Floor) => number {
  const claims = new Map<string | undefined, number>()
  return ({ claim, min_stance: stance, min_named: object }) => {
    const number = madeOnce(claims, claim, () => claims.size)
    const stanceNumber = stance === undefined ? 0 : 1 + stances.indexOf(stance)
    const objectNumber = object === undefined ? 0 : 1 + named.indexOf(object)
    return (number * (stances.length + 1) + stanceNumber) * (named.length + 1) + objectNumber
  }
}

/** What is said of one claim, or of any: who says each word. No member says two where all have one position. */
type Said = { readonly byWord: (Set<Counted> | undefined)[]; readonly by: Set<Counted>; positions: number }

/** Who meets a floor, and one name for each answer: floors that the same members meet are counted together. */
function indexPositions(
  candidates: ReadonlyMap<string, Candidate>,
  countersByMember: ReadonlyMap<string, Counted>,
): (floor: Floor) => { readonly name: string; readonly crowd: () => readonly Iterable<Counted>[] } {
  const { words, saidOf } = groupByWords(candidates, countersByMember)
  const meeting = new Map<string, readonly number[]>()
  return ({ claim, min_stance, min_named }) => {
    const met = madeOnce(meeting, `${min_stance ?? ''} ${min_named ?? ''}`, () =>
      words.flatMap((word, i) => (positionMeets(word, { min_stance, min_named }) ? [i] : [])),
    )
    const said = saidOf.get(claim)
    const spoken = met.filter(word => said?.byWord[word] !== undefined)
    const crowd = () => {
      const parts = spoken.flatMap(word => said?.byWord[word] ?? [])
      return said?.positions === said?.by.size ? parts : [unionOf(parts)]
    }
    // One character a word, of which there are fewer than a hundred.
    return { name: `${claim ?? ''} ${String.fromCharCode(...spoken)}`, crowd }
  }
}

function unionOf(sets: readonly Set<Counted>[]): Set<Counted> {
  const union = new Set<Counted>()
  for (const members of sets) for (const counted of members) union.add(counted)
  return union
}

/** A word is a stance and what is named: a floor is asked of the words once, not of every member. */
function groupByWords(candidates: ReadonlyMap<string, Candidate>, countersByMember: ReadonlyMap<string, Counted>) {
  const words: Position[] = []
  const numbers = new Map<string, number>()
  /** By claim, and under `undefined` all of them together. */
  const saidOf = new Map<string | undefined, Said>()
  const add = (claim: string | undefined, word: number, counted: Counted): void => {
    const said = madeOnce(saidOf, claim, () => ({ byWord: [], by: new Set<Counted>(), positions: 0 }))
    const members = (said.byWord[word] ??= new Set())
    members.add(counted)
    said.by.add(counted)
    said.positions++
  }
  for (const [member, counted] of countersByMember) {
    for (const position of candidates.get(member)?.positions ?? []) {
      const word = madeOnce(numbers, `${position.stance} ${position.named}`, () => words.push(position) - 1)
      add(position.claim, word, counted)
      add(undefined, word, counted)
    }
  }
  return { words, saidOf }
}
