import { type Claims, foldCallOuts, kinds, signEnvelope, signatoriesAt } from '@chancery/protocol'
import { beforeAll, describe, expect, test } from 'vitest'
import { sha256 } from '../relay/fixture.ts'
import { says, tell } from '../view/story.ts'
import { type World, makeWorld } from '../world.ts'
import { phaseOf } from './acts.ts'
import { type Ask, bothSay, codesBothSay, judgedIn } from './second.ts'

const { template } = kinds['attribution.statement']
let world: World
beforeAll(async () => {
  world = await makeWorld({ members: 3, seed: 'a hostile member', curvesOnly: true })
})

const line = { label: 'method', tlp: 'green' as const, content: { text: 'How it is known' } }

describe('a hostile member, and what it signs', () => {
  test('26: two statements of one number convict it before anyone, in any order, and no other', async () => {
    const draft = (title: string) => world.draft('attribution.statement', 'borsk', { ...template, title })
    const [one, two] = [await draft('One'), await draft('Another')]
    const genesis = world.logged[0]?.jws
    const given = (...statements: string[]): Ask => ({ check: 'convict', given: { genesis, statements } })
    const verdicts = await bothSay([given(one.jws, two.jws), given(two.jws, one.jws), given(one.jws, one.jws)])
    const names = verdicts.map(({ value }) =>
      (value as { convictions: { who: { name: string } }[] }).convictions.map(({ who }) => who.name),
    )
    expect(names).toEqual([['borsk'], ['borsk'], []])
  })
  test('31: a commitment that it copies from another opens under the other’s name alone', async () => {
    const discovery = await world.draft('attribution.statement', 'aldova', template, { tear: [line] })
    const copied = await world.draft('attribution.statement', 'borsk', template, {
      bare: true,
      tear: [line],
      change: claims => ({ ...claims, tear: discovery.payload.tear }),
    })
    const opened = discovery.lines[0]?.disclosure ?? ''
    expect(copied.payload.tear).toEqual(discovery.payload.tear)
    const answers = await bothSay([
      judgedIn(world, `${discovery.jws}~${opened}~`),
      judgedIn(world, `${copied.jws}~`),
      judgedIn(world, `${copied.jws}~${opened}~`),
    ])
    expect(answers.map(({ expect: code }) => code)).toEqual(['ok', 'ok', 'tear.moved'])
  })
  test('32: early knowledge has a digest under its signature, and a text made up later has none', async () => {
    const said = await world.draft('attribution.statement', 'aldova', template, { tear: [line] })
    const later = await world.draft('attribution.statement', 'aldova', template, {
      tear: [{ ...line, content: { text: 'What became known since' } }],
    })
    const madeUp = later.lines[0]?.disclosure ?? ''
    expect(await codesBothSay([judgedIn(world, `${said.jws}~${madeUp}~`)])).toEqual(['tear.unreferenced'])
  })
  test('39: it has no second voice by another of its keys, nor by joining twice', async () => {
    const said = await world.draft('attribution.statement', 'borsk', template)
    const root = world.members['borsk']?.rootSigner
    if (root === undefined) throw new Error('no root key')
    const typ = 'chancery-statement+sd-jwt' as const
    const again = await signEnvelope(root, { typ, payload: said.payload as never, sha256 })
    expect(again.sid).not.toBe(said.sid)
    expect(await codesBothSay([judgedIn(world, `${again.jws}~`)])).toEqual(['charter.wrong-use'])
    const story = await tell('a second voice', { answers: 2 })
    await story.join('borsk', { atLeast: [2] })
    await story.join('borsk', { atLeast: [2] })
    const { signatories } = signatoriesAt(story.callOut(), story.world.size)
    expect(signatories).toEqual([])
    expect((await bothSay([phaseOf(story)]))[0]?.value).toMatchObject({ signatories: [] })
  })
  test('40: one key stands under one member', async () => {
    const { charter } = world.charter
    const [first, second, ...others] = charter.members
    const keys = first?.keys ?? []
    const theirs = second?.keys.filter(({ use }) => use !== 'sign') ?? []
    const mine = keys.filter(({ use }) => use === 'sign')
    const shared = { ...charter, members: [first, { ...second, keys: [...theirs, ...mine] }, ...others] }
    const codes = await codesBothSay(
      [charter, shared].map(each => ({ check: 'charterLaws', given: { charter: each } })),
    )
    expect(codes[0]).toBe('ok')
    expect(['charter.repeated-key', 'charter.no-possession']).toContain(codes[1])
  })
})

describe('a hostile member, and its conditions', () => {
  const joined = (when?: object) => ({ positions: [says()], ...(when !== undefined && { when }) })
  const set = (joins: object): Ask => ({ check: 'callOutSet', given: { joins } })

  test('36: it stands under the condition that it signed, and under no other that it tells of later', async () => {
    const asks = [
      set({ borsk: joined({ member: 'caldria' }), dorvane: joined() }),
      set({ borsk: joined({ member: 'caldria' }), caldria: joined() }),
      set({ borsk: joined(), dorvane: joined() }),
    ]
    expect((await bothSay(asks)).map(({ value }) => value)).toEqual([
      ['dorvane'],
      ['borsk', 'caldria'],
      ['borsk', 'dorvane'],
    ])
    const story = await tell('a condition told later', { answers: 2 })
    const join = await story.join('borsk', { member: 'caldria' })
    const unsaid = (claims: Claims) => ({
      ...claims,
      body: { ...(claims.body as object), when: { member: 'estmark' } },
    })
    const told = await story.world.draft('callout.join', 'borsk', join.statement.body, { tlp: 'amber', change: unsaid })
    const [header, , signature] = join.jws.split('.')
    const forged = `${header}.${told.jws.split('.')[1]}.${signature}~`
    expect(await codesBothSay([judgedIn(story.world, forged)])).toEqual(['statement.bad-signature'])
  })
  test('37: two that wait for one another are both in, and one that waits for nobody there is out', async () => {
    const asks = [
      set({ borsk: joined({ member: 'caldria' }), caldria: joined({ member: 'borsk' }) }),
      set({ borsk: joined({ member: 'caldria' }), dorvane: joined({ member: 'borsk' }) }),
    ]
    expect((await bothSay(asks)).map(({ value }) => value)).toEqual([['borsk', 'caldria'], []])
  })
  test('38: a condition too deep or too wide is refused unjudged, and a mean one is judged at once', async () => {
    const deep = (levels: number): object => (levels === 0 ? { member: 'caldria' } : { all: [deep(levels - 1)] })
    const wide = { any: Array.from({ length: 65 }, (_, i) => ({ member: `state-${i}` })) }
    const codes = await codesBothSay([set({ borsk: joined(deep(5)) }), set({ borsk: joined(wide) })])
    expect(codes.every(code => code === 'statement.breaks-law' || code === 'statement.bad-schema')).toBe(true)
    const ids = Array.from({ length: 200 }, (_, i) => `state-${String(i).padStart(3, '0')}`)
    // A chain of which the last link is missing: each round lets one fall.
    const chain = Object.fromEntries(ids.map((id, i) => [id, joined({ member: ids[i + 1] ?? 'nobody' })]))
    expect((await bothSay([set(chain)]))[0]?.value).toEqual([])
  })
})

test('the call-out of a story is one, for both who judge it', async () => {
  const story = await tell('a call-out', { answers: 2 })
  await story.join('borsk')
  const { size, rootAt } = story.world
  expect(foldCallOuts(story.world.logged, { size, rootAt }).size).toBe(1)
  expect((await bothSay([phaseOf(story)]))[0]?.value).toMatchObject({ signatories: ['borsk'] })
})
