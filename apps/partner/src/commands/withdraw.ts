import { isOf } from '@chancery/protocol'
import type { Command } from '../cli.ts'
import { refused } from '../refusal.ts'
import { syncIfReached, withSession } from '../session.ts'
import { heldStatement, publishAct, sidArgument } from './call-out.ts'
import { reportPublished } from './publish.ts'

/** Takes a join back. It counts for every cut after it. */
export const withdraw: Command = {
  verb: 'withdraw',
  usage: 'JOIN_SID [--reason TEXT]',
  says: "takes one's own join back",
  args: { min: 1, max: 1 },
  options: { reason: { type: 'string' } },
  run: async input => {
    const join = sidArgument(input.args[0])
    const reason = input.flags.text('reason')
    return withSession(input, async session => {
      await syncIfReached(session)
      const held = heldStatement(session, join)?.statement
      if (held === undefined || !isOf(held, 'callout.join'))
        throw refused('callout.unknown', join, 'it is not a join that is held here')
      const body = { join, ...(reason !== undefined && { reason }) }
      const { exercise } = held.claims
      const published = await publishAct(session, { kind: 'callout.withdraw', body, exercise })
      return reportPublished('callout.withdraw', published)
    })
  },
}
