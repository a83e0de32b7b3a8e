import * as crypto from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { assert, createTree, leafHash, signCheckpoint, toBase64url } from '@chancery/protocol'
import { openStore } from '@chancery/store'
import { type Corpus, origin, primitives } from './corpus.ts'
import { median, printFigure } from './measure.ts'
import { adoptAll, endRelay, loadOf, publishers, runRelay, sendAll } from './relay-run.ts'

const { sha256 } = primitives
const random = (length: number): Uint8Array => new Uint8Array(crypto.randomBytes(length))
const perPublisher = 512
const rounds = 9
/** Rounds that count for nothing: a relay at work has been running for longer than a second. */
const warmUps = 2

/** Durable, verified ingest by a relay at work, beside the bare store's group commit. */
export async function benchIngest(corpus: Corpus): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'chancery-bench-'))
  const relay = await runRelay(corpus, folder)
  await adoptAll(corpus, relay.port)
  const rates: number[] = []
  for (let round = 0; round < warmUps + rounds; round++) {
    const load = await loadOf(corpus, perPublisher)
    const began = performance.now()
    await sendAll(relay.port, load)
    if (round >= warmUps) rates.push((publishers * perPublisher) / ((performance.now() - began) / 1000))
  }
  await endRelay(relay)
  const bare = await bareStore(corpus)
  await rm(folder, { recursive: true, force: true })
  const rate = median(rates)
  const spread = [Math.min(...rates), Math.max(...rates)].map(Math.round).join(' to ')
  printFigure({
    what: 'durable ingest (verified, logged, receipt)',
    value: rate,
    unit: '/s',
    goal: '≥ 10,000/s',
    beside: `${spread}; bare store, batches of 512: ${Math.round(bare)}/s, ${(rate / bare).toFixed(2)} ×`,
  })
}

async function bareStore(corpus: Corpus): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'chancery-bench-'))
  const opened = openStore(join(folder, 'bare.sqlite'), { create: true, origin })
  assert(opened.ok, 'a new store opens')
  const store = opened.value
  const tree = createTree(sha256)
  const batch = 512
  const rates: number[] = []
  for (let round = 0; round < 12; round++) {
    const entries = Array.from({ length: batch }, (_, i) => {
      const entry = random(2_000)
      const about = {
        sid: toBase64url(sha256(entry)),
        kind: 'x',
        iss: 'm',
        tlp: 'clear',
        chain: 'clear',
        seq: round * batch + i,
      } as const
      return { entry, leaf: leafHash(sha256, entry), jws: toBase64url(entry), about, seals: [], disclosures: [] }
    })
    for (const { leaf } of entries) tree.append(leaf)
    const root = tree.root()
    const note = signCheckpoint({
      checkpoint: { origin, size: tree.size, root },
      vkey: corpus.vkey,
      sign: message => new Uint8Array(crypto.sign(null, message, corpus.logKey)),
    })
    const began = performance.now()
    store.append({ expectedSize: round * batch, entries, note, root })
    rates.push(batch / ((performance.now() - began) / 1000))
  }
  store.close()
  await rm(folder, { recursive: true, force: true })
  return median(rates)
}
