import { ECDH, createHash, generateKeyPairSync, sign } from 'node:crypto'
import { fromBase64url, portableVerify, utf8 } from '@chancery/protocol'
import { describe, expect, test } from 'vitest'
import { inputOf, jwkOf, rawOf } from './signer-pkcs11.ts'

const { privateKey: key } = generateKeyPairSync('ec', { namedCurve: 'P-384' })
const { x = '', y = '' } = key.export({ format: 'jwk' })
const point = Uint8Array.of(4, ...(fromBase64url(x) ?? []), ...(fromBase64url(y) ?? []))

describe('what a token gives', () => {
  test('is the same public key in an OCTET STRING and bare', () => {
    const bare = jwkOf('it', 'ES384', point)
    expect(bare).toEqual({ crv: 'P-384', kty: 'EC', x, y })
    expect(jwkOf('it', 'ES384', Uint8Array.of(4, 97, ...point))).toEqual(bare)
    const edwards = new Uint8Array(32).fill(9)
    expect(jwkOf('it', 'EdDSA', Uint8Array.of(4, 32, ...edwards))).toEqual(jwkOf('it', 'EdDSA', edwards))
  })
  test('is refused where it is compressed, cut short or of another curve', () => {
    const compressed = new Uint8Array(ECDH.convertKey(point, 'secp384r1', undefined, undefined, 'compressed') as Buffer)
    for (const wrong of [compressed, point.subarray(1), new Uint8Array(0), Uint8Array.of(4, 65, ...point)])
      expect(() => jwkOf('the token it', 'ES384', wrong)).toThrow(/^the token it gave a public key of another form/)
    expect(() => jwkOf('the token it', 'ES256', point)).toThrow(/another form/)
  })
  test('is a digest signed, and holds as ES384 of the message', () => {
    const message = utf8('words')
    expect(inputOf('ES384', message)).toEqual(createHash('sha384').update(message).digest())
    expect(inputOf('EdDSA', message)).toBe(message)
    const signature = sign('sha384', message, { key, dsaEncoding: 'ieee-p1363' })
    const jwk = jwkOf('it', 'ES384', point)
    expect(portableVerify({ alg: 'ES384', jwk, message, signature: rawOf('ES384', signature) })).toBe(true)
  })
  test('is brought to full width where both halves are short, and else left to the check of the signature', () => {
    const short = Uint8Array.of(1, 2, 3, 4)
    const whole = rawOf('ES256', short)
    expect([whole.length, whole[30], whole[31], whole[62], whole[63]]).toEqual([64, 1, 2, 3, 4])
    for (const other of [new Uint8Array(63), new Uint8Array(66), whole]) expect(rawOf('ES256', other)).toEqual(other)
  })
})
