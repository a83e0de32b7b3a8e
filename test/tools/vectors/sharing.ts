import {
  type Disclosure, type Json, type Jwe, canonicalBytes, concat, disclose, disclosureDigest,
  kinds, portableSha256 as sha256, sealKeyOf, tagKeyRecipients, toBase64url as b64, toHex, utf8,
} from '@chancery/protocol'
import {
  type Cast, ardenia, attribution, bad, borealia, cassia, charter, envoy, good, seed, sidOf, statement,
} from './coalition.ts'
import { bytesOf, padTwin, sealTwin } from './seal-twin.ts'
import { sealBoundCases, sealShapeCases } from './seal-shapes.ts'
import { postKeyOf, suite2Cases } from './suites.ts'
import type { VectorCase, VectorFile } from './vector-file.ts'

/** All of spec/vectors/sharing. Containers are made by a twin with no JOSE library, so they are the same each time. */
export const sharingVectors = (): Record<string, VectorFile> => ({
  'sharing/tier-copies.json': { spec: 'spec/04-statements.md#tear-lines', check: 'tierCopy', cases: copyCases() },
  'sharing/tear-lines.json': { spec: 'spec/04-statements.md#tear-lines', check: 'tearLines', cases: tearCases() },
  'sharing/opened.json': { spec: 'spec/04-statements.md#tear-lines', check: 'statement', cases: openedCases() },
  'sharing/seals.json': { spec: 'spec/04-statements.md#sealing', check: 'seal', cases: [...sealCases(),
    ...sealShapeCases()] },
  'sharing/seal-bounds.json': { spec: 'spec/04-statements.md#sealing', check: 'seal', cases: sealBoundCases() },
  'sharing/suite-2.json': { spec: 'spec/04-statements.md#suites', check: 'seal', cases: suite2Cases() },
  'sharing/sealed-tiers.json': { spec: 'spec/04-statements.md#sealing', check: 'sealedTier', cases: tierCases() },
  'sharing/sealed-statements.json': { spec: 'spec/04-statements.md#sealed-statements', check: 'sealedStatement',
    cases: sealedCases() },
  'sharing/enclosures.json': { spec: 'spec/07-relay.md#enclosures', check: 'enclosure', cases: enclosureCases() },
  'sharing/tag-key.json': { spec: 'spec/03-charter.md#tag-key', check: 'tagKey', cases: tagCases() },
  'sharing/clearances.json': { spec: 'spec/01-terms.md#tlp', check: 'clearance', cases: clearanceCases() },
})

const digest = (disclosure: Disclosure) => disclosureDigest(sha256, disclosure)
const jti = b64(seed('jti'))
const line = (slot: string, content: Json, change: { iss?: string; jti?: string; salt?: Uint8Array } =
  {}): Disclosure =>
  disclose({ iss: 'ardenia', jti, slot, salt: seed(`salt of ${slot}`), content, ...change })
const slotOf = (disclosure: Disclosure, tlp = 'amber') => ({ _sd: [digest(disclosure)], tlp })

function copyCases(): VectorCase[] {
  const holds = (copy: string, jws: string, disclosures: string[]) => good(JSON.stringify(copy), { copy },
    { disclosures, jws })
  const wrong = (name: string, copy: string, code = 'bytes.bad-alphabet', at = '') => bad(name, { copy }, code, at)
  return [
    holds('a.b.c~', 'a.b.c', []),
    holds('a.b.c~d~', 'a.b.c', ['d']),
    holds('a.b.c~d~e~', 'a.b.c', ['d', 'e']),
    holds('a.b.c~~', 'a.b.c', ['']),
    good('16 disclosures', { copy: `a.b.c~${'d~'.repeat(16)}` }),
    wrong('17 disclosures', `a.b.c~${'d~'.repeat(17)}`, 'bytes.too-large', '/disclosures'),
    wrong('10,000 tildes', `a.b.c${'~'.repeat(10_000)}`, 'bytes.too-large', '/disclosures'),
    wrong('no tilde at the end', 'a.b.c~d'),
    wrong('no tilde', 'a.b.c'),
    wrong('nothing', ''),
    wrong('a new line after', 'a.b.c~\n'),
    wrong('a key binding after the disclosures', 'a.b.c~d~e.f.g'),
  ]
}

