import { ed25519 } from '@noble/curves/ed25519.js'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { toBase64 } from '../wire/base64.ts'
import { portableSha256 as sha256, concat, utf8 } from '../wire/bytes.ts'
import { portablePrimitives as primitives } from '../wire/signature.ts'
import { formatVkey, readVkey, splitVkey } from '../wire/vkey.ts'
import { formatNote, readNote, signNote, verifyNote } from './note.ts'

const secretOf = (name: string) => sha256(utf8(`note test ${name}`))
const keyOf = (name: string) => ed25519.getPublicKey(secretOf(name))
const vkeyOf = (name: string) => formatVkey({ sha256, name, key: keyOf(name) })
const signed = (text: string, name: string) =>
  signNote({ text, vkey: vkeyOf(name), sign: message => ed25519.sign(message, secretOf(name)) })
const lineOf = (note: string) => note.slice(note.lastIndexOf('\n\n') + 2)

const text = 'ledger.example/coalition\nsecond line\n'
const note = signed(text, 'ledger.example/log')
const witness = lineOf(signed(text, 'witness.example/w1'))

describe('a verifier key', () => {
  // The key that Go's checksum database publishes for itself.
  const sumdb = 'sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8'

  test('of another log in the world is read and written as it is there', () => {
    const read = readVkey(sha256, sumdb)
    expect(read).toMatchObject({ ok: true, value: { name: 'sum.golang.org', id: '033de0ae' } })
    expect(read.ok && formatVkey({ sha256, ...read.value })).toBe(sumdb)
  })

  test.each([
    ['nothing', ''],
    ['no name', sumdb.slice('sum.golang.org'.length)],
    ['a space in the name', sumdb.replace('golang', 'go lang')],
    ['another name', sumdb.replace('golang', 'golong')],
    ['another id', sumdb.replace('033de0ae', '033de0af')],
    ['an id in capitals', sumdb.replace('033de0ae', '033DE0AE')],
    ['a short id', sumdb.replace('033de0ae', '33de0ae')],
    ['a cut key', sumdb.slice(0, -4)],
    ['another algorithm', sumdb.replace('+Ac4z', '+BM4z')],
    ['loose base64', `${sumdb}==`],
    ['a new line after it', `${sumdb}\n`],
  ])('is refused with %s', (_, vkey) => {
    expect(readVkey(sha256, vkey)).toMatchObject({ ok: false, code: 'log.bad-vkey' })
    expect(verifyNote({ text: note, vkey, primitives })).toMatchObject({ ok: false, code: 'log.bad-vkey' })
  })
})

