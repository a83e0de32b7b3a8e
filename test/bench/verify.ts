import * as crypto from 'node:crypto'
import { primitives as ofRelay } from '@chancery/native'
import { type Primitives, assert, portableVerify, verify, verifyLater } from '@chancery/protocol'
import { openSignaturePool } from '../../apps/relay/src/signature-pool.ts'
import { type Corpus, type Sample, inForce, primitives, statementsOf } from './corpus.ts'
import { printFigure, race } from './measure.ts'

const count = 3_000

/**
 * Reading and believing a statement, as relay and auditor do it on one core and the relay on all, beside OpenSSL's bare
 * Ed25519 verification of the same messages on as many.
 */
export async function benchVerify(corpus: Corpus): Promise<void> {
  const [member] = corpus.members
  assert(member !== undefined, 'the corpus has a member')
  const seen = { note: corpus.charter.genesis, root: corpus.charter.genesis, size: 1 }
  const texts = (await statementsOf(corpus, { member, count, seen })).map(({ jws }) => `${jws}~`)
  const charter = inForce(corpus)
  const held = charter.keys.get(member.signers.sign.kid)
  assert(held !== undefined, 'its key is in the charter')
  const key = crypto.createPublicKey({ key: { ...held.record.jwk }, format: 'jwk' })
  const signed = texts.map(partsOf)
  const pool = openSignaturePool(ofRelay)
  const onOne = (by: Primitives) => () =>
    texts.forEach(text => assert(verify(text, { primitives: by, charter, index: 2 }).ok, 'holds'))
  const onAll = (): Promise<void> =>
    all(texts, async text => {
      assert((await verifyLater(text, { primitives: pool.primitives, charter, index: 2 })).ok, 'holds')
    })
  await onAll()
  await pool.ready()
  const rates = await race([
    { name: 'raw', count, run: () => signed.forEach(each => rawNow(each, key)) },
    { name: 'verify', count, run: onOne(ofRelay) },
    { name: 'verify by OpenSSL', count, run: onOne(primitives) },
    {
      name: 'raw, all cores',
      count,
      run: () => all(signed, ({ message, signature }) => rawLater(message, key, signature)),
    },
    { name: 'verify, all cores', count, run: onAll },
  ])
  await pool.close()
  printRates(name => rates.get(name) ?? 0)
  await benchPortable(signed.slice(0, 100), held.record.jwk)
}

function printRates(rate: (name: string) => number): void {
  const line = (what: string, ours: string, limit: string, goal?: string) =>
    printFigure({
      what,
      value: rate(ours) / rate(limit),
      unit: '× limit',
      ...(goal !== undefined && { goal }),
      beside: `${Math.round(rate(ours))}/s beside ${Math.round(rate(limit))}/s`,
    })
  const goal = '≥ 0.7 of bare OpenSSL'
  line('statement verification, one core', 'verify', 'raw', goal)
  line('statement verification, all cores', 'verify, all cores', 'raw, all cores', goal)
  line('the same without libsodium, as a node does it', 'verify by OpenSSL', 'raw')
  printFigure({
    what: 'scaling of verification from one core to all',
    value: rate('verify, all cores') / rate('verify'),
    unit: '×',
    beside: `bare OpenSSL ${(rate('raw, all cores') / rate('raw')).toFixed(2)} ×`,
  })
}

async function benchPortable(
  signed: readonly Signed[],
  jwk: Parameters<typeof portableVerify>[0]['jwk'],
): Promise<void> {
  const rates = await race(
    [
      {
        name: 'portable',
        count: signed.length,
        run: () =>
          signed.forEach(({ message, signature }) =>
            assert(portableVerify({ alg: 'EdDSA', jwk, message, signature }), 'holds'),
          ),
      },
    ],
    1,
  )
  printFigure({
    what: 'the portable verifier (no native crypto)',
    value: rates.get('portable') ?? 0,
    unit: '/s',
    beside: 'signatures alone',
  })
}

type Signed = { readonly message: Uint8Array; readonly signature: Uint8Array }

function partsOf(text: string): Signed {
  const [head, payload, signature] = text.slice(0, -1).split('.')
  return { message: Buffer.from(`${head}.${payload}`), signature: Buffer.from(signature ?? '', 'base64url') }
}

const rawLater = (message: Uint8Array, key: crypto.KeyObject, signature: Uint8Array): Promise<boolean> =>
  new Promise((resolve, reject) =>
    crypto.verify(null, message, key, signature, (error, holds) => (error === null ? resolve(holds) : reject(error))),
  )

/** Bare OpenSSL over the signatures of a sample: verifications a second on one core, and on all by the thread pool. */
export async function rawRates({ statements, corpus, member }: Sample): Promise<{ one: number; all: number }> {
  const held = corpus.charter.keys.get(member.signers.sign.kid)
  assert(held !== undefined, 'its key is in the charter')
  const key = crypto.createPublicKey({ key: { ...held.record.jwk }, format: 'jwk' })
  const signed = statements.map(({ jws }) => partsOf(`${jws}~`))
  const rates = await race(
    [
      { name: 'one', count: signed.length, run: () => signed.forEach(each => rawNow(each, key)) },
      {
        name: 'all',
        count: signed.length,
        run: () => all(signed, ({ message, signature }) => rawLater(message, key, signature)),
      },
    ],
    3,
  )
  return { one: rates.get('one') ?? 0, all: rates.get('all') ?? 0 }
}

const rawNow = ({ message, signature }: Signed, key: crypto.KeyObject): void =>
  assert(crypto.verify(null, message, key, signature), 'holds')

const inFlightMax = 256

async function all<T>(items: readonly T[], work: (item: T) => Promise<unknown>): Promise<void> {
  for (let i = 0; i < items.length; i += inFlightMax) await Promise.all(items.slice(i, i + inFlightMax).map(work))
}
