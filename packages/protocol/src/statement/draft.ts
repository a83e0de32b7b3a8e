import { type Handling, brokenLaw, tooOpenIn, underStatement } from '../sharing/handling.ts'
import { toBase64url } from '../wire/base64.ts'
import type { Sha256 } from '../wire/bytes.ts'
import type { Json } from '../wire/canonical.ts'
import { check } from '../wire/check.ts'
import { type Result, fail, ok } from '../wire/failure.ts'
import { limits } from '../wire/limits.ts'
import { ascending } from '../wire/shapes.ts'
import type { Chain, Claims, Seen, Slices, TearSlot } from './claims.ts'
import type { KindName } from './kind.ts'
import { kindOf } from './kinds.ts'
import { type Disclosure, byPlace, disclose, disclosureDigest } from './tearline.ts'

/** What an author writes: the body that stands alone, and the tear lines under it. */
export type Draft = {
  readonly kind: KindName
  readonly handling: Handling
  readonly exercise: boolean
  readonly body: unknown
  /** What a tear line's handling leaves out it takes over from the statement's. */
  readonly tear: readonly { readonly label: string; readonly handling: Handling; readonly content: unknown }[]
  /** One part for each addressee, which nobody else reads. Its handling, too, takes over what it leaves out. */
  readonly slices?: {
    readonly label: string
    readonly handling: Slices['handling']
    readonly to: Readonly<Record<string, unknown>>
  }
}

/** What the node adds: who, when, under which charter, after what, with which view of the log. */
export type DraftContext = {
  readonly iss: string
  readonly iat: number
  readonly coa: string | null
  readonly charter: Claims['charter']
  readonly chain: Chain
  readonly seen: Seen | null
  readonly random: (length: number) => Uint8Array
  readonly sha256: Sha256
}

export type Drafted = {
  readonly payload: Claims & { readonly [name: string]: unknown }
  readonly disclosures: readonly DraftedLine[]
}
export type DraftedLine = {
  readonly label: string
  /** Of a slice: its addressee, whom alone its handling names as well. */
  readonly to?: string
  readonly handling: Handling
  readonly disclosure: Disclosure
}

/** Turns a draft into the payload to sign. Body and tear lines pass their schema and laws before anything is signed. */
export function payloadOf(draft: Draft, context: DraftContext): Result<Drafted> {
  const checked = checkBody(draft.kind, draft.body)
  if (!checked.ok) return checked
  const marked = checkHandling(draft.handling, '/handling')
  if (!marked.ok) return marked
  const jti = toBase64url(context.random(32))
  const lines = tearLines(draft, { ...context, jti })
  if (!lines.ok) return lines
  const slices = slicesOf(draft, { ...context, jti })
  if (!slices.ok) return slices

  const { iss, iat, coa, charter, chain, seen, sha256 } = context
  const tear = Object.fromEntries(
    lines.value.map(({ label, handling, disclosure }): [string, TearSlot] => [
      label,
      { _sd: [disclosureDigest(sha256, disclosure)], ...handling },
    ]),
  )
  const { body } = checked.value
  const payload: Claims = {
    body,
    chain,
    charter,
    coa,
    exercise: draft.exercise,
    handling: draft.handling,
    iat,
    iss,
    jti,
    kind: draft.kind,
    refs: refsOf(draft.kind, body),
    seen,
    ...(slices.value.claim && { slices: slices.value.claim }),
    tear,
    v: 1,
  }
  const disclosures = [...lines.value, ...slices.value.lines]
  return ok({ payload: payload as Drafted['payload'], disclosures: disclosures.sort(byPlace) })
}

function tearLines(draft: Draft, context: DraftContext & { jti: string }): Result<readonly DraftedLine[]> {
  const { slot } = kindOf(draft.kind)
  const lines: DraftedLine[] = []
  for (const [i, { label, content, handling: own }] of draft.tear.entries()) {
    const at = `/tear/${i}`
    if (slot === null) return fail('statement.breaks-law', at, `${draft.kind} has no tear lines`)
    if (lines.some(line => line.label === label)) return fail('tear.repeated', at, `the label ${label} is used twice`)
    const handling = underStatement(own, draft.handling)
    const marked = checkSlotHandling(handling, draft.handling, `${at}/handling`)
    if (!marked.ok) return marked
    const checked = check(slot, content, 'statement.bad-schema', `${at}/content`)
    if (!checked.ok) return checked
    const { iss, jti } = context
    const disclosure = disclose({ iss, jti, slot: label, salt: context.random(32), content: checked.value as Json })
    lines.push({ label, handling, disclosure })
  }
  return ok(lines)
}

