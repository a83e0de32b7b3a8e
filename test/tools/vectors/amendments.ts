import {
  formatVkey, instantOf, portableSha256 as sha256, signCheckpoint, tagKeyRecipients, toBase64url as b64, utf8,
} from '@chancery/protocol'
import { ed25519 } from '@noble/curves/ed25519.js'
import {
  type Cast, type Holder, adoption, ardenia, bad, borealia, cassia, cast, charter, claims, genesis, genesisSid, good,
  holder, jwsOf, seed, sidOf, statement,
} from './coalition.ts'
import { padTwin, sealTwin } from './seal-twin.ts'
import type { VectorCase, VectorFile } from './vector-file.ts'

/** spec/vectors/charter: versions of a charter, and which of their members speak. */
export const amendmentVectors = (): Record<string, VectorFile> => ({
  'charter/amendments.json': { spec: 'spec/03-charter.md#amendment', check: 'amendments',
    cases: [...versions(), ...refusedAmendments()] },
  'charter/approvals.json': { spec: 'spec/03-charter.md#amendment', check: 'amendments', cases: approvals() },
  'charter/closing.json': { spec: 'spec/06-log.md#closing', check: 'amendments', cases: closings() },
  'charter/membership.json': { spec: 'spec/03-charter.md#versions', check: 'amendments',
    cases: [...comings(), ...suspensions(), ...leavings()] },
  'charter/log-keys.json': { spec: 'spec/06-log.md#head', check: 'logHead', cases: heads() },
})

export const dalmora = await cast('dalmora', 'Union of Dalmora', 'EdDSA', ['member'])
const elsinia = await cast('elsinia', 'Elsinian Republic', 'ES256', ['member'])
/** Cassia once more, with keys that are all new. */
const renewed = await again(cassia)
const secondRoot = await holder('ardenia', 'root', 'EdDSA', 'ardenia root, the second')

async function again({ member: { id, name, roles } }: Cast): Promise<Cast> {
  const made = (use: 'root' | 'sign' | 'auth', alg: 'ES384' | 'EdDSA') => holder(id, use, alg, `${id} ${use}, renewed`)
  const [root, sign, auth] = [await made('root', 'ES384'), await made('sign', 'ES384'), await made('auth', 'EdDSA')]
  const enc = await holder(id, 'enc', 'ECDH-ES+A256KW', `${id} enc, renewed`)
  const keys = [root, sign, auth, enc].map(({ record }) => record)
  return { root, sign, auth, enc, xwing: cassia.xwing, member: { id, keys, name, roles } }
}

const { tag: _tag, members: _members, ...unchanged } = charter
const ids = ['ardenia', 'borealia', 'cassia']
const sealTo = (...brought: Cast[]) => sealTwin({
  plaintext: padTwin(seed('tag key'), 1_024), aad: utf8(charter.tag.commit), seed: seed('tag seal, again'),
  recipients: tagKeyRecipients(brought.map(({ member }) => member)),
})

/** The version in force, as a statement names it. */
type Under = { readonly sid: string; readonly version: number }
const first: Under = { sid: genesisSid, version: 1 }
export const under = (jws: string, version: number): Under => ({ sid: sidOf(jws), version })

const said = (by: Cast, kind: string, body: object, refs: string[], { charter: named = first, key = by.root }:
  { charter?: Under; key?: Holder } = {}, change: object = {}) =>
  jwsOf({ key, payload: { ...claims, body, charter: named, iss: by.member.id, kind, refs, ...change } })

type Change = {
  by?: Cast
  to?: object
  members?: unknown[]
  brings?: Cast[]
  from?: Under
  key?: Holder
  body?: object
}
export function amend(
  { by = ardenia, to = {}, members = ids, brings = [], from = first, key = by.root, body = {} }: Change): string {
  const seal = brings.length > 0 ? { seal: sealTo(...brings) } : {}
  const next = { ...unchanged, members, version: from.version + 1, ...to }
  return said(by, 'charter.amend', { charter: next, previous: from.sid, ...seal, ...body }, [from.sid],
    { charter: from, key })
}
export const approve = (by: Cast, jws: string, from = first, key = by.root) =>
  said(by, 'charter.approve', { approves: sidOf(jws) }, [sidOf(jws)], { charter: from, key })
