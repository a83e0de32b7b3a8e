import { join } from 'node:path'
import * as crypto from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { admit, openMirror } from '@chancery/client'
import {
  type Claims,
  type StreamFrame,
  formatVkey,
  nodePrimitives,
  openCheckpoint,
  openHead,
  readReceipt,
} from '@chancery/protocol'
import { openStore } from '@chancery/store'
import { ed25519 } from '@noble/curves/ed25519.js'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { derive, type World, type WorldMember } from '../world.ts'
import { type Running, attribution, makeFiles, pemOf, running, sha256, submissionOf, world } from './fixture.ts'

const primitives = nodePrimitives(crypto)
const secret = derive('the relay under test', 'the next log key')
let it: Running
let made: World
let vkey = ''
const inForce = 2

/** One member, who is enough to give the log another key: entry 1 does. What comes after it the relay cannot read. */
beforeAll(async () => {
  made = await world({ members: 1, curvesOnly: true })
  const { origin, charter: state } = made
  vkey = formatVkey({ sha256, name: origin, key: ed25519.getPublicKey(secret) })
  const { tag: _, members, ...unchanged } = state.charter
  const charter = { ...unchanged, members: members.map(({ id }) => id), relay: { origin, vkey }, version: 2 }
  const { sid } = await made.statement('charter.amend', 'aldova', { charter, previous: state.genesis })
  const change = (payload: Claims): Claims => ({ ...payload, charter: { sid, version: 2 } })
  for (let i = 0; i < 2; i++) await attribution(made, 'green', 0, { change })
  const files = makeFiles(made)
  writeFileSync(join(files.folder, 'next.pem'), pemOf(secret), { mode: 0o600 })
  it = await running(made, { nextLogKey: join(files.folder, 'next.pem') }, { files })
})
afterAll(async () => {
  await it.relay.close()
  it.files.remove()
})

const by = (note: string, key: string) => openCheckpoint({ note, origin: made.origin, vkey: key, primitives }).ok
const framesTo = async (size: number): Promise<StreamFrame[]> => {
  const stream = await it.api.stream('aldova', null)
  await stream.answer()
  const frames = await stream.until(size)
  stream.socket.close()
  return frames
}
async function freshMirror(name: string) {
  const store = openStore(join(it.files.folder, name), { origin: made.origin, create: true })
  if (!store.ok) throw new Error(store.code)
  const { encKey, xwingKey } = made.members['aldova'] as WorldMember
  const genesis = made.logged[0]?.jws ?? ''
  const mirror = await openMirror({ store: store.value, genesis, openKeys: [encKey, xwingKey], primitives })
  if (!mirror.ok) throw new Error(mirror.code)
  return mirror.value
}

describe('one request that has the last approval of another key, and statements after it', () => {
  test('is two batches, each under the key at its size', async () => {
    const together = await Promise.all(made.logged.slice(1).map(logged => submissionOf(made, logged)))
    const { status, body } = await it.api.submit('aldova', together)
    expect([status, body.results.map(result => 'index' in result && result.index)]).toEqual([201, [1, 2, 3]])
    const last = body.results.at(-1)
    const receipt = readReceipt(last !== undefined && 'receipt' in last ? last.receipt : '')
    if (!receipt.ok) throw new Error(receipt.code)
    expect([made.vkey, vkey].map(key => by(receipt.value.checkpoint, key))).toEqual([false, true])
    expect(openHead({ primitives, charter: made.charter }, receipt.value.checkpoint)).toMatchObject({
      value: { size: 4 },
    })
  })

  test('no frame reaches past the old key, and a reader of all of it takes both', async () => {
    const frames = await framesTo(4)
    const sizes = frames.map(({ entries }) => (entries.at(-1)?.index ?? 0) + 1)
    expect(sizes).toEqual([inForce, 4])
    expect(frames.map(({ checkpoint }) => [by(checkpoint, made.vkey), by(checkpoint, vkey)])).toEqual([
      [true, false],
      [false, true],
    ])
    const mirror = await freshMirror('reader.db')
    for (const { entries, checkpoint } of frames) expect((await admit(mirror, entries, checkpoint)).ok).toBe(true)
    expect(mirror.store.size).toBe(4)
    mirror.store.close()
  })

  test('a reader refuses entries past the old key under one head, by whichever key', async () => {
    const entries = (await framesTo(4)).flatMap(frame => frame.entries)
    const mirror = await freshMirror('strict.db')
    for (const note of [made.checkpoint(4), (await it.api.get('aldova', '/checkpoint')).text]) {
      expect(await admit(mirror, entries, note)).toMatchObject({ ok: false, code: 'log.bad-signature' })
    }
    expect(mirror.store.size).toBe(0)
    mirror.store.close()
  })
})

describe('a relay that has not the key in force', () => {
  test('does not begin', async () => {
    await it.relay.close()
    await expect(running(made, {}, { files: it.files })).rejects.toThrow(/^log.bad-vkey: logKey: the charter names/)
    it = await running(made, { logKey: join(it.files.folder, 'next.pem') }, { files: it.files })
    expect(by((await it.api.get('aldova', '/checkpoint')).text, vkey)).toBe(true)
  })

  test('appends nothing once a version comes in force that names it, and answers for what it has', async () => {
    const files = makeFiles(made)
    const alone = await running(made, {}, { files })
    const [amend, first, second] = await Promise.all(made.logged.slice(1).map(logged => submissionOf(made, logged)))
    if (amend === undefined || first === undefined || second === undefined) throw new Error('three statements')
    const { body } = await alone.api.submit('aldova', [amend, first, second])
    const refused = { code: 'relay.no-log-key' }
    expect(body.results).toMatchObject([{ index: 1 }, refused, refused])
    await alone.heard(/"event":"key.missing","code":"relay.no-log-key"/)
    expect((await alone.api.submit('aldova', [amend])).body.results).toMatchObject([{ index: 1 }])
    expect(by((await alone.api.get('aldova', '/checkpoint')).text, made.vkey)).toBe(true)
    await alone.relay.close()
    files.remove()
  })
})
