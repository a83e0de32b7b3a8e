import * as crypto from 'node:crypto'
import { ed25519, x25519 } from '@noble/curves/ed25519.js'
import * as fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import type { Charter } from '../charter/charter.ts'
import { type CharterState, adopt } from '../charter/fold.ts'
import { type KeyUse, keyRecord } from '../charter/keys.ts'
import { toBase64url } from '../wire/base64.ts'
import { concat, domainTag, portableSha256 as sha256, utf8 } from '../wire/bytes.ts'
import { nodePrimitives } from '../wire/native.ts'
import { type OpenKey, seal } from '../wire/seal.ts'
import { portablePrimitives } from '../wire/signature.ts'
import { formatVkey } from '../wire/vkey.ts'
import { signRequest, verifyRequest } from './auth.ts'
import { type Draft, type Drafted, payloadOf } from './draft.ts'
import { kindOf } from './kinds.ts'
import { checkRelations } from './relate.ts'
import { type Signer, signEnvelope } from './sign.ts'
import { openSlots, openTagKey, sealSlots } from './slots.ts'
import { formatTierCopy } from './tearline.ts'
import { isOf, isVerified, verify, verifyGenesis, verifyLater } from './verify.ts'

const primitives = nodePrimitives(crypto)
const seed = (name: string) => sha256(utf8(`statement test ${name}`))
const uses = ['root', 'sign', 'auth', 'enc'] as const

async function memberOf(id: string, roles: Charter['members'][0]['roles']) {
  const own = await Promise.all(
    uses.map(use => {
      const secret = seed(`${id} ${use}`)
      if (use === 'enc') {
        const jwk = { crv: 'X25519', kty: 'OKP', x: toBase64url(x25519.getPublicKey(secret)) } as const
        return keyRecord({ sha256, member: id, alg: 'ECDH-ES+A256KW', jwk, use })
      }
      const jwk = { crv: 'Ed25519', kty: 'OKP', x: toBase64url(ed25519.getPublicKey(secret)) } as const
      return keyRecord({ sha256, member: id, alg: 'EdDSA', jwk, use, sign: message => ed25519.sign(message, secret) })
    }),
  )
  const envoy = { crv: 'X25519', kty: 'OKP', x: toBase64url(x25519.getPublicKey(seed(`${id} envoy`))) } as const
  const input = { sha256, member: id, alg: 'ECDH-ES+A256KW', jwk: envoy, use: 'enc', person: 'Envoy' } as const
  return { id, keys: [...own, await keyRecord(input)], name: id, roles }
}

type World = { readonly state: CharterState; readonly genesis: string; readonly tagKey: Uint8Array }
let world: World

const keyOf = (charter: Charter, id: string, use: KeyUse) => {
  const key = charter.members.find(member => member.id === id)?.keys.find(record => record.use === use)
  if (key === undefined) throw new Error(`${id} has no ${use} key`)
  return key
}
const signerOf = (charter: Charter, id: string, use: KeyUse): Signer => ({
  kid: keyOf(charter, id, use).kid,
  alg: 'EdDSA',
  sign: message => ed25519.sign(message, seed(`${id} ${use}`)),
})

function openKeyOf(charter: Charter, id: string, person?: string): OpenKey {
  const keys = charter.members.find(member => member.id === id)?.keys ?? []
  const held = keys.find(key => key.use === 'enc' && key.person === person)
  if (held === undefined) throw new Error(`${id} has no such key`)
  const d = toBase64url(seed(`${id} ${person === undefined ? 'enc' : 'envoy'}`))
  return { kid: held.kid, jwk: { crv: 'X25519', kty: 'OKP', x: held.jwk.x, d } }
}

