import { GeneralEncrypt, type GeneralJWE, generalDecrypt, importJWK } from 'jose'
import { z } from 'zod'
import { fromBase64url, toBase64url } from './base64.ts'
import { concat } from './bytes.ts'
import { check } from './check.ts'
import { type Result, fail, ok } from './failure.ts'
import { limits } from './limits.ts'
import type { OkpJwk } from './primitives.ts'
import { Base64url, Digest } from './shapes.ts'

const Epk = z.strictObject({ crv: z.literal('X25519'), kty: z.literal('OKP'), x: Digest })
const recipient = z.strictObject({
  encrypted_key: Base64url.max(256),
  header: z.strictObject({ alg: z.literal('ECDH-ES+A256KW'), epk: Epk.optional(), kid: Digest }),
})

/** JWE General JSON (RFC 7516 section 7.2.1), exactly these members: spec/04-statements.md#sealing. */
export const Jwe = z.strictObject({
  aad: Base64url.max(1_024),
  ciphertext: Base64url.max(limits.sealBytesMax),
  iv: Base64url.max(32),
  protected: Base64url.max(256),
  recipients: z.array(recipient).min(1).max(limits.recipientsMax),
  tag: Base64url.max(32),
})
export type Jwe = z.infer<typeof Jwe>

export type SealKey = { readonly kid: string; readonly jwk: OkpJwk }
export type OpenKey = { readonly kid: string; readonly jwk: OkpJwk & { readonly d: string } }

const alg = 'ECDH-ES+A256KW'
const protectedHeader = { enc: 'A256GCM', typ: 'chancery-seal+jwe' } as const
/** With one recipient its ephemeral key stands in the protected header, with several in each recipient's own. */
const ProtectedHeader = z.strictObject({
  enc: z.literal(protectedHeader.enc),
  epk: Epk.optional(),
  typ: z.literal(protectedHeader.typ),
})
const kib = 1_024
const buckets = [1, 4, 16, 64, 256, 1_024].map(size => size * kib)

/** Seals bytes to X25519 keys, suite 1, padded to a bucket. `aad` binds the container to what it belongs to. */
export async function seal(input: {
  readonly plaintext: Uint8Array
  readonly aad: Uint8Array
  readonly recipients: readonly SealKey[]
}): Promise<Jwe> {
  const encrypt = new GeneralEncrypt(pad(input.plaintext)).setProtectedHeader(protectedHeader)
  encrypt.setAdditionalAuthenticatedData(input.aad)
  for (const { kid, jwk } of input.recipients) {
    encrypt.addRecipient(await importJWK({ ...jwk }, alg)).setUnprotectedHeader({ alg, kid })
  }
  return Jwe.parse(await encrypt.encrypt())
}

/**
 * Opens a container with the first key held that it names.
 * No plaintext is returned unless the aad is the one expected.
 */
export async function unseal(input: {
  readonly jwe: unknown
  readonly aad: Uint8Array
  readonly keys: readonly OpenKey[]
}): Promise<Result<Uint8Array>> {
  const jwe = check(Jwe, input.jwe, 'seal.malformed')
  if (!jwe.ok) return jwe
  if (jwe.value.aad !== toBase64url(input.aad)) return fail('seal.wrong-statement', '/aad')
  const mine = input.keys.find(key => jwe.value.recipients.some(({ header }) => header.kid === key.kid))
  if (mine === undefined) return fail('seal.not-for-you', '/recipients')
  const only = { ...jwe.value, recipients: jwe.value.recipients.filter(({ header }) => header.kid === mine.kid) }
  // The library reads base64url loosely; each part has one spelling here, as everywhere (spec/02-bytes.md#base64url).
  const parts = [only.ciphertext, only.iv, only.tag, ...only.recipients.map(({ encrypted_key: key }) => key)]
  if (parts.some(part => fromBase64url(part) === undefined)) return fail('seal.cannot-open')
  const padded = await decrypt(only, mine)
  const plaintext = padded && unpad(padded)
  return plaintext === undefined ? fail('seal.cannot-open') : ok(plaintext)
}

async function decrypt(jwe: Jwe, { jwk }: OpenKey): Promise<Uint8Array | undefined> {
  try {
    const opened = await generalDecrypt(jwe as GeneralJWE, await importJWK({ ...jwk }, alg), {
      keyManagementAlgorithms: [alg],
      contentEncryptionAlgorithms: ['A256GCM'],
      // Nothing of this profile is compressed, so nothing is inflated.
      maxDecompressedLength: 0,
    })
    return ProtectedHeader.safeParse(opened.protectedHeader).success ? opened.plaintext : undefined
  } catch {
    return undefined
  }
}

/** ISO/IEC 7816-4 padding to the next bucket: 0x80, then zeros. The size tells only the bucket. */
function pad(plaintext: Uint8Array): Uint8Array {
  const bucket = buckets.find(size => size > plaintext.length)
  if (bucket === undefined) throw new Error(`nothing larger than ${buckets.at(-1)} bytes is sealed`)
  return concat(plaintext, Uint8Array.of(0x80), new Uint8Array(bucket - plaintext.length - 1))
}

function unpad(padded: Uint8Array): Uint8Array | undefined {
  if (!buckets.includes(padded.length)) return undefined
  const end = padded.findLastIndex(byte => byte !== 0)
  return padded[end] === 0x80 ? padded.subarray(0, end) : undefined
}
