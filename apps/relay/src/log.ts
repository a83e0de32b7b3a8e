import {
  type CharterState,
  type Primitives,
  type Result,
  type Verified,
  commitment,
  concat,
  enteredOf,
  fail,
  isOpenEntry,
  leafHash,
  ok,
  openEntry,
  recordKinds,
  signCheckpoint,
  verify,
  verifyGenesis,
  withRecord,
} from '@chancery/protocol'
import { type LogStore, type NewEntry, openStore } from '@chancery/store'
import type { Config } from './config.ts'
import { type LogKey, readKnob, readLogKey } from './log-key.ts'

/** The log this relay keeps, and its charter. Once it is open, only sequence.ts appends, or replaces the charter. */
export type Log = {
  readonly store: LogStore
  readonly key: LogKey
  readonly origin: string
  readonly genesis: string
  readonly primitives: Primitives
  charter: CharterState
}

/** Opens the log that the configuration names; an empty one begins with the genesis statement. */
export function openLog(config: Config, primitives: Primitives): Result<Log> {
  const { origin } = config
  const genesis = readKnob(config.genesis, 'genesis').trim()
  const begun = verifyGenesis(`${genesis}~`, primitives)
  if (!begun.ok) return begun
  const { charter, statement } = begun.value
  const named = charter.charter.relay
  if (named.origin !== origin) return fail('log.wrong-origin', 'origin', `the charter names ${named.origin}`)
  const key = readLogKey({ path: config.logKey, origin, sha256: primitives.sha256 })
  if (named.vkey !== key.vkey) return fail('log.bad-vkey', 'logKey', `the charter names ${named.vkey}, not ${key.vkey}`)

  const store = openStore(config.store, { origin, create: true })
  if (!store.ok) return store
  const log = { store: store.value, key, origin, genesis, primitives, charter }
  const founded = log.store.size === 0 ? found(log, statement) : checkFounded(log, statement)
  if (!founded.ok) log.store.close()
  return founded.ok ? ok(log) : founded
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
export function appendSigned({ store, key, origin }: Log, entries: readonly NewEntry[]): void {
  const expectedSize = store.size
  const root = store.rootAfter(entries.map(({ leaf }) => leaf))
  const checkpoint = { origin, size: expectedSize + entries.length, root }
  const note = signCheckpoint({ checkpoint, vkey: key.vkey, sign: key.sign })
  store.append({ expectedSize, entries, note, root })
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
