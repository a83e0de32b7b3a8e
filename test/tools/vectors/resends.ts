import { portableSha256 as sha256, toBase64url, utf8 } from '@chancery/protocol'
import { genesisSid } from './coalition.ts'
import type { VectorCase } from './vector-file.ts'

const id = (name: string) => toBase64url(sha256(utf8(`chancery vectors: resends: ${name}`)))
const begins = 1_924_992_000
const when = (index: number) => begins + 60 * index
const log = { moment: when(100), size: 100 }

type Statement = {
  body: object; exercise: boolean; iat: number; index: number; iss: string; kind: string; sid: string
}
type Handling = Record<string, unknown> & { tlp: string }
const said = (kind: string, index: number, iss: string, body: object): Statement =>
  ({ body, exercise: false, iat: when(index), index, iss, kind, sid: id(`${kind} ${index}`) })

/** Ardenia's: of two tear lines one names its readers, and the other is above what cassia is cleared for. */
const source = said('attribution.statement', 3, 'ardenia', {})
const pair = ['ardenia', 'borealia']
const green: Handling = { tlp: 'green' }
const strict: Handling = { tlp: 'amber' }
const named: Handling = { releasable_to: pair, tlp: 'green' }
const toCassia: Handling = { releasable_to: ['borealia', 'cassia'], tlp: 'green' }

const grant = (index: number, body: object = {}) => said('release.grant', index, 'ardenia', {
  actions: ['forward'], mode: 'release', purpose: 'x', recipient: 'cassia', sid: source.sid, slots: ['named'],
  to: 'borealia', until: { at: '2031-06-01T00:00:00Z', size: 1_000 }, uses: 'once', ...body,
})
const use = (index: number, of: Statement, iss = 'borealia', action = 'forward') =>
  said('release.use', index, iss, { action, grant: of.sid, purpose: 'x' })
const revoke = (index: number, of: Statement) =>
  said('release.revoke', index, 'ardenia', { grant: of.sid, reason: 'x' })
const open = (index: number, to: string, slots?: string[]) =>
  said('tearline.open', index, 'ardenia', { sid: source.sid, to, ...(slots && { slots }) })
const resend = (slots: string[], iss = 'borealia', to = 'cassia') =>
  said('resend', 50, iss, { sid: source.sid, slots, to })

type Story = {
  sent?: Statement; before?: Statement[]; after?: Statement[]; marked?: Handling; handling?: Handling
  member?: string; released?: string
}
function given(story: Story) {
  const { sent = resend(['named']), before = [], after = [], marked = green, handling = toCassia, ...more } = story
  const tear = { named: { _sd: ['n'], ...named }, strict: { _sd: ['s'], ...strict } }
  const claims = { coa: genesisSid, handling: marked, iss: 'ardenia', tear }
  const statement = { claims, sid: source.sid }
  return { ...more, at: log, charter: 'in force', handling, statement, statements: [source, ...before, ...after, sent] }
}

export function resendCases(): VectorCase[] {
  const goes = (name: string, story: Story): VectorCase => ({ name, given: given(story), expect: 'ok', value: {} })
  const stays = (name: string, at: string, story: Story): VectorCase =>
    ({ name, given: given(story), expect: 'release.no-grant', at: `/body/${at}` })
  const once = grant(10)
  const members = { releasable_to: ['ardenia', 'borealia'], tlp: 'amber' }
  return [
    goes('of what its marking lets each reader see', { sent: resend([]) }),
    goes('of a tear line, to one whom its marking names', { sent: resend(['named'], 'cassia', 'borealia'),
      handling: toCassia }),
    goes('of a tear line, to one that is cleared for it', { sent: resend(['strict'], 'cassia', 'borealia') }),
    goes('by the originator, to whom it likes', { sent: resend(['named', 'strict'], 'ardenia') }),
    goes('to its originator', { sent: resend(['named', 'strict']), handling: members }),
    stays('of a tear line that names others', 'slots', {}),
    stays('of a tear line above its reader', 'slots', { sent: resend(['strict']) }),
    stays('of a statement above its reader', 'sid', { sent: resend([]), marked: { tlp: 'amber' } }),
    stays('of a statement that names others, and a tear line', 'sid', { marked: named }),
    stays('to all of a tier, where one may not see it', 'slots', { handling: green }),
    stays('to anyone', 'sid', { handling: { tlp: 'clear' }, sent: resend([]) }),
    goes('within a grant that it has used', { before: [once, use(11, once)] }),
    goes('within a grant that it has used and that is revoked', { before: [once, use(11, once), revoke(12, once)] }),
    stays('within a grant that it has not used', 'slots', { before: [once] }),
    stays('within a grant that it uses later', 'slots', { before: [once], after: [use(60, once)] }),
    stays('within a grant whose use came after its revocation', 'slots',
      { before: [once, revoke(11, once), use(12, once)] }),
    stays('within a grant that another has used', 'slots',
      { before: [grant(10, { to: 'cassia' }), use(11, grant(10), 'cassia')], sent: resend(['named']) }),
    stays('within a grant for another tear line', 'slots',
      { before: [grant(10, { slots: ['strict'] }), use(11, grant(10))] }),
    stays('within a grant for another recipient', 'slots',
      { before: [grant(10, { recipient: 'borealia/grid' }), use(11, grant(10))] }),
    stays('within a grant that lets it name the source', 'slots',
      { before: [grant(10, { actions: ['name-source'] }), use(11, grant(10), 'borealia', 'name-source')] }),
    stays('within a grant that lets its reader see it', 'slots',
      { before: [grant(10, { actions: ['see'], to: 'cassia' })] }),
    goes('of a tear line that its author had opened', { before: [open(20, 'green', ['named'])] }),
    stays('of a tear line that its author opens later', 'slots', { after: [open(60, 'green', ['named'])] }),
    goes('of a statement that a release had opened', { sent: resend([]), marked: { tlp: 'amber' }, released: 'green' }),
    goes('of a statement that had been declassified by then', { sent: resend([]),
      marked: { declassify_on: { at: '2031-01-01T00:50:00Z', size: 50 }, tlp: 'amber' } }),
    stays('of a statement that is declassified a moment later', 'sid', { sent: resend([]),
      marked: { declassify_on: { at: '2031-01-01T00:50:01Z', size: 50 }, tlp: 'amber' } }),
    goes('judged for one that may see it, beside one that may not', { handling: green, member: 'ardenia' }),
  ]
}
