import { z } from 'zod'
import { fromBase64urlAscii, toBase64url } from '../wire/base64.ts'
import { type Sha256, cut } from '../wire/bytes.ts'
import { type Json, canonicalBytes, readCanonical } from '../wire/canonical.ts'
import { check } from '../wire/check.ts'
import { type Failure, type Result, fail, ok } from '../wire/failure.ts'
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
  /** To be checked, and not kept. */
  readonly signingInput: Uint8Array
  readonly signature: Uint8Array
}

const dot = 46
const compact = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/

/** spec/04-statements.md#verification steps 1 to 4: strict reading, before any key is looked up. */
export function readEnvelope(
  jws: string,
  typ: EnvelopeType,
  sha256: Sha256,
  bytesMax: number = limits.statementBytesMax,
): Result<Envelope> {
  if (jws.length > bytesMax) return fail('bytes.too-large', '', `at most ${bytesMax} bytes`)
  const ascii = asciiOf(jws)
  const [first, last] = [ascii.indexOf(dot), ascii.lastIndexOf(dot)]
  const signingInput = ascii.subarray(0, Math.max(last, 0))
  const headBytes = fromBase64urlAscii(ascii.subarray(0, Math.max(first, 0)))
  const payloadBytes = fromBase64urlAscii(signingInput.subarray(first + 1))
  const signature = fromBase64urlAscii(ascii.subarray(last + 1))
  // Each part has decoded, so each is of the alphabet; only where one has not is the text asked for its shape.
  if (!headBytes?.length || !payloadBytes?.length || !signature?.length)
    return whyUnreadable(jws, { headBytes, payloadBytes })

  const header = readHeader(jws.slice(0, first), headBytes)
  if (!header.ok) return header
  if (header.value.typ !== typ) return fail('statement.wrong-type', '/header/typ', `expected ${typ}`)

  const payload = readCanonical(payloadBytes, '/payload')
  if (!payload.ok) return payload
  const sid = toBase64url(sha256(signingInput))
  const { alg, kid } = header.value
  return ok({ jws, sid, alg, kid, payload: payload.value, signingInput, signature })
}

const encoder = new TextEncoder()

/** One byte a character. A character outside ASCII leaves bytes that are not of the alphabet, or a zero at the end. */
function asciiOf(jws: string): Uint8Array<ArrayBuffer> {
  const bytes = cut(jws.length)
  encoder.encodeInto(jws, bytes)
  return bytes
}

type Header = z.infer<typeof Header>
let lastHeader: { readonly text: string; readonly header: Result<Header> } | undefined

/** One key always writes the same header, and its statements often come together: the last one is not read again. */
function readHeader(text: string, bytes: Uint8Array): Result<Header> {
  if (lastHeader?.text === text) return lastHeader.header
  const json = readCanonical(bytes, '/header')
  const header = json.ok ? check(Header, json.value, 'statement.bad-header', '/header') : json
  if (header.ok) lastHeader = { text, header }
  return header
}

/** The alphabet of the whole comes before the encoding of a part. */
function whyUnreadable(jws: string, parts: { readonly headBytes: unknown; readonly payloadBytes: unknown }): Failure {
  if (!compact.test(jws)) return fail('bytes.bad-alphabet', '', 'three base64url parts with dots between')
  const { headBytes, payloadBytes } = parts
  return fail(
    'bytes.not-base64url',
    headBytes === undefined ? '/header' : payloadBytes === undefined ? '/payload' : '/signature',
  )
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
