import {
  type ControlAct,
  type Enclosed,
  type Facts,
  type Placed,
  type Result,
  type UseBody,
  type Verified,
  checkResend,
  controlActOf,
  fail,
  foldControl,
  isOf,
  ok,
  onwardFacts,
  openedByReleases,
  type ResendBody,
} from '@chancery/protocol'
import { type Batch, prefixOf } from './batch.ts'
import { statementsOf } from './mirror.ts'

/** A copy, and the statement that brings it to its own readers. */
type Brought = { readonly by: Placed; readonly copy: Enclosed }

/**
 * spec/07-relay.md#enclosures step 5: what another than its author hands on is taken where this member may have it.
 * Without the grants that others keep from this reader it decides without them, and so denies.
 */
export function checkOnward(batch: Batch, { by, copy }: Brought): Result<true> {
  const { statement } = by
  if (statement.iss === copy.statement.iss) return ok(true)
  if (isOf(statement, 'resend')) return checkSentOn(batch, { by, copy })
  return isOf(statement, 'release.use') ? checkUsed(batch, { by, copy }) : ok(true)
}

function checkSentOn(batch: Batch, brought: Brought): Result<true> {
  const { claims } = brought.by.statement
  const at = { size: brought.by.index, moment: claims.iat }
  const none = { requests: [], grants: [], openings: [], refused: [] }
  // Most are judged by the marking alone, and for these nothing is folded.
  const byMarking = judged(batch, brought, { control: none, released: new Map(), at })
  if (byMarking.ok) return byMarking
  const facts = factsBefore(batch, brought)
  return facts.ok ? judged(batch, brought, facts.value) : facts
}

function judged({ mirror, charter }: Batch, { by: { statement, index }, copy }: Brought, facts: Facts): Result<true> {
  const { iss, body, claims } = statement
  const slots = copy.statement.lines.map(({ label }) => label)
  return checkResend({
    charter,
    resend: { iss, handling: claims.handling, body: { ...(body as ResendBody), slots } },
    about: copy.statement,
    facts: onwardFacts(facts, { by: iss, before: index }),
    among: name => name.split('/')[0] === mirror.member,
  })
}

function factsBefore(batch: Batch, { by, copy }: Brought): Result<Facts> {
  const placed = placedBefore(batch, ['callout.', 'release.', 'tearline.open'])
  if (!placed.ok) return placed
  const at = { size: by.index, moment: by.statement.claims.iat }
  const all = [...placed.value, copy]
  const { rootAt } = prefixOf(batch)
  const withheldBefore = (size: number) => batch.mirror.store.unopened(size)
  const released = openedByReleases(all, { size: by.index, rootAt, withheldBefore })
  return ok({ control: foldControl(actsIn(all), targetIn(copy), at), released, at })
}

/** Only grants of what is copied are asked about: of other statements nothing is folded. */
const targetIn =
  ({ statement: { sid, iss, claims } }: Enclosed) =>
  (of: string) =>
    of === sid ? { iss, exercise: claims.exercise } : undefined

function checkUsed(batch: Batch, { by, copy }: Brought): Result<true> {
  const placed = placedBefore(batch, ['release.'])
  if (!placed.ok) return placed
  const { statement, index } = by
  const at = { size: index + 1, moment: statement.claims.iat }
  const { refused } = foldControl(actsIn([...placed.value, by]), targetIn(copy), at)
  const mine = refused.find(({ use }) => use.sid === statement.sid)
  if (mine === undefined) return ok(true)
  const { grant } = statement.body as UseBody
  return fail('release.no-grant', '/body/grant', `${mine.failure.why ?? 'it is not within its grant'}: ${grant}`)
}

/** Of these kinds what is held, and what comes in this batch, in log order. */
function placedBefore(batch: Batch, kinds: readonly string[]): Result<readonly Placed[]> {
  const isOne = ({ kind }: Verified) => kinds.some(name => kind.startsWith(name))
  const held: Placed[] = []
  for (const name of kinds) {
    const found = statementsOf(batch.mirror, name)
    if (!found.ok) return found
    held.push(...found.value)
  }
  const fresh = [...batch.placed, ...batch.openedLate].filter(({ statement }) => isOne(statement))
  return ok([...held, ...fresh].toSorted((a, b) => a.index - b.index))
}

function* actsIn(placed: readonly Placed[]): Iterable<ControlAct> {
  for (const each of placed) {
    const act = controlActOf(each)
    if (act !== undefined) yield act
  }
}
