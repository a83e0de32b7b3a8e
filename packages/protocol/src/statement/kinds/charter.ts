import { z } from 'zod'
import { Charter, NextCharter } from '../../charter/charter.ts'
import { Jwe } from '../../wire/seal.ts'
import { MemberId, Sid, Text } from '../../wire/shapes.ts'
import { kind } from '../kind.ts'

/** The first founding member's adoption carries the charter; every other founder's names it. */
export const AdoptBody = z.union([z.strictObject({ charter: Charter }), z.strictObject({ adopts: Sid })])
export type AdoptBody = z.infer<typeof AdoptBody>

/** spec/03-charter.md#amendment: the next version of the charter, which one it follows, and the tag key for the new. */
export const AmendBody = z.strictObject({ charter: NextCharter, previous: Sid, seal: Jwe.optional() })
export type AmendBody = z.infer<typeof AmendBody>
export const ApproveBody = z.strictObject({ approves: Sid })
export type ApproveBody = z.infer<typeof ApproveBody>
export const AccedeBody = z.strictObject({ accedes: Sid })
export type AccedeBody = z.infer<typeof AccedeBody>
export const SuspendBody = z.strictObject({ member: MemberId, reason: Text })
export type SuspendBody = z.infer<typeof SuspendBody>
export const CloseBody = z.strictObject({ reason: Text })
export type CloseBody = z.infer<typeof CloseBody>
export const LeaveBody = z.strictObject({ reason: Text })
export type LeaveBody = z.infer<typeof LeaveBody>

const templateCharter: NextCharter = {
  amend_threshold: 1,
  clearances: { amber: [], 'amber+strict': [], green: ['borealia'], red: [] },
  default_tlp: 'green',
  entry: 'How a State becomes a member.',
  exit: 'How a member leaves.',
  legal_status: 'not legally binding',
  members: ['borealia'],
  name: 'Name of the coalition',
  organisation: 'What AMBER+STRICT means by one organisation.',
  purpose: 'Why the coalition exists.',
  relay: { origin: 'relay.example/log1', vkey: 'relay.example/log1+00000000+AQ' },
  version: 2,
}
const nothing = 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'
/** What a member does about the charter it does with a root key, in the open. */
const ofCharter = { issuers: ['member'], use: 'root', ofRecord: true, slot: null, laws: [] } as const

export const charterKinds = {
  /** spec/05-kinds.md#charter-adopt. What it refers to is the coalition itself, checked by the charter fold. */
  'charter.adopt': kind<AdoptBody>({
    title: 'Adoption of the charter',
    issuers: ['member'],
    use: 'root',
    ofRecord: true,
    body: AdoptBody,
    slot: null,
    refs: body => ('adopts' in body ? [{ sid: body.adopts, at: '/adopts', kind: 'charter.adopt' }] : []),
    laws: [],
    template: { adopts: nothing },
  }),
  /** spec/05-kinds.md#charter-amend. Its charter is checked by the fold, which knows the one before. */
  'charter.amend': kind<AmendBody>({
    ...ofCharter,
    title: 'Amendment of the charter',
    body: AmendBody,
    refs: ({ previous }) => [{ sid: previous, at: '/previous', kind: null }],
    template: { charter: templateCharter, previous: nothing },
  }),
  /** spec/05-kinds.md#charter-approve */
  'charter.approve': kind<ApproveBody>({
    ...ofCharter,
    title: 'Approval',
    body: ApproveBody,
    refs: ({ approves }) => [{ sid: approves, at: '/approves', kind: null }],
    template: { approves: nothing },
  }),
  /** spec/05-kinds.md#member-accede */
  'member.accede': kind<AccedeBody>({
    ...ofCharter,
    title: 'Accession',
    body: AccedeBody,
    refs: ({ accedes }) => [{ sid: accedes, at: '/accedes', kind: null }],
    template: { accedes: nothing },
  }),
  /** spec/05-kinds.md#member-suspend */
  'member.suspend': kind<SuspendBody>({
    ...ofCharter,
    title: 'Suspension of a member',
    body: SuspendBody,
    refs: () => [],
    template: { member: 'borealia', reason: 'Why its statements are not to count for now.' },
  }),
  /** spec/05-kinds.md#member-withdraw */
  'member.withdraw': kind<LeaveBody>({
    ...ofCharter,
    title: 'Leaving the coalition',
    body: LeaveBody,
    refs: () => [],
    template: { reason: 'Why the member leaves.' },
  }),
  /** spec/05-kinds.md#log-close */
  'log.close': kind<CloseBody>({
    ...ofCharter,
    title: 'Closing of the log',
    body: CloseBody,
    refs: () => [],
    template: { reason: 'Why nothing more is to be said here, and where it goes on.' },
  }),
} as const
