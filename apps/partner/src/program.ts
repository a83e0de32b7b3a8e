import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { constants, accessSync, statSync } from 'node:fs'
import { fromUtf8 } from '@chancery/protocol'
import { type Answer, ok, plainWords, refuse } from './refusal.ts'

/** What a program is asked: one JSON object on its standard input. No shell reads any of it. */
export type Ask = {
  readonly command: readonly string[]
  readonly request: object
  readonly seconds: number
  /** How a fault names it. */
  readonly name: string
}

/** An answer is a few hundred bytes; a program that pours is stopped here. */
const answerBytesMax = 65_536
const saidMax = 400

/** The one JSON object that it answers. Whatever else it does is a fault that names it, and it is killed. */
export async function askProgram(ask: Ask): Promise<unknown> {
  const bytes = await runProgram(ask)
  try {
    return JSON.parse(fromUtf8(bytes) ?? '')
  } catch {
    throw new Error(`${ask.name} answered ${bytes.length} bytes that are not JSON`)
  }
}

function runProgram({ command, request, seconds, name }: Ask): Promise<Uint8Array> {
  const [path = '', ...args] = command
  return new Promise((resolve, reject) => {
    const child = spawn(path, args, { stdio: 'pipe', shell: false })
    const fail = (why: string, cause?: unknown) => {
      clearTimeout(timer)
      stop(child)
      reject(new Error(`${name} ${why}`, { cause }))
    }
    const timer = setTimeout(() => fail(`gave no answer within ${seconds} s`), seconds * 1_000)
    const out: Buffer[] = []
    let [size, said] = [0, '']
    child.stdout.on('data', (chunk: Buffer) => {
      size += chunk.length
      if (size > answerBytesMax) return fail(`answered more than ${answerBytesMax} bytes`)
      out.push(chunk)
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(-saidMax)))
    // It may end without reading; its exit says why.
    child.stdin.on('error', () => {})
    child.once('error', cause => fail('cannot be run', cause))
    child.once('close', (code, signal) => {
      if (code !== 0) return fail(endOf(code, signal) + (said === '' ? '' : `: ${plainWords(said)}`))
      clearTimeout(timer)
      resolve(Buffer.concat(out))
    })
    child.stdin.end(JSON.stringify(request))
  })
}

const endOf = (code: number | null, signal: NodeJS.Signals | null): string =>
  code === null ? `was ended by ${signal}` : `ended with exit code ${code}`

/** What it left behind may hold the pipes open: they are closed here, and keep no command of ours waiting. */
function stop(child: ChildProcessWithoutNullStreams): void {
  child.kill('SIGKILL')
  for (const stream of [child.stdin, child.stdout, child.stderr]) stream.destroy()
  child.unref()
}

/** What is to be run or loaded with a member's keys at hand is there, and nobody else may change it. */
export function checkProgram(path: string, is: 'program' | 'module'): Answer<void> {
  const stats = statSync(path, { throwIfNoEntry: false })
  if (!stats?.isFile()) return refuse('file.unreadable', path, `there is no such ${is}`)
  if ((stats.mode & 0o022) !== 0) return refuse('home.wrong-mode', path, `run: chmod go-w ${path}`)
  try {
    accessSync(path, is === 'program' ? constants.X_OK : constants.R_OK)
    return ok(undefined)
  } catch {
    return refuse('file.unreadable', path, `this user may not ${is === 'program' ? 'run' : 'read'} it`)
  }
}
