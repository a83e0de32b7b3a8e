import {
  type Hash, type Receipt, concat, consistencyProof, createTree, entryBundle, entryTag, formatReceipt, inclusionProof,
  leafHash, openEntry, rootAt, tileHashes, tilePath, tilesForSize, toBase64, utf8, portableSha256 as sha256,
} from '@chancery/protocol'
import {
  boundCheckpointCases, boundConsistencyCases, boundEntryCases, boundInclusionCases, boundNoteCases, boundReceiptCases,
  boundTileCases,
} from './log-bounds.ts'
import {
  b64, seed, origin, max, vkeyOf, vkey, good, bad, signatureOf, jwsOf, sidOf, kid, tagKey, sealed, entryAt, tree,
  equalLog, noteText, signed, lineOf, receiptOf, checkpointAt,
} from './log-story.ts'
import type { VectorCase, VectorFile } from './vector-file.ts'

/** All of spec/vectors/log, from fixed seeds. Bytes in `given` and `value` are base64url. */
export const logVectors = (): Record<string, VectorFile> => ({
  'log/merkle.json': { spec: 'spec/06-log.md#tree', check: 'logRoot', cases: merkleCases() },
  'log/inclusion.json': { spec: 'spec/06-log.md#proofs', check: 'logInclusion', cases: [...inclusionCases(),
    ...boundInclusionCases()] },
  'log/consistency.json': { spec: 'spec/06-log.md#consistency', check: 'logConsistency',
    cases: [...consistencyCases(), ...boundConsistencyCases()] },
  'log/note.json': { spec: 'spec/06-log.md#checkpoint', check: 'logNote', cases: [...noteCases(),
    ...boundNoteCases()] },
  'log/checkpoint.json': { spec: 'spec/06-log.md#checkpoint', check: 'logCheckpoint', cases: [...checkpointCases(),
    ...boundCheckpointCases()] },
  'log/tiles.json': { spec: 'spec/06-log.md#tiles', check: 'logTiles', cases: [...tileCases(), ...boundTileCases()] },
  'log/receipt.json': { spec: 'spec/06-log.md#receipts', check: 'logReceipt', cases: [...receiptCases(),
    ...boundReceiptCases()] },
  'log/entry.json': { spec: 'spec/06-log.md#entries', check: 'logEntry', cases: [...entryCases(),
    ...boundEntryCases()] },
})

function merkleCases(): VectorCase[] {
  // The eight leaves with which RFC 6962 logs have been compared since 2013.
  const hex = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f']
  const entries = hex.map(digits => Uint8Array.from(digits.match(/../g) ?? [], pair => Number.parseInt(pair, 16)))
  return Array.from({ length: 9 }, (_, size) => {
    const known = createTree(sha256)
    entries.slice(0, size).forEach(entry => known.append(leafHash(sha256, entry)))
    return good(`a log of ${size} entries`, { entries: entries.slice(0, size).map(b64) }, { root: b64(known.root()) })
  })
}

type Inclusion = { leaf: Hash; index: number; size: number; proof: Hash[]; root: Hash }
const inclusionGiven = (given: Inclusion) =>
  ({ ...given, leaf: b64(given.leaf), proof: given.proof.map(b64), root: b64(given.root) })

function inclusion(index: number, size: number, read = tree.read): Inclusion {
  const root = rootAt({ sha256, size, read })
  return { leaf: read(0, index), index, size, proof: inclusionProof({ sha256, index, size, read }), root }
}

function inclusionCases(): VectorCase[] {
  const places: [number, number][] = [[0, 1], [0, 2], [1, 2], [2, 3], [6, 7], [5, 8], [255, 256], [256, 257],
    [256, 300]]
  const far: [number, number][] = [
    [2 ** 31, 2 ** 31 + 1], [2 ** 31 - 1, 2 ** 32 + 1], [2 ** 32, 2 ** 32 + 1], [0, max], [2 ** 52, max],
      [max - 1, max],
  ]
  const of = inclusion(5, 7)
  const [first = of.leaf, ...rest] = of.proof
  const wrong = (name: string, change: Partial<Inclusion>) =>
    bad(name, inclusionGiven({ ...of, ...change }), 'log.bad-proof')
  return [
    ...places.map(([index, size]) => good(`entry ${index} of ${size}`, inclusionGiven(inclusion(index, size)))),
    ...far.map(([index, size]) => good(`entry ${index} of ${size}`, inclusionGiven(inclusion(index, size, equalLog)))),
    wrong('another leaf', { leaf: tree.read(0, 4) }),
    wrong('another root', { root: tree.root(6) }),
    wrong('another index', { index: 4 }),
    wrong('an index that is the size', { index: 7 }),
    wrong('a smaller size', { size: 6 }),
    wrong('a size of nothing', { index: 0, size: 0, proof: [] }),
    wrong('a hash missing at the leaf', { proof: rest }),
    wrong('a hash missing at the root', { proof: of.proof.slice(0, -1) }),
    wrong('a hash too many', { proof: [...of.proof, first] }),
    wrong('two hashes exchanged', { proof: of.proof.toReversed() }),
    wrong('a hash of 31 bytes', { proof: [first.subarray(1), ...rest] }),
    wrong('a size past 2^53 - 1', { size: 2 ** 53 }),
    wrong('the proof of entry 3 of 4 for entry 1 of 2', { ...inclusion(3, 4), index: 1, size: 2 }),
    wrong('the proof of entry 0 of 2 for entry 0 of 4', { ...inclusion(0, 2), size: 4 }),
  ]
}

