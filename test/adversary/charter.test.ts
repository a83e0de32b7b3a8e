import { createTree, kinds, leafHash, tagKeyRecipients, toBase64url, utf8 } from '@chancery/protocol'
import { describe, expect, test } from 'vitest'
import { sha256 } from '../relay/fixture.ts'
import { padTwin, sealTwin } from '../tools/vectors/seal-twin.ts'
import { type SignedDraft, type World, derive, makeMember, makeWorld, signerOf } from '../world.ts'
import { type Ask, bothSay, codesBothSay, valueBothSay } from './second.ts'

const { template } = kinds['attribution.statement']
const seed = 'an attack on the charter'
const found = (): Promise<World> => makeWorld({ members: 3, seed, curvesOnly: true, nextRoots: true })

type Logged = { readonly copy: string; readonly index: number }
/** The log of a world, and what an attacker would have stand behind it. */
function logOf(world: World, ...more: readonly Pick<SignedDraft, 'jws'>[]): { genesis: string; log: Logged[] } {
  const [genesis, ...others] = [...world.logged, ...more].map(({ jws }) => `${jws}~`)
  return { genesis: genesis ?? '', log: others.map((copy, i) => ({ copy, index: i + 1 })) }
}
const folded = (world: World, ...more: readonly Pick<SignedDraft, 'jws'>[]): Ask => ({
  check: 'amendments',
  given: logOf(world, ...more),
})
type Folded = { readonly version: { sid: string; version: number }; readonly absent: Readonly<Record<string, string>> }

/** The next version: what is to change of the one in force. */
function nextOf(world: World, to: object = {}, more: object = {}): object {
  const { tag: _, ...now } = world.charter.version.charter
  const members = now.members.map(({ id }) => id)
  return { charter: { ...now, members, version: now.version + 1, ...to }, previous: world.charter.version.sid, ...more }
}

async function amended(world: World, by: readonly string[], body = nextOf(world)): Promise<void> {
  const [author = '', ...others] = by
  const { sid } = await world.statement('charter.amend', author, body)
  for (const id of others) await world.statement('charter.approve', id, { approves: sid })
}

const all = ['aldova', 'borsk', 'caldria']

describe('a relay that serves the charter', () => {
  test('18: whom it keeps from a change stops at the first statement under it, and holds another log', async () => {
    const world = await found()
    await amended(world, all)
    const said = await world.statement('attribution.statement', 'borsk', template)
    const { genesis, log } = logOf(world)
    const change = said.index - 1
    const without = { check: 'amendments', given: { genesis, log: log.filter(({ index }) => index !== change) } }
    expect((await valueBothSay<Folded>(folded(world))).version.version).toBe(2)
    expect(await bothSay([without])).toEqual([{ expect: 'statement.wrong-charter', at: '/charter' }])
    // To show it no statement under the change is to show it no log that goes on, and none has this entry left out.
    const tree = createTree(sha256)
    for (const [index, entry] of world.entries.entries()) if (index !== change) tree.append(leafHash(sha256, entry))
    expect(toBase64url(tree.root())).not.toBe(world.rootAt(tree.size))
  })
  test('18: nor does it bring an old version back, skip one, or bring one that nobody has approved', async () => {
    const world = await found()
    const first = nextOf(world)
    await amended(world, all)
    const asks = [1, 2, 4, Number.MAX_SAFE_INTEGER].map(version => nextOf(world, { version }))
    const drafts = await Promise.all([...asks, first].map(body => world.draft('charter.amend', 'aldova', body)))
    expect(await bothSay(drafts.map(draft => folded(world, draft)))).toEqual([
      ...asks.map(() => ({ expect: 'statement.breaks-law', at: '/body/charter/version' })),
      { expect: 'charter.not-next', at: '/body/previous' },
    ])
    const proposed = await world.draft('charter.amend', 'aldova', nextOf(world, { name: 'Mine' }))
    expect((await valueBothSay<Folded>(folded(world, proposed))).version.version).toBe(2)
  })
})