export const accede = (by: Cast, to: Under, change: object = {}) =>
  said(by, 'member.accede', { accedes: to.sid }, [to.sid], { charter: to }, change)
export const suspend = (by: Cast, member: string, from = first) =>
  said(by, 'member.suspend', { member, reason: 'It does not answer.' }, [], { charter: from })
const leave = (by: Cast, from = first) =>
  said(by, 'member.withdraw', { reason: 'The government has decided so.' }, [], { charter: from })
const speak = (by: Cast, named = first, change: object = {}) => statement(by, { charter: named, ...change })
/** The first of a chain that begins anew. */
const anew = { chain: { id: 'clear-k1', prev: null, seq: 0 } }

const founded = [adoption(borealia), adoption(cassia)]
export const given = (...jwss: string[]) =>
  ({ genesis: `${genesis}~`, log: [...founded, ...jwss].map((jws, i) => ({ copy: `${jws}~`, index: i + 1 })) })

/** Opened when the whole log is known, as what comes late is. */
const readLate = (jwss: string[], jws: string, index: number) =>
  ({ ...given(...jwss), late: { copy: `${jws}~`, index } })

type Shown = {
  version?: Under
  from?: number
  absent?: Record<string, string>
  clearances?: object
  /** Key ids that do not speak from 0 without end, with their first index and the index at which they end. */
  keys?: [Cast, number, number | null][]
  waiting?: string[]
  closedFrom?: number
}
const holds = (name: string, jwss: string[],
  { version = first, from = 0, absent = {}, clearances = {}, keys = [], waiting = [], closedFrom }: Shown,
): VectorCase =>
  good(name, given(...jwss), {
    absent, clearances: { ...charter.clearances, ...clearances }, from,
    keys: Object.fromEntries(keys.flatMap(([{ member }, since, to]) =>
      member.keys.map(({ kid }) => [kid, [since, to]]))),
    version, waiting: waiting.map(sidOf).sort(), ...(closedFrom !== undefined && { closedFrom }),
  })
const refused = (name: string, jwss: string[], code: string, at: string): VectorCase =>
  bad(name, given(...jwss), code, at)

const vkeyFrom = (key: string, name = charter.relay.origin) =>
  formatVkey({ sha256, name, key: ed25519.getPublicKey(seed(key)) })
/** The log has another key from index 5 on. */
const rotation = amend({ to: { relay: { ...charter.relay, vkey: vkeyFrom('another log') } } })
const rotated = [rotation, approve(borealia, rotation)]
const rotatedTo = under(rotation, 2)

const renamed = amend({ to: { name: 'Three States and more' } })
const second = under(renamed, 2)
const third = amend({ from: second, by: borealia, to: { name: 'Three States once more' } })
export const brought = amend({ members: [...ids, dalmora.member], brings: [dalmora],
  to: { clearances: { ...charter.clearances, green: [...ids, 'dalmora'] } } })
export const broughtIn = [brought, approve(borealia, brought)]
const green = { green: ids }
const four = { green: [...ids, 'dalmora'] }

