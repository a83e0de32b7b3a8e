import { setTimeout as wait } from 'node:timers/promises'
import { unopened } from '@chancery/client'
import { type NackBody, type Placed, type ResendBody, type Verified, isOf, openSealed } from '@chancery/protocol'
import { placedIn } from './commands/call-out.ts'
import { outboxOf } from './outbox.ts'
import { publishDraft } from './publish.ts'
import { Refused, lineOf } from './refusal.ts'
import { publishAmong } from './release-control.ts'
import { acknowledge, dueTo, owedReceipts, receiptRows, resend } from './receipts.ts'
import { type Session, syncIfReached } from './session.ts'

/** A member that says all day that nothing opens makes no more work than this, and neither does one that spoils all. */
const [resendsADay, nacksADay] = [32, 32]
const daySeconds = 86_400
/** All that is held is read for each look: as a part of the node's time no more than this. */
const restTimes = 20
const breathMs = 100

type Duty = { readonly kind: 'receipt' | 'nack' | 'resend'; readonly to: string; readonly do: () => Promise<unknown> }

/**
 * spec/12-release-control.md#duties, what a node does by itself: confirms what has come, says what did not open, and
 * sends it again where another says so. It is a function of what is held, so a crash forgets and repeats nothing.
 */
export function openDuties(session: Session): () => Promise<void> {
  const { world, mirror } = session
  const told = new Set<string>()
  let [seen, notBefore] = [-1, 0]
  return async () => {
    const began = performance.now()
    if (mirror.store.size === seen || began < notBefore) return
    // What waits is not on the log, and would be owed again.
    if (outboxOf(world.home).length > 0 || (await syncIfReached(session)) === 'away') return
    seen = mirror.store.size
    const placed = placedIn(session)
    tellOverdue(session, placed, told)
    const owed = [...receiptsIn(session, placed), ...(await nacksIn(session, placed)), ...resendsIn(session, placed)]
    for (const duty of owed) {
      // A person's command comes between two of these.
      await wait(breathMs)
      await attend(session, duty, told)
      if (outboxOf(world.home).length > 0) break
    }
    notBefore = performance.now() + restTimes * (performance.now() - began)
  }
}

/** One that is refused holds up none behind it, and is told once. */
async function attend({ world }: Session, { kind, to, do: act }: Duty, told: Set<string>): Promise<void> {
  try {
    await act()
    world.say(`sent a ${kind} to ${to}`)
    world.event({ event: 'sent', kind, to })
  } catch (error) {
    if (!(error instanceof Refused)) throw error
    const says = `no ${kind} goes to ${to}: ${lineOf(error.refusal)}`
    if (told.size < told.add(says).size) world.warn(says)
  }
}

function tellOverdue(session: Session, placed: readonly Placed[], told: Set<string>): void {
  for (const { sid, member, state } of receiptRows(session, placed)) {
    if (state !== 'overdue' || told.size === told.add(`${sid} ${member}`).size) continue
    session.world.warn(`${member} has not confirmed ${sid} in time; \`chancery receipts\` lists all`)
    session.world.event({ event: 'overdue', member, sid })
  }
}

const receiptsIn = (session: Session, placed: readonly Placed[]): Duty[] =>
  owedReceipts(session, placed).flatMap(([first, ...others]) =>
    first === undefined
      ? []
      : [{ kind: 'receipt', to: first.statement.iss, do: () => acknowledge(session, [first, ...others], 'delivered') }],
  )

/** Each statement once that is for this member and did not open, or of which a tear line did not, whoever's fault. */
async function nacksIn(session: Session, placed: readonly Placed[]): Promise<Duty[]> {
  const said = new Set(own(session, placed, 'nack').map(({ statement }) => (statement.body as NackBody).index))
  const all = [...closedLines(session, placed), ...(await closedEntries(session))]
  const left = nacksADay - since(session, own(session, placed, 'nack')).length
  return all.flatMap(({ index, ...duty }) => (said.has(index) ? [] : [duty])).slice(0, Math.max(0, left))
}

type Closed = Duty & { readonly index: number }

function closedLines(session: Session, placed: readonly Placed[]): Closed[] {
  const { mirror, keys } = session
  const closed = placed.filter(({ statement, index }) => unopened(mirror, statement, index).length > 0)
  return closed.map(({ statement: { sid, iss, claims }, index }) => ({
    index,
    kind: 'nack',
    to: iss,
    do: () => {
      const body = { code: 'seal.not-for-you', index, sid }
      return publishAmong(session, { kind: 'nack', body, exercise: claims.exercise, among: [iss, keys.member] })
    },
  }))
}

/**
 * Containers that name a key of ours and do not open: the mirror keeps them, and who wrote them is not known. So it is
 * said to those whom the container is for, its author among them, and to nobody else.
 */
async function closedEntries(session: Session): Promise<Closed[]> {
  const { store, openKeys: keys } = session.mirror
  const closed: Closed[] = []
  for (let from = 0; from < store.size; from += rangeMax) {
    for (const { index, entry, seals, about } of store.range(from, { countMax: rangeMax })) {
      if (about !== undefined || entry.length !== sealedEntryBytes) continue
      for (const { jwe, tlp, releasable_to } of seals) {
        const opened = await openSealed({ commitment: entry.subarray(1, 33), jwe, keys })
        if (opened.ok || opened.code === 'seal.not-for-you') continue
        const handling = { tlp, ...(releasable_to && { releasable_to }) }
        const draft = { kind: 'nack', body: { code: opened.code, index }, exercise: false, handling, tear: [] } as const
        closed.push({ index, kind: 'nack', to: 'its author', do: () => publishDraft(session, draft) })
        break
      }
    }
  }
  return closed
}

const [rangeMax, sealedEntryBytes] = [1_000, 65]

/** Each nack of one's own words once, as far as its issuer may see them, and so many a day to one member. */
function resendsIn(session: Session, placed: readonly Placed[]): Duty[] {
  const { member } = session.keys
  const byIndex = new Map(placed.map(each => [each.index, each.statement]))
  const mine = own(session, placed, 'resend')
  const answered = new Set(mine.map(({ statement }) => (statement.body as ResendBody).nack))
  const recent = since(session, mine)
  const left = new Map<string, number>()
  for (const { statement } of recent) count(left, (statement.body as ResendBody).to)
  return placed.flatMap(({ statement: nack }): Duty[] => {
    if (!isOf(nack, 'nack') || nack.iss === member || answered.has(nack.sid)) return []
    const about = byIndex.get((nack.body as NackBody).index)
    if (about?.iss !== member || !isDue(session, about, nack)) return []
    if (count(left, nack.iss) > resendsADay) return []
    return [{ kind: 'resend', to: nack.iss, do: () => resend(session, about, nack.iss, nack.sid) }]
  })
}

/** Of a statement that opened, tear lines; of one that did not, the statement, where its issuer may see it. */
function isDue(session: Session, about: Verified, { iss, body }: Verified): boolean {
  const slots = dueTo(session, about, iss)
  return slots !== undefined && (slots.length > 0 || (body as NackBody).sid === undefined)
}

const own = (session: Session, placed: readonly Placed[], kind: 'nack' | 'resend'): Placed[] =>
  placed.filter(({ statement }) => statement.kind === kind && statement.iss === session.keys.member)

/** Of the last day, by this member's clock. */
const since = ({ world }: Session, placed: readonly Placed[]): Placed[] =>
  placed.filter(({ statement }) => statement.claims.iat > world.now() - daySeconds)

function count(of: Map<string, number>, name: string): number {
  const next = (of.get(name) ?? 0) + 1
  of.set(name, next)
  return next
}
