import { type DisputedSpan, disputedSpans } from '../charter/disputes.ts'
import type { CharterState } from '../charter/fold.ts'
import type { Failure } from '../wire/failure.ts'
import type { JoinBody } from '../statement/kinds/callout.ts'
import type { BodyOf } from '../statement/kinds.ts'
import type { Verified } from '../statement/verify.ts'

/** A statement that has passed `verify` and `checkRelations`, and its place in the log. */
export type Placed = {
  readonly statement: Verified
  readonly index: number
  /** Log sizes at which it is disputed: spec/13-keys-over-time.md#disputed. Absent: at none. */
  readonly disputed?: readonly DisputedSpan[]
}

/** Statements with the sizes at which each is disputed. A log without a compromised key is as it was. */
export function withDisputes(charter: CharterState, placed: readonly Placed[]): readonly Placed[] {
  if (charter.disputes.length === 0) return placed
  return placed.map(({ statement, index }) => {
    const { sid, iss, kid } = statement
    const disputed = disputedSpans(charter, { sid, iss, kid, index })
    return disputed.length === 0 ? { statement, index } : { statement, index, disputed }
  })
}

type CallOutKind =
  | 'callout.propose'
  | 'callout.text'
  | 'callout.join'
  | 'callout.decline'
  | 'callout.withdraw'
  | 'callout.release'
  | 'callout.abort'

/** What a view needs of one statement: whose, where, when, and its body. */
export type Act<Kind extends CallOutKind = CallOutKind> = Kind extends CallOutKind
  ? {
      readonly kind: Kind
      readonly sid: string
      readonly iss: string
      readonly index: number
      readonly iat: number
      readonly exercise: boolean
      readonly body: BodyOf<Kind>
      readonly disputed?: readonly DisputedSpan[]
    }
  : never

export type Answer = Act<'callout.join' | 'callout.decline' | 'callout.withdraw'>

/** spec/08-call-outs.md#phases */
export type Phase = 'proposed' | 'collecting' | 'ready' | 'released' | 'aborted' | 'lapsed' | 'disputed'

/** What the log says of one call-out, as far as its reader holds it. */
export type CallOutRecord = {
  readonly proposal: Act<'callout.propose'>
  /** The first text of the proposal: later ones freeze nothing. */
  readonly text?: Act<'callout.text'>
  /** Every answer to the frozen text in log order, counted or not. */
  readonly answers: readonly Answer[]
  readonly release?: Act<'callout.release'>
  readonly verdict?: ReleaseVerdict
  readonly abort?: Act<'callout.abort'>
  /** Releases that released nothing, each with the reason. */
  readonly refused: readonly { readonly release: Act<'callout.release'>; readonly failure: Failure }[]
}

/** One call-out at one log size. */
export type CallOut = CallOutRecord & {
  readonly phase: Phase
  /** What has been said in it and is disputed at this size, or was before its author re-affirmed it; in log order. */
  readonly disputed: readonly Act[]
}

export type Signatory = {
  readonly member: string
  /** Statement id of its join. */
  readonly join: string
  readonly positions: JoinBody['positions']
  readonly reservations: JoinBody['reservations']
  readonly authority: JoinBody['authority']
  readonly interpretive_declaration?: string | undefined
}

/** Why a member that has joined is not a signatory. */
export type WhyExcluded =
  | 'condition-unmet'
  | 'withdrawn'
  | 'declined'
  | 'after-cut'
  | 'not-invited'
  | 'other-exercise'
  | 'disputed'
export type Excluded = { readonly member: string; readonly join: string; readonly why: WhyExcluded }

export type Signatories = { readonly signatories: readonly Signatory[]; readonly excluded: readonly Excluded[] }

/** What a reader can say of a release. `sound`: nobody stands in it against its own condition; entries are withheld. */
export type ReleaseVerdict =
  | { readonly is: 'largest'; readonly signatories: readonly Signatory[] }
  | {
      readonly is: 'sound'
      readonly signatories: readonly Signatory[]
      /** Entries before the cut that this reader does not hold: any of them may be an answer. */
      readonly withheld: number
      /** Members whose join is held and would belong, unless a withheld answer takes it back. */
      readonly leftOut: readonly string[]
    }

/** The log as one reader sees it. */
export type LogView = {
  readonly size: number
  /** Root at a size, base64url; undefined where it is not known. */
  readonly rootAt: (size: number) => string | undefined
  /** Entries before a size of which this reader holds no statement. Absent: it holds them all. */
  readonly withheldBefore?: (size: number) => number
}

/** The call-out part of a statement; undefined for every other kind. */
export function actOf({ statement, index, disputed }: Placed): Act | undefined {
  const { kind, sid, iss, body, claims } = statement
  if (!kind.startsWith('callout.')) return undefined
  // The kind fixes the body: verify has read it with that kind's schema.
  const act = { kind, sid, iss, index, iat: claims.iat, exercise: claims.exercise, body }
  return (disputed === undefined ? act : { ...act, disputed }) as Act
}