/** A disclosure of any JSON text, and the claims that commit to it. */
const rawCase = (name: string, text: string | Uint8Array, code: string, at = '/disclosures/0'): VectorCase => {
  const disclosure = b64(typeof text === 'string' ? utf8(text) : text)
  return bad(name, { claims: { iss: 'ardenia', jti, tear: { a: slotOf(disclosure) } }, disclosures: [disclosure] },
    code, at)
}

function tearCases(): VectorCase[] {
  const [a, b, c] = [line('a', { text: 'first' }), line('b', ['second']), line('c', 3)]
  const claims = { iss: 'ardenia', jti, tear: { a: slotOf(a), b: slotOf(b, 'red'), c: slotOf(c) } }
  const holds = (name: string, disclosures: string[], value: object) => good(name, { claims, disclosures }, value)
  const wrong = (name: string, disclosures: string[], code: string, i: number) => bad(name, { claims, disclosures },
    code, `/disclosures/${i}`)
  const bound = (name: string, moved: Disclosure) =>
    bad(name, { claims: { ...claims, tear: { a: slotOf(moved) } }, disclosures: [moved] }, 'tear.moved',
      '/disclosures/0')
  const salt = b64(seed('salt'))
  const binding = `{"iss":"ardenia","jti":"${jti}","slot":"a"}`
  const shaped = (name: string, text: string, at = '') => rawCase(name, text, 'tear.bad-disclosure',
    `/disclosures/0${at}`)
  const large = line('a', 'a'.repeat(Math.floor((98_304 * 3) / 4) - 173))
  return [
    holds('none', [], {}),
    holds('one of three', [b], { b: ['second'] }),
    holds('the first and the last', [a, c], { a: { text: 'first' }, c: 3 }),
    holds('all', [a, b, c], { a: { text: 'first' }, b: ['second'], c: 3 }),
    wrong('one that no slot commits to', [line('d', 'x')], 'tear.unreferenced', 0),
    wrong('another text under the same salt', [line('a', { text: 'other' })], 'tear.unreferenced', 0),
    wrong('the same text under another salt', [line('a', { text: 'first' }, { salt: seed('other') })],
      'tear.unreferenced', 0),
    wrong('one too many at the end', [a, line('d', 'x')], 'tear.unreferenced', 1),
    wrong('nothing between tildes', [''], 'tear.unreferenced', 0),
    wrong('the same twice', [a, a], 'tear.repeated', 1),
    wrong('the same twice, apart', [a, b, a], 'tear.repeated', 2),
    wrong('out of order', [b, a], 'tear.bad-order', 1),
    wrong('the last out of order', [a, c, b], 'tear.bad-order', 2),
    wrong('padding', [`${a}=`], 'bytes.not-base64url', 0),
    wrong('loose bits', ['AB'], 'bytes.not-base64url', 0),
    wrong('a space', [` ${a}`], 'bytes.not-base64url', 0),
    bound('of another author', line('a', 'x', { iss: 'borealia' })),
    bound('of another statement', line('a', 'x', { jti: b64(seed('another jti')) })),
    bound('of another slot', line('b', 'x')),
    shaped('an object', '{}'),
    shaped('a list of two', `["${salt}",{"b":${binding},"c":1}]`),
    shaped('a list of four', `["${salt}","content",{"b":${binding},"c":1},1]`),
    shaped('another name', `["${salt}","contents",{"b":${binding},"c":1}]`, '/1'),
    shaped('a salt of 16 bytes', `["${b64(seed('salt').subarray(16))}","content",{"b":${binding},"c":1}]`, '/0'),
    shaped('no binding', `["${salt}","content",{"c":1}]`, '/2/b'),
    shaped('a binding of more', `["${salt}","content",{"b":{"iss":"ardenia","jti":"${jti}","slot":"a","x":1},"c":1}]`,
      '/2/b/x'),
    shaped('content without its wrapper', `["${salt}","content","x"]`, '/2'),
    shaped('something beside the content', `["${salt}","content",{"b":${binding},"c":1,"d":1}]`, '/2/d'),
    shaped('a text of three characters', '"abc"'),
    shaped('null', 'null'),
    shaped('a salt that is a number', `[1,"content",{"b":${binding},"c":1}]`, '/0'),
    shaped('a binding that is null', `["${salt}","content",{"b":null,"c":1}]`, '/2/b'),
    shaped('no content', `["${salt}","content",{"b":${binding}}]`, '/2/c'),
    ...['iss', 'jti', 'slot'].flatMap(name => [
      shaped(`a binding without ${name}`, bent(salt, name, undefined), `/2/b/${name}`),
      shaped(`a binding whose ${name} is no such thing`, bent(salt, name, 'X Y'), `/2/b/${name}`),
      shaped(`a binding whose ${name} is null`, bent(salt, name, null), `/2/b/${name}`),
    ]),
    deepest(salt, binding),
    rawCase('not UTF-8', Uint8Array.of(0x22, 0xff, 0x22), 'bytes.not-utf8'),
    rawCase('not JSON', 'x', 'bytes.not-json'),
    rawCase('white space', `["${salt}", "content",{"b":${binding},"c":1}]`, 'bytes.not-canonical'),
    rawCase('a name twice', `["${salt}","content",{"b":${binding},"c":1,"c":2}]`, 'bytes.not-canonical'),
    rawCase('33 deep', `["${salt}","content",{"b":${binding},"c":${'['.repeat(31)}${']'.repeat(31)}}]`,
      'bytes.too-deep'),
    ...bounds(large),
  ]
}

