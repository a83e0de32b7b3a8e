import { bySize, fromTheStart, isAllowed, sliceOf, slotsOf, subjectOf } from '../sharing/decide.ts'
import { tierReader } from '../sharing/reader.ts'
import type { Subject } from '../sharing/rules.ts'
import type { Verified } from '../statement/verify.ts'
import type { Manifest } from './folder.ts'
import { type Ledger, note } from './ledger.ts'
import type { Placement } from './lots.ts'
import type { AuditedStatement } from './report.ts'

/**
 * What the folder's reader could see from the start is open, and what it cannot see at the folder's size is not:
 * spec/09-audit.md#order step 10. What opened between may be there or not, for no folder says when it was made.
 */
export function checkTiers(
  { reader, size }: Pick<Manifest, 'reader' | 'size'>,
  { path, index }: Placement,
  statement: Verified,
  ledger: Ledger,
): 'within' | 'above' {
  const maySee = (subject: Subject, now = bySize(size)) =>
    isAllowed(subject, tierReader(subject.coa, reader), 'see', now)
  const open = new Set(statement.lines.map(({ label }) => label))
  ledger.proofs.disclosures += open.size
  for (const [label, slot] of slotsOf(statement)) {
    const missing = !open.has(label) && maySee(slot, fromTheStart)
    if (!missing && (!open.has(label) || maySee(slot))) continue
    const code = missing ? 'evidence.missing' : 'evidence.above-tier'
    const why = `a ${slot.handling.tlp} tear line, a folder for ${reader}`
    note(ledger, { code, at: `/tear/${label}`, why, path, index })
  }
  for (const { to } of statement.slices) {
    ledger.proofs.disclosures++
    if (maySee(sliceOf(statement, to))) continue
    const why = `a slice for ${to} alone, a folder for ${reader}`
    note(ledger, { code: 'evidence.above-tier', at: `/slices/${to}`, why, path, index })
  }
  return maySee(subjectOf(statement)) ? 'within' : 'above'
}

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
