import { type Made, isDisputedAt } from '@chancery/protocol'
import { expect, test } from 'vitest'

const wide = 24

/** Layers, each of which says all of the layer before it again, by a key that is compromised in its turn. */
test('statements that speak of one another in layers are judged once each', () => {
  const disputes: { kid: string; since: number; by: Made }[] = []
  const reaffirmed = new Map<string, Made[]>()
  let index = 0
  const made = (sid: string, kid: string): Made => ({ sid, iss: 'aldova', kid, index: index++ })
  const first = made('said', 'k0')
  let layer = [first]
  for (let depth = 0; depth < 10; depth++) {
    disputes.push({ kid: `k${depth}`, since: 0, by: made(`revoke ${depth}`, 'root') })
    const next = Array.from({ length: wide }, (_, i) => made(`${depth}/${i}`, `k${depth + 1}`))
    for (const { sid } of layer) reaffirmed.set(sid, next)
    layer = next
  }
  // The newest layer stands, so every one before it does; when its key falls too, none does.
  expect(isDisputedAt({ disputes, reaffirmed }, first, index)).toBe(false)
  disputes.push({ kid: 'k10', since: 0, by: made('revoke 10', 'root') })
  expect(isDisputedAt({ disputes, reaffirmed }, first, index)).toBe(true)
})