const bent = (salt: string, name: string, value: unknown): string =>
  JSON.stringify([salt, 'content', { b: { iss: 'ardenia', jti, slot: 'a', [name]: value }, c: 1 }])

/** 32 deep: the list, the object, and 30 lists of content. */
function deepest(salt: string, binding: string): VectorCase {
  const disclosure = b64(utf8(`["${salt}","content",{"b":${binding},"c":${'['.repeat(30)}${']'.repeat(30)}}]`))
  return good('32 deep', { claims: { iss: 'ardenia', jti, tear: { a: slotOf(disclosure) } },
    disclosures: [disclosure] })
}

function bounds(atLeast: Disclosure): VectorCase[] {
  const most = Array.from({ length: 200 }, (_, i) => line('a', 'a'.repeat(73_728 - 300 + i)))
    .findLast(text => text.length <= 98_304) ?? atLeast
  const given = (disclosure: string) => ({ claims: { iss: 'ardenia', jti, tear: { a: slotOf(disclosure) } },
    disclosures: [disclosure] })
  return [
    good(`a disclosure of ${most.length} characters`, given(most)),
    bad('a disclosure of 98,305 characters', { ...given(most), disclosures: ['A'.repeat(98_305)] }, 'bytes.too-large',
      '/disclosures/0'),
  ]
}

