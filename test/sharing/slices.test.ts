import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { admit, openMirror } from '@chancery/client'
import {
  type Claims,
  type Delivery,
  type Draft,
  type DraftedLine,
  type OpenKey,
  type SealedTier,
  type Submission,
  decide,
  disclose,
  disclosureDigest,
  fromTheStart,
  kinds,
  mayEnclose,
  openSlots,
  readerOf,
  sealSlots,
  sliceOf,
  toBase64url,
  utf8,
  verify,
} from '@chancery/protocol'
import { openStore } from '@chancery/store'
import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Running, replay, running, sha256, submissionOf, world as makeWorldOf } from '../relay/fixture.ts'
import { type SignedDraft, type World, makeWorld } from '../world.ts'

const folder = mkdtempSync(join(tmpdir(), 'chancery-slices-'))
const body = kinds['attribution.statement'].template
const cleared = ['aldova', 'borsk', 'caldria', 'dorvane']
let [it, world, said] = [undefined as unknown as Running, undefined as unknown as World, undefined as unknown as Said]
type Said = SignedDraft & { readonly index: number; readonly entry: Uint8Array }

const to = (...ids: string[]) => Object.fromEntries(ids.map(id => [id, { text: `Addresses in the networks of ${id}` }]))
const slicesTo = (...ids: string[]): NonNullable<Draft['slices']> => ({
  label: 'addresses',
  handling: { tlp: 'amber' },
  to: to(...ids),
})

beforeAll(async () => {
  world = await makeWorldOf({ members: 5, clearances: { amber: cleared, 'amber+strict': cleared, red: ['borsk'] } })
  const tear = [
    { label: 'both', tlp: 'amber' as const, content: { text: 'For amber' } },
    { label: 'named', tlp: 'amber' as const, releasable_to: ['borsk'], content: { text: 'For borsk' } },
  ]
  const opts = { tear, slices: slicesTo('borsk', 'caldria', 'dorvane') }
  said = await world.statement('attribution.statement', 'aldova', body, { tlp: 'clear', ...opts })
  it = await running(world)
  await replay(world, it.api)
})
afterAll(async () => {
  await it.relay.close()
  it.files.remove()
  rmSync(folder, { recursive: true })
})

async function streamOf(member: string): Promise<Delivery[]> {
  const stream = await it.api.stream(member, null)
  await stream.answer()
  const frames = await stream.until(world.size)
  stream.socket.close()
  return frames.flatMap(({ entries }) => entries)
}

const keysOf = (id: string, on = world): OpenKey[] => {
  const member = on.members[id]
  return member === undefined ? [] : [member.encKey, member.xwingKey, member.personKey]
}
const sliceOfMember = (id: string): DraftedLine => {
  const line = said.lines.find(each => each.to === id)
  if (line === undefined) throw new Error(`no slice for ${id}`)
  return line
}

/** What a member's node makes of the log when these are the containers of its last statement. */
async function follow(id: string, seals: readonly SealedTier[], on = world) {
  const store = openStore(join(folder, `${crypto.randomUUID()}.db`), { origin: on.origin, create: true })
  if (!store.ok) throw new Error(store.code)
  const { primitives, logged } = on
  const openKeys = keysOf(id, on)
  const mirror = await openMirror({ store: store.value, genesis: logged[0]?.jws ?? '', openKeys, primitives })
  if (!mirror.ok) throw new Error(mirror.code)
  const list = logged.map(({ index, entry, jws }) => {
    return { index, entry: toBase64url(entry), jws, seals: index === on.size - 1 ? [...seals] : [] }
  })
  const admitted = await admit(mirror.value, list, on.checkpoint())
  if (!admitted.ok) throw new Error(`${admitted.code} ${admitted.at}`)
  const slices = admitted.value.placed.at(-1)?.statement.slices
  return { bad: admitted.value.badSeals, open: slices?.map(slice => slice.to) }
}

