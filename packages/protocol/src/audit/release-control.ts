import { type ControlAct, type GrantState, type ReleaseControl, foldControl } from '../view/release-control.ts'
import type { ReceiptBody, SpillBody } from '../statement/kinds/delivery.ts'
import { statementPath } from './folder.ts'
import { note } from './ledger.ts'
import type { AuditContext } from './log-part.ts'
import type { AuditedReleaseControl } from './report.ts'
import type { StatementsPart } from './statements.ts'

/** What the log says of sharing, as far as the folder holds it. */
export function controlIn(part: StatementsPart, size: number): ReleaseControl {
  // No folder has a clock: the latest that anyone in it has signed by stands for one.
  const at = { size, moment: part.rows.reduce((latest, { iat }) => Math.max(latest, iat), 0) }
  const bySid = new Map(part.rows.map(row => [row.sid, row]))
  return foldControl(actsIn(part), sid => bySid.get(sid), at)
}

/**
 * spec/09-audit.md#order step 13: every use is within a grant. One whose grant the folder does not hold is let be: its
 * reader cannot tell.
 */
export function auditReleaseControl(
  context: AuditContext,
  part: StatementsPart,
  control: ReleaseControl,
): AuditedReleaseControl {
  for (const { use, failure } of control.refused) {
    const { kind, sid, index } = use
    if (part.holds(use.body.grant)) note(context.ledger, { ...failure, path: statementPath({ kind, sid }), index })
  }
  return { ...rowsOf(control), ...deliveryRows(part) }
}

function deliveryRows({ rows, find }: StatementsPart): Pick<AuditedReleaseControl, 'receipts' | 'spills'> {
  const bodyOf = <Body>(sid: string) => find(sid)?.body as Body
  return {
    receipts: rows.flatMap(({ kind, sid, iss }) => {
      if (kind !== 'receipt') return []
      const { is, of } = bodyOf<ReceiptBody>(sid)
      return [{ sid, by: iss, is, of: of.map(each => each.sid) }]
    }),
    spills: rows.flatMap(({ kind, sid, iss }) => {
      if (kind !== 'incident.spill') return []
      const { sid: of, how } = bodyOf<SpillBody>(sid)
      return [{ sid, by: iss, of, how }]
    }),
  }
}

function* actsIn({ rows, find, disputed: spans }: StatementsPart): Iterable<ControlAct> {
  for (const { kind, sid, iss, index, iat, exercise } of rows) {
    if (!kind.startsWith('release.') && kind !== 'tearline.open') continue
    // The row is of a statement that has been verified: its kind fixes its body.
    const disputed = spans.get(sid)
    const act = { kind, sid, iss, index, iat, exercise, body: find(sid)?.body }
    yield (disputed === undefined ? act : { ...act, disputed }) as ControlAct
  }
}

function rowsOf({ requests, grants, openings }: ReleaseControl): Omit<AuditedReleaseControl, 'receipts' | 'spills'> {
  return {
    requests: requests.map(({ request: { sid, iss, body }, is }) => ({ sid, by: iss, of: body.sid, is })),
    grants: grants.map(grantRow),
    openings: openings.map(({ sid, iss, body }) => ({
      sid,
      by: iss,
      of: body.sid,
      slots: body.slots ?? [],
      to: body.to,
    })),
  }
}

function grantRow({ grant: { sid, iss, body }, is, uses }: GrantState): AuditedReleaseControl['grants'][number] {
  const { to, recipient, actions } = body
  const used = uses.map(use => ({ sid: use.sid, index: use.index, action: use.body.action, purpose: use.body.purpose }))
  return { sid, by: iss, of: body.sid, slots: body.slots ?? [], to, recipient, actions, is, uses: used }
}
