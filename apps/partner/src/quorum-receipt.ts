import { join } from 'node:path'
import { NetworkFault } from '@chancery/client'
import {
  cosignedParties,
  openHead,
  openQuorum,
  policyAt,
  readReceipt,
  saidIn,
  toleranceOf,
  verifyReceipt,
  vkeyFor,
} from '@chancery/protocol'
import { homePaths } from './config.ts'
import { writeDurably } from './files.ts'
import type { Logged, OnLog } from './publish.ts'
import { Refused, orRefuse, refused } from './refusal.ts'
import { type Session, sync } from './session.ts'

/** So long a member is kept waiting for a quorum; the statement is on the log, and `show` says later that it counts. */
const quorumSeconds = 5

/** The receipt under a quorum takes the place of the log's own, once it is checked. Nothing without a policy. */
export async function awaitQuorum(
  session: Session,
  { index, entry }: Logged,
  { sid, began }: { readonly sid: string; readonly began: number },
): Promise<Pick<OnLog, 'witnesses' | 'of' | 'quorum_ms'>> {
  const { world, mirror, relay } = session
  const { origin } = mirror
  if (mirror.policy === undefined) return {}
  const of = toleranceOf(mirror.policy).parties
  const { primitives } = world
  try {
    const text = orRefuse(await relay.receipt(index, quorumSeconds))
    const receipt = orRefuse(readReceipt(text))
    if (!openHead(mirror, receipt.checkpoint).ok) await sync(session)
    const vkey = vkeyFor(mirror.charter, receipt.checkpoint)
    const said = saidIn(receipt.checkpoint)
    const policy = policyAt(primitives.sha256, mirror.charter, said.ok ? said.value.size : mirror.store.size)
    if (policy === undefined) return {}
    const proven = orRefuse(verifyReceipt({ receipt, entry, origin, vkey, primitives }))
    if (proven.index !== index) throw refused('log.bad-receipt', 'index', `${proven.index} in place of ${index}`)
    const counts = openQuorum({ primitives, policy, origin }, receipt.checkpoint)
    if (!counts.ok) {
      if (counts.code !== 'log.no-quorum') throw new Refused(counts)
      return { witnesses: 0, of }
    }
    writeDurably(join(homePaths(world.home).receipts, `${sid}.tlog-proof`), text)
    const quorum_ms = Math.round(performance.now() - began)
    await sync(session)
    return { witnesses: cosignedParties(policy, counts.value.cosigned).size, of, quorum_ms }
  } catch (error) {
    if (error instanceof NetworkFault) return { witnesses: 0, of }
    throw error
  }
}
