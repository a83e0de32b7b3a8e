import {
  type CharterState,
  Cursor,
  type ResumeAnswer,
  canonical,
  check,
  keyAt,
  memberOf,
  readCanonical,
} from '@chancery/protocol'
import type { RawData, WebSocket } from 'ws'
import type { Config } from './config.ts'
import { type Carrier, carrierOf } from './deliver.ts'
import { type Frame, createFrames } from './frames.ts'
import type { Journal } from './journal.ts'
import type { Log } from './log.ts'
import { resume } from './resume.ts'

/** Close codes: spec/07-relay.md#stream. */
export const closeCodes = {
  badHello: 4000,
  revoked: 4001,
  slow: 4008,
  done: 1000,
  goingAway: 1001,
  failed: 1011,
} as const

/** Who has opened a stream, and with which key. */
export type Opener = { readonly member: string; readonly kid: string }

/** One stream. Its queue is the log: what is kept here is a place in it, and what the socket has not yet taken. */
type Reader = Opener & {
  /** By the charter `under`. */
  carrier: Carrier
  under: CharterState
  readonly socket: WebSocket
  readonly since: number
  /** Log size that the reader has after all that was sent; undefined until its first message was answered. */
  size: number | undefined
  /** Frames on their way, oldest first, and their bytes. */
  readonly flight: { readonly frame: Frame; readonly at: number }[]
  bytes: number
  /** Nothing was heard since the last ping. */
  silent: boolean
}

/** What goes to and fro between entries: spec/07-relay.md#witnesses. */
export type Witnesses = {
  /** A message of a reader that is not its first. Whether it is one that a reader may send. */
  readonly said: (data: RawData, isBinary: boolean) => boolean
  /** A reader stands at this size and can be asked about it: what to ask, or undefined. */
  readonly askAt: (size: number) => string | undefined
  /** A reader has come. */
  readonly came: () => void
}

export type Fanout = {
  /** To every reader that stands at this size: what it is asked. */
  readonly ask: (size: number, text: string) => void
  /** To every reader. Who has no room for it now hears the next, and asks for what it missed. */
  readonly tell: (text: string) => void
  readonly join: (socket: WebSocket, opener: Opener) => void
  readonly hasRoom: (member: string) => boolean
  /** The log has grown, or may have: look. */
  readonly look: () => void
  readonly close: (code: number) => void
}

type Timing = Pick<
  Config,
  | 'streamFramesMax'
  | 'streamBytesMax'
  | 'outboundBytesMax'
  | 'frameBytesMax'
  | 'slowMs'
  | 'helloMs'
  | 'pingMs'
  | 'socketsPerMember'
>

/** spec/07-relay.md#stream. Reads the store only: nothing is shown before it is durable; a slow reader costs none. */
export function createFanout(
  log: Log,
  { config, journal, witnesses }: { config: Timing; journal: Journal; witnesses?: Witnesses },
): Fanout {
  const outbox = createOutbox(log, { config, journal })
  const { readers, pump } = outbox
  let looking = false

  const hello = (reader: Reader, data: RawData, isBinary: boolean): void => {
    if (reader.size !== undefined && witnesses?.said(data, isBinary) === true) return
    const said = reader.size === undefined && !isBinary ? readHello(log, data) : undefined
    if (said === undefined) return reader.socket.close(closeCodes.badHello, 'relay.bad-request')
    reader.socket.send(canonical(said.answer as never))
    if (said.answer.answer !== 'ok') return reader.socket.close(closeCodes.done)
    reader.size = said.from
    pump(reader)
    welcome(reader, witnesses)
  }
  const guarded =
    <A extends unknown[]>(work: (...args: A) => void) =>
    (...args: A): void => {
      try {
        work(...args)
      } catch (fault) {
        // The store has failed; whoever writes to it ends the process. Readers come again.
        journal({ event: 'stream.fault', reason: (fault as Error).message })
        for (const { socket } of readers) socket.close(closeCodes.failed)
      }
    }
  const timers = [
    setInterval(
      guarded(() => tend(readers, { config, cut: outbox.cut })),
      1_000,
    ).unref(),
    setInterval(() => ping(readers), config.pingMs).unref(),
  ]
  return {
    join(socket, opener) {
      const reader = newReader(socket, opener, log.charter)
      readers.add(reader)
      socket.on(
        'message',
        guarded((data: RawData, isBinary: boolean) => hello(reader, data, isBinary)),
      )
      socket.on('pong', () => (reader.silent = false))
      socket.on('error', () => socket.terminate())
      socket.on('close', () => outbox.drop(reader))
    },
    hasRoom: member => [...readers].filter(reader => reader.member === member).length < config.socketsPerMember,
    look() {
      if (looking) return
      looking = true
      setImmediate(
        guarded(() => {
          looking = false
          outbox.pumpAll()
        }),
      )
    },
    ask(size, text) {
      outbox.pumpAll()
      say(readers, text, reader => reader.size === size)
    },
    tell: text => say(readers, text, reader => reader.size !== undefined),
    close(code) {
      for (const timer of timers) clearInterval(timer)
      for (const { socket } of readers) socket.close(code)
    },
  }
}

/** Short messages between frames: never more than one frame's worth waits for a socket. */
const shortBytesMax = 1_048_576
function welcome({ size, socket }: Reader, witnesses: Witnesses | undefined): void {
  const asked = size === undefined ? undefined : witnesses?.askAt(size)
  if (asked !== undefined) socket.send(asked)
  witnesses?.came()
}

