import {
  type Audience,
  type CharterState,
  type EnclosedCopy,
  type OpenSubmission,
  type Primitives,
  type Result,
  type SealedSubmission,
  type SealedTier,
  type Submission,
  type Verified,
  ascending,
  audienceName,
  commitment,
  concat,
  fail,
  fromBase64url,
  isCleared,
  isOfOneSuite,
  isOpenEntry,
  keysFor,
  mayEncloseAny,
  ok,
  openEntry,
  readEntry,
  sealableKids,
  toBase64url,
  verifyLater,
  utf8,
} from '@chancery/protocol'
import type { Log } from './log.ts'

/** A statement that anyone may read, past every check that needs no order; `under` is the charter of these checks. */
export type AdmittedOpen = {
  readonly statement: Verified
  readonly entry: Uint8Array
  readonly seals: readonly SealedTier[]
  readonly enclosed: readonly EnclosedCopy[]
  readonly under: CharterState
  /** The index that they were made for. */
  readonly at: number
}
/** Any other, as far as it shows: an entry, containers for their audiences, and who handed it in. */
export type AdmittedSealed = {
  readonly statement?: never
  readonly entry: Uint8Array
  readonly seals: readonly SealedTier[]
  readonly sender: string
}
export type Admitted = AdmittedOpen | AdmittedSealed

/** spec/07-relay.md#submission, the steps that need no order. */
export const admit = async (submission: Submission, member: string, log: Log): Promise<Result<Admitted>> =>
  'entry' in submission ? admitSealed(submission, member, log) : admitOpen(submission, member, log)

/** What is sealed is not known to be a statement: its form, audiences and recipients are all there is to check. */
function admitSealed({ entry: text, seals }: SealedSubmission, member: string, log: Log): Result<AdmittedSealed> {
  const entry = fromBase64url(text)
  if (entry === undefined) return fail('bytes.not-base64url', '/entry')
  const form = readEntry(entry)
  if (!form.ok) return { ...form, at: '/entry' }
  if (form.value.form !== 'sealed') return fail('log.bad-entry', '/entry', 'a sealed entry is 65 bytes')
  const aad = toBase64url(form.value.commitment)
  const named = new Set<string>()
  for (const [i, tier] of seals.entries()) {
    const at = `/seals/${i}`
    const repeated = named.size === named.add(audienceName(tier)).size
    if (repeated) return fail('tear.repeated', `${at}/tlp`, 'one container for each audience')
    const holds = checkAudience(tier, log.charter, at)
    if (!holds.ok) return holds
    const container = checkContainer(tier, { aad, sender: member, charter: log.charter, at, said: unsaid })
    if (!container.ok) return container
  }
  return ok({ entry, seals, sender: member })
}

/** Readers there are, in their one order: what is routed by a list must be a list that can be routed by. */
function checkAudience({ tlp, releasable_to = [] }: SealedTier, { charter }: CharterState, at: string): Result<true> {
  if (!ascending(releasable_to)) return fail('seal.malformed', `${at}/releasable_to`, 'sorted ids, none twice')
  const stray = releasable_to.find(id => !isCleared(charter, id, tlp))
  if (stray === undefined) return ok(true)
  return fail('seal.malformed', `${at}/releasable_to`, `${stray} is not cleared for ${tlp}`)
}

type Bound = {
  readonly aad: string
  readonly sender: string
  readonly charter: CharterState
  readonly at: string
  /** What the author says it had seen, and when; of what is sealed nobody but its readers knows either. */
  readonly said: { readonly seen: number; readonly moment: number }
}

/** Then every key counts that was ever asked for: which of them an author had to take, its readers can see. */
const unsaid = { seen: 0, moment: 0 }

