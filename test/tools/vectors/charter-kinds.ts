import { type Charter, portableSha256 as sha256, toBase64url as b64, utf8 } from '@chancery/protocol'
import { charter } from './coalition.ts'
import type { Of } from './kinds.ts'
import type { VectorCase } from './vector-file.ts'

const sid = b64(sha256(utf8('a statement: the version in force')))
const { tag, members, ...unchanged } = charter
const [whole] = members
const next = { ...unchanged, members: [whole, 'borealia', 'cassia'], version: 2 }

/** What a charter and its members are changed by: bodies, and one place of a whole body made wrong. */
export const charterKindCases: Readonly<Record<string, (of: Of) => VectorCase[]>> = {
  'charter.amend': amendCases,
  'charter.approve': of => namingCases(of, 'approves'),
  'member.accede': of => namingCases(of, 'accedes'),
  'member.suspend': suspendCases,
  'member.withdraw': leaveCases,
  'log.close': leaveCases,
}

function amendCases({ holds, anywhere, missing, unknown, wrong }: Of): VectorCase[] {
  const body = { charter: next, previous: sid, seal: tag.seal }
  const named: (keyof Charter)[] = ['amend_threshold', 'clearances', 'members', 'name', 'relay', 'version']
  return [
    holds('a member by its id, and another whole', body, [sid]),
    holds('without the tag key', { charter: next, previous: sid }, [sid]),
    ...missing(body, ['charter'], ['previous'], ...named.map(name => ['charter', name])),
    ...unknown(body, [], ['charter'], ['seal']),
    ...wrong(body, [['previous'], 'x'], [['charter', 'members'], []], [['charter', 'version'], 0],
      [['charter', 'amend_threshold'], 0], [['charter', 'default_tlp'], 'white'], [['seal'], null]),
    anywhere('a member that is neither', { ...body, charter: { ...next, members: [7] } }),
    anywhere('an id of another alphabet', { ...body, charter: { ...next, members: ['Borealia'] } }),
    anywhere('a member with an unknown member', { ...body, charter: { ...next, members: [{ ...whole, motto: 'x' }] } }),
    anywhere('with a tag of its own', { ...body, charter: { ...next, tag } }),
  ]
}

function namingCases({ holds, missing, unknown, wrong }: Of, name: 'approves' | 'accedes'): VectorCase[] {
  const body = { [name]: sid }
  return [holds('a statement', body, [sid]), ...missing(body, [name]), ...unknown(body, []),
    ...wrong(body, [[name], 'x'], [[name], null], [[name], `${sid}A`])]
}

function suspendCases({ holds, missing, unknown, wrong }: Of): VectorCase[] {
  const body = { member: 'borealia', reason: 'It does not answer.' }
  return [holds('a member', body), ...missing(body, ['member'], ['reason']), ...unknown(body, []),
    ...wrong(body, [['member'], 'Borealia'], [['member'], ''], [['reason'], ''], [['reason'], 7])]
}

function leaveCases({ holds, missing, unknown, wrong }: Of): VectorCase[] {
  const body = { reason: 'The government has decided so.' }
  return [holds('a reason', body), ...missing(body, ['reason']), ...unknown(body, []),
    ...wrong(body, [['reason'], ''], [['reason'], null])]
}
