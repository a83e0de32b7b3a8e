import { readHeld } from '@chancery/client'
import {
  type Draft,
  type Handling,
  type ResendBody,
  type UseBody,
  checkResend as judgeResend,
  onwardFacts,
} from '@chancery/protocol'
import { factsOf } from './decisions.ts'
import { orRefuse, refused } from './refusal.ts'
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

const ended = { revoked: 'it was revoked', 'used-up': 'it has been used', expired: 'it has ended' } as const

/** Of a grant that is not held the references say so. */
function checkUse(session: Session, { grant: sid }: UseBody): void {
  const state = factsOf(session).control.grants.find(({ grant }) => grant.sid === sid)
  if (state === undefined || state.is === 'in-force') return
  const cure = `\`chancery request-release\` asks ${state.grant.iss} for another`
  throw refused('release.no-grant', sid, `${ended[state.is]}; ${cure}`)
}
