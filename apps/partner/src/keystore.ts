import { type KeyObject, createCipheriv, createDecipheriv, generateKeyPairSync, randomBytes, scrypt } from 'node:crypto'
import {
  Base64url,
  Digest,
  type Json,
  type KeyAlg,
  KeyRecord,
  type KeyUse,
  MemberId,
  type MlDsaJwk,
  type SignatureAlg,
  canonicalBytes,
  check,
  concat,
  fromBase64url,
  keyRecord,
  limits,
  readCanonical,
  seals,
  toBase64url,
  uses,
  xwing,
  xwingJwk,
} from '@chancery/protocol'
import { z } from 'zod'
import { readOwnJson, writeOwnJson } from './files.ts'
import { type Answer, ok, refuse } from './refusal.ts'
import { signWith } from './signer.ts'
import { primitives } from './world.ts'

export const workDefault = 2 ** 17
export const workMin = 2 ** 14
/** 1 GiB of memory: a file cannot ask this machine for more. */
export const workMax = 2 ** 20
export const passphraseMin = 8

const Kdf = z.strictObject({
  N: z.int().min(workMin).max(workMax).refine(isPowerOfTwo, 'a power of two'),
  name: z.literal('scrypt'),
  p: z.int().min(1).max(4),
  r: z.literal(8),
  salt: Digest,
})
type Kdf = z.infer<typeof Kdf>

/** The file: canonical JSON. What is not sealed is authenticated with what is. */
const KeystoreFile = z.strictObject({
  cipher: z.strictObject({ iv: Base64url.length(16), name: z.literal('A256GCM'), tag: Base64url.length(22) }),
  kdf: Kdf,
  sealed: Base64url.max(limits.textMax * 4),
  v: z.literal(1),
})
type KeystoreFile = z.infer<typeof KeystoreFile>

/** Those of four months, with those of as many persons as a member has keys. */
const prekeysMax = 96
const PrivateKey = z.strictObject({ d: Base64url.max(128), record: KeyRecord })
/** A key whose private part is elsewhere, and what finds it there. Sealed too: signatures must match it. */
const HeldKey = z.strictObject({ id: z.string().max(64).optional(), record: KeyRecord })
export type HeldKey = z.infer<typeof HeldKey>
/** Those of a member that changes its keys every month for years. */
const addedMax = 96
const Keys = z
  .strictObject({
    /** Keys to sign with, made since, those that are revoked too: spec/13-keys-over-time.md#adding. */
    added: z
      .array(z.union([PrivateKey, HeldKey]))
      .max(addedMax)
      .optional(),
    held: z.array(HeldKey).max(limits.keysPerMemberMax).optional(),
    keys: z.array(PrivateKey).max(limits.keysPerMemberMax),
    member: MemberId,
    /** The root key that is to take over, which has signed nothing yet: spec/13-keys-over-time.md#rotating. */
    nextRoot: PrivateKey.optional(),
    /** Keys to seal to for a while, made since: spec/13-keys-over-time.md#prekeys. */
    prekeys: z.array(PrivateKey).max(prekeysMax).optional(),
  })
  .refine(
    ({ held = [], keys }) => uses.every(use => [...keys, ...held].some(({ record }) => record.use === use)),
    'a key of every use',
  )
/** Public records with the private part of each that is here. Never leaves this process unsealed. */
export type Keys = z.infer<typeof Keys>
export type PrivateKey = z.infer<typeof PrivateKey>

/**
 * Fresh keys of a member, one a use, one more to cosign after Ed25519 has fallen, one more to seal to by suite 2, and
 * one of suite 2 for each named person. `alg` is for the keys that sign statements and requests. What is `held`
 * elsewhere is not made here.
 */
export async function makeKeys(
  member: string,
  alg: SignatureAlg,
  persons: readonly string[] = [],
  held: readonly HeldKey[] = [],
): Promise<Keys> {
  const keys: PrivateKey[] = []
  const own = uses.filter(use => !held.some(({ record }) => record.use === use))
  for (const use of own) keys.push(await makeKey({ member, use, alg: algOf(use, alg) }))
  keys.push(await makeKey({ member, use: 'witness', alg: 'ML-DSA-44' }))
  keys.push(await makeKey({ member, use: 'enc', alg: 'X-Wing' }))
  for (const person of persons) keys.push(await makeKey({ member, use: 'enc', alg: 'X-Wing', person }))
  return { ...(held.length > 0 && { held: [...held] }), keys, member }
}

/** Another of each of the member's enc keys: of both suites, and of each person. */
export async function makePrekeys({ keys, member }: Keys): Promise<PrivateKey[]> {
  const made: PrivateKey[] = []
  for (const { record } of keys) {
    const { use, alg, person } = record
    if (use === 'enc') made.push(await makeKey({ member, use, alg, ...(person !== undefined && { person }) }))
  }
  return made
}

function algOf(use: KeyUse, alg: SignatureAlg): KeyAlg {
  if (use === 'enc') return 'ECDH-ES+A256KW'
  return use === 'witness' ? 'EdDSA' : alg
}

