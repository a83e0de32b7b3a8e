import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { roles } from '../charter/charter.ts'
import { type Tlp, restrictedTiers, tiers } from '../charter/tiers.ts'
import { bySize, decide, fromTheStart, isAllowed, slotsOf, subjectOf } from './decide.ts'
import {
  type Handling,
  Handling as Shape,
  brokenLaw,
  hasPassed,
  legalUses,
  papLabels,
  permittedActions,
  tooOpenIn,
  underStatement,
} from './handling.ts'
import { type Reader, readerForms } from './reader.ts'
import { type Action, type Subject, actions, rules } from './rules.ts'

const instants = ['2030-01-01T00:00:00Z', '2030-01-02T00:00:00Z', '2030-01-03T00:00:00Z']
const begins = 1_893_456_000
const time = fc.record({ at: fc.constantFrom(...instants), size: fc.integer({ min: 0, max: 3 }) })
const ids = fc.subarray(['a', 'b', 'c'], { minLength: 1 })
const rare = { requiredKeys: ['tlp'] as 'tlp'[] }

const handling: fc.Arbitrary<Handling> = fc.record(
  {
    affected_party_notifications: fc.constantFrom('may', 'must-not'),
    chatham_house: fc.constant(true as const),
    declassify_on: time,
    embargo_until: time,
    legal_use: fc.constantFrom(...legalUses),
    originator_consent: fc.constant(true as const),
    pap: fc.constantFrom(...papLabels),
    permitted_actions: fc.constantFrom(...permittedActions),
    provider_attribution: fc.constantFrom('may', 'must', 'must-not'),
    releasable_to: ids,
    tlp: fc.constantFrom(...tiers),
  },
  rare,
)
const lawful = handling.filter(marking => brokenLaw(marking) === undefined)
const reader: fc.Arbitrary<Reader> = fc
  .record({
    as: fc.constantFrom(...readerForms),
    coa: fc.constantFrom('ours', 'theirs', null),
    member: fc.constantFrom('a', 'b', 'c', null),
    roles: fc.subarray([...roles]),
    clearance: fc.constantFrom(...tiers),
  })
  .map(who => (who.as === 'anyone' ? { ...who, coa: null, member: null, clearance: 'clear' } : who))
const now = fc.record({ size: fc.integer({ min: 0, max: 4 }), moment: fc.constantFrom(0, begins, begins + 90_000) })
const action = fc.constantFrom(...actions)
const of = (marking: Handling): Subject => ({ coa: 'ours', iss: 'a', handling: marking })

describe('a decision', () => {
  test('is made for every question, by a rule for that action, in words', () => {
    fc.assert(
      fc.property(handling, reader, action, now, (marking, who, asked, at) => {
        const { decision, rule, why } = decide(of(marking), who, asked, at)
        const decided = rules.find(({ id }) => id === rule)
        expect(decided).toMatchObject({ answer: decision, says: why })
        expect(decided?.actions).toContain(asked)
      }),
    )
  })
  test('on a tear line never allows what is denied on its statement', () => {
    const pair = fc.tuple(lawful, lawful).map(([over, slot]) => [over, { ...underStatement(slot, over) }] as const)
    fc.assert(
      fc.property(pair, reader, action, now, ([over, slot], who, asked, at) => {
        fc.pre(brokenLaw(slot) === undefined && tooOpenIn(slot, over) === undefined)
        expect(!isAllowed(of(slot), who, asked, at) || isAllowed(of(over), who, asked, at)).toBe(true)
      }),
      { numRuns: 2_000 },
    )
  })
  test('that allows goes on allowing as the log grows and the clock runs', () => {
    fc.assert(
      fc.property(lawful, reader, action, now, fc.nat(3), fc.nat(99_999), (marking, who, asked, at, grown, passed) => {
        const later = { size: at.size + grown, moment: at.moment + passed }
        expect(!isAllowed(of(marking), who, asked, at) || isAllowed(of(marking), who, asked, later)).toBe(true)
      }),
    )
  })
  test('allows a reader of a higher clearance no less', () => {
    fc.assert(
      fc.property(lawful, reader, action, now, fc.constantFrom(...tiers), (marking, who, asked, at, higher) => {
        fc.pre(tiers.indexOf(higher) >= tiers.indexOf(who.clearance))
        const above = { ...who, clearance: higher }
        expect(!isAllowed(of(marking), who, asked, at) || isAllowed(of(marking), above, asked, at)).toBe(true)
      }),
    )
  })
  test('never lets anyone have what is not open, whatever else is said of it', () => {
    const restricted = fc.tuple(lawful, fc.constantFrom(...restrictedTiers))
    fc.assert(
      fc.property(restricted, reader, action, ([marking, tlp], who, asked) => {
        fc.pre(who.as === 'anyone' || who.coa !== 'ours')
        expect(isAllowed(of({ ...marking, tlp }), who, asked, fromTheStart)).toBe(false)
      }),
    )
  })
  test('is made by each rule for some question, but for the last, which none reaches', () => {
    const body = { as: 'body', coa: 'ours', member: 'c', roles: [], clearance: 'red' } as const
    const used = new Set(
      everyQuestion().flatMap(([subject, who, asked]) =>
        [undefined, body].map(towards => decide(subject, who, asked, fromTheStart, towards).rule),
      ),
    )
    expect(rules.map(({ id }) => id).filter(id => !used.has(id))).toEqual(['no-rule'])
  })
  test('needs the size and the moment, and who has no clock goes by size', () => {
    const end = { at: '2030-01-01T00:00:00Z', size: 5 }
    expect(hasPassed(end, { size: 5, moment: begins })).toBe(true)
    expect(hasPassed(end, { size: 4, moment: begins })).toBe(false)
    expect(hasPassed(end, { size: 5, moment: begins - 1 })).toBe(false)
    expect(hasPassed(end, bySize(5))).toBe(true)
    expect(hasPassed(end, fromTheStart)).toBe(false)
  })
})

