import * as crypto from 'node:crypto'
import { ml_kem768_x25519 } from '@noble/post-quantum/hybrid.js'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { fromBase64url, toBase64url } from './base64.ts'
import { concat, equalBytes, portableSha256, toHex, utf8 } from './bytes.ts'
import { decapsulate, encapsulate, whyNotXwing, xwing, xwingJwk } from './xwing.ts'

const seed = portableSha256(utf8('X-Wing test'))
const { pub } = xwingJwk(seed)
const bytes = fromBase64url(pub) ?? new Uint8Array(0)
const kid = toBase64url(portableSha256(bytes))
const hex = (text: string) => Uint8Array.from(Buffer.from(text, 'hex'))

test('the first test vector of the X-Wing draft holds', () => {
  const secretKey = hex('7f9c2ba4e88f827d616045507605853ed73b8093f6efbc88eb1a6eacfa66ef26')
  const eseed = hex(
    '3cb1eea988004b93103cfb0aeefd2a686e01fa4a58e8a3639ca8a1e3f9ae57e2' +
      '35b8cc873c23dc62b8d260169afa2f75ab916a58d974918835d25e6a435085b2',
  )
  const { cipherText, sharedSecret } = ml_kem768_x25519.encapsulate(ml_kem768_x25519.getPublicKey(secretKey), eseed)
  expect(toHex(sharedSecret)).toBe('d2df0522128f09dd8e2c92b1e905c793d8f57a54c3da25861f10bf4ca613e384')
  expect(equalBytes(ml_kem768_x25519.decapsulate(cipherText, secretKey), sharedSecret)).toBe(true)
})

test('a key and a ciphertext have the sizes that the limits name', () => {
  expect(bytes.length).toBe(xwing.publicKey)
  expect(encapsulate({ kid, pub }).ciphertext.length).toBe(xwing.ciphertext)
})

test('only the holder of the seed, under the same kid, makes the same key-wrapping key', () => {
  const { ciphertext, kek } = encapsulate({ kid, pub })
  const other = portableSha256(seed)
  const keks = [
    decapsulate({ kid, seed, ciphertext }),
    decapsulate({ kid, seed: other, ciphertext }),
    decapsulate({ kid: toBase64url(other), seed, ciphertext }),
    decapsulate({ kid, seed, ciphertext: ciphertext.map((byte, i) => (i === 500 ? byte ^ 1 : byte)) }),
  ]
  expect(keks.map(made => equalBytes(made, kek))).toEqual([true, false, false, false])
})

test('a key may be enrolled exactly where OpenSSL takes its ML-KEM part', () => {
  // The public key of ML-KEM-768 in SPKI: RFC 9935 section 4.
  const spki = hex('308204b2300b0609608648016503040402038204a100')
  const isTaken = (key: Uint8Array) => {
    try {
      const der = Buffer.from(concat(spki, key.subarray(0, xwing.mlKemKey)))
      crypto.encapsulate(crypto.createPublicKey({ key: der, format: 'der', type: 'spki' }))
      return true
    } catch {
      return false
    }
  }
  expect(isTaken(bytes)).toBe(true)
  fc.assert(
    fc.property(fc.nat({ max: xwing.mlKemKey - 1 }), fc.nat({ max: 255 }), (at, put) => {
      const changed = bytes.map((byte, i) => (i === at ? put : byte))
      const why = whyNotXwing({ alg: 'X-Wing', kty: 'AKP', pub: toBase64url(changed) })
      expect(why === undefined).toBe(isTaken(changed))
    }),
    { numRuns: 300 },
  )
})

test('a key whose X25519 part would give a secret of zeros is refused', () => {
  const low = concat(bytes.subarray(0, xwing.mlKemKey), new Uint8Array(32))
  expect(whyNotXwing({ alg: 'X-Wing', kty: 'AKP', pub: toBase64url(low) })).toBe('the point has small order')
  const { ciphertext } = encapsulate({ kid, pub })
  const zero = concat(ciphertext.subarray(0, 1_088), new Uint8Array(32))
  expect(() => decapsulate({ kid, seed, ciphertext: zero })).toThrow('private or public key')
})
