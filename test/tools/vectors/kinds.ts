import { type KindName, portableSha256 as sha256, toBase64url as b64, utf8 } from '@chancery/protocol'
import { attribution, bad, borealia, cassia, charter, good, seed } from './coalition.ts'
import { charterKindCases } from './charter-kinds.ts'
import { kindBoundCases } from './kind-bounds.ts'
import { releaseKindCases } from './release-kinds.ts'
import type { VectorCase, VectorFile } from './vector-file.ts'

/** spec/vectors/kinds: a file a kind. The mechanical cases are made from a body in which every member is present. */
export const kindsVectors = (): Record<string, VectorFile> => Object.fromEntries(
  Object.entries(casesByKind).map(([kind, cases]) => [
    `kinds/${kind}.json`,
    { spec: `spec/05-kinds.md#${kind.replace('.', '-')}`, check: 'kindBody',
      cases: [...cases(of(kind as KindName)), ...kindBoundCases(kind as KindName)] },
  ]),
)

type Path = readonly (string | number)[]
export type Of = ReturnType<typeof of>

const sid = (name: string) => b64(sha256(utf8(`a statement: ${name}`)))
const pointer = (path: Path) => ['/body', ...path.map(part => String(part).replaceAll('~', '~0').replaceAll('/', '~1'))]
  .join('/')

/** A copy in which one place is changed; undefined leaves it out. */
function changed(value: unknown, [first, ...rest]: Path, to: unknown): unknown {
  if (first === undefined) return to
  if (Array.isArray(value)) return value.map((part, i) => (i === first ? changed(part, rest, to) : part))
  const members = value as Record<string, unknown>
  return { ...members, [first]: changed(members[first], rest, to) }
}

/** The cases of one kind: bodies, and one place of a whole body made wrong. */
function of(kind: KindName) {
  const holds = (name: string, body: unknown, refs: string[] = []) => good(name, { body, kind },
    { refs: [...refs].sort() })
  const breaks = (name: string, body: unknown, at: string) => bad(name, { body, kind }, 'statement.breaks-law', at)
  const shape = (name: string, body: unknown, at: string) => bad(name, { body, kind }, 'statement.bad-schema', at)
  /** A value of several forms that fits none: where it is at fault is each reader's to say. */
  const anywhere = (name: string, body: unknown) => bad(name, { body, kind }, 'statement.bad-schema')
  const place = (body: unknown, path: Path, to: unknown) =>
    shape(`${pointer(path)} is ${JSON.stringify(to) ?? 'missing'}`.slice(0, 80), changed(body, path, to), pointer(path))
  const missing = (body: unknown, ...paths: Path[]) => paths.map(path => place(body, path, undefined))
  const unknown = (body: unknown, ...paths: Path[]) =>
    paths.map(path => shape(`an unknown member at ${pointer(path)}`, changed(body, [...path, 'zzz'], 1),
      pointer([...path, 'zzz'])))
  const enums = (body: unknown, ...paths: Path[]) =>
    paths.flatMap(path => [place(body, path, 'unheard-of'), place(body, path, '')])
  const wrong = (body: unknown, ...places: [Path, unknown][]) => places.map(([path, to]) => place(body, path, to))
  return { holds, breaks, anywhere, missing, unknown, enums, wrong }
}

const casesByKind: Readonly<Record<string, (of: Of) => VectorCase[]>> = {
  ...charterKindCases,
  ...releaseKindCases,
  'charter.adopt': adoptCases,
  'key.prekey': prekeyCases,
  'key.add': addCases,
  'key.revoke': revokeCases,
  'key.rotate-root': rotateCases,
  'statement.reaffirm': reaffirmCases,
  'mandate.grant': mandateCases,
  'mandate.revoke': ({ holds, missing, unknown, wrong }) => {
    const body = { kid: borealia.sign.record.kid }
    return [holds('of a key', body), ...missing(body, ['kid']), ...unknown(body, []), ...wrong(body, [['kid'], 'x'])]
  },
  'attribution.statement': attributionCases,
  'callout.propose': proposeCases,
  'callout.text': textCases,
  'callout.join': joinCases,
  'callout.decline': declineCases,
  'callout.withdraw': withdrawCases,
  'callout.release': releaseCases,
  'callout.abort': abortCases,
}

