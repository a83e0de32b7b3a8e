import { z } from 'zod'
import { limits } from './limits.ts'

// Text that people are shown: spec/02-bytes.md#text. The first test settles plain ASCII, which most text is.
const plain = /^[\x20-\x7e]*$/
const plainLines = /^[\x20-\x7e\n]*$/
// C0 and C1, and what is not seen and changes what is: bidirectional controls, line separators, invisible formatting.
// The joiners U+200C and U+200D stay: scripts need them. A line feed is allowed where text may have several lines.
const unseen =
  '\\u007f-\\u009f\\u00ad\\u061c\\u200b\\u200e\\u200f\\u2028-\\u202e\\u2060-\\u206f\\ufeff\\u{e0000}-\\u{e007f}'
const controls = new RegExp(`[\\u0000-\\u001f${unseen}]`, 'u')
const controlsButLineFeed = new RegExp(`[\\u0000-\\u0009\\u000b-\\u001f${unseen}]`, 'u')

// Normalising takes time that grows with the square of a run of marks; no script piles up more than 30 (UAX #15).
const pileOfMarks = /\p{M}{31}/u
const settled = (text: string): boolean =>
  text.isWellFormed() && !pileOfMarks.test(text) && text.normalize('NFC') === text

/** Shown text of one line. */
export const Line = z
  .string()
  .min(1)
  .max(limits.lineMax)
  .refine(
    text => plain.test(text) || (!controls.test(text) && settled(text)),
    'NFC text without control or invisible characters',
  )

/** Shown text of several lines. */
export const Text = z
  .string()
  .min(1)
  .max(limits.textMax)
  .refine(
    text => plainLines.test(text) || (!controlsButLineFeed.test(text) && settled(text)),
    'NFC text without control or invisible characters',
  )

/** Ids that people type and compare are ASCII, so that no look-alike can stand for another. */
export const MemberId = z.string().regex(/^[a-z][a-z0-9-]{0,31}$/, 'a to z, 0 to 9 and hyphens, a letter first')
export const Label = z.string().regex(/^[a-z][a-z0-9-]{0,31}$/, 'a to z, 0 to 9 and hyphens, a letter first')
export const Lang = z.string().regex(/^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$/, 'a BCP 47 language tag')

/** 32 bytes as base64url: the last character carries only four bits. */
const digest = /^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/
export const Digest = z.string().regex(digest, '32 bytes as base64url')
export const Sid = z.string().regex(digest, 'a statement id: 32 bytes as base64url')
export const Base64url = z.string().regex(/^[A-Za-z0-9_-]+$/, 'base64url')

export const Index = z.int().min(0).max(limits.logSizeMax)
export const Size = z.int().min(0).max(limits.logSizeMax)
/** Seconds since 1970, as RFC 7519 NumericDate, whole. */
export const Seconds = z.int().min(0).max(253_402_300_799)

const instant = /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:[0-5]\dZ$/
/** UTC, whole seconds: one spelling for one moment, so text order is time order. */
export const Instant = z
  .string()
  .regex(instant, 'like 2026-03-01T12:00:00Z')
  .refine(isOnCalendar, 'a day that is on the calendar')

const daysOfMonth = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

function isOnCalendar(text: string): boolean {
  const [year, month, day] = [text.slice(0, 4), text.slice(5, 7), text.slice(8, 10)].map(Number)
  const leap = year! % 4 === 0 && (year! % 100 !== 0 || year! % 400 === 0)
  return day! <= (month === 2 && leap ? 29 : daysOfMonth[month! - 1]!)
}

/** Seconds since 1970 of an Instant, by the civil calendar; no clock is asked. */
export function secondsOf(text: string): number {
  const [year, month, day, hour, minute, second] = text.match(/\d+/g)!.map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ]
  return ((daysSince1970(year, month, day) * 24 + hour) * 60 + minute) * 60 + second
}

function daysSince1970(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year
  const era = Math.floor(y / 400)
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1
  const yearOfEra = y - era * 400
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear
  return era * 146_097 + dayOfEra - 719_468
}

/** The Instant of seconds since 1970, without a clock: civil calendar from the day count. */
export function instantOf(seconds: number): string {
  const days = Math.floor(seconds / 86_400)
  const rest = seconds - days * 86_400
  const { year, month, day } = civil(days)
  const pad = (n: number, width = 2) => String(n).padStart(width, '0')
  const clock = [rest / 3600, (rest / 60) % 60, rest % 60].map(part => pad(Math.floor(part))).join(':')
  return `${pad(year, 4)}-${pad(month)}-${pad(day)}T${clock}Z`
}

function civil(days: number): { year: number; month: number; day: number } {
  const shifted = days + 719_468
  const era = Math.floor(shifted / 146_097)
  const dayOfEra = shifted - era * 146_097
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  )
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100))
  const m = Math.floor((5 * dayOfYear + 2) / 153)
  const day = dayOfYear - Math.floor((153 * m + 2) / 5) + 1
  const month = m < 10 ? m + 3 : m - 9
  return { year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day }
}

/** Strictly ascending ids: sorted, and none twice. */
export const ascending = (ids: readonly string[]): boolean => ids.every((id, i) => i === 0 || ids[i - 1]! < id)
export const distinct = (ids: readonly string[]): boolean => new Set(ids).size === ids.length
