import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, test } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))
const home = mkdtempSync(join(tmpdir(), 'chancery-founding-'))
let shell: ChildProcess | undefined

afterAll(async () => {
  // The shell leads a group of its own, in which the relay and the node are.
  if (shell?.pid !== undefined && shell.exitCode === null) {
    const ended = once(shell, 'close')
    process.kill(-shell.pid, 'SIGTERM')
    await ended
  }
  rmSync(home, { recursive: true, force: true })
})

/** The lines as they stand in the README. Only the port, which may be taken, is another. */
async function linesOf(page: string): Promise<string> {
  const [, block = ''] =
    /### Found a coalition\n[^]*?```sh\n([^]*?)```/.exec(readFileSync(join(root, page), 'utf8')) ?? []
  return block.replaceAll('8480', String(await freePort()))
}

test('a coalition is founded by the lines of the README, in their order, and each names the next', async () => {
  const lines = await linesOf('README.md')
  const env = { ...process.env, HOME: home }
  shell = spawn('bash', ['-euc', lines], { cwd: root, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  await new Promise<void>((resolve, reject) => {
    for (const stream of [shell?.stdout, shell?.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        said += text
        if (
          /relay remembered[^]* following|following[^]*relay remembered: http[^]*$/.test(
            said.split('in force')[1] ?? '',
          )
        )
          resolve()
      })
    }
    shell?.once('exit', code => reject(new Error(`the lines ended with ${code}\n${said}`)))
  })
  expect(said).toContain('Ports Coalition: 3 members, the charter is in force; log of 3 entries')
  const nexts = said.split('\n').filter(line => line.startsWith('next: '))
  expect(nexts.map(line => line.replace(/ \/\S+| [\w-]{43}/g, ' X'))).toEqual([
    ...Array.from({ length: 3 }, () => 'next: chancery enrol --out FILE'),
    ...Array.from({ length: 3 }, () => 'next: hand it to the founder, whose next is chancery charter assemble'),
    'next: read it, then chancery charter adopt --charter X --out FILE',
    'next: start the relay with X as its genesis, hand that file to every founder, read the fingerprint aloud;',
    ...Array.from({ length: 2 }, () => 'next: chancery charter adopt --relay URL'),
    ...Array.from({ length: 2 }, () => 'next: chancery run'),
  ])
}, 180_000)

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise(resolve => server.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('no free port')
  return address.port
}
