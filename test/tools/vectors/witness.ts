import {
  type NoteSignature, type Vkey, cosign, fromBase64, mlDsa44Keys, portableSha256 as sha256, readNote,
  signMlDsa44, signatureTypes, splitVkey, formatVkey, withSignatures, toBase64,
} from '@chancery/protocol'
import { ed25519 } from '@noble/curves/ed25519.js'
import { bad, checkpointAt, good, origin, seed, signWith, tree, vkey } from './log-story.ts'
import type { VectorCase, VectorFile } from './vector-file.ts'

/** All of spec/vectors/witness, from fixed seeds: cosignatures, policies, and notes judged by them. */
export const witnessVectors = (): Record<string, VectorFile> => ({
  'witness/cosignature.json': { spec: 'spec/14-witnesses.md#cosignatures', check: 'cosignature',
    cases: cosignatureCases() },
  'witness/policy.json': { spec: 'spec/14-witnesses.md#policy', check: 'policy', cases: policyCases() },
  'witness/quorum.json': { spec: 'spec/14-witnesses.md#quorum', check: 'quorum', cases: quorumCases() },
})

const nameOf = (who: string): string => `${origin}/witness/${who}`
const pqSeed = (who: string) => seed(`ml-dsa ${who}`)
export const edKey = (who: string, name = nameOf(who)): string =>
  formatVkey({ sha256, name, key: ed25519.getPublicKey(seed(`witness ${who}`)), type: signatureTypes.cosignature })
export const pqKey = (who: string, name = nameOf(who)): string =>
  formatVkey({ sha256, name, key: mlDsa44Keys(pqSeed(who)).publicKey, type: signatureTypes.mlDsa44 })
const logPq = pqKey('log', origin)
const keyOf = (text: string): Vkey => {
  const key = splitVkey(text)
  if (key === undefined) throw new Error('a verifier key of ours')
  return key
}
const time = 1_893_456_000

type Line = { who: string; at?: number; size?: number; pq?: boolean; name?: string; break?: boolean }
function lineBy({ who, at = time, size = 11, pq = false, name, break: broken = false }: Line): NoteSignature {
  const checkpoint = { origin, size, root: tree.root(size) }
  const key = keyOf(pq ? pqKey(who, name ?? nameOf(who)) : edKey(who, name ?? nameOf(who)))
  const sign = pq ? (message: Uint8Array) => signMlDsa44(mlDsa44Keys(pqSeed(who)).secretKey, message)
    : signWith(`witness ${who}`)
  const line = cosign(key, { checkpoint, at, sign })
  if (!broken) return line
  const signature = Uint8Array.from(line.signature)
  signature[20] = (signature[20] ?? 0) ^ 1
  return { ...line, signature }
}
const noteBy = (...lines: (Line | NoteSignature)[]): string =>
  withSignatures(checkpointAt(11), lines.map(line => ('who' in line ? lineBy(line) : line)))
const withTime = (line: NoteSignature, at: bigint): NoteSignature => {
  const signature = Uint8Array.from(line.signature)
  new DataView(signature.buffer).setBigUint64(0, at)
  return { ...line, signature }
}

/** The example of C2SP tlog-cosignature, made by others with Go: note and witness key id, as that page prints them. */
const foreign = [
  'example.com/behind-the-sofa', '20852163', 'CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=', '',
  '— example.com/behind-the-sofa ' +
    'Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=',
  '— witness.example.com/w1 ' +
    'jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==', '',
].join('\n')

