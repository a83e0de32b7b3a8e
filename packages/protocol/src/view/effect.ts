import { askedBy } from '../statement/kinds/callout.ts'
import { type Result, fail, ok, unreachable } from '../wire/failure.ts'
import type { Act, CallOut } from './call-out-state.ts'
import { leavesRoom } from './call-out.ts'

/**
 * spec/08-call-outs.md#effect: whether an act that is about to be signed can change anything, at the index it would
 * have. What cannot stays on the log for ever and says nothing. An act on what its author does not hold is not judged.
 */
export function checkEffect(act: Act, callOuts: ReadonlyMap<string, CallOut>): Result<true> {
  const callOut = act.kind === 'callout.propose' ? undefined : callOutOf(act, callOuts)
  if (callOut === undefined) return ok(true)
  switch (act.kind) {
    case 'callout.text':
      return checkText(act, callOut)
    case 'callout.join':
    case 'callout.decline':
      return checkAnswer(act, callOut)
    case 'callout.withdraw':
    case 'callout.abort':
      return checkOpen(callOut)
    // A release is judged by rules of its own, also once it is on the log.
    case 'callout.propose':
    case 'callout.release':
      return ok(true)
    default:
      return unreachable(act)
  }
}

function callOutOf(
  act: Exclude<Act, { kind: 'callout.propose' }>,
  callOuts: ReadonlyMap<string, CallOut>,
): CallOut | undefined {
  if (act.kind === 'callout.text' || act.kind === 'callout.abort') return callOuts.get(act.body.proposal)
  const all = [...callOuts.values()]
  if (act.kind === 'callout.withdraw') {
    return all.find(({ answers }) => answers.some(({ sid }) => sid === act.body.join))
  }
  return all.find(({ text }) => text?.sid === act.body.text)
}

function checkOpen({ phase, release, abort, text }: CallOut): Result<true> {
  if (phase === 'released') return fail('callout.wrong-phase', '', `released by ${release?.sid ?? ''}`)
  if (phase === 'aborted') return fail('callout.wrong-phase', '', `aborted by ${abort?.sid ?? ''}`)
  if (phase === 'lapsed') return fail('callout.wrong-phase', '', `lapsed at size ${text?.body.lapse.size ?? 0}`)
  if (phase === 'disputed') return fail('callout.wrong-phase', '', 'its proposal is disputed')
  return ok(true)
}

function checkText(act: Act<'callout.text'>, callOut: CallOut): Result<true> {
  const open = checkOpen(callOut)
  if (!open.ok) return open
  const { text, proposal } = callOut
  if (text !== undefined) return fail('callout.wrong-phase', '/body/proposal', `its text is frozen: ${text.sid}`)
  if (act.exercise !== proposal.exercise) return fail('callout.wrong-text', '/exercise', 'exercise and real never mix')
  if (leavesRoom(act)) return ok(true)
  const least = `the deadline is at least size ${act.index + 2}: an answer needs a place before it`
  return fail('callout.too-early', '/body/deadline/size', least)
}

function checkAnswer(act: Act<'callout.join' | 'callout.decline'>, callOut: CallOut): Result<true> {
  const open = checkOpen(callOut)
  if (!open.ok) return open
  const { text, proposal } = callOut
  if (act.exercise !== text?.exercise) return fail('callout.wrong-text', '/exercise', 'exercise and real never mix')
  return askedBy(proposal).has(act.iss)
    ? ok(true)
    : fail('callout.wrong-phase', '/iss', `the proposal does not invite ${act.iss}`)
}
