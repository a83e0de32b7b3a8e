import { type KindName, type ProposalRow, proposalsOf } from '@chancery/protocol'
import { changesOf } from '../charter-changes.ts'
import type { Command, Report } from '../cli.ts'
import { ofRecord } from '../draft-file.ts'
import { refused } from '../refusal.ts'
import { publishDraft } from '../publish.ts'
import { type Session, sayRemembered, syncIfReached, withSession } from '../session.ts'
import { sayProposal } from './board.ts'
import { sidArgument } from './call-out.ts'
import { rememberReached } from './charter-adopt.ts'
import { checkOwnKeys } from './own-keys.ts'
import { reportPublished } from './publish.ts'

/** Hands in what proposes something, and says what has become of it. */
async function propose(session: Session, kind: KindName, body: object): Promise<Report> {
  await syncIfReached(session)
  const published = await publishDraft(session, ofRecord(kind, body))
  return reportPublished(kind, published, outcome(session, published.sid))
}

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
      const published = await publishDraft(session, ofRecord('charter.approve', { approves: sid }))
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
      const published = await publishDraft(session, ofRecord('member.accede', { accedes: version.sid }))
      const relay = await rememberReached(session, input, published)
      const next = [...sayRemembered(relay), 'next: chancery run']
      return reportPublished('member.accede', published, { lines: next, data: { version: version.number } })
    }),
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
    return withSession(input, session => propose(session, 'member.suspend', { member, reason }))
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
    return withSession(input, session => propose(session, 'log.close', { reason }))
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
      return reportPublished('member.withdraw', await publishDraft(session, ofRecord('member.withdraw', { reason })))
    })
  },
}
