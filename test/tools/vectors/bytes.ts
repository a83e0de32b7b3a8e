import { createHash } from 'node:crypto'
import { concat, toBase64url as b64, utf8, xwingJwk } from '@chancery/protocol'
import { bad, good, holder, seed } from './coalition.ts'
import { signatureCases } from './signature.ts'
import type { VectorCase, VectorFile } from './vector-file.ts'

/** All of spec/vectors/bytes. In `given` bytes are base64url. */
export const bytesVectors = async (): Promise<Record<string, VectorFile>> => ({
  'bytes/strict-reading.json': { spec: 'spec/02-bytes.md#strict-reading', check: 'strictReading',
    cases: readingCases() },
  'bytes/base64url.json': { spec: 'spec/02-bytes.md#base64url', check: 'base64url', cases: base64Cases() },
  'bytes/shapes.json': { spec: 'spec/02-bytes.md#text', check: 'shape', cases: shapeCases() },
  'bytes/instants.json': { spec: 'spec/02-bytes.md#numbers-and-instants', check: 'instant', cases: instantCases() },
  'bytes/signatures.json': { spec: 'spec/02-bytes.md#ed25519', check: 'signature', cases: await signatureCases() },
  'bytes/thumbprints.json': { spec: 'spec/03-charter.md#keys', check: 'thumbprint', cases: await thumbprintCases() },
})

const nested = (depth: number, open = '[', close = ']') => `${open.repeat(depth)}${close.repeat(depth)}`
const objects = (depth: number) => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`

function readingCases(): VectorCase[] {
  const reads = (name: string, text: string) => good(name, { bytes: b64(utf8(text)) }, { text })
  const refuses = (name: string, text: string, code = 'bytes.not-canonical') => bad(name, { bytes: b64(utf8(text)) },
    code)
  return [
    ...['null', 'true', 'false', '0', '-1', '""', '[]', '{}', '[[],{}]', '"é"']
      .map(text => reads(`the text ${text}`, text)),
    reads('the largest integer', '9007199254740991'),
    reads('the smallest integer', '-9007199254740991'),
    reads('the escapes that RFC 8785 writes', '"\\u0000\\b\\t\\n\\f\\r\\u001f\\"\\\\/\u007f\u2028"'),
    reads('a character outside the basic plane', '"\u{1F4DC}"'),
    reads('names in order of their UTF-16 units', '{"":1,"A":2,"a":3,"\u{1F600}":4,"\ufb33":5}'),
    reads('names that look like numbers', '{"1":0,"10":0,"2":0}'),
    reads('a backslash before the letters ud800', '"\\\\ud800"'),
    reads('text that is not in NFC: only shown text has to be', '"e\u0301"'),
    reads('a member named __proto__: the schema refuses it', '{"__proto__":1}'),
    reads('arrays 32 deep', nested(32)),
    reads('objects 32 deep', objects(32)),
    reads('brackets in a text', `"${'[{'.repeat(40)}"`),
    reads('brackets behind an escaped quotation mark', `"\\"${'['.repeat(40)}"`),
    refuses('arrays 33 deep', nested(33), 'bytes.too-deep'),
    refuses('objects 33 deep', objects(33), 'bytes.too-deep'),
    refuses('10,000 open brackets', '['.repeat(10_000), 'bytes.too-deep'),
    refuses('brackets behind a text that ends in a backslash', `["\\\\",${nested(33)}]`, 'bytes.too-deep'),
    refuses('nothing', '', 'bytes.not-json'),
    refuses('two values', '1 2', 'bytes.not-json'),
    refuses('a comma too many', '[1,]', 'bytes.not-json'),
    refuses('a comment', '1//', 'bytes.not-json'),
    refuses('single quotation marks', '\'a\'', 'bytes.not-json'),
    refuses('NaN', 'NaN', 'bytes.not-json'),
    refuses('a leading zero', '01', 'bytes.not-json'),
    refuses('a plus sign', '+1', 'bytes.not-json'),
    refuses('an open text', '"a', 'bytes.not-json'),
    refuses('a line feed in a text', '"\n"', 'bytes.not-json'),
    refuses('a byte order mark', '\ufeff1', 'bytes.not-json'),
    refuses('white space before', ' 1'),
    refuses('a new line after', '1\n'),
    refuses('white space inside', '[1, 2]'),
    refuses('a name twice', '{"a":1,"a":1}'),
    refuses('a name twice, once escaped', '{"a":1,"\\u0061":2}'),
    refuses('names out of order', '{"b":1,"a":2}'),
    refuses('names in order of their code points', '{"\ufb33":5,"\u{1F600}":4}'),
    refuses('names in order of their numbers', '{"1":0,"2":0,"10":0}'),
    refuses('minus zero', '-0'),
    refuses('a fraction of zero', '1.0'),
    refuses('a fraction', '1.5'),
    refuses('an exponent', '1e2'),
    refuses('a number past every bound', '1e400'),
    refuses('2^53', '9007199254740992'),
    refuses('2^53 + 1', '9007199254740993'),
    refuses('-2^53', '-9007199254740992'),
    refuses('10^21', '1000000000000000000000'),
    refuses('an escape for a letter', '"\\u0061"'),
    refuses('an escape for a letter outside ASCII', '"\\u00e9"'),
    refuses('an escape in capitals', '"\\u001F"'),
    refuses('a long escape for a line feed', '"\\u000a"'),
    refuses('an escaped solidus', '"\\/"'),
    refuses('an escaped pair of surrogates', '"\\ud83d\\ude00"'),
    refuses('a lone high surrogate', '"\\ud800"'),
    refuses('a lone low surrogate', '"\\udc00"'),
    refuses('surrogates the wrong way round', '"\\ude00\\ud83d"'),
    refuses('a lone surrogate in a name', '{"\\ud800":1}'),
    ...utf8Cases(),
  ]
}

