import { type Handling, brokenLaw, tooOpenIn, underStatement } from '../sharing/handling.ts'
import { toBase64url } from '../wire/base64.ts'
import type { Sha256 } from '../wire/bytes.ts'
import type { Json } from '../wire/canonical.ts'
import { check } from '../wire/check.ts'
import { type Result, fail, ok } from '../wire/failure.ts'
import type { Chain, Claims, Seen, TearSlot } from './claims.ts'
import type { KindName } from './kind.ts'
import { kindOf } from './kinds.ts'
import { type Disclosure, disclose, disclosureDigest } from './tearline.ts'

/** What an author writes: the body that stands alone, and the tear lines under it. */
export type Draft = {
  readonly kind: KindName
  readonly handling: Handling
  readonly exercise: boolean
  readonly body: unknown
  /** What a tear line's handling leaves out it takes over from the statement's. */
  readonly tear: readonly { readonly label: string; readonly handling: Handling; readonly content: unknown }[]
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
export type DraftedLine = { readonly label: string; readonly handling: Handling; readonly disclosure: Disclosure }

/** Turns a draft into the payload to sign. Body and tear lines pass their schema and laws before anything is signed. */
export function payloadOf(draft: Draft, context: DraftContext): Result<Drafted> {
  const checked = checkBody(draft.kind, draft.body)
  if (!checked.ok) return checked
  const marked = checkHandling(draft.handling, '/handling')
  if (!marked.ok) return marked
  const jti = toBase64url(context.random(32))
  const lines = tearLines(draft, { ...context, jti })
  if (!lines.ok) return lines

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
    tear,
    v: 1,
  }
  return ok({ payload: payload as Drafted['payload'], disclosures: lines.value })
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
  return ok(lines.toSorted((a, b) => (a.label < b.label ? -1 : 1)))
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
