import type { CharterState } from '../charter/fold.ts'
import { isOpenEntry } from '../log/delivery.ts'
import { type Entry, commitment } from '../log/entry.ts'
import { hashReaderOf } from '../log/tree.ts'
import { anyone, folderReader } from '../sharing/reader.ts'
import { kindOf } from '../statement/kinds.ts'
import { type Entered, enteredOf } from '../statement/record.ts'
import { type Related, relatedOf } from '../statement/relate.ts'
import { formatTierCopy } from '../statement/tearline.ts'
import { type Verified, type VerifyContext, verify } from '../statement/verify.ts'
import { type Act, actOf } from '../view/call-out-state.ts'
import { equalBytes } from '../wire/bytes.ts'
import { type Result, fail, ok } from '../wire/failure.ts'
import { entryReader } from './bundles.ts'
import type { Desk, Scene } from './crew.ts'
import { type Listed, type Reading, readListedText } from './files.ts'
import { receiptPath, statementPath } from './folder.ts'
import { type Ledger, newLedger, note } from './ledger.ts'
import { receiptWriter } from '../log/receipts.ts'
import type { AuditedStatement, Finding, ProofCounts } from './report.ts'
import { type Above, type Scope, checkReach, rowOf } from './rows.ts'

/** Which file opens which entry, with what is listed for it and for its receipt. */
export type Placement = {
  readonly index: number
  readonly sid: string
  readonly path: string
  readonly copy: Listed | undefined
  readonly receipt: Listed | undefined
}

/** What one statement comes to by itself, before it is held against the others. */
export type Judged = {
  readonly findings: readonly Finding[]
  /** Absent: nothing there can be verified. */
  readonly stands?: Standing
}
export type Standing = {
  readonly row: AuditedStatement
  readonly related: Related
  readonly act?: Act
  /** Only of a kind that the charter is folded from. */
  readonly record?: Entered
  readonly above?: Above
  /** Of its tear lines: noted after those that are about its place. */
  readonly findings: readonly Finding[]
}
/** In the order of the copies. */
export type JudgedLot = { readonly judged: readonly Judged[]; readonly proofs: ProofCounts }

/** spec/09-audit.md#order steps 6, 8 and 10: all that can be said of a statement without the statements before it. */
export function openLots(desk: Desk, scene: Scene): (charter: CharterState, lot: readonly Placement[]) => JudgedLot {
  const copies = openCopies(desk, scene)
  const { primitives } = desk
  return (charter, lot) => {
    const ledger = newLedger()
    const scope = scopeOf(scene, charter)
    const judged = lot.map(placement => {
      const shown = copies(ledger, placement)
      const statement = read({ primitives, charter, index: placement.index, ledger }, shown)
      return judge({ desk, scope, ledger }, shown, statement)
    })
    return { judged, proofs: ledger.proofs }
  }
}

/** What a placement shows: the entry, and the tier copy that is to be judged. */
export type Shown = {
  readonly placement: Placement
  readonly entry: Entry | undefined
  readonly text: string | undefined
}

/** Step 6: the tier copy and the receipt as they lie in the folder. */
export function openCopies(desk: Desk, { size, levels, checkpoint }: Scene) {
  const {
    files,
    primitives: { sha256 },
  } = desk
  const entryAt = entryReader({ files }, size)
  const receipt = receiptWriter({ sha256, size, read: hashReaderOf(levels), checkpoint })
  return (ledger: Ledger, placement: Placement): Shown => {
    const reading = { files, sha256, ledger }
    const entry = entryAt(placement.index)
    const expected = receipt(placement.index, entry?.form === 'sealed' ? entry.tag : undefined)
    checkReceipt(reading, placement, expected)
    const { path, copy } = placement
    const text = entry?.form === 'open' ? openText(reading, placement, entry.jws) : readListedText(reading, path, copy)
    return { placement, entry, text }
  }
}

function checkReceipt(reading: Reading, { sid, index, receipt }: Placement, expected: string): void {
  const path = receiptPath(sid)
  const [{ ledger }, place, text] = [reading, { path, index }, readListedText(reading, path, receipt)]
  if (text === expected) ledger.proofs.receipts++
  else if (text !== undefined) note(ledger, { code: 'log.bad-proof', why: 'not the receipt of this entry', ...place })
  else if (receipt === undefined)
    note(ledger, { code: 'evidence.missing', why: 'the receipt of a statement', ...place })
}