function utf8Cases(): VectorCase[] {
  const raw = (name: string, ...bytes: number[]) =>
    bad(name, { bytes: b64(concat(utf8('"'), Uint8Array.from(bytes), utf8('"'))) }, 'bytes.not-utf8')
  return [
    raw('a byte that begins nothing', 0xff),
    raw('a continuation alone', 0x80),
    raw('a cut sequence', 0xc3),
    raw('a solidus in two bytes', 0xc0, 0xaf),
    raw('a letter in three bytes', 0xe0, 0x81, 0xa1),
    raw('a surrogate as UTF-8', 0xed, 0xa0, 0x80),
    raw('a pair of surrogates as UTF-8', 0xed, 0xa0, 0xbd, 0xed, 0xb8, 0x80),
    raw('a code point past U+10FFFF', 0xf4, 0x90, 0x80, 0x80),
    raw('five bytes', 0xf8, 0x88, 0x80, 0x80, 0x80),
  ]
}

function base64Cases(): VectorCase[] {
  const hex = ['', '00', 'ff', '0000', 'ffff', '000000', 'fbffbf', '14fb9c03d97e', '00'.repeat(32), 'ff'.repeat(32)]
  const refused: [string, string][] = [
    ['one character', 'A'], ['five characters', 'AAAAA'], ['padding', 'AA=='], ['padding of one', 'AAA='],
      ['padding alone', '='],
    ['a loose bit after one byte', 'AB'], ['all loose bits after one byte', 'AP'],
      ['a loose bit after two bytes', 'AAB'],
    ['a plus', 'AA+A'], ['a solidus', 'AA/A'], ['a space', 'AA A'], ['a new line after', 'AAAA\n'],
      ['a full stop', 'AA.A'],
    ['a null', 'AA\0A'], ['a letter outside ASCII', 'AA\u00c1A'], ['a full-width letter', 'AA\uff21A'],
    ['a character whose low byte is a letter', 'AA\u0141A'],
  ]
  return [
    ...hex.map(digits => good(`${digits.length / 2} bytes, ${digits.slice(0, 12)}`,
      { text: Buffer.from(digits, 'hex').toString('base64url') }, { hex: digits })),
    ...refused.map(([name, text]) => bad(name, { text }, 'bytes.not-base64url')),
  ]
}

function shapeCases(): VectorCase[] {
  const holds = (shape: string, ...values: unknown[]) =>
    values.map(value => good(title(shape, value), { shape, value }))
  const breaks = (shape: string, ...values: unknown[]) =>
    values.map(value => bad(`not ${title(shape, value)}`, { shape, value }, 'statement.bad-schema'))
  const a = (length: number) => 'a'.repeat(length)
  const marks = (count: number) => `a${'\u0316'.repeat(count)}`
  const hidden = [
    '\0', '\t', '\u001f', '\u007f', '\u0085', '\u009f', '\u00ad', '\u061c', '\u200b', '\u200e', '\u200f', '\u2028',
    '\u202a', '\u202e', '\u2060', '\u2066', '\u2069', '\u206f', '\ufeff', '\u{e0001}',
  ]
  const around = hidden.map(control => `a${control}b`)
  return [
    ...holds('Line', 'a', 'Überfall', 'שלום', '日本', '\u{1F4DC}', a(512), '\u{1F4DC}'.repeat(512), '__proto__'),
    ...breaks('Line', '', a(513), '\u{1F4DC}'.repeat(513), 'a\nb', 'a\rb', ...around, 'e\u0301', '\u212b', '\ud800',
      'a\udc00', 1, null),
    ...holds('Text', 'one\ntwo', marks(30), a(65_536)),
    ...breaks('Text', '', marks(31), a(65_537), 'a\rb', ...around, 'e\u0301', '\ud800'),
    ...holds('MemberId', 'a', 'ardenia', 'a-1', `a${a(31)}`),
    ...breaks('MemberId', '', 'A', '1a', '-a', 'a_b', 'a b', 'a\n', a(33), 'аrdenia', '__proto__'),
    ...holds('Label', 'c1', 'constructor'),
    ...breaks('Label', 'C1', 'c.1', '', a(33)),
    ...holds('Lang', 'en', 'fr-CH', 'zh-Hant-TW', 'uzb', 'de-1901', 'en-ab', 'en-abcdefgh', 'sl-rozaj-biske-1994'),
    ...breaks('Lang', '', 'e', 'EN', 'en-', 'en--US', 'en_US', 'engl', 'en-a', 'en-abcdefghi', 'e1', 'en-a_b', 'en\n'),
    ...breaks('Lang', 1, null, ['en']),
    ...breaks('Line', marks(31), ['a']), ...holds('Line', marks(30)),
    ...holds('Line', 'a\u200cb', 'a\u200db', 'a\u00a0b', 'a\u3000b'),
    ...breaks('Line', '\u{e0000}', '\u{e007f}', 'a\u202bb', 'a\u2064b', '\u{1F4DC}\u0000', '\udc00\ud83d'),
    ...breaks('Instant', 1, null), ...holds('Instant', '2026-03-01T12:00:00Z'),
    ...breaks('Digest', 1, null),
    ...holds('Digest', 'A'.repeat(43), b64(createHash('sha256').digest())),
    ...breaks('Digest', 'A'.repeat(42), 'A'.repeat(44), `${'A'.repeat(42)}B`, `${'A'.repeat(42)}=`,
      `${'A'.repeat(42)}\n`),
    ...holds('Index', 0, 1, Number.MAX_SAFE_INTEGER),
    ...breaks('Index', -1, 0.5, 2 ** 53, '1', null, true),
    ...holds('Seconds', 0, 253_402_300_799),
    ...breaks('Seconds', -1, 253_402_300_800),
    ...holds('Base64url', 'A', '-_'),
    ...breaks('Base64url', '', 'A=', 'a b'),
  ]
}

