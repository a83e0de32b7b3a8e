import { GeneralEncrypt, type GeneralJWE, generalDecrypt, importJWK } from 'jose'
import { z } from 'zod'
import { fromBase64url, toBase64url } from './base64.ts'
import { concat } from './bytes.ts'
import { check } from './check.ts'
import { type Result, assert, fail, ok } from './failure.ts'
import { limits } from './limits.ts'
import type { XwingJwk, OkpJwk } from './primitives.ts'
import { Base64url, Digest } from './shapes.ts'
import { decapsulate, encapsulate, xwing } from './xwing.ts'

const ciphertextChars = Math.ceil((xwing.ciphertext * 4) / 3)
const Epk = z.strictObject({ crv: z.literal('X25519'), kty: z.literal('OKP'), x: Digest })
const Recipient = z.strictObject({
  encrypted_key: Base64url.max(256),
  header: z.discriminatedUnion('alg', [
    z.strictObject({ alg: z.literal('ECDH-ES+A256KW'), epk: Epk.optional(), kid: Digest }),
    z.strictObject({ alg: z.literal('A256KW'), kid: Digest, xw: Base64url.length(ciphertextChars) }),
  ]),
})

/** JWE General JSON (RFC 7516 section 7.2.1), exactly these members: spec/04-statements.md#sealing. */
export const Jwe = z.strictObject({
  aad: Base64url.max(1_024),
  ciphertext: Base64url.max(limits.sealBytesMax),
  iv: Base64url.max(32),
  protected: Base64url.max(256),
  recipients: z.array(Recipient).min(1).max(limits.recipientsMax),
  tag: Base64url.max(32),
})
export type Jwe = z.infer<typeof Jwe>

/** An X25519 key is sealed to by suite 1, an X-Wing key by suite 2: spec/04-statements.md#suites. */
export type SealKey = { readonly kid: string; readonly jwk: OkpJwk | XwingJwk }
/** `priv` is the seed of an X-Wing key. */
export type OpenKey = {
  readonly kid: string
  readonly jwk: (OkpJwk & { readonly d: string }) | (XwingJwk & { readonly priv: string })
}

const protectedHeader = { enc: 'A256GCM', typ: 'chancery-seal+jwe' } as const
/** With one recipient its ephemeral key stands in the protected header, with several in each recipient's own. */
const ProtectedHeader = z.strictObject({
  enc: z.literal(protectedHeader.enc),
  epk: Epk.optional(),
  typ: z.literal(protectedHeader.typ),
})
const kib = 1_024
const buckets = [1, 4, 16, 64, 256, 1_024].map(size => size * kib)

/** Seals bytes to keys of one suite, padded to a bucket. `aad` binds the container to what it belongs to. */
export async function seal(input: {
  readonly plaintext: Uint8Array
  readonly aad: Uint8Array
  readonly recipients: readonly SealKey[]
}): Promise<Jwe> {
  const { recipients } = input
  assert(new Set(recipients.map(({ jwk }) => jwk.kty)).size === 1, 'a container has recipients, all of one suite')
  const encrypt = new GeneralEncrypt(pad(input.plaintext)).setProtectedHeader(protectedHeader)
  encrypt.setAdditionalAuthenticatedData(input.aad)
  for (const { kid, jwk } of recipients) {
    const { key, header } = jwk.kty === 'AKP' ? encapsulated(kid, jwk) : await agreed(kid, jwk)
    encrypt.addRecipient(key).setUnprotectedHeader(header)
  }
  return Jwe.parse(await encrypt.encrypt())
}

const agreed = async (kid: string, jwk: OkpJwk) => ({
  key: await importJWK({ ...jwk }, 'ECDH-ES+A256KW'),
  header: { alg: 'ECDH-ES+A256KW', kid },
})

/** What jose sees of suite 2 is the standard wrapping of the content key under a key it is given. */
function encapsulated(kid: string, { pub }: XwingJwk) {
  const { ciphertext, kek } = encapsulate({ kid, pub })
  return { key: kek, header: { alg: 'A256KW', kid, xw: toBase64url(ciphertext) } }
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
  if (!isOfOneSuite(jwe.value)) return fail('seal.mixed-suites', '/recipients')
  if (jwe.value.aad !== toBase64url(input.aad)) return fail('seal.wrong-statement', '/aad')
  const mine = input.keys.find(key => jwe.value.recipients.some(({ header }) => header.kid === key.kid))
  if (mine === undefined) return fail('seal.not-for-you', '/recipients')
  const recipient = jwe.value.recipients.find(({ header }) => header.kid === mine.kid)
  // The library reads base64url loosely; each part has one spelling here, as everywhere (spec/02-bytes.md#base64url).
  const parts = [jwe.value.ciphertext, jwe.value.iv, jwe.value.tag, recipient?.encrypted_key ?? '']
  if (parts.some(part => fromBase64url(part) === undefined)) return fail('seal.cannot-open')
  const padded = recipient && (await decrypt({ ...jwe.value, recipients: [recipient] }, recipient.header, mine))
  const plaintext = padded && unpad(padded)
  return plaintext === undefined ? fail('seal.cannot-open') : ok(plaintext)
}

/** Both suites in one container would make it as weak as the weaker. */
export const isOfOneSuite = ({ recipients }: Jwe): boolean =>
  new Set(recipients.map(({ header }) => header.alg)).size === 1

type Header = Jwe['recipients'][number]['header']

async function decrypt(jwe: Jwe, header: Header, key: OpenKey): Promise<Uint8Array | undefined> {
  try {
    const opened = await generalDecrypt(jwe as GeneralJWE, await keyFor(header, key), {
      keyManagementAlgorithms: [header.alg],
      contentEncryptionAlgorithms: ['A256GCM'],
      // Nothing of this profile is compressed, so nothing is inflated.
      maxDecompressedLength: 0,
    })
    const shared = ProtectedHeader.safeParse(opened.protectedHeader)
    return shared.success && (header.alg !== 'A256KW' || shared.data.epk === undefined) ? opened.plaintext : undefined
  } catch {
    return undefined
  }
}

/** Throws where the key is of the other suite, and where the ciphertext has an X25519 part of small order. */
async function keyFor(header: Header, { kid, jwk }: OpenKey): ReturnType<typeof importJWK> {
  if (header.alg === 'ECDH-ES+A256KW') return importJWK({ ...jwk }, header.alg)
  assert(jwk.kty === 'AKP', 'an X25519 key opens nothing of suite 2')
  const [seed, ciphertext] = [fromBase64url(jwk.priv), fromBase64url(header.xw)]
  assert(seed !== undefined && ciphertext !== undefined, 'a seed and a ciphertext are base64url')
  return decapsulate({ kid, seed, ciphertext })
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
