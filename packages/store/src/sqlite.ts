import { hash, randomBytes } from 'node:crypto'
import { closeSync, existsSync, openSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import {
  type Checkpoint,
  type Hash,
  type HashReader,
  type Referred,
  type Result,
  type Sha256,
  assert,
  entryBundle,
  equalBytes,
  fail,
  leafHash,
  ok,
  rootAt,
  tileWidth,
  toBase64url,
} from '@chancery/protocol'
import { createHashes, rootAfter } from './hashes.ts'
import { HeadFile, checkHeadFile, wentBack } from './head-file.ts'
import { type EntryRow, bytesOf, fromRow, isStatement, list, listed, toRow } from './rows.ts'
import {
  type Sql,
  applicationId,
  configure,
  create,
  createCosigned,
  formatVersion,
  isBlank,
  prepare,
} from './schema.ts'
import {
  type Append,
  type ChainHead,
  type CosignedNote,
  type Head,
  type NewEntry,
  type Opening,
  type RangeLimits,
  StoreConflict,
  StoreFault,
  type StoredEntry,
  type StoredStatement,
} from './store.ts'

const sha256: Sha256 = bytes => hash('sha256', bytes, 'buffer')
const busyMsMax = 5_000

/** `epoch` is given where the log is a copy of another's, and random where it is the first of its kind. */
export type OpenOptions = { readonly origin: string; readonly create?: boolean; readonly epoch?: string }

/**
 * Opens the store of the log `origin`, or makes one where `create` allows it and there is none. Refuses a file of
 * another program or log, and one that is behind its own head: log.wrong-origin, log.went-back, log.forked. I/O errors
 * throw.
 */
export function openStore(path: string, options: OpenOptions): Result<LogStore> {
  const isThere = existsSync(path)
  if (!isThere && options.create !== true) throw new StoreFault(`there is no store at ${path}`)
  // The file beside the store is read first: a writer at work only makes the store newer than what it says.
  const headFile = new HeadFile(`${path}.head`)
  const known = headFile.read()
  if (!known.ok) return known
  // A store that is gone is not begun anew: nothing is left where it was.
  if (!isThere && known.value !== undefined) return wentBack(path, known.value.size, 0)
  const db = open(path)
  try {
    const store = openChecked(db, { ...options, path, headFile, known: known.value })
    if (!store.ok && db.isOpen) db.close()
    return store
  } catch (cause) {
    if (db.isOpen) db.close()
    const { errcode } = cause as { errcode?: number }
    if (errcode === notADatabase) return foreign(path, 'it is not a database')
    throw errcode === undefined ? cause : new StoreFault(`cannot open ${path}`, { cause })
  }
}

const notADatabase = 26

function open(path: string): DatabaseSync {
  try {
    // A mirror holds restricted text: the file is its owner's before SQLite writes to it.
    closeSync(openSync(path, 'a', 0o600))
    return new DatabaseSync(path, { timeout: busyMsMax })
  } catch (cause) {
    throw new StoreFault(`cannot open ${path}`, { cause })
  }
}

type OpenAs = OpenOptions & {
  readonly path: string
  readonly headFile: HeadFile
  readonly known: Checkpoint | undefined
}

function openChecked(db: DatabaseSync, { path, headFile, known, ...options }: OpenAs): Result<LogStore> {
  configure(db)
  const ours = check(db, options, path)
  if (!ours.ok) return ours
  createCosigned(db)
  const store = new LogStore(db, headFile)
  const behind = store.checkOpening(known)
  if (behind.ok) return ok(store)
  store.close()
  return behind
}

const foreign = (path: string, why: string) => fail('log.wrong-origin', path, `not a store of this log: ${why}`)

function check(db: DatabaseSync, options: OpenOptions, path: string): Result<DatabaseSync> {
  if (options.create === true && isBlank(db)) {
    const log = { origin: options.origin, epoch: options.epoch ?? toBase64url(randomBytes(32)) }
    create(db, log)
  }
  const { application_id: id } = db.prepare('PRAGMA application_id').get() as { application_id: number }
  const { user_version: version } = db.prepare('PRAGMA user_version').get() as { user_version: number }
  if (id !== applicationId) return foreign(path, 'another program made it')
  if (version !== formatVersion) return foreign(path, `format ${version}, this version reads ${formatVersion}`)
  const known = db.prepare('SELECT value FROM settings WHERE name = ?').get('origin') as { value: string } | undefined
  if (known?.value === options.origin) return ok(db)
  return foreign(path, `it is the log ${known?.value}, expected ${options.origin}`)
}

/** One log in one SQLite file; the promises are in store.ts. Owns the file until `close`. */
export class LogStore {
  readonly origin: string
  readonly epoch: string
  readonly #db: DatabaseSync
  readonly #path: string
  readonly #sql: Sql
  readonly #headFile: HeadFile
  readonly #hashes: ReturnType<typeof createHashes>
  #size = 0
  #head: Head | undefined
  #fault: StoreFault | undefined

  /** Only openStore calls this, and `checkOpening` next, which reads the head. */
  constructor(db: DatabaseSync, headFile: HeadFile) {
    this.#db = db
    this.#path = db.location() ?? ''
    this.#sql = prepare(db)
    this.#headFile = headFile
    this.#hashes = createHashes(sha256, (level, from, to) => this.#hashRows(level, from, to))
    this.origin = this.recall('origin') ?? ''
    this.epoch = this.recall('epoch') ?? ''
  }

  get size(): number {
    return this.#size
  }

  /** False once it is closed or has failed. */
  get isOpen(): boolean {
    return this.#fault === undefined
  }

  get head(): Head | undefined {
    return this.#head
  }

  /** Adds entries and moves the head, or changes nothing: StoreConflict, StoreFault. Durable when it returns. */
  append({ expectedSize, entries, note, root, opened = [] }: Append): void {
    this.#use(() => {
      this.#db.exec('BEGIN IMMEDIATE')
      const size = expectedSize + entries.length
      const moved = this.#sql.moveHead.run(size, toBase64url(root), note, expectedSize)
      if (moved.changes !== 1) return this.#conflict(expectedSize)
      this.#sql.addNote.run(size, note)
      this.#addRows(expectedSize, entries)
      for (const opening of opened) this.#openRow(opening)
      assert(equalBytes(root, rootAt({ sha256, size, read: this.read })), 'the root signed is the root of the entries')
      this.#db.exec('COMMIT')
      this.#size = size
      this.#head = { note, size, root: toBase64url(root) }
      this.#headFile.write(note)
    })
  }

  /** The newest note whose size is at most this: every append leaves its own, so a reader can be told of old sizes. */
  noteUpTo(size: number): { readonly size: number; readonly note: string } | undefined {
    const row = this.#use(() => this.#sql.getNote.get(size)) as { size: number; note: string } | undefined
    return row === undefined ? undefined : { size: row.size, note: row.note }
  }

  /** The first note that covers so many entries: the end of the batch that they are of. */
  noteOver(size: number): { readonly size: number; readonly note: string } | undefined {
    const row = this.#use(() => this.#sql.getNoteOver.get(size)) as { size: number; note: string } | undefined
    return row === undefined ? undefined : { size: row.size, note: row.note }
  }

  /** Keeps a note that a quorum has cosigned, once; durable when it returns. Whoever calls it has verified the note. */
  keepCosigned(note: string, size: number): CosignedNote {
    const bytes = hash('sha256', note, 'buffer')
    return this.#use(() => {
      this.#sql.addCosigned.run(toBase64url(bytes), size, note)
      return this.#sql.getCosigned.get(toBase64url(bytes), size) as unknown as CosignedNote
    })
  }

  /** In the order in which they were kept. */
  cosignedFrom(number: number, countMax: number): readonly CosignedNote[] {
    return this.#use(() => this.#sql.getCosignedFrom.all(number, countMax)) as unknown as CosignedNote[]
  }

  /** The note of this hash. Here and below: over no more than this store's size, whatever another process keeps. */
  cosignedBy(hashOfNote: string): CosignedNote | undefined {
    return this.#use(() => this.#sql.getCosigned.get(hashOfNote, this.#size)) as CosignedNote | undefined
  }

  /** The first of the smallest that cover an index. */
  cosignedOver(index: number): CosignedNote | undefined {
    return this.#use(() => this.#sql.getCosignedOver.get(index, this.#size)) as CosignedNote | undefined
  }

  newestCosigned(): CosignedNote | undefined {
    return this.#use(() => this.#sql.getNewestCosigned.get(this.#size)) as CosignedNote | undefined
  }

  entry(index: number): StoredEntry | undefined {
    const row = this.#use(() => this.#sql.getEntry.get(index)) as EntryRow | undefined
    return row === undefined ? undefined : fromRow(row)
  }

  /** Entries from this index on, in order, up to the bounds. */
  range(from: number, { countMax, bytesMax = Infinity }: RangeLimits): StoredEntry[] {
    return this.#use(() => {
      const entries: StoredEntry[] = []
      let bytes = 0
      for (const row of this.#sql.getRange.iterate(from, from + countMax) as Iterable<unknown> as Iterable<EntryRow>) {
        bytes += bytesOf(row)
        if (entries.length > 0 && bytes > bytesMax) break
        entries.push(fromRow(row))
      }
      return entries
    })
  }

  indexOf(sid: string): number | undefined {
    return (this.#use(() => this.#sql.getPlace.get(sid)) as { place: number } | undefined)?.place
  }

  /** The statement of this id, where it is held. */
  statement(sid: string): StoredStatement | undefined {
    const index = this.indexOf(sid)
    const stored = index === undefined ? undefined : this.entry(index)
    return stored !== undefined && isStatement(stored) ? stored : undefined
  }

  /** What laws over several statements look up. Only verified statements were appended: the payload is as it says. */
  referred(sid: string): Referred | undefined {
    const stored = this.statement(sid)
    if (stored === undefined) return undefined
    const payload = JSON.parse(Buffer.from(stored.jws.split('.')[1] ?? '', 'base64url').toString()) as { body: unknown }
    const { kind, iss, tlp } = stored.about
    return { kind, iss, tlp, index: stored.index, body: payload.body }
  }

  /** The newest statement held of an author's chain. */
  chainHead(iss: string, chain: string): ChainHead | undefined {
    const row = this.#use(() => this.#sql.getChain.get(iss, chain)) as ChainHead | undefined
    return row === undefined ? undefined : { seq: row.seq, sid: row.sid }
  }

  /** The statement held at a number of an author's chain. */
  numbered(iss: string, chain: string, seq: number): string | undefined {
    return (this.#use(() => this.#sql.getNumber.get(iss, chain, seq)) as { sid: string } | undefined)?.sid
  }

  /** The first sealed entry with this commitment. */
  indexOfCommitment(commitment: Uint8Array): number | undefined {
    return (this.#use(() => this.#sql.getCommitted.get(commitment)) as { place: number } | undefined)?.place
  }

  /** How many entries before a size can hold a statement that is not held. It counts: for the rare question. */
  unopened(before = this.size): number {
    const { held } = this.#use(() => this.#sql.countHeld.get(before)) as { held: number }
    const { held: covers } = this.#use(() => this.#sql.countCovers.get(before)) as { held: number }
    return before - held - covers
  }

  /** Statements held whose kind begins so ('callout.', or '' for all), in the order of the log. */
  ofKinds(prefix: string): StoredStatement[] {
    const rows = this.#use(() => this.#sql.getKinds.all(prefix, `${prefix}\u{10ffff}`))
    return (rows as unknown as EntryRow[]).map(fromRow).filter(isStatement)
  }

  /**
   * Statements of entries that were not opened when they came, all of them or none. What is held already stays as it
   * is, and takes up the tear lines that it lacks. Durable when it returns.
   */
  open(openings: readonly Opening[]): void {
    this.#use(() => {
      this.#db.exec('BEGIN IMMEDIATE')
      for (const opening of openings) this.#openRow(opening)
      this.#db.exec('COMMIT')
    })
  }

  /** Tear lines of a statement that were opened since; those known already are not kept twice. */
  addDisclosures(sid: string, disclosures: readonly string[]): void {
    this.#use(() => this.#addLines(sid, disclosures))
  }

  #addLines(sid: string, disclosures: readonly string[]): void {
    const row = this.#sql.getDisclosures.get(sid) as { disclosures: string | null } | undefined
    assert(row !== undefined, 'disclosures are added to a statement that is held')
    const all = [...new Set([...listed<string>(row.disclosures), ...disclosures])]
    this.#sql.setDisclosures.run(list(all), sid)
  }

  #openRow({ index, jws, about, disclosures }: Opening): void {
    const { sid, kind, iss, tlp, chain, seq } = about
    this.#sql.openEntry.run(sid, kind, iss, tlp, chain, seq, jws, index)
    const { place } = (this.#sql.getPlace.get(sid) ?? {}) as { place?: number }
    assert(place === index, 'a statement that is opened stands at its entry')
    this.#addLines(sid, disclosures)
  }

  /** A small text of the owner's, kept with the log: `origin` and `epoch` are the store's own. */
  recall(name: string): string | undefined {
    return (this.#use(() => this.#sql.getSetting.get(name)) as { value: string } | undefined)?.value
  }

  remember(name: string, value: string): void {
    assert(name !== 'origin' && name !== 'epoch', 'what log this is never changes')
    this.#use(() => this.#sql.setSetting.run(name, value))
  }

  /** Hashes of complete subtrees, for proofs. */
  readonly read: HashReader = (level, index) => this.#use(() => this.#hashes.read(level, index))

  /** The root at a size that the log has had. */
  rootAt(size: number): Hash {
    assert(size <= this.#size, 'a root is asked for a size that the log has had')
    return rootAt({ sha256, size, read: this.read })
  }

  /** The root that the log will have after these leaves; nothing is changed. */
  rootAfter(leaves: readonly Hash[]): Hash {
    return rootAfter({ sha256, read: this.read, size: this.#size, leaves })
  }

  /** A tile of hashes as it is served, or undefined where the log has none so wide. */
  tile(level: number, index: number, width: number): Uint8Array | undefined {
    const hashes = Math.floor(this.#size / tileWidth ** level)
    if (index * tileWidth + width > hashes) return undefined
    return this.#use(() => this.#hashes.tile(level, index, width))
  }

  /** A bundle of entries as it is served, or undefined where the log has none so wide. */
  bundle(index: number, width: number): Uint8Array | undefined {
    const from = index * tileWidth
    if (from + width > this.#size) return undefined
    const rows = this.#use(() => this.#sql.getBundle.all(from, from + width)) as unknown as { entry: Uint8Array }[]
    return entryBundle(rows.map(({ entry }) => entry))
  }

  /** Takes in what another process appended to the same file; only for readers beside a writer. */
  refresh(): void {
    this.#hashes.forget()
    this.#readHead()
  }

  close(): void {
    this.#fault ??= new StoreFault('the store is closed')
    this.#headFile.close()
    if (this.#db.isOpen) this.#db.close()
  }

  /**
   * What opening checks once the file is one of ours; the work does not grow with the log. All of it is of one moment:
   * another process may append between two questions.
   */
  checkOpening(known: { readonly size: number; readonly root: Hash } | undefined): Result<true> {
    this.#use(() => this.#db.exec('BEGIN'))
    this.#readHead()
    const checked = this.#checkWhole(known)
    this.#use(() => this.#db.exec('COMMIT'))
    if (checked.ok && this.#head !== undefined && known?.size !== this.#size) this.#headFile.write(this.#head.note)
    return checked
  }

  #checkWhole(known: { readonly size: number; readonly root: Hash } | undefined): Result<true> {
    const rows = this.#rowCount()
    const at = this.#path
    if (rows !== this.#size) {
      return fail('log.went-back', at, `the head says ${this.#size} entries, the store has ${rows}`)
    }
    const own = this.#head === undefined ? true : toBase64url(this.rootAt(this.#size)) === this.#head.root
    if (!own) return fail('log.forked', at, `the entries do not lead to the root of the head at size ${this.#size}`)
    return checkHeadFile(known, { at, size: this.#size, rootAt: size => this.rootAt(size) })
  }

  #rowCount(): number {
    const { place } = this.#use(() => this.#sql.getLast.get()) as { place: number | null }
    return place === null ? 0 : place + 1
  }

  #addRows(first: number, entries: readonly NewEntry[]): void {
    for (const [i, entry] of entries.entries()) {
      // Hashed here a second time, from the bytes that are stored: a flipped bit never becomes a leaf.
      assert(equalBytes(leafHash(sha256, entry.entry), entry.leaf), 'a leaf is the hash of its entry')
      for (const { level, index, hash: root } of this.#hashes.append(entry.leaf, first + i)) {
        this.#sql.addRoot.run(level, index, root)
      }
      this.#sql.addEntry.run(...toRow(first + i, entry))
    }
  }

  #hashRows(level: number, from: number, to: number): Hash[] {
    const { getLeaves, getRoots } = this.#sql
    const rows = level === 0 ? getLeaves.all(from, to) : getRoots.all(level, from, to)
    return (rows as unknown as { hash: Hash }[]).map(row => row.hash)
  }

  #readHead(): void {
    const row = this.#use(() => this.#sql.getHead.get()) as { size: number; root: string | null; note: string | null }
    this.#size = row.size
    this.#head = row.note === null || row.root === null ? undefined : { note: row.note, size: row.size, root: row.root }
  }

  #conflict(expectedSize: number): never {
    this.#db.exec('ROLLBACK')
    this.refresh()
    throw new StoreConflict(`the log has ${this.#size} entries, not ${expectedSize}`)
  }

  /** Fail-stop: the first error that is not a conflict is the last thing this store ever does. */
  #use<T>(work: () => T): T {
    if (this.#fault !== undefined) throw this.#fault
    try {
      return work()
    } catch (cause) {
      if (cause instanceof StoreConflict || cause instanceof StoreFault) throw cause
      this.#fault = new StoreFault(`the store ${this.#path} failed and takes nothing any more`, { cause })
      throw this.#fault
    }
  }
}
