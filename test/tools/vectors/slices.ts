import {
  type Disclosure, type Json, disclose, disclosureDigest, portableSha256 as sha256, toBase64url as b64,
  toHex, utf8,
} from '@chancery/protocol'
import { ardenia, bad, borealia, good, seed, sidOf, statement } from './coalition.ts'
import type { VectorCase, VectorFile } from './vector-file.ts'

/** Slices: what a group says of itself, and what one of them is held to when it is open. */
export const slicesVectors = (): Record<string, VectorFile> => ({
  'sharing/slices.json': { spec: 'spec/04-statements.md#slices', check: 'tearLines', cases: sliceCases() },
  'statements/slices.json': { spec: 'spec/04-statements.md#slices', check: 'statement', cases: groupCases() },
})

const digest = (disclosure: Disclosure) => disclosureDigest(sha256, disclosure)
const jti = b64(seed('jti'))
type Change = { iss?: string; jti?: string; slot?: string; salt?: Uint8Array }
const slice = (to: string, content: Json, change: Change = {}): Disclosure =>
  disclose({ iss: 'ardenia', jti, slot: 'addresses', to, salt: seed(`slice for ${to}`), content, ...change })
const line = (slot: string, content: Json): Disclosure =>
  disclose({ iss: 'ardenia', jti, slot, salt: seed(`salt of ${slot}`), content })

const group = (slices: Disclosure[], change: object = {}) =>
  ({ handling: { tlp: 'amber' }, label: 'addresses', to: { _sd: slices.map(digest).sort() }, ...change })

function sliceCases(): VectorCase[] {
  const [a, b, c] = [slice('ardenia', ['198.51.100.7']), slice('borealia', ['198.51.100.9']), slice('cassia', 'none')]
  const notes = line('notes', { text: 'x' })
  const tear = { notes: { _sd: [digest(notes)], tlp: 'amber' } }
  const claims = { iss: 'ardenia', jti, slices: group([a, b, c]), tear }
  const holds = (name: string, disclosures: Disclosure[], value: object, more: object = {}) =>
    good(name, { claims, disclosures, ...more }, value)
  const wrong = (name: string, disclosures: Disclosure[], code: string, i: number, more: object = {}) =>
    bad(name, { claims, disclosures, ...more }, code, `/disclosures/${i}`)
  const of = (name: string, disclosure: Disclosure, code: string, at = '') =>
    bad(name, { claims: { ...claims, slices: group([disclosure]) }, disclosures: [disclosure] }, code,
      `/disclosures/0${at}`)
  const twice = slice('borealia', ['203.0.113.1'], { salt: seed('another salt') })
  const both = { ...claims, slices: group([b, twice]) }
  const binding = { iss: 'ardenia', jti, slot: 'addresses' }
  const raw = (value: unknown) => b64(utf8(JSON.stringify(value)))
  const salt = b64(seed('salt'))
  return [
    holds('none open', [], {}),
    holds('the one of a reader', [b], { 'addresses/borealia': ['198.51.100.9'] }, { readers: ['borealia'] }),
    holds('the one of a reader, and a tear line', [b, notes],
      { 'addresses/borealia': ['198.51.100.9'], notes: { text: 'x' } }, { readers: ['borealia'] }),
    holds('a tear line in a container for several', [notes], { notes: { text: 'x' } },
      { readers: ['ardenia', 'borealia'] }),
    holds('all, as their author keeps them', [a, b, c], {
      'addresses/ardenia': ['198.51.100.7'], 'addresses/borealia': ['198.51.100.9'], 'addresses/cassia': 'none',
    }),
    wrong('moved to another addressee: the slice of one in the container of another', [a], 'tear.moved', 0,
      { readers: ['borealia'] }),
    wrong('that of another beside one\'s own', [a, b], 'tear.moved', 0, { readers: ['borealia'] }),
    wrong('in a container for several', [b], 'tear.moved', 0, { readers: ['ardenia', 'borealia'] }),
    wrong('in a container for a whole tier', [b], 'tear.moved', 0, { readers: [] }),
    wrong('moved to another addressee: its name changed', [slice('borealia', ['198.51.100.7'],
      { salt: seed('slice for ardenia') })], 'tear.unreferenced', 0),
    wrong('of an addressee that no digest is for', [slice('delos', 'x')], 'tear.unreferenced', 0),
    wrong('with another text', [slice('borealia', ['203.0.113.1'])], 'tear.unreferenced', 0),
    wrong('the same twice', [b, b], 'tear.repeated', 1),
    bad('two for one addressee, both signed', { claims: both, disclosures: [b, twice] }, 'tear.repeated',
      '/disclosures/1'),
    wrong('out of the order of addressees', [b, a], 'tear.bad-order', 1),
    wrong('after a tear line of a greater label', [notes, b], 'tear.bad-order', 1),
    of('bound to another author', slice('borealia', 'x', { iss: 'borealia' }), 'tear.moved'),
    of('bound to another statement', slice('borealia', 'x', { jti: b64(seed('another jti')) }), 'tear.moved'),
    of('bound to another label', slice('borealia', 'x', { slot: 'notes' }), 'tear.moved'),
    of('for a name that is no member id', raw([salt, 'B', { b: binding, c: 1 }]), 'tear.bad-disclosure', '/1'),
    of('for nobody', raw([salt, null, { b: binding, c: 1 }]), 'tear.bad-disclosure', '/1'),
    of('for several', raw([salt, ['borealia', 'cassia'], { b: binding, c: 1 }]), 'tear.bad-disclosure', '/1'),
    of('a pair', raw([salt, { b: binding, c: 1 }]), 'tear.bad-disclosure'),
    bad('a slice where a slot is', { claims: { ...claims, tear: { addresses: { _sd: [digest(a)], tlp: 'amber' } },
      slices: group([b], { label: 'other' }) }, disclosures: [a] }, 'tear.bad-disclosure', '/disclosures/0/1'),
  ]
}

