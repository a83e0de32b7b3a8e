import type { CharterState } from '../charter/fold.ts'
import { type Tlp, atLeastAsRestricted } from '../charter/tiers.ts'
import type { Handling } from '../sharing/handling.ts'
import { clearanceOf } from '../sharing/reader.ts'
import type { Placed } from './call-out-state.ts'

/** Log indices `[from, to)` at which a chain is for a reader. */
export type ReadSpan = { readonly from: number; readonly to: number }

/** Numbers of one author's chain that its reader does not hold, though the chain is for it. */
export type Gap = {
  readonly iss: string
  readonly chain: string
  readonly tlp: Tlp
  readonly missing: number
  /** Not held either, from around a change of what is for the reader: said while it was not, or withheld since. */
  readonly undecided: number
}

/** A number of a chain that is held, where it stands, and when the chain is for its reader: absent, always. */
export type HeldNumber = {
  readonly seq: number
  readonly index: number
  readonly spans?: readonly ReadSpan[] | undefined
}

/**
 * When all statements of a handling, and so all numbers of its chain, are for a member: by the charter in force at each
 * index. Whoever comes later, is suspended or is cleared for more is told nothing of what others said meanwhile.
 */
export function readSpans(
  { eras }: Pick<CharterState, 'eras'>,
  member: string,
): (handling: Handling) => readonly ReadSpan[] {
  const known = new Map<Tlp, readonly ReadSpan[]>()
  return ({ tlp, releasable_to: named }) => {
    if (named !== undefined && !named.includes(member)) return []
    const spans = known.get(tlp) ?? clearedSpans(eras, member, tlp)
    known.set(tlp, spans)
    return spans
  }
}

function clearedSpans(eras: CharterState['eras'], member: string, tlp: Tlp): readonly ReadSpan[] {
  const spans: ReadSpan[] = []
  for (const [e, era] of eras.entries()) {
    if (!atLeastAsRestricted(clearanceOf(era, member), tlp)) continue
    const to = eras[e + 1]?.from ?? Infinity
    const before = spans.at(-1)
    if (before?.to === era.from) spans[spans.length - 1] = { from: before.from, to }
    else spans.push({ from: era.from, to })
  }
  return spans
}

/** Whether a chain is for its reader now. */
export const isReadNow = (spans: readonly ReadSpan[]): boolean => spans.at(-1)?.to === Infinity

type Held = readonly HeldNumber[]
/** Of the entries below a size, how many are not opened. */
export type Unopened = (size: number) => number

/** Numbers of a chain that are missing before one that is held: how many are withheld, and how many may be. */
export type Hole = { readonly index: number; readonly missing: number; readonly undecided: number }

/** In order of their numbers. */
export function holesIn(held: Held, unopened: Unopened): readonly Hole[] {
  const sorted = held.toSorted((a, b) => a.seq - b.seq)
  return sorted.flatMap((told, i) => {
    const before = sorted[i - 1] ?? { seq: -1, index: -1 }
    const lacking = told.seq - before.seq - 1
    return lacking > 0 ? [holeAt(told, { lacking, after: before.index, unopened })] : []
  })
}

const always: readonly ReadSpan[] = [{ from: 0, to: Infinity }]

/**
 * spec/04-statements.md#withheld: numbers stand between those around them, each in an entry that is not opened. What
 * finds no room where the chain was not for the reader is withheld; of the rest nobody but the author can tell.
 */
function holeAt(
  { index, spans = always }: HeldNumber,
  { lacking, after, unopened }: { readonly lacking: number; readonly after: number; readonly unopened: Unopened },
): Hole {
  const within = (from: number, to: number): number => (from < to ? unopened(to) - unopened(from) : 0)
  const parts = spans.map(({ from, to }) => [Math.max(from, after + 1), Math.min(to, index)] as const)
  const room = parts.reduce((sum, [from, to]) => sum + within(from, to), 0)
  // Where the chain was for the reader all the while there is no room beside it, whatever has come since.
  const isWhole = parts.some(([from, to]) => from === after + 1 && to === index)
  const missing = isWhole ? lacking : Math.max(0, lacking - (within(after + 1, index) - room))
  return { index, missing, undecided: Math.max(0, Math.min(lacking, room) - missing) }
}

type Chain = { readonly iss: string; readonly chain: string; readonly tlp: Tlp; readonly held: HeldNumber[] }
type GapsOf = { readonly charter: CharterState; readonly member: string; readonly unopened: Unopened }

/**
 * Who may read a chain sees all its numbers, so one that is not there is withheld. Of a chain for others, opened here
 * and there by a later statement, gaps say nothing.
 */
export function gapsFor(placed: Iterable<Placed>, { charter, member, unopened }: GapsOf): readonly Gap[] {
  const spansOf = readSpans(charter, member)
  const chains = new Map<string, Chain>()
  for (const { statement, index } of placed) {
    const { iss, claims } = statement
    const spans = spansOf(claims.handling)
    if (!isReadNow(spans)) continue
    const { id, seq } = claims.chain
    const chain = chains.get(`${iss} ${id}`) ?? { iss, chain: id, tlp: claims.handling.tlp, held: [] }
    chains.set(`${iss} ${id}`, chain)
    chain.held.push({ seq, index, spans })
  }
  const gaps = [...chains.values()].map(({ held, ...chain }) => ({ ...chain, ...sumOf(holesIn(held, unopened)) }))
  return gaps.filter(({ missing, undecided }) => missing + undecided > 0)
}

/** Of all holes of a chain. */
export const sumOf = (holes: readonly Hole[]): Pick<Gap, 'missing' | 'undecided'> => ({
  missing: holes.reduce((sum, { missing }) => sum + missing, 0),
  undecided: holes.reduce((sum, { undecided }) => sum + undecided, 0),
})
