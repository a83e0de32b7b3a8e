import { compareText } from '../wire/bytes.ts'
import type { Act, Answer, CallOutRecord, Signatories, Signatory, WhyExcluded, Excluded } from './call-out-state.ts'
import { largestSet } from './fixpoint.ts'

type Join = Act<'callout.join'>

/** spec/08-call-outs.md#largest-set: S* at a cut, and every other member that has joined, by member id. */
export function signatoriesAt(callOut: CallOutRecord, cutSize: number): Signatories {
  const candidates = candidatesAt(callOut, cutSize)
  const set = largestSet(new Map([...candidates].map(([member, join]) => [member, join.body])))
  const signatories = [...candidates.values()].filter(({ iss }) => set.has(iss)).map(signatoryOf)
  const excluded = [...joinersOf(callOut)].filter(member => !set.has(member)).map(member => exclude(callOut, cutSize, member))
  const byMember = (a: { member: string }, b: { member: string }) => compareText(a.member, b.member)
  return { signatories: signatories.sort(byMember), excluded: excluded.sort(byMember) }
}

/** The joins that count at a cut: of each member the last answer before it, where that is a join. */
export function candidatesAt(callOut: CallOutRecord, cutSize: number): ReadonlyMap<string, Join> {
  const candidates = new Map<string, Join>()
  for (const [member, answer] of lastAnswers(callOut, cutSize)) {
    if (answer.kind === 'callout.join') candidates.set(member, answer)
  }
  return candidates
}

/** Invitees and the proposer are asked; nobody else's answer counts. */
export const isAsked = ({ proposal }: Pick<CallOutRecord, 'proposal'>, member: string): boolean =>
  proposal.iss === member || proposal.body.invitees.includes(member)

export const signatoryOf = ({ iss, sid, body }: Join): Signatory => ({
  member: iss, join: sid, positions: body.positions, reservations: body.reservations, authority: body.authority,
  ...(body.interpretive_declaration !== undefined && { interpretive_declaration: body.interpretive_declaration }),
})

function lastAnswers(callOut: CallOutRecord, cutSize: number): ReadonlyMap<string, Answer> {
  const asked = new Set([callOut.proposal.iss, ...callOut.proposal.body.invitees])
  const last = new Map<string, Answer>()
  for (const answer of callOut.answers) {
    const counts = answer.index < cutSize && answer.exercise === callOut.text?.exercise && asked.has(answer.iss)
    if (counts) last.set(answer.iss, answer)
  }
  return last
}

const joinersOf = ({ answers }: CallOutRecord): ReadonlySet<string> =>
  new Set(answers.filter(({ kind }) => kind === 'callout.join').map(({ iss }) => iss))

function exclude(callOut: CallOutRecord, cutSize: number, member: string): Excluded {
  const joins = callOut.answers.filter(({ iss, kind }) => iss === member && kind === 'callout.join')
  const last = lastAnswers(callOut, cutSize).get(member)
  const before = joins.findLast(({ index }) => index < cutSize)
  const join = (before ?? joins.at(-1))?.sid ?? ''
  return { member, join, why: last === undefined ? whyUncounted(callOut, member, before) : whyByAnswer[last.kind] }
}

const whyByAnswer = {
  'callout.join': 'condition-unmet', 'callout.decline': 'declined', 'callout.withdraw': 'withdrawn',
} as const satisfies Record<Answer['kind'], WhyExcluded>

function whyUncounted(callOut: CallOutRecord, member: string, before: Answer | undefined): WhyExcluded {
  if (!isAsked(callOut, member)) return 'not-invited'
  return before === undefined ? 'after-cut' : 'other-exercise'
}
