import * as crypto from 'node:crypto'
import { p256 } from '@noble/curves/nist.js'
import { describe, expect, test } from 'vitest'
import { fromBase64url, toBase64url } from './base64.ts'
import { portableSha256, utf8 } from './bytes.ts'
import { nodePrimitives, thumbprint, webVerify } from './native.ts'
import type { EcJwk, Jwk, SignatureCheck } from './primitives.ts'
import { portableVerify } from './signature.ts'

const native = nodePrimitives(crypto)
const message = utf8('who did what')

/** A P-256 key and its mirror image: the same x, the other y, the negative of the secret. */
function mirrored() {
  const secret = portableSha256(utf8('native test'))
  const point = p256.Point.fromBytes(p256.getPublicKey(secret))
  const jwkOf = (raw: Uint8Array): EcJwk => ({
    crv: 'P-256',
    kty: 'EC',
    x: toBase64url(raw.subarray(1, 33)),
    y: toBase64url(raw.subarray(33)),
  })
  return { secret, jwk: jwkOf(point.toBytes(false)), mirror: jwkOf(point.negate().toBytes(false)) }
}

describe('the verifier of the machine', () => {
  const { secret, jwk, mirror } = mirrored()
  const signature = p256.sign(message, secret, { lowS: false })
  const asked: SignatureCheck = { alg: 'ES256', jwk, message, signature }

  test('keeps two keys apart that differ in y alone, whichever it saw first', () => {
    expect(mirror.x).toBe(jwk.x)
    for (const [first, second] of [
      [jwk, mirror],
      [mirror, jwk],
    ] as const) {
      const fresh = nodePrimitives(crypto)
      for (const key of [first, second]) {
        expect(fresh.verify({ ...asked, jwk: key })).toBe(portableVerify({ ...asked, jwk: key }))
      }
    }
  })

  test('imports a key once', () => {
    let imports = 0
    const counting = nodePrimitives({
      ...crypto,
      createPublicKey: (input: { key: never; format: 'jwk' }) => {
        imports += 1
        return crypto.createPublicKey(input)
      },
    })
    for (let i = 0; i < 3; i++) expect(counting.verify(asked)).toBe(true)
    expect(imports).toBe(1)
  })

  test('gives the same answer on another thread', async () => {
    expect(await native.verifyLater(asked)).toBe(true)
    expect(await native.verifyLater({ ...asked, message: utf8('another') })).toBe(false)
    expect(await native.verifyLater({ ...asked, signature: signature.subarray(1) })).toBe(false)
  })

  test('hashes as every machine does', () => {
    expect(native.sha256(message)).toEqual(crypto.createHash('sha256').update(message).digest())
  })
})

test('a browser gives the answer of the machine', async () => {
  const web = webVerify(crypto.webcrypto.subtle as never)
  const { secret, jwk, mirror } = mirrored()
  const signature = p256.sign(message, secret, { lowS: false })
  expect(await web({ alg: 'ES256', jwk, message, signature })).toBe(true)
  expect(await web({ alg: 'ES256', jwk: mirror, message, signature })).toBe(false)
})

describe('a thumbprint', () => {
  test('is that of RFC 7638 for the key of RFC 8037', () => {
    const jwk: Jwk = { kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' }
    // Appendix A.3 of RFC 8037 prints this one.
    expect(thumbprint(portableSha256, jwk)).toBe('kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k')
    expect(fromBase64url(thumbprint(portableSha256, jwk))?.length).toBe(32)
  })

  test('is over the required members in order of their names', () => {
    const { jwk } = mirrored()
    const sorted = JSON.stringify(Object.fromEntries(Object.entries(jwk).sort(([a], [b]) => (a < b ? -1 : 1))))
    expect(thumbprint(portableSha256, jwk)).toBe(crypto.createHash('sha256').update(sorted).digest('base64url'))
  })

  test('does not cover what else a key says of itself', () => {
    const { jwk } = mirrored()
    expect(thumbprint(portableSha256, { ...jwk, use: 'sig' } as EcJwk)).toBe(thumbprint(portableSha256, jwk))
  })
})
