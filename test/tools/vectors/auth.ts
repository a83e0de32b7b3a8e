import { portableSha256 as sha256, toBase64url as b64, utf8 } from '@chancery/protocol'
import {
  type Cast, type Holder, ardenia, bad, borealia, cassia, good, holder, jwsOf, seed, statement,
} from './coalition.ts'
import type { VectorCase, VectorFile } from './vector-file.ts'

/** All of spec/vectors/auth: request proofs, as far as they are decided without what a relay remembers. */
export const authVectors = async (): Promise<Record<string, VectorFile>> => ({
  'auth/requests.json': { spec: 'spec/07-relay.md#authentication', check: 'authRequest', cases: await requestCases() },
})

const hash = (body: string) => b64(sha256(utf8(body)))
const jti = b64(seed('request'))
const now = 1_900_000_000
const asked = { aud: 'ledger.example/three', body: '{"submissions":[]}', htm: 'POST', htu: '/statements' }
const claims = { aud: asked.aud, bh: hash(asked.body), htm: 'POST', htu: '/statements', iat: now, jti }

const proofOf = (change: object = {}, key: Holder = ardenia.auth): string =>
  jwsOf({ key, payload: { ...claims, ...change }, typ: 'chancery-auth+jwt' })
const given = (proof: string, request: object = {}) =>
  ({ charter: 'in force', index: 3, now, proof, request: { ...asked, ...request } })

async function requestCases(): Promise<VectorCase[]> {
  const holds = (name: string, proof: string, request: object = {}, by: Cast = ardenia) =>
    good(name, given(proof, request), { jti, kid: by.auth.record.kid, member: by.member.id })
  const wrong = (name: string, proof: string, code: string, at: string, request: object = {}) =>
    bad(name, given(proof, request), code, at)
  const shape = (name: string, change: object, at: string) => wrong(name, proofOf(change), 'statement.bad-schema', at)
  const stranger = await holder('delos', 'auth', 'EdDSA')
  const get = { body: '', htm: 'GET', htu: '/tile/0/000.p/5?x=1' }
  const proof = proofOf()
  const altered = `${proof.slice(0, proof.lastIndexOf('.'))}.${b64(ardenia.auth.sign(utf8('another')))}`
  return [
    holds('a request', proof),
    holds('a request by another member', proofOf({}, borealia.auth), {}, borealia),
    holds('a GET with a query and no body', proofOf({ bh: hash(''), htm: 'GET', htu: get.htu }), get),
    holds('60 seconds old', proofOf({ iat: now - 60 })),
    holds('60 seconds ahead', proofOf({ iat: now + 60 })),
    wrong('61 seconds old', proofOf({ iat: now - 61 }), 'auth.stale', '/iat'),
    wrong('61 seconds ahead', proofOf({ iat: now + 61 }), 'auth.stale', '/iat'),
    wrong('at the beginning of time', proofOf({ iat: 0 }), 'auth.stale', '/iat'),
    wrong('for another relay', proof, 'auth.wrong-request', '/aud', { aud: 'ledger.example/four' }),
    wrong('for a relay whose name begins with ours', proofOf({ aud: `${asked.aud}/x` }), 'auth.wrong-request', '/aud'),
    wrong('for another method', proof, 'auth.wrong-request', '/htu', { htm: 'GET' }),
    wrong('for another path', proof, 'auth.wrong-request', '/htu', { htu: '/statements/x' }),
    wrong('for another query', proof, 'auth.wrong-request', '/htu', { htu: '/statements?x' }),
    wrong('for a path in capitals', proof, 'auth.wrong-request', '/htu', { htu: '/Statements' }),
    wrong('for another body', proof, 'auth.wrong-request', '/bh', { body: '{"submissions":[1]}' }),
    wrong('for no body', proof, 'auth.wrong-request', '/bh', { body: '' }),
    wrong('its age is judged before the body', proofOf({ iat: 0 }), 'auth.stale', '/iat', { body: '' }),
    wrong('the target is judged before its age', proofOf({ htu: '/', iat: 0 }), 'auth.wrong-request', '/htu'),
    wrong('by the key of a stranger', proofOf({}, stranger), 'charter.unknown-key', '/header/kid'),
    wrong('by a sign key', proofOf({}, ardenia.sign), 'charter.wrong-use', '/header/kid'),
    wrong('by a root key', proofOf({}, ardenia.root), 'charter.wrong-use', '/header/kid'),
    wrong('by a sign key of another curve', proofOf({}, cassia.sign), 'charter.wrong-use', '/header/kid'),
    wrong('another algorithm', jwsOf({ key: ardenia.auth, payload: claims,
      header: { alg: 'ES256', kid: ardenia.auth.record.kid, typ: 'chancery-auth+jwt' } }), 'charter.wrong-alg',
        '/header/alg'),
    wrong('another signature', altered, 'statement.bad-signature', '/signature'),
    wrong('a statement for a proof', statement(ardenia), 'statement.wrong-type', '/header/typ'),
    wrong('a proof and a tilde', `${proof}~`, 'bytes.bad-alphabet', ''),
    wrong('a proof with its scheme', `Chancery ${proof}`, 'bytes.bad-alphabet', ''),
    ...Object.keys(claims).map(name => shape(`no ${name}`, { [name]: undefined }, `/${name}`)),
    wrong('another algorithm is named before another use', jwsOf({ key: ardenia.sign, payload: claims,
      header: { alg: 'ES256', kid: ardenia.sign.record.kid, typ: 'chancery-auth+jwt' } }), 'charter.wrong-alg',
        '/header/alg'),
    good('by a founding member before the charter is in force', { ...given(proofOf({}, cassia.auth)), charter:
      'nobody else yet', index: 0 }, { jti, kid: cassia.auth.record.kid, member: 'cassia' }),
    wrong('another relay is named before another method', proofOf({ aud: 'x', htm: 'GET' }), 'auth.wrong-request',
      '/aud'),
    wrong('another path is named before another body', proofOf({ htu: '/x' }), 'auth.wrong-request', '/htu',
      { body: '' }),
    wrong('a fault of shape is named before another relay', proofOf({ aud: 'x', exp: 1 }), 'statement.bad-schema',
      '/exp'),
    shape('a relay that is a list', { aud: [asked.aud] }, '/aud'),
    shape('a body that is no digest', { bh: 'x' }, '/bh'),
    shape('a path that is a number', { htu: 1 }, '/htu'),
    shape('a path that is a list', { htu: ['/statements'] }, '/htu'),
    shape('a time below nothing', { iat: -1 }, '/iat'),
    shape('a time past the year 9999', { iat: 253_402_300_800 }, '/iat'),
    shape('a path of 2,049 characters outside the basic plane', { htu: '\u{1F4DC}'.repeat(2_049) }, '/htu'),
    wrong('a path of 2,048 characters outside the basic plane', proofOf({ htu: '\u{1F4DC}'.repeat(2_048) }),
      'auth.wrong-request', '/htu'),
    shape('another claim', { exp: now }, '/exp'),
    shape('a method in small letters', { htm: 'post' }, '/htm'),
    shape('a method that is not known', { htm: 'DELETE' }, '/htm'),
    shape('a time as text', { iat: String(now) }, '/iat'),
    shape('a jti of 16 bytes', { jti: b64(seed('request').subarray(16)) }, '/jti'),
    shape('a path of 2,049 characters', { htu: `/${'a'.repeat(2_048)}` }, '/htu'),
    holds('a path of 2,048 characters', proofOf({ htu: `/${'a'.repeat(2_047)}` }), { htu: `/${'a'.repeat(2_047)}` }),
  ]
}
