import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fromBase64, fromBase64url, toBase64, toBase64url } from './base64.ts'

const characters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'
const kinds = [
  { title: 'base64url', alphabet: `${characters}-_`, padded: false, encode: toBase64url, decode: fromBase64url },
  { title: 'base64', alphabet: `${characters}+/`, padded: true, encode: toBase64, decode: fromBase64 },
] as const

/** RFC 4648 as a text of bits: six at a time. */
function slowly(bytes: Uint8Array, alphabet: string, padded: boolean): string {
  const bits = Array.from(bytes, byte => byte.toString(2).padStart(8, '0')).join('')
  const groups = bits.match(/.{1,6}/g) ?? []
  const text = groups.map(group => alphabet[Number.parseInt(group.padEnd(6, '0'), 2)]).join('')
  return padded ? text.padEnd(Math.ceil(text.length / 4) * 4, '=') : text
}

describe.each(kinds)('$title', ({ alphabet, padded, encode, decode }) => {
  test('is written as RFC 4648 has it', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), bytes => {
        expect(encode(bytes)).toBe(slowly(bytes, alphabet, padded))
      }),
    )
  })

  test('is read back to the same bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), bytes => {
        expect(decode(encode(bytes))).toEqual(bytes)
      }),
    )
  })

  test('is read only where it is the one text of its bytes', () => {
    const unit = fc.oneof(
      { weight: 20, arbitrary: fc.constantFrom(...alphabet) },
      { weight: 1, arbitrary: fc.constantFrom('=', '+', '-', ' ', '\n', 'é', '\u0141') },
    )
    fc.assert(
      fc.property(fc.string({ unit, maxLength: 12 }), text => {
        const bytes = decode(text)
        const lax = Uint8Array.from(Buffer.from(text, 'base64'))
        expect(bytes).toEqual(slowly(lax, alphabet, padded) === text ? lax : undefined)
      }),
      { numRuns: 2_000 },
    )
  })

  test('of a slice of a larger buffer is of the slice alone', () => {
    const whole = Uint8Array.from({ length: 300 }, (_, i) => i)
    expect(encode(whole.subarray(7, 260))).toBe(slowly(whole.slice(7, 260), alphabet, padded))
  })
})
