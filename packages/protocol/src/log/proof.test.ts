import { ed25519 } from '@noble/curves/ed25519.js'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { toBase64, toBase64url } from '../wire/base64.ts'
import { portableSha256 as sha256, utf8 } from '../wire/bytes.ts'
import { portablePrimitives as primitives } from '../wire/signature.ts'
import { signCheckpoint } from './checkpoint.ts'
import { openEntry, sealedEntry } from './entry.ts'
import { inclusionProof, leafHash } from './merkle.ts'
import { formatVkey } from '../wire/vkey.ts'
import { type Receipt, formatReceipt, readReceipt, verifyReceipt } from './proof.ts'
import { createTree } from './tree.ts'

const secret = sha256(utf8('receipt test'))
const origin = 'ledger.example/coalition'
const vkey = formatVkey({ sha256, name: origin, key: ed25519.getPublicKey(secret) })
const sign = (message: Uint8Array) => ed25519.sign(message, secret)
const id = (text: string) => toBase64url(sha256(utf8(text)))

const sealed = sealedEntry({
  sha256,
  sid: id('sid'),
  signature: new Uint8Array(64),
  tagKey: sha256(utf8('tag key')),
  kid: id('kid'),
})
const tag = sealed.subarray(33)
const entryAt = (index: number) => (index === 6 ? sealed : openEntry(`h.p${index}.s`))
const entries = Array.from({ length: 11 }, (_, index) => entryAt(index))
const tree = createTree(sha256)
for (const entry of entries) tree.append(leafHash(sha256, entry))
const size = entries.length
const checkpoint = signCheckpoint({ checkpoint: { origin, size, root: tree.root() }, vkey, sign })
const receiptOf = (index: number): Receipt => ({
  index,
  proof: inclusionProof({ sha256, index, size, read: tree.read }),
  checkpoint,
  ...(index === 6 && { extra: tag }),
})
const verify = (receipt: Receipt, entry: Uint8Array, name = origin) =>
  verifyReceipt({ receipt, entry, origin: name, vkey, primitives })

