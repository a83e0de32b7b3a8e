import { straysOf } from '@chancery/client'
import { type Alarm, type Placed, type Watched, alarms, toBase64url, toldTo } from '@chancery/protocol'
import { type OwnChain, beatsDue, ownChains, sendBeats } from './beats.ts'
import { placedIn } from './commands/call-out.ts'
import { expectedReceipts } from './receipts.ts'
import { type Session, whyNotReached } from './session.ts'

/** All that is held is read where the log has moved: as a part of the node's time no more than this. */
const restTimes = 20

/** What alarms are concluded from, of all that this member holds. */
export async function watchedIn(session: Session, placed: readonly Placed[]): Promise<Watched> {
  const { mirror, keys } = session
  const { charter, store } = mirror
  return {
    told: toldTo(placed, charter, keys.member),
    strays: await straysOf(mirror),
    owed: expectedReceipts(session, placed).filter(({ said }) => said === undefined),
    unopened: size => store.unopened(size),
    rootAt: size => (size <= store.size ? toBase64url(store.rootAt(size)) : undefined),
  }
}

type Held = { readonly size: number; readonly watched: Watched; readonly chains: readonly OwnChain[] }

/** What a node looks after by its clock, whether anything comes or not: alarms, and its own heartbeats. */
export function openWatch(session: Session, rest = restTimes): () => Promise<void> {
  const { world, mirror, config } = session
  const [raised, refused] = [new Set<string>(), new Set<string>()]
  let held: Held | undefined
  let notBefore = 0
  const look = async (): Promise<Held> => {
    const { size } = mirror.store
    if (held?.size === size) return held
    const began = performance.now()
    const placed = placedIn(session)
    held = { size, watched: await watchedIn(session, placed), chains: ownChains(session, placed) }
    notBefore = performance.now() + rest * (performance.now() - began)
    return held
  }
  return async () => {
    if (performance.now() < notBefore) return
    const { chains } = await look()
    await sendBeats(session, beatsDue(chains, config.beat, world.now()), refused)
    // What is only on its way raises no alarm: the relay is asked once more before one is told.
    const isNew = alarms((await look()).watched, world.now()).some(alarm => !raised.has(nameOf(alarm)))
    if (isNew) await whyNotReached(session)
    tell(session, raised, alarms((await look()).watched, world.now()))
  }
}

const nameOf = ({ code, member, chain }: Alarm): string => `${code} ${member} ${chain}`

/** Each once for as long as it lasts. */
function tell({ world }: Session, raised: Set<string>, all: readonly Alarm[]): void {
  const names = new Set(all.map(nameOf))
  for (const name of raised) if (!names.has(name)) raised.delete(name)
  for (const alarm of all) {
    if (raised.has(nameOf(alarm))) continue
    raised.add(nameOf(alarm))
    world.warn(`ALARM ${alarm.words}`)
    world.event({ event: 'alarm', ...alarm })
  }
}

/** For people, before anything else that is shown. */
export const sayAlarms = (all: readonly Alarm[]): string[] =>
  all.length === 0 ? [] : [...all.map(({ words }) => `ALARM ${words}`), '']
