import { type KindName, compareText, portableSha256 as sha256, toBase64url as b64, utf8 } from '@chancery/protocol'
import { attribution, bad, borealia, charter, good } from './coalition.ts'
import type { VectorCase } from './vector-file.ts'

/** Every list and text of a body at its bound and one past it, and every word of every list of words. */
export const kindBoundCases = (kind: KindName): VectorCase[] => casesByKind[kind]?.(casesOf(kind)) ?? []

type Of = ReturnType<typeof casesOf>

function casesOf(kind: KindName) {
  const holds = (name: string, body: unknown, refs: string[] = []) =>
    good(name, { body, kind }, { refs: [...refs].sort(compareText) })
  const fault = (name: string, body: unknown, at: string) => bad(name, { body, kind }, 'statement.bad-schema', at)
  const law = (name: string, body: unknown, at: string) => bad(name, { body, kind }, 'statement.breaks-law', at)
  /** A value of several forms that fits none: where it is at fault is each reader's to say. */
  const anywhere = (name: string, body: unknown) => bad(name, { body, kind }, 'statement.bad-schema')
  return { holds, fault, law, anywhere }
}

const casesByKind: Readonly<Partial<Record<KindName, (of: Of) => VectorCase[]>>> = {
  'charter.adopt': adoptCases,
  'key.prekey': prekeyCases,
  'key.add': addCases,
  'key.revoke': ({ holds }) =>
    [holds('since the largest index', { kid: borealia.sign.record.kid, reason: 'x', compromised_since: max })],
  'key.rotate-root': ({ holds }) =>
    [holds('since the largest index', { compromised_since: max, key: borealia.root.record, next_root: sid('next') })],
  'mandate.grant': mandateCases,
  'statement.reaffirm': reaffirmCases,
  'attribution.statement': of => [...attributionLists(of), ...attributionWords(of), ...attributionTexts(of)],
  'callout.propose': proposeCases,
  'callout.text': textCases,
  'callout.join': of => [...joinCases(of), ...positionCases(of), ...conditionCases(of)],
  'callout.decline': declineCases,
  'callout.withdraw': withdrawCases,
  'callout.release': releaseCases,
  'callout.abort': abortCases,
}

const sid = (name: string) => b64(sha256(utf8(`a statement: ${name}`)))
const max = Number.MAX_SAFE_INTEGER
const long = (length: number) => 'a'.repeat(length)
const label = (i: number) => `m${String(i).padStart(3, '0')}`
const many = <T>(count: number, made: (i: number) => T): T[] => Array.from({ length: count }, (_, i) => made(i))

function adoptCases({ holds }: Of): VectorCase[] {
  const [member] = charter.members
  const one = { ...member, keys: member?.keys.slice(0, 1) }
  return [holds('a charter of 200 members, in shape', { charter: { ...charter, members: many(200, () => one) } })]
}

function prekeyCases({ holds, fault }: Of): VectorCase[] {
  const keys = (count: number) => many(count, i => ({ ...borealia.enc.record, kid: sid(`key ${i}`) }))
  const until = '2030-04-16T00:00:00Z'
  return [holds('16 keys', { keys: keys(16), until }), fault('17 keys', { keys: keys(17), until }, '/body/keys')]
}

function addCases({ holds, fault }: Of): VectorCase[] {
  const keys = (count: number) => many(count, i => ({ ...borealia.sign.record, kid: sid(`key ${i}`) }))
  return [holds('16 keys', { keys: keys(16) }), fault('17 keys', { keys: keys(17) }, '/body/keys')]
}

function mandateCases({ holds, fault }: Of): VectorCase[] {
  const letters = (i: number) => String.fromCharCode(97 + Math.floor(i / 26), 97 + (i % 26))
  const body = (count: number) => ({ kid: sid('key'), kinds: many(count, letters) })
  const named = (name: string) => ({ kid: sid('key'), kinds: [name] })
  return [holds('64 kinds', body(64)), fault('65 kinds', body(65), '/body/kinds'),
    holds('a name as long as may be', named(`${long(32)}.${long(32)}`)),
    fault('a longer family', named(`${long(33)}.a`), '/body/kinds/0'),
    fault('a longer name', named(`a.${long(33)}`), '/body/kinds/0')]
}

