import { ed25519 } from '@noble/curves/ed25519.js'
import { p256, p384 } from '@noble/curves/nist.js'
import { fromBase64url } from './base64.ts'
import { concat, portableSha256, toHex } from './bytes.ts'
import {
  type EcJwk,
  type Jwk,
  type MlDsaJwk,
  type Primitives,
  type SignatureAlg,
  type SignatureCheck,
} from './primitives.ts'
import { mlDsa44, mlDsa44Key, portableMlDsa44 } from './ml-dsa.ts'
import { whyNotX25519 } from './x25519.ts'
import { whyNotXwing } from './xwing.ts'

// L, the order of the base point, as RFC 8032 section 5.1 writes it; S is compared in little-endian order.
const orderL = 2n ** 252n + 27742317777372353535851937790883648493n

/** Encodings of the eight small-order points, with their non-canonical twins (spec/02-bytes.md#ed25519). */
const smallOrder: ReadonlySet<string> = new Set([
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0000000000000000000000000000000000000000000000000000000000000080',
  '0100000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000080',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff',
  'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff',
  'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff',
])

export const signatureBytes: Readonly<Record<SignatureAlg, number>> = { EdDSA: 64, ES256: 64, ES384: 96 }

/**
 * What every verifier checks before its own equation, so that all give one verdict: length, and for Ed25519
 * S < L and R not of small order. With enrolled keys (enrollable below) the equation is then the cofactorless one.
 */
export function signatureShapeHolds(alg: SignatureAlg, signature: Uint8Array): boolean {
  if (signature.length !== signatureBytes[alg]) return false
  return alg !== 'EdDSA' || (sBelowL(signature) && !isSmallOrder(signature.subarray(0, 32)))
}

const smallOrderFirst: ReadonlySet<number> = new Set([...smallOrder].map(hex => Number.parseInt(hex.slice(0, 2), 16)))
const isSmallOrder = (r: Uint8Array): boolean => smallOrderFirst.has(r[0] ?? 0) && smallOrder.has(toHex(r))

function sBelowL(signature: Uint8Array): boolean {
  // All but about 2^-128 of honest signatures end here.
  if (signature[63]! < 0x10) return true
  if (signature[63]! > 0x10) return false
  const s = BigInt(`0x${toHex(Uint8Array.from(signature.subarray(32)).reverse())}`)
  return s < orderL
}

/** Why a public key may not be enrolled, or undefined: canonical, on the curve, not of small order, torsion-free. */
export function whyNotEnrollable(jwk: Jwk): string | undefined {
  if (jwk.kty === 'AKP') return jwk.alg === 'X-Wing' ? whyNotXwing(jwk) : whyNotMlDsa44(jwk)
  if (jwk.kty === 'EC') return whyNotEc(jwk)
  const bytes = fromBase64url(jwk.x)
  if (bytes?.length !== 32) return 'x is not 32 bytes of base64url'
  return jwk.crv === 'X25519' ? whyNotX25519(bytes) : whyNotEd25519(bytes)
}

function whyNotMlDsa44(jwk: MlDsaJwk): string | undefined {
  return mlDsa44Key(jwk) === undefined ? `pub is not ${mlDsa44.publicKey} bytes of base64url` : undefined
}

function whyNotEd25519(bytes: Uint8Array): string | undefined {
  try {
    const point = ed25519.Point.fromBytes(bytes, false)
    if (point.isSmallOrder()) return 'the point has small order'
    return point.isTorsionFree() ? undefined : 'the point has a torsion component'
  } catch {
    return 'x is not a canonical point of the curve'
  }
}

function whyNotEc(jwk: EcJwk): string | undefined {
  const point = ecPoint(jwk)
  if (point === undefined) return "x and y are not coordinates of the curve's size"
  try {
    curves[jwk.crv].Point.fromBytes(point)
    return undefined
  } catch {
    return 'x and y are not a point of the curve'
  }
}

const curves = { 'P-256': p256, 'P-384': p384 } as const
const coordinateBytes = { 'P-256': 32, 'P-384': 48 } as const

function ecPoint({ crv, x, y }: EcJwk): Uint8Array | undefined {
  const [left, right] = [fromBase64url(x), fromBase64url(y)]
  if (left?.length !== coordinateBytes[crv] || right?.length !== coordinateBytes[crv]) return undefined
  return concat(Uint8Array.of(4), left, right)
}

/** The portable verifier: slow, and the same verdict. For runtimes without native Ed25519 and as a second opinion. */
export function portableVerify({ alg, jwk, message, signature }: SignatureCheck): boolean {
  if (!signatureShapeHolds(alg, signature)) return false
  return alg === 'EdDSA' ? ed25519Holds(jwk, message, signature) : ecdsaHolds({ alg, jwk, message, signature })
}

function ed25519Holds(jwk: Jwk, message: Uint8Array, signature: Uint8Array): boolean {
  const key = jwk.kty === 'OKP' && jwk.crv === 'Ed25519' ? fromBase64url(jwk.x) : undefined
  if (key === undefined) return false
  try {
    // noble's equation is cofactored; with A and R free of torsion it is the cofactorless one.
    const r = ed25519.Point.fromBytes(signature.subarray(0, 32), false)
    return r.isTorsionFree() && ed25519.verify(signature, message, key, { zip215: false })
  } catch {
    return false
  }
}

function ecdsaHolds({ alg, jwk, message, signature }: SignatureCheck): boolean {
  const crv = alg === 'ES256' ? 'P-256' : 'P-384'
  const point = jwk.kty === 'EC' && jwk.crv === crv ? ecPoint(jwk) : undefined
  if (point === undefined) return false
  try {
    // High s is allowed: ids never cover the signature, and HSMs do not normalise.
    return curves[crv].verify(signature, message, point, { lowS: false, format: 'compact', prehash: true })
  } catch {
    return false
  }
}

export const portablePrimitives: Primitives = {
  sha256: portableSha256,
  verify: portableVerify,
  verifyMlDsa44: portableMlDsa44,
  verifyLater: async check => portableVerify(check),
}
