import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Admitted, type Mirror, admit, openMirror, statementsOf } from '@chancery/client'
import { type Delivery, type EnclosedCopy, foldCallOuts, instantOf, kindOf } from '@chancery/protocol'
import { openStore } from '@chancery/store'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { deliveryOf, submissionOf } from '../deliveries.ts'
import { type Running, replay, running } from '../relay/fixture.ts'
import { type LoggedStatement, type World, makeWorld, worldBegins } from '../world.ts'

const folder = mkdtempSync(join(tmpdir(), 'enclosures-'))
const seed = 'the relay under test'
let world: World
let [proposal, text, release, greenRelease] = [] as LoggedStatement[]
let joins: LoggedStatement[]
let unmet: LoggedStatement
let opened = 0

/** Two members join, a third on a condition that does not hold, and the fourth has only its clearance. */
beforeAll(async () => {
  world = await makeWorld({ members: 4, seed })
  const body = kindOf('attribution.statement').template as { claims: { id: string }[] }
  const said = await world.statement('attribution.statement', 'aldova', body)
  const { template } = kindOf('callout.propose')
  const named = { attributions: [said.sid], pen_holder: 'aldova', invitees: ['borsk', 'caldria'], deputies: [] }
  const handling = { releasable_to: ['aldova', 'borsk', 'caldria'] }
  const due = {
    respond_by: instantOf(worldBegins),
    release_window: { from: instantOf(worldBegins), until: '2032-01-01T00:00:00Z' },
  }
  proposal = await world.statement(
    'callout.propose',
    'aldova',
    { ...(template as object), ...named, ...due },
    { tlp: 'green', handling },
  )
  const claims = [{ id: 'c1', attribution: said.sid, claim: body.claims[0]?.id ?? '' }]
  const frozen = { ...(kindOf('callout.text').template as object), proposal: proposal.sid, claims }
  const times = { deadline: { size: world.size + 4, at: instantOf(worldBegins) }, lapse: { size: 1_000 } }
  text = await world.statement('callout.text', 'aldova', { ...frozen, ...times }, { tlp: 'green', handling })
  const answer = { ...(kindOf('callout.join').template as object), text: text.sid }
  joins = [
    await world.statement('callout.join', 'aldova', answer),
    await world.statement('callout.join', 'borsk', answer),
  ]
  unmet = await world.statement('callout.join', 'caldria', { ...answer, when: { atLeast: [9] } })
  const cut = { size: world.size, root: world.rootAt(world.size) ?? '' }
  const released = {
    text: text.sid,
    cut,
    joins: joins.map(({ sid }) => sid).sort(),
    released_at: instantOf(worldBegins),
  }
  release = await world.statement('callout.release', 'aldova', released)
  greenRelease = await world.statement('callout.release', 'aldova', released, { tlp: 'green' })
})
afterAll(() => rmSync(folder, { recursive: true }))

const copyOf = ({ jws }: LoggedStatement): EnclosedCopy => ({ disclosures: [], jws })
const copies = (): EnclosedCopy[] => [text, proposal, ...joins].map(each => copyOf(each as LoggedStatement))

async function mirrorOf(id: string): Promise<Mirror> {
  const store = openStore(join(folder, `${opened++}.db`), { origin: world.origin, create: true })
  if (!store.ok) throw new Error(store.code)
  const { encKey, xwingKey } = world.members[id] as World['members'][string]
  const input = { store: store.value, genesis: world.logged[0]?.jws ?? '', openKeys: [encKey, xwingKey] }
  const mirror = await openMirror({ ...input, primitives: world.primitives })
  if (!mirror.ok) throw new Error(mirror.code)
  return mirror.value
}

/** As the relay has it for a member to whom nothing of the call-out is sealed but what is for all of green. */
async function deliveries(enclosed: readonly EnclosedCopy[], upTo = release as LoggedStatement): Promise<Delivery[]> {
  const list: Delivery[] = []
  for (const logged of world.logged.slice(0, upTo.index + 1)) {
    const delivery = await deliveryOf(world, logged, logged === upTo ? enclosed : [])
    list.push({ ...delivery, seals: delivery.seals.filter(({ releasable_to }) => releasable_to === undefined) })
  }
  return list
}

async function taken(mirror: Mirror, list: readonly Delivery[], size = list.length): Promise<Admitted> {
  const admitted = await admit(mirror, list, world.checkpoint(size))
  if (!admitted.ok) throw new Error(`${admitted.code} ${admitted.at ?? ''}`)
  return admitted.value
}
const heldIn = (mirror: Mirror): number[] => {
  const held = statementsOf(mirror, 'callout.')
  return held.ok ? held.value.map(({ index }) => index) : []
}
const indices = (): number[] => [proposal, text, ...joins, release].map(each => each?.index ?? -1)

