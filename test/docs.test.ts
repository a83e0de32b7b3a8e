import { describe, expect, test } from 'vitest'
import { checkCommands, checkLinks, checkTestsNamed, checkVectorsNamed } from './tools/anchors.ts'
import { sources } from './tools/tree.ts'

const files = new Map(sources().map(file => [file.path, file]))
const pages = [...files.values()].filter(({ path }) => path.endsWith('.md'))
const manifest = JSON.parse(files.get('package.json')?.text ?? '{}') as { scripts: Record<string, string> }
const scripts = new Set(Object.keys(manifest.scripts))

const expected = [
  'README.md',
  'ARCHITECTURE.md',
  'CONTRIBUTING.md',
  'SECURITY.md',
  'CHANGELOG.md',
  'LICENSE',
  'spec/README.md',
]

describe('the pages people read', () => {
  test.each(expected)('%s exists', path => {
    expect(files.has(path)).toBe(true)
  })
  test('every link leads somewhere', () => {
    expect(pages.flatMap(page => checkLinks(page, files))).toEqual([])
  })
  test('every test that a page names exists', () => {
    expect(pages.flatMap(page => checkTestsNamed(page, files))).toEqual([])
  })
  test('every vector that a page names exists', () => {
    expect(pages.flatMap(page => checkVectorsNamed(page, files))).toEqual([])
  })
  test('every command a page tells people to type exists', () => {
    expect(pages.flatMap(page => checkCommands(page, scripts))).toEqual([])
  })
  test('the licence is the whole of Apache 2.0', () => {
    const text = files.get('LICENSE')?.text ?? ''
    expect(text).toContain('Apache License\n                           Version 2.0, January 2004')
    expect(text).toContain('END OF TERMS AND CONDITIONS')
  })
})
