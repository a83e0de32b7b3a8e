import { portableSha256 as sha256, toBase64url, utf8 } from '@chancery/protocol'
import { resendCases } from './resends.ts'
import type { VectorCase, VectorFile } from './vector-file.ts'

const id = (name: string) => toBase64url(sha256(utf8(`chancery vectors: release control: ${name}`)))
const begins = 1_924_992_000
const until = { at: '2031-01-01T02:00:00Z', size: 50 }
const ends = begins + 7_200

type Statement = {
  body: object; exercise: boolean; iat: number; index: number; iss: string; kind: string; sid: string
}
type Change = Partial<Statement>
const said = (kind: string, index: number, iss: string, body: object, change: Change = {}): Statement =>
  ({ body, exercise: false, iat: begins + 60 * index, index, iss, kind, sid: id(`${kind} ${index}`), ...change })

const source = said('attribution.statement', 3, 'aldova', {})
const scope = {
  actions: ['forward', 'name-source'], mode: 'release', purpose: 'x', recipient: 'borsk/grid', sid: source.sid,
  slots: ['source'], until,
}
const request = (index: number, body: object = {}, change?: Change) =>
  said('release.request', index, 'borsk', { ...scope, ...body }, change)
const grant = (index: number, body: object = {}, change?: Change) =>
  said('release.grant', index, 'aldova', { ...scope, to: 'borsk', uses: 'once', ...body }, change)
const use = (index: number, of: Statement, body: object = {}, change?: Change) =>
  said('release.use', index, 'borsk', { action: 'forward', grant: of.sid, purpose: 'x', ...body }, change)
const revoke = (index: number, of: Statement, change?: Change) =>
  said('release.revoke', index, 'aldova', { grant: of.sid, reason: 'x' }, change)
const answer = (kind: string, index: number, of: Statement, change?: Change) =>
  said(`release.${kind}`, index, 'aldova', { request: of.sid }, change)
const open = (index: number, to: string, slots?: string[], change?: Change) =>
  said('tearline.open', index, 'aldova', { sid: source.sid, to, ...(slots && { slots }) }, change)

/** On logs of a size from the one to the other. */
const disputed = (one: Statement, from: number, to?: number): Statement =>
  ({ ...one, disputed: [{ from, ...(to !== undefined && { to }) }] }) as Statement

const asked = request(4)
const once = grant(10, { request: asked.sid })
const lasting = grant(11, { uses: 'until' })
const drill = { exercise: true }

const now = { moment: begins + 3_000, size: 40 }
const later = { moment: ends, size: 50 }

export const releaseControlVectors = (): Record<string, VectorFile> => ({
  'sharing/release-control.json': file('grants-in-force', 'releaseControl', [...stages(), ...states()]),
  'sharing/release-uses.json': file('uses', 'releaseUse', uses()),
  'sharing/release-facts.json': file('facts', 'releaseFacts', [...grantedFacts(), ...openedFacts()]),
  'sharing/resends.json': file('resends', 'resend', resendCases()),
})

const file = (clause: string, check: string, cases: VectorCase[]): VectorFile =>
  ({ spec: `spec/12-release-control.md#${clause}`, check, cases })

type Told = { grants?: Statement[] | Record<string, string>; requests?: Record<string, string>; refused?: Statement[] }
function told(name: string, statements: Statement[], { grants = {}, requests = {}, refused = [] }: Told, at = now):
  VectorCase {
  return { name, given: { at, statements: [source, ...statements] }, expect: 'ok',
    value: { grants, refused: refused.map(each => each.sid), requests } }
}

function stages(): VectorCase[] {
  const stage = (name: string, is: string, answers: Statement[], grants: Record<string, string> = {}) =>
    told(name, [asked, ...answers], { grants, requests: { [asked.sid]: is } })
  return [
    stage('nobody has answered', 'asked', []),
    stage('denied', 'denied', [answer('deny', 5, asked)]),
    stage('conditioned', 'conditioned', [answer('condition', 5, asked)]),
    stage('granted', 'granted', [once], { [once.sid]: 'in-force' }),
    stage('granted after a denial', 'granted', [answer('deny', 5, asked), once], { [once.sid]: 'in-force' }),
    stage('denied after a grant, which stays in force', 'denied', [once, answer('deny', 12, asked)],
      { [once.sid]: 'in-force' }),
    stage('denied by one who may not', 'asked', [answer('deny', 5, asked, { iss: 'caldria' })]),
    stage('denied as an exercise', 'asked', [answer('deny', 5, asked, drill)]),
    stage('denied by a disputed denial', 'asked', [disputed(answer('deny', 5, asked), 30)]),
    stage('denied by one that was re-affirmed', 'denied', [disputed(answer('deny', 5, asked), 30, 35)]),
    stage('granted by a disputed grant', 'asked', [disputed(once, 30)], { [once.sid]: 'disputed' }),
    told('a disputed request', [disputed(asked, 30), answer('deny', 31, asked)],
      { requests: { [asked.sid]: 'disputed' } }),
    stage('answered past the size', 'asked', [answer('deny', 40, asked)]),
    told('asked for what is not held', [request(4, { sid: id('nothing') }), answer('deny', 5, request(4))],
      { requests: { [request(4).sid]: 'asked' } }),
  ]
}

