import { concat, toBase64url as b64 } from '@chancery/protocol'
import {
  type Cast, adoption, ardenia, attribution, bad, borealia, cassia, claims, genesis, genesisSid, good, holder, jwsOf,
  seed, sidOf,
  statement,
} from './coalition.ts'
import { claimShapeCases } from './claim-shapes.ts'
import { envelopeCases } from './envelope.ts'
import { actCases, markedAs } from './acts.ts'
import { bytesOf } from './seal-twin.ts'
import type { VectorCase, VectorFile } from './vector-file.ts'

/** All of spec/vectors/statements. A charter is named by its case in charter/adoptions.json. */
export const statementsVectors = async (): Promise<Record<string, VectorFile>> => ({
  'statements/envelope.json': { spec: 'spec/04-statements.md#envelope', check: 'envelope', cases: envelopeCases() },
  'statements/verification.json': {
    spec: 'spec/04-statements.md#verification', check: 'statement', cases: await verificationCases(),
  },
  'statements/relations.json': { spec: 'spec/04-statements.md#verification', check: 'relations',
    cases: relationCases() },
})

const given = (jws: string, index = 3, charter = 'in force') => ({ charter, copy: `${jws}~`, index })
const resigned = (jws: string, signature: Uint8Array) => `${jws.slice(0, jws.lastIndexOf('.'))}.${b64(signature)}`
const signatureOf = (jws: string) => bytesOf(jws.slice(jws.lastIndexOf('.') + 1))
const elsewhere = b64(seed('elsewhere'))

async function verificationCases(): Promise<VectorCase[]> {
  const holds = (name: string, jws: string) => good(name, given(jws), { lines: [], sid: sidOf(jws) })
  const wrong = (name: string, jws: string, code: string, at?: string) => bad(name, given(jws), code, at)
  const stranger = await holder('delos', 'sign', 'EdDSA')
  const own = statement(ardenia)
  const high = signatureOf(statement(borealia))
  return [
    holds('signed with Ed25519', own),
    holds('signed with P-256', statement(borealia)),
    holds('signed with P-384', statement(cassia)),
    holds('an exercise', statement(ardenia, { exercise: true })),
    holds('a restricted statement',
      statement(ardenia, { handling: { tlp: 'amber+strict' }, chain: { id: 'amber-strict', prev: null, seq: 0 } })),
    holds('a tear line that is withheld', statement(ardenia, { tear: { a: { _sd: [elsewhere], tlp: 'red' } } })),
    good('an adoption before the charter is in force', given(adoption(cassia), 1, 'nobody else yet')),
    good('the genesis statement itself', given(genesis, 0)),
    bad('before the charter is in force', given(own, 2), 'charter.not-in-force', '/charter'),
    bad('while a member has not adopted', given(own, 3, 'one of two others'), 'charter.not-in-force', '/charter'),
    bad('no tilde after the statement', { ...given(own), copy: own }, 'bytes.bad-alphabet'),
    bad('a tilde too many', { ...given(own), copy: `${own}~~` }, 'tear.unreferenced', '/disclosures/0'),
    bad('17 disclosures', { ...given(own), copy: `${own}~${'AA~'.repeat(17)}` }, 'bytes.too-large', '/disclosures'),
    ...largeCases(),
    wrong('by the key of a stranger', statement({ ...ardenia, sign: stranger }), 'charter.unknown-key', '/header/kid'),
    wrong('with the algorithm of another key', headed(borealia, 'ES384'), 'charter.wrong-alg', '/header/alg'),
    wrong('with ES256 and an Ed25519 key', headed(ardenia, 'ES256'), 'charter.wrong-alg', '/header/alg'),
    wrong('by an enc key', headed({ ...ardenia, sign: { ...ardenia.enc, sign: ardenia.sign.sign } }, 'EdDSA'),
      'charter.wrong-alg', '/header/alg'),
    wrong('by an auth key', statement(ardenia, {}, ardenia.auth), 'charter.wrong-use', '/header/kid'),
    wrong('by a root key', statement(ardenia, {}, ardenia.root), 'charter.wrong-use', '/header/kid'),
    wrong('another text under the signature', resigned(statement(ardenia, { iat: 1 }), signatureOf(own)),
      'statement.bad-signature', '/signature'),
    wrong('a signature cut short', resigned(own, signatureOf(own).subarray(1)), 'statement.bad-signature',
      '/signature'),
    wrong('a signature with a byte more', resigned(own, concat(signatureOf(own), Uint8Array.of(0))),
      'statement.bad-signature', '/signature'),
    wrong('r and s exchanged', resigned(statement(borealia), concat(high.subarray(32), high.subarray(0, 32))),
      'statement.bad-signature', '/signature'),
    wrong('a bad signature is named before a bad claim', resigned(statement(ardenia, { v: 2 }), new Uint8Array(64)),
      'statement.bad-signature', '/signature'),
    ...claimCases(wrong),
    ...claimShapeCases(),
    ...placeCases(wrong),
    wrong('the name of another member', statement(ardenia, { iss: 'borealia' }), 'statement.not-issuer', '/iss'),
    wrong('a kind for a role it does not have',
      statement(cassia, { kind: 'callout.propose', body: proposal, refs: [elsewhere] }),
      'statement.not-issuer', '/iss'),
    wrong('a law of the body', statement(ardenia, { body: { ...attribution, evidence: [] } }), 'statement.breaks-law',
      '/body/claims'),
    wrong('a tear line in a kind that has none',
      statement(ardenia, { kind: 'callout.propose', body: proposal, refs: [elsewhere],
      tear: { a: { _sd: [elsewhere], tlp: 'red' } } }), 'statement.breaks-law', '/tear'),
  ]
}

