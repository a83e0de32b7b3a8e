import { createCipheriv, createHash, createPrivateKey, createPublicKey, diffieHellman, hkdfSync } from 'node:crypto'
import { type Jwe, type SealKey, concat, fromBase64url, toBase64url, utf8 } from '@chancery/protocol'
import { x25519 } from '@noble/curves/ed25519.js'
import { ml_kem768_x25519 } from '@noble/post-quantum/hybrid.js'
import { ml_kem768 } from '@noble/post-quantum/ml-kem.js'

export type SealTwin = {
  readonly plaintext: Uint8Array
  readonly aad: Uint8Array
  readonly recipients: readonly SealKey[]
  /** 32 bytes from which every random choice is made, so that the same input gives the same container. */
  readonly seed: Uint8Array
  readonly header?: Readonly<Record<string, unknown>>
  /** Another X-Wing than the right one, for containers that are meant to be refused. */
  readonly encapsulate?: Encapsulate
  /** How the protected header is spelled, where it is not as canonical JSON has it. */
  readonly spell?: (text: string) => string
  /** Where the ephemeral key of a single recipient stands, and what is changed in it there. */
  readonly place?: 'header' | 'protected' | 'both'
  readonly epk?: object
  /** Wraps the content key with the secret that a key of small order gives. */
  readonly zeros?: boolean
}

type Encapsulate = (pub: Uint8Array, eseed: Uint8Array) => { ciphertext: Uint8Array; secret: Uint8Array }

/** A container of spec/04-statements.md#sealing written from RFC 7516 and RFC 7518 with no JOSE library. */
export function sealTwin(input: SealTwin): Jwe {
  const { plaintext, aad, recipients, seed, header = {}, spell = text => text, place = 'header' } = input
  const random = (name: string, length: number) =>
    createHash('sha512').update(concat(seed, utf8(name))).digest().subarray(0, length)
  const [cek, iv] = [random('cek', 32), random('iv', 12)]
  const { encapsulate = xwingTwin, zeros = false } = input
  const wraps = recipients.map(({ kid, jwk }, i) =>
    jwk.kty === 'AKP'
      ? encapsulated({ cek, kid, ...encapsulate(bytesOf(jwk.pub), random(`eseed ${i}`, 64)) })
      : agreed({ cek, kid, x: jwk.x, secret: random(`epk ${i}`, 32), zeros }))
  const shared = place === 'header' ? {} : { epk: { ...epkOf(wraps[0]), ...input.epk } }
  const said = { enc: 'A256GCM', ...shared, typ: 'chancery-seal+jwe', ...header }
  const protectedPart = toBase64url(utf8(spell(JSON.stringify(said))))
  const cipher = createCipheriv('aes-256-gcm', cek, iv)
  cipher.setAAD(utf8(`${protectedPart}.${toBase64url(aad)}`))
  const ciphertext = concat(cipher.update(plaintext), cipher.final())
  return {
    aad: toBase64url(aad),
    ciphertext: toBase64url(ciphertext),
    iv: toBase64url(iv),
    protected: protectedPart,
    recipients: place === 'protected' ? wraps.map(withoutEpk) : wraps,
    tag: toBase64url(cipher.getAuthTag()),
  }
}

/** Of a recipient of suite 1. */
export const epkOf = (recipient: Wrapped | undefined): object | undefined =>
  recipient?.header.alg === 'A256KW' ? undefined : recipient?.header.epk

function withoutEpk({ header, ...rest }: Wrapped): Wrapped {
  return header.alg === 'A256KW' ? { header, ...rest } : { ...rest, header: { alg: header.alg, kid: header.kid } }
}

/** ISO/IEC 7816-4 padding to a size. */
export const padTwin = (plaintext: Uint8Array, size: number): Uint8Array =>
  concat(plaintext, Uint8Array.of(0x80), new Uint8Array(size - plaintext.length - 1))

const xwingTwin: Encapsulate = (pub, eseed) => {
  const { cipherText, sharedSecret } = ml_kem768_x25519.encapsulate(pub, eseed)
  return { ciphertext: cipherText, secret: sharedSecret }
}

/** X-Wing with an X25519 share of small order, whose shared secret is zero. By its letter, this decapsulates. */
export const xwingOfSmallOrder: Encapsulate = (pub, eseed) => {
  const { cipherText, sharedSecret } = ml_kem768.encapsulate(pub.subarray(0, 1_184), eseed.subarray(0, 32))
  const zero = new Uint8Array(32)
  const parts = concat(sharedSecret, zero, zero, pub.subarray(1_184), utf8('\\.//^\\'))
  return { ciphertext: concat(cipherText, zero), secret: createHash('sha3-256').update(parts).digest() }
}

type Wrapped = Jwe['recipients'][number]

function encapsulated(of: { cek: Uint8Array; kid: string; ciphertext: Uint8Array; secret: Uint8Array }): Wrapped {
  const { cek, kid, ciphertext, secret } = of
  const info = concat(utf8(`chancery/v1/kek\0${kid}\0`), createHash('sha256').update(ciphertext).digest())
  const kek = new Uint8Array(hkdfSync('sha256', secret, new Uint8Array(0), info, 32))
  return { encrypted_key: wrapTwin(kek, cek), header: { alg: 'A256KW', kid, xw: toBase64url(ciphertext) } }
}

type Agreed = { cek: Uint8Array; kid: string; x: string; secret: Uint8Array; zeros: boolean }

function agreed({ cek, kid, x, secret, zeros }: Agreed): Wrapped {
  const ephemeral = toBase64url(x25519.getPublicKey(secret))
  const jwk = { crv: 'X25519', kty: 'OKP', d: toBase64url(secret), x: ephemeral }
  const shared = zeros ? new Uint8Array(32) : diffieHellman({
    privateKey: createPrivateKey({ key: jwk, format: 'jwk' }),
    publicKey: createPublicKey({ key: { crv: 'X25519', kty: 'OKP', x }, format: 'jwk' }),
  })
  const header = { alg: 'ECDH-ES+A256KW', epk: { crv: 'X25519', kty: 'OKP', x: ephemeral }, kid } as const
  return { encrypted_key: wrapTwin(concatKdf(shared), cek), header }
}

/** RFC 3394. */
function wrapTwin(kek: Uint8Array, cek: Uint8Array): string {
  const wrap = createCipheriv('id-aes256-wrap', kek, new Uint8Array(8).fill(0xa6))
  return toBase64url(concat(wrap.update(cek), wrap.final()))
}

/** RFC 7518 section 4.6.2: one round, no party information, 256 bits. */
function concatKdf(shared: Uint8Array): Uint8Array {
  const word = (value: number) => Uint8Array.of(0, 0, value >> 8, value & 255)
  const name = utf8('ECDH-ES+A256KW')
  const parts = [word(1), shared, word(name.length), name, word(0), word(0), word(256)]
  return createHash('sha256').update(concat(...parts)).digest()
}

/** The bytes of a base64url text that the generators themselves have made. */
export function bytesOf(text: string): Uint8Array {
  const bytes = fromBase64url(text)
  if (bytes === undefined) throw new Error(`not base64url: ${text}`)
  return bytes
}