function reaffirmCases({ holds, fault }: Of): VectorCase[] {
  const sids = (count: number) => many(count, i => sid(`statement ${i}`)).sort(compareText)
  return [holds('256 statements', { statements: sids(256) }, sids(256)),
    fault('257 statements', { statements: sids(257) }, '/body/statements')]
}

const claim = {
  basis: 'own-assessment', evidence: ['e1'], id: 'c1', name: 'Unit 9 of the service', named: 'organ',
    stance: 'attributes',
}
const [piece] = attribution.evidence

function attributionLists({ holds, fault, law }: Of): VectorCase[] {
  const lists: [string, number, (i: number) => unknown][] = [
    ['alternatives_considered', 32, () => 'A false flag'],
    ['gaps', 32, () => 'Who paid'],
    ['incidents', 64, i => ({ ref: `case-${i}`, title: 'Intrusion' })],
    ['claims', 64, i => ({ ...claim, id: label(i) })],
    ['norm_citations', 32, () => ({ breach: 'not-characterised', norm: 'ICJ:1' })],
    ['victims', 64, () => 'The ministry'],
  ]
  const bounded = lists.flatMap(([name, most, made]) => [
    holds(`${most} ${name}`, { ...attribution, [name]: many(most, made) }),
    fault(`${most + 1} ${name}`, { ...attribution, [name]: many(most + 1, made) }, `/body/${name}`),
  ])
  const optional = ['alternatives_considered', 'gaps', 'norm_citations', 'victims', 'calls_on']
    .map(name => holds(`no ${name} in the list`, { ...attribution, [name]: [] }))
  const pieces = (count: number) => ({ ...attribution, evidence: many(count, i => ({ ...piece, id: label(i) })),
    claims: [{ ...claim, evidence: [] }] })
  const cited = (count: number) => ({ ...attribution, claims: [{ ...claim, evidence: many(count, () => 'e1') }] })
  const named = (count: number) => ({ ...attribution, claims: [{ ...claim, aliases:
    many(count, i => ({ name: `Name ${i}`, source: 'A vendor' })) }] })
  const stix = (count: number, each: number, objects: number) => ({ ...attribution, evidence: [{ ...piece,
    stix: { bundle: 'bundle--1', objects, types: many(count, i => ({ count: each, type: `type-${i}` })) } }] })
  return [
    ...bounded,
    ...optional,
    holds('64 pieces of evidence', pieces(64)),
    fault('65 pieces of evidence', pieces(65), '/body/evidence'),
    holds('a claim that cites 64 times', cited(64)),
    fault('a claim that cites 65 times', cited(65), '/body/claims/0/evidence'),
    holds('64 aliases', named(64)),
    fault('65 aliases', named(65), '/body/claims/0/aliases'),
    holds('a bundle of 256 types', stix(256, 1, 256)),
    fault('a bundle of 257 types', stix(257, 1, 257), '/body/evidence/0/stix/types'),
    holds('a bundle of nothing', stix(0, 0, 0)),
    fault('a count below nothing', stix(1, -1, 0), '/body/evidence/0/stix/types/0/count'),
    fault('a bundle of fewer objects than none', stix(0, 0, -1), '/body/evidence/0/stix/objects'),
    holds('no aliases in the list', named(0)),
    holds('a claim that cites nothing', cited(0)),
    holds('a bundle of 2^53 - 1 objects', stix(1, max, max)),
    law('a bundle of one object more than its types', stix(3, 1, 4), '/body/evidence'),
    holds('evidence of 2^53 - 1 bytes', { ...attribution, evidence: [{ ...piece, size: max }] }),
    ...['objects', 'types', 'bundle'].map(name => fault(`a bundle without ${name}`, { ...attribution,
      evidence: [{ ...piece,
      stix: { bundle: 'bundle--1', objects: 0, types: [], [name]: undefined } }] }, `/body/evidence/0/stix/${name}`)),
    ...['count', 'type'].map(name => fault(`a type of a bundle without ${name}`, { ...attribution,
      evidence: [{ ...piece,
      stix: { bundle: 'bundle--1', objects: 1, types: [{ count: 1, type: 'x', [name]: undefined }] } }] },
    `/body/evidence/0/stix/types/0/${name}`)),
    ...['name', 'source'].map(name => fault(`an alias without ${name}`, { ...attribution, claims: [{ ...claim,
      aliases: [{ name: 'x', source: 'x', [name]: undefined }] }] }, `/body/claims/0/aliases/0/${name}`)),
    ...['channel', 'date'].map(name => fault(`a notice without ${name}`, { ...attribution,
      prior_notice_to_accused: { channel: 'x', date: '2029-12-24T00:00:00Z', [name]: undefined } },
    `/body/prior_notice_to_accused/${name}`)),
    fault('a citation without its breach', { ...attribution, norm_citations: [{ norm: 'ICJ:1' }] },
      '/body/norm_citations/0/breach'),
    holds('responsibility without its place on the spectrum', { ...attribution, responsibility: { arsiwa: '4' } }),
  ]
}

