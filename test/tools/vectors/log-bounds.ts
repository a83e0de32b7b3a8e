import {
  type Hash, type Receipt, concat, entryBundle, formatReceipt, openEntry, portableSha256 as sha256, tileHashes,
    toBase64,
  toHex, utf8,
} from '@chancery/protocol'
import { ed25519 } from '@noble/curves/ed25519.js'
import {
  b64, bad, checkpointAt, entryAt, good, jwsOf, kid, lineOf, max, noteText, origin, receiptOf, sealed, seed, signed,
    tagKey,
  tree, vkey, vkeyOf,
} from './log-story.ts'
import type { VectorCase } from './vector-file.ts'

/** The bounds of the log's pages from both sides, and faults that only one rule of them sees. */
export function boundInclusionCases(): VectorCase[] {
  const [left, right] = [tree.read(0, 0), tree.read(0, 1)]
  const given = (change: object) => ({ leaf: b64(left), index: 0, size: 2, proof: [b64(right)],
    root: b64(tree.root(2)), ...change })
  const wrong = (name: string, change: object) => bad(name, given(change), 'log.bad-proof')
  const shifted = concat(left, right.subarray(0, 1))
  return [
    good('the first of two', given({})),
    wrong('an index before the first', { index: -1 }),
    wrong('a leaf of 33 bytes and a hash of 31, that hash as they should',
      { leaf: b64(shifted), proof: [b64(right.subarray(1))] }),
    wrong('a root of 31 bytes', { root: b64(tree.root(2).subarray(1)) }),
    wrong('no hash', { proof: [] }),
    wrong('64 hashes', { proof: Array.from({ length: 64 }, () => b64(right)) }),
    good('a log of one', { ...given({ size: 1, proof: [] }), root: b64(left) }),
    wrong('a hash for a log of one', { size: 1, root: b64(left) }),
    wrong('the largest index of a log of as many', { index: max, size: max }),
  ]
}

export function boundConsistencyCases(): VectorCase[] {
  const view = (size: number, root: Hash = tree.root(size)) => ({ origin, size, root: b64(root) })
  const forked = (name: string, known: object, next: object, proof: Hash[]) =>
    bad(name, { known, next, proof: proof.map(b64) }, 'log.forked')
  const [second, third] = [tree.read(0, 1), tree.read(0, 2)]
  return [
    forked('a hash of 31 bytes', view(1), view(2), [second.subarray(1)]),
    forked('a hash of 33 bytes', view(1), view(2), [concat(second, Uint8Array.of(0))]),
    forked('another hash', view(1), view(2), [third]),
    forked('64 hashes', view(1), view(2), Array.from({ length: 64 }, () => second)),
    bad('another log that is smaller', { known: view(3), next: { ...view(2), origin: 'other.example' }, proof: [] },
      'log.wrong-origin', 'origin'),
    bad('the log is one entry smaller', { known: view(3), next: view(2), proof: [b64(third)] }, 'log.went-back'),
  ]
}

/** A note of so many bytes, by the signature of a stranger. */
function noteOf(bytes: number, text = noteText): string {
  const note = signed(text)
  const mark = '— stranger.example '
  const rest = bytes - utf8(`${note}${mark}\n`).length
  return `${note}${mark}${'A'.repeat(rest - (rest % 4))}\n`.replace(`${mark}`,
    `— stranger.example${'x'.repeat(rest % 4)} `)
}

