import { type Charter, checkCharter, isCleared } from '../charter/charter.ts'
import {
  type CharterState,
  type HeldKey,
  beginCharter,
  hasRole,
  isClosed,
  isInForce,
  keyAt,
  stateAt,
  whySilent,
} from '../charter/fold.ts'
import { signs } from '../charter/keys.ts'
import { rotatedIn } from '../charter/keys-over-time.ts'
import { checkMandate } from '../charter/mandates.ts'
import type { Handling } from '../sharing/handling.ts'
import { canonical } from '../wire/canonical.ts'
import { check } from '../wire/check.ts'
import { type Result, fail, ok } from '../wire/failure.ts'
import { limits } from '../wire/limits.ts'
import type { Primitives, SignatureCheck } from '../wire/primitives.ts'
import { Claims, chainIdOf } from './claims.ts'
import { checkBody, checkHandling, checkSlices, checkSlotHandling, refsOf } from './draft.ts'
import { type Envelope, readEnvelope } from './envelope.ts'
import type { KindName } from './kind.ts'
import type { AdoptBody } from './kinds/charter.ts'
import { type BodyOf, isKind, kindOf } from './kinds.ts'
import { type TearLine, readDisclosures, readTierCopy } from './tearline.ts'

/** A part of a statement that is for one member alone. */
export type Slice = TearLine & { readonly to: string }
const isSlice = (line: TearLine): line is Slice => line.to !== undefined

class VerifiedStatement {
  // A private field: no object literal, spread copy or cast made elsewhere passes `isVerified`.
  readonly #made = true
  readonly sid: string
  readonly jws: string
  readonly signature: Uint8Array
  readonly kid: string
  readonly claims: Claims
  readonly kind: KindName
  readonly iss: string
  readonly body: unknown
  /** Tear lines this copy opens; `claims.tear` names them all. */
  readonly lines: readonly TearLine[]
  /** Slices this copy opens; `claims.slices` counts them all. */
  readonly slices: readonly Slice[]

  constructor(envelope: Envelope, claims: Claims, lines: readonly TearLine[]) {
    this.sid = envelope.sid
    this.jws = envelope.jws
    this.signature = envelope.signature
    this.kid = envelope.kid
    this.claims = claims
    this.kind = claims.kind as KindName
    this.iss = claims.iss
    this.body = claims.body
    this.lines = lines.filter(({ to }) => to === undefined)
    this.slices = lines.filter(isSlice)
  }

  static is(value: object): boolean {
    return #made in value
  }
}

/** A statement whose every check has passed. Only `verify` and its kin make one. */
export type Verified = VerifiedStatement
export const isVerified = (value: object): value is Verified => VerifiedStatement.is(value)

export const isOf = <Name extends KindName>(
  statement: Verified,
  name: Name,
): statement is Verified & { readonly kind: Name; readonly body: BodyOf<Name> } => statement.kind === name

export type VerifyContext = {
  readonly primitives: Primitives
  readonly charter: CharterState
  /** Log index of the statement: keys and charter are those in force there. */
  readonly index: number
}

type Readied = {
  readonly envelope: Envelope
  readonly disclosures: readonly string[]
  readonly held: HeldKey
  readonly signed: SignatureCheck
}

/** spec/04-statements.md#verification: takes text as it travelled. The first step that fails names the failure. */
export function verify(text: string, asked: VerifyContext): Result<Verified> {
  const context = inItsTime(asked)
  const readied = ready(text, context)
  if (!readied.ok) return readied
  if (!context.primitives.verify(readied.value.signed)) return fail('statement.bad-signature', '/signature')
  return conclude(readied.value, context)
}

/** The same verdict; the signature is checked off the calling thread where the runtime can. */
export async function verifyLater(text: string, asked: VerifyContext): Promise<Result<Verified>> {
  const context = inItsTime(asked)
  const readied = ready(text, context)
  if (!readied.ok) return readied
  if (!(await context.primitives.verifyLater(readied.value.signed)))
    return fail('statement.bad-signature', '/signature')
  return conclude(readied.value, context)
}

/** A later charter says nothing of an earlier statement: spec/03-charter.md#versions. */
function inItsTime(context: VerifyContext): VerifyContext {
  const charter = stateAt(context.charter, context.index)
  return charter === context.charter ? context : { ...context, charter }
}

/** The genesis statement carries its own keys: what it says of them is checked, then its signature by one of them. */
export function verifyGenesis(
  text: string,
  primitives: Primitives,
): Result<{ statement: Verified; charter: CharterState }> {
  const copy = readTierCopy(text)
  if (!copy.ok) return copy
  const envelope = readStatement(copy.value.jws, 0, primitives)
  if (!envelope.ok) return envelope
  const claims = readClaims(envelope.value)
  if (!claims.ok) return claims
  if (claims.value.kind !== 'charter.adopt') return fail('charter.not-genesis', '/kind')
  const body = claims.value.body as AdoptBody
  if (!('charter' in body)) return fail('charter.not-genesis', '/body', 'a genesis statement carries the charter')
  const checked = checkCharter(primitives, body.charter, '/body/charter')
  if (!checked.ok) return checked
  const { iss } = claims.value
  const charter = beginCharter({ sid: envelope.value.sid, iss, charter: body.charter })
  const statement = verify(text, { primitives, charter, index: 0 })
  return statement.ok ? ok({ statement: statement.value, charter }) : statement
}

