import {
  type Reader,
  type Result,
  type Subject,
  Handling,
  Role,
  Tlp,
  actions,
  decide,
  ok,
  readerForms,
  readerOf,
} from '@chancery/protocol'
import { z } from 'zod'
import { charterOf } from './statements.ts'

const Action = z.enum(actions)
const AskedReader = z.strictObject({
  as: z.enum(readerForms),
  clearance: Tlp,
  coa: z.string().nullable(),
  member: z.string().nullable(),
  roles: z.array(Role),
})
const DecideGiven = z.strictObject({
  action: Action,
  at: z.strictObject({ moment: z.number(), size: z.number() }),
  reader: AskedReader,
  subject: z.strictObject({
    coa: z.string(),
    granted: z.array(Action).optional(),
    handling: Handling,
    iss: z.string(),
    opened: Tlp.optional(),
  }),
  towards: AskedReader.optional(),
})

/** How the decisions of spec/vectors/sharing are run. The words of an answer are for people and are not compared. */
export const handlingChecks: Record<string, (given: unknown) => Result<unknown>> = {
  decide: given => {
    const { action, at, reader, subject, towards } = DecideGiven.parse(given)
    const { decision, rule } = decide(subject satisfies Subject, reader satisfies Reader, action, at, towards)
    return ok({ decision, rule })
  },
  reader: given => {
    const { charter, name } = z.strictObject({ charter: z.string(), name: z.string() }).parse(given)
    return ok(readerOf(charterOf(charter), name) ?? null)
  },
}
