import { type Mirror, admit, openMirror } from '@chancery/client'
import {
  type Delivery,
  type Json,
  type Submission,
  boardOf,
  canonical,
  checkKey,
  checkRelations,
  disclose,
  fromBase64url,
  keyRecord,
  kinds,
  nodePrimitives,
  openSealed,
  recipientsFor,
  seal,
  signRequest,
  toBase64url,
  utf8,
  verify,
  verifyRequest,
} from '@chancery/protocol'
import { openStore } from '@chancery/store'
import { ed25519 } from '@noble/curves/ed25519.js'
import * as crypto from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { deliveryOf, submissionOf } from '../deliveries.ts'
import { type Running, running, seed, sha256 } from '../relay/fixture.ts'
import { type LoggedStatement, type World, makeWorld } from '../world.ts'
import { handedIn, tell } from './story.ts'

const folder = mkdtempSync(join(tmpdir(), 'chancery-hostile-'))
const { template } = kinds['attribution.statement']
let [world, it] = [undefined as unknown as World, undefined as unknown as Running]

beforeAll(async () => {
  world = await tell(seed, (_, what) => `0 ${what}`)
  it = await running(world)
  for (const logged of world.logged.slice(1)) await it.api.submit(logged.statement.iss, [await handedIn(world, logged)])
})
afterAll(async () => {
  await it.relay.close()
  it.files.remove()
  rmSync(folder, { recursive: true })
})

const ofKind = (kind: string): LoggedStatement => {
  const found = world.logged.find(({ statement }) => statement.kind === kind)
  if (found === undefined) throw new Error(`no ${kind} in this story`)
  return found
}
const codeOf = (result: { ok: boolean; code?: string; at?: string | undefined }) =>
  result.ok ? 'holds' : `${result.code} ${result.at ?? ''}`.trim()
const read = (jws: string, by = world) => codeOf(verify(`${jws}~`, { ...by, index: by.size }))

async function submit(member: string, submission: Submission): Promise<string> {
  const { body } = await it.api.submit(member, [submission])
  const [result] = body.results
  return result === undefined ? 'nothing' : 'code' in result ? `${result.code} ${result.at ?? ''}`.trim() : 'logged'
}

/** A JWS over these very characters, by the key of a member: what no library of ours would sign. */
async function signedText(payload: string, typ = 'chancery-statement+sd-jwt', by = 'aldova'): Promise<string> {
  const signer = world.members[by]?.signer
  if (signer === undefined) throw new Error('no signer')
  const header = canonical({ alg: signer.alg, kid: signer.kid, typ })
  const input = `${toBase64url(utf8(header))}.${toBase64url(utf8(payload))}`
  return `${input}.${toBase64url(await signer.sign(utf8(input)))}`
}

async function mirrorOf(id: string, of = world, isSent = (_sid: string): boolean => true): Promise<Mirror> {
  const store = openStore(join(folder, `${crypto.randomUUID()}.db`), { origin: of.origin, create: true })
  const member = of.members[id]
  if (!store.ok || member === undefined) throw new Error('no mirror')
  const openKeys = [member.encKey, member.xwingKey, member.personKey]
  const { primitives, logged } = of
  const mirror = await openMirror({ store: store.value, genesis: logged[0]?.jws ?? '', openKeys, primitives, isSent })
  if (!mirror.ok) throw new Error(mirror.code)
  return mirror.value
}

/** What a relay without any scruple sends to everyone: all of it. */
const everything = (): Promise<Delivery[]> => Promise.all(world.logged.map(logged => deliveryOf(world, logged)))