/** Whole statements with disclosures: what a slot holds is checked as well. */
function openedCases(): VectorCase[] {
  const text = line('a', { text: 'What only some may read.' })
  const given = (disclosures: Disclosure[], tear: object) => {
    const jws = statement(ardenia, { tear })
    return { sid: sidOf(jws), given: { charter: 'in force', copy: [jws, ...disclosures, ''].join('~'), index: 3 } }
  }
  const opened = given([text], { a: slotOf(text), b: slotOf(line('b', { text: 'x' }), 'red') })
  const content = (name: string, value: Json, at: string) => {
    const disclosure = line('a', value)
    return bad(name, given([disclosure], { a: slotOf(disclosure) }).given, 'tear.bad-disclosure', at)
  }
  const whole = (name: string, value: Json) => {
    const disclosure = line('a', value)
    const made = given([disclosure], { a: slotOf(disclosure) })
    return good(name, made.given, { lines: ['a'], sid: made.sid })
  }
  const piece: Json = { ...attribution.evidence[0] }
  const other = statement(ardenia, { jti: b64(seed('another jti')), tear: { a: slotOf(text) } })
  const borrowed = statement(borealia, { tear: { a: slotOf(text) } })
  const moved = (name: string, jws: string) =>
    bad(name, { charter: 'in force', copy: `${jws}~${text}~`, index: 3 }, 'tear.moved', '/disclosures/0')
  return [
    good('one of two slots is open', opened.given, { lines: ['a'], sid: opened.sid }),
    bad('a disclosure of no slot', given([text], {}).given, 'tear.unreferenced', '/disclosures/0'),
    moved('a digest copied into another statement of the author', other),
    moved('a digest copied by another member, to claim foreknowledge', borrowed),
    content('content that is a text', 'x', '/tear/a'),
    content('content without its text', { evidence: [] }, '/tear/a/text'),
    content('content of more', { text: 'x', tlp: 'clear' }, '/tear/a/tlp'),
    content('content with a direction override', { text: 'a\u202eb' }, '/tear/a/text'),
    content('65 pieces of evidence', { evidence: Array.from({ length: 65 }, (_, i) => ({ ...piece, id: `e${i}` })),
      text: 'x' }, '/tear/a/evidence'),
    whole('64 pieces of evidence', { evidence: Array.from({ length: 64 }, (_, i) => ({ ...piece, id: `e${i}` })),
      text: 'x' }),
    whole('evidence of the same id as the body\'s', { evidence: [piece], text: 'x' }),
    whole('no evidence in the list', { evidence: [], text: 'x' }),
    content('a text of nothing', { text: '' }, '/tear/a/text'),
    content('content of another shape inside', { evidence: [{}], text: 'x' }, '/tear/a/evidence/0/class'),
  ]
}

const keyOf = ({ enc }: Pick<Cast, 'enc'>) => ({ kid: enc.record.kid, jwk: { ...enc.record.jwk, d: b64(enc.secret) } })
const recipientOf = ({ enc }: Pick<Cast, 'enc'>) => sealKeyOf(enc.record)
const flipped = (text: string) => b64(bytesOf(text).map((byte, i) => (i === 0 ? byte ^ 1 : byte)))

