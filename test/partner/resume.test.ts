import { once } from 'node:events'
import { type Server, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Evidence, admit, catchUp, connectRelay, openMirror } from '@chancery/client'
import { assert, toBase64url } from '@chancery/protocol'
import { openStore } from '@chancery/store'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { WebSocketServer } from 'ws'
import { type World, derive, makeWorld } from '../world.ts'

// A relay that says whatever a case wants it to say, on a real socket.
let http: Server
let server: WebSocketServer
let says: unknown
let closes: number | undefined
let world: World
const folder = mkdtempSync(join(tmpdir(), 'resume-'))
let opened = 0

beforeAll(async () => {
  world = await makeWorld({ members: 2, seed: 'resume' })
  http = createServer((_request, response) => {
    response.setHeader('content-type', 'text/plain')
    response.end(world.checkpoint())
  })
  server = new WebSocketServer({ server: http })
  server.on('connection', socket => {
    socket.on('message', () => {
      if (closes === undefined) socket.send(JSON.stringify(says))
      else socket.close(closes, '7')
    })
  })
  http.listen(0, '127.0.0.1')
  await once(http, 'listening')
})
afterAll(() => {
  for (const client of server.clients) client.terminate()
  server.close()
  http.close()
  rmSync(folder, { recursive: true })
})

/** What a node that holds the whole log concludes from one answer. */
async function resume(answer: unknown, close?: number): Promise<{ code: string; evidence: readonly Evidence[] }> {
  says = answer
  closes = close
  const { primitives, origin } = world
  const store = openStore(join(folder, `${opened++}.db`), { origin, create: true })
  assert(store.ok, 'a new store opens')
  const member = world.members['borsk']
  const openKeys = member === undefined ? [] : [member.encKey, member.xwingKey]
  const genesis = world.logged[0]?.jws ?? ''
  const mirror = await openMirror({ store: store.value, genesis, openKeys, primitives })
  assert(mirror.ok, 'the genesis statement is the one pinned')
  const entries = world.logged.map(({ entry, index, jws }) => ({ entry: toBase64url(entry), index, jws, seals: [] }))
  assert((await admit(mirror.value, entries, world.checkpoint())).ok, 'the log is the one held')
  const signer = world.members['borsk']?.authSigner
  assert(signer !== undefined, 'borsk is a member')
  const { port } = http.address() as AddressInfo
  const relay = connectRelay({
    url: `http://127.0.0.1:${port}`,
    origin,
    signer: async () => signer,
    primitives,
    now: () => 0,
    random: length => new Uint8Array(length),
    timeoutMs: 2_000,
  })
  const evidence: Evidence[] = []
  const epoch = { read: () => undefined, write: () => undefined }
  const ended = await catchUp({ relay, mirror: mirror.value, epoch, onEvidence: one => evidence.push(one) }).catch(
    (error: Error) => ({ ok: false as const, code: error.message }),
  )
  store.value.close()
  return { code: ended.ok ? 'ok' : ended.code, evidence }
}

const epoch = toBase64url(derive('resume', 'epoch'))
const leaf = toBase64url(derive('resume', 'another leaf'))

describe('a node that comes back with its cursor', () => {
  test('goes on where the relay has the same log', async () => {
    expect((await resume({ answer: 'ok', epoch, size: 2 })).code).toBe('ok')
  })
  test('is told that what it needs is no longer kept', async () => {
    expect((await resume({ answer: 'outdated', epoch, oldest: 1, size: 2 })).code).toBe('stream.outdated')
  })
  test('keeps evidence of a log that went back', async () => {
    const { code, evidence } = await resume({ answer: 'future', epoch, size: 1 })
    expect(code).toBe('log.went-back')
    expect(evidence).toHaveLength(1)
    expect(evidence[0]?.ours).toBe(world.checkpoint())
  })
  test('keeps evidence of a log that forked', async () => {
    const { code, evidence } = await resume({ answer: 'fork', epoch, leaf, size: 2 })
    expect(code).toBe('log.forked')
    expect(evidence).toHaveLength(1)
  })
  test('tries once more where a replaced store extends what is held, and not for ever', async () => {
    expect((await resume({ answer: 'epoch-changed', epoch, size: 2 })).code).toBe('stream.epoch-changed')
  })
  test('takes a sixth answer for nonsense', async () => {
    expect((await resume({ answer: 'maybe', epoch, size: 2 })).code).toBe('relay.nonsense')
  })
  test('knows that it was cut for being slow', async () => {
    expect((await resume(undefined, 4008)).code).toBe('stream.slow')
  })
})
