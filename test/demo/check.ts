import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { openEvidence } from '../../apps/auditor/src/evidence.ts'
import { flipped } from '../audit/doctor.ts'
import { audit, listed } from '../audit/story.ts'
import { canReadByGo, goReads } from '../tools/go.ts'
import { expected } from './cast.ts'
import { programs, run } from './processes.ts'

/**
 * The main job as its user runs it, alone on the machine: `npm run demo -- --json --out DIR`, the object that it
 * prints, and what others make of DIR. A seed given as FLIPS flips the bits of the run that printed it.
 */
async function checkMainJob(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'chancery-main-job-'))
  try {
    const out = join(folder, 'evidence')
    const said = await demo(out)
    holdsWhatItSays(said, out)
    await auditHolds(said.genesis, out)
    await flipsAreSeen(out)
    if (canReadByGo()) assert(goReads(out), "Go's sumdb packages read DIR/log")
    else console.log('Go is not here to read DIR/log')
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

const seed = Number(process.env['FLIPS'] ?? Date.now() % 1_000_000)

type Printed = {
  readonly genesis: string
  readonly statements: number
  readonly callout: {
    readonly sid: string
    readonly cut: { readonly size: number; readonly root: string }
    readonly signatories: unknown
    readonly excluded: unknown
  }
  readonly boardsAgree: boolean
  readonly audit: { readonly findings: unknown; readonly statements: number; readonly proofs: number }
  readonly sharing: object
  readonly trust: object
  readonly out: string
}

/** The story is heard as it is told, the object alone stands on standard output, and the program says that it held. */
async function demo(out: string): Promise<Printed> {
  const main = fileURLToPath(new URL('main.ts', import.meta.url))
  const child = spawn(process.execPath, [main, '--json', '--out', out], { stdio: ['ignore', 'pipe', 'inherit'] })
  let printed = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (printed += text))
  const [code] = (await once(child, 'close')) as [number | null]
  assert.equal(code, 0, 'the demo ends with 0')
  return JSON.parse(printed) as Printed
}

function holdsWhatItSays({ callout, ...said }: Printed, out: string): void {
  assert.match(said.genesis, /^[A-Za-z0-9_-]{43}$/)
  assert.match(callout.sid, /^[A-Za-z0-9_-]{43}$/)
  assert.deepEqual([callout.signatories, callout.excluded], [expected.signatories, expected.excluded])
  assert.deepEqual([said.boardsAgree, said.audit.findings, said.out], [true, [], out])
  const counts = [callout.cut.size, said.statements, said.audit.statements, said.audit.proofs]
  assert(
    counts.every(count => count > 0),
    `${counts.join(', ')}`,
  )
  const names = ['genesis', 'statements', 'callout', 'boardsAgree', 'audit', 'sharing', 'trust', 'out']
  assert.deepEqual(Object.keys({ ...said, callout }).toSorted(), names.toSorted())
}

/** As an auditor runs it; and with another charter in mind. */
async function auditHolds(genesis: string, out: string): Promise<void> {
  const held = await run(programs.audit, [out, '--genesis', genesis])
  assert.equal(held.code, 0, held.out)
  const other = await run(programs.audit, [out, '--genesis', 'A'.repeat(43)])
  assert.equal(other.code, 1, other.out)
}

/** Read from the disk once; one file of it with one bit turned. */
async function flipsAreSeen(out: string): Promise<void> {
  const { list, read } = openEvidence(out)
  const parts = new Map(Array.from(list(), ({ path }) => [path, read(path) ?? new Uint8Array(0)]))
  const whole = await audit(parts)
  assert(whole.ok && [...parts.keys()].some(path => path.startsWith('notes/')), 'the folder holds, and has notes')
  const sample = [...parts].filter(([path], i) => !path.startsWith('receipts/') || (i + seed) % 8 === 0)
  for (const [i, [path, bytes]] of sample.entries()) {
    const at = (Math.imul(seed + i, 2_654_435_761) >>> 0) % bytes.length
    const after = await audit(new Map(parts).set(path, flipped(bytes, at, (seed + i) % 8)))
    const seen = (!after.ok && after.findings.length > 0) || listed(after) !== listed(whole)
    assert(seen, `${path} at ${at}, bit ${(seed + i) % 8}`)
  }
  console.log(`one bit flipped in each of ${sample.length} files (FLIPS=${seed}): all are seen`)
}

await checkMainJob()
