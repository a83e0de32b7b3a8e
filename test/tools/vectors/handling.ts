import { type Charter, portableSha256 as sha256, toBase64url as b64, toHex, utf8 } from '@chancery/protocol'
import {
  ardenia, bad, borealia, charter, envoy, genesisSid, good, holder, personOf, seed, sidOf, statement,
} from './coalition.ts'
import type { VectorCase, VectorFile } from './vector-file.ts'

/** Markings of statements and slots, and the readers that a charter names for them. */
export const handlingVectors = async (): Promise<Record<string, VectorFile>> => ({
  'statements/handling.json': { spec: 'spec/11-handling.md#laws', check: 'statement', cases: markingCases() },
  'statements/slot-handling.json': { spec: 'spec/11-handling.md#slots', check: 'statement', cases: slotCases() },
  'charter/readers.json': { spec: 'spec/03-charter.md#readers', check: 'charterLaws', cases: await charterCases() },
  'sharing/readers.json': { spec: 'spec/11-handling.md#readers', check: 'reader', cases: readerCases() },
})

const time = (size: number, at = '2031-01-01T00:00:00Z') => ({ at, size })
const digest = b64(seed('elsewhere'))

/** The chain of an audience, by the rule of spec/04-statements.md#chains and no code of ours. */
function chainOf(tlp: string, releasable?: readonly string[]) {
  const list = releasable === undefined ? '' : `-${toHex(sha256(utf8(JSON.stringify(releasable)))).slice(0, 16)}`
  return { id: `${tlp.replace('+', '-')}${list}`, prev: null, seq: 0 }
}

type Marking = { readonly tlp: string; readonly releasable_to?: readonly string[]; readonly [member: string]: unknown }
const marked = (handling: Marking, change: object = {}) =>
  statement(ardenia, { handling, chain: chainOf(handling.tlp, handling.releasable_to), ...change })
const given = (jws: string) => ({ charter: 'in force', copy: `${jws}~`, index: 3 })

const whole = {
  affected_party_notifications: 'must-not', chatham_house: true, declassify_on: time(9), embargo_until: time(8),
  legal_use: 'ask', national_marking: { marking: 'GEHEIM', system: 'Ardenian service rule 4' },
  originator_consent: true, pap: 'red', permitted_actions: 'none', provider_attribution: 'must-not',
  releasable_to: ['ardenia', 'borealia'], tlp: 'amber',
} as const

function markingCases(): VectorCase[] {
  const holds = (name: string, handling: Marking, change?: object) => {
    const jws = marked(handling, change)
    return good(name, given(jws), { lines: [], sid: sidOf(jws) })
  }
  const wrong = (name: string, handling: Marking, code: string, at: string) =>
    bad(name, given(marked(handling)), code, `/handling${at}`)
  const shape = (name: string, change: object, at: string) =>
    wrong(name, { tlp: 'amber', ...change }, 'statement.bad-schema', at)
  const law = (name: string, handling: Marking, at: string) => wrong(name, handling, 'statement.breaks-law', `/${at}`)
  const each = (member: string, values: readonly string[], tlp = 'green') =>
    values.map(value => holds(`${member} ${value}`, { [member]: value, tlp }))
  return [
    holds('all that can be said', whole),
    ...each('pap', ['clear', 'green', 'amber', 'red']),
    ...each('permitted_actions', ['none', 'contact-for-instruction', 'internally-visible-actions',
      'externally-visible-indirect-actions', 'externally-visible-direct-actions']),
    ...each('affected_party_notifications', ['may', 'must-not'], 'clear'),
    ...each('provider_attribution', ['may', 'must', 'must-not'], 'clear'),
    ...each('legal_use', ['allow', 'ask', 'deny'], 'clear'),
    holds('an embargo alone', { embargo_until: time(0), tlp: 'red' }),
    holds('opened when its embargo ends', { declassify_on: time(5), embargo_until: time(5), tlp: 'green' }),
    holds('for one member', { releasable_to: ['ardenia'], tlp: 'red' }),
    shape('a list of readers that is empty', { releasable_to: [] }, '/releasable_to'),
    shape('a reader in capitals', { releasable_to: ['ARDENIA'] }, '/releasable_to/0'),
    shape('one reader, not in a list', { releasable_to: 'ardenia' }, '/releasable_to'),
    shape('201 readers', { releasable_to: Array.from({ length: 201 }, (_, i) => `state-${1_000 + i}`) },
      '/releasable_to'),
    shape('false, which would be a second way to say nothing', { originator_consent: false }, '/originator_consent'),
    shape('the Chatham House rule as a word', { chatham_house: 'yes' }, '/chatham_house'),
    shape('a label of TLP 1', { tlp: 'white' }, '/tlp'),
    shape('PAP:WHITE', { pap: 'white' }, '/pap'),
    shape('a PAP label in capitals', { pap: 'RED' }, '/pap'),
    shape('a look-alike of a label', { pap: 'r\u0435d' }, '/pap'),
    shape('a list of permitted actions', { permitted_actions: ['none'] }, '/permitted_actions'),
    shape('IEP 2.0 in capitals', { affected_party_notifications: 'MUST NOT' }, '/affected_party_notifications'),
    shape('must of what may be told', { affected_party_notifications: 'must' }, '/affected_party_notifications'),
    shape('unknown for courts', { legal_use: 'maybe' }, '/legal_use'),
    shape('null for nothing said', { pap: null }, '/pap'),
    shape('an embargo by the clock alone', { embargo_until: { at: '2031-01-01T00:00:00Z' } }, '/embargo_until/size'),
    shape('an embargo by size alone', { embargo_until: { size: 9 } }, '/embargo_until/at'),
    shape('a day that is not', { declassify_on: time(9, '2031-02-29T00:00:00Z') }, '/declassify_on/at'),
    shape('an event', { declassify_on: 'release' }, '/declassify_on'),
    shape('a national marking without its system', { national_marking: { marking: 'GEHEIM' } },
      '/national_marking/system'),
    shape('a national marking over two lines', { national_marking: { marking: 'A\nB', system: 'x' } },
      '/national_marking/marking'),
    shape('a member that is none', { source: 'x' }, '/source'),
    ...lawCases(law),
  ]
}

