import type { LieName } from './lies.ts'
import type { Party } from './matrix.ts'

/**
 * What each party is to make of each lie: the codes of which it is detected by one or more; nothing where it is
 * harmless, which is that all it holds is true once the lie is over; or why there is nothing to lie about.
 */
export type Cell = { readonly by: readonly string[] } | 'harmless' | { readonly none: string }
type Row = Readonly<Record<Party, Cell>>

const by = (...codes: string[]): Cell => ({ by: codes })
const noContainers: Cell = { none: 'a folder holds no containers' }
const noReceipt: Cell = { none: 'a receipt goes to whoever hands in, and to nobody else' }
const [tooFew, silence] = ['log.no-quorum', 'relay.nonsense']
/** Later statements have seen the true log. Where none is later, the note of a quorum shows it. */
const otherLog = by('statement.seen-mismatch', 'log.forked')
const badTree = by('log.bad-tile')

export const cells: Readonly<Record<LieName, Row>> = {
  'fork per reader': {
    publisher: by('log.forked'),
    subscriber: otherLog,
    // It cosigns what it was the first to see, and then not the true one beside it.
    witness: by('log.forked'),
    auditor: by(tooFew, 'statement.seen-mismatch'),
  },
  omit: { publisher: by(silence), subscriber: by(silence), witness: by(silence), auditor: badTree },
  // Whoever waits has an old log, and says how old; who hands in keeps it until it is taken.
  delay: { publisher: 'harmless', subscriber: 'harmless', witness: 'harmless', auditor: 'harmless' },
  reorder: { publisher: otherLog, subscriber: otherLog, witness: otherLog, auditor: badTree },
  'replay an old head': {
    publisher: by(silence),
    subscriber: by(silence),
    witness: by(silence),
    // With an old head goes the folder as it was then.
    auditor: 'harmless',
  },
  truncate: {
    publisher: by('log.went-back'),
    subscriber: by('log.went-back'),
    witness: by('log.went-back'),
    auditor: by(tooFew),
  },
  'swap stub and content': {
    // What it has signed itself it does not need to be sent.
    publisher: 'harmless',
    subscriber: by('seal.wrong-statement'),
    // A witness vouches for the tree, which is the true one.
    witness: 'harmless',
    auditor: noContainers,
  },
  "serve one's part to another": {
    publisher: 'harmless',
    subscriber: 'harmless',
    witness: 'harmless',
    auditor: noContainers,
  },
  'alter bytes': {
    publisher: by('statement.bad-signature'),
    subscriber: by('statement.bad-signature'),
    witness: by('statement.bad-signature'),
    auditor: badTree,
  },
  'invent receipts': {
    publisher: by('log.entry-mismatch'),
    subscriber: noReceipt,
    witness: noReceipt,
    auditor: noReceipt,
  },
  'drop one join': {
    publisher: 'harmless',
    // The coordinator sees an entry that it cannot open, and releases only despite it.
    subscriber: by('withheld'),
    witness: 'harmless',
    auditor: 'harmless',
  },
  freeze: {
    publisher: by('log.entry-mismatch'),
    subscriber: by('STALE'),
    // It signs again what it has signed, with its own clock, and nothing newer.
    witness: 'harmless',
    auditor: 'harmless',
  },
  // The order is the log's; how long it was on its way shows between what its author had seen and its place.
  'hold, then log late': {
    publisher: 'harmless',
    subscriber: 'harmless',
    witness: 'harmless',
    auditor: 'harmless',
  },
}

/** The same where the head is signed anew over what is shown: the log's key signs two trees, and that convicts it. */
export const cellsAnew: Readonly<Partial<Record<LieName, Row>>> = {
  omit: {
    publisher: by(silence, 'log.forked', 'statement.seen-mismatch'),
    subscriber: otherLog,
    witness: otherLog,
    auditor: by(tooFew, 'statement.seen-mismatch'),
  },
  reorder: { ...cells.reorder, auditor: by(tooFew, 'statement.seen-mismatch') },
  'alter bytes': { ...cells['alter bytes'], auditor: by(tooFew, 'statement.bad-signature') },
}
