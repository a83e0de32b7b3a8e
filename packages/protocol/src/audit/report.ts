import type { Standing } from '../charter/disputes.ts'
import type { Family } from '../charter/quorum.ts'
import type { Absence } from '../charter/fold.ts'
import type { Tlp } from '../charter/tiers.ts'
import type { AttributionBody } from '../statement/kinds/attribution.ts'
import type { ProposeBody, TextBody } from '../statement/kinds/callout.ts'
import type { Condition } from '../statement/kinds/condition.ts'
import type { Phase, Signatory } from '../view/call-out-state.ts'
import type { GrantState, Stage } from '../view/release-control.ts'
import type { FailureCode } from '../wire/failures.ts'

/** What the audit found wrong: spec/09-audit.md#findings. Past a fatal one nothing further is believed or reported. */
export type Finding = {
  readonly code: FailureCode
  /** The file, and after `#` the place in it. */
  readonly at: string
  /** Log index of the statement concerned. */
  readonly index?: number
  readonly why?: string
  readonly severity: 'fatal' | 'error'
}

/** One statement as the folder shows it; `open` says whether the text of a tear line is in the folder. */
export type AuditedStatement = {
  readonly index: number
  readonly sid: string
  readonly kind: string
  readonly iss: string
  readonly kid: string
  readonly iat: number
  readonly tlp: Tlp
  readonly exercise: boolean
  readonly title?: string
  readonly tear: readonly { readonly label: string; readonly tlp: Tlp; readonly open: boolean }[]
  /** Parts for one addressee each: how many there are, and whose text is in the folder. */
  readonly slices?: {
    readonly label: string
    readonly tlp: Tlp
    readonly count: number
    readonly open: readonly string[]
  }
  /** The note that its author had seen: size, and SHA-256 of the note. */
  readonly seen?: { readonly size: number; readonly note: string }
  /** When it was made, by the clocks of witnesses, and what does not fit in what its author claims. */
  readonly notBefore?: number
  readonly notAfter?: number
  readonly flag?: string
  /** Between which moments it came to be held, by what those claim who signed around it. */
  readonly held?: { readonly notBefore?: number; readonly notAfter?: number }
  /** Signed by a key when it may have been compromised; `reaffirmed` once its issuer has said it again. */
  readonly standing?: Standing
  /** Above the folder's reader by its marking: the release, opening or grant by which it is here. */
  readonly openedBy?: string
}

/** Under a charter with a policy: who has cosigned the log of the folder. */
export type AuditedTrust = {
  readonly quorum: number
  readonly witnesses: number
  /** So many corrupt witnesses could not make a second view count. */
  readonly faulty: number
  /** Who has, with as many keys as are asked of each. */
  readonly by: readonly string[]
  /** POSIX seconds by the name that the policy has for a key. */
  readonly cosigned: Readonly<Record<string, number>>
  /** Families of signatures on each of which alone the log still counts. */
  readonly standsOn: readonly Family[]
  /** The folder shows the log as it was no earlier than this. */
  readonly asOf?: number
}

/** Entries below `size` were on the log at the POSIX second `at`: spec/14-witnesses.md#families. */
export type AuditedStanding = { readonly size: number; readonly at: number }

export type AuditedCharter = {
  readonly name: string
  readonly version: number
  readonly inForceFrom?: number
  /** Each with the statement that holds it and its first index, in order: spec/03-charter.md#versions. */
  readonly versions: readonly { readonly version: number; readonly sid: string; readonly from: number }[]
  /** The closed log that this one goes on from, as the charter names it. */
  readonly follows?: { readonly genesis: string; readonly root: string; readonly size: number }
  /** Of a log that is closed: its size for ever. */
  readonly closedAt?: number
  /** Of the last version. */
  readonly members: readonly AuditedMember[]
  /** Keys that sign statements. */
  readonly keys: readonly AuditedKey[]
}

export type AuditedMember = {
  readonly id: string
  readonly name: string
  /** The index of its adoption, or accession. */
  readonly adoptedAt?: number
  /** Why it does not speak. */
  readonly absent?: Absence
}

export type AuditedKey = {
  readonly member: string
  readonly kid: string
  readonly use: string
  readonly alg: string
  /** The first index at which it speaks, where the charter did not begin with it. */
  readonly from?: number
  /** The index of the statement that revoked it. */
  readonly revokedAt?: number
}

