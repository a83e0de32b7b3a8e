import { statementsOf } from '@chancery/client'
import { type Placed, isOf } from '@chancery/protocol'
import type { Command } from '../cli.ts'
import { orRefuse, refused } from '../refusal.ts'
import { type Session, syncIfReached, withSession } from '../session.ts'
import { heldStatement, publishAnswer, sidArgument, textHeld } from './call-out.ts'
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
      const held = heldStatement(session, join)
      const answered = held && textOf(held)
      if (held === undefined || answered === undefined)
        throw refused('callout.unknown', join, 'it is not a join that is held here')
      const newer = newerJoins(session, held)
      for (const sid of newer) session.world.warn(`warning: ${sid} is a newer join of yours; it is taken back as well`)
      const body = { join, ...(reason !== undefined && { reason }) }
      const { exercise } = held.statement.claims
      const text = textHeld(session, answered)
      const published = await publishAnswer(session, { kind: 'callout.withdraw', body, exercise, text })
      return reportPublished('callout.withdraw', published, { data: { newer } })
    })
  },
}

const textOf = ({ statement }: Placed): string | undefined =>
  isOf(statement, 'callout.join') ? statement.body.text : undefined

/** A withdrawal is an answer, and of a member's answers the last one counts: no join before it stands. */
function newerJoins({ mirror, keys }: Session, held: Placed): string[] {
  return orRefuse(statementsOf(mirror, 'callout.join'))
    .filter(({ index, statement: { iss } }) => index > held.index && iss === keys.member)
    .filter(join => textOf(join) === textOf(held))
    .map(({ statement: { sid } }) => sid)
}