export function boundNoteCases(): VectorCase[] {
  const note = signed(noteText)
  const holds = (name: string, given: string, text = noteText) => good(name, { note: given, vkey }, { text })
  const wrong = (name: string, given: string) => bad(name, { note: given, vkey }, 'log.bad-note')
  const badKey = (name: string, key: string) => bad(name, { note, vkey: key }, 'log.bad-vkey')
  const point = ed25519.getPublicKey(seed(origin))
  const written = (name: string, bytes: Uint8Array, join = '+') => {
    const id = toHex(sha256(concat(utf8(`${name}\n`), bytes)).subarray(0, 4))
    return `${name}+${id}${join}${toBase64(bytes)}`
  }
  const typed = (type: number, key: Uint8Array = point) => concat(Uint8Array.of(type), key)
  const stranger = (signature: string) => `${note}— stranger.example ${signature}\n`
  return [
    holds('65,536 bytes', noteOf(65_536)),
    wrong('65,537 bytes', noteOf(65_537)),
    holds('more than 65,530 bytes of fewer characters', signed(`${'é'.repeat(32_690)}\n`), `${'é'.repeat(32_690)}\n`),
    wrong('fewer than 65,536 characters of more bytes', signed(`${'é'.repeat(32_740)}\n`)),
    wrong('another sign for the newline at the end', `${note.slice(0, -1)}!`),
    wrong('signature lines and no text', lineOf(note)),
    wrong('a tab in the text', note.replace('of two', 'of\ttwo')),
    wrong('a line without a key name', stranger('AAAAAAAA').replace('stranger.example', '')),
    wrong('two spaces before the signature', stranger(' AAAAAAAA')),
    wrong('a signature that is not canonical base64', stranger('AAAAAAB=')),
    wrong('a signature in the other alphabet', stranger('AAAAAA__')),
    wrong('a signature with a space in it', stranger('AAAA AAAA')),
    holds('a stranger whose signature is of one byte', stranger('AAAAAAA=')),
    badKey('a verifier key that is nothing', ''),
    badKey('a verifier key without its key', origin),
    badKey('a verifier key without a name', written('', typed(1))),
    badKey('a verifier key with a space in its name', written('a b', typed(1))),
    badKey('a verifier key of another type, with the id of that', written(origin, typed(2))),
    badKey('a verifier key of 31 bytes, with the id of that', written(origin, typed(1, point.subarray(1)))),
    badKey('a verifier key of 33 bytes, with the id of that', written(origin, concat(typed(1), Uint8Array.of(0)))),
    // Whether a key may be enrolled is asked where a charter names it; here it has signed nothing.
    bad('a verifier key of small order', { note, vkey: written(origin, typed(1, concat(Uint8Array.of(1),
      new Uint8Array(31)))) },
      'log.bad-signature'),
    badKey('a verifier key with its id in capitals', upperId()),
    badKey('a verifier key with an id of seven digits', vkey.replace(/\+(.{7}).\+/, '+$1+')),
    badKey('a verifier key with a newline', `${vkey}\n`),
    badKey('a verifier key without padding', vkey.replace(/=+$/, '').replace(/$/, vkey.endsWith('=') ? '' : '=')),
    badKey('a verifier key with a part more', `${vkey}+AA==`),
  ]
}

/** The first of many names whose id has a letter, in capitals. */
function upperId(): string {
  const names = Array.from({ length: 50 }, (_, i) => vkeyOf(`log-${i}.example`))
  const found = names.find(text => /\+[0-9a-f]*[a-f][0-9a-f]*\+/.test(text)) ?? ''
  return found.replace(/\+.{8}\+/, id => id.toUpperCase())
}

export function boundCheckpointCases(): VectorCase[] {
  const of = (text: string) => ({ note: signed(text), origin, vkey })
  const hash = toBase64(tree.root(11))
  const wrong = (name: string, text: string, at: string) => bad(name, of(text), 'log.bad-checkpoint', at)
  const line = (text: string) => `${origin}\n${text}\n${hash}\n`
  return [
    good('a log of 1', { note: checkpointAt(1), origin, vkey }, { origin, size: 1, root: b64(tree.root(1)) }),
    good('a size of 16 digits', of(line('1000000000000000')), { origin, size: 1e15, root: b64(tree.root(11)) }),
    wrong('a size of 17 digits', line('10000000000000000'), 'size'),
    wrong('a size of nothing', line(''), 'size'),
    wrong('a size below nothing', line('-0'), 'size'),
    wrong('a size in other digits', line('١١'), 'size'),
    wrong('a size with an exponent', line('1e1'), 'size'),
    wrong('a space after the size', line('11 '), 'size'),
    wrong('a root of 33 bytes', `${origin}\n11\n${toBase64(new Uint8Array(33))}\n`, 'root'),
    wrong('a root in the other alphabet', `${origin}\n11\n${'_'.repeat(43)}=\n`, 'root'),
    wrong('a root with loose bits', `${origin}\n11\n${'A'.repeat(42)}B=\n`, 'root'),
    wrong('the origin is named before the size', '\nx\nx\n', 'origin'),
    wrong('the size is named before the root', `${origin}\nx\nx\n`, 'size'),
    wrong('the size is named before another origin', `other.example\nx\n${hash}\n`, 'size'),
    bad('another origin is named before the root of nothing', of(`other.example\n0\n${hash}\n`), 'log.wrong-origin',
      'origin'),
    bad('a log whose name ends with ours', of(`x${origin}\n11\n${hash}\n`), 'log.wrong-origin', 'origin'),
    bad('a log whose name is ours in capitals', of(`${origin.toUpperCase()}\n11\n${hash}\n`), 'log.wrong-origin',
      'origin'),
  ]
}

