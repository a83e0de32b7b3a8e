import { toBase64url as b64, utf8 } from '@chancery/protocol'
import { ardenia, bad, borealia, good, jwsOf, sidOf, statement } from './coalition.ts'
import type { VectorCase } from './vector-file.ts'

const typ = 'chancery-statement+sd-jwt'
const { kid } = ardenia.sign.record
const header = { alg: 'EdDSA', kid, typ }
const payload = { a: 1 }

/** A JWS whose header is any text or value. The signature is a real one, so that only the header can be at fault. */
const under = (head: unknown): string => jwsOf({ key: ardenia.sign, payload, header: head })
const over = (body: unknown): string => jwsOf({ key: ardenia.sign, payload: body })
const parts = (change: (parts: string[]) => string[]): string => change(over(payload).split('.')).join('.')

/** Header and type confusion, padding and laxity: what a lenient JOSE library lets through. */
export function envelopeCases(): VectorCase[] {
  const wrong = (name: string, jws: string, code: string, at?: string) => bad(name, { jws, typ }, code, at)
  const head = (name: string, change: object, at: string) => wrong(name, under({ ...header, ...change }),
    'statement.bad-header', at)
  const asText = (name: string, text: string, code: string) => wrong(name, under(text), code, '/header')
  const auth = jwsOf({ key: ardenia.auth, payload, typ: 'chancery-auth+jwt' })
  const own = statement(ardenia)
  return [
    good('a statement', { jws: own, typ }, { alg: 'EdDSA', kid, sid: sidOf(own) }),
    good('a request proof', { jws: auth, typ: 'chancery-auth+jwt' }, { alg: 'EdDSA', kid: ardenia.auth.record.kid,
      sid: sidOf(auth) }),
    good('the sid does not cover the signature', { jws: own.replace(/\.[^.]+$/, `.${b64(new Uint8Array(64))}`), typ },
      { alg: 'EdDSA', kid, sid: sidOf(own) }),
    wrong('a request proof as a statement', auth, 'statement.wrong-type', '/header/typ'),
    bad('a statement as a request proof', { jws: own, typ: 'chancery-auth+jwt' }, 'statement.wrong-type',
      '/header/typ'),
    ...['JWT', 'chancery-receipt+jwt', 'chancery-seal+jwe', 'CHANCERY-STATEMENT+SD-JWT', `application/${typ}`,
      ` ${typ}`, ''].map(other =>
      wrong(`the type "${other}"`, under({ ...header, typ: other }), 'statement.wrong-type', '/header/typ')),
    ...['none', 'None', 'NONE', 'HS256', 'HS512', 'RS256', 'PS256', 'ES512', 'ES256K', 'Ed25519', 'ECDH-ES+A256KW',
      'eddsa', ''].map(alg =>
      head(`the algorithm "${alg}"`, { alg }, '/header/alg')),
    head('an algorithm that is a list', { alg: ['EdDSA'] }, '/header/alg'),
    head('an algorithm that is null', { alg: null }, '/header/alg'),
    head('no algorithm', { alg: undefined }, '/header/alg'),
    head('no kid', { kid: undefined }, '/header/kid'),
    head('no type', { typ: undefined }, '/header/typ'),
    head('a kid cut short', { kid: kid.slice(0, 11) }, '/header/kid'),
    head('a kid with loose bits', { kid: `${'A'.repeat(42)}B` }, '/header/kid'),
    head('a kid that is a path', { kid: '../../dev/null' }, '/header/kid'),
    head('a kid that is a number', { kid: 1 }, '/header/kid'),
    head('a type that is null', { typ: null }, '/header/typ'),
    head('its own key', { jwk: borealia.sign.record.jwk }, '/header/jwk'),
    head('an address for keys', { jku: 'https://keys.example/set' }, '/header/jku'),
    head('an address for certificates', { x5u: 'https://keys.example/chain' }, '/header/x5u'),
    head('a certificate', { x5c: ['AA=='] }, '/header/x5c'),
    head('a certificate digest', { 'x5t#S256': kid }, '/header/x5t#S256'),
    head('something critical', { crit: ['exp'], exp: 1 }, '/header/crit'),
    head('an empty list of critical things', { crit: [] }, '/header/crit'),
    head('an unencoded payload', { b64: false, crit: ['b64'] }, '/header/b64'),
    head('a content type', { cty: 'JWT' }, '/header/cty'),
    head('compression', { zip: 'DEF' }, '/header/zip'),
    head('an encryption', { enc: 'A256GCM' }, '/header/enc'),
    wrong('a member __proto__', under(`{"__proto__":{},"alg":"EdDSA","kid":"${kid}","typ":"${typ}"}`),
      'statement.bad-header', '/header/__proto__'),
    wrong('a header that is a list', under([header]), 'statement.bad-header', '/header'),
    wrong('a header that is null', under('null'), 'statement.bad-header', '/header'),
    asText('an algorithm twice', `{"alg":"none","alg":"EdDSA","kid":"${kid}","typ":"${typ}"}`, 'bytes.not-canonical'),
    asText('members out of order', `{"typ":"${typ}","alg":"EdDSA","kid":"${kid}"}`, 'bytes.not-canonical'),
    asText('white space', `{"alg":"EdDSA","kid":"${kid}","typ":"${typ}" }`, 'bytes.not-canonical'),
    asText('an escaped name', `{"\\u0061lg":"EdDSA","kid":"${kid}","typ":"${typ}"}`, 'bytes.not-canonical'),
    asText('a byte order mark', `\ufeff{"alg":"EdDSA","kid":"${kid}","typ":"${typ}"}`, 'bytes.not-json'),
    asText('not JSON', 'alg=EdDSA', 'bytes.not-json'),
    asText('33 deep', `${'['.repeat(33)}${']'.repeat(33)}`, 'bytes.too-deep'),
    ...textCases(wrong),
    ...alphabetCases(wrong),
    ...signCases(wrong),
  ]
}