describe('one statement, a part for each of many', () => {
  test('the relay gives to each addressee its own container, and to nobody that of another', async () => {
    const audiences = async (id: string) =>
      (await streamOf(id))[said.index]?.seals.map(({ releasable_to }) => releasable_to ?? 'amber')
    expect(await audiences('borsk')).toEqual([['borsk'], 'amber'])
    expect(await audiences('caldria')).toEqual([['caldria'], 'amber'])
    expect(await audiences('dorvane')).toEqual([['dorvane'], 'amber'])
    expect(await audiences('estmark')).toEqual([])
  })
  test('each container opens with the keys of its addressee and of its author, and with no others', async () => {
    const seals = await sealSlots({ sid: said.sid, iss: 'aldova', lines: said.lines, charter: world.charter })
    for (const { jwe, releasable_to } of seals.filter(tier => tier.releasable_to !== undefined)) {
      const openers: string[] = []
      for (const id of world.ids) if ((await openSlots({ sid: said.sid, jwe, keys: keysOf(id) })).ok) openers.push(id)
      // Its author keeps its own copy.
      expect(openers).toEqual(['aldova', ...(releasable_to ?? [])])
    }
  })
  test('a node opens its own, and a tear line to the same member out of the same container', async () => {
    const list = await streamOf('borsk')
    expect(await follow('borsk', list[said.index]?.seals ?? [])).toEqual({ bad: [], open: ['borsk'] })
    expect(await follow('estmark', (await streamOf('estmark'))[said.index]?.seals ?? [])).toEqual({ bad: [], open: [] })
    expect(said.payload.slices?.to._sd).toHaveLength(3)
    expect(JSON.stringify(said.payload.slices)).not.toMatch(/borsk|caldria|dorvane/)
  })
  test('the digests stand in an order that does not follow the addressees', () => {
    const of = (id: string) => disclosureDigest(sha256, sliceOfMember(id).disclosure)
    expect(said.payload.slices?.to._sd).toEqual(['borsk', 'caldria', 'dorvane'].map(of).sort())
  })
  test('who may do what with a slice is decided as for any part: for its addressee alone', () => {
    const statement = verify(said.copy, { ...world, index: said.index })
    if (!statement.ok) throw new Error(statement.code)
    const subject = sliceOf(statement.value, 'borsk')
    const rule = (name: string) => {
      const reader = readerOf(world.charter, name)
      return reader && decide(subject, reader, 'see', fromTheStart).rule
    }
    expect(['borsk', 'caldria', 'aldova', 'tlp:red', 'anyone'].map(rule)).toEqual([
      'within-reach',
      'not-releasable',
      'author',
      'not-releasable',
      'stranger',
    ])
  })
  test('of 200 addressees each opens its own, and the claims grow by 46 bytes for each', async () => {
    const large = await makeWorld({ members: 200, seed: 'slices for all', curvesOnly: true })
    const slices = { ...slicesTo(...large.ids), handling: { tlp: 'green' as const } }
    const draft = await large.draft('attribution.statement', 'aldova', body, { slices })
    const bare = await large.draft('attribution.statement', 'aldova', body)
    expect(draft.payload.slices?.to._sd).toHaveLength(200)
    expect((draft.jws.length - bare.jws.length) * 0.75).toBeLessThan(200 * 46 + 100)
    const seals = await sealSlots({ sid: draft.sid, iss: 'aldova', lines: draft.lines, charter: large.charter })
    expect(seals.map(({ releasable_to }) => releasable_to?.[0])).toEqual(large.ids.toSorted())
    for (const { jwe, releasable_to } of seals.filter((_, i) => i % 40 === 0)) {
      const key = large.members[releasable_to?.[0] ?? '']?.encKey
      const opened = await openSlots({ sid: draft.sid, jwe, keys: key === undefined ? [] : [key] })
      const copy = opened.ok ? [draft.jws, ...opened.value, ''].join('~') : ''
      const read = verify(copy, { ...large, index: large.size })
      expect(read.ok && read.value.slices.map(slice => slice.to)).toEqual(releasable_to)
    }
    const all = verify(draft.copy, { ...large, index: large.size })
    expect(all.ok && all.value.slices).toHaveLength(200)
  })
})

describe('a draft with slices', () => {
  const refused = async (slices: object, opts: object = {}) => {
    const drafting = world.draft('attribution.statement', 'aldova', body, { slices, ...opts } as never)
    return drafting.then(
      () => 'signed',
      (error: Error) => error.message,
    )
  }
  test('is not signed where the protocol would refuse it', async () => {
    const group = slicesTo('borsk')
    const many = Object.fromEntries(Array.from({ length: 201 }, (_, i) => [`state-${i}`, { text: 'x' }]))
    expect(await refused({ ...group, to: many })).toContain('bytes.too-large')
    expect(await refused({ ...group, to: {} })).toContain('"at":"/slices/to"')
    expect(await refused({ ...group, to: { borsk: { words: 'x' } } })).toContain('/slices/to/borsk/text')
    expect(await refused({ ...group, handling: { tlp: 'clear' } })).toContain('/slices/handling/tlp')
    const tear = [{ label: 'addresses', tlp: 'amber', content: { text: 'x' } }]
    expect(await refused(group, { tear })).toContain('"at":"/slices/label"')
    const handling = { releasable_to: ['caldria'] }
    expect(await refused(group, { tlp: 'amber', handling })).toContain('is not releasable to borsk')
  })
  test('makes digests that no order of its addressees changes, and takes over what its marking left out', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(fc.constantFrom(...cleared), { minLength: 1 }), async ids => {
        const draft = await world.draft('attribution.statement', 'aldova', body, {
          tlp: 'green',
          handling: { pap: 'red' },
          slices: slicesTo(...ids),
        })
        expect(draft.lines.map(line => line.to)).toEqual(ids.toSorted())
        expect(draft.payload.slices?.handling).toEqual({ pap: 'red', tlp: 'amber' })
        expect(draft.payload.slices?.to._sd).toEqual(draft.payload.slices?.to._sd.toSorted())
      }),
      { numRuns: 20 },
    )
  })
})

