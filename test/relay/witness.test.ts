import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  type Cosignatures,
  type Vkey,
  canonical,
  cosign,
  formatLine,
  fromBase64,
  openCheckpoint,
  openCosigned,
  openQuorum,
  parsePolicy,
  policyOf,
  policyOn,
  readReceipt,
  splitVkey,
  verifyConsistency,
  verifyReceipt,
} from '@chancery/protocol'
import { ed25519 } from '@noble/curves/ed25519.js'
import { afterEach, describe, expect, test } from 'vitest'
import { type World, cosignedNote, derive, secondVkey } from '../world.ts'
import { type Running, attribution, makeFiles, replay, running, sha256, submissionOf, world } from './fixture.ts'

const open: Running[] = []
const closing: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const { relay, files } of open.splice(0)) {
    await relay.close()
    files.remove()
  }
  for (const close of closing.splice(0)) await close()
})

async function start(made: World, config: Record<string, string> = {}, files = makeFiles(made)): Promise<Running> {
  const run = await running(made, config, { files })
  open.push(run)
  await replay(made, run.api)
  return run
}

const policyIn = (made: World) => {
  const policy = policyOf(sha256, made.charter.charter)
  if (policy === undefined) throw new Error('this world has a policy')
  return policy
}
function keyOf(made: World, id: string): Vkey {
  const key = policyIn(made).witnesses.find(({ name }) => name === id)?.key
  if (key === undefined) throw new Error(`${id} is no witness`)
  return key
}
const now = () => Math.floor(Date.now() / 1_000)

/** A member's stream, once it is asked to cosign the log as it is. */
async function listen({ api, world: made }: Running, member: string) {
  const stream = await api.stream(member, null)
  await stream.answer()
  await stream.until(made.size)
  await stream.asked(made.size)
  return { stream, say: (said: Cosignatures) => stream.socket.send(canonical(said)) }
}

/** The cosignature of a member over a tree of the world, at a size. */
function lineOf(made: World, id: string, { size = made.size, by = id, root = made.tree.root(size) } = {}): string {
  const checkpoint = { origin: made.origin, size, root }
  const sign = (message: Uint8Array) => ed25519.sign(message, derive(made.seed, `${by} witness`))
  return formatLine(cosign(keyOf(made, id), { checkpoint, at: now(), sign }))
}

/** The lines of members' keys of these families over the whole log of a world. */
const linesBy = (made: World, ids: readonly string[], families: World['families']): string =>
  cosignedNote(made, made.size, Object.fromEntries(ids.map(id => [id, now()])), families)
    .split('\n')
    .filter(line => line.includes('/witness/'))
    .map(line => `${line}\n`)
    .join('')

describe('a log and witnesses with keys of both families', () => {
  test('each head has two signatures of the log, and stands by the one of ML-DSA-44 alone', async () => {
    const made = await world({ quorum: 2, pairs: 'all', curvesOnly: true })
    const { api } = await start(made)
    const { text } = await api.get('aldova', '/checkpoint')
    const { origin, vkey, primitives } = made
    expect(openCheckpoint({ note: text, origin, vkey, primitives })).toMatchObject({ value: { size: made.size } })
    const left = policyOn(policyIn(made), 'ml-dsa-44')
    if (left === undefined) throw new Error('a policy without Ed25519')
    const opened = openCosigned({ primitives, policy: left, origin }, text)
    expect(opened).toMatchObject({ value: { logs: [secondVkey(made)], checkpoint: { size: made.size } } })
  })

  test('a member counts once, with both of its keys where the policy asks for both', async () => {
    const made = await world({ quorum: 2, pairs: 'all', curvesOnly: true })
    const run = await start(made)
    const { say } = await listen(run, 'aldova')
    const { size } = made
    say({ lines: linesBy(made, ['aldova', 'borsk', 'caldria'], ['ed25519']), size })
    say({ lines: linesBy(made, ['aldova'], ['ml-dsa-44']), size })
    expect((await run.api.get('aldova', '/checkpoint/witnessed')).body).toMatchObject({ type: 'log.no-quorum' })
    say({ lines: linesBy(made, ['caldria'], ['ml-dsa-44']), size })
    await run.heard(/"event":"witnessed","count":2,/)
    const { text } = await run.api.get('aldova', '/checkpoint/witnessed')
    const opened = openQuorum({ primitives: made.primitives, policy: policyIn(made), origin: made.origin }, text)
    if (!opened.ok) throw new Error(opened.code)
    expect(opened.value.cosigned.size).toBe(5)
  })

  test('with either where either will do', async () => {
    const made = await world({ quorum: 2, pairs: 'any', curvesOnly: true })
    const run = await start(made)
    const { say } = await listen(run, 'aldova')
    say({ lines: linesBy(made, ['aldova'], ['ed25519', 'ml-dsa-44']), size: made.size })
    expect((await run.api.get('aldova', '/checkpoint/witnessed')).body).toMatchObject({ type: 'log.no-quorum' })
    say({ lines: linesBy(made, ['borsk'], ['ml-dsa-44']), size: made.size })
    await run.heard(/"event":"witnessed","count":2,/)
  })

  test('the relay does not start without the second key that the policy names', async () => {
    const made = await world({ quorum: 2, pairs: 'all', curvesOnly: true })
    const files = makeFiles(made)
    const path = String(files.config['logKey'])
    const [first = '', second = ''] = readFileSync(path, 'utf8').split(/(?<=END PRIVATE KEY-----\n)/)
    const wrong = [first, second, `${first}${first}`, `${first}${second}${second}`, `${first}nothing`]
    for (const pem of wrong) {
      writeFileSync(path, pem)
      await expect(running(made, {}, { files })).rejects.toThrow(/log.bad-vkey|is not one Ed25519 private key/)
    }
    files.remove()
  })
})