function adoptCases({ holds, anywhere }: Of): VectorCase[] {
  const genesis = sid('genesis')
  return [
    holds('the charter itself', { charter }),
    holds('the charter named', { adopts: genesis }, [genesis]),
    anywhere('both', { adopts: genesis, charter }),
    anywhere('neither', {}),
    anywhere('an unknown member beside the name', { adopts: genesis, note: 'x' }),
    anywhere('an unknown member beside the charter', { charter, note: 'x' }),
    anywhere('not a sid', { adopts: 'x' }),
    anywhere('an unknown member in the charter', { charter: { ...charter, motto: 'x' } }),
    anywhere('a charter that is null', { charter: null }),
    anywhere('no body', null),
    anywhere('a list', []),
  ]
}

function prekeyCases({ holds, breaks, missing, unknown, enums, wrong }: Of): VectorCase[] {
  const [enc, xwing, sign] = [borealia.enc.record, borealia.xwing.record, borealia.sign.record]
  const both = { keys: [enc, xwing], until: '2030-04-16T00:00:00Z' }
  return [
    holds('of both suites', both),
    holds('of one suite', { ...both, keys: [cassia.enc.record] }),
    holds('of a person', { ...both, keys: [{ ...xwing, person: 'Envoy Ilse Marn' }] }),
    breaks('a key that signs', { ...both, keys: [enc, sign] }, '/body/keys'),
    breaks('a key twice', { ...both, keys: [enc, enc] }, '/body/keys'),
    ...missing(both, ['keys'], ['until'], ['keys', 0, 'kid'], ['keys', 1, 'jwk']),
    ...unknown(both, [], ['keys', 0]),
    ...enums(both, ['keys', 0, 'use'], ['keys', 0, 'alg']),
    ...wrong(both, [['keys'], []], [['until'], '2030-04-16'], [['keys', 0, 'kid'], 'x']),
  ]
}

function addCases({ holds, breaks, missing, unknown, enums, wrong }: Of): VectorCase[] {
  const [sign, root, auth] = [borealia.sign.record, borealia.root.record, borealia.auth.record]
  const all = { keys: [sign, root, auth] }
  return [
    holds('of each use', all),
    holds('one', { keys: [auth] }),
    breaks('a key that seals', { keys: [sign, borealia.enc.record] }, '/body/keys'),
    breaks('a key of a witness', { keys: [{ ...auth, use: 'witness' }] }, '/body/keys'),
    breaks('a key twice', { keys: [sign, sign] }, '/body/keys'),
    ...missing(all, ['keys'], ['keys', 0, 'kid'], ['keys', 1, 'jwk']),
    ...unknown(all, [], ['keys', 0]),
    ...enums(all, ['keys', 0, 'use'], ['keys', 0, 'alg']),
    ...wrong(all, [['keys'], []], [['keys', 0, 'kid'], 'x'], [['keys', 0, 'proof'], '']),
  ]
}

function revokeCases({ holds, missing, unknown, wrong }: Of): VectorCase[] {
  const body = { kid: borealia.sign.record.kid, reason: 'A machine was lost.\nIt is not known to whom.' }
  return [
    holds('with a reason', body),
    holds('compromised since an index', { ...body, compromised_since: 0 }),
    ...missing(body, ['kid'], ['reason']),
    ...unknown(body, []),
    ...wrong(body, [['kid'], 'x'], [['kid'], null], [['reason'], ''], [['compromised_since'], -1],
      [['compromised_since'], null]),
  ]
}

function rotateCases({ holds, breaks, missing, unknown, enums, wrong }: Of): VectorCase[] {
  const body = { compromised_since: 0, key: borealia.root.record, next_root: sid('the next') }
  return [
    holds('with an index', body),
    holds('without one', { key: body.key, next_root: body.next_root }),
    breaks('a sign key', { ...body, key: borealia.sign.record }, '/body/key/use'),
    ...missing(body, ['key'], ['next_root'], ['key', 'kid']),
    ...unknown(body, [], ['key']),
    ...enums(body, ['key', 'use'], ['key', 'alg']),
    ...wrong(body, [['next_root'], 'x'], [['next_root'], null], [['compromised_since'], -1]),
  ]
}

