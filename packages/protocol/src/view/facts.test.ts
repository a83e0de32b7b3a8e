import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { tiers } from '../charter/tiers.ts'
import { isAllowed } from '../sharing/decide.ts'
import { type Handling, brokenLaw, permittedActions, tooOpenIn, underStatement } from '../sharing/handling.ts'
import { type Reader, readerForms } from '../sharing/reader.ts'
import { actions } from '../sharing/rules.ts'
import { subjectsOf } from './facts.ts'
import { type ControlAct, foldControl } from './release-control.ts'

const time = fc.record({
  at: fc.constantFrom('2030-01-01T00:00:00Z', '2030-01-02T00:00:00Z'),
  size: fc.integer({ min: 0, max: 9 }),
})
const handling: fc.Arbitrary<Handling> = fc
  .record(
    {
      affected_party_notifications: fc.constant('must-not' as const),
      declassify_on: time,
      embargo_until: time,
      originator_consent: fc.constant(true as const),
      permitted_actions: fc.constantFrom(...permittedActions),
      releasable_to: fc.subarray(['a', 'b', 'c'], { minLength: 1 }),
      tlp: fc.constantFrom(...tiers),
    },
    { requiredKeys: ['tlp'] },
  )
  .filter(marking => brokenLaw(marking) === undefined)
const pair = fc
  .tuple(handling, handling)
  .map(([whole, slot]) => [whole, underStatement(slot, whole)] as const)
  .filter(([whole, slot]) => brokenLaw(slot) === undefined && tooOpenIn(slot, whole) === undefined)

const reader: fc.Arbitrary<Reader> = fc.record({
  as: fc.constantFrom(...readerForms.filter(form => form !== 'anyone')),
  coa: fc.constant('ours'),
  member: fc.constantFrom('a', 'b', 'c', null),
  roles: fc.constant(['member' as const]),
  clearance: fc.constantFrom(...tiers),
})
const now = fc.record({
  size: fc.integer({ min: 8, max: 12 }),
  moment: fc.constantFrom(0, 1_893_456_000, 1_893_600_000),
})
const slots = fc.option(fc.constant(['x']), { nil: undefined })
const opening = fc.record({ to: fc.constantFrom(...tiers), slots }).map(body => ({ kind: 'tearline.open', body }))
const granting = fc
  .record({
    actions: fc.subarray([...actions], { minLength: 1 }),
    mode: fc.constantFrom('disclosure', 'release'),
    recipient: fc.constantFrom('b', 'c'),
    slots,
    to: fc.constantFrom('b', 'c'),
    until: time,
    uses: fc.constantFrom('once', 'until'),
  })
  .map(body => ({ kind: 'release.grant', body }))

/** Statements about `s`, which is by `a`: by its originator, or by one that would like to be. */
const acts = (by: fc.Arbitrary<string>) =>
  fc.array(fc.tuple(fc.oneof(opening, granting), by), { maxLength: 6 }).map(all =>
    all.map(([{ kind, body }, iss], index) => {
      const act = { kind, iss, index, sid: `${index}`, iat: 0, exercise: false, body: { ...body, sid: 's' } }
      return act as unknown as ControlAct
    }),
  )
const factsOf = (all: readonly ControlAct[], at: { size: number; moment: number }) => ({
  control: foldControl(all, () => ({ iss: 'a', exercise: false }), at),
  released: new Map(),
  at,
})
const marked = (whole: Handling, slot: Handling) => ({
  sid: 's',
  claims: { coa: 'ours', iss: 'a', handling: whole, tear: { x: { _sd: ['d'], ...slot } } },
})
const asking = fc.record({ reader: fc.constantFrom('b', 'c', 'd'), towards: fc.constantFrom('b', 'c', undefined) })

describe('a tear line', () => {
  test('is never more open than its statement, whatever has been opened and granted', () => {
    fc.assert(
      fc.property(
        pair,
        reader,
        fc.constantFrom(...actions),
        now,
        acts(fc.constant('a')),
        asking,
        (on, who, action, at, all, by) => {
          const [whole, slot] = subjectsOf(marked(...on), factsOf(all, at), by)
          const may = (part: typeof whole) => part !== undefined && isAllowed(part.subject, who, action, at)
          expect(!may(slot) || may(whole)).toBe(true)
        },
      ),
      { numRuns: 1_000 },
    )
  })
})

describe('a statement', () => {
  test('hostile cases 31 and 32: is opened and granted by its originator alone, whatever others say', () => {
    const others = acts(fc.constantFrom('b', 'c'))
    fc.assert(
      fc.property(pair, now, others, asking, (on, at, all, by) => {
        expect(subjectsOf(marked(...on), factsOf(all, at), by)).toEqual(subjectsOf(marked(...on), factsOf([], at), by))
      }),
    )
  })
  test('is no more open, nor a tear line of it, than the widest tier its author has opened it to', () => {
    fc.assert(
      fc.property(pair, now, acts(fc.constant('a')), (on, at, all) => {
        const closed = subjectsOf(marked(...on), factsOf([], at), { reader: 'd' })
        const after = subjectsOf(marked(...on), factsOf(all, at), { reader: 'd' })
        const rank = (tier: (typeof tiers)[number]) => tiers.indexOf(tier)
        const opened = all.filter(({ kind }) => kind === 'tearline.open').map(act => (act.body as { to: 'red' }).to)
        for (const [i, { subject }] of after.entries()) {
          const least = Math.min(...[on[0].tlp, closed[i]?.subject.handling.tlp ?? 'red', ...opened].map(rank))
          expect(rank(subject.opened ?? subject.handling.tlp)).toBeGreaterThanOrEqual(least)
        }
      }),
    )
  })
})
