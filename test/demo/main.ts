import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { type Options, type Said, failed, readOptions, wrongCall } from './args.ts'
import { coordinator, everyone, expected, partners, tokenMember } from './cast.ts'
import { type Coalition, makeCoalition } from './coalition.ts'
import { type CharterVersion, grow } from './growing.ts'
import { type Convicted, catchLiar } from './lying.ts'
import { StepFailed, each, programs, run, stopAll } from './processes.ts'
import { type Disputed, robAndMend } from './robbed.ts'
import { type Sharing, share } from './sharing.ts'
import { type Released, nameOf, tell } from './story.ts'
import { inventedBundle } from './texts.ts'

type Audit = {
  readonly findings: readonly unknown[]
  /** Entries of its log, and how many of them stand if Ed25519 falls, since when. */
  readonly size: number
  readonly standing: { readonly size: number; readonly at: number } | null
  readonly statements: number
  readonly proofs: number
  readonly verdicts: readonly string[]
  /** Tear lines that the folder opens. */
  readonly opened: readonly string[]
  readonly versions: readonly CharterVersion[]
}

const args = process.argv.slice(2)

async function main(): Promise<number> {
  const options = await readOptions(args)
  if (typeof options === 'string') return end(wrongCall(args, options), 2)
  // With --json the one object is all that stands on standard output; the story goes beside it.
  const say = (line: string): void => (options.json ? console.error(line) : console.log(line))
  const folder = options.stay ? resolve('.state') : await mkdtemp(join(tmpdir(), 'chancery-demo-'))
  if (options.stay && !(await takeState(folder))) {
    const running = `${folder} belongs to a coalition that is still running (its process is in ${folder}/pid)`
    return end(failed(args, running), 1)
  }
  try {
    return await Promise.race([act(folder, options, say), interrupted()])
  } finally {
    await stopAll()
    await rm(folder, { recursive: true, force: true })
    if (options.stay) say(`Ended: ${folder} is deleted, and with it all that was published in it.`)
  }
}

function end({ out, err }: Said, code: number): number {
  process.stdout.write(out)
  process.stderr.write(err)
  return code
}

async function act(folder: string, options: Options, say: (line: string) => void): Promise<number> {
  const coalition = await makeCoalition(folder, say, options.token ? tokenMember : undefined)
  return options.stay ? stay(coalition, say) : play(coalition, options, say)
}

/** One coalition at a time in a checkout: what a dead one left is removed, a living one is let be. */
async function takeState(folder: string): Promise<boolean> {
  const pid = Number(await readFile(join(folder, 'pid'), 'utf8').catch(() => '0'))
  if (pid > 0 && isAlive(pid)) return false
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder, { recursive: true, mode: 0o700 })
  await writeFile(join(folder, 'pid'), String(process.pid))
  return true
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

