import type { Act, CallOut } from '../view/call-out-state.ts'
import type { FailureCode } from '../wire/failures.ts'
import { note } from './ledger.ts'
import type { AuditContext } from './log-part.ts'
import type { StatementsPart } from './statements.ts'

type Release = Act<'callout.release'>

export type Opened = {
  /** The release that has opened a statement above the tier, by the sid of that statement. */
  readonly by: ReadonlyMap<string, string>
  /** Statements above the tier of which nobody can tell here whether a release has opened them. */
  readonly untold: number
}

/** spec/09-audit.md#order step 12: only a release that can be followed opens what is above the tier. */
export function checkOpened(context: AuditContext, part: StatementsPart, callOuts: readonly CallOut[]): Opened {
  const { reader } = context.folder.manifest
  const by = new Map(callOuts.flatMap(openedBy(part)))
  const [hanging, byLost] = [hangingOn(part, unfollowed(part, callOuts)), perhapsByLost(context, part, callOuts)]
  let untold = 0
  for (const [sid, { path, index }] of part.above) {
    if (by.has(sid)) continue
    if (hanging.has(sid) || byLost(sid)) untold++
    else note(context.ledger, { code: 'evidence.above-tier', why: `more restricted than ${reader}`, path, index })
  }
  return { by, untold }
}

/** What a release within the folder's tier makes readable: the proposal, the text and the joins it lists. */
const openedBy =
  ({ above }: StatementsPart) =>
  ({ proposal, text, release }: CallOut): [string, string][] => {
    if (release === undefined || text === undefined || above.has(release.sid)) return []
    const opened = [proposal.sid, text.sid, ...release.body.joins].filter(sid => above.has(sid))
    return opened.map(sid => [sid, release.sid])
  }

/** Releases within the tier that nobody can judge, because a part of them is not in the folder or does not read. */
function unfollowed({ acts, above, holds }: StatementsPart, callOuts: readonly CallOut[]): Release[] {
  const answers = new Map<string, FailureCode | 'good'>()
  for (const { release, refused } of callOuts) {
    if (release !== undefined) answers.set(release.sid, 'good')
    for (const each of refused) answers.set(each.release.sid, each.failure.code)
  }
  return [...acts.values()].filter((act): act is Release => {
    if (act.kind !== 'callout.release' || above.has(act.sid)) return false
    const isJudged = (answers.get(act.sid) ?? 'evidence.missing') !== 'evidence.missing'
    return !isJudged && !partsOf(act, acts).every(holds)
  })
}

function partsOf({ body }: Release, acts: StatementsPart['acts']): string[] {
  const text = acts.get(body.text)
  return [body.text, ...body.joins, ...(text?.kind === 'callout.text' ? [text.body.proposal] : [])]
}

/** What they may have opened. Without its text, the proposal of a release is one that its author may close. */
function hangingOn({ acts, holds }: StatementsPart, releases: readonly Release[]): ReadonlySet<string> {
  const hanging = new Set(releases.flatMap(release => partsOf(release, acts)))
  const textless = releases.filter(({ body }) => !holds(body.text))
  if (textless.length === 0) return hanging
  for (const act of acts.values()) {
    if (act.kind !== 'callout.propose') continue
    const { iss, sid, index, body } = act
    const mayClose = (release: Release) => release.iss === iss || body.deputies.includes(release.iss)
    if (textless.some(release => index < release.index && mayClose(release))) hanging.add(sid)
  }
  return hanging
}

/**
 * A sealed file that is lost may have been a release of any call-out that has none here. What anyone may read stands
 * open on the log, so a folder for CLEAR readers loses none.
 */
function perhapsByLost(
  { folder }: AuditContext,
  { acts, lost }: StatementsPart,
  callOuts: readonly CallOut[],
): (sid: string) => boolean {
  if (lost === 0 || folder.manifest.reader === 'clear') return () => false
  const released = new Set(callOuts.filter(({ release }) => release !== undefined).map(each => each.proposal.sid))
  return sid => {
    const act = acts.get(sid)
    const opens = act?.kind === 'callout.propose' || act?.kind === 'callout.text' || act?.kind === 'callout.join'
    return opens && !released.has(proposalOf(act, acts) ?? '')
  }
}

function proposalOf(act: Act, acts: StatementsPart['acts']): string | undefined {
  if (act.kind === 'callout.propose') return act.sid
  const text = act.kind === 'callout.join' ? acts.get(act.body.text) : act
  return text?.kind === 'callout.text' ? text.body.proposal : undefined
}
