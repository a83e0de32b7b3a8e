import {
  type AdoptBody,
  Charter,
  type Json,
  check,
  checkCharter,
  limits,
  payloadOf,
  readCanonical,
  signEnvelope,
  verifyGenesis,
} from '@chancery/protocol'
import type { Command, Input, Report } from '../cli.ts'
import { ofRecord } from '../draft-file.ts'
import { homePaths, readConfig, writeConfig } from '../config.ts'
import { checkNew, readGiven, writeDurably, writeNew } from '../files.ts'
import { orRefuse, refused } from '../refusal.ts'
import { type Session, provenIfReached, provenRelay, sayRemembered, unlock, withSession } from '../session.ts'
import { type Published, publishDraft } from '../publish.ts'
import { reportPublished } from './publish.ts'
import { checkOwnKeys } from './own-keys.ts'

/** With --charter the first founder's adoption, which carries the charter; without it every other founder's. */
export const charterAdopt: Command = {
  verb: 'charter adopt',
  usage: '--charter FILE --out FILE  |  [--relay URL]  (after `charter approve`)',
  says: 'adopts the charter with the root key',
  args: { min: 0, max: 0 },
  options: { charter: { type: 'string' }, out: { type: 'string' } },
  run: input => (input.flags.text('charter') === undefined ? adoptPinned(input) : found(input)),
}

function adoptPinned(input: Input): Promise<Report> {
  return withSession(input, async session => {
    const { charter, genesis } = session.mirror.founded
    checkOwnKeys(charter, session.keys)
    const body: AdoptBody = { adopts: genesis }
    const published = await publishDraft(session, ofRecord('charter.adopt', body))
    const relay = await rememberReached(session, input, published)
    const next =
      published.is === 'kept' ? 'next: chancery publish --outbox, once the relay is there' : 'next: chancery run'
    return reportPublished('charter.adopt', published, {
      lines: [...sayRemembered(relay), next],
      data: { ...(relay && { relay }) },
    })
  })
}

/** The relay that took the adoption is remembered; one that did not is not asked again. */
export async function rememberReached({ world, keys, mirror }: Session, { flags }: Input, { is }: Published) {
  if (is === 'kept') return undefined
  const relay = await provenRelay(world, { flags, keys, charter: mirror.charter })
  if (relay !== undefined) writeConfig(world.home, { ...orRefuse(readConfig(world.home)), relay })
  return relay
}

/** The genesis statement: its id is the coalition's name and its fingerprint. */
async function found({ world, flags }: Input): Promise<Report> {
  const { primitives, random, now, home } = world
  const [path, out] = [flags.must('charter'), flags.must('out')]
  orRefuse(checkNew(out))
  const config = orRefuse(readConfig(home))
  const json = orRefuse(readCanonical(orRefuse(readGiven(path, limits.genesisBytesMax)), path))
  const charter = orRefuse(check(Charter, json, 'statement.bad-schema', path))
  orRefuse(checkCharter(primitives, charter, path))
  const keys = await unlock(world)
  checkOwnKeys(charter, keys)
  const { payload } = orRefuse(
    payloadOf(ofRecord('charter.adopt', { charter }), {
      iss: keys.member,
      iat: now(),
      coa: null,
      charter: null,
      chain: { id: 'clear', prev: null, seq: 0 },
      seen: null,
      random,
      sha256: primitives.sha256,
    }),
  )
  const { jws, sid } = await signEnvelope(keys.signer('root'), {
    typ: 'chancery-statement+sd-jwt',
    payload: payload as Json,
    sha256: primitives.sha256,
  })
  const begun = orRefuse(verifyGenesis(`${jws}~`, primitives))
  if (config.genesis !== null && config.genesis !== sid)
    throw refused('home.other-charter', home, `${config.genesis} is pinned`)
  const relay = await provenIfReached(world, { flags, keys, charter: begun.charter })
  orRefuse(writeNew(out, jws, 'everyone'))
  writeDurably(homePaths(home).genesis, jws)
  writeConfig(home, { ...config, genesis: sid, relay: relay ?? config.relay })
  return {
    lines: [
      `founded ${charter.name}; the genesis statement is in ${out}`,
      `fingerprint  ${sid}`,
      ...sayRemembered(relay),
      `next: start the relay with ${out} as its genesis, hand that file to every founder, read the fingerprint aloud;`,
      `      each: chancery charter approve --genesis FILE --fingerprint ${sid}, then chancery charter adopt`,
    ],
    data: { out, sid, ...(relay && { relay }) },
  }
}