function title(shape: string, value: unknown): string {
  const text = JSON.stringify(value).replace(/[^ -~]/g,
    unit => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
  const short = `${text.slice(0, 20)}…${text.slice(-8)} of ${[...String(value)].length} characters`
  return `a ${shape}: ${text.length > 40 ? short : text}`
}

function instantCases(): VectorCase[] {
  const known: [string, number][] = [
    ['1970-01-01T00:00:00Z', 0], ['1969-12-31T23:59:59Z', -1], ['2000-02-29T12:00:00Z', 951_825_600],
      ['2024-02-29T23:59:59Z', 1_709_251_199], ['2026-12-31T00:00:00Z', 1_798_675_200],
    ['2038-01-19T03:14:08Z', 2_147_483_648], ['2100-03-01T00:00:00Z', 4_107_542_400],
      ['9999-12-31T23:59:59Z', 253_402_300_799],
  ]
  const refused = [
    '2026-02-29T00:00:00Z', '2100-02-29T00:00:00Z', '2026-04-31T00:00:00Z', '2026-13-01T00:00:00Z',
      '2026-00-01T00:00:00Z',
    '2026-01-00T00:00:00Z', '2026-01-32T00:00:00Z', '2026-01-01T24:00:00Z', '2026-01-01T00:60:00Z',
      '2026-01-01T00:00:60Z',
    '2026-01-01T00:00:00', '2026-01-01T00:00:00z', '2026-01-01t00:00:00Z', '2026-01-01 00:00:00Z',
      '2026-01-01T00:00:00.0Z',
    '2026-01-01T00:00:00+00:00', '2026-1-1T00:00:00Z', '26-01-01T00:00:00Z', '12026-01-01T00:00:00Z',
      '2026-01-01T00:00:00Z\n',
    '٢٠٢٦-01-01T00:00:00Z', '',
  ]
  return [
    ...known.map(([instant, seconds]) => good(instant, { instant }, { seconds })),
    ...refused.map(instant => bad(`not an instant: ${JSON.stringify(instant)}`, { instant }, 'statement.bad-schema')),
  ]
}

/** The members in the order of their names, hashed: written here by hand, not by the code that is judged. */
async function thumbprintCases(): Promise<VectorCase[]> {
  const hash = (text: string) => createHash('sha256').update(text).digest('base64url')
  const okp = { crv: 'Ed25519', kty: 'OKP', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' }
  const { jwk: ec } = (await holder('ardenia', 'sign', 'ES384')).record
  const [x, y] = ec.kty === 'EC' ? [ec.x, ec.y] : ['', '']
  const post = xwingJwk(seed('thumbprint'))
  return [
    good('the Ed25519 key of RFC 8037', { jwk: okp }, { kid: hash(`{"crv":"Ed25519","kty":"OKP","x":"${okp.x}"}`) }),
    good('an X25519 key of the same bytes is another key', { jwk: { ...okp, crv: 'X25519' } },
      { kid: hash(`{"crv":"X25519","kty":"OKP","x":"${okp.x}"}`) }),
    good('an X-Wing key', { jwk: post }, { kid: hash(`{"alg":"X-Wing","kty":"AKP","pub":"${post.pub}"}`) }),
    good('a P-384 key', { jwk: ec }, { kid: hash(`{"crv":"P-384","kty":"EC","x":"${x}","y":"${y}"}`) }),
  ]
}
