/**
 * What failed, and why as far down as it is known. Below the first line an error of the system loses the path it names,
 * which may be a temporary one that nobody typed; what helps comes last.
 */
export function reasonOf(error: unknown): string {
  const chain = chainOf(error)
  const told = chain.map((each, depth) => (depth === 0 ? messageOf(each) : bare(each)))
  const said = told.filter((words, depth) => !told.slice(0, depth).some(above => above.includes(words)))
  const cure = chain.map(cureOf).find(each => each !== undefined)
  return `${said.join(': ')}${cure === undefined ? '' : `; ${cure}`}`
}

const depthMax = 8

function chainOf(error: unknown): readonly unknown[] {
  const chain = [error]
  for (let next = causeOf(error); next !== undefined && chain.length < depthMax; next = causeOf(next)) chain.push(next)
  return chain
}

const causeOf = (error: unknown): unknown => (error instanceof Error ? error.cause : undefined)
const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** `ENOSPC: no space left on device` of `ENOSPC: no space left on device, write`. */
function bare(error: unknown): string {
  const { syscall } = error as { syscall?: string }
  const message = messageOf(error)
  return syscall === undefined ? message : (message.split(`, ${syscall}`)[0] ?? message)
}

const cures: Readonly<Record<string, string>> = {
  ENOSPC: 'free some space on that disk and try again',
  EDQUOT: 'free some of the space that this user may have and try again',
  EROFS: 'that disk takes no writing; name another place',
  EACCES: 'see that this user may read and write there',
  EPERM: 'see that this user may read and write there',
  EMFILE: 'allow this program more open files and try again',
}

/** SQLite's own number for a full disk: https://sqlite.org/rescode.html#full */
const sqliteFull = 13

function cureOf(error: unknown): string | undefined {
  const { code = '', errcode } = (error ?? {}) as { code?: string; errcode?: number }
  return errcode === sqliteFull ? cures['ENOSPC'] : cures[code]
}

/** SQLite's own number for a file that is damaged or cut short: https://sqlite.org/rescode.html#corrupt */
const sqliteCorrupt = 11

/** Whether a store did not open, or failed, because of what is in its file. What helps depends on whose it is. */
export const isDamaged = (error: unknown): boolean =>
  chainOf(error).some(each => ((((each ?? {}) as { errcode?: number }).errcode ?? 0) & 0xff) === sqliteCorrupt)
