import { createPrivateKey, hash, randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  type Cursor,
  type Json,
  type ResumeAnswer,
  type Sha256,
  type Signer,
  type StreamFrame,
  type SubmitResult,
  canonical,
  signRequest,
  utf8,
} from '@chancery/protocol'
import { type Relay, startRelay } from '@chancery/relay'
import { WebSocket } from 'ws'
import { submissionOf } from '../deliveries.ts'
import { type StatementOptions, type World, derive, makeWorld, mlDsaSeed } from '../world.ts'

export { submissionOf } from '../deliveries.ts'

export const sha256: Sha256 = bytes => hash('sha256', bytes, 'buffer')
export const seed = 'the relay under test'
// Quotas have a test of their own; everywhere else they would only be in the way.
const noQuota = {
  statementsPerSecond: 1_000_000,
  statementsBurst: 1_000_000,
  requestsPerSecond: 1_000_000,
  requestsBurst: 1_000_000,
}

export type Files = {
  readonly folder: string
  readonly config: Record<string, string | number>
  readonly remove: () => void
}

/** The files an operator has: genesis statement, log key, configuration. Real ones, in a folder of their own. */
export function makeFiles(world: World, folder = mkdtempSync(join(tmpdir(), 'chancery-relay-'))): Files {
  const file = (name: string): string => join(folder, name)
  writeFileSync(file('genesis.jws'), world.logged[0]?.jws ?? '')
  const second = world.families.includes('ml-dsa-44') ? pemOf(mlDsaSeed(world.seed, 'log'), mlDsaPrefix) : ''
  writeFileSync(file('log.pem'), pemOf(derive(world.seed, 'relay')) + second, { mode: 0o600 })
  const config = {
    origin: world.origin,
    genesis: file('genesis.jws'),
    logKey: file('log.pem'),
    store: file('log.sqlite'),
    port: 0,
    ...noQuota,
  }
  writeFileSync(file('relay.json'), JSON.stringify(config))
  return { folder, config, remove: () => rmSync(folder, { recursive: true, force: true }) }
}

/** PKCS#8 of an ML-DSA-44 seed: RFC 9881, in the form of the seed alone. */
const mlDsaPrefix = '3034020100300b060960864801650304031104228020'
/** PKCS#8 of an Ed25519 seed: RFC 8410, its fixed prefix and 32 bytes. */
export function pemOf(secret: Uint8Array, prefix = '302e020100300506032b657004220420'): string {
  const der = Buffer.concat([Buffer.from(prefix, 'hex'), secret])
  return String(createPrivateKey({ key: der, format: 'der', type: 'pkcs8' }).export({ format: 'pem', type: 'pkcs8' }))
}

export const world = (options: Partial<Parameters<typeof makeWorld>[0]> = {}): Promise<World> =>
  makeWorld({ members: 3, seed, ...options })

/** Sends everything that happened in the world to the relay, in the order of the log. */
export async function replay(made: World, api: Api, from = 1): Promise<SubmitResult[]> {
  const results: SubmitResult[] = []
  for (const logged of made.logged.slice(from)) {
    const { body } = await api.submit(logged.statement.iss, [await submissionOf(made, logged)])
    results.push(...body.results)
  }
  return results
}

export type Answer<T> = { readonly status: number; readonly headers: Headers; readonly text: string; readonly body: T }
type Problem = {
  readonly type: string
  readonly status: number
  readonly title: string
  readonly detail?: string
  readonly at?: string
}
/** What a caller does wrong on purpose. */
export type Wrong = {
  readonly authorization?: string | null
  readonly signer?: Signer
  readonly iat?: number
  readonly aud?: string
  readonly signedPath?: string
  readonly signedBody?: string
  readonly signedMethod?: 'GET' | 'POST'
}
type Call = Wrong & {
  readonly method?: 'GET' | 'POST'
  readonly path: string
  readonly body?: string
  readonly headers?: Record<string, string>
}

export type Api = ReturnType<typeof apiOf>

/** A relay as its members call it, over real sockets. */
export function apiOf(made: World, url: string) {
  const authorization = async (member: string, call: Call): Promise<string> => {
    const { path, body = '', method = 'GET' } = call
    const signer = call.signer ?? made.members[member]?.authSigner
    if (signer === undefined) throw new Error(`${member} is no member`)
    const proof = await signRequest(signer, {
      aud: call.aud ?? made.origin,
      htm: call.signedMethod ?? method,
      htu: call.signedPath ?? path,
      body: utf8(call.signedBody ?? body),
      iat: call.iat ?? Math.floor(Date.now() / 1_000),
      jti: randomBytes(32),
      sha256,
    })
    return `Chancery ${proof}`
  }
  const call = async <T = Problem>(member: string, asked: Call): Promise<Answer<T>> => {
    const proof = asked.authorization === undefined ? await authorization(member, asked) : asked.authorization
    const headers = { ...(proof !== null && { authorization: proof }), ...asked.headers }
    const { method = 'GET', path, body } = asked
    const response = await fetch(url + path, { method, headers, ...(body !== undefined && { body }) })
    const text = await response.text()
    const json = response.headers.get('content-type')?.includes('json') === true ? (JSON.parse(text) as T) : ({} as T)
    return { status: response.status, headers: response.headers, text, body: json }
  }
  return {
    url,
    call,
    authorization,
    get: <T = Problem>(member: string, path: string) => call<T>(member, { path }),
    submit: (member: string, submissions: readonly unknown[], wrong: Wrong = {}) => {
      const body = canonical({ submissions } as Json)
      return call<{ readonly results: SubmitResult[] }>(member, { method: 'POST', path: '/statements', body, ...wrong })
    },
    stream: async (
      member: string,
      resume: Cursor | null,
      options: { headers?: Record<string, string>; silent?: boolean } = {},
    ) => {
      const proof = await authorization(member, { path: '/stream' })
      return openStream(
        `${url.replace('http', 'ws')}/stream`,
        { authorization: proof, ...options.headers },
        options.silent === true ? undefined : resume,
      )
    },
  }
}

