import { z } from 'zod'
import { Digest, Index, Instant, Label, Line, MemberId, Text, distinct } from '../../wire/shapes.ts'
import { kind } from '../kind.ts'
import { Basis, Confidence, Likelihood, Named, Stance } from './position.ts'

const Incident = z.strictObject({ discovered_at: Instant.optional(), ref: Line, title: Line })

/** Bytes kept elsewhere, bound by a salted digest: spec/04-statements.md#evidence. */
export const Evidence = z.strictObject({
  class: z.enum([
    'tradecraft',
    'infrastructure',
    'malware',
    'intent',
    'victimology',
    'human',
    'signals',
    'financial',
    'legal-process',
    'open-source',
    'admission',
  ]),
  digest: Digest,
  id: Label,
  information_credibility: z.enum(['1', '2', '3', '4', '5', '6']),
  media_type: z.string().regex(/^[a-z0-9.+-]{1,64}\/[a-z0-9.+-]{1,64}(;version=[0-9.]{1,8})?$/),
  obtained_at: Instant.optional(),
  salt: Digest,
  size: Index,
  source_reliability: z.enum(['A', 'B', 'C', 'D', 'E', 'F']),
  stix: z
    .strictObject({
      bundle: Line,
      objects: Index,
      types: z.array(z.strictObject({ count: Index, type: Line })).max(256),
    })
    .optional(),
  title: Line,
})
export type Evidence = z.infer<typeof Evidence>

const Claim = z.strictObject({
  aliases: z
    .array(z.strictObject({ name: Line, source: Line }))
    .max(64)
    .optional(),
  attributed_by: MemberId.optional(),
  basis: Basis,
  confidence: Confidence.optional(),
  evidence: z.array(Label).max(64),
  id: Label,
  likelihood: Likelihood.optional(),
  name: Line,
  named: Named,
  stance: Stance,
})

const arsiwa = z.enum(['4', '5', '6', '7', '8', '9', '10', '11'])
const healey = z.enum([
  'state-prohibited.',
  'state-prohibited-but-inadequate.',
  'state-ignored',
  'state-encouraged',
  'state-shaped',
  'state-coordinated',
  'state-ordered',
  'state-rogue-conducted',
  'state-executed',
  'state-integrated',
])
const norm = z.string().regex(/^[A-Z][A-Za-z0-9-]{1,31}:[A-Za-z0-9()/.-]{1,32}$/, 'like UN-GGE-2015:13(f)')
const NormCitation = z.strictObject({
  breach: z.enum(['contrary-to-norm', 'internationally-wrongful', 'domestic-offence', 'not-characterised']),
  facts: Text.optional(),
  norm,
})

export const AttributionBody = z.strictObject({
  alternatives_considered: z.array(Text).max(32).optional(),
  calls_on: z
    .array(z.enum(['cease', 'assure', 'repair', 'investigate', 'cooperate']))
    .max(5)
    .optional(),
  claims: z.array(Claim).min(1).max(64),
  evidence: z.array(Evidence).max(64),
  gaps: z.array(Text).max(32).optional(),
  harm: Text.optional(),
  incidents: z.array(Incident).min(1).max(64),
  kind: z.enum(['technical', 'political', 'legal']),
  maturity: z.enum(['m0', 'm1', 'm2', 'm3', 'm4', 'm5']).optional(),
  norm_citations: z.array(NormCitation).max(32).optional(),
  prior_notice_to_accused: z.strictObject({ channel: Line, date: Instant }).optional(),
  publicity: z.enum(['private', 'coalition', 'public']),
  responsibility: z.strictObject({ arsiwa, healey: healey.optional() }).optional(),
  summary: Text,
  territorial_only: z.boolean().optional(),
  title: Line,
  victims: z.array(Line).max(64).optional(),
})
export type AttributionBody = z.infer<typeof AttributionBody>

/** What a tear line of an attribution holds: words, and evidence that only its readers learn of. */
export const AttributionSlot = z.strictObject({ evidence: z.array(Evidence).max(64).optional(), text: Text })

export const attributionKinds = {
  /** spec/05-kinds.md#attribution-statement */
  'attribution.statement': kind<AttributionBody>({
    title: 'Attribution',
    issuers: ['member'],
    use: 'sign',
    body: AttributionBody,
    slot: AttributionSlot,
    slice: AttributionSlot,
    refs: () => [],
    laws: [
      {
        at: '/claims',
        says: 'every claim has an id of its own',
        holds: body => distinct(body.claims.map(({ id }) => id)),
      },
      {
        at: '/evidence',
        says: 'every piece of evidence has an id of its own',
        holds: body => distinct(body.evidence.map(({ id }) => id)),
      },
      { at: '/claims', says: 'a claim cites evidence that is listed', holds: citesWhatIsListed },
      {
        at: '/claims',
        says: 'a claim quotes the member that attributes, or attributes itself, not both',
        holds: quotesOrAttributes,
      },
      { at: '/territorial_only', says: 'from a territory is never by its organ or State', holds: staysOnTerritory },
      {
        at: '/evidence',
        says: 'the types of a bundle add up to its objects',
        holds: body => body.evidence.every(addsUp),
      },
    ],
    template: {
      title: 'One line that stands alone',
      summary: 'The widest text: what anyone may read. Nothing in it depends on a tear line.',
      kind: 'political',
      publicity: 'coalition',
      incidents: [{ ref: 'case-1', title: 'What happened, to whom' }],
      claims: [
        {
          id: 'c1',
          named: 'organ',
          name: 'Who is named',
          stance: 'attributes',
          basis: 'own-assessment',
          confidence: 'moderate',
          likelihood: { scale: 'icd203', term: 'likely' },
          evidence: [],
        },
      ],
      evidence: [],
    },
  }),
} as const

function citesWhatIsListed(body: AttributionBody): boolean {
  const listed = new Set(body.evidence.map(({ id }) => id))
  return body.claims.every(claim => claim.evidence.every(id => listed.has(id)))
}

function quotesOrAttributes(body: AttributionBody): boolean {
  return body.claims.every(({ stance, attributed_by }) => stance !== 'attributes' || attributed_by === undefined)
}

function staysOnTerritory(body: AttributionBody): boolean {
  return (
    body.territorial_only !== true || body.claims.every(claim => claim.named !== 'organ' && claim.named !== 'state')
  )
}

function addsUp({ stix }: Evidence): boolean {
  return stix === undefined || stix.types.reduce((sum, { count }) => sum + count, 0) === stix.objects
}
