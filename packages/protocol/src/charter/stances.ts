import { z } from 'zod'

/** How far a member goes: spec/05-kinds.md#position. Strongest first; the last three are off scale. */
export const stances = [
  'attributes',
  'shares-assessment',
  'supports',
  'recognises',
  'acknowledges',
  'in-solidarity',
  'condemns',
  'expresses-concern',
  'co-seals',
  'no-position',
  'dissents',
] as const
export const Stance = z.enum(stances)
export type Stance = z.infer<typeof Stance>

const stanceRank: Readonly<Record<Stance, number>> = {
  attributes: 7,
  'shares-assessment': 6,
  supports: 5,
  recognises: 4,
  acknowledges: 4,
  'in-solidarity': 3,
  condemns: 2,
  'expresses-concern': 1,
  'co-seals': 0,
  'no-position': 0,
  dissents: 0,
}
/** Whether a stance is on the scale at all: a co-seal, a dissent and no position are not government attribution. */
export const onScale = (stance: Stance): boolean => stanceRank[stance] > 0

/** "At least as strong as"; whatever is off the scale never is. */
export const stanceAtLeast = (stance: Stance, min: Stance): boolean =>
  onScale(stance) && onScale(min) && stanceRank[stance] >= stanceRank[min]
