import { z } from 'zod'
import { limits } from '../wire/limits.ts'
import { Sid } from '../wire/shapes.ts'
import type { CharterState } from './fold.ts'
import type { Recorded } from './prekeys.ts'

/** spec/13-keys-over-time.md#disputed */
export const ReaffirmBody = z.strictObject({ statements: z.array(Sid).min(1).max(limits.refsMax) })
export type ReaffirmBody = z.infer<typeof ReaffirmBody>

/** Of a statement, what says whether it is disputed: whose it is, by which key, and where it stands. */
export type Made = { readonly sid: string; readonly iss: string; readonly kid: string; readonly index: number }

/** What a key has signed from an index on is disputed by the revocation that says that it was compromised then. */
export type Dispute = { readonly kid: string; readonly since: number; readonly by: Made }

/** Log sizes `[from, to)` at which a statement is disputed. */
export type DisputedSpan = { readonly from: number; readonly to?: number }

type Disputes = Pick<CharterState, 'disputes' | 'reaffirmed'>

/** Recorded, and judged when it is asked: what it names may be withheld here, and disputed only later. */
export function reaffirm(state: CharterState, { body, ...made }: Recorded<ReaffirmBody>): CharterState {
  const reaffirmed = new Map(state.reaffirmed)
  for (const sid of body.statements) reaffirmed.set(sid, [...(reaffirmed.get(sid) ?? []), made])
  return { ...state, reaffirmed }
}

/**
 * Whether a statement is disputed on a log of this size. Revocation and re-affirmation are statements themselves, and
 * count while they are not disputed: each later than what it speaks of, so the question comes to an end.
 */
export function isDisputedAt(state: Disputes, made: Made, size: number, known = new Map<string, boolean>()): boolean {
  const before = known.get(made.sid)
  if (before !== undefined) return before
  const disputed = judge(state, made, size, known)
  known.set(made.sid, disputed)
  return disputed
}

/** Each statement once: those that speak of one another in layers would else be asked for along every path. */
function judge(state: Disputes, made: Made, size: number, known: Map<string, boolean>): boolean {
  const counts = (other: Made): boolean => other.index < size && !isDisputedAt(state, other, size, known)
  const dispute = state.disputes.find(
    ({ kid, since, by }) => kid === made.kid && since <= made.index && made.index < by.index && counts(by),
  )
  if (dispute === undefined) return false
  const again = state.reaffirmed.get(made.sid) ?? []
  return !again.some(other => other.iss === made.iss && other.index > dispute.by.index && counts(other))
}

/** The log sizes at which a statement is disputed, as the log has it now. None, for nearly all of them. */
export function disputedSpans(state: Disputes, made: Made): readonly DisputedSpan[] {
  const { disputes, reaffirmed } = state
  if (!disputes.some(({ kid, since, by }) => kid === made.kid && since <= made.index && made.index < by.index))
    return []
  const said = [...disputes.map(({ by }) => by), ...[...reaffirmed.values()].flat()]
  const sizes = [...new Set(said.map(({ index }) => index + 1))].sort((a, b) => a - b)
  const spans: { from: number; to?: number }[] = []
  for (const size of sizes) {
    const open = spans.findLast(({ to }) => to === undefined)
    if (isDisputedAt(state, made, size) === (open !== undefined)) continue
    if (open === undefined) spans.push({ from: size })
    else open.to = size
  }
  return spans
}

/** Whether what has these spans counts on a log of this size. */
export const countsAt = ({ disputed = [] }: { readonly disputed?: readonly DisputedSpan[] }, size: number): boolean =>
  !disputed.some(({ from, to = Infinity }) => size >= from && size < to)

export type Standing = 'disputed' | 'reaffirmed'

/** How a statement stands at a size, where that is not plain. */
export function standingAt(of: { readonly disputed?: readonly DisputedSpan[] }, size: number): Standing | undefined {
  if (!countsAt(of, size)) return 'disputed'
  return of.disputed?.some(({ to = Infinity }) => to <= size) ? 'reaffirmed' : undefined
}
