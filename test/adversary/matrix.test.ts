import * as crypto from 'node:crypto'
import { type Exhibits, convict, nodePrimitives } from '@chancery/protocol'
import { describe, expect, test } from 'vitest'
import { cells, cellsAnew } from './cells.ts'
import { type LieName, lieNames, signedAnew } from './lies.ts'
import { type Outcome, type Party, codesOf, complaintsOver, parties, tell } from './matrix.ts'
import { hasPython, secondWitness } from './second.ts'
import { sayings } from './scene.ts'

// SEED=… replays a run; the long lane runs many, in every order.
const seed = process.env.SEED ?? 'the adversary'
const evidence: { readonly lie: string; readonly exhibits: Exhibits }[] = []

describe(`a relay that lies to each of four parties, over sockets (SEED=${seed})`, () => {
  const tellings = [
    ...lieNames.map(lie => ({ lie, anew: false, title: `${lie}: each party detects it, or is not harmed` })),
    ...(Object.keys(signedAnew) as LieName[]).map(lie => ({
      lie,
      anew: true,
      title: `${lie}, under a head signed anew`,
    })),
  ]
  test.each(tellings)('$title', async ({ lie, anew }) => {
    const outcomes = await tell({ lie, anew, order: sayings, seed })
    expect(complaintsOver({ lie, anew }, outcomes)).toEqual([])
    for (const { evidence: files } of Object.values(outcomes))
      evidence.push(...files.map(exhibits => ({ lie, exhibits })))
  })
})

describe('the evidence that they kept', () => {
  const verdictOf = (exhibits: Exhibits) => convict(nodePrimitives(crypto), [exhibits])

  test('convicts the log that has signed two trees of one size, and nobody where it went back', () => {
    const convicted = evidence.filter(({ exhibits }) => {
      const verdict = verdictOf(exhibits)
      return verdict.ok && verdict.value.convictions.some(({ who }) => who.is === 'log')
    })
    const lies = (from: typeof evidence) => [...new Set(from.map(({ lie }) => lie))].sort()
    expect(lies(evidence)).toEqual(['fork per reader', 'omit', 'truncate'])
    // Of two sizes one alone proves nothing: what leads from one to the other would be the relay's to give.
    expect(lies(convicted)).toEqual(['fork per reader'])
  })
  test.skipIf(!hasPython)('has the same verdict from the second witness, file by file', async () => {
    const answers = await secondWitness(evidence.map(({ exhibits }) => ({ check: 'convict', given: exhibits })))
    const ours = evidence.map(({ exhibits }) => {
      const verdict = verdictOf(exhibits)
      return verdict.ok ? { expect: 'ok', value: verdict.value } : { expect: verdict.code, at: verdict.at }
    })
    expect(answers).toEqual(ours)
  })
})

describe('a table of what is expected', () => {
  const as = (said: string): Outcome => ({ under: said, after: 'ok', evidence: [] })
  const all = (said: string) => Object.fromEntries(parties.map(party => [party, as(said)])) as Record<Party, Outcome>

  test('is not met by a party that notices nothing, by another code, or where nothing should be noticed', () => {
    const told = { lie: 'omit', anew: false } as const
    expect(complaintsOver(told, all('ok'))).toHaveLength(4)
    expect(complaintsOver(told, all('log.went-back'))).toHaveLength(4)
    expect(complaintsOver({ lie: 'delay', anew: false }, all('relay.nonsense'))).toHaveLength(4)
    expect(codesOf({ under: 'ok', after: 'log.forked' })).toEqual(['log.forked'])
  })
  test('says of each lie and each party what it is, or why it is none', () => {
    for (const lie of lieNames) expect(Object.keys(cells[lie]).sort()).toEqual([...parties].sort())
    for (const lie of Object.keys(signedAnew)) expect(cellsAnew).toHaveProperty([lie])
  })
})
