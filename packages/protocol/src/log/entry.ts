import { fromBase64url } from '../wire/base64.ts'
import { type Sha256, concat, domainTag, equalBytes, utf8 } from '../wire/bytes.ts'
import { type Result, assert, fail, ok } from '../wire/failure.ts'
import { limits } from '../wire/limits.ts'

/** What stands at one index of the log: a statement in the open, or a commitment that names nobody. */
export type Entry =
  | { readonly form: 'open'; readonly jws: string }
  | { readonly form: 'sealed'; readonly commitment: Uint8Array; readonly tag: Uint8Array }

const [sealedForm, openForm] = [1, 2]
const digestBytes = 32
const hmacBlock = 64
export const sealedEntryBytes = 1 + 2 * digestBytes
const encoder = new TextEncoder()
const jwsShape = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/

/** `0x02 ‖ ASCII(JWS)`: charters, keys and all that is public from the first hour. */
export function openEntry(jws: string): Uint8Array<ArrayBuffer> {
  assert(jwsShape.test(jws) && jws.length < limits.entryBytesMax, 'an open entry is a compact JWS that fits a bundle')
  const entry = new Uint8Array(1 + jws.length)
  entry[0] = openForm
  encoder.encodeInto(jws, entry.subarray(1))
  return entry
}

type Signed = { readonly sha256: Sha256; readonly sid: string; readonly signature: Uint8Array }
type Tagged = Pick<Signed, 'sha256'> & {
  readonly tagKey: Uint8Array
  readonly commitment: Uint8Array
  readonly kid: string
}

/** `0x01 ‖ C ‖ T`: that a statement was signed and held, without its text or its author. */
export function sealedEntry({
  sha256,
  sid,
  signature,
  tagKey,
  kid,
}: Signed & { readonly tagKey: Uint8Array; readonly kid: string }): Uint8Array<ArrayBuffer> {
  const committed = commitment({ sha256, sid, signature })
  return concat(Uint8Array.of(sealedForm), committed, entryTag({ sha256, tagKey, commitment: committed, kid }))
}

/** C covers the signature: nobody can log a bare text now and sign it when keys have become breakable. */
export const commitment = ({ sha256, sid, signature }: Signed): Uint8Array =>
  sha256(concat(domainTag('leaf'), digestOf(sid), sha256(signature)))

/** T lets every member, and no outsider, see which key is used: a thief that sets it truly is seen by the owner. */
export function entryTag({ sha256, tagKey, commitment: committed, kid }: Tagged): Uint8Array {
  return tagger({ sha256, tagKey, kid })(committed)
}

/**
 * T of many entries: RFC 2104 with a key shorter than the block, its two padded blocks and the message laid out once.
 * An owner asks this of every entry of the log for each of its keys.
 */
function tagger({ sha256, tagKey, kid }: Omit<Tagged, 'commitment'>): (committed: Uint8Array) => Uint8Array {
  assert(tagKey.length === digestBytes, 'a tag key is 32 bytes')
  const pad = (mask: number) => Uint8Array.from({ length: hmacBlock }, (_, i) => (tagKey[i] ?? 0) ^ mask)
  const domain = domainTag('tag')
  const inner = concat(pad(0x36), domain, new Uint8Array(digestBytes), digestOf(kid))
  const outer = concat(pad(0x5c), new Uint8Array(digestBytes))
  return committed => {
    assert(committed.length === digestBytes, 'a commitment is 32 bytes')
    inner.set(committed, hmacBlock + domain.length)
    outer.set(sha256(inner), hmacBlock)
    return sha256(outer)
  }
}

/** Those of these keys whose T a sealed entry has: made once, asked of each entry. */
export function tagScanner(
  { sha256, tagKey }: Pick<Tagged, 'sha256' | 'tagKey'>,
  kids: readonly string[],
): (entry: { readonly commitment: Uint8Array; readonly tag: Uint8Array }) => readonly string[] {
  const taggers = kids.map(kid => ({ kid, tagOf: tagger({ sha256, tagKey, kid }) }))
  return ({ commitment: committed, tag }) =>
    taggers.filter(({ tagOf }) => equalBytes(tagOf(committed), tag)).map(({ kid }) => kid)
}

function digestOf(id: string): Uint8Array {
  const bytes = fromBase64url(id)
  assert(bytes?.length === digestBytes, 'a sid or kid that was verified is 32 bytes')
  return bytes
}

/** spec/06-log.md#entries: one of the two forms, or refused. The statement inside is verified by its own stage. */
export function readEntry(bytes: Uint8Array): Result<Entry> {
  if (bytes.length > limits.entryBytesMax) return fail('log.bad-entry', undefined, 'too long for a bundle')
  if (bytes[0] === openForm) return readOpen(bytes.subarray(1))
  if (bytes[0] !== sealedForm) return fail('log.bad-entry', undefined, 'neither open nor sealed')
  if (bytes.length !== sealedEntryBytes) return fail('log.bad-entry', undefined, 'a sealed entry is 65 bytes')
  return ok({ form: 'sealed', commitment: bytes.subarray(1, 1 + digestBytes), tag: bytes.subarray(1 + digestBytes) })
}

const ascii = new TextDecoder('utf-8', { ignoreBOM: true })

function readOpen(bytes: Uint8Array): Result<Entry> {
  // What is not ASCII decodes to characters outside the shape.
  const jws = ascii.decode(bytes)
  return jwsShape.test(jws) ? ok({ form: 'open', jws }) : fail('log.bad-entry', undefined, 'not a compact JWS')
}

/**
 * Is this signed statement the one that the entry stands for? Members hold the tag key of the charter version and check
 * the author's tag as well; an outsider to whom the statement was opened checks the commitment alone.
 */
export function entryCommitsTo({
  sha256,
  entry,
  jws,
  kid,
  tagKey,
}: {
  readonly sha256: Sha256
  readonly entry: Uint8Array
  readonly jws: string
  readonly kid: string
  /** Absent where it is not held: T is then not judged. */
  readonly tagKey?: Uint8Array | undefined
}): Result<Entry> {
  const read = readEntry(entry)
  if (!read.ok) return read
  if (read.value.form === 'open') return read.value.jws === jws ? read : fail('log.entry-mismatch', 'jws')
  const committed = commitmentOf(sha256, jws)
  if (committed === undefined || !equalBytes(committed, read.value.commitment))
    return fail('log.entry-mismatch', 'commitment')
  if (tagKey === undefined || tagHolds({ sha256, tagKey, entry: read.value, kid })) return read
  return fail('log.entry-mismatch', 'tag')
}

/** C of a statement as it travels; undefined where its third part is not base64url. */
export function commitmentOf(sha256: Sha256, jws: string): Uint8Array | undefined {
  const [header, payload, signature, ...rest] = jws.split('.')
  const bytes = fromBase64url(signature ?? '')
  if (bytes === undefined || rest.length > 0) return undefined
  // The sid, spec/04-statements.md#ids, without its way through base64url.
  const sid = sha256(utf8(`${header}.${payload}`))
  return sha256(concat(domainTag('leaf'), sid, sha256(bytes)))
}

/** A member scans the log with this for its own kids. */
export const tagHolds = ({
  sha256,
  tagKey,
  entry,
  kid,
}: {
  readonly sha256: Sha256
  readonly tagKey: Uint8Array
  readonly entry: { readonly commitment: Uint8Array; readonly tag: Uint8Array }
  readonly kid: string
}): boolean => equalBytes(entryTag({ sha256, tagKey, commitment: entry.commitment, kid }), entry.tag)
