import { expect, test } from 'vitest'
import { z } from 'zod'
import { check } from './check.ts'
import { assert, fail, unreachable } from './failure.ts'
import { failures } from './failures.ts'

const Shape = z.strictObject({ a: z.array(z.strictObject({ 'x/y~z': z.int() })), b: z.enum(['one', 'two']).optional() })
const verdict = (value: unknown) => check(Shape, value, 'statement.bad-schema', '/body')

test('a value of the shape comes back', () => {
  expect(verdict({ a: [{ 'x/y~z': 1 }] })).toEqual({ ok: true, value: { a: [{ 'x/y~z': 1 }] } })
})

test.each([
  ['a member missing', {}, '/body/a'],
  ['a list that is none', { a: 1 }, '/body/a'],
  ['a fault deep inside, its name escaped', { a: [{ 'x/y~z': 1 }, { 'x/y~z': '1' }] }, '/body/a/1/x~1y~0z'],
  ['an unknown member', { a: [], c: 1 }, '/body/c'],
  ['an unknown member inside', { a: [{ 'x/y~z': 1, '~': 1 }] }, '/body/a/0/~0'],
  ['an unknown member __proto__', JSON.parse('{"a":[],"__proto__":{}}'), '/body/__proto__'],
  ['a word outside the list', { a: [], b: 'three' }, '/body/b'],
  ['nothing', undefined, '/body'],
])('%s is refused where it stands', (_, value, at) => {
  expect(verdict(value)).toMatchObject({ ok: false, code: 'statement.bad-schema', at })
})

test('a failure says only what is known of it', () => {
  expect(fail('bytes.not-json')).toEqual({ ok: false, code: 'bytes.not-json' })
  expect(fail('bytes.not-json', '/x', 'why')).toEqual({ ok: false, code: 'bytes.not-json', at: '/x', why: 'why' })
})

test('every failure has a meaning, a status that refuses and a clause', () => {
  for (const { means, http, spec } of Object.values(failures)) {
    expect(means).not.toBe('')
    expect(http).toBeGreaterThanOrEqual(400)
    expect(spec).toMatch(/^spec\/\d\d-[a-z-]+\.md#[a-z0-9-]+$/)
  }
})

test('a broken promise of our own stops the program', () => {
  expect(() => assert(false, 'the sun rises')).toThrow('bug: the sun rises')
  expect(() => unreachable('x' as never)).toThrow('bug: unreachable value "x"')
})