const stances = ['attributes', 'shares-assessment', 'supports', 'recognises', 'acknowledges', 'in-solidarity',
  'condemns',
  'expresses-concern', 'co-seals', 'no-position', 'dissents']
const ladder = ['state', 'organ', 'entity', 'individual', 'persona', 'group', 'cluster', 'activity', 'territory']
const bases = ['own-assessment', 'partner-evidence-reviewed', 'partner-word', 'public-evidence', 'none-stated']
const terms: [string, string[]][] = [
  ['icd203', ['almost-no-chance', 'very-unlikely', 'unlikely', 'roughly-even-chance', 'likely', 'very-likely',
    'almost-certain']],
  ['phia', ['remote-chance', 'highly-unlikely', 'unlikely', 'realistic-possibility', 'likely', 'highly-likely',
    'almost-certain']],
  ['fr', ['presque-aucune-chance', 'probablement-pas', 'chances-à-peu-près-egales', 'probable', 'quasi-certaine']],
]
const foreign: [string, string][] = [['icd203', 'highly-likely'], ['phia', 'very-likely'], ['fr', 'likely'],
  ['icd203', 'realistic-possibility'], ['other', 'a\nb']]
const confidences = ['low', 'moderate', 'high']
/** Words of a position, of which a body may have several. */
const positionWords: [string, unknown[]][] = [
  ['stance', stances], ['named', ladder], ['basis', bases], ['confidence', confidences],
  ...terms.map(([scale, words]) => ['likelihood', words.map(term => ({ scale, term }))] as [string, unknown[]]),
]

