import type { DatabaseSync } from 'node:sqlite'

/** "chan": a file of another program is told apart before anything in it is believed. */
export const applicationId = 0x6368616e
export const formatVersion = 2

// A statement of 2 KB fills a small page to half; 8 KiB pages hold three and cost a lone append little.
const pageBytes = 8_192
/** WAL pages before SQLite moves them into the database file: 32 MiB. */
const walPagesMax = 4_096

/** synchronous=FULL: a commit has reached the disk when it returns. Nothing may weaken it. */
export function configure(db: DatabaseSync): void {
  db.exec(`
    PRAGMA page_size = ${pageBytes};
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    PRAGMA foreign_keys = ON;
    PRAGMA trusted_schema = OFF;
    PRAGMA wal_autocheckpoint = ${walPagesMax};
    PRAGMA journal_size_limit = 67108864;
  `)
}

/** Nothing was ever made of this file, by us or by another program. */
export function isBlank(db: DatabaseSync): boolean {
  const { application_id: id } = db.prepare('PRAGMA application_id').get() as { application_id: number }
  const { count } = db.prepare('SELECT count(*) AS count FROM sqlite_schema').get() as { count: number }
  return count === 0 && id === 0
}

/** The small columns of an entry stand first: what a proof reads does not pass over the statement. */
export function create(db: DatabaseSync, log: { readonly origin: string; readonly epoch: string }): void {
  db.exec('BEGIN IMMEDIATE')
  // Of two first commands at once one makes the file, and the other finds it made.
  if (!isBlank(db)) return db.exec('ROLLBACK')
  db.exec(`
    CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
    CREATE TABLE head (one INTEGER PRIMARY KEY CHECK (one = 1), size INTEGER NOT NULL, root TEXT, note TEXT) STRICT;
    CREATE TABLE notes (size INTEGER PRIMARY KEY, note TEXT NOT NULL) STRICT;
    CREATE TABLE entries (
      place INTEGER PRIMARY KEY, leaf BLOB NOT NULL, sid TEXT, kind TEXT, iss TEXT, tlp TEXT, chain TEXT, seq INTEGER,
      entry BLOB NOT NULL, jws TEXT, seals TEXT, disclosures TEXT, enclosed TEXT, sender TEXT, cover INTEGER
    ) STRICT;
    CREATE UNIQUE INDEX entries_by_sid ON entries (sid) WHERE sid IS NOT NULL;
    CREATE INDEX entries_by_kind ON entries (kind) WHERE kind IS NOT NULL;
    CREATE INDEX entries_by_chain ON entries (iss, chain, seq) WHERE sid IS NOT NULL;
    CREATE INDEX entries_by_commitment ON entries (substr(entry, 2, 32)) WHERE length(entry) = 65;
    CREATE INDEX covers ON entries (place) WHERE cover = 1;
    CREATE TABLE roots (
      level INTEGER, place INTEGER, hash BLOB NOT NULL, PRIMARY KEY (level, place)
    ) STRICT, WITHOUT ROWID;
    INSERT INTO head VALUES (1, 0, NULL, NULL);
  `)
  const set = db.prepare('INSERT INTO settings VALUES (?, ?)')
  set.run('origin', log.origin)
  set.run('epoch', log.epoch)
  // Last, and in the same transaction: a file that a crash left half made is an empty one.
  db.exec(`PRAGMA application_id = ${applicationId}; PRAGMA user_version = ${formatVersion}; COMMIT;`)
}

/** Notes that a quorum has cosigned, numbered as they came: a store of before there were any gets the table as well. */
export function createCosigned(db: DatabaseSync): void {
  db.exec(`
    CREATE TABLE IF NOT EXISTS cosigned (
      number INTEGER PRIMARY KEY, hash TEXT NOT NULL UNIQUE, size INTEGER NOT NULL, note TEXT NOT NULL
    ) STRICT;
    CREATE INDEX IF NOT EXISTS cosigned_by_size ON cosigned (size, number);
  `)
}

