import { statSync } from 'node:fs'
import { join } from 'node:path'
import { admit, openMirror } from '@chancery/client'
import { openStore } from '@chancery/store'
import {
  entryCommitsTo,
  followCheckpoint,
  openSealed,
  fromBase64,
  fromBase64url,
  leafHash,
  nodePrimitives,
  openCheckpoint,
  readReceipt,
  toBase64url,
  verifyReceipt,
} from '@chancery/protocol'
import * as crypto from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Running, attribution, replay, running, sha256, submissionOf, world } from './fixture.ts'
import type { WorldMember } from '../world.ts'

const primitives = nodePrimitives(crypto)
let it: Running

beforeAll(async () => {
  const made = await world({ clearances: { amber: ['aldova', 'borsk'], 'amber+strict': ['aldova'], red: ['aldova'] } })
  await attribution(made, 'clear')
  await attribution(made, 'green', 1)
  await attribution(made, 'amber', 0, {
    tear: [
      { label: 'source', tlp: 'amber', content: { text: 'For amber readers' } },
      { label: 'method', tlp: 'red', content: { text: 'For red readers' } },
    ],
  })
  it = await running(made)
})
afterAll(async () => {
  await it.relay.close()
  it.files.remove()
})

const [genesisSize, everything] = [1, 6]
const open = (note: string) => openCheckpoint({ note, origin: it.world.origin, vkey: it.world.vkey, primitives })

describe('a coalition and its relay', () => {
  test('an empty relay begins with the genesis statement', async () => {
    const note = await it.api.get('aldova', '/checkpoint')
    const checkpoint = open(note.text)
    expect(checkpoint.ok && checkpoint.value.size).toBe(genesisSize)
  })

  test('a founder whose charter is not in force yet may call, adopt, and nothing else', async () => {
    const early = await submissionOf(it.world, it.world.logged[3] as never)
    const refused = await it.api.submit('aldova', [early])
    expect([refused.status, refused.body.results[0]]).toMatchObject([409, { code: 'charter.not-in-force' }])
  })

  test('every statement gets its place, and a receipt that anyone can check', async () => {
    const results = await replay(it.world, it.api)
    expect(results).toHaveLength(everything - genesisSize)
    for (const [i, result] of results.entries()) {
      const index = i + 1
      const receipt = readReceipt('receipt' in result ? result.receipt : '')
      if (!receipt.ok) throw new Error(receipt.code)
      const entry = it.world.entries[index] as Uint8Array
      const held = verifyReceipt({
        receipt: receipt.value,
        entry,
        origin: it.world.origin,
        vkey: it.world.vkey,
        primitives,
      })
      expect(held).toMatchObject({ ok: true, value: { index } })
    }
  })

  test('its log is the one its members can compute', async () => {
    const note = await it.api.get('borsk', '/checkpoint')
    const checkpoint = open(note.text)
    expect(checkpoint.ok && toBase64url(checkpoint.value.root)).toBe(it.world.rootAt(everything))
    expect(note.text).toBe(it.world.checkpoint())
  })

  test('the same statement again gets the same place and no second one', async () => {
    const again = await replay(it.world, it.api)
    expect(again.map(result => 'index' in result && result.index)).toEqual([1, 2, 3, 4, 5])
    expect((await it.api.get('borsk', '/checkpoint')).text).toBe(it.world.checkpoint())
  })

  test('twice in one request it is one entry', async () => {
    const next = await submissionOf(it.world, await attribution(it.world, 'clear'))
    const { status, body } = await it.api.submit('aldova', [next, next])
    expect(status).toBe(201)
    expect(body.results.map(result => 'index' in result && result.index)).toEqual([6, 6])
  })

  test('tiles and bundles are served, and no wider than the log', async () => {
    const path = '/tile/0/000.p/7'
    const headers = { authorization: await it.api.authorization('borsk', { path }) }
    const hashes = await fetch(it.api.url + path, { headers })
    const bytes = new Uint8Array(await hashes.arrayBuffer())
    expect(bytes.length).toBe(7 * 32)
    expect(toBase64url(bytes.subarray(64, 96))).toBe(toBase64url(leafHash(sha256, it.world.entries[2] as Uint8Array)))
    expect((await it.api.get('borsk', '/tile/entries/000.p/7')).status).toBe(200)
    expect((await it.api.get('borsk', '/tile/0/000.p/8')).body).toMatchObject({ type: 'log.bad-path', status: 404 })
    expect((await it.api.get('borsk', '/tile/0/0')).body).toMatchObject({ type: 'log.bad-path' })
  })

  test('a later head extends an earlier one, and the proof shows it', async () => {
    const { body } = await it.api.get<{ proof: string[] }>('borsk', '/proof/consistency?from=3&to=7')
    const proof = body.proof.map(hash => fromBase64(hash) as Uint8Array)
    const [known, next] = [open(it.world.checkpoint(3)), open((await it.api.get('borsk', '/checkpoint')).text)]
    if (!known.ok || !next.ok) throw new Error('checkpoints')
    expect(followCheckpoint({ sha256, known: known.value, next: next.value, proof }).ok).toBe(true)
    expect((await it.api.get('borsk', '/proof/consistency?from=3&to=8')).status).toBe(404)
  })

  test('a receipt can be had again, by place', async () => {
    const receipt = readReceipt((await it.api.get('borsk', '/receipt/4')).text)
    if (!receipt.ok) throw new Error(receipt.code)
    const entry = it.world.entries[4] as Uint8Array
    const { origin, vkey } = it.world
    expect(verifyReceipt({ receipt: receipt.value, entry, origin, vkey, primitives }).ok).toBe(true)
    expect((await it.api.get('borsk', '/receipt/7')).status).toBe(404)
    expect((await it.api.get('borsk', '/receipt/01')).status).toBe(404)
  })

  test('the charter and its adoptions are there for a newcomer', async () => {
    const { body } = await it.api.get<{ genesis: string; statements: string[] }>('caldria', '/charter')
    expect(body).toEqual({
      genesis: it.world.logged[0]?.jws,
      statements: [it.world.logged[1]?.jws, it.world.logged[2]?.jws],
    })
  })

  test('health and readiness are for anyone', async () => {
    expect((await fetch(`${it.api.url}/health`)).status).toBe(200)
    expect(await (await fetch(`${it.api.url}/ready`)).json()).toEqual({ size: 7, status: 'ready' })
  })
})

