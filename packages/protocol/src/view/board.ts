import type { Role } from '../charter/charter.ts'
import { type Absence, type CharterState, isInForce } from '../charter/fold.ts'
import { type Standing, standingAt } from '../charter/disputes.ts'
import type { Tlp } from '../charter/tiers.ts'
import type { AttributionBody } from '../statement/kinds/attribution.ts'
import type { ProposeBody, TextBody } from '../statement/kinds/callout.ts'
import { type Named, type Position, type Stance, onScale, stances } from '../statement/kinds/position.ts'
import { type Verified, isOf } from '../statement/verify.ts'
import { compareText } from '../wire/bytes.ts'
import type { FailureCode } from '../wire/failures.ts'
import {
  type Act,
  type CallOut,
  type Excluded,
  type LogView,
  type Phase,
  type Placed,
  type ReleaseVerdict,
  type Signatory,
  withDisputes,
} from './call-out-state.ts'
import { foldCallOuts } from './call-out.ts'
import { signatoriesAt } from './signatories.ts'

/** All that one reader can see of its coalition at one log size, as plain data to be shown or written. */
export type Board = {
  readonly coalition: {
    readonly genesis: string
    readonly name: string
    readonly inForce: boolean
    /** Of the charter in force, and the statement that holds it. */
    readonly version: number
    readonly charter: string
    readonly proposals: readonly ProposalRow[]
    /** Of a log that is closed: its size for ever, and its root. */
    readonly closed?: { readonly size: number; readonly root: string }
  }
  readonly members: readonly MemberRow[]
  readonly size: number
  readonly root: string | null
  readonly attributions: readonly AttributionRow[]
  readonly callOuts: readonly CallOutRow[]
}

type MemberRow = {
  readonly id: string
  readonly name: string
  readonly roles: readonly Role[]
  /** Why it does not speak: spec/03-charter.md#versions. */
  readonly absent?: Absence
}

/** What waits for approvals, and of how many members it needs them. */
export type ProposalRow = {
  readonly sid: string
  readonly by: string
  readonly approvedBy: readonly string[]
  readonly needs: number
} & ({ readonly version: number } | { readonly suspends: string } | { readonly closes: true })

type Where = {
  readonly sid: string
  readonly index: number
  readonly iss: string
  readonly exercise: boolean
  readonly tlp: Tlp
  /** Disputed, or re-affirmed after it was; null for all that never was. */
  readonly standing: Standing | null
}

export type AttributionRow = Where & {
  readonly title: string
  readonly summary: string
  readonly kind: AttributionBody['kind']
  readonly publicity: AttributionBody['publicity']
  readonly claims: AttributionBody['claims']
  /** Every tear line by label: withheld from this reader, or open to it. */
  readonly tearLines: readonly { readonly label: string; readonly tlp: Tlp; readonly open: boolean }[]
  /** Parts for one addressee each: how many there are, and whose are open to this reader. */
  readonly slices: {
    readonly label: string
    readonly tlp: Tlp
    readonly count: number
    readonly open: readonly string[]
  } | null
}

export type CallOutRow = Where & {
  readonly title: string
  readonly form: ProposeBody['form']
  readonly phase: Phase
  readonly respondBy: string
  readonly attributions: readonly string[]
  readonly text: TextRow | null
  /** The log size at which signatories are counted: the cut once released, until then the size of this board. */
  readonly countedAt: number
  readonly signatories: readonly Signatory[]
  readonly excluded: readonly Excluded[]
  readonly declined: readonly string[]
  readonly unanswered: readonly string[]
  readonly positions: readonly PositionRow[]
  readonly tallies: readonly Tally[]
  /** null until it is released. */
  readonly headline: string | null
  readonly release: ReleaseRow | null
  readonly abort: { readonly sid: string; readonly by: string; readonly reason: string } | null
  readonly refused: readonly RefusedRow[]
  /** What has been said in it under a key that was compromised. */
  readonly disputed: readonly DisputedRow[]
}

type DisputedRow = { readonly sid: string; readonly kind: string; readonly by: string; readonly is: Standing }

type TextRow = { readonly sid: string; readonly index: number } & Omit<TextBody, 'proposal'>
type RefusedRow = {
  readonly sid: string
  readonly by: string
  readonly code: FailureCode
  readonly why: string | null
}

