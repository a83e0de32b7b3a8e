import {
  type Act,
  type CallOut,
  type CallOutRecord,
  type LogView,
  type Phase,
  type Placed,
  type ReleaseVerdict,
  actOf,
} from './call-out-state.ts'
import { countsAt, standingAt } from '../charter/disputes.ts'
import { type Result, unreachable } from '../wire/failure.ts'
import { judgeReleaseFromPart } from './release.ts'
import { signatoriesAt } from './signatories.ts'

/** All call-outs of a prefix by the sid of their proposal. Statements come in log order; other kinds are skipped. */
export function foldCallOuts(placed: Iterable<Placed>, view: LogView): ReadonlyMap<string, CallOut> {
  return foldActs(actsOf(placed), view)
}

function* actsOf(placed: Iterable<Placed>): Iterable<Act> {
  for (const each of placed) {
    const act = actOf(each)
    if (act !== undefined) yield act
  }
}

/** Total: every act has an answer in every phase, and one that does not fit changes nothing. */
export function foldActs(acts: Iterable<Act>, view: LogView): ReadonlyMap<string, CallOut> {
  const before = [...acts].filter(({ index }) => index < view.size)
  const open = before.some(({ disputed }) => disputed !== undefined)
    ? foldDisputed(before, view)
    : foldAll(before, (callOut, release) => judgeReleaseFromPart(callOut, release, view))
  const disputed = grouped(
    before.filter(act => standingAt(act, view.size) !== undefined),
    before,
  )
  return new Map(
    [...open].map(([sid, callOut]) => [
      sid,
      { ...callOut, phase: phaseAt(callOut, view.size), disputed: disputed.get(sid) ?? [] },
    ]),
  )
}

/** spec/08-call-outs.md#phases. What is closed stays closed; until then the log's size decides. */
export function phaseAt(callOut: CallOutRecord, size: number): Phase {
  const { text, release, abort, proposal } = callOut
  if (release !== undefined) return 'released'
  if (!countsAt(proposal, size)) return 'disputed'
  if (abort !== undefined) return 'aborted'
  if (text === undefined) return 'proposed'
  if (size >= text.body.lapse.size) return 'lapsed'
  if (size < text.body.deadline.size) return 'collecting'
  return signatoriesAt(callOut, size).signatories.length > 0 ? 'ready' : 'collecting'
}

type Judge = (callOut: CallOutRecord, release: Act<'callout.release'>) => Result<ReleaseVerdict>

function foldAll(acts: readonly Act[], judge: Judge): ReadonlyMap<string, Open> {
  const fold: Fold = { callOuts: new Map(), proposalOf: new Map(), judge }
  for (const act of acts) add(fold, act)
  return fold.callOuts
}

/** Acts by the proposal that each belongs to by what it names, whether that froze anything or not. */
function grouped(acts: readonly Act[], all: readonly Act[]): ReadonlyMap<string, readonly Act[]> {
  const groups = new Map<string, Act[]>()
  const bySid = new Map(acts.length === 0 ? [] : all.map(act => [act.sid, act]))
  const of = (act: Act | undefined): string | undefined => {
    if (act?.kind === 'callout.propose') return act.sid
    if (act?.kind === 'callout.text' || act?.kind === 'callout.abort') return act.body.proposal
    if (act === undefined) return undefined
    return of(bySid.get(act.kind === 'callout.withdraw' ? act.body.join : act.body.text))
  }
  for (const act of acts) {
    const proposal = of(act) ?? ''
    groups.set(proposal, [...(groups.get(proposal) ?? []), act])
  }
  return groups
}

/**
 * spec/13-keys-over-time.md#counting. Where something is disputed each call-out is folded by itself, from what counts
 * at this size; but each release is judged by what counted where it stands, and one that held and is not disputed
 * itself keeps the call-out as it was there.
 */
function foldDisputed(acts: readonly Act[], view: LogView): ReadonlyMap<string, Open> {
  const callOuts = new Map<string, Open>()
  const groups = grouped(acts, acts)
  for (const act of acts) {
    const group = act.kind === 'callout.propose' ? groups.get(act.sid) : undefined
    const folded = group && foldAll(...countingIn(group, view)).get(act.sid)
    if (folded !== undefined) callOuts.set(act.sid, folded)
  }
  return callOuts
}

