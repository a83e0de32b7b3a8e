import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { Agent, request } from 'node:http'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { canonical, leafHash, openEntry, signRequest, toBase64url, utf8 } from '@chancery/protocol'
import * as crypto from 'node:crypto'
import { type Corpus, type Holder, origin, primitives, sign, statementsOf } from './corpus.ts'

const { sha256 } = primitives
const random = (length: number): Uint8Array => new Uint8Array(crypto.randomBytes(length))
const now = (): number => Math.floor(Date.now() / 1000)
export const publishers = 8
const perRequest = 64
/** One process speaks for all members: quotas of one are not what is measured. All else is as it is delivered. */
const unlimited = {
  statementsPerSecond: 1_000_000,
  statementsBurst: 1_000_000,
  requestsPerSecond: 1_000_000,
  requestsBurst: 1_000_000,
  socketsPerMember: 1_000,
}

export type Running = {
  readonly port: number
  readonly folder: string
  readonly child: ChildProcess
  readonly readyMs: number
}

export const storeFile = (folder: string): string => join(folder, 'log.sqlite')

/** The relay as an operator runs it: its own process, its own files. */
export async function runRelay(corpus: Corpus, folder: string): Promise<Running> {
  const file = (name: string): string => join(folder, name)
  await writeFile(file('genesis.jws'), corpus.genesis.jws)
  await writeFile(file('log.pem'), corpus.logKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 })
  const config = {
    origin,
    genesis: file('genesis.jws'),
    logKey: file('log.pem'),
    store: storeFile(folder),
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

export async function proofFor(member: Holder, htm: 'GET' | 'POST', htu: string, body: Uint8Array): Promise<string> {
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
    chains.set(member.id, { seq: 1, prev: adoption.sid })
  }
}
/** Where each publisher's chain goes on. */
const chains = new Map<string, { readonly seq: number; readonly prev: string | null }>()

/** The log as it was after the genesis statement: a view that every statement of the bench may truly claim. */
export function seenOf(corpus: Corpus): { note: string; root: string; size: number } {
  const leaf = leafHash(sha256, openEntry(corpus.genesis.jws))
  return { note: toBase64url(leaf), root: toBase64url(leaf), size: 1 }
}

/** One request after another for each publisher; each continues its own chain. */
export async function loadOf(corpus: Corpus, perPublisher: number): Promise<readonly (readonly Call[])[]> {
  const members = corpus.members.slice(1, publishers + 1)
  return Promise.all(
    members.map(async member => {
      const from = chains.get(member.id) ?? { seq: 0, prev: null }
      const made = await statementsOf(corpus, { member, count: perPublisher, from, seen: seenOf(corpus) })
      chains.set(member.id, { seq: from.seq + made.length, prev: made.at(-1)?.sid ?? from.prev })
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
