import { type Verified, formatTierCopy } from '@chancery/protocol'
import type { Command, Report } from '../cli.ts'
import { checkNew, writeNew } from '../files.ts'
import { publishDraft } from '../publish.ts'
import { Usage, orRefuse } from '../refusal.ts'
import { factsOf, readerNamed } from '../decisions.ts'
import { audienceOf, grantToForward, publishAmong, slotsOf } from '../release-control.ts'
import { type Session, sync, syncIfReached, withSession } from '../session.ts'
import { heldOrRefuse, sidArgument } from './call-out.ts'
import { reportPublished } from './publish.ts'

/** Hands a statement on: to a member over the log, to others in a file. The use of a grant is logged first. */
export const forward: Command = {
  verb: 'forward',
  usage: 'SID --to READER [--slot LABEL]... [--purpose TEXT] [--out FILE]',
  says: 'hands a statement on, where its marking or a grant lets this member',
  args: { min: 1, max: 1 },
  options: {
    to: { type: 'string' },
    slot: { type: 'string', multiple: true },
    purpose: { type: 'string' },
    out: { type: 'string' },
  },
  run: async input => {
    const sid = sidArgument(input.args[0])
    const [to, out] = [input.flags.must('to'), input.flags.text('out')]
    if (input.flags.text('purpose') !== undefined) input.flags.must('purpose')
    if (out !== undefined) orRefuse(checkNew(out))
    return withSession(input, async session => {
      await syncIfReached(session)
      const { statement } = heldOrRefuse(session, sid)
      const slots = slotsOf(input.flags, statement)
      checkOpen(statement, slots)
      if (readerNamed(session, to).as !== 'member' && out === undefined)
        throw new Usage(`${to} is no member: --out FILE names the file for it`)
      const grant = grantToForward(session, factsOf(session), { statement, slots, to })
      const handed = { statement, slots, to, out, purpose: input.flags.text('purpose') ?? `Handed to ${to}.` }
      return grant === undefined ? handOn(session, handed) : useGrant(session, grant, handed)
    })
  },
}

type Handed = {
  readonly statement: Verified
  readonly slots: readonly string[]
  readonly to: string
  readonly out: string | undefined
  readonly purpose: string
}

function checkOpen({ lines, sid }: Verified, slots: readonly string[]): void {
  const closed = slots.find(slot => !lines.some(({ label }) => label === slot))
  if (closed !== undefined) throw new Usage(`the tear line ${closed} of ${sid} is not open to you`)
}

/** What its marking allows needs no use of a grant: a member gets it as copies once more. */
async function handOn(session: Session, handed: Handed): Promise<Report> {
  const { statement, slots, to, out } = handed
  if (out !== undefined) return writeCopy(handed, { lines: [], data: {} })
  const body = { sid: statement.sid, slots: [...slots], to }
  const { exercise } = statement.claims
  const draft = { kind: 'resend', body, exercise, handling: audienceOf(session, [to]), tear: [] } as const
  return reportPublished('resend', await publishDraft(session, draft))
}

/** spec/12-release-control.md#duties: the use is on the log before a byte of what it lets out is written. */
async function useGrant(session: Session, grant: string, handed: Handed): Promise<Report> {
  await sync(session)
  const { statement, to, out, purpose } = handed
  const body = { action: 'forward', grant, purpose }
  const { exercise } = statement.claims
  const act = { kind: 'release.use', body, exercise, among: [statement.iss, to] } as const
  const published = await publishAmong(session, act)
  const report = reportPublished('release.use', published)
  return published.is === 'logged' && out !== undefined ? writeCopy(handed, report) : report
}

/** The statement with the tear lines named and no others: a tier copy, checkable against the log by its sid. */
function writeCopy({ statement, slots, to, out = '' }: Handed, report: Report): Report {
  const disclosures = statement.lines.filter(({ label }) => slots.includes(label)).map(({ disclosure }) => disclosure)
  orRefuse(writeNew(out, `${formatTierCopy(statement.jws, disclosures)}\n`, 'owner'))
  const { sid } = statement
  return {
    ...report,
    lines: [...report.lines, `wrote ${sid} with ${disclosures.length} tear lines to ${out}, for ${to}`],
    data: { ...(report.data as object), forwarded: sid, out, slots: [...slots], to },
  }
}
