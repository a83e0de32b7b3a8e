import { z } from 'zod'
import { limits } from '../../wire/limits.ts'
import {
  Digest,
  Instant,
  Label,
  Lang,
  Line,
  MemberId,
  Sid,
  Size,
  Text,
  ascending,
  distinct,
} from '../../wire/shapes.ts'
import { atLeastAsRestricted } from '../../charter/tiers.ts'
import type { Handling } from '../../sharing/handling.ts'
import { type Broken, type Referred, kind } from '../kind.ts'
import type { AttributionBody } from './attribution.ts'
import { Condition, whyNotCondition } from './condition.ts'
import { Authority, Position } from './position.ts'

const memberIds = z.array(MemberId).max(limits.coalitionMembersMax)

export const ProposeBody = z.strictObject({
  attributions: z.array(Sid).min(1).max(16),
  /** May release or abort in the proposer's place. */
  deputies: memberIds,
  form: z.enum(['common-text', 'parallel-statements', 'co-sealed-advisory', 'endorsement']),
  invitees: memberIds.min(1),
  note: Text.optional(),
  pen_holder: MemberId,
  release_window: z.strictObject({ from: Instant, until: Instant }),
  respond_by: Instant,
  title: Line,
})
export type ProposeBody = z.infer<typeof ProposeBody>

export const TextBody = z.strictObject({
  /** What joiners take a position on: claims of the attributions, under ids of this text. */
  claims: z
    .array(z.strictObject({ attribution: Sid, claim: Label, id: Label }))
    .min(1)
    .max(limits.calloutClaimsMax),
  /** No cut is below this log size, and no release is signed before this moment. */
  deadline: z.strictObject({ at: Instant, size: Size }),
  /** From this log size on nothing can be released any more. */
  lapse: z.strictObject({ size: Size }),
  proposal: Sid,
  /** Equally authentic; all are signed together. */
  texts: z
    .array(z.strictObject({ lang: Lang, text: Text, title: Line }))
    .min(1)
    .max(32),
})
export type TextBody = z.infer<typeof TextBody>

export const JoinBody = z.strictObject({
  authority: Authority,
  interpretive_declaration: Text.optional(),
  positions: z.array(Position).min(1).max(limits.calloutClaimsMax),
  reservations: z.array(z.strictObject({ passage: Line, text: Text })).max(32),
  text: Sid,
  /** Absent: outright. */
  when: Condition.optional(),
})
export type JoinBody = z.infer<typeof JoinBody>

export const DeclineBody = z.strictObject({
  note: Text.optional(),
  reason: z.enum(['no-evidence', 'no-mandate', 'timing', 'legal', 'policy', 'other']),
  text: Sid,
})
export const WithdrawBody = z.strictObject({ join: Sid, reason: Text.optional() })
export type WithdrawBody = z.infer<typeof WithdrawBody>

export const ReleaseBody = z.strictObject({
  cut: z.strictObject({ root: Digest, size: Size }),
  joins: z.array(Sid).min(1).max(limits.coalitionMembersMax),
  released_at: Instant,
  text: Sid,
})
export type ReleaseBody = z.infer<typeof ReleaseBody>

export const AbortBody = z.strictObject({ proposal: Sid, reason: Text })

const none = 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'
const someday = '2030-01-01T00:00:00Z'

