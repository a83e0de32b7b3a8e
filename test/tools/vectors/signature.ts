import { createHash } from 'node:crypto'
import { type SignatureAlg, concat, toBase64url as b64, utf8 } from '@chancery/protocol'
import { ed25519 } from '@noble/curves/ed25519.js'
import { p256, p384 } from '@noble/curves/nist.js'
import { type Holder, bad, good, holder, seed } from './coalition.ts'
import { bytesOf } from './seal-twin.ts'
import type { VectorCase } from './vector-file.ts'

const { Point } = ed25519
const orderL = Point.Fn.ORDER
const message = utf8('who did what')

/** Little-endian, as RFC 8032 writes numbers. */
export const littleEndian = (value: bigint): Uint8Array => bigEndian(value, 32).reverse()
const bigEndian = (value: bigint, length: number): Uint8Array =>
  Uint8Array.from(value.toString(16).padStart(length * 2, '0').match(/../g) ?? [], pair => Number.parseInt(pair, 16))
const numberOf = (bytes: Uint8Array): bigint => BigInt(`0x${Buffer.from(bytes).toString('hex')}`)
const modL = (value: bigint): bigint => ((value % orderL) + orderL) % orderL

/** The eight points of small order, as multiples of one of order eight, and every other spelling of them. */
export const torsion = Point.fromHex('26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05')
const smallPoints = Array.from({ length: 8 }, (_, i) => (i === 0 ? Point.ZERO : torsion.multiplyUnsafe(BigInt(i))))
const prime = 2n ** 255n - 19n
const otherSpellings = [prime, prime + 1n].flatMap(y => [littleEndian(y), signBit(littleEndian(y))])
export const smallEncodings: readonly Uint8Array[] = [
  ...smallPoints.map(point => point.toBytes()),
  ...otherSpellings,
  signBit(littleEndian(1n)), signBit(littleEndian(prime - 1n)),
]

export function signBit(bytes: Uint8Array): Uint8Array {
  return concat(bytes.subarray(0, 31), Uint8Array.of((bytes[31] ?? 0) | 0x80))
}

/** An Ed25519 key as RFC 8032 derives it, its scalar in hand, so that signatures can be made by hand. */
export function edKey(secret: Uint8Array) {
  const digest = createHash('sha512').update(secret).digest()
  const half = Uint8Array.from(digest.subarray(0, 32))
  half[0] = (half[0] ?? 0) & 248
  half[31] = ((half[31] ?? 0) & 63) | 64
  const scalar = modL(numberOf(half.reverse()))
  const point = Point.BASE.multiply(scalar)
  const challenge = (r: Uint8Array, text = message) =>
    modL(numberOf(createHash('sha512').update(concat(r, point.toBytes(), text)).digest().reverse()))
  /** A signature with any R, and the S that fits where R is `nonce` times the base point. */
  const withR = (r: Uint8Array, nonce = 0n) => concat(r, littleEndian(modL(nonce + challenge(r) * scalar)))
  return { scalar, point, withR }
}

export async function signatureCases(): Promise<VectorCase[]> {
  return [...ed25519Cases(await holder('ardenia', 'sign', 'EdDSA')), ...(await ecdsaCases('ES256')),
    ...(await ecdsaCases('ES384'))]
}

function given(alg: SignatureAlg, { record }: Holder, signature: Uint8Array, text = message) {
  return { alg, jwk: record.jwk, message: b64(text), signature: b64(signature) }
}

const refused = (name: string, asked: unknown) => bad(name, asked, 'statement.bad-signature')

