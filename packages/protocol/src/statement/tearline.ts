import { z } from 'zod'
import type { Handling } from '../sharing/handling.ts'
import { fromBase64url, toBase64url } from '../wire/base64.ts'
import { type Sha256, compareText, utf8 } from '../wire/bytes.ts'
import { type Json, canonicalBytes, readCanonical } from '../wire/canonical.ts'
import { check } from '../wire/check.ts'
import { type Result, fail, ok } from '../wire/failure.ts'
import { limits } from '../wire/limits.ts'
import { Digest, Label, MemberId } from '../wire/shapes.ts'
import type { Claims } from './claims.ts'

/** Author, statement and slot, inside the commitment: a copied digest is nobody's foreknowledge but the author's. */
const Binding = z.strictObject({ iss: MemberId, jti: Digest, slot: Label })
const Content = z.strictObject({ b: Binding, c: z.unknown() })
const LineShape = z.tuple([Digest, z.literal('content'), Content])
/** In a slice the addressee stands where a tear line says `content`: it is part of what the digest commits to. */
const SliceShape = z.tuple([Digest, MemberId, Content])

/** Base64url of `[salt, "content", {b, c}]`, in a slice `[salt, addressee, {b, c}]`: an RFC 9901 disclosure. */
export type Disclosure = string

export type TearLine = {
  readonly label: string
  /** Of a slice: the one member that it is for. */
  readonly to?: string
  readonly content: Json
  readonly disclosure: Disclosure
}

/** spec/04-statements.md#tear-lines. `salt` is 32 fresh random bytes: with them the digest tells nothing. */
export function disclose(input: {
  readonly iss: string
  readonly jti: string
  readonly slot: string
  /** Of a slice, whom it is for. */
  readonly to?: string
  readonly salt: Uint8Array
  readonly content: Json
}): Disclosure {
  const { iss, jti, slot, to = 'content' } = input
  return toBase64url(canonicalBytes([toBase64url(input.salt), to, { b: { iss, jti, slot }, c: input.content }]))
}

export const disclosureDigest = (sha256: Sha256, disclosure: Disclosure): string =>
  toBase64url(sha256(utf8(disclosure)))

type Committing = Pick<Claims, 'iss' | 'jti' | 'tear' | 'slices'>

/** Reads disclosures against signed claims. One that is unreferenced, repeated, moved or out of order refuses all. */
export function readDisclosures(
  sha256: Sha256,
  claims: Committing,
  disclosures: readonly Disclosure[],
): Result<readonly TearLine[]> {
  const places = placesIn(claims)
  const lines: TearLine[] = []
  const known = new Set<string>()
  for (const [i, disclosure] of disclosures.entries()) {
    const at = `/disclosures/${i}`
    const line = readDisclosure(sha256, claims, { disclosure, at, places })
    if (!line.ok) return line
    const [name, last] = [placeName(line.value), lines.at(-1)]
    if (known.size === known.add(name).size) return fail('tear.repeated', at)
    if (last !== undefined && name < placeName(last)) return fail('tear.bad-order', at)
    lines.push(line.value)
  }
  return ok(lines)
}

/** What a digest stands for: a slot, or some slice of the group of that label. */
type Place = { readonly label: string; readonly isSlice: boolean }

function placesIn({ tear, slices }: Pick<Committing, 'tear' | 'slices'>): ReadonlyMap<string, Place> {
  const places = new Map<string, Place>()
  for (const [label, slot] of Object.entries(tear)) places.set(slot._sd[0], { label, isSlice: false })
  for (const digest of slices?.to._sd ?? []) places.set(digest, { label: slices?.label ?? '', isSlice: true })
  return places
}

/** Labels and ids have no character so small: by label, and in a group of slices by addressee. */
const placeName = ({ label, to = '' }: Pick<TearLine, 'label' | 'to'>): string => `${label}\0${to}`