describe('what a reader gets', () => {
  const read = async (member: string) => {
    const stream = await it.api.stream(member, null)
    const answer = await stream.answer()
    const frames = await stream.until(7)
    stream.socket.close()
    return { answer, frames, entries: frames.flatMap(frame => frame.entries) }
  }

  test('every entry in order, and a checkpoint that covers exactly the frame', async () => {
    const { answer, frames, entries } = await read('aldova')
    expect(answer).toMatchObject({ answer: 'ok', size: 7 })
    expect(entries.map(({ index }) => index)).toEqual([0, 1, 2, 3, 4, 5, 6])
    for (const frame of frames) {
      const checkpoint = open(frame.checkpoint)
      expect(checkpoint.ok && checkpoint.value.size).toBe((frame.entries.at(-1)?.index ?? 0) + 1)
    }
  })

  test('a statement within its clearance, which the entry commits to', async () => {
    const { entries } = await read('borsk')
    const { encKey, xwingKey } = it.world.members['borsk'] as WorldMember
    for (const delivery of [entries[4], entries[5]]) {
      const entry = fromBase64url(delivery?.entry ?? '') as Uint8Array
      const { jwe } = delivery?.seals[0] ?? {}
      const opened = await openSealed({ commitment: entry.subarray(1, 33), jwe, keys: [encKey, xwingKey] })
      const jws = opened.ok && opened.value.is === 'statement' ? opened.value.jws : ''
      const { kid } = it.world.logged[delivery?.index ?? 0] as { kid: string }
      const { tagKey } = it.world
      expect(entryCommitsTo({ sha256, entry, jws, kid, tagKey }).ok).toBe(true)
      expect(delivery?.jws).toBeUndefined()
    }
  })

  test('an open entry once: the entry is the statement', async () => {
    const { entries } = await read('borsk')
    expect(entries[3]).toEqual({ entry: toBase64url(it.world.entries[3] as Uint8Array), index: 3, seals: [] })
  })

  test('above its clearance the leaf alone: the gap shows, the content does not', async () => {
    const { entries } = await read('caldria')
    expect(entries[5]).toEqual({ entry: toBase64url(it.world.entries[5] as Uint8Array), index: 5, seals: [] })
    expect(entries[4]?.seals).toHaveLength(1)
  })

  test('sealed tear lines only of the tiers it is cleared for', async () => {
    const tiersOf = async (member: string) => (await read(member)).entries[5]?.seals.map(({ tlp }) => tlp)
    expect(await tiersOf('aldova')).toEqual(['amber', 'red'])
    expect(await tiersOf('borsk')).toEqual(['amber'])
    expect(await tiersOf('caldria')).toEqual([])
  })

  test('one statement by its place or its commitment; absent and not for this reader are one answer', async () => {
    const commitment = toBase64url((it.world.entries[5] as Uint8Array).subarray(1, 33))
    for (const name of [commitment, '5']) {
      const asked = await it.api.get<{ seals: { tlp: string }[] }>('borsk', `/statements/${name}`)
      expect(asked.body).toMatchObject({ index: 5, seals: [{ tlp: 'amber' }] })
    }
    expect((await it.api.get('borsk', `/statements/${it.world.logged[3]?.sid}`)).body).toMatchObject({ index: 3 })
    // What the relay does not know it cannot be asked for: the id of a sealed statement is nobody's name there.
    const names = [commitment, '5', 'A'.repeat(43), '99', '05', it.world.logged[5]?.sid ?? '']
    const answers = await Promise.all(names.map(name => it.api.get('caldria', `/statements/${name}`)))
    const plain = (answer: (typeof answers)[0]) => [answer.status, answer.text, [...answer.headers.keys()].sort()]
    for (const answer of answers) expect(plain(answer)).toEqual(plain(answers[2] as (typeof answers)[0]))
    expect(answers[0]?.status).toBe(404)
  })

  test('live: what is acknowledged arrives at once', async () => {
    const stream = await it.api.stream('caldria', null)
    await stream.answer()
    await stream.until(7)
    const [late] = [await submissionOf(it.world, await attribution(it.world, 'green', 1))]
    await it.api.submit('borsk', [late])
    const [frame] = await stream.until(8)
    expect(frame?.entries).toMatchObject([{ index: 7, ...late }])
    stream.socket.close()
  })
})