const context = (iss: string, state?: CharterState) => ({
  iss,
  iat: 1_900_000_000,
  coa: state?.genesis ?? null,
  charter: state === undefined ? null : { sid: state.genesis, version: 1 },
  chain: { id: 'clear', prev: null, seq: 0 },
  seen: state === undefined ? null : { note: toBase64url(seed('note')), root: toBase64url(seed('root')), size: 2 },
  random: (length: number) => crypto.randomBytes(length),
  sha256,
})

function drafted(draft: Draft, iss: string, state?: CharterState): Drafted {
  const made = payloadOf(draft, context(iss, state))
  if (!made.ok) throw new Error(`the draft is refused: ${made.code} ${made.at}`)
  return made.value
}

const signed = async (charter: Charter, iss: string, made: Drafted, use: KeyUse = 'sign') =>
  signEnvelope(signerOf(charter, iss, use), {
    typ: 'chancery-statement+sd-jwt',
    payload: made.payload as never,
    sha256,
  })

beforeAll(async () => {
  const members = [await memberOf('ardenia', ['member', 'coordinator']), await memberOf('borealia', ['member'])]
  const tagKey = seed('tag key')
  const commit = toBase64url(sha256(concat(domainTag('tag-key'), tagKey)))
  const recipients = members
    .flatMap(({ keys }) => keys.filter(({ use }) => use === 'enc'))
    .map(({ kid, jwk }) => ({ kid, jwk: jwk as OpenKey['jwk'] }))
  const charter: Charter = {
    amend_threshold: 2,
    clearances: {
      green: ['ardenia', 'borealia'],
      amber: ['ardenia', 'borealia'],
      'amber+strict': ['borealia'],
      red: ['borealia'],
    },
    default_tlp: 'green',
    entry: 'x',
    exit: 'x',
    legal_status: 'x',
    members,
    name: 'x',
    organisation: 'x',
    purpose: 'x',
    relay: {
      origin: 'ledger.example',
      vkey: formatVkey({ sha256, name: 'ledger.example', key: ed25519.getPublicKey(seed('log')) }),
    },
    tag: { commit, seal: await seal({ plaintext: tagKey, aad: utf8(commit), recipients }) },
    version: 1,
  }
  const draft = { kind: 'charter.adopt', handling: { tlp: 'clear' }, exercise: false, tear: [] } as const
  const { jws: genesis } = await signed(charter, 'ardenia', drafted({ ...draft, body: { charter } }, 'ardenia'), 'root')
  const begun = verifyGenesis(`${genesis}~`, primitives)
  if (!begun.ok) throw new Error(`the charter is refused: ${begun.code} ${begun.at}`)
  const adopted = adopt(begun.value.charter, 'borealia', 1)
  if (!adopted.ok) throw new Error(adopted.code)
  world = { state: adopted.value, genesis, tagKey }
})

const attribution: Draft = {
  kind: 'attribution.statement',
  handling: { tlp: 'clear' },
  exercise: false,
  body: kindOf('attribution.statement').template,
  tear: [
    { label: 'sources', handling: { tlp: 'red' }, content: { text: 'How it is known.' } },
    { label: 'detail', handling: { tlp: 'amber' }, content: { text: 'What exactly.' } },
  ],
}