function cosignatureCases(): VectorCase[] {
  const given = (line: NoteSignature, key: string, size = 11) => ({
    checkpoint: `${origin}\n${size}\n${toBase64(tree.root(size))}\n`, key, signature: toBase64(line.signature),
  })
  const [ed, pq] = [lineBy({ who: 'a' }), lineBy({ who: 'a', pq: true })]
  const refused = (name: string, from: unknown, at = nameOf('a')) => bad(name, from, 'log.bad-cosignature', at)
  return [
    good('by Ed25519', given(ed, edKey('a')), { at: time }),
    good('by ML-DSA-44', given(pq, pqKey('a')), { at: time }),
    good('at the first second', given(lineBy({ who: 'a', at: 1 }), edKey('a')), { at: 1 }),
    good('at 2^53 - 1', given(lineBy({ who: 'a', at: 2 ** 53 - 1 }), edKey('a')), { at: 2 ** 53 - 1 }),
    good('Ed25519 under another name', given(ed, edKey('a', 'other.example')), { at: time }),
    refused('ML-DSA-44 under another name', given(pq, pqKey('a', 'other.example')), 'other.example'),
    refused('a time of zero', given(withTime(ed, 0n), edKey('a'))),
    refused('a time of 2^53', given(withTime(ed, 2n ** 53n), edKey('a'))),
    refused('another time', given(withTime(ed, BigInt(time + 1)), edKey('a'))),
    refused('another time, by ML-DSA-44', given(withTime(pq, BigInt(time + 1)), pqKey('a'))),
    refused('another size', given(ed, edKey('a'), 12)),
    refused('another size, by ML-DSA-44', given(pq, pqKey('a'), 12)),
    refused('another key', given(ed, edKey('b')), nameOf('b')),
    refused('one bit changed', given(lineBy({ who: 'a', break: true }), edKey('a'))),
    refused('one bit changed, of ML-DSA-44', given(lineBy({ who: 'a', pq: true, break: true }), pqKey('a'))),
    refused('a byte short', given({ ...ed, signature: ed.signature.subarray(0, -1) }, edKey('a'))),
    refused('of the other family', given(pq, edKey('a'))),
    refused('a log signature in its place', given({ ...ed, signature: signedBody() }, edKey('a'))),
    good('of a page of C2SP: the parts of its line', { note: foreign },
      { at: 1_679_315_147, origin: 'example.com/behind-the-sofa', size: 20_852_163 }),
  ]
}

/** What a log signs is no cosignature, whatever stands before it. */
function signedBody(): Uint8Array {
  const note = readNote(checkpointAt(11))
  if (!note.ok) throw new Error('a note of ours')
  const time8 = fromBase64('AAAAAHDbkgA=') ?? new Uint8Array(8)
  return Uint8Array.of(...time8, ...(note.value.signatures[0]?.signature ?? []))
}

const lines = (...all: string[]): string => `${all.join('\n')}\n`
const log = `log ${vkey}`
type Four<T> = [T, T, T, T]
const [wa, wb, wc, wd] = ['a', 'b', 'c', 'd'].map(who => `witness ${who} ${edKey(who)}`) as Four<string>
const threeOfFour = lines(log, wa, wb, wc, wd, 'group q 3 a b c d', 'quorum q')
const pairOf = (who: string, k: string): string[] => [
  `witness ${who}-ed ${edKey(who)}`, `witness ${who}-pq ${pqKey(who)}`, `group ${who} ${k} ${who}-ed ${who}-pq`,
]
const paired = (k: string): string =>
  lines(log, `log ${logPq}`, ...['a', 'b', 'c'].flatMap(who => pairOf(who, k)), 'group q 2 a b c', 'quorum q')

