import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import { isDamaged, reasonOf } from './reason.ts'

const full = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC', syscall: 'write' })

test('a fault is told with its cause and with what helps', () => {
  expect(reasonOf(new Error('cannot write m.json', { cause: full }))).toBe(
    'cannot write m.json: ENOSPC: no space left on device; free some space on that disk and try again',
  )
})
test('the path of a temporary file that nobody typed is not told', () => {
  const message = "ENOENT: no such file or directory, open 'there/.x.json.ce67'"
  const cause = Object.assign(new Error(message), { code: 'ENOENT', syscall: 'open' })
  expect(reasonOf(new Error('cannot write there/x.json', { cause }))).toBe(
    'cannot write there/x.json: ENOENT: no such file or directory',
  )
})
test('a store on a full disk is told as one, three errors down', () => {
  const db = new DatabaseSync(':memory:')
  db.exec('PRAGMA max_page_count = 2')
  let cause: unknown
  try {
    for (let i = 0; i < 9; i++) db.exec(`CREATE TABLE t${i} (a); INSERT INTO t${i} VALUES (zeroblob(9000))`)
  } catch (error) {
    cause = error
  }
  db.close()
  const store = new Error('the store failed and takes nothing any more', { cause })
  expect(reasonOf(new Error('not done', { cause: store }))).toBe(
    'not done: the store failed and takes nothing any more: database or disk is full; ' +
      'free some space on that disk and try again',
  )
})
test('words are not said twice, and what is no error is said as it is', () => {
  const cause = new Error('connection refused')
  expect(reasonOf(new Error('the relay cannot be reached: connection refused', { cause }))).toBe(
    'the relay cannot be reached: connection refused',
  )
  expect(reasonOf('why')).toBe('why')
})
test('what is damaged is known by the number SQLite gives it, however far down and however fine it is', () => {
  const damaged = (errcode: number) =>
    isDamaged(new Error('not opened', { cause: Object.assign(new Error('malformed'), { errcode }) }))
  expect([11, 11 | (1 << 8), 13, 0].map(damaged)).toEqual([true, true, false, false])
  expect([undefined, null, 'words'].map(isDamaged)).toEqual([false, false, false])
})