function mandateCases({ holds, breaks, missing, unknown, enums, wrong }: Of): VectorCase[] {
  const body = { kid: borealia.sign.record.kid, kinds: ['callout.join', 'receipt'], strongest_stance: 'supports',
    until: 100 }
  return [
    holds('kinds, stance and end', body),
    holds('nothing beside the key', { kid: body.kid }),
    holds('no kind at all', { ...body, kinds: [] }),
    holds('a kind that this version does not know', { ...body, kinds: ['unheard.of'] }),
    breaks('kinds out of order', { ...body, kinds: ['receipt', 'callout.join'] }, '/body/kinds'),
    breaks('a kind twice', { ...body, kinds: ['receipt', 'receipt'] }, '/body/kinds'),
    breaks('a stance off the scale', { ...body, strongest_stance: 'dissents' }, '/body/strongest_stance'),
    ...missing(body, ['kid']),
    ...unknown(body, []),
    ...enums(body, ['strongest_stance']),
    ...wrong(body, [['kid'], 'x'], [['kinds', 0], 'Join'], [['kinds', 0], 'a.b.c'], [['kinds'], 'receipt'],
      [['until'], -1], [['until'], null]),
  ]
}

function reaffirmCases({ holds, breaks, missing, unknown, wrong }: Of): VectorCase[] {
  const two = [sid('one'), sid('two')].sort()
  return [
    holds('one', { statements: [sid('one')] }, [sid('one')]),
    holds('two', { statements: two }, two),
    breaks('not sorted', { statements: two.toReversed() }, '/body/statements'),
    breaks('one twice', { statements: [sid('one'), sid('one')] }, '/body/statements'),
    ...missing({ statements: two }, ['statements']),
    ...unknown({ statements: two }, []),
    ...wrong({ statements: two }, [['statements'], []], [['statements', 0], 'x'], [['statements'], sid('one')]),
  ]
}

const evidence = {
  class: 'infrastructure', digest: b64(seed('evidence')), id: 'e1', information_credibility: '2',
  media_type: 'application/stix+json;version=2.1', obtained_at: '2029-12-01T00:00:00Z', salt: b64(seed('salt')),
    size: 4_096,
  source_reliability: 'B', stix: { bundle: 'bundle--1', objects: 3,
    types: [{ count: 2, type: 'indicator' }, { count: 1, type: 'malware' }] },
  title: 'Servers',
}
const claim = {
  aliases: [{ name: 'Grey Heron', source: 'A vendor' }], basis: 'own-assessment', confidence: 'moderate',
    evidence: ['e1'],
  id: 'c1', likelihood: { scale: 'icd203', term: 'likely' }, name: 'Unit 9', named: 'organ', stance: 'attributes',
}
const whole = {
  alternatives_considered: ['A false flag'], calls_on: ['cease', 'investigate'],
  claims: [claim, { ...claim, attributed_by: 'borealia', id: 'c2', stance: 'supports' }], evidence: [evidence],
    gaps: ['Who paid'],
  harm: 'Letters were read.', incidents: [{ discovered_at: '2029-11-01T00:00:00Z', ref: 'case-7', title: 'Intrusion' }],
  kind: 'legal', maturity: 'm3',
  norm_citations: [{ breach: 'contrary-to-norm', facts: 'As said above.', norm: 'UN-GGE-2015:13(f)' }],
  prior_notice_to_accused: { channel: 'Note verbale', date: '2029-12-24T00:00:00Z' }, publicity: 'public',
  responsibility: { arsiwa: '8', healey: 'state-coordinated' }, summary: 'In one\nor two lines.',
    territorial_only: false,
  title: 'An intrusion', victims: ['The ministry'],
}

