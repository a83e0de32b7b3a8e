import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { utf8 } from './bytes.ts'
import { type Json, canonical, canonicalBytes, readCanonical } from './canonical.ts'
import { limits } from './limits.ts'

const name = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 4 }),
  fc.constantFrom('1', '10', '2', '', '__proto__', 'constructor', '\u{1F600}', '\ufb33'),
)
const text = fc.string({
  unit: fc.oneof(fc.constantFrom('\\', '"', 'u', 'd', '8', '\u001f', '/'), fc.string({ unit: 'binary', maxLength: 1 })),
})
const { value: json } = fc.letrec<{ value: Json }>(tie => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom(null, true, false),
    fc.maxSafeInteger(),
    text,
    fc.array(tie('value'), { maxLength: 4 }),
    fc.array(fc.tuple(name, tie('value')), { maxLength: 4 }).map(members => Object.fromEntries(members)),
  ),
}))

/** RFC 8785 by its letter, for one value: names are compared unit by unit, characters escaped one by one. */
function slowly(value: Json): string {
  if (typeof value === 'string') {
    return `"${Array.from({ length: value.length }, (_, i) => escaped(value.charCodeAt(i))).join('')}"`
  }
  if (typeof value !== 'object' || value === null) return Object.is(value, -0) ? '0' : `${value}`
  if (Array.isArray(value)) return `[${value.map(slowly).join(',')}]`
  const members = Object.entries(value).sort(([a], [b]) => compareUnits(a, b))
  return `{${members.map(([key, member]) => `${slowly(key)}:${slowly(member ?? null)}`).join(',')}}`
}

function compareUnits(a: string, b: string): number {
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    if (a.charCodeAt(i) !== b.charCodeAt(i)) return a.charCodeAt(i) - b.charCodeAt(i)
  }
  return a.length - b.length
}

const short = new Map([
  [8, '\\b'],
  [9, '\\t'],
  [10, '\\n'],
  [12, '\\f'],
  [13, '\\r'],
  [34, '\\"'],
  [92, '\\\\'],
])
const escaped = (unit: number): string =>
  short.get(unit) ?? (unit < 32 ? `\\u00${unit.toString(16).padStart(2, '0')}` : String.fromCharCode(unit))

/** The rule of the page, with no short cut: parse, write again, compare. */
function acceptedSlowly(source: string): boolean {
  try {
    const value = JSON.parse(source) as Json
    return everyNumberIsWhole(value) && slowly(value).isWellFormed() && slowly(value) === source
  } catch {
    return false
  }
}

const everyNumberIsWhole = (value: Json | undefined): boolean =>
  typeof value === 'number'
    ? Number.isSafeInteger(value)
    : typeof value !== 'object' || value === null || Object.values(value).every(everyNumberIsWhole)

describe('the canonical form', () => {
  test('is what RFC 8785 says, character by character', () => {
    fc.assert(
      fc.property(json, value => {
        expect(canonical(value)).toBe(slowly(value))
      }),
      { numRuns: 500 },
    )
  })

  test('orders names by UTF-16 units, where code points would differ', () => {
    // U+1F600 is written with units from 0xD83D, which come before 0xFB33.
    expect(canonical({ '\ufb33': 1, '\u{1F600}': 2, '10': 3, '9': 4 })).toBe('{"10":3,"9":4,"\u{1F600}":2,"\ufb33":1}')
  })

  test('leaves out a member that is undefined', () => {
    expect(canonical({ a: undefined, b: 1 })).toBe('{"b":1}')
  })

  test.each([0.5, Number.NaN, Infinity, 2 ** 53, -(2 ** 53)])('does not write the number %d', value => {
    expect(() => canonical(value)).toThrow('not a safe integer')
  })

  test.each(['\ud800', '\udc00', 'a\ud83d'])('does not write a lone surrogate', value => {
    expect(() => canonical(value)).toThrow('lone surrogate')
    expect(() => canonical({ [value]: 1 })).toThrow('lone surrogate')
  })
})

describe('strict reading', () => {
  test('accepts all that is written in canonical form, and reads it back', () => {
    fc.assert(
      fc.property(json, value => {
        const read = readCanonical(canonicalBytes(value), '')
        expect(read).toMatchObject({ ok: true })
        expect(read.ok && canonical(read.value)).toBe(canonical(value))
      }),
      { numRuns: 500 },
    )
  })

  test('accepts exactly the texts that are their own canonical form', () => {
    const piece = fc.constantFrom(
      ' ',
      '\n',
      '0',
      '1',
      '-',
      '.',
      'e',
      '"',
      '\\',
      '\\u0061',
      '\\ud800',
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '"a":1',
      'é',
      '\ufeff',
    )
    const edit = fc.record({ at: fc.nat(), drop: fc.nat(2), put: fc.oneof(piece, fc.constant('')) })
    fc.assert(
      fc.property(json, fc.array(edit, { maxLength: 2 }), (value, edits) => {
        const source = edits.reduce((whole, { at, drop, put }) => {
          const place = at % (whole.length + 1)
          return whole.slice(0, place) + put + whole.slice(place + drop)
        }, canonical(value))
        // An edit that cuts a pair of surrogates leaves a text that has no UTF-8.
        fc.pre(source.isWellFormed())
        expect(readCanonical(utf8(source), '').ok).toBe(acceptedSlowly(source))
      }),
      { numRuns: 2_000 },
    )
  })

  test('accepts members in one order only', () => {
    const members = fc.uniqueArray(name, { minLength: 1, maxLength: 5 })
    fc.assert(
      fc.property(members, names => {
        const source = `{${names.map(key => `${slowly(key)}:0`).join(',')}}`
        expect(readCanonical(utf8(source), '').ok).toBe(
          names.every((key, i) => i === 0 || compareUnits(names[i - 1] ?? '', key) < 0),
        )
      }),
      { numRuns: 500 },
    )
  })

  test('accepts any bytes or names what is wrong, and never throws', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), bytes => {
        const read = readCanonical(bytes, '/x')
        expect(read.ok || (read.code.startsWith('bytes.') && read.at === '/x')).toBe(true)
      }),
      { numRuns: 1_000 },
    )
  })

  test('counts depth as the parser would', () => {
    fc.assert(
      fc.property(json, fc.integer({ min: 0, max: 40 }), (value, around) => {
        const source = `${'['.repeat(around)}${canonical(value)}${']'.repeat(around)}`
        const refused = readCanonical(utf8(source), '')
        expect(!refused.ok && refused.code === 'bytes.too-deep').toBe(
          depthOf(JSON.parse(source) as Json) > limits.depthMax,
        )
      }),
      { numRuns: 300 },
    )
  })

  test('refuses a million open brackets without recursing', () => {
    expect(readCanonical(utf8('['.repeat(1_000_000)), '')).toMatchObject({ code: 'bytes.too-deep' })
  })

  test('reads a member named __proto__ as any other, so that a schema can refuse it', () => {
    const read = readCanonical(utf8('{"__proto__":{"polluted":true}}'), '')
    expect(read.ok && Object.keys(read.value as object)).toEqual(['__proto__'])
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined()
  })
})

const depthOf = (value: Json | undefined): number =>
  typeof value === 'object' && value !== null ? 1 + Math.max(0, ...Object.values(value).map(depthOf)) : 0
