import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { openCheckpoint, nodePrimitives, toBase64url } from '@chancery/protocol'
import { ConfigError, RelayRefused, knobs, readConfig, startRelay } from '@chancery/relay'
import { openStore } from '@chancery/store'
import * as crypto from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { LoggedStatement, World } from '../world.ts'
import { type Api, type Files, apiOf, attribution, makeFiles, replay, running, submissionOf, world } from './fixture.ts'

const program = fileURLToPath(new URL('../../apps/relay/src/main.ts', import.meta.url))
const primitives = nodePrimitives(crypto)

type Process = {
  readonly child: ChildProcess
  readonly api: Api
  readonly exit: Promise<number | null>
  /** All that it has printed. */
  readonly said: () => string
  /** Resolves after so many batches. */
  readonly appended: (batches: number) => Promise<void>
}

/** The real program in a process of its own, started as an operator does. */
async function start(made: World, files: Files): Promise<Process> {
  const child = spawn(process.execPath, [
    '--disable-warning=ExperimentalWarning',
    program,
    '--config',
    join(files.folder, 'relay.json'),
  ])
  let text = ''
  const exit = once(child, 'exit').then(([code]) => code as number | null)
  child.stderr.on('data', data => (text += String(data)))
  const port = await new Promise<number>((resolve, reject) => {
    child.stdout.on('data', data => {
      text += String(data)
      const listening = text.split('\n').find(line => line.includes('"listening"'))
      if (listening !== undefined) resolve((JSON.parse(listening) as { port: number }).port)
    })
    void exit.then(code => reject(new Error(`ended with ${code}: ${text}`)))
  })
  const appended = async (batches: number): Promise<void> => {
    while (text.split('"appended"').length <= batches) await once(child.stdout, 'data')
  }
  return { child, api: apiOf(made, `http://127.0.0.1:${port}`), exit, said: () => text, appended }
}

let made: World
beforeAll(async () => {
  made = await world({ members: 4 })
})

type Acknowledged = { readonly sid: string; readonly entry: Uint8Array; readonly index: number }

/** Publishes one by one until the relay is gone; what has no answer is sent again by the next call. */
async function publish(
  api: Api,
  member: string,
  from: number,
  to: number,
): Promise<{ done: Acknowledged[]; next: number; status: number }> {
  const queue = made.logged.filter(({ statement }) => statement.iss === member && statement.kind !== 'charter.adopt')
  const done: Acknowledged[] = []
  for (let i = from; i < Math.min(to, queue.length); i++) {
    try {
      const logged = queue[i] as LoggedStatement
      const submission = await submissionOf(made, logged)
      const { status, body } = await api.submit(member, [submission])
      const [result] = body.results ?? []
      if (result === undefined || 'code' in result) return { done, next: i, status }
      done.push({ sid: logged.sid, entry: logged.entry, index: result.index })
    } catch {
      return { done, next: i, status: 0 }
    }
  }
  return { done, next: Math.min(to, queue.length), status: 201 }
}

/** Everything acknowledged is on the log at its place, once, and the head is signed over it. */
function expectAll(files: Files, acknowledged: readonly Acknowledged[]): void {
  const store = openStore(String(files.config['store']), { origin: made.origin })
  if (!store.ok) throw new Error(store.why)
  // What is sealed the relay knows by its commitment alone.
  const indexOf = ({ sid, entry }: Acknowledged) =>
    entry[0] === 1 ? store.value.indexOfCommitment(entry.subarray(1, 33)) : store.value.indexOf(sid)
  for (const each of acknowledged) expect([each.sid, indexOf(each)]).toEqual([each.sid, each.index])
  const checkpoint = openCheckpoint({
    note: store.value.head?.note ?? '',
    origin: made.origin,
    vkey: made.vkey,
    primitives,
  })
  expect(checkpoint.ok && [checkpoint.value.size, toBase64url(checkpoint.value.root)]).toEqual([
    store.value.size,
    toBase64url(store.value.rootAt(store.value.size)),
  ])
  store.value.close()
}

