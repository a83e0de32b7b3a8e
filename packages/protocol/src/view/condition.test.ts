import { describe, expect, test } from 'vitest'
import type { Condition } from '../statement/kinds/condition.ts'
import type { Position } from '../statement/kinds/position.ts'
import { holds } from './condition.ts'

const says = (stance: Position['stance'], named: Position['named'] = 'organ', claim = 'c1'): Position => ({
  claim,
  stance,
  named,
  basis: 'own-assessment',
})
const set = new Map<string, readonly Position[]>([
  ['aldova', [says('attributes', 'state')]],
  ['borsk', [says('supports', 'group'), says('condemns', 'state', 'c2')]],
  ['caldria', [says('co-seals', 'state')]],
  ['dorvane', [says('recognises', 'territory')]],
])
const shown = (condition: Condition): boolean => holds(condition, set)

describe('a condition on a set of signatories', () => {
  test('asks for a member by name', () => {
    expect(shown({ member: 'aldova' })).toBe(true)
    expect(shown({ member: 'estmark' })).toBe(false)
  })
  test('counts any signatory where it lists nobody, and only those listed where it does', () => {
    expect(shown({ atLeast: [3] })).toBe(true)
    expect(shown({ atLeast: [4] })).toBe(false)
    expect(shown({ atLeast: [2, 'aldova', 'borsk', 'estmark'] })).toBe(true)
    expect(shown({ atLeast: [3, 'aldova', 'borsk', 'estmark'] })).toBe(false)
  })
  test('joins its parts by all or by any', () => {
    const [met, unmet] = [{ member: 'aldova' }, { member: 'estmark' }]
    expect(shown({ all: [met, met] })).toBe(true)
    expect(shown({ all: [met, unmet] })).toBe(false)
    expect(shown({ any: [unmet, met] })).toBe(true)
    expect(shown({ any: [unmet, unmet] })).toBe(false)
  })
  test('may ask for a stance, and for what is named', () => {
    expect(shown({ member: 'borsk', min_stance: 'supports' })).toBe(true)
    expect(shown({ member: 'borsk', min_stance: 'attributes' })).toBe(false)
    expect(shown({ member: 'aldova', min_named: 'organ' })).toBe(true)
    expect(shown({ atLeast: [2], min_stance: 'acknowledges' })).toBe(true)
    expect(shown({ atLeast: [4], min_stance: 'acknowledges' })).toBe(false)
  })
  test('wants one position that meets stance and object together', () => {
    expect(shown({ member: 'borsk', min_stance: 'supports', min_named: 'state' })).toBe(false)
    expect(shown({ member: 'borsk', min_stance: 'condemns', min_named: 'state' })).toBe(true)
  })
  test('may ask it of one claim', () => {
    expect(shown({ member: 'borsk', claim: 'c2' })).toBe(true)
    expect(shown({ member: 'aldova', claim: 'c2' })).toBe(false)
    expect(shown({ member: 'borsk', claim: 'c2', min_stance: 'supports' })).toBe(false)
  })
  test('never counts an agency that co-seals, even where it asks for no stance', () => {
    expect(shown({ member: 'caldria' })).toBe(false)
    expect(holds({ atLeast: [1] }, new Map([['caldria', [says('no-position'), says('dissents')]]]))).toBe(false)
  })
  test('never takes a territory for a State', () => {
    expect(shown({ member: 'dorvane' })).toBe(true)
    expect(shown({ member: 'dorvane', min_named: 'activity' })).toBe(false)
  })
})
