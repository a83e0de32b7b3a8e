import { describe, expect, test } from 'vitest'
import { named, namedAtLeast, onScale, stanceAtLeast, stances } from './position.ts'

const off = ['co-seals', 'no-position', 'dissents'] as const
const scale = stances.filter(stance => !off.some(other => other === stance))

describe('a stance', () => {
  test('off the scale satisfies no floor, and is none', () => {
    for (const stance of stances) {
      for (const other of off)
        expect([stanceAtLeast(other, stance), stanceAtLeast(stance, other)]).toEqual([false, false])
    }
    expect(stances.filter(onScale)).toEqual(scale)
  })

  test('on the scale is at least as strong as all that are listed after it', () => {
    for (const [i, strong] of scale.entries()) {
      for (const weak of scale.slice(i)) expect(stanceAtLeast(strong, weak)).toBe(true)
    }
  })

  test('is compared the same way whatever lies between', () => {
    for (const a of scale)
      for (const b of scale)
        for (const c of scale) {
          expect(stanceAtLeast(a, c) || !(stanceAtLeast(a, b) && stanceAtLeast(b, c))).toBe(true)
          expect(stanceAtLeast(a, b) || stanceAtLeast(b, a)).toBe(true)
        }
  })
})

test('what is named rises from an activity to a State; a territory stands beside the ladder', () => {
  const ladder = named.filter(what => what !== 'territory')
  for (const [i, low] of ladder.entries()) {
    for (const high of ladder.slice(i)) expect(namedAtLeast(high, low)).toBe(true)
    expect([namedAtLeast('territory', low), namedAtLeast(low, 'territory')]).toEqual([false, false])
  }
  expect([namedAtLeast('group', 'organ'), namedAtLeast('organ', 'state')]).toEqual([false, false])
})
