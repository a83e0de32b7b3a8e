import {
  type Checkpoint,
  type Cosignatures,
  type NoteSignature,
  type Policy,
  type Primitives,
  type Result,
  assert,
  fail,
  maxAgeOf,
  ok,
  openCosigned,
  partiesThat,
  policyAt,
  quorumHolds,
  readNote,
  saidIn,
  verifyCosignature,
  withSignatures,
} from '@chancery/protocol'
import type { Journal } from './journal.ts'
import type { Log } from './log.ts'

/** Whom the relay asks: nodes over the streams they hold, and witnesses outside by the operator's own list. */
export type Ask = (asked: { readonly note: string; readonly checkpoint: Checkpoint }) => void
export type Tell = (cosigned: { readonly note: string; readonly number: number }) => void

export type Witnessing = {
  /** The log has grown, or a reader has come: look whether there is something to ask. */
  readonly look: () => void
  /** Lines that someone says are cosignatures of the note asked about. Who says it does not matter: all are checked. */
  readonly hear: (said: Cosignatures) => Result<true>
  /** The note that is asked about now, where there is one, for a reader who comes late. */
  readonly asked: () => { readonly note: string; readonly size: number } | undefined
  /** Resolves when an index is under a quorum, or the time is over, or the relay ends. */
  readonly covers: (index: number, waitMs: number) => Promise<void>
  readonly close: () => void
}

type Deps = {
  readonly ask: Ask
  readonly tell: Tell
  readonly journal: Journal
  readonly onFault: (fault: Error) => void
}

type Round = {
  readonly note: string
  readonly checkpoint: Checkpoint
  /** In force at the last entry of this checkpoint. */
  readonly policy: Policy
  /** By the name that the policy has for each. */
  readonly lines: Map<string, NoteSignature>
  /** Cosignatures in the note that was published last; 0 before there is a quorum. */
  published: number
  readonly timer: NodeJS.Timeout
  readonly since: number
}

/** How long one checkpoint is asked about. A quorum that is reached earlier counts at once; the rest may still come. */
const roundMs = 1_000
/** Where the log has moved on, what nobody has made a quorum of by then gives way to the newest. */
const patienceMs = 250
const againMs = 2_000

/**
 * spec/07-relay.md#witnesses: one checkpoint at a time is put to the witnesses, so that all sign the same one. When a
 * quorum has, or the time is over, the newest is put to them. A stage of its own: the log does not wait for it.
 */
export function createWitnessing(log: Log, deps: Deps): Witnessing {
  const { store, primitives } = log
  const policyFor = (size: number): Policy | undefined => policyAt(primitives.sha256, log.charter, size)
  let round: Round | undefined
  let closed = false
  const waiting = createWaiting()
  let witnessed = store.newestCosigned()?.size ?? 0

  const look = (): void => {
    if (round !== undefined && isPast(round, store.size)) end()
    else if (round === undefined && store.size > witnessed) begin()
  }
  const begin = (): void => {
    const head = store.head
    if (head === undefined || closed || !store.isOpen) return
    const policy = policyFor(head.size)
    if (policy === undefined) return
    round = newRound(head.note, policy, setTimeout(end, roundMs))
    deps.ask({ note: round.note, checkpoint: round.checkpoint })
  }
  /** The rest that came after the quorum is published too: a note with more witnesses stands when fewer are honest. */
  const end = (): void => {
    if (round === undefined) return
    const { lines, published, timer, checkpoint } = round
    clearTimeout(timer)
    if (published > 0 && lines.size > published) publish(round)
    round = undefined
    if (closed || !store.isOpen) return
    if (store.size > checkpoint.size) begin()
  }
  const publish = (of: Round): void => {
    const kept = keep(log, of, deps)
    if (kept === undefined) return
    of.published = of.lines.size
    witnessed = Math.max(witnessed, of.checkpoint.size)
    deps.tell(kept)
    waiting.wake()
  }
  const covers = (index: number, waitMs: number): Promise<void> => {
    if (policyFor(index + 1) === undefined || closed) return Promise.resolve()
    return waiting.until(() => closed || index < witnessed, waitMs)
  }
  const hear = ({ lines, size }: Cosignatures): Result<true> => {
    // Late is no offence: the round that it is for is over.
    if (round === undefined || size !== round.checkpoint.size) return ok(true)
    const { policy } = round
    const valid = validLines({ primitives, policy }, round, lines)
    if (!valid.ok) return valid
    for (const [name, line] of valid.value) round.lines.set(name, line)
    const has = (name: string) => round?.lines.has(name) === true
    if (round.published === 0 && quorumHolds(policy, has)) publish(round)
    if (isDone(round, policy, store.size)) end()
    return ok(true)
  }
  const again = every((maxAgeOf(log.charter.charter) * 1_000) / 4, () => round ?? begin())
  const timers = [every(againMs, look), again]
  return {
    look,
    hear,
    asked: () => round && { note: round.note, size: round.checkpoint.size },
    covers,
    close: () => {
      closed = true
      for (const timer of timers) clearInterval(timer)
      end()
      waiting.wake()
    },
  }
}

