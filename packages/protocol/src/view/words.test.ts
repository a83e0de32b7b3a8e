import { describe, expect, test } from 'vitest'
import { sayCondition, saySurety } from './words.ts'

describe('a condition in words', () => {
  test('names the members it waits for, and what they must at least say', () => {
    expect(sayCondition({ member: 'belmora' })).toBe('belmora signs')
    expect(sayCondition({ atLeast: [3], min_stance: 'supports' })).toBe(
      'at least 3 sign, this member counted, saying "supports" or stronger',
    )
    expect(sayCondition({ atLeast: [1, 'arkenia', 'belmora'], min_named: 'organ', claim: 'c1' })).toBe(
      'at least 1 of arkenia, belmora signs, naming organ or more, on claim c1',
    )
  })
  test('shows what binds closer in brackets', () => {
    const [arkenia, belmora] = [{ member: 'arkenia' }, { member: 'belmora' }]
    expect(sayCondition({ any: [arkenia, { all: [belmora, { atLeast: [2] }] }] })).toBe(
      'arkenia signs, or (belmora signs, and at least 2 sign, this member counted)',
    )
  })
})

test('a likelihood keeps its own scale, and a term that somebody typed keeps every character', () => {
  expect(saySurety({ basis: 'own-assessment', confidence: 'low' })).toBe('own assessment, low confidence')
  expect(saySurety({ basis: 'partner-word', likelihood: { scale: 'phia', term: 'highly-likely' } })).toBe(
    'partner word, highly likely on the scale phia',
  )
  expect(saySurety({ basis: 'public-evidence', likelihood: { scale: 'other', term: '8-in-10' } })).toBe(
    'public evidence, "8-in-10" on the scale other',
  )
})