describe('a receipt', () => {
  test('has the lines of a tlog-proof', () => {
    const { proof } = receiptOf(6)
    const first = ['c2sp.org/tlog-proof@v1', `extra ${toBase64(tag)}`, 'index 6']
    expect(formatReceipt(receiptOf(6))).toBe([...first, ...proof.map(toBase64), '', checkpoint].join('\n'))
    expect(formatReceipt(receiptOf(0)).startsWith('c2sp.org/tlog-proof@v1\nindex 0\n')).toBe(true)
  })

  test('of every entry is read back and holds', () => {
    entries.forEach((entry, index) => {
      const read = readReceipt(formatReceipt(receiptOf(index)))
      expect(read).toEqual({ ok: true, value: receiptOf(index) })
      const value = { index, checkpoint: { origin, size, root: tree.root() } }
      expect(verify(receiptOf(index), entry)).toEqual({ ok: true, value })
    })
  })

  test('in a log of one entry has no hashes', () => {
    const one = createTree(sha256)
    one.append(leafHash(sha256, entryAt(0)))
    const note = signCheckpoint({ checkpoint: { origin, size: 1, root: one.root() }, vkey, sign })
    const read = readReceipt(formatReceipt({ index: 0, proof: [], checkpoint: note }))
    expect(read.ok && verify(read.value, entryAt(0)).ok).toBe(true)
  })

  test('is read and written the same way', () => {
    const hash = fc.uint8Array({ minLength: 32, maxLength: 32 })
    const hashes = fc.array(hash, { maxLength: 63 })
    fc.assert(
      fc.property(fc.maxSafeNat(), hashes, fc.option(hash, { nil: undefined }), (...[index, proof, extra]) => {
        const original = { index, proof, checkpoint, ...(extra !== undefined && { extra }) }
        expect(readReceipt(formatReceipt(original))).toEqual({ ok: true, value: original })
      }),
    )
  })

  const good = formatReceipt(receiptOf(6))
  const hash = toBase64(receiptOf(6).proof[0] ?? tag)
  test.each([
    ['nothing', '', 'header'],
    ['another version', good.replace('@v1', '@v2'), 'header'],
    ['a line before it', `\n${good}`, 'header'],
    ['no blank line', good.replaceAll('\n\n', '\n'), 'header'],
    ['a carriage return', good.replace('\n', '\r\n'), 'header'],
    ['no index', good.replace('index 6\n', ''), 'index'],
    ['the index before the extra', good.replace(/(extra .*\n)(index 6\n)/, '$2$1'), 'proof'],
    ['two indices', good.replace('index 6\n', 'index 6\nindex 6\n'), 'proof'],
    ['two extras', good.replace(/(extra .*\n)/, '$1$1'), 'index'],
    ['a leading zero', good.replace('index 6', 'index 06'), 'index'],
    ['a negative index', good.replace('index 6', 'index -6'), 'index'],
    ['two spaces before the index', good.replace('index 6', 'index  6'), 'index'],
    ['an index of 2^53', good.replace('index 6', 'index 9007199254740992'), 'index'],
    ['an extra of no bytes', good.replace(/extra .*\n/, 'extra \n'), 'extra'],
    ['an extra of 31 bytes', good.replace(/extra .*\n/, `extra ${toBase64(tag.subarray(1))}\n`), 'extra'],
    ['an extra without padding', good.replace(/(extra [^=]*)=/, '$1'), 'extra'],
    ['a hash of 31 bytes', good.replace(hash, toBase64(new Uint8Array(31))), 'proof'],
    ['a hash without padding', good.replace(hash, hash.replace('=', '')), 'proof'],
    ['a space after a hash', good.replace(hash, `${hash} `), 'proof'],
    ['64 hashes', good.replace(hash, `${hash}\n`.repeat(64).trimEnd()), 'proof'],
    ['too many bytes', good + 'a'.repeat(70_000), undefined],
  ])('is refused with %s', (_, text, at) => {
    expect(readReceipt(text)).toMatchObject({ ok: false, code: 'log.bad-receipt', ...(at && { at }) })
  })

  test('does not hold for another entry, place, proof, log or checkpoint', () => {
    const receipt = receiptOf(3)
    const entry = entryAt(3)
    expect(verify(receipt, entryAt(4))).toMatchObject({ code: 'log.bad-proof' })
    expect(verify({ ...receipt, index: 2 }, entry)).toMatchObject({ code: 'log.bad-proof' })
    expect(verify({ ...receipt, index: size }, entry)).toMatchObject({ code: 'log.bad-proof' })
    expect(verify({ ...receipt, proof: receipt.proof.slice(1) }, entry)).toMatchObject({ code: 'log.bad-proof' })
    expect(verify({ ...receipt, proof: [...receipt.proof, tag] }, entry)).toMatchObject({ code: 'log.bad-proof' })
    expect(verify(receipt, entry, 'other.example')).toMatchObject({ code: 'log.wrong-origin' })
    const altered = checkpoint.replace('\n11\n', '\n12\n')
    expect(verify({ ...receipt, checkpoint: altered }, entry)).toMatchObject({ code: 'log.bad-signature' })
    expect(verify({ ...receipt, checkpoint: '' }, entry)).toMatchObject({ code: 'log.bad-note' })
  })

  test('carries the tag of a sealed entry, and nothing beside an open one', () => {
    const { index, proof } = receiptOf(6)
    const at = { ok: false, code: 'log.bad-receipt', at: 'extra' }
    expect(verify({ index, proof, checkpoint }, sealed)).toMatchObject(at)
    expect(verify({ index, proof, checkpoint, extra: tag.toReversed() }, sealed)).toMatchObject(at)
    expect(verify({ ...receiptOf(3), extra: tag }, entryAt(3))).toMatchObject(at)
  })

  test('is not for what is no entry of this log', () => {
    expect(verify(receiptOf(3), utf8('something else'))).toMatchObject({ code: 'log.bad-entry' })
  })
})
