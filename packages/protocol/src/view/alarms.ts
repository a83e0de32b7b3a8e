import type { CharterState } from '../charter/fold.ts'
import { isOf } from '../statement/verify.ts'
import { compareText } from '../wire/bytes.ts'
import { instantOf } from '../wire/shapes.ts'
import type { Placed } from './call-out-state.ts'
import { type ReadSpan, type Unopened, holesIn, isReadNow, readSpans, sumOf } from './gaps.ts'

/** spec/14-witnesses.md#alarms: something that a reader should have seen by now, and has not. */
export type Alarm = {
  readonly code: 'frozen' | 'overdue' | 'split' | 'withheld'
  readonly member: string
  readonly chain: string
  /** The index from which on it is so. */
  readonly since: number
  readonly words: string
}

/** What an alarm asks of one statement that is held. `every` is there of a heartbeat alone. */
export type Told = {
  readonly iss: string
  readonly chain: string
  readonly seq: number
  readonly index: number
  readonly iat: number
  readonly every?: number | null
  /** When its chain is for the reader; absent: always. The last of them has no end. */
  readonly spans?: readonly ReadSpan[] | undefined
}

/** An entry for the reader that does not hold for what its author says it has seen. */
export type Stray = {
  readonly iss: string
  readonly chain: string
  readonly index: number
  readonly seen: { readonly size: number; readonly root: string }
}

/** A receipt for a statement of the reader's own that has not come, and when it should have. */
export type Owed = { readonly member: string; readonly chain: string; readonly index: number; readonly due: number }

export type Watched = {
  readonly told: readonly Told[]
  readonly strays: readonly Stray[]
  readonly owed: readonly Owed[]
  readonly rootAt: (size: number) => string | undefined
  readonly unopened: Unopened
}

/** A pure fold: what is held, and the reader's own clock. */
export function alarms({ told, strays, owed, rootAt, unopened }: Watched, now: number): readonly Alarm[] {
  const inOrder = told.toSorted((a, b) => a.index - b.index)
  const chains = [...Map.groupBy(inOrder, ({ iss, chain }) => `${iss} ${chain}`).values()]
  const all = [
    ...chains.flatMap(chain => frozen(chain, now)),
    ...firsts(owed.filter(({ due }) => now > due)).map(overdue),
    ...firsts(strays.filter(stray => isElsewhere(stray, rootAt)).map(ofMember)).map(split),
    ...chains.flatMap(chain => withheld(chain, unopened)),
  ]
  return all.sort(
    (a, b) => compareText(a.code, b.code) || compareText(a.member, b.member) || compareText(a.chain, b.chain),
  )
}

/** Statements of chains that are for this member, as alarms ask for them. */
export function toldTo(placed: Iterable<Placed>, charter: CharterState, member: string): readonly Told[] {
  const spansOf = readSpans(charter, member)
  const told: Told[] = []
  for (const { statement, index } of placed) {
    const { iss, claims } = statement
    const spans = spansOf(claims.handling)
    if (!isReadNow(spans)) continue
    const { id: chain, seq } = claims.chain
    const beat = isOf(statement, 'heartbeat') && { every: statement.body.every }
    told.push({ iss, chain, seq, index, iat: claims.iat, spans, ...beat })
  }
  return told
}

const fastClockSeconds = 300
const greatest = <T>(all: readonly T[], by: (one: T) => number): T | undefined =>
  all.reduce<T | undefined>((best, one) => (best === undefined || by(one) > by(best) ? one : best), undefined)

/** A promise is to those who read the chain since: of beats meanwhile, whoever was away was told nothing. */
const sinceRead = (chain: readonly Told[]): readonly Told[] =>
  chain.filter(({ index, spans }) => index >= (spans?.at(-1)?.from ?? 0))

function frozen(all: readonly Told[], now: number): Alarm[] {
  const chain = sinceRead(all)
  const beat = greatest(
    chain.filter(({ every }) => every !== undefined),
    ({ seq }) => seq,
  )
  if (typeof beat?.every !== 'number') return []
  const { iss: member, chain: id, every } = beat
  const dated = chain.filter(({ iat }) => iat <= now + fastClockSeconds)
  const last = greatest(dated, ({ iat }) => iat)
  if (last !== undefined && now <= last.iat + 2 * every) return []
  const since = last === undefined ? 'with a time that can be true' : `since ${instantOf(last.iat)}`
  const words =
    `nothing has come from ${member} on its chain ${id} ${since}, though it beats every ${every} s: it is kept ` +
    'from you, or its node is down'
  return [{ code: 'frozen', member, chain: id, since: (last ?? beat).index, words }]
}

function withheld(chain: readonly Told[], unopened: Unopened): Alarm[] {
  const holes = holesIn(chain, unopened).filter(({ missing }) => missing > 0)
  const [[first], [told]] = [holes, chain]
  if (first === undefined || told === undefined) return []
  const { iss: member, chain: id } = told
  const { missing } = sumOf(holes)
  const words = `${missing} of ${member} on its chain ${id}, which is for you, did not reach you or do not open`
  return [{ code: 'withheld', member, chain: id, since: first.index, words }]
}

/** The first of each member and chain by index, and how many there are. */
function firsts<T extends { readonly member: string; readonly chain: string; readonly index: number }>(
  all: readonly T[],
): readonly (T & { readonly count: number })[] {
  const groups = Map.groupBy(all, ({ member, chain }) => `${member} ${chain}`)
  return [...groups.values()].flatMap(group => {
    const first = greatest(group, ({ index }) => -index)
    return first === undefined ? [] : [{ ...first, count: group.length }]
  })
}

const overdue = ({ member, chain, index, count }: Owed & { readonly count: number }): Alarm => ({
  code: 'overdue',
  member,
  chain,
  since: index,
  words: `${member} has not confirmed ${count} of your statements on the chain ${chain} in time`,
})

const ofMember = ({ iss, ...stray }: Stray) => ({ ...stray, member: iss })

const isElsewhere = ({ index, seen }: Stray, rootAt: Watched['rootAt']): boolean =>
  seen.size > index || rootAt(seen.size) !== seen.root

const split = ({ member, chain, index }: Omit<Stray, 'iss' | 'seen'> & { readonly member: string }): Alarm => ({
  code: 'split',
  member,
  chain,
  since: index,
  words: `${member} has signed at index ${index} that it has seen another log than the one held here`,
})
