import { expect, test } from 'vitest'
import * as fc from 'fast-check'
import { Charter, isCleared, roles } from './charter.ts'
import { tiers } from './tiers.ts'

test('a charter is closed, and nothing in it may be left out', () => {
  const issues = Charter.safeParse({}).error?.issues.map(({ path }) => path[0])
  expect(issues).toEqual([
    'amend_threshold',
    'clearances',
    'default_tlp',
    'entry',
    'exit',
    'legal_status',
    'members',
    'name',
    'organisation',
    'purpose',
    'relay',
    'tag',
    'version',
  ])
})

test('an origin is a host and at most four parts of a path', () => {
  const holds = (origin: string) => Charter.shape.relay.safeParse({ origin, vkey: 'x' }).success
  expect(['ledger.example', 'ledger.example/a', 'l/a/b/c/d', 'a.b-c/x_y.z'].map(holds)).toEqual([
    true,
    true,
    true,
    true,
  ])
  expect(['', 'l/', '/a', 'l//a', 'l/a/b/c/d/e', 'L', 'l/A', 'l a', 'l\n', 'https://l', 'l:80'].map(holds)).toEqual(
    Array(11).fill(false),
  )
})

test('clearance is by list alone, and for clear by no list', () => {
  const id = fc.constantFrom('a', 'b', 'c')
  const lists = fc.record({
    green: fc.uniqueArray(id),
    amber: fc.uniqueArray(id),
    'amber+strict': fc.uniqueArray(id),
    red: fc.uniqueArray(id),
  })
  fc.assert(
    fc.property(lists, id, (clearances, member) => {
      const charter = { clearances } as unknown as Charter
      expect(tiers.filter(tlp => isCleared(charter, member, tlp))).toEqual(
        tiers.filter(tlp => tlp === 'clear' || clearances[tlp].includes(member)),
      )
    }),
  )
})

test('a role has one name', () => {
  expect(new Set(roles).size).toBe(roles.length)
})