function sealCases(): VectorCase[] {
  const plaintext = utf8('what is sealed')
  const made = (change: object = {}) => sealTwin({
    plaintext: padTwin(plaintext, 1_024), aad: utf8('sid'), recipients: [ardenia, borealia].map(recipientOf),
      seed: seed('seal'), ...change,
  })
  const keys = [keyOf(ardenia)]
  const jwe = made()
  const [first, second] = jwe.recipients
  const holds = (name: string, container: object, held = keys, bytes: Uint8Array = plaintext) =>
    good(name, { aad: 'sid', jwe: container, keys: held }, { hex: toHex(bytes) })
  const wrong = (name: string, container: object, code: string, at?: string) =>
    bad(name, { aad: 'sid', jwe: container, keys }, code, at)
  const shape = (name: string, change: object, at: string) => wrong(name, { ...jwe, ...change }, 'seal.malformed', at)
  const closed = (name: string, change: object) => wrong(name, { ...jwe, ...change }, 'seal.cannot-open')
  const padded = (name: string, bytes: Uint8Array) => wrong(name, made({ plaintext: bytes }), 'seal.cannot-open')
  const recipient = (change: object) => ({ recipients: [{ ...first, ...change }] })
  const header = (change: object) => recipient({ header: { ...first?.header, ...change } })
  const misnamed = { ...first, header: { ...first?.header, kid: cassia.enc.record.kid } }
  return [
    holds('opened by the first recipient', jwe),
    holds('opened by the second recipient', jwe, [keyOf(borealia)]),
    holds('opened with the key that is named, of several held', jwe, [keyOf(cassia), keyOf(borealia)]),
    holds('nothing sealed', made({ plaintext: padTwin(new Uint8Array(0), 1_024) }), keys, new Uint8Array(0)),
    holds('zeros at the end of the plaintext', made({ plaintext: padTwin(Uint8Array.of(1, 0x80, 0, 0), 4_096) }), keys,
      Uint8Array.of(1, 0x80, 0, 0)),
    holds('a recipient beside a damaged one',
      { ...jwe, recipients: [first, { ...second, encrypted_key: flipped(second?.encrypted_key ?? '') }] }),
    wrong('for others', made({ recipients: [borealia, cassia].map(recipientOf) }), 'seal.not-for-you', '/recipients'),
    bad('opened with no key', { aad: 'sid', jwe, keys: [] }, 'seal.not-for-you', '/recipients'),
    bad('sealed for another statement', { aad: 'another sid', jwe, keys }, 'seal.wrong-statement', '/aad'),
    closed('relabelled for this statement', { ...made({ aad: utf8('another sid') }), aad: b64(utf8('sid')) }),
    bad('a key that is not the one named',
      { aad: 'sid', jwe, keys: [{ ...keyOf(cassia), kid: ardenia.enc.record.kid }] }, 'seal.cannot-open'),
    closed('a changed ciphertext', { ciphertext: flipped(jwe.ciphertext) }),
    closed('a changed tag', { tag: flipped(jwe.tag) }),
    closed('a tag cut short', { tag: b64(bytesOf(jwe.tag).subarray(0, 12)) }),
    closed('a changed iv', { iv: flipped(jwe.iv) }),
    closed('an iv of 16 bytes', { iv: b64(new Uint8Array(16)) }),
    closed('a changed wrapped key', recipient({ encrypted_key: flipped(first?.encrypted_key ?? '') })),
    closed('the wrapped key of another', recipient({ encrypted_key: second?.encrypted_key })),
    closed('an epk of small order', header({ epk: { crv: 'X25519', kty: 'OKP', x: 'A'.repeat(43) } })),
    closed('a compressed plaintext', made({ header: { zip: 'DEF' } })),
    closed('another encryption in the header', made({ header: { enc: 'A128CBC-HS256' } })),
    closed('another type', made({ header: { typ: 'JWE' } })),
    closed('no type', made({ header: { typ: undefined } })),
    closed('something critical', made({ header: { crit: ['exp'], exp: 1 } })),
    closed('a member more in the protected header', made({ header: { cty: 'json' } })),
    padded('no padding', utf8('a'.repeat(1_024))),
    padded('zeros only', new Uint8Array(1_024)),
    padded('a size between buckets', padTwin(plaintext, 2_000)),
    wrong('nothing at all', made({ plaintext: new Uint8Array(0) }), 'seal.malformed', '/ciphertext'),
    ...formCases(jwe, shape),
    wrong('not a container', { ciphertext: 'AA' }, 'seal.malformed', '/aad'),
    closed('a recipient under another\'s name',
      { recipients: [{ ...first, encrypted_key: second?.encrypted_key }, misnamed] }),
  ]
}

