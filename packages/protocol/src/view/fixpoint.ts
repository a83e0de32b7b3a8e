import type { Condition, Floor } from '../statement/kinds/condition.ts'
import type { Position } from '../statement/kinds/position.ts'
import { type Leaf, countedBy, meetsFloor } from './condition.ts'

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

type Wired = {
  readonly countersByMember: ReadonlyMap<string, Counter[]>
  /** Members whose condition has failed and who have not been dropped yet. */
  readonly unmet: string[]
}

function wire(candidates: ReadonlyMap<string, Candidate>): Wired {
  const countersByMember = new Map([...candidates.keys()].map(member => [member, [] as Counter[]]))
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
  countersByMember: ReadonlyMap<string, Counter[]>,
): (leaf: Leaf, listed: readonly string[]) => Counter {
  const counters = new Map<string, Counter>()
  const everyoneMeeting = indexPositions(candidates)
  const listedMeeting = (floor: Floor, listed: readonly string[]): readonly string[] =>
    listed.filter(member => meetsFloor(candidates.get(member)?.positions ?? [], floor))
  return (leaf, listed) => {
    const key = `${listed.join(' ')}|${leaf.claim ?? ''}|${leaf.min_stance ?? ''}|${leaf.min_named ?? ''}`
    const known = counters.get(key)
    if (known !== undefined) return known
    const members = listed.length > 0 ? listedMeeting(leaf, listed) : everyoneMeeting(leaf)
    const counter: Counter = { have: members.length, aboveByNeed: [] }
    for (const member of members) countersByMember.get(member)?.push(counter)
    counters.set(key, counter)
    return counter
  }
}

/** Members that say the same, of one claim or of any: a floor is asked of the words once, not of every member. */
type SameWords = { readonly position: Position; readonly members: Set<string> }

function indexPositions(candidates: ReadonlyMap<string, Candidate>): (floor: Floor) => readonly string[] {
  const byClaim = new Map<string | undefined, ReadonlyMap<string, SameWords>>()
  return floor => {
    const groups = byClaim.get(floor.claim) ?? groupByWords(candidates, floor.claim)
    byClaim.set(floor.claim, groups)
    const meeting = [...groups.values()].filter(({ position }) => meetsFloor([position], floor))
    if (meeting.length === 1) return [...(meeting[0]?.members ?? [])]
    return [...new Set(meeting.flatMap(({ members }) => [...members]))]
  }
}

function groupByWords(
  candidates: ReadonlyMap<string, Candidate>,
  claim: string | undefined,
): ReadonlyMap<string, SameWords> {
  const groups = new Map<string, SameWords>()
  for (const [member, { positions }] of candidates) {
    for (const position of positions) {
      if (claim !== undefined && position.claim !== claim) continue
      const words = `${position.stance} ${position.named}`
      const group = groups.get(words)
      if (group === undefined) groups.set(words, { position, members: new Set([member]) })
      else group.members.add(member)
    }
  }
  return groups
}
