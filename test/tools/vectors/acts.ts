import { type Handling, chainIdOf, portableSha256 as sha256, toBase64url as b64 } from '@chancery/protocol'
import { type Cast, ardenia, attribution, bad, borealia, cassia, good, seed, sidOf, statement } from './coalition.ts'
import type { VectorCase } from './vector-file.ts'

const sid = (name: string) => b64(seed(`acts: ${name}`))
const root = b64(seed('root'))
const max = Number.MAX_SAFE_INTEGER

type Logged = { sid: string; kind: string; iss: string; index: number; body: unknown; tlp: string }
const logged = (name: string, kind: string, iss: string, index: number, body: unknown): Logged =>
  ({ body, index, iss, kind, sid: sid(name), tlp: 'green' })

const attributions = ['first', 'second'].map((name, i) =>
  logged(name, 'attribution.statement', 'borealia', 3 + i, attribution))
const proposalBody = {
  attributions: attributions.map(one => one.sid), deputies: ['cassia'], form: 'common-text',
  invitees: ['borealia', 'cassia'], pen_holder: 'borealia',
  release_window: { from: '2030-03-01T00:00:00Z', until: '2030-04-01T00:00:00Z' },
  respond_by: '2030-02-01T00:00:00Z', title: 'Together',
}
const proposal = logged('proposal', 'callout.propose', 'ardenia', 5, proposalBody)
const textBody = {
  claims: [{ attribution: sid('first'), claim: 'c1', id: 'x' }], deadline: { at: '2030-03-01T00:00:00Z', size: 7 },
  lapse: { size: 100 }, proposal: proposal.sid, texts: [{ lang: 'en', text: 'We say so.', title: 'Statement' }],
}
const text = logged('text', 'callout.text', 'borealia', 6, textBody)
const position = { basis: 'partner-evidence-reviewed', claim: 'x', named: 'organ', stance: 'supports' }
const joinBody = {
  authority: { level: 'mfa', organ: 'Ministry of Foreign Affairs' }, positions: [position], reservations: [],
  text: text.sid,
}
const joins = ['borealia', 'cassia'].map((iss, i) => logged(`join of ${iss}`, 'callout.join', iss, 7 + i, joinBody))
const statements = [...attributions, proposal, text, ...joins]

type Prefix = { statements?: Logged[]; chains?: object[]; roots?: Record<string, string> }
const on = (jws: string, change: Prefix = {}, index = 9) =>
  ({ charter: 'in force', copy: `${jws}~`, index, prefix: { chains: [], roots: { 3: root }, statements, ...change } })

const said = (kind: string, body: object, refs: string[], by: Cast, handling?: Handling) =>
  statement(by, { kind: `callout.${kind}`, body, refs: [...new Set(refs)].sort(),
    ...(handling !== undefined && markedAs(handling)) })
/** A statement of another marking is of another chain. */
export const markedAs = (handling: Handling) =>
  ({ chain: { id: chainIdOf(sha256, handling), prev: null, seq: 0 }, handling })
/** Who may read an answer before the release: here ardenia proposes, and cassia is its deputy. */
const forReaders = (by: Cast): Handling =>
  ({ releasable_to: [...new Set(['ardenia', 'cassia', by.member.id])].sort(), tlp: 'green' })
const answer = (kind: string, body: object, refs: string[], by: Cast, handling = forReaders(by)) =>
  said(kind, body, refs, by, handling)
const holds = (name: string, jws: string, change: Prefix = {}) => good(name, on(jws, change), { sid: sidOf(jws) })
const law = (name: string, jws: string, at: string, change: Prefix = {}) =>
  bad(name, on(jws, change), 'statement.breaks-law', at)
const unknown = (name: string, jws: string, at: string, change: Prefix = {}) =>
  bad(name, on(jws, change), 'statement.unknown-ref', at)
const sids = joins.map(one => one.sid).sort()
const release = (by: Cast, listed = sids) => said('release',
  { cut: { root, size: 9 }, joins: listed, released_at: '2030-03-02T00:00:00Z', text: text.sid },
  [text.sid, ...listed], by)
const abort = (by: Cast, of = proposal.sid) => said('abort', { proposal: of, reason: 'Overtaken' }, [of], by)
const withdraw = (by: Cast, of: string, handling?: Handling) => answer('withdraw', { join: of }, [of], by, handling)
const decline = (by: Cast, of = text.sid, handling?: Handling) =>
  answer('decline', { reason: 'legal', text: of }, [of], by, handling)
const join = (by: Cast, change: object = {}, handling?: Handling) =>
  answer('join', { ...joinBody, ...change }, [text.sid], by, handling)
const freeze = (claims: { attribution: string; claim: string; id: string }[]) => said('text', { ...textBody, claims },
  [proposal.sid, ...claims.map(one => one.attribution)], borealia)
