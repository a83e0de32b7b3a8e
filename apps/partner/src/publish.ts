import { join } from 'node:path'
import { NetworkFault, admittedPrefix, newestWitnessed, statementsOf, withStatement } from '@chancery/client'
import type { Head } from '@chancery/store'
import {
  type Chain,
  type Checkpoint,
  type Draft,
  type DraftContext,
  type Drafted,
  type EnclosedCopy,
  type FailureCode,
  type Json,
  type Placed,
  type Result,
  type Seen,
  type Signer,
  type Submission,
  type Verified,
  actOf,
  chainIdOf,
  checkBody,
  checkEffect,
  checkRefs,
  relatedOf,
  equalBytes,
  failures,
  foldCallOuts,
  formatTierCopy,
  isCleared,
  isOpenEntry,
  leafHash,
  ok,
  openEntry,
  payloadOf,
  readEntry,
  readReceipt,
  sealSlots,
  sealStatement,
  sealedEntry,
  signEnvelope,
  kindOf,
  openHead,
  toBase64url,
  utf8,
  verify,
  verifyReceipt,
  vkeyFor,
} from '@chancery/protocol'
import { homePaths } from './config.ts'
import { copiesFor } from './enclosures.ts'
import { checkOnward, whyNotSent } from './onward.ts'
import { makeFolder, writeDurably } from './files.ts'
import { withLock } from './lock.ts'
import { type Kept, type OutboxItem, discard, dropFromOutbox, keepInOutbox, outboxOf } from './outbox.ts'
import { type Refusal, Refused, Usage, lineOf, orRefuse, plainWords, refuse, refused } from './refusal.ts'
import { awaitQuorum } from './quorum-receipt.ts'
import { warnOfLeftOut } from './left-out.ts'
import { type Session, currentSigner, sync, syncIfReached } from './session.ts'
import { viewOf } from './view.ts'

/** On the log; under a policy, also how many witnesses have cosigned it by the time its author is told. */
export type OnLog = {
  readonly is: 'logged'
  readonly sid: string
  readonly index: number
  readonly entry: 'open' | 'sealed'
  readonly witnesses?: number
  readonly of?: number
  /** Milliseconds from handing it in to holding a receipt that a quorum has cosigned. */
  readonly quorum_ms?: number
}

/** Where a statement came to stand, or that it waits at home: the relay is away, or refuses the one it is `behind`. */
export type Published =
  | OnLog
  | { readonly is: 'kept'; readonly sid: string; readonly why: string; readonly behind?: string }

/** What came of an item of the outbox: also, that the relay refuses it, and whether it still waits. */
export type Sent =
  | Published
  | { readonly is: 'refused'; readonly sid: string; readonly refusal: Refusal; readonly waits: boolean }

/** Signs one draft and brings it to the log. It is durable at home before the first byte leaves. */
export function publishDraft(session: Session, draft: Draft): Promise<Published> {
  return withLock(session.world.home, async () => publishInLock(session, draft, await syncIfReached(session)))
}

/** The same for whoever holds the lock of the home, and has synced. */
export async function publishInLock(
  session: Session,
  draft: Draft,
  reached: 'synced' | 'away',
  signer?: Signer,
): Promise<Published> {
  const item = await signDraft(session, draft, signer)
  keepInOutbox(session.world.home, item)
  if (reached === 'away') return { is: 'kept', sid: item.sid, why: 'the relay is not reached' }
  return ownOf(session, item, await sendOutbox(session))
}

/** What came of this item; others that are refused are said beside it. */
function ownOf({ world }: Session, { sid }: OutboxItem, all: readonly Sent[]): Published {
  for (const sent of all) if (sent.is === 'refused' && sent.sid !== sid) world.warn(`refused  ${lineOf(sent.refusal)}`)
  const mine = all.find(sent => sent.sid === sid)
  if (mine?.is === 'refused') throw new Refused(mine.refusal)
  return mine ?? { is: 'kept', sid, why: all.at(-1)?.is === 'kept' ? 'the relay is busy' : 'it waits' }
}

