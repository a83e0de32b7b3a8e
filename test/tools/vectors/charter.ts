import {
  type Charter, type KeyRecord, concat, formatVkey, portableSha256 as sha256, toBase64url as b64, utf8,
} from '@chancery/protocol'
import {
  type Holder, adoption, ardenia, attribution, bad, borealia, cassia, charter, genesis, genesisClaims, genesisSid,
    good, holder,
    jwsOf,
  seed, sidOf, statement,
} from './coalition.ts'
import { charterShapeCases, keyShapeCases, originCases } from './charter-shapes.ts'
import { bytesOf } from './seal-twin.ts'
import { sealLawCases, xwingKeyCases } from './suites.ts'
import { edKey, littleEndian, smallEncodings, torsion } from './signature.ts'
import type { VectorCase, VectorFile } from './vector-file.ts'

/** All of spec/vectors/charter. Statements are given as tier copies. */
export const charterVectors = async (): Promise<Record<string, VectorFile>> => ({
  'charter/keys.json': { spec: 'spec/03-charter.md#possession', check: 'enrolment', cases: await keyCases() },
  'charter/laws.json': { spec: 'spec/03-charter.md#charter', check: 'charterLaws', cases: await lawCases() },
  'charter/shapes.json': { spec: 'spec/03-charter.md#charter', check: 'charterLaws', cases: await charterShapeCases() },
  'charter/genesis.json': { spec: 'spec/03-charter.md#adoption', check: 'genesis', cases: genesisCases() },
  'charter/adoptions.json': { spec: 'spec/03-charter.md#adoption', check: 'adoptions', cases: adoptionCases() },
})

const given = (record: object, member = 'ardenia') => ({ member, key: record })

/** Keys that cosign after Ed25519 has fallen, and nothing else. */
async function mlDsaCases(): Promise<VectorCase[]> {
  const { record } = await holder('ardenia', 'witness', 'ML-DSA-44')
  const other = ardenia.sign
  const { jwk, proof = '' } = record
  if (jwk.kty !== 'AKP') throw new Error('a key of FIPS 204')
  const wrong = (name: string, change: object, code: string, at: string) =>
    bad(name, given({ ...record, ...change }), code, at)
  const used = async (use: 'root' | 'sign' | 'auth' | 'enc') => bad(`an ML-DSA-44 key to ${use}`,
    given((await holder('ardenia', use, 'ML-DSA-44')).record), 'charter.bad-key', '/use')
  const cut = { ...jwk, pub: jwk.pub.slice(0, 1_748) }
  return [
    good('an ML-DSA-44 witness key', given(record), { kid: record.kid }),
    await used('root'), await used('sign'), await used('auth'), await used('enc'),
    wrong('an ML-DSA-44 key for EdDSA', { alg: 'EdDSA' }, 'charter.bad-key', '/alg'),
    wrong('an Ed25519 key for ML-DSA-44', { jwk: other.record.jwk }, 'charter.bad-key', '/alg'),
    wrong('an X-Wing key for ML-DSA-44', { jwk: ardenia.xwing.record.jwk }, 'charter.bad-key', '/alg'),
    wrong('an ML-DSA-44 key of 1,311 bytes', { jwk: cut }, 'charter.bad-key', '/jwk'),
    wrong('an ML-DSA-44 key of 1,751 characters', { jwk: { ...jwk, pub: `${jwk.pub}A` } }, 'statement.bad-schema',
      '/jwk/pub'),
    wrong('an AKP key of another algorithm', { jwk: { ...jwk, alg: 'ML-DSA-65' } }, 'statement.bad-schema', '/jwk/alg'),
    wrong('the kid of another key, of ML-DSA-44', { kid: other.record.kid }, 'charter.bad-key', '/kid'),
    wrong('an ML-DSA-44 key without a proof', { proof: undefined }, 'charter.no-possession', '/proof'),
    wrong('the proof of another key, of ML-DSA-44', { proof: other.record.proof }, 'charter.no-possession', '/proof'),
    wrong('an ML-DSA-44 proof with one bit changed', { proof: `B${proof.slice(1)}` === proof ? `C${proof.slice(1)}`
      : `B${proof.slice(1)}` }, 'charter.no-possession', '/proof'),
    bad('the ML-DSA-44 key of another member', given(record, 'borealia'), 'charter.no-possession', '/proof'),
  ]
}