/** What no shape can say: laws of one marking, and its readers and chain. */
function lawCases(law: (name: string, handling: Marking, at: string) => VectorCase): VectorCase[] {
  return [
    law('open to anyone, later', { declassify_on: time(9), tlp: 'clear' }, 'declassify_on'),
    law('open to anyone, under embargo', { embargo_until: time(9), tlp: 'clear' }, 'embargo_until'),
    law('open to anyone who is asked for consent', { originator_consent: true, tlp: 'clear' }, 'originator_consent'),
    bad('open to anyone of a list', given(marked({ releasable_to: ['ardenia'], tlp: 'clear' })), 'statement.breaks-law',
      '/handling/releasable_to'),
    law('readers out of order', { releasable_to: ['borealia', 'ardenia'], tlp: 'amber' }, 'releasable_to'),
    law('a reader twice', { releasable_to: ['ardenia', 'ardenia'], tlp: 'amber' }, 'releasable_to'),
    law('a source that must and must not be named', { chatham_house: true, provider_attribution: 'must', tlp: 'green' },
      'chatham_house'),
    law('opened before its embargo ends by size', { declassify_on: time(4), embargo_until: time(5), tlp: 'green' },
      'declassify_on'),
    law('opened before its embargo ends by the clock',
      { declassify_on: time(5, '2030-12-31T23:59:59Z'), embargo_until: time(5), tlp: 'green' }, 'declassify_on'),
    law('for a stranger', { releasable_to: ['ardenia', 'delos'], tlp: 'amber' }, 'releasable_to'),
    law('for a member that its tier does not clear', { releasable_to: ['ardenia', 'cassia'], tlp: 'amber' },
      'releasable_to'),
    bad('in the chain of the whole tier', given(marked(whole, { chain: chainOf('amber') })), 'statement.chain-broken',
      '/chain/id'),
    bad('in the chain of other readers', given(marked(whole, { chain: chainOf('amber', ['ardenia']) })),
      'statement.chain-broken', '/chain/id'),
    bad('in the chain of readers, and for the whole tier',
      given(marked({ tlp: 'amber' }, { chain: chainOf('amber', ['ardenia']) })), 'statement.chain-broken', '/chain/id'),
  ]
}

