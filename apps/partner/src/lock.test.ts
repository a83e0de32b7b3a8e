import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { withLock } from './lock.ts'

const home = mkdtempSync(join(tmpdir(), 'chancery-lock-'))
afterAll(() => rmSync(home, { recursive: true }))

test('while one command signs no other does, and nothing is left behind', async () => {
  const inner = await withLock(home, async () => {
    expect(readdirSync(home)).toEqual(['lock'])
    expect(readFileSync(join(home, 'lock'), 'utf8')).toBe(String(process.pid))
    return withLock(home, async () => 'both').catch((error: Error) => error.message)
  })
  expect(inner).toContain(`home.busy at ${join(home, 'lock')}`)
  expect(readdirSync(home)).toEqual([])
})
test('a lock of a process that is gone is taken over', async () => {
  // No system has a process of this number.
  writeFileSync(join(home, 'lock'), String(2 ** 31 - 1))
  expect(await withLock(home, async () => 'signed')).toBe('signed')
  expect(readdirSync(home)).toEqual([])
})
