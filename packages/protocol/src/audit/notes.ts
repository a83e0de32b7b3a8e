import type { CharterState } from '../charter/fold.ts'
import {
  type Family,
  cosignedParties,
  loggedNotAfter,
  ownerOf,
  policyOn,
  seenNotBefore,
  timeFlag,
  toleranceOf,
} from '../charter/quorum.ts'
import type { Policy } from '../charter/policy.ts'
import { policyAt } from '../charter/witnesses.ts'
import { saidIn } from '../log/head.ts'
import { type Cosigned, openQuorum, standingOn } from '../log/cosigned.ts'
import { toBase64url } from '../wire/base64.ts'
import { equalBytes, utf8 } from '../wire/bytes.ts'
import { type Result, fail, ok } from '../wire/failure.ts'
import { type AuditContext, type LogPart, readingOf } from './log-part.ts'
import { readListedText } from './files.ts'
import { checkpointPath, notePath, partOf } from './folder.ts'
import { note } from './ledger.ts'
import type { AuditedStanding, AuditedStatement, AuditedTrust } from './report.ts'

/** Of each its own policy: the one in force at its size, whole, and as far as it is judged by. */
type Noted = Cosigned & { readonly hash: string; readonly whole: Policy; readonly policy: Policy }
type Scene = { readonly context: AuditContext; readonly log: LogPart; readonly charter: CharterState }

const families: readonly Family[] = ['ed25519', 'ml-dsa-44']
const otherOf = (family: Family): Family => (family === 'ed25519' ? 'ml-dsa-44' : 'ed25519')

export type AuditedNotes = {
  readonly trust?: AuditedTrust
  readonly ifEd25519Falls: AuditedStanding | null
  readonly rows: readonly AuditedStatement[]
}

/** spec/09-audit.md#order step 14: the quorum over the log, and the notes that say when its statements were made. */
export function auditNotes(
  context: AuditContext,
  log: LogPart,
  { charter, rows }: { readonly charter: CharterState; readonly rows: readonly AuditedStatement[] },
): AuditedNotes {
  const { without } = context
  const isWitnessed = charter.eras.some(era => era.charter.policy !== undefined)
  // Without witnesses there is the log's own signature, which step 3 has checked or left alone.
  if (!isWitnessed && without !== 'ed25519') return { ifEd25519Falls: null, rows }
  const scene = { context, log, charter }
  const head = openHead(scene)
  const kept = context.folder.paths('notes/').flatMap(path => readNoteAt(scene, path) ?? [])
  const notes = head === undefined ? kept : [...kept, head]
  return {
    rows: rows.map(row => timed(notes, row)),
    ifEd25519Falls: standingIn(notes, 'ml-dsa-44'),
    ...(head && { trust: trustOf(head) }),
  }
}

function openHead(scene: Scene): Noted | undefined {
  const { context, log } = scene
  const opened = openIn(scene, log.signed)
  if (opened.ok) return holdAgainst(scene, checkpointPath, opened.value)
  note(context.ledger, { ...opened, path: checkpointPath })
  return undefined
}

function openIn({ context, charter }: Scene, text: string): Result<Noted> {
  const { primitives, folder, without } = context
  const said = saidIn(text)
  if (!said.ok) return said
  const whole = policyAt(primitives.sha256, charter, said.value.size)
  const policy = whole && (without === undefined ? whole : policyOn(whole, otherOf(without)))
  if (whole === undefined || policy === undefined)
    return fail('log.no-quorum', undefined, 'no quorum of the charter can be had without that family')
  const opened = openQuorum({ primitives, policy, origin: folder.manifest.origin }, text)
  return opened.ok ? ok({ ...opened.value, whole, policy, hash: toBase64url(primitives.sha256(utf8(text))) }) : opened
}

function holdAgainst({ context: { ledger }, log }: Scene, path: string, noted: Noted): Noted | undefined {
  const { size, root } = noted.checkpoint
  if (size > log.size || !equalBytes(log.tree.root(size), root)) {
    note(ledger, { code: 'log.forked', why: `it is not of this log at size ${size}`, path })
    return undefined
  }
  ledger.proofs.signatures += noted.cosigned.size
  return noted
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
  const opened = openIn(scene, text)
  if (opened.ok) return holdAgainst(scene, path, opened.value)
  // What counts by the family that proves nothing says nothing, and is no fault of the folder.
  if (context.without === undefined) note(context.ledger, { ...opened, path })
  return undefined
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

/** Who has two keys is named by neither, where one family is left out as well. */
function trustOf(head: Noted): AuditedTrust {
  const { whole, policy } = head
  const { parties, quorum, faulty } = toleranceOf(policy)
  const standsOn = families.filter(family => standingOn(policy, head, family) !== undefined)
  const [asOf, cosigned] = [seenNotBefore(policy, head.cosigned), Object.fromEntries(head.cosigned)]
  const by = [...cosignedParties(policy, head.cosigned).keys()].map(name => ownerOf(whole, name))
  return { quorum, witnesses: parties, faulty, by, cosigned, standsOn, ...(asOf && { asOf }) }
}

/** The largest log that a quorum of this family alone has cosigned, and the first moment by which it had. */
function standingIn(notes: readonly Noted[], family: Family): AuditedStanding | null {
  const standing = notes.flatMap(noted => {
    const left = standingOn(noted.policy, noted, family)
    const at = left && loggedNotAfter(left, noted.cosigned)
    return at === undefined ? [] : [{ size: noted.checkpoint.size, at }]
  })
  const [first] = standing.toSorted((a, b) => b.size - a.size || a.at - b.at)
  return first ?? null
}