/** What stands open on the log is judged by the log's own copy where the folder has none, or another one. */
function openText(reading: Reading, { path, index, copy }: Placement, jws: string): string {
  const [{ ledger }, place, text] = [reading, { path, index }, readListedText(reading, path, copy)]
  const own = `${jws}~`
  // Most have no disclosure, and whole texts are compared sooner than beginnings.
  if (text === own || text?.startsWith(own)) return text
  if (text !== undefined) note(ledger, { code: 'log.entry-mismatch', why: 'the log has another JWS', ...place })
  else if (copy === undefined) note(ledger, { code: 'evidence.missing', why: 'it stands open on the log', ...place })
  return own
}

type Verifying = VerifyContext & { readonly ledger: Ledger }

/** A bad tear line spoils the copy and not the statement: what follows in the log is judged by the statement alone. */
function read({ ledger, ...context }: Verifying, { placement, text }: Shown): Verified | undefined {
  if (text === undefined) return undefined
  const whole = verify(text, context)
  if (whole.ok) return whole.value
  note(ledger, { ...whole, path: placement.path, index: placement.index })
  const [jws = ''] = text.split('~')
  const alone = text.length > jws.length + 1 ? verify(formatTierCopy(jws, []), context) : whole
  return alone.ok ? alone.value : undefined
}

/** A reader that the charter does not know has ended the audit before, and here may see what anyone may. */
export const scopeOf = ({ reader, size }: Pick<Scene, 'reader' | 'size'>, charter: CharterState): Scope => ({
  reader: folderReader(charter, reader) ?? anyone,
  size,
})

type Judging = { readonly desk: Desk; readonly scope: Scope; readonly ledger: Ledger }

/** Takes what the ledger has of this placement with it, so that findings stay in log order. */
export function judge(by: Judging, shown: Shown, statement: Verified | undefined): Judged {
  const { placement } = shown
  const { findings } = by.ledger
  if (statement === undefined) return { findings: findings.splice(0) }
  checkForm(by, shown, statement)
  const own = findings.splice(0)
  const above = checkReach(by.scope, placement, statement, by.ledger)
  const act = actOf({ statement, index: placement.index })
  const row = rowOf(statement, placement.index)
  // What changes the charter stands open: of a sealed entry no relay and no node has counted any.
  const record = shown.entry?.form === 'open' ? recordOf(statement, placement.index) : undefined
  const more = { ...(act !== undefined && { act }), ...(record !== undefined && { record }) }
  const stands = { row, related: relatedOf(statement), ...more, ...(above !== undefined && { above }) }
  return { findings: own, stands: { ...stands, findings: findings.splice(0) } }
}

const recordOf = (statement: Verified, index: number): Entered | undefined =>
  kindOf(statement.kind).ofRecord === true ? enteredOf(statement, index) : undefined

function checkForm({ desk, ledger }: Judging, shown: Shown, statement: Verified): void {
  const { path, index } = shown.placement
  ledger.proofs.signatures++
  const entry = checkEntry(desk.primitives.sha256, shown, statement)
  if (!entry.ok) note(ledger, { ...entry, path, index })
  if (path === statementPath(statement)) return
  note(ledger, { code: 'evidence.unreferenced', why: `${statement.kind} has another place`, path, index })
}

/** Does the entry stand for this statement, in the form that its tier asks for? */
function checkEntry(
  sha256: Desk['primitives']['sha256'],
  { placement: { sid }, entry }: Shown,
  statement: Verified,
): Result<Verified> {
  if (statement.sid !== sid) return fail('log.entry-mismatch', '', 'the file is named for another statement')
  const { claims, jws, signature } = statement
  if (entry?.form === 'sealed' && !equalBytes(commitment({ sha256, sid, signature }), entry.commitment)) {
    return fail('log.entry-mismatch', 'commitment')
  }
  const open = isOpenEntry(claims.handling.tlp, jws)
  if (open === (entry?.form === 'open')) return ok(statement)
  return fail('log.bad-entry', '', open ? 'sealed, though anyone may read it' : 'in the open, though restricted')
}
