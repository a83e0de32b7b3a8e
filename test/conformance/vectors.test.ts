import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { failures, kinds, type Result } from '@chancery/protocol'
import { describe, expect, test } from 'vitest'
import { root } from '../tools/steps.ts'
import { kindHasBoth, uncoveredCodes, type VectorCase, type VectorFile } from './coverage.ts'

type Check = (given: never) => Result<unknown> | Promise<Result<unknown>>

/** Codes that depend on a clock, a connection, a disk or a folder, and the test that shows each. */
const elsewhere: Readonly<Record<string, string>> = {
  'auth.missing': 'test/relay/refusals.test.ts',
  'auth.replayed': 'test/relay/refusals.test.ts',
  'auth.not-entitled': 'test/partner/bad-days.test.ts',
  'relay.busy': 'test/relay/faults.test.ts',
  'relay.store-failed': 'test/relay/faults.test.ts',
  'relay.no-log-key': 'test/relay/log-key.test.ts',
  'relay.bad-request': 'test/relay/refusals.test.ts',
  'relay.nonsense': 'packages/client/src/relay.test.ts',
  'stream.outdated': 'test/partner/resume.test.ts',
  'stream.epoch-changed': 'test/partner/resume.test.ts',
  'stream.slow': 'test/partner/resume.test.ts',
  'callout.unknown': 'test/view/exclusion.test.ts',
}

const read = (path: string): string | undefined =>
  existsSync(join(root, path)) ? readFileSync(join(root, path), 'utf8') : undefined

const vectorFileAt = (path: string): VectorFile & { path: string } => ({ ...JSON.parse(read(path) ?? ''), path })
const files = pathsUnder('spec/vectors', '.json').map(vectorFileAt)
const checks = await collectChecks()
const codes = Object.keys(failures)
const answers = ['ok', ...codes]

test('there are vectors', () => {
  expect(files.length).toBeGreaterThan(0)
})

describe.each(files)('$path', file => {
  test('is run by a check there is, and expects only answers there are', () => {
    expect([...checks.keys()]).toContain(file.check)
    expect(file.cases.map(vector => vector.expect).filter(answer => !answers.includes(answer))).toEqual([])
  })
  test.each(file.cases)('$name', async vector => {
    await expectAnswer(vector, checks.get(file.check))
  })
})

test('every failure code has a vector that is refused with it, or a test that names it', () => {
  expect(uncoveredCodes({ codes, files, elsewhere, read })).toEqual([])
})

test('every check is used by a vector file', () => {
  const used = new Set(files.map(file => file.check))
  expect([...checks.keys()].filter(name => !used.has(name))).toEqual([])
})

test.each(Object.keys(kinds))('the kind %s has vectors, good and bad', name => {
  expect(kindHasBoth(files.find(file => file.path === `spec/vectors/kinds/${name}.json`))).toBe(true)
})

/** What a vector leaves out is not compared; a value is compared whole. */
async function expectAnswer(vector: VectorCase, check: Check | undefined): Promise<void> {
  const result = await check?.(vector.given as never)
  const answer = result?.ok ? { expect: 'ok', value: result.value } : { expect: result?.code, at: result?.at }
  const asked = ['expect', 'at', 'value'].filter(name => name in vector)
  expect(pick(answer, asked)).toEqual(pick(vector, asked))
}

const pick = (from: object, names: readonly string[]) =>
  Object.fromEntries(names.map(name => [name, (from as Readonly<Record<string, unknown>>)[name]]))

/** Every module of checks/ exports `<area>Checks`; a name that two of them use would hide one. */
async function collectChecks(): Promise<Map<string, Check>> {
  const found = new Map<string, Check>()
  for (const path of pathsUnder('test/conformance/checks', '.ts')) {
    const exported = (await import(join(root, path))) as Readonly<Record<string, Readonly<Record<string, Check>>>>
    const tables = Object.entries(exported).filter(([key]) => key.endsWith('Checks'))
    for (const [name, check] of tables.flatMap(([, table]) => Object.entries(table))) {
      if (found.has(name)) throw new Error(`two checks are named ${name}; the second is in ${path}`)
      found.set(name, check)
    }
  }
  return found
}

function pathsUnder(folder: string, ending: string): string[] {
  if (!existsSync(join(root, folder))) return []
  const entries = readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
  return entries
    .filter(path => path.endsWith(ending))
    .map(path => `${folder}/${path.replaceAll('\\', '/')}`)
    .sort()
}
