import * as crypto from 'node:crypto'
import { createRequire } from 'node:module'
import { ed25519 } from '@noble/curves/ed25519.js'
import { p256, p384 } from '@noble/curves/nist.js'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { toBase64url } from './base64.ts'
import { concat, equalBytes, toHex, utf8 } from './bytes.ts'
import { nodePrimitives, webVerify } from './native.ts'
import type { EcJwk, SignatureCheck } from './primitives.ts'
import { portablePrimitives, portableVerify, signatureShapeHolds, whyNotEnrollable } from './signature.ts'
import type { Sodium } from './sodium.ts'

const { Point } = ed25519
const orderL = Point.Fn.ORDER
const native = nodePrimitives(crypto)
const require = createRequire(import.meta.url)
const sodium = require('sodium-native') as Sodium
const withSodium = nodePrimitives(crypto, sodium)
const web = webVerify(crypto.webcrypto.subtle as never)
const message = utf8('who did what')

/** Every verifier there is; they are asked one after the other and must give one answer. */
async function verdictOf(asked: SignatureCheck): Promise<boolean> {
  const verdicts = [
    native.verify(asked),
    withSodium.verify(asked),
    await native.verifyLater(asked),
    portableVerify(asked),
    await portablePrimitives.verifyLater(asked),
    await web(asked),
  ]
  expect(new Set(verdicts).size).toBe(1)
  return verdicts[0] === true
}

const mod = (value: bigint, by: bigint) => ((value % by) + by) % by
const numberOf = (bytes: Uint8Array) => BigInt(`0x${toHex(bytes)}`)
const littleEndian = (value: bigint) =>
  Uint8Array.from(Buffer.from(value.toString(16).padStart(64, '0'), 'hex')).reverse()
const sha512 = (...parts: Uint8Array[]) =>
  new Uint8Array(
    crypto
      .createHash('sha512')
      .update(concat(...parts))
      .digest(),
  )

/** All points of small order, found on the curve itself: a point off the prime-order subgroup, times L. */
const outside = Point.fromBytes(littleEndian(3n), false)
const eighth = outside.multiplyUnsafe(orderL - 1n).add(outside)
const torsion = Array.from({ length: 8 }, (_, i) => (i === 0 ? Point.ZERO : eighth.multiplyUnsafe(BigInt(i))))

const key = (scalar: bigint, twist = 0) => {
  const point = Point.BASE.multiply(scalar).add(torsion[twist] ?? Point.ZERO)
  return {
    scalar,
    bytes: point.toBytes(),
    jwk: { crv: 'Ed25519', kty: 'OKP', x: toBase64url(point.toBytes()) } as const,
  }
}

/** R and the S that fits R = nonce · B; `more` copies of L are added to S. */
function signed({ scalar, bytes }: ReturnType<typeof key>, nonce: bigint, twist: number, more: bigint): Uint8Array {
  const r = Point.BASE.multiply(nonce)
    .add(torsion[twist] ?? Point.ZERO)
    .toBytes()
  const challenge = mod(numberOf(sha512(r, bytes, message).reverse()), orderL)
  return concat(r, littleEndian(mod(nonce + challenge * scalar, orderL) + more * orderL))
}

const scalar = fc.bigInt({ min: 1n, max: orderL - 1n })

