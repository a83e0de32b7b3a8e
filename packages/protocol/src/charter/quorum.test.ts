import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { portableSha256 as sha256, utf8 } from '../wire/bytes.ts'
import { mlDsa44Keys } from '../wire/ml-dsa.ts'
import { formatVkey, signatureTypes } from '../wire/vkey.ts'
import { type Policy, parsePolicy, printPolicy } from './policy.ts'
import {
  asksFor,
  cosignedParties,
  isFresh,
  loggedNotAfter,
  ownerOf,
  partiesOf,
  quorumHolds,
  seenNotBefore,
  toleranceOf,
} from './quorum.ts'

const vkeyOf = (name: string): string =>
  formatVkey({ sha256, name, key: sha256(utf8(`quorum test ${name}`)), type: signatureTypes.cosignature })

/** Nested groups of up to eight witnesses, each a member once. */
const tree = fc.letrec<{ node: string | { k: number; of: unknown[] } }>(tie => ({
  node: fc.oneof(
    { maxDepth: 2 },
    fc.constant('leaf'),
    fc.record({ k: fc.nat({ max: 9 }), of: fc.array(tie('node'), { minLength: 1, maxLength: 3 }) }),
  ),
})).node

function policyOf(shape: unknown): Policy {
  const lines: string[] = []
  let [leaves, groups] = [0, 0]
  const write = (node: unknown): string => {
    if (node === 'leaf') {
      const name = `w${leaves++}`
      lines.push(`witness ${name} ${vkeyOf(name)}`)
      return name
    }
    const { k, of } = node as { k: number; of: unknown[] }
    const members = of.map(write)
    const name = `g${groups++}`
    lines.push(`group ${name} ${(k % members.length) + 1} ${members.join(' ')}`)
    return name
  }
  lines.push(`quorum ${write(shape)}`)
  const policy = parsePolicy(sha256, `${lines.join('\n')}\n`)
  if (!policy.ok) throw new Error(policy.why)
  return policy.value
}

/** The slow and obvious twin: every set of parties. */
function byTrying(policy: Policy) {
  const names = partiesOf(policy).map(({ name }) => name)
  const sets = Array.from({ length: 2 ** names.length }, (_, bits) => names.filter((_name, i) => (bits >> i) & 1))
  const quorums = sets.filter(set => quorumHolds(policy, name => set.includes(name)))
  const least = (values: readonly number[]) => values.reduce((a, b) => Math.min(a, b), Infinity)
  const shared = least(quorums.flatMap(a => quorums.map(b => a.filter(name => b.includes(name)).length)))
  const stopping = sets.filter(gone => !quorumHolds(policy, name => !gone.includes(name)))
  const quorum = least(quorums.map(set => set.length))
  return { quorum, shared, away: least(stopping.map(set => set.length)) - 1, parties: names.length }
}

test('what a policy bears is what trying all sets finds', () => {
  fc.assert(
    fc.property(tree, shape => {
      const policy = policyOf(shape)
      fc.pre(partiesOf(policy).length <= 7)
      const { faulty, ...found } = toleranceOf(policy)
      expect(found).toEqual(byTrying(policy))
      expect(faulty).toBe(Math.max(0, found.shared - 1))
    }),
    { numRuns: 120 },
  )
})

test('q > (n + f) / 2, for one group', () => {
  for (let n = 1; n <= 12; n++)
    for (let q = Math.floor(n / 2) + 1; q <= n; q++) {
      const members = Array.from({ length: n }, (_, i) => `w${i}`)
      const lines = [...members.map(name => `witness ${name} ${vkeyOf(name)}`), `group q ${q} ${members.join(' ')}`]
      const policy = parsePolicy(sha256, `${lines.join('\n')}\nquorum q\n`)
      if (!policy.ok) throw new Error(policy.why)
      const { faulty, away } = toleranceOf(policy.value)
      expect(q).toBeGreaterThan((n + faulty) / 2)
      expect(q).not.toBeGreaterThan((n + faulty + 1) / 2)
      expect(away).toBe(n - q)
    }
})

test('a policy is printed as it is read', () => {
  fc.assert(
    fc.property(tree, shape => {
      const policy = policyOf(shape)
      expect(parsePolicy(sha256, printPolicy(policy))).toEqual({ ok: true, value: policy })
    }),
    { numRuns: 50 },
  )
})

const four = ((): Policy => {
  const lines = ['a', 'b', 'c', 'd'].map(name => `witness ${name} ${vkeyOf(name)}`)
  const policy = parsePolicy(sha256, `${lines.join('\n')}\ngroup q 3 a b c d\nquorum q\n`)
  if (!policy.ok) throw new Error(policy.why)
  return policy.value
})()

const pairs = (k: 'all' | 'any'): Policy => {
  const pq = (name: string) =>
    formatVkey({ sha256, name, key: mlDsa44Keys(sha256(utf8(name))).publicKey, type: signatureTypes.mlDsa44 })
  const lines = ['a', 'b', 'c', 'd'].flatMap(name => [
    `witness ${name}1 ${vkeyOf(name)}`,
    `witness ${name}2 ${pq(name)}`,
    `group ${name} ${k} ${name}1 ${name}2`,
  ])
  const policy = parsePolicy(sha256, `log ${pq('log')}\n${lines.join('\n')}\ngroup q 3 a b c d\nquorum q\n`)
  if (!policy.ok) throw new Error(policy.why)
  return policy.value
}
const at = (...names: readonly string[]) => new Map(names.map((name, i) => [name, 100 + i]))

test('the two keys of a member are one party, and bear what one key each would', () => {
  for (const k of ['all', 'any'] as const) expect(toleranceOf(pairs(k))).toEqual(toleranceOf(four))
})

test('a member has cosigned with as many of its keys as the policy asks for, and once', () => {
  const cosigned = at('a2', 'a1', 'b1', 'c2')
  expect([...cosignedParties(pairs('all'), cosigned)]).toEqual([['a', 100]])
  expect([...cosignedParties(pairs('any'), cosigned)]).toEqual([
    ['a', 100],
    ['b', 102],
    ['c', 103],
  ])
})

test('a policy asks for a family when nothing counts without it', () => {
  expect(asksFor(pairs('all'), 'ml-dsa-44')).toBe(true)
  expect(asksFor(pairs('any'), 'ml-dsa-44')).toBe(false)
  expect(asksFor(four, 'ml-dsa-44')).toBe(false)
})

test('a key of a pair is its member by name, and any other its own', () => {
  expect(['a1', 'a2'].map(name => ownerOf(pairs('all'), name))).toEqual(['a', 'a'])
  expect(ownerOf(four, 'a')).toBe('a')
})

test('one corrupt clock moves no bound past an honest one', () => {
  const honest = new Map([
    ['a', 100],
    ['b', 110],
    ['c', 120],
  ])
  const lying = (time: number) => new Map([...honest, ['d', time]])
  for (const time of [1, 2 ** 40]) {
    expect(seenNotBefore(four, lying(time))).toBeLessThanOrEqual(120)
    expect(loggedNotAfter(four, lying(time))).toBeGreaterThanOrEqual(100)
  }
})

test('fresh is a quorum of fresh ones, and one alone is none', () => {
  const cosigned = new Map([
    ['a', 1_000],
    ['b', 1_000],
    ['c', 500],
  ])
  expect(isFresh(four, cosigned, { now: 1_100, maxAge: 600 })).toBe(true)
  expect(isFresh(four, cosigned, { now: 1_101, maxAge: 600 })).toBe(false)
  expect(isFresh(four, new Map([['a', 1_101]]), { now: 1_101, maxAge: 600 })).toBe(false)
})
