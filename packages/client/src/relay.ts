import {
  type CosignedFrame,
  CosignedNotes,
  type FailureCode,
  type Hash,
  type Primitives,
  type Result,
  type Signer,
  SubmitResult,
  type Submission,
  canonical,
  check,
  fail,
  failures,
  fromBase64,
  fromUtf8,
  hashBytes,
  limits,
  ok,
  signRequest,
  utf8,
} from '@chancery/protocol'
import { z } from 'zod'

/** Where a relay is, and who asks. The relay is known by its log's origin; the address is only how to reach it. */
export type RelayAddress = {
  readonly url: string
  readonly origin: string
  /** The auth key of the member that asks: asked for anew at each request, since keys change. */
  readonly signer: () => Promise<Signer>
  readonly primitives: Primitives
  readonly now: () => number
  readonly random: (length: number) => Uint8Array
  readonly timeoutMs?: number
}

export const relayTimeoutMs = 15_000
/** Largest answer: 64 receipts, each with a note at its largest, are 5 MiB. */
const answerBytesMax = 8 * 1024 * 1024
const batchMax = 64

const Problem = z.object({
  type: z.string().max(128),
  title: z.string().max(1_024).optional(),
  at: z.string().max(1_024).optional(),
  detail: z.string().max(4_096).optional(),
})
const Results = z.strictObject({ results: z.array(SubmitResult).max(batchMax) })
const Consistency = z.strictObject({ proof: z.array(z.string().max(64)).max(limits.proofHashesMax) })

/** The relay cannot be reached, or the way to it broke: the one error after which it helps to try again. */
export class NetworkFault extends Error {
  override readonly name = 'NetworkFault'
}

/** A relay as a node sees it. Every answer is checked for its shape; a broken network throws NetworkFault. */
export type RelayClient = {
  readonly address: RelayAddress
  readonly submit: (submissions: readonly Submission[]) => Promise<Result<readonly SubmitResult[]>>
  /** The newest signed note, not yet verified. */
  readonly checkpoint: () => Promise<Result<string>>
  readonly consistency: (from: number, to: number) => Promise<Result<readonly Hash[]>>
  /** Notes that a quorum has cosigned, from a number on; not yet verified. */
  readonly notes: (from: number) => Promise<Result<readonly CosignedFrame[]>>
  /** A receipt under a quorum, waited for as long; of the log alone where there is none by then. Not yet verified. */
  readonly receipt: (index: number, waitSeconds: number) => Promise<Result<string>>
}

export function connectRelay(address: RelayAddress): RelayClient {
  const get = (path: string) => ask(address, { method: 'GET', path })
  return {
    address,
    submit: submissions => submit(address, submissions),
    checkpoint: async () => readText(await get('/checkpoint')),
    notes: async from => {
      const read = readJson(await get(`/notes/${from}`), CosignedNotes)
      return read.ok ? ok(read.value.notes) : read
    },
    receipt: async (index, wait) => readText(await get(`/receipt/${index}?wait=${wait}`)),
    consistency: async (from, to) => readProof(await get(`/proof/consistency?from=${from}&to=${to}`)),
  }
}

/** Results stand in the order of the submissions, one for each. */
async function submit(
  address: RelayAddress,
  submissions: readonly Submission[],
): Promise<Result<readonly SubmitResult[]>> {
  const body = utf8(canonical({ submissions } as never))
  const answer = await ask(address, { method: 'POST', path: '/statements', body })
  const results = readJson(answer, Results, 'failures-inside')
  if (!results.ok) return results
  const { length } = results.value.results
  return length === submissions.length ? ok(results.value.results) : nonsense('/results', `${length} results`)
}

type Asked = { readonly method: 'GET' | 'POST'; readonly path: string; readonly body?: Uint8Array<ArrayBuffer> }
type Answered = { readonly status: number; readonly type: string; readonly bytes: Uint8Array }