function versions(): VectorCase[] {
  const dropped = amend({ members: ['ardenia', 'borealia'], to: { clearances: { ...charter.clearances,
    green: ['ardenia', 'borealia'] } } })
  const rekeyed = amend({ members: ['ardenia', 'borealia', renewed.member], brings: [renewed] })
  const two = under(rekeyed, 2)
  return [
    holds('an amendment that waits', [renamed], { waiting: [renamed] }),
    holds('approved by as many as it needs', [renamed, approve(borealia, renamed)], { version: second, from: 5 }),
    holds('what is said next is said under it', [renamed, approve(borealia, renamed), speak(cassia, second)],
      { version: second, from: 5 }),
    refused('what is said under the version before', [renamed, approve(borealia, renamed), speak(cassia)],
      'statement.wrong-charter', '/charter'),
    refused('what is said under the next before it is in force', [renamed, speak(cassia, second)],
      'statement.wrong-charter', '/charter'),
    holds('two versions, one after the other', [renamed, approve(borealia, renamed), third,
      approve(cassia, third, second)], { version: under(third, 3), from: 7 }),
    holds('a member dropped: its keys end', [dropped, approve(borealia, dropped)], { version: under(dropped, 2),
      from: 5, clearances: { green: ['ardenia', 'borealia'] }, keys: [[cassia, 0, 5]] }),
    refused('a member dropped speaks', [dropped, approve(borealia, dropped), speak(cassia, under(dropped, 2))],
      'charter.unknown-key', '/header/kid'),
    holds('what a member said before it was dropped stands', [speak(cassia), dropped, approve(borealia, dropped)],
      { version: under(dropped, 2), from: 6, clearances: { green: ['ardenia', 'borealia'] }, keys: [[cassia, 0, 6]] }),
    good('and is read late by the charter at its place', readLate([speak(cassia), dropped, approve(borealia, dropped)],
      speak(cassia), 3)),
    bad('under the next version, and read late', readLate([speak(cassia), dropped, approve(borealia, dropped)],
      speak(borealia, under(dropped, 2)), 3), 'statement.wrong-charter', '/charter'),
    holds('new keys of a member that lost its own', [rekeyed, approve(borealia, rekeyed)], { version: two, from: 5,
      absent: { cassia: 'awaited' }, clearances: { green: ['ardenia', 'borealia'] },
      keys: [[cassia, 0, 5], [renewed, 5, null]] }),
    holds('which speak once it has acceded, in chains that begin anew', [rekeyed, approve(borealia, rekeyed),
      accede(renewed, two, anew), speak(renewed, two, anew)],
    { version: two, from: 6, keys: [[cassia, 0, 5], [renewed, 5, null]] }),
    refused('in the chain that it had before', [rekeyed, approve(borealia, rekeyed), accede(renewed, two)],
      'statement.chain-broken', '/chain/id'),
    refused('old keys of such a member', [rekeyed, approve(borealia, rekeyed), accede(cassia, two)],
      'charter.unknown-key', '/header/kid'),
    holds('another key of the log', rotated, { version: rotatedTo, from: 5 }),
    holds('another proposal is void then', [renamed, amend({ by: cassia, to: { name: 'Another' } }),
      approve(borealia, renamed)], { version: second, from: 6 }),
  ]
}

