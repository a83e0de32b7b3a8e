import { primitives } from '@chancery/native'
import {
  Charter,
  type CharterState,
  KeyRecord,
  type Result,
  adopt,
  check,
  checkCharter,
  checkKey,
  compareText,
  countsAt,
  disputedSpans,
  enteredOf,
  fail,
  isDisputedAt,
  isInForce,
  ok,
  openHead,
  recipientsFor,
  sealableKids,
  tiers,
  toBase64url,
  verify,
  verifyGenesis,
  withRecord,
} from '@chancery/protocol'
import { z } from 'zod'

/** How a case of spec/vectors/charter is run. */
export const charterChecks: Record<string, (given: unknown) => Result<unknown>> = {
  enrolment: given => {
    const { member, key } = z.strictObject({ member: z.string(), key: z.unknown() }).parse(given)
    const record = check(KeyRecord, key, 'statement.bad-schema')
    return record.ok ? named(checkKey(primitives, member, record.value, ''), ({ kid }) => ({ kid })) : record
  },
  charterLaws: given => {
    const charter = check(
      Charter,
      z.strictObject({ charter: z.unknown() }).parse(given).charter,
      'statement.bad-schema',
    )
    return charter.ok ? named(checkCharter(primitives, charter.value, ''), () => undefined) : charter
  },
  genesis: given => {
    const { copy, pinned } = z.strictObject({ copy: z.string(), pinned: z.string().optional() }).parse(given)
    const read = verifyGenesis(copy, primitives)
    if (read.ok && pinned !== undefined && read.value.statement.sid !== pinned) return fail('charter.not-genesis')
    return named(read, ({ statement, charter }) => ({
      genesis: statement.sid,
      inForceFrom: charter.inForceFrom ?? null,
    }))
  },
  overTime,
  amendments: given => {
    const { genesis, log, late } = Amended.parse(given)
    const folded = foldLog(genesis, log)
    if (!folded.ok || late === undefined) return named(folded, versionOf)
    const read = verify(late.copy, { primitives, charter: folded.value, index: late.index })
    return named(read, () => versionOf(folded.value))
  },
  keysOverTime,
  disputes,
  logHead: given => {
    const { genesis, log, note } = Log.extend({ note: z.string() }).parse(given)
    const folded = foldLog(genesis, log)
    if (!folded.ok) return folded
    const head = openHead({ primitives, charter: folded.value }, note)
    return named(head, ({ origin, size, root }) => ({ origin, size, root: toBase64url(root) }))
  },
  adoptions: given =>
    named(foldAdoptions(given), state => ({
      adopted: Object.fromEntries(state.adopted),
      genesis: state.genesis,
      inForceFrom: state.inForceFrom ?? null,
    })),
}

const LoggedAt = z.strictObject({ copy: z.string(), index: z.number() })
const Logged = z.array(LoggedAt)
/** `late` is read once the log is known in full, at an index before its end. */
const Amended = z.strictObject({ genesis: z.string(), log: Logged, late: LoggedAt.optional() })

/** The version in force, who of its members does not speak, who is cleared, and which keys do not speak for ever. */
function versionOf(state: CharterState): unknown {
  const { absent, charter, eras, keys, proposals, version, closedFrom } = state
  const { clearances } = charter
  const bounded = [...keys].filter(([, { from, to }]) => from > 0 || to < Infinity)
  return {
    absent: Object.fromEntries(absent),
    clearances,
    from: eras.at(-1)?.from,
    keys: Object.fromEntries(bounded.map(([kid, { from, to }]) => [kid, [from, to === Infinity ? null : to]])),
    version: { sid: version.sid, version: version.number },
    waiting: [...proposals.keys()].sort(),
    ...(closedFrom !== undefined && { closedFrom }),
  }
}

const OverTime = z.strictObject({
  asks: z.array(
    z.strictObject({
      among: z.array(z.string()).optional(),
      moment: z.number(),
      size: z.number(),
      tlp: z.enum(tiers).exclude(['clear']),
    }),
  ),
  genesis: z.string(),
  log: Logged,
})

/** Which keys are asked for, at one size and moment, after every statement of a log that changes the charter. */
function overTime(given: unknown): Result<unknown> {
  const { asks, genesis, log } = OverTime.parse(given)
  const folded = foldLog(genesis, log)
  return named(folded, state => ({
    asks: asks.map(({ among, moment, size, tlp }) => ({
      recipients: recipientsFor(state, tlp, among, { size, moment }).map(({ kid }) => kid),
      sealable: [...sealableKids(state, { tlp, among, seen: size, moment })].sort(),
    })),
  }))
}

const Log = OverTime.omit({ asks: true })

/** The keys that statements have added or revoked, and the indices at which each speaks. */
function keysOverTime(given: unknown): Result<unknown> {
  const { genesis, log } = Log.parse(given)
  return named(foldLog(genesis, log), ({ keys }) => ({
    keys: [...keys.values()]
      .filter(({ from, to }) => from > 0 || to < Infinity)
      .map(({ member, record: { kid, use }, from, to }) => ({ from, kid, member, to: to < Infinity ? to : null, use }))
      .sort((a, b) => compareText(a.kid, b.kid)),
  }))
}

const Disputed = Log.extend({ asks: z.array(z.strictObject({ index: z.number(), size: z.number() })) })

/** Whether a statement of a log is disputed at a size; its spans say the same as the question by itself. */
function disputes(given: unknown): Result<unknown> {
  const { asks, genesis, log } = Disputed.parse(given)
  return named(foldLog(genesis, log), state => ({
    disputed: asks.map(({ index, size }) => {
      const copy = log.find(each => each.index === index)?.copy ?? ''
      const statement = verify(copy, { primitives, charter: state, index })
      if (!statement.ok) throw new Error(`no statement at ${index}`)
      const { sid, iss, kid } = statement.value
      const disputed = disputedSpans(state, { sid, iss, kid, index })
      const answer = isDisputedAt(state, { sid, iss, kid, index }, size)
      if (countsAt({ disputed }, size) === answer) throw new Error('the spans say otherwise')
      return answer
    }),
  }))
}

/** The charter after its genesis statement and those given, each at its index. */
export function foldLog(genesis: string, log: readonly { copy: string; index: number }[]): Result<CharterState> {
  const begun = verifyGenesis(genesis, primitives)
  if (!begun.ok) return begun
  let state = begun.value.charter
  for (const { copy, index } of log) {
    const statement = verify(copy, { primitives, charter: state, index })
    if (!statement.ok) return statement
    const next = withRecord(primitives, state, enteredOf(statement.value, index))
    if (!next.ok) return next
    state = next.value
  }
  return ok(state)
}

const Adoptions = z.strictObject({
  adoptions: z.array(z.strictObject({ copy: z.string(), index: z.number() })),
  genesis: z.string(),
})

/** The state of a charter after its genesis statement and the adoptions given, each at its index. */
export function foldAdoptions(given: unknown): Result<CharterState> {
  const { genesis, adoptions } = Adoptions.parse(given)
  const begun = verifyGenesis(genesis, primitives)
  if (!begun.ok) return begun
  let state = begun.value.charter
  for (const { copy, index } of adoptions) {
    const statement = verify(copy, { primitives, charter: state, index })
    if (!statement.ok) return statement
    const next = adopt(state, statement.value.iss, index)
    if (!next.ok) return next
    state = next.value
    if (isInForce(state, index)) throw new Error('a charter is in force from the next index at the earliest')
  }
  return ok(state)
}

const named = <T>(result: Result<T>, show: (value: T) => unknown): Result<unknown> =>
  result.ok ? ok(show(result.value)) : result
