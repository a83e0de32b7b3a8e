import { randomBytes } from 'node:crypto'
import { cp, mkdir, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { type Part, coordinator, everyone } from './cast.ts'
import { makeTokens, tokenOptions } from '../token.ts'
import { answer, each, programs, start, stop } from './processes.ts'

/** A running coalition: one relay and one node for each member, all processes of their own on loopback. */
export type Coalition = {
  readonly genesis: string
  readonly url: string
  readonly origin: string
  /** The member whose keys are on a token. */
  readonly token: string | undefined
  readonly home: (id: string) => string
  /** Runs a verb of the command `chancery` as a member, and returns what it prints with --json. */
  readonly as: <T>(id: string, args: readonly string[]) => Promise<T>
  /** The same with a home that is no member's usual one. */
  readonly at: <T>(home: string, args: readonly string[]) => Promise<T>
  /** Of each statement that came to count: milliseconds from handing it in to a receipt under a quorum. */
  readonly quorumMs: readonly number[]
  /** Starts a second relay with the key of the first on a copy of its log, and says where it is. */
  readonly forkRelay: () => Promise<string>
  readonly file: (name: string) => string
}

const atOnce = 3
const nameOf = (member: string): string => everyone.find(({ id }) => id === member)?.name ?? member
const tierMembers = (tier: 'amber' | 'amber+strict'): string =>
  everyone
    .filter(part => part.cleared === 'amber+strict' || part.cleared === tier)
    .map(({ id }) => id)
    .sort()
    .join(',')

export async function makeCoalition(
  folder: string,
  say: (line: string) => void,
  token: string | undefined,
): Promise<Coalition> {
  const home = (id: string): string => join(folder, id)
  const file = (name: string): string => join(folder, name)
  const passphrase = file('passphrase')
  await mkdir(folder, { recursive: true, mode: 0o700 })
  await writeFile(passphrase, randomBytes(24).toString('base64url'), { mode: 0o600 })
  const { at, quorumMs } = voice(passphrase)
  const as = <T>(id: string, args: readonly string[]): Promise<T> => at<T>(home(id), args)

  say('Nine fictional States make their keys: to be sworn by, to sign, to call the relay, and to be sealed to.')
  const onToken = await tokenFor(token, file('hsm'), say)
  await each(everyone, atOnce, part => enrol(part, { as, file, onToken }))

  const origin = 'relay.chancery.example/ports'
  const { vkeys } = await answer<{ vkeys: readonly string[] }>(programs.relay, [
    'keygen',
    '--origin',
    origin,
    '--out',
    file('log.pem'),
    '--json',
  ])
  say(`${coordinator.name} assembles the charter: who belongs, who may see which tier, whose log.`)
  await as(coordinator.id, [
    'charter',
    'assemble',
    '--members',
    ...everyone.map(({ id }) => file(`${id}.member.json`)),
    '--relay-origin',
    origin,
    '--relay-vkey',
    vkeys.join('\n'),
    '--name',
    'Ports Coalition',
    '--clear',
    `amber=${tierMembers('amber')}`,
    '--clear',
    `amber+strict=${tierMembers('amber+strict')}`,
    '--quorum',
    String(quorum),
    '--out',
    file('charter.json'),
  ])
  const genesis = file('genesis.jws')
  const adopting = ['charter', 'adopt', '--charter', file('charter.json'), '--out', genesis]
  const { sid } = await as<{ sid: string }>(coordinator.id, adopting)

  const relay = await openRelay({ folder, origin, genesis })
  const { url } = relay
  say(`The relay is up at ${url}. The other eight read the fingerprint aloud, compare, and adopt:`)
  say(`  ${sid}`)
  await each(everyone, atOnce, ({ id }) =>
    as(id, ['charter', 'approve', '--genesis', genesis, '--fingerprint', sid, '--relay', url]),
  )
  await each(everyone, atOnce, ({ id }) =>
    start(programs.chancery, ['run', '--home', home(id), '--passphrase-file', passphrase], /following/i),
  )
  for (const { id } of everyone.slice(1)) await as(id, ['charter', 'adopt'])
  say(
    `Nine nodes follow the log and cosign it, each with Ed25519 and with ML-DSA-44: what fewer than ${quorum} ` +
      'of them have signed with both does not count.',
  )
  return { genesis: sid, url, origin, token, home, as, at, file, quorumMs, forkRelay: relay.fork }
}

/** Runs verbs in a home, and keeps how long it took what was handed in to count. */
function voice(passphrase: string): Pick<Coalition, 'at' | 'quorumMs'> {
  const quorumMs: number[] = []
  const at = async <T>(home: string, args: readonly string[]): Promise<T> => {
    const as = ['--home', home, '--passphrase-file', passphrase, '--json']
    const said = await answer<T>(programs.chancery, [...args, ...as])
    const { quorum_ms: ms } = said as { readonly quorum_ms?: number }
    if (ms !== undefined) quorumMs.push(ms)
    return said
  }
  return { at, quorumMs }
}

/** Of nine witnesses: two views that both count share one that is honest while at most four are corrupt. */
export const quorum = 7

type Enrolling = Pick<Coalition, 'as' | 'file'> & { readonly onToken: (id: string) => string[] }

async function enrol(part: Part, { as, file, onToken }: Enrolling): Promise<void> {
  const roles = part.id === coordinator.id ? 'member,coordinator,pen-holder' : 'member'
  await as(part.id, [
    'init',
    '--member',
    part.id,
    '--name',
    part.name,
    '--alg',
    part.alg,
    '--work',
    '14',
    ...onToken(part.id),
  ])
  await as(part.id, ['enrol', '--roles', roles, '--out', file(`${part.id}.member.json`)])
}

/** Options that put the keys of one member on a fresh token, and nobody else's. */
async function tokenFor(member: string | undefined, folder: string, say: (line: string) => void) {
  if (member === undefined) return () => []
  await mkdir(folder, { mode: 0o700 })
  makeTokens(folder, [member])
  say(`  Those of ${nameOf(member)} to swear, sign and call with are made on a PKCS#11 token and never leave it.`)
  return (id: string) => (id === member ? tokenOptions(folder, id) : [])
}

type RelayInput = { readonly folder: string; readonly origin: string; readonly genesis: string }

/** The relay, and what an operator of it can do with its files. */
async function openRelay(input: RelayInput) {
  const { folder } = input
  const [store, copy] = ['relay.sqlite', 'second.sqlite'] as const
  const first = await startRelay(input, store, await freePort())
  const fork = async (): Promise<string> => {
    await stop(first.process)
    for (const end of ['', '.head']) await cp(join(folder, `${store}${end}`), join(folder, `${copy}${end}`))
    await startRelay(input, store, first.port)
    const { url } = await startRelay(input, copy, await freePort())
    return url
  }
  return { url: first.url, fork }
}

async function startRelay({ folder, origin, genesis }: RelayInput, store: string, port: number) {
  const config = join(folder, `${store}.json`)
  await writeFile(
    config,
    JSON.stringify({
      host: '127.0.0.1',
      port,
      store: join(folder, store),
      logKey: join(folder, 'log.pem'),
      origin,
      genesis,
    }),
  )
  return {
    process: await start(programs.relay, ['--config', config], /listening/i),
    port,
    url: `http://127.0.0.1:${port}`,
  }
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise(resolve => server.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('no free port on 127.0.0.1')
  return address.port
}