type DraftedSlices = { readonly claim?: Slices; readonly lines: readonly DraftedLine[] }

function slicesOf(draft: Draft, context: DraftContext & { jti: string }): Result<DraftedSlices> {
  if (draft.slices === undefined) return ok({ lines: [] })
  const { label, to } = draft.slices
  const { releasable_to: among, ...handling } = underStatement(draft.slices.handling, draft.handling)
  const { slice } = kindOf(draft.kind)
  if (slice === undefined) return fail('statement.breaks-law', '/slices', `${draft.kind} has no slices`)
  if (draft.tear.some(line => line.label === label))
    return fail('tear.repeated', '/slices/label', `a tear line has the label ${label}`)
  const lines: DraftedLine[] = []
  for (const member of Object.keys(to).sort()) {
    const at = `/slices/to/${member}`
    if (among?.includes(member) === false)
      return fail('tear.too-open', at, `the statement is not releasable to ${member}`)
    const checked = check(slice, to[member], 'statement.bad-schema', at)
    if (!checked.ok) return checked
    const { iss, jti } = context
    const content = checked.value as Json
    const disclosure = disclose({ iss, jti, slot: label, to: member, salt: context.random(32), content })
    lines.push({ label, to: member, handling: { ...handling, releasable_to: [member] }, disclosure })
  }
  // Sorted, so that where a digest stands tells nobody whose it is.
  const digests = lines.map(({ disclosure }) => disclosureDigest(context.sha256, disclosure)).sort()
  const claim = { handling, label, to: { _sd: digests } }
  const holds = checkSlices(claim, { kind: draft.kind, handling: draft.handling, tear: {} })
  return holds.ok ? ok({ claim, lines }) : holds
}

/** spec/04-statements.md#verification step 13: what a group of slices is held to without any of them open. */
export function checkSlices(
  { handling, label, to: { _sd: digests } }: Slices,
  over: { readonly kind: KindName; readonly handling: Handling; readonly tear: Claims['tear'] },
): Result<true> {
  if (kindOf(over.kind).slice === undefined)
    return fail('statement.breaks-law', '/slices', `${over.kind} has no slices`)
  if (digests.length < 1) return fail('statement.bad-schema', '/slices/to', 'at least one addressee')
  if (digests.length > limits.slicesMax)
    return fail('bytes.too-large', '/slices', `at most ${limits.slicesMax} addressees`)
  if (Object.hasOwn(over.tear, label)) return fail('tear.repeated', '/slices/label', 'a tear line has this label')
  const torn = new Set(Object.values(over.tear).map(slot => slot._sd[0]))
  const known = new Set([...torn, ...digests])
  if (known.size < torn.size + digests.length) return fail('tear.repeated', '/slices/to/_sd')
  if (!ascending(digests)) return fail('tear.bad-order', '/slices/to/_sd', 'sorted, so that no place tells whose it is')
  // Whom each is for stands in the slice itself, and is held to the statement's list when it is read.
  const { releasable_to } = over.handling
  return checkSlotHandling({ ...handling, ...(releasable_to && { releasable_to }) }, over.handling, '/slices/handling')
}

/** spec/11-handling.md#laws: what a marking may not say by itself. */
export function checkHandling(handling: Handling, at: string): Result<true> {
  const broken = brokenLaw(handling)
  return broken === undefined ? ok(true) : fail('statement.breaks-law', `${at}/${broken.at}`, broken.says)
}

/** The same, and spec/11-handling.md#slots: nothing that is torn off is more open than what it is torn from. */
export function checkSlotHandling(slot: Handling, statement: Handling, at: string): Result<true> {
  const open = tooOpenIn(slot, statement)
  if (open !== undefined) return fail('tear.too-open', `${at}/${open}`, 'at least as restricted as its statement')
  return checkHandling(slot, at)
}

/** The closed schema and the laws of a kind, the same for a draft and for a statement received. */
export function checkBody(kind: KindName, value: unknown): Result<{ readonly body: unknown }> {
  const row = kindOf(kind)
  const body = check(row.body, value, 'statement.bad-schema', '/body')
  if (!body.ok) return body
  const broken = row.laws.find(law => !law.holds(body.value))
  return broken === undefined
    ? ok({ body: body.value })
    : fail('statement.breaks-law', `/body${broken.at}`, broken.says)
}

/** The envelope's refs: what the body names, sorted, each once. */
export const refsOf = (kind: KindName, body: unknown): string[] =>
  [
    ...new Set(
      kindOf(kind)
        .refs(body)
        .map(({ sid }) => sid),
    ),
  ].sort()
