import { statementsOf } from '@chancery/client'
import {
  type Facts,
  type Handling,
  type Owed,
  type Placed,
  type ReceiptBody,
  type Tlp,
  type Verified,
  canonical,
  isAllowed,
  isCleared,
  isOf,
  onwardFacts,
  receiptHours,
  speaks,
  stateAt,
  subjectsOf,
  tiers,
} from '@chancery/protocol'
import type { Published } from './publish.ts'
import { publishDraft } from './publish.ts'
import { Usage, orRefuse } from './refusal.ts'
import { factsOf, readerNamed } from './decisions.ts'
import { audienceOf } from './release-control.ts'
import type { Session } from './session.ts'

/** Hours within which a receipt is on time, by tier: those of spec/12-release-control.md#receipts, or one's own. */
export type Hours = Readonly<Partial<Record<Tlp, number>>>

/** Nobody confirms a receipt in its turn, or a heartbeat; and what is answered to a call-out its release confirms. */
const nothingOwed: ReadonlySet<string> = new Set([
  'receipt',
  'nack',
  'heartbeat',
  'callout.join',
  'callout.decline',
  'callout.withdraw',
])

/** The most restricted tier of what a reader may see of a statement; undefined where a receipt is not owed for it. */
function owedTier(session: Session, statement: Verified, facts: Facts, member: string): Tlp | undefined {
  if (statement.iss === member || nothingOwed.has(statement.kind)) return undefined
  const reader = readerNamed(session, member)
  const seen = subjectsOf(statement, facts, { reader: member })
    .filter(({ subject }) => isAllowed(subject, reader, 'see', facts.at))
    .map(({ subject }) => subject.opened ?? subject.handling.tlp)
  const highest = tiers.findLast(tier => seen.includes(tier))
  return highest !== undefined && receiptHours[highest] !== undefined ? highest : undefined
}

export type ReceiptRow = {
  readonly sid: string
  readonly member: string
  readonly state: 'delivered' | 'read' | 'waiting' | 'overdue'
}

/** What this member wrote and another is to confirm: when, and what it has said by now. */
type Expected = Owed & { readonly sid: string; readonly said: 'delivered' | 'read' | undefined }

/** Who has confirmed what this member wrote, and who is late by this member's clock. */
export function receiptRows(session: Session, placed: readonly Placed[], hours: Hours = {}): readonly ReceiptRow[] {
  const now = session.world.now()
  return expectedReceipts(session, placed, hours).map(({ sid, member, said, due }) => {
    return { sid, member, state: said ?? (now > due ? 'overdue' : 'waiting') }
  })
}

export function expectedReceipts(session: Session, placed: readonly Placed[], hours: Hours = {}): readonly Expected[] {
  const { charter } = session.mirror.charter
  const [facts, mine] = [factsOf(session, placed), session.keys.member]
  const [said, within] = [confirmed(placed), { ...receiptHours, ...hours }]
  const own = placed.filter(({ statement }) => statement.iss === mine)
  return own.flatMap(({ statement, index }) => {
    const then = stateAt(session.mirror.charter, index)
    return charter.members.flatMap(({ id: member }): Expected[] => {
      const tier = owedTier(session, statement, facts, member)
      if (tier === undefined || !speaks(then, member)) return []
      // Of what was said before it was cleared for it, nothing came to it that it could confirm.
      if (isCleared(charter, member, tier) && !isCleared(then.charter, member, tier)) return []
      const { sid, claims } = statement
      const due = claims.iat + (within[tier] ?? 0) * 3_600
      return [{ sid, member, index, chain: claims.chain.id, due, said: said.get(`${sid} ${member}`) }]
    })
  })
}

/** By statement and member: the furthest that it has said. */
function confirmed(placed: readonly Placed[]): ReadonlyMap<string, 'delivered' | 'read'> {
  const said = new Map<string, 'delivered' | 'read'>()
  for (const { statement } of placed) {
    if (!isOf(statement, 'receipt')) continue
    const { is, of } = statement.body as ReceiptBody
    for (const { sid } of of) {
      const key = `${sid} ${statement.iss}`
      if (said.get(key) !== 'read') said.set(key, is)
    }
  }
  return said
}