async function keyCases(): Promise<VectorCase[]> {
  const [ed, es256, es384] = [ardenia.sign, borealia.sign, cassia.sign]
  const [asBorealia, asCassia] = [await holder('ardenia', 'sign', 'ES256'), await holder('ardenia', 'sign', 'ES384')]
  const { enc } = ardenia
  const witness = await holder('ardenia', 'witness', 'EdDSA')
  const of = (name: string, { record }: Holder) => good(name, given(record), { kid: record.kid })
  const wrong = (name: string, record: object, code: string, at: string) => bad(name, given(record), code, at)
  const shape = (name: string, record: object, at: string) => wrong(name, record, 'statement.bad-schema', at)
  const { proof: _, ...unproved } = ed.record
  return [
    of('an Ed25519 key', ed),
    of('a P-256 key', asBorealia),
    of('a P-384 key', asCassia),
    of('a root key', ardenia.root),
    of('an auth key', ardenia.auth),
    of('a witness key', witness),
    of('an enc key', enc),
    ...(await mlDsaCases()),
    shape('an unknown algorithm', { ...ed.record, alg: 'RS256' }, '/alg'),
    shape('the algorithm none', { ...ed.record, alg: 'none' }, '/alg'),
    shape('an unknown curve', { ...ed.record, jwk: { crv: 'secp256k1', kty: 'EC', x: 'AA', y: 'AA' } }, '/jwk/crv'),
    shape('another key type', { ...ed.record, jwk: { ...ed.record.jwk, kty: 'EC' } }, '/jwk/crv'),
    shape('a private key', { ...ed.record, jwk: { ...ed.record.jwk, d: b64(ed.secret) } }, '/jwk/d'),
    shape('a key with its own algorithm', { ...ed.record, jwk: { ...ed.record.jwk, alg: 'EdDSA' } }, '/jwk/alg'),
    shape('an unknown use', { ...ed.record, use: 'any' }, '/use'),
    shape('two uses', { ...ed.record, use: ['sign', 'auth'] }, '/use'),
    shape('no kid', { ...ed.record, kid: undefined }, '/kid'),
    shape('an unknown member', { ...ed.record, exp: 1 }, '/exp'),
    wrong('the algorithm of another curve', { ...ed.record, alg: 'ES256' }, 'charter.bad-key', '/alg'),
    wrong('P-256 for ES384', { ...asBorealia.record, alg: 'ES384' }, 'charter.bad-key', '/alg'),
    wrong('X25519 for EdDSA', { ...enc.record, alg: 'EdDSA' }, 'charter.bad-key', '/alg'),
    wrong('an enc key used to sign', { ...enc.record, use: 'sign' }, 'charter.bad-key', '/use'),
    wrong('a signing key used as enc', { ...ed.record, use: 'enc' }, 'charter.bad-key', '/use'),
    wrong('a witness key of P-256', { ...asBorealia.record, use: 'witness' }, 'charter.bad-key', '/use'),
    wrong('the kid of another key', { ...ed.record, kid: ardenia.auth.record.kid }, 'charter.bad-key', '/kid'),
    ...(await keyShapeCases()),
    ...edKeys(ed.record),
    ...xKeys(enc.record),
    ...xwingKeyCases(),
    ...ecKeys(asBorealia.record, 32),
    ...ecKeys(asCassia.record, 48),
    wrong('no proof', unproved, 'charter.no-possession', '/proof'),
    wrong('the proof of another key', { ...ed.record, proof: ardenia.auth.record.proof }, 'charter.no-possession',
      '/proof'),
    wrong('the proof for another use', { ...ed.record, use: 'auth' }, 'charter.no-possession', '/proof'),
    bad('the proof for another member', given(ed.record, 'borealia'), 'charter.no-possession', '/proof'),
    bad('the key of another, taken as one\'s own', given(es256.record, 'cassia'), 'charter.no-possession', '/proof'),
    bad('the P-384 key of another', given(es384.record), 'charter.no-possession', '/proof'),
    wrong('a proof with loose bits', { ...ed.record, proof: `${ed.record.proof?.slice(0, -1)}x` },
      'charter.no-possession', '/proof'),
    wrong('a proof over the record without its domain',
      { ...ed.record, proof: b64(ed.sign(utf8('{}'))) }, 'charter.no-possession', '/proof'),
    wrong('an X25519 key of a person', { ...enc.record, person: 'Envoy' }, 'charter.bad-key', '/person'),
    wrong('an enc key with a proof', { ...enc.record, proof: ed.record.proof }, 'charter.no-possession', '/proof'),
  ]
}