describe('a relay that is killed', () => {
  let files: Files
  beforeAll(async () => {
    // Chains of their own, seen at the adoption of the charter: the order between members is free.
    const seen = { note: toBase64url(crypto.randomBytes(32)), root: made.rootAt(made.size) ?? '', size: made.size }
    for (let i = 0; i < 40; i++) {
      for (let by = 0; by < 4; by++) await attribution(made, 'green', by, { change: claims => ({ ...claims, seen }) })
    }
    files = makeFiles(made)
  })
  afterAll(() => files.remove())

  test('loses nothing that it acknowledged, however often it is killed under load', async () => {
    const acknowledged: Acknowledged[] = []
    const next = new Map(made.ids.map(id => [id, 0]))
    for (let kill = 0; kill < 4; kill++) {
      const relay = await start(made, files)
      if (kill === 0) await replay({ ...made, logged: made.logged.slice(0, 4) }, relay.api)
      const publishers = made.ids.map(async id => {
        const published = await publish(relay.api, id, next.get(id) ?? 0, 40)
        next.set(id, published.next)
        acknowledged.push(...published.done)
      })
      // The moment of a kill depends on what was appended, not on a clock.
      if (kill < 3) await relay.appended(13 + kill * 5)
      if (kill < 3) relay.child.kill('SIGKILL')
      await Promise.all(publishers)
      if (kill === 3) relay.child.kill('SIGTERM')
      await relay.exit
      expectAll(files, acknowledged)
    }
    expect([...next.values()]).toEqual([40, 40, 40, 40])
    expect(new Set(acknowledged.map(({ sid }) => sid)).size).toBeGreaterThanOrEqual(157)
  }, 60_000)

  test('when asked to end finishes what is under way, and ends in good order', async () => {
    const relay = await start(made, files)
    const stream = await relay.api.stream('aldova', null)
    await stream.answer()
    const answers = made.ids.map(id => publish(relay.api, id, 0, 40))
    await stream.until(100)
    relay.child.kill('SIGTERM')
    const acknowledged = (await Promise.all(answers)).flatMap(({ done }) => done)
    expect(await relay.exit).toBe(0)
    expect((await stream.closed).code).toBe(1001)
    expectAll(files, acknowledged)
  })
})

const mounted = mountSmall()
function mountSmall(): string | undefined {
  const folder = join(process.env['TMPDIR'] ?? '/tmp', `chancery-small-disk-${process.pid}`)
  try {
    mkdirSync(folder)
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', folder], { stdio: 'ignore' })
    return folder
  } catch {
    rmSync(folder, { recursive: true, force: true })
    return undefined
  }
}
afterAll(() => {
  if (mounted === undefined) return
  execFileSync('umount', ['-l', mounted])
  rmSync(mounted, { recursive: true, force: true })
})

describe('a full disk', () => {
  test.runIf(mounted !== undefined)(
    'is said clearly, takes nothing more, loses nothing, and is over when there is room',
    async () => {
      const small = await world({ members: 1 })
      const body = {
        ...(small.logged[0] === undefined ? {} : ((await attribution(small)).payload.body as object)),
        summary: 'x'.repeat(60_000),
      }
      for (let i = 0; i < 40; i++) await small.statement('attribution.statement', 'aldova', body)
      const files = makeFiles(small, mounted)
      const relay = await start(small, files)
      const acknowledged: Acknowledged[] = []
      let refusal: Awaited<ReturnType<Api['submit']>> | undefined
      for (const logged of small.logged.slice(1)) {
        const answer = await relay.api.submit('aldova', [await submissionOf(small, logged)])
        if (answer.status !== 201) refusal = answer
        if (refusal !== undefined) break
        for (const result of answer.body.results)
          if ('index' in result) acknowledged.push({ sid: logged.sid, entry: logged.entry, index: result.index })
      }
      expect(refusal).toMatchObject({ status: 503, body: { results: [{ code: 'relay.store-failed' }] } })
      expect(refusal?.headers.get('retry-after')).toMatch(/^\d+$/)
      expect(await relay.exit).toBe(3)
      expect(relay.said()).toMatch(/\nthe store .* failed .*: database or disk is full; free some space .*\n$/)
      expect(acknowledged.length).toBeGreaterThan(5)

      execFileSync('mount', ['-o', 'remount,size=32m', mounted ?? ''])
      const again = await start(small, files)
      const results = await replay(small, again.api)
      expect(results.slice(0, acknowledged.length)).toMatchObject(acknowledged.map(({ index }) => ({ index })))
      expect(results.every(result => 'index' in result)).toBe(true)
      again.child.kill('SIGTERM')
      expect(await again.exit).toBe(0)
    },
    60_000,
  )
  test.skipIf(mounted !== undefined)(
    'needs a small disk of its own, which only root can mount: not shown on this machine',
    () => {
      expect(mounted).toBeUndefined()
    },
  )
})

