import { isDeepStrictEqual } from 'node:util'
import { canonical, limits, utf8 } from '@chancery/protocol'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readAny, readPlain, readSubmissions } from './submissions.ts'

const max = 4
const digest = 'A'.repeat(43)
const bodyOf = (submissions: readonly object[]): Uint8Array => utf8(canonical({ submissions: submissions as never }))
const plain = [
  { jws: 'a.b.c', seals: [] },
  { jws: 'd-_.e.f', seals: [], tag: digest },
]

describe('the body of a submission', () => {
  test('that is written plainly is read in one pass', () => {
    expect(readPlain(bodyOf(plain))).toEqual(plain)
    expect(readSubmissions(bodyOf(plain), max)).toEqual({ ok: true, value: plain })
  })

  test('has 1 to so many submissions, and nothing around them', () => {
    const text = canonical({ submissions: plain })
    const five = Array.from({ length: max + 1 }, () => plain[0] ?? {})
    expect(readSubmissions(bodyOf(five), max)).toMatchObject({ code: 'relay.bad-request', at: '/submissions' })
    expect(readSubmissions(bodyOf([]), max)).toMatchObject({ code: 'relay.bad-request', at: '/submissions' })
    for (const spoilt of [`${text}\n`, `${text}}`, ` ${text}`, text.slice(0, -1), text.replace('[', '[,')]) {
      expect({ spoilt, read: readSubmissions(utf8(spoilt), max).ok }).toEqual({ spoilt, read: false })
    }
  })

  test('has no statement that is too long, and no tag with loose bits', () => {
    const long = [{ jws: 'a'.repeat(limits.statementBytesMax + 1), seals: [] }]
    const loose = [{ jws: 'a.b.c', seals: [], tag: `${'A'.repeat(42)}B` }]
    expect(readSubmissions(bodyOf(long), max)).toMatchObject({ code: 'relay.bad-request', at: '/submissions/0/jws' })
    expect(readSubmissions(bodyOf(loose), max)).toMatchObject({ code: 'relay.bad-request', at: '/submissions/0/tag' })
  })

  test('has one verdict: what the one pass reads, the strict reader reads alike, whatever was changed in it', () => {
    const piece = fc.constantFrom('{"jws":"', '","seals":[]', ',"tag":"', digest, '"}', ',', ']}', '\\u0061', 'é', '\n')
    const place = fc.nat({ max: bodyOf(plain).length })
    fc.assert(
      fc.property(place, fc.nat({ max: 12 }), fc.oneof(piece, fc.string({ maxLength: 3 })), (at, length, put) => {
        const text = canonical({ submissions: plain })
        const body = utf8(text.slice(0, at) + put + text.slice(at + length))
        const read = readPlain(body)
        return read === undefined || isDeepStrictEqual(readAny(body, 64), { ok: true, value: read })
      }),
      { numRuns: 5_000 },
    )
  })
})
