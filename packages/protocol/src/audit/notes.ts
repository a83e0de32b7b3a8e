import type { CharterState } from '../charter/fold.ts'
import { type Family, loggedNotAfter, policyOn, seenNotBefore, timeFlag, toleranceOf } from '../charter/quorum.ts'
import type { Policy } from '../charter/policy.ts'
import { policyAt } from '../charter/witnesses.ts'
import { readCheckpoint } from '../log/checkpoint.ts'
import { type Cosigned, openQuorum } from '../log/cosigned.ts'
import { toBase64url } from '../wire/base64.ts'
import { equalBytes, utf8 } from '../wire/bytes.ts'
import { type Result, fail, ok } from '../wire/failure.ts'
import { type AuditContext, type LogPart, readingOf } from './log-part.ts'
import { readListedText } from './files.ts'
import { checkpointPath, notePath, partOf } from './folder.ts'
import { note } from './ledger.ts'
import type { AuditedStatement, AuditedTrust } from './report.ts'

/** Of each its own policy: the one in force at its size. */
type Noted = Cosigned & { readonly hash: string; readonly policy: Policy }
type Scene = { readonly context: AuditContext; readonly log: LogPart; readonly charter: CharterState }

const families: readonly Family[] = ['ed25519', 'ml-dsa-44']

/** spec/09-audit.md#order step 13: the quorum over the log, and the notes that say when its statements were made. */
export function auditNotes(
  context: AuditContext,
  log: LogPart,
  { charter, rows }: { readonly charter: CharterState; readonly rows: readonly AuditedStatement[] },
): { readonly trust?: AuditedTrust; readonly rows: readonly AuditedStatement[] } {
  if (!charter.eras.some(era => era.charter.policy !== undefined)) return { rows }
  const scene = { context, log, charter }
  const head = openIn(scene, checkpointPath, log.signed)
  const kept = context.folder.paths('notes/').flatMap(path => readNoteAt(scene, path) ?? [])
  const notes = head === undefined ? kept : [...kept, head]
  return { rows: rows.map(row => timed(notes, row)), ...(head && { trust: trustOf(scene, head) }) }
}

function openIn(scene: Scene, path: string, text: string): Noted | undefined {
  const { context, log } = scene
  const { primitives, ledger } = context
  const opened = openUnder(scene, text)
  if (!opened.ok) {
    note(ledger, { ...opened, path })
    return undefined
  }
  const { size, root } = opened.value.checkpoint
  if (size > log.size || !equalBytes(log.tree.root(size), root)) {
    note(ledger, { code: 'log.forked', why: `it is not of this log at size ${size}`, path })
    return undefined
  }
  ledger.proofs.signatures += opened.value.cosigned.size
  return { ...opened.value, hash: toBase64url(primitives.sha256(utf8(text))) }
}

function openUnder({ context, charter }: Scene, text: string): Result<Cosigned & { readonly policy: Policy }> {
  const { primitives, folder } = context
  const said = readCheckpoint(text.slice(0, text.lastIndexOf('\n\n') + 1))
  if (!said.ok) return said
  const policy = policyAt(primitives.sha256, charter, said.value.size)
  if (policy === undefined) return fail('log.no-quorum', undefined, 'the charter has no policy there')
  const opened = openQuorum({ primitives, policy, origin: folder.manifest.origin }, text)
  return opened.ok ? ok({ ...opened.value, policy }) : opened
}

/** The name of a note is its hash: what a statement's `seen` names is found by it. */
function readNoteAt(scene: Scene, path: string): Noted | undefined {
  const { context } = scene
  const text = readListedText(readingOf(context), path, context.folder.claim(path))
  if (text === undefined) return undefined
  const part = partOf(path)
  const hash = toBase64url(context.primitives.sha256(utf8(text)))
  if (part?.is !== 'note' || notePath(hash) !== path) {
    note(context.ledger, { code: 'evidence.altered', why: 'not the note that its name says', path })
    return undefined
  }
  return openIn(scene, path, text)
}

/** From the note that its author had seen, and of the notes that cover it the one that gives the narrowest bound. */
function timed(notes: readonly Noted[], row: AuditedStatement): AuditedStatement {
  const seen = notes.find(({ hash, checkpoint }) => hash === row.seen?.note && checkpoint.size === row.seen.size)
  const covering = notes.filter(({ checkpoint }) => checkpoint.size > row.index)
  const after = covering.flatMap(({ cosigned, policy }) => loggedNotAfter(policy, cosigned) ?? [])
  const notBefore = seen && seenNotBefore(seen.policy, seen.cosigned)
  const bounds = {
    ...(notBefore !== undefined && { notBefore }),
    ...(after.length > 0 && { notAfter: after.reduce((a, b) => Math.min(a, b)) }),
  }
  const flag = timeFlag(row.iat, bounds)
  return { ...row, ...bounds, ...(flag !== undefined && { flag }) }
}

function trustOf({ context, log }: Scene, { cosigned, policy }: Noted): AuditedTrust {
  const { parties, quorum, faulty } = toleranceOf(policy)
  const { primitives, folder } = context
  const standsOn = families.filter(family => {
    const left = policyOn(policy, family)
    return left !== undefined && openQuorum({ primitives, policy: left, origin: folder.manifest.origin }, log.signed).ok
  })
  const asOf = seenNotBefore(policy, cosigned)
  return { quorum, witnesses: parties, faulty, cosigned: Object.fromEntries(cosigned), standsOn, ...(asOf && { asOf }) }
}
