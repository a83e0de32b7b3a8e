import { type Handling, chainIdOf, portableSha256 as sha256, toBase64url as b64 } from '@chancery/protocol'
import { type Cast, ardenia, bad, borealia, cassia, good, seed, sidOf, statement } from './coalition.ts'
import type { VectorCase, VectorFile } from './vector-file.ts'

const sid = (name: string) => b64(seed(`release control: ${name}`))
const root = b64(seed('root'))
type Logged = { sid: string; kind: string; iss: string; index: number; tlp: string; body: unknown }
const logged = (name: string, kind: string, iss: string, index: number, body: unknown = {}): Logged =>
  ({ body, index, iss, kind, sid: sid(name), tlp: 'green' })

const until = { at: '2030-06-01T00:00:00Z', size: 400 }
/** Borealia asks Ardenia for leave to hand a tear line to its power grid. */
const asked = {
  actions: ['forward', 'name-source'], mode: 'release', purpose: 'To warn the grid.', recipient: 'borealia/grid',
  sid: sid('source'), slots: ['detail', 'source'], until,
}
const granted = { ...asked, to: 'borealia', uses: 'once' }
const source = logged('source', 'attribution.statement', 'ardenia', 3)
const request = logged('request', 'release.request', 'borealia', 4, asked)
const condition = logged('condition', 'release.condition', 'ardenia', 5,
  { demands: 'sanitise', request: request.sid, text: 'x' })
const grant = logged('grant', 'release.grant', 'ardenia', 6, granted)
const nack = logged('nack', 'nack', 'borealia', 7, { code: 'seal.cannot-open', index: 3, sid: source.sid })
const statements = [source, request, condition, grant, nack]

const among = (...releasable_to: string[]): Handling => ({ releasable_to, tlp: 'green' })
const clear: Handling = { tlp: 'clear' }
const both = among('ardenia', 'borealia')
const all: Handling = { tlp: 'green' }

const on = (jws: string, listed = statements) =>
  ({ charter: 'in force', copy: `${jws}~`, index: 9, prefix: { chains: [], roots: { 3: root }, statements: listed } })
/** Sids stand in the bodies, so what a body names is found in it. */
const namedIn = (body: object): string[] => statements.map(one => one.sid).filter(each => JSON.stringify(body)
  .includes(each))
type More = { handling?: Handling; refs?: string[] }
const said = (by: Cast, kind: string, body: object, { handling = both, refs = namedIn(body) }: More = {}) =>
  statement(by, { body, chain: { id: chainIdOf(sha256, handling), prev: null, seq: 0 }, handling, kind,
    refs: [...refs].sort() })

const holds = (name: string, jws: string) => good(name, on(jws), { sid: sidOf(jws) })
const law = (name: string, jws: string, at: string) => bad(name, on(jws), 'statement.breaks-law', `/body${at}`)
const unknown = (name: string, jws: string, at: string, listed?: Logged[]) =>
  bad(name, on(jws, listed), 'statement.unknown-ref', `/body${at}`)

export const releaseActsVectors = (): Record<string, VectorFile> => ({
  'statements/release-control.json': { spec: 'spec/05-kinds.md#release-request', check: 'relations',
    cases: [...requestCases(), ...grantCases(), ...answerCases(), ...useCases(), ...openCases(), ...deliveryCases()] },
})

function requestCases(): VectorCase[] {
  const ask = (change: object, more?: More, by = borealia) => said(by, 'release.request', { ...asked, ...change }, more)
  return [
    holds('a request', ask({})),
    holds('a request that accepts a condition', ask({ accepts: condition.sid })),
    holds('a request to publish, that its originator alone reads', ask({ actions: ['publish'], recipient: 'anyone' })),
    law('a request by its originator', ask({}, {}, ardenia), '/sid'),
    law('a request for a reader that nobody knows', ask({ recipient: 'dorvane' }), '/recipient'),
    law('a request for whoever holds a folder', ask({ recipient: 'tlp:green' }), '/recipient'),
    law('a request that its originator may not read', ask({}, { handling: among('borealia', 'cassia') }), '/sid'),
    law('a request that accepts what another was told', ask({ accepts: condition.sid },
      { handling: all }, cassia), '/accepts'),
    unknown('a request for nothing', ask({ sid: sid('nothing') }, { refs: [sid('nothing')] }), '/sid'),
    unknown('a request that accepts a grant', ask({ accepts: grant.sid }), '/accepts'),
  ]
}

function grantCases(): VectorCase[] {
  const give = (change: object, more?: More, by = ardenia) => said(by, 'release.grant', { ...granted, ...change }, more)
  const of = { request: request.sid }
  return [
    holds('a grant unasked', give({})),
    holds('a grant of a request', give(of)),
    holds('a grant of less than was asked', give({ ...of, actions: ['forward'], mode: 'disclosure', slots: ['source'],
      until: { at: '2030-05-01T00:00:00Z', size: 300 } })),
    holds('a grant to publish, which anyone may read', give({ actions: ['publish'], recipient: 'anyone' },
      { handling: clear })),
    holds('a grant for a community, which its members may read', give({ recipient: 'community:banks' },
      { handling: all })),
    law('hostile case 31: a grant by another than its originator', give({ to: 'cassia' }, { handling: all }, borealia),
      '/sid'),
    law('a grant to oneself', give({ to: 'ardenia' }), '/to'),
    law('a grant to one that may not read it', give({}, { handling: among('ardenia', 'cassia') }), '/to'),
    law('a grant to publish that the public may not read', give({ actions: ['publish'], recipient: 'anyone' }),
      '/recipient'),
    law('a grant for a reader that nobody knows', give({ recipient: 'borealia/nobody' }), '/recipient'),
    law('a grant of the request of another', give({ ...of, to: 'cassia' }, { handling: all }), '/request'),
    law('a grant of one action more', give({ ...of, actions: ['forward', 'use-in-court'] }), '/request'),
    law('a grant of one tear line more', give({ ...of, slots: ['detail', 'more', 'source'] }), '/request'),
    law('a grant for another recipient', give({ ...of, recipient: 'borealia/cert' }), '/request'),
    law('a grant that ends later than was asked', give({ ...of, until: { ...until, size: 401 } }), '/request'),
    law('a grant that ends at a later moment', give({ ...of, until: { ...until, at: '2030-06-01T00:00:01Z' } }),
      '/request'),
    unknown('a grant of a condition', give({ request: condition.sid }), '/request'),
  ]
}