describe('a signed note', () => {
  test('holds under the key that signed it', () => {
    expect(verifyNote({ text: note, vkey: vkeyOf('ledger.example/log'), primitives })).toMatchObject({
      ok: true,
      value: { text },
    })
  })

  test('ends its text at the last blank line', () => {
    const blank = 'first\n\nsecond\n\n\nthird\n'
    expect(readNote(signed(blank, 'a'))).toMatchObject({ ok: true, value: { text: blank } })
  })

  test('with signatures of strangers holds, before and after ours', () => {
    const vkey = vkeyOf('ledger.example/log')
    for (const many of [note + witness, `${text}\n${witness}${lineOf(note)}`])
      expect(verifyNote({ text: many, vkey, primitives }).ok).toBe(true)
  })

  test('holds beside a stranger who has the known id under another name', () => {
    const { id = '' } = splitVkey(vkeyOf('ledger.example/log')) ?? {}
    const real = ed25519.sign(utf8(text), secretOf('ledger.example/log'))
    const signatures = [
      { name: 'stranger.example', id, signature: new Uint8Array(64) },
      { name: 'ledger.example/log', id, signature: real },
    ]
    expect(
      verifyNote({ text: formatNote({ text, signatures }), vkey: vkeyOf('ledger.example/log'), primitives }).ok,
    ).toBe(true)
  })

  test('is read and written the same way', () => {
    const content = fc.string({ unit: 'grapheme' }).map(line => `${line.replace(/\p{Cc}/gu, '')}\n`)
    const line = fc.record({
      name: fc.stringMatching(/^[a-z./0-9é—]{1,20}$/),
      id: fc.stringMatching(/^[0-9a-f]{8}$/),
      signature: fc.uint8Array({ minLength: 1, maxLength: 80 }),
    })
    const lines = fc.uniqueArray(line, { minLength: 1, maxLength: 32, selector: ({ name, id }) => `${name} ${id}` })
    fc.assert(
      fc.property(fc.array(content, { minLength: 1, maxLength: 5 }), lines, (texts, signatures) => {
        const original = { text: texts.join(''), signatures }
        expect(readNote(formatNote(original))).toEqual({ ok: true, value: original })
      }),
    )
  })

  test('has at most 32 signatures', () => {
    const signature = new Uint8Array(64)
    const lines = Array.from(
      { length: 33 },
      (_, i) => `— w${i} ${toBase64(concat(Uint8Array.of(0, 0, 0, i), signature))}\n`,
    )
    expect(readNote(`${text}\n${lines.slice(0, 32).join('')}`).ok).toBe(true)
    expect(readNote(`${text}\n${lines.join('')}`)).toMatchObject({ code: 'log.bad-note' })
  })

  test('has at most 65,536 bytes', () => {
    const padding = (bytes: number) => signed(`${'é'.repeat(Math.floor(bytes / 2))}${'e'.repeat(bytes % 2)}\n`, 'a')
    const frame = utf8(padding(0)).length
    expect(readNote(padding(65_536 - frame)).ok).toBe(true)
    expect(readNote(padding(65_537 - frame))).toMatchObject({ code: 'log.bad-note' })
  })

  const line = lineOf(note)
  const [, , base64] = line.trimEnd().split(' ')
  test.each([
    ['nothing', ''],
    ['no signature', text],
    ['no signature after the blank line', `${text}\n`],
    ['no blank line', text + line],
    ['no new line at the end', note.slice(0, -1)],
    ['a blank line at the end', `${note}\n`],
    ['a carriage return', note.replace('\n', '\r\n')],
    ['a tab', note.replace('second', '\tsecond')],
    ['a null', note.replace('second', '\0second')],
    ['half a surrogate pair', note.replace('second', '\ud800second')],
    ['a hyphen for the dash', note.replace('—', '-')],
    ['two spaces after the dash', note.replace('— ', '—  ')],
    ['no name', note.replace('— ledger.example/log ', '— ')],
    ['a plus in the name', note.replace('— ledger', '— ledger+')],
    ['a no-break space in the name', note.replace('— ledger', '— ledger\u00a0')],
    ['a word after the signature', note.replace(/\n$/, ' extra\n')],
    ['a space after the signature', note.replace(/\n$/, ' \n')],
    ['base64 without padding', note.replace('=\n', '\n')],
    ['base64url', `${text}\n— a ${'-_'.repeat(46)}\n`],
    [
      'loose trailing bits',
      note.replace(
        `${base64}`,
        `${base64}`.replace(/.=+$/, end => `/${end.slice(1)}`),
      ),
    ],
    ['an id and no signature', `${text}\n— a AAAAAA==\n`],
    ['two signatures of one key', note + line],
  ])('is refused with %s', (_, bad) => {
    expect(readNote(bad)).toMatchObject({ ok: false, code: 'log.bad-note' })
  })

  test("is refused whole when the known key's signature is bad, whoever else signed", () => {
    const vkey = vkeyOf('ledger.example/log')
    for (const bad of [note.replace('second', 'altered'), note.replace('second', 'altered') + witness])
      expect(verifyNote({ text: bad, vkey, primitives })).toMatchObject({ ok: false, code: 'log.bad-signature' })
  })

  test('is refused when the known key did not sign', () => {
    expect(verifyNote({ text: note, vkey: vkeyOf('witness.example/w1'), primitives })).toMatchObject({
      code: 'log.bad-signature',
    })
    // The same name with another key is another key.
    const namesake = formatVkey({ sha256, name: 'ledger.example/log', key: keyOf('another') })
    expect(verifyNote({ text: note, vkey: namesake, primitives })).toMatchObject({ code: 'log.bad-signature' })
  })

  test('is refused when a stranger signs under the id of the known key', () => {
    const { id = '' } = splitVkey(vkeyOf('ledger.example/log')) ?? {}
    const forged = formatNote({
      text,
      signatures: [{ name: 'ledger.example/log', id, signature: ed25519.sign(utf8(text), secretOf('thief')) }],
    })
    const vkey = vkeyOf('ledger.example/log')
    expect(verifyNote({ text: forged, vkey, primitives })).toMatchObject({ code: 'log.bad-signature' })
  })

  test('is never written malformed', () => {
    const signatures = [{ name: 'a', id: '00000000', signature: new Uint8Array(64) }]
    expect(() => formatNote({ text: 'no end', signatures })).toThrow('bug:')
    expect(() => formatNote({ text, signatures: [] })).toThrow('bug:')
    expect(() =>
      formatNote({ text, signatures: [{ name: 'a b', id: '00000000', signature: new Uint8Array(64) }] }),
    ).toThrow('bug:')
    expect(() => signNote({ text, vkey: 'nonsense', sign: () => new Uint8Array(64) })).toThrow('bug:')
  })
})
