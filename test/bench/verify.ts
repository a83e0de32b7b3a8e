import * as crypto from 'node:crypto'
import { assert, portableVerify, verify, verifyLater } from '@chancery/protocol'
import { type Corpus, type Sample, inForce, primitives, statementsOf } from './corpus.ts'
import { printFigure, race } from './measure.ts'

const count = 3_000

/** Reading and believing a statement, beside OpenSSL's bare Ed25519 verification of the same messages. */
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

  const rates = await race([
    {
      name: 'raw',
      count,
      run: () => signed.forEach(each => rawNow(each, key)),
    },
    {
      name: 'verify',
      count,
      run: () => texts.forEach(text => assert(verify(text, { primitives, charter, index: 2 }).ok, 'holds')),
    },
    {
      name: 'raw, both cores',
      count,
      run: () => all(signed, ({ message, signature }) => rawLater(message, key, signature)),
    },
    {
      name: 'verify, both cores',
      count,
      run: () => all(texts, text => verifyLater(text, { primitives, charter, index: 2 })),
    },
  ])
  const rate = (name: string): number => rates.get(name) ?? 0
  const line = (what: string, ours: string, limit: string, goal: string) =>
    printFigure({
      what,
      value: rate(ours) / rate(limit),
      unit: '× limit',
      goal,
      beside: `${Math.round(rate(ours))}/s beside ${Math.round(rate(limit))}/s`,
    })
  line('statement verification, one core', 'verify', 'raw', '≥ 0.7 of bare OpenSSL')
  line('statement verification, both cores', 'verify, both cores', 'raw, both cores', '≥ 0.7 of bare OpenSSL')
  printFigure({
    what: 'scaling of verification from one core to both',
    value: rate('verify, both cores') / rate('verify'),
    unit: '×',
    beside: `bare OpenSSL ${(rate('raw, both cores') / rate('raw')).toFixed(2)} ×`,
  })
  await benchPortable(signed.slice(0, 100), held.record.jwk)
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
    5,
  )
  return { one: rates.get('one') ?? 0, all: rates.get('all') ?? 0 }
}

const rawNow = ({ message, signature }: Signed, key: crypto.KeyObject): void =>
  assert(crypto.verify(null, message, key, signature), 'holds')

const inFlightMax = 256

async function all<T>(items: readonly T[], work: (item: T) => Promise<unknown>): Promise<void> {
  for (let i = 0; i < items.length; i += inFlightMax) await Promise.all(items.slice(i, i + inFlightMax).map(work))
}
