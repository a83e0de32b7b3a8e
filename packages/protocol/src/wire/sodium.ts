import { fromBase64url } from './base64.ts'
import { utf8 } from './bytes.ts'
import { assert } from './failure.ts'
import type { Jwk, SignatureCheck } from './primitives.ts'

/** The part of libsodium that is used; a program that checks many signatures hands the module in, where it loads. */
export type Sodium = {
  readonly crypto_sign_verify_detached: (signature: Uint8Array, message: Uint8Array, key: Uint8Array) => boolean
}

/** Of one enrollable key and one message, the signatures on which builds of libsodium have differed. */
const probe = {
  key: 'QZjafHcI2UTtAaLFne8bq6Cxp_5sGSjVtQBWYG2wsjg',
  message: 'chancery',
  holds: 'e6H-QX-Opm7yfX45gVhV0eJCHPP-UAnq8FzPzk5AiH82qbjRL3J7qxcwNVb3RFm54oOCUoMSnQQDO5lyf_2OCQ',
  // R with a torsion component of order 8 and of order 2: the cofactored equation takes both.
  fails: [
    '2GfBpJ0dyXGE7p45b8qIwyh24kLLfQMPN0d1aXV_6XQMfhQdIfh1-iB8eGZPCjC20esIDbEi2SrkaijQW3NuAA',
    'cl4BvoBxWZENgoHGfqeqLh294wwBr_YVD6MwMbG_d4C9uK8WJ7p48QJnhwMY2eumKNyVVbnO-gNag2alpJT4AQ',
  ],
}

/**
 * Ed25519 by libsodium, in half the time of OpenSSL; signatures come here with the shape that all verifiers ask for.
 * undefined for a build that judges otherwise than spec/02-bytes.md#ed25519: it would split the view of a coalition.
 */
export function sodiumVerifier(sodium: Sodium): ((check: SignatureCheck) => boolean) | undefined {
  const verify = ({ signature, message, jwk }: SignatureCheck): boolean =>
    sodium.crypto_sign_verify_detached(signature, message, keyOf(jwk))
  return judgesAsWeDo(sodium) ? verify : undefined
}

function judgesAsWeDo(sodium: Sodium): boolean {
  const bytes = (text: string): Uint8Array => fromBase64url(text) ?? new Uint8Array(0)
  const verdict = (signature: string): boolean =>
    sodium.crypto_sign_verify_detached(bytes(signature), utf8(probe.message), bytes(probe.key))
  return verdict(probe.holds) && !probe.fails.some(verdict)
}

const keys = new WeakMap<Jwk, Uint8Array>()

/** A charter hands in the same object each time. */
function keyOf(jwk: Jwk): Uint8Array {
  const known = keys.get(jwk)
  if (known !== undefined) return known
  const key = jwk.kty === 'OKP' ? fromBase64url(jwk.x) : undefined
  assert(key?.length === 32, 'an Ed25519 key has been enrolled')
  keys.set(jwk, key)
  return key
}
