import { Tlp, caseOf, atLeastAsRestricted, subjectsOf, tlpLabel } from '@chancery/protocol'
import type { Command } from '../cli.ts'
import { publishDraft } from '../publish.ts'
import { Usage, refused } from '../refusal.ts'
import { factsOf } from '../decisions.ts'
import { slotsOf } from '../release-control.ts'
import { type Session, syncIfReached, withSession } from '../session.ts'
import { heldOrRefuse, sidArgument } from './call-out.ts'
import { reportPublished } from './publish.ts'

/** Opens one's own words to a wider tier. The text proves by its digest that it was held since the old signature. */
export const open: Command = {
  verb: 'open',
  usage: 'SID [--slot LABEL]... --to clear|green|amber|amber+strict',
  says: 'opens words of this member to a wider tier; they prove since when they were held',
  args: { min: 1, max: 1 },
  options: { slot: { type: 'string', multiple: true }, to: { type: 'string' } },
  run: async input => {
    const sid = sidArgument(input.args[0])
    const to = Tlp.safeParse(input.flags.must('to'))
    if (!to.success) throw new Usage('--to is clear, green, amber or amber+strict')
    if (to.data === 'red')
      throw new Usage('nothing opens to red, the most restricted tier: --to is clear, green, amber or amber+strict')
    return withSession(input, async session => {
      await syncIfReached(session)
      const { statement } = heldOrRefuse(session, sid)
      if (statement.iss !== session.keys.member)
        throw refused('statement.not-issuer', sid, `only ${statement.iss} opens what it wrote`)
      const slots = slotsOf(input.flags, statement)
      const body = { sid, to: to.data, ...(slots.length > 0 && { slots }) }
      checkWidens(session, body)
      const { exercise } = statement.claims
      const draft = { kind: 'tearline.open', body, exercise, handling: { tlp: to.data }, tear: [] } as const
      return reportPublished('tearline.open', await publishDraft(session, draft))
    })
  },
}

type Opening = { readonly sid: string; readonly to: Tlp; readonly slots?: readonly string[] }

/** An opening that opens nothing is refused before it is signed, and so is a tear line without its statement. */
function checkWidens(session: Session, { sid, to, slots }: Opening): void {
  const facts = factsOf(session)
  const { statement } = heldOrRefuse(session, sid)
  const all = subjectsOf(statement, facts, { reader: 'anyone' })
  const tierOf = (slot: string | undefined): Tlp => {
    const part = all.find(each => each.slot === slot)
    if (part === undefined) throw new Usage(`there is no tear line ${slot}`)
    const anyone = { as: 'anyone', coa: null, member: null, roles: [], clearance: 'clear' } as const
    return caseOf(part.subject, anyone, { action: 'see', at: facts.at }).tier
  }
  const whole = tierOf(undefined)
  for (const slot of slots ?? [undefined]) {
    const tier = tierOf(slot)
    if (to !== tier && atLeastAsRestricted(tier, to)) continue
    const why = to === tier ? ' already' : `, and ${tlpLabel(to)} is narrower`
    throw refused('tear.too-open', slot ?? sid, `it is ${tlpLabel(tier)}${why}: name a wider tier`)
  }
  if (slots === undefined || atLeastAsRestricted(to, whole)) return
  const why = `the statement is ${tlpLabel(whole)}, and a tear line is never more open; open the statement first`
  throw refused('tear.too-open', sid, why)
}
