import {
  type CharterState,
  type EnclosedCopy,
  type Prefix,
  type Referred,
  type Result,
  type SubmitResult,
  type Verified,
  assert,
  checkRelations,
  enteredOf,
  equalBytes,
  fail,
  isClosed,
  isInForce,
  leafHash,
  ok,
  readEnclosed,
  receiptWriter,
  referredBy,
  sealedEntryBytes,
  toBase64url,
  verify,
  vkeyAt,
  withRecord,
} from '@chancery/protocol'
import type { NewEntry } from '@chancery/store'
import type { Admitted, AdmittedOpen, AdmittedSealed } from './admit.ts'
import { batchBytesMax } from './config.ts'
import { type Log, appendSigned, newEntry, signersAt } from './log.ts'

export type Sequence = {
  /** Whether so many more may wait. */
  readonly hasRoom: (count: number) => boolean
  /** Takes what is being checked, in the order of the calls; resolves when each is durable or refused. */
  readonly put: (admitting: Promise<readonly Result<Admitted>[]>, size: JobSize) => Promise<SubmitResult[]>
  /** Resolves when nothing is waiting. */
  readonly drain: () => Promise<void>
}

/** Statements of one request, and the bytes of its body. */
type JobSize = { readonly count: number; readonly bytes: number }
type Job = JobSize & {
  readonly admitted: readonly Result<Admitted>[]
  readonly done: (results: SubmitResult[]) => void
}

/** Newest statement of each author's chain: at most one for each member and tier. */
type Heads = Map<string, { readonly seq: number; readonly sid: string } | undefined>

/** Roots of sizes that the log has had: they never change, and many statements have seen the same one. */
type Roots = Map<number, string>
const rootsMax = 1_024

/** What outlives a batch: see headOf and rootOf. */
type Known = { readonly heads: Heads; readonly roots: Roots }

/** What the batch under way has added to the prefix that the store holds. */
type Overlay = Known & {
  readonly entries: NewEntry[]
  readonly found: Map<string, Referred>
  /** Places of sealed entries by their commitments. */
  readonly committed: Map<string, number>
  charter: CharterState
}

/**
 * The only writer. Everything that waits when a turn begins shares one batch: relations in order, one checkpoint, one
 * fsync; only then are receipts made, and readers told. `onAppended` is called after the commit, never before.
 */
export function createSequence(
  log: Log,
  options: {
    readonly batchMax: number
    readonly waitingMax: number
    readonly onAppended: (count: number) => void
    readonly onFault: (fault: Error) => void
  },
): Sequence {
  const queue: Job[] = []
  const known: Known = { heads: new Map(), roots: new Map() }
  const idle: (() => void)[] = []
  let [scheduled, failed, waiting] = [false, false, 0]
  // Signatures are checked side by side; this chain gives the order of arrival back.
  let arrivals: Promise<unknown> = Promise.resolve()

  const schedule = (): void => {
    if (scheduled) return
    scheduled = true
    setImmediate(turn)
  }
  const turn = (): void => {
    scheduled = false
    const jobs = takeBatch(queue, options.batchMax)
    if (failed) refuseAll(jobs)
    else run(jobs)
    if (queue.length > 0) schedule()
  }
  const run = (jobs: readonly Job[]): void => {
    try {
      const before = log.store.size
      const results = appendBatch(log, known, jobs)
      if (log.store.size > before) options.onAppended(log.store.size - before)
      for (const [i, job] of jobs.entries()) job.done(results[i] ?? [])
    } catch (fault) {
      failed = true
      refuseAll(jobs)
      options.onFault(fault as Error)
    }
  }
  const settle = (count: number): void => {
    waiting -= count
    if (waiting === 0) for (const wake of idle.splice(0)) wake()
  }
  return {
    hasRoom: count => waiting + count <= options.waitingMax,
    async put(admitting, { count, bytes }) {
      waiting += count
      const arrived = arrivals.then(() => admitting)
      arrivals = arrived.catch(() => undefined)
      try {
        const admitted = await arrived
        return await new Promise(done => {
          queue.push({ admitted, bytes, count, done })
          schedule()
        })
      } finally {
        settle(count)
      }
    },
    drain: () => (waiting === 0 ? Promise.resolve() : new Promise(resolve => idle.push(resolve))),
  }
}

/** Whole jobs up to the bounds, and always one. A reader holds a batch in memory: spec/07-relay.md#limits. */
export function takeBatch<T extends JobSize>(queue: T[], batchMax: number): T[] {
  let [count, bytes] = [0, 0]
  const end = queue.findIndex((job, i) => {
    count += job.count
    bytes += job.bytes
    return i > 0 && (count > batchMax || bytes > batchBytesMax)
  })
  return queue.splice(0, end < 0 ? queue.length : end)
}

/** Whether any of these is on the disk is not known, so none is refused for its content: it may be sent again. */
function refuseAll(jobs: readonly Job[]): void {
  for (const { admitted, done } of jobs) done(admitted.map(() => ({ code: 'relay.store-failed' })))
}

