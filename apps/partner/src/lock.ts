import { closeSync, existsSync, openSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as wait } from 'node:timers/promises'
import { homePaths } from './config.ts'
import { Refused, refused } from './refusal.ts'

/**
 * Runs work while no other command of this home signs: two statements never get one number of a chain. The lock is the
 * kernel's, through a write transaction of SQLite on a file of its own: it ends with the process that holds it, however
 * that ends, so there is none left behind that two could take over at once. The file stays; removing it would let one
 * process lock what another no longer sees. A node signs by itself, for some seconds at most: a person's command waits.
 */
export async function withLock<T>(home: string, work: () => Promise<T>, waitMs = lockWaitMs): Promise<T> {
  const { lock } = homePaths(home)
  const db = open(lock)
  try {
    for (const over = performance.now() + waitMs; !isTaken(db, lock, performance.now() >= over);) await wait(lockLookMs)
    return await work()
  } finally {
    db.close()
  }
}

/** Whether this is the only node of its home. The lock is of the same sort, and says it; it stops nobody. */
export function holdRun(home: string): { readonly alone: boolean; readonly letGo: () => void } {
  const { running } = homePaths(home)
  const db = open(running)
  try {
    take(db, running)
    return { alone: true, letGo: () => db.close() }
  } catch (error) {
    db.close()
    if (error instanceof Refused) return { alone: false, letGo: () => {} }
    throw error
  }
}

function open(path: string): DatabaseSync {
  // Closing a file lets go of what this process has locked in it: only SQLite opens it once it is there.
  if (!existsSync(path)) closeSync(openSync(path, 'a', 0o600))
  return new DatabaseSync(path, { timeout: 0 })
}

const busy = 5

const [lockWaitMs, lockLookMs] = [20_000, 25]

/** Whether the lock is ours now. Refused where it is not and there is no more time. */
function isTaken(db: DatabaseSync, path: string, isLast: boolean): boolean {
  try {
    take(db, path)
    return true
  } catch (error) {
    if (isLast || !(error instanceof Refused)) throw error
    return false
  }
}

/** Of those that ask at once exactly one gets a write transaction; none of them waits. */
function take(db: DatabaseSync, path: string): void {
  try {
    db.exec('BEGIN IMMEDIATE')
  } catch (error) {
    if ((error as { errcode?: number }).errcode !== busy) throw error
    throw refused('home.busy', path, 'try again when it has ended')
  }
}
