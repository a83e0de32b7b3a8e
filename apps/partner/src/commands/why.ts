import {
  type Action,
  type Decision,
  type Json,
  type Now,
  type Placed,
  type Reader,
  type Subject,
  actions,
  decide,
  openedByReleases,
  readerOf,
  sliceOf,
  slotsOf,
  subjectOf,
  tlpLabel,
} from '@chancery/protocol'
import type { Command } from '../cli.ts'
import { refused, Usage } from '../refusal.ts'
import { type Session, syncIfReached, withSession } from '../session.ts'
import { viewOf } from '../view.ts'
import { heldOrRefuse, placedIn, sidArgument } from './call-out.ts'

/** May this reader do that with it? The deciding rule, for the statement and for each tear line. */
export const why: Command = {
  verb: 'why',
  usage: `SID READER ACTION [--slot LABEL] [--offline]    READER: anyone, MEMBER, MEMBER/ID, community:ID, tlp:TIER
    ACTION: ${actions.join(' ')}`,
  says: 'says whether a reader may do something with a statement, and by which rule',
  args: { min: 3, max: 3 },
  options: { slot: { type: 'string' }, offline: { type: 'boolean' } },
  run: async input => {
    const [given, name = '', asked = ''] = input.args
    const sid = sidArgument(given)
    const action = actions.find(known => known === asked)
    if (action === undefined) throw new Usage(`there is no action ${asked}; one of ${actions.join(', ')}`)
    return withSession(input, async session => {
      if (!input.flags.on('offline')) await syncIfReached(session)
      const held = heldOrRefuse(session, sid)
      const reader = readerOf(session.mirror.charter, name)
      if (reader === undefined) throw refused('reader.unknown', name, 'run `chancery charter show` for who is in it')
      const now = { size: session.mirror.store.size, moment: session.world.now() }
      const answers = answersOf({ session, held, reader, action, now })
      const label = input.flags.text('slot')
      const asks = answers.find(answer => answer.slot === label)
      if (asks === undefined) throw new Usage(`${sid} has no tear line ${label}`)
      const [statement, ...slots] = answers.map(({ slot, ...answer }) => ({ ...answer, ...(slot && { slot }) }))
      return {
        lines: [`${name} ${action} ${sid}`, ...answers.map(lineOf)],
        data: { action, at: now, reader: name, sid, ...statement, slots } as unknown as Json,
        exit: asks.decision === 'allow' ? 0 : 1,
      }
    })
  },
}

type Answer = Decision & { readonly slot: string | undefined; readonly tlp: Subject['handling']['tlp'] }

function answersOf({
  session,
  held: { statement },
  reader,
  action,
  now,
}: {
  session: Session
  held: Placed
  reader: Reader
  action: Action
  now: Now
}): readonly Answer[] {
  const opened = openedByReleases(placedIn(session), viewOf(session)).get(statement.sid)
  const parts: (readonly [string | undefined, Subject])[] = [
    [undefined, subjectOf(statement, opened)],
    ...slotsOf(statement),
    ...statement.slices.map(({ label, to }) => [`${label}/${to}`, sliceOf(statement, to)] as const),
  ]
  return parts.map(([slot, subject]) => ({
    slot,
    tlp: subject.handling.tlp,
    ...decide(subject, reader, action, now),
  }))
}

const lineOf = ({ slot, tlp, decision, rule, why: words }: Answer): string => {
  const what = slot === undefined ? 'the statement' : `tear line ${slot}`
  return `  ${decision.padEnd(6)}${what} (${tlpLabel(tlp)}): ${words} [${rule}]`
}