function newRound(note: string, policy: Policy, timer: NodeJS.Timeout): Round {
  const checkpoint = saidIn(note)
  assert(checkpoint.ok, 'the head of the log is a checkpoint')
  const [lines, since] = [new Map<string, NoteSignature>(), performance.now()]
  return { note, checkpoint: checkpoint.value, policy, lines, published: 0, timer, since }
}

/** Durable before anyone hears of it. A disk that fails ends the relay, as it does when a statement is appended. */
function keep(
  { store }: Log,
  { note: bare, lines, checkpoint: { size }, policy, published }: Round,
  { journal, onFault }: Pick<Deps, 'journal' | 'onFault'>,
) {
  const note = withSignatures(bare, [...lines.values()])
  try {
    const { number } = store.keepCosigned(note, size)
    if (published === 0)
      journal({ event: 'witnessed', count: partiesThat(policy, name => lines.has(name)).length, size })
    return { note, number }
  } catch (fault) {
    onFault(fault as Error)
    return undefined
  }
}

/** The log has moved on, and a quorum is reached or was waited for: the newest is what all wait for. */
const isPast = ({ published, checkpoint, since }: Round, size: number): boolean =>
  size > checkpoint.size && (published > 0 || performance.now() - since > patienceMs)

/** All have answered, or the log has moved on and a quorum is enough. */
const isDone = ({ lines, published, checkpoint }: Round, { witnesses }: Policy, size: number): boolean =>
  published > 0 && (lines.size === witnesses.length || size > checkpoint.size)

/** Callers that wait for something to be so, each for its own time at most. */
function createWaiting() {
  const looks = new Set<() => void>()
  return {
    wake: (): void => {
      for (const look of looks) look()
    },
    until: (holds: () => boolean, waitMs: number): Promise<void> =>
      new Promise(resolve => {
        const done = () => {
          clearTimeout(over)
          looks.delete(look)
          resolve()
        }
        const look = () => (holds() ? done() : undefined)
        const over = setTimeout(done, waitMs)
        looks.add(look)
        look()
      }),
  }
}

/** The longest a timer of Node can be set for. */
const maxTimerMs = 2 ** 31 - 1
const every = (ms: number, work: () => void) => setInterval(work, Math.min(ms, maxTimerMs)).unref()

const readText = (note: string): string => note.slice(0, note.lastIndexOf('\n\n') + 1)

type Against = { readonly primitives: Primitives; readonly policy: Policy }

/** Those of the lines that witnesses of the policy made over this checkpoint. A bad one of a known key refuses all. */
function validLines(
  { primitives, policy }: Against,
  { note, checkpoint }: Pick<Round, 'note' | 'checkpoint'>,
  lines: string,
): Result<[string, NoteSignature][]> {
  const read = readNote(`${readText(note)}\n${lines}`)
  if (!read.ok) return read
  const valid: [string, NoteSignature][] = []
  for (const line of read.value.signatures) {
    const witness = policy.witnesses.find(({ key }) => key.name === line.name && key.id === line.id)
    if (witness === undefined) continue
    const at = verifyCosignature(primitives, witness.key, { checkpoint, signature: line.signature })
    if (!at.ok) return at
    valid.push([witness.name, line])
  }
  return valid.length > 0 ? ok(valid) : fail('log.bad-cosignature', undefined, 'no line of a witness of the policy')
}

/** The newest note that a quorum has cosigned, opened again; what receipts are made against. */
export function witnessedHead({ store, primitives, origin, charter }: Log) {
  const kept = store.newestCosigned()
  const policy = kept && policyAt(primitives.sha256, charter, kept.size)
  if (kept === undefined || policy === undefined) return undefined
  const opened = openCosigned({ primitives, policy, origin }, kept.note)
  return opened.ok ? { note: kept.note, size: kept.size } : undefined
}
