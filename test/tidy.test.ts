import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { mutants } from './prove/planted.ts'
import { checkClauses } from './tools/anchors.ts'
import {
  checkDependencyLines,
  checkLockfile,
  checkNoInstallScripts,
  parseLockfile,
  runtimeTree,
} from './tools/lockfile.ts'
import { root } from './tools/steps.ts'
import {
  checkArrows,
  checkKnobs,
  checkMachinePaths,
  checkPostponed,
  checkPurity,
  checkSize,
  isCode,
} from './tools/tidy.ts'
import { sources } from './tools/tree.ts'

const files = sources()
const read = (path: string): string => (existsSync(join(root, path)) ? readFileSync(join(root, path), 'utf8') : '')
const lockfile = read('pnpm-lock.yaml')
const runtimePackagesMax = 25

describe('the code keeps its own rules', () => {
  test('there is code to check', () => {
    expect(files.filter(isCode).length).toBeGreaterThan(10)
  })
  test('imports follow the arrows', () => {
    expect(files.flatMap(checkArrows)).toEqual([])
  })
  test('the protocol is pure and the auditor is offline', () => {
    expect(files.flatMap(checkPurity)).toEqual([])
  })
  test('files and lines are short enough to read', () => {
    expect(files.flatMap(checkSize)).toEqual([])
  })
  test('every mistake that is planted has its line, once', () => {
    const astray = mutants.filter(({ file, line }) => read(file).split(line).length !== 2)
    expect(astray.map(({ name, file }) => `${name}: ${file}`)).toEqual([])
  })
  test('nothing is left for later in a comment', () => {
    expect(files.flatMap(checkPostponed)).toEqual([])
  })
  test('no file names a path of one machine', () => {
    expect(files.flatMap(checkMachinePaths)).toEqual([])
  })
  test('every clause the code names is in the specification', () => {
    const pages = files.filter(({ path }) => /^spec\/[^/]+\.md$/.test(path))
    const byName = new Map(pages.map(page => [page.path.slice('spec/'.length), page]))
    // The tests of these rules name clauses that do not exist on purpose.
    const naming = files.filter(({ path }) => /\.(ts|py|go|md|json)$/.test(path) && !path.startsWith('test/tools/'))
    expect(checkClauses(naming, byName)).toEqual([])
  })
})

describe('what we depend on', () => {
  test(`running everything brings at most ${runtimePackagesMax} packages`, () => {
    const names = runtimeTree(parseLockfile(lockfile))
    expect(names).toContain('jose')
    expect(names.length).toBeLessThanOrEqual(runtimePackagesMax)
  })
  test('every runtime dependency has its line in ARCHITECTURE.md', () => {
    expect(checkDependencyLines(runtimeTree(parseLockfile(lockfile)), read('ARCHITECTURE.md'))).toEqual([])
  })
  test('every package is pinned by digest', () => {
    expect(checkLockfile(lockfile)).toEqual([])
  })
  test('nothing runs code at install time', () => {
    const manifests = files.filter(({ path }) => /(^|\/)package\.json$/.test(path))
    expect(checkNoInstallScripts(read('pnpm-workspace.yaml'), manifests)).toEqual([])
  })
})

const config = join(root, 'apps/relay/src/config.ts')

test.runIf(existsSync(config))('every knob of the relay is explained to its operator', async () => {
  const { knobs } = (await import(config)) as { knobs: Record<string, { name: string; why: string }> }
  const paths = ['README.md', 'apps/relay/README.md', 'spec/07-relay.md']
  const rows = Object.values(knobs)
  expect(rows.length).toBeGreaterThan(0)
  expect(
    checkKnobs(
      rows,
      paths.map(path => ({ path, text: read(path) })),
    ),
  ).toEqual([])
})
