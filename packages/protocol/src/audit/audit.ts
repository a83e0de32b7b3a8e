import type { CharterState, HeldKey } from '../charter/fold.ts'
import type { Family } from '../charter/quorum.ts'
import type { Primitives } from '../wire/primitives.ts'
import { auditCallOuts } from './callouts.ts'
import { type Crew, ownCrew } from './crew.ts'
import { type FolderFiles, openFolder } from './files.ts'
import { type Ledger, newLedger } from './ledger.ts'
import { readLog } from './log-part.ts'
import { checkAbove } from './opened.ts'
import { auditReleaseControl, controlIn } from './release-control.ts'
import { auditResends } from './resends.ts'
import type { AuditReport, AuditedCharter, AuditedKey, AuditedStatement } from './report.ts'
import { heldBounds } from '../view/held.ts'
import { auditNotes } from './notes.ts'
import { auditStatements } from './statements.ts'

export type { BundleFile, HashedBundle } from './bundles.ts'
export type { Crew, Desk, Scene } from './crew.ts'
export type { FolderFiles } from './files.ts'
export type { JudgedLot, Placement } from './lots.ts'
export { hashBundle } from './bundles.ts'
export { ownCrew } from './crew.ts'
export { openLots } from './lots.ts'

export type AuditInput = {
  readonly files: FolderFiles
  readonly primitives: Primitives
  /** Statement id of the genesis charter that the reader trusts. Without it the report says which one it is. */
  readonly genesis?: string | undefined
  /** A family of signatures to judge the log without, as if it proved nothing. */
  readonly without?: Family | undefined
  /** Who does what can be done in parts; without it, the calling thread. */
  readonly crew?: Crew
}

/** spec/09-audit.md#order: everything in an evidence folder, each part checked by something that is not itself. */
export async function auditFolder({ files, primitives, genesis, without, crew }: AuditInput): Promise<AuditReport> {
  const ledger = newLedger()
  const asked = { pinned: genesis !== undefined, ...(without && { without }) }
  const folder = openFolder(files, primitives.sha256, ledger)
  if (folder === undefined) return reportOf(ledger, asked)
  const context = { files, folder, primitives, ledger, without, crew: crew ?? ownCrew({ files, primitives }) }
  const { exported_by: exportedBy, reader, origin, size, root } = folder.manifest
  const head = { ...asked, exportedBy, reader, origin, size, root, genesis: folder.manifest.genesis }

  const log = await readLog(context)
  const part = log && (await auditStatements(context, log, genesis))
  if (log === undefined || part === undefined) return reportOf(ledger, head)
  const { rows: callouts, callOuts } = auditCallOuts(context, part, size)
  const control = controlIn(part, size)
  const opened = checkAbove(context, part, { callOuts, control })
  const release = auditReleaseControl(context, part, control)
  auditResends(context, part, { callOuts, control })
  const { trust, ifEd25519Falls, rows } = auditNotes(context, log, part)
  folder.close()
  const bounds = heldBounds(rows, size)
  const statements = rows.map(row => withOpener({ ...row, ...heldIn(bounds(row)) }, opened.by.get(row.sid)))
  const slots = statements.flatMap(({ tear }) => tear).filter(({ open }) => !open).length
  const slices = part.rows.reduce((sum, { slices: group }) => sum + (group ? group.count - group.open.length : 0), 0)
  const withheld = { entries: part.unopened.length, slots, slices }
  const { untold } = opened
  return reportOf(ledger, {
    ...head,
    charter: charterRow(part.charter),
    ...(trust && { trust }),
    ifEd25519Falls,
    statements,
    callouts,
    release,
    withheld,
    untold,
  })
}

const heldIn = ({ notBefore, notAfter }: ReturnType<ReturnType<typeof heldBounds>>) =>
  notBefore === undefined && notAfter === undefined
    ? {}
    : { held: { ...(notBefore !== undefined && { notBefore }), ...(notAfter !== undefined && { notAfter }) } }

const withOpener = (row: AuditedStatement, openedBy: string | undefined): AuditedStatement =>
  openedBy === undefined ? row : { ...row, openedBy }

type Found = Partial<Omit<AuditReport, 'ok' | 'findings' | 'proofs'>> & { readonly pinned: boolean }

function reportOf({ findings, proofs }: Ledger, found: Found): AuditReport {
  const release = { requests: [], grants: [], openings: [], receipts: [], spills: [] }
  const nothing = { statements: [], callouts: [], release, withheld: { entries: 0, slots: 0, slices: 0 }, untold: 0 }
  return { ok: findings.length === 0, ...nothing, ...found, proofs, findings }
}

const keyRow = ({ member, record: { kid, use, alg }, from, to }: HeldKey): AuditedKey => ({
  member,
  kid,
  use,
  alg,
  ...(from > 0 && { from }),
  ...(to < Infinity && { revokedAt: to - 1 }),
})

function charterRow(state: CharterState): AuditedCharter {
  const { charter, adopted, absent, inForceFrom, keys, eras, closedFrom } = state
  const members = charter.members.map(({ id, name }) => {
    const [adoptedAt, why] = [adopted.get(id), absent.get(id)]
    return { id, name, ...(adoptedAt !== undefined && { adoptedAt }), ...(why !== undefined && { absent: why }) }
  })
  const begins = eras.filter(({ version }, i) => version !== eras[i - 1]?.version)
  const signing = [...keys.values()].filter(({ record: { use } }) => use === 'root' || use === 'sign')
  return {
    name: charter.name,
    version: charter.version,
    ...(inForceFrom !== undefined && { inForceFrom }),
    ...(charter.follows !== undefined && { follows: charter.follows }),
    ...(closedFrom !== undefined && { closedAt: closedFrom }),
    versions: begins.map(({ from, version: { number, sid } }) => ({ version: number, sid, from })),
    members,
    keys: signing.map(keyRow),
  }
}
