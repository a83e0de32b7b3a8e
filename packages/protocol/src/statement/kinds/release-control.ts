import { z } from 'zod'
import { Tlp } from '../../charter/tiers.ts'
import { LogTime } from '../../sharing/handling.ts'
import { type Action, actions } from '../../sharing/rules.ts'
import { assert } from '../../wire/failure.ts'
import { limits } from '../../wire/limits.ts'
import { Label, Line, MemberId, Sid, Text, ascending } from '../../wire/shapes.ts'
import { type Kind, type Referred, kind } from '../kind.ts'
import { type Asked, grantsNoMore, isReader, mayRead } from './parties.ts'

/** Tear lines by label. Absent, where it may be: the statement itself and none of them. */
const Slots = z.array(Label).min(1).max(limits.slotsMax)

/** Modes of ICD 403, the narrower first: shown and no copy kept, or a copy to keep. */
export const releaseModes = ['disclosure', 'release'] as const

/** What is asked for and what is granted, in the same words: spec/05-kinds.md#release-request. */
const scope = {
  actions: z.array(z.enum(actions)).min(1).max(actions.length),
  mode: z.enum(releaseModes),
  purpose: Text,
  /** A reader by its name: spec/11-handling.md#readers. */
  recipient: Line,
  sid: Sid,
  slots: Slots.optional(),
  until: LogTime,
}

export const RequestBody = z.strictObject({ ...scope, accepts: Sid.optional() })
export type RequestBody = z.infer<typeof RequestBody>

export const GrantBody = z.strictObject({
  ...scope,
  request: Sid.optional(),
  to: MemberId,
  uses: z.enum(['once', 'until']),
})
export type GrantBody = z.infer<typeof GrantBody>

export const DenyBody = z.strictObject({ reason: Text, request: Sid })
export type DenyBody = z.infer<typeof DenyBody>
export const ConditionBody = z.strictObject({
  demands: z.enum(['sanitise', 'paraphrase', 'downgrade']),
  request: Sid,
  text: Text,
})
export type ConditionBody = z.infer<typeof ConditionBody>
export const RevokeBody = z.strictObject({ grant: Sid, reason: Text })
export type RevokeBody = z.infer<typeof RevokeBody>
export const UseBody = z.strictObject({ action: z.enum(actions), grant: Sid, purpose: Text })
export type UseBody = z.infer<typeof UseBody>

export const OpenBody = z.strictObject({ sid: Sid, slots: Slots.optional(), to: Tlp })
export type OpenBody = z.infer<typeof OpenBody>

type Scope = Pick<RequestBody, 'actions' | 'recipient' | 'slots'>

const scopeLaws = [
  { at: '/actions', says: 'sorted, none twice', holds: ({ actions: list }: Scope) => ascending(list) },
  { at: '/slots', says: 'sorted, none twice', holds: ({ slots = [] }: Scope) => ascending(slots) },
  {
    at: '/recipient',
    says: 'what is published is for anyone',
    holds: ({ actions: list, recipient }: Scope) => !list.includes('publish') || recipient === 'anyone',
  },
]

const none = 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'
const asked = {
  sid: none,
  recipient: 'member-id',
  actions: ['forward'] as Action[],
  mode: 'release' as const,
  purpose: 'What for',
  until: { at: '2030-01-01T00:00:00Z', size: 10_000 },
}

