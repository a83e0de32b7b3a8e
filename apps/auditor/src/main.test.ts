import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { AuditReport } from '@chancery/protocol'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readArguments } from './args.ts'

type Case = { readonly name: string; readonly given: { readonly files: Readonly<Record<string, string>> } }

let home: string
let folder: string
let broken: string
let released: string

beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'auditor-'))
  folder = lay('folder', 'for a GREEN reader')
  broken = lay('folder', 'one bit of a statement')
  released = lay('order', 'a release for a CLEAR reader: sound')
})
afterAll(() => rmSync(home, { recursive: true }))

/** One case of spec/vectors/audit as a folder on disk. */
function lay(file: string, name: string): string {
  const vectors = new URL(`../../../spec/vectors/audit/${file}.json`, import.meta.url)
  const { cases } = JSON.parse(readFileSync(vectors, 'utf8')) as { readonly cases: readonly Case[] }
  const files = cases.find(each => each.name === name)?.given.files ?? {}
  const at = join(home, name.replaceAll(/\W/g, '-'))
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(at, path)), { recursive: true })
    writeFileSync(join(at, path), Buffer.from(text, 'base64url'))
  }
  return at
}

function run(...args: string[]) {
  const main = new URL('main.ts', import.meta.url).pathname
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...args], { encoding: 'utf8' })
  return { status, stdout, stderr }
}

describe('chancery-audit', { timeout: 60_000 }, () => {
  test('says who signed what under which keys, and exits with 0 where all holds', () => {
    const { status, stdout } = run(folder)
    expect(status).toBe(0)
    expect(stdout).toContain('Compare it by voice')
    expect(stdout).toMatch(/CHARTER .* in force from index 1\n {2}aldova \(Aldova\), adopted at index 0\n/)
    expect(stdout).toContain('1  2031-01-01T00:02:00Z  aldova  Attribution: One line that stands alone  TLP:CLEAR\n')
    expect(stdout).toContain('tear line methods, TLP:GREEN: open here')
    expect(stdout).toContain('tear line sources, TLP:RED: withheld')
    expect(stdout).toContain('WITHHELD from this reader: 0 entries of the log, 1 tear line.')
    expect(stdout).toContain('2 receipts of inclusion')
    expect(stdout).toMatch(/HOLDS: 2 statements, every part checked, if the charter fingerprint is the one .*\n$/)
  })
  test('says of a release whether it is shown to be the largest set', () => {
    const { stdout } = run(released)
    expect(stdout).toContain('It is sound: no signatory stands against its own condition.')
    expect(stdout).toMatch(/cannot be shown here: 1 entry before the cut is withheld\./)
  })
  test('exits with 1 and names the findings where it does not hold', () => {
    const { status, stdout } = run(broken, '--quiet')
    expect(status).toBe(1)
    expect(stdout).toMatch(/^FINDINGS\n {2}evidence\.altered at statements\//)
    expect(stdout).toMatch(/DOES NOT HOLD: \d findings?\.\n$/)
  })
  test('holds a folder against the fingerprint that the reader trusts', () => {
    const { genesis = '' } = JSON.parse(run(folder, '--json').stdout) as AuditReport
    expect(run(folder, '--genesis', genesis)).toMatchObject({ status: 0, stderr: '' })
    const other = run(folder, '--genesis', 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA', '--quiet')
    expect(other.status).toBe(1)
    expect(other.stdout).toContain('FATAL charter.not-genesis')
  })
  test('gives the report as JSON and as one page', () => {
    const page = join(home, 'report.html')
    const { status, stdout } = run(folder, '--json', '--html', page)
    expect(status).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({ ok: true, reader: 'green', size: 2, findings: [] })
    expect(readFileSync(page, 'utf8')).toContain('HOLDS: 2 statements')
  })
  test('exits with 2 where it was called wrongly', () => {
    expect(run()).toMatchObject({ status: 2, stdout: '' })
    expect(run(join(home, 'nowhere'))).toMatchObject({ status: 2, stdout: '' })
  })
  test('exits with 3 where the machine failed', () => {
    const page = join(home, 'nowhere', 'report.html')
    const why = `the audit could not be done: the page cannot be written to ${page}: ENOENT`
    const { status, stdout, stderr } = run(folder, '--html', page)
    expect({ status, stdout }).toEqual({ status: 3, stdout: '' })
    expect(stderr).toContain(why)
    const asked = run(folder, '--html', page, '--json')
    expect(asked.status).toBe(3)
    expect(JSON.parse(asked.stdout)).toEqual({ fault: expect.stringContaining(why) as string })
  })
  test('says how it is called as one object where that is asked for', () => {
    const { status, stdout } = run('--json', '--help')
    expect(status).toBe(0)
    expect(JSON.parse(stdout)).toEqual({ usage: expect.any(Array) as string[] })
  })
})

test('an argument that is not understood is said, and nothing is guessed', () => {
  const sid = 'A'.repeat(43)
  expect(readArguments(['dir', '--genesis', sid, '--html', 'page', '--json', '--quiet'])).toEqual({
    folder: 'dir',
    genesis: sid,
    html: 'page',
    json: true,
    quiet: true,
  })
  expect(readArguments(['dir'])).toMatchObject({ folder: 'dir', json: false, quiet: false })
  expect(readArguments(['--help'])).toBe('help')
  for (const args of [[], ['dir', 'dir'], ['dir', '--loud'], ['dir', '--genesis', 'x'], ['dir', '--html']]) {
    expect(readArguments(args)).toHaveProperty('wrong')
  }
})
