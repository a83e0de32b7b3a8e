import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Mirror, admit, openMirror, statementsOf } from '@chancery/client'
import {
  type Delivery,
  type SealedTier,
  createTree,
  fromBase64url,
  kindOf,
  leafHash,
  recipientsFor,
  seal,
  sealSlots,
  sealedEntry,
  signCheckpoint,
  toBase64url,
  utf8,
} from '@chancery/protocol'
import { openStore } from '@chancery/store'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type LoggedStatement, type World, makeWorld } from '../world.ts'

const folder = mkdtempSync(join(tmpdir(), 'follow-'))
const body = kindOf('attribution.statement').template
let world: World
let said: LoggedStatement
let quoted: LoggedStatement
let opened = 0

beforeAll(async () => {
  const clearances = { amber: ['aldova', 'borsk'], 'amber+strict': [], red: [] }
  world = await makeWorld({ members: 3, seed: 'follow', clearances })
  const tear = [
    { label: 'zeal', tlp: 'green' as const, content: { text: 'first sealed, last in order' } },
    { label: 'method', tlp: 'amber' as const, content: { text: 'how it was done' } },
  ]
  said = await world.statement('attribution.statement', 'aldova', body, { tlp: 'green', tear })
  const secret = await world.statement('attribution.statement', 'aldova', body, { tlp: 'amber' })
  quoted = await world.statement(
    'callout.propose',
    'aldova',
    {
      ...(kindOf('callout.propose').template as object),
      attributions: [secret.sid],
      pen_holder: 'aldova',
      invitees: ['borsk'],
    },
    { tlp: 'green' },
  )
})
afterAll(() => rmSync(folder, { recursive: true }))

async function mirrorOf(id: string): Promise<Mirror> {
  const store = openStore(join(folder, `${opened++}.db`), { origin: world.origin, create: true })
  if (!store.ok) throw new Error(store.code)
  const { primitives } = world
  const member = world.members[id]
  const openKeys = member === undefined ? [] : [member.encKey, member.xwingKey]
  const genesis = world.logged[0]?.jws ?? ''
  const mirror = await openMirror({ store: store.value, genesis, openKeys, primitives })
  if (!mirror.ok) throw new Error(mirror.code)
  return mirror.value
}

/** What a relay hands to a member of the lowest clearance, or of amber. */
async function deliveries(reader: 'green' | 'amber'): Promise<Delivery[]> {
  const list: Delivery[] = []
  for (const { sid, lines, jws, index, entry, payload } of world.logged) {
    const withheld = reader === 'green' && payload.handling.tlp === 'amber'
    const seals = await sealSlots({ sid, lines, charter: world.charter })
    const cleared = seals.filter(({ tlp }) => reader === 'amber' || tlp === 'green')
    list.push({ entry: toBase64url(entry), index, seals: withheld ? [] : [...cleared], ...(!withheld && { jws }) })
  }
  return list
}

const codeOf = async (mirror: Mirror, list: readonly Delivery[], note = world.checkpoint()) => {
  const admitted = await admit(mirror, list, note)
  return admitted.ok ? `size ${admitted.value.size}` : `${admitted.code} ${admitted.at ?? ''}`.trim()
}
/** The note of a log that has these entries and no others. */
function noteOver(list: readonly Delivery[]): string {
  const {
    primitives: { sha256 },
    origin,
    vkey,
    relay: { sign },
  } = world
  const tree = createTree(sha256)
  for (const { entry } of list) tree.append(leafHash(sha256, bytesOf(entry)))
  return signCheckpoint({ checkpoint: { origin, size: list.length, root: tree.root() }, vkey, sign })
}
const bytesOf = (text: string): Uint8Array => fromBase64url(text) ?? new Uint8Array(0)
/** The entry at this place, with a tag that is nobody's. */
function wrongTagAt(list: readonly Delivery[], index: number): Delivery[] {
  const bytes = Uint8Array.from(bytesOf(list[index]?.entry ?? ''))
  bytes[64] = (bytes[64] ?? 0) ^ 1
  return changedAt(list, index, { entry: toBase64url(bytes) })
}
/** A sealed entry in the name of a member's key, as whoever holds the tag key makes it. */
function entryBy(id: string, { sid, jws }: { readonly sid: string; readonly jws: string }): string {
  const {
    primitives: { sha256 },
    tagKey,
    members,
  } = world
  const signature = bytesOf(jws.split('.')[2] ?? '')
  return toBase64url(sealedEntry({ sha256, sid, signature, tagKey, kid: members[id]?.signer.kid ?? '' }))
}
const changedAt = (list: readonly Delivery[], index: number, change: Partial<Delivery>): Delivery[] =>
  list.map(delivery => (delivery.index === index ? { ...delivery, ...change } : delivery))

