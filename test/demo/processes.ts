import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

const root = new URL('../../', import.meta.url)

// Some two hundred processes: each reads its modules compiled, which halves its start.
process.env.NODE_COMPILE_CACHE ??= fileURLToPath(new URL('node_modules/.cache/compile', root))

const program = (path: string): string => fileURLToPath(new URL(path, root))
export const programs = {
  relay: program('apps/relay/src/main.ts'),
  chancery: program('apps/partner/src/main.ts'),
  audit: program('apps/auditor/src/main.ts'),
} as const

export type Ran = { readonly code: number; readonly out: string; readonly err: string }
const outputCharsMax = 4_000_000

/** Runs a program to its end in a process of its own. */
export async function run(script: string, args: readonly string[]): Promise<Ran> {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', script, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  running.add(child)
  child.once('exit', () => running.delete(child))
  const texts = { out: '', err: '' }
  child.stdout.setEncoding('utf8').on('data', (text: string) => (texts.out = (texts.out + text).slice(-outputCharsMax)))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (texts.err = (texts.err + text).slice(-outputCharsMax)))
  const [code] = (await once(child, 'close')) as [number | null]
  return { code: code ?? 3, ...texts }
}

export class StepFailed extends Error {}

/** Runs a program that must hold, and returns the one JSON object it prints. */
export async function answer<T>(script: string, args: readonly string[]): Promise<T> {
  const ran = await run(script, args)
  if (ran.code !== 0) throw new StepFailed(`${args.join(' ')} ended with ${ran.code}\n${ran.err}${ran.out}`)
  return JSON.parse(ran.out) as T
}

/** Everything that is running now: an end in the middle ends these too. */
const running = new Set<ChildProcess>()
export const stopAll = async (): Promise<void> => void (await Promise.all([...running].map(stop)))

/** Starts a program that stays, and waits for the line by which it says that it is ready. */
export async function start(script: string, args: readonly string[], ready: RegExp): Promise<ChildProcess> {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', script, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  running.add(child)
  child.once('exit', () => running.delete(child))
  let said = ''
  await new Promise<void>((resolve, reject) => {
    const hear = (text: string) => {
      said = (said + text).slice(-outputCharsMax)
      if (ready.test(said)) resolve()
    }
    child.stdout.setEncoding('utf8').on('data', hear)
    child.stderr.setEncoding('utf8').on('data', hear)
    child.once('exit', code => reject(new StepFailed(`${args.join(' ')} ended with ${code}\n${said}`)))
  })
  return child
}

/** Asks a process to end, and waits until it has. */
export async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill('SIGTERM')
  await ended
}

/** At most `width` at once: one processor would only be fought over by more. */
export async function each<T, R>(items: readonly T[], width: number, work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = []
  let next = 0
  const worker = async (): Promise<void> => {
    for (let i = next++; i < items.length; i = next++) results[i] = await work(items[i] as T)
  }
  await Promise.all(Array.from({ length: width }, worker))
  return results
}