describe('a statement', () => {
  test('travels from draft to reader, and each tier opens what it may', async () => {
    const { state } = world
    const made = drafted(attribution, 'ardenia', state)
    const { jws, sid } = await signed(state.charter, 'ardenia', made)
    const seals = await sealSlots({ sid, lines: made.disclosures, charter: state })
    expect(seals.map(({ tlp }) => tlp)).toEqual(['amber', 'red'])
    const [own, envoy] = [openKeyOf(state.charter, 'borealia'), openKeyOf(state.charter, 'borealia', 'Envoy')]
    for (const [keys, labels] of [
      [[openKeyOf(state.charter, 'ardenia')], ['detail']],
      [[openKeyOf(state.charter, 'ardenia', 'Envoy')], []],
      [[own], ['detail']],
      [
        [own, envoy],
        ['detail', 'sources'],
      ],
    ] as const) {
      const opened = await Promise.all(seals.map(({ jwe }) => openSlots({ sid, jwe, keys })))
      const disclosures = opened.flatMap(read => (read.ok ? read.value : []))
      const read = verify(formatTierCopy(jws, disclosures), { primitives, charter: state, index: 2 })
      expect(read.ok && read.value.lines.map(({ label }) => label)).toEqual(labels)
      expect(read.ok && Object.keys(read.value.claims.tear)).toEqual(['detail', 'sources'])
    }
  })

  test('has one verdict, on this thread or another, by native crypto or portable', async () => {
    const { state } = world
    const { jws } = await signed(state.charter, 'ardenia', drafted(attribution, 'ardenia', state))
    await fc.assert(
      fc.asyncProperty(fc.nat(), fc.constantFrom(...'AZaz09-_.~ é'), async (at, put) => {
        const place = at % (jws.length + 1)
        const text = `${jws.slice(0, place)}${put}${jws.slice(place + 1)}~`
        const verdicts = [
          verify(text, { primitives, charter: state, index: 2 }),
          verify(text, { primitives: portablePrimitives, charter: state, index: 2 }),
          await verifyLater(text, { primitives, charter: state, index: 2 }),
        ].map(verdict => (verdict.ok ? verdict.value.sid : verdict.code))
        expect(new Set(verdicts).size).toBe(1)
        expect(verdicts[0]?.includes('.')).toBe(text !== `${jws}~`)
      }),
      { numRuns: 60 },
    )
  })

  test('is verified only by verification: neither a copy nor a look-alike passes', async () => {
    const { state } = world
    const { jws } = await signed(state.charter, 'ardenia', drafted(attribution, 'ardenia', state))
    const read = verify(`${jws}~`, { primitives, charter: state, index: 2 })
    if (!read.ok) throw new Error(read.code)
    expect(isVerified(read.value)).toBe(true)
    expect(isVerified({ ...read.value })).toBe(false)
    expect(isVerified(structuredClone({ ...read.value }))).toBe(false)
    expect(isVerified(Object.create(read.value) as object)).toBe(false)
    expect([isOf(read.value, 'attribution.statement'), isOf(read.value, 'callout.join')]).toEqual([true, false])
  })

  test('keeps its sid whatever its signature is', async () => {
    const { state } = world
    const made = drafted(attribution, 'ardenia', state)
    const [a, b] = [await signed(state.charter, 'ardenia', made), await signed(state.charter, 'ardenia', made, 'root')]
    expect(a.sid).not.toBe(b.sid)
    const forged = { ...signerOf(state.charter, 'ardenia', 'sign'), sign: () => new Uint8Array(64) }
    const { sid } = await signEnvelope(forged, {
      typ: 'chancery-statement+sd-jwt',
      payload: made.payload as never,
      sha256,
    })
    expect(sid).toBe(a.sid)
  })

  test('that continues its chain on a log it has seen is related, and not twice', async () => {
    const { state } = world
    const { jws } = await signed(state.charter, 'ardenia', drafted(attribution, 'ardenia', state))
    const read = verify(`${jws}~`, { primitives, charter: state, index: 2 })
    if (!read.ok) throw new Error(read.code)
    const prefix = {
      charter: state,
      find: () => undefined,
      chainHead: () => undefined,
      rootAt: (size: number) => (size === 2 ? toBase64url(seed('root')) : undefined),
    }
    expect(checkRelations(read.value, prefix).ok).toBe(true)
    const known = { kind: 'attribution.statement', iss: 'ardenia', index: 2, body: read.value.body }
    expect(checkRelations(read.value, { ...prefix, find: () => known })).toMatchObject({ code: 'statement.duplicate' })
    expect(checkRelations(read.value, { ...prefix, rootAt: () => undefined })).toMatchObject({
      code: 'statement.seen-mismatch',
    })
  })
})

