import { type GrantState, type Placed, grantFor } from '@chancery/protocol'
import { placedIn } from './commands/call-out.ts'
import { decisionsOn, factsOf, withoutGrants } from './decisions.ts'
import { refused } from './refusal.ts'
import { publishAmong } from './release-control.ts'
import { type Session, sync } from './session.ts'

/**
 * spec/12-release-control.md#duties: what goes to anyone by a grant to publish alone goes once its use is on the log.
 * Each such grant that this member has is used, and said.
 */
export async function usePublishing(session: Session): Promise<void> {
  const due = duePublishing(session, placedIn(session))
  if (due.length > 0) await sync(session)
  for (const { grant } of due) {
    const body = { action: 'publish', grant: grant.sid, purpose: 'A folder for anyone.' }
    const act = { kind: 'release.use', body, exercise: grant.exercise, among: [grant.iss, 'anyone'] } as const
    const published = await publishAmong(session, act)
    if (published.is !== 'logged')
      throw refused('relay.busy', grant.sid, `its use waits (${published.why}); export later`)
    session.world.say(`used the grant ${grant.sid}: anyone may read ${grant.body.sid} from now on`)
  }
}

function duePublishing(session: Session, placed: readonly Placed[]): readonly GrantState[] {
  const { member } = session.keys
  const facts = factsOf(session, placed)
  const due = new Map<string, GrantState>()
  for (const { statement } of placed) {
    const { sid, iss, lines } = statement
    if (iss === member) continue
    const open = new Set<string | undefined>([undefined, ...lines.map(({ label }) => label)])
    const asked = { facts: withoutGrants(facts), name: 'anyone', action: 'see' } as const
    for (const { slot, decision } of decisionsOn(session, statement, asked)) {
      if (decision === 'allow' || !open.has(slot)) continue
      const found = grantFor(facts.control, { sid, slot }, { reader: member }, 'publish')
      if (found !== undefined && !found.uses.some(({ body }) => body.action === 'publish'))
        due.set(found.grant.sid, found)
    }
  }
  return [...due.values()]
}