async function signDraft(session: Session, draft: Draft, signer?: Signer): Promise<OutboxItem> {
  const { world, keys, mirror } = session
  const { primitives } = world
  const {
    kind,
    handling: { tlp },
  } = draft
  if (!isCleared(mirror.charter.charter, keys.member, tlp))
    throw refused('draft.above-clearance', '/handling/tlp', `${keys.member} is not cleared for ${tlp}`)
  // What follows reads the body as its kind has it.
  orRefuse(checkBody(kind, draft.body))
  checkOnward(session, draft)
  const enclosed = copiesFor(session, draft)
  const drafted = orRefuse(payloadOf(draft, contextOf(session, draft)))
  const use = kindOf(kind).use === 'root' ? 'root' : 'sign'
  const { jws, sid } = await signEnvelope(signer ?? (await currentSigner(session, use)), {
    typ: 'chancery-statement+sd-jwt',
    payload: drafted.payload as Json,
    sha256: primitives.sha256,
  })
  const disclosures = drafted.disclosures.map(({ disclosure }) => disclosure)
  const statement = checkOwn(session, formatTierCopy(jws, disclosures))
  const submission = await submissionOf(session, { statement, lines: drafted.disclosures, enclosed })
  const { id, seq } = drafted.payload.chain
  return { chain: { id, seq }, disclosures, jws, kind, sid, submission, v: 2 }
}

type Signed = {
  readonly statement: Verified
  readonly lines: Drafted['disclosures']
  readonly enclosed: readonly EnclosedCopy[]
}

/** What the relay is given of it: all that anyone may read, and of anything else the entry and closed containers. */
async function submissionOf(session: Session, { statement, lines, enclosed }: Signed): Promise<Submission> {
  const { charter } = session.mirror
  const { sid, iss, jws, claims } = statement
  const when = { size: claims.seen?.size ?? 0, moment: claims.iat }
  const markings = lines.map(({ handling }) => handling)
  warnOfLeftOut(session, claims.handling.tlp === 'clear' ? markings : [claims.handling, ...markings], when)
  const entry = entryOf(session, statement)
  if (claims.handling.tlp === 'clear') {
    const seals = await sealSlots({ sid, iss, lines, charter, when })
    const tag = tagOf(entry)
    const copies = enclosed.length > 0 && { enclosed: [...enclosed] }
    return { ...copies, jws, seals: [...seals], ...(tag !== undefined && { tag }) }
  }
  const { handling } = claims
  const commitment = entry.subarray(1, 33)
  const seals = await sealStatement({ commitment, sid, iss, jws, handling, lines, enclosed, charter, when })
  return { entry: toBase64url(entry), seals: [...seals] }
}

/** What the relay will check is checked here first: a signature that would be refused never leaves this machine. */
function checkOwn(session: Session, text: string): Verified {
  const { world, mirror } = session
  const { primitives } = world
  const { charter, store } = mirror
  const index = store.size
  const statement = orRefuse(verify(text, { primitives, charter, index }))
  orRefuse(withStatement(primitives, charter, { statement, index }))
  orRefuse(checkRefs(relatedOf(statement), admittedPrefix(mirror)))
  orRefuse(checkActs(session, { statement, index }))
  return statement
}

/** A call-out that is over takes no answer, and a member is told before it signs one. */
function checkActs(session: Session, placed: Placed): Result<true> {
  const act = actOf(placed)
  if (act === undefined) return ok(true)
  return checkEffect(act, foldCallOuts(orRefuse(statementsOf(session.mirror, 'callout.')), viewOf(session)))
}

function contextOf(session: Session, { handling }: Draft): DraftContext {
  const { world, keys, mirror } = session
  const { genesis, version, renewed } = mirror.charter
  const { head } = mirror.store
  if (head === undefined) throw new Error('nothing of the log is held yet: the relay must be reached once')
  return {
    iss: keys.member,
    iat: world.now(),
    coa: genesis,
    charter: { sid: version.sid, version: version.number },
    chain: nextOf(session, chainIdOf(world.primitives.sha256, handling, renewed.get(keys.member))),
    seen: seenOf(session, head),
    random: world.random,
    sha256: world.primitives.sha256,
  }
}