/** A signed proof for exactly one request: spec/07-relay.md#authentication. */
export async function authorization(address: RelayAddress, { method, path, body }: Asked): Promise<string> {
  const { origin, signer, primitives, now, random } = address
  const proof = await signRequest(await signer(), {
    aud: origin,
    htm: method,
    htu: path,
    body: body ?? new Uint8Array(0),
    iat: now(),
    jti: random(32),
    sha256: primitives.sha256,
  })
  return `Chancery ${proof}`
}

async function ask(address: RelayAddress, asked: Asked): Promise<Answered> {
  const { method, path, body } = asked
  const timeoutMs = address.timeoutMs ?? relayTimeoutMs
  const headers = {
    authorization: await authorization(address, asked),
    ...(body !== undefined && { 'content-type': 'application/json' }),
  }
  try {
    const response = await fetch(address.url + path, {
      method,
      headers,
      redirect: 'error',
      signal: AbortSignal.timeout(timeoutMs),
      ...(body !== undefined && { body }),
    })
    const type = response.headers.get('content-type')?.split(';')[0]?.trim() ?? ''
    return { status: response.status, type, bytes: await readBody(response) }
  } catch (cause) {
    throw new NetworkFault(`the relay at ${address.url} cannot be reached: ${reason(cause)}`, { cause })
  }
}

/** fetch wraps what happened to the socket; people need the inner words. */
function reason(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause)
  const inner = cause.cause instanceof Error ? cause.cause : cause
  return inner.message !== '' ? inner.message : ((inner as { code?: string }).code ?? inner.name)
}

/** Stops reading at the bound: an answer without end fills no memory. */
async function readBody(response: Response): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of response.body ?? []) {
    size += chunk.length
    if (size > answerBytesMax) throw new Error(`an answer of more than ${answerBytesMax} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

const nonsense = (at: string, why: string) => fail('relay.nonsense', at, why)
const isCode = (code: string): code is FailureCode => Object.hasOwn(failures, code)

/** An answer with its failures inside has a status that is not 2xx, and no problem document. */
type Body = 'plain' | 'failures-inside'

function bytesOf(answer: Answered, body: Body = 'plain'): Result<Uint8Array> {
  if (answer.type === 'application/problem+json') return problemOf(answer)
  const good = answer.status >= 200 && answer.status < 300
  if (good || body === 'failures-inside') return ok(answer.bytes)
  return nonsense('status', `status ${answer.status} without a problem document`)
}

/** A refusal as a relay writes it, whichever way it came. */
export function problemOf({ bytes, status }: Pick<Answered, 'bytes' | 'status'>): Result<never> {
  const problem = check(Problem, parse(bytes), 'relay.nonsense', '/problem')
  if (!problem.ok) return problem
  const { type, at, detail } = problem.value
  return isCode(type) ? fail(type, at, detail) : nonsense('/problem/type', `status ${status} with an unknown code`)
}

function readText(answer: Answered): Result<string> {
  const bytes = bytesOf(answer)
  if (!bytes.ok) return bytes
  const text = fromUtf8(bytes.value)
  return text === undefined ? nonsense('body', 'not UTF-8') : ok(text)
}

function readJson<T>(answer: Answered, schema: z.ZodType<T>, body: Body = 'plain'): Result<T> {
  const bytes = bytesOf(answer, body)
  if (!bytes.ok) return bytes
  if (answer.type !== 'application/json') return nonsense('content-type', `"${answer.type}" in place of JSON`)
  return check(schema, parse(bytes.value), 'relay.nonsense', '')
}

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(fromUtf8(bytes) ?? '')
  } catch {
    return undefined
  }
}

function readProof(answer: Answered): Result<readonly Hash[]> {
  const json = readJson(answer, Consistency)
  if (!json.ok) return json
  const hashes = json.value.proof.map(fromBase64)
  const whole = hashes.filter(hash => hash?.length === hashBytes).filter(hash => hash !== undefined)
  return whole.length === hashes.length ? ok(whole) : nonsense('/proof', 'a hash is 32 bytes of base64')
}
