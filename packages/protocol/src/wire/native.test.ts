import * as crypto from 'node:crypto'
import { p256 } from '@noble/curves/nist.js'
import { describe, expect, test } from 'vitest'
import { fromBase64url, toBase64url } from './base64.ts'
import { portableSha256, utf8 } from './bytes.ts'
import { mlDsa44, mlDsa44Keys, portableMlDsa44, signMlDsa44 } from './ml-dsa.ts'
import { nodePrimitives, thumbprint, webVerify } from './native.ts'
import type { EcJwk, Jwk, SignatureCheck } from './primitives.ts'
import { portableVerify } from './signature.ts'

const native = nodePrimitives(crypto)
const message = utf8('who did what')

/** A P-256 key and its mirror image: the same x, the other y, the negative of the secret. */
function mirrored() {
  const secret = portableSha256(utf8('native test'))
  const point = p256.Point.fromBytes(p256.getPublicKey(secret))
  const jwkOf = (raw: Uint8Array): EcJwk => ({
    crv: 'P-256',
    kty: 'EC',
    x: toBase64url(raw.subarray(1, 33)),
    y: toBase64url(raw.subarray(33)),
  })
  return { secret, jwk: jwkOf(point.toBytes(false)), mirror: jwkOf(point.negate().toBytes(false)) }
}

describe('the verifier of the machine', () => {
  const { secret, jwk, mirror } = mirrored()
  const signature = p256.sign(message, secret, { lowS: false })
  const asked: SignatureCheck = { alg: 'ES256', jwk, message, signature }

  test('keeps two keys apart that differ in y alone, whichever it saw first', () => {
    expect(mirror.x).toBe(jwk.x)
    for (const [first, second] of [
      [jwk, mirror],
      [mirror, jwk],
    ] as const) {
      const fresh = nodePrimitives(crypto)
      for (const key of [first, second]) {
        expect(fresh.verify({ ...asked, jwk: key })).toBe(portableVerify({ ...asked, jwk: key }))
      }
    }
  })

  test('imports a key once', () => {
    let imports = 0
    const counting = nodePrimitives({
      ...crypto,
      createPublicKey: (input: { key: never; format: 'jwk' }) => {
        imports += 1
        return crypto.createPublicKey(input)
      },
    })
    for (let i = 0; i < 3; i++) expect(counting.verify(asked)).toBe(true)
    expect(imports).toBe(1)
  })

  test('gives the same answer on another thread', async () => {
    expect(await native.verifyLater(asked)).toBe(true)
    expect(await native.verifyLater({ ...asked, message: utf8('another') })).toBe(false)
    expect(await native.verifyLater({ ...asked, signature: signature.subarray(1) })).toBe(false)
  })

  test('hashes as every machine does', () => {
    expect(native.sha256(message)).toEqual(crypto.createHash('sha256').update(message).digest())
  })
})

test('a browser gives the answer of the machine', async () => {
  const web = webVerify(crypto.webcrypto.subtle as never)
  const { secret, jwk, mirror } = mirrored()
  const signature = p256.sign(message, secret, { lowS: false })
  expect(await web({ alg: 'ES256', jwk, message, signature })).toBe(true)
  expect(await web({ alg: 'ES256', jwk: mirror, message, signature })).toBe(false)
})

describe('a thumbprint', () => {
  test('is that of RFC 7638 for the key of RFC 8037', () => {
    const jwk: Jwk = { kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' }
    // Appendix A.3 of RFC 8037 prints this one.
    expect(thumbprint(portableSha256, jwk)).toBe('kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k')
    expect(fromBase64url(thumbprint(portableSha256, jwk))?.length).toBe(32)
  })

  test('is over the required members in order of their names', () => {
    const { jwk } = mirrored()
    const sorted = JSON.stringify(Object.fromEntries(Object.entries(jwk).sort(([a], [b]) => (a < b ? -1 : 1))))
    expect(thumbprint(portableSha256, jwk)).toBe(crypto.createHash('sha256').update(sorted).digest('base64url'))
  })

  test('does not cover what else a key says of itself', () => {
    const { jwk } = mirrored()
    expect(thumbprint(portableSha256, { ...jwk, use: 'sig' } as EcJwk)).toBe(thumbprint(portableSha256, jwk))
  })
})

describe('ML-DSA-44, by OpenSSL and by noble', () => {
  const { publicKey, secretKey } = mlDsa44Keys(portableSha256(utf8('native test')))
  const signature = signMlDsa44(secretKey, message)
  const both = (key: Uint8Array, text: Uint8Array, signed: Uint8Array) => [
    native.verifyMlDsa44(key, text, signed),
    portableMlDsa44(key, text, signed),
  ]
  const turned = (bytes: Uint8Array, at: number, by = 1): Uint8Array => {
    const copy = Uint8Array.from(bytes)
    copy[at] = ((copy[at] ?? 0) + by) & 255
    return copy
  }
  /** Where the hints are: positions in order, zeroes after them, and how many each of the four polynomials has. */
  const hints = Array.from({ length: 84 }, (_, i) => mlDsa44.signature - 84 + i)

  test('is one verdict, whichever part of a signature is turned', () => {
    expect(both(publicKey, message, signature)).toEqual([true, true])
    const parts = [0, 31, 32, 33, 607, 1_200, 2_300, 2_335]
    for (const at of [...parts, ...hints])
      for (const by of [1, 255])
        expect([at, ...both(publicKey, message, turned(signature, at, by))]).toEqual([at, false, false])
  })

  test('is one verdict on another text, another key, and another length', () => {
    expect(both(publicKey, utf8('another'), signature)).toEqual([false, false])
    for (const at of [0, 32, 700, 1_311])
      expect(both(turned(publicKey, at), message, signature)).toEqual([false, false])
    expect(both(publicKey, message, signature.subarray(1))).toEqual([false, false])
    expect(both(publicKey.subarray(1), message, signature)).toEqual([false, false])
    expect(both(publicKey, message, new Uint8Array(mlDsa44.signature))).toEqual([false, false])
  })

  test('of a runtime that has none is that of noble', () => {
    const old = nodePrimitives({
      ...crypto,
      createPublicKey: () => {
        throw new Error('an unsupported key type')
      },
    } as unknown as typeof crypto)
    expect(old.verifyMlDsa44(publicKey, message, signature)).toBe(true)
    expect(old.verifyMlDsa44(publicKey, message, turned(signature, 40))).toBe(false)
  })
})
