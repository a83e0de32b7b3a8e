import * as crypto from 'node:crypto'
import { x25519 } from '@noble/curves/ed25519.js'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fromBase64url, toBase64url } from './base64.ts'
import { concat, equalBytes, portableSha256, utf8 } from './bytes.ts'
import { limits } from './limits.ts'
import { type Jwe, type OpenKey, seal, unseal } from './seal.ts'
import { thumbprint } from './native.ts'

function keyOf(name: string): OpenKey {
  const secret = portableSha256(utf8(`seal test ${name}`))
  const jwk = { crv: 'X25519', kty: 'OKP', x: toBase64url(x25519.getPublicKey(secret)) } as const
  return { kid: thumbprint(portableSha256, jwk), jwk: { ...jwk, d: toBase64url(secret) } }
}

const publicPart = ({ kid, jwk: { crv, kty, x } }: OpenKey) => ({ kid, jwk: { crv, kty, x } })
const [first, second, third] = [keyOf('first'), keyOf('second'), keyOf('third')]
const aad = utf8('what it belongs to')
const sealed = (plaintext: Uint8Array, ...keys: OpenKey[]) => seal({ plaintext, aad, recipients: keys.map(publicPart) })
const bytesOf = (text: string | undefined) => fromBase64url(text ?? '') ?? new Uint8Array(0)

/** RFC 7516 and 7518 by hand: the wrapped key of one recipient, then the text under it. */
function openedSlowly(jwe: Jwe, { kid, jwk }: OpenKey): Uint8Array {
  const recipient = jwe.recipients.find(({ header }) => header.kid === kid)
  const header = JSON.parse(Buffer.from(jwe.protected, 'base64url').toString()) as { epk?: crypto.JsonWebKey }
  const epk = recipient?.header.epk ?? header.epk
  if (recipient === undefined || epk === undefined) throw new Error('not for this key')
  const shared = crypto.diffieHellman({
    privateKey: crypto.createPrivateKey({ key: jwk, format: 'jwk' }),
    publicKey: crypto.createPublicKey({ key: epk, format: 'jwk' }),
  })
  const name = utf8('ECDH-ES+A256KW')
  const word = (value: number) => Uint8Array.of(0, 0, value >> 8, value & 255)
  const info = concat(word(1), shared, word(name.length), name, word(0), word(0), word(256))
  const unwrap = crypto.createDecipheriv('id-aes256-wrap', portableSha256(info), new Uint8Array(8).fill(0xa6))
  const cek = concat(unwrap.update(bytesOf(recipient.encrypted_key)), unwrap.final())
  const decipher = crypto.createDecipheriv('aes-256-gcm', cek, bytesOf(jwe.iv))
  decipher.setAAD(utf8(`${jwe.protected}.${jwe.aad}`)).setAuthTag(bytesOf(jwe.tag))
  return concat(decipher.update(bytesOf(jwe.ciphertext)), decipher.final())
}

describe('a container', () => {
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
    const ephemeral = [a, b].flatMap(jwe => jwe.recipients.map(({ header }) => header.epk?.x))
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