/** One member on one claim, in its own words; null is not stated. */
export type PositionRow = {
  readonly member: string
  readonly claim: string
  readonly stance: Stance
  readonly named: Named
  readonly basis: Position['basis']
  readonly attributed_by: string | null
  readonly confidence: Position['confidence'] | null
  readonly likelihood: Position['likelihood'] | null
}

/** Who says exactly this of one claim. `own` are those whose basis is their own assessment. */
export type Tally = {
  readonly claim: string
  readonly stance: Stance
  readonly named: Named
  readonly members: readonly string[]
  readonly own: readonly string[]
}

type ReleaseRow = {
  readonly sid: string
  readonly by: string
  readonly index: number
  readonly releasedAt: string
  readonly cut: number
  readonly verdict: ReleaseVerdict['is']
  readonly withheld: number
  /** Members whose join is held here and would belong, unless a withheld answer takes it back. */
  readonly leftOut: readonly string[]
}

/** A pure fold of the log prefix: the same statements and size give the same board on every node. */
export function boardOf({
  placed,
  charter,
  view,
}: {
  /** In log order. */
  readonly placed: readonly Placed[]
  readonly charter: CharterState
  readonly view: LogView
}): Board {
  const shown = withDisputes(charter, placed).filter(({ index }) => index < view.size)
  const bySid = new Map(shown.map(each => [each.statement.sid, each]))
  return {
    coalition: coalitionRow(charter, view),
    members: membersOf(charter),
    size: view.size,
    root: view.rootAt(view.size) ?? null,
    attributions: shown.flatMap(each => attributionRow(each, view.size)),
    callOuts: [...foldCallOuts(shown, view).values()].map(callOut => callOutRow(callOut, bySid, view)),
  }
}

function coalitionRow(charter: CharterState, { size, rootAt }: LogView): Board['coalition'] {
  const { genesis, version, closedFrom = Infinity } = charter
  const root = closedFrom <= size ? rootAt(closedFrom) : undefined
  const { name } = charter.charter
  const proposals = proposalsOf(charter)
  return {
    genesis,
    name,
    inForce: isInForce(charter, size),
    version: version.number,
    charter: version.sid,
    proposals,
    ...(root !== undefined && { closed: { size: closedFrom, root } }),
  }
}

const membersOf = ({ charter: { members }, absent }: CharterState): MemberRow[] =>
  members.map(({ id, name, roles }) => {
    const why = absent.get(id)
    return { id, name, roles, ...(why !== undefined && { absent: why }) }
  })

/** In the order in which they were proposed. */
export const proposalsOf = ({ proposals, version }: CharterState): ProposalRow[] =>
  [...proposals].map(([sid, { by, is, approvedBy }]) => {
    const { amend_threshold: needs } = version.charter
    const what = 'charter' in is ? { version: is.charter.version } : is
    return { sid, by, approvedBy: [...approvedBy].sort(), needs, ...what }
  })

function whereOf(placed: Placed, size: number): Where {
  const { statement, index } = placed
  const { sid, iss, claims } = statement
  const standing = standingAt(placed, size) ?? null
  return { sid, index, iss, exercise: claims.exercise, tlp: claims.handling.tlp, standing }
}

function attributionRow(placed: Placed, size: number): AttributionRow[] {
  const { statement } = placed
  if (!isOf(statement, 'attribution.statement')) return []
  const { title, summary, kind, publicity, claims } = statement.body
  const open = new Set(statement.lines.map(({ label }) => label))
  const labels = Object.entries(statement.claims.tear).sort(([a], [b]) => compareText(a, b))
  const tearLines = labels.map(([label, { tlp }]) => ({ label, tlp, open: open.has(label) }))
  return [
    { ...whereOf(placed, size), title, summary, kind, publicity, claims, tearLines, slices: slicesRow(statement) },
  ]
}

function slicesRow({ claims, slices }: Verified): AttributionRow['slices'] {
  if (claims.slices === undefined) return null
  const { label, handling, to } = claims.slices
  return { label, tlp: handling.tlp, count: to._sd.length, open: slices.map(slice => slice.to) }
}

