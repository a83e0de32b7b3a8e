import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { runCli } from '../../apps/partner/src/cli.ts'
import { commands } from '../../apps/partner/src/commands/index.ts'
import { draftable } from '../../apps/partner/src/draft-file.ts'
import { Coalition, stop } from './coalition.ts'

const coalition = new Coalition(['arvandia', 'belmora'])
/** Another coalition, with a log and a relay of its own. */
const other = new Coalition(['corvane'])
beforeAll(async () => {
  await coalition.found()
  await other.found()
}, 120_000)
afterAll(async () => {
  await coalition.close()
  await other.close()
})

const nowhere = 'http://127.0.0.1:1'
const configOf = (id: string): string => readFileSync(join(coalition.home(id), 'config.json'), 'utf8')

describe('a relay that is given', () => {
  test('is for this command alone: the next one asks the relay that is remembered', async () => {
    const before = configOf('belmora')
    const away = await coalition.run('belmora', 'board', '--relay', nowhere, '--json')
    expect(JSON.parse(away.out)).toMatchObject({ stale: true, size: 2 })
    expect(configOf('belmora')).toBe(before)
    expect(await coalition.as('belmora', 'board')).toMatchObject({ stale: false })
  })
  test('is not remembered by a node while it is away', async () => {
    const before = configOf('belmora')
    const node = await coalition.nodeThatSays(/ away: /, 'belmora', '--relay', nowhere)
    expect(await stop(node)).toBe(0)
    expect(configOf('belmora')).toBe(before)
  })
  test("is not remembered where it shows another coalition's log", async () => {
    const before = configOf('belmora')
    for (const verb of [['charter', 'adopt'], ['run']]) {
      const ran = await coalition.run('belmora', ...verb, '--relay', other.url)
      expect({ verb, code: ran.code }).toEqual({ verb, code: 1 })
      expect(configOf('belmora')).toBe(before)
    }
  })
  test('is not remembered for a head that another key has signed, and nothing is pinned with it', async () => {
    const note = readFileSync(other.file('relay.sqlite.head'))
    const text = { 'content-type': 'text/plain' }
    const fake = createServer((_request, response) => response.writeHead(200, text).end(note))
    await new Promise<void>(resolve => fake.listen(0, '127.0.0.1', resolve))
    const url = `http://127.0.0.1:${(fake.address() as AddressInfo).port}`
    const before = configOf('belmora')
    const given = ['--genesis', coalition.file('genesis.jws'), '--fingerprint', coalition.genesis]
    const ran = await coalition.run('belmora', 'charter', 'approve', ...given, '--relay', url)
    fake.close()
    expect(ran).toMatchObject({ code: 1, out: '', err: expect.stringMatching(/^refused {2}log\./) })
    expect(configOf('belmora')).toBe(before)
  })
  test('is remembered once it has shown the log, and that is said', async () => {
    const url = coalition.url.replace('127.0.0.1', 'localhost')
    const node = await coalition.nodeThatSays(/relay remembered: http/, 'belmora', '--relay', url)
    expect(await stop(node)).toBe(0)
    expect(configOf('belmora')).toContain(url)
    const given = ['--genesis', coalition.file('genesis.jws'), '--fingerprint', coalition.genesis]
    const ran = await coalition.run('belmora', 'charter', 'approve', ...given, '--relay', coalition.url)
    expect(ran.out).toContain(`relay remembered: ${coalition.url}\n`)
    expect(configOf('belmora')).toContain(coalition.url)
  })
})

describe('a charter is pinned only after its fingerprint was compared', () => {
  const approve = async (id: string, typed?: string) => {
    const [out, asked]: [string[], string[]] = [[], []]
    const pass = ['--home', coalition.home(id), '--passphrase-file', coalition.file('pass')]
    const code = await runCli(commands, {
      argv: ['charter', 'approve', '--genesis', coalition.file('genesis.jws'), ...pass],
      env: {},
      now: () => 0,
      signal: new AbortController().signal,
      out: line => void out.push(line),
      err: line => void out.push(line),
      ask: async question => {
        asked.push(question)
        return typed
      },
    })
    return { code, said: out.join('\n'), asked }
  }
  const pinned = (id: string): unknown => (JSON.parse(configOf(id)) as { genesis: unknown }).genesis

  test('as it was given, or as a person types its ends; and without either not at all', async () => {
    await coalition.as('dorvik', 'init', '--member', 'belmora', '--name', 'Dorvik', '--work', '14')
    const blind = await approve('dorvik')
    expect(blind).toMatchObject({
      code: 2,
      said: expect.stringMatching(/^--fingerprint is needed where there is no term/),
    })
    for (const typed of ['', 'AAAAAA AAAAAA', coalition.genesis.slice(0, 6), coalition.genesis.slice(0, 12)]) {
      const wrong = await approve('dorvik', typed)
      expect(wrong).toMatchObject({ code: 1, said: expect.stringMatching(/^refused {2}enrol\.wrong-fingerprint/) })
      // A person who can read it on the screen compares it with itself.
      expect(wrong.said + wrong.asked.join()).not.toContain(coalition.genesis)
    }
    expect(pinned('dorvik')).toBe(null)
    const ends = `${coalition.genesis.slice(0, 6)} … ${coalition.genesis.slice(-6)}`
    expect(await approve('belmora', ends)).toMatchObject({ code: 0 })
  })
})

describe('whoever reads what a command prints', () => {
  const program = fileURLToPath(new URL('../../apps/partner/src/main.ts', import.meta.url))
  const readTo = async (stream: 'stdout' | 'stderr', args: readonly string[]) => {
    const pass = ['--home', coalition.home('arvandia'), '--passphrase-file', coalition.file('pass')]
    const child = spawn(process.execPath, [program, ...args, ...pass], { stdio: ['ignore', 'pipe', 'pipe'] })
    const said: string[] = []
    const rest = stream === 'stdout' ? child.stderr : child.stdout
    rest.setEncoding('utf8').on('data', (text: string) => said.push(text))
    child[stream].destroy()
    const [code] = (await once(child, 'close')) as [number | null]
    return { code, said: said.join('') }
  }
  test('and goes away in the middle is not told so in a stack trace', async () => {
    expect(await readTo('stdout', ['board'])).toEqual({ code: 0, said: '' })
    expect(await readTo('stdout', ['run'])).toEqual({ code: 0, said: '' })
    expect(await readTo('stderr', ['show', 'A'.repeat(43)])).toEqual({ code: 1, said: '' })
  })
})

test('a draft that lands beside the program, for want of another place, is not committed with it', () => {
  const ignored = readFileSync(fileURLToPath(new URL('../../.gitignore', import.meta.url)), 'utf8').split('\n')
  for (const kind of draftable) expect(ignored).toContain(`/${kind.split('.')[0]}.*.json`)
  for (const kind of draftable.filter(name => !name.includes('.'))) expect(ignored).toContain(`/${kind}.json`)
})

test('a second node of one home is told that it is not alone, and goes on', async () => {
  const first = await coalition.node('arvandia')
  const second = await coalition.nodeThatSays(
    /another `run` is at work in .*[^]*following|following[^]*another/,
    'arvandia',
  )
  expect([await stop(second), await stop(first)]).toEqual([0, 0])
  const alone = await coalition.node('arvandia', '--json')
  let told = ''
  alone.stdout?.on('data', (text: string) => (told += text))
  expect(await stop(alone)).toBe(0)
  expect(told).not.toContain('warning')
})
