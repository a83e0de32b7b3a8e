import {
  type ControlAct,
  type Facts,
  Handling,
  type Result,
  ResendBody,
  Tlp,
  checkResend,
  foldControl,
  ok,
  onwardFacts,
  subjectsOf,
} from '@chancery/protocol'
import { z } from 'zod'
import { charterOf } from './statements.ts'

/** How the cases of spec/12-release-control.md are run. Statements are summaries, without what no rule asks about. */
export const releaseControlChecks: Record<string, (given: unknown) => Result<unknown>> = {
  releaseControl: given => {
    const { requests, grants, refused } = controlOf(Story.parse(given))
    return ok({
      grants: Object.fromEntries(grants.map(({ grant: { sid }, is }) => [sid, is])),
      refused: refused.map(({ use: { sid } }) => sid),
      requests: Object.fromEntries(requests.map(({ request: { sid }, is }) => [sid, is])),
    })
  },
  releaseUse: given => {
    const { statements, at } = Story.parse(given)
    const last = statements.at(-1)
    const [judged] = controlOf({ statements, at }).refused.filter(({ use: { sid } }) => sid === last?.sid)
    return judged === undefined ? ok({}) : judged.failure
  },
  releaseFacts: given => {
    const { statement, released, reader, towards, ...story } = FactsGiven.parse(given)
    const opened = released === undefined ? [] : ([[statement.sid, released]] as const)
    const facts: Facts = { control: controlOf(story), released: new Map(opened), at: story.at }
    const subjects = subjectsOf(statement, facts, { reader, towards })
    return ok(
      subjects.map(({ slot, subject: { opened: tier, ...subject } }) => ({
        slot: slot ?? null,
        ...subject,
        ...(tier && { opened: tier }),
      })),
    )
  },
  resend: given => {
    const { charter, statement, released, member, handling, ...story } = ResendGiven.parse(given)
    const last = story.statements.at(-1)
    if (last === undefined) throw new Error('a case has the resend that it is about')
    const at = { size: last.index, moment: last.iat }
    const opened = released === undefined ? [] : ([[statement.sid, released]] as const)
    const all: Facts = { control: controlOf({ ...story, at: story.at }), released: new Map(opened), at }
    const judged = checkResend({
      charter: charterOf(charter),
      resend: { iss: last.iss, handling, body: ResendBody.parse(last.body) },
      about: statement,
      facts: onwardFacts(all, { by: last.iss, before: last.index }),
      ...(member !== undefined && { among: name => name.split('/')[0] === member }),
    })
    return judged.ok ? ok({}) : judged
  },
}

const Story = z.strictObject({
  at: z.strictObject({ moment: z.number(), size: z.number() }),
  statements: z.array(
    z.strictObject({
      body: z.record(z.string(), z.unknown()),
      disputed: z.array(z.strictObject({ from: z.number(), to: z.number().optional() })).optional(),
      exercise: z.boolean(),
      iat: z.number(),
      index: z.number(),
      iss: z.string(),
      kind: z.string(),
      sid: z.string(),
    }),
  ),
})
type Told = z.infer<typeof Story>

const FactsGiven = Story.extend({
  reader: z.string(),
  released: Tlp.optional(),
  statement: z.strictObject({
    claims: z.strictObject({
      coa: z.string().nullable(),
      handling: Handling,
      iss: z.string(),
      tear: z.record(z.string(), z.strictObject({ _sd: z.unknown(), ...Handling.shape })),
    }),
    sid: z.string(),
  }),
  towards: z.string().optional(),
})

const ResendGiven = FactsGiven.omit({ reader: true, towards: true }).extend({
  charter: z.string(),
  handling: Handling,
  member: z.string().optional(),
})

function controlOf({ statements, at }: Told) {
  const bySid = new Map(statements.map(each => [each.sid, each]))
  const acts = statements.filter(({ kind }) => kind.startsWith('release.') || kind === 'tearline.open')
  return foldControl(acts as unknown as readonly ControlAct[], sid => bySid.get(sid), at)
}
