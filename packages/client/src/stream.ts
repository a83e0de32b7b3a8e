import {
  AnyFrame,
  type Cursor,
  ResumeAnswer,
  type Result,
  type StreamFrame,
  canonical,
  check,
  fail,
  ok,
} from '@chancery/protocol'
import type { IncomingMessage } from 'node:http'
import { WebSocket } from 'ws'
import { NetworkFault, type RelayAddress, authorization, problemOf, relayTimeoutMs } from './relay.ts'

/** What a stream says: first the answer to the cursor, then frames for as long as it lives. */
export type StreamEvent =
  | { readonly is: 'answer'; readonly answer: ResumeAnswer }
  | { readonly is: 'frame'; readonly frame: StreamFrame; readonly length: number }
  /** The relay asks this node, as a witness, to cosign; `answer` sends what it says. */
  | { readonly is: 'ask'; readonly note: string; readonly answer: (text: string) => void }
  | { readonly is: 'cosigned'; readonly note: string; readonly number: number }

/** One frame may carry a statement with four sealed containers. */
const frameBytesMax = 16 * 1024 * 1024
/** Frames read ahead of the one at work; past it the socket is not read, and the relay sees a slow reader. */
const queuedMax = 4
const pingMs = 20_000
/** Close code of a relay that cuts a reader who fell behind: spec/07-relay.md#stream. */
const slowCode = 4008

/**
 * One connection from one cursor. Ends when the relay closes in good order or `signal` fires; a broken network throws
 * NetworkFault. The reader pulls: while it works on a frame at most `queuedMax` wait in memory.
 */
export async function* openStream(
  address: RelayAddress,
  cursor: Cursor | null,
  signal?: AbortSignal,
): AsyncGenerator<Result<StreamEvent>> {
  const path = '/stream'
  const headers = { authorization: await authorization(address, { method: 'GET', path }) }
  const timeoutMs = address.timeoutMs ?? relayTimeoutMs
  const socket = new WebSocket(address.url.replace(/^http/, 'ws') + path, {
    headers,
    handshakeTimeout: timeoutMs,
    followRedirects: false,
    maxPayload: frameBytesMax,
    perMessageDeflate: false,
  })
  const inbox = createInbox(socket)
  const stop = () => inbox.end({ is: 'closed' })
  const pulse = keepAlive(socket)
  signal?.addEventListener('abort', stop)
  const late: Item = { is: 'broken', cause: new Error('no answer to the cursor') }
  const answerDue = setTimeout(() => inbox.end(late), timeoutMs)
  socket.once('open', () => socket.send(canonical({ resume: cursor })))
  try {
    if (signal?.aborted === true) return
    let answered = false
    for (;;) {
      const item = await inbox.next()
      clearTimeout(answerDue)
      if (item.is === 'closed') return
      if (item.is === 'broken') throw brokenOf(address, item)
      if (item.is === 'refused') return yield item.failure
      const event = readEvent(item.text, answered ? 'frame' : 'answer', text => socket.send(text))
      yield event
      if (!event.ok) return
      answered = true
    }
  } finally {
    clearTimeout(answerDue)
    clearInterval(pulse)
    signal?.removeEventListener('abort', stop)
    socket.terminate()
  }
}

const brokenOf = ({ url }: RelayAddress, { cause }: { readonly cause: Error }): NetworkFault =>
  new NetworkFault(`the stream of ${url} broke: ${cause.message}`, { cause })

function readEvent(text: string, expected: 'frame' | 'answer', say: (text: string) => void): Result<StreamEvent> {
  const value = parse(text)
  if (expected === 'answer') {
    const answer = check(ResumeAnswer, value, 'relay.nonsense', '/stream')
    return answer.ok ? ok({ is: 'answer', answer: answer.value }) : answer
  }
  const frame = check(AnyFrame, value, 'relay.nonsense', '/stream')
  if (!frame.ok) return frame
  if ('cosign' in frame.value) return ok({ is: 'ask', note: frame.value.cosign, answer: say })
  if ('cosigned' in frame.value) {
    const { cosigned: note, number } = frame.value
    return ok({ is: 'cosigned', note, number })
  }
  return ok({ is: 'frame', frame: frame.value, length: text.length })
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

type Item =
  | { readonly is: 'text'; readonly text: string }
  | { readonly is: 'refused'; readonly failure: ReturnType<typeof fail> }
  | { readonly is: 'broken'; readonly cause: Error }
  | { readonly is: 'closed' }

/** Socket events in order, for one reader that pulls. Once ended it keeps giving its end. */
function createInbox(socket: WebSocket) {
  const items: Item[] = []
  let wake: (() => void) | undefined
  let ended: Item | undefined
  const put = (item: Item) => {
    items.push(item)
    if (items.length >= queuedMax && socket.readyState === WebSocket.OPEN) socket.pause()
    wake?.()
  }
  const end = (item: Item) => {
    ended ??= item
    wake?.()
  }
  socket.on('message', (data, isBinary) => {
    if (isBinary) end({ is: 'refused', failure: fail('relay.nonsense', '/stream', 'a binary frame') })
    else put({ is: 'text', text: String(data) })
  })
  socket.once('error', cause => end({ is: 'broken', cause }))
  socket.once('unexpected-response', (_request, response) => void readRefusal(response).then(end))
  socket.once('close', code => end(closeItem(code)))
  return {
    end,
    async next(): Promise<Item> {
      if (items.length === 0 && ended === undefined) await new Promise<void>(resolve => (wake = resolve))
      const item = items.shift() ?? ended ?? { is: 'closed' as const }
      if (items.length < queuedMax && socket.isPaused && socket.readyState === WebSocket.OPEN) socket.resume()
      return item
    },
  }
}

const refusalBytesMax = 65_536

/** No upgrade: a problem document says why, anything else is trouble on the way. */
async function readRefusal(response: IncomingMessage): Promise<Item> {
  const status = response.statusCode ?? 0
  const broken: Item = { is: 'broken', cause: new Error(`status ${status} in place of an upgrade`) }
  if (!response.headers['content-type']?.startsWith('application/problem+json')) {
    response.destroy()
    return broken
  }
  const chunks: Buffer[] = []
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      chunks.push(chunk)
      if (Buffer.concat(chunks).length > refusalBytesMax) return broken
    }
  } catch {
    return broken
  }
  const problem = problemOf({ bytes: Buffer.concat(chunks), status })
  return problem.ok ? broken : { is: 'refused', failure: problem }
}

function closeItem(code: number): Item {
  if (code === slowCode) return { is: 'refused', failure: fail('stream.slow') }
  return { is: 'broken', cause: new Error(`closed with ${code}`) }
}

/** A peer that vanished without a word is noticed by its missing pong. */
function keepAlive(socket: WebSocket): NodeJS.Timeout {
  let alive = true
  socket.on('pong', () => (alive = true))
  return setInterval(() => {
    // A paused socket reads no pong; the frame at work is ours to finish.
    if (socket.readyState !== WebSocket.OPEN || socket.isPaused) return
    if (!alive) return socket.terminate()
    alive = false
    socket.ping()
  }, pingMs)
}

/** Full jitter: uniform in [0, min(cap, base · 2^attempt)); `chance` is in [0, 1). */
export function backoffMs(attempt: number, chance: number): number {
  return Math.floor(chance * Math.min(30_000, 250 * 2 ** Math.min(attempt, 20)))
}