function refusedAmendments(): VectorCase[] {
  const fast = amend({ to: { version: 3 } })
  const law = (name: string, change: Change, at: string) => refused(name, [amend(change)], 'statement.breaks-law', at)
  const aged = [renamed, approve(borealia, renamed)]
  const expired = amend({ by: borealia, to: { name: 'From the first once more' } })
  return [
    refused('a version skipped', [fast], 'statement.breaks-law', '/body/charter/version'),
    refused('the version in force once more', [amend({ to: { version: 1 } })], 'statement.breaks-law',
      '/body/charter/version'),
    refused('after a statement that is no version', [after(adoption(borealia))], 'charter.not-next', '/body/previous'),
    refused('a way back to the first version', [...aged, said(borealia, 'charter.amend', { charter: { ...unchanged,
      members: ids, version: 2 }, previous: genesisSid }, [genesisSid], { charter: second })], 'charter.not-next',
      '/body/previous'),
    refused('under the version before', [...aged, expired], 'statement.wrong-charter', '/charter'),
    law('an id that nobody has', { members: [...ids, 'nowhere'] }, '/body/charter/members/3'),
    law('a member brought without the tag key', { members: [...ids, dalmora.member] }, '/body/seal'),
    law('the tag key for nobody', { body: { seal: sealTo(cassia) } }, '/body/seal'),
    law('members out of order', { members: ['borealia', 'ardenia', 'cassia'] }, '/body/charter/members'),
    law('a clearance of nobody', { to: { clearances: { ...charter.clearances, green: ['nowhere'] } } },
      '/body/charter/clearances/green'),
    law('another log', { to: { relay: { origin: otherOrigin, vkey: vkeyFrom('another log', otherOrigin) } } },
      '/body/charter/relay/origin'),
    refused('the key of the log, by another version once more', [...rotated, amend({ from: rotatedTo,
      to: { relay: charter.relay } })], 'charter.repeated-key', '/body/charter/relay/vkey'),
    refused('a key of the log that is a member\'s', [amend({ to: { relay: { ...charter.relay,
      vkey: vkeyFrom('ardenia auth EdDSA') } } })], 'charter.repeated-key', '/body/charter/relay/vkey'),
    refused('a key of the log by another name', [amend({ to: { relay: { ...charter.relay,
      vkey: vkeyFrom('another log', otherOrigin) } } })], 'charter.bad-key', '/body/charter/relay/vkey'),
    law('more approvals than members that stay', { members: [...ids, dalmora.member], brings: [dalmora],
      to: { amend_threshold: 4 } }, '/body/charter/amend_threshold'),
    refused('a key that another member has', [amend({ members: [...ids, stolen(cassia)], brings: [dalmora] })],
      'charter.repeated-key', '/body/charter/members'),
    refused('a key that was taken back', [...dropCassia(), amend({ from: under(dropCassia()[0] ?? '', 2),
      members: ['ardenia', 'borealia', cassia.member], brings: [cassia] })], 'charter.repeated-key',
      '/body/charter/members/2/keys/0/kid'),
    refused('a key that nobody shows to hold', [amend({ members: [...ids, { ...dalmora.member,
      keys: dalmora.member.keys.map(key => ({ ...key, ...(key.use === 'sign' && { proof: 'AAAA' }) })) }],
      brings: [dalmora] })], 'charter.no-possession', '/body/charter/members/3/keys/1/proof'),
    refused('signed by a sign key', [amend({ key: ardenia.sign })], 'charter.wrong-use', '/header/kid'),
    refused('by another member', [amend({ key: borealia.root })], 'statement.not-issuer', '/iss'),
  ]
}

const otherOrigin = 'ledger.example/another'
const after = (jws: string) => said(ardenia, 'charter.amend', { charter: { ...unchanged, members: ids, version: 2 },
  previous: sidOf(jws) }, [sidOf(jws)])
const stolen = ({ root }: Cast) => ({ ...dalmora.member,
  keys: dalmora.member.keys.map((key, k) => (k === 0 ? root.record : key)) })
function dropCassia(): string[] {
  const dropped = amend({ members: ['ardenia', 'borealia'], to: { clearances: { ...charter.clearances,
    green: ['ardenia', 'borealia'] } } })
  return [dropped, approve(borealia, dropped)]
}

/** The last approval of another key stands at index 4. */
function heads(): VectorCase[] {
  const root = seed('a root')
  const noteBy = (key: string, size: number): string => signCheckpoint({
    checkpoint: { origin: charter.relay.origin, size, root }, vkey: vkeyFrom(key),
    sign: message => ed25519.sign(message, seed(key)),
  })
  const value = (size: number) => ({ origin: charter.relay.origin, root: b64(root), size })
  const opens = (name: string, key: string, size: number, log = rotated) =>
    good(name, { ...given(...log), note: noteBy(key, size) }, value(size))
  const wrong = (name: string, key: string, size: number, log = rotated) =>
    bad(name, { ...given(...log), note: noteBy(key, size) }, 'log.bad-signature')
  return [
    opens('the first head', 'log', 1),
    opens('the head before the last approval, by the old key', 'log', 4),
    opens('the head that has the last approval, by the old key', 'log', 5),
    opens('the next one, by the new key', 'another log', 6),
    opens('a later one', 'another log', 1_000),
    wrong('the head before the last approval, by the new key', 'another log', 4),
    wrong('the head that has the last approval, by the new key', 'another log', 5),
    wrong('the next one, by the old key', 'log', 6),
    wrong('a later one, by the old key', 'log', 1_000),
    wrong('the new key, while it is proposed', 'another log', 6, [rotation]),
    opens('the old key, while another is proposed', 'log', 6, [rotation]),
    bad('a note that says no size', { ...given(...rotated), note: noteBy('another log', 6).replace('\n6\n', '\n06\n') },
      'log.bad-signature'),
  ]
}

