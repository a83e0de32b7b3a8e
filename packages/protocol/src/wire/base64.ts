import { cut, utf8 } from './bytes.ts'

type Alphabet = { readonly codes: Uint8Array; readonly values: Uint8Array; readonly padded: boolean }

const equals = 61
const invalid = 255
const shared = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'
const url = alphabet(`${shared}-_`, false)
const standard = alphabet(`${shared}+/`, true)

export const toBase64url = (bytes: Uint8Array): string => encode(bytes, url)
export const toBase64 = (bytes: Uint8Array): string => encode(bytes, standard)

/** The same from ASCII bytes that are at hand already; of more than a signature the bytes are `cut`: not to be kept. */
export const fromBase64urlAscii = (text: Uint8Array): Uint8Array<ArrayBuffer> | undefined =>
  decodeAscii(text, url.values, length => (length > keptMax ? cut(length) : new Uint8Array(length)))
const keptMax = 96

/** undefined unless the text is the one encoding of its bytes: this alphabet, this padding, no loose trailing bits. */
export const fromBase64url = (text: string): Uint8Array<ArrayBuffer> | undefined => decode(text, url)
export const fromBase64 = (text: string): Uint8Array<ArrayBuffer> | undefined => decode(text, standard)

function alphabet(characters: string, padded: boolean): Alphabet {
  const codes = Uint8Array.from(characters, character => character.charCodeAt(0))
  const values = new Uint8Array(256).fill(invalid)
  codes.forEach((code, value) => (values[code] = value))
  return { codes, values, padded }
}

const asciiDecoder = new TextDecoder('latin1')
/** Digests, keys and signatures: a decoder takes longer to call than they take to write. */
const shortMax = 128

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
  return bytes.length > shortMax ? asciiDecoder.decode(text) : String.fromCharCode.apply(null, text as never)
}

function decode(text: string, { values, padded }: Alphabet): Uint8Array<ArrayBuffer> | undefined {
  if (padded && text.length % 4 !== 0) return undefined
  return decodeAscii(utf8(padded ? text.slice(0, text.length - paddingOf(text)) : text), values)
}

/** Four characters at a time; a byte outside the alphabet has a value above 63. */
function decodeAscii(
  text: Uint8Array,
  values: Uint8Array,
  room = (bytes: number): Uint8Array<ArrayBuffer> => new Uint8Array(bytes),
): Uint8Array<ArrayBuffer> | undefined {
  const { length } = text
  if (length % 4 === 1) return undefined
  const bytes = room(Math.floor((length * 3) / 4))
  let [out, seen] = [0, 0]
  for (let i = 0; i + 3 < length; i += 4) {
    const a = values[text[i]!]!
    const b = values[text[i + 1]!]!
    const c = values[text[i + 2]!]!
    const d = values[text[i + 3]!]!
    seen |= a | b | c | d
    bytes[out] = (a << 2) | (b >> 4)
    bytes[out + 1] = (b << 4) | (c >> 2)
    bytes[out + 2] = (c << 6) | d
    out += 3
  }
  const loose = text.subarray(length - (length % 4))
  return seen <= 63 && decodeLoose(loose, values, bytes.subarray(out)) ? bytes : undefined
}

/** The last two or three characters. Bits beyond the last byte belong to nothing: only zeros re-encode the same. */
function decodeLoose(text: Uint8Array, values: Uint8Array, bytes: Uint8Array): boolean {
  if (text.length === 0) return true
  const [a, b, c] = [values[text[0]!]!, values[text[1]!]!, text.length === 3 ? values[text[2]!]! : 0]
  if ((a | b | c) > 63) return false
  const word = (a << 18) | (b << 12) | (c << 6)
  for (let i = 0; i < bytes.length; i++) bytes[i] = word >> (16 - 8 * i)
  return (word & ((1 << (24 - 8 * bytes.length)) - 1)) === 0
}

const paddingOf = (text: string): number => (text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0)
