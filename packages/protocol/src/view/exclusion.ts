import type { CharterState } from '../charter/fold.ts'
import type { Checkpoint } from '../log/checkpoint.ts'
import { commitment, openEntry } from '../log/entry.ts'
import { vkeyFor } from '../log/head.ts'
import { readReceipt, verifyReceipt } from '../log/proof.ts'
import type { Referred } from '../statement/kind.ts'
import { kindOf } from '../statement/kinds.ts'
import { enteredOf, withRecord } from '../statement/record.ts'
import { checkRefs, relatedOf } from '../statement/relate.ts'
import { type Verified, verify } from '../statement/verify.ts'
import { concat, equalBytes } from '../wire/bytes.ts'
import { type Failure, type Result, assert, fail, ok } from '../wire/failure.ts'
import { limits } from '../wire/limits.ts'
import type { Primitives } from '../wire/primitives.ts'
import { type Act, type Answer, type CallOutRecord, type WhyExcluded, actOf } from './call-out-state.ts'
import { holds } from './condition.ts'
import { firstUnsound } from './release.ts'
import { candidatesAt, signatoriesAt } from './signatories.ts'

/** A statement and the receipt that puts it at its index. All receipts of one proof are against one checkpoint. */
export type LoggedCopy = { readonly jws: string; readonly receipt: string }

/** Everything a stranger needs, beside the charter: spec/08-call-outs.md#exclusion. */
export type ExclusionProof = {
  /** Every statement of record after the genesis statement. Absent where the verifier has them. */
  readonly adoptions?: readonly LoggedCopy[]
  readonly proposal: LoggedCopy
  readonly text: LoggedCopy
  readonly release: LoggedCopy
  /** The joins released, in the order of the release. */
  readonly joins: readonly LoggedCopy[]
  /** The join of the member left out. */
  readonly excluded: LoggedCopy
}

/** `shown`: this release is not valid, and `by` is who signed it. Otherwise why the proof proves nothing. */
export type Exclusion =
  | {
      readonly shown: true
      readonly wronged: string
      readonly by: string
      readonly join: string
      readonly release: string
    }
  | { readonly shown: false; readonly member: string; readonly why: WhyNotShown }

export type WhyNotShown = WhyExcluded | 'listed' | 'superseded' | 'release-unsound'

type Lookup = (sid: string) => LoggedCopy | undefined

/** Assembles the proof from what the member's node holds. What it shows is for verifyWrongfulExclusion to say. */
export function proveWrongfulExclusion({
  callOut,
  release,
  member,
  copyOf,
  adoptions,
}: {
  readonly callOut: CallOutRecord
  readonly release: Act<'callout.release'>
  readonly member: string
  readonly copyOf: Lookup
  /** Their statement ids, where the proof is for somebody who has the genesis statement alone. */
  readonly adoptions?: readonly string[]
}): Result<ExclusionProof> {
  const join = candidatesAt(callOut, release.body.cut.size).get(member)
  if (callOut.text === undefined || join === undefined) {
    return fail('callout.unknown', '', `no join of ${member} counts at the cut`)
  }
  const parts = [callOut.proposal.sid, callOut.text.sid, release.sid, join.sid]
  const sids = [...parts, ...release.body.joins, ...(adoptions ?? [])]
  const copies = sids.map(sid => copyOf(sid))
  const missing = copies.indexOf(undefined)
  const [proposal, text, released, excluded, ...more] = copies.filter(copy => copy !== undefined)
  if (missing >= 0 || !proposal || !text || !released || !excluded) {
    return fail('evidence.missing', '', `${sids[missing]} is not held with a receipt`)
  }
  const joinCount = release.body.joins.length
  const proof = { proposal, text, release: released, joins: more.slice(0, joinCount), excluded }
  return ok({ ...proof, ...(adoptions !== undefined && { adoptions: more.slice(joinCount) }) })
}

type Context = { readonly primitives: Primitives; readonly charter: CharterState }

/**
 * spec/08-call-outs.md#exclusion. Offline, from bytes and the pinned charter. `later` is what the accused presents: an
 * answer of the member between its join and the cut defeats the proof.
 */