/** What a statement shows its author to have seen: the newest note that counts, or before there is one, the log's. */
function seenOf({ world, mirror }: Session, head: Head): Seen {
  const newest = orRefuse(newestWitnessed(mirror))
  if (newest === undefined)
    return { note: toBase64url(world.primitives.sha256(utf8(head.note))), root: head.root, size: head.size }
  const { checkpoint, kept } = newest
  return { note: kept.hash, root: toBase64url(checkpoint.root), size: checkpoint.size }
}

/**
 * The number after the newest of this chain, on the log or on its way there. All that waits counts, refused or not: a
 * second statement of one number would be equivocation as soon as the relay logs the first.
 */
function nextOf({ world, keys, mirror }: Session, id: string): Chain {
  const waiting = outboxOf(world.home)
    .map(({ item }) => item)
    .filter(({ chain }) => chain.id === id)
  const logged = mirror.store.chainHead(keys.member, id)
  const last = waiting.at(-1)
  const isNewer = last !== undefined && last.chain.seq > (logged?.seq ?? -1)
  const head = isNewer ? { seq: last.chain.seq, sid: last.sid } : logged
  return { id, prev: head?.sid ?? null, seq: head === undefined ? 0 : head.seq + 1 }
}

/** The entry that this statement must have on the log, byte for byte. */
function entryOf(
  {
    world: {
      primitives: { sha256 },
    },
    mirror: { tagKey },
  }: Session,
  statement: Verified,
): Uint8Array {
  const { jws, sid, signature, kid, claims } = statement
  if (isOpenEntry(claims.handling.tlp, jws)) return openEntry(jws)
  if (tagKey === undefined) throw refused('charter.not-acceded', '/iss', 'the tag key is not held yet')
  return sealedEntry({ sha256, sid, signature, tagKey, kid })
}

function tagOf(entry: Uint8Array): string | undefined {
  const read = orRefuse(readEntry(entry))
  return read.form === 'sealed' ? toBase64url(read.tag) : undefined
}

/**
 * Sends what waits, in order, each until the mirror holds it. What is sent twice gets the same place. What the relay
 * refuses holds back its chain alone.
 */
export async function sendOutbox(session: Session): Promise<readonly Sent[]> {
  const all: Sent[] = []
  const refusedIn = new Map<string, string>()
  for (const kept of outboxOf(session.world.home)) {
    const {
      sid,
      chain: { id },
    } = kept.item
    const behind = refusedIn.get(id)
    const sent = behind === undefined ? await sendKept(session, kept) : keptBehind(sid, behind)
    all.push(sent)
    if (sent.is === 'kept' && behind === undefined) break
    if (sent.is === 'refused' && sent.waits) refusedIn.set(id, sid)
  }
  return all
}

function keptBehind(sid: string, behind: string): Published {
  const cure = `\`chancery publish --discard ${behind}\` drops it and all behind it`
  const why = `it waits behind ${behind}, which the relay refuses; ${cure}`
  return { is: 'kept', sid, why, behind }
}

async function sendKept(session: Session, kept: Kept): Promise<Sent> {
  const { sid, submission } = kept.item
  if (await isTaken(session, kept.item)) return dropTaken(session, kept)
  const over = whyNotSent(session, kept.item)
  if (over !== undefined)
    return { is: 'refused', sid, refusal: { ...over, why: `${stays(sid)}; ${over.why ?? ''}` }, waits: true }
  const began = performance.now()
  const answer = await submitOrAway(session, submission)
  if (typeof answer === 'string') return { is: 'kept', sid, why: answer }
  const result = answer.ok ? answer.value[0] : { code: answer.code, at: answer.at, why: answer.why }
  if (result === undefined) throw refused('relay.nonsense', '/results', 'no result')
  if ('code' in result) return refusedBy(session, kept, result)
  const logged = await receiptOf(session, kept.item, result)
  if (!(await syncIfKnown(session))) return keepLast(session, kept, { ...logged, receipt: result.receipt })
  const held = keepLogged(session, kept, { ...logged, receipt: result.receipt })
  return { ...held, ...(await awaitQuorum(session, logged, { sid: held.sid, began })) }
}

/** The relay is blind: a second statement of one number it would take, and that convicts its author. */
function dropTaken({ world }: Session, kept: Kept): Sent {
  discard(world.home, kept)
  const refusal = refuse('statement.equivocation', '/chain/seq', dropped)
  return { is: 'refused', sid: kept.item.sid, refusal, waits: false }
}