function policyCases(): VectorCase[] {
  const tolerated = (parties: number, quorum: number, shared: number, faulty: number, away: number) =>
    ({ parties, quorum, shared, faulty, away })
  const ok = (name: string, text: string, value: unknown) => good(name, { policy: text }, value)
  const no = (name: string, text: string, at?: string) => bad(name, { policy: text }, 'log.bad-policy', at)
  const many = (n: number) => Array.from({ length: n }, (_, i) => `witness w${i} ${edKey(`w${i}`)}`)
  const all = (n: number, k: number | string) =>
    lines(...many(n), `group q ${k} ${Array.from({ length: n }, (_, i) => `w${i}`).join(' ')}`, 'quorum q')
  const nested = lines(log, wa, wb, wc, 'group x 2 a b c', wd, `witness e ${edKey('e')}`, 'group y any d e',
    'group z all x y', 'quorum z')
  const at = (text: string, wrong: string) => `line ${text.split('\n').lastIndexOf(wrong) + 1}`
  const wrongLine = (name: string, wrong: string) => {
    const text = lines(log, wa, wb, wrong, 'quorum a')
    return no(name, text, at(text, wrong))
  }
  return [
    ok('three of four', threeOfFour, tolerated(4, 3, 2, 1, 1)),
    ok('seven of ten bear three', all(10, 7), tolerated(10, 7, 4, 3, 3)),
    ok('two of three bear none', all(3, 2), tolerated(3, 2, 1, 0, 1)),
    ok('all of two', all(2, 'all'), tolerated(2, 2, 2, 1, 0)),
    ok('any of two share none', all(2, 'any'), tolerated(2, 1, 0, 0, 1)),
    ok('half of four share none', all(4, 2), tolerated(4, 2, 0, 0, 2)),
    ok('nested groups', nested, tolerated(5, 3, 1, 0, 1)),
    ok('pairs of both families', paired('all'), tolerated(3, 2, 1, 0, 1)),
    ok('one witness', lines(wa, 'quorum a'), tolerated(1, 1, 1, 0, 0)),
    ok('none', lines('quorum none'), tolerated(0, 0, 0, 0, 0)),
    ok('comments, tabs, blank lines and urls', lines('# a policy', '', `\t ${log} https://log.example/ `, '  # more',
      `witness\ta ${edKey('a')}\thttps://w.example`, 'quorum a'), tolerated(1, 1, 1, 0, 0)),
    ok('a witness that counts nowhere', lines(wa, wb, 'quorum a'), tolerated(1, 1, 1, 0, 0)),
    ok('thirty-two witnesses', all(32, 22), tolerated(32, 22, 12, 11, 10)),
    no('thirty-three witnesses', all(33, 22), 'line 33'),
    no('no quorum line', lines(log, wa)),
    no('nothing', ''),
    no('no newline at the end', `${wa}\nquorum a`),
    no('a carriage return', `${wa}\r\nquorum a\n`),
    no('a delete character', `${wa}\u007f\nquorum a\n`),
    wrongLine('an unknown word', 'witnesses c'),
    wrongLine('a log without a key', 'log'),
    wrongLine('a log of a witness key', `log ${edKey('c')}`),
    wrongLine('a witness of a log key', `witness c ${vkey}`),
    wrongLine('a witness without a key', 'witness c'),
    wrongLine('a third thing after a key', `witness c ${edKey('c')} https://a.example b`),
    wrongLine('a wrong key id', `witness c ${edKey('c').replace(/\+[0-9a-f]{8}\+/, '+00000000+')}`),
    wrongLine('the name none', `witness none ${edKey('c')}`),
    wrongLine('a name twice', `witness a ${edKey('c')}`),
    wrongLine('a key twice under two names', `witness c ${edKey('a', 'other.example')}`),
    wrongLine('a log twice', log),
    wrongLine('a group of none', 'group g all'),
    wrongLine('a group of a witness that is not there', 'group g all a c'),
    wrongLine('a group of none by name', 'group g any a none'),
    wrongLine('a member twice', 'group g 1 a a'),
    wrongLine('a group with the name of a witness', 'group a all b'),
    wrongLine('a threshold of zero', 'group g 0 a b'),
    wrongLine('a threshold past the members', 'group g 3 a b'),
    wrongLine('a threshold with a zero before it', 'group g 01 a b'),
    wrongLine('a threshold that is no number', 'group g most a b'),
    wrongLine('a quorum that is not there', 'quorum c'),
    wrongLine('two names for the quorum', 'quorum a b'),
    no('a second quorum line', lines(wa, 'quorum a', 'quorum a'), 'line 3'),
    no('a member of two groups', lines(wa, wb, 'group g any a b', 'group h all a', 'quorum g'), 'line 4'),
    no('a group before its members', lines(wa, 'group g all a b', wb, 'quorum g'), 'line 2'),
  ]
}