type View = { origin: string; size: number; root: Hash }
const consistencyGiven = (known: View, next: View, proof: Hash[]) => ({
  known: { ...known, root: b64(known.root) }, next: { ...next, root: b64(next.root) }, proof: proof.map(b64),
})

function consistencyCases(): VectorCase[] {
  const sizes: [number, number][] = [[0, 0], [0, 7], [1, 2], [3, 7], [4, 7], [6, 7], [7, 7], [8, 300], [255, 256],
    [256, 257]]
  const far: [number, number][] = [[2 ** 31 - 1, 2 ** 32 + 1], [2 ** 32, max], [2 ** 52, max], [max - 1, max]]
  const view = (size: number, read = tree.read): View => ({ origin, size, root: rootAt({ sha256, size, read }) })
  const extension = (from: number, to: number, read = tree.read) =>
    consistencyGiven(view(from, read), view(to, read), consistencyProof({ sha256, from, to, read }))
  const other = tree.read(0, 9)
  const proof = consistencyProof({ sha256, from: 3, to: 7, read: tree.read })
  const wrong = (name: string, known: View, next: View, hashes: Hash[], code = 'log.forked') =>
    bad(name, consistencyGiven(known, next, hashes), code)
  return [
    ...sizes.map(([from, to]) => good(`${from} to ${to}`, extension(from, to))),
    ...far.map(([from, to]) => good(`${from} to ${to}`, extension(from, to, equalLog))),
    wrong('the log is smaller than it was', view(7), view(6), [], 'log.went-back'),
    wrong('the log is empty again', view(7), view(0), [], 'log.went-back'),
    wrong('another log', view(3), { ...view(7), origin: 'other.example' }, proof, 'log.wrong-origin'),
    wrong('two roots at one size', view(7), { ...view(7), root: other }, []),
    wrong('a proof where none is needed', view(7), view(7), [other]),
    wrong('another past', { ...view(3), root: other }, view(7), proof),
    wrong('another present', view(3), { ...view(7), root: other }, proof),
    wrong('another root of nothing', { ...view(0), root: other }, view(7), []),
    wrong('a proof from nothing', view(0), view(7), [other]),
    wrong('no proof', view(3), view(7), []),
    wrong('a hash too many', view(3), view(7), [...proof, other]),
    wrong('a hash missing', view(3), view(7), proof.slice(0, -1)),
    wrong('two hashes exchanged', view(3), view(7), proof.toReversed()),
    wrong('the proof from 7 to 8 for 3 to 4', { ...view(7), size: 3 }, { ...view(8), size: 4 },
      consistencyProof({ sha256, from: 7, to: 8, read: tree.read })),
  ]
}