describe('cosignatures that come over streams', () => {
  test('make a quorum, whoever carries them, and the note is served, numbered and told', async () => {
    const made = await world({ quorum: 2 })
    const run = await start(made)
    const { api } = run
    expect((await api.get('aldova', '/checkpoint/witnessed')).body).toMatchObject({ type: 'log.no-quorum' })
    const first = await listen(run, 'aldova')
    first.say({ lines: lineOf(made, 'aldova'), size: made.size })
    first.say({ lines: lineOf(made, 'caldria'), size: made.size })
    await run.heard(/"event":"witnessed"/)
    const { text } = await api.get('borsk', '/checkpoint/witnessed')
    const context = { primitives: made.primitives, policy: policyIn(made), origin: made.origin }
    const opened = openQuorum(context, text)
    if (!opened.ok) throw new Error(opened.code)
    expect([...opened.value.cosigned.keys()]).toEqual(['aldova', 'caldria'])
    expect((await api.get('borsk', '/checkpoint')).text).toBe(text)
    expect((await api.get('borsk', '/policy')).text).toBe(made.charter.charter.policy)
    expect((await api.get('borsk', '/notes/1')).body).toEqual({ notes: [{ cosigned: text, number: 1 }] })
    expect((await api.get('borsk', '/notes/2')).body).toEqual({ notes: [] })
  })

  test('that do not hold are dropped whole and cost nobody else anything', async () => {
    const made = await world({ quorum: 2 })
    const run = await start(made)
    const { say } = await listen(run, 'aldova')
    const { size } = made
    say({ lines: lineOf(made, 'aldova') + lineOf(made, 'borsk', { by: 'caldria' }), size })
    await run.heard(/"event":"witness.refused".*log.bad-cosignature/)
    say({ lines: lineOf(made, 'borsk', { root: made.tree.root(1) }), size })
    say({ lines: 'no line\n', size })
    await run.heard(/log.bad-note/)
    say({ lines: lineOf(made, 'aldova'), size: size + 1 })
    say({ lines: lineOf(made, 'aldova'), size })
    expect((await run.api.get('aldova', '/checkpoint/witnessed')).body).toMatchObject({ type: 'log.no-quorum' })
    say({ lines: lineOf(made, 'borsk'), size })
    await run.heard(/"event":"witnessed"/)
  })

  test('a message that is neither a first one nor a cosignature ends the stream', async () => {
    const made = await world({ quorum: 2 })
    const { stream } = await listen(await start(made), 'aldova')
    stream.socket.send('{"lines":1,"size":1}')
    expect(await stream.closed).toEqual({ code: 4000, reason: 'relay.bad-request' })
  })

  test('a receipt waits for the quorum, and without one in time is the log alone', async () => {
    const made = await world({ quorum: 2 })
    const run = await start(made)
    const { api } = run
    const early = await api.get('aldova', '/receipt/1?wait=1')
    const { origin, vkey, primitives } = made
    const note = (text: string) => {
      const receipt = readReceipt(text)
      if (!receipt.ok) throw new Error(receipt.code)
      const [receiptOf, entry] = [receipt.value, made.entries[1] ?? new Uint8Array(0)]
      expect(verifyReceipt({ receipt: receiptOf, entry, origin, vkey, primitives })).toMatchObject({ ok: true })
      return receiptOf.checkpoint
    }
    const context = { primitives, policy: policyIn(made), origin }
    expect(openQuorum(context, note(early.text))).toMatchObject({ code: 'log.no-quorum' })
    const { say } = await listen(run, 'aldova')
    const waiting = api.get('borsk', '/receipt/1?wait=10')
    say({ lines: lineOf(made, 'aldova'), size: made.size })
    say({ lines: lineOf(made, 'borsk'), size: made.size })
    expect(openQuorum(context, note((await waiting).text))).toMatchObject({ ok: true })
    expect((await api.get('borsk', '/receipt/1?wait=11')).body).toMatchObject({ type: 'log.bad-path' })
  })

  test('what a quorum has cosigned outlives the relay', async () => {
    const made = await world({ quorum: 2 })
    const run = await start(made)
    const { say } = await listen(run, 'aldova')
    say({ lines: lineOf(made, 'aldova') + lineOf(made, 'borsk'), size: made.size })
    await run.heard(/"event":"witnessed"/)
    const { text } = await run.api.get('aldova', '/checkpoint/witnessed')
    await run.relay.close()
    open.pop()
    const again = await start(made, {}, run.files)
    expect((await again.api.get('aldova', '/checkpoint/witnessed')).text).toBe(text)
  })
})