test('what is open and too long for an open entry travels beside it, and a mirror takes all of it in', async () => {
  const body = { ...(it.world.logged[3]?.payload.body as object), summary: 'Long words. '.repeat(5_000) }
  const long = await it.world.statement('attribution.statement', 'aldova', body)
  const sent = await it.api.submit('aldova', [await submissionOf(it.world, long)])
  expect(sent.body.results).toMatchObject([{ index: 8 }])
  const stream = await it.api.stream('caldria', null)
  await stream.answer()
  const frames = await stream.until(9)
  stream.socket.close()
  const entries = frames.flatMap(frame => frame.entries)
  expect(entries[8]).toMatchObject({ jws: long.jws, seals: [] })
  const store = openStore(join(it.files.folder, 'mirror.db'), { origin: it.world.origin, create: true })
  if (!store.ok) throw new Error(store.code)
  const { encKey, xwingKey } = it.world.members['caldria'] as WorldMember
  const genesis = it.world.logged[0]?.jws ?? ''
  const mirror = await openMirror({ store: store.value, genesis, openKeys: [encKey, xwingKey], primitives })
  const taken = mirror.ok ? await admit(mirror.value, entries, frames.at(-1)?.checkpoint ?? '') : mirror
  expect(taken).toMatchObject({ ok: true, value: { size: 9, badTags: [], unsound: [] } })
  expect([store.value.indexOf(long.sid), store.value.unopened()]).toEqual([8, 1])
  store.value.close()
})

test('the journal holds no statement, proof or id, and one object a line', () => {
  const text = it.lines.join('')
  for (const { jws, sid } of it.world.logged) {
    expect(text).not.toContain(sid)
    expect(text).not.toContain(jws.slice(0, 60))
  }
  expect(text).not.toContain('eyJ')
  for (const line of it.lines) expect(line.split('\n')).toHaveLength(2)
})

test("the files of the log are its operator's alone", () => {
  expect(statSync(String(it.files.config['store'])).mode & 0o077).toBe(0)
})
