import { type Draft, type ProposalRow, proposalsOf } from '@chancery/protocol'
import { changesOf } from '../charter-changes.ts'
import type { Command, Input, Report } from '../cli.ts'
import { orRefuse, refused } from '../refusal.ts'
import { publishDraft } from '../publish.ts'
import { readConfig, writeConfig } from '../config.ts'
import { type Session, provenRelay, sayRemembered, syncIfReached, withSession } from '../session.ts'
import { sayProposal } from './board.ts'
import { sidArgument } from './call-out.ts'
import { checkOwnKeys } from './own-keys.ts'
import { reportPublished } from './publish.ts'

type Said = Pick<Draft, 'kind' | 'body'>

const drafted = ({ kind, body }: Said): Draft => ({ kind, body, handling: { tlp: 'clear' }, exercise: false, tear: [] })

/** Approves an amendment or a suspension. What it would change is shown before it is signed. */
export const charterEndorse: Command = {
  verb: 'charter endorse',
  usage: 'SID',
  says: 'approves an amendment of the charter, or a suspension',
  args: { min: 1, max: 1 },
  options: {},
  run: async input => {
    const sid = sidArgument(input.args[0])
    return withSession(input, async session => {
      await syncIfReached(session)
      for (const line of proposed(session, sid)) session.world.say(line)
      const published = await publishDraft(session, drafted({ kind: 'charter.approve', body: { approves: sid } }))
      return reportPublished('charter.approve', published, outcome(session, sid))
    })
  },
}

function proposed({ mirror: { charter } }: Session, sid: string): string[] {
  const proposal = charter.proposals.get(sid)
  if (proposal === undefined) throw refused('charter.not-proposed', sid, 'the board shows what waits for approval')
  const { is } = proposal
  const row = rowOf(charter, sid)
  const changes = 'charter' in is ? changesOf(charter.version.charter, is.charter) : []
  return [...(row === undefined ? [] : [sayProposal(row).trim()]), ...changes.map(line => `  ${line}`)]
}

const rowOf = (charter: Session['mirror']['charter'], sid: string): ProposalRow | undefined =>
  proposalsOf(charter).find(row => row.sid === sid)

/** As the mirror has it now: in force, or how many are missing. */
function outcome({ mirror: { charter } }: Session, sid: string): Pick<Report, 'lines' | 'data'> {
  const row = rowOf(charter, sid)
  if (row !== undefined) return { lines: [sayProposal(row)], data: { approvedBy: [...row.approvedBy], inForce: false } }
  return {
    lines: [`  it is in force from the next entry on`],
    data: { inForce: true, version: charter.version.number },
  }
}

/** A State that an amendment has brought finds its own keys in it, unchanged, and becomes a member that speaks. */
export const charterAccede: Command = {
  verb: 'charter accede',
  usage: '[--relay URL]',
  says: 'accedes to the version of the charter that has brought this State',
  args: { min: 0, max: 0 },
  options: {},
  run: input =>
    withSession(input, async session => {
      await syncIfReached(session)
      const { version } = session.mirror.charter
      checkOwnKeys(version.charter, session.keys)
      if (session.mirror.tagKey === undefined) {
        const cure = 'the tag key of this version does not open here; ask to be brought once more, with keys made anew'
        throw refused('seal.not-for-you', '/body/seal', cure)
      }
      const published = await publishDraft(session, drafted({ kind: 'member.accede', body: { accedes: version.sid } }))
      const relay = published.is === 'logged' ? await remembered(session, input) : undefined
      const next = [...sayRemembered(relay), 'next: chancery run']
      return reportPublished('member.accede', published, { lines: next, data: { version: version.number } })
    }),
}

async function remembered({ world, keys, mirror }: Session, { flags }: Input): Promise<string | undefined> {
  const relay = await provenRelay(world, { flags, keys, charter: mirror.charter })
  if (relay !== undefined) writeConfig(world.home, { ...orRefuse(readConfig(world.home)), relay })
  return relay
}

/** Proposes that a member is not to speak until the next version of the charter. */
export const charterSuspend: Command = {
  verb: 'charter suspend',
  usage: 'MEMBER --reason TEXT',
  says: 'proposes to suspend a member until the next version of the charter',
  args: { min: 1, max: 1 },
  options: { reason: { type: 'string' } },
  run: async input => {
    const [member = ''] = input.args
    const reason = input.flags.must('reason')
    return withSession(input, async session => {
      await syncIfReached(session)
      const published = await publishDraft(session, drafted({ kind: 'member.suspend', body: { member, reason } }))
      return reportPublished('member.suspend', published, outcome(session, published.sid))
    })
  },
}

/** Proposes that nothing more is said on this log. What it has stands for ever, and another may go on from it. */
export const charterClose: Command = {
  verb: 'charter close',
  usage: '--reason TEXT',
  says: 'proposes to close the log for good',
  args: { min: 0, max: 0 },
  options: { reason: { type: 'string' } },
  run: async input => {
    const reason = input.flags.must('reason')
    return withSession(input, async session => {
      await syncIfReached(session)
      const published = await publishDraft(session, drafted({ kind: 'log.close', body: { reason } }))
      return reportPublished('log.close', published, outcome(session, published.sid))
    })
  },
}

/** Leaves the coalition. There is no way back with the same keys, so it is asked for by the member's own name. */
export const charterLeave: Command = {
  verb: 'charter leave',
  usage: 'MEMBER --reason TEXT',
  says: 'leaves the coalition: the keys of this member end with it',
  args: { min: 1, max: 1 },
  options: { reason: { type: 'string' } },
  run: async input => {
    const [member = ''] = input.args
    const reason = input.flags.must('reason')
    return withSession(input, async session => {
      if (member !== session.keys.member)
        throw refused('statement.not-issuer', 'MEMBER', `this home is of ${session.keys.member}; name it to leave`)
      await syncIfReached(session)
      return reportPublished(
        'member.withdraw',
        await publishDraft(session, drafted({ kind: 'member.withdraw', body: { reason } })),
      )
    })
  },
}
