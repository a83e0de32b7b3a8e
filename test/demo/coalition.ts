import { randomBytes } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { type Part, coordinator, everyone } from './cast.ts'
import { makeTokens, tokenOptions } from '../token.ts'
import { answer, each, programs, start } from './processes.ts'

/** A running coalition: one relay and one node for each member, all processes of their own on loopback. */
export type Coalition = {
  readonly genesis: string
  readonly url: string
  /** The member whose keys are on a token. */
  readonly token: string | undefined
  readonly home: (id: string) => string
  /** Runs a verb of the command `chancery` as a member, and returns what it prints with --json. */
  readonly as: <T>(id: string, args: readonly string[]) => Promise<T>
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
  const as = <T>(id: string, args: readonly string[]): Promise<T> =>
    answer<T>(programs.chancery, [...args, '--home', home(id), '--passphrase-file', passphrase, '--json'])

  say('Nine fictional States make their keys: to be sworn by, to sign, to call the relay, and to be sealed to.')
  const onToken = await tokenFor(token, file('hsm'), say)
  await each(everyone, atOnce, part => enrol(part, { as, file, onToken }))

  const origin = 'relay.chancery.example/ports'
  const { vkey } = await answer<{ vkey: string }>(programs.relay, [
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
    vkey,
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

  const url = await startRelay({ folder, origin, genesis })
  say(`The relay is up at ${url}. The other eight read the fingerprint aloud, compare, and adopt:`)
  say(`  ${sid}`)
  await each(everyone, atOnce, ({ id }) =>
    as(id, ['charter', 'approve', '--genesis', genesis, '--fingerprint', sid, '--relay', url]),
  )
  await each(everyone, atOnce, ({ id }) =>
    start(programs.chancery, ['run', '--home', home(id), '--passphrase-file', passphrase], /following/i),
  )
  for (const { id } of everyone.slice(1)) await as(id, ['charter', 'adopt'])
  say(`Nine nodes follow the log and cosign it: what fewer than ${quorum} of them have signed does not count.`)
  return { genesis: sid, url, token, home, as, file }
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

async function startRelay(input: { folder: string; origin: string; genesis: string }): Promise<string> {
  const port = await freePort()
  const config = join(input.folder, 'relay.json')
  await writeFile(
    config,
    JSON.stringify({
      host: '127.0.0.1',
      port,
      store: join(input.folder, 'relay.sqlite'),
      logKey: join(input.folder, 'log.pem'),
      origin: input.origin,
      genesis: input.genesis,
    }),
  )
  await start(programs.relay, ['--config', config], /listening/i)
  return `http://127.0.0.1:${port}`
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise(resolve => server.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('no free port on 127.0.0.1')
  return address.port
}
