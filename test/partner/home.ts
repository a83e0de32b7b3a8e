import { readArgs } from '../../apps/partner/src/args.ts'
import { type Session, openSession } from '../../apps/partner/src/session.ts'
import { primitives, random } from '../../apps/partner/src/world.ts'

/** A member's home at work in this process, in silence. Whoever opens it closes it. */
export const openHome = (home: string): Promise<Session> =>
  openSession({
    world: {
      home,
      now: () => Math.floor(Date.now() / 1_000),
      random,
      primitives,
      say: () => {},
      event: () => {},
      warn: () => {},
      passphrase: async () => 'correct horse battery',
      pin: async () => '',
      ask: async () => undefined,
      signal: new AbortController().signal,
    },
    ...readArgs({}, []),
  })