/** Every statement of SQL that runs after opening, prepared once. */
export function prepare(db: DatabaseSync) {
  const columns =
    'place, leaf, sid, kind, iss, tlp, chain, seq, entry, jws, seals, disclosures, enclosed, sender, cover'
  const range = 'FROM entries WHERE place >= ? AND place < ? ORDER BY place'
  return {
    getHead: db.prepare('SELECT size, root, note FROM head'),
    moveHead: db.prepare('UPDATE head SET size = ?, root = ?, note = ? WHERE size = ?'),
    addNote: db.prepare('INSERT INTO notes VALUES (?, ?)'),
    getNote: db.prepare('SELECT size, note FROM notes WHERE size <= ? ORDER BY size DESC LIMIT 1'),
    getNoteOver: db.prepare('SELECT size, note FROM notes WHERE size >= ? ORDER BY size LIMIT 1'),
    addCosigned: db.prepare('INSERT OR IGNORE INTO cosigned (hash, size, note) VALUES (?, ?, ?)'),
    getCosigned: db.prepare('SELECT number, hash, size, note FROM cosigned WHERE hash = ? AND size <= ?'),
    getCosignedFrom: db.prepare(
      'SELECT number, hash, size, note FROM cosigned WHERE number >= ? ORDER BY number LIMIT ?',
    ),
    getCosignedOver: db.prepare(
      'SELECT number, hash, size, note FROM cosigned WHERE size > ? AND size <= ? ORDER BY size, number LIMIT 1',
    ),
    getNewestCosigned: db.prepare(
      'SELECT number, hash, size, note FROM cosigned WHERE size <= ? ORDER BY size DESC, number DESC LIMIT 1',
    ),
    addEntry: db.prepare(`INSERT INTO entries (${columns}) VALUES (${columns.replaceAll(/\w+/g, '?')})`),
    addRoot: db.prepare('INSERT INTO roots VALUES (?, ?, ?)'),
    openEntry: db.prepare(
      'UPDATE entries SET sid = ?, kind = ?, iss = ?, tlp = ?, chain = ?, seq = ?, jws = ?, seals = NULL, ' +
        'cover = NULL WHERE place = ? AND sid IS NULL',
    ),
    getEntry: db.prepare(`SELECT ${columns} FROM entries WHERE place = ?`),
    getRange: db.prepare(`SELECT ${columns} ${range}`),
    getBundle: db.prepare(`SELECT entry ${range}`),
    getLeaves: db.prepare(`SELECT leaf AS hash ${range}`),
    getRoots: db.prepare('SELECT hash FROM roots WHERE level = ? AND place >= ? AND place < ? ORDER BY place'),
    getPlace: db.prepare('SELECT place FROM entries WHERE sid = ?'),
    getKinds: db.prepare(`SELECT ${columns} FROM entries WHERE kind >= ? AND kind < ? ORDER BY place`),
    getChain: db.prepare(
      'SELECT seq, sid FROM entries WHERE iss = ? AND chain = ? AND sid IS NOT NULL ORDER BY seq DESC LIMIT 1',
    ),
    getNumber: db.prepare('SELECT sid FROM entries WHERE iss = ? AND chain = ? AND seq = ? AND sid IS NOT NULL'),
    getCommitted: db.prepare(
      'SELECT place FROM entries WHERE substr(entry, 2, 32) = ? AND length(entry) = 65 ORDER BY place LIMIT 1',
    ),
    countHeld: db.prepare('SELECT count(*) AS held FROM entries WHERE sid IS NOT NULL AND place < ?'),
    countCovers: db.prepare('SELECT count(*) AS held FROM entries WHERE cover = 1 AND place < ?'),
    getLast: db.prepare('SELECT max(place) AS place FROM entries'),
    getDisclosures: db.prepare('SELECT disclosures FROM entries WHERE sid = ?'),
    setDisclosures: db.prepare('UPDATE entries SET disclosures = ? WHERE sid = ?'),
    getSetting: db.prepare('SELECT value FROM settings WHERE name = ?'),
    setSetting: db.prepare('INSERT OR REPLACE INTO settings VALUES (?, ?)'),
  }
}
export type Sql = ReturnType<typeof prepare>