export function verifyWrongfulExclusion({
  primitives,
  charter,
  proof,
  later = [],
}: Context & {
  readonly proof: ExclusionProof
  readonly later?: readonly LoggedCopy[]
}): Result<Exclusion> {
  const { joins, adoptions = [], ...single } = proof
  const founded = readAdoptions(namedAs('adoptions', adoptions), { primitives, charter })
  if (!founded.ok) return founded
  const named = Object.entries(single).map(([name, copy]) => ({ at: `/${name}`, copy }))
  const copies = [...named, ...namedAs('joins', joins), ...namedAs('later', later)]
  const read = readAll(copies, { primitives, ...founded.value })
  if (!read.ok) return read
  const parts = readParts(read.value, proof.joins.length)
  if (!parts.ok) return parts
  const refs = checkAllRefs(read.value, founded.value.charter)
  return refs.ok ? ok(conclude(parts.value)) : refs
}

type Part = { readonly at: string; readonly copy: LoggedCopy }

const namedAs = (list: string, copies: readonly LoggedCopy[]): Part[] =>
  copies.map((copy, i) => ({ at: `/${list}/${i}`, copy }))

type Shown = {
  readonly at: string
  readonly statement: Verified
  readonly index: number
  readonly checkpoint: Checkpoint
}

/** The charter with these adoptions, and the checkpoint that they are under. The log's order is that of the indices. */
function readAdoptions(
  parts: readonly Part[],
  context: Context,
): Result<{ readonly charter: CharterState; readonly under?: Checkpoint }> {
  let { charter } = context
  let first: Checkpoint | undefined
  for (const { at, copy } of inLogOrder(parts)) {
    const read = readAll([{ at, copy }], { ...context, charter, ...(first !== undefined && { under: first }) })
    if (!read.ok) return read
    const [shown] = read.value
    assert(shown !== undefined, 'one part is read as one')
    const { statement, index, checkpoint } = shown
    first ??= checkpoint
    if (kindOf(statement.kind).ofRecord !== true) return fail('callout.unknown', at, 'a part is of another kind')
    const grown = withRecord(context.primitives, charter, enteredOf(statement, index))
    if (!grown.ok) return under(at, grown)
    charter = grown.value
  }
  return ok({ charter, ...(first !== undefined && { under: first }) })
}

/** By what their receipts say of their places, which is checked as each is read; one without a place comes first. */
const inLogOrder = (parts: readonly Part[]): readonly Part[] => {
  const placeOf = ({ copy }: Part): number => {
    const receipt = readReceipt(copy.receipt)
    return receipt.ok ? receipt.value.index : -1
  }
  return parts.toSorted((a, b) => placeOf(a) - placeOf(b))
}

function readAll(parts: readonly Part[], context: Context & { under?: Checkpoint }): Result<readonly Shown[]> {
  const shown: Shown[] = []
  for (const { at, copy } of parts) {
    const read = readCopy(copy, context)
    if (!read.ok) return under(at, read)
    const checkpoint = context.under ?? (shown[0] ?? read.value).checkpoint
    if (checkpoint.size !== read.value.checkpoint.size) return fail('log.bad-receipt', at, 'all against one checkpoint')
    if (!equalBytes(checkpoint.root, read.value.checkpoint.root)) return fail('log.forked', at)
    shown.push({ at, ...read.value })
  }
  return ok(shown)
}

const under = (at: string, failure: Failure): Failure => ({
  ...failure,
  at: failure.at === undefined ? at : `${at}/${failure.at.replace(/^\//, '')}`,
})

function readCopy({ jws, receipt: text }: LoggedCopy, { primitives, charter }: Context): Result<Omit<Shown, 'at'>> {
  const receipt = readReceipt(text)
  if (!receipt.ok) return receipt
  const { index, extra } = receipt.value
  const statement = verify(jws.includes('~') ? jws : `${jws}~`, { primitives, charter, index })
  if (!statement.ok) return statement
  const entry = entryOf(statement.value, extra, primitives)
  if (entry === undefined) return fail('log.bad-receipt', 'extra', 'a statement this long is logged sealed')
  const { origin } = charter.charter.relay
  const vkey = vkeyFor(charter, receipt.value.checkpoint)
  const held = verifyReceipt({ receipt: receipt.value, entry, origin, vkey, primitives })
  return held.ok ? ok({ statement: statement.value, index, checkpoint: held.value.checkpoint }) : held
}

/** The entry bytes again: C follows from the statement, and the receipt carries T. */
function entryOf(
  { sid, jws, signature }: Verified,
  tag: Uint8Array | undefined,
  { sha256 }: Primitives,
): Uint8Array | undefined {
  if (tag !== undefined) return concat(Uint8Array.of(1), commitment({ sha256, sid, signature }), tag)
  return jws.length < limits.entryBytesMax ? openEntry(jws) : undefined
}

