import { describe, expect, test } from 'vitest'
import { sources } from '../tools/tree.ts'
import { type Attack, attacks } from './attacks.ts'
import { lieNames } from './lies.ts'
import { complaintsAbout, hasTest } from './table.ts'

const files = new Map(sources().map(file => [file.path, file]))

describe('the attacks that are to be detected or harmless', () => {
  test('are all listed, each with tests that exist, and with what limits it', () => {
    expect(complaintsAbout(attacks, files)).toEqual([])
  })
  test('have each lie of the matrix among them', () => {
    expect(new Set(Object.values(attacks).flatMap(({ lies = [] }) => lies))).toEqual(new Set(lieNames))
  })
  test('that no signature solves have their limit on the page of threats', () => {
    for (const number of [33, 41]) expect(attacks[number]?.limit?.anchor).toBe('a-hostile-member')
  })
})

describe('a table', () => {
  const changed = (number: number, attack: Partial<Attack>) =>
    complaintsAbout({ ...attacks, [number]: { ...attacks[number], ...attack } as Attack }, files)

  test('without a number is refused, and so is one with a number too many', () => {
    const { 7: _, ...others } = attacks
    expect(complaintsAbout(others, files)).toEqual(['attack 7 is missing'])
    expect(complaintsAbout({ ...attacks, 67: attacks[1] as Attack }, files)).toEqual(['attack 67 is none of the 66'])
  })
  test('that names no test, a file that is not there or a title that is not in it is refused', () => {
    expect(changed(1, { tests: [] })).toEqual([expect.stringContaining('no test is named')])
    expect(changed(1, { tests: [['test/adversary/gone.test.ts', 'x']] }).join()).toContain('which does not exist')
    expect(changed(1, { tests: [['test/sharing/hostile.test.ts', 'a hostile relay']] }).join()).toContain('no test "a')
  })
  test('that rests on words which the page of threats does not have is refused', () => {
    const limit = { anchor: 'an-outsider', says: '**open**: signed is not true' }
    expect(changed(33, { limit }).join()).toContain('does not say so')
    expect(changed(33, { limit: { ...limit, anchor: 'a-friend' } }).join()).toContain('does not say so')
  })
  test('knows a test by its whole title, however the call is broken into lines', () => {
    expect(hasTest("test(\n  'one', () => {", 'one')).toBe(true)
    expect(hasTest("test.each([[1]])('one', () => {", 'one')).toBe(true)
    expect(hasTest("test('one more', () => {", 'one')).toBe(false)
    expect(hasTest("describe('one', () => {", 'one')).toBe(false)
  })
})
