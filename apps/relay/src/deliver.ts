import { type CharterState, type Tlp, atLeastAsRestricted, canonical, isCleared, tiers } from '@chancery/protocol'
import type { StoredEntry } from '@chancery/store'

/** Clearances nest, so the highest tier says which bytes a reader gets: readers of one tier share them. */
export const clearanceOf = ({ charter }: CharterState, member: string): Tlp =>
  tiers.findLast(tier => isCleared(charter, member, tier)) ?? 'clear'

const openForm = 2

/**
 * One entry as a reader of this clearance gets it, as canonical JSON: spec/07-relay.md#stream. An open entry is its own
 * statement; above the clearance there is the entry alone, so that a gap shows and its content does not.
 */
export function formatDelivery({ index, entry, jws, about, seals }: StoredEntry, clearance: Tlp): string {
  const bytes = Buffer.from(entry.buffer, entry.byteOffset, entry.length).toString('base64url')
  const head = `{"entry":"${bytes}","index":${index}`
  if (about === undefined || !atLeastAsRestricted(clearance, about.tlp)) return `${head},"seals":[]}`
  const sealed = seals.filter(({ tlp }) => atLeastAsRestricted(clearance, tlp))
  // A JWS is letters, digits, hyphens, underscores and dots: quotes around it make it JSON.
  const text = entry[0] === openForm ? '' : `,"jws":"${jws}"`
  return `${head}${text},"seals":${sealed.length === 0 ? '[]' : canonical(sealed as never)}}`
}