const headed = (by: Cast, alg: string): string =>
  jwsOf({
    key: by.sign, payload: { ...claims, body: attribution, iss: by.member.id, kind: 'attribution.statement' },
    header: { alg, kid: by.sign.record.kid, typ: 'chancery-statement+sd-jwt' },
  })

/** A statement of exactly so many characters, by texts as long as needed. */
function ofLength(length: number): string {
  const full = 'a'.repeat(65_536)
  const made = (rest: number) =>
    statement(cassia, { body: { ...attribution, gaps: [full, 'a'.repeat(rest)], harm: full } })
  const rest = Math.floor(((length - made(1).length) * 3) / 4)
  const found = [0, 1, 2, 3].map(more => made(rest + more)).find(jws => jws.length === length)
  if (found === undefined) throw new Error(`no statement has ${length} characters`)
  return found
}

function largeCases(): VectorCase[] {
  const largest = ofLength(262_144)
  return [
    good('a statement of 262,144 characters', given(largest)),
    bad('a statement of 262,145 characters', given(`${largest}A`), 'bytes.too-large'),
  ]
}

const proposal = {
  attributions: [elsewhere], deputies: [], form: 'common-text', invitees: ['borealia', 'cassia'],
    pen_holder: 'borealia',
  release_window: { from: '2030-03-01T00:00:00Z', until: '2030-04-01T00:00:00Z' }, respond_by: '2030-02-01T00:00:00Z',
  title: 'Together',
}

type Wrong = (name: string, jws: string, code: string, at?: string) => VectorCase

