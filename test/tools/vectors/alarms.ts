import { type Owed, type Stray, type Told, portableSha256 as sha256, toBase64url, utf8 } from '@chancery/protocol'
import type { VectorCase, VectorFile } from './vector-file.ts'

const root = (name: string) => toBase64url(sha256(utf8(`chancery vectors: alarms: ${name}`)))
const begins = 1_924_992_000
const every = 3_600
const roots = { 10: root('at 10'), 12: root('at 12') }

type Change = Partial<Told>
/** Number `seq` of a chain, one an hour, at every second index. */
const said = (seq: number, change: Change = {}): Told =>
  ({ chain: 'green', iat: begins + every * seq, index: 10 + 2 * seq, iss: 'aldova', seq, ...change })
const beat = (seq: number, change: Change = {}): Told => said(seq, { every, ...change })
const hours = (count: number) => begins + every * count

type Span = readonly [from: number, to: number | null]
type Given = { told?: Told[]; strays?: Stray[]; owed?: Owed[]; unopened?: number[]; spans?: Span[] }
const spansIn = (spans?: Span[]) => spans && { spans: spans.map(([from, to]) => ({ from, to })) }
type Row = readonly [code: string, member: string, chain: string, since: number]
const told = (name: string, now: number, { told: held = [], strays = [], owed = [], unopened,
  spans }: Given, ...rows: Row[]):
  VectorCase => ({
  name, given: { now, owed, roots, strays, told: held.map(one => ({ ...one, ...spansIn(spans) })),
    ...(unopened && { unopened }) }, expect: 'ok',
  value: rows.map(([code, member, chain, since]) => ({ code, member, chain, since })),
})

export const alarmVectors = (): Record<string, VectorFile> => ({
  'witness/alarms.json': {
    spec: 'spec/14-witnesses.md#alarms', check: 'alarms',
    cases: [...silences(), ...clocks(), ...gaps(), ...comings(), ...views(), ...lates(), ...together()],
  },
})

function silences(): VectorCase[] {
  const one = [said(0), beat(1)]
  const frozen: Row = ['frozen', 'aldova', 'green', 12]
  return [
    told('nothing held', hours(9), {}),
    told('no heartbeat, nothing promised', hours(900), { told: [said(0), said(1)] }),
    told('a beat', hours(1), { told: one }),
    told('two beats later, to the second', hours(3), { told: one }),
    told('two beats later and a second', hours(3) + 1, { told: one }, frozen),
    told('another statement is as good as a beat', hours(4), { told: [...one, said(2)] }),
    told('silence after another statement', hours(4) + 1, { told: [...one, said(2)] },
      ['frozen', 'aldova', 'green', 14]),
    told('beats taken back', hours(900), { told: [...one, beat(2, { every: null })] }),
    told('taken back, and promised again', hours(6), { told: [...one, beat(2, { every: null }), beat(3)] },
      ['frozen', 'aldova', 'green', 16]),
    told('slower by the newest beat', hours(6), { told: [...one, beat(2, { every: 2 * every })] }),
    told('slower by an older beat alone', hours(6), { told: [beat(0, { every: 9 * every }), beat(1)] }, frozen),
    told('faster by the newest beat', hours(2) + 121, { told: [...one, beat(2, { every: 60 })] },
      ['frozen', 'aldova', 'green', 14]),
    told('each chain on its own', hours(4), { told: [...one, beat(0, { chain: 'amber', index: 30 }),
      beat(3, { chain: 'amber', index: 40 }), beat(2, { iss: 'borsk', index: 41 }), said(0, { iss: 'borsk' }),
      said(1, { iss: 'borsk' })] }, frozen, ['withheld', 'aldova', 'amber', 40]),
  ]
}

function clocks(): VectorCase[] {
  const late = (seconds: number) => [said(0), beat(1, { iat: hours(9) + seconds })]
  return [
    told('a clock five minutes fast', hours(9), { told: late(300) }),
    told('a clock that is faster', hours(9), { told: late(301) }, ['frozen', 'aldova', 'green', 10]),
    told('a clock that is faster, and was right an hour ago', hours(1),
      { told: [said(0), beat(1, { iat: hours(99) })] }),
    told('two of one time', hours(4), { told: [beat(1, { iat: hours(0) }), said(0)] },
      ['frozen', 'aldova', 'green', 10]),
    told('no time that can be true', hours(0), { told: [said(0, { iat: hours(9) }), beat(1, { iat: hours(9) })] },
      ['frozen', 'aldova', 'green', 12]),
    told('a clock that went back', hours(4), { told: [said(0, { iat: hours(3) }), beat(1)] }),
    told('logged late', hours(4), { told: [said(0), beat(1, { index: 99 })] }, ['frozen', 'aldova', 'green', 99]),
  ]
}

function gaps(): VectorCase[] {
  const withheld = (since: number): Row => ['withheld', 'aldova', 'green', since]
  return [
    told('the newest before a beat', hours(2), { told: [said(0), beat(2)] }, withheld(14)),
    told('the first of a chain', hours(2), { told: [said(1), beat(2)] }, withheld(12)),
    told('all before a beat', hours(2), { told: [beat(2)] }, withheld(14)),
    told('two gaps, the first counts', hours(4), { told: [said(0), said(2), beat(4)] }, withheld(14)),
    told('without a beat', hours(4), { told: [said(0), said(2)] }, withheld(14)),
    told('by number, not by index', hours(2), { told: [said(0), said(1, { index: 90 }), beat(2)] }),
    told('filled in later', hours(2), { told: [said(0), beat(2), said(1, { index: 11 })] }),
    told('and silent since', hours(5), { told: [said(0), beat(2)] }, ['frozen', 'aldova', 'green', 14], withheld(14)),
  ]
}