function slotCases(): VectorCase[] {
  const jwsOf = (statementHandling: Marking, slot: Marking) =>
    marked(statementHandling, { tear: { a: { _sd: [digest], ...slot } } })
  const holds = (name: string, over: Marking, slot: Marking) => good(name, given(jwsOf(over, slot)))
  const open = (at: string, over: object, slot: object, name = at) =>
    bad(`more open: ${name}`, given(jwsOf({ tlp: 'green', ...over }, { tlp: 'green', ...slot })), 'tear.too-open',
      `/tear/a/${at}`)
  const law = (name: string, slot: Marking, at: string) =>
    bad(name, given(jwsOf({ tlp: 'clear' }, slot)), 'statement.breaks-law', `/tear/a/${at}`)
  const two = (one: object, other: object) =>
    marked({ tlp: 'clear' }, { tear: { a: { _sd: [digest], tlp: 'amber', ...one },
      b: { _sd: [b64(seed('other'))], tlp: 'amber', ...other } } })
  return [
    holds('the same marking', whole, whole),
    holds('restricted in everything, under a statement that says nothing', { tlp: 'clear' }, whole),
    holds('nothing said of a later opening', { declassify_on: time(9), tlp: 'green' }, { tlp: 'green' }),
    holds('opened later than its statement', { declassify_on: time(9), tlp: 'green' },
      { declassify_on: time(10), tlp: 'green' }),
    holds('opened by itself, under a statement that is open', { tlp: 'clear' }, { declassify_on: time(1), tlp: 'red' }),
    holds('a longer embargo', { embargo_until: time(5), tlp: 'green' }, { embargo_until: time(6), tlp: 'green' }),
    holds('fewer readers', { releasable_to: ['ardenia', 'borealia'], tlp: 'amber' },
      { releasable_to: ['borealia'], tlp: 'amber' }),
    holds('another national marking', whole, { ...whole, national_marking: { marking: 'x', system: 'y' } }),
    holds('silence of courts is to ask', { legal_use: 'ask', tlp: 'green' }, { tlp: 'green' }),
    holds('a provider that must be named, and one that must not', { provider_attribution: 'must', tlp: 'green' },
      { provider_attribution: 'must-not', tlp: 'green' }),
    good('two slots of one tier for two readers', given(two({ releasable_to: ['ardenia'] },
      { releasable_to: ['borealia'] }))),
    open('tlp', { tlp: 'amber' }, {}),
    open('affected_party_notifications', { affected_party_notifications: 'must-not' },
      { affected_party_notifications: 'may' }),
    open('chatham_house', { chatham_house: true }, {}),
    open('declassify_on', {}, { declassify_on: time(9) }, 'opened, under a statement that never is'),
    open('declassify_on', { declassify_on: time(9) }, { declassify_on: time(8) }, 'opened before its statement'),
    open('declassify_on', { declassify_on: time(9) }, { declassify_on: time(9, '2030-12-31T23:59:59Z') },
      'opened a second before its statement'),
    open('embargo_until', { embargo_until: time(9) }, {}),
    open('embargo_until', { embargo_until: time(9) }, { embargo_until: time(8) }, 'a shorter embargo'),
    open('embargo_until', { embargo_until: time(9) }, { embargo_until: time(9, '2030-12-31T23:59:59Z') },
      'an embargo shorter by a second'),
    open('legal_use', { legal_use: 'deny' }, {}, 'to ask a court is more than never'),
    open('legal_use', { legal_use: 'ask' }, { legal_use: 'allow' }, 'allowed, under ask'),
    open('originator_consent', { originator_consent: true }, {}),
    open('pap', { pap: 'amber' }, { pap: 'green' }),
    open('pap', { pap: 'green' }, {}, 'PAP left out'),
    open('permitted_actions', { permitted_actions: 'internally-visible-actions' },
      { permitted_actions: 'externally-visible-indirect-actions' }),
    open('permitted_actions', { permitted_actions: 'none' }, { permitted_actions: 'contact-for-instruction' },
      'asking'),
    open('provider_attribution', { provider_attribution: 'must-not' }, { provider_attribution: 'may' }),
    open('releasable_to', { releasable_to: ['ardenia'] }, {}, 'all of the tier'),
    open('releasable_to', { releasable_to: ['ardenia'] }, { releasable_to: ['ardenia', 'borealia'] },
      'one reader more'),
    open('tlp', { pap: 'red', tlp: 'red' }, { tlp: 'amber' }, 'the tier is named first'),
    law('a slot for readers out of order', { releasable_to: ['borealia', 'ardenia'], tlp: 'amber' }, 'releasable_to'),
    law('a slot that opens before its embargo ends', { declassify_on: time(4), embargo_until: time(5), tlp: 'red' },
      'declassify_on'),
    law('a slot for a stranger', { releasable_to: ['delos'], tlp: 'green' }, 'releasable_to'),
    law('a slot for a member that its tier does not clear', { releasable_to: ['borealia'], tlp: 'red' },
      'releasable_to'),
    bad('a slot with an unknown label', given(jwsOf({ tlp: 'clear' }, { pap: 'blue', tlp: 'red' })),
      'statement.bad-schema', '/tear/a/pap'),
    bad('a slot without a tier', given(jwsOf({ tlp: 'clear' }, { pap: 'red' } as never)), 'statement.bad-schema',
      '/tear/a/tlp'),
  ]
}

