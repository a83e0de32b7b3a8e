import { z } from 'zod'
import { fromBase64url, toBase64url } from '../wire/base64.ts'
import { type Sha256, utf8 } from '../wire/bytes.ts'
import { type Json, canonicalBytes, readCanonical } from '../wire/canonical.ts'
import { check } from '../wire/check.ts'
import { type Result, fail, ok } from '../wire/failure.ts'
import { limits } from '../wire/limits.ts'
import { Digest, Label, MemberId } from '../wire/shapes.ts'
import type { Claims } from './claims.ts'

/** Author, statement and slot, inside the commitment: a copied digest is nobody's foreknowledge but the author's. */
const Binding = z.strictObject({ iss: MemberId, jti: Digest, slot: Label })
const DisclosureShape = z.tuple([Digest, z.literal('content'), z.strictObject({ b: Binding, c: z.unknown() })])

/** Base64url of `[salt, "content", {b, c}]`: an RFC 9901 disclosure. */
export type Disclosure = string

export type TearLine = { readonly label: string; readonly content: Json; readonly disclosure: Disclosure }

/** spec/04-statements.md#tear-lines. `salt` is 32 fresh random bytes: with them the digest tells nothing. */
export function disclose(input: {
  readonly iss: string
  readonly jti: string
  readonly slot: string
  readonly salt: Uint8Array
  readonly content: Json
}): Disclosure {
  const { iss, jti, slot } = input
  return toBase64url(canonicalBytes([toBase64url(input.salt), 'content', { b: { iss, jti, slot }, c: input.content }]))
}

export const disclosureDigest = (sha256: Sha256, disclosure: Disclosure): string =>
  toBase64url(sha256(utf8(disclosure)))

/** Reads disclosures against signed claims. One that is unreferenced, repeated, moved or out of order refuses all. */
export function readDisclosures(
  sha256: Sha256,
  claims: Pick<Claims, 'iss' | 'jti' | 'tear'>,
  disclosures: readonly Disclosure[],
): Result<readonly TearLine[]> {
  const labelByDigest = new Map(Object.entries(claims.tear).map(([label, slot]) => [slot._sd[0], label]))
  const lines: TearLine[] = []
  for (const [i, disclosure] of disclosures.entries()) {
    const at = `/disclosures/${i}`
    const line = readDisclosure(sha256, claims, { disclosure, at, labelByDigest })
    if (!line.ok) return line
    const last = lines.at(-1)?.label
    if (lines.some(({ label }) => label === line.value.label)) return fail('tear.repeated', at)
    if (last !== undefined && line.value.label < last) return fail('tear.bad-order', at)
    lines.push(line.value)
  }
  return ok(lines)
}

function readDisclosure(
  sha256: Sha256,
  claims: Pick<Claims, 'iss' | 'jti'>,
  { disclosure, at, labelByDigest }: { disclosure: Disclosure; at: string; labelByDigest: ReadonlyMap<string, string> },
): Result<TearLine> {
  if (disclosure.length > limits.disclosureBytesMax) return fail('bytes.too-large', at)
  const bytes = fromBase64url(disclosure)
  if (bytes === undefined) return fail('bytes.not-base64url', at)
  const label = labelByDigest.get(disclosureDigest(sha256, disclosure))
  if (label === undefined) return fail('tear.unreferenced', at)

  const json = readCanonical(bytes, at)
  if (!json.ok) return json
  const shape = check(DisclosureShape, json.value, 'tear.bad-disclosure', at)
  if (!shape.ok) return shape
  const { b, c } = shape.value[2]
  const bound = b.iss === claims.iss && b.jti === claims.jti && b.slot === label
  return bound ? ok({ label, content: c as Json, disclosure }) : fail('tear.moved', at)
}

/** A tier copy on the wire: the JWS and the disclosures its reader may have, in label order, each followed by `~`. */
export const formatTierCopy = (jws: string, disclosures: readonly Disclosure[]): string =>
  [jws, ...disclosures, ''].join('~')

export function readTierCopy(
  text: string,
): Result<{ readonly jws: string; readonly disclosures: readonly Disclosure[] }> {
  const [jws, ...rest] = text.split('~')
  if (jws === undefined || rest.pop() !== '')
    return fail('bytes.bad-alphabet', '', 'a JWS and disclosures, each followed by ~')
  if (rest.length > limits.slotsMax)
    return fail('bytes.too-large', '/disclosures', `at most ${limits.slotsMax} tear lines`)
  return ok({ jws, disclosures: rest })
}