function say(readers: Iterable<Reader>, text: string, to: (reader: Reader) => boolean): void {
  for (const reader of readers) if (to(reader) && hasRoomFor(reader)) reader.socket.send(text)
}

const hasRoomFor = ({ socket }: Reader): boolean =>
  socket.readyState === socket.OPEN && socket.bufferedAmount < shortBytesMax

/** Who is cleared for what changes with the charter: a reader is never carried more than the newest lets it see. */
function renew(reader: Reader, charter: CharterState): void {
  if (reader.under === charter) return
  reader.under = charter
  reader.carrier = carrierOf(charter, reader.member)
  const { member, socket } = reader
  if (memberOf(charter, member) === undefined || charter.absent.get(member) === 'left')
    socket.close(closeCodes.goingAway)
}

const newReader = (socket: WebSocket, opener: Opener, under: CharterState): Reader => ({
  ...opener,
  carrier: carrierOf(under, opener.member),
  under,
  socket,
  since: performance.now(),
  size: undefined,
  flight: [],
  bytes: 0,
  silent: false,
})

/** Who reads, and what is on its way to each: bounded for each and for all. */
function createOutbox(log: Log, { config, journal }: { config: Timing; journal: Journal }) {
  const readers = new Set<Reader>()
  const frameFrom = createFrames(log, config.frameBytesMax)
  // A frame that many hold is in memory once.
  let held = 0

  const release = (frame: Frame): void => {
    frame.holders -= 1
    if (frame.holders === 0) held -= frame.bytes.length
  }
  const drop = (reader: Reader): void => {
    if (!readers.delete(reader)) return
    for (const { frame } of reader.flight.splice(0)) release(frame)
  }
  const cut = (reader: Reader): void => {
    journal({ event: 'stream.slow', member: reader.member, size: reader.size ?? 0 })
    // Where the closing frame is not taken either, ws ends the socket after its own short time.
    reader.socket.close(closeCodes.slow, String((reader.size ?? 0) - 1))
    drop(reader)
  }
  const pump = (reader: Reader): void => {
    const { socket, flight } = reader
    renew(reader, log.charter)
    while (reader.size !== undefined && reader.size < log.store.size && socket.readyState === socket.OPEN) {
      if (flight.length >= config.streamFramesMax || reader.bytes >= config.streamBytesMax) return
      const frame = frameFrom(reader.size, reader.carrier)
      if (frame.holders === 0) held += frame.bytes.length
      frame.holders += 1
      reader.size = frame.to
      reader.bytes += frame.bytes.length
      flight.push({ frame, at: performance.now() })
      socket.send(frame.bytes, { binary: false }, () => taken(reader))
    }
  }
  /** What a key has opened ends with it. It has been sent what revokes it, so that its member knows why. */
  const endRevoked = (reader: Reader): void => {
    if (keyAt(log.charter, reader.kid, log.store.size) !== undefined) return
    reader.socket.close(closeCodes.revoked, 'charter.unknown-key')
    drop(reader)
  }
  const taken = (reader: Reader): void => {
    // A reader that was dropped holds nothing any more.
    const first = reader.flight.shift()
    if (first === undefined) return
    reader.bytes -= first.frame.bytes.length
    release(first.frame)
    if (log.store.isOpen) pump(reader)
  }
  const pumpAll = (): void => {
    for (const reader of readers) {
      pump(reader)
      endRevoked(reader)
    }
    while (held > config.outboundBytesMax) cut(fullest(readers))
  }
  return { readers, pump, pumpAll, cut, drop }
}

const fullest = (readers: Iterable<Reader>): Reader => [...readers].reduce((a, b) => (b.bytes > a.bytes ? b : a))

/** The first message: `{"resume": Cursor | null}`. undefined where it is not that, or names another log. */
function readHello({ store, origin }: Log, data: RawData): { answer: ResumeAnswer; from: number } | undefined {
  const json = readCanonical(data as Buffer, '')
  if (!json.ok || typeof json.value !== 'object' || json.value === null || !('resume' in json.value)) return undefined
  if (Object.keys(json.value).length !== 1) return undefined
  const { resume: given } = json.value
  const cursor = given === null ? undefined : check(Cursor, given, 'relay.bad-request')
  if (cursor?.ok === false || (cursor !== undefined && cursor.value.origin !== origin)) return undefined
  const { epoch, size } = store
  const log = { epoch, size, oldest: 0, leafAt: (index: number) => store.read(0, index) }
  return { answer: resume(cursor?.value ?? null, log), from: cursor?.value.size ?? 0 }
}

/** Once a second: who has not said where to begin, and whose oldest frame waits too long. */
function tend(readers: Iterable<Reader>, { config, cut }: { config: Timing; cut: (reader: Reader) => void }): void {
  const now = performance.now()
  for (const reader of readers) {
    const overdue = reader.size === undefined && now - reader.since > config.helloMs
    if (overdue) reader.socket.close(closeCodes.badHello, 'relay.bad-request')
    const [oldest] = reader.flight
    if (oldest !== undefined && now - oldest.at > config.slowMs) cut(reader)
  }
}

function ping(readers: Iterable<Reader>): void {
  for (const reader of readers) {
    if (reader.silent) reader.socket.terminate()
    else if (reader.socket.readyState === reader.socket.OPEN) {
      reader.silent = true
      reader.socket.ping()
    }
  }
}