export const calloutKinds = {
  /** spec/05-kinds.md#callout-propose */
  'callout.propose': kind<ProposeBody>({
    title: 'Proposal of a call-out',
    issuers: ['coordinator'],
    use: 'sign',
    body: ProposeBody,
    slot: null,
    refs: body => body.attributions.map((sid, i) => ({ sid, at: `/attributions/${i}`, kind: 'attribution.statement' })),
    laws: [
      { at: '/invitees', says: 'sorted ids, none twice', holds: body => ascending(body.invitees) },
      { at: '/deputies', says: 'sorted ids, none twice', holds: body => ascending(body.deputies) },
      { at: '/attributions', says: 'no attribution twice', holds: body => distinct(body.attributions) },
      {
        at: '/release_window',
        says: 'a window ends after it begins',
        holds: ({ release_window: w }) => w.from < w.until,
      },
      {
        at: '/respond_by',
        says: 'answers are due before the window ends',
        holds: b => b.respond_by < b.release_window.until,
      },
    ],
    relates: ({ body, charter }) => {
      const members = new Set(charter.charter.members.map(({ id }) => id))
      const named = [
        ...body.invitees.map((id, i) => ({ id, at: `/invitees/${i}` })),
        ...body.deputies.map((id, i) => ({ id, at: `/deputies/${i}` })),
        { id: body.pen_holder, at: '/pen_holder' },
      ]
      const stranger = named.find(({ id }) => !members.has(id))
      return stranger && { at: stranger.at, says: `${stranger.id} is not a member` }
    },
    template: {
      title: 'One line',
      attributions: [none],
      pen_holder: 'member-id',
      form: 'common-text',
      invitees: ['member-id'],
      deputies: [],
      respond_by: someday,
      release_window: { from: someday, until: '2030-01-02T00:00:00Z' },
    },
  }),

  /** spec/05-kinds.md#callout-text */
  'callout.text': kind<TextBody>({
    title: 'Frozen text of a call-out',
    issuers: ['coordinator', 'pen-holder'],
    use: 'sign',
    body: TextBody,
    slot: null,
    refs: body => [
      { sid: body.proposal, at: '/proposal', kind: 'callout.propose' },
      ...body.claims.map((claim, i) => ({
        sid: claim.attribution,
        at: `/claims/${i}/attribution`,
        kind: 'attribution.statement' as const,
      })),
    ],
    laws: [
      {
        at: '/claims',
        says: 'every claim has an id of its own',
        holds: body => distinct(body.claims.map(({ id }) => id)),
      },
      { at: '/texts', says: 'one text a language', holds: body => distinct(body.texts.map(({ lang }) => lang)) },
      {
        at: '/lapse',
        says: 'a call-out lapses after its deadline',
        holds: body => body.deadline.size < body.lapse.size,
      },
    ],
    relates: ({ iss, body, find }) => {
      const proposal = find(body.proposal)
      if (proposal === undefined || !mayHold(iss, proposal)) {
        return { at: '/proposal', says: 'only the proposer or the pen-holder freezes the text' }
      }
      const { attributions, respond_by } = proposal.body as ProposeBody
      const stray = body.claims.findIndex(claim => !isClaimOf(find(claim.attribution), claim.claim))
      if (stray >= 0) return { at: `/claims/${stray}/claim`, says: 'the attribution makes no such claim' }
      const foreign = body.claims.findIndex(claim => !attributions.includes(claim.attribution))
      if (foreign >= 0) return { at: `/claims/${foreign}/attribution`, says: 'the proposal does not name it' }
      if (body.deadline.at >= respond_by) return undefined
      return { at: '/deadline/at', says: `the invitees were given until ${respond_by}` }
    },
    template: {
      proposal: none,
      texts: [{ lang: 'en', title: 'One line', text: 'What all say together' }],
      claims: [{ id: 'c1', attribution: none, claim: 'c1' }],
      deadline: { size: 900, at: someday },
      lapse: { size: 1000 },
    },
  }),

  /** spec/05-kinds.md#callout-join */
  'callout.join': kind<JoinBody>({
    title: 'Join',
    issuers: ['member'],
    use: 'sign',
    body: JoinBody,
    slot: null,
    refs: body => [{ sid: body.text, at: '/text', kind: 'callout.text' }],
    laws: [
      {
        at: '/positions',
        says: 'one position a claim',
        holds: body => distinct(body.positions.map(({ claim }) => claim)),
      },
      {
        at: '/positions',
        says: 'quoting another is never attributing oneself',
        holds: body =>
          body.positions.every(
            p => p.stance !== 'attributes' || (p.attributed_by === undefined && p.basis !== 'partner-word'),
          ),
      },
      {
        at: '/when',
        says: 'a condition is bounded, counts nobody twice and has its floors on the scales',
        holds: body => body.when === undefined || whyNotCondition(body.when) === undefined,
      },
    ],
    relates: ({ iss, handling, body, find }) => {
      const text = find(body.text)?.body as TextBody
      const claims = new Set(text.claims.map(({ id }) => id))
      const stray = body.positions.findIndex(({ claim }) => !claims.has(claim))
      if (stray >= 0) return { at: `/positions/${stray}/claim`, says: 'the text has no such claim' }
      return tooWide(find(text.proposal), { iss, handling })
    },
    template: {
      text: none,
      authority: { level: 'mfa', organ: 'Ministry of Foreign Affairs' },
      positions: [{ claim: 'c1', stance: 'supports', named: 'organ', basis: 'partner-evidence-reviewed' }],
      reservations: [],
    },
  }),

  /** spec/05-kinds.md#callout-decline */
  'callout.decline': kind<z.infer<typeof DeclineBody>>({
    title: 'Decline',
    issuers: ['member'],
    use: 'sign',
    body: DeclineBody,
    slot: null,
    refs: body => [{ sid: body.text, at: '/text', kind: 'callout.text' }],
    laws: [],
    relates: ({ iss, handling, body, find }) => tooWide(proposalOf(find, body.text), { iss, handling }),
    template: { text: none, reason: 'policy' },
  }),

  /** spec/05-kinds.md#callout-withdraw */
  'callout.withdraw': kind<WithdrawBody>({
    title: 'Withdrawal of a join',
    issuers: ['member'],
    use: 'sign',
    body: WithdrawBody,
    slot: null,
    refs: body => [{ sid: body.join, at: '/join', kind: 'callout.join' }],
    laws: [],
    relates: ({ iss, handling, body, find }) => {
      const join = find(body.join)
      if (join?.iss !== iss) return { at: '/join', says: 'a member withdraws its own join' }
      return tooWide(proposalOf(find, (join.body as JoinBody).text), { iss, handling })
    },
    template: { join: none },
  }),

  /** spec/05-kinds.md#callout-release */
  'callout.release': kind<ReleaseBody>({
    title: 'Release of a call-out',
    issuers: ['member'],
    use: 'sign',
    body: ReleaseBody,
    slot: null,
    refs: body => [
      { sid: body.text, at: '/text', kind: 'callout.text' },
      ...body.joins.map((sid, i) => ({ sid, at: `/joins/${i}`, kind: 'callout.join' as const })),
    ],
    laws: [{ at: '/joins', says: 'sorted, none twice', holds: body => ascending(body.joins) }],
    relates: ({ iss, body, find }) => {
      const text = find(body.text)?.body as TextBody
      return mayClose(iss, find(text.proposal))
        ? undefined
        : { at: '/text', says: 'only the proposer or a deputy releases' }
    },
    template: { text: none, cut: { size: 1, root: none }, joins: [none], released_at: someday },
  }),

  /** spec/05-kinds.md#callout-abort */
  'callout.abort': kind<z.infer<typeof AbortBody>>({
    title: 'Abort of a call-out',
    issuers: ['member'],
    use: 'sign',
    body: AbortBody,
    slot: null,
    refs: body => [{ sid: body.proposal, at: '/proposal', kind: 'callout.propose' }],
    laws: [],
    relates: ({ iss, body, find }) =>
      mayClose(iss, find(body.proposal))
        ? undefined
        : { at: '/proposal', says: 'only the proposer or a deputy aborts' },
    template: { proposal: none, reason: 'Why' },
  }),
} as const

