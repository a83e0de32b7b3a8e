import * as crypto from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { assert, leafHash, openEntry, signCheckpoint } from '@chancery/protocol'
import { type LogStore, type NewEntry, openStore } from '@chancery/store'
import { type Corpus, origin, primitives, sign, statementsOf } from './corpus.ts'
import { median, printFigure } from './measure.ts'
import { endRelay, runRelay, seenOf, storeFile } from './relay-run.ts'

const { sha256 } = primitives
const batchMax = 512
const rounds = 9
const sizes = [1_000, 100_000] as const

/** From the start of the process to its open port, with few and with many statements on the log, in turns. */
export async function benchStartUp(corpus: Corpus): Promise<void> {
  const logs = await Promise.all(sizes.map(size => filled(corpus, size)))
  const times: [number[], number[]] = [[], []]
  for (let round = 0; round <= rounds; round++) {
    for (const [i, folder] of logs.entries()) {
      const relay = await runRelay(corpus, folder)
      await endRelay(relay)
      // The first start of each reads the program and its files from the disk.
      if (round > 0) times[i === 0 ? 0 : 1].push(relay.readyMs)
    }
  }
  await Promise.all(logs.map(folder => rm(folder, { recursive: true, force: true })))
  const [few, many] = [median(times[0]), median(times[1])]
  const spread = times.map(all => `${Math.round(Math.min(...all))} to ${Math.round(Math.max(...all))}`)
  printFigure({
    what: 'relay start-up, 100,000 beside 1,000 statements',
    value: many / few,
    unit: '×',
    goal: '≤ 1.5 ×',
    beside: `${Math.round(many)} ms (${spread[1]}) beside ${Math.round(few)} ms (${spread[0]})`,
  })
}

/** A folder with the log of a relay that has taken so many statements: what it would have written itself. */
async function filled(corpus: Corpus, size: number): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'chancery-bench-'))
  const opened = openStore(storeFile(folder), { create: true, origin })
  assert(opened.ok, 'a new store opens')
  const store = opened.value
  const [first] = corpus.members
  assert(first !== undefined, 'the corpus has a member')
  append(corpus, store, [entryOf(corpus.genesis, { kind: 'charter.adopt', iss: first.id, seq: 0 })])
  append(corpus, store, await adoptions(corpus))
  let from = { seq: 1, prev: corpus.genesis.sid }
  while (store.size < size) {
    const count = Math.min(batchMax, size - store.size)
    const made = await statementsOf(corpus, { member: first, count, from, seen: seenOf(corpus) })
    const about = (i: number) => ({ kind: 'attribution.statement', iss: first.id, seq: from.seq + i })
    append(
      corpus,
      store,
      made.map((statement, i) => entryOf(statement, about(i))),
    )
    from = { seq: from.seq + count, prev: made.at(-1)?.sid ?? from.prev }
  }
  store.close()
  return folder
}

async function adoptions(corpus: Corpus): Promise<NewEntry[]> {
  const genesis = corpus.charter.genesis
  return Promise.all(
    corpus.members.slice(1).map(async ({ id: iss, signers }) => {
      const chain = { seq: 0, prev: null }
      const body = { adopts: genesis }
      const said = { kind: 'charter.adopt', iss, coa: genesis, chain, seen: seenOf(corpus), body } as const
      return entryOf(await sign(signers.root, said), { kind: 'charter.adopt', iss, seq: 0 })
    }),
  )
}

function entryOf(
  { jws, sid }: { readonly jws: string; readonly sid: string },
  about: { readonly kind: string; readonly iss: string; readonly seq: number },
): NewEntry {
  const entry = openEntry(jws)
  const leaf = leafHash(sha256, entry)
  return { entry, leaf, jws, about: { sid, tlp: 'clear', chain: 'clear', ...about }, seals: [], disclosures: [] }
}

function append({ vkey, logKey }: Corpus, store: LogStore, entries: readonly NewEntry[]): void {
  const root = store.rootAfter(entries.map(({ leaf }) => leaf))
  const checkpoint = { origin, size: store.size + entries.length, root }
  const signed = (message: Uint8Array): Uint8Array => new Uint8Array(crypto.sign(null, message, logKey))
  const note = signCheckpoint({ checkpoint, vkey, sign: signed })
  store.append({ expectedSize: store.size, entries, note, root })
}