function claimCases(wrong: Wrong): VectorCase[] {
  const shape = (name: string, change: object, at: string) => wrong(name, statement(ardenia, change),
    'statement.bad-schema', at)
  const slot = (tear: object) => ({ tear })
  const line = { _sd: [elsewhere], tlp: 'red' }
  const lines = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, i) =>
    [`line-${String(i).padStart(2, '0')}`, { _sd: [b64(seed(`line ${i}`))], tlp: 'red' }]))
  const required = [
    'body', 'chain', 'charter', 'coa', 'exercise', 'handling', 'iat', 'iss', 'jti', 'kind', 'refs', 'seen', 'tear', 'v',
  ].filter(name => name !== 'body')
  const raw = (from: string, to: string) => jwsOf({ key: ardenia.sign, payload: payloadText().replace(from, to) })
  return [
    ...required.map(name => shape(`no ${name}`, { [name]: undefined }, `/${name}`)),
    wrong('no body', statement(ardenia, { body: undefined }), 'statement.bad-schema'),
    shape('an unknown claim', { exp: 1 }, '/exp'),
    shape('another version', { v: 2 }, '/v'),
    shape('a kind of 65 characters', { kind: 'a'.repeat(65) }, '/kind'),
    wrong('an unknown kind', statement(ardenia, { kind: 'attribution.rumour' }), 'statement.unknown-kind', '/kind'),
    ...['constructor', 'toString', '__proto__', 'hasOwnProperty', ''].map(kind =>
      wrong(`the kind "${kind}"`, statement(ardenia, { kind }), 'statement.unknown-kind', '/kind')),
    shape('a jti of 31 bytes', { jti: b64(seed('jti').subarray(1)) }, '/jti'),
    shape('a jti with loose bits', { jti: `${'A'.repeat(42)}B` }, '/jti'),
    shape('a negative time', { iat: -1 }, '/iat'),
    shape('a member id in capitals', { iss: 'Ardenia' }, '/iss'),
    shape('exercise as text', { exercise: 'false' }, '/exercise'),
    shape('exercise as null', { exercise: null }, '/exercise'),
    shape('an unknown tier', { handling: { tlp: 'white' } }, '/handling/tlp'),
    shape('a handling with a member that is none', { handling: { colour: 'red', tlp: 'clear' } }, '/handling/colour'),
    shape('a negative number in the chain', { chain: { id: 'clear', prev: null, seq: -1 } }, '/chain/seq'),
    shape('seen without its note', { seen: { root: elsewhere, size: 3 } }, '/seen/note'),
    shape('seen is null', { seen: null }, '/seen'),
    shape('257 refs', { refs: Array.from({ length: 257 }, () => elsewhere) }, '/refs'),
    shape('a ref that is no sid', { refs: ['x'] }, '/refs/0'),
    shape('two digests in a slot', slot({ a: { _sd: [elsewhere, genesisSid], tlp: 'red' } }), '/tear/a/_sd'),
    shape('no digest in a slot', slot({ a: { _sd: [], tlp: 'red' } }), '/tear/a/_sd'),
    shape('a slot with a text', slot({ a: { ...line, text: 'x' } }), '/tear/a/text'),
    shape('a slot of an unknown tier', slot({ a: { ...line, tlp: 'black' } }), '/tear/a/tlp'),
    shape('a label in capitals', slot({ A: line }), '/tear/A'),
    wrong('a label __proto__', raw('"tear":{}', `"tear":{"__proto__":${JSON.stringify(line)}}`),
      'statement.bad-schema', '/tear/__proto__'),
    wrong('a claim __proto__', raw('{"body"', '{"__proto__":{},"body"'), 'statement.bad-schema', '/__proto__'),
    wrong('a member __proto__ in the body', raw('"body":{', '"body":{"__proto__":{},'), 'statement.bad-schema',
      '/body/__proto__'),
    good('a label constructor', given(statement(ardenia, slot({ constructor: line })))),
    good('16 slots', given(statement(ardenia, slot(lines(16))))),
    wrong('17 slots', statement(ardenia, slot(lines(17))), 'bytes.too-large', '/tear'),
    wrong('one digest in two slots', statement(ardenia, slot({ a: line, b: line })), 'tear.repeated', '/tear'),
    wrong('a slot less restricted than its statement', statement(ardenia,
      { handling: { tlp: 'amber' }, chain: { id: 'amber', prev: null, seq: 0 },
        tear: { a: { ...line, tlp: 'green' } } }),
      'tear.too-open', '/tear/a/tlp'),
    wrong('a slot that is open to anyone', statement(ardenia, slot({ a: { ...line, tlp: 'clear' } })), 'tear.too-open',
      '/tear/a/tlp'),
    wrong('refs to what the body does not name', statement(ardenia, { refs: [elsewhere] }), 'statement.wrong-refs',
      '/refs'),
    wrong('refs without what the body names', statement(ardenia, { kind: 'callout.propose', body: proposal }),
      'statement.wrong-refs', '/refs'),
    wrong('a ref twice', statement(ardenia, { kind: 'callout.propose', body: proposal, refs: [elsewhere, elsewhere] }),
      'statement.wrong-refs', '/refs'),
    wrong('a payload that is a list', jwsOf({ key: ardenia.sign, payload: [] }), 'statement.bad-schema', ''),
    wrong('a payload that is null', jwsOf({ key: ardenia.sign, payload: 'null' }), 'statement.bad-schema', ''),
  ]
}

