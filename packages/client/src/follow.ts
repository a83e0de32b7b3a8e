import {
  type Checkpoint,
  type Cosignatures,
  type Cursor,
  type Delivery,
  type Failure,
  type Result,
  type ResumeAnswer,
  canonical,
  fail,
  followCheckpoint,
  ok,
  checkpointIn,
  openHead,
  readNote,
  toBase64url,
} from '@chancery/protocol'
import { StoreConflict } from '@chancery/store'
import { type Admitted, admit } from './admit.ts'
import { type Mirror, refreshMirror } from './mirror.ts'
import { NetworkFault, type RelayClient } from './relay.ts'
import { type StreamEvent, backoffMs, openStream } from './stream.ts'
import { fetchCosigned, nextCosigned, takeNumbered } from './witnessed.ts'

export type Follow = {
  readonly relay: RelayClient
  readonly mirror: Mirror
  /** Epoch of the relay's store as last heard; kept by the caller beside the mirror. */
  readonly epoch: { readonly read: () => string | undefined; readonly write: (epoch: string) => void }
  readonly signal?: AbortSignal
  /** Called after a batch is durable. */
  readonly onAdmitted?: (admitted: Admitted) => void
  /** Called before each wait to connect again. */
  readonly onTrouble?: (trouble: { readonly why: string; readonly waitMs: number }) => void
  /** Of a node that witnesses: cosigns a checkpoint that is held, as lines of its note; undefined where it will not. */
  readonly cosign?: (note: string) => Promise<Cosignatures | undefined>
  /** Called after a note of a quorum is kept. */
  readonly onCosigned?: () => void
  /** Called with two signed heads that cannot both be the log's, before the failure is returned. */
  readonly onEvidence?: (evidence: Evidence) => void
}

/** What shows that a relay answered with another log than the one held: the two signed notes and what was said. */
export type Evidence = {
  readonly code: string
  readonly ours: string | null
  readonly theirs: string | null
  readonly said: ResumeAnswer | string
}

/** What waits for the checkpoint that covers it: the largest batch, as it is delivered (spec/07-relay.md#limits). */
const [pendingEntriesMax, pendingLengthMax] = [16_384, 32 * 1_048_576]
/** An epoch nobody has: asks the relay for its own. */
const noEpoch = toBase64url(new Uint8Array(32))
/** How long a relay may speak or be silent without moving the log, where the address does not say. */
const silentMs = 20_000

/**
 * Brings the mirror to the size the relay says at the start. A refusal is the relay's lie, or that it is busy; else
 * NetworkFault, also where the log stands still for as long as the address waits for an answer: nobody is held up for
 * ever. Of several commands at once one may be a stream too many (spec/07-relay.md#limits): it waits for its turn.
 */
export async function catchUp(follow: Follow): Promise<Result<number>> {
  const { relay, mirror, signal } = follow
  const over = performance.now() + (relay.address.timeoutMs ?? silentMs)
  for (let attempt = 0; ; attempt++) {
    const ended = await followOnce(follow, 'caught-up')
    if (ended.ok) return ok(mirror.store.size)
    const waitMs = backoffMs(attempt, chance(relay))
    if (!isBusy(ended) || performance.now() + waitMs >= over || isAborted(signal)) return ended
    await wait(waitMs, signal)
  }
}

/** Says nothing of the log: the same call may be answered in a moment. */
export const isBusy = ({ code }: { readonly code: string }): boolean => code === 'relay.busy' || code === 'stream.slow'

/** Follows until the signal fires or the relay is caught lying. Connects again after full-jitter waits, without end. */
export async function followLog(follow: Follow): Promise<Result<number>> {
  const { signal, mirror, relay, onTrouble } = follow
  for (let attempt = 0; !isAborted(signal); attempt++) {
    const before = mirror.store.size
    const why = await attemptOnce(follow)
    if (typeof why !== 'string') return why
    if (mirror.store.size > before) attempt = 0
    if (isAborted(signal)) break
    const waitMs = backoffMs(attempt, chance(relay))
    onTrouble?.({ why, waitMs })
    await wait(waitMs, signal)
  }
  return ok(mirror.store.size)
}