/** One more key to sign with. */
export async function makeKey(of: { member: string; use: KeyUse; alg: KeyAlg; person?: string }): Promise<PrivateKey> {
  const { alg } = of
  const { d, jwk } = newPair(alg)
  const sign = seals(alg) ? undefined : signWith({ alg, d, jwk })
  const input = { sha256: primitives.sha256, jwk, ...of }
  return { d, record: await keyRecord(sign === undefined ? input : { ...input, sign }) }
}

/** The private part is `d` of the curves, and the seed of X-Wing and of ML-DSA-44. */
function newPair(alg: KeyAlg): { readonly d: string; readonly jwk: KeyRecord['jwk'] } {
  if (alg === 'X-Wing') {
    const seed = randomBytes(xwing.seed)
    return { d: toBase64url(seed), jwk: xwingJwk(seed) }
  }
  if (alg === 'ML-DSA-44') {
    const { priv = '', ...jwk } = generateKeyPairSync('ml-dsa-44').privateKey.export({ format: 'jwk' }) as MlDsaPrivate
    return { d: priv, jwk }
  }
  const { d = '', ...jwk } = newCurvePair(alg).export({ format: 'jwk' })
  return { d, jwk: jwk as KeyRecord['jwk'] }
}

type MlDsaPrivate = MlDsaJwk & { readonly priv?: string }

function newCurvePair(alg: Exclude<KeyAlg, 'X-Wing' | 'ML-DSA-44'>): KeyObject {
  if (alg === 'EdDSA') return generateKeyPairSync('ed25519').privateKey
  if (alg === 'ECDH-ES+A256KW') return generateKeyPairSync('x25519').privateKey
  return generateKeyPairSync('ec', { namedCurve: alg === 'ES256' ? 'P-256' : 'P-384' }).privateKey
}

/** Seals keys under a passphrase and writes them durably, mode 0600. */
export async function writeKeystore(input: {
  readonly path: string
  readonly keys: Keys
  readonly passphrase: string
  readonly work: number
  readonly random: (length: number) => Uint8Array
}): Promise<void> {
  const { path, keys, passphrase, work, random } = input
  const kdf: Kdf = { N: work, name: 'scrypt', p: 1, r: 8, salt: toBase64url(random(32)) }
  const iv = random(12)
  const cipher = createCipheriv('aes-256-gcm', await derive(passphrase, kdf), iv).setAAD(boundTo(kdf))
  const sealed = concat(cipher.update(canonicalBytes(keys as Json)), cipher.final())
  const tag = toBase64url(cipher.getAuthTag())
  const file: KeystoreFile = {
    cipher: { iv: toBase64url(iv), name: 'A256GCM', tag },
    kdf,
    sealed: toBase64url(sealed),
    v: 1,
  }
  writeOwnJson(path, file)
}

/** The same file with other keys, at the work it was made with: nothing of the old ones stays in it. */
export async function rewriteKeystore(input: Omit<Parameters<typeof writeKeystore>[0], 'work'>): Promise<Answer<void>> {
  const file = readOwnJson(input.path, KeystoreFile, keystoreReading)
  if (!file.ok) return file
  if (file.value === undefined) return refuse('home.missing', input.path, 'it was there when this command began')
  await writeKeystore({ ...input, work: file.value.kdf.N })
  return ok(undefined)
}

const keystoreReading = { bytesMax: limits.textMax * 4, code: 'home.bad-keystore', secret: 'own' } as const

/** The work a file asks for is bounded before it is done; a file that others may read is refused before it is read. */
export async function readKeystore(path: string, passphrase: string): Promise<Answer<Keys>> {
  const file = readOwnJson(path, KeystoreFile, keystoreReading)
  if (!file.ok) return file
  if (file.value === undefined) return refuse('home.missing', path, 'make one with `chancery init`')
  const opened = open(file.value, await derive(passphrase, file.value.kdf))
  if (opened === undefined) return refuse('home.wrong-passphrase', path, 'try again, or restore the keystore')
  const json = readCanonical(opened, path)
  if (!json.ok) return refuse('home.bad-keystore', path, json.code)
  const keys = check(Keys, json.value, 'statement.bad-schema')
  return keys.ok ? ok(keys.value) : refuse('home.bad-keystore', `${path}${keys.at ?? ''}`, keys.why)
}

function open({ cipher, kdf, sealed }: KeystoreFile, key: Uint8Array): Uint8Array | undefined {
  const [iv, tag, bytes] = [cipher.iv, cipher.tag, sealed].map(fromBase64url)
  if (iv === undefined || tag === undefined || bytes === undefined) return undefined
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, iv).setAAD(boundTo(kdf)).setAuthTag(tag)
    return concat(decipher.update(bytes), decipher.final())
  } catch {
    return undefined
  }
}

const boundTo = (kdf: Kdf): Uint8Array => canonicalBytes({ kdf, v: 1 })

function derive(passphrase: string, { N, r, p, salt }: Kdf): Promise<Uint8Array> {
  const saltBytes = fromBase64url(salt) ?? new Uint8Array(0)
  return new Promise((resolve, reject) => {
    scrypt(passphrase.normalize('NFC'), saltBytes, 32, { N, r, p, maxmem: 256 * N * r }, (error, key) =>
      error === null ? resolve(key) : reject(error),
    )
  })
}

function isPowerOfTwo(value: number): boolean {
  return Number.isInteger(Math.log2(value))
}