async function play(coalition: Coalition, options: Options, say: (line: string) => void): Promise<number> {
  const stix = options.stix ?? coalition.file('bundle.json')
  if (options.stix === undefined) await writeFile(stix, inventedBundle())
  const released = await tell(coalition, { stix, say, hold })
  const boardsAgree = await compareBoards(coalition, released, say)
  const sharing = await share(coalition, released.attribution, say)
  const disputed = await robAndMend(coalition, say)
  await grow(coalition, say)

  const out = options.out ?? resolve('out', 'evidence')
  if (options.out === undefined) await rm(out, { recursive: true, force: true })
  await coalition.as(coordinator.id, ['export', '--for', 'clear', '--out', out])
  say(`The evidence for the public is in ${out}. A separate process audits it offline:`)
  const audit = await auditFolder(out, coalition.genesis)
  say(
    `  ${audit.statements} statements, ${audit.proofs} proofs checked, ${audit.findings.length} findings; ` +
      `the release is ${audit.verdicts.join(', ')}.`,
  )
  const fallen = await auditFolder(out, coalition.genesis, ['--without', 'ed25519'])
  say(
    `  With nothing believed of Ed25519 about the log, ${fallen.findings.length} findings: a quorum has cosigned ` +
      `${audit.standing?.size ?? 'none'} of its entries with ML-DSA-44.`,
  )
  const members = coalition.file('evidence-for-members')
  await coalition.as('arkenia', ['export', '--for', 'green', '--out', members])
  const full = await auditFolder(members, coalition.genesis)
  say(
    `  From Arkenia's folder for members, ${full.findings.length} findings; ` +
      `the release is ${full.verdicts.join(', ')}. Who is not in it stays sealed.`,
  )

  const trust = await trustIn(coalition)
  say(
    `The log is witnessed up to entry ${trust.witnessed} of ${trust.logged}: ` +
      `${trust.cosigned} of ${trust.witnesses} have cosigned it, and ${trust.quorum} are needed.`,
  )
  say(
    `Of ${coalition.quorumMs.length} statements handed in, 95 in 100 counted within ${trust.p95_ms} ms: ` +
      'signed, logged, and cosigned by the quorum.',
  )

  const convicted = await catchLiar(coalition, say)

  const held =
    boardsAgree &&
    convicted.who === `log ${coalition.origin}` &&
    isDeepStrictEqual([sharing.declassified, sharing.grants], [1, 1]) &&
    isDeepStrictEqual(disputed, { statements: 2, reaffirmed: 1 }) &&
    audit.opened.includes('infrastructure') &&
    audit.versions.length === 2 &&
    trust.witnessed === trust.logged &&
    trust.cosigned >= trust.quorum &&
    isDeepStrictEqual([released.signatories, released.excluded], [expected.signatories, expected.excluded]) &&
    isDeepStrictEqual([audit.findings, fallen.findings, full.findings], [[], [], []]) &&
    audit.standing?.size === audit.size &&
    isDeepStrictEqual([audit.verdicts, full.verdicts], [['sound'], ['sound']])
  if (options.json)
    console.log(
      JSON.stringify(
        summaryOf({ coalition, released, boardsAgree, audit, full, out, trust, convicted, disputed, sharing }),
      ),
    )
  say(held ? 'All of it held.' : 'Something did not hold; see above.')
  return held ? 0 : 1
}

function summaryOf(input: {
  coalition: Coalition
  released: Released
  boardsAgree: boolean
  audit: Audit
  full: Audit
  out: string
  trust: Trust
  convicted: Convicted
  disputed: Disputed
  sharing: Sharing
}): object {
  const { sid, cut, signatories, excluded } = input.released
  const { findings, statements, proofs } = input.audit
  return {
    genesis: input.coalition.genesis,
    ...(input.coalition.token !== undefined && { token: input.coalition.token }),
    statements: input.full.statements,
    callout: { sid, cut, signatories, excluded },
    boardsAgree: input.boardsAgree,
    audit: { findings, statements, proofs },
    sharing: input.sharing,
    trust: {
      ...input.trust,
      ifEd25519Falls: input.audit.standing,
      convicted: [input.convicted],
      disputed: input.disputed,
      charterVersions: input.audit.versions,
    },
    out: input.out,
  }
}

type Trust = Readonly<Record<'quorum' | 'witnesses' | 'cosigned' | 'logged' | 'witnessed' | 'p95_ms', number>>

/** How far the log counts for the coordinator, and under how many cosignatures. */
async function trustIn(coalition: Coalition): Promise<Trust> {
  type Board = { readonly trust: Omit<Trust, 'cosigned' | 'p95_ms'> & { readonly cosigned: object } }
  const { trust } = await coalition.as<Board>(coordinator.id, ['board'])
  const { quorum, witnesses, cosigned, logged, witnessed } = trust
  const p95_ms = percentile(coalition.quorumMs, 0.95)
  return { quorum, witnesses, cosigned: Object.keys(cosigned).length, logged, witnessed, p95_ms }
}

/** The least value that so large a part does not exceed. */
const percentile = (values: readonly number[], part: number): number =>
  values.toSorted((a, b) => a - b)[Math.max(0, Math.ceil(values.length * part) - 1)] ?? 0

/** Until the announced moment has passed by this machine's clock. */
async function hold(until: string): Promise<void> {
  const ms = Date.parse(until) + 1000 - Date.now()
  if (ms > 0) await new Promise(done => setTimeout(done, ms))
}

type Row = Readonly<Record<string, unknown>> & {
  readonly phase: string
  readonly signatories: readonly { readonly member: string }[]
  readonly excluded: readonly { readonly member: string }[]
  readonly declined: readonly string[]
  readonly release: { readonly verdict: string } | null
}

/** What only those know who were given every answer, or gave one. */
const ofSome = ['excluded', 'declined', 'unanswered', 'release']

