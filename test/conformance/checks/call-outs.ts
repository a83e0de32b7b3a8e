import {
  type Act,
  Condition,
  type LogView,
  Position,
  type Result,
  check,
  fail,
  foldActs,
  judgeReleaseFromPart,
  largestSet,
  ok,
  signatoriesAt,
  whyNotCondition,
} from '@chancery/protocol'
import { z } from 'zod'

/** How a case of spec/vectors/call-outs is run. Bodies of statements hold what the rules ask about and nothing else. */
export const callOutChecks: Record<string, (given: unknown) => Result<unknown>> = {
  callOutSet: given => {
    const { joins } = Joins.parse(given)
    for (const [member, { when }] of Object.entries(joins)) {
      const condition = checkCondition(when, `/joins/${member}/when`)
      if (!condition.ok) return condition
    }
    return ok([...largestSet(new Map(Object.entries(joins as Record<string, Lawful>)))].sort())
  },
  callOutPhase: given => {
    const { statements, size, ...view } = Story.parse(given)
    const [callOut] = foldActs(actsOf(statements), viewOf({ size, ...view })).values()
    if (callOut === undefined) return fail('callout.unknown')
    const { signatories, excluded } = signatoriesAt(callOut, callOut.release?.body.cut.size ?? size)
    return ok({
      phase: callOut.phase,
      signatories: signatories.map(({ member }) => member),
      excluded: Object.fromEntries(excluded.map(({ member, why }) => [member, why])),
      refused: callOut.refused.map(({ failure }) => failure.code),
    })
  },
  /** The last statement is the release that is judged. */
  callOutRelease: given => {
    const { statements, ...view } = Story.parse(given)
    const acts = actsOf(statements)
    const release = acts.at(-1)
    const [callOut] = foldActs(acts.slice(0, -1), viewOf(view)).values()
    if (callOut === undefined || release?.kind !== 'callout.release') return fail('callout.unknown')
    const verdict = judgeReleaseFromPart(callOut, release, viewOf(view))
    if (!verdict.ok) return verdict
    const { is, signatories } = verdict.value
    return ok({ is, signatories: signatories.map(({ member }) => member) })
  },
}

type Lawful = { positions: Position[]; when?: Condition }

function checkCondition(when: unknown, at: string): Result<unknown> {
  if (when === undefined) return ok(when)
  const condition = check(Condition, when, 'statement.bad-schema', at)
  if (!condition.ok) return fail('statement.bad-schema', at)
  const why = whyNotCondition(condition.value)
  return why === undefined ? ok(when) : fail('statement.breaks-law', at, why)
}

const Joins = z.strictObject({
  joins: z.record(z.string(), z.strictObject({ positions: z.array(Position), when: z.unknown().optional() })),
})
const Story = z.strictObject({
  statements: z.array(
    z.strictObject({
      kind: z.string(),
      sid: z.string(),
      iss: z.string(),
      index: z.number(),
      iat: z.number(),
      exercise: z.boolean(),
      body: z.record(z.string(), z.unknown()),
      disputed: z.array(z.strictObject({ from: z.number(), to: z.number().optional() })).optional(),
    }),
  ),
  size: z.number(),
  /** Root of the log by size, for the sizes that matter. */
  roots: z.record(z.string(), z.string()),
  /** Entries before the cut of which the reader holds no statement. */
  withheld: z.number().optional(),
})

/** A summary leaves out of a body what no rule asks about. */
const actsOf = (statements: readonly unknown[]): readonly Act[] => statements as readonly Act[]

const viewOf = ({ size, roots, withheld = 0 }: Omit<z.infer<typeof Story>, 'statements'>): LogView => ({
  size,
  rootAt: at => roots[String(at)],
  withheldBefore: () => withheld,
})