describe('a mirror takes in', () => {
  test('every entry, and opens each tear line of its tiers', async () => {
    const mirror = await mirrorOf('borsk')
    expect(await codeOf(mirror, await deliveries('amber'))).toBe(`size ${world.size}`)
    const held = statementsOf(mirror, 'attribution.')
    expect(held.ok && held.value[0]?.statement.lines.map(({ label }) => label)).toEqual(['method', 'zeal'])
    expect(mirror.charter.inForceFrom).toBe(3)
  })
  test('entries without their statements, and what refers to them', async () => {
    const mirror = await mirrorOf('caldria')
    expect(await codeOf(mirror, await deliveries('green'))).toBe(`size ${world.size}`)
    const held = statementsOf(mirror)
    expect(held.ok && held.value.map(({ index }) => index)).toEqual([0, 1, 2, said.index, quoted.index])
  })
  test('what comes again, once', async () => {
    const mirror = await mirrorOf('borsk')
    const list = await deliveries('amber')
    expect(await codeOf(mirror, list.slice(0, 4), world.checkpoint(4))).toBe('size 4')
    expect(await codeOf(mirror, list)).toBe(`size ${world.size}`)
    expect(await codeOf(mirror, list.slice(2))).toBe(`size ${world.size}`)
    expect(mirror.store.size).toBe(world.size)
  })
  test('a container that does not open, without its tear lines', async () => {
    const mirror = await mirrorOf('borsk')
    const list = await deliveries('amber')
    const recipients = recipientsFor(world.charter, 'green', ['borsk'])
    const jwe = await seal({ plaintext: utf8('not what was signed'), aad: utf8('of nothing'), recipients })
    const bad: SealedTier[] = [{ jwe, tlp: 'green' }]
    const admitted = await admit(mirror, changedAt(list, said.index, { seals: bad }), world.checkpoint())
    const noted = [{ index: said.index, tlp: 'green', code: 'seal.wrong-statement' }]
    expect(admitted.ok && admitted.value.badSeals).toEqual(noted)
    const held = statementsOf(mirror, 'attribution.')
    expect(held.ok && held.value[0]?.statement.lines).toEqual([])
  })
  test('a statement without the tear lines that it is cleared for, and names each', async () => {
    const stripped = changedAt(await deliveries('amber'), said.index, { seals: [] })
    const cleared = await admit(await mirrorOf('borsk'), stripped, world.checkpoint())
    const method = { index: said.index, label: 'method', tlp: 'amber' }
    const zeal = { index: said.index, label: 'zeal', tlp: 'green' }
    expect(cleared.ok && cleared.value.notDelivered).toEqual([method, zeal])
    const less = await admit(await mirrorOf('caldria'), stripped, world.checkpoint())
    expect(less.ok && less.value.notDelivered).toEqual([zeal])
    const whole = await admit(await mirrorOf('borsk'), await deliveries('amber'), world.checkpoint())
    expect(whole.ok && whole.value.notDelivered).toEqual([])
  })
  test('a container that is sealed to others alone, and names the tear line', async () => {
    const list = await deliveries('amber')
    const recipients = recipientsFor(world.charter, 'amber', ['aldova'])
    const jwe = await seal({ plaintext: utf8('for aldova'), aad: bytesOf(said.sid), recipients })
    const seals = (list[said.index]?.seals ?? []).map(tier => (tier.tlp === 'amber' ? { ...tier, jwe } : tier))
    const admitted = await admit(await mirrorOf('borsk'), changedAt(list, said.index, { seals }), world.checkpoint())
    expect(admitted.ok && [admitted.value.badSeals, admitted.value.notDelivered]).toEqual([
      [],
      [{ index: said.index, label: 'method', tlp: 'amber' }],
    ])
  })
  test("a statement under a tag that is not its author's, says so, and takes in the next", async () => {
    const mirror = await mirrorOf('borsk')
    const wrong = wrongTagAt(await deliveries('amber'), quoted.index)
    const admitted = await admit(mirror, wrong, noteOver(wrong))
    const badTag = { index: quoted.index, iss: 'aldova', sid: quoted.sid }
    expect(admitted.ok && [admitted.value.badTags, admitted.value.foreignUse]).toEqual([[badTag], []])
    const next = await world.draft('attribution.statement', 'caldria', body, {
      tlp: 'green',
      change: claims => ({ ...claims, seen: quoted.payload.seen }),
    })
    const then = { entry: entryBy('caldria', next), index: wrong.length, jws: next.jws, seals: [] }
    const after = await admit(mirror, [then], noteOver([...wrong, then]))
    expect(after.ok && [after.value.badTags, after.value.placed.map(({ statement }) => statement.sid)]).toEqual([
      [],
      [next.sid],
    ])
    const held = statementsOf(mirror)
    expect(held.ok && held.value.slice(-2).map(({ statement }) => statement.sid)).toEqual([quoted.sid, next.sid])
  })
  test('an entry tagged with its own key and withheld from it, and says so to the owner alone', async () => {
    const list = await deliveries('amber')
    const foreign = { entry: entryBy('borsk', said), index: list.length, seals: [] }
    const log = [...list, foreign]
    const owner = await admit(await mirrorOf('borsk'), log, noteOver(log))
    const kid = world.members['borsk']?.signer.kid
    expect(owner.ok && owner.value.foreignUse).toEqual([{ index: foreign.index, kid }])
    const other = await admit(await mirrorOf('caldria'), log, noteOver(log))
    expect(other.ok && other.value.foreignUse).toEqual([])
  })
})

