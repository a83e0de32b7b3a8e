import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { toBase64url } from '../wire/base64.ts'
import { portableSha256 } from '../wire/bytes.ts'
import { canonicalBytes } from '../wire/canonical.ts'
import { readEnvelope } from './envelope.ts'

const typ = 'chancery-auth+jwt'
const part = (value: object): string => toBase64url(canonicalBytes(value as never))
const header = (change: object = {}): string => part({ alg: 'EdDSA', kid: 'A'.repeat(43), typ, ...change })
const jwsOf = (head: string): string => `${head}.${part({ a: 1 })}.${'A'.repeat(86)}`
const read = (jws: string) => readEnvelope(jws, typ, portableSha256)

describe('an envelope', () => {
  test('with a character outside ASCII is refused, wherever it stands', () => {
    const jws = jwsOf(header())
    const strange = fc.constantFrom('é', '€', '😀', '\ud800', '\0', '\u0100')
    fc.assert(
      fc.property(fc.nat({ max: jws.length }), fc.constantFrom(0, 1), strange, (at, length, put) => {
        const answer = read(jws.slice(0, at) + put + jws.slice(at + length))
        return !answer.ok && answer.code === 'bytes.bad-alphabet'
      }),
      { numRuns: 2_000 },
    )
  })

  test('has the verdict of its own header, whatever header was read before it', () => {
    const cases = [
      { head: header(), code: undefined },
      { head: header({ alg: 'none' }), code: 'statement.bad-header' },
      { head: header({ typ: 'chancery-statement+sd-jwt' }), code: 'statement.wrong-type' },
      { head: header({ kid: `${'B'.repeat(42)}A` }), code: undefined },
      { head: toBase64url(Uint8Array.of(123)), code: 'bytes.not-json' },
    ] as const
    for (const before of cases) {
      for (const { head, code } of cases) {
        read(jwsOf(before.head))
        const answer = read(jwsOf(head))
        expect(answer.ok ? undefined : answer.code).toBe(code)
      }
    }
  })
})