function attributionWords({ holds, fault, anywhere }: Of): VectorCase[] {
  const single: [string, string[]][] = [
    ['kind', ['technical', 'political', 'legal']],
    ['maturity', ['m0', 'm1', 'm2', 'm3', 'm4', 'm5']],
    ['publicity', ['private', 'coalition', 'public']],
  ]
  const claims = (list: object[]) => ({ ...attribution, claims: list.map((change, i) => ({ ...claim, ...change,
    id: label(i) })) })
  const words: [string, string[]][] = [
    ['class', ['tradecraft', 'infrastructure', 'malware', 'intent', 'victimology', 'human', 'signals', 'financial',
      'legal-process', 'open-source', 'admission']],
    ['information_credibility', ['1', '2', '3', '4', '5', '6']],
    ['source_reliability', ['A', 'B', 'C', 'D', 'E', 'F']],
  ]
  const breaches = ['contrary-to-norm', 'internationally-wrongful', 'domestic-offence', 'not-characterised']
  const healey = ['state-prohibited.', 'state-prohibited-but-inadequate.', 'state-ignored', 'state-encouraged',
    'state-shaped', 'state-coordinated', 'state-ordered', 'state-rogue-conducted', 'state-executed', 'state-integrated']
  const responsibility = (change: object) => ({ ...attribution, responsibility: { arsiwa: '8', ...change } })
  return [
    ...positionWords.map(([name, all]) => holds(`every ${name}: ${JSON.stringify(all[0])} and the others`,
      claims(all.map(word => ({ [name]: word }))))),
    ...foreign.map(([scale, term]) => anywhere(`the term ${JSON.stringify(term)} on the scale ${scale}`,
      claims([{ likelihood: { scale, term } }]))),
    anywhere('a likelihood without a scale', claims([{ likelihood: { term: 'likely' } }])),
    anywhere('a likelihood without a term', claims([{ likelihood: { scale: 'icd203' } }])),
    anywhere('a likelihood that is a text', claims([{ likelihood: 'likely' }])),
    anywhere('a term of 513 characters', claims([{ likelihood: { scale: 'other', term: long(513) } }])),
    holds('a term of 512 characters', claims([{ likelihood: { scale: 'other', term: long(512) } }])),
    ...single.flatMap(([name, all]) => all.map(word => holds(`${name} ${word}`, { ...attribution, [name]: word }))),
    ...words.map(([name, all]) => holds(`every ${name}`, { ...attribution, claims: [{ ...claim, evidence: [] }],
      evidence: all.map((word, i) => ({ ...piece, [name]: word, id: label(i) })) })),
    ...['0', '7', 'A'].map(word => fault(`the credibility ${word}`,
      { ...attribution, evidence: [{ ...piece, information_credibility: word }] },
        '/body/evidence/0/information_credibility')),
    fault('the reliability G', { ...attribution, evidence: [{ ...piece, source_reliability: 'G' }] },
      '/body/evidence/0/source_reliability'),
    holds('every breach', { ...attribution, norm_citations: breaches.map(breach => ({ breach, norm: 'ICJ:1' })) }),
    holds('every call', { ...attribution, calls_on: ['cease', 'assure', 'repair', 'investigate', 'cooperate'] }),
    ...healey.map(word => holds(`the place ${word}`, responsibility({ healey: word }))),
    ...many(8, i => holds(`the article ${i + 4}`, responsibility({ arsiwa: String(i + 4) }))),
    ...['3', '12', '04', 8].map(word => fault(`the article ${JSON.stringify(word)}`, responsibility({ arsiwa: word }),
      '/body/responsibility/arsiwa')),
    fault('a place without its dot', responsibility({ healey: 'state-prohibited' }), '/body/responsibility/healey'),
    fault('the maturity m6', { ...attribution, maturity: 'm6' }, '/body/maturity'),
  ]
}

