import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import * as crypto from 'node:crypto'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { auditFolder, nodePrimitives } from '@chancery/protocol'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openEvidence } from './evidence.ts'

type Case = { readonly expect: string; readonly given: { readonly files: Readonly<Record<string, string>> } }

const vectors = new URL('../../../spec/vectors/audit/folder.json', import.meta.url)
const cases = (JSON.parse(readFileSync(vectors, 'utf8')) as { readonly cases: readonly Case[] }).cases
const whole = cases.find(each => each.expect === 'ok')?.given.files ?? {}

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'evidence-'))
  for (const [path, text] of Object.entries(whole)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), Buffer.from(text, 'base64url'))
  }
})
afterEach(() => rmSync(folder, { recursive: true }))

const found = async () => {
  const { findings } = await auditFolder({ files: openEvidence(folder), primitives: nodePrimitives(crypto) })
  return findings.map(({ code, at }) => `${code} ${at}`)
}

describe('a folder on disk', () => {
  test('is read as it lies there', async () => {
    const files = openEvidence(folder)
    expect(Array.from(files.list(), ({ path }) => path).sort()).toEqual(Object.keys(whole).sort())
    for (const [path, text] of Object.entries(whole)) {
      expect(Buffer.from(files.read(path) ?? []).toString('base64url')).toBe(text)
    }
    expect(await found()).toEqual([])
  })
  test('has no path that leads out of it', () => {
    const files = openEvidence(folder)
    for (const path of ['../x', '/etc/hostname', 'log/../manifest.json', 'log', '']) {
      expect(files.read(path)).toBeUndefined()
    }
  })
  test('has no link in it, to a file or to a folder, that is followed', async () => {
    writeFileSync(join(folder, 'manifest.copy'), readFileSync(join(folder, 'manifest.json')))
    rmSync(join(folder, 'manifest.json'))
    symlinkSync('manifest.copy', join(folder, 'manifest.json'))
    expect(openEvidence(folder).read('manifest.json')).toBeUndefined()
    expect(await found()).toEqual(['evidence.bad-manifest manifest.json'])
    symlinkSync(tmpdir(), join(folder, 'more'))
    expect(openEvidence(folder).list()).toContainEqual({ path: 'more', plain: false })
    const listed = Array.from(openEvidence(folder).list(), ({ path }) => path)
    expect(listed.some(path => path.startsWith('more/'))).toBe(false)
  })
  test('has a link where a part should be: it is missing, and the link is found', async () => {
    rmSync(join(folder, 'log/vkey'))
    symlinkSync('checkpoint', join(folder, 'log/vkey'))
    expect((await found())[0]).toBe('evidence.missing log/vkey')
    symlinkSync('checkpoint', join(folder, 'log/other'))
    expect((await found())[0]).toBe('evidence.unreferenced log/other')
  })
  test('is read whole where a file is large', () => {
    const large = crypto.randomBytes(200_001)
    writeFileSync(join(folder, 'large'), large)
    expect(Buffer.from(openEvidence(folder).read('large') ?? []).equals(large)).toBe(true)
    writeFileSync(join(folder, 'even'), large.subarray(0, 65_536))
    expect(openEvidence(folder).read('even')).toHaveLength(65_536)
  })
  test('throws where the disk cannot be read', () => {
    expect(() => openEvidence(join(folder, 'nowhere'))).toThrow('ENOENT')
  })
})