const payloadText = (): string => Buffer.from(statement(ardenia).split('.')[1] ?? '', 'base64url').toString()

function placeCases(wrong: Wrong): VectorCase[] {
  const place = (name: string, change: object, code: string, at: string) => wrong(name, statement(ardenia, change),
    code, at)
  const chain = { id: 'green', prev: null, seq: 0 }
  return [
    place('another coalition', { coa: elsewhere }, 'statement.wrong-coalition', '/coa'),
    place('the coalition is null', { coa: null }, 'statement.wrong-coalition', '/coa'),
    place('another charter', { charter: { sid: elsewhere, version: 1 } }, 'statement.wrong-charter', '/charter'),
    place('a later version of the charter', { charter: { sid: genesisSid, version: 2 } }, 'statement.wrong-charter',
      '/charter'),
    place('the charter is null', { charter: null }, 'statement.wrong-charter', '/charter'),
    place('the chain of another tier', { chain }, 'statement.chain-broken', '/chain/id'),
    place('a tier without its chain', { handling: { tlp: 'red' } }, 'statement.chain-broken', '/chain/id'),
  ]
}

type Log = { statements: object[]; chains: object[]; roots: Record<string, string> }

function relationCases(): VectorCase[] {
  const root = b64(seed('root'))
  const logged = (sid: string, kind: string, iss: string, index: number, body: unknown) =>
    ({ body, index, iss, kind, sid, tlp: 'green' })
  const told = logged(elsewhere, 'attribution.statement', 'borealia', 3, attribution)
  const proposed = logged(b64(seed('proposal')), 'callout.propose', 'ardenia', 4, proposal)
  const frozen = logged(b64(seed('text')), 'callout.text', 'ardenia', 5, textBody)
  const joined = logged(b64(seed('join')), 'callout.join', 'cassia', 6, joinBody)
  const log: Log = { statements: [told, proposed, frozen, joined], chains: [], roots: { 3: root } }
  const on = (jws: string, change: Partial<Log> = {}) => ({ ...given(jws, 7), prefix: { ...log, ...change } })
  const holds = (name: string, jws: string) => good(name, on(jws), { sid: sidOf(jws) })
  const wrong = (name: string, jws: string, code: string, at?: string, change: Partial<Log> = {}) =>
    bad(name, on(jws, change), code, at)
  const law = (name: string, jws: string, at: string) => wrong(name, jws, 'statement.breaks-law', at)
  const own = statement(ardenia)
  const said = (kind: string, body: object, refs: string[], by = ardenia, change: object = {}) =>
    statement(by, { kind, body, refs: [...new Set(refs)].sort(), ...change })
  const propose = (change: object, by = ardenia) => said('callout.propose', { ...proposal, ...change }, [elsewhere], by)
  const text = (change: object = {}, by = borealia) => said('callout.text', { ...textBody, ...change },
    [proposed.sid, elsewhere], by)
  const join = (change: object = {}) =>
    said('callout.join', { ...joinBody, ...change }, [frozen.sid], cassia, answered(cassia))
  const release = (by: Cast) => said('callout.release',
    { cut: { root, size: 7 }, joins: [joined.sid], released_at: '2030-03-02T00:00:00Z', text: frozen.sid },
      [frozen.sid, joined.sid], by)
  const abort = (by: Cast) => said('callout.abort', { proposal: proposed.sid, reason: 'Overtaken' }, [proposed.sid], by)
  const withdraw = (by: Cast) => said('callout.withdraw', { join: joined.sid }, [joined.sid], by,
    answered(by))
  const decline = (sid: string) => said('callout.decline', { reason: 'timing', text: sid }, [sid], cassia,
    answered(cassia))
  return [
    holds('the first of its chain', own),
    holds('a proposal', propose({})),
    holds('a text by the pen-holder', text()),
    holds('a text by the proposer', text({}, ardenia)),
    holds('a join', join()),
    holds('a decline', decline(frozen.sid)),
    holds('a withdrawal of one\'s own join', withdraw(cassia)),
    holds('a release by the proposer', release(ardenia)),
    holds('an abort by the proposer', abort(ardenia)),
    wrong('on the log already', own, 'statement.duplicate', undefined,
      { statements: [logged(sidOf(own), 'attribution.statement', 'ardenia', 3, attribution)] }),
    wrong('a duplicate is named before its number', own, 'statement.duplicate', undefined,
      { statements: [logged(sidOf(own), 'attribution.statement', 'ardenia', 3, attribution)],
        chains: [{ chain: 'clear', iss: 'ardenia', seq: 0, sid: sidOf(own) }] }),
    wrong('a ref that is not on the log', propose({}), 'statement.unknown-ref', '/body/attributions/0',
      { statements: [] }),
    wrong('a ref of another kind', decline(proposed.sid), 'statement.unknown-ref', '/body/text'),
    wrong('a join to an attribution', said('callout.join', { ...joinBody, text: elsewhere }, [elsewhere], cassia),
      'statement.unknown-ref', '/body/text'),
    law('a stranger invited', propose({ invitees: ['borealia', 'delos'] }), '/body/invitees/1'),
    law('a stranger as deputy', propose({ deputies: ['delos'] }), '/body/deputies/0'),
    law('a stranger holds the pen', propose({ pen_holder: 'delos' }), '/body/pen_holder'),
    law('a stranger as deputy is named before one who holds the pen',
      propose({ deputies: ['delos'], pen_holder: 'delos' }), '/body/deputies/0'),
    holds('a deadline at the moment when answers are due', text({ deadline: { at: '2030-02-01T00:00:00Z', size: 7 } })),
    law('a deadline one second before answers are due', text({ deadline: { at: '2030-01-31T23:59:59Z', size: 7 } }),
      '/body/deadline/at'),
    law('a claim the attribution does not make', text({ claims: [{ attribution: elsewhere, claim: 'c2', id: 'x' }] }),
      '/body/claims/0/claim'),
    law('a position on a claim that is not in the text', join({ positions: [{ ...position, claim: 'y' }] }),
      '/body/positions/0/claim'),
    law('a withdrawal of another\'s join', withdraw(borealia), '/body/join'),
    law('a release by one who may not', release(cassia), '/body/text'),
    law('an abort by one who may not', abort(borealia), '/body/proposal'),
    ...chainCases(on, root),
    ...actCases(),
    ...foreign(on, said, [proposed.sid, elsewhere]),
  ]
}

