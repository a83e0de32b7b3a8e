import { type MandateBody, Stance, isKind, onScale } from '@chancery/protocol'
import type { Command, Flags } from '../cli.ts'
import { publishOfKey } from '../key-changes.ts'
import { Usage } from '../refusal.ts'
import { withSession } from '../session.ts'
import { indexOf } from './keys.ts'
import { reportPublished } from './publish.ts'

/** Full powers: how far one of this member's sign keys may go. */
export const mandateGrant: Command = {
  verb: 'mandate grant',
  usage: 'KID [--kind KIND]... [--strongest-stance S] [--until INDEX]',
  says: 'limits what a sign key of this member may say; everyone refuses what goes further',
  args: { min: 1, max: 1 },
  options: {
    kind: { type: 'string', multiple: true },
    'strongest-stance': { type: 'string' },
    until: { type: 'string' },
  },
  run: input => {
    const [kid = ''] = input.args
    const powers = powersOf(input.flags)
    return withSession(input, async session => {
      const { published, kid: whole } = await publishOfKey(session, kid, found => [
        'mandate.grant',
        { ...powers, kid: found },
      ])
      return reportPublished('mandate.grant', published, { lines: [`  for ${whole}`], data: { kid: whole } })
    })
  },
}

/** Takes the limit away. */
export const mandateRevoke: Command = {
  verb: 'mandate revoke',
  usage: 'KID',
  says: 'takes the mandate of a key away: it may sign again whatever its member may',
  args: { min: 1, max: 1 },
  options: {},
  run: input => {
    const [kid = ''] = input.args
    return withSession(input, async session => {
      const { published, kid: whole } = await publishOfKey(session, kid, found => ['mandate.revoke', { kid: found }])
      return reportPublished('mandate.revoke', published, { lines: [`  of ${whole}`], data: { kid: whole } })
    })
  },
}

function powersOf(flags: Flags): Omit<MandateBody, 'kid'> {
  const kinds = [...new Set(flags.texts('kind'))].sort()
  const stray = kinds.find(kind => !isKind(kind))
  if (stray !== undefined) throw new Usage(`--kind: there is no kind ${stray}`)
  const stance = Stance.optional().safeParse(flags.text('strongest-stance'))
  if (!stance.success || (stance.data !== undefined && !onScale(stance.data)))
    throw new Usage(`--strongest-stance is one of ${Stance.options.filter(onScale).join(', ')}`)
  const until = indexOf(flags.text('until'), 'until')
  if (kinds.length === 0 && stance.data === undefined && until === undefined)
    throw new Usage('a mandate names kinds, a strongest stance or an end')
  return {
    ...(kinds.length > 0 && { kinds }),
    ...(stance.data !== undefined && { strongest_stance: stance.data }),
    ...(until !== undefined && { until }),
  }
}
