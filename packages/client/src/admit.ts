import {
  type CharterState,
  type Delivery,
  type Hash,
  type Placed,
  type Prefix,
  type Referred,
  type Result,
  type SealedTier,
  type Sha256,
  type Verified,
  checkRelations,
  equalBytes,
  fail,
  formatTierCopy,
  fromBase64url,
  leafHash,
  nodeHash,
  ok,
  openCheckpoint,
  openSlots,
  readEntry,
  rootAt,
  toBase64url,
  verify,
} from '@chancery/protocol'
import type { ChainHead, LogStore, NewEntry } from '@chancery/store'
import { type Mirror, commitsTo, inOrder, isTaggedBy, openJws, withStatement } from './mirror.ts'
import {
  type BadSeal,
  type BadTag,
  type ForeignUse,
  type NotDelivered,
  type Notices,
  type StrangeKey,
  signingKids,
  strangersIn,
  unopened,
  usesOf,
} from './notice.ts'

export type Admitted = Notices & {
  /** Log size after it. */
  readonly size: number
  readonly placed: readonly Placed[]
}

type Batch = {
  readonly mirror: Mirror
  readonly from: number
  readonly entries: NewEntry[]
  readonly hashes: Map<string, Hash>
  readonly found: Map<string, Referred>
  readonly heads: Map<string, ChainHead>
  readonly placed: Placed[]
  readonly badSeals: BadSeal[]
  readonly badTags: BadTag[]
  readonly notDelivered: NotDelivered[]
  readonly foreignUse: ForeignUse[]
  readonly strangeKeys: StrangeKey[]
  charter: CharterState
}

/** spec/07-relay.md#follow: entries and the checkpoint that covers exactly them. All of it is kept, or none. */
export async function admit(mirror: Mirror, deliveries: readonly Delivery[], note: string): Promise<Result<Admitted>> {
  const { store, primitives, origin, vkey } = mirror
  const checkpoint = openCheckpoint({ note, origin, vkey, primitives })
  if (!checkpoint.ok) return checkpoint
  const fresh = newDeliveries(store, primitives.sha256, deliveries)
  if (!fresh.ok) return fresh
  const { size, root } = checkpoint.value
  if (fresh.value.length === 0) return checkKnown(store, size, root)
  const batch = beginBatch(mirror)
  for (const delivery of fresh.value) {
    const taken = await take(batch, delivery)
    if (!taken.ok) return taken
  }
  const after = batch.from + batch.entries.length
  if (size !== after) return fail('relay.nonsense', 'size', `a checkpoint of ${size} over ${after} entries`)
  if (!equalBytes(batchRoot(batch, after), root)) return fail('log.forked', 'root', `another root at size ${size}`)
  keep(batch, note, root)
  const { placed, badSeals, badTags, notDelivered, foreignUse, strangeKeys } = batch
  return ok({ size, placed, badSeals, badTags, notDelivered, foreignUse, strangeKeys })
}

/** Nothing new: the checkpoint must still be one of the log that is held. */
function checkKnown(store: LogStore, size: number, root: Hash): Result<Admitted> {
  if (size > store.size) return fail('relay.nonsense', 'size', `a checkpoint of ${size} over ${store.size} entries`)
  if (!equalBytes(store.rootAt(size), root)) return fail('log.forked', 'root', `another root at size ${size}`)
  const nothing = { placed: [], badSeals: [], badTags: [], notDelivered: [], foreignUse: [], strangeKeys: [] }
  return ok({ size: store.size, ...nothing })
}

function keep(batch: Batch, note: string, root: Hash): void {
  const { mirror, from, entries, charter } = batch
  mirror.store.append({ expectedSize: from, entries, note, root })
  mirror.charter = charter
}

/** At least once means some come again: those must be what is held, and are dropped. */
function newDeliveries(store: LogStore, sha256: Sha256, deliveries: readonly Delivery[]): Result<readonly Delivery[]> {
  const fresh: Delivery[] = []
  for (const delivery of deliveries) {
    const { index, entry } = delivery
    if (index >= store.size) {
      const due = store.size + fresh.length
      if (index !== due) return fail('relay.nonsense', '/entries', `index ${index} is out of turn`)
      fresh.push(delivery)
      continue
    }
    const bytes = fromBase64url(entry)
    const same = bytes !== undefined && equalBytes(leafHash(sha256, bytes), store.read(0, index))
    if (!same) return fail('log.forked', `/entries/${index}`, 'another entry than the one held')
  }
  return ok(fresh)
}

function beginBatch(mirror: Mirror): Batch {
  const from = mirror.store.size
  return {
    mirror,
    from,
    entries: [],
    hashes: new Map(),
    found: new Map(),
    heads: new Map(),
    placed: [],
    badSeals: [],
    badTags: [],
    notDelivered: [],
    foreignUse: [],
    strangeKeys: [],
    charter: mirror.charter,
  }
}

