import { type Tlp, atLeastAsRestricted } from '../charter/tiers.ts'
import { foldCallOuts } from './call-out.ts'
import type { LogView, Placed } from './call-out-state.ts'

/**
 * The tier to which a valid release has opened a statement: the release's own, for the proposal, the text and the joins
 * that it lists. What several releases open is open to the widest of their tiers.
 */
export function openedByReleases(placed: readonly Placed[], view: LogView): ReadonlyMap<string, Tlp> {
  const markings = new Map(placed.map(({ statement: { sid, claims } }) => [sid, claims.handling]))
  const opened = new Map<string, Tlp>()
  for (const { proposal, text, release } of foldCallOuts(placed, view).values()) {
    const marking = release && markings.get(release.sid)
    // A release for some of a tier opens nothing to the tier.
    if (text === undefined || marking === undefined || marking.releasable_to !== undefined) continue
    const { tlp: tier } = marking
    for (const sid of [proposal.sid, text.sid, ...(release?.body.joins ?? [])]) {
      if (atLeastAsRestricted(opened.get(sid) ?? 'red', tier)) opened.set(sid, tier)
    }
  }
  return opened
}