describe('a relay that must not start', () => {
  const refusal = async (files: Files, config: Record<string, unknown> = {}): Promise<string> => {
    try {
      const relay = await startRelay({ ...files.config, ...config })
      await relay.close()
      return 'started'
    } catch (error) {
      if (error instanceof RelayRefused) return error.message
      if (error instanceof ConfigError) return `usage: ${error.message}`
      throw error
    }
  }
  const within = async (work: (files: Files) => Promise<void> | void): Promise<void> => {
    const files = makeFiles(made)
    try {
      await work(files)
    } finally {
      files.remove()
    }
  }

  test('with a log that went back says from which size to which', () =>
    within(async files => {
      const { relay, api } = await running(made, {}, { files })
      await replay({ ...made, logged: made.logged.slice(0, 3) }, api)
      const store = String(files.config['store'])
      await relay.close()
      copyFileSync(store, `${store}.old`)
      const later = await running(made, {}, { files })
      await replay({ ...made, logged: made.logged.slice(0, 4) }, later.api)
      await later.relay.close()
      copyFileSync(`${store}.old`, store)
      expect(await refusal(files)).toMatch(/^log.went-back: .*from 4 to 3 entries$/)
    }))
  test('with a log key that others may read', () =>
    within(async files => {
      chmodSync(String(files.config['logKey']), 0o640)
      expect(await refusal(files)).toMatch(/^usage: .*mode 0640/)
    }))
  test('with another key than the charter names', () =>
    within(async files => {
      const out = join(files.folder, 'other.pem')
      execFileSync(process.execPath, [program, 'keygen', '--origin', made.origin, '--out', out], { stdio: 'ignore' })
      expect(statSync(out).mode & 0o777).toBe(0o600)
      expect(await refusal(files, { logKey: out })).toMatch(/^log.bad-vkey/)
    }))
  test('with a genesis statement or a log key that is not there says which knob', () =>
    within(async files => {
      const gone = join(files.folder, 'gone')
      expect(await refusal(files, { genesis: gone })).toMatch(/^usage: "genesis" cannot be read/)
      expect(await refusal(files, { logKey: gone })).toMatch(/^usage: "logKey" cannot be read/)
      expect(await refusal(files, { genesis: files.folder })).toMatch(/^usage: "genesis" cannot be read/)
    }))
  test('with another origin than the charter names', () =>
    within(async files => {
      expect(await refusal(files, { origin: 'relay.example/log2' })).toMatch(/^log.wrong-origin/)
      expect(await refusal(files, { origin: 'Relay Example' })).toMatch(/^log.wrong-origin/)
    }))
  test('with another genesis statement than the log begins with', () =>
    within(async files => {
      const { relay } = await running(made, {}, { files })
      await relay.close()
      const other = await world({ members: 2 })
      writeFileSync(String(files.config['genesis']), other.logged[0]?.jws ?? '')
      expect(await refusal(files)).toMatch(/^charter.not-genesis/)
    }))
  test('with a genesis statement that was changed', () =>
    within(async files => {
      const path = String(files.config['genesis'])
      writeFileSync(
        path,
        readFileSync(path, 'utf8')
          .replace(/.$/, 'A')
          .replace(/.{10}$/, 'AAAAAAAAAA'),
      )
      expect(await refusal(files)).toMatch(/^(statement.bad-signature|bytes.not-base64url)/)
    }))
  test('with plain HTTP beyond its own machine', () =>
    within(async files => {
      expect(await refusal(files, { host: '0.0.0.0' })).toMatch(/^usage: plain HTTP is for loopback only/)
      expect(await refusal(files, { host: '192.0.2.1', tlsCert: 'a.pem' })).toMatch(/come together/)
    }))
  test('with a knob that it does not know, or of another type', () =>
    within(async files => {
      expect(await refusal(files, { bodyBytesMx: 1 })).toMatch(/^usage: "bodyBytesMx" is no knob/)
      expect(await refusal(files, { port: 'eighty' })).toBe('usage: "port" is a whole number from 0 to 65535')
      expect(await refusal(files, { batchMax: 0 })).toBe('usage: "batchMax" is a whole number above zero')
      expect(await refusal(files, { statementsBurst: 63 })).toMatch(/at least 64/)
      expect(await refusal(files, { batchMax: 16_385 })).toMatch(/^usage: "batchMax" is at most 16384/)
      expect(await refusal(files, { bodyBytesMax: 16_777_217 })).toMatch(/^usage: "bodyBytesMax" is at most 16777216/)
      expect(await refusal({ ...files, config: {} })).toMatch(/^usage: "origin" must be set/)
    }))
  test('every knob has a name of its own, a default or none, and a reason', () => {
    for (const [name, knob] of Object.entries(knobs)) expect([knob.name, knob.why === '']).toEqual([name, false])
    expect(readConfig({ origin: 'a', genesis: 'b', logKey: 'c', store: 'd' }).bodyBytesMax).toBe(4_194_304)
  })
  test('the environment says what the file does not, and a wrong name there is refused too', () =>
    within(files => {
      const run = (env: Record<string, string>) => {
        try {
          return execFileSync(process.execPath, [program, '--config', join(files.folder, 'relay.json')], {
            env,
            stdio: 'pipe',
            encoding: 'utf8',
          })
        } catch (error) {
          return error as { status: number; stderr: string }
        }
      }
      expect(run({ CHANCERY_RELAY_HOST: '0.0.0.0' })).toMatchObject({
        status: 2,
        stderr: expect.stringContaining('loopback'),
      })
      expect(run({ CHANCERY_RELAY_HOTS: '::1' })).toMatchObject({
        status: 2,
        stderr: expect.stringContaining('no knob'),
      })
      expect(run({ CHANCERY_RELAY_PORT: 'abc' })).toMatchObject({
        status: 2,
        stderr: 'CHANCERY_RELAY_PORT is a whole number from 0 to 65535\n',
      })
      expect(run({ CHANCERY_RELAY_BATCH_MAX: '16385' })).toMatchObject({
        status: 2,
        stderr: 'CHANCERY_RELAY_BATCH_MAX is at most 16384\n',
      })
    }))
  test('a journal that nobody reads any more ends the relay in good order, with a word and no stack', () =>
    within(files => {
      const script = '"$0" "$@" | true; echo "ended with ${PIPESTATUS[0]}"'
      const args = ['--disable-warning=ExperimentalWarning', program]
      const piped = (...more: string[]) => {
        const ran = spawnSync('bash', ['-c', script, process.execPath, ...args, ...more], { encoding: 'utf8' })
        return { out: ran.stdout, err: ran.stderr }
      }
      expect(piped('--help')).toEqual({ out: 'ended with 0\n', err: '' })
      expect(piped('--config', join(files.folder, 'relay.json'))).toEqual({
        out: 'ended with 3\n',
        err: 'nobody reads the journal on standard output any more\n',
      })
    }))
})

