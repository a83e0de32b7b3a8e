import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { type ReadSpan, holesIn, sumOf } from './gaps.ts'

/** An entry of a log: a number of the chain or of another, for the reader or not, and whether it came to be opened. */
type Entry = { readonly ofChain: boolean; readonly isFor: boolean; readonly isOpened: boolean }

const entry = fc.record({ ofChain: fc.boolean(), isOpened: fc.boolean() })
/** Stretches of a log, at each of which the chain is for the reader or is not. The last one is. */
const logs = fc
  .array(fc.tuple(fc.boolean(), fc.array(entry, { maxLength: 8 })), { maxLength: 5 })
  .map(parts =>
    [...parts, [true, [{ ofChain: true, isOpened: true }]] as const].flatMap(([isFor, all]) =>
      all.map((one): Entry => ({ ...one, isFor })),
    ),
  )

function spansOf(log: readonly Entry[]): readonly ReadSpan[] {
  const spans: ReadSpan[] = []
  for (const [from, { isFor }] of log.entries()) {
    if (!isFor || log[from - 1]?.isFor === true) continue
    const length = log.slice(from).findIndex(one => !one.isFor)
    spans.push({ from, to: length < 0 ? Infinity : from + length })
  }
  return spans
}

/** Number `seq` of the chain and its index. */
const numbered = (log: readonly Entry[]) =>
  log
    .map((one, index) => ({ ...one, index }))
    .filter(({ ofChain }) => ofChain)
    .map((one, seq) => ({ ...one, seq }))

function counted(log: readonly Entry[]) {
  const spans = spansOf(log)
  const held = numbered(log)
    .filter(({ isOpened }) => isOpened)
    .map(({ seq, index }) => ({ seq, index, spans }))
  const unopened = (size: number) => log.slice(0, size).filter(({ isOpened }) => !isOpened).length
  return sumOf(holesIn(held, unopened))
}

test('what is withheld is never less than what is said to be, nor more than that and what is undecided', () => {
  fc.assert(
    fc.property(logs, log => {
      const { missing, undecided } = counted(log)
      const truly = numbered(log).filter(({ isFor, isOpened }) => isFor && !isOpened).length
      expect(truly).toBeGreaterThanOrEqual(missing)
      expect(truly).toBeLessThanOrEqual(missing + undecided)
    }),
  )
})
test('nothing is withheld, or undecided, where all that was for the reader is held', () => {
  fc.assert(
    fc.property(logs, log => {
      const shown = log.map(one => ({ ...one, isOpened: one.isFor }))
      expect(counted(shown)).toEqual({ missing: 0, undecided: 0 })
    }),
  )
})
test('a chain that is for its reader all the while has nothing undecided', () => {
  fc.assert(
    fc.property(logs, log => {
      const always = log.map(one => ({ ...one, isFor: true }))
      const missing = numbered(always).filter(({ isOpened }) => !isOpened).length
      expect(counted(always)).toEqual({ missing, undecided: 0 })
    }),
  )
})
