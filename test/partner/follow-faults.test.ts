import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { type Server, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  type Mirror,
  NetworkFault,
  type RelayClient,
  admit,
  catchUp,
  connectRelay,
  followLog,
  openMirror,
} from '@chancery/client'
import { type Delivery, assert, signCheckpoint, toBase64url } from '@chancery/protocol'
import { openStore } from '@chancery/store'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type WebSocket, WebSocketServer } from 'ws'
import { keepInOutbox } from '../../apps/partner/src/outbox.ts'
import { sendOutbox } from '../../apps/partner/src/publish.ts'
import { syncIfReached } from '../../apps/partner/src/session.ts'
import { type World, makeWorld } from '../world.ts'

const MiB = 1_048_576
/** Where the fake relay gives up: far beyond what a client may take, and less than a test machine has. */
const givesUpAt = 256 * MiB

let world: World
let http: Server
let streams: WebSocketServer
/** What the relay says after its answer to the cursor. */
let speak: (socket: WebSocket) => Promise<void> | void
/** The size that it names, where it is not beyond any that it brings. */
let named: number | undefined
/** How many streams it still refuses, because it is busy. */
let busy = 0
/** Bytes of frames that left the relay. */
let sent = 0
const folder = mkdtempSync(join(tmpdir(), 'follow-faults-'))
let opened = 0

beforeAll(async () => {
  world = await makeWorld({ members: 2, seed: 'follow faults' })
  http = createServer()
  const problem = JSON.stringify({ detail: '3 streams a member', status: 429, title: 'busy', type: 'relay.busy' })
  streams = new WebSocketServer({
    server: http,
    verifyClient: (_, answer) =>
      busy-- > 0 ? answer(false, 429, problem, { 'Content-Type': 'application/problem+json' }) : answer(true),
  })
  streams.on('connection', socket => {
    socket.on('error', () => undefined)
    socket.on('message', () => {
      socket.send(JSON.stringify({ answer: 'ok', epoch: 'A'.repeat(43), size: named ?? 1_000_000 }))
      void speak(socket)
    })
  })
  http.listen(0, '127.0.0.1')
  await once(http, 'listening')
})
afterAll(() => {
  for (const socket of streams.clients) socket.terminate()
  streams.close()
  http.close()
  rmSync(folder, { recursive: true })
})

/** Frames without end, as fast as the reader takes them. */
const flood = (frame: string) => async (socket: WebSocket) => {
  sent = 0
  while (socket.readyState === socket.OPEN && sent < givesUpAt) {
    await new Promise<void>(resolve => socket.send(frame, () => resolve()))
    sent += frame.length
  }
  socket.close(1001)
}

/** A node that holds the whole log; what it computes with from there on is the caller's. */
async function nodeOf({
  primitives = world.primitives,
  port = (http.address() as AddressInfo).port,
  timeoutMs = 5_000,
} = {}) {
  const { origin } = world
  const store = openStore(join(folder, `${opened++}.db`), { origin, create: true })
  const member = world.members['borsk']
  assert(store.ok && member !== undefined, 'a new store opens, and borsk is a member')
  const { encKey, xwingKey, authSigner: signer } = member
  const genesis = world.logged[0]?.jws ?? ''
  const made = await openMirror({
    store: store.value,
    genesis,
    openKeys: [encKey, xwingKey],
    primitives: world.primitives,
  })
  assert(made.ok, 'the genesis statement is the one pinned')
  assert((await admit(made.value, delivered(), world.checkpoint())).ok, 'the log is the one held')
  const mirror: Mirror = { ...made.value, primitives }
  const random = (length: number): Uint8Array => new Uint8Array(length)
  const url = `http://127.0.0.1:${port}`
  const now = (): number => 0
  const signing = async () => signer
  const address = { url, origin, signer: signing, primitives: world.primitives, now, random, timeoutMs }
  return { mirror, relay: connectRelay(address), epoch: { read: () => undefined, write: () => undefined } }
}

const delivered = (): Delivery[] =>
  world.logged.map(({ entry, index, jws }) => ({ entry: toBase64url(entry), index, jws, seals: [] }))

const frame = (checkpoint: string, entries: readonly Delivery[]): string => JSON.stringify({ checkpoint, entries })

/** A size that the log never reaches, under the log's own key. */
const signedFar = (): string => {
  const { origin, vkey, relay } = world
  return signCheckpoint({ checkpoint: { origin, size: 99_999_999, root: new Uint8Array(32) }, vkey, sign: relay.sign })
}
const next = (length: number): Delivery => ({ entry: 'AAAA', index: world.size, jws: 'x'.repeat(length), seals: [] })

describe('a relay that sends entries without end', () => {
  const codeOf = async (text: string) => {
    speak = flood(text)
    const node = await nodeOf()
    const ended = await catchUp(node).catch((error: Error) => ({ ok: false as const, code: error.message }))
    expect(node.mirror.store.size).toBe(world.size)
    expect(node.mirror.store.isOpen).toBe(true)
    node.mirror.store.close()
    return ended.ok ? 'ok' : ended.code
  }
  test('under a checkpoint that nobody signed is refused at the first frame', async () => {
    const large = Array.from({ length: 16 }, () => next(250_000))
    expect(await codeOf(frame('x\n99999999\n', large))).toBe('log.bad-note')
    // Of the frames that left, all but one lie in the reader's queue and in the sockets.
    expect(sent).toBeLessThan(64 * MiB)
  })
  test('under a checkpoint that the log signed is nonsense after one largest batch', async () => {
    const large = Array.from({ length: 16 }, () => next(250_000))
    expect(await codeOf(frame(signedFar(), large))).toBe('relay.nonsense')
    expect(sent).toBeGreaterThan(32 * MiB)
    expect(sent).toBeLessThan(96 * MiB)
  })
  test('in small pieces is nonsense after as many as the largest batch has', async () => {
    const small = Array.from({ length: 4_000 }, () => next(1))
    expect(await codeOf(frame(signedFar(), small))).toBe('relay.nonsense')
    expect(sent).toBeLessThan(32 * MiB)
  })
})

