import type { Command, Input } from '../cli.ts'
import { homePaths, readConfig, writeConfig } from '../config.ts'
import { writeDurably } from '../files.ts'
import { Usage, orRefuse, refused } from '../refusal.ts'
import { provenIfReached, readGenesisFile, sayRemembered, unlock } from '../session.ts'
import { checkOwnKeys } from './own-keys.ts'

/** Checks a genesis statement, above all one's own keys in it, and trusts it from then on. */
export const charterApprove: Command = {
  verb: 'charter approve',
  usage: '--genesis FILE --fingerprint SID [--to-accede] [--relay URL]',
  says: 'checks the charter against the fingerprint read aloud, and pins it',
  args: { min: 0, max: 0 },
  options: { genesis: { type: 'string' }, fingerprint: { type: 'string' }, 'to-accede': { type: 'boolean' } },
  run: async input => {
    const { world, flags } = input
    const { home } = world
    const config = orRefuse(readConfig(home))
    const path = flags.must('genesis')
    const { statement, charter, founded } = readGenesisFile(world, path)
    const { sid, jws } = statement
    await compare(input, path, sid)
    if (config.genesis !== null && config.genesis !== sid)
      throw refused('home.other-charter', home, `${config.genesis} is pinned`)
    const keys = await unlock(world)
    // Its own keys a State finds in the version that brings it: `charter accede` looks there.
    const accedes = flags.on('to-accede')
    if (!accedes) checkOwnKeys(charter, keys)
    // Nor does the relay know them before that version is in force.
    const relay = accedes ? undefined : await provenIfReached(world, { flags, keys, charter: founded })
    writeDurably(homePaths(home).genesis, jws)
    writeConfig(home, { ...config, genesis: sid, relay: relay ?? config.relay })
    const own = accedes ? 'to accede to it' : 'own keys unchanged'
    return {
      lines: [
        `approved ${charter.name}, ${charter.members.length} members; ${own}`,
        `fingerprint  ${sid}`,
        ...sayRemembered(relay),
        nextOf(
          accedes ? 'charter accede' : statement.iss === keys.member ? 'run' : 'charter adopt',
          relay ?? config.relay,
        ),
      ],
      data: { members: charter.members.map(({ id }) => id), name: charter.name, sid, ...(relay && { relay }) },
    }
  },
}

/** Its author has adopted it by writing it. */
const nextOf = (verb: string, relay: string | null): string =>
  `next: chancery ${verb}${relay === null ? ' --relay URL' : ''}`

const shown = 6

/** Whoever sends the file can send a fingerprint with it: what is compared comes another way, before it is pinned. */
async function compare({ world, flags }: Input, path: string, sid: string): Promise<void> {
  const spoken = flags.text('fingerprint')
  if (spoken !== undefined) {
    if (spoken !== sid)
      throw refused('enrol.wrong-fingerprint', path, 'nothing is pinned; ask the founder to read it again')
    return
  }
  const asked = `The first ${shown} and the last ${shown} characters of the fingerprint that the founder reads aloud: `
  const typed = await world.ask(asked)
  if (typed === undefined)
    throw new Usage(
      '--fingerprint is needed where there is no terminal: as the founder reads it aloud, not from a file',
    )
  if (typed.replace(/[\s.…]/g, '') !== sid.slice(0, shown) + sid.slice(-shown))
    throw refused('enrol.wrong-fingerprint', path, 'nothing is pinned; ask the founder to read it again')
}
