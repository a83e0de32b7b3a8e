import {
  type Act,
  type CallOut,
  type CallOutRecord,
  type LogView,
  type Phase,
  type Placed,
  actOf,
} from './call-out-state.ts'
import { unreachable } from '../wire/failure.ts'
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
  const fold: Fold = { callOuts: new Map(), proposalOf: new Map() }
  for (const act of acts) if (act.index < view.size) add(fold, act, view)
  return new Map([...fold.callOuts].map(([sid, open]) => [sid, { ...open, phase: phaseAt(open, view.size) }]))
}

/** spec/08-call-outs.md#phases. What is closed stays closed; until then the log's size decides. */
export function phaseAt(callOut: CallOutRecord, size: number): Phase {
  const { text, release, abort } = callOut
  if (release !== undefined) return 'released'
  if (abort !== undefined) return 'aborted'
  if (text === undefined) return 'proposed'
  if (size >= text.body.lapse.size) return 'lapsed'
  if (size < text.body.deadline.size) return 'collecting'
  return signatoriesAt(callOut, size).signatories.length > 0 ? 'ready' : 'collecting'
}

type Open = { -readonly [Name in keyof Omit<CallOutRecord, 'answers' | 'refused'>]: CallOutRecord[Name] } & {
  readonly answers: CallOutRecord['answers'][number][]
  readonly refused: CallOutRecord['refused'][number][]
}

/** Grown in place while folding; nobody sees it before the fold is done. */
type Fold = {
  readonly callOuts: Map<string, Open>
  /** Proposal of every text and of every join, by sid. */
  readonly proposalOf: Map<string, string>
}

function add(fold: Fold, act: Act, view: LogView): void {
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
      return settle(callOut, act, view)
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

function settle(callOut: Open, act: Act<'callout.release'>, view: LogView): void {
  const verdict = judgeReleaseFromPart(callOut, act, view)
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