type On = (jws: string, change?: Partial<Log>) => object
type Said = (kind: string, body: object, refs: string[], by?: Cast) => string

/** Who may read an answer to the proposal of ardenia, which has no deputies. */
const answered = (by: Cast) =>
  markedAs({ releasable_to: [...new Set(['ardenia', by.member.id])].sort(), tlp: 'green' })

/** Numbers of a chain, and what its author says it has seen. */
function chainCases(on: On, root: string): VectorCase[] {
  const holds = (name: string, jws: string, change: Partial<Log> = {}) =>
    good(name, on(jws, change), { sid: sidOf(jws) })
  const wrong = (name: string, jws: string, code: string, at: string, change: Partial<Log> = {}) =>
    bad(name, on(jws, change), code, at)
  const chained = (seq: number, prev: string | null) => statement(ardenia, { chain: { id: 'clear', prev, seq } })
  const head = { chain: 'clear', iss: 'ardenia', seq: 4, sid: b64(seed('head')) }
  const continued = (seq: number, prev: string | null, code: string, at: string) => (name: string) =>
    wrong(name, chained(seq, prev), code, at, { chains: [head] })
  const seen = (change: object) => statement(ardenia, { seen: { note: b64(seed('note')), root, size: 3, ...change } })
  return [
    holds('the next of its chain', chained(5, head.sid), { chains: [head] }),
    holds('the first beside the chains of others', statement(ardenia),
      { chains: [{ ...head, chain: 'green' }, { ...head, iss: 'borealia' }] }),
    holds('an empty log seen', seen({ size: 0, root: elsewhere }), { roots: { 0: elsewhere } }),
    continued(4, head.sid, 'statement.equivocation', '/chain/seq')('a number that is taken'),
    continued(0, null, 'statement.equivocation', '/chain/seq')('the chain begun anew'),
    continued(6, head.sid, 'statement.chain-broken', '/chain')('a number left out'),
    continued(5, elsewhere, 'statement.chain-broken', '/chain')('another statement before'),
    continued(5, null, 'statement.chain-broken', '/chain')('no statement before'),
    wrong('a chain that begins at 1', chained(1, elsewhere), 'statement.chain-broken', '/chain'),
    wrong('a chain that begins after something', chained(0, elsewhere), 'statement.chain-broken', '/chain'),
    wrong('another root seen', seen({ root: elsewhere }), 'statement.seen-mismatch', '/seen'),
    wrong('a size seen that is not there yet', seen({ size: 8 }), 'statement.seen-mismatch', '/seen'),
  ]
}

