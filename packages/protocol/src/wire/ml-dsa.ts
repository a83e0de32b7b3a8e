import { ml_dsa44 } from '@noble/post-quantum/ml-dsa.js'
import { fromBase64url, toBase64url } from './base64.ts'
import type { MlDsaJwk } from './primitives.ts'

/** ML-DSA-44, FIPS 204: sizes in bytes, and the 32 bytes that are the whole of a private key. */
export const mlDsa44 = { publicKey: 1_312, signature: 2_420, seed: 32 } as const

/** The portable verifier: slow, and the same verdict. The context string of FIPS 204 is empty. */
export function portableMlDsa44(key: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  try {
    return ml_dsa44.verify(signature, message, key)
  } catch {
    return false
  }
}

export const mlDsa44Keys = (seed: Uint8Array): { readonly publicKey: Uint8Array; readonly secretKey: Uint8Array } =>
  ml_dsa44.keygen(seed)

/** Deterministic, FIPS 204 section 3.4: one message has one signature of a key, and nothing random is needed. */
export const signMlDsa44 = (secretKey: Uint8Array, message: Uint8Array): Uint8Array =>
  ml_dsa44.sign(message, secretKey, { extraEntropy: false })

export const mlDsa44Jwk = (publicKey: Uint8Array): MlDsaJwk => ({
  alg: 'ML-DSA-44',
  kty: 'AKP',
  pub: toBase64url(publicKey),
})

/** The bytes of a public key of the right length; undefined for any other. Every such key can be enrolled. */
export function mlDsa44Key({ pub }: MlDsaJwk): Uint8Array | undefined {
  const bytes = fromBase64url(pub)
  return bytes?.length === mlDsa44.publicKey ? bytes : undefined
}
