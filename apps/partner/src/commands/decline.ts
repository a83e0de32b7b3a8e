import { DeclineBody, check } from '@chancery/protocol'
import type { Command } from '../cli.ts'
import { orRefuse } from '../refusal.ts'
import { syncIfReached, withSession } from '../session.ts'
import { publishAnswer, sidArgument, textHeld } from './call-out.ts'
import { reportPublished } from './publish.ts'

/** Declines a call-out. The reason is for the members alone. */
export const decline: Command = {
  verb: 'decline',
  usage: 'TEXT_SID --reason no-evidence|no-mandate|timing|legal|policy|other [--note TEXT]',
  says: 'declines a call-out',
  args: { min: 1, max: 1 },
  options: { reason: { type: 'string' }, note: { type: 'string' } },
  run: async input => {
    const text = sidArgument(input.args[0])
    const note = input.flags.text('note')
    const body = { reason: input.flags.must('reason'), text, ...(note !== undefined && { note }) }
    orRefuse(check(DeclineBody, body, 'statement.bad-schema', '/body'))
    return withSession(input, async session => {
      await syncIfReached(session)
      const held = textHeld(session, text)
      const act = { kind: 'callout.decline', body, exercise: held.exercise, text: held } as const
      return reportPublished('callout.decline', await publishAnswer(session, act))
    })
  },
}
