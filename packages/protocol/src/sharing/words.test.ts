import { expect, test } from 'vitest'
import { tiers } from '../charter/tiers.ts'
import { sayHandling } from './words.ts'

test('a tier alone says who may read and that a court is asked for', () => {
  expect(tiers.map(tlp => sayHandling({ tlp }).length)).toEqual([2, 2, 2, 2, 2])
  expect(sayHandling({ tlp: 'clear' })).toEqual(['TLP:CLEAR: anyone may read it', 'in court: allowed'])
  expect(sayHandling({ tlp: 'red' })[1]).toBe('in court: ask the originator')
})

test('every member that is there has its line', () => {
  const time = { at: '2031-01-01T00:00:00Z', size: 9 }
  const lines = sayHandling({
    affected_party_notifications: 'must-not',
    chatham_house: true,
    declassify_on: time,
    embargo_until: time,
    legal_use: 'deny',
    national_marking: { marking: 'GEHEIM', system: 'rule 4' },
    originator_consent: true,
    pap: 'red',
    permitted_actions: 'none',
    provider_attribution: 'must-not',
    releasable_to: ['a', 'b'],
    tlp: 'amber',
  })
  expect(lines).toHaveLength(12)
  expect(lines).toContain('releasable to a, b, and to no other member')
  expect(lines).toContain('opens to anyone at log size 9 and 2031-01-01T00:00:00Z, whichever is later')
})
