import * as crypto from 'node:crypto'
import { type Jwk, type SignatureCheck, nodePrimitives } from '@chancery/protocol'
import { describe, expect, test } from 'vitest'
import { openSignaturePool } from './signature-pool.ts'

const own = nodePrimitives(crypto)

/** Signatures of several keys, every third of another message. */
function checksOf(count: number): SignatureCheck[] {
  const keys = Array.from({ length: 3 }, () => crypto.generateKeyPairSync('ed25519'))
  return Array.from({ length: count }, (_, i) => {
    const { publicKey, privateKey } = keys[i % 2 === 0 ? 0 : i % keys.length] as (typeof keys)[number]
    const message = new Uint8Array(crypto.randomBytes(1 + i))
    const signature = new Uint8Array(crypto.sign(null, message, privateKey))
    const said = i % 3 === 0 ? new Uint8Array(crypto.randomBytes(1 + i)) : message
    return { alg: 'EdDSA', jwk: publicKey.export({ format: 'jwk' }) as Jwk, message: said, signature }
  })
}

const verdicts = (checks: readonly SignatureCheck[], { verifyLater }: Pick<typeof own, 'verifyLater'>) =>
  Promise.all(checks.map(verifyLater))

describe('signatures checked aside', () => {
  test('have the verdict of the verifier itself, alone and many at once, before and after threads run', async () => {
    const pool = openSignaturePool(own, 2)
    for (const count of [1, 100, 7, 64]) {
      const checks = checksOf(count)
      expect(await verdicts(checks, pool.primitives)).toEqual(checks.map(own.verify))
    }
    await pool.ready()
    for (const count of [1, 100, 7, 64]) {
      const checks = checksOf(count)
      expect(await verdicts(checks, pool.primitives)).toEqual(checks.map(own.verify))
    }
    await pool.close()
  })

  test('have it also when the threads end under them', async () => {
    const pool = openSignaturePool(own, 2)
    await verdicts(checksOf(32), pool.primitives)
    await pool.ready()
    const checks = checksOf(200)
    const answers = verdicts(checks, pool.primitives)
    await pool.close()
    expect(await answers).toEqual(checks.map(own.verify))
    expect(await verdicts(checks, pool.primitives)).toEqual(checks.map(own.verify))
  })
})