describe('a rule', () => {
  test('has a name of its own and words', () => {
    expect(new Set(rules.map(({ id }) => id)).size).toBe(rules.length)
    expect(rules.filter(({ says }) => says.trim() === '')).toEqual([])
  })
})

describe('a marking', () => {
  const green: Handling = { tlp: 'green' }
  test('is closed: a member or a label that nobody knows is refused', () => {
    const holds = (more: object) => Shape.safeParse({ ...green, ...more }).success
    expect([{}, { pap: 'red' }, { legal_use: 'ask' }].map(holds)).toEqual([true, true, true])
    expect([{ colour: 'x' }, { pap: 'white' }, { tlp: 'GREEN' }, { releasable_to: [] }].some(holds)).toBe(false)
  })
  test('is taken over by a tear line where its author says nothing else', () => {
    const over: Handling = {
      ...green,
      pap: 'red',
      releasable_to: ['a'],
      declassify_on: { at: '2030-01-01T00:00:00Z', size: 1 },
    }
    expect(underStatement({ tlp: 'red', releasable_to: ['b'] }, over)).toEqual({
      pap: 'red',
      releasable_to: ['b'],
      tlp: 'red',
    })
  })
  test('is as restricted as itself', () => {
    const restricted = lawful.filter(({ tlp }) => tlp !== 'clear')
    fc.assert(fc.property(restricted, marking => tooOpenIn(marking, marking) === undefined))
  })
  test('is found on the statement, and on each slot without its digest', () => {
    const claims = {
      coa: null,
      iss: 'a',
      handling: green,
      tear: { x: { _sd: ['d'], tlp: 'red' as Tlp, pap: 'red' as const } },
    }
    expect(subjectOf({ sid: 's', claims })).toEqual({ coa: 's', iss: 'a', handling: green, opened: undefined })
    expect(slotsOf({ sid: 's', claims })).toEqual([['x', { coa: 's', iss: 'a', handling: { tlp: 'red', pap: 'red' } }]])
  })
})

/** Each thing that can be said, alone, of each tier, to each reader, for each action. */
function everyQuestion(): (readonly [Subject, Reader, Action])[] {
  const later = { at: '2031-01-01T00:00:00Z', size: 9 }
  const markings: Omit<Handling, 'tlp'>[] = [
    {},
    { affected_party_notifications: 'must-not' },
    { chatham_house: true },
    { embargo_until: later },
    { legal_use: 'allow' },
    { legal_use: 'deny' },
    { originator_consent: true },
    { pap: 'red' },
    { permitted_actions: 'none' },
    { permitted_actions: 'contact-for-instruction' },
    { permitted_actions: 'internally-visible-actions' },
    { provider_attribution: 'must' },
    { provider_attribution: 'must-not' },
    { releasable_to: ['c'] },
  ]
  const readers = readerForms.flatMap(as =>
    (['green', 'red'] as const).flatMap(clearance =>
      [[], ['member' as const]].map(
        held => ({ as, coa: 'ours', member: 'b', roles: held, clearance }) satisfies Reader,
      ),
    ),
  )
  const everyone: Reader[] = [...readers, ...readers.map(who => ({ ...who, coa: 'theirs' }))]
  const author: Reader = { as: 'member', coa: 'ours', member: 'a', roles: ['member'], clearance: 'red' }
  return tiers.flatMap(tlp =>
    markings.flatMap(marking =>
      [...everyone, author].flatMap(who =>
        actions.flatMap(asked => [
          [of({ ...marking, tlp }), who, asked] as const,
          [{ ...of({ ...marking, tlp }), granted: [asked] }, who, asked] as const,
        ]),
      ),
    ),
  )
}
