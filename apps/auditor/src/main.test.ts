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
    expect(stdout).toMatch(/HOLDS: 2 statements, every part checked, 0 of 2 log entries withheld, if the charter .*\n$/)
  })
  test('says of a release whether it is shown to be the largest set', () => {
    const { stdout } = run(released)
    expect(stdout).toContain('It is sound: no signatory stands against its own condition.')
    expect(stdout).toMatch(/cannot be shown here: 1 entry before the cut is withheld\./)
    expect(stdout).toMatch(/HOLDS: 7 statements, every part checked, 1 of 8 log entries withheld, if/)
  })
  test('says what was signed, by whom and how surely, and why the public has it', () => {
    const { stdout } = run(released)
    expect(stdout).toContain('      TEXT in en: One line\n        | What all say together\n')
    expect(stdout).toMatch(/ {6}attribution \S{43}: withheld from this reader\n/)
    expect(stdout).toMatch(/ {6}claim c1: claim c1 of \S{43}, withheld from this reader\n/)
    expect(stdout).toMatch(/signatory borsk, join \S{43}\n {10}for Ministry of Foreign Affairs \(mfa\)\n/)
    expect(stdout).toContain(
      '          on c1: supports (organ); partner evidence reviewed\n          joined outright\n',
    )
    expect(stdout.match(/ Join {2}TLP:GREEN, made public by a later statement\n/g)).toHaveLength(2)
    const { callouts, statements } = JSON.parse(run(released, '--json').stdout) as AuditReport
    expect(callouts[0]).toMatchObject({
      texts: [{ lang: 'en', title: 'One line', text: 'What all say together' }],
      release: { signatories: [{ positions: [{ stance: 'supports', named: 'organ' }], reservations: [] }, {}] },
    })
    expect(statements.at(-1)?.openedBy).toBeUndefined()
    expect(statements.filter(({ openedBy }) => openedBy === statements.at(-1)?.sid)).toHaveLength(4)
  })
  test('keeps its word to a reader that has had enough', () => {
    const main = new URL('main.ts', import.meta.url).pathname
    const unread = (...args: string[]) => {
      const script = '"$0" "$@" | true; echo "ended with ${PIPESTATUS[0]}"'
      const { stdout, stderr } = spawnSync('bash', ['-c', script, process.execPath, main, ...args], {
        encoding: 'utf8',
      })
      return { stdout, stderr }
    }
    expect(unread(folder)).toEqual({ stdout: 'ended with 0\n', stderr: '' })
    expect(unread(broken)).toEqual({ stdout: 'ended with 1\n', stderr: '' })
    expect(unread('--help')).toEqual({ stdout: 'ended with 0\n', stderr: '' })
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
  test('judges the log as if one family of signatures proved nothing', () => {
    const both = lay('families', 'both families asked for, and there')
    const one = lay('families', 'witnesses of Ed25519 alone')
    expect(run(both).stdout).toMatch(/IF ED25519 FALLS after 2031-01-01T00:15:00Z, all 2 entries stand/)
    for (const family of ['ed25519', 'ml-dsa-44'] as const) {
      const { status, stdout } = run(both, '--without', family, '--json')
      expect(status).toBe(0)
      expect(JSON.parse(stdout)).toMatchObject({ ok: true, without: family, trust: { by: ['aldova'] } })
    }
    expect(JSON.parse(run(both, '--json').stdout)).toMatchObject({ ifEd25519Falls: { size: 2, at: 1_924_992_900 } })
    const fallen = run(one, '--without', 'ed25519')
    expect(fallen.status).toBe(1)
    expect(fallen.stdout).toContain('log.no-quorum at log/checkpoint')
    expect(fallen.stdout).toMatch(/DOES NOT HOLD without Ed25519: 1 finding\.\n$/)
    expect(run(one, '--without', 'ml-dsa-44').stdout).toMatch(/HOLDS without ML-DSA-44: 2 statements/)
  })
  test('gives the report as JSON and as one page', () => {
    const page = join(home, 'report.html')
    const { status, stdout } = run(folder, '--json', '--html', page)
    expect(status).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({ ok: true, reader: 'green', size: 2, findings: [] })
    expect(readFileSync(page, 'utf8')).toContain('HOLDS: 2 statements')
  })
  test('writes its page over nothing, and not into what it judges', () => {
    const there = join(home, 'there.html')
    writeFileSync(there, 'kept')
    for (const page of [there, join(folder, 'manifest.json'), join(folder, 'report.html'), join(folder, 'log', 'x')]) {
      const { status, stdout, stderr } = run(folder, '--html', page)
      expect({ page, status, stdout }).toEqual({ page, status: 2, stdout: '' })
      expect(stderr).toMatch(/exists already; name a new file|is a file outside the evidence folder/)
    }
    expect(readFileSync(there, 'utf8')).toBe('kept')
    expect(run(folder).status).toBe(0)
  })
  test('does not say of another charter that it is the one that was named', () => {
    const page = join(home, 'other.html')
    const { status, stdout } = run(folder, '--genesis', 'A'.repeat(43), '--html', page)
    expect(status).toBe(1)
    expect(stdout).toContain('which is not the one you named')
    expect(stdout).not.toContain('as you named it')
    expect(readFileSync(page, 'utf8')).toContain('not the one that the reader named')
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
