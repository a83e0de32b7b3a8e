import { type Cursor, leafHash, toBase64url } from '@chancery/protocol'
import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Running, attribution, replay, running, sha256, submissionOf, world } from './fixture.ts'

let it: Running
let epoch: string

beforeAll(async () => {
  const made = await world({ members: 4 })
  it = await running(made, {
    helloMs: 300,
    slowMs: 1_500,
    socketsPerMember: 2,
    frameBytesMax: 65_536,
    streamBytesMax: 131_072,
  })
  await attribution(made)
  await replay(made, it.api)
  const stream = await it.api.stream('aldova', null)
  epoch = (await stream.answer()).epoch
  stream.socket.close()
  await stream.closed
})
afterAll(async () => {
  await it.relay.close()
  it.files.remove()
})

const cursorAt = (size: number, change: Partial<Cursor> = {}): Cursor => {
  const leaf = size === 0 ? {} : { leaf: toBase64url(leafHash(sha256, it.world.entries[size - 1] as Uint8Array)) }
  return { epoch, origin: it.world.origin, size, ...leaf, ...change }
}
const answerTo = async (cursor: Cursor | null) => {
  const stream = await it.api.stream('dorvane', cursor)
  const answer = await stream.answer()
  stream.socket.close()
  await stream.closed
  return answer
}

describe('the answers to a cursor', () => {
  test('from nothing, from the beginning, from the middle and from the end: ok', async () => {
    for (const cursor of [null, cursorAt(0), cursorAt(3), cursorAt(it.world.size)]) {
      expect(await answerTo(cursor)).toEqual({ answer: 'ok', epoch, size: it.world.size })
    }
  })
  test('the entries that follow are those after the cursor, none twice and none left out', async () => {
    const stream = await it.api.stream('dorvane', cursorAt(2))
    await stream.answer()
    const frames = await stream.until(it.world.size)
    expect(frames.flatMap(({ entries }) => entries.map(({ index }) => index))).toEqual([2, 3, 4])
    stream.socket.close()
    await stream.closed
  })
  test('ahead of the log: future', async () =>
    expect(await answerTo({ ...cursorAt(3), size: 99 })).toEqual({ answer: 'future', epoch, size: it.world.size }))
  test('of a store that was replaced: epoch-changed', async () =>
    expect(await answerTo(cursorAt(3, { epoch: toBase64url(randomBytes(32)) }))).toMatchObject({
      answer: 'epoch-changed',
      epoch,
    }))
  test('another entry at its place: fork, with the entry that is there', async () =>
    expect(await answerTo(cursorAt(3, { leaf: toBase64url(randomBytes(32)) }))).toEqual({
      answer: 'fork',
      epoch,
      leaf: cursorAt(3).leaf,
      size: it.world.size,
    }))
  test('a cursor of another log, and what is no cursor, are no first message', async () => {
    for (const cursor of [cursorAt(3, { origin: 'relay.example/log2' }), { size: 1 } as never]) {
      const stream = await it.api.stream('dorvane', cursor)
      expect(await stream.closed).toEqual({ code: 4000, reason: 'relay.bad-request' })
    }
  })
})

describe('the bounds of a stream', () => {
  test('who says nothing is cut', async () => {
    const stream = await it.api.stream('dorvane', null, { silent: true })
    expect((await stream.closed).code).toBe(4000)
  })
  test('who says more than where to begin is cut', async () => {
    const stream = await it.api.stream('dorvane', null)
    await stream.answer()
    stream.socket.send('{"resume":null}')
    expect((await stream.closed).code).toBe(4000)
  })
  test('a message longer than 256 KiB is cut', async () => {
    const stream = await it.api.stream('dorvane', null)
    await stream.answer()
    stream.socket.send('x'.repeat(262_145))
    expect((await stream.closed).code).toBe(1009)
  })
  test('a member has only so many streams', async () => {
    const two = [await it.api.stream('dorvane', null), await it.api.stream('dorvane', null)]
    for (const stream of two) await stream.answer()
    expect((await (await it.api.stream('dorvane', null)).closed).code).toBe(429)
    for (const stream of two) {
      stream.socket.close()
      await stream.closed
    }
  })
})

test('a reader that does not read is cut and told how far it got; the others miss nothing', async () => {
  const stuck = await it.api.stream('borsk', cursorAt(it.world.size))
  const well = await it.api.stream('caldria', cursorAt(it.world.size))
  await Promise.all([stuck.answer(), well.answer()])
  stuck.socket.pause()
  // It reads again as soon as it is cut: what it is told waits for it only so long.
  const slow = it.heard(/stream\.slow.*borsk/).then(() => stuck.socket.resume())

  const before = it.world.size
  // 240 KB each: more in all than the buffers of both kernels take.
  const [summary, rounds] = ['港'.repeat(58_000), 100]
  const sid = it.world.logged.at(-1)?.payload.body as object
  for (let i = 0; i < rounds; i++)
    await it.world.statement('attribution.statement', 'aldova', { ...sid, summary }, { tlp: 'green' })
  for (const logged of it.world.logged.slice(before)) {
    expect((await it.api.submit('aldova', [await submissionOf(it.world, logged)])).status).toBe(201)
  }
  const frames = await well.until(it.world.size)
  expect(frames.flatMap(({ entries }) => entries)).toHaveLength(rounds)

  await slow
  const { code, reason } = await stuck.closed
  expect(code).toBe(4008)
  expect(Number(reason)).toBeGreaterThan(before)
  expect(Number(reason)).toBeLessThan(it.world.size)
  well.socket.close()

  const back = await it.api.stream('borsk', cursorAt(before))
  await back.answer()
  expect((await back.until(it.world.size)).flatMap(({ entries }) => entries)).toHaveLength(rounds)
  back.socket.close()
}, 60_000)