const withX = (record: KeyRecord, x: Uint8Array) => ({ ...record, jwk: { ...record.jwk, x: b64(x) } })
const hexEnds = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex').replace(/^(.{8}).*(.{4})$/, '$1…$2')

function edKeys(record: KeyRecord): VectorCase[] {
  const { point } = edKey(seed('a point'))
  const mixed = Array.from({ length: 7 }, (_, i) => point.add(torsion.multiplyUnsafe(BigInt(i + 1))).toBytes())
  const past = [3n, 4n, 5n, 6n, 9n, 10n].map(y => littleEndian(2n ** 255n - 19n + y))
  const wrong = (name: string, x: Uint8Array) => bad(`Ed25519: ${name}`, given(withX(record, x)), 'charter.bad-key',
    '/jwk')
  return [
    ...smallEncodings.map(bytes => wrong(`small order, ${hexEnds(bytes)}`, bytes)),
    ...mixed.map((bytes, i) => wrong(`the torsion component ${i + 1}`, bytes)),
    ...past.map(bytes => wrong(`y past p, ${hexEnds(bytes)}`, bytes)),
    wrong('not on the curve', littleEndian(2n)),
    wrong('31 bytes', point.toBytes().subarray(1)),
    wrong('33 bytes', concat(point.toBytes(), Uint8Array.of(0))),
    bad('Ed25519: loose bits', given({ ...record, jwk: { ...record.jwk, x: `${b64(point.toBytes()).slice(0, -1)}B` } }),
      'charter.bad-key', '/jwk'),
  ]
}

function xKeys(record: KeyRecord): VectorCase[] {
  const prime = 2n ** 255n - 19n
  const orderEight = [
    'e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800',
      '5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157',
  ].map(hex => Uint8Array.from(Buffer.from(hex, 'hex')))
  const low = [littleEndian(0n), littleEndian(1n), littleEndian(prime - 1n), ...orderEight]
  const past = [prime, prime + 1n, prime + 9n, 2n ** 255n + 9n].map(littleEndian)
  const wrong = (name: string, x: Uint8Array) => bad(`X25519: ${name}`, given(withX(record, x)), 'charter.bad-key',
    '/jwk')
  return [
    ...low.map(bytes => wrong(`small order, ${hexEnds(bytes)}`, bytes)),
    ...past.map(bytes => wrong(`not canonical, ${hexEnds(bytes)}`, bytes)),
    wrong('31 bytes', littleEndian(9n).subarray(1)),
  ]
}

function ecKeys(record: KeyRecord, size: number): VectorCase[] {
  if (record.jwk.kty !== 'EC') return []
  const { jwk } = record
  const [x, y] = [bytesOf(jwk.x), bytesOf(jwk.y)]
  const wrong = (name: string, change: object) =>
    bad(`${jwk.crv}: ${name}`, given({ ...record, jwk: { ...jwk, ...change } }), 'charter.bad-key', '/jwk')
  return [
    wrong('not on the curve', { y: b64(x) }),
    wrong('the point at zero', { x: b64(new Uint8Array(size)), y: b64(new Uint8Array(size)) }),
    wrong('coordinates of all bits',
      { x: b64(new Uint8Array(size).fill(255)), y: b64(new Uint8Array(size).fill(255)) }),
    wrong('a byte too few', { y: b64(y.subarray(1)) }),
    wrong('a zero before', { x: b64(concat(Uint8Array.of(0), x)) }),
  ]
}