export function boundTileCases(): VectorCase[] {
  const at = (level: number, index: number, width: number) => tileHashes({ read: tree.read, level, index, width })
  const files = { 'tile/0/000': at(0, 0, 256), 'tile/0/001.p/44': at(0, 1, 44), 'tile/1/000.p/1': at(1, 0, 1) }
  const given = (change: Record<string, Uint8Array> = {}, root = tree.root(300)) => ({ size: 300, root: b64(root),
    tiles: Object.fromEntries(Object.entries({ ...files, ...change }).map(([path, tile]) => [path, b64(tile)])) })
  const wrong = (name: string, path: string, tile: Uint8Array) =>
    bad(name, given({ [path]: tile }), 'log.bad-tile', path)
  const paths = [256 * 256 - 1, 256 * 256, 256 * 256 + 1].map(size => size)
  return [
    good('the tiles of a log of 300', given()),
    bad('the tiles of another log', given({}, tree.root(299)), 'log.bad-tile', 'root'),
    wrong('a hash of the upper level that is not of the tile below', 'tile/1/000.p/1', tree.read(0, 0)),
    wrong('a whole tile cut', 'tile/0/000', at(0, 0, 255)),
    wrong('a tile with a hash more', 'tile/0/001.p/44', at(0, 1, 44).subarray(0, 43 * 32)),
    wrong('a tile with a byte more', 'tile/0/001.p/44', concat(at(0, 1, 44), Uint8Array.of(0))),
    good('the tiles of an empty log', { size: 0, root: b64(sha256(new Uint8Array(0))), tiles: {} }),
    bad('the tiles of an empty log that is another', { size: 0, root: b64(tree.root(1)), tiles: {} }, 'log.bad-tile',
      'root'),
    ...paths.map(size => good(`the upper tiles of a log of ${size}`, { path: upper(size) }, pathOf(size))),
    ...['tile/1/000.p/256', 'tile/1/000.p/1000', 'tile/entries/000.p/0', 'tile/entries/0', 'tile/0/000.P/1',
      'tile/0/000.p',
      'tile/ 0/000', 'tile/0/000\n', 'tile/0/٠٠٠', 'tile/+1/000', 'TILE/0/000', 'tile//000', 'tile/0/x000/000',
        'tile/0/X001/234',
      'tile/100/000', 'log/tile/0/000'].map(text =>
      bad(`the path ${JSON.stringify(text)}`, { path: text }, 'log.bad-path')),
    good('a bundle of one empty entry', { bundle: b64(entryBundle([new Uint8Array(0)])), width: 1 }, { entries: [''] }),
    good('a bundle of 256 entries', { bundle: b64(entryBundle(Array.from({ length: 256 }, () => utf8('x')))),
      width: 256 }),
    bad('a bundle of nothing', { bundle: '', width: 1 }, 'log.bad-tile'),
    bad('a length of one byte', { bundle: 'AA', width: 1 }, 'log.bad-tile'),
    bad('a length past the end', { bundle: b64(Uint8Array.of(0, 2, 7)), width: 1 }, 'log.bad-tile'),
  ]
}

const upper = (size: number): string => `tile/2/000.p/${Math.max(1, size - 65_535)}`
const pathOf = (size: number) => ({ level: 2, index: 0, width: Math.max(1, size - 65_535) })