function answerCases(): VectorCase[] {
  const deny = (by: Cast, handling: Handling = both, of = request.sid) =>
    said(by, 'release.deny', { reason: 'No.', request: of }, { handling })
  const demand = (by: Cast, handling: Handling = both) =>
    said(by, 'release.condition', { demands: 'downgrade', request: request.sid, text: 'To green.' }, { handling })
  const revoke = (by: Cast, handling: Handling = both) =>
    said(by, 'release.revoke', { grant: grant.sid, reason: 'It leaked.' }, { handling })
  return [
    holds('a denial', deny(ardenia)),
    law('a denial by another than the originator', deny(cassia, all), '/request'),
    law('a denial that who asked may not read', deny(ardenia, among('ardenia', 'cassia')), '/request'),
    unknown('a denial of a grant', deny(ardenia, both, grant.sid), '/request'),
    holds('a condition', demand(ardenia)),
    law('a condition by who asked', demand(borealia), '/request'),
    law('a condition that who asked may not read', demand(ardenia, among('ardenia', 'cassia')), '/request'),
    holds('a revocation', revoke(ardenia)),
    law('a revocation by whom it was granted to', revoke(borealia), '/grant'),
    law('a revocation that nobody learns of', revoke(ardenia, among('ardenia', 'cassia')), '/grant'),
  ]
}

function useCases(): VectorCase[] {
  const use = (by: Cast, action: string, handling: Handling = both) =>
    said(by, 'release.use', { action, grant: grant.sid, purpose: 'To the grid.' }, { handling })
  return [
    holds('a use', use(borealia, 'forward')),
    law('a use by another than whom it was granted to', use(cassia, 'forward', all), '/grant'),
    law('a use for what was not granted', use(borealia, 'publish'), '/action'),
    law('a use that who granted it may not read', use(borealia, 'forward', among('borealia', 'cassia')), '/grant'),
    unknown('a use of a grant that is not there',
      said(borealia, 'release.use', { action: 'forward', grant: sid('nothing'), purpose: 'x' },
        { refs: [sid('nothing')] }), '/grant'),
  ]
}

function openCases(): VectorCase[] {
  const open = (by: Cast, handling: Handling, to = 'green', slots: object = { slots: ['source'] }) =>
    said(by, 'tearline.open', { sid: source.sid, to, ...slots }, { handling })
  return [
    holds('an opening of a tear line', open(ardenia, all)),
    holds('an opening of the statement to anyone', open(ardenia, clear, 'clear', {})),
    law('hostile case 32: an opening by another than the author', open(borealia, all), '/sid'),
    law('an opening that stands at another tier', open(ardenia, clear), '/to'),
    law('an opening that some of the tier may not read', open(ardenia, both), '/to'),
  ]
}

function deliveryCases(): VectorCase[] {
  const receipt = (by: Cast, handling: Handling = both, of = source.sid) =>
    said(by, 'receipt', { is: 'delivered', of: [{ sid: of, slots: [] }] }, { handling })
  const spoilt = (by: Cast, index: number, handling: Handling = both) =>
    said(by, 'nack', { code: 'seal.cannot-open', index, sid: source.sid }, { handling })
  const again = (change: object, handling: Handling = both, by = ardenia) =>
    said(by, 'resend', { nack: nack.sid, sid: source.sid, slots: [], to: 'borealia', ...change }, { handling })
  const spill = (handling: Handling) => said(borealia, 'incident.spill',
    { containment: 'x', discovered_at: '2030-02-01T06:00:00Z', how: 'unknown', sid: source.sid, slots: [], summary: 'x',
      to_whom: 'x' }, { handling })
  return [
    holds('a receipt', receipt(borealia)),
    law('a receipt for one\'s own words', receipt(ardenia), '/of/0/sid'),
    law('a receipt that the author may not read', receipt(borealia, among('borealia', 'cassia')), '/of/0/sid'),
    unknown('a receipt for nothing', said(borealia, 'receipt',
      { is: 'read', of: [{ sid: sid('nothing'), slots: [] }] }, { refs: [sid('nothing')] }), '/of/0/sid'),
    holds('hostile case 42: what did not open', spoilt(borealia, 3)),
    law('what did not open, at another place', spoilt(borealia, 4), '/index'),
    law('what did not open, kept from its author', spoilt(borealia, 3, among('borealia', 'cassia')), '/sid'),
    holds('copies once more, after a nack', again({})),
    law('copies once more to oneself', again({ to: 'ardenia' }), '/to'),
    law('copies once more that their reader does not learn of', again({}, among('ardenia', 'cassia')), '/to'),
    law('copies once more to another than who asked', again({ to: 'cassia' }, all), '/nack'),
    holds('a spill, told to whose words they were', spill(both)),
    law('a spill, kept from whose words they were', spill(among('borealia', 'cassia')), '/sid'),
  ]
}
