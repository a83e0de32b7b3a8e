import { z } from 'zod'
import { fromBase64url, toBase64url } from '../wire/base64.ts'
import { concat, domainTag } from '../wire/bytes.ts'
import { canonicalBytes } from '../wire/canonical.ts'
import { type Result, fail, ok } from '../wire/failure.ts'
import { mlDsa44, mlDsa44Key } from '../wire/ml-dsa.ts'
import { thumbprint } from '../wire/native.ts'
import { type Primitives, type SignatureAlg, familyOf } from '../wire/primitives.ts'
import { Base64url, Digest, Line } from '../wire/shapes.ts'
import { whyNotEnrollable } from '../wire/signature.ts'
import { xwing } from '../wire/xwing.ts'

const coordinate = Base64url.max(86)
const charsOf = (bytes: number): number => Math.ceil((bytes * 4) / 3)
const JwkShape = z.discriminatedUnion('kty', [
  z.strictObject({ crv: z.enum(['Ed25519', 'X25519']), kty: z.literal('OKP'), x: coordinate }),
  z.strictObject({ crv: z.enum(['P-256', 'P-384']), kty: z.literal('EC'), x: coordinate, y: coordinate }),
  z.discriminatedUnion('alg', [
    z.strictObject({
      alg: z.literal('X-Wing'),
      kty: z.literal('AKP'),
      pub: Base64url.max(charsOf(xwing.publicKey)),
    }),
    z.strictObject({
      alg: z.literal('ML-DSA-44'),
      kty: z.literal('AKP'),
      pub: Base64url.max(charsOf(mlDsa44.publicKey)),
    }),
  ]),
])

/** What a key may do. One key, one use: spec/03-charter.md#keys. */
export const uses = ['root', 'sign', 'auth', 'enc', 'witness'] as const
export type KeyUse = (typeof uses)[number]

/**
 * A public key as the charter holds it. `proof` shows possession; the root key vouches for enc keys. An enc key with a
 * `person` is that person's alone: TLP:RED is sealed to such keys, and every other tier to the member's.
 */
export const KeyRecord = z.strictObject({
  alg: z.enum(['EdDSA', 'ES256', 'ES384', 'ML-DSA-44', 'ECDH-ES+A256KW', 'X-Wing']),
  jwk: JwkShape,
  kid: Digest,
  person: Line.optional(),
  proof: Base64url.max(charsOf(mlDsa44.signature)).optional(),
  use: z.enum(uses),
})
export type KeyRecord = z.infer<typeof KeyRecord>
export type KeyAlg = KeyRecord['alg']

const familyFor: Readonly<Record<KeyAlg, ReturnType<typeof familyOf>>> = {
  EdDSA: 'Ed25519',
  ES256: 'P-256',
  ES384: 'P-384',
  'ML-DSA-44': 'ML-DSA-44',
  'ECDH-ES+A256KW': 'X25519',
  'X-Wing': 'X-Wing',
}

/** What a key is sealed to by, suite 1 and suite 2: spec/04-statements.md#suites. */
export const sealingAlgs = ['ECDH-ES+A256KW', 'X-Wing'] as const satisfies readonly KeyAlg[]
export type SealingAlg = (typeof sealingAlgs)[number]
export const seals = (alg: KeyAlg): alg is SealingAlg => sealingAlgs.some(sealing => sealing === alg)
/** Statements and requests. ML-DSA-44 signs checkpoints and nothing else. */
export const signs = (alg: KeyAlg): alg is SignatureAlg => !seals(alg) && alg !== 'ML-DSA-44'

/** What a key signs to show that its member holds it: the member's id and the record without the proof. */
export function possessionMessage(member: string, { alg, jwk, kid, use }: Omit<KeyRecord, 'proof'>): Uint8Array {
  return concat(domainTag('possession'), canonicalBytes({ alg, jwk, kid, member, use }))
}

/** spec/03-charter.md#possession: every check a key passes once, at enrolment. */
export function checkKey(primitives: Primitives, member: string, key: KeyRecord, at: string): Result<KeyRecord> {
  const family = familyOf(key.jwk)
  if (familyFor[key.alg] !== family) return fail('charter.bad-key', `${at}/alg`, `${key.alg} is not for ${family}`)
  if ((key.use === 'enc') !== seals(key.alg))
    return fail('charter.bad-key', `${at}/use`, `${key.alg} cannot be used to ${key.use}`)
  if (key.use === 'witness' ? key.alg !== 'EdDSA' && key.alg !== 'ML-DSA-44' : key.alg === 'ML-DSA-44')
    return fail('charter.bad-key', `${at}/use`, 'a witness key is Ed25519 or ML-DSA-44, and ML-DSA-44 for that alone')
  if (key.person !== undefined && key.alg !== 'X-Wing')
    return fail('charter.bad-key', `${at}/person`, 'a person reads TLP:RED, which is sealed to X-Wing keys')
  const why = whyNotEnrollable(key.jwk)
  if (why !== undefined) return fail('charter.bad-key', `${at}/jwk`, why)
  if (thumbprint(primitives.sha256, key.jwk) !== key.kid)
    return fail('charter.bad-key', `${at}/kid`, 'kid is the RFC 7638 thumbprint')
  return provesPossession(primitives, member, key) ? ok(key) : fail('charter.no-possession', `${at}/proof`)
}

function provesPossession(primitives: Primitives, member: string, key: KeyRecord): boolean {
  const { alg, jwk } = key
  if (seals(alg)) return key.proof === undefined
  const signature = key.proof === undefined ? undefined : fromBase64url(key.proof)
  if (signature === undefined) return false
  const message = possessionMessage(member, key)
  if (signs(alg)) return primitives.verify({ alg, jwk, message, signature })
  const own = mlDsaKeyOf(jwk)
  return own !== undefined && primitives.verifyMlDsa44(own, message, signature)
}

/** The bytes of an ML-DSA-44 key; undefined for a key of any other algorithm. */
export const mlDsaKeyOf = (jwk: KeyRecord['jwk']): Uint8Array | undefined =>
  jwk.kty === 'AKP' && jwk.alg === 'ML-DSA-44' ? mlDsa44Key(jwk) : undefined

/** Makes the record of a new key. `sign` is the key's own; absent for an enc key. */
export async function keyRecord(input: {
  readonly sha256: Primitives['sha256']
  readonly member: string
  readonly alg: KeyAlg
  readonly jwk: KeyRecord['jwk']
  readonly use: KeyUse
  readonly person?: string
  readonly sign?: (message: Uint8Array) => Uint8Array | Promise<Uint8Array>
}): Promise<KeyRecord> {
  const { alg, jwk, use, person } = input
  const bare = { alg, jwk, kid: thumbprint(input.sha256, jwk), ...(person !== undefined && { person }), use }
  if (input.sign === undefined) return bare
  return { ...bare, proof: toBase64url(await input.sign(possessionMessage(input.member, bare))) }
}