const claim = (name: string, id: string, of = 'c1') => ({ attribution: sid(name), claim: of, id })
const propose = (change: object) => said('propose', { ...proposalBody, ...change }, proposalBody.attributions, ardenia)
const without = (...names: string[]) => ({ statements: statements.filter(one => !names.map(sid).includes(one.sid)) })
const theirs = { statements: [...attributions, { ...proposal, iss: 'cassia', body: { ...proposalBody, deputies: [] } },
  text, ...joins] }
const stray = { ...textBody, claims: [claim('first', 'x'), claim('second', 'y')] }

/** Who may do what to a call-out, and what has to stand on the log for it. */
export function actCases(): VectorCase[] {
  return [
    holds('a release by a deputy', release(cassia)),
    holds('an abort by a deputy', abort(cassia)),
    law('a release by the pen-holder, who is no deputy', release(borealia), '/body/text'),
    law('an abort by the pen-holder, who is no deputy', abort(borealia), '/body/proposal'),
    holds('a release by a proposer that is no coordinator any more', release(cassia), theirs),
    holds('an abort by a proposer that is no coordinator any more', abort(cassia), theirs),
    law('a release by a coordinator that did not propose', release(ardenia), '/body/text', theirs),
    law('an abort by a coordinator that did not propose', abort(ardenia), '/body/proposal', theirs),
    law('a text by a coordinator that did not propose', statement(ardenia, { kind: 'callout.text', body: textBody,
      refs: [sid('first'), proposal.sid].sort() }), '/body/proposal', theirs),
    unknown('a withdrawal without a join', withdraw(cassia, sid('nothing')), '/body/join'),
    unknown('a withdrawal of a decline', withdraw(cassia, sid('decline')), '/body/join',
      { statements: [...statements, logged('decline', 'callout.decline', 'cassia', 8, {})] }),
    unknown('a withdrawal of the text', withdraw(cassia, text.sid), '/body/join'),
    holds('a second join of a member', join(cassia)),
    holds('a decline after a join', decline(cassia)),
    holds('a join by one that was not asked', join(ardenia)),
    holds('a withdrawal of one\'s own join', withdraw(borealia, sid('join of borealia'))),
    law('a withdrawal by the proposer of another\'s join', withdraw(ardenia, sid('join of cassia')), '/body/join'),
    ...reaffirmCases(),
    ...readerCases(),
    ...referenceCases(),
    ...edgeCases(),
  ]
}

/** What is said again is one's own, and is there for whoever holds all. */
function reaffirmCases(): VectorCase[] {
  const again = (by: Cast, ...named: string[]) => {
    const refs = [...named].sort()
    return statement(by, { kind: 'statement.reaffirm', body: { statements: refs }, refs })
  }
  const [own, others, none] = [sid('join of borealia'), sid('join of cassia'), sid('nothing')]
  const both = [own, others].sort()
  return [
    holds('one\'s own join said again', again(borealia, own)),
    law('another\'s join said again', again(borealia, others), '/body/statements/0'),
    law('another\'s beside one\'s own', again(borealia, own, others), `/body/statements/${both.indexOf(others)}`),
    unknown('what is not there said again', again(borealia, none), '/body/statements/0'),
  ]
}

/** An answer is for the proposer, its deputies and its author, and no more open than its proposal. */
function readerCases(): VectorCase[] {
  const [readers, tier] = ['/handling/releasable_to', '/handling/tlp']
  const to = (releasable_to: string[], tlp: Handling['tlp'] = 'green'): Handling => ({ releasable_to, tlp })
  const own = sid('join of borealia')
  const higher = { statements: statements.map(one => (one === proposal ? { ...one, tlp: 'amber' } : one)) }
  const open = { statements: statements.map(one => (one === proposal ? { ...one, tlp: 'clear' } : one)) }
  const undeputised = { ...proposal, body: { ...proposalBody, deputies: [] } }
  const alone = { statements: [...attributions, undeputised, text, ...joins] }
  return [
    law('a join for all of its tier', join(borealia, {}, { tlp: 'green' }), readers),
    law('a join that anyone may read', join(borealia, {}, { tlp: 'clear' }), readers),
    law('a join that a deputy may not read', join(borealia, {}, to(['ardenia', 'borealia'])), readers),
    law('a join that its author may not read', join(borealia, {}, to(['ardenia', 'cassia'])), readers),
    law('a decline for all of its tier', decline(borealia, text.sid, { tlp: 'green' }), readers),
    law('a withdrawal for all of its tier', withdraw(borealia, own, { tlp: 'green' }), readers),
    law('a join by a deputy that another may read', join(cassia, {}, to(['ardenia', 'borealia', 'cassia'])), readers),
    law('a join that is more open than its proposal', join(borealia), tier, higher),
    law('a decline that is more open than its proposal', decline(borealia), tier, higher),
    law('a withdrawal that is more open than its proposal', withdraw(borealia, own), tier, higher),
    law('a claim that is not in the text is named before the readers',
      join(borealia, { positions: [{ ...position, claim: 'y' }] }, { tlp: 'green' }), '/body/positions/0/claim'),
    law('the readers are named before the tier', join(borealia, {}, { tlp: 'green' }), readers, higher),
    holds('a join to a proposal that anyone may read', join(borealia), open),
    holds('a join more restricted than its proposal', join(borealia, {}, to(['ardenia', 'borealia'], 'amber')), alone),
  ]
}

