import { type Standing, standingOf } from '@chancery/client'
import { type LogView, toBase64url } from '@chancery/protocol'
import { orRefuse } from './refusal.ts'
import type { Session } from './session.ts'

/** How far the log counts, and whether that is fresh. */
export const standing = ({ mirror, world }: Pick<Session, 'mirror' | 'world'>): Standing =>
  orRefuse(standingOf(mirror, world.now()))

/** The view of everything held, at the size that counts: what a quorum has cosigned, or without a policy all. */
export function viewOf(session: Pick<Session, 'mirror' | 'world'>): Required<LogView> {
  const { store } = session.mirror
  const { witnessed } = standing(session)
  return {
    size: witnessed,
    rootAt: (size: number) => (size <= store.size ? toBase64url(store.rootAt(size)) : undefined),
    withheldBefore: (size: number) => store.unopened(size),
  }
}