function callOutRow(callOut: CallOut, bySid: ReadonlyMap<string, Placed>, view: LogView): CallOutRow {
  const { proposal, text, release, verdict, abort, phase, refused, disputed } = callOut
  const { title, form, respond_by: respondBy, attributions } = proposal.body
  const countedAt = release?.body.cut.size ?? view.size
  const counted = signatoriesAt(callOut, countedAt)
  // A reader of part of the log counts those released: it cannot say who else would belong.
  const signatories = verdict?.signatories ?? counted.signatories
  const named = new Set(signatories.map(({ member }) => member))
  const excluded = counted.excluded.filter(({ member }) => !named.has(member))
  const tallies = talliesOf(signatories)
  const tlp = bySid.get(proposal.sid)?.statement.claims.handling.tlp ?? 'red'
  return {
    sid: proposal.sid,
    index: proposal.index,
    iss: proposal.iss,
    exercise: proposal.exercise,
    tlp,
    title,
    form,
    phase,
    respondBy,
    attributions,
    text: text === undefined ? null : textRow(text),
    countedAt,
    signatories,
    excluded,
    ...othersOf(callOut, named),
    positions: signatories.flatMap(positionRows),
    tallies,
    headline: release ? headlineOf(tallies) : null,
    release: release && verdict ? releaseRow(release, verdict) : null,
    abort: abort ? { sid: abort.sid, by: abort.iss, reason: abort.body.reason } : null,
    refused: refused.map(refusedRow),
    standing: standingAt(proposal, view.size) ?? null,
    disputed: disputed.map(act => disputedRow(act, view.size)),
  }
}

const disputedRow = (act: Act, size: number): DisputedRow => ({
  sid: act.sid,
  kind: act.kind,
  by: act.iss,
  is: standingAt(act, size) ?? 'reaffirmed',
})

function textRow({ sid, index, body }: NonNullable<CallOut['text']>): TextRow {
  const { claims, deadline, lapse, texts } = body
  return { sid, index, claims, deadline, lapse, texts }
}

const refusedRow = ({ release: { sid, iss }, failure: { code, why } }: CallOut['refused'][number]): RefusedRow => ({
  sid,
  by: iss,
  code,
  why: why ?? null,
})

function releaseRow({ sid, iss, index, body }: NonNullable<CallOut['release']>, verdict: ReleaseVerdict): ReleaseRow {
  const { withheld, leftOut } = verdict.is === 'sound' ? verdict : { withheld: 0, leftOut: [] }
  const { released_at: releasedAt, cut } = body
  return { sid, by: iss, index, releasedAt, cut: cut.size, verdict: verdict.is, withheld, leftOut }
}

/** Those whose last answer is to decline, and those of whom no answer is held. */
function othersOf(callOut: CallOut, named: ReadonlySet<string>): Pick<CallOutRow, 'declined' | 'unanswered'> {
  const last = new Map(callOut.answers.map(({ iss, kind }) => [iss, kind]))
  const declining = [...last].filter(([member, kind]) => kind === 'callout.decline' && !named.has(member))
  const unanswered = callOut.proposal.body.invitees.filter(member => !last.has(member))
  return { declined: declining.map(([member]) => member).sort(), unanswered }
}

const positionRows = ({ member, positions }: Signatory): PositionRow[] =>
  positions.map(({ claim, stance, named, basis, attributed_by: quoted, confidence, likelihood }) => ({
    member,
    claim,
    stance,
    named,
    basis,
    attributed_by: quoted ?? null,
    confidence: confidence ?? null,
    likelihood: likelihood ?? null,
  }))

/** spec/08-call-outs.md#headline: one row for each pair of words used; nobody is counted under stronger ones. */
export function talliesOf(signatories: readonly Signatory[]): readonly Tally[] {
  const tallies = new Map<string, { claim: string; stance: Stance; named: Named; members: string[]; own: string[] }>()
  for (const { member, positions } of signatories) {
    for (const { claim, stance, named, basis } of positions) {
      const key = `${claim} ${stance} ${named}`
      const tally = tallies.get(key) ?? { claim, stance, named, members: [], own: [] }
      tallies.set(key, tally)
      tally.members.push(member)
      if (basis === 'own-assessment' && onScale(stance)) tally.own.push(member)
    }
  }
  const place = ({ stance }: Tally) => stances.indexOf(stance)
  return [...tallies.values()].sort(
    (a, b) => compareText(a.claim, b.claim) || place(a) - place(b) || compareText(a.named, b.named),
  )
}

const headlineOf = (tallies: readonly Tally[]): string =>
  tallies.map(({ claim, stance, named, members }) => `${claim}: ${members.length} ${stance} (${named})`).join('; ')