function formCases(jwe: Jwe, shape: (name: string, change: object, at: string) => VectorCase): VectorCase[] {
  const [first] = jwe.recipients
  const recipient = (change: object) => ({ recipients: [{ ...first, ...change }] })
  const header = (change: object) => recipient({ header: { ...first?.header, ...change } })
  return [
    shape('no aad', { aad: undefined }, '/aad'),
    shape('no recipients', { recipients: [] }, '/recipients'),
    shape('257 recipients', { recipients: Array.from({ length: 257 }, () => first) }, '/recipients'),
    shape('a member more', { unprotected: {} }, '/unprotected'),
    shape('a padded iv', { iv: `${jwe.iv}==` }, '/iv'),
    shape('a recipient with a member more', recipient({ x: 1 }), '/recipients/0/x'),
    shape('a recipient of another algorithm', header({ alg: 'ECDH-ES' }), '/recipients/0/header/alg'),
    shape('a password for a key', header({ alg: 'PBES2-HS512+A256KW', p2c: 1_000_000, p2s: 'AA' }),
      '/recipients/0/header/alg'),
    shape('party information', header({ apu: 'AA' }), '/recipients/0/header/apu'),
    shape('an epk of another curve', header({ epk: { crv: 'P-256', kty: 'EC', x: 'AA', y: 'AA' } }),
      '/recipients/0/header/epk/crv'),
    shape('an epk with a private key', header({ epk: { crv: 'X25519', kty: 'OKP', d: 'AA', x: 'A'.repeat(43) } }),
      '/recipients/0/header/epk/d'),
  ]
}

function tierCases(): VectorCase[] {
  const sid = b64(seed('sealed'))
  const lines = [line('a', { text: 'x' }), line('b', { text: 'y' })]
  const sealed = (plaintext: Uint8Array, aad = seed('sealed')) => sealTwin({
    plaintext: padTwin(plaintext, 1_024), aad, recipients: [recipientOf(ardenia)], seed: seed('tier'),
  })
  const given = (jwe: object) => ({ jwe, keys: [keyOf(ardenia)], sid })
  const text = (name: string, plain: string, code: string, at = '/plaintext') => bad(name, given(sealed(utf8(plain))),
    code, at)
  const value = (name: string, plain: Json, code: string, at: string) =>
    bad(name, given(sealed(canonicalBytes(plain))), code, at)
  const many = (count: number) => Array.from({ length: count }, () => 'AA')
  return [
    good('two tear lines', given(sealed(canonicalBytes({ disclosures: lines, sid }))), { disclosures: lines }),
    good('two tear lines, by suite 2', {
      jwe: sealTwin({ plaintext: padTwin(canonicalBytes({ disclosures: lines, sid }), 1_024), aad: seed('sealed'),
        recipients: [sealKeyOf(ardenia.xwing.record)], seed: seed('tier of suite 2') }),
      keys: [postKeyOf(ardenia.xwing)], sid,
    }, { disclosures: lines }),
    good('16 tear lines', given(sealed(canonicalBytes({ disclosures: many(16), sid })))),
    value('17 tear lines', { disclosures: many(17), sid }, 'seal.malformed', '/plaintext/disclosures'),
    value('no tear line', { disclosures: [], sid }, 'seal.malformed', '/plaintext/disclosures'),
    value('a member more', { disclosures: lines, sid, x: 1 }, 'seal.malformed', '/plaintext/x'),
    value('one tear line that is a number', { disclosures: [1], sid } as never, 'seal.malformed',
      '/plaintext/disclosures/0'),
    value('no disclosures', { sid }, 'seal.malformed', '/plaintext/disclosures'),
    value('a sid that is none', { disclosures: lines, sid: 'x' }, 'seal.malformed', '/plaintext/sid'),
    value('a list', [], 'seal.malformed', '/plaintext'),
    good('one tear line', given(sealed(canonicalBytes({ disclosures: lines.slice(0, 1), sid }))),
      { disclosures: lines.slice(0, 1) }),
    text('33 deep', `${'['.repeat(33)}${']'.repeat(33)}`, 'bytes.too-deep'),
    value('no sid', { disclosures: lines }, 'seal.malformed', '/plaintext/sid'),
    value('another sid inside', { disclosures: lines, sid: b64(seed('another')) }, 'seal.wrong-statement',
      '/plaintext/sid'),
    bad('another sid outside', given(sealed(canonicalBytes({ disclosures: lines, sid }), seed('another'))),
      'seal.wrong-statement', '/aad'),
    text('white space', '{ }', 'bytes.not-canonical'),
    text('not JSON', 'text', 'bytes.not-json'),
    bad('not UTF-8', given(sealed(Uint8Array.of(255))), 'bytes.not-utf8', '/plaintext'),
  ]
}