describe('a hostile author or relay', () => {
  test('brings no slice of another along in a copy that a later statement may carry', () => {
    const copy = { iss: 'aldova', sid: said.sid, kind: 'callout.text', body: {}, lines: [] }
    const release = { ...copy, kind: 'callout.release', body: { joins: [], text: said.sid } }
    const whole = verify(said.copy, { ...world, index: said.index })
    if (!whole.ok) throw new Error(whole.code)
    const nothing = () => undefined
    expect(mayEnclose(release, copy, nothing)).toBe(true)
    expect(mayEnclose(release, { ...copy, slices: whole.value.slices }, nothing)).toBe(false)
  })
  const answer = async (change: (seals: Submission['seals']) => readonly object[]) => {
    const draft = await world.draft('attribution.statement', 'aldova', body, {
      tlp: 'clear',
      slices: slicesTo('borsk', 'caldria'),
    })
    const own = await submissionOf(world, draft)
    const { body: said_ } = await it.api.submit('aldova', [{ ...own, seals: change(own.seals) }])
    return said_.results[0]
  }
  test('sends no container for slices that are not signed: none too many, of no other tier, for no group', async () => {
    expect(await answer(([a, b]) => [a, b, { ...a, releasable_to: ['dorvane'] }] as object[])).toMatchObject({
      code: 'tear.unreferenced',
      at: '/seals/2/tlp',
    })
    expect(await answer(([a]) => [{ ...a, tlp: 'amber+strict' }])).toMatchObject({ code: 'tear.unreferenced' })
    expect(await answer(([a]) => [{ ...a, releasable_to: ['borsk', 'caldria'] }])).toMatchObject({
      code: 'tear.unreferenced',
    })
    expect(await answer(([a]) => [a, a] as object[])).toMatchObject({ code: 'tear.repeated', at: '/seals/1/tlp' })
    expect(await answer(([a]) => [{ ...a, releasable_to: ['dorvane'] }])).toMatchObject({ code: 'seal.malformed' })
  })
  test('moves no slice to another addressee: its node keeps nothing of that container', async () => {
    const moved = { ...sliceOfMember('caldria'), handling: { tlp: 'amber' as const, releasable_to: ['borsk'] } }
    for (const lines of [[moved], [sliceOfMember('borsk'), moved]]) {
      const seals = await sealSlots({ sid: said.sid, iss: 'aldova', lines, charter: world.charter })
      const bad = [{ index: said.index, tlp: 'amber', code: 'tear.moved' }]
      expect(await follow('borsk', seals)).toEqual({ bad, open: [] })
    }
  })
  test('hides no slice in a container for a whole tier', async () => {
    const lines = [{ ...sliceOfMember('caldria'), handling: { tlp: 'amber' as const } }]
    const seals = await sealSlots({ sid: said.sid, iss: 'aldova', lines, charter: world.charter })
    expect((await follow('borsk', seals)).bad).toMatchObject([{ code: 'tear.moved' }])
    expect((await follow('caldria', seals)).bad).toMatchObject([{ code: 'tear.moved' }])
  })
  test('signs two slices for one addressee: whoever is shown both keeps neither, and can show it', async () => {
    const other = await makeWorldOf({ members: 3 })
    let both: string[] = []
    const change = (claims: Claims): Claims => {
      const { iss, jti, slices } = claims
      if (slices === undefined) throw new Error('no slices')
      const made = (text: string) =>
        disclose({ iss, jti, slot: slices.label, to: 'borsk', salt: sha256(utf8(text)), content: { text } })
      both = [made('one'), made('another')]
      const _sd = both.map(disclosure => disclosureDigest(sha256, disclosure)).sort()
      return { ...claims, slices: { ...slices, to: { _sd } } }
    }
    const opts = { bare: true, change, slices: slicesTo('borsk') } as const
    const logged = await other.statement('attribution.statement', 'aldova', body, opts)
    const handling = { tlp: 'amber' as const, releasable_to: ['borsk'] }
    const sealed = (disclosures: readonly string[]) =>
      sealSlots({
        sid: logged.sid,
        iss: 'aldova',
        lines: disclosures.map(disclosure => ({ label: 'addresses', to: 'borsk', handling, disclosure })),
        charter: other.charter,
      })
    const bad = [{ index: logged.index, tlp: 'amber', code: 'tear.repeated' }]
    expect(await follow('borsk', await sealed(both), other)).toEqual({ bad, open: [] })
    expect(await follow('borsk', await sealed(both.slice(0, 1)), other)).toEqual({ bad: [], open: ['borsk'] })
    // In two containers: the first is kept, the second refused.
    const apart = [...(await sealed(both.slice(0, 1))), ...(await sealed(both.slice(1)))]
    expect(await follow('borsk', apart, other)).toEqual({ bad, open: ['borsk'] })
  })
})
