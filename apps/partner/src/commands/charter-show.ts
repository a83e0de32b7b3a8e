import { type Member, restrictedTiers } from '@chancery/protocol'
import type { Command } from '../cli.ts'
import { homePaths, readConfig } from '../config.ts'
import { orRefuse } from '../refusal.ts'
import { readGenesisFile } from '../session.ts'

/** The charter that is pinned here, or one in a file. Needs no key and no relay. */
export const charterShow: Command = {
  verb: 'charter show',
  usage: '[--genesis FILE]',
  says: 'shows the charter: members, keys, clearances, relay',
  args: { min: 0, max: 0 },
  options: { genesis: { type: 'string' } },
  run: async ({ world, flags }) => {
    const config = flags.text('genesis') === undefined ? orRefuse(readConfig(world.home)) : undefined
    const { statement, charter } = readGenesisFile(world, flags.text('genesis') ?? homePaths(world.home).genesis)
    const { name, purpose, legal_status, members, clearances, relay, communities = [], follows } = charter
    const pinned = config === undefined ? 'not looked up' : config.genesis === statement.sid ? 'yes' : 'NO'
    return {
      lines: [
        `${name}`,
        `  ${purpose}`,
        `  ${legal_status}`,
        `  fingerprint  ${statement.sid} (pinned here: ${pinned})`,
        `  relay        ${relay.origin}`,
        ...(follows === undefined
          ? []
          : [`  follows      the log of ${follows.genesis}, closed at ${follows.size} entries`]),
        ...members.flatMap(linesOf),
        ...communities.map(({ id, name: full }) => `  community:${id}  ${full}`),
        ...restrictedTiers.map(tier => `  cleared for ${tier.padEnd(14)}${clearances[tier].join(', ') || 'nobody'}`),
      ],
      data: { charter, pinned: pinned === 'yes', sid: statement.sid },
    }
  },
}

/** A member, and the readers it answers for by the names that `chancery why` takes. */
function linesOf({ id, name, roles, keys, bodies = [], constituents = [] }: Member): string[] {
  const persons = keys.flatMap(({ person }) => (person === undefined ? [] : [person]))
  return [
    `  ${id.padEnd(16)}${name}: ${roles.join(', ')}; ${keys.length} keys`,
    ...bodies.map(body => `    ${id}/${body.id}  ${body.name}, a body of it`),
    ...constituents.map(one => `    ${id}/${one.id}  ${one.name}, a constituent`),
    ...persons.map(person => `    ${id}/${person}  a person: TLP:RED`),
  ]
}
