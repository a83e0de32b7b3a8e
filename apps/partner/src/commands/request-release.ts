import { RequestBody, actions, check, releaseModes } from '@chancery/protocol'
import type { Command } from '../cli.ts'
import { Usage, orRefuse } from '../refusal.ts'
import { readerNamed } from '../decisions.ts'
import { actionsOf, publishAmong, slotsOf, untilOf } from '../release-control.ts'
import { syncIfReached, withSession } from '../session.ts'
import { heldOrRefuse, sidArgument } from './call-out.ts'
import { reportPublished } from './publish.ts'

/** Asks an originator for what its marking does not allow. The request goes to it alone. */
export const requestRelease: Command = {
  verb: 'request-release',
  usage:
    'SID --to READER --action A [--action A]... --purpose TEXT --until TIME [--slot LABEL]... ' +
    `[--mode ${releaseModes.join('|')}] [--accepts CONDITION]`,
  says: 'asks the originator of a statement for leave to hand it on, or to use it',
  args: { min: 1, max: 1 },
  options: {
    to: { type: 'string' },
    action: { type: 'string', multiple: true },
    slot: { type: 'string', multiple: true },
    purpose: { type: 'string' },
    until: { type: 'string' },
    mode: { type: 'string' },
    accepts: { type: 'string' },
  },
  run: async ({ args, flags, ...input }) => {
    const sid = sidArgument(args[0])
    const [recipient, purpose, asked] = [flags.must('to'), flags.must('purpose'), actionsOf(flags)]
    flags.must('until')
    if (asked.length === 0) throw new Usage(`--action is needed: one of ${actions.join(', ')}`)
    const accepts = flags.text('accepts')
    return withSession({ args, flags, ...input }, async session => {
      await syncIfReached(session)
      const { statement } = heldOrRefuse(session, sid)
      readerNamed(session, recipient)
      const slots = slotsOf(flags, statement)
      const body = {
        actions: asked,
        mode: flags.text('mode') ?? 'release',
        purpose,
        recipient,
        sid,
        until: untilOf(session, flags),
        ...(slots.length > 0 && { slots }),
        ...(accepts !== undefined && { accepts: sidArgument(accepts) }),
      }
      orRefuse(check(RequestBody, body, 'statement.bad-schema', '/body'))
      const { exercise } = statement.claims
      const act = { kind: 'release.request', body, exercise, among: [statement.iss] } as const
      return reportPublished('release.request', await publishAmong(session, act))
    })
  },
}