describe('a hostile relay', () => {
  test('10: a statement of one coalition is none of another, though the signer is the same', async () => {
    const other = await makeWorld({ members: 4, seed })
    const said = await other.statement('attribution.statement', 'aldova', template)
    expect(read(said.jws, other)).toBe('holds')
    expect(read(said.jws)).toBe('statement.wrong-coalition /coa')
  })
  test('11: a statement that is replayed is where it was; another of its number is equivocation', async () => {
    const said = ofKind('attribution.statement')
    expect(codeOf(checkRelations(said.statement, prefixAt(world.size)))).toBe('statement.duplicate')
    const second = await world.draft('attribution.statement', 'aldova', template, {
      change: claims => ({ ...claims, chain: said.payload.chain }),
    })
    expect(await submit('aldova', await submissionOf(world, second))).toBe('statement.equivocation /chain/seq')
    const sealed = ofKind('callout.propose')
    expect(await submit('borsk', { entry: toBase64url(sealed.entry), seals: [] })).toBe('statement.duplicate /entry')
  })
  test('12: a request proof is no statement, and a statement is no request proof', async () => {
    const request = { aud: world.origin, htm: 'GET', htu: '/checkpoint', body: new Uint8Array(0) } as const
    const member = world.members['aldova']
    if (member === undefined) throw new Error('no member')
    const proof = await signRequest(member.authSigner, { ...request, iat: 0, jti: new Uint8Array(32), sha256 })
    expect(read(proof)).toBe('statement.wrong-type /header/typ')
    const said = ofKind('attribution.statement').jws
    const { primitives, charter } = world
    const judge = { ...request, primitives, charter, index: 5, now: 0 }
    expect(codeOf(verifyRequest(proof, judge))).toBe('holds')
    expect(codeOf(verifyRequest(said, judge))).toBe('statement.wrong-type /header/typ')
    const dressed = await signedText(Buffer.from(said.split('.')[1] ?? '', 'base64url').toString(), 'chancery-auth+jwt')
    expect(read(dressed)).toBe('statement.wrong-type /header/typ')
    expect(codeOf(verifyRequest(dressed, judge))).toBe('charter.wrong-use /header/kid')
  })
  test('13: a copy with its parts taken away says how many there were, and for whom they are', async () => {
    const said = ofKind('attribution.statement')
    const bare = verify(`${said.jws}~`, { ...world, index: said.index })
    if (!bare.ok) throw new Error(bare.code)
    const view = { size: world.size, rootAt: world.rootAt }
    const board = boardOf({ placed: [{ statement: bare.value, index: said.index }], charter: world.charter, view })
    const lines = board.attributions[0]?.tearLines ?? []
    expect(lines.map(({ label }) => label)).toEqual(Object.keys(said.payload.tear).sort())
    expect(lines.every(({ open }) => !open)).toBe(true)
    expect(bare.value.claims.slices?.to._sd.length).toBe(said.payload.slices?.to._sd.length)
  })
  test('14: sent everything there is, a reader of green keeps what is for it and no more', async () => {
    const mirror = await mirrorOf('estmark')
    const admitted = await admit(mirror, await everything(), world.checkpoint())
    if (!admitted.ok) throw new Error(`${admitted.code} ${admitted.at}`)
    expect(admitted.value.badSeals).toEqual([])
    const held = admitted.value.placed.filter(({ index }) => index > 4)
    expect(held.length).toBeGreaterThan(3)
    for (const { statement } of held) {
      expect(['clear', 'green']).toContain(statement.claims.handling.tlp)
      expect(statement.lines.every(({ label }) => label.startsWith('green'))).toBe(true)
      expect(statement.slices.every(({ to }) => to === 'estmark')).toBe(true)
    }
  })
})

const prefixAt = (size: number) => ({
  charter: world.charter,
  find: (sid: string) => {
    const found = world.logged.find(each => each.sid === sid && each.index < size)
    if (found === undefined) return undefined
    const { statement, index, payload } = found
    return { kind: statement.kind, iss: statement.iss, index, tlp: payload.handling.tlp, body: statement.body }
  },
  chainHead: () => undefined,
  rootAt: world.rootAt,
})