export function boundReceiptCases(): VectorCase[] {
  const given = (index: number, receipt: string) => ({ receipt, entry: b64(entryAt(index)), origin, vkey })
  const wrong = (name: string, index: number, receipt: string, at: string) =>
    bad(name, given(index, receipt), 'log.bad-receipt', at)
  const [open, closed] = [formatReceipt(receiptOf(6)), formatReceipt(receiptOf(7))]
  const hashes = (count: number): Receipt => ({ ...receiptOf(6), proof: Array.from({ length: count }, () =>
    seed('hash')) })
  const large = (length: number) => {
    const head = open.slice(0, open.indexOf('\n\n') + 2)
    return `${head}${'a'.repeat(length - head.length)}`
  }
  const noted = (note: string) => formatReceipt({ ...receiptOf(6), checkpoint: note })
  const text = checkpointAt(11).slice(0, checkpointAt(11).lastIndexOf('\n\n') + 1)
  return [
    bad('63 hashes', given(6, formatReceipt(hashes(63))), 'log.bad-proof', 'proof'),
    wrong('64 hashes, of an open entry', 6, formatReceipt(hashes(63)).replace('index 6\n',
      `index 6\n${toBase64(seed('hash'))}\n`),
      'proof'),
    good('a checkpoint of 65,536 bytes', given(6, noted(noteOf(65_536, text))), { index: 6, size: 11 }),
    bad('a checkpoint of 65,537 bytes', given(6, noted(noteOf(65_537, text))), 'log.bad-note'),
    bad('69,632 characters', given(6, large(69_632)), 'log.bad-note'),
    bad('69,633 characters', given(6, large(69_633)), 'log.bad-receipt'),
    bad('an index of 2^53 - 1', given(6, open.replace('index 6', `index ${max}`)), 'log.bad-proof', 'proof'),
    wrong('an index of 2^53', 6, open.replace('index 6', 'index 9007199254740992'), 'index'),
    wrong('an index of nothing', 6, open.replace('index 6', 'index '), 'index'),
    wrong('an index with a sign', 6, open.replace('index 6', 'index +6'), 'index'),
    wrong('an index in other digits', 6, open.replace('index 6', 'index ٦'), 'index'),
    wrong('another word for index', 6, open.replace('index 6', 'Index 6'), 'index'),
    wrong('another word of six letters for index', 6, open.replace('index ', 'place '), 'index'),
    wrong('the header alone', 6, open.replace(/index[^]*?\n\n/, '\n'), 'index'),
    wrong('no header', 6, open.replace(/^.*\n/, ''), 'header'),
    wrong('a space after the header', 6, open.replace('@v1', '@v1 '), 'header'),
    wrong('nothing', 6, '', 'header'),
    wrong('an open entry with an extra that is none', 6, open.replace('index', 'extra x\nindex'), 'extra'),
    wrong('an extra of 31 bytes', 7, closed.replace(/extra .*\n/, `extra ${toBase64(new Uint8Array(31))}\n`), 'extra'),
    wrong('an extra with loose bits', 7, closed.replace(/extra .*\n/, `extra ${'A'.repeat(42)}B=\n`), 'extra'),
    wrong('two extras', 7, closed.replace(/(extra .*\n)/, '$1$1'), 'index'),
    wrong('another word of six letters for extra', 7, closed.replace('extra ', 'other '), 'index'),
    wrong('a hash of 31 bytes', 6, open.replace('index 6\n', `index 6\n${toBase64(new Uint8Array(31))}\n`), 'proof'),
    bad('a receipt that is none is named before the entry', { ...given(6, 'x'), entry: 'AA' }, 'log.bad-receipt',
      'header'),
    bad('no checkpoint', given(6, open.slice(0, open.indexOf('\n\n') + 2)), 'log.bad-note'),
  ]
}

export function boundEntryCases(): VectorCase[] {
  const jws = jwsOf('a statement')
  const read = (name: string, bytes: Uint8Array) => bad(name, { entry: b64(bytes) }, 'log.bad-entry')
  const stands = { jws, kid, tagKey: b64(tagKey) }
  const formed = (form: number, text = 'a.b.c') => concat(Uint8Array.of(form), utf8(text))
  const tagged = sealed('a statement')
  const bent = (at: number) => tagged.map((byte, i) => (i === at ? byte ^ 1 : byte))
  return [
    good('an open entry with every sign of the alphabet', { entry: b64(openEntry('a-_Z9.-_b0.-_C')) },
      { form: 'open', jws: 'a-_Z9.-_b0.-_C' }),
    ...[0, 1, 3, 255].map(form => read(`the form ${form} before a JWS`, formed(form))),
    ...[0, 2, 3].map(form => read(`the form ${form} before 64 bytes`, concat(Uint8Array.of(form), tagged.subarray(1)))),
    read('the form of an open entry alone', Uint8Array.of(2)),
    read('the form of a sealed entry alone', Uint8Array.of(1)),
    read('an open entry of four parts', formed(2, 'a.b.c.d')),
    read('an open entry without its first part', formed(2, '.b.c')),
    read('an open entry without its last part', formed(2, 'a.b.')),
    read('an open entry with padding', formed(2, 'a.b.c=')),
    read('an open entry in the other alphabet', formed(2, 'a.b.+/')),
    bad('no entry for a statement', { ...stands, entry: '' }, 'log.bad-entry'),
    bad('another commitment, without the tag key', { jws, kid, entry: b64(bent(1)) }, 'log.entry-mismatch',
      'commitment'),
    good('another tag, without the tag key', { jws, kid, entry: b64(bent(40)) }),
    bad('another tag', { ...stands, entry: b64(bent(40)) }, 'log.entry-mismatch', 'tag'),
    bad('the commitment is named before the tag', { ...stands, entry: b64(bent(1).map((byte, i) =>
      (i === 40 ? byte ^ 1 : byte))) },
      'log.entry-mismatch', 'commitment'),
  ]
}
