import type { z } from 'zod'
import type { Kind, KindName } from './kind.ts'
import { attributionKinds } from './kinds/attribution.ts'
import { calloutKinds } from './kinds/callout.ts'
import { charterKinds } from './kinds/charter.ts'
import { deliveryKinds } from './kinds/delivery.ts'
import { heartbeatKinds } from './kinds/heartbeat.ts'
import { keyKinds } from './kinds/keys.ts'
import { mandateKinds } from './kinds/mandates.ts'
import { releaseControlKinds } from './kinds/release-control.ts'

/** THE table: every kind of statement, family by family. spec/05-kinds.md#table */
export const kinds = {
  ...charterKinds,
  ...keyKinds,
  ...mandateKinds,
  ...attributionKinds,
  ...calloutKinds,
  ...releaseControlKinds,
  ...deliveryKinds,
  ...heartbeatKinds,
} as const satisfies Record<KindName, unknown>

export type BodyOf<Name extends KindName> = z.infer<(typeof kinds)[Name]['body']>

export const isKind = (name: string): name is KindName => Object.hasOwn(kinds, name)

/** The row of a kind, its body type set aside: generic code checks bodies by the row's own schema. */
export const kindOf = (name: KindName): Kind => kinds[name] as unknown as Kind
