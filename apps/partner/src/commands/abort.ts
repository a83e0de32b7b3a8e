import { isOf } from '@chancery/protocol'
import type { Command } from '../cli.ts'
import { refused } from '../refusal.ts'
import { syncIfReached, withSession } from '../session.ts'
import { heldStatement, publishAct, sidArgument } from './call-out.ts'
import { reportPublished } from './publish.ts'

/** Ends a call-out before its release. */
export const abort: Command = {
  verb: 'abort',
  usage: 'PROPOSAL_SID --reason TEXT',
  says: 'ends a call-out before its release',
  args: { min: 1, max: 1 },
  options: { reason: { type: 'string' } },
  run: async input => {
    const proposal = sidArgument(input.args[0])
    const body = { proposal, reason: input.flags.must('reason') }
    return withSession(input, async session => {
      await syncIfReached(session)
      const held = heldStatement(session, proposal)?.statement
      if (held === undefined || !isOf(held, 'callout.propose'))
        throw refused('callout.unknown', proposal, 'it is not a proposal that is held here')
      const { exercise } = held.claims
      return reportPublished('callout.abort', await publishAct(session, { kind: 'callout.abort', body, exercise }))
    })
  },
}
