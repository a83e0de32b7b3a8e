import { commitment } from '../log/entry.ts'
import { fromBase64url, toBase64url } from '../wire/base64.ts'
import { type Sha256, fromUtf8, utf8 } from '../wire/bytes.ts'
import { entryReader, sidOf } from './bundles.ts'
import { partOf, receiptPath, statementPath } from './folder.ts'
import type { AuditContext, LogPart } from './log-part.ts'
import type { Placement } from './lots.ts'

/** spec/09-audit.md#order step 6: which file opens which entry. undefined where no file does. */
export function placeStatements(context: AuditContext, log: LogPart): (index: number) => Placement | undefined {
  const sealed = placeSealed(context, log)
  const { claim, paths } = context.folder
  const adoptions = new Set(paths('charter/'))
  return index => {
    const sid = log.names.sids.get(index) ?? sealed.get(index)
    if (sid === undefined) return undefined
    const apart = statementPath({ kind: 'charter.adopt', sid })
    const path = adoptions.has(apart) ? apart : statementPath({ kind: 'any other', sid })
    return { index, sid, path, copy: claim(path), receipt: claim(receiptPath(sid)) }
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

type Place = Pick<Placement, 'index' | 'sid' | 'path'>

/** The body of a statement that has been verified, once more. */
export function bodyAgain(context: AuditContext, log: LogPart, of: Place): unknown {
  const [, payload = ''] = jwsAgain(context, log, of).split('.')
  const text = fromUtf8(fromBase64url(payload) ?? new Uint8Array(0))
  return (JSON.parse(text ?? 'null') as { readonly body: unknown }).body
}

function jwsAgain({ folder, files, primitives: { sha256 } }: AuditContext, log: LogPart, of: Place): string {
  const jws = jwsOf(folder.again(of.path))
  if (jws !== undefined && sidOf(utf8(jws), sha256) === of.sid) return jws
  const entry = entryReader({ files }, log.size)(of.index)
  if (entry?.form !== 'open') throw new Error(`the folder changed while it was read: ${of.path}`)
  return entry.jws
}
