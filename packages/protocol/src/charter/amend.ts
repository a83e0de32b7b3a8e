import { canonical } from '../wire/canonical.ts'
import { type Result, fail, ok } from '../wire/failure.ts'
import type { Primitives } from '../wire/primitives.ts'
import { type Charter, type Member, type NextCharter, checkCharter } from './charter.ts'
import type { Absence, CharterState, Era, HeldKey, Proposal, Version } from './fold.ts'
import { checkLogKey } from './log-key.ts'
import { isKnownKid } from './prekeys.ts'

/** Where a statement stands that changes the charter, and whose it is. */
export type Logged = { readonly sid: string; readonly iss: string; readonly index: number }

export type Amendment = {
  readonly charter: NextCharter
  readonly previous: string
  /** The tag key for members that it brings; there is one exactly where it brings some. */
  readonly seal?: Charter['tag']['seal'] | undefined
}

/** spec/03-charter.md#amendment: the next version, proposed and approved by its author in one. */
export function propose(
  primitives: Primitives,
  state: CharterState,
  by: Logged & { readonly body: Amendment },
): Result<CharterState> {
  const { version } = state
  if (by.body.previous !== version.sid)
    return fail('charter.not-next', '/body/previous', `version ${version.number} is in force, ${version.sid}`)
  const next = nextCharter(version, by.body)
  if (!next.ok) return next
  const charter = next.value
  const checked = checkCharter(primitives, charter, '/body/charter', version.number + 1)
  if (!checked.ok) return checked
  const log = checkLogKey(primitives, state, charter)
  if (!log.ok) return log
  if (canonical(charter.follows ?? null) !== canonical(version.charter.follows ?? null))
    return fail('statement.breaks-law', '/body/charter/follows', 'what the log goes on from does not change')
  const fresh = checkFresh(state, charter)
  if (!fresh.ok) return fresh
  const own = continuing(state, charter).length
  if (charter.amend_threshold > own)
    return fail('statement.breaks-law', '/body/charter/amend_threshold', `${own} members speak before and after`)
  return ok(proposed(state, by, { charter }))
}

/** spec/03-charter.md#suspension. Whom it is about has no say in it. */
export function suspend(
  state: CharterState,
  { sid, iss, index, body: { member } }: Logged & { readonly body: { readonly member: string } },
): Result<CharterState> {
  if (member === iss) return fail('statement.breaks-law', '/body/member', 'a member leaves by member.withdraw')
  if (!speaks(state, member)) return fail('statement.breaks-law', '/body/member', 'a member that speaks')
  return ok(proposed(state, { sid, iss, index }, { suspends: member }))
}

/** spec/06-log.md#closing: nothing is to stand on the log from then on. */
export const close = (state: CharterState, by: Logged): CharterState => proposed(state, by, { closes: true })

const sortOf = (is: Proposal['is']): string => Object.keys(is).join()

/** In place of what its author has proposed of this sort before. */
function proposed(state: CharterState, { sid, iss, index }: Logged, is: Proposal['is']): CharterState {
  const before = [...state.proposals].filter(([, one]) => one.by !== iss || sortOf(one.is) !== sortOf(is))
  return counted({ ...state, proposals: new Map(before) }, { by: iss, is, approvedBy: new Set([iss]) }, sid, index)
}

/** Members are counted, whatever keys they have: nobody approves twice. */
export function approve(
  state: CharterState,
  { iss, index, body: { approves } }: Logged & { readonly body: { readonly approves: string } },
): Result<CharterState> {
  const proposal = state.proposals.get(approves)
  if (proposal === undefined) return fail('charter.not-proposed', '/body/approves')
  if (proposal.approvedBy.has(iss)) return fail('charter.already-approved', '/iss')
  if ('suspends' in proposal.is && proposal.is.suspends === iss)
    return fail('statement.breaks-law', '/iss', 'a suspension is for the others to approve')
  const approvedBy = new Set([...proposal.approvedBy, iss])
  return ok(counted(state, { ...proposal, approvedBy }, approves, index))
}

