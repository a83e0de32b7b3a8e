import { formatVkey, kindOf, portableSha256 as sha256, signatureTypes } from '@chancery/protocol'
import { ed25519 } from '@noble/curves/ed25519.js'
import {
  type Cast, type Holder, adoption, ardenia, attribution, bad, borealia, cassia, charter, claims, genesis,
  genesisClaims, good, holder, jwsOf, seed, sidOf,
} from './coalition.ts'
import type { VectorCase, VectorFile } from './vector-file.ts'

/** spec/vectors/charter/keys-over-time.json */
export const keysOverTimeVectors = (): Record<string, VectorFile> => ({
  'charter/keys-over-time.json': {
    spec: 'spec/13-keys-over-time.md#adding', check: 'keysOverTime',
    cases: [...addCases(), ...revokeCases()],
  },
  'charter/mandates.json': {
    spec: 'spec/13-keys-over-time.md#mandates', check: 'keysOverTime', cases: mandateCases(),
  },
  'charter/root-rotation.json': {
    spec: 'spec/13-keys-over-time.md#rotating', check: 'keysOverTime', cases: rotateCases(),
  },
  'charter/disputes.json': { spec: 'spec/13-keys-over-time.md#disputed', check: 'disputes', cases: disputeCases() },
})

const named = (member: string, use: 'root' | 'sign' | 'auth', name: string, alg: 'EdDSA' | 'ES256' = 'EdDSA') =>
  holder(member, use, alg, `${member} ${use} ${name}`)
const [sign2, sign3, root2, auth2, theirs] = [
  await named('borealia', 'sign', '2'), await named('borealia', 'sign', '3'),
  await named('borealia', 'root', '2', 'ES256'), await named('borealia', 'auth', '2'),
  await named('cassia', 'sign', '2')]
/** The same bytes, of which another member proves possession as well. */
const shared = await holder('cassia', 'sign', 'EdDSA', 'borealia sign 2')
const many = await Promise.all(Array.from({ length: 14 }, (_, i) => named('borealia', 'auth', `many ${i}`)))

type By = { by?: Cast; key?: Holder; change?: object }
const said = (kind: string, body: unknown, { by = borealia, key = by.root, change = {} }: By = {}): string =>
  jwsOf({ key, payload: { ...claims, iss: by.member.id, kind, body, ...change } })
const add = (keys: readonly { readonly record: unknown }[], by?: By) =>
  said('key.add', { keys: keys.map(({ record }) => record) }, by)
const revoke = ({ record: { kid } }: Holder, by?: By, more: object = {}) =>
  said('key.revoke', { kid, reason: 'It was lost.', ...more }, by)
const since = (index: number, key: Holder, by?: By) => revoke(key, by, { compromised_since: index })
const reaffirm = (jwss: readonly string[], by?: By) => {
  const statements = jwss.map(sidOf).sort()
  return said('statement.reaffirm', { statements }, { key: borealia.sign, change: { refs: statements }, ...by })
}
const speaks = (key: Holder, by: Cast = borealia) => said('attribution.statement', attribution, { by, key })

const founded = [adoption(borealia), adoption(cassia)]
const log = (jwss: readonly string[]) => jwss.map((jws, i) => ({ copy: `${jws}~`, index: i + 1 }))
const given = (jwss: string[]) => ({ genesis: `${genesis}~`, log: log([...founded, ...jwss]) })
type Span = [Holder, from: number, to: number | null, member?: string]
const spans = (...all: Span[]) => ({
  keys: all.map(([{ record: { kid, use } }, from, to, member = 'borealia']) => ({ from, kid, member, to, use }))
    .sort((a, b) => (a.kid < b.kid ? -1 : 1)),
})
const holds = (name: string, jwss: string[], ...all: Span[]): VectorCase => good(name, given(jwss), spans(...all))
const wrong = (name: string, jwss: string[], code: string, at: string): VectorCase => bad(name, given(jwss), code, at)

type Again = (more: object) => object

/** The same coalition under another charter. */
function under(change: object, jwssOf: (again: Again) => string[]): object {
  const begun = jwsOf({ key: ardenia.root,
    payload: { ...genesisClaims, body: { charter: { ...charter, ...change } } } })
  const sid = sidOf(begun)
  const again = (more: object) => ({ charter: { sid, version: 1 }, coa: sid, ...more })
  const adoptions = [borealia, cassia].map(by => adoption(by, again({ body: { adopts: sid }, refs: [sid] })))
  return { genesis: `${begun}~`, log: log([...adoptions, ...jwssOf(again)]) }
}

