import { type Charter, type Jwe, concat, toBase64url as b64, toHex, utf8, xwingJwk } from '@chancery/protocol'
import { type Cast, type Holder, ardenia, bad, borealia, cassia, charter, envoy, good, seed } from './coalition.ts'
import { bytesOf, padTwin, sealTwin, xwingOfSmallOrder } from './seal-twin.ts'
import { littleEndian } from './signature.ts'
import type { VectorCase } from './vector-file.ts'

/** Cases of suite 2. Its key is X-Wing: ML-KEM-768 in the first 1,184 bytes, X25519 in the last 32. */
export const postKeyOf = ({ record, secret }: Holder) =>
  ({ kid: record.kid, jwk: { ...xwingJwk(secret), priv: b64(secret) } })
const recipientOf = ({ record, secret }: Holder) => ({ kid: record.kid, jwk: xwingJwk(secret) })
const curveOf = ({ enc: { record, secret } }: Cast) => ({ kid: record.kid, jwk: { ...record.jwk, d: b64(secret) } })
const flipped = (text: string, at = 0) => b64(bytesOf(text).map((byte, i) => (i === at ? byte ^ 1 : byte)))
const headerOf = (jwe: Jwe, i: number) => jwe.recipients[i]?.header as { alg: 'A256KW'; kid: string; xw: string }
const plaintext = utf8('what is sealed')

export function suite2Cases(): VectorCase[] {
  const made = (change: object = {}, to = [ardenia.xwing, borealia.xwing]) => sealTwin({
    plaintext: padTwin(plaintext, 1_024), aad: utf8('sid'), recipients: to.map(recipientOf), seed: seed('suite 2'),
      ...change,
  })
  const keys = [postKeyOf(ardenia.xwing)]
  const jwe = made()
  const [first, second] = jwe.recipients
  const [mine, other] = [headerOf(jwe, 0), headerOf(jwe, 1)]
  const holds = (name: string, container: object, held: object[] = keys, bytes: Uint8Array = plaintext) =>
    good(name, { aad: 'sid', jwe: container, keys: held }, { hex: toHex(bytes) })
  const wrong = (name: string, container: object, code = 'seal.cannot-open', at?: string) =>
    bad(name, { aad: 'sid', jwe: container, keys }, code, at)
  const recipient = (change: object) => ({ ...jwe, recipients: [{ ...first, ...change }] })
  const header = (change: object) => recipient({ header: { ...mine, ...change } })
  const shape = (name: string, change: object, at: string) =>
    wrong(name, header(change), 'seal.malformed', `/recipients/0/header/${at}`)
  const cut = (length: number) => b64(bytesOf(mine.xw).subarray(0, length))
  const misnamed = made({ recipients: [{ ...recipientOf(ardenia.xwing), kid: cassia.xwing.record.kid }] })
  return [
    holds('opened by the first recipient', jwe),
    holds('opened by the second recipient', jwe, [postKeyOf(borealia.xwing)]),
    holds('opened with the key that is named, of both suites held', jwe,
      [curveOf(ardenia), postKeyOf(envoy), postKeyOf(borealia.xwing)]),
    holds('to one recipient alone', made({}, [ardenia.xwing])),
    holds('4 KiB', made({ plaintext: padTwin(plaintext, 4_096) })),
    holds('a recipient beside a damaged one',
      { ...jwe, recipients: [first, { ...second, encrypted_key: flipped(second?.encrypted_key ?? '') }] }),
    wrong('for others', made({}, [borealia.xwing]), 'seal.not-for-you', '/recipients'),
    bad('opened with the X25519 key of the same member', { aad: 'sid', jwe, keys: [curveOf(ardenia)] },
      'seal.not-for-you', '/recipients'),
    bad('an X25519 key under the name of an X-Wing key',
      { aad: 'sid', jwe, keys: [{ ...curveOf(ardenia), kid: mine.kid }] }, 'seal.cannot-open'),
    bad('a key that is not the one named',
      { aad: 'sid', jwe, keys: [{ ...postKeyOf(cassia.xwing), kid: mine.kid }] }, 'seal.cannot-open'),
    bad('sealed for another statement', { aad: 'another sid', jwe, keys }, 'seal.wrong-statement', '/aad'),
    wrong('relabelled for this statement', { ...made({ aad: utf8('another sid') }), aad: b64(utf8('sid')) }),
    ...mixedCases(wrong),
    wrong('the kids of two recipients changed over', { ...jwe, recipients: [
      { ...first, header: { ...mine, kid: other.kid } }, { ...second, header: { ...other, kid: mine.kid } },
    ] }),
    wrong('the ciphertexts of two recipients changed over', { ...jwe, recipients: [
      { ...first, header: { ...mine, xw: other.xw } }, { ...second, header: { ...other, xw: mine.xw } },
    ] }),
    wrong('the wrapped key of another', recipient({ encrypted_key: second?.encrypted_key })),
    wrong('wrapped for this key under another kid', { ...misnamed, recipients: misnamed.recipients.map(one =>
      ({ ...one, header: { ...one.header, kid: mine.kid } })) }),
    wrong('a changed wrapped key', recipient({ encrypted_key: flipped(first?.encrypted_key ?? '') })),
    wrong('a changed ML-KEM ciphertext', header({ xw: flipped(mine.xw) })),
    wrong('a changed end of the ML-KEM ciphertext', header({ xw: flipped(mine.xw, 1_087) })),
    wrong('a changed X25519 share', header({ xw: flipped(mine.xw, 1_088) })),
    wrong('the other spelling of the X25519 share',
      header({ xw: b64(bytesOf(mine.xw).map((byte, i) => (i === 1_119 ? byte ^ 128 : byte))) })),
    wrong('an X25519 share of small order, under the secret that this makes', made({ encapsulate: xwingOfSmallOrder })),
    wrong('a ciphertext with loose bits', header({ xw: `${mine.xw.slice(0, -1)}${loose(mine.xw.slice(-1))}` })),
    wrong('a changed content ciphertext', { ...jwe, ciphertext: flipped(jwe.ciphertext) }),
    wrong('a size between buckets', made({ plaintext: padTwin(plaintext, 2_000) })),
    wrong('an epk in the protected header',
      made({ header: { epk: { crv: 'X25519', kty: 'OKP', x: b64(seed('epk')) } } })),
    wrong('another encryption in the header', made({ header: { enc: 'A128CBC-HS256' } })),
    shape('a ciphertext of 1,119 bytes', { xw: cut(1_119) }, 'xw'),
    shape('a ciphertext of 1,121 bytes', { xw: b64(concat(bytesOf(mine.xw), Uint8Array.of(0))) }, 'xw'),
    shape('an ML-KEM ciphertext alone', { xw: cut(1_088) }, 'xw'),
    shape('no ciphertext', { xw: undefined }, 'xw'),
    shape('an epk in the header', { epk: { crv: 'X25519', kty: 'OKP', x: b64(seed('epk')) } }, 'epk'),
    shape('the algorithm of the key for that of the wrapping', { alg: 'X-Wing' }, 'alg'),
    shape('direct encryption', { alg: 'dir' }, 'alg'),
    shape('the name of the draft for the ciphertext', { ek: mine.xw }, 'ek'),
  ]
}

