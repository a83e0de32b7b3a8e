import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type AuditReport, kinds } from '@chancery/protocol'

const program = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url))
const chancery = program('apps/partner/src/main.ts')
const relayMain = program('apps/relay/src/main.ts')
const auditMain = program('apps/auditor/src/main.ts')

export type Ran = { readonly code: number; readonly out: string; readonly err: string }

async function runProgram(script: string, args: readonly string[]): Promise<Ran> {
  const child = spawn(process.execPath, [script, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  const texts = { out: '', err: '' }
  child.stdout.setEncoding('utf8').on('data', (text: string) => (texts.out += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (texts.err += text))
  const [code] = (await once(child, 'close')) as [number | null]
  return { code: code ?? -1, ...texts }
}

/** Sentences of the templates. */
const hints: ReadonlySet<string> = new Set(
  Object.values(kinds).flatMap(({ template }) => JSON.stringify(template).match(/(?<=")[^"]* [^"]*(?=")/g) ?? []),
)

export const origin = 'relay.example/log1'

/** Homes of members and one relay, in a folder that ends with the test; every command is a process of its own. */
export class Coalition {
  readonly folder = mkdtempSync(join(tmpdir(), 'chancery-partner-'))
  readonly ids: readonly string[]
  url = ''
  genesis = ''
  /** What stands between the members and the relay's port, where a test wants something there: the port to call. */
  front: ((port: number) => Promise<number>) | undefined
  #relay: ChildProcess | undefined
  #port = 0

  constructor(ids: readonly string[]) {
    this.ids = ids
    writeFileSync(this.file('pass'), 'correct horse battery\n', { mode: 0o600 })
  }

  file(name: string): string {
    return join(this.folder, name)
  }

  home(id: string): string {
    return this.file(id)
  }

  /** Runs a verb as a member. */
  run(id: string, ...args: string[]): Promise<Ran> {
    const passphrase = args.includes('--passphrase-file') ? [] : ['--passphrase-file', this.file('pass')]
    return runProgram(chancery, [...args, '--home', this.home(id), ...passphrase])
  }

  /** A verb that must hold, and the object that it prints. */
  async as<T = Record<string, unknown>>(id: string, ...args: string[]): Promise<T> {
    const ran = await this.run(id, ...args, '--json')
    if (ran.code !== 0) throw new Error(`${args.join(' ')} ended with ${ran.code}\n${ran.err}${ran.out}`)
    return JSON.parse(ran.out) as T
  }

  /** What the auditor says of a folder. */
  async audit(path: string): Promise<AuditReport> {
    const { out } = await runProgram(auditMain, [path, '--json'])
    return JSON.parse(out) as AuditReport
  }

  /** What the auditor says of files held against each other. */
  convict(...args: string[]): Promise<Ran> {
    return runProgram(auditMain, ['convict', ...args])
  }

  /** Texts of a template are edited, as a person does; `as-is` leaves them. */
  draft(name: string, draft: object, texts: 'edited' | 'as-is' = 'edited'): string {
    const edit = (_: string, value: unknown) =>
      typeof value === 'string' && hints.has(value) && texts === 'edited' ? `${value}.` : value
    writeFileSync(this.file(name), JSON.stringify(draft, edit))
    return this.file(name)
  }

  /** From nothing to a charter in force: keys, charter, relay, adoptions. `more`: options beside the usual. */
  async found(
    more: { init?: string[] | ((id: string) => string[]); enrol?: string[]; assemble?: string[] } = {},
  ): Promise<void> {
    const [first = '', ...others] = this.ids
    for (const id of this.ids) {
      const init = typeof more.init === 'function' ? more.init(id) : (more.init ?? [])
      await this.as(id, 'init', '--member', id, '--name', `Republic of ${id}`, '--work', '14', ...init)
      const roles = id === first ? 'member,coordinator,pen-holder' : 'member'
      await this.as(id, 'enrol', '--roles', roles, '--out', this.file(`${id}.json`), ...(more.enrol ?? []))
    }
    const vkeys = await this.logKeys('log.pem')
    await this.as(
      first,
      'charter',
      'assemble',
      '--members',
      ...this.ids.map(id => this.file(`${id}.json`)),
      '--relay-origin',
      origin,
      '--relay-vkey',
      vkeys.join('\n'),
      '--name',
      'Exercise Coalition',
      '--clear',
      `amber=${this.ids.slice(0, 2).join(',')}`,
      ...(more.assemble ?? []),
      '--out',
      this.file('charter.json'),
    )
    const adopted = await this.as<{ sid: string }>(
      first,
      'charter',
      'adopt',
      '--charter',
      this.file('charter.json'),
      '--out',
      this.file('genesis.jws'),
    )
    this.genesis = adopted.sid
    await this.startRelay()
    for (const id of this.ids) await this.approve(id)
    for (const id of others) await this.as(id, 'charter', 'adopt')
  }

  /** New keys of a log in a file; their verifier keys. */
  async logKeys(name: string): Promise<string[]> {
    const keygen = await runProgram(relayMain, ['keygen', '--origin', origin, '--out', this.file(name), '--json'])
    return (JSON.parse(keygen.out) as { vkeys: string[] }).vkeys
  }

  approve(id: string): Promise<unknown> {
    const genesis = this.file('genesis.jws')
    return this.as(id, 'charter', 'approve', '--genesis', genesis, '--fingerprint', this.genesis, '--relay', this.url)
  }

  async startRelay(more: Record<string, string> = {}): Promise<void> {
    this.#port ||= await freePort()
    this.url ||= `http://127.0.0.1:${(await this.front?.(this.#port)) ?? this.#port}`
    writeFileSync(
      this.file('relay.json'),
      JSON.stringify({
        host: '127.0.0.1',
        port: this.#port,
        store: this.file('relay.sqlite'),
        logKey: this.file('log.pem'),
        origin,
        genesis: this.file('genesis.jws'),
        ...more,
      }),
    )
    this.#relay = await startProgram(relayMain, ['--config', this.file('relay.json')], /listening/i)
  }

  /** The relay's process, while it runs. */
  get relay(): ChildProcess {
    if (this.#relay === undefined) throw new Error('the relay is not running')
    return this.#relay
  }

  async stopRelay(): Promise<void> {
    if (this.#relay !== undefined) await stop(this.#relay)
    this.#relay = undefined
  }

  /** The member's node, once it follows. */
  node(id: string, ...more: string[]): Promise<ChildProcess> {
    return this.nodeThatSays(/following/, id, ...more)
  }

  nodeThatSays(words: RegExp, id: string, ...more: string[]): Promise<ChildProcess> {
    const args = ['run', '--home', this.home(id), '--passphrase-file', this.file('pass'), ...more]
    return startProgram(chancery, args, words)
  }

  async close(): Promise<void> {
    await this.stopRelay()
    rmSync(this.folder, { recursive: true, force: true })
  }
}

async function startProgram(script: string, args: readonly string[], ready: RegExp): Promise<ChildProcess> {
  const child = spawn(process.execPath, [script, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  await new Promise<void>((resolve, reject) => {
    const hear = (text: string) => {
      said += text
      if (ready.test(said)) resolve()
    }
    child.stdout.setEncoding('utf8').on('data', hear)
    child.stderr.setEncoding('utf8').on('data', hear)
    child.once('exit', code => reject(new Error(`${args.join(' ')} ended with ${code}\n${said}`)))
  })
  return child
}

/** The first piece of what a process prints that has these words. */
export const hears = (child: ChildProcess, words: string): Promise<string> =>
  new Promise(resolve => child.stdout?.on('data', (text: string) => text.includes(words) && resolve(text)))

/** Asks a process to end; its exit code. */
export async function stop(child: ChildProcess): Promise<number | null> {
  if (child.exitCode !== null) return child.exitCode
  const ended = once(child, 'exit')
  child.kill('SIGTERM')
  const [code] = (await ended) as [number | null]
  return code
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise(resolve => server.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('no free port')
  return address.port
}