describe('a witness outside', () => {
  /** C2SP tlog-witness over real HTTP: keeps one size, asks for a proof from it, cosigns. */
  async function outside(made: World, id: string) {
    const state = { size: 0, root: new Uint8Array(0), asked: 0, conflicts: 0 }
    const server = createServer((request, response) => {
      const chunks: Buffer[] = []
      request.on('data', (chunk: Buffer) => chunks.push(chunk))
      request.on('end', () => {
        const [head = '', ...rest] = Buffer.concat(chunks).toString('utf8').split('\n\n')
        const [old = '', ...proof] = head.trimEnd().split('\n')
        const note = rest.join('\n\n')
        const { origin, vkey, primitives } = made
        const opened = openCheckpoint({ note, origin, vkey, primitives })
        state.asked++
        if (request.url !== '/w/add-checkpoint' || !opened.ok) return response.writeHead(403).end()
        const from = Number(old.slice('old '.length))
        if (from !== state.size) {
          state.conflicts++
          return response.writeHead(409, { 'content-type': 'text/x.tlog.size' }).end(`${state.size}\n`)
        }
        const { size, root } = opened.value
        const hashes = proof.map(line => fromBase64(line) ?? new Uint8Array(0))
        const follows = verifyConsistency({ sha256, from, fromRoot: state.root, to: size, toRoot: root, proof: hashes })
        if (from > 0 && !follows) return response.writeHead(422).end()
        Object.assign(state, { size, root })
        return response.writeHead(200).end(lineOf(made, id, { size, root }))
      })
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    closing.push(async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    })
    return { state, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/w` }
  }

  function policyFile(made: World, urls: Readonly<Record<string, string>>, files = makeFiles(made)) {
    const path = join(files.folder, 'outside.policy')
    const lines = policyIn(made).witnesses.flatMap(({ name, vkey }) =>
      urls[name] === undefined ? [] : [`witness ${name} ${vkey} ${urls[name]}`],
    )
    writeFileSync(path, `${[...lines, 'quorum none'].join('\n')}\n`)
    return { files, path }
  }

  test('is asked by tlog-witness with a proof from what it has, and counts like any other', async () => {
    const made = await world({ quorum: 2 })
    const [a, b] = [await outside(made, 'aldova'), await outside(made, 'borsk')]
    const { files, path } = policyFile(made, { aldova: a.url, borsk: b.url })
    const run = await start(made, { witnesses: path }, files)
    await run.heard(new RegExp(`"event":"witnessed".*"size":${made.size}`))
    const drafted = await attribution(made)
    await run.api.submit(drafted.statement.iss, [await submissionOf(made, drafted)])
    await run.heard(new RegExp(`"event":"witnessed".*"size":${made.size}`))
    expect([a.state.size, b.state.size]).toEqual([made.size, made.size])
    // A relay that starts again has forgotten what each has: it is told, and goes on from there.
    await run.relay.close()
    open.pop()
    const again = await start(made, { witnesses: path }, files)
    const more = await attribution(made)
    await again.api.submit(more.statement.iss, [await submissionOf(made, more)])
    await again.heard(new RegExp(`"event":"witnessed".*"size":${made.size}`))
    expect(a.state.conflicts).toBeGreaterThan(0)
  })

  test('that is away, or lies about its size, costs the others nothing', async () => {
    const made = await world({ quorum: 2 })
    const { files, path } = policyFile(made, { aldova: 'http://127.0.0.1:1/w' })
    const run = await start(made, { witnesses: path }, files)
    const { say } = await listen(run, 'borsk')
    await run.heard(/"event":"witness.away".*aldova/)
    expect((await run.api.get('borsk', '/checkpoint/witnessed')).status).toBe(409)
    say({ lines: lineOf(made, 'borsk') + lineOf(made, 'caldria'), size: made.size })
    await run.heard(/"event":"witnessed"/)
  })

  test.each(['', 'ftp://a.example', 'http://witness.example/w', 'https://user@a.example'])(
    'needs an address that may be asked, and %j is none',
    async url => {
      const made = await world({ quorum: 2 })
      const { files, path } = policyFile(made, { aldova: url })
      await expect(running(made, { witnesses: path }, { files })).rejects.toThrow('needs an https address')
      files.remove()
    },
  )
})

test('the note that a test makes is the one that a policy opens', async () => {
  const made = await world({ quorum: 2 })
  const policy = parsePolicy(sha256, made.charter.charter.policy ?? '')
  if (!policy.ok) throw new Error(policy.code)
  const context = { primitives: made.primitives, policy: policy.value, origin: made.origin }
  expect(openQuorum(context, cosignedNote(made, 3, { aldova: 1, borsk: 2 }))).toMatchObject({ ok: true })
  expect(splitVkey(made.vkey)?.name).toBe(made.origin)
})
