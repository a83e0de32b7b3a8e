import { type Result, fail, ok } from '../wire/failure.ts'
import { secondsOf } from '../wire/shapes.ts'
import type { Act, CallOutRecord, LogView, ReleaseVerdict } from './call-out-state.ts'
import { holds } from './condition.ts'
import { byMember, candidatesAt, signatoriesAt, signatoryOf } from './signatories.ts'

type Join = Act<'callout.join'>
type Release = Act<'callout.release'>
type RootAt = Pick<LogView, 'rootAt'>

/** spec/08-call-outs.md#release, for a reader that holds every answer before the cut. */
export function judgeRelease(callOut: CallOutRecord, release: Release, { rootAt }: RootAt): Result<ReleaseVerdict> {
  const placed = checkPlace(callOut, release, { rootAt })
  if (!placed.ok) return placed
  const { signatories } = signatoriesAt(callOut, release.body.cut.size)
  const largest = signatories.map(({ join }) => join).sort()
  const { joins } = release.body
  const at = firstDifference(joins, largest)
  if (at !== undefined) return fail('callout.not-largest', `/body/joins/${at}`, whyNot(joins[at], largest[at]))
  return ok({ is: 'largest', signatories })
}

/** The same for a reader that holds the joins released and perhaps not all others: what it can show and what not. */
export function judgeReleaseFromPart(
  callOut: CallOutRecord,
  release: Release,
  { rootAt, withheldBefore }: Omit<LogView, 'size'>,
): Result<ReleaseVerdict> {
  const withheld = withheldBefore?.(release.body.cut.size) ?? 0
  if (withheld === 0) return judgeRelease(callOut, release, { rootAt })
  const placed = checkPlace(callOut, release, { rootAt })
  if (!placed.ok) return placed
  const joins = heldJoins(callOut, release)
  if (!joins.ok) return joins
  const unsound = firstUnsound(callOut, joins.value, release.body.cut.size)
  if (unsound !== undefined) return fail('callout.not-largest', `/body/joins/${unsound.at}`, unsound.why)
  const listed = new Set(joins.value.map(({ iss }) => iss))
  const { signatories } = signatoriesAt(callOut, release.body.cut.size)
  const leftOut = signatories.map(({ member }) => member).filter(member => !listed.has(member))
  return ok({ is: 'sound', signatories: joins.value.map(signatoryOf).sort(byMember), withheld, leftOut })
}

/** Phase, text, deadline and cut, in this order. Judged by index: a release reads the same at any later size. */
function checkPlace(callOut: CallOutRecord, release: Release, { rootAt }: RootAt): Result<true> {
  const { text, release: earlier, abort } = callOut
  const { index, iat, exercise, body, sid } = release
  if (text === undefined || text.index >= index) return fail('callout.wrong-phase', '/body/text', 'no text is frozen')
  if (abort !== undefined && abort.index < index) return fail('callout.wrong-phase', '', `aborted by ${abort.sid}`)
  if (earlier !== undefined && earlier.sid !== sid && earlier.index < index) {
    return fail('callout.wrong-phase', '', `released by ${earlier.sid}`)
  }
  const { deadline, lapse } = text.body
  const { size, root } = body.cut
  if (index >= lapse.size) return fail('callout.wrong-phase', '', `lapsed at size ${lapse.size}`)
  if (body.text !== text.sid) return fail('callout.wrong-text', '/body/text', `the frozen text is ${text.sid}`)
  if (exercise !== text.exercise) return fail('callout.wrong-text', '/exercise', 'exercise and real never mix')
  if (size < deadline.size) return fail('callout.too-early', '/body/cut/size', `the deadline is size ${deadline.size}`)
  if (iat < secondsOf(deadline.at)) return fail('callout.too-early', '/iat', `the deadline is ${deadline.at}`)
  if (size > index) return fail('callout.wrong-cut', '/body/cut/size', 'a cut is not past its release')
  return rootAt(size) === root ? ok(true) : fail('callout.wrong-cut', '/body/cut/root')
}

function heldJoins(callOut: CallOutRecord, { body }: Release): Result<readonly Join[]> {
  const bySid = new Map(callOut.answers.map(answer => [answer.sid, answer]))
  const joins: Join[] = []
  for (const [i, sid] of body.joins.entries()) {
    const join = bySid.get(sid)
    if (join?.kind !== 'callout.join') return fail('evidence.missing', `/body/joins/${i}`, `${sid} is not held`)
    joins.push(join)
  }
  return ok(joins)
}

/** The first join that does not count at the cut, as far as held, or whose condition fails among those released. */
export function firstUnsound(
  callOut: CallOutRecord,
  joins: readonly Join[],
  cutSize: number,
): { readonly at: number; readonly why: string } | undefined {
  const candidates = candidatesAt(callOut, cutSize)
  const set = new Map(joins.map(({ iss, body }) => [iss, body.positions]))
  for (const [at, { iss, sid, body }] of joins.entries()) {
    if (candidates.get(iss)?.sid !== sid) return { at, why: 'not the join that counts for its member at the cut' }
    if (body.when !== undefined && !holds(body.when, set)) return { at, why: `the condition of ${iss} does not hold` }
  }
  return undefined
}

function firstDifference(a: readonly string[], b: readonly string[]): number | undefined {
  const at = a.findIndex((sid, i) => sid !== b[i])
  if (at >= 0) return at
  return a.length < b.length ? a.length : undefined
}

function whyNot(released: string | undefined, largest: string | undefined): string {
  if (released === undefined || (largest !== undefined && largest < released)) return `${largest} is left out`
  return `${released} does not belong`
}
