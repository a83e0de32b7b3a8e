import { Tlp, receiptHours } from '@chancery/protocol'
import type { Command, Flags, Report } from '../cli.ts'
import { Usage } from '../refusal.ts'
import { type Hours, acknowledge, hasRead, owedReceipts, receiptRows, resend } from '../receipts.ts'
import { type Session, syncIfReached, withSession } from '../session.ts'
import { heldOrRefuse, placedIn, sidArgument } from './call-out.ts'
import { reportPublished } from './publish.ts'

/** Who has what this member wrote, who is late, and what this member owes others. A receipt is never consent. */
export const receipts: Command = {
  verb: 'receipts',
  usage: '[--within TIER=HOURS]...  |  --send  |  --read SID  |  --resend SID --to MEMBER',
  says: 'says who has confirmed what this member wrote, and who is overdue; sends what it owes',
  args: { min: 0, max: 0 },
  options: {
    within: { type: 'string', multiple: true },
    send: { type: 'boolean' },
    read: { type: 'string' },
    resend: { type: 'string' },
    to: { type: 'string' },
    offline: { type: 'boolean' },
  },
  run: async input => {
    const { flags } = input
    const [read, again, hours] = [flags.text('read'), flags.text('resend'), hoursOf(flags)]
    if ([flags.on('send'), read !== undefined, again !== undefined].filter(Boolean).length > 1)
      throw new Usage('one of --send, --read and --resend')
    if (flags.text('to') !== undefined && again === undefined) throw new Usage('--to goes with --resend')
    return withSession(input, async session => {
      if (!flags.on('offline')) await syncIfReached(session)
      if (again !== undefined) {
        const { statement } = heldOrRefuse(session, sidArgument(again))
        return reportPublished('resend', await resend(session, statement, flags.must('to')))
      }
      if (read !== undefined) {
        const held = heldOrRefuse(session, sidArgument(read))
        if (hasRead(session, held.statement.sid)) return { lines: ['this member has said so already'], data: {} }
        return reportPublished('receipt', await acknowledge(session, [held], 'read'))
      }
      return flags.on('send') ? sendOwed(session) : listOf(session, hours)
    })
  },
}

const hoursMax = 8_760

/** Another time than the coalition's, for this member's own list. */
export function hoursOf(flags: Flags): Hours {
  const given = flags.texts('within').map(text => {
    const [name = '', hours = '', ...more] = text.split('=')
    const tier = Tlp.safeParse(name)
    const owed = tier.success && receiptHours[tier.data] !== undefined
    const fits = more.length === 0 && /^[1-9]\d{0,3}$/.test(hours) && Number(hours) <= hoursMax
    if (owed && fits) return [tier.data, Number(hours)] as const
    throw new Usage(`--within is ${Object.keys(receiptHours).join(', ')} and hours from 1 to ${hoursMax}: amber=48`)
  })
  return Object.fromEntries(given)
}

function listOf(session: Session, hours: Hours): Report {
  const rows = receiptRows(session, placedIn(session), hours)
  const lines = rows.map(({ sid, member, state }) => `${state.padEnd(10)} ${member.padEnd(16)} ${sid}`)
  const none = 'no receipt is owed for what this member wrote'
  return {
    lines: rows.length === 0 ? [none] : [...lines, 'a receipt is never consent'],
    data: { receipts: rows.map(row => ({ ...row })) },
  }
}

/** What is held and owed, and not confirmed yet. */
async function sendOwed(session: Session): Promise<Report> {
  const reports: Report[] = []
  for (const [first, ...others] of owedReceipts(session, placedIn(session)))
    if (first !== undefined)
      reports.push(reportPublished('receipt', await acknowledge(session, [first, ...others], 'delivered')))
  const lines = reports.length === 0 ? ['nothing is owed'] : reports.flatMap(report => report.lines)
  const exit = reports.map(report => report.exit ?? 0).find(code => code !== 0) ?? 0
  return { lines, data: { sent: reports.map(({ data }) => data) }, exit }
}
