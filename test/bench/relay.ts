import { type ChildProcess, fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { Agent, request } from 'node:http'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import {
  assert,
  canonical,
  leafHash,
  openEntry,
  signCheckpoint,
  signRequest,
  toBase64url,
  utf8,
  createTree,
} from '@chancery/protocol'
import { openStore } from '@chancery/store'
import * as crypto from 'node:crypto'
import { WebSocket } from 'ws'
import { type Corpus, type Holder, origin, primitives, sign, statementsOf } from './corpus.ts'
import { median, printFigure } from './measure.ts'

const { sha256 } = primitives
const random = (length: number): Uint8Array => new Uint8Array(crypto.randomBytes(length))
const now = (): number => Math.floor(Date.now() / 1000)
const publishers = 8
const perRequest = 64
const unlimited = {
  statementsPerSecond: 1_000_000,
  statementsBurst: 1_000_000,
  requestsPerSecond: 1_000_000,
  requestsBurst: 1_000_000,
  // The readers share one process with the publishers here: they are slow, and are not what is measured.
  socketsPerMember: 1_000,
  streamFramesMax: 100_000,
  streamBytesMax: 268_435_456,
  outboundBytesMax: 4_294_967_296,
  slowMs: 120_000,
}

export type Running = {
  readonly port: number
  readonly folder: string
  readonly child: ChildProcess
  readonly readyMs: number
}

/** The relay as an operator runs it: its own process, its own files. */
export async function runRelay(corpus: Corpus, folder: string): Promise<Running> {
  const file = (name: string): string => join(folder, name)
  await writeFile(file('genesis.jws'), corpus.genesis.jws)
  await writeFile(file('log.pem'), corpus.logKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 })
  const config = {
    origin,
    genesis: file('genesis.jws'),
    logKey: file('log.pem'),
    store: file('log.sqlite'),
    port: 0,
    ...unlimited,
  }
  await writeFile(file('relay.json'), JSON.stringify(config))
  const main = fileURLToPath(new URL('../../apps/relay/src/main.ts', import.meta.url))
  const began = performance.now()
  const child = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', main, '--config', file('relay.json')],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  )
  const port = await new Promise<number>((resolve, reject) => {
    let said = ''
    child.stdout.on('data', (chunk: Buffer) => {
      said += String(chunk)
      const found = /"port":(\d+)/.exec(said)?.[1]
      if (found !== undefined) resolve(Number(found))
    })
    child.once('exit', code => reject(new Error(`the relay ended with ${code}`)))
  })
  child.stdout.resume()
  return { port, folder, child, readyMs: performance.now() - began }
}

export async function endRelay({ child }: Running): Promise<void> {
  const ended = once(child, 'exit')
  child.kill('SIGTERM')
  await ended
}

const agent = new Agent({ keepAlive: true, maxSockets: 64 })

async function proofFor(member: Holder, htm: 'GET' | 'POST', htu: string, body: Uint8Array): Promise<string> {
  const proof = await signRequest(member.signers.auth, {
    aud: origin,
    htm,
    htu,
    body,
    iat: now(),
    jti: random(32),
    sha256,
  })
  return `Chancery ${proof}`
}

type Call = { readonly body: Uint8Array; readonly authorization: string }

export async function callOf(member: Holder, statements: readonly { jws: string }[]): Promise<Call> {
  const body = utf8(canonical({ submissions: statements.map(({ jws }) => ({ jws, seals: [] })) }))
  return { body, authorization: await proofFor(member, 'POST', '/statements', body) }
}

export function post(port: number, { body, authorization }: Call): Promise<void> {
  return new Promise((resolve, reject) => {
    const headers = { authorization, 'content-type': 'application/json', 'content-length': body.length }
    const sent = request({ host: '127.0.0.1', port, path: '/statements', method: 'POST', headers, agent }, response => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () =>
        response.statusCode === 201 ? resolve() : reject(new Error(`${response.statusCode} ${Buffer.concat(chunks)}`)),
      )
    })
    sent.on('error', reject)
    sent.end(body)
  })
}

