import { isOpenEntry } from '../log/delivery.ts'
import { type Entry, commitment } from '../log/entry.ts'
import type { Verified } from '../statement/verify.ts'
import { fromBase64url, toBase64url } from '../wire/base64.ts'
import { type Sha256, equalBytes, fromUtf8, utf8 } from '../wire/bytes.ts'
import { type Result, fail, ok } from '../wire/failure.ts'
import { partOf, receiptPath, statementPath } from './folder.ts'
import { note } from './ledger.ts'
import { type AuditContext, type LogPart, sidOf } from './log-part.ts'
import { receiptWriter } from './receipts.ts'

/** A statement file beside the entry that it opens. */
export type Exhibited = {
  readonly index: number
  readonly sid: string
  readonly path: string
  readonly entry: Entry
  /** The tier copy. */
  readonly text: string
}

/** spec/09-audit.md#order step 6: which file opens which entry, and its receipt. undefined where no file does. */
export function exhibitReader(context: AuditContext, log: LogPart): (index: number) => Exhibited | undefined {
  const sealed = placeSealed(context, log)
  const adoptions = new Set(context.folder.paths('charter/'))
  const {
    size,
    tree: { read },
    signed: checkpoint,
  } = log
  const receipt = receiptWriter({ sha256: context.primitives.sha256, size, read, checkpoint })
  return index => {
    const entry = log.entryAt(index)
    const sid = entry?.form === 'open' ? log.names.sids.get(index) : sealed.get(index)
    if (entry === undefined || sid === undefined) return undefined
    const expected = receipt(index, entry.form === 'sealed' ? entry.tag : undefined)
    checkReceipt(context, { index, path: receiptPath(sid), expected })
    const apart = statementPath({ kind: 'charter.adopt', sid })
    const path = adoptions.has(apart) ? apart : statementPath({ kind: 'any other', sid })
    const text = entry.form === 'open' ? openText(context, { index, path, entry }) : context.folder.openText(path)
    return text === undefined ? undefined : { index, sid, path, entry, text }
  }
}

/** Sealed entries name nobody: the files that no open entry names are asked for their commitments. */
function placeSealed({ folder, primitives: { sha256 } }: AuditContext, { names }: LogPart): Map<number, string> {
  const sidByIndex = new Map<number, string>()
  if (names.indexByCommitment.size === 0) return sidByIndex
  const open = new Set(names.sids.values())
  for (const path of [...folder.paths('statements/'), ...folder.paths('charter/')]) {
    const part = partOf(path)
    if (part === undefined || !('sid' in part) || open.has(part.sid)) continue
    const committed = commitmentOf(part.sid, folder.again(path), sha256)
    const index = committed === undefined ? undefined : names.indexByCommitment.get(committed)
    if (index !== undefined) sidByIndex.set(index, part.sid)
  }
  return sidByIndex
}

function commitmentOf(sid: string, copy: Uint8Array | undefined, sha256: Sha256): string | undefined {
  const signature = fromBase64url(jwsOf(copy)?.split('.')[2] ?? '')
  return signature && toBase64url(commitment({ sha256, sid, signature }))
}

const jwsOf = (copy: Uint8Array | undefined): string | undefined => copy && fromUtf8(copy)?.split('~')[0]

/** What stands open on the log is judged by the log's own copy where the folder has none, or another one. */
function openText(
  { folder, ledger }: AuditContext,
  { index, path, entry: { jws } }: { index: number; path: string; entry: Entry & { form: 'open' } },
): string {
  const [place, text] = [{ path, index }, folder.openText(path)]
  if (text?.startsWith(jws) && text[jws.length] === '~') return text
  if (text !== undefined) note(ledger, { code: 'log.entry-mismatch', why: 'the log has another JWS', ...place })
  else if (!folder.has(path)) note(ledger, { code: 'evidence.missing', why: 'it stands open on the log', ...place })
  return `${jws}~`
}

function checkReceipt(
  { folder, ledger }: AuditContext,
  { index, path, expected }: { index: number; path: string; expected: string },
): void {
  const [place, text] = [{ path, index }, folder.openText(path)]
  if (text === expected) ledger.proofs.receipts++
  else if (text !== undefined) note(ledger, { code: 'log.bad-proof', why: 'not the receipt of this entry', ...place })
  else if (!folder.has(path)) note(ledger, { code: 'evidence.missing', why: 'the receipt of a statement', ...place })
}

/** Does the entry stand for this statement, in the form that its tier asks for? */
export function checkEntry(sha256: Sha256, { sid, entry }: Exhibited, statement: Verified): Result<Verified> {
  if (statement.sid !== sid) return fail('log.entry-mismatch', '', 'the file is named for another statement')
  const {
    claims: { handling },
    jws,
    signature,
  } = statement
  if (entry.form === 'sealed' && !equalBytes(commitment({ sha256, sid, signature }), entry.commitment)) {
    return fail('log.entry-mismatch', 'commitment')
  }
  const open = isOpenEntry(handling.tlp, jws)
  if (open === (entry.form === 'open')) return ok(statement)
  return fail('log.bad-entry', '', open ? 'sealed, though anyone may read it' : 'in the open, though restricted')
}

/** The body of a statement that has been verified, once more. */
export function bodyAgain(context: AuditContext, log: LogPart, of: Place): unknown {
  const [, payload = ''] = jwsAgain(context, log, of).split('.')
  const text = fromUtf8(fromBase64url(payload) ?? new Uint8Array(0))
  return (JSON.parse(text ?? 'null') as { readonly body: unknown }).body
}

type Place = Pick<Exhibited, 'index' | 'sid' | 'path'>

function jwsAgain({ folder, primitives: { sha256 } }: AuditContext, log: LogPart, of: Place): string {
  const jws = jwsOf(folder.again(of.path))
  if (jws !== undefined && sidOf(utf8(jws), sha256) === of.sid) return jws
  const entry = log.entryAt(of.index)
  if (entry?.form !== 'open') throw new Error(`the folder changed while it was read: ${of.path}`)
  return entry.jws
}