/** A member that the version in force has brought speaks from the next index on. */
export function accede(
  state: CharterState,
  { iss, index, body: { accedes } }: Logged & { readonly body: { readonly accedes: string } },
): Result<CharterState> {
  if (state.absent.get(iss) !== 'awaited') return fail('charter.already-adopted', '/iss')
  if (accedes !== state.version.sid)
    return fail(
      'charter.not-next',
      '/body/accedes',
      `version ${state.version.number} is in force, ${state.version.sid}`,
    )
  const absent = new Map(state.absent)
  absent.delete(iss)
  const adopted = new Map(state.adopted).set(iss, index)
  return ok(withAbsent({ ...state, adopted }, absent, index))
}

/** spec/03-charter.md#leaving: its keys end, and what it said stands. */
export function leave(state: CharterState, { iss, index }: Logged): CharterState {
  const absent = new Map(state.absent).set(iss, 'left' satisfies Absence)
  const keys = ended(state.keys, held => held.member === iss, index + 1)
  return withAbsent({ ...state, keys }, absent, index)
}

/** Whether a member of the charter says anything that counts. */
export const speaks = ({ charter, absent }: CharterState, id: string): boolean =>
  charter.members.some(member => member.id === id) && !absent.has(id)

/** Keeps the proposal, or carries it out where this approval was the last that it needed. */
function counted(state: CharterState, proposal: Proposal, sid: string, index: number): CharterState {
  const { is, approvedBy } = proposal
  const before = [...approvedBy].filter(id => speaks(state, id)).length
  if (before < state.version.charter.amend_threshold) return waiting(state, sid, proposal)
  if (isOvertaken(state, is)) return dropped(state, sid)
  if ('suspends' in is) return suspended(state, { sid, member: is.suspends, index })
  if ('closes' in is) return { ...state, proposals: new Map(), closedFrom: index + 1 }
  const after = continuing(state, is.charter).filter(id => approvedBy.has(id)).length
  if (after < is.charter.amend_threshold) return waiting(state, sid, proposal)
  return enact(state, { number: is.charter.version, sid, charter: is.charter }, index + 1)
}

/**
 * What was fresh when it was proposed may not be any more: a key that it brings was made someone's, a member that it
 * keeps or would silence has left. Then it is void; carried out, it would give two members one key, or bring one back.
 */
function isOvertaken(state: CharterState, is: Proposal['is']): boolean {
  if ('suspends' in is) return !speaks(state, is.suspends)
  return 'charter' in is && !checkFresh(state, is.charter).ok
}

function dropped(state: CharterState, sid: string): CharterState {
  const proposals = new Map(state.proposals)
  proposals.delete(sid)
  return { ...state, proposals }
}

const waiting = (state: CharterState, sid: string, proposal: Proposal): CharterState => ({
  ...state,
  proposals: new Map(state.proposals).set(sid, proposal),
})

/** Until the next version, which keeps the member or does not. */
function suspended(
  state: CharterState,
  { sid, member, index }: { readonly sid: string; readonly member: string; readonly index: number },
): CharterState {
  const absent = new Map(state.absent).set(member, 'suspended' satisfies Absence)
  return withAbsent(dropped(state, sid), absent, index)
}

/** Members that speak, and are in the next version with the keys they have: what they approve counts in both. */
const continuing = (state: CharterState, next: Charter): readonly string[] =>
  next.members.filter(member => speaks(state, member.id) && isKept(state.version, member)).map(({ id }) => id)

/** The same keys as in the version before: which of them speak since is for statements of their member to say. */
function isKept({ charter }: Version, { id, keys }: Member): boolean {
  const before = charter.members.find(member => member.id === id)
  return before !== undefined && canonical(before.keys) === canonical(keys)
}