async function submitOrAway({ relay }: Session, submission: Submission) {
  try {
    return await relay.submit([submission])
  } catch (error) {
    if (error instanceof NetworkFault) return error.message
    throw error
  }
}

/**
 * Busy passes. A word on the statement itself is the relay's word only: it was checked here before it was signed, and
 * one that says no may log it later. So it stays, and with it its number, unless the log itself says that it cannot be.
 */
async function refusedBy(
  session: Session,
  kept: Kept,
  result: { code: string; at?: string | undefined; why?: string | undefined },
): Promise<Sent> {
  const { code, at, why } = result
  const { sid } = kept.item
  if (!Object.hasOwn(failures, code)) throw refused('relay.nonsense', '/results/0/code', `an unknown code`)
  if (passing.has(code)) return { is: 'kept', sid, why: code }
  const isOnStatement = /^(bytes|statement|tear|seal|charter|callout)\./.test(code)
  if (!isOnStatement) throw refused(code as FailureCode, at, why)
  const said = why === undefined ? '' : `; the relay says: ${plainWords(why, saidMax)}`
  const impossible = (await isTaken(session, kept.item)) ? dropped : whyOutdated(session, kept.item)
  const waits = impossible === undefined
  if (!waits) discard(session.world.home, kept)
  const next = impossible ?? stays(sid)
  return { is: 'refused', sid, refusal: refuse(code as FailureCode, at, `${next}${said}`), waits }
}

/** Our own words on what happens next come first, and the relay's are not so long that they push them out. */
const saidMax = 120

const stays = (sid: string): string =>
  `it stays in the outbox, and its chain behind it; \`chancery publish --discard ${sid}\` drops it`

const dropped = 'the log has another statement of this member at its number, so it is dropped from the outbox'

/** Versions of the charter follow one another: what was signed under an earlier one is refused at every later index. */
function whyOutdated({ mirror: { charter, store, primitives } }: Session, item: OutboxItem): string | undefined {
  const text = formatTierCopy(item.jws, item.disclosures)
  const own = verify(text, { primitives, charter, index: store.size })
  if (own.ok || own.code !== 'statement.wrong-charter') return undefined
  return `version ${charter.version.number} of the charter is in force, so it is dropped from the outbox; say it again`
}

/** The mirror numbers each chain without a gap: where its head is as far, another statement has this number. */
async function isTaken(session: Session, { chain, sid }: OutboxItem): Promise<boolean> {
  if ((await syncIfReached(session)) === 'away') return false
  const {
    keys,
    mirror: { store },
  } = session
  const head = store.chainHead(keys.member, chain.id)
  return head !== undefined && head.seq >= chain.seq && store.indexOf(sid) === undefined
}

export type Discarded = { readonly sid: string; readonly chain: OutboxItem['chain']; readonly loggedAt?: number }

/**
 * Drops an item at its author's word. What was signed after it in its chain names it, and cannot be logged without it:
 * that goes too, unless the log has the item already.
 */
export function discardFromOutbox(session: Session, sid: string): Promise<readonly Discarded[]> {
  const {
    world,
    mirror: { store },
  } = session
  return withLock(world.home, async () => {
    await syncIfReached(session)
    const all = outboxOf(world.home)
    const first = all.findIndex(({ item }) => item.sid === sid)
    const id = all[first]?.item.chain.id
    if (id === undefined) throw new Usage(`${sid} is not in the outbox`)
    const isLogged = store.indexOf(sid) !== undefined
    const gone = all.slice(first, isLogged ? first + 1 : undefined).filter(({ item }) => item.chain.id === id)
    // The newest first: a crash in between leaves no gap in what still waits.
    for (const kept of gone.toReversed()) discard(world.home, kept)
    return gone.map(({ item }) => {
      const loggedAt = store.indexOf(item.sid)
      return { sid: item.sid, chain: item.chain, ...(loggedAt !== undefined && { loggedAt }) }
    })
  })
}

export type Logged = {
  readonly statement: Verified
  readonly index: number
  readonly entry: Uint8Array
  readonly checkpoint: Checkpoint
}

