import * as crypto from 'node:crypto'
import {
  type Charter,
  type CharterState,
  type KindName,
  type Member,
  type Result,
  assert,
  beginCharter,
  keyAt,
  nodePrimitives,
  restrictedTiers,
  stateAt,
  withRecord,
} from '@chancery/protocol'
import * as fc from 'fast-check'
import { beforeAll, expect, test } from 'vitest'
import { makeWorld } from '../world.ts'

const primitives = nodePrimitives(crypto)
let genesis: Charter
/** Everyone there is: three found the coalition, and the others may be brought. */
let everyone: readonly Member[]

beforeAll(async () => {
  const world = await makeWorld({ members: 6, seed: 'amendments', curvesOnly: true })
  everyone = world.charter.charter.members
  const founders = everyone.slice(0, 3)
  const green = founders.map(({ id }) => id)
  genesis = {
    ...world.charter.charter,
    amend_threshold: 2,
    clearances: { amber: [], 'amber+strict': [], green, red: [] },
    members: founders,
  }
})

/** One thing that somebody tries: numbers choose among those there are. */
type Try = {
  readonly does: 'amend' | 'approve' | 'accede' | 'suspend' | 'leave'
  readonly who: number
  readonly what: number
}
const tries = fc.array(
  fc.record({
    does: fc.constantFrom('amend', 'amend', 'approve', 'approve', 'approve', 'accede', 'suspend', 'leave'),
    who: fc.nat(5),
    what: fc.nat(99),
  }),
  { maxLength: 40 },
) as fc.Arbitrary<Try[]>

/** What is known of each proposal from the tries alone. */
type Asked = { readonly next: Charter | undefined; readonly approvedBy: Set<string> }

const sidOf = (index: number): string => String(index).padStart(43, 'A')

function bodyOf(state: CharterState, { does, what }: Try): [KindName, object, Charter?] {
  const open = [...state.proposals.keys()]
  if (does === 'approve') return ['charter.approve', { approves: open[what % Math.max(open.length, 1)] ?? sidOf(0) }]
  if (does === 'accede') return ['member.accede', { accedes: state.version.sid }]
  if (does === 'leave') return ['member.withdraw', { reason: 'so' }]
  const named = everyone[what % everyone.length]
  assert(named !== undefined, 'a number chooses one')
  if (does === 'suspend') return ['member.suspend', { member: named.id, reason: 'so' }]
  const { tag, members: before, ...rest } = state.version.charter
  const isIn = before.some(({ id }) => id === named.id)
  const members = isIn ? before.filter(({ id }) => id !== named.id) : [...before, named]
  const ids = members.map(({ id }) => id).sort()
  const after = members.toSorted((a, b) => (a.id < b.id ? -1 : 1))
  const clearances = { amber: [], 'amber+strict': [], green: ids, red: [] }
  const next = { ...rest, amend_threshold: 1 + (what % 3), clearances, version: state.version.number + 1 }
  const charter = { ...next, members: after.map(member => (before.includes(member) ? member.id : member)) }
  return [
    'charter.amend',
    { charter, previous: state.version.sid, ...(!isIn && { seal: tag.seal }) },
    { ...next, members: after, tag },
  ]
}

/** `verify` would have refused it: the key does not speak, or its member may not. */
const isHeard = (state: CharterState, member: Member, kind: KindName, index: number): boolean => {
  const absence = state.absent.get(member.id)
  const root = member.keys.find(({ use }) => use === 'root')
  const speaks = root !== undefined && keyAt(state, root.kid, index) !== undefined
  return speaks && absence !== 'suspended' && (absence !== 'awaited' || kind === 'member.accede')
}

const shownOf = ({ version, absent, charter: { clearances, members } }: CharterState) =>
  JSON.stringify([version.sid, [...absent].sort(), clearances, members.map(({ id }) => id)])

/** Members that speak, by the state before the statement. */
const speakers = ({ charter, absent }: CharterState): string[] =>
  charter.members.map(({ id }) => id).filter(id => !absent.has(id))

function checkEnacted(before: CharterState, after: CharterState, asked: Asked | undefined): void {
  if (after.version === before.version) return
  expect(after.version.number).toBe(before.version.number + 1)
  const next = asked?.next
  assert(next !== undefined, 'what is in force was proposed')
  const counting = speakers(before).filter(id => asked?.approvedBy.has(id))
  expect(counting.length).toBeGreaterThanOrEqual(before.version.charter.amend_threshold)
  const kept = counting.filter(id => next.members.some(member => member.id === id))
  expect(kept.length).toBeGreaterThanOrEqual(next.amend_threshold)
}

function checkSilence(state: CharterState, index: number): void {
  for (const tier of restrictedTiers)
    for (const id of state.charter.clearances[tier]) expect(state.absent.has(id)).toBe(false)
  for (const member of everyone) {
    const isIn = state.charter.members.some(({ id }) => id === member.id) && state.absent.get(member.id) !== 'left'
    const heard = member.keys.some(({ kid }) => keyAt(state, kid, index + 1) !== undefined)
    expect([isIn, heard]).not.toEqual([false, true])
  }
}

test('a version takes force by those who speak, counted once; silence is kept, and no past changes', () => {
  fc.assert(
    fc.property(tries, all => {
      let state = beginCharter({ sid: sidOf(0), iss: genesis.members[0]?.id ?? '', charter: genesis })
      const asked = new Map<string, Asked>()
      const history: string[] = [shownOf(state)]
      for (const [i, each] of all.entries()) {
        const index = i + 1
        const member = everyone[each.who % everyone.length]
        assert(member !== undefined, 'a number chooses one')
        const [kind, body, next] = bodyOf(state, each)
        const entered = { sid: sidOf(index), kid: member.keys[0]?.kid ?? '', kind, iss: member.id, iat: 0, index, body }
        const done: Result<CharterState> | undefined = isHeard(state, member, kind, index)
          ? withRecord(primitives, state, entered)
          : undefined
        if (done?.ok === true) {
          const of = kind === 'charter.approve' ? (body as { approves: string }).approves : entered.sid
          const known = asked.get(of) ?? { next, approvedBy: new Set<string>() }
          known.approvedBy.add(member.id)
          asked.set(of, known)
          checkEnacted(state, done.value, known)
          state = done.value
          checkSilence(state, index)
        }
        // In force from the next index on: what stands at this one is judged as before it.
        history.push(shownOf(stateAt(state, index)))
        for (const [at, was] of history.entries()) expect(shownOf(stateAt(state, at))).toBe(was)
      }
    }),
    { numRuns: 300 },
  )
})