async function lawCases(): Promise<VectorCase[]> {
  const [first, ...others] = charter.members
  const wrong = (name: string, change: object, code: string, at: string) =>
    bad(name, { charter: { ...charter, ...change } }, code, at)
  const law = (name: string, change: object, at: string) => wrong(name, change, 'statement.breaks-law', at)
  const shape = (name: string, change: object, at: string) => wrong(name, change, 'statement.bad-schema', at)
  const member = (change: object) => ({ members: [{ ...first, ...change }, ...others] })
  const cleared = (change: Partial<Charter['clearances']>) => ({ clearances: { ...charter.clearances, ...change } })
  const without = (use: string) => member({ keys: first?.keys.filter(key => key.use !== use) })
  const { keys = [] } = first ?? {}
  const [, key] = keys
  const shared = await holder('borealia', 'sign', 'EdDSA', 'ardenia sign EdDSA')
  const [, second, third] = charter.members
  const taken = [first, { ...second, keys: [...(second?.keys ?? []), shared.record] }, third]
  return [
    good('three members', { charter }),
    good('nobody is cleared for red', { charter: { ...charter, ...cleared({ red: [] }) } }),
    good('all members are needed to amend', { charter: { ...charter, amend_threshold: 3 } }),
    law('members out of order', { members: charter.members.toReversed() }, '/members'),
    law('a member twice', { members: [first, first, ...others] }, '/members'),
    ...nextRootCases(),
    wrong('a key twice in one member', member({ keys: [...keys, key] }), 'charter.repeated-key', '/members'),
    wrong('the same key bytes under two members', { members: taken }, 'charter.repeated-key', '/members'),
    wrong('one key for two uses', member({ keys: [...keys, { ...key, use: 'auth' }] }), 'charter.repeated-key',
      '/members'),
    wrong('the enc key of another member',
      { members: [{ ...first, keys: [...keys.slice(0, 3), cassia.enc.record] }, ...others] },
      'charter.repeated-key', '/members'),
    law('a role twice', member({ roles: ['member', 'coordinator', 'member'] }), '/members/0/roles'),
    law('a founder that may not adopt', member({ roles: ['coordinator', 'observer'] }), '/members/0/roles'),
    ...['root', 'sign', 'auth', 'enc'].map(use => law(`a member without a key to ${use}`, without(use),
      '/members/0/keys')),
    wrong('a key that is not the member\'s', member({ id: 'aardenia' }), 'charter.no-possession',
      '/members/0/keys/0/proof'),
    wrong('a key with the kid of none', member({ keys: [...keys.slice(0, 3), { ...keys[3], kid: b64(seed('kid')) }] }),
      'charter.bad-key', '/members/0/keys/3/kid'),
    law('ids out of order in a clearance',
      cleared({ green: ['borealia', 'ardenia'], amber: [], 'amber+strict': [], red: [] }),
      '/clearances/green'),
    law('an id twice in a clearance', cleared({ red: ['ardenia', 'ardenia'] }), '/clearances/red'),
    law('a stranger is cleared', cleared({ green: ['ardenia', 'borealia', 'cassia', 'delos'] }), '/clearances/green'),
    law('cleared for amber and not for green', cleared({ green: ['ardenia', 'cassia'] }), '/clearances/amber'),
    law('cleared for red and not for amber+strict', cleared({ 'amber+strict': ['borealia'] }), '/clearances/red'),
    ...sealLawCases(),
    law('a threshold past the number of members', { amend_threshold: 4 }, '/amend_threshold'),
    law('a version past 1', { version: 2 }, '/version'),
    shape('a threshold of zero', { amend_threshold: 0 }, '/amend_threshold'),
    shape('an unknown tier', { default_tlp: 'white' }, '/default_tlp'),
    shape('a tier in capitals', { default_tlp: 'GREEN' }, '/default_tlp'),
    shape('clearances for an unknown tier', cleared({ white: [] } as never), '/clearances/white'),
    shape('clearances for clear', cleared({ clear: [] } as never), '/clearances/clear'),
    shape('no members', { members: [] }, '/members'),
    shape('an unknown role', member({ roles: ['king'] }), '/members/0/roles/0'),
    shape('no role', member({ roles: [] }), '/members/0/roles'),
    shape('17 keys', member({ keys: Array.from({ length: 17 }, () => key) }), '/members/0/keys'),
    shape('an id in capitals', member({ id: 'Ardenia' }), '/members/0/id'),
    shape('a name with a direction override', member({ name: 'Ar\u202edenia' }), '/members/0/name'),
    shape('a name that is not in NFC', member({ name: 'Ardéria'.normalize('NFD') }), '/members/0/name'),
    ...logKeys(law),
    ...originCases(),
    shape('an origin with a scheme', { relay: { ...charter.relay, origin: 'https://ledger.example' } },
      '/relay/origin'),
    shape('an unknown member', { motto: 'together' }, '/motto'),
    shape('no purpose', { purpose: undefined }, '/purpose'),
    shape('a tag key that is not sealed', { tag: { commit: charter.tag.commit } }, '/tag/seal'),
    shape('a tag key in clear', { tag: { ...charter.tag, key: b64(seed('tag key')) } }, '/tag/key'),
  ]
}

