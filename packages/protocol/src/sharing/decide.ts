import { assert } from '../wire/failure.ts'
import { type Handling, type Now } from './handling.ts'
import type { Reader } from './reader.ts'
import { type Action, type Subject, caseOf, rules } from './rules.ts'

/** An answer with the rule that gave it, in its words: spec/11-handling.md#rules. */
export type Decision = { readonly decision: 'allow' | 'deny'; readonly rule: string; readonly why: string }

/**
 * May this reader do this with that, at this position of the log? Pure and total: relay, partner and auditor ask here
 * and nowhere else, so the same facts have the same answer everywhere. `towards` is to whom it would be handed on.
 */
export function decide(subject: Subject, reader: Reader, action: Action, at: Now, towards?: Reader): Decision {
  const question = caseOf(subject, reader, { action, at, towards })
  const rule = rules.find(({ actions, when }) => (actions as readonly Action[]).includes(action) && when(question))
  assert(rule !== undefined, 'the last rule holds for every question')
  return { decision: rule.answer, rule: rule.id, why: rule.says }
}

export const isAllowed = (subject: Subject, reader: Reader, action: Action, at: Now): boolean =>
  decide(subject, reader, action, at).decision === 'allow'

/** May one of them do it: of a machine that reads for several. */
export const anyAllowed = (subject: Subject, readers: readonly Reader[], action: Action, at: Now): boolean =>
  readers.some(reader => isAllowed(subject, reader, action, at))

/** Before anything has passed: what holds at this position holds at every other. */
export const fromTheStart: Now = { size: 0, moment: 0 }

/** A position on the log judged by whoever has no clock: what is due by size counts as due. */
export const bySize = (size: number): Now => ({ size, moment: Infinity })

/** Of a statement, what a decision sees. */
export type Marked = {
  readonly sid: string
  readonly claims: {
    readonly coa: string | null
    readonly iss: string
    readonly handling: Handling
    readonly tear: Readonly<Record<string, Handling & { readonly _sd: unknown }>>
    readonly slices?: { readonly handling: Omit<Handling, 'releasable_to'> } | undefined
  }
}

/** A statement as a decision sees it. The genesis statement is of the coalition that it founds. */
export const subjectOf = ({ sid, claims }: Marked, opened?: Subject['opened']): Subject => ({
  coa: claims.coa ?? sid,
  iss: claims.iss,
  handling: claims.handling,
  opened,
})

/** Its tear lines by label. What opens a statement opens none of them. */
export function slotsOf({ sid, claims }: Marked): readonly (readonly [label: string, subject: Subject])[] {
  return Object.entries(claims.tear).map(([label, { _sd, ...handling }]) => [
    label,
    { coa: claims.coa ?? sid, iss: claims.iss, handling },
  ])
}

/** The slice of one addressee: as its group is marked, and releasable to that member alone. */
export function sliceOf({ sid, claims }: Marked, to: string): Subject {
  assert(claims.slices !== undefined, 'a slice is of a group')
  const handling: Handling = { ...claims.slices.handling, releasable_to: [to] }
  return { coa: claims.coa ?? sid, iss: claims.iss, handling }
}
