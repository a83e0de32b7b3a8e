import { type Tlp, atLeastAsRestricted } from '../charter/tiers.ts'
import type { Verified } from '../statement/verify.ts'
import { type Ledger, note } from './ledger.ts'
import type { Placement } from './lots.ts'
import type { AuditedStatement } from './report.ts'

/** Tear lines up to the folder's tier are open, and none above it is: spec/09-audit.md#order step 10. */
export function checkTiers(
  reader: Tlp,
  { path, index }: Placement,
  { claims, lines }: Verified,
  ledger: Ledger,
): 'within' | 'above' {
  const open = new Set(lines.map(({ label }) => label))
  ledger.proofs.disclosures += open.size
  for (const [label, { tlp }] of Object.entries(claims.tear)) {
    const readable = atLeastAsRestricted(reader, tlp)
    if (readable === open.has(label)) continue
    const code = readable ? 'evidence.missing' : 'evidence.above-tier'
    note(ledger, { code, at: `/tear/${label}`, why: `a ${tlp} tear line, a folder for ${reader}`, path, index })
  }
  return atLeastAsRestricted(reader, claims.handling.tlp) ? 'within' : 'above'
}

export function rowOf({ sid, kind, iss, kid, claims, body, lines }: Verified, index: number): AuditedStatement {
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
    tear: Object.entries(claims.tear).map(([label, { tlp }]) => ({ label, tlp, open: open.has(label) })),
  }
}

type Titled = { readonly title?: unknown; readonly texts?: readonly { readonly title: string }[] }

/** Kinds that have a title have it in one of two places. */
function titleOf(body: unknown): string | undefined {
  const { title, texts } = body as Titled
  return typeof title === 'string' ? title : texts?.[0]?.title
}
