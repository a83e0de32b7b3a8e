import {
  type Charter,
  type CharterState,
  type Checkpoint,
  type Claims,
  type Entry,
  type Hash,
  type OpenKey,
  type Placed,
  type Policy,
  type Primitives,
  type Result,
  type Verified,
  enteredOf,
  entryCommitsTo,
  equalBytes,
  fail,
  formatTierCopy,
  fromBase64url,
  inOrderOf,
  leafHash,
  ok,
  openHead,
  openTagKey,
  policyAt,
  readEntry,
  speaks,
  recordKinds,
  tagHolds,
  verify,
  verifyGenesis,
  withDisputes,
  withRecord,
} from '@chancery/protocol'
import type { LogStore, StoredEntry, StoredStatement } from '@chancery/store'
import { signedLeaves } from './leaves.ts'

/** A verified copy of one log: the store, and what is folded from it to check the next entry. */
export type Mirror = {
  readonly store: LogStore
  readonly primitives: Primitives
  readonly origin: string
  /** Whose enc keys these are, by the charter. */
  readonly member: string
  /** This member's enc keys: what is sealed to them is opened. */
  openKeys: readonly OpenKey[]
  /** All of them as they are now: asked where keys of ours are published that are not among these. */
  readonly reopen?: () => Promise<readonly OpenKey[]>
  /** The charter as the pinned genesis statement has it. */
  readonly founded: CharterState
  /** Grows with every statement of record. Replaced as a whole, never changed in place. */
  charter: CharterState
  /** undefined for a State that is to accede, until the amendment that brings it is held. */
  tagKey: Uint8Array | undefined
  /** Whose cosignatures make the newest checkpoint count; undefined where the charter goes by the log's key alone. */
  policy: Policy | undefined
  /** Whether this node has sent a statement under the member's own key. Absent: it is not asked. */
  readonly isSent?: (sid: string) => boolean
}

/** The genesis statement is pinned: it, and not the relay, says which log and which keys. */
export async function openMirror(input: {
  readonly store: LogStore
  readonly genesis: string
  readonly openKeys: readonly OpenKey[]
  readonly reopen?: () => Promise<readonly OpenKey[]>
  readonly primitives: Primitives
  readonly isSent?: (sid: string) => boolean
  /** Of a State that the genesis charter does not know yet. */
  readonly member?: string
}): Promise<Result<Mirror>> {
  const { store, genesis, openKeys, reopen, primitives, isSent } = input
  const begun = verifyGenesis(formatTierCopy(genesis, []), primitives)
  if (!begun.ok) return begun
  const { charter: founded } = begun.value
  const { origin } = founded.charter.relay
  const founder = openKeys.map(({ kid }) => founded.keys.get(kid)?.member).find(id => id !== undefined)
  const member = founder ?? input.member
  if (member === undefined) return fail('charter.unknown-key', '/enc')
  const mirror: Mirror = {
    store,
    primitives,
    origin,
    member,
    openKeys,
    ...(reopen !== undefined && { reopen }),
    founded,
    charter: founded,
    tagKey: undefined,
    policy: policyAt(primitives.sha256, founded, store.size),
    ...(isSent !== undefined && { isSent }),
  }
  const folded = refreshMirror(mirror)
  if (!folded.ok) return folded
  const head = checkHead(mirror)
  if (!head.ok) return head
  const tagged = await takeTagKey(mirror)
  return tagged.ok ? ok(mirror) : tagged
}

/** The tag key, from the version that has it sealed to this member. None yet is no fault of one that is to accede. */
export async function takeTagKey(mirror: Mirror): Promise<Result<true>> {
  if (mirror.tagKey !== undefined) return ok(true)
  const { charter, openKeys, member } = mirror
  let why: Result<true> = ok(true)
  for (const { charter: version } of new Set(charter.eras.map(era => era.version))) {
    if (!hasOurs(version, { member, openKeys })) continue
    const tagKey = await openTagKey(version, openKeys)
    if (!tagKey.ok) why = tagKey
    else {
      mirror.tagKey = tagKey.value
      return ok(true)
    }
  }
  // A State that is brought with a seal that does not open can still follow the log, and say so to the others.
  return speaks(charter, member) ? why : ok(true)
}