/** The order of a tier copy. */
export const byPlace = (a: Pick<TearLine, 'label' | 'to'>, b: Pick<TearLine, 'label' | 'to'>): number =>
  compareText(placeName(a), placeName(b))

function readDisclosure(
  sha256: Sha256,
  claims: Pick<Claims, 'iss' | 'jti'>,
  { disclosure, at, places }: { disclosure: Disclosure; at: string; places: ReadonlyMap<string, Place> },
): Result<TearLine> {
  if (disclosure.length > limits.disclosureBytesMax) return fail('bytes.too-large', at)
  const bytes = fromBase64url(disclosure)
  if (bytes === undefined) return fail('bytes.not-base64url', at)
  const place = places.get(disclosureDigest(sha256, disclosure))
  if (place === undefined) return fail('tear.unreferenced', at)

  const json = readCanonical(bytes, at)
  if (!json.ok) return json
  const { label, isSlice } = place
  const shape = isSlice
    ? check(SliceShape, json.value, 'tear.bad-disclosure', at)
    : check(LineShape, json.value, 'tear.bad-disclosure', at)
  if (!shape.ok) return shape
  const [, to, { b, c }] = shape.value
  if (b.iss !== claims.iss || b.jti !== claims.jti || b.slot !== label) return fail('tear.moved', at)
  return ok({ label, ...(isSlice && { to }), content: c as Json, disclosure })
}

/**
 * Disclosures of several containers in the order that a tier copy has, each once. What nothing commits to comes last
 * and refuses the copy; nothing is believed here.
 */
export function inOrderOf(
  sha256: Sha256,
  claims: Pick<Committing, 'tear' | 'slices'>,
  disclosures: readonly Disclosure[],
): Disclosure[] {
  const places = placesIn(claims)
  const nameOf = (disclosure: Disclosure): string => {
    const place = places.get(disclosureDigest(sha256, disclosure))
    if (place === undefined) return '~'
    return placeName({ label: place.label, ...(place.isSlice && { to: addresseeIn(disclosure) }) })
  }
  return [...new Set(disclosures)]
    .map(disclosure => ({ disclosure, name: nameOf(disclosure) }))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ disclosure }) => disclosure)
}

/** Only for sorting: it is read again, strictly. */
function addresseeIn(disclosure: Disclosure): string {
  const json = readCanonical(fromBase64url(disclosure) ?? new Uint8Array(0), '')
  return json.ok && Array.isArray(json.value) ? String(json.value[1]) : ''
}

/** spec/04-statements.md#slices: out of a container comes no slice but that of the one member it is for. */
export function checkAddressee(
  lines: readonly TearLine[],
  { releasable_to = [] }: Pick<Handling, 'releasable_to'>,
): Result<true> {
  const [only, ...others] = releasable_to
  const stray = lines.findIndex(({ to }) => to !== undefined && (to !== only || others.length > 0))
  return stray < 0 ? ok(true) : fail('tear.moved', `/disclosures/${stray}`, 'a slice that is for another member')
}

/** Of one statement, in an author's own copy: all of both kinds. */
export const disclosuresMax = limits.slotsMax + limits.slicesMax

/** A tier copy on the wire: the JWS and the disclosures its reader may have, in label order, each followed by `~`. */
export const formatTierCopy = (jws: string, disclosures: readonly Disclosure[]): string =>
  [jws, ...disclosures, ''].join('~')

export function readTierCopy(
  text: string,
): Result<{ readonly jws: string; readonly disclosures: readonly Disclosure[] }> {
  const [jws, ...rest] = text.split('~')
  if (jws === undefined || rest.pop() !== '')
    return fail('bytes.bad-alphabet', '', 'a JWS and disclosures, each followed by ~')
  if (rest.length > disclosuresMax)
    return fail('bytes.too-large', '/disclosures', `at most ${disclosuresMax} tear lines and slices`)
  return ok({ jws, disclosures: rest })
}
