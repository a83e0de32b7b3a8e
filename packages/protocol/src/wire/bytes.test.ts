import { createHash } from 'node:crypto'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { compareText, concat, cut, domainTag, equalBytes, fromUtf8, portableSha256, toHex, utf8 } from './bytes.ts'

const bytes = fc.uint8Array({ maxLength: 40 })

describe('bytes', () => {
  test('put together and cut apart are what they were', () => {
    fc.assert(
      fc.property(fc.array(bytes, { maxLength: 5 }), parts => {
        expect(Array.from(concat(...parts))).toEqual(parts.flatMap(part => Array.from(part)))
      }),
    )
  })

  test('are equal where each byte is', () => {
    fc.assert(
      fc.property(bytes, bytes, (a, b) => {
        expect(equalBytes(a, b)).toBe(Buffer.compare(a, b) === 0)
        expect(equalBytes(a, a.slice())).toBe(true)
        expect(equalBytes(a, concat(a, Uint8Array.of(0)))).toBe(false)
      }),
    )
  })

  test('are written in hexadecimal digits, two each', () => {
    fc.assert(
      fc.property(bytes, some => {
        expect(toHex(some)).toBe(Buffer.from(some).toString('hex'))
      }),
    )
  })

  test('have the digest that every machine gives them', () => {
    fc.assert(
      fc.property(bytes, some => {
        expect(toHex(portableSha256(some))).toBe(createHash('sha256').update(some).digest('hex'))
      }),
    )
  })
})

describe('text', () => {
  test('is read back from its UTF-8', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), text => {
        expect(fromUtf8(utf8(text))).toBe(text)
      }),
    )
  })

  test('keeps its byte order mark, so that a later step refuses it', () => {
    expect(fromUtf8(Uint8Array.of(0xef, 0xbb, 0xbf, 0x31))).toBe('\ufeff1')
  })

  test('is read from no other bytes than those it is written as', () => {
    fc.assert(
      fc.property(bytes, some => {
        const text = fromUtf8(some)
        expect(text === undefined || equalBytes(utf8(text), some)).toBe(true)
      }),
      { numRuns: 1_000 },
    )
  })

  test('in ASCII is compared as its bytes are', () => {
    const ascii = fc.string({ unit: 'grapheme-ascii' })
    fc.assert(
      fc.property(ascii, ascii, (a, b) => {
        expect(compareText(a, b)).toBe(Buffer.compare(utf8(a), utf8(b)))
      }),
    )
  })
})

test('a domain ends in a zero byte, so that none is the beginning of another', () => {
  expect(toHex(domainTag('leaf'))).toBe('6368616e636572792f76312f6c65616600')
  expect(toHex(domainTag('tag-key')).startsWith(toHex(domainTag('tag')))).toBe(false)
})

describe('cut', () => {
  test('hands out zeroed bytes that no two callers share, of any length', () => {
    const pieces = [0, 1, 64, 2_000, 32_768, 32_769, 300_000, 5].flatMap(length =>
      Array.from({ length: 20 }, () => cut(length)).map(piece => ({ length, piece })),
    )
    for (const { length, piece } of pieces) {
      expect(piece).toHaveLength(length)
      expect(piece.every(byte => byte === 0)).toBe(true)
      piece.fill(255)
    }
  })
})
