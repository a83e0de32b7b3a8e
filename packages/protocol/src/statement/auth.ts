import { z } from 'zod'
import { type CharterState, keyAt } from '../charter/fold.ts'
import { toBase64url } from '../wire/base64.ts'
import type { Sha256 } from '../wire/bytes.ts'
import { check } from '../wire/check.ts'
import { type Result, fail, ok } from '../wire/failure.ts'
import type { Primitives } from '../wire/primitives.ts'
import { Digest, Line, Seconds } from '../wire/shapes.ts'
import { readEnvelope } from './envelope.ts'
import { type Signer, signEnvelope } from './sign.ts'

/** RFC 9449 in shape, with a body hash and without a key in the header: spec/07-relay.md#authentication. */
const AuthClaims = z.strictObject({
  aud: Line,
  bh: Digest,
  htm: z.enum(['GET', 'POST']),
  htu: z.string().max(2_048),
  iat: Seconds,
  jti: Digest,
})

/** The request a proof is for: the relay's origin, the method, the path with its query, and the body's bytes. */
export type Request = {
  readonly aud: string
  readonly htm: 'GET' | 'POST'
  readonly htu: string
  readonly body: Uint8Array
}

/** What judges a proof: the time, and the keys in force at the index. */
type Judge = {
  readonly now: number
  readonly index: number
  readonly charter: CharterState
  readonly primitives: Primitives
}

/** Seconds a proof may be older or newer than the relay's clock. */
export const authWindowSeconds = 60

export async function signRequest(
  signer: Signer,
  request: Request & { readonly iat: number; readonly jti: Uint8Array; readonly sha256: Sha256 },
): Promise<string> {
  const { aud, htm, htu, body, iat, sha256 } = request
  const payload = { aud, bh: toBase64url(sha256(body)), htm, htu, iat, jti: toBase64url(request.jti) }
  return (await signEnvelope(signer, { typ: 'chancery-auth+jwt', payload, sha256 })).jws
}

export type Proven = {
  readonly member: string
  readonly kid: string
  readonly jti: string
  /** Whether the proof is for this body. Nothing is done for the caller before that is known. */
  readonly covers: (body: Uint8Array) => Result<true>
}

/**
 * spec/07-relay.md#authentication: who is calling, told before the body is there. The caller refuses a `jti` it has
 * seen within twice the window.
 */
export function verifyRequest(proof: string, request: Omit<Request, 'body'> & Judge): Result<Proven> {
  const { charter, primitives } = request
  const envelope = readEnvelope(proof, 'chancery-auth+jwt', primitives.sha256)
  if (!envelope.ok) return envelope
  const { alg, kid, signingInput: message, signature } = envelope.value
  const held = keyAt(charter, kid, request.index)
  if (held === undefined) return fail('charter.unknown-key', '/header/kid')
  if (held.record.alg !== alg) return fail('charter.wrong-alg', '/header/alg')
  if (held.record.use !== 'auth') return fail('charter.wrong-use', '/header/kid')
  if (!primitives.verify({ alg, jwk: held.record.jwk, message, signature }))
    return fail('statement.bad-signature', '/signature')

  const claims = check(AuthClaims, envelope.value.payload, 'statement.bad-schema', '')
  if (!claims.ok) return claims
  const { aud, bh, htm, htu, iat, jti } = claims.value
  if (aud !== request.aud) return fail('auth.wrong-request', '/aud', `this relay is ${request.aud}`)
  if (htm !== request.htm || htu !== request.htu) return fail('auth.wrong-request', '/htu')
  if (Math.abs(iat - request.now) > authWindowSeconds) return fail('auth.stale', '/iat', "set this machine's clock")
  const covers = (body: Uint8Array): Result<true> =>
    bh === toBase64url(primitives.sha256(body)) ? ok(true) : fail('auth.wrong-request', '/bh')
  return ok({ member: held.member, kid, jti, covers })
}