/** Closed to the relay: what it belongs to, its one suite, and whose keys it is sealed to can be seen. */
function checkContainer(
  { jwe, tlp, releasable_to }: SealedTier,
  { aad, sender, charter, at, said }: Bound,
): Result<true> {
  if (jwe.aad !== aad) return fail('seal.wrong-statement', `${at}/jwe/aad`)
  if (!isOfOneSuite(jwe)) return fail('seal.mixed-suites', `${at}/jwe/recipients`)
  const own = [...keysFor(charter, [sender], 'enc'), ...(charter.prekeys.get(sender) ?? [])]
  const keys = new Set(sealableKids(charter, { tlp, among: releasable_to, ...said }))
  for (const { record } of own) keys.add(record.kid)
  const stranger = jwe.recipients.findIndex(({ header }) => !keys.has(header.kid))
  if (stranger < 0) return ok(true)
  return fail('seal.malformed', `${at}/jwe/recipients/${stranger}`, `not a key cleared for ${tlp}`)
}

async function admitOpen(submission: OpenSubmission, member: string, log: Log): Promise<Result<AdmittedOpen>> {
  const { primitives, charter: under, store } = log
  // A disclosure is a tear line in the clear, and the relay must not see one.
  if (submission.jws.includes('~')) return fail('bytes.bad-alphabet', '/jws', 'without disclosures: they travel sealed')
  // What stands on the log is judged where it stands: a lost answer is asked for again, by whatever charter now.
  const sid = toBase64url(primitives.sha256(utf8(submission.jws.slice(0, submission.jws.lastIndexOf('.')))))
  const index = store.indexOf(sid) ?? store.size
  const verified = await verifyLater(`${submission.jws}~`, { primitives, charter: under, index })
  if (!verified.ok) return verified
  const statement = verified.value
  if (statement.iss !== member) return fail('statement.not-issuer', '/iss', `${member} submits what ${member} issued`)
  const { tlp } = statement.claims.handling
  if (tlp !== 'clear') return fail('log.bad-entry', '/jws', `${tlp} is submitted sealed: the relay must not read it`)
  const seals = checkSeals(statement, submission.seals, under)
  if (!seals.ok) return seals
  const { enclosed = [] } = submission
  if (enclosed.length > 0 && !mayEncloseAny(statement.kind))
    return fail('statement.breaks-law', '/enclosed', `a ${statement.kind} carries no copies`)
  const entry = entryOf(primitives, statement, submission.tag)
  return entry.ok ? ok({ statement, entry: entry.value, seals: submission.seals, enclosed, under, at: index }) : entry
}

/** The text; where it does not fit, C, computed here, and the author's T, which only members can check. */
function entryOf({ sha256 }: Primitives, statement: Verified, tag: string | undefined): Result<Uint8Array> {
  const { jws, sid, signature, claims } = statement
  if (isOpenEntry(claims.handling.tlp, jws)) {
    return tag === undefined ? ok(openEntry(jws)) : fail('log.bad-entry', '/tag', 'an open entry has no tag')
  }
  const bytes = tag === undefined ? undefined : fromBase64url(tag)
  if (bytes === undefined) return fail('log.bad-entry', '/tag', "a sealed entry needs the author's tag")
  return ok(concat(Uint8Array.of(1), commitment({ sha256, sid, signature }), bytes))
}

/** The containers of an open statement: one for each audience that its tear lines have. */
function checkSeals({ sid, iss, claims }: Verified, seals: readonly SealedTier[], charter: CharterState): Result<true> {
  const torn = new Set(Object.values(claims.tear).map(audienceName))
  const addressed = addressees(claims)
  const sealed = new Set<string>()
  const said = { seen: claims.seen?.size ?? 0, moment: claims.iat }
  for (const [i, tier] of seals.entries()) {
    const [at, name] = [`/seals/${i}`, audienceName(tier)]
    if (!torn.delete(name) && (sealed.has(name) || !addressed(tier)))
      return fail(sealed.has(name) ? 'tear.repeated' : 'tear.unreferenced', `${at}/tlp`)
    sealed.add(name)
    const container = checkContainer(tier, { aad: sid, sender: iss, charter, at, said })
    if (!container.ok) return container
  }
  return ok(true)
}

/** Whom slices are for, the relay is told by containers alone: each for one member, and no more than are signed. */
function addressees({ slices }: Verified['claims']): (audience: Audience) => boolean {
  let left = slices?.to._sd.length ?? 0
  return ({ tlp, releasable_to }) => tlp === slices?.handling.tlp && releasable_to?.length === 1 && left-- > 0
}
