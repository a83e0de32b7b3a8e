import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Told, alarms } from './alarms.ts'

const every = 3_600
const begins = 1_000_000

/**
 * What one member says of one chain: a beat, and each next statement at least a second and at most `every` later. A
 * relay keeps some of it from a reader, from a statement after the first on.
 */
const chains = fc
  .array(fc.record({ after: fc.integer({ min: 1, max: every }), isBeat: fc.boolean(), isKept: fc.boolean() }), {
    minLength: 1,
    maxLength: 40,
  })
  .map(all => {
    let iat = begins
    return [{ after: 0, isBeat: true, isKept: false }, ...all].map(({ after, isBeat, isKept }, seq) => {
      iat += after
      const told: Told = { iss: 'aldova', chain: 'amber', seq, index: 3 * seq, iat, ...(isBeat && { every }) }
      return { told, isKept }
    })
  })

const nothing = { strays: [], owed: [], rootAt: () => undefined, unopened: () => 0 }
const at = (now: number, told: readonly Told[]) =>
  alarms({ ...nothing, told: told.filter(({ iat }) => iat <= now) }, now)

describe('a member that speaks as it has promised', () => {
  test('alarms nobody who is shown all of it, at any moment', () => {
    fc.assert(
      fc.property(chains, fc.nat(), (chain, moment) => {
        const told = chain.map(each => each.told)
        const last = told.at(-1)?.iat ?? begins
        expect(at(begins + (moment % (last - begins + 2 * every)), told)).toEqual([])
      }),
    )
  })
  test('is missed within two beats by whoever is kept from one statement, whatever else is kept', () => {
    fc.assert(
      fc.property(chains, chain => {
        const shown = chain.filter(({ isKept }) => !isKept).map(({ told }) => told)
        for (const { told } of chain.filter(({ isKept }) => isKept)) {
          const noticed = at(told.iat + 2 * every, shown)
          expect(noticed.map(({ code }) => code)).not.toEqual([])
          expect(noticed.every(({ code }) => code === 'frozen' || code === 'withheld')).toBe(true)
        }
      }),
    )
  })
  test('has as many missing as are kept back before what is shown', () => {
    fc.assert(
      fc.property(chains, chain => {
        const last = chain.findLastIndex(({ isKept }) => !isKept)
        const missing = chain.slice(0, last).filter(({ isKept }) => isKept).length
        const shown = chain.filter(({ isKept }) => !isKept).map(({ told }) => told)
        const [alarm] = at(chain.at(-1)?.told.iat ?? 0, shown).filter(({ code }) => code === 'withheld')
        expect(alarm?.words.match(/^\d+/)?.[0]).toBe(missing === 0 ? undefined : String(missing))
      }),
    )
  })
})

test('the order in which statements come to be held changes nothing', () => {
  fc.assert(
    fc.property(chains, fc.nat(40 * every), (chain, later) => {
      const shown = chain.filter(({ isKept }) => !isKept).map(({ told }) => told)
      expect(at(begins + later, shown.toReversed())).toEqual(at(begins + later, shown))
    }),
  )
})
