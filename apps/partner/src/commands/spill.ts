import { type Verified, Instant, SpillBody, canonical, check, instantOf, secondsOf } from '@chancery/protocol'
import type { Command, Flags } from '../cli.ts'
import { Usage, orRefuse, refused } from '../refusal.ts'
import { publishAmong, slotsOf } from '../release-control.ts'
import { syncIfReached, withSession } from '../session.ts'
import { heldOrRefuse, sidArgument } from './call-out.ts'
import { reportPublished } from './publish.ts'

/** Tells an originator that its words reached somebody whom they were not for, without repeating them. */
export const spill: Command = {
  verb: 'spill',
  usage: 'SID [--slot LABEL]... --how HOW --to-whom TEXT --summary TEXT --containment TEXT [--discovered TIME]',
  says: 'tells the originator of a statement that it was spilled; the spilled words do not go into the notice',
  args: { min: 1, max: 1 },
  options: {
    slot: { type: 'string', multiple: true },
    how: { type: 'string' },
    'to-whom': { type: 'string' },
    summary: { type: 'string' },
    containment: { type: 'string' },
    discovered: { type: 'string' },
  },
  run: async input => {
    const { flags, world } = input
    const sid = sidArgument(input.args[0])
    const said = {
      containment: flags.must('containment'),
      discovered_at: discoveredOf(flags, world.now()),
      how: flags.must('how'),
      summary: flags.must('summary'),
      to_whom: flags.must('to-whom'),
    }
    return withSession(input, async session => {
      await syncIfReached(session)
      const { statement } = heldOrRefuse(session, sid)
      const slots = slotsOf(flags, statement)
      const body = orRefuse(check(SpillBody, { ...said, sid, slots }, 'statement.bad-schema', '/body'))
      checkFree(statement, body)
      const { exercise, handling } = statement.claims
      const among = handling.releasable_to ?? [statement.iss]
      const act = { kind: 'incident.spill', body, exercise, among: [...new Set([statement.iss, ...among])] } as const
      return reportPublished('incident.spill', await publishAmong(session, act))
    })
  },
}

function discoveredOf(flags: Flags, now: number): string {
  const given = flags.text('discovered')
  if (given === undefined) return instantOf(now)
  if (!Instant.safeParse(given).success) throw new Usage('--discovered is a moment like 2031-03-01T12:00:00Z')
  if (secondsOf(given) > now) throw new Usage(`--discovered is ${given}, which is still to come`)
  return given
}

/** So many characters in a row are hardly there by chance. */
const runLength = 16

/** A notice with the words that were spilled would spill them again. */
function checkFree(statement: Verified, { summary, to_whom: whom, containment }: SpillBody): void {
  const restricted = statement.lines.map(({ content }) => canonical(content))
  if (statement.claims.handling.tlp !== 'clear') restricted.push(canonical(statement.body as never))
  for (const [at, text] of Object.entries({ summary, to_whom: whom, containment })) {
    for (let i = 0; i + runLength <= text.length; i++) {
      const run = text.slice(i, i + runLength)
      if (restricted.some(words => words.includes(run)))
        throw refused('statement.breaks-law', `/body/${at}`, `it repeats words of the statement: "${run}"`)
    }
  }
}