/** What a statement refers to, and what the laws between statements ask of it. */
function referenceCases(): VectorCase[] {
  const half = { statements: [...attributions, { ...proposal, body: { ...proposalBody,
    attributions: [sid('first')] } }] }
  return [
    unknown('a decline of a proposal', decline(cassia, proposal.sid), '/body/text'),
    unknown('an abort of a text', abort(ardenia, text.sid), '/body/proposal'),
    unknown('an abort of nothing', abort(ardenia, sid('nothing')), '/body/proposal'),
    unknown('a release of a text that is not there, named before its joins', release(ardenia), '/body/text',
      without('text', 'join of borealia', 'join of cassia')),
    unknown('a release of a join that is not there', release(ardenia),
      `/body/joins/${sids.indexOf(sid('join of cassia'))}`, without('join of cassia')),
    unknown('a release of what is no join', release(ardenia, [text.sid]), '/body/joins/0'),
    unknown('a text of a proposal that is not there, named before its claims', freeze([claim('first', 'x')]),
      '/body/proposal', without('proposal', 'first')),
    unknown('a text of an attribution that is not there', freeze([claim('first', 'x'), claim('second', 'y')]),
      '/body/claims/1/attribution', without('second')),
    holds('a text of two attributions', freeze([claim('first', 'x'), claim('second', 'y')])),
    law('a text whose second claim nobody made', freeze([claim('first', 'x'), claim('second', 'y', 'c2')]),
      '/body/claims/1/claim'),
    law('a text whose second attribution the proposal does not name', freeze([claim('first', 'x'), claim('second',
      'y')]),
      '/body/claims/1/attribution', half),
    law('a claim nobody made is named before an attribution the proposal does not name',
      freeze([claim('second', 'x'), claim('first', 'y', 'c2')]), '/body/claims/1/claim', half),
    unknown('a proposal whose second attribution is not there', propose({}), '/body/attributions/1', without('second')),
    holds('a join on both claims of a text', join(cassia, { positions: [position, { ...position, claim: 'y' }] }),
      { statements: [...attributions, proposal, { ...text, body: stray }] }),
    law('a join whose second position is on no claim', join(cassia, { positions: [position, { ...position,
      claim: 'z' }] }),
      '/body/positions/1/claim', { statements: [...attributions, proposal, { ...text, body: stray }] }),
  ]
}

/** Chain numbers and sizes seen, at the index and at the largest integer. */
function edgeCases(): VectorCase[] {
  const head = (seq: number) => ({ chains: [{ chain: 'clear', iss: 'ardenia', seq, sid: sid('head') }] })
  const numbered = (seq: number, prev: string | null) => statement(ardenia, { chain: { id: 'clear', prev, seq } })
  const seen = (size: number) => statement(ardenia, { seen: { note: sid('note'), root, size } })
  const roots = { roots: { 8: root, 9: root, 10: root } }
  const fits = (name: string, jws: string, change: Prefix) => good(name, on(jws, change), { sid: sidOf(jws) })
  const wrong = (name: string, jws: string, code: string, at: string, change: Prefix) => bad(name, on(jws, change),
    code, at)
  return [
    fits('the largest number of a chain', numbered(max, sid('head')), head(max - 1)),
    wrong('the largest number of a chain, taken', numbered(max, sid('head')), 'statement.equivocation', '/chain/seq',
      head(max)),
    wrong('a chain that begins at 1 after nothing', numbered(1, null), 'statement.chain-broken', '/chain', {}),
    fits('the whole log before it seen', seen(9), roots),
    fits('one entry less seen', seen(8), roots),
    wrong('itself seen', seen(10), 'statement.seen-mismatch', '/seen', roots),
    wrong('a reference is named before the chain', statement(ardenia, { chain: { id: 'clear', prev: null, seq: 1 },
      kind: 'callout.abort', body: { proposal: sid('nothing'), reason: 'None' }, refs: [sid('nothing')] }),
    'statement.unknown-ref', '/body/proposal', {}),
    wrong('a rule between statements is named before the chain', statement(borealia, {
      chain: { id: 'clear', prev: null, seq: 1 }, kind: 'callout.abort',
      body: { proposal: proposal.sid, reason: 'None' }, refs: [proposal.sid] }),
    'statement.breaks-law', '/body/proposal', {}),
    wrong('the chain is named before what was seen', statement(ardenia, { chain: { id: 'clear', prev: null, seq: 1 },
      seen: { note: sid('note'), root: sid('other'), size: 9 } }), 'statement.chain-broken', '/chain', roots),
  ]
}
