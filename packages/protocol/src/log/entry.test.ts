import { createHmac } from 'node:crypto'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fromBase64url, toBase64url } from '../wire/base64.ts'
import { portableSha256 as sha256, concat, toHex, utf8 } from '../wire/bytes.ts'
import { commitment, entryCommitsTo, entryTag, openEntry, readEntry, sealedEntry, tagHolds } from './entry.ts'

const id = (text: string) => toBase64url(sha256(utf8(text)))
const kid = id('a key')
const tagKey = sha256(utf8('a tag key'))
const signature = concat(sha256(utf8('r')), sha256(utf8('s')))
const jws = `${toBase64url(utf8('{"alg":"EdDSA"}'))}.${toBase64url(utf8('{}'))}.${toBase64url(signature)}`
const sid = id(jws.slice(0, jws.lastIndexOf('.')))
const sealed = sealedEntry({ sha256, sid, signature, tagKey, kid })

describe('an open entry', () => {
  test('is 0x02 and the statement, and reads back', () => {
    expect(openEntry('a.b.c')).toEqual(Uint8Array.of(2, ...utf8('a.b.c')))
    expect(readEntry(openEntry(jws))).toEqual({ ok: true, value: { form: 'open', jws } })
  })

  test('has at most 65,535 bytes', () => {
    const long = (bytes: number) => `a.b.${'c'.repeat(bytes - 5)}`
    expect(readEntry(openEntry(long(65_535))).ok).toBe(true)
    expect(() => openEntry(long(65_536))).toThrow('bug:')
    expect(readEntry(concat(Uint8Array.of(2), utf8(long(65_536))))).toMatchObject({ code: 'log.bad-entry' })
  })

  test.each([
    ['nothing', ''],
    ['two parts', 'a.b'],
    ['four parts', 'a.b.c.d'],
    ['an empty part', 'a..c'],
    ['no signature', 'a.b.'],
    ['padding', 'a.b.c='],
    ['a space', 'a.b.c '],
    ['a new line', 'a.b.c\n'],
    ['a disclosure', 'a.b.c~d~'],
    ['a byte order mark', '\ufeffa.b.c'],
    ['another alphabet', 'a.b.é'],
    ['a null', 'a.b.c\0'],
  ])('is refused with %s', (_, text) => {
    expect(readEntry(concat(Uint8Array.of(2), utf8(text)))).toMatchObject({ ok: false, code: 'log.bad-entry' })
  })

  test('is refused where it is not even UTF-8', () => {
    expect(readEntry(Uint8Array.of(2, 0x61, 0x2e, 0xff, 0x2e, 0x61))).toMatchObject({ code: 'log.bad-entry' })
  })
})

describe('a sealed entry', () => {
  test('is 0x01, the commitment and the tag', () => {
    const digest = (value: string) => fromBase64url(value) ?? new Uint8Array(0)
    const c = sha256(concat(utf8('chancery/v1/leaf\0'), digest(sid), sha256(signature)))
    const t = createHmac('sha256', tagKey)
      .update(concat(utf8('chancery/v1/tag\0'), c, digest(kid)))
      .digest()
    expect(toHex(sealed)).toBe(`01${toHex(c)}${toHex(t)}`)
    expect(readEntry(sealed)).toEqual({ ok: true, value: { form: 'sealed', commitment: c, tag: Uint8Array.from(t) } })
  })

  test('has the tag that any HMAC computes', () => {
    const bytes = fc.uint8Array({ minLength: 32, maxLength: 32 })
    fc.assert(
      fc.property(bytes, bytes, bytes, (key, committed, kidBytes) => {
        const tag = entryTag({ sha256, tagKey: key, commitment: committed, kid: toBase64url(kidBytes) })
        const twin = createHmac('sha256', key)
          .update(concat(utf8('chancery/v1/tag\0'), committed, kidBytes))
          .digest('hex')
        expect(toHex(tag)).toBe(twin)
      }),
    )
  })

  test('commits to the signature as well as the text', () => {
    const other = commitment({ sha256, sid, signature: signature.toReversed() })
    expect(toHex(other)).not.toBe(toHex(commitment({ sha256, sid, signature })))
  })

  test.each([
    ['nothing', []],
    ['only the form', [1]],
    ['a byte too few', [1, ...new Uint8Array(63)]],
    ['a byte too many', [1, ...new Uint8Array(65)]],
    ['form 0', [0, ...new Uint8Array(64)]],
    ['form 3', [3, ...new Uint8Array(64)]],
  ])('is refused with %s', (_, bytes) => {
    expect(readEntry(Uint8Array.from(bytes))).toMatchObject({ ok: false, code: 'log.bad-entry' })
  })
})

describe('an entry stands for', () => {
  const check = (change: Partial<Parameters<typeof entryCommitsTo>[0]>) =>
    entryCommitsTo({ sha256, entry: sealed, jws, kid, tagKey, ...change })
  const another = jws.replace(/.{2}$/, end => (end === 'AA' ? 'QA' : 'AA'))

  test('the statement it was made of, open or sealed', () => {
    expect(check({}).ok).toBe(true)
    expect(check({ entry: openEntry(jws) }).ok).toBe(true)
  })

  test('no other statement, and not the same text with another signature', () => {
    expect(check({ jws: another })).toMatchObject({ code: 'log.entry-mismatch', at: 'commitment' })
    expect(check({ jws: another, entry: openEntry(jws) })).toMatchObject({ code: 'log.entry-mismatch', at: 'jws' })
    expect(check({ jws: jws.replace('.', 'A.') })).toMatchObject({ code: 'log.entry-mismatch' })
    expect(check({ jws: 'nonsense' })).toMatchObject({ code: 'log.entry-mismatch' })
  })

  test('no other author', () => {
    expect(check({ kid: id('another key') })).toMatchObject({ code: 'log.entry-mismatch', at: 'tag' })
    expect(check({ tagKey: sha256(utf8('another tag key')) })).toMatchObject({ code: 'log.entry-mismatch', at: 'tag' })
  })

  test('its statement even to a reader who holds no tag key', () => {
    const { tagKey: _, ...outsider } = { sha256, entry: sealed, jws, kid, tagKey }
    expect(entryCommitsTo(outsider).ok).toBe(true)
  })

  test('nothing when it is no entry', () => {
    expect(check({ entry: utf8('x') })).toMatchObject({ code: 'log.bad-entry' })
  })

  test('one of my keys, when I scan for it', () => {
    const entry = { commitment: sealed.subarray(1, 33), tag: sealed.subarray(33) }
    expect(tagHolds({ sha256, tagKey, entry, kid })).toBe(true)
    expect(tagHolds({ sha256, tagKey, entry, kid: id('not mine') })).toBe(false)
  })
})