describe('a relay that answers, and then does not move the log', () => {
  const wordsOf = async () => {
    // Long enough to be answered on a machine that is busy: only then is a relay silent, and not away.
    const node = await nodeOf({ timeoutMs: 2_000 })
    const ended = await catchUp(node).catch((error: unknown) => error)
    expect(node.mirror.store.size).toBe(world.size)
    expect(ended).toBeInstanceOf(NetworkFault)
    return (ended as Error).message
  }
  test('by saying nothing more is silent', async () => {
    speak = () => undefined
    expect(await wordsOf()).toMatch(/^the relay is silent: http/)
  })
  test('by saying the same for ever is silent too', async () => {
    speak = flood(frame(world.checkpoint(), []))
    expect(await wordsOf()).toMatch(/^the relay is silent: http/)
  })
  test('holds no command up: it goes on with what is held', async () => {
    speak = () => undefined
    const { mirror, relay } = await nodeOf({ timeoutMs: 300 })
    const warned: string[] = []
    const session = { mirror, relay, world: { warn: (line: string) => void warned.push(line) } }
    expect(await syncIfReached(session as never)).toBe('away')
    expect(warned.join()).toMatch(/^the relay is silent: .*; going on with the \d+ entries held$/)
  })
})

describe('a relay that is busy', () => {
  const heldSession = async () => {
    const node = await nodeOf({ timeoutMs: 300 })
    const warned: string[] = []
    return { warned, session: { ...node, world: { warn: (line: string) => void warned.push(line) } } }
  }
  test('is asked again until it answers', async () => {
    ;[busy, named] = [3, world.size]
    const node = await nodeOf()
    expect(await catchUp(node)).toEqual({ ok: true, value: world.size })
    expect(busy).toBe(-1)
    named = undefined
    node.mirror.store.close()
  })
  test('for as long as an answer is waited for is a refusal', async () => {
    busy = Infinity
    const { session } = await heldSession()
    expect(await catchUp(session)).toMatchObject({ ok: false, code: 'relay.busy' })
    busy = 0
  })
  test('holds no command up: it goes on with what is held', async () => {
    busy = Infinity
    const { session, warned } = await heldSession()
    expect(await syncIfReached(session as never)).toBe('away')
    expect(warned.join()).toMatch(/^relay.busy: .*3 streams a member; going on with the \d+ entries held$/)
    busy = 0
  })
})

describe('an error of the machine or of our own', () => {
  const bug = (): never => {
    throw new TypeError('a bug')
  }

  test('is no network that is away: nothing is tried again, and the command ends with it', async () => {
    speak = socket => socket.send(frame(world.checkpoint(), delivered()))
    const node = await nodeOf({ primitives: { ...world.primitives, verify: bug } })
    const trouble: string[] = []
    await expect(followLog({ ...node, onTrouble: ({ why }) => trouble.push(why) })).rejects.toThrow('a bug')
    expect(trouble).toEqual([])
    await expect(catchUp(node)).rejects.toThrow(TypeError)
    const warned: string[] = []
    const session = { ...node, world: { warn: (line: string) => warned.push(line) } }
    await expect(syncIfReached(session as never)).rejects.toThrow(TypeError)
    expect(warned).toEqual([])
    node.mirror.store.close()
  })
  test('is not what a relay away is: that is said, and the command goes on with what is held', async () => {
    const node = await nodeOf({ port: 1 })
    await expect(catchUp(node)).rejects.toThrow(NetworkFault)
    const warned: string[] = []
    const session = { ...node, world: { warn: (line: string) => warned.push(line) } }
    expect(await syncIfReached(session as never)).toBe('away')
    expect(warned).toEqual([expect.stringMatching(/^the stream of .* broke: .*; going on with the \d entries held$/)])
    node.mirror.store.close()
  })
  test('is not why what was signed waits at home: that is for a relay that is away', async () => {
    const home = join(folder, 'home')
    const [jws, sid] = ['a.b.c', 'A'.repeat(43)]
    const submission = { jws, seals: [] }
    const item = { chain: { id: 'green', seq: 0 }, disclosures: [], jws, kind: 'x', sid, submission }
    mkdirSync(home)
    keepInOutbox(home, { ...item, v: 2 })
    const { mirror, relay } = await nodeOf({ port: 1 })
    const session = { world: { home, warn: () => undefined }, mirror, keys: { member: 'aldova' } }
    const sentBy = async (by: RelayClient) => sendOutbox({ ...session, relay: by } as never)
    expect(await sentBy(relay)).toMatchObject([{ is: 'kept', why: expect.stringMatching(/cannot be reached/) }])
    const { address } = relay
    const signer = { ...(await address.signer()), sign: bug }
    const spoilt = connectRelay({ ...address, signer: async () => signer })
    await expect(sentBy(spoilt)).rejects.toThrow('a bug')
    mirror.store.close()
  })
  test('is not what a stream cut short is', async () => {
    speak = socket => socket.close(1001)
    const node = await nodeOf()
    await expect(catchUp(node)).rejects.toThrow(NetworkFault)
    node.mirror.store.close()
  })
})
