import type { Sha256 } from './bytes.ts'

export type SignatureAlg = 'EdDSA' | 'ES256' | 'ES384'

/** Public keys as RFC 7517 has them, exactly these members. */
export type OkpJwk = { readonly crv: 'Ed25519' | 'X25519'; readonly kty: 'OKP'; readonly x: string }
export type EcJwk = { readonly crv: 'P-256' | 'P-384'; readonly kty: 'EC'; readonly x: string; readonly y: string }
/** RFC 9964 section 3: the algorithm stands in the key, in place of a curve. */
export type XwingJwk = { readonly alg: 'X-Wing'; readonly kty: 'AKP'; readonly pub: string }
export type MlDsaJwk = { readonly alg: 'ML-DSA-44'; readonly kty: 'AKP'; readonly pub: string }
export type AkpJwk = XwingJwk | MlDsaJwk
export type Jwk = OkpJwk | EcJwk | AkpJwk

/** What a key is a key of: its curve, or where there is none the algorithm that the key itself names. */
export const familyOf = (jwk: Jwk): EcJwk['crv'] | OkpJwk['crv'] | AkpJwk['alg'] =>
  jwk.kty === 'AKP' ? jwk.alg : jwk.crv

export type SignatureCheck = {
  readonly alg: SignatureAlg
  readonly jwk: Jwk
  readonly message: Uint8Array
  /** 64 bytes for EdDSA and ES256, 96 for ES384: raw r and s. */
  readonly signature: Uint8Array
}

/** The machine's own crypto, handed in: this package has none of its own. One verdict everywhere: see signature.ts. */
export type Primitives = {
  readonly sha256: Sha256
  readonly verify: (check: SignatureCheck) => boolean
  /** FIPS 204, ML-DSA-44, with an empty context string: false for a key or signature of another length. */
  readonly verifyMlDsa44: (key: Uint8Array, message: Uint8Array, signature: Uint8Array) => boolean
  /** The same verdict, computed off the calling thread where the runtime can. */
  readonly verifyLater: (check: SignatureCheck) => Promise<boolean>
}
