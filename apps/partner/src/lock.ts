import { randomUUID } from 'node:crypto'
import { linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { homePaths } from './config.ts'
import { isAbsent } from './files.ts'
import { refused } from './refusal.ts'

/** Runs work while no other command of this home signs: two statements never get one number of a chain. */
export async function withLock<T>(home: string, work: () => Promise<T>): Promise<T> {
  const { lock } = homePaths(home)
  take(lock)
  try {
    return await work()
  } finally {
    rmSync(lock, { force: true })
  }
}

function take(path: string): void {
  if (create(path)) return
  const holder = holderOf(path)
  if (holder !== undefined) {
    if (isAlive(holder)) throw refused('home.busy', path, `process ${holder} is at work; try again`)
    // A process that was killed left it behind.
    rmSync(path, { force: true })
  }
  if (!create(path)) throw refused('home.busy', path, 'try again')
}

/** undefined where it was let go since. */
function holderOf(path: string): number | undefined {
  try {
    return Number(readFileSync(path, 'utf8'))
  } catch (error) {
    if (isAbsent(error)) return undefined
    throw error
  }
}

/** A lock has its holder in it from its first moment: one without would look like one left behind. */
function create(path: string): boolean {
  const own = `${path}.${randomUUID()}`
  writeFileSync(own, String(process.pid), { flag: 'wx', mode: 0o600 })
  try {
    linkSync(own, path)
    return true
  } catch (error) {
    if ((error as { code?: string }).code === 'EEXIST') return false
    throw error
  } finally {
    rmSync(own, { force: true })
  }
}

function isAlive(pid: number): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 0) return false
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as { code?: string }).code === 'EPERM'
  }
}
