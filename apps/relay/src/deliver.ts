import {
  type CharterState,
  type Reader,
  type SealedTier,
  type Tlp,
  anyAllowed,
  canonical,
  clearanceOf,
  fromTheStart,
  nodeReaders,
} from '@chancery/protocol'
import type { StoredEntry } from '@chancery/store'

/** A member's connection, and whom its node reads for: the member, and the persons it has keys of. */
export type Carrier = {
  readonly member: string
  readonly coa: string
  readonly clearance: Tlp
  readonly readers: readonly Reader[]
  /** The same without a name: what they may see, every member of this clearance may, and one frame serves them all. */
  readonly alike: readonly Reader[]
}

export function carrierOf(charter: CharterState, member: string): Carrier {
  const readers = nodeReaders(charter, member, true)
  const alike = readers.map(reader => ({ ...reader, member: null }))
  return { member, coa: charter.genesis, clearance: clearanceOf(charter, member), readers, alike }
}

/**
 * One entry as a node gets it, as canonical JSON: spec/07-relay.md#stream. Of a sealed one, the containers whose
 * audience `decide` lets one of its readers see; with none of them it is the entry alone, so that a gap shows and its
 * content does not. Decided from the start, a stream has the same bytes whenever it is read.
 */
export const formatDelivery = (stored: StoredEntry, carrier: Carrier): string =>
  format(stored, sealsFor(stored, carrier))

/** One entry by its name; undefined where nothing of it is for them. */
export function formatAsked(stored: StoredEntry, carrier: Carrier): string | undefined {
  const seals = sealsFor(stored, carrier)
  return stored.about === undefined && seals.length === 0 ? undefined : format(stored, seals)
}

/** Some of it is for named members of a tier: no other member shares its bytes. */
export const isForSome = ({ seals }: StoredEntry): boolean =>
  seals.some(({ releasable_to }) => releasable_to !== undefined)

function sealsFor(stored: StoredEntry, carrier: Carrier): readonly SealedTier[] {
  const { coa, readers, alike } = carrier
  const { seals, about, sender = about?.iss ?? '' } = stored
  const asked = isForSome(stored) ? readers : alike
  return seals.filter(({ tlp, releasable_to }) =>
    anyAllowed({ coa, iss: sender, handling: { tlp, releasable_to } }, asked, 'see', fromTheStart),
  )
}

const openForm = 2

/** A statement that is held here is one that anyone may read; an open entry is its own statement. */
function format({ entry, index, about, jws, enclosed = [] }: StoredEntry, seals: readonly SealedTier[]): string {
  const copies = enclosed.length === 0 ? '' : `"enclosed":${canonical(enclosed as never)},`
  const bytes = Buffer.from(entry.buffer, entry.byteOffset, entry.length).toString('base64url')
  // A JWS is letters, digits, hyphens, underscores and dots: quotes around it make it JSON.
  const text = about === undefined || entry[0] === openForm ? '' : `,"jws":"${jws}"`
  const sealed = seals.length === 0 ? '[]' : canonical(seals as never)
  return `{${copies}"entry":"${bytes}","index":${index}${text},"seals":${sealed}}`
}