function approvals(): VectorCase[] {
  const alone = amend({ to: { amend_threshold: 1 } })
  const stricter = amend({ to: { amend_threshold: 3 } })
  const beside = amend({ by: cassia, to: { amend_threshold: 3 } })
  const own = (key: Holder) => approve(ardenia, renamed, first, key)
  const two = under(alone, 2)
  const next = amend({ from: two, by: cassia, to: { amend_threshold: 2 } })
  const withTwo = { ...ardenia.member, keys: [...ardenia.member.keys, secondRoot.record] }
  const twoRoots = amend({ members: [withTwo, 'borealia', 'cassia'], brings: [ardenia] })
  return [
    refused('by its author once more', [renamed, own(ardenia.root)], 'charter.already-approved', '/iss'),
    refused('by one member twice', [stricter, approve(borealia, stricter), approve(borealia, stricter)],
      'charter.already-approved', '/iss'),
    refused('of what nobody has proposed', [approve(borealia, adoption(cassia))], 'charter.not-proposed',
      '/body/approves'),
    refused('of what is in force already', [renamed, approve(borealia, renamed), approve(cassia, renamed, second)],
      'charter.not-proposed', '/body/approves'),
    refused('of what was proposed beside it', [renamed, beside, approve(borealia, renamed),
      approve(ardenia, beside, second)], 'charter.not-proposed', '/body/approves'),
    holds('the old threshold is not enough for a next that asks for more', [stricter, approve(borealia, stricter)],
      { waiting: [stricter] }),
    holds('of one that its author has replaced, none is left', [renamed, stricter], { waiting: [stricter] }),
    refused('of one that its author has replaced', [renamed, stricter, approve(borealia, renamed)],
      'charter.not-proposed', '/body/approves'),
    holds('all of the next threshold', [stricter, approve(borealia, stricter), approve(cassia, stricter)],
      { version: under(stricter, 2), from: 6 }),
    holds('the next threshold is not enough for one that asks for less', [alone], { waiting: [alone] }),
    holds('the old threshold, for one that asks for less', [alone, approve(cassia, alone)], { version: two, from: 5 }),
    holds('one alone, where the charter asks for no more, and for the next that asks for two', [alone,
      approve(cassia, alone), next], { version: two, from: 5, waiting: [next] }),
    refused('for a member that keeps some of its keys', [twoRoots], 'charter.repeated-key',
      '/body/charter/members/0/keys/0/kid'),
    refused('signed by a sign key', [renamed, approve(borealia, renamed, first, borealia.sign)], 'charter.wrong-use',
      '/header/kid'),
  ]
}

