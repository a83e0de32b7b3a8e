import { foldActs } from '../view/call-out.ts'
import type { Act, CallOut, ReleaseVerdict } from '../view/call-out-state.ts'
import { statementPath } from './folder.ts'
import { note } from './ledger.ts'
import type { AuditContext } from './log-part.ts'
import type { AuditedCallOut, AuditedRelease } from './report.ts'
import type { StatementsPart } from './statements.ts'

/** spec/09-audit.md#order steps 11 and 12: every release is judged, and only a release opens what is above the tier. */
export function auditCallOuts({ folder, ledger }: AuditContext, part: StatementsPart, size: number): AuditedCallOut[] {
  const { acts, rootAt, unopened } = part
  const withheldBefore = (at: number) => countBelow(unopened, at)
  const callOuts = [...foldActs(acts.values(), { size, rootAt, withheldBefore }).values()]
  const judged = new Set<string>()
  for (const { release, refused } of callOuts) {
    if (release !== undefined) judged.add(release.sid)
    for (const {
      release: { sid, index, kind },
      failure,
    } of refused) {
      judged.add(sid)
      note(ledger, { ...failure, path: statementPath({ kind, sid }), index })
    }
  }
  const missing = { code: 'evidence.missing', at: '/body/text', why: 'the text it releases' } as const
  for (const { kind, sid, index } of acts.values()) {
    if (kind !== 'callout.release' || judged.has(sid)) continue
    note(ledger, { ...missing, path: statementPath({ kind, sid }), index })
  }
  const opened = new Set(callOuts.flatMap(openedBy(part)))
  for (const [sid, { path, index }] of part.above) {
    const why = `more restricted than ${folder.manifest.reader}`
    if (!opened.has(sid)) note(ledger, { code: 'evidence.above-tier', why, path, index })
  }
  return callOuts.map(rowOf)
}

/** What a release within the folder's tier makes readable: the proposal, the text and the joins it lists. */
const openedBy =
  ({ above }: StatementsPart) =>
  ({ proposal, text, release }: CallOut): string[] => {
    if (release === undefined || text === undefined || above.has(release.sid)) return []
    return [proposal.sid, text.sid, ...release.body.joins]
  }

function rowOf({ proposal, text, phase, release, verdict }: CallOut): AuditedCallOut {
  return {
    proposal: proposal.sid,
    title: proposal.body.title,
    phase,
    exercise: proposal.exercise,
    ...(text !== undefined && { text: text.sid }),
    ...(release !== undefined && verdict !== undefined && { release: releaseOf(release, verdict) }),
  }
}

function releaseOf({ sid, index, body }: Act<'callout.release'>, verdict: ReleaseVerdict): AuditedRelease {
  const signatories = verdict.signatories.map(({ member, join, reservations }) => ({
    member,
    join,
    reservations: reservations.length,
  }))
  const { withheld, leftOut } = verdict.is === 'sound' ? verdict : { withheld: 0, leftOut: [] }
  return { sid, index, cut: body.cut.size, verdict: verdict.is, signatories, withheld, leftOut }
}

/** How many of the ascending numbers are smaller. */
function countBelow(ascending: readonly number[], bound: number): number {
  let [from, to] = [0, ascending.length]
  while (from < to) {
    const middle = Math.floor((from + to) / 2)
    if ((ascending[middle] ?? bound) < bound) from = middle + 1
    else to = middle
  }
  return from
}
