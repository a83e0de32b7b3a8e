import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Mirror, admit, openMirror, statementsOf } from '@chancery/client'
import {
  type Delivery,
  type Json,
  type SealedTier,
  canonicalBytes,
  concat,
  convict,
  createTree,
  fromBase64url,
  gapsFor,
  kindOf,
  leafHash,
  openEntry,
  readExhibit,
  recipientsFor,
  seal,
  sealCover,
  signCheckpoint,
  toBase64url,
  utf8,
} from '@chancery/protocol'
import { openStore } from '@chancery/store'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { warnOf } from '../../apps/partner/src/session.ts'
import { type LoggedStatement, type World, makeWorld } from '../world.ts'
import { deliveryOf, sealedEntryOf, sealsOf } from '../deliveries.ts'

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
  const all = await Promise.all(world.logged.map(logged => deliveryOf(world, logged)))
  if (reader === 'amber') return all
  return all.map(({ seals, ...delivery }) => ({ ...delivery, seals: seals.filter(({ tlp }) => tlp === 'green') }))
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
const entryBy = (id: string, { sid, jws }: { readonly sid: string; readonly jws: string }): string =>
  toBase64url(sealedEntryOf(world, { sid, jws, kid: world.members[id]?.signer.kid ?? '' }))
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
  test('a tear line whose container does not open, without it', async () => {
    const list = await deliveries('amber')
    const recipients = recipientsFor(world.charter, 'amber', ['borsk'])
    const jwe = await seal({ plaintext: utf8('not what was signed'), aad: utf8('of nothing'), recipients })
    const bad = (list[said.index]?.seals ?? []).map(tier => (tier.tlp === 'amber' ? { ...tier, jwe } : tier))
    const mirror = await mirrorOf('borsk')
    const admitted = await admit(mirror, changedAt(list, said.index, { seals: bad }), world.checkpoint())
    const noted = [{ index: said.index, tlp: 'amber', code: 'seal.wrong-statement' }]
    expect(admitted.ok && admitted.value.badSeals).toEqual(noted)
    const held = statementsOf(mirror, 'attribution.')
    expect(held.ok && held.value[0]?.statement.lines.map(({ label }) => label)).toEqual(['zeal'])
  })
  test('a statement without the tear lines that it is cleared for, and names each', async () => {
    // Its author has left them out: the relay hands on what it was given.
    const bare = await sealsOf(world, { ...said, lines: [] })
    const stripped = changedAt(await deliveries('amber'), said.index, { seals: [...bare] })
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
    const jwe = await seal({ plaintext: utf8('for aldova'), aad: said.entry.subarray(1, 33), recipients })
    const seals = (list[said.index]?.seals ?? []).map(tier => (tier.tlp === 'amber' ? { ...tier, jwe } : tier))
    const admitted = await admit(await mirrorOf('borsk'), changedAt(list, said.index, { seals }), world.checkpoint())
    expect(admitted.ok && [admitted.value.badSeals, admitted.value.notDelivered]).toEqual([
      [],
      [{ index: said.index, label: 'method', tlp: 'amber' }],
    ])
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

/** A container for members cleared for green that holds just this, bound to the entry of `said` unless told. */
async function holding(contents: object, aad: Uint8Array = said.entry.subarray(1, 33)): Promise<SealedTier[]> {
  const recipients = recipientsFor(world.charter, 'green')
  return [{ jwe: await seal({ plaintext: canonicalBytes(contents as Json), aad, recipients }), tlp: 'green' }]
}

describe('a sealed entry that does not hold is kept as withheld, told, and holds nobody up', () => {
  const admitted = async (seals: SealedTier[], entry?: string) => {
    const mirror = await mirrorOf('borsk')
    // What comes after it has seen the log as it was.
    const upTo = (await deliveries('amber')).slice(0, said.index + 1)
    const list = changedAt(upTo, said.index, { seals, ...(entry !== undefined && { entry }) })
    const taken = await admit(mirror, list, noteOver(list))
    if (!taken.ok) throw new Error(taken.code)
    expect(mirror.store.size).toBe(list.length)
    // Nothing of it is acted on; the containers stay, as evidence.
    expect(mirror.store.indexOf(said.sid)).toBeUndefined()
    expect(mirror.store.entry(said.index)?.seals).toEqual(seals)
    return taken.value.unsound.map(({ code, at }) => `${code} ${at ?? ''}`.trim())
  }
  test('a container that does not open', async () => {
    const recipients = recipientsFor(world.charter, 'green', ['borsk'])
    const jwe = await seal({ plaintext: utf8('not what was signed'), aad: utf8('of nothing'), recipients })
    expect(await admitted([{ jwe, tlp: 'green' }])).toEqual(['seal.wrong-statement /aad'])
  })
  test('plaintext of no known form', async () => {
    expect(await admitted(await holding({ disclosures: [], jws: said.jws, more: 1 }))).toEqual([
      'seal.malformed /plaintext/more',
    ])
  })
  test('a statement that the entry does not commit to', async () => {
    const other = await holding({ disclosures: [], jws: world.logged[said.index + 2]?.jws ?? '' })
    expect(await admitted(other)).toEqual(['log.entry-mismatch commitment'])
  })
  test('tear lines without the statement, whatever cover stands beside them', async () => {
    const commitment = said.entry.subarray(1, 33)
    const audience = { tlp: 'green', releasable_to: undefined } as const
    const cover = await sealCover({ commitment, iss: 'aldova', audience, fill: 9, charter: world.charter })
    const [, lines] = await sealsOf(world, said)
    if (lines === undefined) throw new Error('the statement has a further audience')
    expect(await admitted([lines])).toEqual(['evidence.missing /seals'])
    expect(await admitted([cover, lines])).toEqual(['evidence.missing /seals'])
  })
  test('a signature that does not hold', async () => {
    const unsigned = `${said.jws.slice(0, -86)}${'A'.repeat(86)}`
    expect(await admitted(await holding({ disclosures: [], jws: unsigned }))).toEqual([
      'statement.bad-signature /signature',
    ])
  })
  test("a tag that is not its author's: a stolen key is not used unseen by its owner", async () => {
    const list = await deliveries('amber')
    const [wrong] = wrongTagAt(list, said.index).filter(({ index }) => index === said.index)
    const own = list[said.index]?.seals ?? []
    expect(await admitted(own, wrong?.entry)).toEqual(['log.entry-mismatch tag'])
  })
  test('a statement that anyone may read', async () => {
    const open = await world.draft('attribution.statement', 'aldova', body, {
      change: claims => ({ ...claims, seen: said.payload.seen }),
    })
    const entry = sealedEntryOf(world, open)
    const seals = await holding({ disclosures: [], jws: open.jws }, entry.subarray(1, 33))
    expect(await admitted(seals, toBase64url(entry))).toEqual(['log.bad-entry'])
  })
  test('a statement whose author had seen another log: with the note that it names, it shows who lied', async () => {
    const size = said.payload.seen?.size ?? 0
    const root = new Uint8Array(32).fill(7)
    const { origin, vkey, relay } = world
    const other = signCheckpoint({ checkpoint: { origin, size, root }, vkey, sign: relay.sign })
    const seen = { size, root: toBase64url(root), note: toBase64url(world.primitives.sha256(utf8(other))) }
    const misled = await world.draft('attribution.statement', 'aldova', body, {
      tlp: 'green',
      change: claims => ({ ...claims, seen }),
    })
    const list = [...(await deliveries('amber'))]
    const entry = toBase64url(sealedEntryOf(world, misled))
    const log = [...list, { entry, index: list.length, seals: [...(await sealsOf(world, misled))] }]
    const mirror = await mirrorOf('borsk')
    const taken = await admit(mirror, log, noteOver(log))
    expect(taken.ok && taken.value.unsound).toMatchObject([
      { code: 'statement.seen-mismatch', sawOther: { jws: misled.jws, size } },
    ])
    const warned: string[] = []
    const home = mkdtempSync(join(folder, 'home-'))
    if (taken.ok) warnOf({ home, warn: (line: string) => void warned.push(line) } as never, taken.value, mirror)
    const [, file = ''] = /It is in (\S+\.json)/.exec(warned.join('\n')) ?? []
    const exhibit = readExhibit(readFileSync(file, 'utf8'))
    const judgedBy = (notes: string[]) => {
      const judged = exhibit.ok ? convict(world.primitives, [exhibit.value, { notes }]) : exhibit
      return judged.ok && judged.value.convictions.map(({ who }) => who)
    }
    expect(judgedBy([])).toEqual([])
    expect(judgedBy([other])).toEqual([{ is: 'log', name: origin }])
  })
  test('a second statement of one number: both are handed over, as evidence', async () => {
    const twin = await world.draft('attribution.statement', 'aldova', body, {
      tlp: 'green',
      change: claims => ({ ...claims, chain: said.payload.chain, seen: said.payload.seen }),
    })
    const entry = toBase64url(sealedEntryOf(world, twin))
    const list = [...(await deliveries('amber'))]
    const next = { entry, index: list.length, seals: [...(await sealsOf(world, twin))] }
    const log = [...list, next]
    const mirror = await mirrorOf('borsk')
    const taken = await admit(mirror, log, noteOver(log))
    expect(taken.ok && taken.value.unsound).toEqual([
      {
        index: next.index,
        code: 'statement.equivocation',
        at: '/chain/seq',
        twins: { first: said.jws, second: twin.jws },
      },
    ])
    // What the node keeps of it names the author to a stranger.
    const warned: string[] = []
    const home = mkdtempSync(join(folder, 'home-'))
    if (taken.ok) warnOf({ home, warn: (line: string) => void warned.push(line) } as never, taken.value, mirror)
    const [, file = ''] = /both statements are in (\S+\.json)/.exec(warned.join('\n')) ?? []
    const exhibit = readExhibit(readFileSync(file, 'utf8'))
    const judged = exhibit.ok ? convict(world.primitives, [exhibit.value]) : exhibit
    expect(judged.ok && judged.value.convictions.map(({ who }) => who)).toEqual([{ is: 'member', name: 'aldova' }])
    // Later, from the store.
    const later = await mirrorOf('borsk')
    await admit(later, list, noteOver(list))
    const again = await admit(later, [next], noteOver(log))
    expect(again.ok && again.value.unsound).toEqual(taken.ok && taken.value.unsound)
  })
  test('a statement with a key of its own that it did not send: the owner is told, and holds it', async () => {
    const list = await deliveries('amber')
    const author = await mirrorOf('aldova')
    const sent = { ...author, isSent: (sid: string) => sid !== said.sid }
    const taken = await admit(sent, list, world.checkpoint())
    const kid = world.members['aldova']?.signer.kid
    expect(taken.ok && taken.value.notOurs).toEqual([{ index: said.index, kid, sid: said.sid }])
    expect(author.store.indexOf(said.sid)).toBe(said.index)
    const reader = { ...(await mirrorOf('borsk')), isSent: () => false }
    const other = await admit(reader, list, world.checkpoint())
    expect(other.ok && other.value.notOurs.map(({ index }) => index)).toEqual([1])
  })
  test('cover: nothing was said, nothing is missing, and nobody is told', async () => {
    const commitment = new Uint8Array(32).fill(7)
    const entry = concat(Uint8Array.of(1), commitment, new Uint8Array(32).fill(8))
    const cover = await sealCover({
      commitment,
      iss: 'aldova',
      audience: { tlp: 'green', releasable_to: undefined },
      fill: 3_000,
      charter: world.charter,
    })
    const list = [...(await deliveries('amber')), { entry: toBase64url(entry), index: world.size, seals: [cover] }]
    const mirror = await mirrorOf('borsk')
    const taken = await admit(mirror, list, noteOver(list))
    expect(taken.ok && [taken.value.unsound, taken.value.badSeals, taken.value.foreignUse]).toEqual([[], [], []])
    expect([mirror.store.size, mirror.store.unopened()]).toEqual([list.length, 0])
    const stub = list.map(({ index, ...rest }) => ({ ...rest, index, ...(index === world.size && { seals: [] }) }))
    const blind = await mirrorOf('borsk')
    await admit(blind, stub, noteOver(list))
    expect(blind.store.unopened()).toBe(1)
  })
  test('a number that is withheld leaves a gap in its chain, as wide as there are entries for it', async () => {
    const list = await deliveries('amber')
    const mirror = await mirrorOf('borsk')
    const taken = await admit(mirror, changedAt(list, said.index, { seals: [] }), world.checkpoint())
    expect(taken.ok && taken.value.unsound).toEqual([])
    const held = statementsOf(mirror)
    const { charter, store } = mirror
    const unopened = (size: number) => store.unopened(size)
    const gaps = held.ok && gapsFor(held.value, { charter, member: 'borsk', unopened })
    expect(gaps).toEqual([{ iss: 'aldova', chain: 'green', tlp: 'green', missing: 1, undecided: 0 }])
    const far = await world.draft('attribution.statement', 'aldova', body, {
      tlp: 'green',
      change: claims => ({ ...claims, chain: { ...claims.chain, seq: 9 }, seen: said.payload.seen }),
    })
    const next = {
      entry: toBase64url(sealedEntryOf(world, far)),
      index: list.length,
      seals: [...(await sealsOf(world, far))],
    }
    const after = await admit(mirror, [next], noteOver([...list, next]))
    expect(after.ok && after.value.unsound).toEqual([
      { index: next.index, code: 'statement.chain-broken', at: '/chain' },
    ])
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
  test('an open statement that does not hold: the relay has checked it, or lies', async () => {
    const open = world.logged[1] as LoggedStatement
    const unsigned = `${open.jws.slice(0, -86)}${'A'.repeat(86)}`
    const list = changedAt(await deliveries('amber'), 1, { entry: toBase64url(openEntry(unsigned)) })
    const code = await refusal(() => list, noteOver(list))
    expect(code).toBe('statement.bad-signature /entries/1/signature')
  })
  test('a statement in the clear that only some may read: whoever hands it over has read it', async () => {
    const code = await refusal(list => changedAt(list, said.index, { jws: said.jws }))
    expect(code).toBe(`log.bad-entry /entries/${said.index}/jws`)
  })
  test('another entry in place of one that is held', async () => {
    const mirror = await mirrorOf('borsk')
    const list = await deliveries('amber')
    await codeOf(mirror, list)
    expect(await codeOf(mirror, changedAt(list, 3, { entry: list[4]?.entry ?? '' }))).toBe('log.forked /entries/3')
  })
})