/** A text says why to try again; a failure is final, and so is an error that is not the network's. */
async function attemptOnce(follow: Follow): Promise<string | Failure> {
  try {
    const ended = await followOnce(follow, 'stopped')
    if (ended.ok) return 'the relay closed the stream'
    return passing.has(ended.code) ? ended.code : ended
  } catch (error) {
    if (error instanceof NetworkFault) return error.message
    throw error
  }
}

const passing: ReadonlySet<string> = new Set(['stream.slow', 'relay.busy', 'relay.store-failed', 'auth.stale'])

const isAborted = (signal: AbortSignal | undefined): boolean => signal?.aborted === true
const chance = ({ address }: RelayClient): number => (address.random(1)[0] ?? 0) / 256

function wait(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    const done = () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    signal?.addEventListener('abort', done)
  })
}

type Until = 'caught-up' | 'stopped'

/** One connection; a second one where the relay's store was replaced and still extends what is held. */
async function followOnce(follow: Follow, until: Until): Promise<Result<true>> {
  const first = await followFrom(follow, until)
  if (first.ok || first.code !== 'stream.epoch-changed') return first
  const extended = await checkExtends(follow)
  return extended.ok ? followFrom(follow, until) : extended
}

async function followFrom(follow: Follow, until: Until): Promise<Result<true>> {
  const { relay, mirror, signal } = follow
  if (until === 'stopped') {
    const read = await readStream(follow, { until, signal })
    return read.ok ? ok(true) : read
  }
  const patience = patienceOf(mirror, relay.address.timeoutMs ?? silentMs)
  const either = AbortSignal.any([patience.over, ...(signal === undefined ? [] : [signal])])
  const read = await readStream(follow, { until, signal: either, patience }).finally(patience.rest)
  if (!read.ok) return read
  if (read.value === 'reached') return fetchNotes(follow)
  if (!patience.over.aborted) throw new NetworkFault('the relay closed the stream before the end of the log')
  throw new NetworkFault(`the relay is silent: ${relay.address.url} answers, and does not bring the log it speaks of`)
}

type Reading = { readonly until: Until; readonly signal: AbortSignal | undefined; readonly patience?: Patience }

async function readStream(follow: Follow, { until, signal, patience }: Reading): Promise<Result<'reached' | 'closed'>> {
  const { relay, mirror } = follow
  const pending: Pending = { entries: [], length: 0 }
  let target = Infinity
  for await (const event of openStream(relay.address, cursorOf(follow), signal)) {
    patience?.rest()
    if (!event.ok) return event
    if (event.value.is === 'answer') {
      const resumed = await readAnswer(follow, event.value.answer)
      if (!resumed.ok) return resumed
      if (until === 'caught-up') target = resumed.value
      else {
        const fetched = await fetchNotes(follow)
        if (!fetched.ok) return fetched
      }
    } else if (event.value.is !== 'frame') {
      const heard = await hearWitnessing(follow, event.value)
      if (!heard.ok) return heard
    } else {
      const took = await takeFrame(follow, pending, event.value)
      if (!took.ok) return took
    }
    if (mirror.store.size >= target) return ok('reached')
    patience?.wait()
    if (patience?.over.aborted === true) break
  }
  return ok('closed')
}

function fetchNotes(follow: Follow): Promise<Result<true>> {
  const { mirror, relay, epoch } = follow
  const onRefused = (failure: Failure, note: string) =>
    keepEvidence(follow, failure, { theirs: note, said: failure.why ?? failure.code })
  return fetchCosigned({ mirror, relay, epoch: epoch.read() ?? noEpoch, onRefused })
}

