import {
  type CharterState,
  type Checkpoint,
  type Policy,
  type Primitives,
  type Result,
  type Verified,
  commitment,
  concat,
  cosign,
  enteredOf,
  fail,
  isOpenEntry,
  leafHash,
  ok,
  openEntry,
  policyOf,
  recordKinds,
  signCheckpoint,
  signatureTypes,
  splitVkey,
  verify,
  verifyGenesis,
  withRecord,
  withSignatures,
} from '@chancery/protocol'
import { type LogStore, type NewEntry, openStore } from '@chancery/store'
import type { Config } from './config.ts'
import { type LogKey, type LogKeys, readKnob, readLogKeys } from './log-key.ts'

/** The log this relay keeps, and its charter. Once it is open, only sequence.ts appends, or replaces the charter. */
export type Log = {
  readonly store: LogStore
  readonly key: LogKey
  /** Signs beside it where the charter's policy names this key: spec/06-log.md#checkpoint. */
  readonly second: LogKey | undefined
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
  const keys = readLogKeys({ path: config.logKey, origin, sha256: primitives.sha256 })
  const { ed25519: key } = keys
  if (named.vkey !== key.vkey) return fail('log.bad-vkey', 'logKey', `the charter names ${named.vkey}, not ${key.vkey}`)
  const second = secondKey(policyOf(primitives.sha256, charter.charter), keys)
  if (!second.ok) return second

  const store = openStore(config.store, { origin, create: true })
  if (!store.ok) return store
  const log = { store: store.value, key, second: second.value, now, origin, genesis, primitives, charter }
  const founded = log.store.size === 0 ? found(log, statement) : checkFounded(log, statement)
  if (!founded.ok) log.store.close()
  return founded.ok ? ok(log) : founded
}

/** A key that no policy names signs nothing; one that a policy names has to be there, or no head would have both. */
function secondKey(policy: Policy | undefined, { mlDsa44 }: LogKeys): Result<LogKey | undefined> {
  const named = (policy?.logs ?? []).filter(({ key }) => key.type === signatureTypes.mlDsa44)
  if (named.length === 0) return ok(undefined)
  if (named.some(({ vkey }) => vkey === mlDsa44?.vkey)) return ok(mlDsa44)
  return fail('log.bad-vkey', 'logKey', "the charter's policy names an ML-DSA-44 key of the log that it has not")
}

function found(log: Log, statement: Verified): Result<true> {
  appendSigned(log, [genesisEntry(log.primitives, statement)])
  return ok(true)
}

function checkFounded(log: Log, genesis: Verified): Result<true> {
  const first = log.store.entry(0)?.about?.sid
  if (first !== genesis.sid) return fail('charter.not-genesis', 'genesis', `the log begins with ${first}`)
  return foldCharter(log)
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
export function appendSigned(log: Log, entries: readonly NewEntry[]): void {
  const { store, origin } = log
  const expectedSize = store.size
  const root = store.rootAfter(entries.map(({ leaf }) => leaf))
  const checkpoint = { origin, size: expectedSize + entries.length, root }
  store.append({ expectedSize, entries, note: signHead(log, checkpoint), root })
}

function signHead({ key, second, now }: Log, checkpoint: Checkpoint): string {
  const note = signCheckpoint({ checkpoint, vkey: key.vkey, sign: key.sign })
  const named = second && splitVkey(second.vkey)
  if (second === undefined || named === undefined) return note
  const line = cosign(named, { checkpoint, at: Math.floor(now() / 1_000), sign: second.sign })
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