/** Only the genesis statement stands at index 0, and it alone holds the keys of all: it may be larger. */
const readStatement = (jws: string, index: number, { sha256 }: Primitives): Result<Envelope> =>
  readEnvelope(
    jws,
    'chancery-statement+sd-jwt',
    sha256,
    index === 0 ? limits.genesisBytesMax : limits.statementBytesMax,
  )

function ready(text: string, { primitives, charter, index }: VerifyContext): Result<Readied> {
  const copy = readTierCopy(text)
  if (!copy.ok) return copy
  const envelope = readStatement(copy.value.jws, index, primitives)
  if (!envelope.ok) return envelope
  const { kid, alg, signingInput, signature, payload } = envelope.value

  const held = keyAt(charter, kid, index) ?? rotatedIn(primitives, charter, { payload, kid, index })
  if (held === undefined) return fail('charter.unknown-key', '/header/kid', whySilent(charter, kid, index))
  if (!signs(held.record.alg) || held.record.alg !== alg) return fail('charter.wrong-alg', '/header/alg')
  if (held.record.use !== 'sign' && held.record.use !== 'root') return fail('charter.wrong-use', '/header/kid')
  const signed = { alg, jwk: held.record.jwk, message: signingInput, signature }
  return ok({ envelope: envelope.value, disclosures: copy.value.disclosures, held, signed })
}

function conclude({ envelope, disclosures, held }: Readied, context: VerifyContext): Result<Verified> {
  const claims = readClaims(envelope)
  if (!claims.ok) return claims
  const issuer = checkIssuer(claims.value, held, context)
  if (!issuer.ok) return issuer
  const place = checkPlace(claims.value, envelope, context)
  if (!place.ok) return place
  const lines = readDisclosures(context.primitives.sha256, claims.value, disclosures)
  if (!lines.ok) return lines
  const contents = checkContents(claims.value, lines.value, context.charter.charter)
  if (!contents.ok) return contents
  return ok(new VerifiedStatement(envelope, claims.value, lines.value))
}

function readClaims(envelope: Envelope): Result<Claims> {
  const claims = check(Claims, envelope.payload, 'statement.bad-schema', '')
  if (!claims.ok) return claims
  const { kind, body, refs, tear, handling } = claims.value
  if (!isKind(kind)) return fail('statement.unknown-kind', '/kind')
  const checked = checkBody(kind, body)
  if (!checked.ok) return checked
  if (canonical(refs) !== canonical(refsOf(kind, checked.value.body))) return fail('statement.wrong-refs', '/refs')
  const marked = checkHandling(handling, '/handling')
  return marked.ok ? checkTear({ kind, tear, handling, claims: claims.value }) : marked
}

function checkTear(input: Pick<Claims, 'tear' | 'handling'> & { kind: KindName; claims: Claims }): Result<Claims> {
  const slots = Object.entries(input.tear)
  if (slots.length > limits.slotsMax) return fail('bytes.too-large', '/tear', `at most ${limits.slotsMax} tear lines`)
  if (slots.length > 0 && kindOf(input.kind).slot === null)
    return fail('statement.breaks-law', '/tear', `${input.kind} has no tear lines`)
  if (new Set(slots.map(([, slot]) => slot._sd[0])).size < slots.length) return fail('tear.repeated', '/tear')
  // A clear tear line would have no container to travel in: what anyone may read belongs in the body.
  for (const [label, slot] of slots) {
    const marked = checkSlotHandling(slot, input.handling, `/tear/${label}`)
    if (!marked.ok) return marked
  }
  const { slices } = input.claims
  const grouped = slices === undefined ? ok(true) : checkSlices(slices, input)
  return grouped.ok ? ok(input.claims) : grouped
}

function checkIssuer(claims: Claims, held: HeldKey, { charter, index }: VerifyContext): Result<true> {
  const row = kindOf(claims.kind as KindName)
  if (claims.iss !== held.member) return fail('statement.not-issuer', '/iss', 'the key belongs to another member')
  if (held.record.use !== row.use)
    return fail('charter.wrong-use', '/header/kid', `${claims.kind} is signed with a ${row.use} key`)
  const entitled = row.issuers.some(role => hasRole(charter, claims.iss, role))
  if (!entitled) return fail('statement.not-issuer', '/iss', `needs the role ${row.issuers.join(' or ')}`)
  return checkMandate(charter, { kid: held.record.kid, index, kind: claims.kind, body: claims.body })
}

