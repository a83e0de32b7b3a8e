import { z } from 'zod'
import { fromBase64url, toBase64url } from '../wire/base64.ts'
import { type Sha256, utf8 } from '../wire/bytes.ts'
import { type Json, canonicalBytes, readCanonical } from '../wire/canonical.ts'
import { check } from '../wire/check.ts'
import { type Result, fail, ok } from '../wire/failure.ts'
import { limits } from '../wire/limits.ts'
import type { SignatureAlg } from '../wire/primitives.ts'
import { Digest } from '../wire/shapes.ts'

/** The type separates domains: a reader asks for the one it expects (spec/04-statements.md#envelope). */
export const types = ['chancery-statement+sd-jwt', 'chancery-auth+jwt'] as const
export type EnvelopeType = (typeof types)[number]

const Header = z.strictObject({ alg: z.enum(['EdDSA', 'ES256', 'ES384']), kid: Digest, typ: z.string() })

/** Read, and not yet believed: no signature has been checked. */
export type Envelope = {
  readonly jws: string
  readonly sid: string
  readonly alg: SignatureAlg
  readonly kid: string
  readonly payload: Json
  readonly signingInput: Uint8Array
  readonly signature: Uint8Array
}

const compact = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/

/** spec/04-statements.md#verification steps 1 to 4: strict reading, before any key is looked up. */
export function readEnvelope(jws: string, typ: EnvelopeType, sha256: Sha256): Result<Envelope> {
  if (jws.length > limits.statementBytesMax) return fail('bytes.too-large', '', `at most ${limits.statementBytesMax} bytes`)
  if (!compact.test(jws)) return fail('bytes.bad-alphabet', '', 'three base64url parts with dots between')
  const [head, body, tail] = jws.split('.') as [string, string, string]

  const [headBytes, payloadBytes, signature] = [fromBase64url(head), fromBase64url(body), fromBase64url(tail)]
  if (headBytes === undefined) return fail('bytes.not-base64url', '/header')
  if (payloadBytes === undefined) return fail('bytes.not-base64url', '/payload')
  if (signature === undefined) return fail('bytes.not-base64url', '/signature')

  const headJson = readCanonical(headBytes, '/header')
  if (!headJson.ok) return headJson
  const header = check(Header, headJson.value, 'statement.bad-header', '/header')
  if (!header.ok) return header
  if (header.value.typ !== typ) return fail('statement.wrong-type', '/header/typ', `expected ${typ}`)

  const payload = readCanonical(payloadBytes, '/payload')
  if (!payload.ok) return payload
  const signingInput = utf8(`${head}.${body}`)
  const sid = toBase64url(sha256(signingInput))
  const { alg, kid } = header.value
  return ok({ jws, sid, alg, kid, payload: payload.value, signingInput, signature })
}

/** The part of a JWS that is signed, ready for the signer. */
export function signingInputOf(input: {
  readonly typ: EnvelopeType
  readonly alg: SignatureAlg
  readonly kid: string
  readonly payload: Json
}): string {
  const header = { alg: input.alg, kid: input.kid, typ: input.typ }
  return `${toBase64url(canonicalBytes(header))}.${toBase64url(canonicalBytes(input.payload))}`
}
