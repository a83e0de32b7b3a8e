import { ed25519, x25519 } from '@noble/curves/ed25519.js'
import { p256, p384 } from '@noble/curves/nist.js'
import { describe, expect, test } from 'vitest'
import { toBase64url } from '../wire/base64.ts'
import { fromUtf8, portableSha256 as sha256, utf8 } from '../wire/bytes.ts'
import type { Jwk } from '../wire/primitives.ts'
import { portablePrimitives as primitives } from '../wire/signature.ts'
import { mlDsa44Jwk, mlDsa44Keys, signMlDsa44 } from '../wire/ml-dsa.ts'
import { xwingJwk } from '../wire/xwing.ts'
import {
  type KeyAlg,
  type KeyRecord,
  type KeyUse,
  checkKey,
  keyRecord,
  possessionMessage,
  seals,
  signs,
} from './keys.ts'

const secret = sha256(utf8('keys test'))
const wide = Uint8Array.from({ length: 48 }, (_, i) => i + 1)
const ec = (crv: 'P-256' | 'P-384', raw: Uint8Array): Jwk => {
  const size = (raw.length - 1) / 2
  return { crv, kty: 'EC', x: toBase64url(raw.subarray(1, 1 + size)), y: toBase64url(raw.subarray(1 + size)) }
}
const held: Readonly<Record<KeyAlg, { jwk: Jwk; sign?: (message: Uint8Array) => Uint8Array }>> = {
  EdDSA: {
    jwk: { crv: 'Ed25519', kty: 'OKP', x: toBase64url(ed25519.getPublicKey(secret)) },
    sign: message => ed25519.sign(message, secret),
  },
  ES256: {
    jwk: ec('P-256', p256.getPublicKey(secret, false)),
    sign: message => p256.sign(message, secret, { lowS: false }),
  },
  ES384: {
    jwk: ec('P-384', p384.getPublicKey(wide, false)),
    sign: message => p384.sign(message, wide, { lowS: false }),
  },
  'ML-DSA-44': {
    jwk: mlDsa44Jwk(mlDsa44Keys(secret).publicKey),
    sign: message => signMlDsa44(mlDsa44Keys(secret).secretKey, message),
  },
  'ECDH-ES+A256KW': { jwk: { crv: 'X25519', kty: 'OKP', x: toBase64url(x25519.getPublicKey(secret)) } },
  'X-Wing': { jwk: xwingJwk(secret) },
}
const algs = Object.keys(held) as KeyAlg[]
const recordOf = (alg: KeyAlg, use: KeyUse): Promise<KeyRecord> =>
  keyRecord({ sha256, member: 'ardenia', alg, use, ...held[alg], jwk: held[alg].jwk as KeyRecord['jwk'] })

describe('a key record', () => {
  test.each(algs)('of %s passes every check where its use allows it, and no other', async alg => {
    for (const use of ['root', 'sign', 'auth', 'enc', 'witness'] as const) {
      const allowed = { enc: seals(alg), witness: alg === 'EdDSA' || alg === 'ML-DSA-44' }
      const verdict = checkKey(primitives, 'ardenia', await recordOf(alg, use), '/keys/0')
      expect(verdict).toMatchObject(
        (use in allowed ? allowed[use as keyof typeof allowed] : signs(alg))
          ? { ok: true }
          : { ok: false, code: 'charter.bad-key', at: '/keys/0/use' },
      )
    }
  })

  test('that signs carries a proof, and one for sealing none', async () => {
    for (const alg of algs) expect((await recordOf(alg, 'sign')).proof === undefined).toBe(seals(alg))
  })

  test('is proved for one member and one use', async () => {
    const record = await recordOf('EdDSA', 'sign')
    expect(checkKey(primitives, 'borealia', record, '')).toMatchObject({ code: 'charter.no-possession' })
    expect(checkKey(primitives, 'ardenia', { ...record, use: 'root' }, '')).toMatchObject({
      code: 'charter.no-possession',
    })
  })
})

test('a person has X-Wing keys alone, since TLP:RED is sealed to nothing else', async () => {
  for (const alg of algs) {
    const checked = checkKey(primitives, 'ardenia', { ...(await recordOf(alg, 'enc')), person: 'Envoy' }, '')
    expect(checked.ok).toBe(alg === 'X-Wing')
  }
})

test('what is signed to show possession is named byte by byte', async () => {
  const { alg, jwk, kid, use } = await recordOf('EdDSA', 'sign')
  const x = toBase64url(ed25519.getPublicKey(secret))
  expect(fromUtf8(possessionMessage('ardenia', { alg, jwk, kid, use }))).toBe(
    `chancery/v1/possession\0{"alg":"EdDSA","jwk":{"crv":"Ed25519","kty":"OKP","x":"${x}"},` +
      `"kid":"${kid}","member":"ardenia","use":"sign"}`,
  )
})
