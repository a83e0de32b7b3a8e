import * as crypto from 'node:crypto'
import { type Server, type ServerResponse, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { nodePrimitives, toBase64url } from '@chancery/protocol'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type RelayAddress, type RelayClient, connectRelay } from './relay.ts'

/** A server that says whatever a test wants it to. */
let answer: (response: ServerResponse) => void
let server: Server
let relay: RelayClient
let address: RelayAddress

beforeAll(async () => {
  server = createServer((request, response) => {
    request.resume()
    answer(response)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { privateKey } = crypto.generateKeyPairSync('ed25519')
  address = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    origin: 'relay.example/log1',
    signer: async () => ({
      kid: 'A'.repeat(43),
      alg: 'EdDSA',
      sign: message => crypto.sign(null, message, privateKey),
    }),
    primitives: nodePrimitives(crypto as never),
    now: () => 1_900_000_000,
    random: length => crypto.randomBytes(length),
  }
  relay = connectRelay(address)
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
})

const says = (status: number, type: string, body: string | Uint8Array) => {
  answer = response => response.writeHead(status, { 'content-type': type }).end(body)
}
const submit = () => relay.submit([{ jws: 'a.b.c', seals: [] }])
const codeOf = async (asked: Promise<{ ok: boolean; code?: string }>): Promise<string> => {
  const answered = await asked
  return answered.ok ? 'taken' : (answered.code ?? '')
}
const sid = 'A'.repeat(43)
const json = 'application/json'

describe('what is not of the protocol is nonsense', () => {
  test.each([
    ['a page', 200, 'text/html', '<p>hello'],
    ['JSON that is cut short', 201, json, '{"results":['],
    ['no result', 201, json, '{"results":[]}'],
    ['two results for one statement', 201, json, JSON.stringify({ results: [{ code: 'a' }, { code: 'b' }] })],
    ['a result with more in it', 201, json, JSON.stringify({ results: [{ index: 1, receipt: '', sid, more: 1 }] })],
    ['an index that is no number', 201, json, JSON.stringify({ results: [{ index: '1', receipt: '', sid }] })],
    ['a problem with a code that nobody knows', 500, 'application/problem+json', '{"type":"relay.tired"}'],
    ['a problem that is none', 500, 'application/problem+json', '[]'],
  ])('%s', async (_name, status, type, body) => {
    says(status, type, body)
    expect(await codeOf(submit())).toBe('relay.nonsense')
  })
  test('bytes that are not UTF-8 for a note', async () => {
    says(200, 'text/plain', Uint8Array.of(0xff))
    expect(await codeOf(relay.checkpoint())).toBe('relay.nonsense')
  })
  test('a proof of 31 bytes', async () => {
    says(200, json, JSON.stringify({ proof: [Buffer.alloc(31).toString('base64')] }))
    expect(await codeOf(relay.consistency(1, 2))).toBe('relay.nonsense')
  })
})

describe('what is of the protocol is taken', () => {
  test('a refusal with its code, its place and its cure', async () => {
    const [code, why] = ['statement.chain-broken', 'the next number is 2']
    const problem = { type: code, title: 'x', status: 409, at: '/chain', detail: why }
    says(409, 'application/problem+json', JSON.stringify(problem))
    expect(await submit()).toEqual({ ok: false, code, at: '/chain', why })
  })
  test('a result, whatever status its failure gives the answer', async () => {
    const results = [{ code: 'statement.duplicate', at: '' }]
    says(409, json, JSON.stringify({ results }))
    expect(await submit()).toEqual({ ok: true, value: results })
  })
  test('a proof', async () => {
    says(200, json, JSON.stringify({ proof: [Buffer.alloc(32, 7).toString('base64')] }))
    const proof = await relay.consistency(1, 2)
    expect(proof.ok && proof.value.map(toBase64url)).toEqual([Buffer.alloc(32, 7).toString('base64url')])
  })
})

describe('trouble on the way is thrown, with its cause', () => {
  test('nobody listens', async () => {
    const away = connectRelay({ ...address, url: 'http://127.0.0.1:1' })
    await expect(away.checkpoint()).rejects.toThrow(/cannot be reached/)
  })
  test('an answer that never comes', async () => {
    answer = () => {}
    const hasty = connectRelay({ ...address, timeoutMs: 50 })
    await expect(hasty.checkpoint()).rejects.toThrow(/cannot be reached/)
  })
  test('an answer without end is cut at the bound', async () => {
    const piece = Buffer.alloc(1 << 20)
    answer = response => {
      response.writeHead(200, { 'content-type': 'text/plain' })
      const write = (): void => {
        if (!response.destroyed) response.write(piece, () => setImmediate(write))
      }
      write()
    }
    await expect(relay.checkpoint()).rejects.toThrow(/more than 8388608 bytes/)
  })
  test('a redirect is not followed', async () => {
    answer = response => response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end()
    await expect(relay.checkpoint()).rejects.toThrow(/cannot be reached/)
  })
})