describe('a mirror refuses, and keeps nothing of the frame', () => {
  const refusal = async (change: (list: Delivery[]) => readonly Delivery[], note?: string) => {
    const mirror = await mirrorOf('borsk')
    const code = await codeOf(mirror, change(await deliveries('amber')), note)
    expect(mirror.store.size).toBe(0)
    return code
  }
  test('a checkpoint of another key', async () => {
    const checkpoint = { origin: world.origin, size: world.size, root: world.tree.root() }
    const sign = (): Uint8Array => new Uint8Array(64).fill(1)
    const note = signCheckpoint({ checkpoint, vkey: world.vkey, sign })
    expect(await refusal(list => list, note)).toBe('log.bad-signature')
  })
  test('a signed checkpoint with another root', async () => {
    const checkpoint = { origin: world.origin, size: world.size, root: new Uint8Array(32) }
    const note = signCheckpoint({ checkpoint, vkey: world.vkey, sign: world.relay.sign })
    expect(await refusal(list => list, note)).toBe('log.forked root')
  })
  test('a checkpoint that covers another number of entries', async () =>
    expect(await refusal(list => list.slice(0, 4))).toBe('relay.nonsense size'))
  test('an entry out of turn', async () =>
    expect(await refusal(list => [...list.slice(0, 2), ...list.slice(3)])).toBe('relay.nonsense /entries'))
  test('a statement that its entry does not commit to', async () => {
    const code = await refusal(list => changedAt(list, said.index, { entry: list[quoted.index]?.entry ?? '' }))
    expect(code).toBe(`log.entry-mismatch /entries/${said.index}/commitment`)
  })
  test('a statement whose signature does not hold', async () => {
    const unsigned = `${said.jws.slice(0, -86)}${'A'.repeat(86)}`
    const code = await refusal(list => changedAt(list, said.index, { jws: unsigned }))
    expect(code).toBe(`statement.bad-signature /entries/${said.index}/signature`)
  })
  test('a chain with a number left out', async () => {
    const code = await refusal(list =>
      list.map(({ jws, ...rest }) => (rest.index === said.index || jws === undefined ? rest : { ...rest, jws })),
    )
    expect(code).toBe(`statement.chain-broken /entries/${quoted.index}/chain`)
  })
  test('another entry in place of one that is held', async () => {
    const mirror = await mirrorOf('borsk')
    const list = await deliveries('amber')
    await codeOf(mirror, list)
    expect(await codeOf(mirror, changedAt(list, 3, { entry: list[4]?.entry ?? '' }))).toBe('log.forked /entries/3')
  })
})
