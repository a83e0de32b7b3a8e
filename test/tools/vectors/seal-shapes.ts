import { type Jwe, sealKeyOf, toBase64url as b64, toHex, utf8 } from '@chancery/protocol'
import { type Cast, ardenia, bad, borealia, cassia, good, seed } from './coalition.ts'
import { type SealTwin, epkOf, padTwin, sealTwin } from './seal-twin.ts'
import type { VectorCase } from './vector-file.ts'

const plaintext = utf8('what is sealed')
const recipientOf = ({ enc }: Pick<Cast, 'enc'>) => sealKeyOf(enc.record)
const keyOf = ({ enc }: Pick<Cast, 'enc'>) => ({ kid: enc.record.kid, jwk: { ...enc.record.jwk, d: b64(enc.secret) } })
const made = (change: Partial<SealTwin> = {}): Jwe => sealTwin({
  plaintext: padTwin(plaintext, 1_024), aad: utf8('sid'), recipients: [recipientOf(ardenia)], seed: seed('shapes'),
    ...change,
})
const keys = [keyOf(ardenia)]
const holds = (name: string, jwe: object, held = keys): VectorCase =>
  good(name, { aad: 'sid', jwe, keys: held }, { hex: toHex(plaintext) })
const wrong = (name: string, jwe: object, code: string, at?: string): VectorCase =>
  bad(name, { aad: 'sid', jwe, keys }, code, at)
const long = (length: number) => 'A'.repeat(length)

/** Every member of a container left out, and its length at the bound and past it. */
export function sealShapeCases(): VectorCase[] {
  const jwe = made()
  const [first] = jwe.recipients
  const shape = (name: string, change: object, at: string) => wrong(name, { ...jwe, ...change }, 'seal.malformed', at)
  const recipient = (change: object) => ({ recipients: [{ ...first, ...change }] })
  const header = (change: object) => recipient({ header: { ...first?.header, ...change } })
  const epk = (change: object) => header({ epk: { ...epkOf(first), ...change } })
  const closed = (name: string, change: object) => wrong(name, { ...jwe, ...change }, 'seal.cannot-open')
  const of = '/recipients/0'
  return [
    ...Object.keys(jwe).map(name => shape(`a container without ${name}`, { [name]: undefined }, `/${name}`)),
    ...['encrypted_key', 'header'].map(name =>
      shape(`a recipient without ${name}`, recipient({ [name]: undefined }), `${of}/${name}`)),
    ...['alg', 'kid'].map(name => shape(`a recipient without ${name}`, header({ [name]: undefined }),
      `${of}/header/${name}`)),
    ...['crv', 'kty', 'x'].map(name => shape(`an epk without ${name}`, epk({ [name]: undefined }),
      `${of}/header/epk/${name}`)),
    shape('an epk of another type', epk({ kty: 'EC' }), `${of}/header/epk/kty`),
    shape('an epk of 31 bytes', epk({ x: b64(new Uint8Array(31)) }), `${of}/header/epk/x`),
    shape('a kid that is none', header({ kid: 'x' }), `${of}/header/kid`),
    shape('a header that is null', recipient({ header: null }), `${of}/header`),
    shape('recipients that are one recipient', { recipients: first }, '/recipients'),
    ...['aad', 'ciphertext', 'iv', 'protected', 'tag'].map(name => shape(`${name} with a space`, { [name]: 'A A' },
      `/${name}`)),
    shape('a wrapped key with padding', recipient({ encrypted_key: 'AA==' }), `${of}/encrypted_key`),
    wrong('an aad of 1,024 characters', { ...jwe, aad: long(1_024) }, 'seal.wrong-statement', '/aad'),
    shape('an aad of 1,025 characters', { aad: long(1_025) }, '/aad'),
    closed('an iv of 32 characters', { iv: long(32) }),
    shape('an iv of 33 characters', { iv: long(33) }, '/iv'),
    closed('a tag of 32 characters', { tag: long(32) }),
    shape('a tag of 33 characters', { tag: long(33) }, '/tag'),
    closed('a wrapped key of 256 characters', recipient({ encrypted_key: long(256) })),
    shape('a wrapped key of 257 characters', recipient({ encrypted_key: long(257) }), `${of}/encrypted_key`),
    holds('a protected header of 256 characters, in another spelling', spelled(text => text.padEnd(192))),
    shape('a protected header of 257 characters', { protected: long(257) }, '/protected'),
    holds('a protected header with its members the other way round',
      spelled(() => '{"typ":"chancery-seal+jwe","enc":"A256GCM"}')),
    wrong('a protected header that is no JSON', spelled(text => text.slice(1)), 'seal.cannot-open'),
    wrong('a protected header that is null', spelled(() => 'null'), 'seal.cannot-open'),
    wrong('a protected header without its encryption', made({ header: { enc: undefined } }), 'seal.cannot-open'),
    closed('a protected header with loose bits', { protected: `${jwe.protected.slice(0, -1)}B` }),
    closed('a ciphertext with loose bits', { ciphertext: `${jwe.ciphertext.slice(0, -1)}${next(jwe.ciphertext)}` }),
    closed('a tag with loose bits', { tag: `${jwe.tag.slice(0, -1)}${next(jwe.tag)}` }),
    ...ephemeralCases(),
    ...manyCases(),
    ...[1_023, 1_025, 4_095, 8_192].map(size =>
      wrong(`a plaintext of ${size} bytes`, made({ plaintext: padTwin(plaintext, size) }), 'seal.cannot-open')),
    wrong('a size of the list without the byte 0x80', made({ plaintext: new Uint8Array(1_024).fill(1) }),
      'seal.cannot-open'),
    good('a plaintext that fills its size but for one byte', { aad: 'sid', jwe: made({ plaintext:
      padTwin(new Uint8Array(1_023).fill(7), 1_024) }), keys }, { hex: '07'.repeat(1_023) }),
  ]
}

