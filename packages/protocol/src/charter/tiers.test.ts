import { expect, test } from 'vitest'
import { Tlp, atLeastAsRestricted, restrictedTiers, tiers, tlpLabel } from './tiers.ts'

test('tiers are ordered from clear to red', () => {
  for (const [i, tlp] of tiers.entries()) {
    for (const [j, than] of tiers.entries()) expect(atLeastAsRestricted(tlp, than)).toBe(i >= j)
  }
})

test('all but clear are restricted', () => {
  expect(['clear', ...restrictedTiers]).toEqual(tiers)
})

test('labels are written as TLP 2.0 writes them', () => {
  expect(tiers.map(tlpLabel)).toEqual(['TLP:CLEAR', 'TLP:GREEN', 'TLP:AMBER', 'TLP:AMBER+STRICT', 'TLP:RED'])
})

test.each(['white', 'CLEAR', 'TLP:CLEAR', 'amber-strict', '', null])('%s is no tier', tlp => {
  expect(Tlp.safeParse(tlp).success).toBe(false)
})
