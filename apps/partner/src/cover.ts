import { type Audience, type Submission, concat, recipientsFor, sealCover, toBase64url } from '@chancery/protocol'
import { NetworkFault } from '@chancery/client'
import type { Cover } from './config.ts'
import type { Session } from './session.ts'

/** Most statements fill the second bucket: so does cover. */
const fill = 3_000

/**
 * One entry that says nothing: spec/07-relay.md#cover. C and T are random, and the container is one that every reader
 * of the tier opens, so that a relay cannot tell it from a statement for all of them.
 */
export async function coverEntry({ world, keys, mirror }: Session, { tlp }: Cover): Promise<Submission> {
  const commitment = world.random(32)
  const audience: Audience & { tlp: Cover['tlp'] } = { tlp, releasable_to: undefined }
  const entry = concat(Uint8Array.of(1), commitment, world.random(32))
  const when = { size: mirror.store.size, moment: world.now() }
  const cover = await sealCover({ commitment, iss: keys.member, audience, fill, charter: mirror.charter, when })
  return { entry: toBase64url(entry), seals: [cover] }
}

/** Hands in as many as the configuration says; false where the relay takes none now. Nothing depends on any of them. */
export async function sendCover(session: Session, cover: Cover): Promise<boolean> {
  if (recipientsFor(session.mirror.charter, cover.tlp).length === 0) return false
  const submissions = await Promise.all(Array.from({ length: cover.count }, () => coverEntry(session, cover)))
  try {
    return (await session.relay.submit(submissions)).ok
  } catch (error) {
    if (error instanceof NetworkFault) return false
    throw error
  }
}

/** At each interval, for as long as the node runs. One that is not taken is not made up for. */
export function coverEvery(session: Session, signal: AbortSignal): void {
  const { cover } = session.config
  if (cover === undefined || signal.aborted) return
  let sending: Promise<unknown> = Promise.resolve()
  const timer = setInterval(() => {
    sending = sending.then(() => (signal.aborted ? false : sendCover(session, cover)))
    sending.catch((error: unknown) => {
      clearInterval(timer)
      session.world.warn(`no cover is sent any more: ${String(error)}`)
    })
  }, cover.every_seconds * 1_000)
  signal.addEventListener('abort', () => clearInterval(timer), { once: true })
}
