import { describe, expect, test } from 'vitest'
import { type OwnChain, beatsDue } from './beats.ts'

const [every, now, day] = [3_600, 1_900_000_000, 86_400]
const chain = (change: Partial<OwnChain> = {}): OwnChain => ({
  id: 'amber',
  handling: { tlp: 'amber' },
  newest: now - 10,
  spoken: now - 10,
  promise: every,
  ...change,
})
const due = (change: Partial<OwnChain>, asked: number | undefined = every) =>
  beatsDue([chain(change)], asked, now).map(beat => beat.every)
const green = { id: 'green', handling: { tlp: 'green' } } as const

describe('a heartbeat is due', () => {
  test('at once where nothing, or something else, was promised', () => {
    expect(due({ promise: undefined })).toEqual([every])
    expect(due({ promise: null })).toEqual([every])
    expect(due({ promise: 60 })).toEqual([every])
    expect(due({})).toEqual([])
  })
  test('a tenth before the promise ends, of whatever was said last', () => {
    expect(due({ newest: now - 3_239 })).toEqual([])
    expect(due({ newest: now - 3_240 })).toEqual([every])
  })
  test('on green always, and elsewhere for 30 days after something else was said', () => {
    const long = { newest: now - 31 * day, spoken: now - 31 * day, promise: undefined }
    expect(due({ ...green, ...long })).toEqual([every])
    expect(due({ ...green, newest: -Infinity, spoken: -Infinity, promise: undefined })).toEqual([every])
    expect(due(long)).toEqual([])
    expect(due({ spoken: now - 30 * day, newest: now - every })).toEqual([every])
  })
  test('once with null, where a promise stands that nobody keeps any more', () => {
    expect(due({ spoken: now - 31 * day })).toEqual([null])
    expect(beatsDue([chain(green)], undefined, now).map(beat => beat.every)).toEqual([null])
    expect(beatsDue([chain({ promise: null })], undefined, now)).toEqual([])
    expect(beatsDue([chain({ promise: undefined })], undefined, now)).toEqual([])
  })
  test('never on clear, but to take one back that a person has made there', () => {
    const clear = { id: 'clear', handling: { tlp: 'clear' } } as const
    expect(due({ ...clear, promise: undefined })).toEqual([])
    expect(due(clear)).toEqual([null])
  })
})