function attributionTexts({ holds, fault }: Of): VectorCase[] {
  const media = (media_type: string) => ({ ...attribution, evidence: [{ ...piece, media_type }] })
  const norm = (text: string) => ({ ...attribution, norm_citations: [{ breach: 'not-characterised', norm: text }] })
  const at = '/body/evidence/0/media_type'
  const cites = '/body/norm_citations/0/norm'
  const lines: [string, (text: string) => object, string][] = [
    ['title', text => ({ title: text }), '/body/title'],
    ['victim', text => ({ victims: [text] }), '/body/victims/0'],
    ['incident', text => ({ incidents: [{ ref: text, title: 'x' }] }), '/body/incidents/0/ref'],
    ['title of an incident', text => ({ incidents: [{ ref: 'x', title: text }] }), '/body/incidents/0/title'],
    ['name', text => ({ claims: [{ ...claim, name: text }] }), '/body/claims/0/name'],
    ['alias', text => ({ claims: [{ ...claim, aliases: [{ name: text, source: 'x' }] }] }),
      '/body/claims/0/aliases/0/name'],
    ['source of an alias', text => ({ claims: [{ ...claim, aliases: [{ name: 'x', source: text }] }] }),
      '/body/claims/0/aliases/0/source'],
    ['title of evidence', text => ({ evidence: [{ ...piece, title: text }] }), '/body/evidence/0/title'],
    ['channel', text => ({ prior_notice_to_accused: { channel: text, date: '2029-12-24T00:00:00Z' } }),
      '/body/prior_notice_to_accused/channel'],
    ['bundle', text => ({ evidence: [{ ...piece, stix: { bundle: text, objects: 0, types: [] } }] }),
      '/body/evidence/0/stix/bundle'],
    ['type of a bundle', text => ({ evidence: [{ ...piece, stix: { bundle: 'x', objects: 0,
      types: [{ count: 0, type: text }] } }] }), '/body/evidence/0/stix/types/0/type'],
  ]
  const texts: [string, (text: string) => object, string][] = [
    ['alternative', text => ({ alternatives_considered: [text] }), '/body/alternatives_considered/0'],
    ['gap', text => ({ gaps: [text] }), '/body/gaps/0'],
    ['harm', text => ({ harm: text }), '/body/harm'],
    ['facts', text => ({ norm_citations: [{ breach: 'not-characterised', facts: text, norm: 'ICJ:1' }] }),
      '/body/norm_citations/0/facts'],
  ]
  return [
    ...lines.map(([name, change, place]) => fault(`a ${name} of two lines`, { ...attribution, ...change('a\nb') },
      place)),
    ...texts.flatMap(([name, change, place]) => [
      holds(`${name} of two lines`, { ...attribution, ...change('a\nb') }),
      fault(`${name} of nothing`, { ...attribution, ...change('') }, place),
    ]),
    holds('a summary of two lines', { ...attribution, summary: 'a\nb' }),
    fault('a date of discovery that is none', { ...attribution,
      incidents: [{ discovered_at: '2029-02-30T00:00:00Z', ref: 'x', title: 'x' }] },
        '/body/incidents/0/discovered_at'),
    fault('a salt of 31 bytes', { ...attribution, evidence: [{ ...piece, salt: b64(new Uint8Array(31)) }] },
      '/body/evidence/0/salt'),
    fault('an id of evidence in capitals', { ...attribution, evidence: [{ ...piece, id: 'E1' }] },
      '/body/evidence/0/id'),
    fault('a citation of evidence in capitals', { ...attribution, claims: [{ ...claim, evidence: ['E1'] }] },
      '/body/claims/0/evidence/0'),
    ...[`${long(64)}/${long(64)};version=12345678`, 'a/b', '0.+-a/9.+-z', 'a/b;version=1.0.9',
      'a/b;version=1'].map(text =>
      holds(`the media type ${text.slice(0, 20)} of ${text.length} characters`, media(text))),
    ...[`${long(65)}/a`, `a/${long(65)}`, '/a', 'a/', 'a', 'A/b', 'a/b;version=', 'a/b;version=123456789',
      'a/b;version=a',
      'a/b;charset=1', 'a/b/c', 'a_b/c', 'a/b\n'].map(text =>
      fault(`no media type: ${JSON.stringify(text.slice(0, 24))} of ${text.length} characters`, media(text), at)),
    ...[`A${long(31)}:${long(32)}`, 'Ab:1', 'Ab:ABC', 'A-9:()/.-', 'UN-GGE-2015:13(f)'].map(text =>
      holds(`the norm ${text.slice(0, 20)} of ${text.length} characters`, norm(text))),
    ...[`A${long(32)}:a`, `Ab:${long(33)}`, 'A:1', 'ab:1', 'Ab:', 'Ab', 'A_b:1', 'Ab:a b', 'Ab:1:2',
      'Ab:1\n'].map(text =>
      fault(`no norm: ${JSON.stringify(text.slice(0, 24))} of ${text.length} characters`, norm(text), cites)),
  ]
}

const proposal = {
  attributions: [sid('one')], deputies: [] as string[], form: 'common-text', invitees: ['borealia'],
    pen_holder: 'borealia',
  release_window: { from: '2030-03-01T00:00:00Z', until: '2030-03-02T00:00:00Z' }, respond_by: '2030-02-01T00:00:00Z',
  title: 'Together',
}

