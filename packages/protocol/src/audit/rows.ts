import { type Marked, bySize, fromTheStart, isAllowed, sliceOf, slotsOf, subjectOf } from '../sharing/decide.ts'
import type { Reader } from '../sharing/reader.ts'
import type { Subject } from '../sharing/rules.ts'
import type { Verified } from '../statement/verify.ts'
import { type Ledger, note } from './ledger.ts'
import type { Placement } from './lots.ts'
import type { AuditedStatement } from './report.ts'

/** Whom the folder is for, and the size of its log. */
export type Scope = { readonly reader: Reader; readonly size: number }

/**
 * A statement of which the marking alone does not let the folder's reader see all that is here: the whole of it, or
 * tear lines by label. What the log has opened or granted since may. Plain data, which can come from another thread.
 */
export type Above = { readonly marked: Marked; readonly whole: boolean; readonly slots: readonly string[] }

/**
 * What the folder's reader could see from the start is open, and of what it cannot see by the marking at the folder's
 * size is said what is here: spec/09-audit.md#order step 10. What opened between may be there or not, for no folder
 * says when it was made.
 */
export function checkReach(
  { reader, size }: Scope,
  { path, index }: Placement,
  statement: Verified,
  ledger: Ledger,
): Above | undefined {
  const maySee = (subject: Subject, now = bySize(size)) => isAllowed(subject, reader, 'see', now)
  const [whole, slots] = [!maySee(subjectOf(statement)), new Array<string>()]
  const open = new Set(statement.lines.map(({ label }) => label))
  ledger.proofs.disclosures += open.size
  for (const [label, slot] of slotsOf(statement)) {
    if (open.has(label) && !maySee(slot)) slots.push(label)
    if (open.has(label) || !maySee(slot, fromTheStart)) continue
    const why = `a ${slot.handling.tlp} tear line, which the folder's reader may see`
    note(ledger, { code: 'evidence.missing', at: `/tear/${label}`, why, path, index })
  }
  for (const { to } of statement.slices) {
    ledger.proofs.disclosures++
    if (maySee(sliceOf(statement, to))) continue
    const why = `a slice for ${to} alone`
    note(ledger, { code: 'evidence.above-tier', at: `/slices/${to}`, why, path, index })
  }
  return whole || slots.length > 0 ? { marked: markedOf(statement), whole, slots } : undefined
}

/** As much of it as a decision needs, which can be sent to another thread. */
const markedOf = ({ sid, claims: { coa, iss, handling, tear } }: Verified): Marked => ({
  sid,
  claims: { coa, iss, handling, tear },
})

export function rowOf({ sid, kind, iss, kid, claims, body, lines, slices }: Verified, index: number): AuditedStatement {
  const open = new Set(lines.map(({ label }) => label))
  const title = titleOf(body)
  return {
    index,
    sid,
    kind,
    iss,
    kid,
    iat: claims.iat,
    tlp: claims.handling.tlp,
    exercise: claims.exercise,
    ...(title !== undefined && { title }),
    ...(claims.seen !== null && { seen: { note: claims.seen.note, size: claims.seen.size } }),
    tear: Object.entries(claims.tear).map(([label, { tlp }]) => ({ label, tlp, open: open.has(label) })),
    ...(claims.slices && {
      slices: {
        label: claims.slices.label,
        tlp: claims.slices.handling.tlp,
        count: claims.slices.to._sd.length,
        open: slices.map(({ to }) => to),
      },
    }),
  }
}

type Titled = { readonly title?: unknown; readonly texts?: readonly { readonly title: string }[] }

/** Kinds that have a title have it in one of two places. */
function titleOf(body: unknown): string | undefined {
  const { title, texts } = body as Titled
  return typeof title === 'string' ? title : texts?.[0]?.title
}