export type Stream = {
  readonly socket: WebSocket
  readonly answer: () => Promise<ResumeAnswer>
  /** Frames until the log has this size. */
  readonly until: (size: number) => Promise<StreamFrame[]>
  /** The note that a witness is asked to cosign, once it is of this size. */
  readonly asked: (size: number) => Promise<string>
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>
}

/** `resume` undefined says nothing at all. */
function openStream(url: string, headers: Record<string, string>, resume: Cursor | null | undefined): Stream {
  const socket = new WebSocket(url, { headers, perMessageDeflate: false })
  const texts: string[] = []
  let wake: () => void = () => undefined
  const state: { ended?: Error } = {}
  const end = (error: Error): void => {
    state.ended ??= error
    wake()
  }
  socket.on('message', data => {
    texts.push(String(data))
    wake()
  })
  socket.on('open', () => resume !== undefined && socket.send(canonical({ resume } as Json)))
  const closed = new Promise<{ code: number; reason: string }>(resolve => {
    socket.on('close', (code, reason) => {
      resolve({ code, reason: String(reason) })
      end(new Error(`closed with ${code} ${String(reason)}`))
    })
    socket.on('unexpected-response', (_request, response) => {
      resolve({ code: response.statusCode ?? 0, reason: String(response.headers['content-type']) })
      end(new Error(`refused with ${response.statusCode}`))
      response.resume()
      socket.terminate()
    })
  })
  socket.on('error', end)
  const next = async (): Promise<unknown> => {
    while (texts.length === 0 && state.ended === undefined) await new Promise<void>(resolve => (wake = resolve))
    const text = texts.shift()
    if (text === undefined) throw state.ended ?? new Error('no message')
    return JSON.parse(text)
  }
  return {
    socket,
    closed,
    answer: () => next() as Promise<ResumeAnswer>,
    async until(size) {
      const frames: StreamFrame[] = []
      while ((frames.at(-1)?.entries.at(-1)?.index ?? -1) + 1 < size) {
        const said = (await next()) as object
        // What is asked of witnesses goes between frames of entries.
        if ('entries' in said) frames.push(said as StreamFrame)
      }
      return frames
    },
    async asked(size) {
      for (;;) {
        const { cosign } = (await next()) as { cosign?: string }
        if (cosign?.split('\n')[1] === String(size)) return cosign
      }
    },
  }
}

export type Running = {
  readonly relay: Relay
  readonly api: Api
  readonly files: Files
  readonly world: World
  readonly lines: readonly string[]
  /** Resolves when the journal has such a line. */
  readonly heard: (pattern: RegExp) => Promise<void>
}

/** A relay in this process, over real sockets and files, that has replayed its world. */
export async function running(
  made: World,
  config: Record<string, string | number> = {},
  options: { files?: Files; onFault?: (fault: Error) => void } = {},
): Promise<Running> {
  const files = options.files ?? makeFiles(made)
  const lines: string[] = []
  const waiting: (() => void)[] = []
  const write = (line: string): void => {
    lines.push(line)
    for (const wake of waiting.splice(0)) wake()
  }
  const heard = async (pattern: RegExp): Promise<void> => {
    while (!lines.some(line => pattern.test(line))) await new Promise<void>(resolve => waiting.push(resolve))
  }
  const relay = await startRelay(
    { ...files.config, ...config },
    { write, onFault: options.onFault ?? (() => undefined) },
  )
  return { relay, api: apiOf(made, relay.url), files, world: made, lines, heard }
}

export const attribution = (made: World, tlp: StatementOptions['tlp'] = 'clear', by = 0, opts: StatementOptions = {}) =>
  made.statement('attribution.statement', made.ids[by] ?? '', attributionBody, { tlp, ...opts })

const attributionBody = {
  title: 'Intrusion into harbour systems',
  summary: 'The widest text of a story that never happened.',
  kind: 'political',
  publicity: 'coalition',
  incidents: [{ ref: 'case-1', title: 'Harbour systems' }],
  claims: [
    {
      id: 'c1',
      named: 'organ',
      name: 'An organ',
      stance: 'attributes',
      basis: 'own-assessment',
      confidence: 'moderate',
      likelihood: { scale: 'icd203', term: 'likely' },
      evidence: [],
    },
  ],
  evidence: [],
}