function ed25519Cases(key: Holder): VectorCase[] {
  const { withR } = edKey(key.secret)
  const signature = key.sign(message)
  const [r, s] = [signature.subarray(0, 32), numberOf(signature.slice(32).reverse())]
  const nonce = modL(numberOf(seed('nonce')))
  const own = Point.BASE.multiply(nonce)
  const asked = (bytes: Uint8Array, text = message) => given('EdDSA', key, bytes, text)
  const wrong = (name: string, bytes: Uint8Array) => refused(`Ed25519: ${name}`, asked(bytes))
  const withS = (value: bigint) => concat(r, littleEndian(value))
  const changed = (at: number) => signature.map((byte, i) => (i === at ? byte ^ 1 : byte))
  return [
    good('Ed25519: a signature', asked(signature)),
    good('Ed25519: a signature with an R chosen at will', asked(withR(own.toBytes(), nonce))),
    good('Ed25519: a signature of nothing', asked(key.sign(new Uint8Array(0)), new Uint8Array(0))),
    refused('Ed25519: another message', asked(signature, utf8('who did that'))),
    wrong('no bytes', new Uint8Array(0)),
    wrong('63 bytes', signature.subarray(0, 63)),
    wrong('65 bytes', concat(signature, Uint8Array.of(0))),
    wrong('a bit of R', changed(0)),
    wrong('a bit of S', changed(32)),
    wrong('the other sign of R', changed(31).map((byte, i) => (i === 31 ? (signature[31] ?? 0) ^ 0x80 : byte))),
    ...[1n, 2n, 14n].map(times => wrong(`S + ${times} L`, withS(s + times * orderL))),
    wrong('S = 0', withS(0n)),
    wrong('S = L - 1', withS(orderL - 1n)),
    wrong('S = L', withS(orderL)),
    wrong('S of all bits', withS(2n ** 256n - 1n)),
    wrong('S negated', withS(orderL - s)),
    ...smallEncodings.map(small => wrong(`R of small order, ${Buffer.from(small).toString('hex').slice(0, 8)}…${
      Buffer.from(small).toString('hex').slice(-2)}`, withR(small))),
    ...smallPoints.slice(1).map((small, i) => wrong(`R with the torsion component ${i + 1}`,
      withR(own.add(small).toBytes(), nonce))),
    ...[3n, 4n, 5n, 6n, 9n].map(y => wrong(`R whose y is ${y} past p`, withR(littleEndian(prime + y)))),
    wrong('R that is not on the curve', withR(littleEndian(2n))),
    refused('Ed25519: an X25519 key of the same bytes',
      { ...asked(signature), jwk: { ...key.record.jwk, crv: 'X25519' } }),
    refused('Ed25519: the header says ES256', { ...asked(signature), alg: 'ES256' }),
  ]
}

const curves = { ES256: { curve: p256, bytes: 32 }, ES384: { curve: p384, bytes: 48 } } as const

async function ecdsaCases(alg: 'ES256' | 'ES384'): Promise<VectorCase[]> {
  const { curve, bytes } = curves[alg]
  const n = curve.Point.Fn.ORDER
  const key = await holder('borealia', 'sign', alg)
  const [other, ed] = [await holder('cassia', 'sign', alg), await holder('ardenia', 'sign', 'EdDSA')]
  const wrongCurve = await holder('cassia', 'sign', alg === 'ES256' ? 'ES384' : 'ES256')
  const signature = key.sign(message)
  const [r, s] = [numberOf(signature.subarray(0, bytes)), numberOf(signature.subarray(bytes))]
  const pair = (left: bigint, right: bigint) => concat(bigEndian(left, bytes), bigEndian(right, bytes))
  const low = s > n / 2n ? n - s : s
  const asked = (raw: Uint8Array, text = message) => given(alg, key, raw, text)
  const wrong = (name: string, raw: Uint8Array) => refused(`${alg}: ${name}`, asked(raw))
  const mirrored = { ...key.record.jwk, y: b64(bigEndian(curve.Point.Fp.ORDER - numberOf(yOf(key)), bytes)) }
  const mirroredSign = curve.sign(message, bigEndian(n - numberOf(key.secret), bytes), { lowS: false })
  return [
    good(`${alg}: a signature with a low s`, asked(pair(r, low))),
    good(`${alg}: a signature with a high s`, asked(pair(r, n - low))),
    good(`${alg}: the key with the same x and the other y has its own signatures`,
      { ...asked(mirroredSign), jwk: mirrored }),
    refused(`${alg}: the key with the same x and the other y`, { ...asked(signature), jwk: mirrored }),
    refused(`${alg}: another message`, asked(signature, utf8('who did that'))),
    refused(`${alg}: another key`, { ...asked(signature), jwk: other.record.jwk }),
    wrong('no bytes', new Uint8Array(0)),
    wrong('a byte too few', signature.subarray(1)),
    wrong('a byte too many', concat(signature, Uint8Array.of(0))),
    wrong('DER', curve.Signature.fromBytes(signature, 'compact').toBytes('der')),
    wrong('r and s exchanged', pair(s, r)),
    wrong('r = 0', pair(0n, s)),
    wrong('s = 0', pair(r, 0n)),
    wrong('both 0', pair(0n, 0n)),
    wrong('r = n', pair(n, s)),
    wrong('s = n', pair(r, n)),
    wrong('r and s of all bits', new Uint8Array(bytes * 2).fill(255)),
    refused(`${alg}: a key of another curve`, { ...asked(signature), jwk: wrongCurve.record.jwk }),
    refused(`${alg}: an Ed25519 key`, { ...asked(signature), jwk: ed.record.jwk }),
  ]
}

function yOf({ record: { jwk } }: Holder): Uint8Array {
  return jwk.kty === 'EC' ? bytesOf(jwk.y) : new Uint8Array(0)
}