function noteCases(): VectorCase[] {
  const note = signed(noteText)
  const line = lineOf(note)
  const witness = (index: number) => lineOf(signed(noteText, `witness.example/${index}`))
  const witnesses = (count: number) => Array.from({ length: count }, (_, index) => witness(index)).join('')
  const holds = (name: string, text: string, body = noteText) => good(name, { note: text, vkey }, { text: body })
  const wrong = (name: string, text: string, code = 'log.bad-note') => bad(name, { note: text, vkey }, code)
  return [
    holds('signed by the log', note),
    holds('signed by the log before strangers', note + witnesses(2)),
    holds('signed by the log after strangers', `${noteText}\n${witnesses(2)}${line}`),
    holds('blank lines in the text', signed('one\n\n\ntwo\n'), 'one\n\n\ntwo\n'),
    holds('32 signatures', note + witnesses(31)),
    holds('a stranger with the id of the log',
      `${noteText}\n${line.replace(`— ${origin}`, '— stranger.example')}${line}`),
    wrong('33 signatures', note + witnesses(32)),
    wrong('more than 65,536 bytes', signed(`${'é'.repeat(32_768)}\n`)),
    wrong('nothing', ''),
    wrong('no signature', noteText),
    wrong('no signature after the blank line', `${noteText}\n`),
    wrong('no blank line', noteText + line),
    wrong('no new line at the end', note.slice(0, -1)),
    wrong('a blank line at the end', `${note}\n`),
    wrong('a carriage return', note.replace('\n', '\r\n')),
    wrong('a null in the text', note.replace('of two', 'of\0two')),
    wrong('a hyphen for the dash', note.replace('—', '-')),
    wrong('no key name', note.replace(`— ${origin} `, '— ')),
    wrong('a plus in the key name', note.replace(`— ${origin}`, `— +${origin}`)),
    wrong('a no-break space in the key name', note.replace(`— ${origin}`, `— \u00a0${origin}`)),
    wrong('a word after the signature', `${note.slice(0, -1)} more\n`),
    wrong('base64 without padding', note.replace('=\n', '\n')),
    wrong('a key id and no signature', `${noteText}\n— a AAAAAA==\n`),
    wrong('two signatures of one key', note + line),
    wrong('an altered text', note.replace('two', 'six'), 'log.bad-signature'),
    wrong('an altered text that a stranger signed too', note.replace('two', 'six') + witness(1), 'log.bad-signature'),
    wrong('no signature by the log', signed(noteText, 'witness.example/1'), 'log.bad-signature'),
    bad('a namesake with another key', { note, vkey: vkeyOf(origin, 'another') }, 'log.bad-signature'),
    bad('a verifier key with another id', { note, vkey: vkey.replace(/\+.{8}\+/, '+00000000+') }, 'log.bad-vkey'),
    bad('a verifier key of another algorithm', { note, vkey: vkey.replace('+A', '+B') }, 'log.bad-vkey'),
    bad('a verifier key cut short', { note, vkey: vkey.slice(0, -4) }, 'log.bad-vkey'),
  ]
}

function checkpointCases(): VectorCase[] {
  const hash = toBase64(tree.root(11))
  const signedText = (text: string) => ({ note: signed(text), origin, vkey })
  const value = (size: number) => ({ origin, size, root: b64(tree.root(size)) })
  const wrong = (name: string, text: string, at?: string) => bad(name, signedText(text), 'log.bad-checkpoint', at)
  return [
    good('an empty log', { note: checkpointAt(0), origin, vkey }, value(0)),
    good('a log of 11', { note: checkpointAt(11), origin, vkey }, value(11)),
    good('a log of 2^53 - 1', signedText(`${origin}\n${max}\n${hash}\n`),
      { origin, size: max, root: b64(tree.root(11)) }),
    wrong('a log of 2^53', `${origin}\n9007199254740992\n${hash}\n`, 'size'),
    wrong('two lines', `${origin}\n11\n`),
    wrong('an extension line', `${origin}\n11\n${hash}\nmore\n`),
    wrong('no origin', `\n11\n${hash}\n`, 'origin'),
    wrong('a leading zero', `${origin}\n011\n${hash}\n`, 'size'),
    wrong('a sign', `${origin}\n+11\n${hash}\n`, 'size'),
    wrong('a hexadecimal size', `${origin}\n0x0b\n${hash}\n`, 'size'),
    wrong('a space before the size', `${origin}\n 11\n${hash}\n`, 'size'),
    wrong('a root of 31 bytes', `${origin}\n11\n${toBase64(new Uint8Array(31))}\n`, 'root'),
    wrong('a root without padding', `${origin}\n11\n${hash.replace('=', '')}\n`, 'root'),
    wrong('another root of nothing', `${origin}\n0\n${hash}\n`, 'root'),
    bad('another log', { note: checkpointAt(11, origin, 'other.example'), origin, vkey }, 'log.wrong-origin', 'origin'),
    bad('a log whose name begins with ours', { note: checkpointAt(11, origin, `${origin}/2`), origin, vkey },
      'log.wrong-origin', 'origin'),
    bad('an altered size', { note: checkpointAt(11).replace('\n11\n', '\n12\n'), origin, vkey }, 'log.bad-signature'),
    bad('another key', { note: checkpointAt(11, 'another'), origin, vkey }, 'log.bad-signature'),
    bad('not a note', { note: checkpointAt(11).trimEnd(), origin, vkey }, 'log.bad-note'),
  ]
}

