import { type Admitted, NetworkFault, type OpenedLate, followLog, refreshMirror } from '@chancery/client'
import { type Json, instantOf, tlpLabel } from '@chancery/protocol'
import { type StoredEntry, reasonOf } from '@chancery/store'
import { dataOf } from './cli.ts'
import { homePaths } from './config.ts'
import { coverEvery } from './cover.ts'
import { openDuties } from './duties.ts'
import { outboxOf } from './outbox.ts'
import { sendOutbox } from './publish.ts'
import { renewInTime, warnOfEnd } from './rotate.ts'
import { Refused, lineOf, orRefuse } from './refusal.ts'
import { type Session, followOf, warnOf } from './session.ts'
import { openWatch } from './watch.ts'
import { createWitness } from './witness.ts'
import type { World } from './world.ts'

const outboxEveryMs = 5_000
const renewEverySeconds = 3_600

/** Follows until the world's signal. A relay that contradicts the log ends it with that refusal. */
export async function runNode(
  plain: Session,
  { days, alone = true, duties = true }: { days: number; alone?: boolean; duties?: boolean },
): Promise<number> {
  const session = { ...plain, world: warnsAsEvents(plain.world) }
  const { world, mirror, keys } = session
  orRefuse(refreshMirror(mirror))
  const [at, { origin }, { member }, { size }] = [instantOf(world.now()), mirror, keys, mirror.store]
  world.say(`${at} following ${origin} as ${member} from size ${size}`)
  world.event({ event: 'following', at, member, origin, size })
  const tell = teller(session)
  const cosign = alone ? witnessOf(session) : undefined
  const attend = alone && duties ? openDuties(session) : idle
  const flusher = flushEvery(session, { days, attend, watch: alone ? openWatch(session) : idle })
  try {
    const signal = AbortSignal.any([world.signal, flusher.failed])
    coverEvery(session, signal)
    return orRefuse(
      await followLog({
        ...followOf(session),
        signal,
        onAdmitted: tell,
        onTrouble: awayIn(plain.world),
        ...(cosign && { cosign }),
      }),
    )
  } finally {
    await flusher.stop()
  }
}

const idle = async (): Promise<void> => {}

/** One node of a home witnesses: two could not each keep to what the other has signed. */
function witnessOf({ world, keys, mirror }: Session) {
  const { home, now, warn } = world
  return createWitness({ path: homePaths(home).witness, mirror, cosigners: keys.cosigners, now, warn })
}

/** Whoever reads objects has the warnings among them; people have them on the other stream. */
const warnsAsEvents = (world: World): World => ({
  ...world,
  warn: says => {
    world.warn(says)
    world.event({ event: 'warning', says })
  },
})

const awayIn =
  (world: World) =>
  ({ why, waitMs }: { readonly why: string; readonly waitMs: number }): void => {
    const at = instantOf(world.now())
    world.warn(`${at} away: ${why}; again in ${waitMs} ms`)
    world.event({ event: 'away', at, wait_ms: waitMs, why })
  }

const linesMax = 1_000

/** Every entry once, whichever process of this node stored it. */
function teller({ world, mirror }: Session): (admitted: Admitted) => void {
  const { store } = mirror
  let told = store.size
  return admitted => {
    for (; told < store.size;) {
      const entries = store.range(told, { countMax: linesMax })
      for (const entry of entries) {
        // Nothing was said there: it is there for those who count.
        if (entry.cover) continue
        world.say(entryLine(entry))
        world.event(entryEvent(entry))
      }
      told += entries.length
    }
    for (const opened of admitted.openedLate) tellOpened(world, opened)
    warnOf(world, admitted, mirror)
  }
}

function tellOpened({ say, event }: World, { index, by, statement }: OpenedLate): void {
  const { iss, kind, sid, claims } = statement
  const { tlp } = claims.handling
  say(`${index} opened by ${by}: ${iss} ${kind} ${tlpLabel(tlp)} ${sid}`)
  event({ event: 'opened', by, index, iss, kind, sid, tlp })
}

function entryLine({ index, about, disclosures }: StoredEntry): string {
  if (about === undefined) return `${index} withheld from you`
  const open = disclosures.length === 0 ? '' : `, ${disclosures.length} tear lines open`
  return `${index} ${about.iss} ${about.kind} ${tlpLabel(about.tlp)}${open} ${about.sid}`
}

function entryEvent({ index, about, disclosures }: StoredEntry): Json {
  if (about === undefined) return { event: 'entry', index, withheld: true }
  const { iss, kind, sid, tlp } = about
  return { event: 'entry', index, iss, kind, open: disclosures.length, sid, tlp, withheld: false }
}

type Flusher = { readonly failed: AbortSignal; readonly stop: () => Promise<void> }

/**
 * What was kept while the relay was away goes out in its order. One sender at a time; the next look waits for it. A
 * refusal or a network that is away passes; anything else ends the node, and `stop` throws it.
 */
function flushEvery(
  session: Session,
  { days, attend, watch }: Readonly<Record<'attend' | 'watch', () => Promise<void>>> & { readonly days: number },
): Flusher {
  const { world } = session
  const failed = new AbortController()
  const told = new Set<string>()
  let renewAt = 0
  const renew = async (): Promise<void> => {
    renewAt = world.now() + renewEverySeconds
    await renewInTime(session, days)
    warnOfEnd(session)
  }
  let sending: Promise<void> = Promise.resolve()
  const guarded = async (what: string, work: () => Promise<void>): Promise<void> => {
    try {
      if (!failed.signal.aborted) await work()
    } catch (error) {
      if (!(error instanceof Refused || error instanceof NetworkFault)) failed.abort(error)
      else world.warn(`${what}: ${reasonOf(error)}`)
    }
  }
  const send = async (): Promise<void> => {
    await guarded('the outbox', async () => {
      await flush(session, told)
      if (world.now() >= renewAt) await renew()
      await attend()
    })
    // What does not go out stops nobody from looking what does not come.
    await guarded('the watch', watch)
  }
  const timer = setInterval(() => (sending = sending.then(send)), outboxEveryMs)
  sending = send()
  return {
    failed: failed.signal,
    stop: async () => {
      clearInterval(timer)
      await sending
      failed.signal.throwIfAborted()
    },
  }
}

/** Each refusal is told once, though it is met at every look. */
async function flush(session: Session, told: Set<string>): Promise<void> {
  const { world } = session
  if (outboxOf(world.home).length === 0) return
  for (const sent of await sendOutbox(session)) {
    const { is, sid } = sent
    if (is === 'logged') {
      world.say(`${sent.index} logged from the outbox ${sid}`)
      world.event({ event: 'logged', index: sent.index, sid })
    }
    if (is !== 'refused' || told.has(sid)) continue
    told.add(sid)
    session.world.warn(`${sid} stays in the outbox: ${lineOf(sent.refusal)}`)
    world.event({ event: 'refused', refused: dataOf(sent.refusal), sid })
  }
}