/** spec/08-call-outs.md#answers: who may read an answer before its release, and nobody else. */
export const answerReaders = ({ iss, body }: Pick<Referred, 'iss' | 'body'>, issuer: string): readonly string[] =>
  [...new Set([iss, ...(body as ProposeBody).deputies, issuer])].sort()

/** spec/08-call-outs.md#largest-set: whose answers count, those of whoever proposed among them. */
export const askedBy = ({ iss, body }: Pick<Referred, 'iss' | 'body'>): ReadonlySet<string> =>
  new Set([iss, ...(body as ProposeBody).invitees])

function tooWide(
  proposal: Referred | undefined,
  { iss, handling }: { readonly iss: string; readonly handling: Handling },
): Broken | undefined {
  if (proposal === undefined) return { at: '/text', says: 'its proposal is not on the log' }
  const readers = answerReaders(proposal, iss)
  const named = handling.releasable_to ?? []
  if (named.length !== readers.length || !readers.every((id, i) => id === named[i])) {
    return { in: '/handling', at: '/releasable_to', says: `an answer is for ${readers.join(', ')} until its release` }
  }
  if (atLeastAsRestricted(handling.tlp, proposal.tlp)) return undefined
  return { in: '/handling', at: '/tlp', says: `at least as restricted as its proposal, ${proposal.tlp}` }
}

function proposalOf(find: (sid: string) => Referred | undefined, text: string): Referred | undefined {
  const { body } = find(text) ?? {}
  return find((body as TextBody).proposal)
}

const mayHold = (iss: string, proposal: Referred): boolean =>
  proposal.iss === iss || (proposal.body as ProposeBody).pen_holder === iss

const mayClose = (iss: string, proposal: Referred | undefined): boolean =>
  proposal !== undefined && (proposal.iss === iss || (proposal.body as ProposeBody).deputies.includes(iss))

const isClaimOf = (attribution: Referred | undefined, id: string): boolean =>
  attribution !== undefined && (attribution.body as AttributionBody).claims.some(claim => claim.id === id)