/** Whether a version has the member with keys that are held here: those that it had before may have been lost. */
const hasOurs = (version: Charter, { member, openKeys }: Pick<Mirror, 'member' | 'openKeys'>): boolean =>
  version.members.some(({ id, keys }) => id === member && openKeys.some(({ kid }) => keys.some(key => key.kid === kid)))

/** Takes in what another process of this node has added since. */
export function refreshMirror(mirror: Mirror): Result<Mirror> {
  mirror.store.refresh()
  const charter = foldCharter(mirror)
  if (!charter.ok) return charter
  setCharter(mirror, charter.value)
  return ok(mirror)
}

/** The charter over what is held, and the policy that its newest entry is judged by. */
export function setCharter(mirror: Mirror, charter: CharterState): void {
  mirror.charter = charter
  mirror.policy = policyAt(mirror.primitives.sha256, charter, mirror.store.size)
}

/** The head held is signed by the log and is the root of the leaves held. Undefined before the first entry. */
export function checkHead(mirror: Mirror): Result<Checkpoint | undefined> {
  const { store } = mirror
  if (store.head === undefined) return ok(undefined)
  const checkpoint = openHead(mirror, store.head.note)
  if (!checkpoint.ok) return checkpoint
  const { size, root } = checkpoint.value
  const whole = size === store.size && equalBytes(root, store.rootAt(size))
  return whole ? ok(checkpoint.value) : fail('evidence.altered', 'mirror', 'the leaves do not lead to the signed head')
}

/** Adoptions and keys in log order. Read anew at each start, with every signature checked: a changed row is noticed. */
function foldCharter(mirror: Mirror): Result<CharterState> {
  let charter = mirror.founded
  const { store } = mirror
  const rows = recordKinds.flatMap(name => store.ofKinds(name)).toSorted((a, b) => a.index - b.index)
  for (const stored of rows) {
    // What another process has added is folded with the entries between, once this one has taken it in.
    if (stored.index >= store.size) break
    const held = readHeld({ ...mirror, charter }, stored)
    if (!held.ok) return held
    const next = withStatement(mirror.primitives, charter, held.value)
    if (!next.ok) return next
    charter = next.value
  }
  return ok(charter)
}

/** The charter after one more statement. */
export function withStatement(
  primitives: Primitives,
  charter: CharterState,
  { statement, index }: Placed,
): Result<CharterState> {
  return withRecord(primitives, charter, enteredOf(statement, index))
}

/** One statement of the mirror with every check of its admission, its signature too. */
export const readHeld = (mirror: Mirror, stored: StoredStatement): Result<Placed> =>
  readBound(mirror, stored, mirror.store.read(0, stored.index))

/** Nothing is believed because it lies on our own disk: the row is the statement that the leaf stands for. */
function readBound(mirror: Mirror, stored: StoredStatement, leaf: Hash): Result<Placed> {
  const { primitives, charter } = mirror
  const { index, entry, jws, disclosures, about } = stored
  if (!equalBytes(leafHash(primitives.sha256, entry), leaf)) return altered(index, 'the entry is not its leaf')
  const text = formatTierCopy(jws, inOrder(mirror, jws, disclosures))
  const statement = verify(text, { primitives, charter, index })
  if (!statement.ok) return altered(index, `${statement.code} ${statement.at ?? ''}`.trim())
  const committed = commitsTo(mirror, { entry, statement: statement.value })
  if (!committed.ok) return altered(index, committed.code)
  const { sid, kind, claims } = statement.value
  const isAbout = about.sid === sid && about.kind === kind && about.tlp === claims.handling.tlp
  return isAbout ? ok({ statement: statement.value, index }) : altered(index, 'it is found as something else')
}

