import { type Action, type GrantBody, type Placed, UseBody, check, isOf } from '@chancery/protocol'
import type { Command, Flags } from '../cli.ts'
import { Usage, orRefuse, refused } from '../refusal.ts'
import { actionsOf, publishAmong } from '../release-control.ts'
import { type Session, syncIfReached, withSession } from '../session.ts'
import { heldOrRefuse, sidArgument } from './call-out.ts'
import { reportPublished } from './publish.ts'

/** Says on the log, before it is done, that this member does what it was granted. Handing on does so by itself. */
export const use: Command = {
  verb: 'use',
  usage: 'GRANT [--action A] --purpose TEXT',
  says: 'logs that this member does what it was granted: publishes, acts, names the source, goes to court',
  args: { min: 1, max: 1 },
  options: { action: { type: 'string', multiple: true }, purpose: { type: 'string' } },
  run: async input => {
    const sid = sidArgument(input.args[0])
    const purpose = input.flags.must('purpose')
    return withSession(input, async session => {
      await syncIfReached(session)
      const held = heldOrRefuse(session, sid)
      const granted = grantOf(session, held)
      const action = actionIn(granted, input.flags)
      const body = orRefuse(check(UseBody, { action, grant: sid, purpose }, 'statement.bad-schema', '/body'))
      const { iss, claims } = held.statement
      const among = [iss, granted.recipient]
      const act = { kind: 'release.use', body, exercise: claims.exercise, among } as const
      return reportPublished('release.use', await publishAmong(session, act))
    })
  },
}

function grantOf({ keys }: Session, { statement }: Placed): GrantBody {
  if (!isOf(statement, 'release.grant')) throw new Usage(`${statement.sid} is no grant`)
  const body: GrantBody = statement.body
  if (body.to !== keys.member) throw refused('release.no-grant', statement.sid, `it was granted to ${body.to}`)
  return body
}

/** The one that is granted, or of several the one that is named. */
function actionIn({ actions, sid, recipient, slots = [] }: GrantBody, flags: Flags): Action {
  const named = actionsOf(flags)
  const chosen = named.length === 0 ? actions : named
  const [action] = chosen
  if (action === undefined || chosen.length > 1)
    throw new Usage(`one use is of one action: --action is one of ${actions.join(', ')}`)
  if (!actions.includes(action)) throw refused('release.no-grant', action, `it grants ${actions.join(', ')}`)
  if (action !== 'forward') return action
  const labels = slots.map(label => ` --slot ${label}`).join('')
  throw new Usage(`what is handed on goes with its use: chancery forward ${sid} --to ${recipient}${labels}`)
}
