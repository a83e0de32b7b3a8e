import {
  type Delivery,
  type EnclosedCopy,
  type Entry,
  type Failure,
  type FailureCode,
  type Hash,
  type Result,
  type SealedTier,
  type Verified,
  checkAddressee,
  checkRelations,
  entryCommitsTo,
  fail,
  formatTierCopy,
  fromBase64url,
  isClosed,
  leafHash,
  ok,
  openSealed,
  openSlots,
  readEntry,
  verify,
} from '@chancery/protocol'
import { type Batch, aboutOf, numberedIn, prefixOf, put } from './batch.ts'
import { type Late, keepLate, openEnclosed } from './late.ts'
import { commitsTo, inOrder, isTaggedBy, openJws, withStatement } from './mirror.ts'
import { type Unsound, strangersIn, unopened, usesOf } from './notice.ts'

export async function take(batch: Batch, delivery: Delivery): Promise<Result<true>> {
  if (isClosed(batch.charter, delivery.index)) return fail('log.closed', `/entries/${delivery.index}`)
  const entry = fromBase64url(delivery.entry)
  if (entry === undefined) return fail('bytes.not-base64url', `/entries/${delivery.index}/entry`)
  const form = readEntry(entry)
  if (!form.ok) return form
  const leaf = leafHash(batch.mirror.primitives.sha256, entry)
  const arrived = { delivery, entry, leaf, form: form.value }
  const jws = delivery.jws ?? openJws(entry)
  if (jws === undefined && form.value.form === 'sealed') return takeSealed(batch, arrived, form.value)
  const taken = await takeOpen(batch, arrived, jws ?? '')
  return taken.ok ? taken : { ...taken, at: `/entries/${delivery.index}/${(taken.at ?? '').replace(/^\//, '')}` }
}

type Arrived = {
  readonly delivery: Delivery
  readonly entry: Uint8Array
  readonly leaf: Hash
  readonly form: Entry
}

/** What anyone may read the relay has checked, or lies: whatever does not hold ends the follow. */
async function takeOpen(batch: Batch, { delivery, entry, leaf }: Arrived, jws: string): Promise<Result<true>> {
  const { index, enclosed = [] } = delivery
  const { primitives } = batch.mirror
  const bare = verify(formatTierCopy(jws, []), { primitives, charter: batch.charter, index })
  if (!bare.ok) return bare
  if (bare.value.claims.handling.tlp !== 'clear')
    return fail('log.bad-entry', 'jws', 'in the open, though only some may read it')
  const committed = commitsTo(batch.mirror, { entry, statement: bare.value })
  if (!committed.ok) return committed
  const late = openEnclosed(batch, bare.value, index, enclosed)
  const related = checkRelations(bare.value, prefixOf(batch))
  if (!related.ok) return related
  const { iss, sid } = bare.value
  if (!isTaggedBy({ ...batch.mirror, charter: batch.charter }, committed.value, bare.value))
    batch.badTags.push({ index, iss, sid })
  const read = await openLines(batch, bare.value, index, delivery.seals)
  const kept = keepHeld(batch, { ...read, index, entry, leaf, late })
  if (kept.ok) batch.strangeKeys.push(...(await strangersIn(batch.mirror, bare.value, index)))
  return kept
}

type Kept = Read & {
  readonly index: number
  readonly entry: Uint8Array
  readonly leaf: Hash
  readonly late: readonly Late[]
}

/** What is opened is kept opened, so its containers are not kept. */
function keepHeld(batch: Batch, { statement, disclosures, index, entry, leaf, late }: Kept): Result<true> {
  const { mirror, charter } = batch
  batch.notDelivered.push(...unopened({ ...mirror, charter }, statement, index))
  const isStranger = statement.iss === mirror.member && index > 0 && mirror.isSent?.(statement.sid) === false
  if (isStranger) batch.notOurs.push({ index, kid: statement.kid, sid: statement.sid })
  for (const each of late) keepLate(batch, each, index)
  put(batch, { entry, leaf, jws: statement.jws, about: aboutOf(statement), seals: [], disclosures }, statement)
  const next = withStatement(mirror.primitives, charter, { statement, index })
  if (!next.ok) return next
  batch.charter = next.value
  return ok(true)
}

