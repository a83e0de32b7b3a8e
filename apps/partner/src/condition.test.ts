import { type Condition, named, namedAtLeast, onScale, stances, whyNotCondition } from '@chancery/protocol'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseCondition, printCondition, sayCondition } from './condition.ts'

const meaning = (text: string): Condition => {
  const parsed = parseCondition(text)
  if (!parsed.ok) throw new Error(`${parsed.at}: ${parsed.why}`)
  return parsed.value
}
const refusal = (text: string) => {
  const parsed = parseCondition(text)
  return parsed.ok ? 'read' : `${parsed.at}: ${parsed.why}`
}

describe('a condition in words', () => {
  test('a number counts every signatory', () => {
    expect(meaning('5')).toEqual({ atLeast: [5] })
    expect(meaning('at least 5')).toEqual({ atLeast: [5] })
    expect(meaning('atleast 5')).toEqual({ atLeast: [5] })
  })
  test('a name asks for that member', () => expect(meaning('arvandia')).toEqual({ member: 'arvandia' }))
  test('a number of some members counts only those', () =>
    expect(meaning('2 of (arvandia, belmora, corvane)')).toEqual({ atLeast: [2, 'arvandia', 'belmora', 'corvane'] }))
  test('"and" binds closer than "or", and parentheses bind closest', () => {
    const [a, b, c] = [{ member: 'a' }, { member: 'b' }, { member: 'c' }]
    expect(meaning('a or b and c')).toEqual({ any: [a, { all: [b, c] }] })
    expect(meaning('(a or b) and c')).toEqual({ all: [{ any: [a, b] }, c] })
  })
  test('floors stand with what they bound', () => {
    expect(meaning('atleast 5 with stance>=supports named>=organ')).toEqual({
      atLeast: [5],
      min_stance: 'supports',
      min_named: 'organ',
    })
    expect(meaning('at least 3 with named>=organ and stance>=supports and belmora claim=c1')).toEqual({
      all: [
        { atLeast: [3], min_named: 'organ', min_stance: 'supports' },
        { member: 'belmora', claim: 'c1' },
      ],
    })
    expect(meaning('at least 5 with stance≥supports')).toEqual({ atLeast: [5], min_stance: 'supports' })
  })
  test('the example of the manual reads as it looks', () =>
    expect(meaning('atleast 5 and arvandia')).toEqual({ all: [{ atLeast: [5] }, { member: 'arvandia' }] }))
})

describe('a condition that cannot be read', () => {
  test.each([
    ['', 'column 1: a number or a member is expected at the end'],
    ['5 and', 'column 6: a number or a member is expected at the end'],
    ['at 5', 'column 4: "least" is expected after "at"'],
    ['(5 and arvandia', 'column 16: ")" is expected'],
    ['5 arvandia', 'column 3: "and", "or" or the end is expected, not "arvandia"'],
    ['5 of arvandia', 'column 6: "(" and members are expected after "of"'],
    ['3 of (a, b)', 'column 1: 3 of 2 can never be'],
    ['2 of (a, a)', 'column 10: a is counted once'],
    ['not arvandia', 'column 5: "and", "or" or the end is expected, not "arvandia"'],
    ['5 with stance>=dissents', 'column 16: a stance on the scale is expected: '],
    ['5 with named>=territory', 'column 15: one of the ladder is expected: '],
    ['5 with', 'column 3: "with" is followed by stance>=, named>= or claim='],
    ['5 & 6', 'column 3: "&" has no meaning here'],
    ['0', 'column 1: from 1 to 200'],
  ])('%s names the column', (text, why) => expect(refusal(text)).toContain(why))

  test('a tower of parentheses is refused, not followed', () =>
    expect(refusal(`${'('.repeat(9_000)}a${')'.repeat(9_000)}`)).toContain('too many parentheses'))
})

const floor = fc.record(
  {
    claim: fc.constantFrom('c1', 'c2'),
    min_named: fc.constantFrom(...named.filter(name => namedAtLeast(name, name))),
    min_stance: fc.constantFrom(...stances.filter(onScale)),
  },
  { requiredKeys: [] },
)
const id = fc.constantFrom('arvandia', 'belmora', 'corvane', 'drosia', 'of-the-isles')
const leaf = fc.oneof(
  fc.tuple(id, floor).map(([member, f]): Condition => ({ member, ...f })),
  fc.tuple(fc.integer({ min: 1, max: 200 }), floor).map(([n, f]): Condition => ({ atLeast: [n], ...f })),
  fc
    .tuple(fc.uniqueArray(id, { minLength: 1 }), floor)
    .map(([ids, f]): Condition => ({ atLeast: [ids.length, ...ids], ...f })),
)
const conditions = fc
  .letrec<{ node: Condition }>(tie => ({
    node: fc.oneof(
      { depthSize: 'small', maxDepth: 3 },
      leaf,
      fc.array(tie('node'), { minLength: 2, maxLength: 3 }).map((all): Condition => ({ all })),
      fc.array(tie('node'), { minLength: 2, maxLength: 3 }).map((any): Condition => ({ any })),
    ),
  }))
  .node.filter(condition => whyNotCondition(condition) === undefined)

test('what is printed reads back as the same condition', () => {
  fc.assert(
    fc.property(conditions, condition => {
      expect(meaning(printCondition(condition))).toEqual(condition)
      expect(sayCondition(condition).length).toBeGreaterThan(0)
    }),
  )
})

test('whatever is typed is read or refused', () => {
  const pieces = fc.array(
    fc.constantFrom(
      '5',
      'and',
      'or',
      '(',
      ')',
      'of',
      'with',
      'at',
      'least',
      'a',
      ',',
      'stance>=supports',
      '=',
      'claim',
    ),
  )
  fc.assert(
    fc.property(pieces, words => {
      expect(typeof parseCondition(words.join(' ')).ok).toBe('boolean')
    }),
  )
})
