import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { makeFolder } from './files.ts'

const folder = mkdtempSync(join(tmpdir(), 'chancery-files-'))
afterAll(() => rmSync(folder, { recursive: true }))

test('a folder is made with all above it, for its owner only', () => {
  const deep = join(folder, 'a/b/c')
  makeFolder(deep)
  makeFolder(deep)
  expect(statSync(deep).mode & 0o777).toBe(0o700)
})
test('a place where no folder can be made is an error, not a wait without end', () => {
  expect(() => makeFolder('/proc/no-such-place/evidence')).toThrow('ENOENT')
})
