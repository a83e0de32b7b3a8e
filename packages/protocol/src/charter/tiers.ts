import { z } from 'zod'

/** TLP 2.0 labels, least restricted first: spec/01-terms.md#tlp. Any other label is refused. */
export const tiers = ['clear', 'green', 'amber', 'amber+strict', 'red'] as const
export const Tlp = z.enum(tiers)
export type Tlp = z.infer<typeof Tlp>

/** Tiers that are not open to anyone. */
export type RestrictedTlp = Exclude<Tlp, 'clear'>
export const restrictedTiers = ['green', 'amber', 'amber+strict', 'red'] as const satisfies readonly RestrictedTlp[]

export const atLeastAsRestricted = (tlp: Tlp, than: Tlp): boolean => tiers.indexOf(tlp) >= tiers.indexOf(than)

/** As TLP 2.0 writes its labels. */
export const tlpLabel = (tlp: Tlp): string => `TLP:${tlp.toUpperCase()}`
