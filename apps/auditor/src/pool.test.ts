import * as crypto from 'node:crypto'
import { type SignatureCheck, nodePrimitives } from '@chancery/protocol'
import { afterAll, expect, test } from 'vitest'
import { openPool } from './pool.ts'

const pool = openPool(2)
const own = nodePrimitives(crypto)
afterAll(() => pool.close())

const pairs = [crypto.generateKeyPairSync('ed25519'), crypto.generateKeyPairSync('ed25519')]
const curve = crypto.generateKeyPairSync('ec', { namedCurve: 'P-256' })

function checkOf(i: number): SignatureCheck {
  const message = crypto.randomBytes(i * 7)
  const { privateKey, publicKey } = (i % 5 === 0 ? curve : pairs[i % 2]) ?? curve
  const jwk = publicKey.export({ format: 'jwk' }) as SignatureCheck['jwk']
  const ec = i % 5 === 0
  const signature = ec
    ? crypto.sign('sha256', message, { key: privateKey, dsaEncoding: 'ieee-p1363' })
    : crypto.sign(null, message, privateKey)
  // Every third one is spoilt.
  if (i % 3 === 0) signature[i % signature.length] = (signature[i % signature.length] ?? 0) ^ 1
  return { alg: ec ? 'ES256' : 'EdDSA', jwk, message, signature }
}

test('threads give the verdict of this program, each to whoever asked for it', async () => {
  const checks = Array.from({ length: 203 }, (_, i) => checkOf(i))
  const verdicts = await Promise.all(checks.map(check => pool.primitives.verifyLater(check)))
  expect(verdicts).toEqual(checks.map(check => own.verify(check)))
  expect(verdicts).toEqual(checks.map((_, i) => i % 3 !== 0))
})

test('a single signature is not kept waiting for others', async () => {
  expect(await pool.primitives.verifyLater(checkOf(1))).toBe(true)
})