function proposeCases({ holds, fault, law }: Of): VectorCase[] {
  const about = (count: number) => many(count, i => sid(`about ${i}`))
  const to = (change: object) => ({ ...proposal, ...change })
  const refs = proposal.attributions
  const window = (change: object) => to({ release_window: { ...proposal.release_window, ...change } })
  return [
    ...['common-text', 'parallel-statements', 'co-sealed-advisory', 'endorsement'].map(form =>
      holds(`the form ${form}`, to({ form }), refs)),
    holds('16 attributions', to({ attributions: about(16) }), about(16)),
    ...(['invitees', 'deputies'] as const).flatMap(name => [
      holds(`200 ${name}`, to({ [name]: many(200, label) }), refs),
      fault(`201 ${name}`, to({ [name]: many(201, label) }), `/body/${name}`),
    ]),
    fault('a deputy in capitals', to({ deputies: ['Borealia'] }), '/body/deputies/0'),
    law('a deputy twice', to({ deputies: ['borealia', 'borealia'] }), '/body/deputies'),
    fault('a note of nothing', to({ note: '' }), '/body/note'),
    fault('a title of two lines', to({ title: 'a\nb' }), '/body/title'),
    fault('a window that ends on a day that is none', window({ until: '2030-02-30T00:00:00Z' }),
      '/body/release_window/until'),
    holds('a window of one second', window({ until: '2030-03-01T00:00:01Z' }), refs),
    holds('answers due one second before the window ends', to({ respond_by: '2030-03-01T23:59:59Z' }), refs),
    law('answers due one second after the window ends', to({ respond_by: '2030-03-02T00:00:01Z' }), '/body/respond_by'),
    law('invitees are named before deputies', to({ deputies: ['b', 'a'], invitees: ['b', 'a'] }), '/body/invitees'),
    holds('attributions in any order', to({ attributions: [...about(3)].sort(compareText).toReversed() }), about(3)),
  ]
}

const text = {
  claims: [{ attribution: sid('one'), claim: 'c1', id: 'x1' }], deadline: { at: '2030-03-01T00:00:00Z', size: 100 },
  lapse: { size: 200 }, proposal: sid('proposal'), texts: [{ lang: 'en', text: 'We say so.', title: 'Statement' }],
}

function textCases({ holds, fault, law }: Of): VectorCase[] {
  const refs = [sid('one'), sid('proposal')]
  const languages = (count: number) =>
    many(count, i => ({ lang: `en-x${String(i).padStart(2, '0')}`, text: 'We say so.', title: 'Statement' }))
  const to = (change: object) => ({ ...text, ...change })
  const claims = (change: object) => to({ claims: [{ ...text.claims[0], ...change }] })
  const sizes = (deadline: number, lapse: number) => to({ deadline: { ...text.deadline, size: deadline },
    lapse: { size: lapse } })
  return [
    holds('32 texts', to({ texts: languages(32) }), refs),
    fault('33 texts', to({ texts: languages(33) }), '/body/texts'),
    holds('a deadline of 0', sizes(0, 1), refs),
    holds('lapsing at 2^53 - 1', sizes(max - 1, max), refs),
    law('lapsing before the deadline', sizes(100, 99), '/body/lapse'),
    fault('a deadline at a moment that is none', to({ deadline: { at: '2030-03-01T00:00:60Z', size: 1 } }),
      '/body/deadline/at'),
    fault('a claim of an attribution that is no sid', claims({ attribution: 'x' }), '/body/claims/0/attribution'),
    fault('a claim in capitals', claims({ claim: 'C1' }), '/body/claims/0/claim'),
    fault('an id in capitals', claims({ id: 'X1' }), '/body/claims/0/id'),
    holds('one claim under two ids', to({ claims: [{ ...text.claims[0] }, { ...text.claims[0], id: 'x2' }] }), refs),
    holds('a text of several lines', to({ texts: [{ lang: 'en', text: 'a\nb', title: 'x' }] }), refs),
    fault('a title of two lines', to({ texts: [{ lang: 'en', text: 'a', title: 'a\nb' }] }), '/body/texts/0/title'),
    law('claims are named before texts', to({ claims: [text.claims[0], text.claims[0]], texts: [text.texts[0],
      text.texts[0]] }),
      '/body/claims'),
  ]
}

const position = { basis: 'partner-evidence-reviewed', claim: 'x1', named: 'organ', stance: 'supports' }
const join = {
  authority: { level: 'mfa', organ: 'Ministry' }, positions: [position], reservations: [] as object[],
    text: sid('text'),
}

