import { accede, amend, approve, broughtIn, brought, dalmora, given, suspend, under } from './amendments.ts'
import { ardenia, borealia, charter, good } from './coalition.ts'
import type { VectorCase, VectorFile } from './vector-file.ts'

/** spec/vectors/charter/withheld.json */
export const withheldVectors = (): Record<string, VectorFile> => ({
  'charter/withheld.json': { spec: 'spec/04-statements.md#withheld', check: 'gaps',
    cases: [...always(), ...comings(), ...absences()] },
})

type Held = readonly [seq: number, index: number]
type Story = { log?: string[]; reader: string; handling?: object }
type Counts = readonly [missing: number, undecided: number]

/** Of a chain of another member: which numbers are held at which index, and which entries are not opened. */
function counted({ log = [], reader, handling = { tlp: 'green' } }: Story): (name: string, held: readonly Held[],
  unopened: readonly number[], counts: Counts | null) => VectorCase {
  return (name, held, unopened, counts) => good(name, {
    ...given(...log), handling, held: held.map(([seq, index]) => ({ index, seq })), reader, unopened,
  }, counts && { missing: counts[0], undecided: counts[1] })
}

function always(): VectorCase[] {
  const founder = counted({ reader: 'cassia' })
  return [
    founder('all held', [[0, 4], [1, 6]], [5], [0, 0]),
    founder('one withheld from a founder', [[0, 4], [2, 6]], [5], [1, 0]),
    founder('the first two withheld from a founder', [[2, 9]], [5, 7, 8], [2, 0]),
    founder('nothing held, nothing missing', [], [5, 7, 8], [0, 0]),
  ]
}

/** Dalmora is brought, and is a reader of green from index 6 on. */
function comings(): VectorCase[] {
  const log = [...broughtIn, accede(dalmora, under(brought, 2))]
  const late = counted({ log, reader: 'dalmora' })
  const named = (...ids: string[]) =>
    counted({ log, reader: 'dalmora', handling: { releasable_to: ids, tlp: 'green' } })
  return [
    late('all of it said before', [[4, 6]], [1, 2, 4, 5], [0, 0]),
    late('all of it said before, as far as there is room', [[4, 9]], [1, 2, 4, 5], [0, 0]),
    late('said before, or withheld since', [[4, 9]], [1, 2, 4, 5, 7], [0, 1]),
    late('no room before for all of them', [[4, 9]], [1, 2, 4, 7, 8], [1, 1]),
    late('no room before at all', [[2, 9]], [7, 8], [2, 0]),
    late('fewer missing than there may be', [[1, 9]], [1, 2, 4, 5, 7, 8], [0, 1]),
    late('after the first held', [[4, 6], [6, 8]], [1, 2, 4, 5, 7], [1, 0]),
    late('one opened from before', [[1, 2], [4, 9]], [1, 4, 5], [0, 0]),
    late('one opened from before, and one since', [[1, 2], [4, 9]], [1, 4, 7], [1, 0]),
    named('dalmora')('of those named', [[4, 6], [6, 8]], [1, 2, 4, 5, 7], [1, 0]),
    named('borealia')('of others', [[4, 6], [6, 8]], [1, 2, 4, 5, 7], null),
    counted({ log, reader: 'dalmora', handling: { tlp: 'amber' } })('above what it is cleared for', [[4, 8]], [7],
      null),
    counted({ log, reader: 'cassia' })('of a founder, whoever has come', [[4, 6], [6, 8]], [1, 2, 4, 5, 7], [5, 0]),
    counted({ log: broughtIn, reader: 'dalmora' })('before it has acceded', [[4, 6]], [1, 2, 4, 5], null),
  ]
}

/** Cassia is suspended from index 5 up to index 6, or cleared for nothing at the same indices. */
function absences(): VectorCase[] {
  const one = suspend(ardenia, 'cassia')
  const silenced = [one, approve(borealia, one)]
  const next = amend({ by: borealia, to: { name: 'After the suspension' } })
  const back = counted({ log: [...silenced, next, approve(ardenia, next)], reader: 'cassia' })
  const less = amend({ to: { clearances: { ...charter.clearances, green: ['ardenia', 'borealia'] } } })
  const two = under(less, 2)
  const more = amend({ from: two, by: borealia })
  const cleared = counted({ log: [less, approve(borealia, less), more, approve(ardenia, more, two)], reader: 'cassia' })
  return [
    back('said while it was suspended', [[0, 4], [3, 9]], [5, 6], [0, 0]),
    back('and one withheld since it is back', [[0, 4], [3, 9]], [5, 8], [1, 0]),
    back('withheld from before', [[1, 4], [3, 9]], [2, 6], [1, 0]),
    back('while it was suspended, or withheld', [[0, 2], [2, 9]], [3, 5, 8], [0, 1]),
    counted({ log: silenced, reader: 'cassia' })('who is suspended now', [[0, 2], [3, 4]], [3], null),
    cleared('said while it was not cleared', [[0, 4], [3, 9]], [5, 6], [0, 0]),
    cleared('and one withheld since it is cleared again', [[0, 4], [3, 9]], [5, 8], [1, 0]),
  ]
}