/** Of a chain that is for its reader from an index on, or was so before. Number n stands at index 10 + 2n. */
function comings(): VectorCase[] {
  const withheld = (since: number): Row => ['withheld', 'aldova', 'green', since]
  const since = (from: number): Pick<Given, 'spans'> => ({ spans: [[from, null]] })
  const away: Pick<Given, 'spans'> = { spans: [[0, 13], [17, null]] }
  const five = [10, 12, 14, 16, 18]
  return [
    told('said before it was for its reader', hours(5), { ...since(20), told: [said(5)], unopened: five }),
    told('and one withheld since', hours(8), { ...since(20), told: [said(5), said(7)], unopened: [...five, 22] },
      withheld(24)),
    told('before the first held, withheld or said before', hours(6),
      { ...since(20), told: [said(6)], unopened: [3, ...five, 20] }),
    told('before the first held, without room before', hours(6),
      { ...since(20), told: [said(6)], unopened: [...five, 20] }, withheld(22)),
    told('the first of a chain, and nothing before it was for its reader', hours(6),
      { ...since(9), told: [said(1)], unopened: [10] }, withheld(12)),
    told('from the index at which the first held stands', hours(5), { ...since(20), told: [said(5)], unopened: five }),
    told('opened from before, here and there', hours(5),
      { ...since(20), told: [said(0), said(2), said(5)], unopened: [12, 16, 18] }),
    told('away for a while', hours(4), { ...away, told: [said(0), said(1), said(4)], unopened: [14, 16] }),
    told('away for a while, and more is missing', hours(5), { ...away, told: [said(0), said(1), said(5)],
      unopened: [14, 16, 18] }, withheld(20)),
    told('missing from before it went away', hours(2), { ...away, told: [said(0), said(4), said(5)],
      unopened: [12, 14, 16] }, withheld(18)),
    told('all of it for its reader, and the change afterwards', hours(2), { spans: [[0, 14], [30, null]],
      told: [said(0), said(2)], unopened: [12] }, withheld(14)),
    told('a beat from before it was away promises nothing', hours(40), { ...away, told: [beat(0), said(1), said(4)],
      unopened: [14, 16] }),
    told('a beat since it is back does', hours(40), { ...away, told: [said(0), said(1), beat(4)],
      unopened: [14, 16] }, ['frozen', 'aldova', 'green', 18]),
  ]
}

function views(): VectorCase[] {
  const stray = (index: number, size: number, at: string, iss = 'borsk'): Stray =>
    ({ chain: 'amber', index, iss, seen: { root: at, size } })
  const split = (since: number): Row => ['split', 'borsk', 'amber', since]
  return [
    told('another root seen', hours(0), { strays: [stray(20, 10, root('elsewhere'))] }, split(20)),
    told('the root of another size seen', hours(0), { strays: [stray(20, 12, roots[10])] }, split(20)),
    told('a size seen that was not there yet', hours(0), { strays: [stray(11, 12, roots[12])] }, split(11)),
    told('a size seen that is not held', hours(0), { strays: [stray(20, 13, roots[12])] }, split(20)),
    told('the log held, seen', hours(0), { strays: [stray(12, 12, roots[12]), stray(20, 10, roots[10])] }),
    told('twice, the first counts', hours(0), { strays: [stray(22, 10, root('x')), stray(20, 10, root('y'))] },
      split(20)),
    told('the first that contradicts', hours(0), { strays: [stray(18, 10, roots[10]), stray(20, 10, root('y'))] },
      split(20)),
  ]
}

function lates(): VectorCase[] {
  const owed = (index: number, due: number, member = 'caldria', chain = 'amber'): Owed =>
    ({ chain, due, index, member })
  return [
    told('a receipt due to the second', hours(1), { owed: [owed(5, hours(1))] }),
    told('a receipt overdue', hours(1) + 1, { owed: [owed(5, hours(1))] }, ['overdue', 'caldria', 'amber', 5]),
    told('two overdue, one alarm', hours(2), { owed: [owed(7, hours(0)), owed(5, hours(1))] },
      ['overdue', 'caldria', 'amber', 5]),
    told('the first that is overdue', hours(2), { owed: [owed(5, hours(3)), owed(7, hours(0))] },
      ['overdue', 'caldria', 'amber', 7]),
    told('by member and chain', hours(2),
      { owed: [owed(5, hours(0)), owed(5, hours(0), 'borsk'), owed(6, hours(0), 'caldria', 'red')] },
      ['overdue', 'borsk', 'amber', 5], ['overdue', 'caldria', 'amber', 5], ['overdue', 'caldria', 'red', 6]),
  ]
}

const together = (): VectorCase[] => [
  told('all at once, in order', hours(9), {
    told: [said(0), beat(2)],
    strays: [{ chain: 'green', index: 20, iss: 'aldova', seen: { root: root('x'), size: 10 } }],
    owed: [{ chain: 'green', due: hours(0), index: 9, member: 'aldova' }],
  }, ['frozen', 'aldova', 'green', 14], ['overdue', 'aldova', 'green', 9], ['split', 'aldova', 'green', 20],
    ['withheld', 'aldova', 'green', 14]),
]
