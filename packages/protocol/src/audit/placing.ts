import { commitment } from '../log/entry.ts'
import type { Claims } from '../statement/claims.ts'
import { fromBase64url, toBase64url } from '../wire/base64.ts'
import { type Sha256, fromUtf8, utf8 } from '../wire/bytes.ts'
import { readCanonical } from '../wire/canonical.ts'
import { entryReader, sidOf } from './bundles.ts'
import { receiptPath, statementPath } from './folder.ts'
import type { AuditContext, LogPart } from './log-part.ts'
import type { Placement } from './lots.ts'

export type Places = {
  /** undefined where no file opens the entry. */
  readonly placementAt: (index: number) => Placement | undefined
  /** Statement files that are listed, are not there as listed, and open no entry. */
  readonly lost: number
}

/** spec/09-audit.md#order step 6: which file opens which entry. */
export function placeStatements(context: AuditContext, log: LogPart): Places {
  const { sidByIndex, lost } = placeSealed(context, log)
  const { claim, paths } = context.folder
  const adoptions = new Set(paths('charter/'))
  const placementAt = (index: number): Placement | undefined => {
    const sid = log.names.sids.get(index) ?? sidByIndex.get(index)
    if (sid === undefined) return undefined
    const [apart, among] = [statementPath({ kind: 'charter.adopt', sid }), statementPath({ kind: 'any other', sid })]
    const path = adoptions.has(apart) ? apart : among
    const [copy, receipt] = [claim(path), claim(receiptPath(sid))]
    const isMisplaced = copy === undefined && kindOnLog(context, log, index) === 'charter.adopt'
    return { index, sid, path: isMisplaced ? apart : path, copy, receipt }
  }
  return { placementAt, lost }
}

/** Sealed entries name nobody: the files that no open entry names are asked for their commitments. */
function placeSealed({ folder, primitives: { sha256 } }: AuditContext, { names }: LogPart): Sealed {
  const sidByIndex = new Map<number, string>()
  const lost: string[] = []
  const open = new Set(names.sids.values())
  for (const path of [...folder.paths('charter/'), ...folder.paths('statements/')]) {
    const sid = sidIn(path)
    if (open.has(sid)) continue
    const committed = commitmentOf(sid, folder.again(path), sha256)
    const index = committed === undefined ? undefined : names.indexByCommitment.get(committed)
    if (index !== undefined) sidByIndex.set(index, sid)
    else if (!folder.isWhole(path)) lost.push(sid)
  }
  // Nothing leads to the receipt of a file that is lost.
  for (const sid of lost) folder.excuse(receiptPath(sid))
  return { sidByIndex, lost: lost.length }
}

type Sealed = { readonly sidByIndex: ReadonlyMap<number, string>; readonly lost: number }

/** The manifest has been read: its paths have the shape of a part. */
const sidIn = (path: string): string => path.slice(path.indexOf('/') + 1, -'.jws'.length)

function commitmentOf(sid: string, copy: Uint8Array | undefined, sha256: Sha256): string | undefined {
  const signature = fromBase64url(jwsOf(copy)?.split('.')[2] ?? '')
  return signature && toBase64url(commitment({ sha256, sid, signature }))
}

const jwsOf = (copy: Uint8Array | undefined): string | undefined => copy && fromUtf8(copy)?.split('~')[0]

type Place = Pick<Placement, 'index' | 'sid' | 'path'>

/** What was signed in a statement that has been verified, once more. */
export function claimsAgain(context: AuditContext, log: LogPart, of: Place): Claims {
  const [, payload = ''] = jwsAgain(context, log, of).split('.')
  const text = fromUtf8(fromBase64url(payload) ?? new Uint8Array(0))
  return JSON.parse(text ?? 'null') as Claims
}

/** Where a file should lie that is not listed: what stands open on the log says its kind. */
function kindOnLog({ files }: AuditContext, { size }: LogPart, index: number): unknown {
  const entry = entryReader({ files }, size)(index)
  const [, payload = ''] = entry?.form === 'open' ? entry.jws.split('.') : []
  const read = readCanonical(fromBase64url(payload) ?? new Uint8Array(0), '')
  const isObject = read.ok && typeof read.value === 'object' && read.value !== null && !Array.isArray(read.value)
  return isObject ? (read.value as { readonly kind?: unknown }).kind : undefined
}

function jwsAgain({ folder, files, primitives: { sha256 } }: AuditContext, log: LogPart, of: Place): string {
  const jws = jwsOf(folder.again(of.path))
  if (jws !== undefined && sidOf(utf8(jws), sha256) === of.sid) return jws
  const entry = entryReader({ files }, log.size)(of.index)
  if (entry?.form !== 'open') throw new Error(`the folder changed while it was read: ${of.path}`)
  return entry.jws
}