function quorumCases(): VectorCase[] {
  const given = (note: string, policy = threeOfFour) => ({ note, origin, policy })
  const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((who, i): Line => ({ who, at: time + 10 * i })) as Four<Line>
  const both = (line: Line): Line[] => [line, { ...line, pq: true, at: (line.at ?? time) + 1 }]
  const logLine = lineBy({ who: 'log', pq: true, name: origin })
  const value = (cosigned: Record<string, number>, [notBefore, notAfter]: (number | null)[], standsOn = ['ed25519']) =>
    ({ cosigned, notAfter, notBefore, size: 11, standsOn })
  const at = (i: number) => time + 10 * i
  const onlyPq = noteBy(...[a, b].map(line => ({ ...line, pq: true })), logLine)
  const withoutLog = onlyPq.split('\n').filter((line, i) => i < 4 || !line.includes(`— ${origin} ${'8f'}`)).join('\n')
  return [
    good('three of four', given(noteBy(a, b, c)), value({ a: at(0), b: at(1), c: at(2) }, [at(1), at(1)])),
    good('all four, in another order', given(noteBy(d, c, b, a)),
      value({ a: at(0), b: at(1), c: at(2), d: at(3) }, [at(2), at(1)])),
    good('and strangers', given(noteBy(a, b, c, { who: 'x' }, { who: 'y', break: true })),
      value({ a: at(0), b: at(1), c: at(2) }, [at(1), at(1)])),
    good('no quorum is asked for', given(checkpointAt(11), lines(log, 'quorum none')), value({}, [null, null])),
    bad('two of four', given(noteBy(a, b)), 'log.no-quorum'),
    bad('the log alone', given(checkpointAt(11)), 'log.no-quorum'),
    bad('a known witness with a bad signature, beside a quorum', given(noteBy(a, b, c, { ...d, break: true })),
      'log.bad-cosignature', nameOf('d')),
    bad('a cosignature of another size', given(noteBy(a, b, { ...c, size: 12 })), 'log.bad-cosignature', nameOf('c')),
    bad('another log', { ...given(noteBy(a, b, c)), origin: 'other.example' }, 'log.wrong-origin', 'origin'),
    bad('a log key that the policy does not name',
      given(noteBy(a, b, c), threeOfFour.replace(log, `log ${logPq}`)), 'log.bad-signature'),
    bad('thirty-three signatures', given(noteBy(a, b, c) + tooMany()), 'log.bad-note'),
    good('both families', given(noteBy(...both(a), ...both(b), logLine), paired('all')),
      value({ 'a-ed': at(0), 'a-pq': at(0) + 1, 'b-ed': at(1), 'b-pq': at(1) + 1 }, [at(1) + 1, at(0)],
        ['ed25519', 'ml-dsa-44'])),
    bad('one family where both are asked for', given(noteBy(a, b, logLine), paired('all')), 'log.no-quorum'),
    good('one family where either will do', given(noteBy(a, b, logLine), paired('any')),
      value({ 'a-ed': at(0), 'b-ed': at(1) }, [at(1), at(0)])),
    good('the other family, and no Ed25519 at all', given(withoutLog, paired('any')),
      value({ 'a-pq': at(0), 'b-pq': at(1) }, [at(1), at(0)], ['ml-dsa-44'])),
    bad('the ML-DSA-44 signature of the log does not hold', given(noteBy(...both(a), ...both(b),
      lineBy({ who: 'log', pq: true, name: origin, break: true })), paired('all')), 'log.bad-signature'),
  ]
}

const tooMany = (): string =>
  Array.from({ length: 29 }, (_, i) => `— stranger.example/${i} ${toBase64(seed(`${i}`))}\n`).join('')