/** Under a policy with one witness, whose key is this one. */
function witnessedBy(key: Uint8Array, jwssOf: (again: Again) => string[]): object {
  const { origin, vkey } = charter.relay
  const cosigner = formatVkey({ sha256, name: `${origin}/witness/w`, key, type: signatureTypes.cosignature })
  const policy = `log ${vkey}\nwitness w ${cosigner}\nquorum w\n`
  return under({ policy }, jwssOf)
}

const root3 = await named('borealia', 'root', '3')
const root4 = await named('borealia', 'root', '4')
/** Borealia has named its next root key. */
const prepared = (jwssOf: (again: Again) => string[]): object => under({ members: charter.members.map(member =>
  (member.id === 'borealia' ? { ...member, next_root: root2.record.kid } : member)) }, jwssOf)

const small = { ...sign2, record: { ...sign2.record, jwk: { crv: 'Ed25519', kty: 'OKP', x: 'A'.repeat(43) } } }
const { proof: _, ...proofless } = sign2.record
const unproven = { record: proofless }
/** Made from the seed of the log's own key. */
const ofTheLog = await holder('borealia', 'sign', 'EdDSA', 'log')

function addCases(): VectorCase[] {
  return [
    holds('a sign key, from the next index on', [add([sign2]), speaks(sign2)], [sign2, 4, null]),
    holds('the key that it is added beside still speaks', [add([sign2]), speaks(borealia.sign)], [sign2, 4, null]),
    holds('of three uses at once', [add([root2, sign2, auth2])], [root2, 4, null], [sign2, 4, null], [auth2, 4, null]),
    holds('another root key adds the next', [add([root2]), add([sign2], { key: root2 })], [root2, 4, null],
      [sign2, 5, null]),
    holds('by two members', [add([sign2]), add([theirs], { by: cassia })], [sign2, 4, null],
      [theirs, 5, null, 'cassia']),
    holds('sixteen that speak at once', [add(many.slice(0, 13))], ...many.slice(0, 13).map((k): Span => [k, 4, null])),
    wrong('seventeen that speak at once', [add(many)], 'statement.breaks-law', '/body/keys'),
    wrong('before it is added', [speaks(sign2)], 'charter.unknown-key', '/header/kid'),
    wrong('an auth key signs no statement', [add([auth2]), speaks(auth2)], 'charter.wrong-use', '/header/kid'),
    wrong('a key that seals', [add([borealia.enc])], 'statement.breaks-law', '/body/keys'),
    wrong('a key that has been its own', [add([borealia.sign])], 'charter.repeated-key', '/body/keys/0/kid'),
    wrong('a key twice in two statements', [add([sign2]), add([sign3, sign2])], 'charter.repeated-key',
      '/body/keys/1/kid'),
    wrong('a key that another member has added, and both have', [add([sign2]), add([shared], { by: cassia })],
      'charter.repeated-key', '/body/keys/0/kid'),
    wrong('a key revoked before', [add([sign2]), revoke(sign2), add([sign2])], 'charter.repeated-key',
      '/body/keys/0/kid'),
    wrong('proven for another member', [add([theirs])], 'charter.no-possession', '/body/keys/0/proof'),
    wrong('without a proof', [add([unproven])], 'charter.no-possession', '/body/keys/0/proof'),
    wrong('a key of small order', [add([small])], 'charter.bad-key', '/body/keys/0/jwk'),
    wrong('signed by a sign key', [add([sign2], { key: borealia.sign })], 'charter.wrong-use', '/header/kid'),
    wrong('for another member', [add([sign2], { by: borealia, key: cassia.root })], 'statement.not-issuer', '/iss'),
    wrong('restricted', [add([sign2], { change: { chain: { id: 'green', prev: null, seq: 0 },
      handling: { tlp: 'green' } } })], 'statement.breaks-law', '/handling/tlp'),
    wrong('an exercise', [add([sign2], { change: { exercise: true } })], 'statement.breaks-law', '/exercise'),
    bad('the key of a witness', witnessedBy(ed25519.getPublicKey(sign2.secret), again =>
      [add([sign2], { change: again({}) })]), 'charter.repeated-key', '/body/keys/0/kid'),
    good('another key under the same policy', witnessedBy(ed25519.getPublicKey(seed('witness')), again =>
      [add([sign2], { change: again({}) })]), spans([sign2, 4, null])),
    wrong('the key of the log', [add([ofTheLog])], 'charter.repeated-key', '/body/keys/0/kid'),
  ]
}