/** Coalition, charter in force, and the two places where the genesis statement differs from all others. */
function checkPlace(claims: Claims, envelope: Envelope, { charter, index, primitives }: VerifyContext): Result<true> {
  const chain = chainIdOf(primitives.sha256, claims.handling, charter.renewed.get(claims.iss))
  if (claims.chain.id !== chain) {
    return fail('statement.chain-broken', '/chain/id', `a ${claims.handling.tlp} statement is in the chain ${chain}`)
  }
  const audience = checkAudience(claims, charter.charter)
  if (!audience.ok) return audience
  const ofRecord = kindOf(claims.kind as KindName).ofRecord === true
  if (ofRecord && claims.handling.tlp !== 'clear') {
    return fail('statement.breaks-law', '/handling/tlp', 'a charter and its keys are open to anyone')
  }
  if (ofRecord && claims.exercise) {
    return fail('statement.breaks-law', '/exercise', 'a charter and its keys are never an exercise')
  }
  if (envelope.sid === charter.genesis) {
    const unset = claims.coa === null && claims.charter === null && claims.seen === null
    if (!unset) return fail('charter.not-genesis', '/coa', 'coa, charter and seen are null in the genesis statement')
    const first = claims.chain.seq === 0 && claims.chain.prev === null
    return first ? ok(true) : fail('charter.not-genesis', '/chain', 'the genesis statement begins its chain')
  }
  if (claims.coa !== charter.genesis) return fail('statement.wrong-coalition', '/coa')
  if (claims.charter?.sid !== charter.version.sid || claims.charter.version !== charter.version.number) {
    return fail('statement.wrong-charter', '/charter', `version ${charter.version.number} is in force there`)
  }
  if (ofRecord && envelope.jws.length >= limits.entryBytesMax)
    return fail('bytes.too-large', '', 'what changes the charter stands open on the log, whole')
  if (isClosed(charter, index)) return fail('log.closed', '/seen')
  const silent = whyNotSpeaking(claims, charter)
  if (!silent.ok) return silent
  if (claims.seen === null) return fail('statement.bad-schema', '/seen', 'only the genesis statement has seen nothing')
  if (claims.kind === 'charter.adopt') return checkAdoption(claims, charter)
  return isInForce(charter, index) ? ok(true) : fail('charter.not-in-force', '/charter')
}

/** spec/03-charter.md#accession, #suspension: who is in the charter and does not speak, or has but one thing to say. */
function whyNotSpeaking({ iss, kind }: Claims, { absent }: CharterState): Result<true> {
  const absence = absent.get(iss)
  if (absence === 'suspended') return fail('charter.suspended', '/iss')
  if (absence === 'awaited' && kind !== 'member.accede') return fail('charter.not-acceded', '/iss')
  return ok(true)
}

/** A list of readers names readers there are: a name the charter does not clear would be told yes and sent nothing. */
function checkAudience({ handling, tear }: Claims, charter: Charter): Result<true> {
  const markings: [string, Handling][] = [['/handling', handling]]
  for (const [label, slot] of Object.entries(tear)) markings.push([`/tear/${label}`, slot])
  for (const [at, { tlp, releasable_to = [] }] of markings) {
    const stray = releasable_to.find(id => !isCleared(charter, id, tlp))
    if (stray !== undefined)
      return fail('statement.breaks-law', `${at}/releasable_to`, `${stray} is not cleared for ${tlp}`)
  }
  return ok(true)
}

function checkAdoption(claims: Claims, charter: CharterState): Result<true> {
  const body = claims.body as AdoptBody
  const names = 'adopts' in body && body.adopts === charter.genesis
  return names ? ok(true) : fail('charter.not-genesis', '/body', 'a later adoption names the genesis statement')
}

function checkContents(claims: Claims, lines: readonly TearLine[], charter: Charter): Result<true> {
  const { slot, slice } = kindOf(claims.kind as KindName)
  for (const { label, to, content } of lines) {
    const [shape, at] = to === undefined ? [slot, `/tear/${label}`] : [slice, `/slices/${to}`]
    if (!shape) return fail('statement.breaks-law', to === undefined ? '/tear' : '/slices')
    const addressed = to === undefined ? ok(true) : checkTo(claims, to, charter)
    if (!addressed.ok) return addressed
    const checked = check(shape, content, 'tear.bad-disclosure', at)
    if (!checked.ok) return checked
  }
  return ok(true)
}

/** What `releasable_to` is held to where it stands in the open: only now is it known whom this slice is for. */
function checkTo({ handling, slices }: Claims, to: string, charter: Charter): Result<true> {
  const at = `/slices/${to}`
  if (handling.releasable_to?.includes(to) === false)
    return fail('tear.too-open', at, 'for a member that its statement is not releasable to')
  const isReader = slices !== undefined && isCleared(charter, to, slices.handling.tlp)
  return isReader ? ok(true) : fail('statement.breaks-law', at, `${to} is not cleared for it`)
}
