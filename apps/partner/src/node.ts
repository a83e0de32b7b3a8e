import { type Admitted, followLog, refreshMirror } from '@chancery/client'
import { instantOf, tlpLabel } from '@chancery/protocol'
import type { StoredEntry } from '@chancery/store'
import { outboxOf } from './outbox.ts'
import { sendOutbox } from './publish.ts'
import { lineOf, orRefuse } from './refusal.ts'
import { type Session, followOf, warnOf } from './session.ts'

const outboxEveryMs = 5_000

/** Follows until the world's signal. A relay that contradicts the log ends it with that refusal. */
export async function runNode(session: Session): Promise<number> {
  const { world, mirror, keys } = session
  orRefuse(refreshMirror(mirror))
  world.say(`${instantOf(world.now())} following ${mirror.origin} as ${keys.member} from size ${mirror.store.size}`)
  const tell = teller(session)
  const flusher = flushEvery(session)
  try {
    return orRefuse(
      await followLog({
        ...followOf(session),
        signal: world.signal,
        onAdmitted: tell,
        onTrouble: ({ why, waitMs }) => world.warn(`${instantOf(world.now())} away: ${why}; again in ${waitMs} ms`),
      }),
    )
  } finally {
    await flusher.stop()
  }
}

const linesMax = 1_000

/** Every entry once, whichever process of this node stored it. */
function teller({ world, mirror: { store } }: Session): (admitted: Admitted) => void {
  let told = store.size
  return admitted => {
    for (; told < store.size;) {
      const entries = store.range(told, { countMax: linesMax })
      for (const entry of entries) world.say(entryLine(entry))
      told += entries.length
    }
    warnOf(world, admitted)
  }
}

function entryLine({ index, about, disclosures }: StoredEntry): string {
  if (about === undefined) return `${index} withheld from you`
  const open = disclosures.length === 0 ? '' : `, ${disclosures.length} tear lines open`
  return `${index} ${about.iss} ${about.kind} ${tlpLabel(about.tlp)}${open} ${about.sid}`
}

/** What was kept while the relay was away goes out in its order. One sender at a time; the next look waits for it. */
function flushEvery(session: Session): { readonly stop: () => Promise<void> } {
  const { world } = session
  const told = new Set<string>()
  let sending: Promise<void> = Promise.resolve()
  const send = async (): Promise<void> => {
    try {
      if (outboxOf(world.home).length === 0) return
      for (const sent of await sendOutbox(session)) {
        if (sent.is === 'logged') world.say(`${sent.index} logged from the outbox ${sent.sid}`)
        if (sent.is !== 'refused' || told.has(sent.sid)) continue
        told.add(sent.sid)
        world.warn(`${sent.sid} stays in the outbox: ${lineOf(sent.refusal)}`)
      }
    } catch (error) {
      world.warn(`the outbox: ${(error as Error).message}`)
    }
  }
  const timer = setInterval(() => (sending = sending.then(send)), outboxEveryMs)
  sending = send()
  return {
    stop: async () => {
      clearInterval(timer)
      await sending
    },
  }
}
