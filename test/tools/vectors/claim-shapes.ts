import { toBase64url as b64 } from '@chancery/protocol'
import { type Cast, ardenia, attribution, bad, borealia, cassia, claims, genesisSid, good, seed, sidOf,
  statement } from './coalition.ts'
import type { VectorCase } from './vector-file.ts'

const given = (jws: string, index = 3) => ({ charter: 'in force', copy: `${jws}~`, index })
const elsewhere = b64(seed('elsewhere'))
const max = Number.MAX_SAFE_INTEGER
const wide = (count: number) => '\u{1F4DC}'.repeat(count)

type Change = Readonly<Record<string, unknown>>

/** Every member inside the claims, left out or of another shape, and their bounds from both sides. */
export function claimShapeCases(): VectorCase[] {
  const holds = (name: string, change: object, by: Cast = ardenia) => {
    const jws = statement(by, change)
    return good(name, given(jws), { lines: [], sid: sidOf(jws) })
  }
  const wrong = (name: string, change: object, code: string, at: string, by: Cast = ardenia) =>
    bad(name, given(statement(by, change)), code, at)
  const shape = (name: string, change: object, at: string) => wrong(name, change, 'statement.bad-schema', at)
  const slot = { _sd: [elsewhere], tlp: 'red' }
  const inside = (name: string, whole: Change, at = `/${name}`) => [
    ...Object.keys(whole).map(member =>
      shape(`no ${member} in ${name}`, { [name]: { ...whole, [member]: undefined } }, `${at}/${member}`)),
    shape(`a member more in ${name}`, { [name]: { ...whole, zzz: 1 } }, `${at}/zzz`),
    shape(`${name} is a text`, { [name]: 'x' }, at),
    shape(`${name} is a list`, { [name]: [] }, at),
  ]
  const of = (name: 'chain' | 'charter' | 'seen', member: string, value: unknown, title = JSON.stringify(value)) =>
    shape(`${name}.${member} is ${title}`, { [name]: { ...claims[name], [member]: value } }, `/${name}/${member}`)
  return [
    ...inside('chain', claims.chain),
    ...inside('charter', claims.charter),
    ...inside('seen', claims.seen),
    ...inside('handling', claims.handling),
    of('chain', 'id', 'Clear'), of('chain', 'id', `a${'a'.repeat(32)}`, '33 characters'),
    of('chain', 'prev', 'x'), of('chain', 'prev', 0), of('chain', 'seq', null), of('chain', 'seq', '0'),
    of('charter', 'sid', 'x'), of('charter', 'version', 0), of('charter', 'version', '1'),
    of('seen', 'note', 'x'), of('seen', 'root', 'x'), of('seen', 'size', -1), of('seen', 'size', null),
    shape('a coalition that is no sid', { coa: 'x' }, '/coa'),
    shape('a kind that is a number', { kind: 1 }, '/kind'),
    shape('a kind that is a list', { kind: ['attribution.statement'] }, '/kind'),
    shape('a kind of 65 characters outside the basic plane', { kind: wide(65) }, '/kind'),
    wrong('a kind of 64 characters', { kind: 'a'.repeat(64) }, 'statement.unknown-kind', '/kind'),
    wrong('a kind of 64 characters outside the basic plane', { kind: wide(64) }, 'statement.unknown-kind', '/kind'),
    shape('version 0', { v: 0 }, '/v'),
    shape('the version as text', { v: '1' }, '/v'),
    shape('a time past the year 9999', { iat: 253_402_300_800 }, '/iat'),
    holds('the last second of the year 9999', { iat: 253_402_300_799 }),
    holds('the first second of 1970', { iat: 0 }),
    holds('the largest number in a chain', { chain: { ...claims.chain, prev: elsewhere, seq: max } }),
    holds('the largest size seen', { seen: { ...claims.seen, size: max } }),
    wrong('the largest version of a charter', { charter: { sid: genesisSid, version: max } },
      'statement.wrong-charter', '/charter'),
    shape('an issuer of 33 characters', { iss: `a${'a'.repeat(32)}` }, '/iss'),
    wrong('an issuer of 32 characters', { iss: `a${'a'.repeat(31)}` }, 'statement.not-issuer', '/iss'),
    shape('refs that are a text', { refs: elsewhere }, '/refs'),
    wrong('256 refs', { refs: Array.from({ length: 256 }, () => elsewhere) }, 'statement.wrong-refs', '/refs'),
    shape('tear lines that are a list', { tear: [] }, '/tear'),
    shape('a slot without a digest', { tear: { a: { tlp: 'red' } } }, '/tear/a/_sd'),
    shape('a slot without a tier', { tear: { a: { _sd: [elsewhere] } } }, '/tear/a/tlp'),
    shape('a digest that is none', { tear: { a: { ...slot, _sd: ['x'] } } }, '/tear/a/_sd/0'),
    shape('a label of 33 characters', { tear: { [`a${'b'.repeat(32)}`]: slot } }, `/tear/a${'b'.repeat(32)}`),
    holds('a label of 32 characters', { tear: { [`a${'b'.repeat(31)}`]: slot } }),
    holds('a slot exactly as restricted as its statement', {
      handling: { tlp: 'amber' }, chain: { id: 'amber', prev: null, seq: 0 }, tear: { a: { ...slot, tlp: 'amber' } },
    }),
    ...roleCases(wrong, holds),
  ]
}

type Wrong = (name: string, change: object, code: string, at: string, by?: Cast) => VectorCase
type Holds = (name: string, change: object, by?: Cast) => VectorCase

/** Who may issue what: the roles of the charter, whatever a proposal says. */
function roleCases(wrong: Wrong, holds: Holds): VectorCase[] {
  const proposal = b64(seed('proposal'))
  const text = {
    kind: 'callout.text', refs: [elsewhere, proposal].sort(),
    body: {
      claims: [{ attribution: elsewhere, claim: 'c1', id: 'x' }], deadline: { at: '2030-03-01T00:00:00Z', size: 7 },
      lapse: { size: 100 }, proposal, texts: [{ lang: 'en', text: 'We say so.', title: 'Statement' }],
    },
  }
  const sealed = (tlp: string, id: string) => ({ handling: { tlp }, chain: { id, prev: null, seq: 0 } })
  const tiers: [string, string][] = [['green', 'green'], ['amber', 'amber'], ['red', 'red']]
  return [
    holds('a text by a coordinator', text),
    holds('a text by a pen-holder', text, borealia),
    wrong('a text by a member that is neither', text, 'statement.not-issuer', '/iss', cassia),
    wrong('a text by a member that is neither, as an exercise', { ...text, exercise: true },
      'statement.not-issuer', '/iss', cassia),
    ...tiers.map(([tlp, id]) => holds(`a statement at ${tlp}`, sealed(tlp, id))),
    wrong('the chain of amber for amber+strict', sealed('amber+strict', 'amber'),
      'statement.chain-broken', '/chain/id'),
    wrong('the tier for the name of its chain', { handling: { tlp: 'amber-strict' }, body: attribution },
      'statement.bad-schema', '/handling/tlp'),
  ]
}
