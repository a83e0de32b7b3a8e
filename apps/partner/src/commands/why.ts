import { type Json, actions, tlpLabel } from '@chancery/protocol'
import type { Command } from '../cli.ts'
import { Usage } from '../refusal.ts'
import { type PartDecision, decisionsOn, factsOf, readerNamed } from '../decisions.ts'
import { syncIfReached, withSession } from '../session.ts'
import { heldOrRefuse, sidArgument } from './call-out.ts'

/** May this reader do that with it? The deciding rule, for the statement and for each tear line. */
export const why: Command = {
  verb: 'why',
  usage: `SID READER ACTION [--slot LABEL] [--to READER] [--offline]
    READER: anyone, MEMBER, MEMBER/ID, community:ID, tlp:TIER
    ACTION: ${actions.join(' ')}`,
  says: 'says whether a reader may do something with a statement, and by which rule',
  args: { min: 3, max: 3 },
  options: { slot: { type: 'string' }, to: { type: 'string' }, offline: { type: 'boolean' } },
  run: async input => {
    const [given, name = '', asked = ''] = input.args
    const sid = sidArgument(given)
    const action = actions.find(known => known === asked)
    if (action === undefined) throw new Usage(`there is no action ${asked}; one of ${actions.join(', ')}`)
    return withSession(input, async session => {
      if (!input.flags.on('offline')) await syncIfReached(session)
      const held = heldOrRefuse(session, sid)
      const facts = factsOf(session)
      const towards = input.flags.text('to')
      if (towards !== undefined) readerNamed(session, towards)
      const answers = decisionsOn(session, held.statement, { facts, name, action, towards })
      const label = input.flags.text('slot')
      const asks = answers.find(answer => answer.slot === label)
      if (asks === undefined) throw new Usage(`${sid} has no tear line ${label}`)
      const [statement, ...slots] = answers.map(({ slot, ...answer }) => ({ ...answer, ...(slot && { slot }) }))
      return {
        lines: [`${name} ${action} ${sid}`, ...answers.map(lineOf)],
        data: { action, at: facts.at, reader: name, sid, ...statement, slots } as unknown as Json,
        exit: asks.decision === 'allow' ? 0 : 1,
      }
    })
  },
}

type Answer = PartDecision

const lineOf = ({ slot, tlp, decision, rule, why: words }: Answer): string => {
  const what = slot === undefined ? 'the statement' : `tear line ${slot}`
  return `  ${decision.padEnd(6)}${what} (${tlpLabel(tlp)}): ${words} [${rule}]`
}
