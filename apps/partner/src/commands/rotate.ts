import type { Command } from '../cli.ts'
import { Usage } from '../refusal.ts'
import { destroyEnded, prekeyDays, rotate as renew } from '../rotate.ts'
import { syncIfReached, withSession } from '../session.ts'
import { reportPublished } from './publish.ts'

/** New keys to seal to, and the end of those whose time is over. */
export const rotate: Command = {
  verb: 'rotate',
  usage: '[--days N]',
  says: 'publishes new keys to seal to, and destroys the private keys whose time is over',
  args: { min: 0, max: 0 },
  options: { days: { type: 'string' } },
  run: input => {
    const days = daysOf(input.flags.text('days'), 'days')
    return withSession(input, async session => {
      const rotated = await renew(session, days)
      const destroyed = (await syncIfReached(session)) === 'synced' ? await destroyEnded(session) : []
      const gone = destroyed.length === 0 ? [] : [`destroyed ${destroyed.length} private keys whose time is over`]
      if (rotated.is === 'waiting') {
        const lines = [`new keys are in the outbox already: ${rotated.sid}`, ...gone]
        return { lines, data: { destroyed: [...destroyed], sid: rotated.sid, waiting: true } }
      }
      const { published, until, kids } = rotated
      return reportPublished('key.prekey', published, {
        lines: [`  ${kids.length} keys to seal to, until ${until}`, ...gone],
        data: { destroyed: [...destroyed], kids: [...kids], until },
      })
    })
  },
}

/** A life of a prekey, in days. */
export function daysOf(text: string | undefined, option: string): number {
  if (text === undefined) return prekeyDays
  const days = /^[1-9]\d?$/.test(text) ? Number(text) : 0
  if (days < 1 || days > prekeyDays) throw new Usage(`--${option} is a number of days from 1 to ${prekeyDays}`)
  return days
}
