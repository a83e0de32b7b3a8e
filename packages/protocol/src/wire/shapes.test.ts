import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fromBase64url } from './base64.ts'
import { Digest, Instant, Line, Text, ascending, distinct, instantOf, secondsOf } from './shapes.ts'

const last = 253_402_300_799
const seconds = fc.integer({ min: -62_167_219_200, max: last })
const byDate = (value: number) => `${new Date(value * 1_000).toISOString().slice(0, 19)}Z`

describe('an instant', () => {
  test('is the second that the calendar of the machine gives it', () => {
    fc.assert(
      fc.property(seconds, value => {
        expect(instantOf(value)).toBe(byDate(value))
        expect(secondsOf(byDate(value))).toBe(value)
      }),
      { numRuns: 2_000 },
    )
  })

  test.each([0, -1, 951_782_399, 951_782_400, 951_868_800, 4_107_542_399, 4_107_542_400, last])(
    'at %i is right beside a bound',
    value => {
      expect(instantOf(value)).toBe(byDate(value))
      expect(secondsOf(byDate(value))).toBe(value)
    },
  )

  test('is accepted exactly where the calendar has it', () => {
    const part = (least: number, most: number) =>
      fc.integer({ min: least, max: most }).map(value => String(value).padStart(2, '0'))
    const parts = fc.tuple(
      fc.integer({ min: 0, max: 9_999 }).map(year => String(year).padStart(4, '0')),
      part(0, 13),
      part(0, 32),
      part(0, 24),
      part(0, 60),
      part(0, 60),
    )
    fc.assert(
      fc.property(parts, ([year, month, day, hour, minute, second]) => {
        const text = `${year}-${month}-${day}T${hour}:${minute}:${second}Z`
        const time = Date.parse(text)
        const real = !Number.isNaN(time) && byDate(time / 1_000) === text
        expect(Instant.safeParse(text).success).toBe(real)
      }),
      { numRuns: 2_000 },
    )
  })

  test('comes before another where its text does', () => {
    fc.assert(
      fc.property(fc.nat(last), fc.nat(last), (a, b) => {
        expect(instantOf(a) < instantOf(b)).toBe(a < b)
      }),
    )
  })
})

test('a digest is the base64url of 32 bytes and nothing else', () => {
  const unit = fc.constantFrom(...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_')
  fc.assert(
    fc.property(fc.string({ unit, minLength: 42, maxLength: 44 }), text => {
      expect(Digest.safeParse(text).success).toBe(fromBase64url(text)?.length === 32)
    }),
    { numRuns: 1_000 },
  )
})

describe('shown text', () => {
  /** What the page says, one character after the other. */
  const hidden = (code: number, lines: boolean) =>
    (code < 0x20 && !(lines && code === 10)) ||
    (code >= 0x7f && code <= 0x9f) ||
    code === 0xad ||
    code === 0x61c ||
    code === 0x200b ||
    code === 0x200e ||
    code === 0x200f ||
    code === 0xfeff ||
    (code >= 0x2028 && code <= 0x202e) ||
    (code >= 0x2060 && code <= 0x206f) ||
    (code >= 0xe0000 && code <= 0xe007f)
  const settled = (text: string, lines: boolean) =>
    text.length > 0 &&
    text.isWellFormed() &&
    text.normalize('NFC') === text &&
    !/\p{M}{31}/u.test(text) &&
    Array.from(text).every(character => !hidden(character.codePointAt(0) ?? 0, lines))

  test('is NFC without control characters, of one line or of several', () => {
    const odd = fc.constantFrom(
      '\n',
      '\t',
      '\u0085',
      '\u200e',
      '\u202a',
      '\u202f',
      '\u2065',
      '\u2066',
      '\u206a',
      'e\u0301',
      'é',
      '\ud800',
      '\u{1F4DC}',
      '\u007f',
      '\u00a0',
    )
    const unit = fc.oneof(
      { weight: 3, arbitrary: fc.constantFrom('a', ' ', '~') },
      { weight: 1, arbitrary: odd },
      { weight: 1, arbitrary: fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }) },
    )
    fc.assert(
      fc.property(fc.string({ unit, maxLength: 6 }), text => {
        expect(Line.safeParse(text).success).toBe(settled(text, false))
        expect(Text.safeParse(text).success).toBe(settled(text, true))
      }),
      { numRuns: 2_000 },
    )
  })

  test('piles up at most 30 marks, so that no text takes long to normalise', () => {
    const mark = '\u0316'
    expect(Text.safeParse(`a${mark.repeat(30)}b${mark.repeat(30)}`).success).toBe(true)
    expect(Text.safeParse(`a${mark.repeat(31)}`).success).toBe(false)
    expect(Line.safeParse(`a${mark.repeat(31)}`).success).toBe(false)
  })

  test('is counted in characters, however many units they are written with', () => {
    expect(Line.safeParse('\u{1F4DC}'.repeat(512)).success).toBe(true)
    expect(Line.safeParse('\u{1F4DC}'.repeat(513)).success).toBe(false)
  })
})

test('a list is ascending where each id is greater than the one before', () => {
  const ids = fc.array(fc.constantFrom('a', 'b', 'c', 'ab', 'b-1'), { maxLength: 5 })
  fc.assert(
    fc.property(ids, list => {
      const sorted = [...new Set(list)].sort()
      expect(ascending(list)).toBe(sorted.length === list.length && list.every((id, i) => id === sorted[i]))
      expect(distinct(list)).toBe(sorted.length === list.length)
    }),
  )
})
