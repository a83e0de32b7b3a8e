import { readFileSync, readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { join } from 'node:path'
import { failures } from '@chancery/protocol'
import { describe, expect, test } from 'vitest'
import { lineOf, ownFailures, plainWords, refuse } from './refusal.ts'

const src = fileURLToPath(new URL('.', import.meta.url))
const isCode = (name: string): boolean => name.endsWith('.ts') && !name.endsWith('.test.ts') && name !== 'refusal.ts'
const source = readdirSync(src, { recursive: true, encoding: 'utf8' })
  .filter(isCode)
  .map(name => readFileSync(join(src, name), 'utf8'))
  .join('\n')

describe('a code of this machine alone', () => {
  test.each(Object.keys(ownFailures))('%s is produced somewhere', code => expect(source).toContain(`'${code}'`))
  test('is never one that travels', () => {
    expect(Object.keys(ownFailures).filter(code => code in failures)).toEqual([])
  })
})

test('a code or an id keeps its own letters wherever it stands', () => {
  expect(lineOf(refuse('home.bad-keystore', 'k.json', 'bytes.not-json'))).toBe(
    'home.bad-keystore at k.json: the keystore is not of this format; bytes.not-json.',
  )
  expect(lineOf(refuse('draft.above-clearance', '/tlp', 'valdoria is not cleared'))).toMatch(/; valdoria is/)
})

describe('the words of a relay', () => {
  test('neither move the cursor nor turn the line around', () => {
    const words = 'a\u001b[2J\u0007b\nrefused\u202ec\u2066d\u200fe\u061cf\u0085g\u2028h'
    expect(plainWords(words)).toBe('a [2J b refused c d e f g h')
    expect(lineOf(refuse('relay.busy', '/\u001b[1m', 'wait\u001b[2J\u202e'))).toBe(
      'relay.busy at / [1m: too much at once; try again after the time given; wait [2J.',
    )
  })
  test('are cut where they are long', () => {
    expect(plainWords('a'.repeat(300))).toHaveLength(300)
    expect(plainWords('a'.repeat(301))).toBe(`${'a'.repeat(299)}…`)
    expect(plainWords(`${'a'.repeat(298)}\u{1f600}bc`)).toHaveLength(300)
  })
  test('that are nothing but controls are left out', () => {
    expect(lineOf(refuse('relay.busy', '', '\u0000\u0007'))).toMatch(/given\.$/)
  })
})