describe('whatever ends the program is one object for a program that asks', () => {
  const files = () => makeFiles(made)
  const ended = (...args: string[]) => {
    const options = { encoding: 'utf8' } as const
    const ran = spawnSync(process.execPath, ['--disable-warning=ExperimentalWarning', program, ...args], options)
    return { status: ran.status, out: JSON.parse(ran.stdout) as unknown, err: ran.stderr }
  }
  test('a call that is wrong, and the asking how it is right', () => {
    const usage = expect.arrayContaining([expect.stringContaining('chancery-relay --config FILE')]) as unknown
    expect(ended('--json', '--help')).toEqual({ status: 0, out: { usage }, err: '' })
    expect(ended('--json', 'help')).toEqual({ status: 0, out: { usage }, err: '' })
    const wrongOf = (...args: string[]) => ended('--json', ...args)
    const wrong = (words: string) => ({ status: 2, out: { usage, wrong: words } })
    expect(wrongOf()).toMatchObject(wrong('--config FILE is needed'))
    expect(wrongOf('--fast')).toMatchObject(wrong("Unknown option '--fast'"))
    expect(wrongOf('frob')).toMatchObject(wrong('there is no verb frob'))
    expect(wrongOf('keygen')).toMatchObject(wrong('keygen needs --origin O and --out FILE'))
    expect(wrongOf('keygen', 'now')).toMatchObject(wrong('now is not understood after keygen'))
    expect(ended('keygen', '--origin', 'BAD', '--out', 'no', '--json')).toMatchObject({
      status: 2,
      out: { usage, wrong: expect.stringMatching(/^--origin "BAD"/) },
    })
    expect(ended('--config', 'no.json', '--json')).toMatchObject({
      status: 2,
      out: { usage, wrong: expect.stringContaining('cannot read no.json') },
    })
  })
  test('a log that is refused', () => {
    const { folder, config, remove } = files()
    const file = join(folder, 'relay.json')
    writeFileSync(file, JSON.stringify({ ...config, origin: 'relay.example/log2' }))
    const { status, out, err } = ended('--config', file, '--json')
    remove()
    expect({ status, out }).toEqual({
      status: 1,
      out: { refused: { code: 'log.wrong-origin', at: 'origin', means: expect.any(String), why: expect.any(String) } },
    })
    expect(err).toMatch(/^log.wrong-origin: /)
  })
  test('a fault, with what the machine says of it and what helps', async () => {
    const { folder, config, remove } = files()
    const file = join(folder, 'relay.json')
    const gone = join(folder, 'none', 'log.sqlite')
    writeFileSync(file, JSON.stringify({ ...config, store: gone }))
    const away = `cannot open ${gone}: ENOENT: no such file or directory`
    expect(ended('--config', file, '--json')).toEqual({ status: 3, out: { fault: away }, err: `${away}\n` })

    const store = String(config['store'])
    const { relay } = await running(made, {}, { files: { folder, config, remove } })
    await relay.close()
    truncateSync(store, 16_384)
    writeFileSync(file, JSON.stringify(config))
    const cut = `cannot open ${store}: database disk image is malformed; put back a copy of the store`
    expect(ended('--config', file, '--json')).toEqual({ status: 3, out: { fault: cut }, err: `${cut}\n` })
    const out = join(folder, 'log.pem')
    expect(ended('keygen', '--origin', made.origin, '--out', out, '--json')).toEqual({
      status: 3,
      out: { fault: `--out ${out} exists already, and a key is never overwritten: name a new file` },
      err: expect.any(String),
    })
    remove()
  })
})