async function take(batch: Batch, delivery: Delivery): Promise<Result<true>> {
  const entry = fromBase64url(delivery.entry)
  if (entry === undefined) return fail('bytes.not-base64url', `/entries/${delivery.index}/entry`)
  const form = readEntry(entry)
  if (!form.ok) return form
  const leaf = leafHash(batch.mirror.primitives.sha256, entry)
  const jws = delivery.jws ?? openJws(entry)
  if (jws === undefined) {
    const kids = signingKids(batch.charter, batch.mirror.member)
    batch.foreignUse.push(...usesOf(batch.mirror, { entry: form.value, kids, index: delivery.index }))
    put(batch, { entry, leaf, seals: [], disclosures: [] })
    return ok(true)
  }
  const read = await readStatement(batch, delivery, { entry, jws })
  if (!read.ok) return { ...read, at: `/entries/${delivery.index}/${(read.at ?? '').replace(/^\//, '')}` }
  const { statement, disclosures } = read.value
  put(batch, { entry, leaf, jws, about: aboutOf(statement), seals: delivery.seals, disclosures }, statement)
  const { primitives } = batch.mirror
  const charter = withStatement(primitives, batch.charter, { statement, index: delivery.index })
  if (!charter.ok) return charter
  batch.charter = charter.value
  batch.strangeKeys.push(...(await strangersIn(batch.mirror, statement, delivery.index)))
  return ok(true)
}

const aboutOf = ({ sid, kind, iss, claims }: Verified) => ({
  sid,
  kind,
  iss,
  tlp: claims.handling.tlp,
  chain: claims.chain.id,
  seq: claims.chain.seq,
})

type Read = { readonly statement: Verified; readonly disclosures: readonly string[] }

async function readStatement(
  batch: Batch,
  { index, seals }: Delivery,
  { entry, jws }: { entry: Uint8Array; jws: string },
): Promise<Result<Read>> {
  const { mirror, charter } = batch
  const { primitives } = mirror
  const bare = verify(formatTierCopy(jws, []), { primitives, charter, index })
  if (!bare.ok) return bare
  const committed = commitsTo({ ...mirror, charter }, { entry, statement: bare.value })
  if (!committed.ok) return committed
  const related = checkRelations(bare.value, prefixOf(batch))
  if (!related.ok) return related
  const { iss, sid } = bare.value
  if (!isTaggedBy({ ...mirror, charter }, committed.value, bare.value)) batch.badTags.push({ index, iss, sid })
  const read = await openLines(batch, bare.value, index, seals)
  batch.notDelivered.push(...unopened({ ...mirror, charter }, read.statement, index))
  return ok(read)
}

/** What the relay could not read it could not check: here each container is matched to the digests signed. */
async function openLines(
  { mirror, charter, badSeals }: Batch,
  bare: Verified,
  index: number,
  seals: readonly SealedTier[],
): Promise<Read> {
  let read: Read = { statement: bare, disclosures: [] }
  for (const { jwe, tlp } of seals) {
    const opened = await openSlots({ sid: bare.sid, jwe, keys: mirror.openKeys })
    if (!opened.ok) {
      if (opened.code !== 'seal.not-for-you') badSeals.push({ index, tlp, code: opened.code })
      continue
    }
    const disclosures = inOrder(mirror, bare.jws, [...read.disclosures, ...opened.value])
    const statement = verify(formatTierCopy(bare.jws, disclosures), { primitives: mirror.primitives, charter, index })
    if (statement.ok) read = { statement: statement.value, disclosures }
    else badSeals.push({ index, tlp, code: statement.code })
  }
  return read
}

function prefixOf({ mirror, charter, found, heads, ...batch }: Batch): Prefix {
  const { store } = mirror
  return {
    charter,
    find: sid => found.get(sid) ?? store.referred(sid),
    unopened: () => store.unopened() + batch.entries.filter(({ about }) => about === undefined).length,
    chainHead: (iss, chain) => heads.get(`${iss} ${chain}`) ?? store.chainHead(iss, chain),
    rootAt: size => {
      if (size > batch.from + batch.entries.length) return undefined
      return toBase64url(batchRoot({ ...batch, mirror }, size))
    },
  }
}

function put(batch: Batch, entry: NewEntry, statement?: Verified): void {
  const index = batch.from + batch.entries.length
  batch.entries.push(entry)
  if (statement === undefined) return
  const { sid, kind, iss, body, claims } = statement
  batch.found.set(sid, { kind, iss, index, body })
  batch.heads.set(`${iss} ${claims.chain.id}`, { seq: claims.chain.seq, sid })
  batch.placed.push({ statement, index })
}

/** Roots over the store and what is not yet in it. Hashes above the seam are computed once each. */
function batchRoot(
  { mirror, from, entries, hashes }: Pick<Batch, 'mirror' | 'from' | 'entries' | 'hashes'>,
  size: number,
): Hash {
  const { sha256 } = mirror.primitives
  if (size <= from) return mirror.store.rootAt(size)
  const read = (level: number, index: number): Hash => {
    if ((index + 1) * 2 ** level <= from) return mirror.store.read(level, index)
    const name = `${level}/${index}`
    const hash = hashes.get(name) ?? compute(level, index)
    hashes.set(name, hash)
    return hash
  }
  const compute = (level: number, index: number): Hash => {
    if (level > 0) return nodeHash(sha256, read(level - 1, index * 2), read(level - 1, index * 2 + 1))
    const leaf = entries[index - from]?.leaf
    if (leaf === undefined) throw new Error(`bug: no leaf ${index} in the batch`)
    return leaf
  }
  return rootAt({ sha256, size, read })
}

/** The log as this mirror holds it, for checking what is ours and comes next: it refers to nothing that is not held. */
export function admittedPrefix(mirror: Mirror): Prefix {
  const { unopened: _, ...prefix } = prefixOf(beginBatch(mirror))
  return prefix
}
