import { fromUtf8, utf8 } from './bytes.ts'
import { type Result, fail, ok } from './failure.ts'
import { limits } from './limits.ts'

export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json | undefined }

/**
 * RFC 8785 for the values the protocol signs: integers, strings, booleans, null, arrays, objects.
 * A member whose value is undefined is left out. Throws on anything else: only our own drafts come here unparsed.
 */
export function canonical(value: Json): string {
  if (typeof value === 'string') return quote(value)
  if (typeof value === 'number') return integer(value)
  if (value === null || typeof value === 'boolean') return String(value)
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  return object(value as { readonly [name: string]: Json | undefined })
}

export const canonicalBytes = (value: Json): Uint8Array<ArrayBuffer> => utf8(canonical(value))

function object(value: { readonly [name: string]: Json | undefined }): string {
  let text = '{'
  // JavaScript sorts by UTF-16 units, as RFC 8785 section 3.2.3 asks.
  for (const name of Object.keys(value).sort()) {
    const member = value[name]
    if (member === undefined) continue
    text += `${text.length > 1 ? ',' : ''}${quote(name)}:${canonical(member)}`
  }
  return `${text}}`
}

function integer(value: number): string {
  if (!Number.isSafeInteger(value)) throw new Error(`not a safe integer: ${value}`)
  return String(value)
}

function quote(text: string): string {
  if (!text.isWellFormed()) throw new Error('lone surrogate in text')
  return JSON.stringify(text)
}

/**
 * spec/02-bytes.md#strict-reading: UTF-8, depth, then `bytes === JCS(parse(bytes))`.
 * One line of comparison refuses duplicate names, white space, floats, big integers, `-0` and escape variants.
 */
export function readCanonical(bytes: Uint8Array, at: string): Result<Json> {
  const text = fromUtf8(bytes)
  if (text === undefined) return fail('bytes.not-utf8', at)
  if (mayBeDeep(text) && tooDeep(text)) return fail('bytes.too-deep', at, `nesting is limited to ${limits.depthMax}`)
  const value = parse(text)
  if (value === undefined) return fail('bytes.not-json', at)
  if (!isCanonical(value, text)) return fail('bytes.not-canonical', at, 'write it as RFC 8785 does')
  return ok(value)
}

function parse(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json
  } catch {
    return undefined
  }
}

/**
 * The engine's own writer settles nearly all texts: it agrees with RFC 8785 wherever names already stand in order,
 * numbers are integers and no surrogate is escaped. Whatever it does not settle is written out and compared.
 */
function isCanonical(value: Json, text: string): boolean {
  if (!text.includes('\\ud') && JSON.stringify(value) === text && inOrder(value)) return true
  try {
    return canonical(value) === text
  } catch {
    return false
  }
}

function inOrder(value: Json): boolean {
  if (typeof value === 'number') return Number.isSafeInteger(value)
  if (typeof value !== 'object' || value === null) return true
  if (Array.isArray(value)) return value.every(inOrder)
  const members = value as { readonly [name: string]: Json }
  let last: string | undefined
  for (const name of Object.keys(members)) {
    if ((last !== undefined && name <= last) || !inOrder(members[name]!)) return false
    last = name
  }
  return true
}

/** A text with no more openings than the limit cannot be nested deeper: nearly all texts end here. */
function mayBeDeep(text: string): boolean {
  let openings = 0
  for (const opening of '[{') {
    for (let at = text.indexOf(opening); at >= 0; at = text.indexOf(opening, at + 1)) {
      if (++openings > limits.depthMax) return true
    }
  }
  return false
}

/** A scan of the text, so that a nesting bomb is refused before any parser recurses into it. Strings are leapt over. */
function tooDeep(text: string): boolean {
  let depth = 0
  for (let at = 0; at < text.length; at++) {
    const character = text[at]
    if (character === '"') at = endOfString(text, at)
    else if (character === '[' || character === '{') {
      if (++depth > limits.depthMax) return true
    } else if (character === ']' || character === '}') depth--
  }
  return false
}

/** Where the string that begins here ends: a quote after an even number of backslashes. */
function endOfString(text: string, from: number): number {
  for (let at = text.indexOf('"', from + 1); at >= 0; at = text.indexOf('"', at + 1)) {
    let escapes = at
    while (text[escapes - 1] === '\\') escapes--
    if ((at - escapes) % 2 === 0) return at
  }
  return text.length
}