describe('a hostile member', () => {
  test('20: garbage is no entry; 65 bytes that are nobody’s are kept as that, and hold nobody up', async () => {
    const random = new Uint8Array(65).fill(9)
    expect(await submit('borsk', { entry: toBase64url(random), seals: [] })).toBe('log.bad-entry /entry')
    random[0] = 1
    expect(await submit('borsk', { entry: toBase64url(random), seals: [] })).toBe('logged')
    const stream = await it.api.stream('caldria', null)
    await stream.answer()
    const frames = await stream.until(world.size + 1)
    stream.socket.close()
    const mirror = await mirrorOf('caldria')
    for (const { entries, checkpoint } of frames) {
      const admitted = await admit(mirror, entries, checkpoint)
      expect(codeOf(admitted)).toBe('holds')
      expect(admitted.ok && [admitted.value.unsound, admitted.value.foreignUse]).toEqual([[], []])
    }
    expect(mirror.store.entry(world.size)?.about).toBeUndefined()
  })
  test('21: what is signed with a stolen key is told to its owner, sent to it or kept from it', async () => {
    const stolen = await makeWorld({ members: 2, seed: 'a stolen key', curvesOnly: true })
    const [, owner = ''] = stolen.ids
    const shown = await stolen.statement('attribution.statement', owner, template)
    const kept = await stolen.statement('attribution.statement', owner, template, { tlp: 'green' })
    const deliveries = await Promise.all(stolen.logged.map(logged => deliveryOf(stolen, logged)))
    const withheld = deliveries.map(each => (each.index === kept.index ? { ...each, seals: [] } : each))
    const mirror = await mirrorOf(owner, stolen, () => false)
    const admitted = await admit(mirror, withheld, stolen.checkpoint())
    if (!admitted.ok) throw new Error(`${admitted.code} ${admitted.at}`)
    const { notOurs, foreignUse } = admitted.value
    expect(notOurs).toContainEqual({ index: shown.index, kid: shown.kid, sid: shown.sid })
    expect(foreignUse).toEqual([{ index: kept.index, kid: kept.kid }])
  })
  test('27: one tear line has one text: a second, under the same signature, is nobody’s', async () => {
    const said = ofKind('attribution.statement')
    const [line] = said.lines
    if (line === undefined) throw new Error('no tear line')
    const { iss, jti } = said.payload
    const other = disclose({
      iss,
      jti,
      slot: line.label,
      salt: new Uint8Array(32).fill(7),
      content: { text: 'Other.' },
    })
    const judged = (disclosure: string) => codeOf(verify(`${said.jws}~${disclosure}~`, { ...world, index: said.index }))
    expect(judged(line.disclosure)).toBe('holds')
    expect(judged(other)).toBe('tear.unreferenced /disclosures/0')
  })
  test('28: both languages of a text are what is joined: another word in one of them is another text', async () => {
    const text = ofKind('callout.text')
    const body = text.statement.body as { readonly texts: readonly object[] }
    const texts = [...body.texts, { lang: 'fr', title: 'Un titre', text: 'Un texte' }]
    const [both, other] = await Promise.all(
      ['Un texte', 'Un autre texte'].map(words =>
        world.draft(
          'callout.text',
          'aldova',
          { ...body, texts: [texts[0], { ...texts[1], text: words }] },
          {
            tlp: 'green',
            change: claims => ({ ...claims, jti: text.payload.jti }),
          },
        ),
      ),
    )
    expect(both?.sid).not.toBe(other?.sid)
    const joined = await world.draft(
      'callout.join',
      'borsk',
      { ...kinds['callout.join'].template, text: both?.sid },
      {
        tlp: 'green',
      },
    )
    const [header, , signature] = (both?.jws ?? '').split('.')
    expect(read(`${header}.${(other?.jws ?? '').split('.')[1]}.${signature}`)).toBe(
      'statement.bad-signature /signature',
    )
    const verified = verify(joined.copy, { ...world, index: world.size })
    if (!verified.ok) throw new Error(verified.code)
    expect(codeOf(checkRelations(verified.value, prefixAt(world.size)))).toBe('statement.unknown-ref /body/text')
  })
  test('51: an answer is signed for its readers alone, and is sealed to no key beside theirs', async () => {
    const text = ofKind('callout.text')
    const body = { ...kinds['callout.join'].template, text: text.sid }
    const among = { releasable_to: ['aldova', 'borsk', 'estmark'] }
    const wider = await world.draft('callout.join', 'borsk', body, { tlp: 'green', handling: among })
    const verified = verify(wider.copy, { ...world, index: world.size })
    if (!verified.ok) throw new Error(verified.code)
    const prefix = { ...prefixAt(world.size), chainHead: () => headOf('borsk', wider.payload.chain.id) }
    expect(codeOf(checkRelations(verified.value, prefix))).toBe('statement.breaks-law /handling/releasable_to')

    const handling = { releasable_to: ['aldova', 'borsk'] }
    const draft = await world.draft('callout.join', 'borsk', body, { tlp: 'green', handling })
    const own = (await submissionOf(world, draft)) as Extract<Submission, { entry: string }>
    const [tier] = own.seals
    if (tier === undefined) throw new Error('no container')
    const aad = fromBase64url(tier.jwe.aad) ?? new Uint8Array(0)
    const recipients = recipientsFor(world.charter, 'green', ['aldova', 'borsk', 'estmark'])
    const jwe = await seal({ plaintext: utf8('{}'), aad, recipients })
    expect(await submit('borsk', { ...own, seals: [{ ...tier, jwe }] })).toBe(
      'seal.malformed /seals/0/jwe/recipients/2',
    )
  })
  test('two markings in one: duplicate members, look-alike labels and halves of characters are refused', async () => {
    const { payload } = ofKind('attribution.statement')
    const text = canonical(payload as Json)
    const bent = async (from: string, to: string) => {
      expect(text).toContain(from)
      return read(await signedText(text.replace(from, to)))
    }
    expect(await bent('"tlp":"clear"', '"tlp":"clear","tlp":"red"')).toBe('bytes.not-canonical /payload')
    expect(await bent('"tlp":"green"', '"tlp":"red","tlp":"green"')).toBe('bytes.not-canonical /payload')
    expect(await bent('"tlp":"green"', '"tlp":"gre\u0435n"')).toMatch(
      /^statement.bad-schema \/slices|^statement.bad-schema \/tear/,
    )
    expect(await bent('"green-one":', '"green-on\u0435":')).toMatch(/^(statement.bad-schema|bytes.not-canonical) /)
    expect(await bent('"tlp":"red"', '"TLP":"red"')).toMatch(/^(bytes|statement)\./)
    for (const half of ['\\ud800', '\\udfff']) {
      expect(await bent('"0 title"', `"0 title${half}"`)).toMatch(/^(bytes|statement)\./)
    }
  })
})

