import { Handling, type Result, alarms, holesIn, isReadNow, ok, readSpans, sumOf } from '@chancery/protocol'
import { z } from 'zod'
import { foldLog } from './charter.ts'

/** How the cases of spec/14-witnesses.md#alarms are run. Words are for people, and each program's own. */
export const alarmChecks: Record<string, (given: unknown) => Result<unknown>> = {
  alarms: given => {
    const { now, roots, told, unopened: sealed, ...rest } = Given.parse(given)
    const held = told.map(({ every, spans, ...one }) => ({
      ...one,
      ...(every !== undefined && { every }),
      ...(spans !== undefined && { spans: spans.map(({ from, to }) => ({ from, to: to ?? Infinity })) }),
    }))
    const unopened = countOf(sealed)
    const rootAt = (size: number) => roots[String(size)]
    const raised = alarms({ ...rest, told: held, rootAt, unopened }, now)
    return ok(raised.map(({ code, member, chain: of, since }) => ({ code, member, chain: of, since })))
  },
  gaps: given => {
    const { genesis, log, handling, held, reader, unopened } = Gaps.parse(given)
    const folded = foldLog(genesis, log)
    if (!folded.ok) return folded
    const spans = readSpans(folded.value, reader)(handling)
    const told = held.map(one => ({ ...one, spans }))
    return ok(isReadNow(spans) ? sumOf(holesIn(told, countOf(unopened))) : null)
  },
}

const countOf =
  (sealed: readonly number[]) =>
  (size: number): number =>
    sealed.filter(index => index < size).length

const [chain, index] = [z.string(), z.number()]

/** Of one chain of another member, what its reader holds. */
const Gaps = z.strictObject({
  genesis: z.string(),
  handling: Handling,
  held: z.array(z.strictObject({ index, seq: z.number() })),
  log: z.array(z.strictObject({ copy: z.string(), index })),
  reader: z.string(),
  unopened: z.array(index),
})

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
      spans: z.array(z.strictObject({ from: index, to: index.nullable() })).optional(),
    }),
  ),
  unopened: z.array(index).default([]),
})