type SealedForm = Extract<Entry, { form: 'sealed' }>

/** The relay is blind to it: what does not hold is its author's fault, is told, and holds nobody up. */
async function takeSealed(batch: Batch, arrived: Arrived, form: SealedForm): Promise<Result<true>> {
  const { delivery, entry, leaf } = arrived
  const { index, seals } = delivery
  const told = batch.unsound.length
  const contents = await openContainers(batch, form, seals, index)
  if (contents === 'cover') {
    put(batch, { entry, leaf, seals: [], disclosures: [], cover: true })
    return ok(true)
  }
  const read = contents === undefined ? undefined : readSealed(batch, { entry, index }, contents)
  if (read?.ok) return keepHeld(batch, { ...read.value, index, entry, leaf })
  if (read !== undefined) batch.unsound.push(unsoundOf(batch, index, read, contents?.jws ?? ''))
  batch.foreignUse.push(...usesOf(batch.mirror, { entry: form, charter: batch.charter, index }))
  // What does not hold stays as it came: it is the evidence.
  put(batch, { entry, leaf, seals: batch.unsound.length > told ? seals : [], disclosures: [] })
  return ok(true)
}

type Opened = {
  readonly jws: string
  /** Of all containers that opened, in the order they came. */
  readonly disclosures: readonly Came[]
  readonly enclosed: readonly EnclosedCopy[]
}

/** Every container that is for us; a relay may hand them out in any order. undefined: none holds a statement. */
async function openContainers(
  { mirror, unsound, badSeals }: Batch,
  { commitment }: SealedForm,
  seals: readonly SealedTier[],
  index: number,
): Promise<Opened | 'cover' | undefined> {
  const disclosures: Came[] = []
  let statement: { readonly jws: string; readonly enclosed: readonly EnclosedCopy[] } | undefined
  const failed: { tlp: string; code: FailureCode; at?: string }[] = []
  let covers = 0
  for (const { jwe, tlp, releasable_to } of seals) {
    const opened = await openSealed({ commitment, jwe, keys: mirror.openKeys })
    if (!opened.ok) {
      if (opened.code !== 'seal.not-for-you') failed.push({ tlp, code: opened.code, ...placeIn(opened) })
    } else if (opened.value.is === 'cover') covers++
    else {
      disclosures.push({ tlp, releasable_to, lines: opened.value.disclosures })
      if (opened.value.is === 'statement')
        statement ??= { jws: opened.value.jws, enclosed: opened.value.enclosed ?? [] }
    }
  }
  // Beside a statement that opens, a container that does not is a tear line withheld.
  for (const { tlp, code, ...place } of failed) {
    if (statement === undefined) unsound.push({ index, code, ...place })
    else badSeals.push({ index, tlp, code })
  }
  if (statement !== undefined) return { ...statement, disclosures }
  // Tear lines, or cover beside them, of a statement that is kept from us.
  if (disclosures.length > 0) unsound.push({ index, code: 'evidence.missing', at: '/seals' })
  return covers > 0 && disclosures.length + failed.length === 0 ? 'cover' : undefined
}

const placeIn = ({ at }: Failure) => (at === undefined ? {} : { at })

type Sealed = { readonly entry: Uint8Array; readonly index: number }
type ReadSealed = Read & { readonly late: readonly Late[] }