describe('an Ed25519 verdict', () => {
  test('is one for all verifiers, and holds exactly for S below L and R without torsion', async () => {
    expect(new Set(torsion.map(point => point.toHex())).size).toBe(8)
    await fc.assert(
      fc.asyncProperty(scalar, scalar, fc.nat(7), fc.constantFrom(0n, 0n, 1n, 2n), async (a, nonce, twist, more) => {
        const held = key(a)
        const signature = signed(held, nonce, twist, more)
        expect(await verdictOf({ alg: 'EdDSA', jwk: held.jwk, message, signature })).toBe(twist === 0 && more === 0n)
      }),
      { numRuns: 60 },
    )
  })

  test('is one for any bytes at all', async () => {
    const held = key(7n)
    const half = fc.oneof(
      fc.uint8Array({ minLength: 32, maxLength: 32 }),
      fc.constantFrom(...torsion.map(point => point.toBytes())),
      fc.bigInt({ min: 0n, max: 40n }).map(small => littleEndian(2n ** 255n - 20n + small)),
      fc.bigInt({ min: 0n, max: 20n }).map(small => littleEndian(orderL - 10n + small)),
    )
    await fc.assert(
      fc.asyncProperty(half, half, async (r, s) => {
        expect(await verdictOf({ alg: 'EdDSA', jwk: held.jwk, message, signature: concat(r, s) })).toBe(false)
      }),
      { numRuns: 60 },
    )
  })

  test('with an R of small order is a refusal, though the equation holds', async () => {
    const held = key(7n)
    for (const point of torsion) {
      const r = point.toBytes()
      const s = mod(numberOf(sha512(r, held.bytes, message).reverse()) * held.scalar, orderL)
      expect(await verdictOf({ alg: 'EdDSA', jwk: held.jwk, message, signature: concat(r, littleEndian(s)) })).toBe(
        false,
      )
    }
  })

  test('of libsodium is that of a build that judges as everybody does, and of no other', () => {
    const held = key(7n)
    const [honest, twisted] = [0, 3].map(twist => signed(held, 5n, twist, 0n))
    const ask = (build: Sodium, signature: Uint8Array = honest!) =>
      nodePrimitives(crypto, build).verify({ alg: 'EdDSA', jwk: held.jwk, message, signature })
    let asked = 0
    const counting = (verify: Sodium['crypto_sign_verify_detached']): Sodium => ({
      crypto_sign_verify_detached: (...given) => {
        asked += 1
        return verify(...given)
      },
    })
    const probes = 3
    expect(ask(counting((...given) => sodium.crypto_sign_verify_detached(...given)))).toBe(true)
    expect(asked).toBe(probes + 1)
    for (const other of [ed25519.verify, () => true, () => false]) {
      const build = counting((signature, text, of) => other(signature, text, of))
      asked = 0
      expect(ask(build)).toBe(true)
      expect(ask(build, twisted)).toBe(false)
      expect(asked).toBeLessThanOrEqual(2 * probes)
    }
    expect(ed25519.verify(twisted!, message, held.bytes)).toBe(true)
  })

  test.each([0, 63, 65, 96])('of %i bytes is a refusal', length => {
    expect(signatureShapeHolds('EdDSA', new Uint8Array(length).fill(1))).toBe(false)
  })
})

test('the S of a signature is below L: L - 1 may be, and L and all above it may not', () => {
  const r = key(7n).bytes
  fc.assert(
    fc.property(
      fc.oneof(
        fc.bigInt({ min: -20n, max: 20n }).map(more => orderL + more),
        fc.bigInt({ min: 0n, max: 2n ** 256n - 1n }),
      ),
      s => {
        expect(signatureShapeHolds('EdDSA', concat(r, littleEndian(s)))).toBe(s < orderL)
      },
    ),
  )
  for (const s of [orderL - 1n, orderL, orderL + 1n]) {
    expect(signatureShapeHolds('EdDSA', concat(r, littleEndian(s)))).toBe(s < orderL)
  }
})

describe('an Ed25519 key', () => {
  test('is enrolled without torsion, and refused with it', () => {
    fc.assert(
      fc.property(scalar, fc.nat(7), (a, twist) => {
        expect(whyNotEnrollable(key(a, twist).jwk)).toBe(twist === 0 ? undefined : 'the point has a torsion component')
      }),
      { numRuns: 30 },
    )
  })

  test('of small order is refused', () => {
    for (const point of torsion) {
      const x = toBase64url(point.toBytes())
      expect(whyNotEnrollable({ crv: 'Ed25519', kty: 'OKP', x })).toBe('the point has small order')
    }
  })

  test('is enrolled only in the one encoding of its point', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), bytes => {
        if (whyNotEnrollable({ crv: 'Ed25519', kty: 'OKP', x: toBase64url(bytes) }) !== undefined) return
        expect(equalBytes(Point.fromBytes(bytes, true).toBytes(), bytes)).toBe(true)
      }),
      { numRuns: 50 },
    )
  })

  test.each(['', 'AA', 'A'.repeat(44), `${'A'.repeat(42)}B`, 'not base64'])('written as "%s" is refused', x => {
    expect(whyNotEnrollable({ crv: 'Ed25519', kty: 'OKP', x })).toBe('x is not 32 bytes of base64url')
    expect(whyNotEnrollable({ crv: 'X25519', kty: 'OKP', x })).toBe('x is not 32 bytes of base64url')
  })
})