describe('a reader to whom nothing was sealed', () => {
  test('opens what the release brings at its own place, and judges it sound', async () => {
    const list = await deliveries(copies())
    const mirror = await mirrorOf('dorvane')
    // In two parts: what is opened late lies in the store already, and so does its chain.
    await taken(mirror, list.slice(0, -1))
    expect(heldIn(mirror)).toEqual([])
    const { openedLate, badCopies } = await taken(mirror, list.slice(-1), list.length)
    expect([openedLate.map(({ index }) => index), badCopies]).toEqual([
      [text, proposal, ...joins].map(each => each?.index),
      [],
    ])
    expect(heldIn(mirror)).toEqual(indices())
    expect([mirror.store.unopened(), mirror.store.indexOf(unmet.sid)]).toEqual([1, undefined])
    const held = statementsOf(mirror)
    const view = {
      size: world.size,
      rootAt: world.rootAt,
      withheldBefore: (size: number) => mirror.store.unopened(size),
    }
    const [callOut] = held.ok ? foldCallOuts(held.value, view).values() : []
    expect(callOut).toMatchObject({ phase: 'released', verdict: { is: 'sound', withheld: 1 } })
    mirror.store.close()
  })
  test('holds the same when all of it comes at once, and when a part of it comes again', async () => {
    const list = await deliveries(copies())
    const mirror = await mirrorOf('dorvane')
    await taken(mirror, list)
    await taken(mirror, list.slice(3))
    expect(heldIn(mirror)).toEqual(indices())
    mirror.store.close()
  })
  test('holds it the same from a release that is sealed itself', async () => {
    const list = await deliveries(copies(), greenRelease as LoggedStatement)
    const mirror = await mirrorOf('dorvane')
    const { unsound, badCopies } = await taken(mirror, list)
    expect([unsound, badCopies]).toEqual([[], []])
    expect(heldIn(mirror)).toEqual([...indices(), greenRelease?.index])
    mirror.store.close()
  })
  test('is told of a copy that the release does not list, and keeps none of it', async () => {
    const mirror = await mirrorOf('dorvane')
    const { badCopies } = await taken(mirror, await deliveries([...copies(), copyOf(unmet)]))
    expect(badCopies).toEqual([{ index: release?.index, code: 'statement.breaks-law', at: '/enclosed/4' }])
    expect(heldIn(mirror)).toEqual(indices())
    mirror.store.close()
  })
  test('is told of a copy whose signature does not hold, and of one that no entry commits to', async () => {
    const mirror = await mirrorOf('dorvane')
    const bent = { disclosures: [], jws: `${text?.jws.slice(0, -86)}${'A'.repeat(86)}` }
    const stranger = await world.draft('callout.join', 'dorvane', {
      ...(kindOf('callout.join').template as object),
      text: text?.sid,
    })
    const { badCopies } = await taken(mirror, await deliveries([bent, { disclosures: [], jws: stranger.jws }]))
    expect(badCopies.map(({ code, at }) => `${code} ${at}`)).toEqual([
      'log.entry-mismatch /enclosed/0/jws',
      'log.entry-mismatch /enclosed/1/jws',
    ])
    mirror.store.close()
  })
  test('has released nothing where a release brings nothing', async () => {
    const mirror = await mirrorOf('dorvane')
    await taken(mirror, await deliveries([]))
    expect(heldIn(mirror)).toEqual([release?.index])
    mirror.store.close()
  })
})

describe('a relay', () => {
  let it: Running | undefined
  afterEach(async () => {
    await it?.relay.close()
    it?.files.remove()
  })
  test('takes copies beside an open release that log and release know, and hands them on', async () => {
    it = await running(world)
    const upTo = { ...world, logged: world.logged.slice(0, release?.index) } as World
    await replay(upTo, it.api)
    const submit = async (enclosed: readonly EnclosedCopy[]) => {
      const { body } = await (it as Running).api.submit('aldova', [
        await submissionOf(world, release as LoggedStatement, enclosed),
      ])
      return body.results[0]
    }
    expect(await submit([...copies(), copyOf(unmet)])).toMatchObject({
      code: 'statement.breaks-law',
      at: '/enclosed/4',
    })
    const bent = { disclosures: [], jws: `${text?.jws.slice(0, -86)}${'A'.repeat(86)}` }
    expect(await submit([bent])).toMatchObject({ code: 'log.entry-mismatch', at: '/enclosed/0/jws' })
    expect(await submit(copies())).toMatchObject({ index: release?.index })
    const asked = await it.api.get<Delivery>('dorvane', `/statements/${release?.sid}`)
    expect(asked.body.enclosed).toEqual(copies())
  })
})
