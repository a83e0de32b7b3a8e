import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type KeyPair, signerOf } from '../world.ts'
import { type Running, attribution, makeFiles, replay, running, seed, submissionOf, world } from './fixture.ts'

let it: Running
let sign: KeyPair
let auth: KeyPair

beforeAll(async () => {
  const made = await world()
  it = await running(made)
  await replay(made, it.api)
  sign = await signerOf(seed, 'aldova', 'sign', 'sign 2')
  auth = await signerOf(seed, 'aldova', 'auth', 'auth 2')
})
afterAll(async () => {
  await it.relay.close()
  it.files.remove()
})

/** Says it in the world, and hands it to the relay by this auth key. */
async function say(kind: 'key.add' | 'key.revoke', body: object, signer?: KeyPair['signer']) {
  const logged = await it.world.statement(kind, 'aldova', body)
  const submission = await submissionOf(it.world, logged)
  const answer = await it.api.submit('aldova', [submission], signer && { signer })
  return answer.body.results[0]
}
const firstKid = (which: 'signer' | 'authSigner'): string => it.world.members['aldova']?.[which].kid ?? ''
const reason = 'A machine was lost.'
/** Signed and handed in, whatever the world would say of it. */
const submitSigned = async (signer: KeyPair['signer'] | undefined, by: KeyPair['signer'] | undefined) => {
  const draft = await it.world.draft('attribution.statement', 'aldova', bodyOf(), signer && { signer })
  const { body } = await it.api.submit('aldova', [{ jws: draft.jws, seals: [] }], by && { signer: by })
  return body.results[0]
}
const bodyOf = () => it.world.logged.find(({ payload }) => payload.kind === 'attribution.statement')?.payload.body

describe('a member that changes its keys', () => {
  test('adds one, which signs from the next index on', async () => {
    await attribution(it.world)
    await replay(it.world, it.api, it.world.size - 1)
    expect(await submitSigned(sign.signer, undefined)).toMatchObject({ code: 'charter.unknown-key' })
    expect(await say('key.add', { keys: [sign.record, auth.record] })).toMatchObject({ index: 4 })
    await attribution(it.world, 'clear', 0, { signer: sign.signer })
    expect(await replay(it.world, it.api, it.world.size - 1)).toMatchObject([{ index: 5 }])
  })
  test('revokes the one it had, whose statements are refused and say since when', async () => {
    expect(await say('key.revoke', { kid: firstKid('signer'), reason })).toMatchObject({ index: 6 })
    expect(await submitSigned(undefined, undefined)).toEqual({
      at: '/header/kid',
      code: 'charter.unknown-key',
      why: 'it ended with index 6',
    })
  })
  test('is called for no longer by an auth key that it has revoked, and its stream ends', async () => {
    const stream = await it.api.stream('aldova', null)
    await stream.answer()
    const other = await it.api.stream('borsk', null)
    await other.answer()
    expect(await say('key.revoke', { kid: firstKid('authSigner'), reason })).toMatchObject({ index: 7 })
    expect(await stream.until(8)).not.toEqual([])
    expect(await stream.closed).toEqual({ code: 4001, reason: 'charter.unknown-key' })
    expect(await other.until(8)).not.toEqual([])
    expect(await it.api.get('aldova', '/checkpoint')).toMatchObject({
      status: 403,
      body: { type: 'charter.unknown-key' },
    })
    expect(await it.api.call('aldova', { path: '/checkpoint', signer: auth.signer })).toMatchObject({ status: 200 })
    other.socket.close()
    await other.closed
  })
  test('is held to the end of a mandate by each statement of one request at its own index', async () => {
    const { record } = sign
    const until = it.world.size + 2
    const granted = await it.world.statement('mandate.grant', 'aldova', { kid: record.kid, until })
    await it.api.submit('aldova', [await submissionOf(it.world, granted)], { signer: auth.signer })
    const last = await attribution(it.world, 'clear', 0, { signer: sign.signer })
    const late = await it.world.draft('attribution.statement', 'aldova', bodyOf(), {
      signer: sign.signer,
      change: claims => ({ ...claims, seen: last.payload.seen }),
    })
    const both = [await submissionOf(it.world, last), { jws: late.jws, seals: [] }]
    const { body } = await it.api.submit('aldova', both, { signer: auth.signer })
    expect(body.results).toMatchObject([{ index: until - 1 }, { code: 'charter.beyond-mandate' }])
    const ended = await it.world.statement('mandate.revoke', 'aldova', { kid: record.kid })
    await it.api.submit('aldova', [await submissionOf(it.world, ended)], { signer: auth.signer })
  })
  test('has the same keys at a relay that is started anew', async () => {
    await it.relay.close()
    it = await running(it.world, {}, { files: makeFiles(it.world, it.files.folder) })
    expect(await submitSigned(undefined, auth.signer)).toMatchObject({ code: 'charter.unknown-key' })
    expect(await submitSigned(sign.signer, auth.signer)).toMatchObject({ index: 11 })
  })
})