const altered = (index: number, why: string) => fail('evidence.altered', `mirror/${index}`, why)

/** By C alone. A wrong T is told and not refused: the relay cannot check it, and one member could stop us all. */
export const commitsTo = (
  { primitives: { sha256 } }: Mirror,
  { entry, statement }: { entry: Uint8Array; statement: Verified },
): Result<Entry> => entryCommitsTo({ sha256, entry, jws: statement.jws, kid: statement.kid })

/** The tag is the author's word to the members; a genesis statement is older than the tag key it carries. */
export function isTaggedBy({ primitives, tagKey, charter }: Mirror, entry: Entry, { sid, kid }: Verified): boolean {
  if (entry.form === 'open' || sid === charter.genesis || tagKey === undefined) return true
  return tagHolds({ sha256: primitives.sha256, tagKey, entry, kid })
}

/**
 * Every statement held whose kind begins so, in log order. Each signature was checked before its entry was admitted,
 * and is not checked again: hashes from the signed head down to the bytes read show that they are the bytes admitted.
 * All other checks are made anew.
 */
export function statementsOf(mirror: Mirror, kindPrefix = ''): Result<readonly Placed[]> {
  const { sha256 } = mirror.primitives
  const head = checkHead(mirror)
  if (!head.ok) return head
  if (head.value === undefined) return ok([])
  const leafOf = signedLeaves({ sha256, ...head.value, read: mirror.store.read })
  const admitted: Mirror = { ...mirror, primitives: { ...mirror.primitives, verify: () => true } }
  const placed: Placed[] = []
  let astray: number | undefined
  for (const stored of storedOf(mirror, kindPrefix)) {
    const leaf = leafOf(stored.index)
    if (leaf === undefined) astray ??= stored.index
    // Of leaves that do not lead to the head all are refused; the signature says which of them was changed.
    const held = leaf === undefined ? readHeld(mirror, stored) : readBound(admitted, stored, leaf)
    if (!held.ok) return held
    placed.push(held.value)
  }
  return astray === undefined
    ? ok(withDisputes(mirror.charter, placed))
    : altered(astray, 'the leaf does not lead to the signed head')
}

const rowsAtOnce = 1_000

/** What another process adds meanwhile is for the next look: a view is of one size. */
export function* storedOf({ store }: Mirror, kindPrefix = ''): Iterable<StoredStatement> {
  if (kindPrefix !== '') {
    yield* store.ofKinds(kindPrefix).filter(({ index }) => index < store.size)
    return
  }
  for (let from = 0; from < store.size; from += rowsAtOnce) {
    const countMax = Math.min(rowsAtOnce, store.size - from)
    for (const stored of store.range(from, { countMax })) if (isHeld(stored)) yield stored
  }
}

const isHeld = (stored: StoredEntry): stored is StoredStatement => stored.about !== undefined

/** Disclosures by the label that commits to each. What no slot commits to comes last and refuses the copy. */
export function inOrder(mirror: Pick<Mirror, 'primitives'>, jws: string, disclosures: readonly string[]): string[] {
  if (disclosures.length < 2) return [...disclosures]
  return inOrderOf(mirror.primitives.sha256, claimsOf(jws), disclosures)
}

/** Only for sorting: verify reads it all again, strictly. */
function claimsOf(jws: string): Pick<Claims, 'tear' | 'slices'> {
  const payload = fromBase64url(jws.split('.')[1] ?? '') ?? new Uint8Array(0)
  try {
    return JSON.parse(new TextDecoder().decode(payload)) as Pick<Claims, 'tear' | 'slices'>
  } catch {
    return { tear: {} }
  }
}

/** Whether an entry is one of ours to hold: open to all, or with its statement beside it. */
export const openJws = (entry: Uint8Array): string | undefined => {
  const read = readEntry(entry)
  return read.ok && read.value.form === 'open' ? read.value.jws : undefined
}