describe('one member', () => {
  test('has its rate, and is told when to come again; the others are not slowed', async () => {
    let now = 1_924_992_000_000
    const files = makeFiles(made)
    const config = {
      ...files.config,
      statementsPerSecond: 1,
      statementsBurst: 64,
      requestsPerSecond: 1,
      requestsBurst: 5,
    }
    const relay = await startRelay(config, { clock: () => now })
    const api = apiOf(made, relay.url)
    const iat = () => ({ iat: now / 1_000 })
    const [first] = made.logged.slice(1)
    const submission = await submissionOf(made, first as never)
    const many = Array.from({ length: 64 }, () => submission)
    const by = first?.statement.iss ?? ''
    expect((await api.submit(by, many, iat())).status).toBe(201)
    const second = await api.submit(by, [submission, submission], iat())
    expect([second.status, second.headers.get('retry-after')]).toEqual([429, '2'])
    now += 2_000
    expect((await api.submit(by, [submission, submission], iat())).status).toBe(201)
    for (let i = 0; i < 4; i++) expect((await api.call('dorvane', { path: '/checkpoint', ...iat() })).status).toBe(200)
    expect((await api.call('dorvane', { path: '/checkpoint', ...iat() })).status).toBe(200)
    expect((await api.call('dorvane', { path: '/checkpoint', ...iat() })).status).toBe(429)
    await relay.close()
    files.remove()
  })

  test('takes no room with calls that its rate refuses, and none of what another member has', async () => {
    let now = 1_924_992_000_000
    const files = makeFiles(made)
    const bounds = { requestsPerSecond: 1, requestsBurst: 2, proofsMax: 3 * made.ids.length }
    const relay = await startRelay({ ...files.config, ...bounds }, { clock: () => now })
    const api = apiOf(made, relay.url)
    const calls = async (member: string, count: number): Promise<number[]> => {
      const statuses: number[] = []
      for (let i = 0; i < count; i++) {
        statuses.push((await api.call(member, { path: '/checkpoint', iat: now / 1_000 })).status)
      }
      return statuses
    }
    const refused = Array.from({ length: 3 * made.ids.length }, () => 429)
    expect(await calls('aldova', 2 + refused.length)).toEqual([200, 200, ...refused])
    expect(await calls('borsk', 2)).toEqual([200, 200])
    now += 1_000
    expect(await calls('aldova', 1)).toEqual([200])
    await relay.close()
    files.remove()
  })

  test('cannot make the relay forget proofs: with no room left it is refused', async () => {
    const files = makeFiles(made)
    const { relay, api } = await running(made, { proofsMax: 3 * made.ids.length }, { files })
    for (let i = 0; i < 3; i++) expect((await api.get('aldova', '/checkpoint')).status).toBe(200)
    expect((await api.get('aldova', '/checkpoint')).body).toMatchObject({ type: 'relay.busy' })
    // Another member has its own share.
    expect((await api.get('borsk', '/checkpoint')).status).toBe(200)
    await relay.close()
    files.remove()
  })
})