function joinCases({ holds, fault, law }: Of): VectorCase[] {
  const refs = [sid('text')]
  const levels = ['head-of-state-or-government', 'foreign-minister', 'mfa', 'other-minister', 'cabinet',
    'intelligence-agency', 'cybersecurity-agency', 'csirt', 'law-enforcement', 'prosecutor', 'sanctions-authority',
    'armed-forces', 'international-organisation-body']
  const reservations = (count: number) => ({ ...join, reservations: many(count, () => ({ passage: 'p',
    text: 'a\nb' })) })
  const reserved = (change: object) => ({ ...join, reservations: [{ passage: 'p', text: 't', ...change }] })
  return [
    ...levels.map(level => holds(`the authority of ${level}`, { ...join, authority: { level, organ: 'x' } }, refs)),
    fault('an organ of two lines', { ...join, authority: { level: 'mfa', organ: 'a\nb' } }, '/body/authority/organ'),
    holds('32 reservations', reservations(32), refs),
    fault('33 reservations', reservations(33), '/body/reservations'),
    fault('a passage of two lines', reserved({ passage: 'a\nb' }), '/body/reservations/0/passage'),
    fault('a reservation of nothing', reserved({ text: '' }), '/body/reservations/0/text'),
    holds('a declaration of two lines', { ...join, interpretive_declaration: 'a\nb' }, refs),
    fault('a declaration of nothing', { ...join, interpretive_declaration: '' }, '/body/interpretive_declaration'),
    fault('a quoted member in capitals', { ...join, positions: [{ ...position, attributed_by: 'Ardenia' }] },
      '/body/positions/0/attributed_by'),
    law('positions are named before the condition', { ...join, positions: [position, position],
      when: { atLeast: [2, 'ardenia'] } }, '/body/positions'),
  ]
}

function positionCases({ holds, law, anywhere }: Of): VectorCase[] {
  const refs = [sid('text')]
  const positions = (list: object[]) => ({ ...join, positions: list.map((change, i) => ({ ...position, ...change,
    claim: label(i) })) })
  return [
    ...positionWords.map(([name, all]) => holds(`every ${name}: ${JSON.stringify(all[0])} and the others`,
      positions(all.map(word => ({ [name]: word }))), refs)),
    ...foreign.map(([scale, term]) => anywhere(`the term ${JSON.stringify(term)} on the scale ${scale}`,
      positions([{ likelihood: { scale, term } }]))),
    ...bases.filter(basis => basis !== 'partner-word').map(basis =>
      holds(`attributing on ${basis}`, positions([{ basis, stance: 'attributes' }]), refs)),
    holds('supporting on a partner\'s word', positions([{ basis: 'partner-word' }]), refs),
    law('attributing what another says, in the second position',
      positions([{}, { attributed_by: 'ardenia', stance: 'attributes' }]), '/body/positions'),
    law('attributing on a partner\'s word, in the second position',
      positions([{}, { basis: 'partner-word', stance: 'attributes' }]), '/body/positions'),
  ]
}

