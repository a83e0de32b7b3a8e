import { type Tlp, atLeastAsRestricted } from '../charter/tiers.ts'
import type { ResendBody } from '../statement/kinds/delivery.ts'
import type { CallOut } from '../view/call-out-state.ts'
import type { Facts } from '../view/facts.ts'
import { checkResend, onwardFacts } from '../view/onward.ts'
import type { ReleaseControl } from '../view/release-control.ts'
import { statementPath } from './folder.ts'
import { note } from './ledger.ts'
import type { AuditContext } from './log-part.ts'
import { releasesIn } from './opened.ts'
import type { AuditedStatement } from './report.ts'
import type { StatementsPart } from './statements.ts'

type Since = { readonly callOuts: readonly CallOut[]; readonly control: ReleaseControl }

/** spec/09-audit.md#order step 13: what is sent again by another than its originator goes to those who may have it. */
export function auditResends(context: AuditContext, part: StatementsPart, since: Since): void {
  // A sealed file that is lost may have been what let it go.
  if (part.lost > 0) return
  for (const row of part.rows) if (row.kind === 'resend') auditResend(context, part, { row, since })
}

type Judging = { readonly row: AuditedStatement; readonly since: Since }

function auditResend({ folder, ledger }: AuditContext, part: StatementsPart, { row, since }: Judging): void {
  const { kind, sid, iss, index } = row
  const said = part.claimsOf(sid)
  // The row is of a statement that has been verified: its kind fixes its body.
  const body = said?.body as ResendBody
  const claims = part.claimsOf(body.sid)
  if (said === undefined || claims === undefined) return
  const isWhole = (part.unopened[0] ?? Infinity) > index
  const judged = checkResend({
    charter: part.charter,
    resend: { iss, handling: said.handling, body },
    about: { sid: body.sid, claims },
    facts: onwardFacts(factsAt(part, since, row), { by: iss, before: index }),
    ...(!isWhole && { among: name => name === folder.manifest.reader }),
  })
  if (!judged.ok) note(ledger, { ...judged, path: statementPath({ kind, sid }), index })
}

function factsAt(part: StatementsPart, { callOuts, control }: Since, { index, iat }: AuditedStatement): Facts {
  const released = new Map<string, Tlp>()
  for (const { release, tlp, sids } of releasesIn(part, callOuts)) {
    if (release.index >= index) continue
    for (const sid of sids) if (atLeastAsRestricted(released.get(sid) ?? 'red', tlp)) released.set(sid, tlp)
  }
  return { control, released, at: { size: index, moment: iat } }
}
