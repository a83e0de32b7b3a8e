import { z } from 'zod'
import type { Tlp } from '../../charter/tiers.ts'
import { limits } from '../../wire/limits.ts'
import { Index, Instant, Label, MemberId, Sid, Text, ascending } from '../../wire/shapes.ts'
import { kind } from '../kind.ts'
import { mayRead } from './parties.ts'

const Slots = z.array(Label).max(limits.slotsMax)

export const ReceiptBody = z.strictObject({
  is: z.enum(['delivered', 'read']),
  of: z
    .array(z.strictObject({ sid: Sid, slots: Slots }))
    .min(1)
    .max(64),
})
export type ReceiptBody = z.infer<typeof ReceiptBody>

export const NackBody = z.strictObject({
  code: z.string().regex(/^[a-z]{1,32}\.[a-z-]{1,64}$/, 'a failure code'),
  index: Index,
  sid: Sid.optional(),
})
export type NackBody = z.infer<typeof NackBody>

export const ResendBody = z.strictObject({ nack: Sid.optional(), sid: Sid, slots: Slots, to: MemberId })
export type ResendBody = z.infer<typeof ResendBody>

export const SpillBody = z.strictObject({
  containment: Text,
  discovered_at: Instant,
  how: z.enum(['misdirected', 'over-shared', 'published', 'lost-device', 'intrusion', 'insider', 'unknown']),
  sid: Sid,
  slots: Slots,
  summary: Text,
  to_whom: Text,
})
export type SpillBody = z.infer<typeof SpillBody>

const none = 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'
const sortedSlots = {
  at: '/slots',
  says: 'sorted, none twice',
  holds: ({ slots }: { readonly slots: readonly string[] }) => ascending(slots),
}

/** spec/12-release-control.md#receipts: within how many hours a receipt is owed. Of other tiers none is. */
export const receiptHours: Readonly<Partial<Record<Tlp, number>>> = { amber: 72, 'amber+strict': 24, red: 4 }

/** What became of a delivery. None of these is ever a yes to what was delivered. */
export const deliveryKinds = {
  /** spec/05-kinds.md#receipt */
  receipt: kind<ReceiptBody>({
    title: 'Receipt',
    issuers: ['member'],
    use: 'sign',
    body: ReceiptBody,
    slot: null,
    refs: ({ of }) => of.map(({ sid }, i) => ({ sid, at: `/of/${i}/sid`, kind: null })),
    laws: [
      { at: '/of', says: 'sorted, none twice', holds: ({ of }) => ascending(of.map(({ sid }) => sid)) },
      {
        at: '/of',
        says: 'its slots are sorted, none twice',
        holds: ({ of }) => of.every(({ slots }) => ascending(slots)),
      },
    ],
    relates: ({ iss, body, find, ...marked }) => {
      for (const [i, { sid }] of body.of.entries()) {
        const author = find(sid)?.iss ?? ''
        if (author === iss) return { at: `/of/${i}/sid`, says: 'nobody acknowledges its own words' }
        if (!mayRead({ iss, ...marked }, author)) return { at: `/of/${i}/sid`, says: 'its author may not read this' }
      }
      return undefined
    },
    template: { is: 'delivered', of: [{ sid: none, slots: [] }] },
  }),

  /** spec/05-kinds.md#nack */
  nack: kind<NackBody>({
    title: 'What did not open',
    issuers: ['member'],
    use: 'sign',
    body: NackBody,
    slot: null,
    refs: ({ sid }) => (sid === undefined ? [] : [{ sid, at: '/sid', kind: null }]),
    laws: [],
    relates: ({ iss, body, find, ...marked }) => {
      if (body.sid === undefined) return undefined
      const referred = find(body.sid)
      if (referred?.index !== body.index) return { at: '/index', says: 'it stands elsewhere on the log' }
      return mayRead({ iss, ...marked }, referred.iss)
        ? undefined
        : { at: '/sid', says: 'its author may not read this' }
    },
    template: { index: 0, code: 'seal.not-for-you', sid: none },
  }),

  /** spec/05-kinds.md#resend */
  resend: kind<ResendBody>({
    title: 'Copies once more',
    issuers: ['member'],
    use: 'sign',
    body: ResendBody,
    slot: null,
    refs: ({ sid, nack }) => [
      { sid, at: '/sid', kind: null },
      ...(nack === undefined ? [] : [{ sid: nack, at: '/nack', kind: 'nack' as const }]),
    ],
    laws: [sortedSlots],
    relates: ({ iss, body, find, ...marked }) => {
      if (body.to === iss || !mayRead({ iss, ...marked }, body.to))
        return { at: '/to', says: 'another member, who may read this' }
      const asked = body.nack === undefined ? undefined : find(body.nack)
      const answers = asked === undefined || asked.iss === body.to
      return answers ? undefined : { at: '/nack', says: 'another member has said so' }
    },
    template: { sid: none, slots: [], to: 'member-id', nack: none },
  }),

  /** spec/05-kinds.md#incident-spill */
  'incident.spill': kind<SpillBody>({
    title: 'Notice of a spill',
    issuers: ['member'],
    use: 'sign',
    body: SpillBody,
    slot: null,
    refs: ({ sid }) => [{ sid, at: '/sid', kind: null }],
    laws: [sortedSlots],
    relates: ({ iss, body, find, ...marked }) =>
      mayRead({ iss, ...marked }, find(body.sid)?.iss ?? '')
        ? undefined
        : { at: '/sid', says: 'whose words were spilled may not read this' },
    template: {
      sid: none,
      slots: [],
      summary: 'What happened, without the words that were spilled',
      to_whom: 'Who has had it',
      how: 'misdirected',
      containment: 'What was done',
      discovered_at: '2030-01-01T00:00:00Z',
    },
  }),
} as const