function comings(): VectorCase[] {
  const two = under(brought, 2)
  const keys: Shown['keys'] = [[dalmora, 5, null]]
  const both = amend({ members: [...ids, dalmora.member, elsinia.member], brings: [dalmora, elsinia],
    to: { clearances: { ...charter.clearances, green: [...ids, 'dalmora', 'elsinia'] } } })
  const three = under(both, 2)
  const stay = [both, approve(borealia, both), accede(elsinia, three)]
  const next = amend({ from: three, members: [...ids, 'dalmora', 'elsinia'], to: { clearances: { ...charter.clearances,
    green: [...ids, 'dalmora', 'elsinia'] } } })
  return [
    holds('a member brought is awaited, and cleared for nothing', broughtIn, { version: two, from: 5, keys,
      absent: { dalmora: 'awaited' }, clearances: green }),
    holds('acceded, it is cleared', [...broughtIn, accede(dalmora, two)], { version: two, from: 6, keys,
      clearances: four }),
    holds('acceded, it speaks and approves', [...broughtIn, accede(dalmora, two), speak(dalmora, two)],
      { version: two, from: 6, keys, clearances: four }),
    holds('void where a key that it brings was made another\'s meanwhile', [brought, said(borealia, 'key.prekey',
      { keys: [dalmora.enc.record], until: instantOf(claims.iat + 86_400) }, [], { key: borealia.sign }),
    approve(borealia, brought)], {}),
    refused('before it is in force', [brought, accede(dalmora, two)], 'charter.unknown-key', '/header/kid'),
    refused('it speaks before', [...broughtIn, speak(dalmora, two)], 'charter.not-acceded', '/iss'),
    refused('it approves before', [...broughtIn, suspend(borealia, 'cassia', two),
      said(dalmora, 'charter.approve', { approves: sidOf(suspend(borealia, 'cassia', two)) },
        [sidOf(suspend(borealia, 'cassia', two))], { charter: two })], 'charter.not-acceded', '/iss'),
    refused('twice', [...broughtIn, accede(dalmora, two), accede(dalmora, two, { jti: b64(seed('twice')) })],
      'charter.already-adopted', '/iss'),
    refused('by a founder', [accede(cassia, first)], 'charter.already-adopted', '/iss'),
    refused('to another version', [...broughtIn, said(dalmora, 'member.accede', { accedes: genesisSid }, [genesisSid],
      { charter: two })], 'charter.not-next', '/body/accedes'),
    refused('with its sign key', [...broughtIn, said(dalmora, 'member.accede', { accedes: two.sid }, [two.sid],
      { charter: two, key: dalmora.sign })], 'charter.wrong-use', '/header/kid'),
    holds('one of two', stay, { version: three, from: 6, absent: { dalmora: 'awaited' },
      clearances: { green: [...ids, 'elsinia'] }, keys: [[dalmora, 5, null], [elsinia, 5, null]] }),
    holds('who is still awaited in the next version', [...stay, next, approve(borealia, next, three)],
      { version: under(next, 3), from: 8, absent: { dalmora: 'awaited' }, clearances: { green: [...ids, 'elsinia'] },
        keys: [[dalmora, 5, null], [elsinia, 5, null]] }),
  ]
}

function suspensions(): VectorCase[] {
  const one = suspend(ardenia, 'cassia')
  const done = [one, approve(borealia, one)]
  const silent = { absent: { cassia: 'suspended' }, clearances: { green: ['ardenia', 'borealia'] } }
  const next = amend({ by: borealia, to: { name: 'After the suspension' } })
  const stricter = amend({ to: { amend_threshold: 3 } })
  return [
    holds('a suspension that waits', [one], { waiting: [one] }),
    holds('one of its author, beside an amendment of the same', [renamed, one], { waiting: [renamed, one] }),
    holds('approved', done, { from: 5, ...silent }),
    refused('who is suspended speaks', [...done, speak(cassia)], 'charter.suspended', '/iss'),
    refused('who is suspended leaves', [...done, leave(cassia)], 'charter.suspended', '/iss'),
    holds('what it said before stands', [speak(cassia), ...done], { from: 6, ...silent }),
    holds('until the next version', [...done, next, approve(ardenia, next)], { version: under(next, 2), from: 7 }),
    holds('what it approved before does not count', [stricter, approve(cassia, stricter), ...done,
      approve(borealia, stricter)], { from: 7, ...silent, waiting: [stricter] }),
    ofFour(),
    good('what it said before, read late', readLate([speak(cassia), ...done], speak(cassia), 3)),
    holds('of a member that has left meanwhile it is void', [one, leave(cassia), approve(borealia, one)], { from: 5,
      absent: { cassia: 'left' }, clearances: silent.clearances, keys: [[cassia, 0, 5]] }),
    refused('by whom it is about', [one, approve(cassia, one)], 'statement.breaks-law', '/iss'),
    refused('of oneself', [suspend(ardenia, 'ardenia')], 'statement.breaks-law', '/body/member'),
    refused('of a stranger', [suspend(ardenia, 'nowhere')], 'statement.breaks-law', '/body/member'),
    refused('of whom is suspended already', [...done, suspend(borealia, 'cassia')], 'statement.breaks-law',
      '/body/member'),
  ]
}