/** Containers of a sealed entry: the statement, further tear lines, or nothing. */
function sealedCases(): VectorCase[] {
  const commitment = b64(seed('commitment'))
  const [jws, sid] = ['a.b.c', b64(seed('sealed'))]
  const lines = [line('a', { text: 'x' }), line('b', { text: 'y' })]
  const sealed = (plaintext: Uint8Array, aad = seed('commitment'), bucket = 1_024) => sealTwin({
    plaintext: padTwin(plaintext, bucket), aad, recipients: [recipientOf(ardenia)], seed: seed('sealed entry'),
  })
  const given = (jwe: object) => ({ commitment, jwe, keys: [keyOf(ardenia)] })
  const of = (plain: object, bucket?: number) =>
    given(sealed(canonicalBytes(plain as Json), seed('commitment'), bucket))
  const holds = (name: string, plain: object, is: string, bucket?: number) =>
    good(name, of(plain, bucket), { is, ...(is !== 'cover' && plain) })
  const wrong = (name: string, plain: object, at: string, bucket?: number) =>
    bad(name, of(plain, bucket), 'seal.malformed', `/plaintext${at}`)
  const copy = { disclosures: [], jws }
  const copies = (count: number) => Array.from({ length: count }, () => copy)
  const whole = { disclosures: lines, enclosed: [{ disclosures: lines, jws: 'd.e.f' }], jws }
  return [
    holds('a statement', { disclosures: [], jws }, 'statement'),
    holds('a statement with its tear lines and a copy', whole, 'statement'),
    holds('tear lines for a further audience', { disclosures: lines, sid }, 'lines'),
    holds('cover', { cover: '' }, 'cover'),
    holds('cover that fills a bucket', { cover: '0'.repeat(900) }, 'cover'),
    holds('208 copies', { disclosures: [], enclosed: copies(208), jws }, 'statement', 16_384),
    wrong('209 copies', { disclosures: [], enclosed: copies(209), jws }, '/enclosed', 16_384),
    wrong('no copies, said so', { disclosures: [], enclosed: [], jws }, '/enclosed'),
    wrong('a copy without its JWS', { disclosures: [], enclosed: [{ disclosures: [] }], jws }, '/enclosed/0/jws'),
    wrong('a copy with a member more', { disclosures: [], enclosed: [{ ...copy, x: 1 }], jws }, '/enclosed/0/x'),
    holds('16 tear lines', { disclosures: Array.from({ length: 16 }, () => 'AA'), jws }, 'statement'),
    wrong('17 tear lines', { disclosures: Array.from({ length: 17 }, () => 'AA'), jws }, '/disclosures'),
    wrong('a tear line that is a number', { disclosures: [1], jws }, '/disclosures/0'),
    wrong('no disclosures', { jws }, '/disclosures'),
    wrong('a JWS that is a number', { disclosures: [], jws: 1 }, '/jws'),
    wrong('a statement and a sid', { disclosures: [], jws, sid }, '/sid'),
    wrong('a statement and cover', { cover: '', disclosures: [], jws }, '/disclosures'),
    wrong('cover that is a number', { cover: 1 }, '/cover'),
    wrong('neither of the three', {}, '/disclosures'),
    wrong('a list', [], ''),
    wrong('tear lines without a sid', { disclosures: lines }, '/sid'),
    bad('made for another entry', given(sealed(canonicalBytes({ disclosures: [], jws }), seed('another'))),
      'seal.wrong-statement', '/aad'),
    bad('not canonical', given(sealed(utf8('{ }'))), 'bytes.not-canonical', '/plaintext'),
    bad('not for the key held', { ...of({ disclosures: [], jws }), keys: [keyOf(borealia)] }, 'seal.not-for-you',
      '/recipients'),
  ]
}

