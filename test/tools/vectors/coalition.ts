import {
  type Charter, type EnvelopeType, type Json, type KeyAlg, type KeyRecord, type KeyUse, type Member, type Role,
    type SignatureAlg,
  canonicalBytes, concat, formatVkey, keyRecord, mlDsa44Jwk, mlDsa44Keys, portableSha256 as sha256,
  signMlDsa44, tagKeyRecipients, toBase64url as b64, utf8, xwingJwk,
} from '@chancery/protocol'
import { ed25519, x25519 } from '@noble/curves/ed25519.js'
import { p256, p384 } from '@noble/curves/nist.js'
import { padTwin, sealTwin } from './seal-twin.ts'
import type { VectorCase } from './vector-file.ts'

/** Fixed keys and a small coalition of fictional States, from which the vectors of statements are made. */
export const seed = (name: string): Uint8Array => sha256(utf8(`chancery vectors: ${name}`))

export const good = (name: string, given: unknown, value?: unknown): VectorCase =>
  ({ name, given, expect: 'ok', ...(value !== undefined && { value }) })
export const bad = (name: string, given: unknown, expect: string, at?: string): VectorCase =>
  ({ name, given, expect, ...(at !== undefined && { at }) })

const wide = (name: string): Uint8Array => concat(seed(name), seed(`${name}, more`).subarray(0, 16))
const ecJwk = (crv: 'P-256' | 'P-384', point: Uint8Array) => {
  const half = (point.length - 1) / 2
  return { crv, kty: 'EC', x: b64(point.subarray(1, 1 + half)), y: b64(point.subarray(1 + half)) } as const
}

/** What an algorithm's keys are made of. Signatures are deterministic: RFC 8032 and RFC 6979. */
const makers = {
  EdDSA: (name: string) => {
    const secret = seed(name)
    const jwk = { crv: 'Ed25519', kty: 'OKP', x: b64(ed25519.getPublicKey(secret)) } as const
    return { secret, jwk, sign: (message: Uint8Array) => ed25519.sign(message, secret) }
  },
  ES256: (name: string) => {
    const secret = seed(name)
    const jwk = ecJwk('P-256', p256.getPublicKey(secret, false))
    return { secret, jwk, sign: (message: Uint8Array) => p256.sign(message, secret, { lowS: false }) }
  },
  ES384: (name: string) => {
    const secret = wide(name)
    const jwk = ecJwk('P-384', p384.getPublicKey(secret, false))
    return { secret, jwk, sign: (message: Uint8Array) => p384.sign(message, secret, { lowS: false }) }
  },
  'ML-DSA-44': (name: string) => {
    const secret = seed(name)
    const { publicKey, secretKey } = mlDsa44Keys(secret)
    return { secret, jwk: mlDsa44Jwk(publicKey), sign: (message: Uint8Array) => signMlDsa44(secretKey, message) }
  },
  'ECDH-ES+A256KW': (name: string) => {
    const secret = seed(name)
    return { secret, jwk: { crv: 'X25519', kty: 'OKP', x: b64(x25519.getPublicKey(secret)) } as const }
  },
  'X-Wing': (name: string) => {
    const secret = seed(name)
    return { secret, jwk: xwingJwk(secret) }
  },
} as const satisfies Record<KeyAlg, unknown>

export type Holder = {
  readonly record: KeyRecord
  readonly secret: Uint8Array
  readonly sign: (message: Uint8Array) => Uint8Array
}

const cannotSign = (): Uint8Array => {
  throw new Error('an enc key does not sign')
}

/** The key that a member would hold for a use. `name` makes another of the same use. */
export async function holder(member: string, use: KeyUse, alg: KeyAlg,
  name = `${member} ${use} ${alg}`): Promise<Holder> {
  const { secret, jwk, ...rest } = makers[alg](name)
  const sign = 'sign' in rest ? rest.sign : undefined
  const record = await keyRecord({ sha256, member, alg, jwk, use, ...(sign !== undefined && { sign }) })
  return { record, secret, sign: sign ?? cannotSign }
}

/** The key of a named person: what TLP:RED is sealed to. */
export async function personOf(member: string, person: string): Promise<Holder> {
  const { record, ...held } = await holder(member, 'enc', 'X-Wing', `${member} ${person}`)
  return { ...held, record: { ...record, person } }
}

/** `xwing` is in the record of those who are cleared for more than green. */
export type Cast = { readonly member: Member } & Readonly<Record<'root' | 'sign' | 'auth' | 'enc' | 'xwing', Holder>>

export async function cast(id: string, name: string, alg: SignatureAlg, roles: readonly Role[],
  persons: readonly Holder[] = [], named: Pick<Member, 'bodies' | 'constituents'> & { post?: false } = {}):
  Promise<Cast> {
  const [root, sign, auth] = [
    await holder(id, 'root', alg), await holder(id, 'sign', alg), await holder(id, 'auth', 'EdDSA'),
  ]
  const enc = await holder(id, 'enc', 'ECDH-ES+A256KW')
  const xwing = await holder(id, 'enc', 'X-Wing')
  const { post = true, ...readers } = named
  const keys = [root, sign, auth, enc, ...(post ? [xwing] : []), ...persons].map(({ record }) => record)
  return { root, sign, auth, enc, xwing, member: { ...readers, id, keys, name, roles: [...roles] } }
}