export const releaseControlKinds = {
  /** spec/05-kinds.md#release-request */
  'release.request': kind<RequestBody>({
    title: 'Request for release',
    issuers: ['member'],
    use: 'sign',
    body: RequestBody,
    slot: null,
    refs: ({ sid, accepts }) => [
      { sid, at: '/sid', kind: null },
      ...(accepts === undefined ? [] : [{ sid: accepts, at: '/accepts', kind: 'release.condition' as const }]),
    ],
    laws: scopeLaws,
    relates: ({ iss, body, find, charter, handling }) => {
      const originator = find(body.sid)?.iss ?? ''
      if (originator === iss) return { at: '/sid', says: 'its originator asks nobody' }
      if (!isReader(charter, body.recipient)) return { at: '/recipient', says: 'the charter knows no such reader' }
      if (!mayRead({ charter, iss, handling }, originator))
        return { at: '/sid', says: 'its originator may not read this' }
      if (body.accepts === undefined) return undefined
      const earlier = find(bodyOf<ConditionBody>(find(body.accepts)).request)
      const same = earlier?.iss === iss && (earlier.body as RequestBody).sid === body.sid
      return same ? undefined : { at: '/accepts', says: 'it is no condition on a request of this member for it' }
    },
    template: asked,
  }),

  /** spec/05-kinds.md#release-grant */
  'release.grant': kind<GrantBody>({
    title: 'Grant of release',
    issuers: ['member'],
    use: 'sign',
    body: GrantBody,
    slot: null,
    refs: ({ sid, request }) => [
      { sid, at: '/sid', kind: null },
      ...(request === undefined ? [] : [{ sid: request, at: '/request', kind: 'release.request' as const }]),
    ],
    laws: scopeLaws,
    relates: ({ iss, body, find, charter, handling }) => {
      if (find(body.sid)?.iss !== iss) return { at: '/sid', says: 'only its originator grants' }
      const marked = { charter, iss, handling }
      if (body.to === iss || !mayRead(marked, body.to)) return { at: '/to', says: 'another member, who may read this' }
      if (!mayRead(marked, body.recipient)) return { at: '/recipient', says: 'a reader, who may read this' }
      const request = body.request === undefined ? undefined : find(body.request)
      const within = request === undefined || (request.iss === body.to && grantsNoMore(body, request.body as Asked))
      return within ? undefined : { at: '/request', says: 'grants to another, or more than was asked' }
    },
    template: { ...asked, to: 'member-id', uses: 'once' },
  }),

  /** spec/05-kinds.md#release-deny */
  'release.deny': kind<DenyBody>({
    title: 'Denial of release',
    issuers: ['member'],
    use: 'sign',
    body: DenyBody,
    slot: null,
    refs: ({ request }) => [{ sid: request, at: '/request', kind: 'release.request' }],
    laws: [],
    relates: input => answersRequest(input, input.body.request),
    template: { request: none, reason: 'Why' },
  }),

  /** spec/05-kinds.md#release-condition */
  'release.condition': kind<ConditionBody>({
    title: 'Condition of release',
    issuers: ['member'],
    use: 'sign',
    body: ConditionBody,
    slot: null,
    refs: ({ request }) => [{ sid: request, at: '/request', kind: 'release.request' }],
    laws: [],
    relates: input => answersRequest(input, input.body.request),
    template: { request: none, demands: 'sanitise', text: 'What has to be done to it first' },
  }),

  /** spec/05-kinds.md#release-revoke */
  'release.revoke': kind<RevokeBody>({
    title: 'Revocation of a grant',
    issuers: ['member'],
    use: 'sign',
    body: RevokeBody,
    slot: null,
    refs: ({ grant }) => [{ sid: grant, at: '/grant', kind: 'release.grant' }],
    laws: [],
    relates: ({ iss, body, find, ...marked }) => {
      const grant = find(body.grant)
      if (grant?.iss !== iss) return { at: '/grant', says: 'who granted revokes' }
      const { to, recipient } = bodyOf<GrantBody>(grant)
      const reaches = [to, recipient].every(name => mayRead({ iss, ...marked }, name))
      return reaches ? undefined : { at: '/grant', says: 'whom it was granted to, and its recipient, may read this' }
    },
    template: { grant: none, reason: 'Why' },
  }),

  /** spec/05-kinds.md#release-use */
  'release.use': kind<UseBody>({
    title: 'Use of a grant',
    issuers: ['member'],
    use: 'sign',
    body: UseBody,
    slot: null,
    refs: ({ grant }) => [{ sid: grant, at: '/grant', kind: 'release.grant' }],
    laws: [],
    relates: ({ iss, body, find, ...marked }) => {
      const grant = find(body.grant)
      const { to, recipient, actions: granted } = bodyOf<GrantBody>(grant)
      if (to !== iss) return { at: '/grant', says: 'it was granted to another' }
      if (!granted.includes(body.action)) return { at: '/action', says: 'the grant is not for that' }
      const reaches = [grant?.iss ?? '', recipient].every(name => mayRead({ iss, ...marked }, name))
      return reaches ? undefined : { at: '/grant', says: 'who granted it, and its recipient, may read this' }
    },
    template: { grant: none, action: 'forward', purpose: 'To whom it went, and what for' },
  }),

  /** spec/05-kinds.md#tearline-open */
  'tearline.open': kind<OpenBody>({
    title: 'Opening',
    issuers: ['member'],
    use: 'sign',
    body: OpenBody,
    slot: null,
    refs: ({ sid }) => [{ sid, at: '/sid', kind: null }],
    laws: [{ at: '/slots', says: 'sorted, none twice', holds: ({ slots = [] }) => ascending(slots) }],
    relates: ({ iss, body, find, handling }) => {
      if (find(body.sid)?.iss !== iss) return { at: '/sid', says: 'only its author opens it' }
      const same = handling.tlp === body.to && handling.releasable_to === undefined
      return same ? undefined : { at: '/to', says: 'an opening is itself for all of the tier to which it opens' }
    },
    template: { sid: none, to: 'green' },
  }),
} as const

/** A reference has been looked up before a law asks for it; its kind fixes its body. */
function bodyOf<Body>(referred: Referred | undefined): Body {
  assert(referred !== undefined, 'a law is asked once its references are found')
  return referred.body as Body
}

type Answering = Parameters<NonNullable<Kind<unknown>['relates']>>[0]

/** What the originator says to a request, its requester may read. */
function answersRequest({ iss, find, charter, handling }: Answering, sid: string) {
  const request = find(sid)
  const statement = find(bodyOf<RequestBody>(request).sid)
  if (statement?.iss !== iss) return { at: '/request', says: 'only the originator of what is asked for answers' }
  const reaches = mayRead({ charter, iss, handling }, request?.iss ?? '')
  return reaches ? undefined : { at: '/request', says: 'who asked may not read this' }
}
