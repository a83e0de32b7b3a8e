import { type Member, asksFor, parsePolicy, partiesOf, policyOn, toleranceOf } from '@chancery/protocol'
import { beforeAll, expect, test } from 'vitest'
import { readArgs } from '../args.ts'
import { makeKeys } from '../keystore.ts'
import { primitives } from '../world.ts'
import { bearsOf, policyGiven, sayTolerance } from './charter-policy.ts'

const origin = 'relay.example/log1'
const options = { quorum: { type: 'string' }, families: { type: 'string' }, policy: { type: 'string' } } as const
const flagsOf = (...words: readonly string[]) => readArgs(options, words).flags
let members: Member[]

beforeAll(async () => {
  members = []
  for (const id of ['arvandia', 'belmora', 'corvane', 'drusenia']) {
    const keys = (await makeKeys(id, 'EdDSA')).keys.map(({ record }) => record)
    members.push({ id, keys, name: id, roles: ['member'] })
  }
})

function policyBy(some: readonly Member[], ...words: readonly string[]) {
  const text = policyGiven(flagsOf('--quorum', '3', ...words), { members: some, relay: { origin, vkey: '' }, logs: [] })
  const policy = parsePolicy(primitives.sha256, text ?? '')
  if (!policy.ok) throw new Error(policy.why)
  return policy.value
}

test('every member is one party with two keys, both asked for unless it is said', () => {
  const policy = policyBy(members)
  expect(policy.witnesses.map(({ name }) => name).slice(0, 2)).toEqual(['arvandia/ed25519', 'arvandia/ml-dsa-44'])
  expect(partiesOf(policy).map(({ name }) => name)).toEqual(members.map(({ id }) => id))
  expect(toleranceOf(policy)).toMatchObject({ parties: 4, quorum: 3, faulty: 1, away: 1 })
  expect(policyOn({ ...policy, logs: [] }, 'ml-dsa-44')).toBeUndefined()
  expect(toleranceOf(policyBy(members, '--families', 'any'))).toEqual(toleranceOf(policy))
})

test('a member without the second key is a party with one', () => {
  const older = members.map(member => ({ ...member, keys: member.keys.filter(({ alg }) => alg !== 'ML-DSA-44') }))
  const policy = policyBy([...members.slice(0, 2), ...older.slice(2)])
  expect(partiesOf(policy).map(({ witnesses }) => witnesses.length)).toEqual([2, 2, 1, 1])
  expect(bearsOf(policyBy(older)).asks_for).toEqual([])
  expect(sayTolerance(policyBy(older)).at(-1)).toContain('Ed25519 alone')
})

test('what is asked for is said, once the log has a key of the family as well', () => {
  const key = members[0]?.keys.find(({ alg }) => alg === 'ML-DSA-44')
  expect(key).toBeDefined()
  const alone = policyBy(members)
  const both = { ...alone, logs: alone.witnesses.slice(0, 2) }
  expect(asksFor(both, 'ml-dsa-44')).toBe(true)
  expect(bearsOf(both).asks_for).toEqual(['ed25519', 'ml-dsa-44'])
  expect(sayTolerance(both).at(-1)).toContain('stands if Ed25519 falls')
  expect(sayTolerance(policyBy(members, '--families', 'any')).at(-1)).toContain('may count without ML-DSA-44')
})

test('called wrongly it says what goes with what', () => {
  const given = { members, relay: { origin, vkey: '' }, logs: [] }
  expect(() => policyGiven(flagsOf('--families', 'all'), given)).toThrow('goes with --quorum')
  expect(() => policyGiven(flagsOf('--quorum', '3', '--families', 'both'), given)).toThrow('--families is one of all')
  expect(() => policyGiven(flagsOf('--quorum', '3', '--policy', 'x'), given)).toThrow('not both')
})