/** Which statement may carry a copy of which: `may` is the answer, and there is one to every question. */
function enclosureCases(): VectorCase[] {
  const [text, proposal, join] = [b64(seed('text')), b64(seed('proposal')), b64(seed('join'))]
  const release = { body: { joins: [join], text }, kind: 'callout.release' }
  const held = { [text]: { proposal } }
  const asks = (name: string, enclosed: object, may: boolean, change: object = {}) =>
    good(name, { enclosed: { lines: 0, ...enclosed }, enclosing: release, held, ...change }, { may })
  const refusedBy = (kind: string) =>
    asks(`its join, by a ${kind}`, { kind: 'callout.join', sid: join }, false, { enclosing: { ...release, kind } })
  return [
    asks('a release, its text', { kind: 'callout.text', sid: text }, true),
    asks('a release, a join that it lists', { kind: 'callout.join', sid: join }, true),
    asks('a release, the proposal of its text', { kind: 'callout.propose', sid: proposal }, true),
    asks('a release, the proposal of its text, which is not held', { kind: 'callout.propose', sid: proposal }, false,
      { held: {} }),
    asks('a release, a join that it does not list', { kind: 'callout.join', sid: b64(seed('unmet')) }, false),
    asks('a release, an attribution', { kind: 'attribution.statement', sid: b64(seed('told')) }, false),
    asks('a release, its text with a tear line', { kind: 'callout.text', lines: 1, sid: text }, false),
    ...Object.keys(kinds).filter(kind => kind !== 'callout.release').map(refusedBy),
  ]
}

function tagCases(): VectorCase[] {
  const { tag } = charter
  const hex = toHex(seed('tag key'))
  const resealed = (plaintext: Uint8Array, commit = tag.commit) => ({
    commit,
    seal: sealTwin({ plaintext: padTwin(plaintext, 1_024), aad: utf8(commit), recipients: [recipientOf(ardenia)],
      seed: seed('tag') }),
  })
  const wrong = (name: string, plaintext: Uint8Array, commit?: string) =>
    bad(name, { keys: [keyOf(ardenia)], tag: resealed(plaintext, commit) }, 'seal.malformed', '/tag')
  const short = seed('tag key').subarray(1)
  const post = { commit: tag.commit, seal: sealTwin({
    plaintext: padTwin(seed('tag key'), 1_024), aad: utf8(tag.commit), seed: seed('tag of suite 2'),
    recipients: tagKeyRecipients([ardenia, borealia].map(({ member }) => member)),
  }) }
  return [
    ...[ardenia, borealia, cassia].map(member => good(`opened by ${member.member.id}`, { keys: [keyOf(member)], tag },
      { hex })),
    ...[ardenia, borealia].map(({ member: { id }, xwing }) =>
      good(`in a coalition with X-Wing keys alone, opened by ${id}`, { keys: [postKeyOf(xwing)], tag: post },
        { hex })),
    bad('opened by a stranger', { keys: [], tag }, 'seal.not-for-you', '/recipients'),
    bad('sealed under another commitment', { keys: [keyOf(ardenia)], tag: { ...tag, commit: b64(seed('other')) } },
      'seal.wrong-statement', '/aad'),
    wrong('another key than the one committed to', seed('another tag key')),
    wrong('31 bytes', short, b64(sha256(concat(utf8('chancery/v1/tag-key\0'), short)))),
  ]
}

function clearanceCases(): VectorCase[] {
  const kids = (...members: Cast[]) => members.map(({ enc }) => enc.record.kid)
  const of = (tlp: string, cleared: string[], recipients: string[]) => good(tlp, { charter: 'in force', tlp },
    { cleared, recipients })
  const [all, two] = [['ardenia', 'borealia', 'cassia'], ['ardenia', 'borealia']]
  return [
    of('clear', all, []),
    of('green', all, kids(ardenia, borealia, cassia)),
    of('amber', two, [ardenia, borealia].map(({ xwing }) => xwing.record.kid)),
    of('amber+strict', two, [ardenia, borealia].map(({ xwing }) => xwing.record.kid)),
    of('red', ['ardenia'], [envoy.record.kid]),
  ]
}
