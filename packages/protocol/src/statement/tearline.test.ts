import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fromBase64url, toBase64url } from '../wire/base64.ts'
import { fromUtf8, portableSha256 as sha256, utf8 } from '../wire/bytes.ts'
import { limits } from '../wire/limits.ts'
import { disclose, disclosureDigest, formatTierCopy, readDisclosures, readTierCopy } from './tearline.ts'

const jti = toBase64url(sha256(utf8('jti')))
const labels = ['a', 'b', 'c', 'd', 'e']
const line = (slot: string, content = slot, iss = 'ardenia') =>
  disclose({ iss, jti, slot, salt: sha256(utf8(slot)), content })
const claimsOf = (slots: readonly string[]) => ({
  iss: 'ardenia',
  jti,
  tear: Object.fromEntries(
    slots.map(slot => [slot, { _sd: [disclosureDigest(sha256, line(slot))] as [string], tlp: 'red' as const }]),
  ),
})

describe('tear lines', () => {
  test('open exactly where they are distinct, committed to and in order of their labels', () => {
    const subset = fc.subarray(labels)
    fc.assert(
      fc.property(subset, fc.array(fc.constantFrom(...labels), { maxLength: 5 }), (committed, shown) => {
        const read = readDisclosures(
          sha256,
          claimsOf(committed),
          shown.map(slot => line(slot)),
        )
        const known = shown.every(slot => committed.includes(slot))
        const ordered = shown.every((slot, i) => i === 0 || (shown[i - 1] ?? '') < slot)
        const opened = read.ok
          ? read.value.map(({ label, content }) => [label, content])
          : read.code.startsWith('tear.')
        expect(opened).toEqual(known && ordered ? shown.map(slot => [slot, slot]) : true)
      }),
      { numRuns: 500 },
    )
  })

  test('any subset of them in order is a copy for some tier', () => {
    fc.assert(
      fc.property(fc.subarray(labels), shown => {
        expect(
          readDisclosures(
            sha256,
            claimsOf(labels),
            shown.map(slot => line(slot)),
          ).ok,
        ).toBe(true)
      }),
    )
  })

  test('with any character changed are refused', () => {
    fc.assert(
      fc.property(fc.nat(), fc.constantFrom(...'ABab01-_'), (at, put) => {
        const whole = line('a')
        const place = at % whole.length
        const altered = `${whole.slice(0, place)}${put}${whole.slice(place + 1)}`
        fc.pre(altered !== whole)
        expect(readDisclosures(sha256, claimsOf(['a']), [altered]).ok).toBe(false)
      }),
      { numRuns: 300 },
    )
  })

  test('of another author are refused though the digest was copied', () => {
    const stolen = line('a', 'a', 'borealia')
    const claims = {
      ...claimsOf([]),
      tear: { a: { _sd: [disclosureDigest(sha256, stolen)] as [string], tlp: 'red' as const } },
    }
    expect(readDisclosures(sha256, claims, [stolen])).toMatchObject({
      ok: false,
      code: 'tear.moved',
      at: '/disclosures/0',
    })
  })

  test('are disclosures of RFC 9901: salt, name and value', () => {
    const bytes = fromBase64url(line('a', 'text')) ?? new Uint8Array(0)
    expect(JSON.parse(fromUtf8(bytes) ?? '')).toEqual([
      toBase64url(sha256(utf8('a'))),
      'content',
      { b: { iss: 'ardenia', jti, slot: 'a' }, c: 'text' },
    ])
  })
})

describe('a tier copy', () => {
  test('is read back to its parts', () => {
    const part = fc.string({ unit: fc.constantFrom(...'abAB01-_.'), minLength: 1, maxLength: 8 })
    fc.assert(
      fc.property(part, fc.array(part, { maxLength: limits.slotsMax }), (jws, disclosures) => {
        expect(readTierCopy(formatTierCopy(jws, disclosures))).toEqual({ ok: true, value: { jws, disclosures } })
      }),
    )
  })

  test('is never longer than its limit allows', () => {
    expect(
      readTierCopy(
        formatTierCopy(
          'a',
          Array.from({ length: 217 }, () => 'd'),
        ),
      ),
    ).toMatchObject({ code: 'bytes.too-large' })
    expect(readTierCopy('~'.repeat(1_000_000))).toMatchObject({ code: 'bytes.too-large' })
  })
})
