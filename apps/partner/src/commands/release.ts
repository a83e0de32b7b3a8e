import {
  type Act,
  type CallOut,
  type LogView,
  type ReleaseBody,
  instantOf,
  judgeRelease,
  signatoriesAt,
  toBase64url,
} from '@chancery/protocol'
import type { Command } from '../cli.ts'
import { Refused, refused } from '../refusal.ts'
import { type Session, sync, withSession } from '../session.ts'
import { tlpOf } from './draft.ts'
import { standing, viewOf } from '../view.ts'
import { callOutOf, publishAct, sidArgument } from './call-out.ts'
import { reportPublished } from './publish.ts'

/** Releases a call-out: the largest set whose conditions all hold, counted on the log as it is now. */
export const release: Command = {
  verb: 'release',
  usage: 'TEXT_SID [--tlp TIER] [--despite-withheld]',
  says: 'releases a call-out with the largest set whose conditions hold',
  args: { min: 1, max: 1 },
  options: { tlp: { type: 'string' }, 'despite-withheld': { type: 'boolean' } },
  run: async input => {
    const sid = sidArgument(input.args[0])
    // To the public unless said otherwise: that is what the joiners have consented to.
    const tlp = tlpOf(input.flags, 'clear')
    return withSession(input, async session => {
      await sync(session)
      const callOut = callOutOf(session, sid)
      const cut = cutOf(session)
      const { signatories, excluded } = signatoriesAt(callOut, cut.size)
      const joins = signatories.map(({ join }) => join).sort()
      const body: ReleaseBody = { cut, joins, released_at: instantOf(session.world.now()), text: sid }
      checkRelease(session, callOut, body)
      checkWithheld(session, cut, input.flags.on('despite-withheld'))
      const { exercise } = callOut.proposal
      const published = await publishAct(session, { kind: 'callout.release', body, exercise, tlp })
      const named = signatories.map(({ member }) => member)
      return reportPublished('callout.release', published, {
        lines: [
          `  cut at size ${cut.size}; signatories: ${named.join(', ')}`,
          ...excluded.map(({ member, why }) => `  not among them, for the members alone: ${member} (${why})`),
        ],
        data: { cut, excluded: excluded.map(({ member }) => member), signatories: named },
      })
    })
  },
}

/** Where the log counts to now: what no quorum has cosigned could still be taken back. */
function cutOf(session: Session): ReleaseBody['cut'] {
  const { witnessed: size, stale } = standing(session)
  if (stale) throw refused('log.no-quorum', '/body/cut', 'STALE: too few witnesses have cosigned the log of late')
  return { root: toBase64url(session.mirror.store.rootAt(size)), size }
}

/** Judged as every reader will judge it, before it is signed: at the index it will have at the earliest. */
function checkRelease(session: Session, callOut: CallOut, body: ReleaseBody): void {
  const { world, keys, mirror } = session
  const view: LogView = viewOf(session)
  if (body.joins.length === 0)
    throw refused('callout.wrong-phase', '/body/joins', 'no condition holds: there is nobody to release')
  const act: Act<'callout.release'> = {
    kind: 'callout.release',
    sid: '',
    iss: keys.member,
    index: mirror.store.size,
    iat: world.now(),
    exercise: callOut.proposal.exercise,
    body,
  }
  const verdict = judgeRelease(callOut, act, view)
  if (!verdict.ok) throw new Refused(verdict)
}

/** Who holds every answer may find a larger set: a release is not signed on a part of them unasked. */
function checkWithheld(session: Session, { size }: ReleaseBody['cut'], despite: boolean): void {
  const withheld = viewOf(session).withheldBefore(size)
  if (withheld === 0) return
  const entries = withheld === 1 ? 'entry before the cut is' : 'entries before the cut are'
  const why = `${withheld} ${entries} withheld from this member: an answer may be among them`
  if (!despite) throw refused('callout.not-largest', '/body/joins', `${why}; --despite-withheld releases all the same`)
  session.world.warn(why)
}