function logKeys(law: (name: string, change: object, at: string) => VectorCase): VectorCase[] {
  const { origin } = charter.relay
  const wrong = (name: string, vkey: string): VectorCase =>
    ({ ...law(name, { relay: { origin, vkey } }, '/relay/vkey'), expect: 'charter.bad-key' })
  const vkey = (name: string, key: Uint8Array) => formatVkey({ sha256, name, key })
  return [
    wrong('a log key that is no point, of another log', vkey('ledger.example/four', seed('log'))),
    wrong('a log key of small order', vkey(origin, littleEndian(1n))),
    wrong('a log key with a torsion component', vkey(origin, edKey(seed('log')).point.add(torsion).toBytes())),
    wrong('a log key with another id', charter.relay.vkey.replace(/\+.{8}\+/, '+00000000+')),
    wrong('a log key that is none', 'ledger'),
  ]
}

const genesisWith = (change: object, key = ardenia.root): string =>
  `${jwsOf({ key, payload: { ...genesisClaims, ...change } })}~`

function genesisCases(): VectorCase[] {
  const wrong = (name: string, copy: string, code: string, at?: string) => bad(name, { copy }, code, at)
  const alone = { ...charter, amend_threshold: 1, members: charter.members.slice(0, 1),
    clearances: { amber: ['ardenia'], 'amber+strict': ['ardenia'], green: ['ardenia'], red: ['ardenia'] } }
  const members = charter.members.map(member =>
    ({ ...member, keys: member.keys.map(key => ({ ...key, proof: undefined })) }))
  const unproved = { ...charter, members }
  const other = `${genesis.slice(0, genesis.lastIndexOf('.'))}.${b64(ardenia.root.sign(utf8('another text')))}~`
  return [
    good('the genesis statement of three members', { copy: `${genesis}~`, pinned: genesisSid },
      { genesis: genesisSid, inForceFrom: null }),
    good('a coalition of one is in force at once', { copy: genesisWith({ body: { charter: alone } }) },
      { genesis: sidOf(genesisWith({ body: { charter: alone } })), inForceFrom: 1 }),
    bad('another genesis statement than the pinned one', { copy: `${genesis}~`, pinned: b64(seed('pinned')) },
      'charter.not-genesis'),
    wrong('another kind', genesisWith({ kind: 'callout.abort', body: { proposal: genesisSid, reason: 'None' },
      refs: [genesisSid] }),
      'charter.not-genesis', '/kind'),
    wrong('an adoption of another genesis', genesisWith({ body: { adopts: genesisSid }, refs: [genesisSid] }),
      'charter.not-genesis', '/body'),
    wrong('a coalition named', genesisWith({ coa: genesisSid }), 'charter.not-genesis', '/coa'),
    wrong('a charter named', genesisWith({ charter: { sid: genesisSid, version: 1 } }), 'charter.not-genesis', '/coa'),
    wrong('a log view named', genesisWith({ seen: { note: genesisSid, root: genesisSid, size: 0 } }),
      'charter.not-genesis', '/coa'),
    wrong('a chain that does not begin', genesisWith({ chain: { id: 'clear', prev: genesisSid, seq: 1 } }),
      'charter.not-genesis', '/chain'),
    wrong('a chain that begins at 1 after nothing', genesisWith({ chain: { id: 'clear', prev: null, seq: 1 } }),
      'charter.not-genesis', '/chain'),
    wrong('a chain that begins after something', genesisWith({ chain: { id: 'clear', prev: genesisSid, seq: 0 } }),
      'charter.not-genesis', '/chain'),
    wrong('an unknown claim is named before the charter', genesisWith({ body: { charter: unproved }, exp: 1 }),
      'statement.bad-schema', '/exp'),
    wrong('refs are named before the charter', genesisWith({ body: { charter: unproved }, refs: [genesisSid] }),
      'statement.wrong-refs', '/refs'),
    wrong('a slot that is open to anyone is named before the kind',
      genesisWith({ kind: 'attribution.statement', body: attribution, tear: { a: { _sd: [genesisSid],
        tlp: 'clear' } } }),
      'tear.too-open', '/tear/a/tlp'),
    wrong('the charter is named before the signature',
      `${genesisWith({ body: { charter: { ...charter, version: 2 } } }).replace(/[^.]*$/, b64(new Uint8Array(64)))}~`,
      'statement.breaks-law', '/body/charter/version'),
    wrong('a disclosure of no slot', `${genesis}~AA~`, 'tear.unreferenced', '/disclosures/0'),
    wrong('a restricted charter', genesisWith({ handling: { tlp: 'red' }, chain: { id: 'red', prev: null, seq: 0 } }),
      'statement.breaks-law', '/handling/tlp'),
    wrong('an exercise', genesisWith({ exercise: true }), 'statement.breaks-law', '/exercise'),
    wrong('signed by a sign key', genesisWith({}, ardenia.sign), 'charter.wrong-use', '/header/kid'),
    wrong('signed by another member', genesisWith({}, borealia.root), 'statement.not-issuer', '/iss'),
    wrong('issued by a stranger', genesisWith({ iss: 'delos' }), 'statement.not-issuer', '/iss'),
    wrong('another signature', other, 'statement.bad-signature', '/signature'),
    wrong('a charter that breaks a law', genesisWith({ body: { charter: { ...charter, version: 2 } } }),
      'statement.breaks-law', '/body/charter/version'),
    wrong('a key without possession', genesisWith({ body: { charter: unproved } }), 'charter.no-possession',
      '/body/charter/members/0/keys/0/proof'),
    wrong('a tear line', genesisWith({ tear: { a: { _sd: [genesisSid], tlp: 'red' } } }), 'statement.breaks-law',
      '/tear'),
    wrong('refs to something', genesisWith({ refs: [genesisSid] }), 'statement.wrong-refs', '/refs'),
    wrong('not a tier copy', genesis, 'bytes.bad-alphabet'),
  ]
}

