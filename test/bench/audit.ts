import * as crypto from 'node:crypto'
import { once } from 'node:events'
import { spawn } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import {
  type Tree,
  assembleEvidence,
  assert,
  createTree,
  leafHash,
  openEntry,
  signCheckpoint,
  toBase64url,
  utf8,
} from '@chancery/protocol'
import { type Corpus, type Sample, origin, primitives, sign, statementsOf } from './corpus.ts'
import { median, printFigure } from './measure.ts'
import { rawRates } from './verify.ts'

const { sha256 } = primitives
const logged = 100_000

/** Of a noisy machine: each audit is held against what OpenSSL did just before it. */
const rounds = 5

/** A full audit from disk, in a process of its own as an auditor runs it, beside bare OpenSSL. */
export async function benchAudit(corpus: Corpus): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'chancery-bench-'))
  const sample = await writeFolder(corpus, folder)
  const [audits, ones, alls]: [number[], number[], number[]] = [[], [], []]
  for (let round = 0; round < rounds; round++) {
    const { one, all } = await rawRates(sample)
    audits.push(await auditOnce(folder))
    ones.push(one)
    alls.push(all)
  }
  await rm(folder, { recursive: true, force: true })
  const line = (cores: string, limits: readonly number[]): void => {
    const ratios = audits.map((rate, i) => rate / (limits[i] ?? rate))
    const spread = [Math.min(...ratios), Math.max(...ratios)].map(ratio => ratio.toFixed(2)).join(' to ')
    printFigure({
      what: `full audit of ${logged.toLocaleString('en')} statements, beside ${cores}`,
      value: median(ratios),
      unit: '× limit',
      goal: '≥ 0.6',
      beside: `${spread}; ${Math.round(median(audits))}/s beside ${Math.round(median(limits))}/s (bare OpenSSL)`,
    })
  }
  line('one core', ones)
  line('all cores', alls)
}

async function auditOnce(folder: string): Promise<number> {
  const main = fileURLToPath(new URL('../../apps/auditor/src/main.ts', import.meta.url))
  const began = performance.now()
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', main, folder, '--quiet'], {
    stdio: 'ignore',
  })
  const [code] = (await once(child, 'exit')) as [number | null]
  assert(code === 0, `the folder holds: exit ${code}`)
  return logged / ((performance.now() - began) / 1000)
}

async function writeFolder(corpus: Corpus, folder: string): Promise<Sample> {
  const tree = createTree(sha256)
  const log: { jws: string; sid: string; kind: string; entry: Uint8Array }[] = []
  const append = (jws: string, sid: string, kind: string): void => {
    const entry = openEntry(jws)
    tree.append(leafHash(sha256, entry))
    log.push({ jws, sid, kind, entry })
  }
  append(corpus.genesis.jws, corpus.genesis.sid, 'charter.adopt')
  const root = toBase64url(tree.root())
  const seen = { note: root, root, size: 1 }
  for (const member of corpus.members.slice(1)) {
    const { jws, sid } = await sign(member.signers.root, {
      kind: 'charter.adopt',
      iss: member.id,
      coa: corpus.genesis.sid,
      chain: { seq: 0, prev: null },
      seen,
      body: { adopts: corpus.genesis.sid },
    })
    append(jws, sid, 'charter.adopt')
  }
  const [member] = corpus.members
  assert(member !== undefined, 'the corpus has a member')
  const from = { seq: 1, prev: corpus.genesis.sid }
  const statements = await statementsOf(corpus, { member, count: logged, from, seen })
  for (const { jws, sid } of statements) append(jws, sid, 'attribution.statement')
  await writeAll(folder, filesOf(corpus, tree, log))
  return { statements: statements.slice(0, 4_000), corpus, member }
}

function filesOf(
  corpus: Corpus,
  tree: Tree,
  log: readonly { jws: string; sid: string; kind: string; entry: Uint8Array }[],
): ReadonlyMap<string, Uint8Array> {
  const { size } = tree
  const signed = (message: Uint8Array): Uint8Array => new Uint8Array(crypto.sign(null, message, corpus.logKey))
  const checkpoint = signCheckpoint({
    checkpoint: { origin, size, root: tree.root() },
    vkey: corpus.vkey,
    sign: signed,
  })
  return assembleEvidence({
    primitives,
    reader: 'clear',
    exportedBy: corpus.members[0]?.id ?? '',
    genesis: corpus.genesis.sid,
    origin,
    vkey: corpus.vkey,
    checkpoint,
    size,
    read: tree.read,
    entry: index => log[index]?.entry ?? utf8(''),
    exhibits: log.map(({ jws, sid, kind }, index) => ({ index, sid, kind, jws, disclosures: [] })),
  })
}

async function writeAll(folder: string, files: ReadonlyMap<string, Uint8Array>): Promise<void> {
  const made = new Set<string>()
  for (const [path, bytes] of files) {
    const place = dirname(join(folder, path))
    if (!made.has(place)) await mkdir(place, { recursive: true })
    made.add(place)
    await writeFile(join(folder, path), bytes)
  }
}