function tileCases(): VectorCase[] {
  const path = (text: string, level: number | 'entries', index: number, width: number) =>
    good(`the path ${text}`, { path: text }, { level, index, width })
  const badPaths = [
    '', '/tile/0/000', 'tile/0/000/', 'tile/0/../000', 'tile/0/x001/../000', 'tile/0/%2e%2e/000', 'tile/00/000',
      'tile/64/000',
    'tile/-1/000', 'tile/data/000', 'tile/0/0', 'tile/0/1234', 'tile/0/x000/001', 'tile/0/x001/x234', 'tile/0/001/234',
    'tile/0/x009/x007/x199/x254/x740/992', 'tile/0/000.p/0', 'tile/0/000.p/256', 'tile/0/000.p/05', 'tile/0/000.p/',
  ]
  const texts = ['one', '', 'three'].map(utf8)
  const bundle = entryBundle(texts)
  const wrongBundle = (name: string, bytes: Uint8Array, width: number) =>
    bad(name, { bundle: b64(bytes), width }, 'log.bad-tile')
  const whole = tileHashes({ read: tree.read, level: 0, index: 0, width: 5 })
  const open = (bytes: Uint8Array, name = 'tile/0/000.p/5') =>
    ({ size: 5, root: b64(tree.root(5)), tiles: { [name]: b64(bytes) } })
  return [
    path('tile/0/000', 0, 0, 256),
    path('tile/0/x001/234.p/5', 0, 1234, 5),
    path('tile/63/x001/x234/067', 63, 1_234_067, 256),
    path('tile/entries/999.p/255', 'entries', 999, 255),
    path('tile/0/x009/x007/x199/x254/x740/991.p/1', 0, max, 1),
    ...badPaths.map(text => bad(`the path "${text}"`, { path: text }, 'log.bad-path')),
    ...[0, 1, 256, 600].map(size =>
      good(`the tiles of a log of ${size}`, { size }, { paths: tilesForSize(size).map(tilePath) })),
    good('a bundle of three', { bundle: b64(bundle), width: 3 }, { entries: texts.map(b64) }),
    good('an entry of 65,535 bytes', { bundle: b64(entryBundle([new Uint8Array(65_535)])), width: 1 }),
    wrongBundle('an entry too few', bundle, 4),
    wrongBundle('an entry too many', bundle, 2),
    wrongBundle('a cut entry', bundle.subarray(0, -1), 3),
    wrongBundle('a cut length', bundle.subarray(0, 6), 2),
    wrongBundle('a byte after the last entry', concat(bundle, Uint8Array.of(0)), 3),
    good('a tile that leads to the root', open(whole)),
    bad('a tile missing', open(whole, 'tile/0/000'), 'log.bad-tile', 'tile/0/000.p/5'),
    bad('a tile cut', open(whole.subarray(32)), 'log.bad-tile', 'tile/0/000.p/5'),
    bad('a tile altered', open(whole.toReversed()), 'log.bad-tile', 'root'),
  ]
}

