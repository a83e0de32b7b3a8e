import { type Tlp, atLeastAsRestricted } from '../charter/tiers.ts'
import { type Now, hasPassed } from '../sharing/handling.ts'
import type { Action } from '../sharing/rules.ts'
import type { BodyOf } from '../statement/kinds.ts'
import { type DisputedSpan, countsAt } from '../charter/disputes.ts'
import type { Failure } from '../wire/failure.ts'
import { fail } from '../wire/failure.ts'
import type { Placed } from './call-out-state.ts'

type ControlKind =
  | 'release.request'
  | 'release.grant'
  | 'release.deny'
  | 'release.condition'
  | 'release.revoke'
  | 'release.use'
  | 'tearline.open'

/** What the fold needs of one statement: whose, where, when, and its body. */
export type ControlAct<Kind extends ControlKind = ControlKind> = Kind extends ControlKind
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

/** The release-control part of a statement; undefined for every other kind. */
export function controlActOf({ statement, index, disputed }: Placed): ControlAct | undefined {
  const { kind, sid, iss, body, claims } = statement
  if (!kind.startsWith('release.') && kind !== 'tearline.open') return undefined
  // The kind fixes the body: verify has read it with that kind's schema.
  const act = { kind, sid, iss, index, iat: claims.iat, exercise: claims.exercise, body }
  return (disputed === undefined ? act : { ...act, disputed }) as ControlAct
}

export type Stage = 'asked' | 'granted' | 'conditioned' | 'denied' | 'disputed'
export type RequestState = { readonly request: ControlAct<'release.request'>; readonly is: Stage }

export type GrantState = {
  readonly grant: ControlAct<'release.grant'>
  readonly is: 'in-force' | 'revoked' | 'expired' | 'used-up' | 'disputed'
  /** Uses that were within the grant, in log order. */
  readonly uses: readonly ControlAct<'release.use'>[]
}

export type ReleaseControl = {
  readonly requests: readonly RequestState[]
  readonly grants: readonly GrantState[]
  readonly openings: readonly ControlAct<'tearline.open'>[]
  readonly refused: readonly { readonly use: ControlAct<'release.use'>; readonly failure: Failure }[]
}

/** Of the statement that is asked for: who wrote it, and whether it is an exercise. undefined where it is not held. */
export type Target = { readonly iss: string; readonly exercise: boolean }
type FindTarget = (sid: string) => Target | undefined

/**
 * spec/12-release-control.md#fold. Acts come in log order; those at or past the size are let be. What another than the
 * originator says of a statement, and an exercise of a real one, changes nothing.
 */
export function foldControl(acts: Iterable<ControlAct>, find: FindTarget, at: Now): ReleaseControl {
  const fold: Fold = { at, requests: new Map(), grants: new Map(), openings: [], refused: [] }
  for (const act of acts) if (act.index < at.size) take(fold, act, find)
  return {
    requests: [...fold.requests.values()],
    grants: [...fold.grants.values()].map(open => stateOf(open, at)),
    openings: fold.openings,
    refused: fold.refused,
  }
}

export function releaseControl(placed: readonly Placed[], at: Now): ReleaseControl {
  const targets = new Map(
    placed.map(({ statement: { sid, iss, claims } }) => [sid, { iss, exercise: claims.exercise }] as const),
  )
  return foldControl(actsIn(placed), sid => targets.get(sid), at)
}

function* actsIn(placed: readonly Placed[]): Iterable<ControlAct> {
  for (const each of placed) {
    const act = controlActOf(each)
    if (act !== undefined) yield act
  }
}

type OpenGrant = {
  readonly grant: ControlAct<'release.grant'>
  readonly uses: ControlAct<'release.use'>[]
  readonly revocations: ControlAct<'release.revoke'>[]
}

/** Grown in place while folding; nobody sees it before the fold is done. */
type Fold = {
  /** Where it is asked how things are; a use is judged where it stands. */
  readonly at: Now
  readonly requests: Map<string, { readonly request: ControlAct<'release.request'>; is: Stage }>
  readonly grants: Map<string, OpenGrant>
  readonly openings: ControlAct<'tearline.open'>[]
  readonly refused: { readonly use: ControlAct<'release.use'>; readonly failure: Failure }[]
}