/** The acts of one call-out that make it what it is at a size, and the verdict on each of its releases. */
function countingIn(group: readonly Act[], view: LogView): [readonly Act[], Judge] {
  const verdicts = new Map<string, Result<ReleaseVerdict>>()
  const judge: Judge = (callOut, release) => verdicts.get(release.sid) ?? judgeReleaseFromPart(callOut, release, view)
  const actsAt = (size: number): readonly Act[] => {
    const before = group.filter(({ index }) => index < size)
    // A later release holds only where those before it did not count.
    const held = before.findLast(act => verdicts.get(act.sid)?.ok === true && countsAt(act, size))
    if (held === undefined) return counting(before, size)
    const since = before.filter(({ index }) => index >= held.index)
    return [...counting(before.slice(0, -since.length), held.index), ...since.filter(act => isCounted(act, size))]
  }
  for (const release of group) {
    if (release.kind !== 'callout.release') continue
    const [there] = foldAll(actsAt(release.index), judge).values()
    if (there !== undefined) verdicts.set(release.sid, judgeReleaseFromPart(there, release, view))
  }
  return [actsAt(view.size), judge]
}

/** Under a proposal that is disputed nothing else counts. */
function counting(acts: readonly Act[], size: number): readonly Act[] {
  const [proposal] = acts
  if (proposal === undefined || !countsAt(proposal, size)) return acts.slice(0, 1)
  return acts.filter(act => isCounted(act, size))
}

/** Whether an answer counts is asked at a cut of its own; of all else, at this size. */
const isCounted = (act: Act, size: number): boolean => isAnswer(act) || countsAt(act, size)

const isAnswer = ({ kind }: Act): boolean =>
  kind === 'callout.join' || kind === 'callout.decline' || kind === 'callout.withdraw'

type Open = { -readonly [Name in keyof Omit<CallOutRecord, 'answers' | 'refused'>]: CallOutRecord[Name] } & {
  readonly answers: CallOutRecord['answers'][number][]
  readonly refused: CallOutRecord['refused'][number][]
}

/** Grown in place while folding; nobody sees it before the fold is done. */
type Fold = {
  readonly callOuts: Map<string, Open>
  /** Proposal of every text and of every join, by sid. */
  readonly proposalOf: Map<string, string>
  readonly judge: Judge
}

function add(fold: Fold, act: Act): void {
  if (act.kind === 'callout.propose') {
    fold.callOuts.set(act.sid, { proposal: act, answers: [], refused: [] })
    return
  }
  const proposal = proposalOf(fold, act)
  const callOut = proposal === undefined ? undefined : fold.callOuts.get(proposal)
  if (proposal === undefined || callOut === undefined) return
  switch (act.kind) {
    case 'callout.text':
      fold.proposalOf.set(act.sid, proposal)
      return freeze(callOut, act)
    case 'callout.join':
      if (act.body.text !== callOut.text?.sid) return
      fold.proposalOf.set(act.sid, proposal)
      callOut.answers.push(act)
      return
    case 'callout.decline':
      if (act.body.text === callOut.text?.sid) callOut.answers.push(act)
      return
    case 'callout.withdraw':
      callOut.answers.push(act)
      return
    case 'callout.release':
      return settle(callOut, act, fold.judge)
    case 'callout.abort':
      if (act.exercise === callOut.proposal.exercise && isOpenAt(callOut, act.index)) callOut.abort = act
      return
    default:
      return unreachable(act)
  }
}

function proposalOf({ proposalOf: known }: Fold, act: Exclude<Act, { kind: 'callout.propose' }>): string | undefined {
  if (act.kind === 'callout.text' || act.kind === 'callout.abort') return act.body.proposal
  return known.get(act.kind === 'callout.withdraw' ? act.body.join : act.body.text)
}

/** A second text, an exercise of a real proposal, one that nobody could answer and one after the end freeze nothing. */
function freeze(callOut: Open, text: Act<'callout.text'>): void {
  const first = callOut.text === undefined && text.exercise === callOut.proposal.exercise
  if (first && leavesRoom(text) && isOpenAt(callOut, text.index)) callOut.text = text
}

/** At least one answer has its place between the text and the first cut there may be: spec/08-call-outs.md#phases. */
export const leavesRoom = ({ index, body }: Pick<Act<'callout.text'>, 'index' | 'body'>): boolean =>
  body.deadline.size > index + 1

function settle(callOut: Open, act: Act<'callout.release'>, judge: Judge): void {
  const verdict = judge(callOut, act)
  if (!verdict.ok) {
    callOut.refused.push({ release: act, failure: verdict })
    return
  }
  callOut.release = act
  callOut.verdict = verdict.value
}

/** Nothing has ended it before this index: no release, no abort, no lapse. */
function isOpenAt({ text, release: released, abort }: Open, index: number): boolean {
  return released === undefined && abort === undefined && (text === undefined || index < text.body.lapse.size)
}