/** Whether this member has said that a person has read it. */
export const hasRead = ({ mirror, keys }: Session, sid: string): boolean =>
  confirmed(orRefuse(statementsOf(mirror, 'receipt'))).get(`${sid} ${keys.member}`) === 'read'

const receiptOfMax = 64

/** What is held, and owed a receipt that is not on the log, by author and audience: so many as one may name. */
export function owedReceipts(session: Session, placed: readonly Placed[]): readonly (readonly Placed[])[] {
  const { member } = session.keys
  const [facts, said] = [factsOf(session, placed), confirmed(placed)]
  const owed = placed.filter(
    ({ statement }) =>
      !said.has(`${statement.sid} ${member}`) && owedTier(session, statement, facts, member) !== undefined,
  )
  const byAudience = Map.groupBy(owed, ({ statement }) => {
    const { iss, claims } = statement
    return canonical([iss, claims.exercise, audienceLike(session, statement)])
  })
  return [...byAudience.values()].flatMap(all =>
    Array.from({ length: Math.ceil(all.length / receiptOfMax) }, (_, i) =>
      all.slice(i * receiptOfMax, (i + 1) * receiptOfMax),
    ),
  )
}

/**
 * spec/12-release-control.md#duties: a receipt is for those who may read what it confirms, so that nobody takes it for
 * something withheld. Of what is in the open it is for members, and of TLP:RED for the author.
 */
function audienceLike(session: Session, { iss, claims: { handling } }: Verified): Handling {
  const { tlp, releasable_to } = handling
  if (tlp === 'red') return audienceOf(session, [iss])
  return { tlp: tlp === 'clear' ? 'green' : tlp, ...(releasable_to && { releasable_to }) }
}

/** Says to their one author that these have come, or that a person has read them. */
export function acknowledge(
  session: Session,
  [first, ...others]: readonly [Placed, ...Placed[]],
  is: ReceiptBody['is'],
): Promise<Published> {
  const of = [first, ...others]
    .map(({ statement: { sid, lines } }) => ({ sid, slots: lines.map(({ label }) => label).sort() }))
    .sort((a, b) => (a.sid < b.sid ? -1 : 1))
  const { exercise } = first.statement.claims
  const handling = audienceLike(session, first.statement)
  return publishDraft(session, { kind: 'receipt', body: { is, of }, exercise, handling, tear: [] })
}

/**
 * What that member may see of a statement and is open here; undefined where it may not see the statement. Of another's
 * words, what a grant lets out goes by its use alone.
 */
export function dueTo(session: Session, statement: Verified, to: string): readonly string[] | undefined {
  const reader = readerNamed(session, to)
  const { member } = session.keys
  const held = factsOf(session)
  const facts = statement.iss === member ? held : onwardFacts(held, { by: member, before: held.at.size })
  const seen = subjectsOf(statement, facts, { reader: to }).filter(({ subject }) =>
    isAllowed(subject, reader, 'see', facts.at),
  )
  if (!seen.some(({ slot }) => slot === undefined)) return undefined
  const open = new Set(statement.lines.map(({ label }) => label))
  return seen.flatMap(({ slot }) => (slot !== undefined && open.has(slot) ? [slot] : [])).sort()
}

/** The same copies once more: of all that is open here and that this member may see. */
export function resend(session: Session, statement: Verified, to: string, nack?: string): Promise<Published> {
  const { sid, claims } = statement
  const slots = dueTo(session, statement, to)
  if (slots === undefined) throw new Usage(`${to} may not see ${sid}: see \`chancery why\``)
  const body = { sid, slots, to, ...(nack !== undefined && { nack }) }
  const handling = audienceOf(session, [to])
  return publishDraft(session, { kind: 'resend', body, exercise: claims.exercise, handling, tear: [] })
}