function attributionCases({ holds, breaks, missing, unknown, enums, wrong }: Of): VectorCase[] {
  const likelihood = (scale: string, term: string) =>
    ({ ...whole, claims: [{ ...claim, likelihood: { scale, term } }] })
  const named = (what: string) => ({ ...whole, territorial_only: true, claims: [{ ...claim, named: what }] })
  const stix = (objects: number) => ({ ...whole, evidence: [{ ...evidence, stix: { ...evidence.stix, objects } }] })
  return [
    holds('with every member', whole),
    holds('with required members only', attribution),
    holds('from a territory, naming a group', named('group')),
    holds('from a territory, naming the territory', named('territory')),
    holds('on the British scale', likelihood('phia', 'realistic-possibility')),
    holds('on the French scale', likelihood('fr', 'quasi-certaine')),
    holds('on a scale in its own words', likelihood('other', 'nach Überzeugung')),
    breaks('two claims with one id', { ...whole, claims: [claim, claim] }, '/body/claims'),
    breaks('two pieces of evidence with one id', { ...whole, evidence: [evidence, evidence] }, '/body/evidence'),
    breaks('a claim that cites what is not listed', { ...whole, evidence: [] }, '/body/claims'),
    breaks('a claim that attributes and quotes', { ...whole, claims: [{ ...claim, attributed_by: 'borealia' }] },
      '/body/claims'),
    breaks('from a territory, by its State', named('state'), '/body/territorial_only'),
    breaks('from a territory, by its organ', named('organ'), '/body/territorial_only'),
    breaks('a bundle of one object fewer', stix(4), '/body/evidence'),
    ...missing(attribution, ...['claims', 'evidence', 'incidents', 'kind', 'publicity', 'summary', 'title']
      .map(name => [name])),
    ...missing(whole, ...['basis', 'evidence', 'id', 'name', 'named', 'stance'].map(name => ['claims', 0, name])),
    ...missing(whole, ...['class', 'digest', 'id', 'information_credibility', 'media_type', 'salt', 'size',
      'source_reliability', 'title']
      .map(name => ['evidence', 0, name])),
    ...missing(whole, ['incidents', 0, 'ref'], ['incidents', 0, 'title'], ['norm_citations', 0, 'norm'],
      ['responsibility', 'arsiwa']),
    ...unknown(whole, [], ['claims', 0], ['claims', 0, 'aliases', 0], ['claims', 0, 'likelihood'], ['evidence', 0],
      ['evidence', 0, 'stix'],
      ['incidents', 0], ['norm_citations', 0], ['prior_notice_to_accused'], ['responsibility']),
    ...enums(whole, ['kind'], ['publicity'], ['maturity'], ['calls_on', 0], ['claims', 0, 'basis'],
      ['claims', 0, 'confidence'],
      ['claims', 0, 'named'], ['claims', 0, 'stance'], ['claims', 0, 'likelihood', 'scale'],
        ['claims', 0, 'likelihood', 'term'],
      ['evidence', 0, 'class'], ['evidence', 0, 'information_credibility'], ['evidence', 0, 'source_reliability'],
      ['norm_citations', 0, 'breach'], ['responsibility', 'arsiwa'], ['responsibility', 'healey']),
    ...wrong(whole, [['claims'], []], [['incidents'], []], [['claims', 0, 'attributed_by'], 'Borealia'],
      [['claims', 0, 'id'], 'C1'],
      [['claims', 0, 'likelihood', 'term'], 'quasi-certaine'], [['claims', 0, 'confidence'], 50],
        [['evidence', 0, 'digest'], 'AA'],
      [['evidence', 0, 'media_type'], 'text/plain; charset=utf-8'], [['evidence', 0, 'obtained_at'], '2029-12-01'],
      [['evidence', 0, 'size'], -1], [['norm_citations', 0, 'norm'], '13(f)'],
        [['prior_notice_to_accused', 'date'], '2029-02-30T00:00:00Z'],
      [['summary'], 'a\u202eb'], [['territorial_only'], 'true'], [['title'], 'two\nlines'], [['title'], ''],
        [['victims', 0], null],
      [['title'], 'a'.repeat(513)], [['calls_on'], ['cease', 'cease', 'cease', 'cease', 'cease', 'cease']]),
  ]
}

const proposal = {
  attributions: [sid('one'), sid('two')], deputies: ['borealia'], form: 'common-text', invitees: ['borealia', 'cassia'],
  note: 'In confidence.', pen_holder: 'borealia', release_window: { from: '2030-03-01T00:00:00Z',
    until: '2030-03-02T00:00:00Z' },
  respond_by: '2030-02-01T00:00:00Z', title: 'Together',
}