async function charterCases(): Promise<VectorCase[]> {
  const [first, second, third] = charter.members
  const of = (change: Partial<Charter>) => ({ charter: { ...charter, ...change } })
  const member = (change: object) => of({ members: [{ ...first, ...change }, second, third] as Charter['members'] })
  const law = (name: string, charterOf: object, at: string) => bad(name, charterOf, 'statement.breaks-law', at)
  const many = (count: number) => Array.from({ length: count }, (_, i) => ({ id: `r${100 + i}`, name: `Reader ${i}` }))
  const keys = first?.keys ?? []
  const named = await personOf('borealia', 'Consul Arn Veld')
  const renewed = await personOf('ardenia', 'Envoy Ilse Marn, renewed')
  const signing = await holder('ardenia', 'sign', 'EdDSA', 'a person who signs')
  const impersonal = keys.filter(({ person }) => person === undefined)
  const allRed = { ...charter.clearances, red: ['ardenia', 'borealia'] }
  const secondNamed = { ...second, keys: [...(second?.keys ?? []), named.record] }
  return [
    good('bodies, constituents and communities', { charter }),
    good('none of them',
      of({ members: charter.members.map(({ id, keys: own, name, roles }) => ({ id, keys: own, name, roles })) })),
    good('two keys of one person', member({ keys: [...keys, { ...renewed.record, person: envoy.record.person }] })),
    good('a person of each member cleared for red',
      of({ clearances: allRed, members: [first, secondNamed, third] as Charter['members'] })),
    good('64 bodies', member({ bodies: many(64) })),
    good('64 constituents', member({ constituents: many(64) })),
    good('64 communities', of({ communities: many(64) })),
    bad('65 bodies', member({ bodies: many(65) }), 'statement.bad-schema', '/members/0/bodies'),
    bad('65 constituents', member({ constituents: many(65) }), 'statement.bad-schema', '/members/0/constituents'),
    bad('65 communities', of({ communities: many(65) }), 'statement.bad-schema', '/communities'),
    bad('no body in the list', member({ bodies: [] }), 'statement.bad-schema', '/members/0/bodies'),
    bad('a body without a name', member({ bodies: [{ id: 'cert' }] }), 'statement.bad-schema',
      '/members/0/bodies/0/name'),
    bad('a person of no name', member({ keys: [...impersonal, { ...envoy.record, person: '' }] }),
      'statement.bad-schema', '/members/0/keys/5/person'),
    law('bodies out of order', member({ bodies: many(2).toReversed() }), '/members/0/bodies'),
    law('a constituent twice', member({ constituents: [...many(1), ...many(1)] }), '/members/0/constituents'),
    law('a constituent that is a body', member({ bodies: many(2), constituents: many(1) }), '/members/0/constituents'),
    law('communities out of order', of({ communities: many(2).toReversed() }), '/communities'),
    law('a member with the key of a person alone to be sealed to',
      member({ keys: keys.filter(({ use, person }) => use !== 'enc' || person !== undefined) }), '/members/0/keys'),
    law('cleared for red without a named person', member({ keys: impersonal }), '/clearances/red'),
    law('one of two cleared for red without a named person', of({ clearances: allRed }), '/clearances/red'),
    bad('a person with a key to sign', member({ keys: [...keys, { ...signing.record, person: 'Envoy' }] }),
      'charter.bad-key', '/members/0/keys/6/person'),
  ]
}

function readerCases(): VectorCase[] {
  const asks = (name: string, value: object | null) => good(name, { charter: 'in force', name }, value)
  const of = ({ member: { id, roles } }: typeof ardenia, as: string, clearance: string) =>
    ({ as, clearance, coa: genesisSid, member: id, roles })
  const nobody = { coa: genesisSid, member: null, roles: [] }
  return [
    asks('anyone', { as: 'anyone', clearance: 'clear', coa: null, member: null, roles: [] }),
    asks('ardenia', of(ardenia, 'member', 'red')),
    asks('borealia', of(borealia, 'member', 'amber+strict')),
    asks('borealia/cert', of(borealia, 'body', 'amber+strict')),
    asks('borealia/grid', of(borealia, 'constituent', 'amber+strict')),
    asks('ardenia/Envoy Ilse Marn', of(ardenia, 'person', 'red')),
    asks('community:banks', { as: 'community', clearance: 'green', ...nobody }),
    asks('tlp:amber+strict', { as: 'tier', clearance: 'amber+strict', ...nobody }),
    ...['delos', 'Ardenia', 'ardenia/grid', 'delos/cert', 'ardenia/', 'borealia/Envoy Ilse Marn', 'community:grid',
      'tlp:white', 'tlp:', '', ':', '/cert', 'constructor', 'anyone/anyone', 'ardenia:cert']
      .map(name => asks(name, null)),
  ]
}