/** Every founder but the first adopts; after it statements of all count. */
export async function adoptAll(corpus: Corpus, port: number): Promise<void> {
  for (const member of corpus.members.slice(1)) {
    const adoption = await sign(member.signers.root, {
      kind: 'charter.adopt',
      iss: member.id,
      coa: corpus.charter.genesis,
      chain: { seq: 0, prev: null },
      seen: seenOf(corpus),
      body: { adopts: corpus.charter.genesis },
    })
    await post(port, await callOf(member, [adoption]))
    adoptions.set(member.id, adoption.sid)
  }
}
const adoptions = new Map<string, string>()

/** The log as it was after the genesis statement: a view that every statement of the bench may truly claim. */
function seenOf(corpus: Corpus): { note: string; root: string; size: number } {
  const leaf = leafHash(sha256, openEntry(corpus.genesis.jws))
  return { note: toBase64url(leaf), root: toBase64url(leaf), size: 1 }
}

/** One request after another for each publisher; each continues its own chain. */
export async function loadOf(corpus: Corpus, perPublisher: number): Promise<readonly (readonly Call[])[]> {
  const members = corpus.members.slice(1, publishers + 1)
  return Promise.all(
    members.map(async member => {
      const from = { seq: 1, prev: adoptions.get(member.id) ?? null }
      const made = await statementsOf(corpus, { member, count: perPublisher, from, seen: seenOf(corpus) })
      adoptions.set(member.id, made.at(-1)?.sid ?? '')
      const calls: Call[] = []
      for (let i = 0; i < made.length; i += perRequest) calls.push(await callOf(member, made.slice(i, i + perRequest)))
      return calls
    }),
  )
}

export async function sendAll(port: number, load: readonly (readonly Call[])[]): Promise<void> {
  await Promise.all(
    load.map(async calls => {
      for (const call of calls) await post(port, call)
    }),
  )
}

const perPublisher = 2_048

/** Durable, verified ingest beside the bare store's group commit and beside signature verification alone. */
export async function benchIngest(corpus: Corpus): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'chancery-bench-'))
  const relay = await runRelay(corpus, folder)
  await adoptAll(corpus, relay.port)
  const load = await loadOf(corpus, perPublisher)
  const began = performance.now()
  await sendAll(relay.port, load)
  const rate = (publishers * perPublisher) / ((performance.now() - began) / 1000)
  await endRelay(relay)
  const bare = await bareStore(corpus)
  await rm(folder, { recursive: true, force: true })
  printFigure({
    what: 'durable ingest (verified, logged, receipt)',
    value: rate,
    unit: '/s',
    goal: '≥ 10,000/s',
    beside: `bare store, batches of 512: ${Math.round(bare)}/s, ${(rate / bare).toFixed(2)} ×`,
  })
}

async function bareStore(corpus: Corpus): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'chancery-bench-'))
  const opened = openStore(join(folder, 'bare.sqlite'), { create: true, origin })
  assert(opened.ok, 'a new store opens')
  const store = opened.value
  const tree = createTree(sha256)
  const batch = 512
  const rates: number[] = []
  for (let round = 0; round < 12; round++) {
    const entries = Array.from({ length: batch }, (_, i) => {
      const entry = random(2_000)
      const about = {
        sid: toBase64url(sha256(entry)),
        kind: 'x',
        iss: 'm',
        tlp: 'clear',
        chain: 'clear',
        seq: round * batch + i,
      } as const
      return { entry, leaf: leafHash(sha256, entry), jws: toBase64url(entry), about, seals: [], disclosures: [] }
    })
    for (const { leaf } of entries) tree.append(leaf)
    const root = tree.root()
    const note = signCheckpoint({
      checkpoint: { origin, size: tree.size, root },
      vkey: corpus.vkey,
      sign: message => new Uint8Array(crypto.sign(null, message, corpus.logKey)),
    })
    const began = performance.now()
    store.append({ expectedSize: round * batch, entries, note, root })
    rates.push(batch / ((performance.now() - began) / 1000))
  }
  store.close()
  await rm(folder, { recursive: true, force: true })
  return median(rates)
}

const subscribers = 100

