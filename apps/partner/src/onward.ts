import { readHeld } from '@chancery/client'
import {
  type Draft,
  type GrantState,
  type Handling,
  type ResendBody,
  type UseBody,
  checkResend as judgeResend,
  formatTierCopy,
  onwardFacts,
  verify,
} from '@chancery/protocol'
import { factsOf } from './decisions.ts'
import { type OutboxItem, outboxOf } from './outbox.ts'
import { type Refusal, orRefuse, refuse, refused } from './refusal.ts'
import type { Session } from './session.ts'

/**
 * spec/12-release-control.md#duties: another's words go out of this home by their marking or within a grant, whichever
 * command or hand-written draft would send them. It is asked of every draft before it is signed.
 */
export function checkOnward(session: Session, { kind, body, handling }: Draft): void {
  if (kind === 'resend') checkResend(session, body as ResendBody, handling)
  if (kind === 'release.use') checkUse(session, body as UseBody)
}

/** Copies go to all who can read what brings them, whatever its `to` says. */
function checkResend(session: Session, body: ResendBody, handling: Handling): void {
  const { mirror, keys } = session
  const stored = mirror.store.statement(body.sid)
  const about = stored && orRefuse(readHeld(mirror, stored)).statement
  if (about === undefined) return
  const held = factsOf(session)
  const facts = onwardFacts(held, { by: keys.member, before: held.at.size })
  const resend = { iss: keys.member, handling, body }
  const goes = judgeResend({ charter: mirror.charter, resend, about, facts })
  if (goes.ok) return
  const cure = `\`chancery forward\` uses a grant of ${about.iss}, or says how to ask for one`
  throw refused(goes.code, body.sid, `${goes.why ?? ''}; ${cure}`)
}

const ended = {
  revoked: 'it was revoked',
  'used-up': 'it has been used',
  expired: 'it has ended',
  disputed: 'it is disputed',
} as const

/** Of a grant that is not held the references say so. One that waits to be sent has used it as well. */
function checkUse(session: Session, { grant: sid }: UseBody): void {
  const state = stateOf(session, sid)
  if (state === undefined) return
  const why = whyOver(state) ?? (state.grant.body.uses === 'once' && isWaiting(session, sid) ? waiting : undefined)
  if (why !== undefined) throw refused('release.no-grant', sid, why)
}

const waiting = 'a use of it waits in the outbox, and it is for once; `chancery publish --outbox` sends what waits'

const stateOf = (session: Session, sid: string): GrantState | undefined =>
  factsOf(session).control.grants.find(({ grant }) => grant.sid === sid)

const whyOver = ({ is, grant: { iss } }: GrantState): string | undefined =>
  is === 'in-force' ? undefined : `${ended[is]}; \`chancery request-release\` asks ${iss} for another`

const isWaiting = (session: Session, sid: string): boolean =>
  outboxOf(session.world.home).some(({ item }) => usedBy(session, item) === sid)

/** The grant that what waits to be sent would use. */
function usedBy({ world: { primitives }, mirror }: Session, { kind, jws }: OutboxItem): string | undefined {
  if (kind !== 'release.use') return undefined
  const read = verify(formatTierCopy(jws, []), { primitives, charter: mirror.charter, index: mirror.store.size })
  return read.ok ? (read.value.body as UseBody).grant : undefined
}

/** What was signed while the relay was away is judged again before it is sent: meanwhile its grant may be over. */
export function whyNotSent(session: Session, item: OutboxItem): Refusal | undefined {
  const sid = usedBy(session, item)
  if (sid === undefined || session.mirror.store.indexOf(item.sid) !== undefined) return undefined
  const state = stateOf(session, sid)
  const why = state && whyOver(state)
  return why === undefined ? undefined : refuse('release.no-grant', sid, why)
}
