import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join, resolve } from 'node:path'

export const root = resolve(import.meta.dirname, '../..')

/** Where Debian puts the sources of Go's packages. */
export const goPath = '/usr/share/gocode'

/** What the machine may lack, the Debian package that brings it, and where that puts it if it is no program. */
type Tool = 'python3' | 'go' | 'golang.org/x/mod'
const tools: Readonly<Record<Tool, { readonly from: string; readonly at?: string }>> = {
  python3: { from: 'python3' },
  go: { from: 'golang-go' },
  'golang.org/x/mod': { from: 'golang-golang-x-mod-dev', at: join(goPath, 'src/golang.org/x/mod/sumdb/tlog') },
}

/** One row: what a person reads, the command, and the tools without which the step is skipped and said to be. */
export type Step = { readonly name: string; readonly run: readonly string[]; readonly needs?: readonly Tool[] }
export type Count = { readonly passed: number; readonly failed: number; readonly skipped: number }
export type Outcome = Count & { readonly output: string }

export const types: Step = { name: 'types', run: ['tsc', '--noEmit', '-p', 'tsconfig.json'] }
export const lint: Step = { name: 'lint', run: ['oxlint', '--deny-warnings'] }
export const format: Step = { name: 'format', run: ['oxfmt', '--check'] }

/** A step that hangs is a step that failed. */
const stepMsMax = 45 * 60_000

const one = (holds: boolean): Count => ({ passed: Number(holds), failed: Number(!holds), skipped: 0 })

export function sum(counts: readonly Count[]): Count {
  const total = { passed: 0, failed: 0, skipped: 0 }
  for (const { passed, failed, skipped } of counts) {
    total.passed += passed
    total.failed += failed
    total.skipped += skipped
  }
  return total
}

/** The one form of a closing line that continuous integration counts. */
export function closingLine({ passed, failed, skipped }: Count): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`
}

/** `shown` writes to the terminal as it happens, `kept` returns what was written: for steps that run side by side. */
export async function runStep(step: Step, output: 'shown' | 'kept'): Promise<Outcome> {
  const lacking = step.needs?.find(tool => !isInstalled(tool))
  if (lacking !== undefined) {
    const line = `skipped: ${lacking} is not installed (apt-get install ${tools[lacking].from})\n`
    if (output === 'shown') process.stdout.write(line)
    return { passed: 0, failed: 0, skipped: 1, output: line }
  }
  if (step.run[0] === 'vitest') return runVitest(step.run, output)
  const ended = await execute(step.run, output)
  return { ...one(ended.status === 0), output: ended.output }
}

/** vitest says in JSON what it counted; a crash leaves no JSON or a bad exit, and either is a failure. */
async function runVitest(words: readonly string[], output: 'shown' | 'kept'): Promise<Outcome> {
  const folder = mkdtempSync(join(tmpdir(), 'chancery-vitest-'))
  try {
    const report = join(folder, 'report.json')
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
    const ended = await execute([...words, ...reporters], output)
    const text = existsSync(report) ? readFileSync(report, 'utf8') : ''
    return { ...countVitest(text, ended.status), output: ended.output }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

type Report = {
  readonly numPassedTests: number
  readonly numFailedTests: number
  readonly numPendingTests: number
  readonly numTodoTests: number
  readonly testResults: readonly { readonly status: string; readonly assertionResults: readonly { status: string }[] }[]
}

/** A file that did not load has no failed test in it, and still counts as one failure. */
export function countVitest(json: string, status: number): Count {
  const report = parseReport(json)
  if (!report) return one(false)
  const broken = report.testResults.filter(
    file => file.status === 'failed' && !file.assertionResults.some(test => test.status === 'failed'),
  )
  const failed = report.numFailedTests + broken.length
  return {
    passed: report.numPassedTests,
    failed: failed === 0 && status !== 0 ? 1 : failed,
    skipped: report.numPendingTests + report.numTodoTests,
  }
}

function parseReport(json: string): Report | undefined {
  try {
    return JSON.parse(json) as Report
  } catch {
    return undefined
  }
}

type Ended = { readonly status: number; readonly output: string }

/** node_modules/.bin leads, as in every npm script, so `node` here is the pinned one. */
async function execute(words: readonly string[], output: 'shown' | 'kept'): Promise<Ended> {
  const [command = '', ...rest] = words
  const env = { ...process.env, PATH: [join(root, 'node_modules/.bin'), process.env.PATH].join(delimiter) }
  const pipe = output === 'shown' ? 'inherit' : 'pipe'
  const child = spawn(command, rest, { cwd: root, env, stdio: ['ignore', pipe, pipe], timeout: stepMsMax })
  const chunks: Buffer[] = []
  child.stdout?.on('data', (chunk: Buffer) => chunks.push(chunk))
  child.stderr?.on('data', (chunk: Buffer) => chunks.push(chunk))
  try {
    const [status] = (await once(child, 'close')) as [number | null]
    return { status: status ?? 1, output: Buffer.concat(chunks).toString('utf8') }
  } catch (fault) {
    const line = `${command} does not run: ${String(fault)}\n`
    if (output === 'shown') process.stdout.write(line)
    return { status: 1, output: line }
  }
}

export function isInstalled(tool: Tool): boolean {
  const { at } = tools[tool]
  if (at !== undefined) return existsSync(at)
  return (process.env.PATH ?? '').split(delimiter).some(folder => existsSync(join(folder, tool)))
}