describe('a draft', () => {
  const refused = (change: Partial<Draft>) => payloadOf({ ...attribution, ...change }, context('ardenia', world.state))

  test('is refused before anything is signed', () => {
    const [line] = attribution.tear
    if (line === undefined) throw new Error('the draft has tear lines')
    expect(refused({ body: {} })).toMatchObject({ code: 'statement.bad-schema', at: '/body/claims' })
    expect(refused({ tear: [line, line] })).toMatchObject({ code: 'tear.repeated', at: '/tear/1' })
    expect(refused({ handling: { tlp: 'red' }, tear: [{ ...line, handling: { tlp: 'amber' } }] })).toMatchObject({
      code: 'tear.too-open',
      at: '/tear/0/handling/tlp',
    })
    expect(refused({ tear: [{ ...line, content: { text: '' } }] })).toMatchObject({
      code: 'statement.bad-schema',
      at: '/tear/0/content/text',
    })
    expect(refused({ kind: 'callout.decline', body: kindOf('callout.decline').template })).toMatchObject({
      code: 'statement.breaks-law',
      at: '/tear/0',
    })
  })

  test('uses a fresh salt for each tear line and a fresh jti', () => {
    const [a, b] = [drafted(attribution, 'ardenia', world.state), drafted(attribution, 'ardenia', world.state)]
    expect(a.payload.jti).not.toBe(b.payload.jti)
    expect(new Set([...a.disclosures, ...b.disclosures].map(({ disclosure }) => disclosure)).size).toBe(4)
  })

  test('puts its tear lines in order of their labels', () => {
    expect(drafted(attribution, 'ardenia', world.state).disclosures.map(({ label }) => label)).toEqual([
      'detail',
      'sources',
    ])
  })
})

describe('a request proof', () => {
  const request = { aud: 'ledger.example', htm: 'POST', htu: '/statements', body: utf8('{}') } as const

  test('says who calls, for this request alone', async () => {
    const { state } = world
    const proof = await signRequest(signerOf(state.charter, 'borealia', 'auth'), {
      ...request,
      iat: 100,
      jti: seed('jti'),
      sha256,
    })
    const { body, ...head } = request
    const asked = { ...head, now: 100, index: 2, charter: state, primitives }
    const proven = verifyRequest(proof, asked)
    if (!proven.ok) throw new Error(proven.code)
    expect(proven.value).toMatchObject({ member: 'borealia', jti: toBase64url(seed('jti')) })
    expect(proven.value.covers(body)).toEqual({ ok: true, value: true })
    expect(proven.value.covers(utf8('{} '))).toMatchObject({ code: 'auth.wrong-request', at: '/bh' })
    expect(verifyRequest(proof, { ...asked, htu: '/statements?' })).toMatchObject({
      code: 'auth.wrong-request',
      at: '/htu',
    })
    for (const now of [39, 40, 160, 161]) {
      expect(verifyRequest(proof, { ...asked, now }).ok).toBe(Math.abs(now - 100) <= 60)
    }
  })
})

describe('the tag key', () => {
  test('opens for each member', async () => {
    for (const id of ['ardenia', 'borealia']) {
      expect(await openTagKey(world.state, [openKeyOf(world.state.charter, id)])).toEqual({
        ok: true,
        value: world.tagKey,
      })
    }
  })

  test('is refused where it is another than the one all adopted', async () => {
    const { charter } = world.state
    const { kid, jwk } = keyOf(charter, 'ardenia', 'enc')
    const other = await seal({
      plaintext: seed('other'),
      aad: utf8(charter.tag.commit),
      recipients: [{ kid, jwk: jwk as OpenKey['jwk'] }],
    })
    const state = { ...world.state, charter: { ...charter, tag: { ...charter.tag, seal: other } } }
    expect(await openTagKey(state, [openKeyOf(charter, 'ardenia')])).toMatchObject({
      code: 'seal.malformed',
      at: '/tag',
    })
  })
})