test('39: approves no version twice, by a second root key or a second statement', async () => {
  const world = await makeWorld({ members: 3, seed, curvesOnly: true })
  const second = await signerOf(seed, 'borsk', 'root', 'root, the second')
  await world.statement('key.add', 'borsk', { keys: [second.record] })
  const { sid } = await world.statement('charter.amend', 'aldova', nextOf(world))
  await world.statement('charter.approve', 'borsk', { approves: sid })
  const again = [{}, { signer: second.signer }].map(by =>
    world.draft('charter.approve', 'borsk', { approves: sid }, by),
  )
  const asks = (await Promise.all(again)).map(draft => folded(world, draft))
  expect(await codesBothSay(asks)).toEqual(['charter.already-approved', 'charter.already-approved'])
  expect((await valueBothSay<Folded>(folded(world))).version.version).toBe(1)
})

/** What one member has signed with its first key: then a second, and the first is revoked. */
async function robbed(since?: (index: number) => number) {
  const world = await found()
  const before = await world.statement('attribution.statement', 'borsk', template)
  const thief = world.members['borsk']?.signer
  if (thief === undefined) throw new Error('no signer')
  const stolen = await world.statement('attribution.statement', 'borsk', template)
  const second = await signerOf(seed, 'borsk', 'sign', 'sign, the second')
  await world.statement('key.add', 'borsk', { keys: [second.record] })
  const from = since === undefined ? {} : { compromised_since: since(stolen.index) }
  const revoked = await world.statement('key.revoke', 'borsk', { kid: thief.kid, reason: 'It was stolen.', ...from })
  return { world, before, stolen, thief, second, revoked }
}

const disputed = (world: World, ...asks: { index: number; size: number }[]): Promise<{ disputed: boolean[] }> =>
  valueBothSay({ check: 'disputes', given: { ...logOf(world), asks } })

describe('a member, and the date of a theft', () => {
  test('44: what a key has signed stays so once the key has ended, whenever it is read', async () => {
    const { world, stolen, thief, revoked } = await robbed()
    const late = { copy: `${stolen.jws}~`, index: stolen.index }
    const afterwards = { copy: `${stolen.jws}~`, index: revoked.index + 1 }
    const { genesis, log } = logOf(world)
    const read = [late, afterwards].map(each => ({ check: 'amendments', given: { genesis, log, late: each } }))
    expect(await codesBothSay(read)).toEqual(['ok', 'charter.unknown-key'])
    expect(world.charter.keys.get(thief.kid)?.to).toBe(revoked.index + 1)
    expect(await disputed(world, { index: stolen.index, size: world.size })).toEqual({ disputed: [false] })
  })
  test('44: to disown it, it has to say before all since when, and nothing changes on the log that was', async () => {
    const { world, before, stolen, revoked } = await robbed(index => index)
    const asks = [before, stolen].flatMap(({ index }) => [
      { index, size: revoked.index },
      { index, size: revoked.index + 1 },
    ])
    expect(await disputed(world, ...asks)).toEqual({ disputed: [false, false, false, true] })
    const later = { kid: stolen.kid, reason: 'Once more.', compromised_since: 0 }
    const again = await world.draft('key.revoke', 'borsk', later)
    expect(await codesBothSay([folded(world, again)])).toEqual(['charter.unknown-key'])
  })
})