test('an X25519 key is refused exactly where the shared secret would be zero, or its number is not below p', () => {
  const prime = 2n ** 255n - 19n
  const near = fc.oneof(
    fc.bigInt({ min: 0n, max: 10n }),
    fc.bigInt({ min: prime - 3n, max: 2n ** 255n + 3n }),
    fc.bigInt({ min: 0n, max: prime }),
  )
  const privateKey = crypto.generateKeyPairSync('x25519').privateKey
  fc.assert(
    fc.property(near, u => {
      const x = toBase64url(littleEndian(u))
      expect(whyNotEnrollable({ crv: 'X25519', kty: 'OKP', x }) === undefined).toBe(u < prime && agrees(privateKey, x))
    }),
    { numRuns: 200 },
  )
})

function agrees(privateKey: crypto.KeyObject, x: string): boolean {
  try {
    const publicKey = crypto.createPublicKey({ key: { crv: 'X25519', kty: 'OKP', x }, format: 'jwk' })
    return crypto.diffieHellman({ privateKey, publicKey }).some(byte => byte !== 0)
  } catch {
    return false
  }
}

const curves = [
  { alg: 'ES256', crv: 'P-256', curve: p256, size: 32 },
  { alg: 'ES384', crv: 'P-384', curve: p384, size: 48 },
] as const

describe.each(curves)('an $alg verdict', ({ alg, crv, curve, size }) => {
  const secretKey = Uint8Array.from({ length: size }, (_, i) => i + 1)
  const point = curve.getPublicKey(secretKey, false)
  const jwk: EcJwk = {
    crv,
    kty: 'EC',
    x: toBase64url(point.subarray(1, 1 + size)),
    y: toBase64url(point.subarray(1 + size)),
  }
  const order = curve.Point.Fn.ORDER
  const bigEndian = (value: bigint) => Uint8Array.from(Buffer.from(value.toString(16).padStart(size * 2, '0'), 'hex'))

  test('is one for all verifiers, with a high s as with a low one', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 40 }), fc.boolean(), async (text, high) => {
        const signature = curve.sign(text, secretKey, { lowS: true })
        const s = numberOf(signature.subarray(size))
        const other = concat(signature.subarray(0, size), bigEndian(high ? order - s : s))
        expect(await verdictOf({ alg, jwk, message: text, signature: other })).toBe(true)
      }),
      { numRuns: 20 },
    )
  })

  test('is one for any numbers at all', async () => {
    const number = fc.oneof(
      fc.constantFrom(0n, 1n, order - 1n, order, order + 1n),
      fc.bigInt({ min: 0n, max: 2n ** BigInt(size * 8) - 1n }),
    )
    await fc.assert(
      fc.asyncProperty(number, number, async (r, s) => {
        expect(await verdictOf({ alg, jwk, message, signature: concat(bigEndian(r), bigEndian(s)) })).toBe(false)
      }),
      { numRuns: 60 },
    )
  })

  test('is a refusal for a key of another curve or kind', async () => {
    const signature = curve.sign(message, secretKey, { lowS: false })
    for (const other of ['EdDSA', 'ES256', 'ES384'] as const) {
      expect(await verdictOf({ alg: other, jwk, message, signature })).toBe(other === alg)
    }
    expect(await verdictOf({ alg, jwk: key(7n).jwk, message, signature })).toBe(false)
  })

  test('is of a key that is on its curve, with coordinates of its size', () => {
    expect(whyNotEnrollable(jwk)).toBeUndefined()
    expect(whyNotEnrollable({ ...jwk, y: jwk.x })).toBe('x and y are not a point of the curve')
    expect(whyNotEnrollable({ ...jwk, y: toBase64url(point.subarray(2 + size)) })).toBe(
      "x and y are not coordinates of the curve's size",
    )
  })
})
