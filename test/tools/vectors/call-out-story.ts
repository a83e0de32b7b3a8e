import {
  type Condition, type Position, compareText, instantOf, portableSha256 as sha256, toBase64url, utf8,
} from '@chancery/protocol'
import type { VectorCase } from './vector-file.ts'

/** One call-out from which the vectors of call-outs are made. Statements are summaries: no signature is needed. */
export const good = (name: string, given: unknown, value: unknown): VectorCase => ({ name, given, expect: 'ok', value })
export const bad = (name: string, given: unknown, expect: string, at?: string): VectorCase =>
  ({ name, given, expect, ...(at !== undefined && { at }) })

export const says = (stance: Position['stance'], named: Position['named'] = 'organ', claim = 'c1'): Position =>
  ({ basis: 'own-assessment', claim, named, stance })
export const plain = [says('supports')]

export const id = (name: string): string => toBase64url(sha256(utf8(`chancery vectors: ${name}`)))
export const begins = 1_924_992_000
export const [proposed, frozen] = [id('proposal'), id('text')]
const [deadline, lapse] = [20, 40]
export const roots = Object.fromEntries([10, 20, 21, 25, 30].map(size => [size, id(`root ${size}`)]))

export type Statement =
  { kind: string; sid: string; iss: string; index: number; iat: number; exercise: boolean; body: object }
export type Change = Partial<Omit<Statement, 'body'>>

export const statement = (kind: string, index: number, iss: string, body: object, change: Change = {}): Statement => ({
  kind: `callout.${kind}`, sid: id(`${kind} ${index}`), iss, index, iat: begins + 60 * index, exercise: false, body,
  ...change,
})
export const proposal = statement('propose', 10, 'aldova', {
  deputies: ['borsk'], invitees: ['borsk', 'caldria', 'dorvane'], pen_holder: 'aldova',
}, { sid: proposed })
export const textOf = (index: number, sid: string, change: Change = {}) => statement('text', index, 'aldova', {
  deadline: { at: instantOf(begins), size: deadline }, lapse: { size: lapse }, proposal: proposed,
}, { sid, ...change })
export const text = textOf(11, frozen)
type JoinChange = Change & { text?: string }
export const join = (index: number, iss: string, condition?: Condition, change: JoinChange = {}): Statement => {
  const { text: named = frozen, ...rest } = change
  return statement('join', index, iss, { positions: plain, reservations: [], text: named, when: condition }, rest)
}
export const decline = (index: number, iss: string) => statement('decline', index, iss, { reason: 'legal',
  text: frozen })
export const withdraw = (index: number, iss: string, of: Statement) => statement('withdraw', index, iss,
  { join: of.sid })
export const abort = (index: number) => statement('abort', index, 'aldova', { proposal: proposed,
  reason: 'It leaked.' })

type Cut = { index?: number; size?: number; root?: string; text?: string }
export function release(joins: readonly Statement[], cut: Cut = {}, change: Change = {}): Statement {
  const { index = 30, size = 20, root = roots[size], text: named = frozen } = cut
  const sids = joins.map(({ sid }) => sid).sort(compareText)
  return statement('release', index, 'aldova', { cut: { root, size }, joins: sids, text: named }, change)
}

export const told = (statements: readonly Statement[], size = 31, withheld?: number) =>
  ({ statements, size, roots, ...(withheld !== undefined && { withheld }) })

export const [borsk, caldria] = [join(12, 'borsk'), join(13, 'caldria')]
