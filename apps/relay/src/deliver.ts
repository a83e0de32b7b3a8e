import {
  type CharterState,
  type Handling,
  type Now,
  type Reader,
  type Tlp,
  anyAllowed,
  canonical,
  clearanceOf,
  fromBase64url,
  fromTheStart,
  fromUtf8,
  nodeReaders,
} from '@chancery/protocol'
import type { StoredEntry, StoredStatement } from '@chancery/store'

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
 * One entry as a node gets it in a stream, as canonical JSON: spec/07-relay.md#stream. Where `decide` lets none of its
 * readers see the statement there is the entry alone, so that a gap shows and its content does not. Decided from the
 * start, a stream has the same bytes whenever it is read.
 */
export const formatDelivery = (stored: StoredEntry, carrier: Carrier): string =>
  isHeld(stored) && maySee(audienceOf(stored), stored, carrier)
    ? formatWhole(stored, carrier)
    : `${headOf(stored)},"seals":[]}`

/** A statement by its id, as of now: also what has opened since it was logged. undefined where it is not for them. */
export const formatAsked = (stored: StoredStatement, carrier: Carrier, now: Now): string | undefined =>
  maySee(handlingOf(stored.jws), stored, carrier, now) ? formatWhole(stored, carrier) : undefined

/** Some of it is for named members of a tier: no other member shares its bytes. */
export const isForSome = ({ about, seals }: StoredEntry): boolean =>
  (about !== undefined && about.chain.length > about.tlp.length) ||
  seals.some(({ releasable_to }) => releasable_to !== undefined)

const openForm = 2

/** An open entry is its own statement. */
function formatWhole(stored: StoredStatement, carrier: Carrier): string {
  const { entry, jws, seals } = stored
  const sealed = seals.filter(({ tlp, releasable_to }) => maySee({ tlp, releasable_to }, stored, carrier))
  // A JWS is letters, digits, hyphens, underscores and dots: quotes around it make it JSON.
  const text = entry[0] === openForm ? '' : `,"jws":"${jws}"`
  return `${headOf(stored)}${text},"seals":${sealed.length === 0 ? '[]' : canonical(sealed as never)}}`
}

function headOf({ entry, index }: StoredEntry): string {
  const bytes = Buffer.from(entry.buffer, entry.byteOffset, entry.length).toString('base64url')
  return `{"entry":"${bytes}","index":${index}`
}

function maySee(handling: Handling, stored: StoredStatement, carrier: Carrier, now: Now = fromTheStart): boolean {
  const { coa, readers, alike } = carrier
  const named = now !== fromTheStart || isForSome(stored)
  return anyAllowed({ coa, iss: stored.about.iss, handling }, named ? readers : alike, 'see', now)
}

const isHeld = (stored: StoredEntry): stored is StoredStatement => stored.about !== undefined

/** A chain that is named for its tier alone is for all of it: only another's statement is asked for whom it is. */
const audienceOf = ({ about, jws }: StoredStatement): Handling =>
  about.chain.length > about.tlp.length ? handlingOf(jws) : { tlp: about.tlp }

/** Of a statement that was verified before it was stored. */
function handlingOf(jws: string): Handling {
  const payload = fromBase64url(jws.split('.')[1] ?? '')
  return (JSON.parse(payload === undefined ? '' : (fromUtf8(payload) ?? '')) as { readonly handling: Handling })
    .handling
}
