import { type Placed, type RequestBody, GrantBody, actions, check, isOf, releaseModes } from '@chancery/protocol'
import type { Command, Flags } from '../cli.ts'
import { Usage, orRefuse, refused } from '../refusal.ts'
import { readerNamed } from '../decisions.ts'
import { actionsOf, checkAhead, publishAmong, slotsOf, untilOf } from '../release-control.ts'
import { type Session, syncIfReached, withSession } from '../session.ts'
import { heldOrRefuse, sidArgument } from './call-out.ts'
import { reportPublished } from './publish.ts'

/** Grants what was asked, or, of a statement of one's own, what nobody has asked for. Nothing is granted in silence. */
export const grant: Command = {
  verb: 'grant',
  usage:
    'REQUEST [--uses once|until]  |  SID --member ID --to READER --action A [--action A]... --purpose TEXT ' +
    `--until TIME [--slot LABEL]... [--mode ${releaseModes.join('|')}] [--uses once|until]`,
  says: 'lets a member hand on, or use, a statement of this member',
  args: { min: 1, max: 1 },
  options: {
    member: { type: 'string' },
    to: { type: 'string' },
    action: { type: 'string', multiple: true },
    slot: { type: 'string', multiple: true },
    purpose: { type: 'string' },
    until: { type: 'string' },
    mode: { type: 'string' },
    uses: { type: 'string' },
  },
  run: async input => {
    const sid = sidArgument(input.args[0])
    return withSession(input, async session => {
      await syncIfReached(session)
      const held = heldOrRefuse(session, sid)
      const body = { ...bodyOf(session, held, input.flags), uses: input.flags.text('uses') ?? 'once' }
      const { recipient, to } = orRefuse(check(GrantBody, body, 'statement.bad-schema', '/body'))
      for (const line of signedLines(body as GrantBody)) session.world.say(line)
      const { exercise } = held.statement.claims
      const act = { kind: 'release.grant', body, exercise, among: [to, recipient] } as const
      return reportPublished('release.grant', await publishAmong(session, act))
    })
  },
}

type Body = Omit<GrantBody, 'uses'>

function bodyOf(session: Session, { statement }: Placed, flags: Flags): Body {
  if (isOf(statement, 'release.request')) {
    const { accepts: _accepted, ...asked } = statement.body as RequestBody
    for (const name of ['member', 'to', 'action', 'slot', 'purpose', 'until', 'mode'])
      if (flags.text(name) !== undefined) throw new Usage(`--${name} is in the request; grant it as it is, or unasked`)
    checkAhead(session, asked.until, 'the end that was asked for')
    return { ...asked, request: statement.sid, to: statement.iss }
  }
  if (statement.iss !== session.keys.member)
    throw refused('statement.not-issuer', statement.sid, `only ${statement.iss} grants what it wrote`)
  const granted = actionsOf(flags)
  if (granted.length === 0) throw new Usage(`--action is needed: one of ${actions.join(', ')}`)
  const recipient = flags.must('to')
  const member = flags.must('member')
  for (const name of [recipient, member]) readerNamed(session, name)
  const slots = slotsOf(flags, statement)
  return {
    actions: granted,
    mode: (flags.text('mode') ?? 'release') as Body['mode'],
    purpose: flags.must('purpose'),
    recipient,
    sid: statement.sid,
    to: member,
    until: untilOf(session, flags),
    ...(slots.length > 0 && { slots }),
  }
}

/** What is about to be signed, in words. */
const signedLines = ({ to, actions: granted, recipient, slots = [], uses, until, mode, sid }: GrantBody): string[] => [
  `${to} may ${granted.join(', ')} ${sid}${slots.length === 0 ? '' : `, tear lines ${slots.join(', ')}`}`,
  `  for ${recipient}, ${uses === 'once' ? 'once, ' : ''}until ${until.at} and size ${until.size}; by ${mode}`,
]