function take(fold: Fold, act: ControlAct, find: FindTarget): void {
  switch (act.kind) {
    case 'release.request':
      fold.requests.set(act.sid, { request: act, is: countsAt(act, fold.at.size) ? 'asked' : 'disputed' })
      return
    case 'release.grant':
      return grant(fold, act, find)
    case 'release.deny':
      return answer(fold, act, find, 'denied')
    case 'release.condition':
      return answer(fold, act, find, 'conditioned')
    case 'release.revoke': {
      const open = fold.grants.get(act.body.grant)
      if (open?.grant.iss === act.iss && open.grant.exercise === act.exercise) open.revocations.push(act)
      return
    }
    case 'release.use':
      return use(fold, act)
    default:
      if (isOriginators(act, act.body.sid, find) && countsAt(act, fold.at.size)) fold.openings.push(act)
  }
}

function isOriginators({ iss, exercise }: ControlAct, sid: string, find: FindTarget): boolean {
  const target = find(sid)
  return target?.iss === iss && target.exercise === exercise
}

function grant(fold: Fold, act: ControlAct<'release.grant'>, find: FindTarget): void {
  if (!isOriginators(act, act.body.sid, find)) return
  fold.grants.set(act.sid, { grant: act, uses: [], revocations: [] })
  const request = act.body.request === undefined ? undefined : fold.requests.get(act.body.request)
  if (request !== undefined && isAnswered(fold, act, request)) request.is = 'granted'
}

/** The last answer of the originator counts. A denial ends no grant: that is what a revocation is for. */
function answer(
  fold: Fold,
  act: ControlAct<'release.deny' | 'release.condition'>,
  find: FindTarget,
  is: 'denied' | 'conditioned',
): void {
  const state = fold.requests.get(act.body.request)
  const isAnswer = state !== undefined && isAnswered(fold, act, state)
  if (isAnswer && isOriginators(act, state.request.body.sid, find)) state.is = is
}

/** What is disputed asks for nothing, and answers nothing. */
const isAnswered = ({ at }: Fold, act: ControlAct, { is }: { readonly is: Stage }): boolean =>
  is !== 'disputed' && countsAt(act, at.size)

/** Judged where it stands, so that it reads the same at every later size; its own clock is the one it was signed by. */
function use(fold: Fold, act: ControlAct<'release.use'>): void {
  const open = fold.grants.get(act.body.grant)
  if (open === undefined) {
    // Withheld from this reader, or never the originator's: only who holds the statement can tell.
    fold.refused.push({ use: act, failure: fail('release.no-grant', '/body/grant', 'no grant of the originator') })
    return
  }
  const why = whyNotUse(open, act)
  if (why === undefined) open.uses.push(act)
  else fold.refused.push({ use: act, failure: fail('release.no-grant', '/body/grant', why) })
}

function whyNotUse({ grant: granted, uses, revocations }: OpenGrant, act: ControlAct<'release.use'>) {
  const { body, exercise } = granted
  if (act.iss !== body.to) return 'it was granted to another'
  if (act.exercise !== exercise) return 'exercise and real never mix'
  if (!body.actions.includes(act.body.action)) return 'the grant is not for that'
  if (!countsAt(granted, act.index)) return 'the grant was disputed then'
  if (isRevokedAt(revocations, act.index)) return 'the grant was revoked before'
  if (hasPassed(body.until, { size: act.index, moment: act.iat })) return 'the grant had ended'
  if (body.uses === 'once' && uses.length > 0) return 'it was granted once, and has been used'
  return undefined
}

function stateOf({ grant: act, uses, revocations }: OpenGrant, at: Now): GrantState {
  if (!countsAt(act, at.size)) return { grant: act, is: 'disputed', uses }
  const revoked = isRevokedAt(revocations, at.size)
  const usedUp = act.body.uses === 'once' && uses.length > 0
  const is = revoked ? 'revoked' : usedUp ? 'used-up' : hasPassed(act.body.until, at) ? 'expired' : 'in-force'
  return { grant: act, is, uses }
}

