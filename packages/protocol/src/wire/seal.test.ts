import * as crypto from 'node:crypto'
import { x25519 } from '@noble/curves/ed25519.js'
import * as fc from 'fast-check'
import { generalDecrypt } from 'jose'
import { describe, expect, test } from 'vitest'
import { fromBase64url, toBase64url } from './base64.ts'
import { concat, equalBytes, portableSha256, utf8 } from './bytes.ts'
import { limits } from './limits.ts'
import { type Jwe, type OpenKey, type SealKey, seal, unseal } from './seal.ts'
import { thumbprint } from './native.ts'
import { decapsulate, xwingJwk } from './xwing.ts'

function keyOf(name: string): OpenKey {
  const secret = portableSha256(utf8(`seal test ${name}`))
  const jwk = { crv: 'X25519', kty: 'OKP', x: toBase64url(x25519.getPublicKey(secret)) } as const
  return { kid: thumbprint(portableSha256, jwk), jwk: { ...jwk, d: toBase64url(secret) } }
}

function postKeyOf(name: string): OpenKey {
  const seed = portableSha256(utf8(`seal test ${name}`))
  const jwk = xwingJwk(seed)
  return { kid: thumbprint(portableSha256, jwk), jwk: { ...jwk, priv: toBase64url(seed) } }
}

function publicPart({ kid, jwk }: OpenKey): SealKey {
  if (jwk.kty === 'AKP') return { kid, jwk: { alg: jwk.alg, kty: jwk.kty, pub: jwk.pub } }
  return { kid, jwk: { crv: jwk.crv, kty: jwk.kty, x: jwk.x } }
}

const names = ['first', 'second', 'third']
const suites = [
  ['suite 1', names.map(keyOf)],
  ['suite 2', names.map(postKeyOf)],
] as const
const aad = utf8('what it belongs to')
const sealed = (plaintext: Uint8Array, ...keys: OpenKey[]) => seal({ plaintext, aad, recipients: keys.map(publicPart) })
const bytesOf = (text: string | undefined) => fromBase64url(text ?? '') ?? new Uint8Array(0)
type Header = Jwe['recipients'][number]['header']
const hashed = (name: string, bytes: Uint8Array) => crypto.createHash(name).update(bytes).digest()

/** RFC 7516 and 7518 by hand: the wrapped key of one recipient, then the text under it. */
function openedSlowly(jwe: Jwe, key: OpenKey): Uint8Array {
  const recipient = jwe.recipients.find(({ header }) => header.kid === key.kid)
  if (recipient === undefined) throw new Error('not for this key')
  const kek = kekSlowly(jwe, recipient.header, key)
  const unwrap = crypto.createDecipheriv('id-aes256-wrap', kek, new Uint8Array(8).fill(0xa6))
  const cek = concat(unwrap.update(bytesOf(recipient.encrypted_key)), unwrap.final())
  const decipher = crypto.createDecipheriv('aes-256-gcm', cek, bytesOf(jwe.iv))
  decipher.setAAD(utf8(`${jwe.protected}.${jwe.aad}`)).setAuthTag(bytesOf(jwe.tag))
  return concat(decipher.update(bytesOf(jwe.ciphertext)), decipher.final())
}

function kekSlowly(jwe: Jwe, header: Header, { kid, jwk }: OpenKey): Uint8Array {
  if (header.alg === 'A256KW') {
    const ct = bytesOf(header.xw)
    const info = concat(utf8(`chancery/v1/kek\0${kid}\0`), hashed('sha256', ct))
    const secret = decapsulatedSlowly(bytesOf('priv' in jwk ? jwk.priv : undefined), ct)
    return new Uint8Array(crypto.hkdfSync('sha256', secret, '', info, 32))
  }
  const { epk = header.epk } = JSON.parse(Buffer.from(jwe.protected, 'base64url').toString())
  const name = utf8('ECDH-ES+A256KW')
  const word = (value: number) => Uint8Array.of(0, 0, value >> 8, value & 255)
  const shared = x25519Slowly(jwk as crypto.JsonWebKey, epk)
  return portableSha256(concat(word(1), shared, word(name.length), name, word(0), word(0), word(256)))
}

const x25519Slowly = (own: crypto.JsonWebKey, theirs: crypto.JsonWebKey) =>
  crypto.diffieHellman({
    privateKey: crypto.createPrivateKey({ key: own, format: 'jwk' }),
    publicKey: crypto.createPublicKey({ key: theirs, format: 'jwk' }),
  })

/** X-Wing from its draft, over OpenSSL's ML-KEM and X25519. */
function decapsulatedSlowly(seed: Uint8Array, ct: Uint8Array): Uint8Array {
  const expanded = crypto.createHash('shake256', { outputLength: 96 }).update(seed).digest()
  // RFC 9935 section 6: a private key that is its 64-byte seed.
  const pkcs8 = concat(Buffer.from('3054020100300b060960864801650304040204428040', 'hex'), expanded.subarray(0, 64))
  const first = crypto.decapsulate({ key: Buffer.from(pkcs8), format: 'der', type: 'pkcs8' }, ct.subarray(0, 1_088))
  const [d, pk] = [expanded.subarray(64), x25519.getPublicKey(expanded.subarray(64))]
  const okp = { crv: 'X25519', kty: 'OKP' }
  const share = ct.subarray(1_088)
  const second = x25519Slowly({ ...okp, d: toBase64url(d), x: toBase64url(pk) }, { ...okp, x: toBase64url(share) })
  return hashed('sha3-256', concat(first, second, share, pk, utf8('\\.//^\\')))
}

