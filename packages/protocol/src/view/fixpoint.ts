import type { Condition, Floor } from '../statement/kinds/condition.ts'
import type { Position } from '../statement/kinds/position.ts'
import { countedBy, meetsFloor } from './condition.ts'

/** What a member would say, and on what condition; without one, outright. */
export type Candidate = { readonly positions: readonly Position[]; readonly when?: Condition | undefined }

/**
 * spec/08-call-outs.md#largest-set. The largest set of candidates in which the condition of each holds: begin with all,
 * and drop whoever's condition fails until nobody's does. Conditions are monotone, so the order does not matter.
 *
 * Every node of a condition is a gate that stays open while enough of its inputs do. A member that drops is told once to
 * the gates it feeds, so the work is the size of the conditions and not members times rounds.
 */
export function largestSet(candidates: ReadonlyMap<string, Candidate>): ReadonlySet<string> {
  const set = new Set(candidates.keys())
  const fed = feed(candidates)
  const dropping = fed.unmet
  for (let member = dropping.pop(); member !== undefined; member = dropping.pop()) {
    if (!set.delete(member)) continue
    for (const counter of fed.countersByMember.get(member) ?? []) lower(counter, dropping)
  }
  return set
}

/** Open while `have >= need`. Whoever stands above is told when it closes: another gate, or the member whose join it is. */
type Gate = { have: number; readonly need: number; readonly above: Gate | string }

/** Members still in that meet one floor. Leaves that count the same members share it, each at its own need. */
type Counter = { have: number; readonly leavesByNeed: Map<number, (Gate | string)[]> }

type Fed = { readonly countersByMember: ReadonlyMap<string, readonly Counter[]>; readonly unmet: string[] }

function lower(counter: Counter, dropping: string[]): void {
  const above = counter.leavesByNeed.get(counter.have--)
  for (const gate of above ?? []) close(gate, dropping)
}

function close(above: Gate | string, dropping: string[]): void {
  let next = above
  while (typeof next !== 'string') {
    if (next.have-- !== next.need) return
    next = next.above
  }
  dropping.push(next)
}

function feed(candidates: ReadonlyMap<string, Candidate>): Fed {
  const countersByMember = new Map<string, Counter[]>([...candidates.keys()].map(member => [member, []]))
  const counters = new Map<string, Counter>()
  const unmet: string[] = []

  const counterOf = (among: readonly string[], floor: Floor): Counter => {
    const counter: Counter = { have: 0, leavesByNeed: new Map() }
    for (const member of among) {
      const candidate = candidates.get(member)
      if (candidate === undefined || !meetsFloor(candidate.positions, floor)) continue
      counter.have++
      countersByMember.get(member)?.push(counter)
    }
    return counter
  }
  const everyone = [...candidates.keys()]
  const shared = (among: Iterable<string>, floor: Floor): Counter => {
    const listed = among === everyone ? '' : [...among].join(' ')
    const key = `${listed}|${floor.claim ?? ''}|${floor.min_stance ?? ''}|${floor.min_named ?? ''}`
    const counter = counters.get(key) ?? counterOf([...among], floor)
    counters.set(key, counter)
    return counter
  }
  const place = (condition: Condition, above: Gate | string): void => {
    const parts = 'all' in condition ? condition.all : 'any' in condition ? condition.any : undefined
    if (parts !== undefined) {
      const gate = { have: parts.length, need: 'all' in condition ? parts.length : 1, above }
      return parts.forEach(part => place(part, gate))
    }
    if ('all' in condition || 'any' in condition) return
    const { least, among } = countedBy(condition, everyone)
    const counter = shared(among, condition)
    if (counter.have < least) return close(above, unmet)
    const leaves = counter.leavesByNeed.get(least)
    if (leaves === undefined) counter.leavesByNeed.set(least, [above])
    else leaves.push(above)
  }
  for (const [member, { when }] of candidates) if (when !== undefined) place(when, member)
  return { countersByMember, unmet }
}
