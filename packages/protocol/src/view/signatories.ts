import { countsAt } from '../charter/disputes.ts'
import { askedBy } from '../statement/kinds/callout.ts'
import { compareText } from '../wire/bytes.ts'
import type { Act, Answer, CallOutRecord, Signatories, Signatory, WhyExcluded, Excluded } from './call-out-state.ts'
import { largestSet } from './fixpoint.ts'

type Join = Act<'callout.join'>

/** spec/08-call-outs.md#largest-set: S* at a cut, and every other member that has joined, by member id. */
export function signatoriesAt(callOut: CallOutRecord, cutSize: number): Signatories {
  const last = lastAnswers(callOut, cutSize)
  const candidates = joinsAmong(last)
  const set = largestSet(new Map([...candidates].map(([member, join]) => [member, join.body])))
  const signatories = [...candidates.values()].filter(({ iss }) => set.has(iss)).map(signatoryOf)
  const others = joinersOf(callOut).filter(member => !set.has(member))
  const excluded = others.map(member => exclude({ callOut, cutSize, member, last: last.get(member) }))
  return { signatories: signatories.sort(byMember), excluded: excluded.sort(byMember) }
}

/** The joins that count at a cut: of each member the last answer before it, where that is a join. */
export const candidatesAt = (callOut: CallOutRecord, cutSize: number): ReadonlyMap<string, Join> =>
  joinsAmong(lastAnswers(callOut, cutSize))

export const signatoryOf = ({ iss, sid, body }: Join): Signatory => ({
  member: iss,
  join: sid,
  positions: body.positions,
  reservations: body.reservations,
  authority: body.authority,
  ...(body.interpretive_declaration !== undefined && { interpretive_declaration: body.interpretive_declaration }),
})

/** Of every member asked, its last answer before the cut that counts there. Only an exercise answers an exercise. */
function lastAnswers(callOut: CallOutRecord, cutSize: number): ReadonlyMap<string, Answer> {
  const asked = askedBy(callOut.proposal)
  const last = new Map<string, Answer>()
  for (const answer of callOut.answers) {
    const isAnswer = answer.exercise === callOut.text?.exercise && asked.has(answer.iss)
    if (isAnswer && answer.index < cutSize && countsAt(answer, cutSize)) last.set(answer.iss, answer)
  }
  return last
}

const isJoin = (answer: Answer): answer is Join => answer.kind === 'callout.join'

const joinsAmong = (answers: ReadonlyMap<string, Answer>): ReadonlyMap<string, Join> =>
  new Map([...answers.values()].filter(isJoin).map(join => [join.iss, join]))

const joinersOf = ({ answers }: CallOutRecord): readonly string[] => [
  ...new Set(answers.filter(isJoin).map(({ iss }) => iss)),
]

function exclude({
  callOut,
  cutSize,
  member,
  last,
}: {
  callOut: CallOutRecord
  cutSize: number
  member: string
  last: Answer | undefined
}): Excluded {
  const joins = callOut.answers.filter(({ iss, kind }) => iss === member && kind === 'callout.join')
  const before = joins.findLast(({ index }) => index < cutSize)
  const join = (before ?? joins.at(-1))?.sid ?? ''
  if (last !== undefined) return { member, join, why: whyByAnswer[last.kind] }
  if (!askedBy(callOut.proposal).has(member)) return { member, join, why: 'not-invited' }
  if (before === undefined) return { member, join, why: 'after-cut' }
  return { member, join, why: countsAt(before, cutSize) ? 'other-exercise' : 'disputed' }
}

const whyByAnswer = {
  'callout.join': 'condition-unmet',
  'callout.decline': 'declined',
  'callout.withdraw': 'withdrawn',
} as const satisfies Record<Answer['kind'], WhyExcluded>

type Named = { readonly member: string }
/** The one order in which people are shown. */
export const byMember = (a: Named, b: Named): number => compareText(a.member, b.member)