/** A last character that stands for the same bytes, with a loose bit set. */
function next(text: string): string {
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  return letters.charAt(letters.indexOf(text.slice(-1)) + 1)
}

/** The protected header in another spelling: the tag covers it as it stands. */
const spelled = (change: (text: string) => string): Jwe => made({ spell: change })

/** Where the ephemeral key of the only recipient stands. */
function ephemeralCases(): VectorCase[] {
  const [own, moved] = [made(), made({ place: 'protected' })]
  const both = made({ place: 'both' })
  const bare = (jwe: Jwe) => ({ ...jwe, recipients: jwe.recipients.map(({ header: { alg, kid }, ...rest }) =>
    ({ ...rest, header: { alg, kid } })) })
  const [known] = own.recipients
  const small = { crv: 'X25519', kty: 'OKP', x: long(43) }
  return [
    holds('an epk in the protected header', moved),
    wrong('an epk in both headers', both, 'seal.cannot-open'),
    wrong('an epk in neither header', bare(own), 'seal.cannot-open'),
    wrong('an epk with a member more in the protected header', made({ place: 'protected', epk: { kid: 'x' } }),
      'seal.cannot-open'),
    wrong('an epk of another curve in the protected header', made({ place: 'protected', epk: { crv: 'X448' } }),
      'seal.cannot-open'),
    wrong('an epk of small order in the protected header', made({ place: 'protected', epk: small }),
      'seal.cannot-open'),
    wrong('an epk in the protected header under another tag', { ...moved, tag: own.tag }, 'seal.cannot-open'),
    wrong('an epk of small order, and a key that is wrapped with the secret of zeros',
      { ...made({ zeros: true }), recipients: [{ ...made({ zeros: true }).recipients[0], header: { ...known?.header,
        epk: small } }] },
      'seal.cannot-open'),
  ]
}

/** As many recipients as may be. */
function manyCases(): VectorCase[] {
  const jwe = made({ recipients: [borealia, ardenia].map(recipientOf) })
  const [other, mine] = jwe.recipients
  const many = (count: number) => ({ ...jwe, recipients: [...Array.from({ length: count - 1 }, () => other), mine] })
  const [twice] = made({ recipients: [cassia, ardenia].map(recipientOf) }).recipients
  return [
    holds('256 recipients, opened by the last', many(256)),
    wrong('257 recipients, none of them the same', many(257), 'seal.malformed', '/recipients'),
    holds('the first key held that is named is the one used', jwe, [keyOf(ardenia), keyOf(borealia)]),
    bad('a key held that is named, and damaged, before one that would open', { aad: 'sid', keys: [keyOf(borealia),
      keyOf(ardenia)],
      jwe: { ...jwe, recipients: [{ ...other, encrypted_key: twice?.encrypted_key }, mine] } }, 'seal.cannot-open'),
  ]
}

/** The large ones, in a file of their own. */
export function sealBoundCases(): VectorCase[] {
  const others = made({ recipients: [recipientOf(cassia)] })
  const filled = (name: string, fill: number, code: string, at: string) =>
    bad(name, { aad: 'sid', fill, jwe: others, keys }, code, at)
  return [
    ...[4, 16, 64, 256].map(kib =>
      holds(`a plaintext of ${kib} KiB`, made({ plaintext: padTwin(plaintext, kib * 1_024) }))),
    filled('a ciphertext of 2,097,152 characters, for others', 2_097_152, 'seal.not-for-you', '/recipients'),
    filled('a ciphertext of 2,097,153 characters, for others', 2_097_153, 'seal.malformed', '/ciphertext'),
  ]
}