function conditionCases({ holds, law, anywhere }: Of): VectorCase[] {
  const joining = (when: unknown) => ({ ...join, when })
  const [fits, form] = [
    (name: string, when: unknown) => holds(`a condition: ${name}`, joining(when), [sid('text')]),
    (name: string, when: unknown) => anywhere(`a condition: ${name}`, joining(when)),
  ]
  const breaks = (name: string, when: unknown) => law(`a condition: ${name}`, joining(when), '/body/when')
  const leaves = (count: number) => many(count, i => ({ member: label(i) }))
  const floor = { claim: 'x1', min_named: 'organ', min_stance: 'supports' }
  return [
    fits('200 at least', { atLeast: [200] }),
    fits('a count of 62 of 62 listed, beside a member', { any: [{ atLeast: [61, ...many(61, label)] },
      { member: 'a' }] }),
    fits('63 listed', { atLeast: [63, ...many(63, label)] }),
    fits('any of 63', { any: leaves(63) }),
    breaks('any of 64', { any: leaves(64) }),
    form('any of 65', { any: leaves(65) }),
    form('65 parts, one of them not a condition', { any: [...leaves(64), 1] }),
    breaks('64 listed', { atLeast: [64, ...many(64, label)] }),
    breaks('one more than is listed', { atLeast: [2, 'ardenia'] }),
    fits('all that are listed', { atLeast: [2, 'ardenia', 'borealia'] }),
    breaks('65 nodes in two lists', { all: [{ atLeast: [1, ...many(31, label)] }, { atLeast: [1, ...many(31, label)] },
      { member: 'a' }].slice(0, 2).concat([{ member: 'a' }]) }),
    fits('64 nodes in two lists', { all: [{ atLeast: [1, ...many(31, label)] }, { atLeast: [1, ...many(30,
      label)] }] }),
    fits('4 deep, of both kinds', { any: [{ all: [{ any: [{ atLeast: [1] }] }] }] }),
    breaks('5 deep, of both kinds', { any: [{ all: [{ any: [{ all: [{ atLeast: [1] }] }] }] }] }),
    fits('a member and every floor', { member: 'ardenia', ...floor }),
    fits('a count and every floor', { atLeast: [2], ...floor }),
    ...stances.slice(0, 8).map(word => fits(`at least ${word}`, { member: 'ardenia', min_stance: word })),
    ...ladder.slice(0, 8).map(word => fits(`naming at least ${word}`, { member: 'ardenia', min_named: word })),
    breaks('a count with at least dissents', { atLeast: [2], min_stance: 'dissents' }),
    breaks('at least a territory, deep inside', { all: [{ any: [{ atLeast: [1], min_named: 'territory' }] }] }),
    form('a claim in capitals', { member: 'ardenia', claim: 'X1' }),
    form('a floor under all', { all: [{ member: 'ardenia' }], min_stance: 'supports' }),
    form('a floor under any', { any: [{ member: 'ardenia' }], claim: 'x1' }),
    form('all and any', { all: [{ member: 'ardenia' }], any: [{ member: 'ardenia' }] }),
    form('a count and a member', { atLeast: [1], member: 'ardenia' }),
    form('a member of 33 characters', { member: long(33) }),
    fits('a member of 32 characters', { member: long(32) }),
    form('an id in capitals in a list', { atLeast: [1, 'Ardenia'] }),
    form('a number in a list', { atLeast: [1, 1] }),
    form('a count below nothing', { atLeast: [-1] }),
    form('a list for a condition', [{ member: 'ardenia' }]),
    form('a list for a member', { member: ['ardenia'] }),
    form('one condition for a list of them', { all: { member: 'ardenia' } }),
    form('a member more', { member: 'ardenia', not: true }),
  ]
}

function declineCases({ holds, fault }: Of): VectorCase[] {
  const decline = { reason: 'timing', text: sid('text') }
  return [
    holds('a note of two lines', { ...decline, note: 'a\nb' }, [sid('text')]),
    fault('a note that is null', { ...decline, note: null }, '/body/note'),
  ]
}

function withdrawCases({ holds, fault }: Of): VectorCase[] {
  return [
    holds('a reason of two lines', { join: sid('join'), reason: 'a\nb' }, [sid('join')]),
    fault('a reason of nothing', { join: sid('join'), reason: '' }, '/body/reason'),
    fault('a reason that is null', { join: sid('join'), reason: null }, '/body/reason'),
  ]
}

function releaseCases({ holds, fault }: Of): VectorCase[] {
  const release = { cut: { root: sid('root'), size: 100 }, joins: [sid('join')], released_at: '2030-03-01T12:00:00Z',
    text: sid('text') }
  const refs = [sid('join'), sid('text')]
  const cut = (size: number) => ({ ...release, cut: { ...release.cut, size } })
  return [
    holds('a cut of 0', cut(0), refs),
    holds('a cut of 2^53 - 1', cut(max), refs),
    holds('the text as a join: that is for the log to say', { ...release, joins: [sid('text')] }, [sid('text')]),
    fault('a text that is no sid', { ...release, text: 'x' }, '/body/text'),
  ]
}

function abortCases({ holds, fault }: Of): VectorCase[] {
  return [
    holds('a reason of two lines', { proposal: sid('proposal'), reason: 'a\nb' }, [sid('proposal')]),
    holds('a reason of 65,536 characters', { proposal: sid('proposal'), reason: long(65_536) }, [sid('proposal')]),
    fault('a reason of 65,537 characters', { proposal: sid('proposal'), reason: long(65_537) }, '/body/reason'),
  ]
}
