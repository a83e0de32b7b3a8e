import { ed25519 } from '@noble/curves/ed25519.js'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { toBase64 } from '../wire/base64.ts'
import { portableSha256 as sha256, utf8 } from '../wire/bytes.ts'
import { portablePrimitives as primitives } from '../wire/signature.ts'
import {
  type Checkpoint,
  followCheckpoint,
  formatCheckpoint,
  openCheckpoint,
  readCheckpoint,
  signCheckpoint,
} from './checkpoint.ts'
import { consistencyProof, leafHash } from './merkle.ts'
import { formatVkey } from '../wire/vkey.ts'
import { signNote } from './note.ts'
import { createTree } from './tree.ts'

const secret = sha256(utf8('checkpoint test'))
const origin = 'ledger.example/coalition'
const vkey = formatVkey({ sha256, name: origin, key: ed25519.getPublicKey(secret) })
const sign = (message: Uint8Array) => ed25519.sign(message, secret)
const root = sha256(utf8('a root'))
const checkpoint: Checkpoint = { origin, size: 20_852_163, root }
const open = (note: string, name = origin) => openCheckpoint({ note, origin: name, vkey, primitives })

describe('a checkpoint', () => {
  test('is three lines', () => {
    expect(formatCheckpoint(checkpoint)).toBe(`ledger.example/coalition\n20852163\n${toBase64(root)}\n`)
  })

  test('opens under the key that signed it', () => {
    expect(open(signCheckpoint({ checkpoint, vkey, sign }))).toEqual({ ok: true, value: checkpoint })
  })

  test('is read and written the same way at every size', () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), fc.uint8Array({ minLength: 32, maxLength: 32 }), (size, hash) => {
        const original = { origin, size, root: hash }
        expect(readCheckpoint(formatCheckpoint(original))).toEqual({ ok: true, value: original })
      }),
    )
  })

  const hash = toBase64(root)
  test.each([
    ['nothing', '', undefined],
    ['two lines', `${origin}\n5\n`, undefined],
    ['no new line at the end', `${origin}\n5\n${hash}`, undefined],
    ['an extension line', `${origin}\n5\n${hash}\nmore\n`, undefined],
    ['a blank line at the end', `${origin}\n5\n${hash}\n\n`, undefined],
    ['no origin', `\n5\n${hash}\n`, 'origin'],
    ['no size', `${origin}\n\n${hash}\n`, 'size'],
    ['a leading zero', `${origin}\n05\n${hash}\n`, 'size'],
    ['a plus sign', `${origin}\n+5\n${hash}\n`, 'size'],
    ['a negative size', `${origin}\n-5\n${hash}\n`, 'size'],
    ['a hexadecimal size', `${origin}\n0x10\n${hash}\n`, 'size'],
    ['a size with a fraction', `${origin}\n5.0\n${hash}\n`, 'size'],
    ['a size with an exponent', `${origin}\n1e3\n${hash}\n`, 'size'],
    ['a space before the size', `${origin}\n 5\n${hash}\n`, 'size'],
    ['a space after the size', `${origin}\n5 \n${hash}\n`, 'size'],
    ['digits of another script', `${origin}\n٥\n${hash}\n`, 'size'],
    ['a size of 2^53', `${origin}\n9007199254740992\n${hash}\n`, 'size'],
    ['a size of 17 digits', `${origin}\n10000000000000000\n${hash}\n`, 'size'],
    ['a short root', `${origin}\n5\n${toBase64(root.subarray(1))}\n`, 'root'],
    ['a long root', `${origin}\n5\n${toBase64(new Uint8Array(33))}\n`, 'root'],
    ['a root without padding', `${origin}\n5\n${hash.replace('=', '')}\n`, 'root'],
    ['a root in base64url', `${origin}\n5\n${'-'.repeat(43)}=\n`, 'root'],
    ['a root with loose bits', `${origin}\n5\n${'A'.repeat(42)}B=\n`, 'root'],
  ])('is refused with %s', (_, text, at) => {
    expect(readCheckpoint(text)).toMatchObject({ ok: false, code: 'log.bad-checkpoint', ...(at && { at }) })
  })

  test('takes a size of 2^53 - 1', () => {
    const read = readCheckpoint(`${origin}\n9007199254740991\n${hash}\n`)
    expect(read).toMatchObject({ ok: true, value: { size: 2 ** 53 - 1 } })
  })

  test('of another log is refused, and a name that only contains ours is another log', () => {
    const note = signCheckpoint({ checkpoint, vkey, sign })
    for (const name of ['ledger.example', `${origin}2`, origin.toUpperCase(), ''])
      expect(open(note, name)).toMatchObject({ ok: false, code: 'log.wrong-origin' })
  })

  test('of nothing has the root of nothing', () => {
    const empty = createTree(sha256).root()
    expect(open(signCheckpoint({ checkpoint: { origin, size: 0, root: empty }, vkey, sign })).ok).toBe(true)
    const another = signCheckpoint({ checkpoint: { origin, size: 0, root }, vkey, sign })
    expect(open(another)).toMatchObject({ ok: false, code: 'log.bad-checkpoint', at: 'root' })
  })

  test('with an extension line is refused although it is signed', () => {
    const text = `${formatCheckpoint(checkpoint)}more\n`
    expect(open(signNote({ text, vkey, sign }))).toMatchObject({ ok: false, code: 'log.bad-checkpoint' })
  })

  test('is not read before its signature holds', () => {
    const note = signCheckpoint({ checkpoint, vkey, sign }).replace('20852163', 'nonsense')
    expect(open(note)).toMatchObject({ code: 'log.bad-signature' })
  })
})

describe('following a log', () => {
  const tree = createTree(sha256)
  for (let i = 0; i < 20; i++) tree.append(leafHash(sha256, utf8(`entry ${i}`)))
  const at = (size: number): Checkpoint => ({ origin, size, root: tree.root(size) })
  const proofOf = (from: number, to: number) => consistencyProof({ sha256, from, to, read: tree.read })
  const follow = (known: Checkpoint, next: Checkpoint, proof = proofOf(known.size, next.size)) =>
    followCheckpoint({ sha256, known, next, proof })

  test('goes forward, or stays', () => {
    for (const [from, to] of [
      [0, 20],
      [7, 20],
      [16, 20],
      [20, 20],
    ] as const)
      expect(follow(at(from), at(to))).toEqual({ ok: true, value: at(to) })
  })

  test('never goes back', () => expect(follow(at(9), at(8), [])).toMatchObject({ code: 'log.went-back' }))

  test('shows a fork at the same size and at a later one', () => {
    expect(follow(at(9), { ...at(9), root })).toMatchObject({ code: 'log.forked' })
    expect(follow(at(9), { ...at(12), root })).toMatchObject({ code: 'log.forked' })
    expect(follow(at(9), at(12), [])).toMatchObject({ code: 'log.forked' })
  })

  test('does not change to another log', () => {
    expect(follow(at(9), { ...at(12), origin: 'other.example' })).toMatchObject({ code: 'log.wrong-origin' })
  })
})