function revokeCases(): VectorCase[] {
  return [
    holds('what it signed before stays', [speaks(borealia.sign), add([sign2]), revoke(borealia.sign)],
      [borealia.sign, 0, 6], [sign2, 5, null]),
    holds('by another root key, the first one', [add([root2]), revoke(borealia.root, { key: root2 })],
      [borealia.root, 0, 5], [root2, 4, null]),
    holds('a root key by itself, where another is left', [add([root2]), revoke(borealia.root)],
      [borealia.root, 0, 5], [root2, 4, null]),
    holds('an auth key', [add([auth2]), revoke(borealia.auth)], [borealia.auth, 0, 5], [auth2, 4, null]),
    holds('an added key, the first one is left', [add([sign2]), revoke(sign2)], [sign2, 4, 5]),
    wrong('a statement by it afterwards', [add([sign2]), revoke(borealia.sign), speaks(borealia.sign)],
      'charter.unknown-key', '/header/kid'),
    wrong('a key added by it afterwards', [add([root2]), revoke(borealia.root), add([sign2])],
      'charter.unknown-key', '/header/kid'),
    wrong('compromised since itself', [add([sign2]), since(4, borealia.sign)], 'statement.breaks-law',
      '/body/compromised_since'),
    holds('compromised since before', [add([sign2]), since(3, borealia.sign)], [borealia.sign, 0, 5], [sign2, 4, null]),
    wrong('twice', [add([sign2]), revoke(sign2), revoke(sign2)], 'charter.unknown-key', '/body/kid'),
    wrong('the only sign key', [revoke(cassia.sign, { by: cassia })], 'statement.breaks-law', '/body/kid'),
    wrong('the only root key', [revoke(borealia.root)], 'statement.breaks-law', '/body/kid'),
    wrong('the only auth key', [revoke(borealia.auth)], 'statement.breaks-law', '/body/kid'),
    wrong('the last one, others having been revoked', [add([sign2]), revoke(borealia.sign), revoke(sign2)],
      'statement.breaks-law', '/body/kid'),
    wrong('a key of another member', [revoke(cassia.sign)], 'charter.unknown-key', '/body/kid'),
    wrong('a key that nobody has', [revoke(sign2)], 'charter.unknown-key', '/body/kid'),
    wrong('a key to seal to', [revoke(borealia.enc)], 'charter.wrong-use', '/body/kid'),
    wrong('signed by a sign key', [add([sign2]), revoke(sign2, { key: borealia.sign })], 'charter.wrong-use',
      '/header/kid'),
  ]
}

/** The statement at 4 and the one at 5 are by the key that is revoked at 6; 7 and later are by the new one. */
function disputeCases(): VectorCase[] {
  const [early, late] = [speaks(borealia.sign), said('attribution.statement', { ...attribution, title: 'Later' },
    { key: borealia.sign })]
  const begun = [add([sign2]), early, late]
  const by2 = { key: sign2 }
  const again = reaffirm([late], by2)
  type Ask = [index: number, size: number, is: boolean]
  const asked = (name: string, jwss: string[], ...asks: Ask[]): VectorCase =>
    good(name, { ...given([...begun, ...jwss]), asks: asks.map(([index, size]) => ({ index, size })) },
      { disputed: asks.map(([, , is]) => is) })
  const stolen = since(5, borealia.sign)
  const [sign4, both] = [sign3, [add([sign3]), stolen]]
  return [
    asked('by a key that was revoked alone', [revoke(borealia.sign)], [4, 9, false], [5, 9, false]),
    asked('from the index named on, and not before', [stolen], [4, 9, false], [5, 9, true]),
    asked('on a log that has the revocation, and on no smaller one', [stolen], [5, 6, false], [5, 7, true]),
    asked('by the key of another', [since(4, borealia.sign)], [3, 9, false], [5, 9, true]),
    asked('until it is said again', [stolen, again], [5, 7, true], [5, 8, false], [5, 99, false]),
    asked('said again in advance', [add([sign3]), reaffirm([late], by2), stolen], [5, 99, true]),
    asked('said again for another statement', [stolen, reaffirm([early], by2)], [5, 99, true]),
    asked('said again by another member', [stolen, reaffirm([late], { by: cassia, key: cassia.sign })], [5, 99, true]),
    asked('said again by a key that is compromised itself', [...both, again,
      since(8, sign2, { key: borealia.root })], [5, 9, false], [5, 10, true], [8, 10, true]),
    asked('and again by one that is not', [...both, again, since(8, sign2), reaffirm([late], { key: sign4 })],
      [5, 10, true], [5, 11, false], [8, 11, true]),
    asked('and again for what had said it again', [...both, again, since(8, sign2),
      reaffirm([again], { key: sign4 })], [5, 10, true], [5, 11, false], [8, 11, false]),
    asked('by a thief of the root key, whose revocation is disputed', [add([root2]), since(4, borealia.sign),
      since(7, borealia.root, { key: root2 })], [5, 8, true], [5, 9, false], [7, 9, true]),
    asked('a revocation by the key that it revokes is not disputed by itself', [add([root2]),
      since(3, borealia.root)], [7, 99, false], [6, 99, true]),
  ]
}

