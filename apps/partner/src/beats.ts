import { type Handling, type Placed, isCleared, isInForce, isOf } from '@chancery/protocol'
import { withLock } from './lock.ts'
import { outboxOf } from './outbox.ts'
import { publishInLock } from './publish.ts'
import { Refused, lineOf } from './refusal.ts'
import { type Session, whyNotReached } from './session.ts'

/** One of a member's own chains: what it has said there last, and what it has promised. */
export type OwnChain = {
  readonly id: string
  readonly handling: Pick<Handling, 'tlp' | 'releasable_to'>
  /** Seconds since 1970 of its newest statement, and of its newest that is no heartbeat. */
  readonly newest: number
  readonly spoken: number
  /** undefined before the first heartbeat. */
  readonly promise: number | null | undefined
}

export type Beat = { readonly chain: OwnChain; readonly every: number | null }

/** What has been said to a circle of readers once is not vouched for ever after. */
const inUseSeconds = 30 * 86_400
/** Before its time, so that a look that comes late still keeps the promise. */
const early = 0.9

/** spec/14-witnesses.md#heartbeats: which are due. `every` is undefined where none are to be sent any more. */
export function beatsDue(chains: readonly OwnChain[], every: number | undefined, now: number): readonly Beat[] {
  return chains.flatMap((chain): Beat[] => {
    const { id, handling, newest, spoken, promise } = chain
    const isInUse = id === 'green' || now - spoken <= inUseSeconds
    if (every === undefined || handling.tlp === 'clear' || !isInUse)
      return typeof promise === 'number' ? [{ chain, every: null }] : []
    return promise === every && now - newest < early * every ? [] : [{ chain, every }]
  })
}

const never = Number.NEGATIVE_INFINITY
const unspoken = { newest: never, spoken: never, promise: undefined } as const

/** The chains of this member by what it holds, in log order; `green` is one where all may read it. */
export function ownChains({ mirror, keys: { member } }: Session, placed: readonly Placed[]): readonly OwnChain[] {
  const chains = new Map<string, OwnChain>()
  if (isCleared(mirror.charter.charter, member, 'green'))
    chains.set('green', { id: 'green', handling: { tlp: 'green' }, ...unspoken })
  for (const { statement } of placed) {
    if (statement.iss !== member) continue
    const { iat, chain, handling: marking } = statement.claims
    const { tlp, releasable_to } = marking
    const handling = { tlp, ...(releasable_to && { releasable_to }) }
    const known = chains.get(chain.id) ?? { id: chain.id, handling, ...unspoken }
    const newest = Math.max(known.newest, iat)
    const more = isOf(statement, 'heartbeat') ? { promise: statement.body.every } : { spoken: iat }
    chains.set(chain.id, { ...known, newest, ...more })
  }
  return [...chains.values()]
}

/** Those that are due, each unless something waits in the outbox. One that is refused is told once. */
export async function sendBeats(session: Session, due: readonly Beat[], told: Set<string>): Promise<void> {
  const { world, mirror } = session
  if (!isInForce(mirror.charter, mirror.store.size)) return
  for (const { chain, every } of due) {
    try {
      if (!(await sendBeat(session, { chain, every }))) return
      world.say(`sent a heartbeat to ${chain.id}`)
      world.event({ event: 'sent', kind: 'heartbeat', to: chain.id })
    } catch (error) {
      if (!(error instanceof Refused)) throw error
      const says = `no heartbeat goes to ${chain.id}: ${lineOf(error.refusal)}`
      if (told.size < told.add(says).size) world.warn(says)
    }
  }
}

/** False where it would vouch for what is not on the log, or could not be sent at once: of that a node says itself. */
function sendBeat(session: Session, { chain, every }: Beat): Promise<boolean> {
  const { home } = session.world
  return withLock(home, async () => {
    if (outboxOf(home).length > 0 || (await whyNotReached(session)) !== undefined) return false
    const { handling } = chain
    const draft = { kind: 'heartbeat', body: { every }, exercise: false, handling, tear: [] } as const
    return (await publishInLock(session, draft, 'synced')).is === 'logged'
  })
}
