import {
  type Audience,
  type RestrictedTlp,
  audienceName,
  restrictedTiers,
  tlpLabel,
  withoutKey,
} from '@chancery/protocol'
import type { Session } from './session.ts'

/** Whoever is meant and left out is named before anything leaves this machine. */
export function warnOfLeftOut(
  { world, mirror, keys }: Session,
  audiences: readonly Audience[],
  when: { readonly size: number; readonly moment: number },
): void {
  const each = new Map(audiences.map(one => [audienceName(one), one]))
  for (const { tlp, releasable_to } of each.values()) {
    const tier = restrictedTiers.find((one): one is RestrictedTlp => one === tlp)
    if (tier === undefined) continue
    const without = withoutKey(mirror.charter, tier, releasable_to, when).filter(id => id !== keys.member)
    for (const id of without)
      world.warn(`${id} has no key in force for ${tlpLabel(tier)}: its tear lines are not sealed to it`)
  }
}