/** Three of four have to approve: two of them, and one that is suspended since, are not enough. */
function ofFour(): VectorCase {
  const all = { members: [...ids, dalmora.member], brings: [dalmora] }
  const asks = amend({ ...all, to: { amend_threshold: 3, clearances: { ...charter.clearances, ...four } } })
  const now = under(asks, 2)
  const looser = amend({ from: now, members: [...ids, 'dalmora'],
    to: { amend_threshold: 1, clearances: { ...charter.clearances, ...four } } })
  const silenced = suspend(ardenia, 'cassia', now)
  return holds('nor for a next version that asks for less', [asks, approve(borealia, asks), approve(cassia, asks),
    accede(dalmora, now), looser, approve(cassia, looser, now), silenced, approve(borealia, silenced, now),
    approve(dalmora, silenced, now), approve(borealia, looser, now)], { version: now, from: 12,
    absent: { cassia: 'suspended' }, clearances: { green: ['ardenia', 'borealia', 'dalmora'] },
    keys: [[dalmora, 6, null]], waiting: [looser] })
}

function leavings(): VectorCase[] {
  const gone = { from: 4, absent: { cassia: 'left' }, clearances: { green: ['ardenia', 'borealia'] },
    keys: [[cassia, 0, 4]] as [Cast, number, number][] }
  const same = amend({ to: { name: 'With it once more' } })
  const back = amend({ members: ['ardenia', 'borealia', renewed.member], brings: [renewed] })
  return [
    holds('a member that left: its keys end', [leave(cassia)], gone),
    refused('it speaks', [leave(cassia), speak(cassia)], 'charter.unknown-key', '/header/kid'),
    refused('it comes back with the keys it had', [leave(cassia), same], 'charter.repeated-key',
      '/body/charter/members/2/keys/0/kid'),
    holds('an amendment that keeps it, and was proposed before, is void', [renamed, leave(cassia),
      approve(borealia, renamed)], { ...gone, from: 5, keys: [[cassia, 0, 5]] }),
    refused('in more words than an entry has room for', [said(cassia, 'member.withdraw', { reason: 'a'.repeat(60_000) },
      [])], 'bytes.too-large', ''),
    holds('it comes back with others', [leave(cassia), back, approve(borealia, back)], { version: under(back, 2),
      from: 6, absent: { cassia: 'awaited' }, clearances: { green: ['ardenia', 'borealia'] },
      keys: [[cassia, 0, 4], [renewed, 6, null]] }),
  ]
}

const close = (by: Cast, from = first, key = by.root) =>
  said(by, 'log.close', { reason: 'The relay changes hands.' }, [], { charter: from, key })

function closings(): VectorCase[] {
  const one = close(ardenia)
  const done = [one, approve(borealia, one)]
  const follows = { genesis: genesisSid, root: b64(seed('root')), size: 9 }
  const stricter = amend({ to: { amend_threshold: 3 } })
  return [
    holds('a closing that waits', [one], { waiting: [one] }),
    holds('approved by as many as it needs', done, { closedFrom: 5 }),
    holds('beside an amendment of the same', [renamed, one], { waiting: [renamed, one] }),
    holds('which is void once the log is closed', [stricter, ...done], { closedFrom: 6 }),
    holds('one that its author has proposed again', [one, said(ardenia, 'log.close', { reason: 'Again.' }, [])],
      { waiting: [said(ardenia, 'log.close', { reason: 'Again.' }, [])] }),
    holds('what stood before stands', [speak(cassia), ...done], { closedFrom: 6 }),
    refused('a statement after it', [...done, speak(cassia)], 'log.closed', '/seen'),
    refused('an approval after it', [renamed, ...done, approve(cassia, renamed)], 'log.closed', '/seen'),
    refused('signed by a sign key', [close(ardenia, first, ardenia.sign)], 'charter.wrong-use', '/header/kid'),
    refused('an amendment that names another log before it', [amend({ to: { follows } })], 'statement.breaks-law',
      '/body/charter/follows'),
  ]
}