/** Two bits of the last character stand for nothing, and are zero. */
const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
const loose = (last: string): string => alphabet[alphabet.indexOf(last) | 1] ?? ''

function mixedCases(wrong: (name: string, container: object, code: string, at: string) => VectorCase): VectorCase[] {
  const of = (...recipients: object[]) =>
    sealTwin({ plaintext: padTwin(plaintext, 1_024), aad: utf8('sid'), recipients: recipients as never,
      seed: seed('mixed') })
  const mixed = (name: string, container: object) => wrong(name, container, 'seal.mixed-suites', '/recipients')
  return [
    mixed('a recipient of suite 1 after one of suite 2', of(recipientOf(ardenia.xwing), curveOf(borealia))),
    mixed('a recipient of suite 1 before one of suite 2', of(curveOf(borealia), recipientOf(ardenia.xwing))),
    mixed('both keys of one member', of(recipientOf(ardenia.xwing), curveOf(ardenia))),
    mixed('mixed, and sealed for another statement',
      { ...of(recipientOf(ardenia.xwing), curveOf(borealia)), aad: b64(utf8('another sid')) }),
  ]
}

/** Enrolment of an X-Wing key: spec/03-charter.md#possession. */
export function xwingKeyCases(): VectorCase[] {
  const { record, secret } = ardenia.xwing
  const { pub } = xwingJwk(secret)
  const bytes = bytesOf(pub)
  const given = (change: object) => ({ member: 'ardenia', key: { ...record, ...change } })
  const wrong = (name: string, change: object, at: string) =>
    bad(`X-Wing: ${name}`, given(change), 'charter.bad-key', at)
  const key = (name: string, made: Uint8Array | string) =>
    wrong(name, { jwk: { alg: 'X-Wing', kty: 'AKP', pub: typeof made === 'string' ? made : b64(made) } }, '/jwk')
  const shape = (name: string, change: object, at: string) =>
    bad(`X-Wing: ${name}`, given(change), 'statement.bad-schema', at)
  const jwk = (change: object) => ({ jwk: { alg: 'X-Wing', kty: 'AKP', pub, ...change } })
  const withShare = (share: Uint8Array) => concat(bytes.subarray(0, 1_184), share)
  // Two coefficients in three bytes: the first is of 12 bits from the low end.
  const coefficients = (place: number, first: number, second: number) => {
    const put = [first & 255, (first >> 8) | ((second & 15) << 4), second >> 4]
    return bytes.map((byte, i) => put[i - place] ?? byte)
  }
  return [
    good('X-Wing: an enc key', given({}), { kid: record.kid }),
    good('X-Wing: the key of a person', { member: 'ardenia', key: envoy.record }, { kid: envoy.record.kid }),
    key('1,215 bytes', bytes.subarray(1)),
    key('1,184 bytes, ML-KEM alone', bytes.subarray(0, 1_184)),
    shape('1,217 bytes', jwk({ pub: b64(concat(bytes, Uint8Array.of(0))) }), '/jwk/pub'),
    key('loose bits', `${pub.slice(0, -1)}${loose(pub.slice(-1))}`),
    key('the first coefficient is q', coefficients(0, 3_329, 1)),
    key('the second coefficient is q', coefficients(0, 1, 3_329)),
    key('the last coefficient is 4,095', coefficients(1_149, 3_328, 4_095)),
    key('all bits', new Uint8Array(1_216).fill(255)),
    key('an X25519 part of small order', withShare(littleEndian(0n))),
    key('another X25519 part of small order', withShare(littleEndian(1n))),
    key('an X25519 part that is not canonical', withShare(littleEndian(2n ** 255n - 10n))),
    wrong('used to sign', { use: 'sign' }, '/use'),
    wrong('for suite 1', { alg: 'ECDH-ES+A256KW' }, '/alg'),
    bad('X-Wing: an X25519 key for suite 2', { member: 'ardenia', key: { ...ardenia.enc.record, alg: 'X-Wing' } },
      'charter.bad-key', '/alg'),
    wrong('the kid of another key', { kid: borealia.xwing.record.kid }, '/kid'),
    bad('X-Wing: with a proof', given({ proof: ardenia.sign.record.proof }), 'charter.no-possession', '/proof'),
    shape('another algorithm in the key', jwk({ alg: 'ML-KEM-768' }), '/jwk/alg'),
    shape('no algorithm in the key', jwk({ alg: undefined }), '/jwk/alg'),
    shape('no public key', jwk({ pub: undefined }), '/jwk/pub'),
    shape('a private key', jwk({ priv: b64(secret) }), '/jwk/priv'),
    shape('a curve', jwk({ crv: 'X25519' }), '/jwk/crv'),
  ]
}