function proposeCases({ holds, breaks, missing, unknown, enums, wrong }: Of): VectorCase[] {
  const { note: _, ...required } = proposal
  const window = (from: string, until: string, by = from) =>
    ({ ...proposal, release_window: { from, until }, respond_by: by })
  const late = '2030-03-02T00:00:00Z'
  return [
    holds('with every member', proposal, proposal.attributions),
    holds('with required members only', { ...required, deputies: [] }, proposal.attributions),
    holds('answers due within the window', window('2030-03-01T00:00:00Z', late, '2030-03-01T23:59:59Z'),
      proposal.attributions),
    breaks('invitees out of order', { ...proposal, invitees: ['cassia', 'borealia'] }, '/body/invitees'),
    breaks('an invitee twice', { ...proposal, invitees: ['cassia', 'cassia'] }, '/body/invitees'),
    breaks('deputies out of order', { ...proposal, deputies: ['cassia', 'borealia'] }, '/body/deputies'),
    breaks('an attribution twice', { ...proposal, attributions: [sid('one'), sid('one')] }, '/body/attributions'),
    breaks('a window that ends as it begins', window(late, late, '2030-02-01T00:00:00Z'), '/body/release_window'),
    breaks('a window that ends before it begins', window(late, '2030-03-01T00:00:00Z', '2030-02-01T00:00:00Z'),
      '/body/release_window'),
    breaks('answers due when the window ends', window('2030-03-01T00:00:00Z', late, late), '/body/respond_by'),
    ...missing(proposal, ...Object.keys(required).map(name => [name]), ['release_window', 'from'],
      ['release_window', 'until']),
    ...unknown(proposal, [], ['release_window']),
    ...enums(proposal, ['form']),
    ...wrong(proposal, [['attributions'], []],
      [['attributions'], Array.from({ length: 17 }, (_each, i) => sid(`${i}`))],
      [['attributions', 0], 'x'], [['invitees'], []], [['invitees', 0], 'Borealia'], [['pen_holder'], null],
      [['respond_by'], '2030-02-01T00:00:00+00:00'], [['release_window', 'from'], '2030-03-01T00:00Z']),
  ]
}

const text = {
  claims: [{ attribution: sid('one'), claim: 'c1', id: 'x1' }, { attribution: sid('two'), claim: 'c1', id: 'x2' }],
  deadline: { at: '2030-03-01T00:00:00Z', size: 100 }, lapse: { size: 200 }, proposal: sid('proposal'),
  texts: [{ lang: 'en', text: 'We say so.', title: 'Statement' },
    { lang: 'fr', text: 'Nous le disons.', title: 'Déclaration' }],
}

function textCases({ holds, breaks, missing, unknown, wrong }: Of): VectorCase[] {
  const refs = [sid('one'), sid('two'), sid('proposal')]
  const claims = (count: number) =>
    Array.from({ length: count }, (_, i) => ({ attribution: sid('one'), claim: 'c1', id: `x${i}` }))
  return [
    holds('in two languages', text, refs),
    holds('two claims of one attribution, one ref',
      { ...text, claims: [{ ...text.claims[0] }, { ...text.claims[0], id: 'x2' }] },
      [sid('one'), sid('proposal')]),
    holds('lapsing right after the deadline', { ...text, lapse: { size: 101 } }, refs),
    breaks('two claims with one id', { ...text, claims: [text.claims[0], { ...text.claims[1], id: 'x1' }] },
      '/body/claims'),
    breaks('two texts in one language', { ...text, texts: [text.texts[0], text.texts[0]] }, '/body/texts'),
    breaks('lapsing at the deadline', { ...text, lapse: { size: 100 } }, '/body/lapse'),
    ...missing(text, ...Object.keys(text).map(name => [name]), ['claims', 0, 'attribution'], ['claims', 0, 'claim'],
      ['claims', 0, 'id'],
      ['deadline', 'at'], ['deadline', 'size'], ['lapse', 'size'], ['texts', 0, 'lang'], ['texts', 0, 'text'],
        ['texts', 0, 'title']),
    ...unknown(text, [], ['claims', 0], ['deadline'], ['lapse'], ['texts', 0]),
    holds('16 claims', { ...text, claims: claims(16) }, [sid('one'), sid('proposal')]),
    ...wrong(text, [['claims'], []], [['claims'], claims(17)], [['texts'], []], [['texts', 0, 'lang'], 'English'],
      [['texts', 0, 'text'], 'e\u0301'],
      [['texts', 0, 'title'], 'a\u2066b'], [['deadline', 'size'], '100'], [['lapse', 'size'], -1], [['proposal'], 'x']),
  ]
}

