import type { HttpBindings } from '@hono/node-server'
import {
  type FailureCode,
  type Result,
  type SubmitResult,
  consistencyProof,
  fail,
  fromBase64url,
  isSize,
  parseTilePath,
  toBase64,
} from '@chancery/protocol'
import { type Context, Hono } from 'hono'
import { admit } from './admit.ts'
import type { Authenticate, Caller } from './auth.ts'
import type { ReadBody } from './body.ts'
import { type Config, submissionsMax } from './config.ts'
import { carrierOf, formatAsked } from './deliver.ts'
import type { Journal } from './journal.ts'
import type { Log } from './log.ts'
import { type Refusal, problem, securityHeaders, statusOf } from './problem.ts'
import type { Quota } from './quota.ts'
import { type Sequence, receipts } from './sequence.ts'
import { type Witnessing, witnessedHead } from './witness.ts'
import { readSubmissions } from './submissions.ts'

export type Deps = {
  readonly log: Log
  readonly config: Config
  readonly authenticate: Authenticate
  readonly readBody: ReadBody
  readonly quota: Quota
  readonly sequence: Sequence
  readonly journal: Journal
  readonly witnessing: Witnessing
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** Why nothing is accepted any more, once that is so. */
  readonly closed: () => FailureCode | undefined
}

type Env = { Bindings: HttpBindings; Variables: { member: string; code: FailureCode } }
type Asked = Context<Env>

/** spec/07-relay.md#http. Routes translate and decide nothing. */
export function createApp(deps: Deps): Hono<Env> {
  const app = new Hono<Env>({ strict: true })
  const { log, closed } = deps

  app.use(async (c, next) => {
    const began = performance.now()
    await next()
    for (const [name, value] of Object.entries(securityHeaders)) c.res.headers.set(name, value)
    report(deps, c, performance.now() - began)
  })
  app.get('/health', c => c.json({ status: 'ok' }))
  app.get('/ready', c => {
    const code = closed()
    return code === undefined ? c.json({ size: log.store.size, status: 'ready' }) : refuse(c, { ok: false, code })
  })

  app.post('/statements', async c => post(c, deps))
  const get = (path: string, answer: (c: Asked, member: string) => Response | Promise<Response>): void => {
    app.get(path, c => {
      const caller = called(c, deps)
      if (!caller.ok) return refuse(c, caller)
      const signed = caller.value.signed(new Uint8Array(0))
      return signed.ok ? answer(c, caller.value.member) : refuse(c, signed)
    })
  }
  get('/statements/:name', (c, member) => statement(c, deps, member))
  get('/checkpoint', c => c.text(newestNote(log)))
  get('/checkpoint/witnessed', c => witnessed(c, log))
  get('/policy', c => policy(c, log))
  get('/notes/:from', c => notes(c, log))
  get('/tile/*', c => tile(c, log))
  get('/receipt/:index', c => receipt(c, deps))
  get('/proof/consistency', c => consistency(c, log))
  get('/charter', c => c.json(charter(log)))

  app.notFound(c => refuse(c, fail('auth.not-entitled')))
  app.onError((fault, c) => {
    deps.journal({ event: 'request.fault', reason: fault.message })
    return fault.name === 'StoreFault' ? refuse(c, fail('relay.store-failed')) : new Response(null, { status: 500 })
  })
  return app
}

function refuse(c: Asked, refusal: Refusal, connection?: 'close'): Response {
  c.set('code', refusal.code)
  return problem(refusal, connection)
}

function report({ journal }: Deps, c: Asked, ms: number): void {
  const [route, member, code] = [c.req.routePath, c.get('member'), c.get('code')]
  journal({
    event: 'request',
    route,
    ...(member !== undefined && { member }),
    status: c.res.status,
    ...(code !== undefined && { code }),
    ms: Math.round(ms),
  })
}

// Node and hono must read one path alike: what could be read in two ways is no path of ours.
const plainTarget = /^(\/[A-Za-z0-9._-]+)+(\?[a-z]+=[0-9]+(&[a-z]+=[0-9]+)*)?$/

/** Who calls; the proof must be for the target as it stood in the request line. */
function called(c: Asked, { authenticate, closed }: Deps): Result<Caller> {
  const code = closed()
  if (code !== undefined) return fail(code)
  const htu = c.env.incoming.url ?? ''
  if (!plainTarget.test(htu)) return fail('auth.not-entitled')
  const htm = c.req.method === 'POST' ? 'POST' : 'GET'
  const caller = authenticate({ authorization: c.env.incoming.headers.authorization, htm, htu })
  if (caller.ok) c.set('member', caller.value.member)
  return caller
}

/** spec/07-relay.md#submission. A body is read for a proven member only. */
async function post(c: Asked, deps: Deps): Promise<Response> {
  const { log, readBody, quota, sequence } = deps
  const caller = called(c, deps)
  if (!caller.ok) return refuse(c, caller)
  const body = await readBody(c.env.incoming)
  // The rest of a body that was too long is not read: the connection ends with the answer.
  if (!body.ok) return refuse(c, body, 'close')
  const signed = caller.value.signed(body.value)
  if (!signed.ok) return refuse(c, signed)
  const code = deps.closed()
  if (code !== undefined) return refuse(c, fail(code))
  const submissions = readSubmissions(body.value, submissionsMax)
  if (!submissions.ok) return refuse(c, submissions)
  const { member } = caller.value
  const tooMany = quota(member, submissions.value.length)
  if (tooMany !== undefined) return refuse(c, tooMany)

  const { length } = submissions.value
  if (!sequence.hasRoom(length)) return refuse(c, fail('relay.busy', undefined, 'too many statements are waiting'))
  const admitting = Promise.all(submissions.value.map(submission => admit(submission, member, log)))
  return answerAll(c, await sequence.put(admitting, { count: length, bytes: body.value.length }))
}