/** Live fan-out while statements are coming in, beside a bare `ws` broadcast of as many bytes to as many sockets. */
export async function benchFanout(corpus: Corpus): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'chancery-bench-'))
  const relay = await runRelay(corpus, folder)
  await adoptAll(corpus, relay.port)
  const load = await loadOf(corpus, perPublisher)
  const [first] = corpus.members
  assert(first !== undefined, 'the corpus has a member')
  const total = corpus.members.length + publishers * perPublisher
  const sockets = await Promise.all(Array.from({ length: subscribers }, () => subscribe(relay.port, first, total)))
  const began = performance.now()
  await sendAll(relay.port, load)
  await Promise.all(sockets.map(({ done }) => done))
  const rate = (publishers * perPublisher * subscribers) / ((performance.now() - began) / 1000)
  for (const { close } of sockets) close()
  await endRelay(relay)
  await rm(folder, { recursive: true, force: true })
  const bare = await bareBroadcast()
  printFigure({
    what: `live fan-out to ${subscribers} under ingest`,
    value: rate / bare,
    unit: '× bare ws',
    goal: '≥ 4 ×',
    beside: `${Math.round(rate)}/s beside ${Math.round(bare)}/s deliveries`,
  })
}

type Subscribed = { readonly done: Promise<void>; readonly close: () => void }

/** A member's stream, read only as far as the size in each checkpoint: the reader must not be what is measured. */
async function subscribe(port: number, member: Holder, total: number): Promise<Subscribed> {
  const authorization = await proofFor(member, 'GET', '/stream', new Uint8Array(0))
  const socket = new WebSocket(`ws://127.0.0.1:${port}/stream`, {
    headers: { authorization },
    perMessageDeflate: false,
    maxPayload: 64_000_000,
  })
  await once(socket, 'open')
  socket.send(canonical({ resume: null }))
  let reached = (): void => {}
  const done = new Promise<void>((resolve, reject) => {
    reached = resolve
    socket.on('close', (code, why) => reject(new Error(`a reader was cut: ${code} ${why}`)))
  })
  const caughtUp = new Promise<void>(resolve => {
    socket.on('message', (data: Buffer) => {
      const size = Number(/\\n(\d+)\\n/.exec(data.toString('latin1', 0, 200))?.[1] ?? -1)
      if (size > 0) resolve()
      if (size >= total) reached()
    })
  })
  await caughtUp
  return {
    done,
    close: () => {
      socket.removeAllListeners('close')
      socket.terminate()
    },
  }
}

async function bareBroadcast(): Promise<number> {
  const child = fork(fileURLToPath(new URL('./bare-ws.ts', import.meta.url)), {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  const [{ port }] = (await once(child, 'message')) as [{ port: number }]
  const count = 4_000
  let left = count * subscribers
  let reached = (): void => {}
  const done = new Promise<void>(resolve => (reached = resolve))
  const sockets = await Promise.all(
    Array.from({ length: subscribers }, async () => {
      const socket = new WebSocket(`ws://127.0.0.1:${port}`, { perMessageDeflate: false })
      await once(socket, 'open')
      socket.on('message', () => {
        if (--left === 0) reached()
      })
      return socket
    }),
  )
  const began = performance.now()
  child.send({ text: 'x'.repeat(2_700), count })
  await done
  const rate = (count * subscribers) / ((performance.now() - began) / 1000)
  for (const socket of sockets) socket.terminate()
  child.kill()
  return rate
}

/** From the start of the process to the port, with few and with many statements on the log. */
export async function benchStartUp(corpus: Corpus): Promise<void> {
  const times = new Map<number, number>()
  for (const size of [1_000, 100_000]) {
    const folder = await mkdtemp(join(tmpdir(), 'chancery-bench-'))
    const filling = await runRelay(corpus, folder)
    await adoptAll(corpus, filling.port)
    for (let left = size; left > 0; left -= publishers * perPublisher) {
      await sendAll(
        filling.port,
        await loadOf(corpus, Math.ceil(Math.min(left, publishers * perPublisher) / publishers)),
      )
    }
    await endRelay(filling)
    const starts: number[] = []
    for (let round = 0; round < 5; round++) {
      const relay = await runRelay(corpus, folder)
      starts.push(relay.readyMs)
      await endRelay(relay)
    }
    times.set(size, median(starts))
    await rm(folder, { recursive: true, force: true })
  }
  const [few, many] = [times.get(1_000) ?? 0, times.get(100_000) ?? 0]
  printFigure({
    what: 'relay start-up, 100,000 beside 1,000 statements',
    value: many / few,
    unit: '×',
    goal: '≤ 1.5 ×',
    beside: `${Math.round(many)} ms beside ${Math.round(few)} ms`,
  })
}