/** What a relay says between frames of entries: that it asks for cosignatures, and what a quorum has cosigned. */
async function hearWitnessing(
  follow: Follow,
  event: Extract<StreamEvent, { is: 'ask' | 'cosigned' }>,
): Promise<Result<true>> {
  const { mirror, epoch } = follow
  if (event.is === 'ask') {
    const cosignatures = await follow.cosign?.(event.note)
    if (cosignatures !== undefined) event.answer(canonical(cosignatures))
    return ok(true)
  }
  const { note, number } = event
  if (number > nextCosigned(mirror, epoch.read() ?? noEpoch)) return fetchNotes(follow)
  const taken = takeNumbered(mirror, { note, number, epoch: epoch.read() ?? noEpoch })
  if (!taken.ok) {
    keepEvidence(follow, taken, { theirs: note, said: taken.why ?? taken.code })
    return taken
  }
  if (taken.value === 'kept') follow.onCosigned?.()
  return ok(true)
}

type Patience = { readonly over: AbortSignal; readonly wait: () => void; readonly rest: () => void }

/** Runs out while the log stands still, whatever the relay says; never while what moves it is being checked. */
function patienceOf({ store }: Mirror, ms: number): Patience {
  const over = new AbortController()
  let [size, until] = [-1, 0]
  let timer: NodeJS.Timeout | undefined
  return {
    over: over.signal,
    rest: () => clearTimeout(timer),
    wait: () => {
      const now = performance.now()
      if (store.size > size) [size, until] = [store.size, now + ms]
      // At once where it is late already: frames without a pause would keep a timer from its turn.
      if (now >= until) over.abort()
      else timer = setTimeout(() => over.abort(), until - now)
    },
  }
}

/** Deliveries that no checkpoint covers yet, and the length of the frames they came in. */
type Pending = { readonly entries: Delivery[]; length: number }

/** Frames are put together until a checkpoint covers exactly them. Nothing waits for a note that is not the log's. */
async function takeFrame(
  follow: Follow,
  pending: Pending,
  { frame, length }: Extract<StreamEvent, { is: 'frame' }>,
): Promise<Result<true>> {
  const checkpoint = openHead(follow.mirror, frame.checkpoint)
  if (!checkpoint.ok) return checkpoint
  for (const delivery of frame.entries) pending.entries.push(delivery)
  pending.length += length
  const last = pending.entries.at(-1)
  if (last !== undefined && last.index + 1 < checkpoint.value.size) return checkBounded(pending)
  const deliveries = pending.entries.splice(0)
  pending.length = 0
  const admitted = await admitOnce(follow, deliveries, frame.checkpoint)
  if (!admitted.ok) return admitted
  if (deliveries.length > 0) follow.onAdmitted?.(admitted.value)
  return ok(true)
}

/** The log's own key can sign a size that is never reached: what waits for it fills no memory. */
function checkBounded({ entries, length }: Pending): Result<true> {
  if (entries.length <= pendingEntriesMax && length <= pendingLengthMax) return ok(true)
  return fail('relay.nonsense', '/entries', `${entries.length} entries came, and no checkpoint that covers them`)
}

/**
 * Another process of this node may store the same entries meanwhile. What it stored it has verified: then the work is
 * begun anew over it, and these come as repeated. A failure counts only where the mirror stood still beneath it.
 */
async function admitOnce(follow: Follow, deliveries: readonly Delivery[], note: string): Promise<Result<Admitted>> {
  const { mirror } = follow
  for (;;) {
    const before = mirror.store.size
    const admitted = await admitOrConflict(mirror, deliveries, note)
    if (admitted?.ok === true) return admitted
    const refreshed = refreshMirror(mirror)
    if (!refreshed.ok) return refreshed
    if (mirror.store.size !== before || admitted === undefined) continue
    keepEvidence(follow, admitted, { theirs: note, said: admitted.why ?? admitted.code })
    return admitted
  }
}

