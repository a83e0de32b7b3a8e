import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Charter, isCleared } from './charter.ts'
import { type CharterState, adopt, beginCharter, hasRole, isInForce, keyAt, keysFor, memberOf } from './fold.ts'
import type { KeyRecord } from './keys.ts'

const record = (kid: string, use: KeyRecord['use']): KeyRecord => ({
  alg: 'EdDSA',
  jwk: { crv: 'Ed25519', kty: 'OKP', x: 'A' },
  kid,
  use,
})

/** Only what the fold reads: bodies have passed every check before they come here. */
const charterOf = (ids: readonly string[]): Charter =>
  ({
    members: ids.map(id => ({
      id,
      keys: [record(`${id}-sign`, 'sign'), record(`${id}-enc`, 'enc')],
      name: id,
      roles: ['member'],
    })),
    clearances: { green: ids, amber: ids.slice(0, 2), 'amber+strict': ids.slice(0, 1), red: [] },
  }) as unknown as Charter

const ids = ['a', 'b', 'c', 'd']
const begun = beginCharter({ sid: 'genesis', iss: 'a', charter: charterOf(ids) })

describe('adoption', () => {
  test('is complete after each founder has adopted once, in any order', () => {
    fc.assert(
      fc.property(
        fc.shuffledSubarray(ids.slice(1)),
        fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 3, maxLength: 3 }),
        (order, gaps) => {
          let state: CharterState = begun
          let index = 0
          for (const [i, by] of order.entries()) {
            index += gaps[i] ?? 1
            const next = adopt(state, by, index)
            expect(next.ok).toBe(true)
            if (next.ok) state = next.value
          }
          const complete = order.length === ids.length - 1
          expect(state.inForceFrom).toBe(complete ? index + 1 : undefined)
          expect(isInForce(state, index)).toBe(false)
          expect(isInForce(state, index + 1)).toBe(complete)
        },
      ),
    )
  })

  test('a second time is refused, and changes nothing', () => {
    expect(adopt(begun, 'a', 1)).toMatchObject({ ok: false, code: 'charter.already-adopted' })
    expect([...begun.adopted]).toEqual([['a', 0]])
  })

  test('leaves the state before it as it was', () => {
    adopt(begun, 'b', 1)
    expect(begun.adopted.has('b')).toBe(false)
  })

  test('of one founder alone is in force from the next index', () => {
    expect(beginCharter({ sid: 'genesis', iss: 'a', charter: charterOf(['a']) }).inForceFrom).toBe(1)
  })
})

describe('a key', () => {
  test('speaks from its first index to the one before its last', () => {
    const keys = new Map([['k', { member: 'a', record: record('k', 'sign'), from: 3, to: 7 }]])
    fc.assert(
      fc.property(fc.nat(10), index => {
        expect(keyAt({ ...begun, keys }, 'k', index) !== undefined).toBe(index >= 3 && index < 7)
      }),
    )
  })

  test('of a genesis charter speaks at every index', () => {
    for (const index of [0, 1, Number.MAX_SAFE_INTEGER]) expect(keyAt(begun, 'a-sign', index)?.member).toBe('a')
  })

  test.each(['', 'e-sign', 'constructor', '__proto__'])('named "%s" is nobody\'s', kid => {
    expect(keyAt(begun, kid, 0)).toBeUndefined()
  })

  test('is found by its use, for the members named', () => {
    expect(keysFor(begun, ['d', 'b'], 'enc').map(({ record: { kid } }) => kid)).toEqual(['b-enc', 'd-enc'])
    expect(keysFor(begun, [], 'enc')).toEqual([])
  })
})

test('members are found by their exact id', () => {
  expect(memberOf(begun, 'b')?.id).toBe('b')
  expect([memberOf(begun, 'B'), memberOf(begun, 'constructor')]).toEqual([undefined, undefined])
  expect([hasRole(begun, 'b', 'member'), hasRole(begun, 'b', 'coordinator'), hasRole(begun, 'e', 'member')]).toEqual([
    true,
    false,
    false,
  ])
})

test('everyone is cleared for clear, and only those listed for the rest', () => {
  const { charter } = begun
  expect(ids.map(id => isCleared(charter, id, 'clear'))).toEqual([true, true, true, true])
  expect(ids.map(id => isCleared(charter, id, 'amber'))).toEqual([true, true, false, false])
  expect(ids.map(id => isCleared(charter, id, 'red'))).toEqual([false, false, false, false])
})