type Accepted = { readonly index: number; readonly receipt: string }

/** Its head may have a key that only the entries before it name, and those are not held yet. */
async function receiptOf(session: Session, item: OutboxItem, result: Accepted): Promise<Logged> {
  const { mirror } = session
  const receipt = orRefuse(readReceipt(result.receipt))
  const signed = openHead(mirror, receipt.checkpoint)
  if (!signed.ok && signed.code === 'log.bad-signature') await syncIfKnown(session)
  return takeReceipt(session, item, result)
}

/** A receipt counts only against the leaf computed here. */
function takeReceipt(session: Session, item: OutboxItem, result: Accepted): Logged {
  const {
    world: { primitives },
    mirror,
  } = session
  const text = formatTierCopy(item.jws, item.disclosures)
  const statement = orRefuse(verify(text, { primitives, charter: mirror.charter, index: result.index }))
  const entry = entryOf(session, statement)
  const receipt = orRefuse(readReceipt(result.receipt))
  const { origin } = mirror
  const vkey = vkeyFor(mirror.charter, receipt.checkpoint)
  const { index, checkpoint } = orRefuse(verifyReceipt({ receipt, entry, origin, vkey, primitives }))
  if (index !== result.index) throw refused('log.bad-receipt', 'index', `${index} in place of ${result.index}`)
  return { statement, index, entry, checkpoint }
}

/** Says nothing of the statement: it is sent again. */
const passing: ReadonlySet<string> = new Set(['relay.busy', 'relay.store-failed', 'relay.no-log-key'])

/** False where what was logged just now has ended the keys of this home: the relay knows it no more. */
async function syncIfKnown(session: Session): Promise<boolean> {
  try {
    await sync(session)
    return true
  } catch (error) {
    if (error instanceof Refused && error.refusal.code === 'charter.unknown-key') return false
    throw error
  }
}

/** The receipt alone says where it stands: the log that has it is not for this home any more. */
function keepLast({ world }: Session, kept: Kept, { index, entry, receipt }: Logged & { receipt: string }): OnLog {
  const { sid } = kept.item
  keepReceipt(world, sid, receipt)
  dropFromOutbox(world.home, kept)
  world.warn(`${index} has ended the keys of this home: the relay answers it no more, and what is held stays here`)
  return { is: 'logged', sid, index, entry: entry[0] === 2 ? 'open' : 'sealed' }
}

function keepReceipt({ home }: Session['world'], sid: string, receipt: string): void {
  const { receipts } = homePaths(home)
  makeFolder(receipts)
  writeDurably(join(receipts, `${sid}.tlog-proof`), receipt)
}

/** Only once the mirror has the same leaf at the same place is the statement out of the outbox. */
function keepLogged(session: Session, kept: Kept, logged: Logged & { receipt: string }): OnLog {
  const {
    world,
    mirror: { store },
  } = session
  const { statement, index, entry, checkpoint, receipt } = logged
  const { sid, disclosures } = kept.item
  const leaf = leafHash(world.primitives.sha256, entry)
  const same = index < store.size && equalBytes(store.read(0, index), leaf)
  // Whoever withholds our own container from us withholds nothing: what it holds is ours.
  if (same && store.indexOf(sid) === undefined) store.open([{ ...rowOf(statement), index, disclosures }])
  if (!same || store.indexOf(sid) !== index)
    throw refused('log.entry-mismatch', `${index}`, 'the relay gave a receipt and streams something else')
  if (checkpoint.size > store.size || !equalBytes(store.rootAt(checkpoint.size), checkpoint.root))
    throw refused('log.forked', `${checkpoint.size}`, 'the receipt is of another log than the stream')
  if (disclosures.length > 0) store.addDisclosures(sid, disclosures)
  keepReceipt(world, sid, receipt)
  dropFromOutbox(world.home, kept)
  return { is: 'logged', sid, index, entry: entry[0] === 2 ? 'open' : 'sealed' }
}

const rowOf = ({ sid, kind, iss, jws, claims }: Verified) => {
  const { chain, handling } = claims
  return { jws, about: { sid, kind, iss, tlp: handling.tlp, chain: chain.id, seq: chain.seq } }
}