function states(): VectorCase[] {
  const state = (name: string, is: string, statements: Statement[], at = now) =>
    told(name, statements, { grants: { [statements[0]?.sid ?? '']: is } }, at)
  return [
    state('a grant', 'in-force', [once]),
    state('used', 'used-up', [once, use(12, once)]),
    state('used, as often as one likes', 'in-force', [lasting, use(12, lasting), use(13, lasting)]),
    state('revoked', 'revoked', [once, revoke(12, once)]),
    state('revoked after its use', 'revoked', [once, use(12, once), revoke(13, once)]),
    state('revoked by another', 'in-force', [once, revoke(12, once, { iss: 'borsk' })]),
    state('revoked as an exercise', 'in-force', [once, revoke(12, once, drill)]),
    state('ended by size and by moment', 'expired', [once], later),
    state('ended by size alone', 'in-force', [once], { ...later, moment: ends - 1 }),
    state('ended by moment alone', 'in-force', [once], { ...later, size: 49 }),
    state('disputed', 'disputed', [disputed(once, 30)]),
    state('before it is disputed', 'in-force', [disputed(once, 41)]),
    state('re-affirmed', 'in-force', [disputed(once, 30, 35)]),
    state('whose revocation is disputed', 'in-force', [once, disputed(revoke(12, once), 30)]),
    state('whose use is disputed: it is a fact', 'used-up', [once, disputed(use(12, once), 30)]),
    told('used before it was disputed', [disputed(lasting, 30), use(12, lasting)],
      { grants: { [lasting.sid]: 'disputed' } }),
    told('used while it was disputed', [disputed(lasting, 30, 35), use(31, lasting)],
      { grants: { [lasting.sid]: 'in-force' }, refused: [use(31, lasting)] }),
    told('used after a revocation that was disputed since', [lasting, disputed(revoke(12, lasting), 30),
      use(13, lasting), use(31, lasting)], { grants: { [lasting.sid]: 'in-force' }, refused: [use(13, lasting)] }),
    told('hostile case 31: granted by another than the originator', [grant(10, {}, { iss: 'caldria' })], {}),
    told('an exercise of a real statement', [grant(10, {}, drill)], {}),
    told('granted past the size', [grant(40)], {}),
    told('a grant of what is not held', [grant(10, { sid: id('nothing') })], {}),
    told('used twice, though granted once', [once, use(12, once), use(13, once)],
      { grants: { [once.sid]: 'used-up' }, refused: [use(13, once)] }),
    told('used after it was revoked', [once, revoke(12, once), use(13, once)],
      { grants: { [once.sid]: 'revoked' }, refused: [use(13, once)] }),
  ]
}

function uses(): VectorCase[] {
  const at = { moment: begins + 100_000, size: 100 }
  const held = (name: string, statements: Statement[]): VectorCase =>
    ({ name, given: { at, statements: [source, ...statements] }, expect: 'ok', value: {} })
  const refused = (name: string, statements: Statement[]): VectorCase =>
    ({ name, given: { at, statements: [source, ...statements] }, expect: 'release.no-grant', at: '/body/grant' })
  const fast = { iat: ends + 1 }
  return [
    held('the first', [once, use(12, once)]),
    held('the second of as many as one likes', [lasting, use(12, lasting), use(13, lasting)]),
    held('before it was revoked', [once, use(12, once), revoke(13, once)].toSorted((a, b) => b.index - a.index)
      .slice(1).toReversed()),
    held('after its moment, before its size', [once, use(49, once, {}, fast)]),
    held('after its size, before its moment', [once, use(51, once, {}, { iat: ends - 1 })]),
    held('the first within it, after one that was not', [once, use(12, once, { action: 'publish' }), use(13, once)]),
    refused('the second of a grant for once', [once, use(12, once), use(13, once)]),
    refused('after it was revoked', [lasting, revoke(12, lasting), use(13, lasting)]),
    refused('after its end', [lasting, use(50, lasting, {}, { iat: ends })]),
    refused('by another', [once, use(12, once, {}, { iss: 'caldria' })]),
    refused('for what was not granted', [once, use(12, once, { action: 'publish' })]),
    refused('as an exercise', [once, use(12, once, {}, drill)]),
    refused('of a grant by another than the originator', [grant(10, {}, { iss: 'caldria' }), use(12, once)]),
    refused('of nothing', [use(12, once)]),
  ]
}