/** A call-out, in its own words. */
export type AuditedCallOut = {
  readonly proposal: string
  readonly by: string
  readonly title: string
  readonly form: ProposeBody['form']
  readonly phase: Phase
  readonly exercise: boolean
  readonly attributions: readonly AuditedAttribution[]
  /** The frozen text: its sid, its words in each language, and the claims it puts to its joiners. */
  readonly text?: string
  readonly texts?: TextBody['texts']
  readonly claims?: TextBody['claims']
  readonly release?: AuditedRelease
  /** What has been said in it and was disputed, by sid: `reaffirmed` once its issuer has said it again. */
  readonly disputed?: Readonly<Record<string, Standing>>
}

/** What a call-out rests on. Only `sid` where the folder does not open the attribution. */
export type AuditedAttribution = {
  readonly sid: string
  readonly by?: string
  readonly title?: string
  readonly summary?: string
  /** Who is named, and how surely. */
  readonly claims?: AttributionBody['claims']
}

/** One signatory in its own words, from its join. */
export type AuditedSignatory = Pick<Signatory, 'member' | 'join' | 'authority' | 'positions' | 'reservations'> & {
  /** Absent: outright. */
  readonly when?: Condition
  /** The same in words. */
  readonly condition?: string
  readonly declaration?: string
}

/** `largest`: the release is S*. `sound`: nobody stands in it against its own condition, as far as held. */
export type AuditedRelease = {
  readonly sid: string
  readonly by: string
  readonly index: number
  readonly cut: number
  readonly verdict: 'largest' | 'sound'
  readonly signatories: readonly AuditedSignatory[]
  /** Entries before the cut that the folder does not open. */
  readonly withheld: number
  /** Members whose join is held and would belong, unless a withheld answer takes it back. */
  readonly leftOut: readonly string[]
}

/** What was asked, granted, used and opened, as far as the folder shows it. */
export type AuditedReleaseControl = {
  readonly requests: readonly { readonly sid: string; readonly by: string; readonly of: string; readonly is: Stage }[]
  readonly grants: readonly {
    readonly sid: string
    readonly by: string
    readonly of: string
    readonly slots: readonly string[]
    readonly to: string
    readonly recipient: string
    readonly actions: readonly string[]
    readonly is: GrantState['is']
    readonly uses: readonly {
      readonly sid: string
      readonly index: number
      readonly action: string
      readonly purpose: string
    }[]
  }[]
  readonly openings: readonly {
    readonly sid: string
    readonly by: string
    readonly of: string
    readonly slots: readonly string[]
    readonly to: Tlp
  }[]
  /** Who has confirmed what. It is never consent. */
  readonly receipts: readonly {
    readonly sid: string
    readonly by: string
    readonly is: 'delivered' | 'read'
    readonly of: readonly string[]
  }[]
  readonly spills: readonly { readonly sid: string; readonly by: string; readonly of: string; readonly how: string }[]
}

/** Checks that held, counted: nothing is in the verdict that is not in these numbers. */
export type ProofCounts = {
  digests: number
  entries: number
  tiles: number
  signatures: number
  relations: number
  disclosures: number
  receipts: number
}

/** spec/09-audit.md#report */
export type AuditReport = {
  readonly ok: boolean
  /** As the manifest says; nobody has signed it. */
  readonly exportedBy?: string
  readonly reader?: string
  readonly genesis?: string
  /** Whether the caller named the genesis statement it trusts. */
  readonly pinned: boolean
  /** The family of signatures that proved nothing about the log here, by the caller's wish. */
  readonly without?: Family
  readonly origin?: string
  readonly size?: number
  readonly root?: string
  readonly charter?: AuditedCharter
  readonly trust?: AuditedTrust
  /** What then stands: absent where the charter is not known, null where nothing does. */
  readonly ifEd25519Falls?: AuditedStanding | null
  readonly statements: readonly AuditedStatement[]
  readonly callouts: readonly AuditedCallOut[]
  readonly release: AuditedReleaseControl
  readonly withheld: { readonly entries: number; readonly slots: number; readonly slices: number }
  /** Statements and tear lines above the reader of which nobody can tell whether they have been opened. */
  readonly untold: number
  readonly proofs: Readonly<ProofCounts>
  readonly findings: readonly Finding[]
}
