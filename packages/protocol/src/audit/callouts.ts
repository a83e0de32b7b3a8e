import type { AttributionBody } from '../statement/kinds/attribution.ts'
import { foldActs } from '../view/call-out.ts'
import type { Act, CallOut, ReleaseVerdict, Signatory } from '../view/call-out-state.ts'
import { standingAt } from '../charter/disputes.ts'
import { sayCondition } from '../view/words.ts'
import { statementPath } from './folder.ts'
import { note } from './ledger.ts'
import type { AuditContext } from './log-part.ts'
import type { AuditedAttribution, AuditedCallOut, AuditedRelease, AuditedSignatory } from './report.ts'
import type { StatementsPart } from './statements.ts'

export type CallOutsPart = { readonly rows: readonly AuditedCallOut[]; readonly callOuts: readonly CallOut[] }

/** spec/09-audit.md#order step 11: every release is judged. */
export function auditCallOuts(context: AuditContext, part: StatementsPart, size: number): CallOutsPart {
  const { rootAt, unopened, acts } = part
  const withheldBefore = (at: number) => countBelow(unopened, at)
  const callOuts = [...foldActs(acts.values(), { size, rootAt, withheldBefore }).values()]
  noteReleases(context, part, callOuts)
  return { rows: callOuts.map(callOut => rowOf(part, callOut, size)), callOuts }
}

function noteReleases({ ledger }: AuditContext, { acts, holds }: StatementsPart, callOuts: readonly CallOut[]): void {
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
  const proposals = new Set(callOuts.map(({ proposal }) => proposal.sid))
  for (const act of acts.values()) {
    if (act.kind !== 'callout.release' || judged.has(act.sid)) continue
    const text = acts.get(act.body.text)
    // What is disputed was judged where it stands, and does not count here.
    if (text?.kind === 'callout.text' && proposals.has(text.body.proposal)) continue
    const why = `the ${holds(act.body.text) ? 'proposal of the ' : ''}text it releases`
    note(ledger, { code: 'evidence.missing', at: '/body/text', why, path: statementPath(act), index: act.index })
  }
}

function rowOf(part: StatementsPart, callOut: CallOut, size: number): AuditedCallOut {
  const { proposal, text, phase, release, verdict, disputed } = callOut
  const standings = disputed.map(act => [act.sid, standingAt(act, size) ?? 'reaffirmed'] as const)
  return {
    proposal: proposal.sid,
    by: proposal.iss,
    title: proposal.body.title,
    form: proposal.body.form,
    phase,
    exercise: proposal.exercise,
    attributions: proposal.body.attributions.map(sid => attributionOf(part, sid)),
    ...(text !== undefined && { text: text.sid, texts: text.body.texts, claims: text.body.claims }),
    ...(standings.length > 0 && { disputed: Object.fromEntries(standings) }),
    ...(release !== undefined && verdict !== undefined && { release: releaseOf(callOut, release, verdict) }),
  }
}

/** Only its sid where the folder has no more of it. */
function attributionOf({ find }: StatementsPart, sid: string): AuditedAttribution {
  const found = find(sid)
  if (found?.kind !== 'attribution.statement') return { sid }
  // The kind fixes the body: it has been read with that kind's schema.
  const { title, summary, claims } = found.body as AttributionBody
  return { sid, by: found.iss, title, summary, claims }
}

function releaseOf(
  { answers }: CallOut,
  { sid, iss, index, body }: Act<'callout.release'>,
  verdict: ReleaseVerdict,
): AuditedRelease {
  const joins = new Map(answers.map(answer => [answer.sid, answer]))
  const signatories = verdict.signatories.map(each => signatoryOf(each, joins.get(each.join)))
  const { withheld, leftOut } = verdict.is === 'sound' ? verdict : { withheld: 0, leftOut: [] }
  return { sid, by: iss, index, cut: body.cut.size, verdict: verdict.is, signatories, withheld, leftOut }
}

function signatoryOf(signatory: Signatory, answer: CallOut['answers'][number] | undefined): AuditedSignatory {
  const { member, join, authority, positions, reservations, interpretive_declaration: declaration } = signatory
  const when = answer?.kind === 'callout.join' ? answer.body.when : undefined
  return {
    member,
    join,
    authority,
    positions,
    ...(when !== undefined && { when, condition: sayCondition(when) }),
    reservations,
    ...(declaration !== undefined && { declaration }),
  }
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