/** Who is cleared for a tier has a key of its suite: spec/03-charter.md#charter. */
export function sealLawCases(): VectorCase[] {
  const law = (name: string, change: object, at: string) =>
    bad(name, { charter: { ...charter, ...change } }, 'statement.breaks-law', at)
  const cleared = (change: Partial<Charter['clearances']>) => ({ clearances: { ...charter.clearances, ...change } })
  const keysOf = (i: number, change: (keys: Charter['members'][0]['keys']) => object[]) =>
    ({ members: charter.members.map((member, m) => (m === i ? { ...member, keys: change(member.keys) } : member)) })
  const [own, personal] = [ardenia.xwing.record.kid, envoy.record.kid]
  return [
    good('a member without an X-Wing key is cleared for green alone', { charter }),
    good('all have X-Wing keys', { charter: { ...charter, ...keysOf(2, keys => [...keys, cassia.xwing.record]) } }),
    law('cleared for amber without an X-Wing key', cleared({ amber: ['ardenia', 'borealia', 'cassia'] }),
      '/clearances/amber'),
    law('cleared for amber with the X-Wing key of a person alone',
      keysOf(0, keys => keys.filter(({ kid }) => kid !== own)), '/clearances/amber'),
    law('cleared for red without a person', keysOf(0, keys => keys.filter(({ kid }) => kid !== personal)),
      '/clearances/red'),
    law('an X-Wing key and none of suite 1',
      keysOf(1, keys => keys.filter(({ kid }) => kid !== borealia.enc.record.kid)), '/members/1/keys'),
  ]
}
