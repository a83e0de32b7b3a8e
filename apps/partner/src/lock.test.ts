import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { withLock } from './lock.ts'

const folder = mkdtempSync(join(tmpdir(), 'chancery-lock-'))
afterAll(() => rmSync(folder, { recursive: true }))
let home = ''
beforeEach(() => {
  home = mkdtempSync(join(folder, 'home-'))
})

const lockUrl = new URL('./lock.ts', import.meta.url).href
/** A process of its own that has `withLock` and the home. */
const program = (work: string): string[] => [
  '--disable-warning=ExperimentalWarning',
  '--input-type=module',
  '--eval',
  `import { closeSync, existsSync, openSync, rmSync, writeSync } from 'node:fs'
   import { withLock } from ${JSON.stringify(lockUrl)}
   const home = ${JSON.stringify(home)}
   ${work}`,
]

describe('while one command signs', () => {
  test('no other does, and its owner alone may read the lock', async () => {
    const inner = await withLock(home, async () =>
      withLock(home, async () => 'both', 0).catch((error: Error) => error.message),
    )
    expect(inner).toContain(`home.busy at ${join(home, 'lock.db')}`)
    expect(readdirSync(home)).toEqual(['lock.db'])
    expect(statSync(join(home, 'lock.db')).mode & 0o777).toBe(0o600)
    expect(await withLock(home, async () => 'signed')).toBe('signed')
  })
  test('a second one in this process that is refused does not let go of the lock of the first', async () => {
    await withLock(home, async () => {
      await withLock(home, async () => 'both', 0).catch(() => 'refused')
      const other = spawnSync(process.execPath, program(`await withLock(home, async () => console.log('both'), 0)`))
      expect(other.stdout.toString()).toBe('')
      expect(other.stderr.toString()).toContain('home.busy')
    })
  })
  test('the next one waits for it, and signs then', async () => {
    const order: string[] = []
    const first = withLock(home, async () => {
      await new Promise(resolve => setImmediate(resolve))
      order.push('first')
    })
    const second = withLock(home, async () => order.push('second'))
    await Promise.all([first, second])
    expect(order).toEqual(['first', 'second'])
  })
  test('and is killed, the next one signs', async () => {
    const dying = spawnSync(process.execPath, program(`await withLock(home, async () => process.kill(process.pid, 9))`))
    expect(dying.signal).toBe('SIGKILL')
    expect(await withLock(home, async () => 'signed')).toBe('signed')
  })
  test('a file that is no lock is an error, and nothing is signed', async () => {
    writeFileSync(join(home, 'lock.db'), 'a text that a person has put here '.repeat(200))
    await expect(withLock(home, async () => 'signed')).rejects.toThrow('not a database')
  })
})

test('of many processes that are killed at work one after the other, never two are at work', async () => {
  const count = 8
  // Each waits until all are there, then for its turn; it is killed with the lock in its hand.
  const work = `console.log('there')
    while (!existsSync(home + '/all-there')) await new Promise(resolve => setImmediate(resolve))
    const once = async () => {
      try { closeSync(openSync(home + '/at-work', 'wx')) } catch { console.log('two at work') }
      await new Promise(resolve => setImmediate(resolve))
      rmSync(home + '/at-work', { force: true })
      writeSync(1, 'had its turn')
      process.kill(process.pid, 9)
    }
    const isBusy = error => error.message.includes('home.busy')
    for (;;) try { await withLock(home, once, 0) } catch (error) { if (!isBusy(error)) throw error }`
  const children = Array.from({ length: count }, () => begin(program(work)))
  await Promise.all(children.map(({ there }) => there))
  writeFileSync(join(home, 'all-there'), '')
  const told = await Promise.all(children.map(({ said }) => said))
  expect(told).toEqual(told.map(() => 'there\nhad its turn'))
}, 60_000)

/** A process, the moment at which it says the first word, and all that it says. */
function begin(args: readonly string[]): { there: Promise<unknown>; said: Promise<string> } {
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  let text = ''
  child.stdout.setEncoding('utf8').on('data', (piece: string) => (text += piece))
  return { there: once(child.stdout, 'data'), said: once(child, 'close').then(() => text) }
}