describe.each(suites)('a container of %s', (_, keysHeld) => {
  const [first, second, third] = keysHeld as unknown as readonly [OpenKey, OpenKey, OpenKey]

  test('opens for each that it was sealed to, and for no other', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 3_000 }),
        fc.integer({ min: 1, max: 3 }),
        async (plaintext, count) => {
          const keys = [first, second, third].slice(0, count)
          const jwe = await sealed(plaintext, ...keys)
          for (const key of [first, second, third]) {
            const opened = await unseal({ jwe, aad, keys: [key] })
            const answer = keys.includes(key) ? { ok: true, value: plaintext } : { ok: false, code: 'seal.not-for-you' }
            expect(opened).toMatchObject(answer)
          }
        },
      ),
      { numRuns: 15 },
    )
  })

  test.each([[1], [2]])('for %i is what the RFCs describe, opened by hand', async count => {
    const keys = [first, second].slice(0, count)
    const jwe = await sealed(utf8('text'), ...keys)
    for (const key of keys) {
      const padded = openedSlowly(jwe, key)
      expect(padded.length).toBe(1_024)
      expect(equalBytes(padded.subarray(0, 5), concat(utf8('text'), Uint8Array.of(0x80)))).toBe(true)
      expect(padded.subarray(5).every(byte => byte === 0)).toBe(true)
    }
  })

  test.each([
    [0, 1_024],
    [1_023, 1_024],
    [1_024, 4_096],
    [4_095, 4_096],
    [4_096, 16_384],
    [65_535, 65_536],
    [65_536, 262_144],
    [1_048_575, 1_048_576],
  ])('of %i bytes tells only that they fit in %i', async (length, bucket) => {
    const plaintext = new Uint8Array(length).fill(0x80)
    const jwe = await sealed(plaintext, first)
    expect(bytesOf(jwe.ciphertext).length).toBe(bucket)
    const opened = await unseal({ jwe, aad, keys: [first] })
    expect(opened.ok && equalBytes(opened.value, plaintext)).toBe(true)
  })

  test('is not made for what fits no bucket', async () => {
    await expect(sealed(new Uint8Array(1_048_576), first)).rejects.toThrow('nothing larger')
  })

  test('is made for as many as the limit allows', async () => {
    const keys = Array.from({ length: limits.recipientsMax }, () => first)
    expect((await sealed(utf8('text'), ...keys)).recipients.length).toBe(limits.recipientsMax)
    await expect(sealed(utf8('text'), ...keys, first)).rejects.toThrow('recipients')
  })

  test('never uses an ephemeral key, a content key or an iv again', async () => {
    const [a, b] = [await sealed(utf8('text'), first, second), await sealed(utf8('text'), first, second)]
    const shareOf = (header: Header) => (header.alg === 'A256KW' ? header.xw : header.epk?.x)
    const ephemeral = [a, b].flatMap(jwe => jwe.recipients.map(({ header }) => shareOf(header)))
    expect(new Set(ephemeral).size).toBe(4)
    expect(a.iv).not.toBe(b.iv)
    expect(a.ciphertext).not.toBe(b.ciphertext)
  })

  test('with any one byte changed does not open', async () => {
    const jwe = await sealed(utf8('text'), first, second)
    const places = ['ciphertext', 'iv', 'tag'] as const
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...places),
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        async (name, at, change) => {
          const bytes = bytesOf(jwe[name])
          const altered = bytes.map((byte, i) => (i === at % bytes.length ? byte ^ change : byte))
          const opened = await unseal({ jwe: { ...jwe, [name]: toBase64url(altered) }, aad, keys: [first] })
          expect(opened).toMatchObject({ ok: false, code: 'seal.cannot-open' })
        },
      ),
      { numRuns: 40 },
    )
  })

  test('is not opened by its author without a key of its own', async () => {
    expect(await unseal({ jwe: await sealed(utf8('text'), first), aad, keys: [] })).toMatchObject({
      code: 'seal.not-for-you',
    })
  })
})

describe('suite 2', () => {
  const [first] = suites[1][1]
  const [old] = suites[0][1]
  if (first === undefined || old === undefined || first.jwk.kty !== 'AKP') throw new Error('keys of both suites')
  const seed = bytesOf(first.jwk.priv)

  test('is a JWE that a JOSE library opens when it is given the key-wrapping key', async () => {
    const jwe = await sealed(utf8('text'), first)
    const { header } = jwe.recipients[0] ?? {}
    if (header?.alg !== 'A256KW') throw new Error('not of suite 2')
    const kek = decapsulate({ kid: first.kid, seed, ciphertext: bytesOf(header.xw) })
    const opened = await generalDecrypt(jwe, kek, { keyManagementAlgorithms: ['A256KW'] })
    expect(opened.plaintext.subarray(0, 5)).toEqual(concat(utf8('text'), Uint8Array.of(0x80)))
    expect(opened.additionalAuthenticatedData).toEqual(aad)
    expect(opened.unprotectedHeader).toEqual({ alg: 'A256KW', kid: first.kid, xw: header.xw })
  })

  test('and suite 1 are never in one container', async () => {
    await expect(sealed(utf8('text'), first, old)).rejects.toThrow('all of one suite')
    const [a, b] = [await sealed(utf8('text'), first), await sealed(utf8('text'), old, old)]
    const mixed = { ...a, recipients: [...a.recipients, ...b.recipients] }
    for (const key of [first, old]) {
      expect(await unseal({ jwe: mixed, aad, keys: [key] })).toMatchObject({ code: 'seal.mixed-suites' })
    }
  })

  test('of 256 recipients and the largest bucket stays within the limit of a container', async () => {
    const keys = Array.from({ length: limits.recipientsMax }, () => first)
    const jwe = await sealed(new Uint8Array(1_048_575), ...keys)
    expect(JSON.stringify(jwe).length).toBeLessThanOrEqual(limits.sealBytesMax)
  })
})
