import { expect, test } from 'vitest'
import { kindHasBoth, uncoveredCodes, type VectorFile } from './coverage.ts'

const file = (...answers: string[]): VectorFile => ({
  spec: 'spec/README.md',
  check: 'x',
  cases: answers.map(answer => ({ name: answer, given: {}, expect: answer })),
})
const read = (path: string) => (path === 't.ts' ? `'a.told'` : undefined)
const complaints = (codes: string[], elsewhere: Record<string, string>) =>
  uncoveredCodes({ codes, files: [file('ok', 'a.seen')], elsewhere, read })

test('a code without a vector or a test is named', () => {
  expect(complaints(['a.seen', 'a.told'], { 'a.told': 't.ts' })).toEqual([])
  expect(complaints(['a.seen', 'a.new'], {})).toEqual(['a.new has no negative vector'])
})

test('a test that does not name its code, or is not there, covers nothing', () => {
  expect(complaints(['a.seen', 'a.quiet'], { 'a.quiet': 't.ts' })).toEqual(['a.quiet is not in t.ts'])
  expect(complaints(['a.seen', 'a.told'], { 'a.told': 'none.ts' })).toEqual(['a.told is not in none.ts'])
})

test('a row for a code that is gone, or that has a vector, is named', () => {
  expect(complaints(['a.seen'], { 'a.told': 't.ts' })).toEqual(['a.told is no failure code'])
  expect(complaints(['a.seen'], { 'a.seen': 't.ts' })).toContain('a.seen has a vector and needs no other place')
})

test('a kind needs a good case and a bad one', () => {
  expect(kindHasBoth(file('ok', 'a.seen'))).toBe(true)
  expect([file('ok'), file('a.seen'), undefined].map(kindHasBoth)).toEqual([false, false, false])
})