function adoptionCases(): VectorCase[] {
  const log = (...copies: string[]) =>
    ({ genesis: `${genesis}~`, adoptions: copies.map((copy, i) => ({ copy: `${copy}~`, index: i + 1 })) })
  const wrong = (name: string, copies: string[], code: string, at: string) => bad(name, log(...copies), code, at)
  const stranger = b64(seed('another genesis'))
  return [
    good('nobody else yet', log(), { adopted: { ardenia: 0 }, genesis: genesisSid, inForceFrom: null }),
    good('one of two others', log(adoption(cassia)), { adopted: { ardenia: 0, cassia: 1 }, genesis: genesisSid,
      inForceFrom: null }),
    good('in force', log(adoption(borealia), adoption(cassia)),
      { adopted: { ardenia: 0, borealia: 1, cassia: 2 }, genesis: genesisSid, inForceFrom: 3 }),
    good('in any order', log(adoption(cassia), adoption(borealia)),
      { adopted: { ardenia: 0, borealia: 2, cassia: 1 }, genesis: genesisSid, inForceFrom: 3 }),
    wrong('the genesis issuer again', [adoption(ardenia)], 'charter.already-adopted', '/iss'),
    wrong('a member twice', [adoption(borealia), adoption(borealia)], 'charter.already-adopted', '/iss'),
    wrong('a member twice, with another statement', [adoption(borealia), adoption(borealia, { jti: stranger })],
      'charter.already-adopted', '/iss'),
    wrong('another kind', [statement(borealia, {}, borealia.sign)], 'charter.not-in-force', '/charter'),
    wrong('another genesis statement', [adoption(borealia, { body: { adopts: stranger }, refs: [stranger] })],
      'charter.not-genesis', '/body'),
    wrong('a second charter', [adoption(borealia, { body: { charter }, refs: [] })], 'charter.not-genesis', '/body'),
    wrong('another coalition', [adoption(borealia, { coa: stranger })], 'statement.wrong-coalition', '/coa'),
    wrong('another version', [adoption(borealia, { charter: { sid: genesisSid, version: 2 } })],
      'statement.wrong-charter', '/charter'),
    wrong('a restricted adoption',
      [adoption(borealia, { handling: { tlp: 'green' }, chain: { id: 'green', prev: null, seq: 0 } })],
      'statement.breaks-law', '/handling/tlp'),
    wrong('an exercise', [adoption(borealia, { exercise: true })], 'statement.breaks-law', '/exercise'),
    wrong('by a sign key', [adoption(borealia, {}, borealia.sign)], 'charter.wrong-use', '/header/kid'),
    wrong('for another member', [adoption(borealia, {}, cassia.root)], 'statement.not-issuer', '/iss'),
  ]
}

function nextRootCases(): VectorCase[] {
  const [next, at] = [b64(seed('next root')), '/members/0/next_root']
  const named = (...kids: (string | undefined)[]) => ({ charter: { ...charter, members: charter.members.map((one, i) =>
    (kids[i] === undefined ? one : { ...one, next_root: kids[i] })) } })
  return [
    good('a root key named in advance', named(next)),
    bad('a key of the charter named in advance', named(cassia.root.record.kid), 'charter.repeated-key', at),
    bad('one key named in advance by two', named(next, next), 'charter.repeated-key', at),
  ]
}
