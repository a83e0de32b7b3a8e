import { readHeld } from '@chancery/client'
import { type Draft, type Handling, type ResendBody, type UseBody, fromTheStart, isAllowed } from '@chancery/protocol'
import { decisionsOn, factsOf, handedBy, readerNamed } from './decisions.ts'
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
function checkResend(session: Session, { sid, slots }: ResendBody, handling: Handling): void {
  const { mirror, keys } = session
  const stored = mirror.store.statement(sid)
  const held = stored && orRefuse(readHeld(mirror, stored)).statement
  if (held === undefined || held.iss === keys.member) return
  const facts = handedBy(factsOf(session), keys.member)
  for (const name of readersOf(session, handling)) {
    const denied = decisionsOn(session, held, { facts, name, action: 'see' }).find(
      ({ slot, decision }) => decision === 'deny' && (slot === undefined || slots.includes(slot)),
    )
    if (denied === undefined) continue
    const what = denied.slot === undefined ? '' : `, tear line ${denied.slot}`
    const cure = `\`chancery forward\` uses a grant of ${held.iss}, or says how to ask for one`
    throw refused('release.no-grant', sid, `${name} could read it${what}: ${denied.why}; ${cure}`)
  }
}

/** All by name, but this member, who may read what is marked so. */
function readersOf(session: Session, handling: Handling): readonly string[] {
  const { mirror, keys } = session
  const { genesis: coa, charter } = mirror.charter
  const others = charter.members.filter(({ id }) => id !== keys.member)
  const named = others.flatMap(({ id, keys: records }) => [
    id,
    ...records.flatMap(({ person }) => (person === undefined ? [] : [`${id}/${person}`])),
  ])
  const subject = { coa, iss: keys.member, handling }
  return ['anyone', ...named].filter(name => isAllowed(subject, readerNamed(session, name), 'see', fromTheStart))
}

const ended = {
  revoked: 'it was revoked',
  'used-up': 'it has been used',
  expired: 'it has ended',
  disputed: 'it is disputed',
} as const

/** Of a grant that is not held the references say so. */
function checkUse(session: Session, { grant: sid }: UseBody): void {
  const state = factsOf(session).control.grants.find(({ grant }) => grant.sid === sid)
  if (state === undefined || state.is === 'in-force') return
  const cure = `\`chancery request-release\` asks ${state.grant.iss} for another`
  throw refused('release.no-grant', sid, `${ended[state.is]}; ${cure}`)
}
