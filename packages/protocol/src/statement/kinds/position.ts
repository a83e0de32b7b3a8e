import { z } from 'zod'
import { Stance, onScale, stanceAtLeast, stances } from '../../charter/stances.ts'
import { Label, Line, MemberId } from '../../wire/shapes.ts'

/** Two axes and a basis, never one number: spec/05-kinds.md#position. */
export { Stance, onScale, stanceAtLeast, stances }

/** What is named, along the ladder of attribution; `territory` stands beside it and is never a State. */
export const named = [
  'activity',
  'cluster',
  'group',
  'persona',
  'individual',
  'entity',
  'territory',
  'organ',
  'state',
] as const
export const Named = z.enum(named)
export type Named = z.infer<typeof Named>

export const Basis = z.enum([
  'own-assessment',
  'partner-evidence-reviewed',
  'partner-word',
  'public-evidence',
  'none-stated',
])
export const Confidence = z.enum(['low', 'moderate', 'high'])

/** Each yardstick keeps its own words; no term is ever converted into another government's. */
export const Likelihood = z.discriminatedUnion('scale', [
  z.strictObject({
    scale: z.literal('icd203'),
    term: z.enum([
      'almost-no-chance',
      'very-unlikely',
      'unlikely',
      'roughly-even-chance',
      'likely',
      'very-likely',
      'almost-certain',
    ]),
  }),
  z.strictObject({
    scale: z.literal('phia'),
    term: z.enum([
      'remote-chance',
      'highly-unlikely',
      'unlikely',
      'realistic-possibility',
      'likely',
      'highly-likely',
      'almost-certain',
    ]),
  }),
  z.strictObject({
    scale: z.literal('fr'),
    term: z.enum([
      'presque-aucune-chance',
      'probablement-pas',
      'chances-à-peu-près-egales',
      'probable',
      'quasi-certaine',
    ]),
  }),
  z.strictObject({ scale: z.literal('other'), term: Line }),
])

/** One member's position on one claim, in its own words and on its own scale. */
export const Position = z.strictObject({
  attributed_by: MemberId.optional(),
  basis: Basis,
  claim: Label,
  confidence: Confidence.optional(),
  likelihood: Likelihood.optional(),
  named: Named,
  stance: Stance,
})
export type Position = z.infer<typeof Position>

const namedRank: Readonly<Record<Named, number>> = {
  activity: 1,
  cluster: 2,
  group: 3,
  persona: 4,
  individual: 4,
  entity: 5,
  territory: 0,
  organ: 6,
  state: 7,
}

export const namedAtLeast = (what: Named, min: Named): boolean =>
  namedRank[what] > 0 && namedRank[min] > 0 && namedRank[what] >= namedRank[min]

export const Authority = z.strictObject({
  level: z.enum([
    'head-of-state-or-government',
    'foreign-minister',
    'mfa',
    'other-minister',
    'cabinet',
    'intelligence-agency',
    'cybersecurity-agency',
    'csirt',
    'law-enforcement',
    'prosecutor',
    'sanctions-authority',
    'armed-forces',
    'international-organisation-body',
  ]),
  organ: Line,
})