const isRevokedAt = (revocations: OpenGrant['revocations'], size: number): boolean =>
  revocations.some(act => act.index < size && countsAt(act, size))

/** Whose question it is: `towards` is to whom it would go, where an action has a recipient. */
export type Asking = { readonly reader: string; readonly towards?: string | undefined }
/** A statement, or a tear line of it. */
export type Part = { readonly sid: string; readonly slot?: string | undefined }

/** spec/12-release-control.md#granted: what grants let this reader do with this part, sorted. */
export function grantedIn({ grants }: Pick<ReleaseControl, 'grants'>, part: Part, asking: Asking): readonly Action[] {
  const found = grants.filter(({ grant: { body } }) => body.sid === part.sid && covers(body, part.slot))
  return [...new Set(found.flatMap(state => lets(state, asking)))].sort()
}

/** The grant, in force, that lets a member do this; of several, the first to be logged. */
export function grantFor(control: ReleaseControl, part: Part, asking: Asking, action: Action): GrantState | undefined {
  return control.grants.find(
    state =>
      state.is === 'in-force' &&
      state.grant.body.sid === part.sid &&
      covers(state.grant.body, part.slot) &&
      holderMay(state, asking).includes(action),
  )
}

/** A tear line proves nothing without the words that it was torn from: its grant is one for these too. */
const covers = ({ slots = [] }: BodyOf<'release.grant'>, slot: string | undefined): boolean =>
  slot === undefined || slots.includes(slot)

const lets = (state: GrantState, asking: Asking): readonly Action[] => [
  ...recipientMay(state, asking),
  ...holderMay(state, asking),
]

/** Actions that bring the recipient of a grant the words themselves. */
export const isHandedOn = (action: Action): boolean => action === 'forward' || action === 'publish'

/** What has once been handed on within a grant, its recipient has: no revocation makes it unseen. */
function recipientMay({ grant: { body }, is, uses }: GrantState, { reader }: Asking): readonly Action[] {
  const was = uses.some(({ body: used }) => isHandedOn(used.action))
  if (reader !== body.recipient || !(was || (is === 'in-force' && body.actions.some(isHandedOn)))) return []
  return body.mode === 'release' ? ['see', 'store'] : ['see']
}

function holderMay({ grant: { body }, is }: GrantState, { reader, towards }: Asking): readonly Action[] {
  if (is !== 'in-force' || reader !== body.to) return []
  return body.actions.filter(action => (action !== 'forward' && action !== 'name-source') || towards === body.recipient)
}

/** Whether this member has handed this part to that reader within a grant of the originator. */
export function isHanded(
  { grants }: Pick<ReleaseControl, 'grants'>,
  part: Part,
  { by, to }: { readonly by: string; readonly to: string },
): boolean {
  return grants.some(
    ({ grant: { body }, uses }) =>
      body.sid === part.sid &&
      body.to === by &&
      body.recipient === to &&
      covers(body, part.slot) &&
      uses.some(({ body: used }) => isHandedOn(used.action)),
  )
}

/** The widest tier to which its author has opened a statement, or a tear line of it; undefined: to none. */
export function openedIn({ openings }: Pick<ReleaseControl, 'openings'>, { sid, slot }: Part): Tlp | undefined {
  const here = openings.filter(({ body }) => body.sid === sid && isOf(body, slot))
  return here.map(({ body }) => body.to).reduce<Tlp | undefined>(widest, undefined)
}

const isOf = ({ slots }: BodyOf<'tearline.open'>, slot: string | undefined): boolean =>
  slot === undefined ? slots === undefined : (slots?.includes(slot) ?? false)

export const widest = (one: Tlp | undefined, other: Tlp | undefined): Tlp | undefined =>
  one === undefined || (other !== undefined && atLeastAsRestricted(one, other)) ? other : one