const many = (count: number) => Array.from({ length: count }, (_, i) => b64(seed(`digest ${i}`))).sort()

/** Whole statements with a group of slices. */
function groupCases(): VectorCase[] {
  const [a, b] = [slice('ardenia', { text: 'Yours.' }), slice('borealia', { text: 'Yours.' })]
  const given = (slices: object, { disclosures = [], ...change }: { disclosures?: Disclosure[] } & object = {}) => {
    const jws = statement(ardenia, { slices, ...change })
    return { sid: sidOf(jws), given: { charter: 'in force', copy: [jws, ...disclosures, ''].join('~'), index: 3 } }
  }
  const holds = (name: string, slices: object, change: object = {}, lines: string[] = []) => {
    const made = given(slices, change)
    return good(name, made.given, { lines, sid: made.sid })
  }
  const wrong = (name: string, slices: object, code: string, at: string, change: object = {}) =>
    bad(name, given(slices, change).given, code, at)
  const sd = (digests: string[]) => group([], { to: { _sd: digests } })
  const marked = (handling: object) => group([a, b], { handling })
  const notes = line('notes', { text: 'x' })
  const torn = { tear: { notes: { _sd: [digest(notes)], tlp: 'amber' } } }
  const forBorealia = { handling: { releasable_to: ['borealia'], tlp: 'amber' },
    chain: { id: `amber-${toHex(sha256(utf8('["borealia"]'))).slice(0, 16)}`, prev: null, seq: 0 } }
  const open = (name: string, disclosure: Disclosure, code: string, at: string, slices = group([disclosure])) =>
    wrong(name, slices, code, at, { disclosures: [disclosure] })
  const declined = jwsOfDecline(group([a]))
  return [
    holds('two addressees, none open', group([a, b])),
    holds('one of two is open', group([a, b]), { disclosures: [b] }, ['addresses/borealia']),
    holds('both are open, beside a tear line', group([a, b]), { disclosures: [a, b, notes], ...torn },
      ['addresses/ardenia', 'addresses/borealia', 'notes']),
    holds('of one addressee', group([a])),
    holds('200 addressees', sd(many(200))),
    wrong('201 addressees', sd(many(201)), 'bytes.too-large', '/slices'),
    wrong('no addressee', sd([]), 'statement.bad-schema', '/slices/to/_sd'),
    wrong('a digest twice', sd([digest(a), digest(a)]), 'tear.repeated', '/slices/to/_sd'),
    wrong('the digest of a tear line', sd([digest(notes)]), 'tear.repeated', '/slices/to/_sd', torn),
    wrong('digests out of order', sd(many(3).reverse()), 'tear.bad-order', '/slices/to/_sd'),
    wrong('the label of a tear line', group([a], { label: 'notes' }), 'tear.repeated', '/slices/label', torn),
    wrong('a label that is none', group([a], { label: 'A' }), 'statement.bad-schema', '/slices/label'),
    wrong('no handling', group([a], { handling: undefined }), 'statement.bad-schema', '/slices/handling'),
    wrong('a member more', group([a], { x: 1 }), 'statement.bad-schema', '/slices/x'),
    wrong('null', null as never, 'statement.bad-schema', '/slices'),
    wrong('a digest that is none', sd(['x']), 'statement.bad-schema', '/slices/to/_sd/0'),
    wrong('digests that are no list', group([], { to: { _sd: 'x' } }), 'statement.bad-schema', '/slices/to/_sd'),
    wrong('addressees in the open', group([a], { to: { _sd: [digest(a)], names: ['borealia'] } }),
      'statement.bad-schema', '/slices/to/names'),
    wrong('readers in the open', marked({ releasable_to: ['ardenia'], tlp: 'amber' }), 'statement.bad-schema',
      '/slices/handling/releasable_to'),
    wrong('for anyone', marked({ tlp: 'clear' }), 'tear.too-open', '/slices/handling/tlp'),
    wrong('less restricted than the statement', marked({ tlp: 'green' }), 'tear.too-open', '/slices/handling/tlp',
      { handling: { tlp: 'amber' }, chain: { id: 'amber', prev: null, seq: 0 } }),
    wrong('without the consent that the statement asks for', marked({ tlp: 'amber' }), 'tear.too-open',
      '/slices/handling/originator_consent', { handling: { originator_consent: true, tlp: 'amber' },
        chain: { id: 'amber', prev: null, seq: 0 } }),
    wrong('a marking that contradicts itself', marked({ chatham_house: true, provider_attribution: 'must',
      tlp: 'amber' }), 'statement.breaks-law', '/slices/handling/chatham_house'),
    bad('of a kind that has none', declined, 'statement.breaks-law', '/slices'),
    holds('under a list of readers, for one of them', group([b]), { disclosures: [b], ...forBorealia },
      ['addresses/borealia']),
    wrong('under a list of readers, for another', group([a]), 'tear.too-open', '/slices/ardenia',
      { disclosures: [a], ...forBorealia }),
    open('for a member that is not cleared for it', slice('cassia', { text: 'x' }), 'statement.breaks-law',
      '/slices/cassia'),
    open('for a stranger', slice('delos', { text: 'x' }), 'statement.breaks-law', '/slices/delos'),
    open('content of another shape', slice('borealia', { text: '' }), 'tear.bad-disclosure', '/slices/borealia/text'),
    open('bound to the author of another statement', slice('borealia', { text: 'x' }, { iss: 'borealia' }),
      'tear.moved', '/disclosures/0'),
    bad('copied by another member, to claim foreknowledge', { charter: 'in force', index: 3,
      copy: `${statement(borealia, { slices: group([b]) })}~${b}~` }, 'tear.moved', '/disclosures/0'),
  ]
}

function jwsOfDecline(slices: object): object {
  const text = b64(seed('text'))
  const change = { body: { reason: 'policy', text }, kind: 'callout.decline', refs: [text], slices }
  return { charter: 'in force', copy: `${statement(ardenia, change)}~`, index: 3 }
}
