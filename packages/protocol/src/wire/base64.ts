type Alphabet = { readonly codes: Uint8Array; readonly values: Uint8Array; readonly padded: boolean }

const equals = 61
const invalid = 255
const shared = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'
const url = alphabet(`${shared}-_`, false)
const standard = alphabet(`${shared}+/`, true)

export const toBase64url = (bytes: Uint8Array): string => encode(bytes, url)
export const toBase64 = (bytes: Uint8Array): string => encode(bytes, standard)

/** undefined unless the text is the one encoding of its bytes: this alphabet, this padding, no loose trailing bits. */
export const fromBase64url = (text: string): Uint8Array<ArrayBuffer> | undefined => decode(text, url)
export const fromBase64 = (text: string): Uint8Array<ArrayBuffer> | undefined => decode(text, standard)

function alphabet(characters: string, padded: boolean): Alphabet {
  const codes = Uint8Array.from(characters, character => character.charCodeAt(0))
  const values = new Uint8Array(128).fill(invalid)
  codes.forEach((code, value) => (values[code] = value))
  return { codes, values, padded }
}

const asciiDecoder = new TextDecoder('latin1')

function encode(bytes: Uint8Array, { codes, padded }: Alphabet): string {
  const length = Math.ceil((bytes.length * 4) / 3)
  const text = new Uint8Array(padded ? Math.ceil(bytes.length / 3) * 4 : length).fill(equals)
  for (let i = 0, out = 0; i < bytes.length; i += 3, out += 4) {
    const word = (bytes[i]! << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0)
    text[out] = codes[word >> 18]!
    text[out + 1] = codes[(word >> 12) & 63]!
    if (out + 2 < length) text[out + 2] = codes[(word >> 6) & 63]!
    if (out + 3 < length) text[out + 3] = codes[word & 63]!
  }
  return asciiDecoder.decode(text)
}

function decode(text: string, { values, padded }: Alphabet): Uint8Array<ArrayBuffer> | undefined {
  if (padded && text.length % 4 !== 0) return undefined
  const length = text.length - (padded ? paddingOf(text) : 0)
  const loose = length % 4
  if (loose === 1) return undefined
  const bytes = new Uint8Array(Math.floor((length * 3) / 4))
  const valueAt = (i: number): number => values[text.charCodeAt(i)] ?? invalid
  let out = 0
  for (let i = 0; i + 3 < length; i += 4) {
    const [a, b, c, d] = [valueAt(i), valueAt(i + 1), valueAt(i + 2), valueAt(i + 3)]
    if ((a | b | c | d) > 63) return undefined
    const word = (a << 18) | (b << 12) | (c << 6) | d
    bytes[out++] = word >> 16
    bytes[out++] = word >> 8
    bytes[out++] = word
  }
  return loose === 0 || decodeLoose([valueAt(length - loose), valueAt(length - loose + 1), loose === 3 ? valueAt(length - 1) : 0], bytes, out)
    ? bytes
    : undefined
}

/** The last two or three characters. Bits beyond the last byte belong to nothing: only zero re-encodes to the same text. */
function decodeLoose([a, b, c]: readonly [number, number, number], bytes: Uint8Array, out: number): boolean {
  if ((a | b | c) > 63) return false
  const word = (a << 18) | (b << 12) | (c << 6)
  for (let i = out, shift = 16; i < bytes.length; i++, shift -= 8) bytes[i] = word >> shift
  return (word & ((1 << (24 - 8 * (bytes.length - out))) - 1)) === 0
}

const paddingOf = (text: string): number => (text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0)
