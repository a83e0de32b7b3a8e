import { ConditionBody, DenyBody, type GrantBody, type Placed, RevokeBody, check, isOf } from '@chancery/protocol'
import type { Command, Flags } from '../cli.ts'
import { Usage, orRefuse, refused } from '../refusal.ts'
import { factsOf } from '../decisions.ts'
import { publishAmong } from '../release-control.ts'
import { type Session, syncIfReached, withSession } from '../session.ts'
import { heldOrRefuse, sidArgument } from './call-out.ts'
import { reportPublished } from './publish.ts'

/** Says no: to a request, on a condition to a request, or any more to what was granted. */
export const deny: Command = {
  verb: 'deny',
  usage:
    'REQUEST --reason TEXT  |  REQUEST --demands sanitise|paraphrase|downgrade --reason TEXT  |  GRANT --reason TEXT',
  says: 'denies a request, names the condition on which it would be granted, or revokes a grant',
  args: { min: 1, max: 1 },
  options: { reason: { type: 'string' }, demands: { type: 'string' } },
  run: async input => {
    const sid = sidArgument(input.args[0])
    input.flags.must('reason')
    return withSession(input, async session => {
      await syncIfReached(session)
      const held = heldOrRefuse(session, sid)
      const { kind, body, among } = actOf(held, input.flags)
      checkStands(session, sid)
      warnOfGrants(session, sid)
      const { exercise } = held.statement.claims
      return reportPublished(kind, await publishAmong(session, { kind, body, exercise, among }))
    })
  },
}

/** What has been taken back is not taken back again. */
function checkStands(session: Session, sid: string): void {
  const found = factsOf(session).control.grants.find(({ grant }) => grant.sid === sid)
  if (found?.is === 'revoked') throw refused('release.no-grant', sid, 'it has been revoked already')
}

/** A denial ends no grant that was given before it. */
function warnOfGrants(session: Session, request: string): void {
  for (const { is, grant } of factsOf(session).control.grants)
    if (is === 'in-force' && grant.body.request === request)
      session.world.warn(`the grant of it stays in force; chancery deny ${grant.sid} --reason TEXT takes it back`)
}

type Act = {
  readonly kind: 'release.deny' | 'release.condition' | 'release.revoke'
  readonly body: unknown
  readonly among: readonly string[]
}

function actOf({ statement }: Placed, flags: Flags): Act {
  const [reason, demands] = [flags.must('reason'), flags.text('demands')]
  const { sid, iss } = statement
  if (isOf(statement, 'release.request')) {
    if (demands === undefined) {
      const body = orRefuse(check(DenyBody, { reason, request: sid }, 'statement.bad-schema', '/body'))
      return { kind: 'release.deny', body, among: [iss] }
    }
    const said = { demands, request: sid, text: reason }
    const body = orRefuse(check(ConditionBody, said, 'statement.bad-schema', '/body'))
    return { kind: 'release.condition', body, among: [iss] }
  }
  if (!isOf(statement, 'release.grant')) throw new Usage(`${sid} is neither a request for release nor a grant`)
  if (demands !== undefined) throw new Usage('--demands goes with a request')
  const { to, recipient } = statement.body as GrantBody
  const body = orRefuse(check(RevokeBody, { grant: sid, reason }, 'statement.bad-schema', '/body'))
  return { kind: 'release.revoke', body, among: [to, recipient] }
}
