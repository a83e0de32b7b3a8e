import { z } from 'zod'
import { type Result, fail, ok } from '../wire/failure.ts'
import { limits } from '../wire/limits.ts'
import { Digest, Size } from '../wire/shapes.ts'
import { type CharterState, keyAt } from './fold.ts'
import type { Recorded } from './prekeys.ts'
import { Stance, onScale, stanceAtLeast } from './stances.ts'

/** Of a kind, whether this version knows it or not. */
const KindText = z.string().regex(/^[a-z]{1,32}(\.[a-z-]{1,32})?$/, 'the name of a kind')

/** spec/13-keys-over-time.md#mandates: full powers, and how far they go. */
export const MandateBody = z.strictObject({
  kid: Digest,
  kinds: z.array(KindText).max(limits.mandateKindsMax).optional(),
  strongest_stance: Stance.optional(),
  until: Size.optional(),
})
export type MandateBody = z.infer<typeof MandateBody>
export const MandateRevokeBody = z.strictObject({ kid: Digest })
export type MandateRevokeBody = z.infer<typeof MandateRevokeBody>

/** What a key may sign at the log indices `[from, to)`. */
export type Mandate = Omit<MandateBody, 'kid'> & { readonly from: number; readonly to: number }

type Mandates = Pick<CharterState, 'mandates'>

/** The mandate that stands for a key at an index; undefined: it may sign whatever its member may. */
export const mandateAt = ({ mandates }: Mandates, kid: string, index: number): Mandate | undefined =>
  mandates.get(kid)?.findLast(({ from, to }) => index >= from && index < to)

/** A key has one mandate at a time: another takes the place of the one that stands. */
export function grantMandate(state: CharterState, { iss, index, body }: Recorded<MandateBody>): Result<CharterState> {
  const { kid, ...powers } = body
  const held = keyAt(state, kid, index)
  if (held?.member !== iss) return fail('charter.unknown-key', '/body/kid', 'no key of its issuer that speaks')
  if (held.record.use !== 'sign') return fail('charter.wrong-use', '/body/kid', 'a mandate is for a sign key')
  if (powers.until !== undefined && powers.until <= index)
    return fail('statement.breaks-law', '/body/until', 'an index after the mandate')
  return ok(withMandate(state, kid, index, { ...powers, from: index + 1, to: Infinity }))
}

export function revokeMandate(
  state: CharterState,
  { iss, index, body: { kid } }: Recorded<MandateRevokeBody>,
): Result<CharterState> {
  const stands = state.keys.get(kid)?.member === iss && mandateAt(state, kid, index) !== undefined
  if (!stands) return fail('statement.breaks-law', '/body/kid', 'no mandate of its issuer that stands')
  return ok(withMandate(state, kid, index))
}

function withMandate(state: CharterState, kid: string, index: number, next?: Mandate): CharterState {
  const before = (state.mandates.get(kid) ?? []).map(each => ({ ...each, to: Math.min(each.to, index + 1) }))
  const mandates = new Map(state.mandates).set(kid, next === undefined ? before : [...before, next])
  return { ...state, mandates }
}

/** Whether what a key signs at an index is within its mandate. */
export function checkMandate(
  state: Mandates,
  { kid, index, kind, body }: { kid: string; index: number; kind: string; body: unknown },
): Result<true> {
  const mandate = mandateAt(state, kid, index)
  if (mandate === undefined) return ok(true)
  const { until, kinds, strongest_stance: limit } = mandate
  if (until !== undefined && index >= until)
    return fail('charter.beyond-mandate', '/header/kid', `the mandate of this key ended at index ${until}`)
  if (kinds !== undefined && !kinds.includes(kind))
    return fail('charter.beyond-mandate', '/kind', `the mandate of this key is for ${kinds.join(', ') || 'nothing'}`)
  const at = limit === undefined ? undefined : firstBeyond(body, limit)
  return at === undefined ? ok(true) : fail('charter.beyond-mandate', at, `the mandate goes as far as ${limit}`)
}

type Stated = { readonly stance?: Stance }

/** Where a body goes further than this: in a claim of an attribution, or a position of a join. */
function firstBeyond(body: unknown, limit: Stance): string | undefined {
  const { claims = [], positions = [] } = body as { claims?: readonly Stated[]; positions?: readonly Stated[] }
  const isBeyond = ({ stance }: Stated) => stance !== undefined && onScale(stance) && !stanceAtLeast(limit, stance)
  const [claim, position] = [claims.findIndex(isBeyond), positions.findIndex(isBeyond)]
  if (claim >= 0) return `/body/claims/${claim}/stance`
  return position < 0 ? undefined : `/body/positions/${position}/stance`
}
