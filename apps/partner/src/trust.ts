import { type Standing, type Witnessed, witnessedBy, witnessedOver } from '@chancery/client'
import {
  type Json,
  type Placed,
  type TimeBounds,
  cosignedParties,
  instantOf,
  loggedNotAfter,
  seenNotBefore,
  timeFlag,
  toleranceOf,
} from '@chancery/protocol'
import { orRefuse } from './refusal.ts'
import type { Session } from './session.ts'

/** How far the log counts, for people. Silent where the charter has no policy. */
export function saysStanding(
  { mirror: { policy } }: Session,
  { logged, witnessed, stale, newest }: Standing,
): string[] {
  if (policy === undefined) return []
  const { parties, quorum } = toleranceOf(policy)
  const count = newest === undefined ? 0 : cosignedParties(policy, newest.cosigned).size
  const lines = [
    stale
      ? `STALE: fewer than ${quorum} of ${parties} witnesses have cosigned the log of late; this may be overtaken`
      : `${count} of ${parties} witnesses have cosigned the log at size ${witnessed}; ${quorum} are needed`,
  ]
  const behind = logged - witnessed
  if (behind > 0)
    lines.push(`${behind} ${behind === 1 ? 'entry is' : 'entries are'} logged and not yet witnessed: not shown`)
  return [...lines, '']
}

/** The same for machines. */
export function trustOf({ mirror: { policy } }: Session, { logged, witnessed, stale, newest }: Standing): Json {
  if (policy === undefined) return { logged, policy: false, stale, witnessed }
  const { parties, quorum, faulty } = toleranceOf(policy)
  const cosigned = Object.fromEntries(newest === undefined ? [] : cosignedParties(policy, newest.cosigned))
  return { cosigned, faulty, logged, policy: true, quorum, stale, witnessed, witnesses: parties }
}

export type Timed = TimeBounds & { readonly standing: 'logged' | 'witnessed'; readonly flag: string | undefined }

/** When a statement was made, by others' clocks: spec/14-witnesses.md#time. undefined without a policy. */
export function timesOf({ mirror }: Session, { statement, index }: Placed): Timed | undefined {
  if (mirror.policy === undefined) return undefined
  const { seen, iat } = statement.claims
  const before = seen === null ? undefined : noteSeen(mirror, seen)
  const after = orRefuse(witnessedOver(mirror, index))
  const notBefore = before && seenNotBefore(before.policy, before.cosigned)
  const notAfter = after && loggedNotAfter(after.policy, after.cosigned)
  const bounds = { ...(notBefore !== undefined && { notBefore }), ...(notAfter !== undefined && { notAfter }) }
  return { ...bounds, standing: after === undefined ? 'logged' : 'witnessed', flag: timeFlag(iat, bounds) }
}

/** The note that an author names, where it is held and is of the size that is said. */
function noteSeen(mirror: Session['mirror'], { note, size }: { note: string; size: number }): Witnessed | undefined {
  const held = orRefuse(witnessedBy(mirror, note))
  return held?.checkpoint.size === size ? held : undefined
}

export function sayTimes(timed: Timed | undefined): string[] {
  if (timed === undefined) return []
  const { standing, notBefore, notAfter, flag } = timed
  const from = notBefore === undefined ? 'no lower bound is held' : `not before ${instantOf(notBefore)}`
  const to = notAfter === undefined ? 'no upper bound yet' : `not after ${instantOf(notAfter)}`
  return [
    standing === 'witnessed'
      ? '  witnessed: a quorum has cosigned a log that has it'
      : '  logged, and not yet witnessed',
    `  made ${from}, ${to}, by the clocks of its witnesses`,
    ...(flag === undefined ? [] : [`  its author says ${flag}`]),
  ]
}