/** Texts that only another may freeze, or that bring in what the proposal does not name. */
function foreign(on: On, said: Said, refs: string[]): VectorCase[] {
  const other = b64(seed('another attribution'))
  const logged = (sid: string, kind: string, iss: string, body: unknown) =>
    ({ body, index: 3, iss, kind, sid, tlp: 'clear' })
  const proposer = (iss: string, pen: string) => ({
    statements: [
      logged(elsewhere, 'attribution.statement', 'borealia', attribution),
        logged(other, 'attribution.statement', 'cassia', attribution),
      logged(b64(seed('proposal')), 'callout.propose', iss, { ...proposal, pen_holder: pen }),
    ],
  })
  const stray = said('callout.text', { ...textBody, claims: [{ attribution: other, claim: 'c1', id: 'x' }] },
    [b64(seed('proposal')), other], borealia)
  return [
    bad('a text by one who may not', on(said('callout.text', textBody, refs, borealia), proposer('ardenia', 'cassia')),
      'statement.breaks-law', '/body/proposal'),
    bad('a claim of an attribution the proposal does not name', on(stray, proposer('ardenia', 'borealia')),
      'statement.breaks-law', '/body/claims/0/attribution'),
  ]
}

const textBody = {
  claims: [{ attribution: elsewhere, claim: 'c1', id: 'x' }], deadline: { at: '2030-03-01T00:00:00Z', size: 7 },
  lapse: { size: 100 }, proposal: b64(seed('proposal')),
    texts: [{ lang: 'en', text: 'We say so.', title: 'Statement' }],
}
const position = { basis: 'partner-evidence-reviewed', claim: 'x', named: 'organ', stance: 'supports' }
const joinBody = {
  authority: { level: 'mfa', organ: 'Ministry of Foreign Affairs' }, positions: [position], reservations: [],
    text: b64(seed('text')),
}