export const envoy = await personOf('ardenia', 'Envoy Ilse Marn')
export const ardenia = await cast('ardenia', 'Republic of Ardenia', 'EdDSA', ['member', 'coordinator'], [envoy],
  { bodies: [{ id: 'cert', name: 'Computer Emergency Team' }, { id: 'service', name: 'Security Service' }] })
export const borealia = await cast('borealia', 'Kingdom of Borealia', 'ES256', ['member', 'pen-holder'], [],
  { bodies: [{ id: 'cert', name: 'Digital Guard' }], constituents: [{ id: 'grid', name: 'Power grid' }] })
/** Cleared for green alone, and without an X-Wing key: so the tag key of this coalition is sealed by suite 1. */
export const cassia = await cast('cassia', 'Cassian Confederation', 'ES384', ['member'], [], { post: false })
export const members = [ardenia, borealia, cassia]

const tagKey = seed('tag key')
const commit = b64(sha256(concat(utf8('chancery/v1/tag-key\0'), tagKey)))

export const charter: Charter = {
  amend_threshold: 2,
  clearances: {
    amber: ['ardenia', 'borealia'], 'amber+strict': ['ardenia', 'borealia'],
    green: ['ardenia', 'borealia', 'cassia'], red: ['ardenia'],
  },
  communities: [{ id: 'banks', name: 'Banks of the three States' }, { id: 'certs', name: 'Emergency teams' }],
  default_tlp: 'green',
  entry: 'By decision of all members.',
  exit: 'On notice of thirty days.',
  legal_status: 'Not an international agreement.',
  members: members.map(({ member }) => member),
  name: 'Three States',
  organisation: 'The government of a member, with its agencies.',
  purpose: 'To say together who did what.',
  relay: {
    origin: 'ledger.example/three',
    vkey: formatVkey({ sha256, name: 'ledger.example/three', key: ed25519.getPublicKey(seed('log')) }),
  },
  tag: {
    commit,
    seal: sealTwin({
      plaintext: padTwin(tagKey, 1_024), aad: utf8(commit), seed: seed('tag seal'),
      recipients: tagKeyRecipients(members.map(({ member }) => member)),
    }),
  },
  version: 1,
}

/** A JWS of any parts: a text goes in as it stands, a value in canonical form. */
export function jwsOf(input: {
  readonly key: Holder
  readonly payload: unknown
  readonly typ?: EnvelopeType
  readonly header?: unknown
}): string {
  const { record, sign } = input.key
  const { payload, header = { alg: record.alg, kid: record.kid, typ: input.typ ?? 'chancery-statement+sd-jwt' } } =
    input
  const part = (value: unknown) => b64(typeof value === 'string' ? utf8(value) : canonicalBytes(value as Json))
  const signed = `${part(header)}.${part(payload)}`
  return `${signed}.${b64(sign(utf8(signed)))}`
}

export const sidOf = (jws: string): string => b64(sha256(utf8(jws.slice(0, jws.lastIndexOf('.')))))

/** Every claim of a genesis statement. */
export const genesisClaims = {
  body: { charter },
  chain: { id: 'clear', prev: null as string | null, seq: 0 },
  charter: null as { sid: string; version: number } | null,
  coa: null as string | null,
  exercise: false,
  handling: { tlp: 'clear' },
  iat: 1_900_000_000,
  iss: 'ardenia',
  jti: b64(seed('jti')),
  kind: 'charter.adopt',
  refs: [] as string[],
  seen: null as { note: string; root: string; size: number } | null,
  tear: {},
  v: 1,
}

export const genesis = jwsOf({ key: ardenia.root, payload: genesisClaims })
export const genesisSid = sidOf(genesis)

/** Every claim of a later statement; a case changes some. */
export const claims = {
  ...genesisClaims,
  charter: { sid: genesisSid, version: 1 },
  coa: genesisSid,
  seen: { note: b64(seed('note')), root: b64(seed('root')), size: 3 },
}

export const adoption = (by: Cast, change: object = {}, key = by.root): string =>
  jwsOf({ key, payload: { ...claims, body: { adopts: genesisSid }, iss: by.member.id, refs: [genesisSid], ...change } })

/** The attribution that the statements of these vectors are about. */
export const attribution = {
  claims: [
    {
      basis: 'own-assessment', confidence: 'high', evidence: ['e1'], id: 'c1',
        likelihood: { scale: 'icd203', term: 'likely' },
      name: 'Unit 9 of the service', named: 'organ', stance: 'attributes',
    },
  ],
  evidence: [
    {
      class: 'malware', digest: b64(seed('evidence')), id: 'e1', information_credibility: '2',
        media_type: 'application/zip',
      salt: b64(seed('evidence salt')), size: 4_096, source_reliability: 'B', title: 'The implant',
    },
  ],
  incidents: [{ ref: 'case-7', title: 'Intrusion at the ministry' }],
  kind: 'political',
  publicity: 'coalition',
  summary: 'What anyone may read.',
  title: 'An intrusion',
}

export const statement = (by: Cast, change: object = {}, key = by.sign): string =>
  jwsOf({ key, payload: { ...claims, body: attribution, iss: by.member.id, kind: 'attribution.statement', ...change } })