const position = {
  attributed_by: 'ardenia', basis: 'partner-evidence-reviewed', claim: 'x1', confidence: 'high',
    likelihood: { scale: 'phia', term: 'likely' },
  named: 'organ', stance: 'supports',
}
const when = {
  all: [
    { member: 'ardenia', claim: 'x1', min_named: 'organ', min_stance: 'attributes' },
    { any: [{ atLeast: [2, 'borealia', 'cassia', 'delos'] }, { atLeast: [5], min_stance: 'supports' }] },
  ],
}
const required = {
  authority: { level: 'mfa', organ: 'Ministry of Foreign Affairs' }, positions: [position],
  reservations: [{ passage: 'paragraph 2', text: 'Not shared.' }], text: sid('text'),
}
const join = { ...required, interpretive_declaration: 'As we understand it.', when }

function joinCases(kind: Of): VectorCase[] {
  const { holds, breaks, missing, unknown, enums, wrong } = kind
  const refs = [sid('text')]
  const positions = (...list: object[]) => ({ ...join, positions: list })
  const { attributed_by: _, ...own } = position
  const many = (count: number) => Array.from({ length: count }, (_each, i) => ({ ...position, claim: `x${i}` }))
  return [
    holds('with every member', join, refs),
    holds('outright', required, refs),
    holds('attributing on one\'s own', positions({ ...own, basis: 'own-assessment', stance: 'attributes' }), refs),
    breaks('two positions on one claim', positions(position, position), '/body/positions'),
    breaks('attributing what another says', positions({ ...position, stance: 'attributes' }), '/body/positions'),
    breaks('attributing on a partner\'s word', positions({ ...own, basis: 'partner-word', stance: 'attributes' }),
      '/body/positions'),
    ...conditionCases(kind),
    ...missing(join, ['authority'], ['positions'], ['reservations'], ['text'], ['authority', 'level'],
      ['authority', 'organ'],
      ...['basis', 'claim', 'named', 'stance'].map(name => ['positions', 0, name]), ['reservations', 0, 'passage'],
        ['reservations', 0, 'text']),
    ...unknown(join, [], ['authority'], ['positions', 0], ['positions', 0, 'likelihood'], ['reservations', 0]),
    ...enums(join, ['authority', 'level'], ['positions', 0, 'basis'], ['positions', 0, 'confidence'],
      ['positions', 0, 'named'],
      ['positions', 0, 'stance'], ['positions', 0, 'likelihood', 'scale'], ['positions', 0, 'likelihood', 'term']),
    holds('16 positions', positions(...many(16)), refs),
    ...wrong(join, [['positions'], []], [['positions'], many(17)], [['positions', 0, 'claim'], 'X1'], [['text'], 'x'],
      [['authority', 'organ'], '']),
  ]
}