type Handling = Record<string, unknown> & { tlp: string }
type Asks = { reader?: string; towards?: string; released?: string }
/** Of a statement with two tear lines. The subjects that come of it, without the coalition and the issuer. */
function facts(
  name: string,
  { handling = { tlp: 'amber' }, slot = { tlp: 'amber+strict' }, at = now, statements, asks = {} }:
    { handling?: Handling; slot?: Handling; at?: typeof now; statements: Statement[]; asks?: Asks },
  [whole, source_, detail]: object[],
): VectorCase {
  const { reader = 'caldria', ...more } = asks
  const tear = { detail: { _sd: ['d'], ...slot }, source: { _sd: ['s'], ...slot } }
  const claims = { coa: 'ours', handling, iss: 'aldova', tear }
  const of = { coa: 'ours', iss: 'aldova' }
  return {
    name,
    given: { ...more, at, reader, statement: { claims, sid: source.sid }, statements: [source, ...statements] },
    expect: 'ok',
    value: [
      { granted: [], handling, slot: null, ...of, ...whole },
      { granted: [], handling: slot, slot: 'detail', ...of, ...detail },
      { granted: [], handling: slot, slot: 'source', ...of, ...source_ },
    ],
  }
}

function grantedFacts(): VectorCase[] {
  const lets = (name: string, asks: Asks, statements: Statement[], granted: string[], at = now) =>
    facts(name, { at, asks, statements }, [{ granted }, { granted }, {}])
  const holder = { reader: 'borsk', towards: 'borsk/grid' }
  const grid = { reader: 'borsk/grid' }
  const shown = grant(10, { mode: 'disclosure' })
  return [
    lets('who was granted it, towards its recipient', holder, [once], ['forward', 'name-source']),
    lets('who was granted it, towards another', { ...holder, towards: 'borsk/cert' }, [once], []),
    lets('who was granted it, towards nobody', { reader: 'borsk' }, [once], []),
    lets('its recipient', grid, [once], ['see', 'store']),
    lets('its recipient, by disclosure', grid, [shown], ['see']),
    lets('another', {}, [once], []),
    lets('who was granted it, once it is used', holder, [once, use(12, once)], []),
    lets('its recipient, once it is used', grid, [once, use(12, once)], ['see', 'store']),
    lets('its recipient, once it is used and revoked', grid, [once, use(12, once), revoke(13, once)], ['see', 'store']),
    lets('its recipient, once it is revoked unused', grid, [once, revoke(13, once)], []),
    lets('its recipient, once its source was named', grid, [once, use(12, once, { action: 'name-source' })], []),
    lets('its recipient, after its end', grid, [once], [], later),
    lets('hostile case 31: a grant by another', holder, [grant(10, {}, { iss: 'caldria' })], []),
    lets('to act and to go to court, towards nobody', { reader: 'borsk' },
      [grant(10, { actions: ['act-openly', 'use-in-court'] })], ['act-openly', 'use-in-court']),
    lets('its recipient, where nothing is handed on', grid, [grant(10, { actions: ['use-in-court'] })], []),
    facts('to publish the statement, and no tear line', { asks: { reader: 'anyone' },
      statements: [grant(10, { actions: ['publish'], recipient: 'anyone', slots: undefined })] },
    [{ granted: ['see', 'store'] }, {}, {}]),
  ]
}

function openedFacts(): VectorCase[] {
  const chosen = { originator_consent: true, releasable_to: ['borsk'] }
  const strict = { ...chosen, pap: 'red', tlp: 'amber+strict' }
  const wide = open(20, 'green', ['source'])
  return [
    facts('a tear line to a wider tier than its statement', { statements: [wide] },
      [{}, { handling: { tlp: 'amber' } }, {}]),
    facts('a tear line, of which use stays restricted', { slot: strict, statements: [wide] },
      [{}, { handling: { pap: 'red', tlp: 'amber' } }, {}]),
    facts('a tear line of a statement whose readers are chosen', { handling: { ...chosen, tlp: 'amber' }, slot: strict,
      statements: [wide] }, [{}, { handling: { ...chosen, pap: 'red', tlp: 'amber' } }, {}]),
    facts('the statement, and no tear line', { statements: [open(20, 'green')] }, [{ opened: 'green' }, {}, {}]),
    facts('both', { slot: strict, statements: [open(20, 'green'), open(21, 'clear', ['source'])] },
      [{ opened: 'green' }, { opened: 'green' }, {}]),
    facts('a tear line, of a statement that a release has opened', { asks: { released: 'clear' },
      statements: [wide] }, [{ opened: 'clear' }, { opened: 'green' }, {}]),
    facts('the statement, less widely than a release has', { asks: { released: 'clear' },
      statements: [open(20, 'green')] }, [{ opened: 'clear' }, {}, {}]),
    facts('a tear line of a statement that is declassified', { handling: { declassify_on: { at: '2031-01-01T00:00:00Z',
      size: 5 }, tlp: 'amber' }, statements: [wide] }, [{}, { opened: 'green' }, {}]),
    facts('a tear line to a tier more restricted than its own', { statements: [open(20, 'red', ['source'])] },
      [{}, {}, {}]),
    facts('hostile case 32: a tear line by another than its author',
      { statements: [open(20, 'green', ['source'], { iss: 'borsk' })] }, [{}, {}, {}]),
    facts('a tear line as an exercise', { statements: [open(20, 'green', ['source'], drill)] }, [{}, {}, {}]),
    facts('a tear line past the size', { statements: [open(40, 'green', ['source'])] }, [{}, {}, {}]),
    facts('the widest of two', { statements: [open(20, 'red', ['source']), wide] },
      [{}, { handling: { tlp: 'amber' } }, {}]),
  ]
}
