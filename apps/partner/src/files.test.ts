import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { addFile, checkNew, checkOwn, makeFolder, newFolder, readBounded, writeDurably, writeNew } from './files.ts'

const all = mkdtempSync(join(tmpdir(), 'chancery-files-'))
afterAll(() => rmSync(all, { recursive: true }))
let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(all, 'each-'))
})
const at = (name: string): string => join(folder, name)
const modeOf = (name: string): number => statSync(at(name)).mode & 0o777

describe('a folder', () => {
  test('is made with all above it, for its owner only', () => {
    makeFolder(at('a/b/c'))
    makeFolder(at('a/b/c'))
    expect([modeOf('a'), modeOf('a/b/c')]).toEqual([0o700, 0o700])
  })
  test('in a place where none can be made is an error, not a wait without end', () => {
    expect(() => makeFolder('/proc/no-such-place/evidence')).toThrow('ENOENT')
  })
  test('for the public is read by every account of this machine, and one for members by its owner alone', () => {
    for (const [name, readers] of [
      ['public', 'everyone'],
      ['members', 'owner'],
    ] as const) {
      expect(newFolder(at(name), readers)).toMatchObject({ ok: true })
      addFile(at(`${name}/deep/file`), Uint8Array.of(1), readers)
    }
    expect(['public', 'public/deep', 'public/deep/file'].map(modeOf)).toEqual([0o755, 0o755, 0o644])
    expect(['members', 'members/deep', 'members/deep/file'].map(modeOf)).toEqual([0o700, 0o700, 0o600])
  })
  test('that has files, or is a file, is not filled', () => {
    writeFileSync(at('file'), 'kept')
    expect(newFolder(folder, 'owner')).toMatchObject({ code: 'file.not-empty', at: folder })
    expect(newFolder(at('file'), 'owner')).toMatchObject({ code: 'file.unwritable', at: at('file') })
  })
})

describe('a file that a person names', () => {
  test('is made whole, with the mode of those it is for', () => {
    expect(writeNew(at('public'), 'words', 'everyone')).toMatchObject({ ok: true })
    expect(writeNew(at('own'), 'words', 'owner')).toMatchObject({ ok: true })
    expect([modeOf('public'), modeOf('own')]).toEqual([0o644, 0o600])
    expect(readFileSync(at('own'), 'utf8')).toBe('words')
    expect(readdirSync(folder)).toEqual(['own', 'public'])
  })
  test('is never written over: a document, a device behind a link, a link that leads nowhere, a folder', () => {
    writeFileSync(at('document'), 'kept')
    symlinkSync('/dev/null', at('device'))
    symlinkSync(at('nowhere'), at('link'))
    mkdirSync(at('folder'))
    for (const name of ['document', 'device', 'link', 'folder']) {
      const refusal = { code: 'home.exists', at: at(name), why: 'name another file, or move this one away' }
      expect(checkNew(at(name))).toMatchObject(refusal)
      expect(writeNew(at(name), 'words', 'everyone')).toMatchObject(refusal)
    }
    expect(readFileSync(at('document'), 'utf8')).toBe('kept')
    expect(readdirSync(folder)).toEqual(['device', 'document', 'folder', 'link'])
  })
  test('in a folder that is not there is refused by its own name', () => {
    expect(writeNew(at('typo/file.json'), 'words', 'owner')).toMatchObject({
      code: 'file.unwritable',
      at: at('typo/file.json'),
      why: `there is no folder ${at('typo')}`,
    })
  })
})

test('a file of the home that cannot take its place leaves nothing behind, and is called by its own name', () => {
  makeFolder(at('taken/by'))
  expect(() => writeDurably(at('taken'), 'words')).toThrow(`cannot write ${at('taken')}`)
  expect(() => writeDurably(at('typo/x'), 'words')).toThrow(`cannot write ${at('typo/x')}`)
  expect(readdirSync(folder)).toEqual(['taken'])
})

describe('a secret that others may read', () => {
  const reading = { bytesMax: 100 }
  const given = () => readBounded(at('given'), { ...reading, secret: 'given' })
  test('is refused with the mode and the cure, whoever named it', () => {
    for (const mode of [0o644, 0o640, 0o620, 0o604]) {
      writeFileSync(at('given'), 'horse')
      chmodSync(at('given'), mode)
      const why = `its mode is 0${mode.toString(8)}; run: chmod 600 ${at('given')}`
      expect(given()).toMatchObject({ code: 'home.wrong-mode', at: at('given'), why })
      expect(checkOwn(at('given'))).toMatchObject({ code: 'home.wrong-mode' })
    }
    chmodSync(at('given'), 0o400)
    expect(given()).toMatchObject({ ok: true })
  })
  test('may be a link or a device where a person names it, and no link in a home', () => {
    writeFileSync(at('secret'), 'horse', { mode: 0o600 })
    symlinkSync(at('secret'), at('given'))
    expect(given()).toMatchObject({ ok: true })
    expect(readBounded(at('given'), { ...reading, secret: 'own' })).toMatchObject({ code: 'file.unreadable' })
    expect(readBounded('/dev/null', { ...reading, secret: 'given' })).toMatchObject({ ok: true })
  })
})

test('a home that others may write to is refused, and one that they may only list is not', () => {
  for (const [mode, says] of [
    [0o777, 'home.wrong-mode'],
    [0o775, 'home.wrong-mode'],
    [0o755, undefined],
    [0o700, undefined],
  ] as const) {
    chmodSync(folder, mode)
    const checked = checkOwn(folder)
    expect(checked.ok ? undefined : checked.code).toBe(says)
    expect(checked.ok || checked.why?.endsWith(`run: chmod 700 ${folder}`)).toBe(true)
  }
})
