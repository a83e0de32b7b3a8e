import {
  type Facts,
  type Placed,
  type ReceiptBody,
  type Tlp,
  type Verified,
  isAllowed,
  isOf,
  receiptHours,
  subjectsOf,
  tiers,
} from '@chancery/protocol'
import type { Command, Report } from '../cli.ts'
import { reportPublished } from './publish.ts'
import { Usage } from '../refusal.ts'
import { audienceOf, factsOf, publishAmong, readerNamed } from '../release-control.ts'
import { publishDraft } from '../publish.ts'
import { type Session, syncIfReached, withSession } from '../session.ts'
import { heldOrRefuse, placedIn, sidArgument } from './call-out.ts'

/** Who has what this member wrote, who is late, and what this member owes others. A receipt is never consent. */
export const receipts: Command = {
  verb: 'receipts',
  usage: '[--send]  |  --read SID  |  --resend SID --to MEMBER',
  says: 'says who has confirmed what this member wrote, and who is overdue; sends what it owes',
  args: { min: 0, max: 0 },
  options: {
    send: { type: 'boolean' },
    read: { type: 'string' },
    resend: { type: 'string' },
    to: { type: 'string' },
    offline: { type: 'boolean' },
  },
  run: async input => {
    const { flags } = input
    const [read, again] = [flags.text('read'), flags.text('resend')]
    if ([flags.on('send'), read !== undefined, again !== undefined].filter(Boolean).length > 1)
      throw new Usage('one of --send, --read and --resend')
    return withSession(input, async session => {
      if (!flags.on('offline')) await syncIfReached(session)
      if (again !== undefined) return resend(session, sidArgument(again), flags.must('to'))
      if (read !== undefined) return acknowledge(session, [heldOrRefuse(session, sidArgument(read))], 'read')
      const placed = placedIn(session)
      return flags.on('send') ? sendOwed(session, placed) : listOf(session, placed)
    })
  },
}

/** The most restricted tier of what a reader may see of a statement; undefined where a receipt is not owed for it. */
function owedTier(session: Session, statement: Verified, facts: Facts, member: string): Tlp | undefined {
  if (statement.iss === member || statement.kind === 'receipt' || statement.kind === 'nack') return undefined
  const reader = readerNamed(session, member)
  const seen = subjectsOf(statement, facts, { reader: member })
    .filter(({ subject }) => isAllowed(subject, reader, 'see', facts.at))
    .map(({ subject }) => subject.opened ?? subject.handling.tlp)
  const highest = tiers.findLast(tier => seen.includes(tier))
  return highest !== undefined && receiptHours[highest] !== undefined ? highest : undefined
}

type Row = {
  readonly sid: string
  readonly member: string
  readonly state: 'delivered' | 'read' | 'waiting' | 'overdue'
}

function listOf(session: Session, placed: readonly Placed[]): Report {
  const { charter } = session.mirror.charter
  const [facts, mine, now] = [factsOf(session, placed), session.keys.member, session.world.now()]
  const said = confirmed(placed)
  const own = placed.filter(({ statement }) => statement.iss === mine)
  const rows = own.flatMap(({ statement }) =>
    charter.members.flatMap(({ id: member }): Row[] => {
      const tier = owedTier(session, statement, facts, member)
      if (tier === undefined) return []
      const due = statement.claims.iat + (receiptHours[tier] ?? 0) * 3_600
      const state = said.get(`${statement.sid} ${member}`) ?? (now > due ? 'overdue' : 'waiting')
      return [{ sid: statement.sid, member, state }]
    }),
  )
  const lines = rows.map(({ sid, member, state }) => `${state.padEnd(10)} ${member.padEnd(16)} ${sid}`)
  const none = 'no receipt is owed for what this member wrote'
  return { lines: rows.length === 0 ? [none] : [...lines, 'a receipt is never consent'], data: { receipts: rows } }
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

/** What is held and owed, and not confirmed yet; a few statements each, one author at a time. */
async function sendOwed(session: Session, placed: readonly Placed[]): Promise<Report> {
  const { member } = session.keys
  const [facts, said] = [factsOf(session, placed), confirmed(placed)]
  const owed = placed.filter(
    ({ statement }) =>
      !said.has(`${statement.sid} ${member}`) && owedTier(session, statement, facts, member) !== undefined,
  )
  const byAuthor = Map.groupBy(owed, ({ statement: { iss, claims } }) => `${iss} ${claims.exercise}`)
  const reports: Report[] = []
  for (const all of byAuthor.values()) {
    for (let at = 0; at < all.length; at += receiptOfMax)
      reports.push(await acknowledge(session, all.slice(at, at + receiptOfMax), 'delivered'))
  }
  const lines = reports.length === 0 ? ['nothing is owed'] : reports.flatMap(report => report.lines)
  const exit = reports.map(report => report.exit ?? 0).find(code => code !== 0) ?? 0
  return { lines, data: { sent: reports.map(({ data }) => data) }, exit }
}

const receiptOfMax = 64

async function acknowledge(session: Session, held: readonly Placed[], is: ReceiptBody['is']): Promise<Report> {
  const [first] = held
  if (first === undefined) return { lines: [], data: {} }
  const of = held
    .map(({ statement: { sid, lines } }) => ({ sid, slots: lines.map(({ label }) => label).sort() }))
    .sort((a, b) => (a.sid < b.sid ? -1 : 1))
  const { iss, claims } = first.statement
  const act = { kind: 'receipt', body: { is, of }, exercise: claims.exercise, among: [iss] } as const
  return reportPublished('receipt', await publishAmong(session, act))
}

/** The same copies once more: of all that is open here and that this member may see. */
async function resend(session: Session, sid: string, to: string): Promise<Report> {
  const { statement } = heldOrRefuse(session, sid)
  const reader = readerNamed(session, to)
  const facts = factsOf(session)
  const seen = subjectsOf(statement, facts, { reader: to }).filter(({ subject }) =>
    isAllowed(subject, reader, 'see', facts.at),
  )
  if (!seen.some(({ slot }) => slot === undefined)) throw new Usage(`${to} may not see ${sid}: see \`chancery why\``)
  const open = new Set(statement.lines.map(({ label }) => label))
  const slots = seen.flatMap(({ slot }) => (slot !== undefined && open.has(slot) ? [slot] : [])).sort()
  const { exercise } = statement.claims
  const body = { sid, slots, to }
  const draft = { kind: 'resend', body, exercise, handling: audienceOf(session, [to]), tear: [] } as const
  return reportPublished('resend', await publishDraft(session, draft))
}