describe('an outsider with the keys of a member', () => {
  test('52: its owner revokes the key: what the thief has signed does not count, and more is refused', async () => {
    const { world, stolen, thief, second } = await robbed(index => index)
    const more = await world.draft('attribution.statement', 'borsk', template, { signer: thief })
    const own = await world.draft('attribution.statement', 'borsk', template, { signer: second.signer })
    const key = (await signerOf(seed, 'borsk', 'sign', 'of the thief')).record
    const added = await world.draft('key.add', 'borsk', { keys: [key] }, { signer: thief })
    const asks = [more, own, added].map(draft => folded(world, draft))
    expect(await codesBothSay(asks)).toEqual(['charter.unknown-key', 'ok', 'charter.unknown-key'])
    const ask = { index: stolen.index, size: world.size }
    expect(await disputed(world, ask)).toEqual({ disputed: [true] })
    const words = { statements: [stolen.sid] }
    await world.statement('statement.reaffirm', 'borsk', words, { signer: second.signer })
    expect(await disputed(world, ask, { ...ask, size: world.size })).toEqual({ disputed: [true, false] })
  })
  test('53: with the root key it brings no other where the next is named, and is out once that has come', async () => {
    const world = await found()
    const thief = world.members['borsk']?.rootSigner
    const [named, other] = [
      await signerOf(seed, 'borsk', 'root', 'next root'),
      await signerOf(seed, 'borsk', 'root', 'of the thief'),
    ]
    const after = (await signerOf(seed, 'borsk', 'root', 'the one after')).record.kid
    const rotate = (key: typeof named) => ({ key: key.record, next_root: after })
    if (thief === undefined) throw new Error('no root key')
    const tries = [
      await world.draft('key.add', 'borsk', { keys: [other.record] }, { signer: thief }),
      await world.draft('key.rotate-root', 'borsk', rotate(other), { signer: thief }),
      await world.draft('key.rotate-root', 'borsk', rotate(other), { signer: other.signer }),
      await world.draft('key.rotate-root', 'borsk', rotate(named), { signer: thief }),
    ]
    expect(await codesBothSay(tries.map(draft => folded(world, draft)))).toEqual([
      'statement.breaks-law',
      'charter.unknown-key',
      'charter.unknown-key',
      'charter.unknown-key',
    ])
    const done = await world.statement('key.rotate-root', 'borsk', rotate(named), { signer: named.signer })
    const leave = { reason: 'As the thief would have it.' }
    const left = await world.draft('member.withdraw', 'borsk', leave, { signer: thief })
    expect(await codesBothSay([folded(world, left)])).toEqual(['charter.unknown-key'])
    expect(world.charter.keys.get(thief.kid)?.to).toBe(done.index + 1)
  })
  test('53: where all keys are lost the others give new ones, and the thief is silent from then on', async () => {
    const world = await found()
    await amended(world, all, nextOf(world, { amend_threshold: 2 }))
    const anew = await makeMember(`${seed}, anew`, 'borsk', ['member'], true)
    const seal = sealTwin({
      plaintext: padTwin(world.tagKey, 1_024),
      aad: utf8(world.charter.charter.tag.commit),
      seed: derive(seed, 'tag seal, again'),
      recipients: tagKeyRecipients([anew.record]),
    })
    const members = ['aldova', anew.record, 'caldria']
    await amended(world, ['aldova', 'caldria'], nextOf(world, { members }, { seal }))
    const [own, thief] = [anew.rootSigner, world.members['borsk']?.rootSigner]
    if (thief === undefined) throw new Error('no root key')
    const accedes = { accedes: world.charter.version.sid }
    const drafts = [
      await world.draft('member.accede', 'borsk', accedes, { signer: thief }),
      await world.draft('attribution.statement', 'borsk', template),
      await world.draft('attribution.statement', 'borsk', template, { signer: anew.signer }),
    ]
    expect(await codesBothSay(drafts.map(draft => folded(world, draft)))).toEqual([
      'charter.unknown-key',
      'charter.unknown-key',
      'charter.not-acceded',
    ])
    expect((await valueBothSay<Folded>(folded(world))).absent).toEqual({ borsk: 'awaited' })
    await world.statement('member.accede', 'borsk', accedes, { signer: own })
    await world.statement('attribution.statement', 'borsk', template, { signer: anew.signer })
    expect((await valueBothSay<Folded>(folded(world))).absent).toEqual({})
  })
})