function appendBatch(log: Log, known: Known, jobs: readonly Job[]): SubmitResult[][] {
  let overlay = newOverlay(log, known)
  const placeNext = (admitted: Admitted): Result<Place> => {
    const item = place(log, overlay, admitted)
    // A key of the log ends with a head of its own: who reads that far knows the key of the next.
    if (endsKey(log, overlay)) {
      flush(log, overlay)
      overlay = newOverlay(log, known)
    }
    return item
  }
  const placed = jobs.map(({ admitted }) => admitted.map(item => (item.ok ? placeNext(item.value) : item)))
  flush(log, overlay)
  const receipt = receipts(log)
  const result = (item: Result<Place>): SubmitResult =>
    item.ok ? included(item.value, receipt(item.value.index, item.value.entry)) : refused(item)
  return placed.map(items => items.map(result))
}

const newOverlay = ({ charter }: Log, known: Known): Overlay => ({
  entries: [],
  found: new Map(),
  committed: new Map(),
  ...known,
  charter,
})

function flush(log: Log, { entries, charter }: Overlay): void {
  if (entries.length === 0) return
  appendSigned(log, entries, charter)
  log.charter = charter
}

function endsKey({ store }: Log, { entries, charter }: Overlay): boolean {
  const size = store.size + entries.length
  return entries.length > 0 && vkeyAt(charter, size) !== vkeyAt(charter, size + 1)
}

/** The index of what comes next; none where the head over it could not be signed. */
function nextIndex(log: Log, { entries, charter }: Overlay): Result<number> {
  const index = log.store.size + entries.length
  if (isClosed(charter, index)) return fail('log.closed', '/entry')
  const signers = signersAt(log, charter, index + 1)
  return signers.ok ? ok(index) : fail('relay.no-log-key', undefined, signers.why)
}

type Place = { readonly index: number; readonly entry: Uint8Array }

const place = (log: Log, overlay: Overlay, admitted: Admitted): Result<Place> =>
  admitted.statement === undefined ? placeSealed(log, overlay, admitted) : placeOpen(log, overlay, admitted)

/** The same entry of the same sender again keeps its index; of another it is a copy of what is on the log. */
function placeSealed(log: Log, overlay: Overlay, admitted: AdmittedSealed): Result<Place> {
  const { entry, seals, sender } = admitted
  const index = log.store.size + overlay.entries.length
  if (!isInForce(overlay.charter, index)) return fail('charter.not-in-force', '/entry')
  const absence = overlay.charter.absent.get(sender)
  if (absence !== undefined) return fail(absence === 'awaited' ? 'charter.not-acceded' : 'charter.suspended', '/entry')
  const known = placeOfCommitment(log, overlay, entry.subarray(1, 33))
  if (known !== undefined) {
    const there = overlay.entries[known - log.store.size] ?? log.store.entry(known)
    const again = there !== undefined && there.sender === sender && equalBytes(there.entry, entry)
    return again ? ok({ index: known, entry }) : fail('statement.duplicate', '/entry', 'its commitment is on the log')
  }
  const next = nextIndex(log, overlay)
  if (!next.ok) return next
  append(log, overlay, { entry, leaf: leafHash(log.primitives.sha256, entry), seals, sender, disclosures: [] })
  return ok({ index, entry })
}

const placeOfCommitment = ({ store }: Log, { committed }: Overlay, commitment: Uint8Array): number | undefined =>
  committed.get(toBase64url(commitment)) ?? store.indexOfCommitment(commitment)

function append({ store }: Log, { entries, committed }: Overlay, entry: NewEntry): void {
  const isSealed = entry.entry.length === sealedEntryBytes && entry.entry[0] === 1
  if (isSealed) committed.set(toBase64url(entry.entry.subarray(1, 33)), store.size + entries.length)
  entries.push(entry)
}

/** The index a statement has or gets. The same statement again keeps its index: a lost answer is asked for again. */
function placeOpen(log: Log, overlay: Overlay, admitted: AdmittedOpen): Result<Place> {
  const { statement, entry } = admitted
  const { sid, iss, claims } = statement
  const known = knownIndex(log, overlay, statement)
  if (known !== undefined) return ok({ index: known, entry: entryAt(log, overlay, known) })
  const next = nextIndex(log, overlay)
  if (!next.ok) return next
  const index = next.value
  const current = recheck(log, overlay, admitted, index)
  if (!current.ok) return current
  const copies = enclosedIn(log, overlay, admitted)
  if (!copies.ok) return copies
  const related = checkRelations(statement, prefixOf(log, overlay, { fresh: sid, copies: copies.value }))
  if (!related.ok) return related
  const charter = withRecord(log.primitives, overlay.charter, enteredOf(statement, index))
  if (!charter.ok) return charter

  overlay.charter = charter.value
  append(log, overlay, newEntry(log.primitives, admitted))
  overlay.found.set(sid, referredBy(statement, index))
  overlay.heads.set(`${iss} ${claims.chain.id}`, { seq: claims.chain.seq, sid })
  return ok({ index, entry })
}

