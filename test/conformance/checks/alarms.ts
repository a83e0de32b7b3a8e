import { type Result, alarms, ok } from '@chancery/protocol'
import { z } from 'zod'

/** How the cases of spec/14-witnesses.md#alarms are run. Words are for people, and each program's own. */
export const alarmChecks: Record<string, (given: unknown) => Result<unknown>> = {
  alarms: given => {
    const { now, roots, told, ...rest } = Given.parse(given)
    const held = told.map(({ every, ...one }) => ({ ...one, ...(every !== undefined && { every }) }))
    const rootAt = (size: number) => roots[String(size)]
    const raised = alarms({ ...rest, told: held, rootAt }, now)
    return ok(raised.map(({ code, member, chain: of, since }) => ({ code, member, chain: of, since })))
  },
}

const [chain, index] = [z.string(), z.number()]

const Given = z.strictObject({
  now: z.number(),
  owed: z.array(z.strictObject({ chain, due: z.number(), index, member: z.string() })),
  roots: z.record(z.string(), z.string()),
  strays: z.array(
    z.strictObject({
      chain,
      index,
      iss: z.string(),
      seen: z.strictObject({ root: z.string(), size: z.number() }),
    }),
  ),
  told: z.array(
    z.strictObject({
      chain,
      every: z.number().nullable().optional(),
      iat: z.number(),
      index,
      iss: z.string(),
      seq: z.number(),
    }),
  ),
})
