import {
  type Delivery,
  type EnclosedCopy,
  type SealedTier,
  type Submission,
  fromBase64url,
  isOpenEntry,
  sealSlots,
  sealStatement,
  sealedEntry,
  toBase64url,
} from '@chancery/protocol'
import type { SignedDraft, World } from './world.ts'

/** The sealed entry of a statement, by whose key it was signed. */
export function sealedEntryOf(world: World, { sid, jws, kid }: Pick<SignedDraft, 'sid' | 'jws' | 'kid'>): Uint8Array {
  const signature = fromBase64url(jws.split('.')[2] ?? '') ?? new Uint8Array(0)
  return sealedEntry({ sha256: world.primitives.sha256, sid, signature, tagKey: world.tagKey, kid })
}

/** Containers of a sealed statement, as its author makes them. */
export function sealsOf(
  world: World,
  draft: SignedDraft,
  enclosed: readonly EnclosedCopy[] = [],
): Promise<readonly SealedTier[]> {
  const { sid, jws, lines, payload } = draft
  const { iss, handling } = payload
  const commitment = sealedEntryOf(world, draft).subarray(1, 33)
  return sealStatement({ commitment, sid, iss, jws, handling, lines, enclosed, charter: world.charter })
}

/** What the author hands in: all of what anyone may read, of anything else the entry and closed containers. */
export async function submissionOf(
  world: World,
  draft: SignedDraft,
  enclosed: readonly EnclosedCopy[] = [],
): Promise<Submission> {
  const { sid, jws, lines, payload } = draft
  const { iss, handling } = payload
  const entry = sealedEntryOf(world, draft)
  if (handling.tlp !== 'clear') {
    return { entry: toBase64url(entry), seals: [...(await sealsOf(world, draft, enclosed))] }
  }
  const seals = [...(await sealSlots({ sid, iss, lines, charter: world.charter }))]
  const tag = isOpenEntry('clear', jws) ? {} : { tag: toBase64url(entry.subarray(33)) }
  return { ...(enclosed.length > 0 && { enclosed: [...enclosed] }), jws, seals, ...tag }
}

type Logged = SignedDraft & { readonly entry: Uint8Array; readonly index: number }

/** One entry with all that a relay has of it: what a reader is not to have, a test takes away. */
export async function deliveryOf(
  world: World,
  logged: Logged,
  enclosed: readonly EnclosedCopy[] = [],
): Promise<Delivery> {
  const { entry, index, payload, jws } = logged
  const place = { entry: toBase64url(entry), index }
  if (index === 0) return { ...place, jws, seals: [] }
  const { seals } = await submissionOf(world, logged, enclosed)
  const isOpen = payload.handling.tlp === 'clear'
  return { ...(isOpen && enclosed.length > 0 && { enclosed: [...enclosed] }), ...place, seals }
}