function rotateCases(): VectorCase[] {
  type Rotation = { key?: Holder; brings?: Holder; next?: Holder; by?: Cast; more?: object }
  const rotate = (again: Again, { key = root2, brings = key, next = root3, by = borealia, more = {} }: Rotation = {}) =>
    said('key.rotate-root', { key: brings.record, next_root: next.record.kid, ...more }, { by, key, change: again({}) })
  const first = borealia.root
  const rotated = (name: string, jwssOf: (again: Again) => string[], ...all: Span[]): VectorCase =>
    good(name, prepared(jwssOf), spans(...all))
  const refused = (name: string, jwssOf: (again: Again) => string[], code: string, at: string): VectorCase =>
    bad(name, prepared(jwssOf), code, at)
  const adds = (again: Again, keys: Holder[], key: Holder) => add(keys, { key, change: again({}) })
  return [
    rotated('the root key named in advance takes over', again => [rotate(again)], [first, 0, 4], [root2, 3, null]),
    rotated('and so does the one that it names', again => [rotate(again), rotate(again, { key: root3, next: root4 })],
      [first, 0, 4], [root2, 3, 5], [root3, 4, null]),
    rotated('the new root key adds keys', again => [rotate(again), adds(again, [sign2], root2)], [first, 0, 4],
      [root2, 3, null], [sign2, 5, null]),
    rotated('a sign key is added before', again => [adds(again, [sign2], first), rotate(again)], [sign2, 4, null],
      [first, 0, 5], [root2, 4, null]),
    rotated('and what the old one signed is disputed', again => [adds(again, [sign2], first),
      rotate(again, { more: { compromised_since: 3 } })], [sign2, 4, null], [first, 0, 5], [root2, 4, null]),
    refused('the old root key afterwards', again => [rotate(again), adds(again, [sign2], first)],
      'charter.unknown-key', '/header/kid'),
    refused('a root key cannot be added', again => [adds(again, [root3], first)], 'statement.breaks-law',
      '/body/keys/0/use'),
    refused('another key than the one named', again => [rotate(again, { key: root3, next: root4 })],
      'charter.unknown-key', '/header/kid'),
    refused('signed by the old root key', again => [rotate(again, { key: first, brings: root2 })],
      'charter.unknown-key', '/body/key/kid'),
    refused('for another member', again => [rotate(again, { by: cassia })], 'charter.unknown-key', '/header/kid'),
    refused('twice', again => [rotate(again), rotate(again)], 'charter.unknown-key', '/body/key/kid'),
    refused('naming itself', again => [rotate(again, { next: root2 })], 'charter.repeated-key', '/body/next_root'),
    refused('naming a key that has been', again => [rotate(again, { next: first })], 'charter.repeated-key',
      '/body/next_root'),
    refused('compromised since itself', again => [rotate(again, { more: { compromised_since: 3 } })],
      'statement.breaks-law', '/body/compromised_since'),
    refused('a key without a proof', again => [rotate(again, { brings: { ...root2, record: withoutProof(root2) } })],
      'charter.unknown-key', '/header/kid'),
    wrong('by a member that has named none', [rotate(more => more)], 'charter.unknown-key', '/header/kid'),
  ]
}

