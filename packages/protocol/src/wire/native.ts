import { toBase64url } from './base64.ts'
import { utf8 } from './bytes.ts'
import { mlDsa44, mlDsa44Jwk, portableMlDsa44 } from './ml-dsa.ts'
import { type Jwk, type Primitives, type SignatureAlg, type SignatureCheck, familyOf } from './primitives.ts'
import { signatureShapeHolds } from './signature.ts'
import { type Sodium, sodiumVerifier } from './sodium.ts'

/** The part of `node:crypto` that is used; the caller hands the module in, so this package stays pure. */
export type NodeCrypto<Key> = {
  readonly hash: (algorithm: string, data: Uint8Array, encoding: 'buffer') => Uint8Array
  readonly createPublicKey: (input: { key: never; format: 'jwk' }) => Key
  readonly verify: {
    (alg: string | null, data: Uint8Array, key: never, signature: Uint8Array): boolean
    (
      alg: string | null,
      data: Uint8Array,
      key: never,
      signature: Uint8Array,
      done: (error: Error | null, holds: boolean) => void,
    ): void
  }
}

const digests: Readonly<Record<SignatureAlg, string | null>> = { EdDSA: null, ES256: 'sha256', ES384: 'sha384' }
/** A coalition has at most a few thousand keys; past that the cache starts over. */
const cachedKeysMax = 4_096

/**
 * OpenSSL through `node:crypto`. Keys are imported once each; verifyLater runs on the thread pool. With libsodium at
 * hand, `verify` asks it for Ed25519: the same verdict, sooner.
 */
export function nodePrimitives<Key>(crypto: NodeCrypto<Key>, sodium?: Sodium): Primitives {
  const ed25519 = sodium && sodiumVerifier(sodium)
  const keys = new Map<string, unknown>()
  // A charter hands in the same object each time: it is found sooner than by what it says.
  let last: { readonly jwk: Jwk; readonly key: unknown } | undefined
  const imported = (jwk: Jwk): unknown => {
    if (last?.jwk !== jwk) last = { jwk, key: byName(jwk) }
    return last.key
  }
  const byName = (jwk: Jwk): unknown => {
    const name = requiredMembers(jwk)
    const known = keys.get(name)
    if (known !== undefined) return known
    if (keys.size >= cachedKeysMax) keys.clear()
    const key = crypto.createPublicKey({ key: jwk as never, format: 'jwk' })
    keys.set(name, key)
    return key
  }
  /** undefined where this runtime is older than FIPS 204: every key of the right length is one. */
  const importedMlDsa = (key: Uint8Array): unknown => {
    try {
      return imported(mlDsa44Jwk(key))
    } catch {
      return undefined
    }
  }
  const options = ({ alg, jwk }: SignatureCheck) =>
    (alg === 'EdDSA' ? imported(jwk) : { key: imported(jwk), dsaEncoding: 'ieee-p1363' }) as never
  const fits = ({ alg, jwk, signature }: SignatureCheck) =>
    signatureShapeHolds(alg, signature) && familyOf(jwk) === curveOf[alg]
  return {
    sha256: bytes => crypto.hash('sha256', bytes, 'buffer'),
    verify: check => {
      if (!fits(check)) return false
      if (check.alg === 'EdDSA' && ed25519 !== undefined) return ed25519(check)
      return crypto.verify(digests[check.alg], check.message, options(check), check.signature)
    },
    verifyMlDsa44: (key, message, signature) => {
      if (key.length !== mlDsa44.publicKey || signature.length !== mlDsa44.signature) return false
      const native = importedMlDsa(key)
      if (native === undefined) return portableMlDsa44(key, message, signature)
      return crypto.verify(null, message, native as never, signature)
    },
    verifyLater: check =>
      new Promise((resolve, reject) => {
        if (!fits(check)) return resolve(false)
        crypto.verify(digests[check.alg], check.message, options(check), check.signature, (error, holds) =>
          error === null || error === undefined ? resolve(holds) : reject(error),
        )
      }),
  }
}

const curveOf: Readonly<Record<SignatureAlg, string>> = { EdDSA: 'Ed25519', ES256: 'P-256', ES384: 'P-384' }

/** The part of WebCrypto that is used: a browser's verifier, asynchronous by nature. */
export type WebSubtle = {
  importKey(format: 'jwk', key: object, algorithm: object, extractable: boolean, uses: 'verify'[]): Promise<unknown>
  verify(algorithm: object, key: never, signature: Uint8Array, data: Uint8Array): Promise<boolean>
}

export function webVerify(subtle: WebSubtle): (check: SignatureCheck) => Promise<boolean> {
  return async ({ alg, jwk, message, signature }) => {
    if (!signatureShapeHolds(alg, signature) || familyOf(jwk) !== curveOf[alg]) return false
    const algorithm =
      alg === 'EdDSA'
        ? { name: 'Ed25519' }
        : { name: 'ECDSA', namedCurve: familyOf(jwk), hash: alg === 'ES256' ? 'SHA-256' : 'SHA-384' }
    const key = await subtle.importKey('jwk', { ...jwk }, algorithm, true, ['verify'])
    return subtle.verify(algorithm, key as never, signature, message)
  }
}

/** RFC 7638: the members that a key's type requires, in order, hashed. The full thumbprint is its id everywhere. */
export function thumbprint(sha256: Primitives['sha256'], jwk: Jwk): string {
  return toBase64url(sha256(utf8(requiredMembers(jwk))))
}

function requiredMembers(jwk: Jwk): string {
  if (jwk.kty === 'AKP') return `{"alg":"${jwk.alg}","kty":"${jwk.kty}","pub":"${jwk.pub}"}`
  const y = jwk.kty === 'EC' ? `,"y":"${jwk.y}"` : ''
  return `{"crv":"${jwk.crv}","kty":"${jwk.kty}","x":"${jwk.x}"${y}}`
}
