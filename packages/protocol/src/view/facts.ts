import type { Tlp } from '../charter/tiers.ts'
import { type Marked, slotsOf, subjectOf } from '../sharing/decide.ts'
import type { Now } from '../sharing/handling.ts'
import { openedSlot } from '../sharing/opening.ts'
import type { Subject } from '../sharing/rules.ts'
import { type Asking, type ReleaseControl, grantedIn, openedIn, widest } from './release-control.ts'

/** What the log says of sharing, at one position: what a decision needs besides the marking. */
export type Facts = {
  readonly control: ReleaseControl
  /** The tier to which releases have opened a statement, by sid. */
  readonly released: ReadonlyMap<string, Tlp>
  readonly at: Now
}

export type PartSubject = { readonly slot: string | undefined; readonly subject: Subject }

/** spec/12-release-control.md#facts: a statement and its tear lines, with what has been opened and granted since. */
export function subjectsOf(
  statement: Marked,
  { control, released, at }: Facts,
  asking: Asking,
): readonly PartSubject[] {
  const { sid } = statement
  const whole = subjectOf(statement, widest(released.get(sid), openedIn(control, { sid })))
  const granted = (slot?: string) => ({ granted: grantedIn(control, { sid, slot }, asking) })
  const slots = slotsOf(statement).map(([slot, closed]): PartSubject => {
    const to = openedIn(control, { sid, slot })
    const subject = to === undefined ? closed : openedSlot(closed, whole, to, at)
    return { slot, subject: { ...subject, ...granted(slot) } }
  })
  return [{ slot: undefined, subject: { ...whole, ...granted() } }, ...slots]
}