async function compareBoards(coalition: Coalition, released: Released, say: (line: string) => void): Promise<boolean> {
  const boards = await each(everyone, 3, ({ id }) => coalition.as<{ callouts: readonly [Row] }>(id, ['board']))
  const rows = new Map(everyone.map(({ id }, i) => [id, boards[i]?.callouts[0]]))
  const common = [...rows.values()].map(row =>
    Object.fromEntries(Object.entries(row ?? {}).filter(([name]) => !ofSome.includes(name))),
  )
  // Every word that was released is the same on all nine, and says what the coordinator said.
  const same = common.every(row => isDeepStrictEqual(row, common[0]))
  const told = rows.get(coordinator.id)
  const names = told?.signatories.map(({ member }) => member)
  const agree = same && told?.phase === 'released' && isDeepStrictEqual(names, [...released.signatories])
  say(agree ? 'Nine boards, computed apart, agree.' : `The boards differ: ${JSON.stringify(common)}`)
  return sealedHolds(rows, say) && agree
}

/** The coordinator and its deputy hold every answer and see the largest set; the others a release that is sound. */
function sealedHolds(rows: ReadonlyMap<string, Row | undefined>, say: (line: string) => void): boolean {
  const deputy = partners[0]?.id ?? ''
  const knows = ([id, row]: [string, Row | undefined]): boolean => {
    const isTold = id === coordinator.id || id === deputy
    const [unmet, declined] = [row?.excluded.map(({ member }) => member) ?? [], row?.declined ?? []]
    if (isTold) return row?.release?.verdict === 'largest' && unmet.length === 1 && declined.length === 1
    const own = (names: readonly string[]) => names.every(name => name === id)
    return row?.release?.verdict === 'sound' && own(unmet) && own(declined)
  }
  const stray = [...rows].find(row => !knows(row))
  if (stray === undefined) {
    say(`Only ${nameOf(coordinator.id)} and its deputy know who declined and whose condition was not met.`)
    return true
  }
  say(`${stray[0]} knows what it was not told, or was not told what it should know: ${JSON.stringify(stray[1])}`)
  return false
}

async function auditFolder(folder: string, genesis: string, more: readonly string[] = []): Promise<Audit> {
  const ran = await run(programs.audit, [folder, '--genesis', genesis, '--json', ...more])
  if (ran.code > 1) throw new StepFailed(`chancery-audit ended with ${ran.code}\n${ran.err}`)
  const report = JSON.parse(ran.out) as {
    findings: unknown[]
    size: number
    ifEd25519Falls: Audit['standing']
    statements: { tear: { label: string; open: boolean }[] }[]
    proofs: Record<string, number>
    callouts: { release?: { verdict: string } }[]
    charter: { versions: readonly CharterVersion[] }
  }
  const { findings, statements, callouts, size, ifEd25519Falls: standing, charter } = report
  const proofs = Object.values(report.proofs).reduce((sum, count) => sum + count, 0)
  return {
    findings,
    size,
    standing,
    statements: statements.length,
    proofs,
    verdicts: callouts.map(({ release }) => release?.verdict ?? 'absent'),
    opened: statements.flatMap(({ tear }) => tear.filter(({ open }) => open).map(({ label }) => label)),
    versions: charter.versions,
  }
}

/** Ctrl-C ends every process and removes what it wrote; in the middle of the story it is no success. */
const interrupted = (): Promise<number> =>
  new Promise(done => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const)
      process.once(signal, () => done(process.argv.includes('--stay') ? 0 : 130))
  })

async function stay(coalition: Coalition, say: (line: string) => void): Promise<number> {
  say(`The coalition runs until Ctrl-C, which deletes ${coalition.file('')} and all that was published in it.`)
  say(`To keep it, copy that folder first. Speak as any member, for instance as ${nameOf(coordinator.id)}:`)
  say(
    `  npm run chancery -- board --home ${coalition.home(coordinator.id)} ` +
      `--passphrase-file ${coalition.file('passphrase')}`,
  )
  say(`Members: ${everyone.map(({ id }) => id).join(', ')}. Relay: ${coalition.url}. State: ${coalition.file('')}`)
  return interrupted()
}

try {
  // After an interruption the story is still waiting for processes that are gone.
  process.exit(await main())
} catch (error) {
  const { message, stack = message } = error as Error
  process.exit(end(failed(args, error instanceof StepFailed ? `a step did not hold: ${message}` : stack), 3))
}
