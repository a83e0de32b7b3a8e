import { hkdf } from '@noble/hashes/hkdf.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { ml_kem768_x25519 } from '@noble/post-quantum/hybrid.js'
import { fromBase64url, toBase64url } from './base64.ts'
import { concat, domainTag, utf8 } from './bytes.ts'
import type { XwingJwk } from './primitives.ts'
import { whyNotX25519 } from './x25519.ts'

/** X-Wing, ML-KEM-768 with X25519: spec/04-statements.md#suites. Sizes of its parts, in bytes. */
export const xwing = { publicKey: 1_216, mlKemKey: 1_184, ciphertext: 1_120, seed: 32 } as const

/** The public key of a 32-byte seed, which is the whole of the private key. */
export const xwingJwk = (seed: Uint8Array): XwingJwk => ({
  alg: 'X-Wing',
  kty: 'AKP',
  pub: toBase64url(ml_kem768_x25519.getPublicKey(seed)),
})

/** A fresh ciphertext to a key that may be enrolled, and the key-wrapping key that only its holder can make of it. */
export function encapsulate({ kid, pub }: { readonly kid: string; readonly pub: string }): {
  readonly ciphertext: Uint8Array
  readonly kek: Uint8Array
} {
  const { cipherText, sharedSecret } = ml_kem768_x25519.encapsulate(fromBase64url(pub) ?? new Uint8Array(0))
  return { ciphertext: cipherText, kek: kekOf({ secret: sharedSecret, kid, ciphertext: cipherText }) }
}

/**
 * The key-wrapping key of a ciphertext of the right length. Throws where its X25519 part is of small order; of a wrong
 * ML-KEM part it makes a key that unwraps nothing (FIPS 203, implicit rejection).
 */
export function decapsulate(input: {
  readonly kid: string
  readonly seed: Uint8Array
  readonly ciphertext: Uint8Array
}): Uint8Array {
  const { kid, seed, ciphertext } = input
  return kekOf({ secret: ml_kem768_x25519.decapsulate(ciphertext, seed), kid, ciphertext })
}

/** Bound to the key and to the ciphertext: X-Wing itself does not hash its ML-KEM part. */
function kekOf(input: { readonly secret: Uint8Array; readonly kid: string; readonly ciphertext: Uint8Array }) {
  const { secret, kid, ciphertext } = input
  return hkdf(sha256, secret, undefined, concat(domainTag('kek'), utf8(`${kid}\0`), sha256(ciphertext)), 32)
}

/** Why a public key may not be enrolled, or undefined: length, ML-KEM's modulus check, and the X25519 part's own. */
export function whyNotXwing({ pub }: XwingJwk): string | undefined {
  const bytes = fromBase64url(pub)
  if (bytes?.length !== xwing.publicKey) return `pub is not ${xwing.publicKey} bytes of base64url`
  if (!coefficientsBelowQ(bytes.subarray(0, xwing.mlKemKey - 32))) return 'the ML-KEM part is not canonical'
  return whyNotX25519(bytes.subarray(xwing.mlKemKey))
}

/** FIPS 203 section 7.2: two coefficients of 12 bits in each three bytes, all below q. The last 32 bytes are a seed. */
function coefficientsBelowQ(bytes: Uint8Array): boolean {
  const q = 3_329
  for (let at = 0; at < bytes.length; at += 3) {
    const [a = 0, b = 0, c = 0] = bytes.subarray(at, at + 3)
    if ((a | ((b & 15) << 8)) >= q || ((b >> 4) | (c << 4)) >= q) return false
  }
  return true
}
