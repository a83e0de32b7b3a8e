import type { Tlp } from '../charter/tiers.ts'
import { type Marked, bySize, isAllowed } from '../sharing/decide.ts'
import type { Act, CallOut } from '../view/call-out-state.ts'
import { type Facts, subjectsOf } from '../view/facts.ts'
import type { ReleaseControl } from '../view/release-control.ts'
import { assert } from '../wire/failure.ts'
import type { FailureCode } from '../wire/failures.ts'
import { note } from './ledger.ts'
import type { AuditContext } from './log-part.ts'
import { type Placement, scopeOf } from './lots.ts'
import type { Scope } from './rows.ts'
import type { StatementsPart } from './statements.ts'

type Release = Act<'callout.release'>

export type Opened = {
  /** By the sid of a statement that its marking does not open to the folder's reader: what has opened it. */
  readonly by: ReadonlyMap<string, string>
  /** Statements and tear lines above the reader of which nobody can tell here whether they have been opened. */
  readonly untold: number
}

type Since = { readonly callOuts: readonly CallOut[]; readonly control: ReleaseControl }

/** spec/09-audit.md#order step 12: what a release that can be followed, an opening or a grant has opened since. */
export function checkAbove(context: AuditContext, part: StatementsPart, since: Since): Opened {
  const { reader, size } = context.folder.manifest
  const released = new Map(releasesIn(part, since.callOuts).flatMap(openedBy(part)))
  const hanging = hangingOn(part, unfollowed(part, since.callOuts))
  // A sealed file that is lost may have been what opened it. What anyone may read stands open, and is not lost.
  const perhapsByLost = part.lost > 0 && reader !== 'clear' && reader !== 'anyone'
  const tiers = new Map([...released].map(([sid, { tlp }]) => [sid, tlp]))
  const facts = { control: since.control, released: tiers, at: bySize(size) }
  const scope = scopeOf({ reader, size }, part.charter)
  const by = new Map<string, string>()
  let untold = 0
  for (const [sid, { marked, whole, slots, placement }] of part.above) {
    const maySee = partsSeen(marked, facts, { name: reader, scope })
    for (const slot of [...(whole ? [undefined] : []), ...slots]) {
      if (maySee.has(slot)) {
        if (slot === undefined) by.set(sid, released.get(sid)?.release ?? opener(since.control, sid))
      } else if (perhapsByLost || (slot === undefined && hanging.has(sid))) untold++
      else noteAbove(context, placement, slot)
    }
  }
  return { by, untold }
}

function noteAbove({ ledger, folder }: AuditContext, { path, index }: Placement, slot: string | undefined): void {
  const at = slot !== undefined && { at: `/tear/${slot}` }
  const what = slot === undefined ? 'the statement' : 'the tear line'
  const why = `${what} is more restricted than a folder for ${folder.manifest.reader}`
  note(ledger, { code: 'evidence.above-tier', ...at, why, path, index })
}

type Asking = { readonly name: string; readonly scope: Scope }

/** What of it the reader may see with all that has been opened and granted. */
function partsSeen(marked: Marked, facts: Facts, { name, scope: { reader } }: Asking): ReadonlySet<string | undefined> {
  const all = subjectsOf(marked, facts, { reader: name })
  return new Set(all.filter(({ subject }) => isAllowed(subject, reader, 'see', facts.at)).map(({ slot }) => slot))
}

/** The opening or the grant that a reader may see a statement by: the first of each. */
function opener({ openings, grants }: ReleaseControl, sid: string): string {
  const found =
    openings.find(({ body }) => body.sid === sid) ?? grants.find(({ grant }) => grant.body.sid === sid)?.grant
  assert(found !== undefined, 'what a marking does not open a release, an opening or a grant does')
  return found.sid
}

type Opening = { readonly release: Release; readonly tlp: Tlp; readonly sids: readonly string[] }

/** What each release that the folder's reader may see makes readable: the proposal, the text and the joins it lists. */
export function releasesIn({ above, forSome, tlpOf }: StatementsPart, callOuts: readonly CallOut[]): Opening[] {
  return callOuts.flatMap(({ proposal, text, release }) => {
    const tlp = release && tlpOf(release.sid)
    if (release === undefined || text === undefined || tlp === undefined) return []
    if (isAbove(above, release.sid) || forSome.has(release.sid)) return []
    return [{ release, tlp, sids: [proposal.sid, text.sid, ...release.body.joins] }]
  })
}

const openedBy =
  ({ above }: StatementsPart) =>
  ({ release, tlp, sids }: Opening): [string, { readonly release: string; readonly tlp: Tlp }][] =>
    sids.filter(sid => above.has(sid)).map(sid => [sid, { release: release.sid, tlp }])

const isAbove = (above: StatementsPart['above'], sid: string): boolean => above.get(sid)?.whole ?? false

/** Releases within the tier that nobody can judge, because a part of them is not in the folder or does not read. */
function unfollowed({ acts, above, holds }: StatementsPart, callOuts: readonly CallOut[]): Release[] {
  const answers = new Map<string, FailureCode | 'good'>()
  for (const { release, refused } of callOuts) {
    if (release !== undefined) answers.set(release.sid, 'good')
    for (const each of refused) answers.set(each.release.sid, each.failure.code)
  }
  return [...acts.values()].filter((act): act is Release => {
    if (act.kind !== 'callout.release' || isAbove(above, act.sid)) return false
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