function receiptCases(): VectorCase[] {
  const given = (index: number, receipt: string, entry = entryAt(index)) =>
    ({ receipt, entry: b64(entry), origin, vkey })
  const holds = (name: string, index: number) =>
    good(name, given(index, formatReceipt(receiptOf(index))), { index, size: 11 })
  const text = formatReceipt(receiptOf(7))
  const wrong = (name: string, altered: string, at: string) => bad(name, given(7, altered), 'log.bad-receipt', at)
  const altered = (index: number, change: Partial<Receipt>, code: string, at?: string) => (name: string) =>
    bad(name, given(index, formatReceipt({ ...receiptOf(index), ...change })), code, at)
  const { extra: _, ...untagged } = receiptOf(7)
  return [
    holds('an open entry', 6),
    holds('a sealed entry', 7),
    holds('the last entry', 10),
    wrong('another version', text.replace('@v1', '@v2'), 'header'),
    wrong('no blank line', text.replaceAll('\n\n', '\n'), 'header'),
    wrong('no index', text.replace('index 7\n', ''), 'index'),
    wrong('a leading zero', text.replace('index 7', 'index 07'), 'index'),
    wrong('two indices', text.replace('index 7\n', 'index 7\nindex 7\n'), 'proof'),
    wrong('the index before the extra', text.replace(/(extra .*\n)(index 7\n)/, '$2$1'), 'proof'),
    wrong('an extra of no bytes', text.replace(/extra .*\n/, 'extra \n'), 'extra'),
    wrong('a hash without padding', text.replace('=\n\n', '\n\n'), 'proof'),
    wrong('64 hashes', text.replace('index 7\n', `index 7\n${`${toBase64(seed('hash'))}\n`.repeat(64)}`), 'proof'),
    bad('a sealed entry without its tag', given(7, formatReceipt(untagged)), 'log.bad-receipt', 'extra'),
    altered(7, { extra: seed('another tag') }, 'log.bad-receipt', 'extra')('a sealed entry with another tag'),
    altered(6, { extra: seed('a tag') }, 'log.bad-receipt', 'extra')('an open entry with a tag'),
    altered(6, { index: 5 }, 'log.bad-proof', 'proof')('another index'),
    altered(6, { index: 11 }, 'log.bad-proof', 'proof')('an index that is the size'),
    altered(6, { proof: receiptOf(6).proof.slice(1) }, 'log.bad-proof', 'proof')('a hash missing'),
    altered(6, { checkpoint: checkpointAt(12) }, 'log.bad-proof', 'proof')('a checkpoint of another size'),
    altered(6, { checkpoint: checkpointAt(11, 'another') }, 'log.bad-signature')('a checkpoint by another key'),
    altered(6, { checkpoint: checkpointAt(11, origin, 'other.example') }, 'log.wrong-origin', 'origin')('another log'),
    bad('another entry', given(6, formatReceipt(receiptOf(6)), entryAt(9)), 'log.bad-proof', 'proof'),
    bad('not an entry', given(6, formatReceipt(receiptOf(6)), utf8('text')), 'log.bad-entry'),
  ]
}

function entryCases(): VectorCase[] {
  const jws = jwsOf('a statement')
  const signature = signatureOf('a statement')
  const entry = sealed('a statement')
  const stands = { entry: b64(entry), jws, kid, tagKey: b64(tagKey) }
  const { tagKey: _, ...outsider } = stands
  const committed = entry.subarray(1, 33)
  const read = (name: string, bytes: Uint8Array) => bad(name, { entry: b64(bytes) }, 'log.bad-entry')
  const openBytes = (text: string) => concat(Uint8Array.of(2), utf8(text))
  const others = jwsOf('another statement')
  const resigned = `${jws.slice(0, jws.lastIndexOf('.'))}.${b64(signatureOf('another statement'))}`
  return [
    good('made from a sid, a signature and a kid', { sid: sidOf(jws), signature: b64(signature), tagKey: b64(tagKey),
      kid },
      { entry: b64(entry) }),
    good('a sealed entry', { entry: b64(entry) },
      { form: 'sealed', commitment: b64(committed),
        tag: b64(entryTag({ sha256, tagKey, commitment: committed, kid })) }),
    good('an open entry', { entry: b64(openEntry(jws)) }, { form: 'open', jws }),
    good('an open entry of 65,535 bytes', { entry: b64(openEntry(`a.b.${'c'.repeat(65_530)}`)) }),
    read('an open entry of 65,536 bytes', openBytes(`a.b.${'c'.repeat(65_531)}`)),
    read('nothing', new Uint8Array(0)),
    read('an unknown form', concat(Uint8Array.of(3), entry.subarray(1))),
    read('a sealed entry of 64 bytes', entry.subarray(0, 64)),
    read('a sealed entry of 66 bytes', concat(entry, Uint8Array.of(0))),
    read('an open entry of two parts', openBytes('a.b')),
    read('an open entry with an empty part', openBytes('a..c')),
    read('an open entry with a disclosure', openBytes('a.b.c~d~')),
    read('an open entry with a new line', openBytes('a.b.c\n')),
    read('an open entry that is not ASCII', openBytes('a.b.é')),
    good('a sealed entry stands for its statement', stands),
    good('without the tag key the commitment alone is checked', outsider),
    good('an open entry stands for its statement', { ...stands, entry: b64(openEntry(jws)) }),
    bad('another statement', { ...stands, jws: others }, 'log.entry-mismatch', 'commitment'),
    bad('the same text with another signature', { ...stands, jws: resigned }, 'log.entry-mismatch', 'commitment'),
    bad('another statement than the open one', { ...stands, entry: b64(openEntry(jws)), jws: others },
      'log.entry-mismatch', 'jws'),
    bad('another key than the tag names', { ...stands, kid: b64(seed('another kid')) }, 'log.entry-mismatch', 'tag'),
    bad('the tag key of another charter', { ...stands, tagKey: b64(seed('another tag key')) },
      'log.entry-mismatch', 'tag'),
  ]
}
