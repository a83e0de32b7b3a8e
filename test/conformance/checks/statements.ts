import { primitives } from '@chancery/native'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  type CharterState,
  type Prefix,
  type Referred,
  type Result,
  Tlp,
  type Verified,
  byPlace,
  checkRelations,
  ok,
  readEnvelope,
  verify,
} from '@chancery/protocol'
import { z } from 'zod'
import { root } from '../../tools/steps.ts'
import type { VectorFile } from '../coverage.ts'
import { foldAdoptions } from './charter.ts'
import { nameOf } from './lines.ts'

/** How a case of spec/vectors/statements is run. `charter` names a case of spec/vectors/charter/adoptions.json. */
export const statementsChecks: Record<string, (given: unknown) => Result<unknown>> = {
  envelope: given => {
    const { jws, typ } = EnvelopeGiven.parse(given)
    const read = readEnvelope(jws, typ, primitives.sha256)
    return read.ok ? ok({ alg: read.value.alg, kid: read.value.kid, sid: read.value.sid }) : read
  },
  statement: given => {
    const read = statementOf(StatementGiven.parse(given))
    return read.ok
      ? ok({ lines: [...read.value.lines, ...read.value.slices].sort(byPlace).map(nameOf), sid: read.value.sid })
      : read
  },
  relations: given => {
    const { prefix, ...rest } = RelationsGiven.parse(given)
    const read = statementOf(rest)
    const related = read.ok ? checkRelations(read.value, prefixOf(prefix, charterOf(rest.charter), rest.index)) : read
    return related.ok ? ok({ sid: related.value.sid }) : related
  },
}

const EnvelopeGiven = z.strictObject({
  jws: z.string(),
  typ: z.enum(['chancery-statement+sd-jwt', 'chancery-auth+jwt']),
})
const StatementGiven = z.strictObject({ charter: z.string(), copy: z.string(), index: z.number() })
const PrefixGiven = z.strictObject({
  chains: z.array(z.strictObject({ chain: z.string(), iss: z.string(), seq: z.number(), sid: z.string() })),
  roots: z.record(z.string(), z.string()),
  statements: z.array(
    z.strictObject({
      body: z.unknown(),
      index: z.number(),
      iss: z.string(),
      kind: z.string(),
      sid: z.string(),
      tlp: Tlp,
    }),
  ),
})
const RelationsGiven = StatementGiven.extend({ prefix: PrefixGiven })

const statementOf = ({ charter, copy, index }: z.infer<typeof StatementGiven>): Result<Verified> =>
  verify(copy, { primitives, charter: charterOf(charter), index })

const states = new Map<string, CharterState>()

/** The state that a case of the charter's vectors ends with. */
export function charterOf(name: string): CharterState {
  const known = states.get(name)
  if (known !== undefined) return known
  const file = JSON.parse(readFileSync(join(root, 'spec/vectors/charter/adoptions.json'), 'utf8')) as VectorFile
  const state = foldAdoptions(file.cases.find(vector => vector.name === name)?.given)
  if (!state.ok) throw new Error(`the charter "${name}" does not hold: ${state.code}`)
  states.set(name, state.value)
  return state.value
}

type Told = z.infer<typeof PrefixGiven>

/** The log before an index: what is told of it beyond is not looked up. */
function prefixOf({ chains, roots, statements }: Told, charter: CharterState, index: number): Prefix {
  return {
    charter,
    find: sid => statements.find(statement => statement.sid === sid) as Referred | undefined,
    chainHead: (iss, chain) => chains.find(head => head.iss === iss && head.chain === chain),
    rootAt: size => (size <= index ? roots[String(size)] : undefined),
  }
}
