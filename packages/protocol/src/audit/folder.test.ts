import { describe, expect, test } from 'vitest'
import { tilePath, tilesForSize } from '../log/tiles.ts'
import { canonicalBytes } from '../wire/canonical.ts'
import {
  type Manifest,
  logTilePath,
  manifestBytes,
  partOf,
  readManifest,
  receiptPath,
  statementPath,
} from './folder.ts'

const sid = 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'
const digest = 'BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBA'
const manifest: Manifest = {
  exported_by: 'aldova',
  files: [
    { path: 'log/checkpoint', sha256: digest, size: 3 },
    { path: 'log/vkey', sha256: digest, size: 4 },
  ],
  genesis: sid,
  origin: 'relay.example/log1',
  reader: 'clear',
  root: digest,
  size: 1,
  v: 1,
}
const refused = (change: object) => {
  const read = readManifest(canonicalBytes({ ...manifest, ...change }))
  return read.ok ? 'ok' : `${read.code} ${read.at}`
}

describe('a path of the folder', () => {
  test('names its part', () => {
    expect(partOf('manifest.json')).toEqual({ is: 'manifest' })
    expect(partOf('log/checkpoint')).toEqual({ is: 'checkpoint' })
    expect(partOf('log/vkey')).toEqual({ is: 'vkey' })
    expect(partOf(statementPath({ kind: 'callout.join', sid }))).toEqual({ is: 'statement', sid })
    expect(partOf(statementPath({ kind: 'charter.adopt', sid }))).toEqual({ is: 'charter', sid })
    expect(partOf(receiptPath(sid))).toEqual({ is: 'receipt', sid })
    for (const address of tilesForSize(70_000)) expect(partOf(logTilePath(address))).toEqual({ is: 'tile', address })
  })
  test.each([
    '',
    '/log/vkey',
    'log/vkey/',
    'log//vkey',
    './log/vkey',
    'log/../log/vkey',
    'LOG/vkey',
    'log/tile/0/0',
    `log/${tilePath({ level: 0, index: 0, width: 256 })}.p/256`,
    `statements/${sid}`,
    `statements/${sid}.jws.jws`,
    `statements/${sid.slice(1)}.jws`,
    `statements/${sid.slice(1)}B.jws`,
    `receipts/${sid}.jws`,
    `charter/${sid}.tlog-proof`,
    `statements/../charter/${sid}.jws`,
    'README.md',
  ])('has one spelling: %s is none', path => {
    expect(partOf(path)).toBeUndefined()
  })
})

describe('a manifest', () => {
  test('comes back as it was written', () => {
    expect(readManifest(manifestBytes(manifest))).toEqual({ ok: true, value: manifest })
  })
  test('is canonical JSON of a closed form', () => {
    const spaced = new TextEncoder().encode(JSON.stringify(manifest, null, 1))
    expect(readManifest(spaced)).toMatchObject({ ok: false, code: 'evidence.bad-manifest' })
    expect(refused({ signed_by: 'aldova' })).toBe('evidence.bad-manifest /signed_by')
    expect(refused({ reader: '' })).toBe('evidence.bad-manifest /reader')
    expect(refused({ size: -1 })).toBe('evidence.bad-manifest /size')
    expect(refused({ v: 2 })).toBe('evidence.bad-manifest /v')
  })
  test('lists each file once, sorted, and only paths that a part has', () => {
    const [first, second] = manifest.files
    expect(refused({ files: [second, first] })).toBe('evidence.bad-manifest /files')
    expect(refused({ files: [first, first] })).toBe('evidence.bad-manifest /files')
    expect(refused({ files: [{ ...first, path: 'log/../checkpoint' }] })).toBe('evidence.bad-manifest /files/0/path')
    expect(refused({ files: [{ ...first, path: 'manifest.json' }] })).toBe('evidence.bad-manifest /files/0/path')
  })
})