type Wrong = (name: string, jws: string, code: string, at?: string) => VectorCase

/** Headers and payloads whose base64url has each sign of the alphabet in it, at each place. */
function signCases(wrong: Wrong): VectorCase[] {
  const signs = ['~~~~', ' ~~~', '???\u007f', ' ???']
  const spread = (text: string) => { const jws = over({ a: text }); return { jws, typ } }
  return [
    ...signs.map(text => good(`a payload of the text ${JSON.stringify(text)}`, spread(text),
      { alg: 'EdDSA', kid, sid: sidOf(spread(text).jws) })),
    ...signs.map(text => wrong(`the type ${JSON.stringify(text)}`, under({ ...header, typ: text }),
      'statement.wrong-type', '/header/typ')),
    good('a payload of 32 arrays', { jws: over(`${'['.repeat(32)}${']'.repeat(32)}`), typ }),
    wrong('a header 32 deep', under(`${'['.repeat(32)}${']'.repeat(32)}`), 'statement.bad-header', '/header'),
    wrong('262,144 characters', `${'A'.repeat(262_140)}.A.A`, 'bytes.not-base64url', '/payload'),
  ]
}

function textCases(wrong: Wrong): VectorCase[] {
  return [
    wrong('a header that is not UTF-8', parts(([, ...rest]) => [b64(Uint8Array.of(0x22, 0xff, 0x22)), ...rest]),
      'bytes.not-utf8', '/header'),
    wrong('a payload with a name twice', over('{"a":1,"a":2}'), 'bytes.not-canonical', '/payload'),
    wrong('a payload with names out of order', over('{"b":1,"a":2}'), 'bytes.not-canonical', '/payload'),
    wrong('a payload with minus zero', over('{"a":-0}'), 'bytes.not-canonical', '/payload'),
    wrong('a payload with a fraction', over('{"a":1.0}'), 'bytes.not-canonical', '/payload'),
    wrong('a payload with an exponent', over('{"a":1e2}'), 'bytes.not-canonical', '/payload'),
    wrong('a payload with 2^53', over('{"a":9007199254740992}'), 'bytes.not-canonical', '/payload'),
    wrong('a payload with a lone surrogate', over('{"a":"\\ud800"}'), 'bytes.not-canonical', '/payload'),
    wrong('a payload with a new line after', over('{"a":1}\n'), 'bytes.not-canonical', '/payload'),
    wrong('a payload of 33 arrays', over(`${'['.repeat(33)}${']'.repeat(33)}`), 'bytes.too-deep', '/payload'),
    wrong('a payload of text', over('text'), 'bytes.not-json', '/payload'),
    wrong('a payload that is not UTF-8',
      parts(([first = '', , last = '']) => [first, b64(Uint8Array.of(0xc0, 0x80)), last]),
      'bytes.not-utf8', '/payload'),
  ]
}

function alphabetCases(wrong: Wrong): VectorCase[] {
  const own = over(payload)
  const [first = '', second = '', third = ''] = own.split('.')
  const loose = third.replace(/.$/, last => ({ A: 'B', Q: 'R', g: 'h', w: 'x' })[last] ?? `${last}`)
  return [
    wrong('nothing', '', 'bytes.bad-alphabet', ''),
    wrong('two parts', `${first}.${second}`, 'bytes.bad-alphabet', ''),
    wrong('four parts', `${own}.${third}`, 'bytes.bad-alphabet', ''),
    wrong('an empty header', `.${second}.${third}`, 'bytes.bad-alphabet', ''),
    wrong('a detached payload', `${first}..${third}`, 'bytes.bad-alphabet', ''),
    wrong('no signature', `${first}.${second}.`, 'bytes.bad-alphabet', ''),
    wrong('padding', `${own}==`, 'bytes.bad-alphabet', ''),
    wrong('a new line after', `${own}\n`, 'bytes.bad-alphabet', ''),
    wrong('a space before', ` ${own}`, 'bytes.bad-alphabet', ''),
    wrong('the other alphabet', own.replace(/[-_]/g, '+'), 'bytes.bad-alphabet', ''),
    wrong('a full-width letter', own.replace('e', '\uff45'), 'bytes.bad-alphabet', ''),
    wrong('a disclosure', `${own}~`, 'bytes.bad-alphabet', ''),
    wrong('JSON serialisation', JSON.stringify({ payload: second, protected: first, signature: third }),
      'bytes.bad-alphabet', ''),
    wrong('loose bits in the signature', `${first}.${second}.${loose}`, 'bytes.not-base64url', '/signature'),
    wrong('a character too many in the signature', `${own}AAA`, 'bytes.not-base64url', '/signature'),
    wrong('loose bits in the payload', `${first}.${b64(utf8('ab')).replace(/.$/, 'J')}.${third}`,
      'bytes.not-base64url', '/payload'),
    wrong('loose bits in the header', `AB.${second}.${third}`, 'bytes.not-base64url', '/header'),
    wrong('262,145 characters', `${'A'.repeat(262_141)}.A.A`, 'bytes.too-large', ''),
  ]
}