type Parts = {
  readonly callOut: CallOutRecord
  readonly release: Act<'callout.release'>
  readonly joins: readonly Act<'callout.join'>[]
  readonly excluded: Act<'callout.join'>
}

/** Each part is of its kind, and all are of one call-out. */
function readParts(shown: readonly Shown[], joinCount: number): Result<Parts> {
  const acts = new Map(shown.map(part => [part.at, actOf(part)]))
  const [proposal, text] = [ofKind(acts, '/proposal', 'callout.propose'), ofKind(acts, '/text', 'callout.text')]
  const release = ofKind(acts, '/release', 'callout.release')
  const excluded = ofKind(acts, '/excluded', 'callout.join')
  const joins = Array.from({ length: joinCount }, (_, i) => ofKind(acts, `/joins/${i}`, 'callout.join'))
  if (!proposal || !text || !release || !excluded) return fail('callout.unknown', '', 'a part is of another kind')
  const ids = joins.map(join => join?.sid)
  const missing = release.body.joins.findIndex((sid, i) => sid !== ids[i])
  if (missing >= 0 || ids.length !== release.body.joins.length) {
    return fail('evidence.missing', `/joins/${Math.max(missing, 0)}`, 'exactly the joins of the release, in its order')
  }
  if (text.body.proposal !== proposal.sid) return fail('callout.wrong-text', '/text')
  if (text.iss !== proposal.iss && text.iss !== proposal.body.pen_holder) return fail('callout.wrong-text', '/text/iss')
  if (release.body.text !== text.sid) return fail('callout.wrong-text', '/release/body/text')
  if (excluded.body.text !== text.sid) return fail('callout.wrong-text', '/excluded/body/text')
  const held = joins.filter(join => join !== undefined)
  const answers = [...new Map([...acts.values()].filter(isAnswer).map(answer => [answer.sid, answer])).values()]
  const callOut = { proposal, text, answers: answers.sort((a, b) => a.index - b.index), refused: [] }
  return ok({ callOut, release, joins: held, excluded })
}

const isAnswer = (act: Act | undefined): act is Answer =>
  act?.kind === 'callout.join' || act?.kind === 'callout.decline' || act?.kind === 'callout.withdraw'

function ofKind<Kind extends Act['kind']>(acts: ReadonlyMap<string, Act | undefined>, at: string, kind: Kind) {
  const act = acts.get(at)
  return act?.kind === kind ? (act as Act<Kind>) : undefined
}

/** Who may release, whose withdrawal it is, which claims there are. What the attributions say is not in question. */
function checkAllRefs(shown: readonly Shown[], charter: CharterState): Result<true> {
  const known = new Map(shown.map(part => [part.statement.sid, referredOf(part)]))
  const prefix = { charter, find: (sid: string) => known.get(sid), chainHead: () => undefined, rootAt: () => undefined }
  for (const { at, statement } of shown) {
    if (statement.kind === 'callout.propose' || statement.kind === 'callout.text') continue
    const refs = checkRefs(relatedOf(statement), prefix)
    if (!refs.ok) return under(at, refs)
  }
  return ok(true)
}

const referredOf = ({ statement: { kind, iss, body, claims }, index }: Shown): Referred => ({
  kind,
  iss,
  index,
  tlp: claims.handling.tlp,
  body,
})

/**
 * If every condition of the set released holds in it, and that of one more member holds in the set with it, then the
 * larger set holds as well: the one released is not the largest.
 */
function conclude({ callOut, release, joins, excluded }: Parts): Exclusion {
  const { iss: member, sid: join, body } = excluded
  const cutSize = release.body.cut.size
  if (joins.some(({ iss }) => iss === member)) return { shown: false, member, why: 'listed' }
  const counted = candidatesAt(callOut, cutSize).get(member)
  if (counted === undefined) return { shown: false, member, why: whyUncounted(callOut, cutSize, member) }
  if (counted.sid !== join) return { shown: false, member, why: 'superseded' }
  if (firstUnsound(callOut, joins, cutSize) !== undefined) return { shown: false, member, why: 'release-unsound' }
  const set = new Map([...joins, excluded].map(({ iss, body: { positions } }) => [iss, positions]))
  if (body.when !== undefined && !holds(body.when, set)) return { shown: false, member, why: 'condition-unmet' }
  return { shown: true, wronged: member, by: release.iss, join, release: release.sid }
}

const whyUncounted = (callOut: CallOutRecord, cutSize: number, member: string): WhyExcluded =>
  signatoriesAt(callOut, cutSize).excluded.find(other => other.member === member)?.why ?? 'after-cut'
