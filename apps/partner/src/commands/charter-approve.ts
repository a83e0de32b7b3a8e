import type { Command } from '../cli.ts'
import { homePaths, readConfig, relayGiven, writeConfig } from '../config.ts'
import { writeDurably } from '../files.ts'
import { orRefuse, refused } from '../refusal.ts'
import { readGenesisFile, unlock } from '../session.ts'
import { checkOwnKeys } from './own-keys.ts'

/** Checks a genesis statement, above all one's own keys in it, and trusts it from then on. */
export const charterApprove: Command = {
  verb: 'charter approve',
  usage: '--genesis FILE [--fingerprint SID] [--relay URL]',
  says: 'checks the charter and pins its fingerprint',
  args: { min: 0, max: 0 },
  options: { genesis: { type: 'string' }, fingerprint: { type: 'string' } },
  run: async ({ world, flags }) => {
    const { home } = world
    const config = orRefuse(readConfig(home))
    const { statement, charter } = readGenesisFile(world, flags.must('genesis'))
    const { sid, jws } = statement
    const spoken = flags.text('fingerprint')
    if (spoken !== undefined && spoken !== sid)
      throw refused('enrol.wrong-fingerprint', flags.must('genesis'), `its fingerprint is ${sid}`)
    if (config.genesis !== null && config.genesis !== sid)
      throw refused('home.other-charter', home, `${config.genesis} is pinned`)
    checkOwnKeys(charter, await unlock(world))
    writeDurably(homePaths(home).genesis, jws)
    writeConfig(home, { ...config, genesis: sid, relay: relayGiven(flags.text('relay')) ?? config.relay })
    const compare = spoken === undefined ? ['compare it with the fingerprint that the founder reads aloud'] : []
    return {
      lines: [
        `approved ${charter.name}, ${charter.members.length} members; own keys unchanged`,
        `fingerprint  ${sid}`,
        ...compare,
      ],
      data: { members: charter.members.map(({ id }) => id), name: charter.name, sid },
    }
  },
}
