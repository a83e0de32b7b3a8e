import { type Charter, formatVkey, portableSha256 as sha256, toBase64url as b64 } from '@chancery/protocol'
import { ed25519 } from '@noble/curves/ed25519.js'
import { ardenia, bad, borealia, cassia, charter, good, holder, seed } from './coalition.ts'
import type { VectorCase } from './vector-file.ts'

const [first, ...others] = charter.members
const key = ed25519.getPublicKey(seed('log'))
const relayOf = (origin: string, name = origin) => ({ relay: { origin, vkey: formatVkey({ sha256, name, key }) } })
const shape = (name: string, change: object, at: string): VectorCase =>
  bad(name, { charter: { ...charter, ...change } }, 'statement.bad-schema', at)
const law = (name: string, change: object, at: string): VectorCase =>
  bad(name, { charter: { ...charter, ...change } }, 'statement.breaks-law', at)
const holds = (name: string, change: object): VectorCase => good(name, { charter: { ...charter, ...change } })
const member = (change: object) => ({ members: [{ ...first, ...change }, ...others] })

const isNeeded = (name: string): boolean => !['bodies', 'communities', 'constituents'].includes(name)

/** Each member of a charter left out or of another shape, and its bounds from both sides. */
export async function charterShapeCases(): Promise<VectorCase[]> {
  const roles = ['member', 'coordinator', 'pen-holder', 'secretariat', 'observer', 'witness', 'auditor', 'guest']
  const restricted = ['green', 'amber', 'amber+strict', 'red'] as const
  const { keys = [] } = first ?? {}
  const witnesses = await Promise.all(Array.from({ length: 13 }, async (_, i) =>
    (await holder('ardenia', 'witness', 'EdDSA', `charter witness ${i}`)).record))
  const lines = ['legal_status', 'name'] as const
  const texts = ['entry', 'exit', 'organisation', 'purpose'] as const
  const ids = (count: number) => Array.from({ length: count }, (_, i) => `m${String(i).padStart(3, '0')}`)
  const withTag = (change: object) => ({ tag: { ...charter.tag, ...change } })
  return [
    ...Object.keys(charter).filter(isNeeded).map(name =>
      shape(`the charter without ${name}`, { [name]: undefined }, `/${name}`)),
    ...Object.keys(first ?? {}).filter(isNeeded).map(name =>
      shape(`a member without ${name}`, member({ [name]: undefined }), `/members/0/${name}`)),
    ...['origin', 'vkey'].map(name =>
      shape(`the relay without ${name}`, { relay: { ...charter.relay, [name]: undefined } }, `/relay/${name}`)),
    ...['commit', 'seal'].map(name => shape(`the tag without ${name}`, withTag({ [name]: undefined }), `/tag/${name}`)),
    shape('a commitment that is none', withTag({ commit: 'x' }), '/tag/commit'),
    shape('a tag key sealed to nobody', withTag({ seal: { ...charter.tag.seal, recipients: [] } }),
      '/tag/seal/recipients'),
    shape('a relay with a member more', { relay: { ...charter.relay, url: 'x' } }, '/relay/url'),
    shape('a verifier key of two lines', { relay: { ...charter.relay, vkey: 'a\nb' } }, '/relay/vkey'),
    shape('a verifier key of 513 characters', { relay: { ...charter.relay, vkey: 'a'.repeat(513) } }, '/relay/vkey'),
    ...lines.map(name => shape(`${name} of two lines`, { [name]: 'a\nb' }, `/${name}`)),
    ...texts.map(name => holds(`${name} of two lines`, { [name]: 'a\nb' })),
    ...texts.map(name => shape(`${name} of nothing`, { [name]: '' }, `/${name}`)),
    ...['clear', ...restricted].map(tlp => holds(`drafts that start with ${tlp}`, { default_tlp: tlp })),
    ...restricted.flatMap(tlp => clearanceCases(tlp, ids)),
    shape('version 0', { version: 0 }, '/version'),
    shape('version 2^53', { version: 2 ** 53 }, '/version'),
    law('version 2^53 - 1', { version: Number.MAX_SAFE_INTEGER }, '/version'),
    law('a threshold of 200 of three', { amend_threshold: 200 }, '/amend_threshold'),
    shape('a threshold of 201', { amend_threshold: 201 }, '/amend_threshold'),
    holds('a threshold of one', { amend_threshold: 1 }),
    holds('all eight roles', member({ roles })),
    shape('nine roles', member({ roles: [...roles, 'member'] }), '/members/0/roles'),
    holds('16 keys of one member', member({ keys: [...keys, ...witnesses.slice(0, 16 - keys.length)] })),
    shape('17 different keys of one member', member({ keys: [...keys, ...witnesses.slice(0, 17 - keys.length)] }),
      '/members/0/keys'),
    shape('a member with no key', member({ keys: [] }), '/members/0/keys'),
    law('a member with one key', member({ keys: keys.slice(0, 1) }), '/members/0/keys'),
    shape('201 members', { members: Array.from({ length: 201 }, () => ({ ...first, keys: keys.slice(0, 1) })) },
      '/members'),
  ]
}

function clearanceCases(tlp: 'green' | 'amber' | 'amber+strict' | 'red', ids: (count: number) =>
  string[]): VectorCase[] {
  const cleared = (value: unknown) =>
    ({ clearances: { ...charter.clearances, [tlp]: value } as unknown as Charter['clearances'] })
  return [
    shape(`no clearance for ${tlp}`, cleared(undefined), `/clearances/${tlp}`),
    shape(`a clearance for ${tlp} in capitals`, cleared(['Ardenia']), `/clearances/${tlp}/0`),
    shape(`201 ids cleared for ${tlp}`, cleared(ids(201)), `/clearances/${tlp}`),
    law(`200 strangers cleared for ${tlp}`, cleared(ids(200)), `/clearances/${tlp}`),
  ]
}

