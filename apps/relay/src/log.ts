import {
  type CharterState,
  type Checkpoint,
  type Primitives,
  type Result,
  type Verified,
  assert,
  commitment,
  concat,
  cosign,
  enteredOf,
  fail,
  isOpenEntry,
  leafHash,
  ok,
  openEntry,
  policyAt,
  recordKinds,
  signCheckpoint,
  signatureTypes,
  splitVkey,
  verify,
  verifyGenesis,
  vkeyAt,
  withRecord,
  withSignatures,
} from '@chancery/protocol'
import { type LogStore, type NewEntry, openStore } from '@chancery/store'
import type { Config } from './config.ts'
import { type LogKey, readKnob, readLogKeys } from './log-key.ts'

/** The log this relay keeps, and its charter. Once it is open, only sequence.ts appends, or replaces the charter. */
export type Log = {
  readonly store: LogStore
  /** All that the operator has given: which of them sign, the charter says. */
  readonly keys: readonly LogKey[]
  readonly now: () => number
  readonly origin: string
  readonly genesis: string
  readonly primitives: Primitives
  charter: CharterState
}

/** Opens the log that the configuration names; an empty one begins with the genesis statement. */
export function openLog(config: Config, primitives: Primitives, now: () => number): Result<Log> {
  const { origin } = config
  const genesis = readKnob(config.genesis, 'genesis').trim()
  const begun = verifyGenesis(`${genesis}~`, primitives)
  if (!begun.ok) return begun
  const { charter, statement } = begun.value
  const named = charter.charter.relay
  if (named.origin !== origin) return fail('log.wrong-origin', 'origin', `the charter names ${named.origin}`)
  const keys = keysOf(config, primitives)
  const store = openStore(config.store, { origin, create: true })
  if (!store.ok) return store
  const log: Log = { store: store.value, keys, now, origin, genesis, primitives, charter }
  const founded = log.store.size === 0 ? found(log, statement) : checkFounded(log, statement)
  if (!founded.ok) log.store.close()
  return founded.ok ? ok(log) : founded
}

function keysOf({ logKey, nextLogKey, origin }: Config, { sha256 }: Primitives): readonly LogKey[] {
  const read = (path: string, knob: 'logKey' | 'nextLogKey') => {
    const { ed25519, mlDsa44 } = readLogKeys({ path, knob, origin, sha256 })
    return mlDsa44 === undefined ? [ed25519] : [ed25519, mlDsa44]
  }
  return [...read(logKey, 'logKey'), ...(nextLogKey === '' ? [] : read(nextLogKey, 'nextLogKey'))]
}

const typeOf = ({ vkey }: LogKey) => splitVkey(vkey)?.type

/** Who signs a head: the key at its size, and beside it the one of ML-DSA-44 that the policy there names. */
type Signers = { readonly key: LogKey; readonly second: LogKey | undefined }

/**
 * spec/06-log.md#head. A key that no charter names signs nothing; one that it names has to be there, or no head would
 * have what readers ask for.
 */
export function signersAt(
  { keys, primitives }: Pick<Log, 'keys' | 'primitives'>,
  charter: CharterState,
  size: number,
): Result<Signers> {
  const vkey = vkeyAt(charter, size)
  const key = keys.find(each => each.vkey === vkey)
  if (key === undefined) {
    const given = keys.filter(each => typeOf(each) === signatureTypes.ed25519).map(each => each.vkey)
    return fail('log.bad-vkey', 'logKey', `the charter names ${vkey}, and given are ${given.join(', ')}`)
  }
  const { logs } = policyAt(primitives.sha256, charter, size) ?? { logs: [] }
  const named = logs.filter(({ key: { type } }) => type === signatureTypes.mlDsa44)
  if (named.length === 0) return ok({ key, second: undefined })
  const second = keys.find(each => named.some(log => log.vkey === each.vkey))
  if (second !== undefined) return ok({ key, second })
  return fail('log.bad-vkey', 'logKey', "the charter's policy names an ML-DSA-44 key of the log that it has not")
}

function found(log: Log, statement: Verified): Result<true> {
  const signers = signersAt(log, log.charter, 1)
  if (!signers.ok) return signers
  appendSigned(log, [genesisEntry(log.primitives, statement)], log.charter)
  return ok(true)
}

function checkFounded(log: Log, genesis: Verified): Result<true> {
  const first = log.store.entry(0)?.about?.sid
  if (first !== genesis.sid) return fail('charter.not-genesis', 'genesis', `the log begins with ${first}`)
  const folded = foldCharter(log)
  if (!folded.ok) return folded
  const signers = signersAt(log, log.charter, log.store.size + 1)
  return signers.ok ? ok(true) : signers
}

/** Read anew at each start, with every signature checked: a changed row is noticed before it changes the charter. */
function foldCharter(log: Log): Result<true> {
  const { primitives, store } = log
  const rows = recordKinds.flatMap(name => store.ofKinds(name)).toSorted((a, b) => a.index - b.index)
  for (const { index, jws } of rows) {
    const statement = verify(`${jws}~`, { primitives, charter: log.charter, index })
    if (!statement.ok) return statement
    const next = withRecord(primitives, log.charter, enteredOf(statement.value, index))
    if (!next.ok) return next
    log.charter = next.value
  }
  return ok(true)
}

/**
 * The head moves here and nowhere else: signed, then made durable, then visible. A checkpoint that is signed and not
 * committed has been shown to nobody, so at each size one root is ever published.
 */
export function appendSigned(log: Log, entries: readonly NewEntry[], charter: CharterState): void {
  const { store, origin } = log
  const expectedSize = store.size
  const root = store.rootAfter(entries.map(({ leaf }) => leaf))
  const checkpoint = { origin, size: expectedSize + entries.length, root }
  store.append({ expectedSize, entries, note: signHead(log, charter, checkpoint), root })
}

function signHead(log: Log, charter: CharterState, checkpoint: Checkpoint): string {
  const signers = signersAt(log, charter, checkpoint.size)
  assert(signers.ok, 'nothing is placed that has no key to sign it')
  const { key, second } = signers.value
  const note = signCheckpoint({ checkpoint, vkey: key.vkey, sign: key.sign })
  const named = second && splitVkey(second.vkey)
  if (second === undefined || named === undefined) return note
  const line = cosign(named, { checkpoint, at: Math.floor(log.now() / 1_000), sign: second.sign })
  return withSignatures(note, [line])
}

const sealedForm = Uint8Array.of(1)
const noTag = new Uint8Array(32)

/** A charter too large for a bundle is logged by commitment. Older than the tag key it carries, it has tag zero. */
function genesisEntry({ sha256 }: Primitives, statement: Verified): NewEntry {
  const { jws, sid, signature } = statement
  const sealed = () => concat(sealedForm, commitment({ sha256, sid, signature }), noTag)
  const entry = isOpenEntry(statement.claims.handling.tlp, jws) ? openEntry(jws) : sealed()
  return newEntry({ sha256 }, { statement, entry, seals: [] })
}

export function newEntry(
  { sha256 }: Pick<Primitives, 'sha256'>,
  { statement, entry, ...carried }: Pick<NewEntry, 'entry' | 'seals' | 'enclosed'> & { readonly statement: Verified },
): NewEntry {
  const { sid, kind, iss, jws, claims } = statement
  const about = { sid, kind, iss, tlp: claims.handling.tlp, chain: claims.chain.id, seq: claims.chain.seq }
  const { seals, enclosed = [] } = carried
  return { entry, leaf: leafHash(sha256, entry), jws, about, seals, enclosed, disclosures: [] }
}