/** The version that an amendment comes to, whole. Whoever is named by its id alone is as the version before has it. */
export function nextCharter(version: Version, { charter: said, seal }: Amendment): Result<Charter> {
  const { members: before, tag } = version.charter
  const members: Member[] = []
  for (const [m, named] of said.members.entries()) {
    const member = typeof named === 'string' ? before.find(({ id }) => id === named) : named
    if (member === undefined)
      return fail(
        'statement.breaks-law',
        `/body/charter/members/${m}`,
        'by its id alone only a member of the version before',
      )
    members.push(member)
  }
  const brings = members.some(member => !isKept(version, member))
  if (brings !== (seal !== undefined))
    return fail('statement.breaks-law', '/body/seal', 'the tag key, for members that it brings and for no others')
  return ok({ ...said, members, tag: { commit: tag.commit, seal: seal ?? tag.seal } })
}

/** Of a member that is new, or that the coalition gives new keys, none was ever anyone's. */
function checkFresh(state: CharterState, { members }: Charter): Result<true> {
  for (const [m, member] of members.entries()) {
    if (isKept(state.version, member) && state.absent.get(member.id) !== 'left') continue
    const k = member.keys.findIndex(({ kid }) => isKnownKid(state, kid))
    if (k >= 0) return fail('charter.repeated-key', `/body/charter/members/${m}/keys/${k}/kid`)
  }
  return ok(true)
}

/** From here on the next version is the charter: whoever it does not keep is silent, and whoever is new is awaited. */
function enact(state: CharterState, version: Version, from: number): CharterState {
  const { members } = version.charter
  const kept = new Set(members.filter(member => isKept(state.version, member)).map(({ id }) => id))
  const fresh = members.filter(({ id }) => !kept.has(id))
  const keys = new Map(ended(state.keys, ({ member }) => !kept.has(member), from))
  for (const { id, keys: records } of fresh)
    for (const record of records) keys.set(record.kid, { member: id, record, from, to: Infinity })
  const prekeys = new Map(state.prekeys)
  for (const [id, published] of prekeys)
    if (!kept.has(id))
      prekeys.set(
        id,
        published.map(prekey => ({ ...prekey, to: prekey.to ?? from })),
      )
  const adopted = new Map([...state.adopted].filter(([id]) => kept.has(id)))
  const awaited = [...state.absent].filter(([id, why]) => kept.has(id) && why === 'awaited')
  const absent = new Map<string, Absence>([...awaited, ...fresh.map(({ id }) => [id, 'awaited'] as const)])
  const nextRoots = new Map([...state.nextRoots].filter(([id]) => kept.has(id)))
  for (const { id, next_root: kid } of fresh) if (kid !== undefined) nextRoots.set(id, kid)
  const renewed = new Map(state.renewed)
  const known = new Set([...state.keys.values()].map(({ member }) => member))
  for (const { id } of fresh) if (known.has(id)) renewed.set(id, (renewed.get(id) ?? 0) + 1)
  return withEra(
    { ...state, keys, prekeys, nextRoots, adopted, proposals: new Map() },
    { from, version, absent, renewed },
  )
}

function ended(
  keys: ReadonlyMap<string, HeldKey>,
  which: (held: HeldKey) => boolean,
  to: number,
): ReadonlyMap<string, HeldKey> {
  return new Map([...keys].map(([kid, held]) => [kid, which(held) ? { ...held, to: Math.min(held.to, to) } : held]))
}

/** The same version, in which others are absent from the next index on. */
const withAbsent = (state: CharterState, absent: Era['absent'], index: number): CharterState =>
  withEra(state, { from: index + 1, version: state.version, absent, renewed: state.renewed })

/** Whoever is absent is cleared for nothing: text is neither sealed to it nor carried to it. */
function withEra(state: CharterState, { from, version, absent, renewed }: Omit<Era, 'charter'>): CharterState {
  const { clearances } = version.charter
  const cleared = (ids: readonly string[]) => ids.filter(id => !absent.has(id))
  const charter: Charter = {
    ...version.charter,
    clearances: {
      amber: cleared(clearances.amber),
      'amber+strict': cleared(clearances['amber+strict']),
      green: cleared(clearances.green),
      red: cleared(clearances.red),
    },
  }
  const era: Era = { from, version, absent, renewed, charter }
  return { ...state, version, absent, renewed, charter, eras: [...state.eras, era] }
}
