import { type Failure, type FailureCode, failures } from '@chancery/protocol'

/** On every answer, whatever its status: spec/07-relay.md#http. The relay serves no page: nothing may run or frame. */
export const securityHeaders = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'interest-cohort=()',
  'referrer-policy': 'no-referrer',
  'strict-transport-security': 'max-age=63072000',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
} as const

/** A failure, and when to come again where that helps. */
export type Refusal = Failure & { readonly retryAfterSeconds?: number }

export const statusOf = (code: FailureCode): number => failures[code].http

/** spec/07-relay.md#errors, RFC 9457: `type` is the code. */
export function problemBody({ code, at, why }: Failure): string {
  const { means, http: status } = failures[code]
  const where = { ...(at !== undefined && { at }), ...(why !== undefined && { detail: why }) }
  return JSON.stringify({ ...where, status, title: means, type: code })
}

export function problemHeaders({ code, retryAfterSeconds }: Refusal): Record<string, string> {
  const waits = retryAfterSeconds ?? (statusOf(code) === 503 ? 5 : statusOf(code) === 429 ? 1 : undefined)
  return {
    'content-type': 'application/problem+json',
    ...(waits !== undefined && { 'retry-after': String(waits) }),
    ...(statusOf(code) === 401 && { 'www-authenticate': 'Chancery' }),
  }
}

export function problem(refusal: Refusal, connection?: 'close'): Response {
  const headers = { ...securityHeaders, ...problemHeaders(refusal), ...(connection !== undefined && { connection }) }
  return new Response(problemBody(refusal), { status: statusOf(refusal.code), headers })
}

/** The same answer on a socket that no Response reaches: a refused upgrade, a request Node could not parse. */
export function rawProblem(refusal: Refusal, status = statusOf(refusal.code)): string {
  const body = problemBody(refusal)
  const length = { 'content-length': String(Buffer.byteLength(body)), connection: 'close' }
  const headers = { ...securityHeaders, ...problemHeaders(refusal), ...length }
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`)
  return [`HTTP/1.1 ${status} Refused`, ...lines, '', body].join('\r\n')
}

/**
 * What a caller who has not shown who it is may learn. Unknown key, key of another use and a signature that does not
 * hold are one answer; a malformed proof is a missing one.
 */
export function forStranger(failure: Failure): Failure {
  const { code } = failure
  if (code.startsWith('auth.') || code === 'relay.busy' || code === 'relay.store-failed') return failure
  const unknown = code.startsWith('charter.') || code === 'statement.bad-signature'
  if (unknown) return { ok: false, code: 'charter.unknown-key' }
  return { ok: false, code: 'auth.missing', why: 'the proof is malformed' }
}
