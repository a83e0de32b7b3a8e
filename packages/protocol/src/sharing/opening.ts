import { type Tlp, atLeastAsRestricted } from '../charter/tiers.ts'
import type { Handling, Now } from './handling.ts'
import { type Subject, caseOf } from './rules.ts'

/** What chooses the readers of a text, beside its tier: what an opening lifts. */
const choosing = ['affected_party_notifications', 'embargo_until', 'originator_consent', 'releasable_to'] as const

/**
 * A tear line that its author has opened to a tier: as open as that, and never more open than the statement it was torn
 * from. What chose its readers gives way to what still chooses those of the statement; what was said of use stays.
 */
export function openedSlot(slot: Subject, statement: Subject, to: Tlp, at: Now): Subject {
  const now = caseOf(statement, slotReader, { action: 'see', at })
  const tier = atLeastAsRestricted(to, now.tier) ? to : now.tier
  if (!atLeastAsRestricted(slot.handling.tlp, tier)) return slot
  if (now.lifted) return { ...slot, opened: tier }
  return { ...slot, handling: { ...without(slot.handling), ...chosenBy(statement.handling), tlp: tier } }
}

const slotReader = { as: 'anyone', coa: null, member: null, roles: [], clearance: 'clear' } as const

function without(handling: Handling): Omit<Handling, (typeof choosing)[number]> {
  const left: Partial<Handling> & Pick<Handling, 'tlp'> = { ...handling }
  for (const name of choosing) delete left[name]
  return left
}

const chosenBy = (handling: Handling): Partial<Handling> =>
  Object.fromEntries(choosing.flatMap(name => (handling[name] === undefined ? [] : [[name, handling[name]]])))
