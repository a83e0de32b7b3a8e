import { sha256 as nobleSha256 } from '@noble/hashes/sha2.js'

export type Sha256 = (bytes: Uint8Array) => Uint8Array

/** The hash every runtime has. Programs on a hot path pass their native one instead. */
export const portableSha256: Sha256 = bytes => nobleSha256(bytes)

const encoder = new TextEncoder()
const strictDecoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

export const utf8 = (text: string): Uint8Array<ArrayBuffer> => encoder.encode(text)

/** undefined where the bytes are not UTF-8. A byte order mark stays, and no JSON begins with one. */
export function fromUtf8(bytes: Uint8Array): string | undefined {
  try {
    return strictDecoder.decode(bytes)
  } catch {
    return undefined
  }
}

/** The domains of spec/02-bytes.md#domains: no digest or signature of one purpose can serve another. */
export type Domain = 'leaf' | 'tag' | 'tag-key' | 'blob' | 'possession' | 'kek'

export const domainTag = (domain: Domain): Uint8Array => utf8(`chancery/v1/${domain}\0`)

const slabBytes = 2 ** 18
let [slab, used] = [new Uint8Array(0), 0]

/**
 * Zeroed bytes that nothing else has, cut from a larger piece: a buffer of its own costs more than reading a statement.
 * For what is soon let go of, as whatever is kept keeps the whole piece; and never to be handed to another thread.
 */
export function cut(length: number): Uint8Array<ArrayBuffer> {
  if (length > slabBytes / 8) return new Uint8Array(length)
  if (used + length > slab.length) [slab, used] = [new Uint8Array(slabBytes), 0]
  used += length
  return slab.subarray(used - length, used)
}

export function concat(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((size, part) => size + part.length, 0))
  let offset = 0
  for (const part of parts) {
    whole.set(part, offset)
    offset += part.length
  }
  return whole
}

export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false
  return true
}

/** Byte order; used wherever the protocol asks for a sorted list of ASCII ids. */
export const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

const hexDigits = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))
export const toHex = (bytes: Uint8Array): string => Array.from(bytes, byte => hexDigits[byte]).join('')