/** Copies beside an open statement are open with it: each is checked here, and the first that fails refuses it. */
function enclosedIn(
  log: Log,
  overlay: Overlay,
  { statement, enclosed }: { readonly statement: Verified; readonly enclosed: readonly EnclosedCopy[] },
): Result<ReadonlyMap<string, Referred>> {
  const { primitives, store } = log
  const { charter, found } = overlay
  const copies = new Map<string, Referred>()
  const read = readEnclosed(statement, enclosed, {
    primitives,
    charter,
    placeOf: commitment => placeOfCommitment(log, overlay, commitment),
    find: sid => found.get(sid) ?? store.referred(sid),
  })
  for (const copy of read) {
    if (!copy.ok) return copy
    copies.set(copy.value.statement.sid, referredBy(copy.value.statement, copy.value.index))
  }
  return ok(copies)
}

/** Signed twice, a statement may have two signatures and one id: what counts is the entry that stands on the log. */
function entryAt({ store }: Log, { entries }: Overlay, index: number): Uint8Array {
  const entry = entries[index - store.size]?.entry ?? store.entry(index)?.entry
  assert(entry !== undefined, 'a statement that is known has an entry')
  return entry
}

/** A number beyond the head of its chain cannot be on the log, so what is new is not looked for. */
function knownIndex({ store }: Log, { found, heads }: Overlay, { sid, iss, claims }: Verified): number | undefined {
  const head = headOf(store, heads, iss, claims.chain.id)
  if (head === undefined || claims.chain.seq > head.seq) return undefined
  return found.get(sid)?.index ?? store.indexOf(sid)
}

/**
 * Looked up once, then kept up to date by `place`. A batch that fails leaves heads here that are not on the disk;
 * nothing is placed after that.
 */
function headOf(store: Log['store'], heads: Heads, iss: string, chain: string) {
  const name = `${iss} ${chain}`
  if (!heads.has(name)) heads.set(name, store.chainHead(iss, chain))
  return heads.get(name)
}

/**
 * Keys and charter are those at the index, known only now: where the charter has moved on, all is checked again. Under
 * one charter, only a mandate ends at an index.
 */
function recheck(
  log: Log,
  { charter }: Overlay,
  { statement, under, at }: AdmittedOpen,
  index: number,
): Result<unknown> {
  if (under === charter && (at === index || charter.mandates.size === 0)) return ok(true)
  return verify(`${statement.jws}~`, { primitives: log.primitives, charter, index })
}

type Fresh = { readonly fresh: string; readonly copies: ReadonlyMap<string, Referred> }

/** `fresh` is known not to be on the log. What is sealed may be referred to, and only its readers can say. */
function prefixOf(
  { store }: Log,
  { charter, entries, found, heads, roots }: Overlay,
  { fresh, copies }: Fresh,
): Prefix {
  return {
    charter,
    find: sid => (sid === fresh ? undefined : (found.get(sid) ?? copies.get(sid) ?? store.referred(sid))),
    unopened: () => store.unopened() + entries.filter(({ about }) => about === undefined).length,
    chainHead: (iss, chain) => headOf(store, heads, iss, chain),
    // Nobody has seen what is not yet committed.
    rootAt: size => (size > store.size ? undefined : rootOf(store, roots, size)),
  }
}

/** Computed once for each size; when there are too many, the one that came first makes room. */
function rootOf(store: Log['store'], roots: Roots, size: number): string {
  const root = roots.get(size) ?? toBase64url(store.rootAt(size))
  const [first] = roots.size < rootsMax ? [] : roots.keys()
  if (first !== undefined && !roots.has(size)) roots.delete(first)
  roots.set(size, root)
  return root
}

/**
 * Receipts against a checkpoint, the newest unless another is given: spec/06-log.md#receipts. What those of one batch
 * share is made once.
 */
export function receipts(
  { store, primitives: { sha256 } }: Log,
  head: { readonly note: string; readonly size: number } | undefined = store.head,
): (index: number, entry: Uint8Array) => string {
  const { read } = store
  assert(head !== undefined, 'a log that has an entry has a checkpoint')
  const receipt = receiptWriter({ sha256, size: head.size, read, checkpoint: head.note })
  return (index, entry) => receipt(index, tagOf(entry))
}

const tagOf = (entry: Uint8Array): Uint8Array | undefined =>
  entry.length === sealedEntryBytes && entry[0] === 1 ? entry.subarray(33) : undefined

const refused = ({ code, at, why }: ReturnType<typeof fail>): SubmitResult => ({
  ...(at !== undefined && { at }),
  code,
  ...(why !== undefined && { why }),
})

/** Members in the order that canonical JSON has them, here as in `refused`. */
const included = ({ index }: Place, receipt: string): SubmitResult => ({ index, receipt })
