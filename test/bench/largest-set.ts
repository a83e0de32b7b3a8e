import { type Candidate, type Condition, largestSet } from '@chancery/protocol'
import { printFigure, race } from './measure.ts'

const members = 200

/** The largest set at its worst: 200 members, and each drop is caused by the one before it. */
export async function benchLargestSet(): Promise<void> {
  const ids = Array.from({ length: members }, (_, i) => `m${String(i).padStart(3, '0')}`)
  const position = { claim: 'c1', stance: 'supports', named: 'organ', basis: 'own-assessment' } as const
  const when = (i: number): Condition => {
    const next = ids[i + 1]
    // The last condition never holds, so everyone falls, one after the other. 64 nodes each.
    const link: Condition = next === undefined ? { member: 'nobody' } : { member: next }
    return {
      all: [
        link,
        ...Array.from({ length: 62 }, (_, k): Condition => ({ atLeast: [1 + (k % 3)], min_stance: 'supports' })),
      ],
    }
  }
  const candidates = new Map<string, Candidate>(ids.map((id, i) => [id, { positions: [position], when: when(i) }]))
  const rates = await race([{ name: 'set', count: 1, run: () => void largestSet(candidates) }], 21)
  printFigure({
    what: `largest set, ${members} members falling one by one`,
    value: 1000 / (rates.get('set') ?? 1),
    unit: 'ms',
    goal: '≤ 20 ms',
    beside: '64 nodes a condition',
  })
}
