import {
  type CharterState,
  type Primitives,
  type Result,
  type Submission,
  type Verified,
  audienceName,
  commitment,
  concat,
  fail,
  fromBase64url,
  isOfOneSuite,
  isOpenEntry,
  ok,
  openEntry,
  sealableKids,
  verifyLater,
} from '@chancery/protocol'
import type { Log } from './log.ts'

/** A statement that passed every check that needs no order, and its entry; `under` is the charter of these checks. */
export type Admitted = {
  readonly statement: Verified
  readonly entry: Uint8Array
  readonly seals: Submission['seals']
  readonly under: CharterState
}

/** spec/07-relay.md#submission, the steps that need no order; the signature is checked off this thread. */
export async function admit(submission: Submission, member: string, log: Log): Promise<Result<Admitted>> {
  const { primitives, charter: under, store } = log
  // A disclosure is a tear line in the clear, and the relay must not see one.
  if (submission.jws.includes('~')) return fail('bytes.bad-alphabet', '/jws', 'without disclosures: they travel sealed')
  const verified = await verifyLater(`${submission.jws}~`, { primitives, charter: under, index: store.size })
  if (!verified.ok) return verified
  const statement = verified.value
  if (statement.iss !== member) return fail('statement.not-issuer', '/iss', `${member} submits what ${member} issued`)
  const seals = checkSeals(statement, submission.seals, under)
  if (!seals.ok) return seals
  const entry = entryOf(primitives, statement, submission.tag)
  return entry.ok ? ok({ statement, entry: entry.value, seals: submission.seals, under }) : entry
}

/** The text where anyone may read it; else C, computed here, and the author's T, which only members can check. */
function entryOf({ sha256 }: Primitives, statement: Verified, tag: string | undefined): Result<Uint8Array> {
  const { jws, sid, signature, claims } = statement
  if (isOpenEntry(claims.handling.tlp, jws)) {
    return tag === undefined ? ok(openEntry(jws)) : fail('log.bad-entry', '/tag', 'an open entry has no tag')
  }
  const bytes = tag === undefined ? undefined : fromBase64url(tag)
  if (bytes === undefined) return fail('log.bad-entry', '/tag', "a sealed entry needs the author's tag")
  return ok(concat(Uint8Array.of(1), commitment({ sha256, sid, signature }), bytes))
}

/** Containers are closed to the relay; that they are for this statement and for its readers' keys alone can be seen. */
function checkSeals({ sid, claims }: Verified, seals: Submission['seals'], charter: CharterState): Result<true> {
  const torn = new Set(Object.values(claims.tear).map(audienceName))
  const sealed = new Set<string>()
  for (const [i, { jwe, ...audience }] of seals.entries()) {
    const [at, name] = [`/seals/${i}`, audienceName(audience)]
    if (!torn.delete(name)) return fail(sealed.has(name) ? 'tear.repeated' : 'tear.unreferenced', `${at}/tlp`)
    sealed.add(name)
    if (jwe.aad !== sid) return fail('seal.wrong-statement', `${at}/jwe/aad`)
    if (!isOfOneSuite(jwe)) return fail('seal.mixed-suites', `${at}/jwe/recipients`)
    const { tlp, releasable_to } = audience
    const keys = sealableKids(charter, { tlp, among: releasable_to, seen: claims.seen?.size ?? 0, moment: claims.iat })
    const stranger = jwe.recipients.findIndex(({ header }) => !keys.has(header.kid))
    if (stranger >= 0) return fail('seal.malformed', `${at}/jwe/recipients/${stranger}`, `not a key cleared for ${tlp}`)
  }
  return ok(true)
}