/** The name of a log: its host, and up to four parts of a path. */
export function originCases(): VectorCase[] {
  const at = '/relay/origin'
  const part = (length: number) => `/${'p'.repeat(length)}`
  const longest = `${'a'.repeat(128)}${part(64).repeat(4)}`
  const named = (origin: string) =>
    holds(`the origin ${origin.length > 40 ? `of ${origin.length} characters` : origin}`,
    relayOf(origin))
  const refused = (name: string, origin: string) =>
    shape(`an origin ${name}`, { relay: { origin, vkey: charter.relay.vkey } }, at)
  return [
    ...['a', '0', 'a/b', 'log-1.example/a_b-c.d/0', 'a/b/c/d/e', longest].map(named),
    refused('whose host has 129 characters', 'a'.repeat(129)),
    refused('of five parts', 'a/b/c/d/e/f'),
    refused('with a part of 65 characters', `a${part(65)}`),
    refused('with an empty part', 'a//b'),
    refused('that ends in a solidus', 'a/'),
    refused('without a host', '/a'),
    refused('of nothing', ''),
    refused('in capitals', 'Ledger.example'),
    refused('with an underscore in its host', 'a_b.example'),
    refused('with a port', 'ledger.example:8480'),
    refused('with a line feed', 'ledger.example\n'),
    bad('the log key of another log, in order but for its name',
      { charter: { ...charter, ...relayOf('ledger.example/three', 'ledger.example/four') } },
      'charter.bad-key', '/relay/vkey'),
    bad('the log key of a log whose name begins with ours',
      { charter: { ...charter, ...relayOf('ledger.example/three', 'ledger.example/three2') } },
      'charter.bad-key', '/relay/vkey'),
  ]
}

/** A key record: its members, its curves and the lengths of its texts. */
export async function keyShapeCases(): Promise<VectorCase[]> {
  const [ed, es256] = [ardenia.sign.record, (await holder('ardenia', 'sign', 'ES256')).record]
  const es384 = (await holder('ardenia', 'sign', 'ES384')).record
  const bent = (name: string, record: object, code: string, at: string) =>
    bad(name, { member: 'ardenia', key: record }, code, at)
  const fault = (name: string, record: object, at: string) => bent(name, record, 'statement.bad-schema', at)
  const jwk = (record: { jwk: object }, change: object) => ({ ...record, jwk: { ...record.jwk, ...change } })
  const okp = await Promise.all((['root', 'auth'] as const).map(use => holder('ardenia', use, 'ES256')))
  const wide = await Promise.all((['root', 'auth'] as const).map(use => holder('ardenia', use, 'ES384')))
  const text = (length: number) => 'A'.repeat(length)
  return [
    ...[...okp, ...wide].map(({ record }) => good(`a key to ${record.use} with ${record.alg}`,
      { member: 'ardenia', key: record }, { kid: record.kid })),
    ...(['alg', 'jwk', 'use'] as const).map(name => fault(`no ${name}`, { ...ed, [name]: undefined }, `/${name}`)),
    ...(['crv', 'kty', 'x'] as const).map(name => fault(`no ${name}`, jwk(ed, { [name]: undefined }), `/jwk/${name}`)),
    fault('a jwk that is a text', { ...ed, jwk: 'x' }, '/jwk'),
    fault('a jwk that is null', { ...ed, jwk: null }, '/jwk'),
    fault('a P-256 key without y', jwk(es256, { y: undefined }), '/jwk/y'),
    fault('a P-384 key without y', jwk(es384, { y: undefined }), '/jwk/y'),
    fault('an Ed25519 key with y', jwk(ed, { y: 'AA' }), '/jwk/y'),
    fault('a P-256 key of another type', jwk(es256, { kty: 'OKP' }), '/jwk/crv'),
    fault('x with padding', jwk(ed, { x: `${text(43)}=` }), '/jwk/x'),
    fault('x of nothing', jwk(ed, { x: '' }), '/jwk/x'),
    bent('x of 86 characters', jwk(ed, { x: text(86) }), 'charter.bad-key', '/jwk'),
    fault('x of 87 characters', jwk(ed, { x: text(87) }), '/jwk/x'),
    bent('y of 86 characters', jwk(es256, { y: text(86) }), 'charter.bad-key', '/jwk'),
    fault('y of 87 characters', jwk(es256, { y: text(87) }), '/jwk/y'),
    bent('a proof of 3,227 characters', { ...ed, proof: text(3_227) }, 'charter.no-possession', '/proof'),
    fault('a proof of 3,228 characters', { ...ed, proof: text(3_228) }, '/proof'),
    fault('a proof of nothing', { ...ed, proof: '' }, '/proof'),
    fault('a proof that is null', { ...ed, proof: null }, '/proof'),
    fault('a kid of 42 characters', { ...ed, kid: text(42) }, '/kid'),
    bent('an enc key with the algorithm of P-384', { ...cassia.enc.record, alg: 'ES384' }, 'charter.bad-key', '/alg'),
    bent('a key that seals, used to witness', { ...borealia.enc.record, use: 'witness' }, 'charter.bad-key', '/use'),
    bent('the x of P-256 in front of the y of another key', jwk(es256,
      { y: (borealia.sign.record.jwk as { y: string }).y }),
      'charter.bad-key', '/jwk'),
    bent('a proof of 63 bytes', { ...ed, proof: b64(new Uint8Array(63)) }, 'charter.no-possession', '/proof'),
  ]
}