function withoutProof({ record }: Holder): Holder['record'] {
  const { proof: _proof, ...bare } = record
  return bare
}

/** The mandate stands from index 4 on; what is judged by it comes last. */
function mandateCases(): VectorCase[] {
  const key = borealia.sign
  const grant = (powers: object, { record: { kid } } = key, by: By = {}) =>
    said('mandate.grant', { kid, ...powers }, by)
  const end = ({ record: { kid } } = key, by: By = {}) => said('mandate.revoke', { kid }, by)
  const [first] = attribution.claims
  const [position] = (kindOf('callout.join').template as { positions: object[] }).positions
  const stating = (...stances: string[]) => said('attribution.statement', { ...attribution,
    claims: stances.map((stance, i) => ({ ...first, id: `c${i}`, stance })) }, { key })
  const text = sidOf(genesis)
  const joining = (...stances: string[]) => said('callout.join', { ...kindOf('callout.join').template as object, text,
    positions: stances.map((stance, i) => ({ ...position, claim: `c${i}`, stance })) },
  { key, change: { chain: { id: 'green', prev: null, seq: 0 }, handling: { tlp: 'green' }, refs: [text] } })
  const within = (name: string, ...jwss: string[]) => holds(name, jwss)
  const beyond = (name: string, at: string, ...jwss: string[]) => wrong(name, jwss, 'charter.beyond-mandate', at)
  const supports = grant({ strongest_stance: 'supports' })
  return [
    within('a key without a mandate', stating('attributes')),
    within('before it stands', stating('attributes'), supports),
    within('as far as it goes', supports, stating('supports')),
    within('less far', supports, stating('condemns', 'recognises')),
    within('off the scale', supports, stating('dissents', 'no-position')),
    beyond('further', '/body/claims/0/stance', supports, stating('attributes')),
    beyond('further in one claim', '/body/claims/1/stance', supports, stating('supports', 'shares-assessment')),
    within('as far as it goes, in positions', supports, joining('supports', 'condemns')),
    beyond('further in one position', '/body/positions/1/stance', supports, joining('supports', 'attributes')),
    within('a kind that it names', grant({ kinds: ['attribution.statement'] }), stating('attributes')),
    beyond('a kind that it does not name', '/kind', grant({ kinds: ['callout.join'] }), stating('supports')),
    beyond('of no kind at all', '/kind', grant({ kinds: [] }), stating('supports')),
    beyond('the kind before the stance', '/kind', grant({ kinds: [], strongest_stance: 'supports' }),
      stating('attributes')),
    within('before its end', grant({ until: 5 }), stating('attributes')),
    beyond('at its end', '/header/kid', grant({ until: 4 }), stating('supports')),
    beyond('for prekeys, which are a kind as well', '/kind', grant({ kinds: ['attribution.statement'] }),
      said('key.prekey', { keys: [cassia.enc.record], until: '2030-04-01T00:00:00Z' }, { key })),
    within('once it is revoked', grant({ kinds: [] }), end(), stating('attributes')),
    within('another in its place', grant({ kinds: [] }), supports, stating('supports')),
    beyond('and not the first any more', '/body/claims/0/stance', grant({}), supports, stating('attributes')),
    wrong('of a key that is not there', [grant({ kinds: [] }, sign2)], 'charter.unknown-key', '/body/kid'),
    wrong('of a root key', [grant({}, borealia.root)], 'charter.wrong-use', '/body/kid'),
    wrong('of the key of another member', [grant({}, cassia.sign)], 'charter.unknown-key', '/body/kid'),
    wrong('by the sign key itself', [grant({}, key, { key })], 'charter.wrong-use', '/header/kid'),
    wrong('ended before it stands', [grant({ until: 3 })], 'statement.breaks-law', '/body/until'),
    wrong('revoked where none stands', [end()], 'statement.breaks-law', '/body/kid'),
    wrong('revoked twice', [grant({}), end(), end()], 'statement.breaks-law', '/body/kid'),
    wrong('revoked by another member', [grant({}), end(key, { by: cassia })], 'statement.breaks-law', '/body/kid'),
  ]
}