/** spec/07-relay.md#recheck: the statement under the charter at its index, C, T, and its relations, all of it anew. */
function readSealed(
  batch: Batch,
  { entry, index }: Sealed,
  { jws, disclosures, enclosed }: Opened,
): Result<ReadSealed> {
  const { mirror, charter } = batch
  const { primitives, tagKey } = mirror
  const bare = verify(formatTierCopy(jws, []), { primitives, charter, index })
  if (!bare.ok) return bare
  if (bare.value.claims.handling.tlp === 'clear') return fail('log.bad-entry', '', 'sealed, though anyone may read it')
  const { sha256 } = primitives
  const committed = entryCommitsTo({ sha256, entry, jws, kid: bare.value.kid, tagKey })
  if (!committed.ok) return committed
  const late = openEnclosed(batch, bare.value, index, enclosed)
  const related = checkRelations(bare.value, prefixOf(batch))
  if (!related.ok) return related
  let read: Read = { statement: bare.value, disclosures: [] }
  for (const came of disclosures) read = withLines(batch, read, index, came)
  return ok({ ...read, late })
}

/** Two statements with one number: both are kept, whole, for whoever is to judge their author. */
function unsoundOf(batch: Batch, index: number, failure: Failure, second: string): Unsound {
  const { code } = failure
  const first = code === 'statement.equivocation' ? twinOf(batch, second) : undefined
  const size = code === 'statement.seen-mismatch' ? verifiedIn(batch, second)?.claims.seen?.size : undefined
  const sawOther = size !== undefined && { sawOther: { jws: second, size } }
  return { index, code, ...placeIn(failure), ...(first !== undefined && { twins: { first, second } }), ...sawOther }
}

function verifiedIn(batch: Batch, jws: string): Verified | undefined {
  const { primitives } = batch.mirror
  const index = batch.from + batch.entries.length
  const statement = verify(formatTierCopy(jws, []), { primitives, charter: batch.charter, index })
  return statement.ok ? statement.value : undefined
}

function twinOf(batch: Batch, jws: string): string | undefined {
  const statement = verifiedIn(batch, jws)
  if (statement === undefined) return undefined
  const { iss, claims } = statement
  const sid = numberedIn(batch, iss, claims.chain.id, claims.chain.seq)
  const own = batch.entries.find(({ about }) => about !== undefined && about.sid === sid)
  return own?.jws ?? (sid === undefined ? undefined : batch.mirror.store.statement(sid)?.jws)
}

type Read = { readonly statement: Verified; readonly disclosures: readonly string[] }

/** What the relay could not read it could not check: here each container is matched to the digests signed. */
async function openLines(batch: Batch, bare: Verified, index: number, seals: readonly SealedTier[]): Promise<Read> {
  const { mirror, badSeals } = batch
  let read: Read = { statement: bare, disclosures: [] }
  for (const { jwe, tlp, releasable_to } of seals) {
    const opened = await openSlots({ sid: bare.sid, jwe, keys: mirror.openKeys })
    if (opened.ok) read = withLines(batch, read, index, { tlp, releasable_to, lines: opened.value })
    else if (opened.code !== 'seal.not-for-you') badSeals.push({ index, tlp, code: opened.code })
  }
  return read
}

/** What one container gave, and whom it is for. */
type Came = Pick<SealedTier, 'tlp' | 'releasable_to'> & { readonly lines: readonly string[] }

/** With more tear lines open, where each is one that was signed; else the same as before, and that is told. */
function withLines({ mirror, charter, badSeals }: Batch, read: Read, index: number, came: Came): Read {
  const { tlp, lines } = came
  if (lines.length === 0) return read
  const { primitives } = mirror
  const disclosures = inOrder(mirror, read.statement.jws, [...read.disclosures, ...lines])
  const statement = verify(formatTierCopy(read.statement.jws, disclosures), { primitives, charter, index })
  const fresh = new Set(lines)
  const slices = statement.ok ? statement.value.slices.filter(({ disclosure }) => fresh.has(disclosure)) : []
  const addressed = statement.ok ? checkAddressee(slices, came) : statement
  if (statement.ok && addressed.ok) return { statement: statement.value, disclosures }
  if (!addressed.ok) badSeals.push({ index, tlp, code: addressed.code })
  return read
}