function conditionCases({ holds, breaks, anywhere }: Of): VectorCase[] {
  const joining = (condition: unknown) => ({ ...join, when: condition })
  const deep = (depth: number): unknown => (depth === 1 ? { member: 'ardenia' } : { all: [deep(depth - 1)] })
  const law = (name: string, condition: unknown) => breaks(`a condition: ${name}`, joining(condition), '/body/when')
  const form = (name: string, condition: unknown) => anywhere(`a condition: ${name}`, joining(condition))
  const leaves = (count: number) => Array.from({ length: count }, (_, i) => ({ member: `m${i}` }))
  return [
    holds('a condition 4 deep', joining(deep(4)), [sid('text')]),
    holds('a condition of 64 nodes', joining({ all: leaves(63) }), [sid('text')]),
    law('5 deep', deep(5)),
    law('15 deep', deep(15)),
    law('65 nodes', { all: leaves(64) }),
    law('65 nodes, counting ids', { atLeast: [1, ...Array.from({ length: 64 }, (_, i) => `m${i}`)] }),
    law('a member counted twice', { atLeast: [2, 'ardenia', 'ardenia'] }),
    law('three of two', { atLeast: [3, 'ardenia', 'borealia'] }),
    ...['co-seals', 'no-position', 'dissents']
      .map(stance => law(`at least ${stance}`, { member: 'ardenia', min_stance: stance })),
    law('at least a territory', { member: 'ardenia', min_named: 'territory' }),
    law('a bad leaf deep inside', { any: [{ member: 'ardenia' }, { all: [{ atLeast: [9, 'ardenia'] }] }] }),
    form('nothing', {}),
    form('null', null),
    form('a negation', { not: { member: 'ardenia' } }),
    form('two forms in one', { member: 'ardenia', all: [{ member: 'borealia' }] }),
    form('all of nothing', { all: [] }),
    form('any of nothing', { any: [] }),
    form('none at least', { atLeast: [0] }),
    form('201 at least', { atLeast: [201] }),
    form('at least, without a number', { atLeast: ['ardenia'] }),
    form('at least nothing', { atLeast: [] }),
    form('a number that is a text', { atLeast: ['2', 'ardenia'] }),
    form('an unknown stance', { member: 'ardenia', min_stance: 'agrees' }),
    form('an unknown object', { member: 'ardenia', min_named: 'nobody' }),
    form('a member in capitals', { member: 'Ardenia' }),
    form('65 parts', { all: leaves(65) }),
  ]
}

function declineCases({ holds, missing, unknown, enums, wrong }: Of): VectorCase[] {
  const decline = { note: 'Not this time.', reason: 'timing', text: sid('text') }
  return [
    holds('with a note', decline, [sid('text')]),
    ...['no-evidence', 'no-mandate', 'legal', 'policy', 'other']
      .map(reason => holds(`for ${reason}`, { reason, text: sid('text') }, [sid('text')])),
    ...missing(decline, ['reason'], ['text']),
    ...unknown(decline, []),
    ...enums(decline, ['reason']),
    ...wrong(decline, [['note'], ''], [['text'], null]),
  ]
}

function withdrawCases({ holds, missing, unknown, wrong }: Of): VectorCase[] {
  const withdraw = { join: sid('join'), reason: 'A change of government.' }
  return [
    holds('with a reason', withdraw, [sid('join')]),
    holds('without a reason', { join: sid('join') }, [sid('join')]),
    ...missing(withdraw, ['join']),
    ...unknown(withdraw, []),
    ...wrong(withdraw, [['join'], 'x'], [['join'], [sid('join')]], [['reason'], 'a\u0000b']),
  ]
}

function releaseCases({ holds, breaks, missing, unknown, wrong }: Of): VectorCase[] {
  const joins = Array.from({ length: 200 }, (_, i) => sid(`join ${i}`)).sort()
  const release = { cut: { root: sid('root'), size: 100 }, joins: joins.slice(0, 2),
    released_at: '2030-03-01T12:00:00Z', text: sid('text') }
  return [
    holds('of two joins', release, [sid('text'), ...joins.slice(0, 2)]),
    holds('of 200 joins', { ...release, joins }, [sid('text'), ...joins]),
    breaks('joins out of order', { ...release, joins: joins.slice(0, 2).reverse() }, '/body/joins'),
    breaks('a join twice', { ...release, joins: [joins[0], joins[0]] }, '/body/joins'),
    ...missing(release, ...Object.keys(release).map(name => [name]), ['cut', 'root'], ['cut', 'size']),
    ...unknown(release, [], ['cut']),
    ...wrong(release, [['joins'], []], [['joins'], [...joins, sid('join 200')]], [['joins', 0], 'x'],
      [['cut', 'size'], -1],
      [['cut', 'root'], 'AA'], [['released_at'], '2030-03-01T12:00:00.000Z']),
  ]
}

function abortCases({ holds, missing, unknown, wrong }: Of): VectorCase[] {
  const abort = { proposal: sid('proposal'), reason: 'Overtaken by events.' }
  return [
    holds('with its reason', abort, [sid('proposal')]),
    ...missing(abort, ['proposal'], ['reason']),
    ...unknown(abort, []),
    ...wrong(abort, [['proposal'], 'x'], [['reason'], ''], [['reason'], null]),
  ]
}
