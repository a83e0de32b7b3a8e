import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { assert, canonical } from '@chancery/protocol'
import type { Corpus } from './corpus.ts'
import { median, printFigure } from './measure.ts'
import type { Report, Task } from './readers.ts'
import { type Running, adoptAll, endRelay, loadOf, proofFor, publishers, runRelay, sendAll } from './relay-run.ts'

const readers = 400
const perPublisher = 512
const rounds = 5
const bareCount = 1_000

/**
 * Live fan-out while statements come in: all readers hold all statements, from the first request sent to the last byte
 * read. Beside it a bare `ws` broadcast, one message a statement, of as many bytes to as many sockets. The readers are
 * one process of their own, the same for both; so many that sending is what takes the time, not the ingest before it.
 */
export async function benchFanout(corpus: Corpus): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'chancery-bench-'))
  const relay = await runRelay(corpus, folder)
  await adoptAll(corpus, relay.port)
  const live = await followRelay(corpus, relay)
  // The first round warms both up, and says how many bytes a statement is to a reader.
  const { bytesEach } = await live.round()
  const bare = await followBare(bytesEach)
  await bare.round()
  const [rates, bares]: [number[], number[]] = [[], []]
  for (let round = 0; round < rounds; round++) {
    rates.push((await live.round()).rate)
    bares.push((await bare.round()).rate)
  }
  await bare.end()
  await live.end()
  await endRelay(relay)
  await rm(folder, { recursive: true, force: true })
  const ratios = rates.map((rate, i) => rate / (bares[i] ?? 1))
  const spread = [Math.min(...ratios), Math.max(...ratios)].map(ratio => ratio.toFixed(2)).join(' to ')
  printFigure({
    what: `live fan-out to ${readers} under ingest`,
    value: median(ratios),
    unit: '× bare ws',
    goal: '≥ 4 ×',
    beside: `${spread}; ${Math.round(median(rates))}/s beside ${Math.round(median(bares))}/s deliveries`,
  })
}

/** Rounds of one side: deliveries a second, and bytes of one on the wire. */
type Side = {
  readonly round: () => Promise<{ readonly rate: number; readonly bytesEach: number }>
  readonly end: () => Promise<void>
}

async function followRelay(corpus: Corpus, { port }: Running): Promise<Side> {
  const begin = corpus.members.length
  const count = publishers * perPublisher
  const upgrades = await Promise.all(Array.from({ length: readers }, (_, i) => upgradeAs(corpus, i)))
  const marks = Array.from({ length: rounds + 2 }, (_, i) => begin + i * count)
  const crowd = await gather({ port, upgrades, hello: canonical({ resume: null }), marks })
  return {
    async round() {
      const load = await loadOf(corpus, perPublisher)
      const began = performance.now()
      const [bytes] = await Promise.all([crowd.next(), sendAll(port, load)])
      return rateOf(count, bytes, began)
    },
    end: crowd.end,
  }
}

async function followBare(bytesEach: number): Promise<Side> {
  const child = forkOf('bare-ws.ts')
  const [{ port }] = (await once(child, 'message')) as [{ port: number }]
  const upgrades = Array.from({ length: readers }, () => upgradeOf('/', []))
  const marks = Array.from({ length: rounds + 2 }, (_, i) => i * bareCount * bytesEach)
  const crowd = await gather({ port, upgrades, marks })
  return {
    async round() {
      const began = performance.now()
      // Four bytes of each message are the head of its frame.
      child.send({ bytes: bytesEach - 4, count: bareCount })
      return rateOf(bareCount, await crowd.next(), began)
    },
    async end() {
      await crowd.end()
      child.kill()
    },
  }
}

const rateOf = (count: number, bytes: number, began: number) => ({
  rate: (count * readers) / ((performance.now() - began) / 1000),
  bytesEach: Math.round(bytes / readers / count),
})

const forkOf = (file: string): ChildProcess =>
  fork(fileURLToPath(new URL(file, import.meta.url)), { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })

async function upgradeAs({ members }: Corpus, i: number): Promise<string> {
  const member = members[i % members.length]
  assert(member !== undefined, 'the corpus has members')
  return upgradeOf('/stream', [`Authorization: ${await proofFor(member, 'GET', '/stream', new Uint8Array(0))}`])
}

const upgradeOf = (path: string, more: readonly string[]): string =>
  [
    `GET ${path} HTTP/1.1`,
    'Host: 127.0.0.1',
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
    ...more,
    '\r\n',
  ].join('\r\n')

type Crowd = {
  /** Bytes read since the last mark, when all readers have come to the next. */
  readonly next: () => Promise<number>
  readonly end: () => Promise<void>
}

/** All readers, connected and at the first mark. */
async function gather(task: Task): Promise<Crowd> {
  const child = forkOf('readers.ts')
  const ended = once(child, 'exit')
  const died = ended.then(() => Promise.reject(new Error('the readers ended early')))
  died.catch(() => undefined)
  let known = 0
  const next = async (): Promise<number> => {
    const [{ bytes }] = (await Promise.race([once(child, 'message'), died])) as [Report]
    const more = bytes - known
    known = bytes
    return more
  }
  child.send(task)
  await next()
  const end = async (): Promise<void> => {
    child.kill()
    await ended
  }
  return { next, end }
}
