import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { manifestPath } from '@chancery/protocol'
import { afterAll, describe, expect, test } from 'vitest'
import { writeFolder } from './export.ts'

const folder = mkdtempSync(join(tmpdir(), 'export-'))
afterAll(() => rmSync(folder, { recursive: true }))

const bytes = new Uint8Array(3)
/** The second cannot be written: a file stands where its folder would be. */
const broken = new Map([
  ['entries', bytes],
  ['statements/a', bytes],
  ['entries/b', bytes],
  [manifestPath, bytes],
])

describe('a folder that cannot be written whole', () => {
  test('leaves nothing behind, and the fault names the file', () => {
    const out = join(folder, 'deep', 'er', 'evidence')
    expect(() => writeFolder(out, broken, 'owner')).toThrow(`cannot write ${join(out, 'entries', 'b')}`)
    expect(existsSync(join(folder, 'deep'))).toBe(false)
  })
  test('leaves what was there before', () => {
    const out = join(folder, 'mine')
    mkdirSync(out)
    writeFileSync(join(out, '.keep'), '')
    expect(() => writeFolder(out, broken, 'owner')).toThrow(/cannot write/)
    expect(readdirSync(out)).toEqual(['.keep'])
  })
})
