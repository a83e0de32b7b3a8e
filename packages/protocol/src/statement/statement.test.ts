import * as crypto from 'node:crypto'
import { ed25519, x25519 } from '@noble/curves/ed25519.js'
import * as fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { type Charter, sealKeyOf, tagKeyRecipients } from '../charter/charter.ts'
import { type CharterState, adopt } from '../charter/fold.ts'
import { type KeyUse, keyRecord } from '../charter/keys.ts'
import { toBase64url } from '../wire/base64.ts'
import { concat, domainTag, portableSha256 as sha256, utf8 } from '../wire/bytes.ts'
import { limits } from '../wire/limits.ts'
import { nodePrimitives } from '../wire/native.ts'
import { type OpenKey, seal } from '../wire/seal.ts'
import { portablePrimitives } from '../wire/signature.ts'
import { formatVkey } from '../wire/vkey.ts'
import { xwingJwk } from '../wire/xwing.ts'
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
  const post = { sha256, member: id, alg: 'X-Wing', jwk: xwingJwk(seed(`${id} post`)), use: 'enc' } as const
  const envoy = { ...post, jwk: xwingJwk(seed(`${id} envoy`)), person: 'Envoy' } as const
  return { id, keys: [...own, await keyRecord(post), await keyRecord(envoy)], name: id, roles }
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

/** A member's key of each suite, or that of its person. */
function openKeysOf(charter: Charter, id: string, person?: string): OpenKey[] {
  const keys = charter.members.find(member => member.id === id)?.keys ?? []
  const held = keys.filter(key => key.use === 'enc' && key.person === person).map(sealKeyOf)
  return held.map(({ kid, jwk }) => {
    if (jwk.kty === 'OKP') return { kid, jwk: { ...jwk, d: toBase64url(seed(`${id} enc`)) } }
    return { kid, jwk: { ...jwk, priv: toBase64url(seed(`${id} ${person === undefined ? 'post' : 'envoy'}`)) } }
  })
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
  const recipients = tagKeyRecipients(members)
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
    const seals = await sealSlots({ sid, iss: 'ardenia', lines: made.disclosures, charter: state })
    expect(seals.map(({ tlp }) => tlp)).toEqual(['amber', 'red'])
    const [own, envoy] = [openKeysOf(state.charter, 'borealia'), openKeysOf(state.charter, 'borealia', 'Envoy')]
    for (const [keys, labels] of [
      [openKeysOf(state.charter, 'ardenia'), ['detail']],
      // The author is among the readers of all that it wrote.
      [openKeysOf(state.charter, 'ardenia', 'Envoy'), ['sources']],
      [own, ['detail']],
      [
        [...own, ...envoy],
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

  test('is sealed by the suite of each tier, and only to keys of that suite', async () => {
    const { state } = world
    const tiers = ['green', 'amber', 'amber+strict', 'red'] as const
    const tear = tiers.map((tlp, i) => ({ label: `line-${i}`, handling: { tlp }, content: { text: tlp } }))
    const made = drafted({ ...attribution, tear }, 'ardenia', state)
    const { sid } = await signed(state.charter, 'ardenia', made)
    const seals = await sealSlots({ sid, iss: 'ardenia', lines: made.disclosures, charter: state })
    const algs = seals.map(({ tlp, jwe }) => [tlp, ...new Set(jwe.recipients.map(({ header }) => header.alg))])
    expect(algs).toEqual([
      ['green', 'ECDH-ES+A256KW'],
      ['amber', 'A256KW'],
      ['amber+strict', 'A256KW'],
      ['red', 'A256KW'],
    ])
    for (const { jwe } of seals) {
      for (const { header } of jwe.recipients) {
        const alg = state.keys.get(header.kid)?.record.alg
        expect(alg).toBe(header.alg === 'A256KW' ? 'X-Wing' : header.alg)
      }
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
    const known = {
      kind: 'attribution.statement',
      iss: 'ardenia',
      index: 2,
      tlp: 'green' as const,
      body: read.value.body,
    }
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

test('the genesis statement alone may have 4 MiB', () => {
  const { state } = world
  const of = (length: number) => `a.b.${'A'.repeat(length - 4)}~`
  const [most, genesisMost] = [limits.statementBytesMax, limits.genesisBytesMax]
  const verdict = (length: number, index: number) => {
    const read = verify(of(length), { primitives, charter: state, index })
    return read.ok ? 'ok' : read.code
  }
  expect([verdict(most, 2), verdict(most + 1, 2)]).toEqual(['bytes.not-base64url', 'bytes.too-large'])
  expect([verdict(genesisMost, 0), verdict(genesisMost + 1, 0)]).toEqual(['bytes.not-base64url', 'bytes.too-large'])
  expect(verifyGenesis(of(genesisMost + 1), primitives)).toMatchObject({ code: 'bytes.too-large' })
})

describe('the tag key', () => {
  test('opens for each member', async () => {
    for (const id of ['ardenia', 'borealia']) {
      expect(await openTagKey(world.state.charter, openKeysOf(world.state.charter, id))).toEqual({
        ok: true,
        value: world.tagKey,
      })
    }
  })

  test('is refused where it is another than the one all adopted', async () => {
    const { charter } = world.state
    const other = await seal({
      plaintext: seed('other'),
      aad: utf8(charter.tag.commit),
      recipients: tagKeyRecipients(charter.members),
    })
    const state = { ...world.state, charter: { ...charter, tag: { ...charter.tag, seal: other } } }
    expect(await openTagKey(state.charter, openKeysOf(charter, 'ardenia'))).toMatchObject({
      code: 'seal.malformed',
      at: '/tag',
    })
  })
})