const headOf = (iss: string, chain: string) =>
  world.logged
    .filter(({ statement }) => statement.iss === iss && statement.claims.chain.id === chain)
    .map(({ sid, payload }) => ({ seq: payload.chain.seq, sid }))
    .at(-1)

describe('a hostile founder', () => {
  const signed = (x: string) => ({ crv: 'Ed25519' as const, kty: 'OKP' as const, x })
  const primitives = nodePrimitives(crypto)
  test('30: enrols no key of small order, none with torsion, and none that is another’s', async () => {
    // The neutral element, and a point of order 8 added to an honest key: spec/02-bytes.md#ed25519.
    const honest = ed25519.Point.BASE.multiply(7n)
    const mixed = honest.add(ed25519.Point.fromHex(orderEight))
    for (const [point, why] of [
      [ed25519.Point.ZERO, 'small order'],
      [mixed, 'torsion'],
    ] as const) {
      const jwk = signed(toBase64url(point.toBytes()))
      const record = await keyRecord({ sha256, member: 'borsk', alg: 'EdDSA', jwk, use: 'sign', sign: () => noProof })
      expect(checkKey(primitives, 'borsk', record, '/key')).toMatchObject({ code: 'charter.bad-key', at: '/key/jwk' })
      const checked = checkKey(primitives, 'borsk', record, '/key')
      expect(!checked.ok && checked.why).toContain(why)
    }
    const theirs = world.charter.charter.members
      .find(({ id }) => id === 'aldova')
      ?.keys.find(({ use }) => use === 'sign')
    if (theirs === undefined) throw new Error('no key')
    expect(codeOf(checkKey(primitives, 'aldova', theirs, '/key'))).toBe('holds')
    expect(codeOf(checkKey(primitives, 'borsk', theirs, '/key'))).toBe('charter.no-possession /key/proof')
  })
})

const noProof = new Uint8Array(64)
const orderEight = 'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a'

describe('who records today to decrypt later', () => {
  test('57: has of everything above green nothing that falls with X25519 alone', async () => {
    const submissions = await Promise.all(world.logged.slice(1).map(logged => handedIn(world, logged)))
    const containers = submissions.flatMap(({ seals }) => seals)
    const algs = (tlp: string) =>
      new Set(containers.filter(each => each.tlp === tlp).flatMap(({ jwe }) => jwe.recipients.map(r => r.header.alg)))
    expect([...algs('green')]).toEqual(['ECDH-ES+A256KW'])
    for (const tlp of ['amber', 'amber+strict', 'red']) expect([...algs(tlp)]).toEqual(['A256KW'])
    const amber = world.logged.find(({ payload }) => payload.handling.tlp === 'amber')
    if (amber === undefined) throw new Error('no statement of amber')
    const own = (await handedIn(world, amber)) as Extract<Submission, { entry: string }>
    const [tier, ...others] = own.seals
    if (tier === undefined) throw new Error('no container')
    // Sealed by suite 1 to the very members who may read it: neither author nor relay may choose the weaker one.
    const aad = fromBase64url(tier.jwe.aad) ?? new Uint8Array(0)
    const jwe = await seal({ plaintext: utf8('{}'), aad, recipients: recipientsFor(world.charter, 'green', ['borsk']) })
    expect(await submit('aldova', { ...own, seals: [{ ...tier, jwe }, ...others] })).toContain('seal.malformed')
    const commitment = amber.entry.subarray(1, 33)
    const { encKey } = world.members['borsk'] ?? {}
    const opened = await openSealed({ commitment, jwe: tier.jwe, keys: encKey === undefined ? [] : [encKey] })
    expect(codeOf(opened)).toContain('seal.not-for-you')
  })
})