/** undefined where another writer moved the head first. */
async function admitOrConflict(
  mirror: Mirror,
  deliveries: readonly Delivery[],
  note: string,
): Promise<Result<Admitted> | undefined> {
  const before = mirror.store.size
  try {
    return await admit(mirror, deliveries, note)
  } catch (error) {
    if (error instanceof StoreConflict && mirror.store.size !== before) return undefined
    throw error
  }
}

function cursorOf({ mirror, epoch }: Follow): Cursor | null {
  const { store, origin } = mirror
  if (store.size === 0) return null
  const leaf = toBase64url(store.read(0, store.size - 1))
  return { epoch: epoch.read() ?? noEpoch, leaf, origin, size: store.size }
}

/** The five answers to a cursor. The size to reach, or why not. */
async function readAnswer(follow: Follow, answer: ResumeAnswer): Promise<Result<number>> {
  const { epoch, mirror } = follow
  switch (answer.answer) {
    case 'ok':
      epoch.write(answer.epoch)
      return ok(answer.size)
    case 'outdated':
      return fail('stream.outdated', '/stream', `the relay keeps entries from ${answer.oldest}`)
    case 'epoch-changed':
      epoch.write(answer.epoch)
      return fail('stream.epoch-changed', '/stream')
    case 'future':
    case 'fork': {
      const code = answer.answer === 'fork' ? 'log.forked' : 'log.went-back'
      const why = `the relay says ${answer.answer} at its size ${answer.size}; held are ${mirror.store.size}`
      const failure = fail(code, '/stream', why)
      keepEvidence(follow, failure, { theirs: await newestNote(follow), said: answer })
      return failure
    }
  }
}

async function newestNote({ relay }: Follow): Promise<string | null> {
  try {
    const note = await relay.checkpoint()
    return note.ok ? note.value : null
  } catch (error) {
    if (error instanceof NetworkFault) return null
    throw error
  }
}

/** The relay's store is another one: it may be a restored copy. Its head must extend ours before anything is read. */
async function checkExtends(follow: Follow): Promise<Result<Checkpoint>> {
  const { relay, mirror } = follow
  const note = await relay.checkpoint()
  if (!note.ok) return note
  const { origin, store } = mirror
  const signed = openHead(mirror, note.value)
  const next = signed.ok ? signed : aheadOf(mirror, signed, note.value)
  if (!next.ok) return next
  const known = { origin, size: store.size, root: store.rootAt(store.size) }
  const followed = await consistent(follow, known, next.value)
  // What no known key has signed is evidence against nobody.
  if (!followed.ok && signed.ok) keepEvidence(follow, followed, { theirs: note.value, said: 'epoch-changed' })
  return followed
}

/** Entries that are not held yet may name the key of a larger head: each is judged by its own when it comes. */
function aheadOf({ origin, store, primitives }: Mirror, failure: Failure, text: string): Result<Checkpoint> {
  const note = readNote(text)
  if (failure.code !== 'log.bad-signature' || !note.ok) return failure
  const said = checkpointIn({ text: note.value.text, origin, sha256: primitives.sha256 })
  return said.ok && said.value.size > store.size ? said : failure
}

async function consistent({ relay, mirror }: Follow, known: Checkpoint, next: Checkpoint): Promise<Result<Checkpoint>> {
  const { sha256 } = mirror.primitives
  const asks = known.size > 0 && next.size > known.size
  const proof = asks ? await relay.consistency(known.size, next.size) : ok([])
  return proof.ok ? followCheckpoint({ sha256, known, next, proof: proof.value }) : proof
}

const contradictions: ReadonlySet<string> = new Set(['log.went-back', 'log.forked'])

function keepEvidence(
  { mirror, onEvidence }: Follow,
  failure: Failure,
  { theirs, said }: Pick<Evidence, 'theirs' | 'said'>,
): void {
  if (!contradictions.has(failure.code)) return
  onEvidence?.({ code: failure.code, ours: mirror.store.head?.note ?? null, theirs, said })
}
