import type { z } from 'zod'
import type { CharterState } from '../charter/fold.ts'
import type { KeyUse } from '../charter/keys.ts'
import type { Role } from '../charter/charter.ts'
import type { Tlp } from '../charter/tiers.ts'
import type { Handling } from '../sharing/handling.ts'

/** A rule of a kind that its schema cannot say. `at` is the JSON pointer under /body that breaks it. */
export type Law<Body> = { readonly at: string; readonly says: string; readonly holds: (body: Body) => boolean }

/** What a law over several statements may look up: the statement a reference names, already verified. */
export type Referred = {
  readonly kind: string
  readonly iss: string
  readonly index: number
  readonly tlp: Tlp
  readonly body: unknown
}

/** A law that does not hold. `in` is the claim that breaks it, /body unless said; `at` the JSON pointer under it. */
export type Broken = { readonly in?: '/handling'; readonly at: string; readonly says: string }

/** What a reference must name, checked where the log is at hand: relay, node and auditor. null: of any kind. */
export type Reference = { readonly sid: string; readonly at: string; readonly kind: KindName | null }

/** One kind of statement: one entry, from which schema, templates, tables and vectors are made (spec/05-kinds.md). */
export type Kind<Body = unknown> = {
  readonly title: string
  /** Roles of which the issuer needs one. */
  readonly issuers: readonly Role[]
  /** Use of the key that signs it. */
  readonly use: KeyUse
  /** The charter is folded from it: clear, so that everyone folds the same, and never an exercise. */
  readonly ofRecord?: true
  readonly body: z.ZodType<Body>
  /** What a tear line of this kind holds; null where nothing may be torn off. */
  readonly slot: z.ZodType | null
  /** What one addressee's slice of this kind holds; absent where there are none. */
  readonly slice?: z.ZodType
  readonly refs: (body: Body) => readonly Reference[]
  readonly laws: readonly Law<Body>[]
  /** Rules between issuer, handling and the statements referred to. Returns what is broken, or undefined. */
  readonly relates?: (input: {
    readonly iss: string
    readonly handling: Handling
    readonly body: Body
    readonly find: (sid: string) => Referred | undefined
    readonly charter: CharterState
  }) => Broken | undefined
  /** A small body that passes, with hints in its texts: the start of a draft. */
  readonly template: Body
}

export const kind = <Body>(entry: Kind<Body>): Kind<Body> => entry

export type KindName =
  | 'charter.adopt'
  | 'charter.amend'
  | 'charter.approve'
  | 'member.accede'
  | 'member.suspend'
  | 'member.withdraw'
  | 'log.close'
  | 'key.prekey'
  | 'key.add'
  | 'key.revoke'
  | 'key.rotate-root'
  | 'statement.reaffirm'
  | 'mandate.grant'
  | 'mandate.revoke'
  | 'attribution.statement'
  | 'callout.propose'
  | 'callout.text'
  | 'callout.join'
  | 'callout.decline'
  | 'callout.withdraw'
  | 'callout.release'
  | 'callout.abort'
  | 'release.request'
  | 'release.grant'
  | 'release.deny'
  | 'release.condition'
  | 'release.revoke'
  | 'release.use'
  | 'tearline.open'
  | 'receipt'
  | 'nack'
  | 'resend'
  | 'incident.spill'
  | 'heartbeat'