function answerAll(c: Asked, results: readonly SubmitResult[]): Response {
  const refused = results.find(result => 'code' in result)
  const code = refused === undefined ? undefined : (refused.code as FailureCode)
  if (code !== undefined) c.set('code', code)
  const status = code === undefined ? 201 : statusOf(code)
  const headers = { 'content-type': 'application/json', ...(status === 503 && { 'retry-after': '5' }) }
  return new Response(JSON.stringify({ results }), { status, headers })
}

/** By index, by the sid of what anyone may read, by the commitment of what is sealed. Absent and forbidden are one. */
function statement(c: Asked, { log }: Pick<Deps, 'log'>, member: string): Response {
  const index = indexNamed(log, c.req.param('name') ?? '')
  const stored = index === undefined ? undefined : log.store.entry(index)
  const text = stored && formatAsked(stored, carrierOf(log.charter, member))
  return text === undefined ? refuse(c, fail('auth.not-entitled')) : json(text)
}

function indexNamed({ store }: Log, name: string): number | undefined {
  const commitment = fromBase64url(name)
  if (commitment?.length === 32) return store.indexOf(name) ?? store.indexOfCommitment(commitment)
  return number(name)
}

/** spec/06-log.md#tiles. Hashes and entries name nobody and hold no restricted text: every member may have them. */
function tile(c: Asked, { store }: Log): Response {
  const address = parseTilePath((c.env.incoming.url ?? '').slice(1))
  if (!address.ok) return refuse(c, address)
  const { level, index, width } = address.value
  const bytes = level === 'entries' ? store.bundle(index, width) : store.tile(level, index, width)
  if (bytes === undefined) return refuse(c, fail('log.bad-path', undefined, `the log has ${store.size} entries`))
  return new Response(bytes.slice(), { headers: { 'content-type': 'application/octet-stream' } })
}

const waitSecondsMax = 10

/** Under a quorum where there is one, which a caller may wait for; else against the newest checkpoint. */
async function receipt(c: Asked, { log, witnessing }: Pick<Deps, 'log' | 'witnessing'>): Promise<Response> {
  const [index, wait] = [number(c.req.param('index')), number(c.req.query('wait') ?? '0')]
  const stored = index === undefined ? undefined : log.store.entry(index)
  if (stored === undefined || wait === undefined || wait > waitSecondsMax) return refuse(c, fail('log.bad-path'))
  if (wait > 0) await witnessing.covers(stored.index, wait * 1_000)
  if (!log.store.isOpen) return refuse(c, fail('relay.busy'))
  const head = witnessedHead(log)
  const covers = head !== undefined && head.size > stored.index
  return c.text((covers ? receipts(log, head) : receipts(log))(stored.index, stored.entry))
}

/** The newest signed note, with all that has cosigned it. */
function newestNote({ store }: Log): string {
  const cosigned = store.newestCosigned()
  return (cosigned?.size === store.size ? cosigned.note : store.head?.note) ?? ''
}

function witnessed(c: Asked, log: Log): Response {
  const head = witnessedHead(log)
  return head === undefined ? refuse(c, fail('log.no-quorum')) : c.text(head.note)
}

function policy(c: Asked, log: Log): Response {
  const text = log.charter.charter.policy
  return text === undefined ? refuse(c, fail('auth.not-entitled')) : c.text(text)
}

/** At most 64, and no more than two of the largest: a page of a list that only grows. */
const [notesMax, noteCharsMax] = [64, 131_072]

function notes(c: Asked, { store }: Log): Response {
  const from = number(c.req.param('from'))
  if (from === undefined) return refuse(c, fail('log.bad-path'))
  let chars = 0
  const kept = store.cosignedFrom(from, notesMax).filter(({ note }, i) => {
    chars += note.length
    return i === 0 || chars <= noteCharsMax
  })
  return json(JSON.stringify({ notes: kept.map(({ note, number: place }) => ({ cosigned: note, number: place })) }))
}

function consistency(c: Asked, { store, primitives: { sha256 } }: Log): Response {
  const [from, to] = [number(c.req.query('from')), number(c.req.query('to'))]
  if (from === undefined || to === undefined || from > to || to > store.size) return refuse(c, fail('log.bad-path'))
  return json(JSON.stringify({ proof: consistencyProof({ sha256, from, to, read: store.read }).map(toBase64) }))
}

function number(text: string | undefined): number | undefined {
  const value = text !== undefined && /^(0|[1-9]\d{0,15})$/.test(text) ? Number(text) : undefined
  return value !== undefined && isSize(value) ? value : undefined
}

/** What a new member needs to check the log: the genesis statement, and who has adopted it since, in order. */
function charter({ genesis, store }: Log): { genesis: string; statements: string[] } {
  const statements = store
    .ofKinds('charter.')
    .filter(({ index }) => index > 0)
    .map(({ jws }) => jws)
  return { genesis, statements }
}

const json = (body: string): Response => new Response(body, { headers: { 'content-type': 'application/json' } })
