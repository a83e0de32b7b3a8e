import { instantOf } from '@chancery/protocol'
import {
  type Cast, adoption, ardenia, bad, borealia, cassia, claims, good, genesis, holder, jwsOf, personOf,
} from './coalition.ts'
import type { VectorCase, VectorFile } from './vector-file.ts'

const day = 86_400
const { iat } = claims
const x25519 = (member: string, name: string) => holder(member, 'enc', 'ECDH-ES+A256KW', `${member} prekey ${name}`)
const xwing = (member: string, name: string) => holder(member, 'enc', 'X-Wing', `${member} prekey ${name}`)
const [first, second, post, theirs] = [await x25519('borealia', '1'), await x25519('borealia', '2'),
  await xwing('borealia', '1'), await x25519('cassia', '1')]
const envoy = await personOf('ardenia', 'Envoy Ilse Marn, again')
const named = { ...envoy.record, person: 'Envoy Ilse Marn' }

type Published = { by?: Cast; days?: number; change?: object; key?: Cast['sign'] }
const prekey = (keys: readonly { readonly record: unknown }[], { by = borealia, days = 30, change = {}, key = by.sign }:
  Published = {}) => jwsOf({ key, payload: { ...claims, iss: by.member.id, kind: 'key.prekey',
  body: { keys: keys.map(({ record }) => record), until: instantOf(iat + days * day) }, ...change } })

const founded = [adoption(borealia), adoption(cassia)]
const log = (...more: string[]) => [...founded, ...more].map((jws, i) => ({ copy: `${jws}~`, index: i + 1 }))
type Ask = { tlp: string; size: number; moment: number; among?: string[] }
const given = (jwss: string[], asks: Ask[] = []) => ({ asks, genesis: `${genesis}~`, log: log(...jwss) })
const kid = ({ record }: { readonly record: { readonly kid: string } }) => record.kid
const answers = (...lists: { readonly record: { readonly kid: string } }[][]) => lists.map(list => list.map(kid))

/** spec/vectors/charter/prekeys.json */
export const overTimeVectors = (): Record<string, VectorFile> => ({
  'charter/prekeys.json': { spec: 'spec/13-keys-over-time.md#prekeys', check: 'overTime', cases: prekeyCases() },
})

/** One question at a size and a moment: which keys are asked for, and which a container may name beside them. */
function asked(name: string, jwss: string[], ask: Ask, ...[recipients, since = []]:
  { readonly record: { readonly kid: string } }[][]): VectorCase {
  const [to = [], more = []] = answers(recipients ?? [], since)
  const sealable = [...new Set([...to, ...more])].sort()
  return good(name, given(jwss, [ask]), { asks: [{ recipients: to, sealable }] })
}

function prekeyCases(): VectorCase[] {
  const green = { tlp: 'green', size: 9, moment: iat }
  const wrong = (name: string, jwss: string[], code: string, at: string) => bad(name, given(jwss), code, at)
  const [one, two] = [prekey([first]), prekey([second], { days: 20 })]
  const founders = [ardenia.enc, borealia.enc, cassia.enc]
  return [
    asked('no prekeys: the keys of the charter', [], green, founders),
    asked('one member has published', [one], green, [ardenia.enc, first, cassia.enc]),
    asked('not before the index after it', [one], { ...green, size: 3 }, founders, [first]),
    asked('from the index after it', [one], { ...green, size: 4 }, [ardenia.enc, first, cassia.enc]),
    asked('the newest counts', [one, two], green, [ardenia.enc, second, cassia.enc]),
    asked('before the newest was published', [one, two], { ...green, size: 4 }, [ardenia.enc, first, cassia.enc],
      [second]),
    asked('the newest has ended, an older has not', [one, two], { ...green, moment: iat + 20 * day },
      [ardenia.enc, first, cassia.enc]),
    asked('in its last second', [one], { ...green, moment: iat + 30 * day - 1 }, [ardenia.enc, first, cassia.enc]),
    asked('all have ended: the key of the charter does not come back', [one], { ...green, moment: iat + 30 * day },
      [ardenia.enc, cassia.enc]),
    asked('another suite is another key', [prekey([post])], green, founders),
    asked('of suite 2', [prekey([post])], { ...green, tlp: 'amber' }, [ardenia.xwing, post]),
    asked('of both suites in one statement', [prekey([first, post])], { ...green, tlp: 'amber+strict' },
      [ardenia.xwing, post]),
    asked('of a named person', [prekey([{ record: named }], { by: ardenia })], { ...green, tlp: 'red' },
      [{ record: named }]),
    asked('a person\'s key is for red alone', [prekey([{ record: named }], { by: ardenia })],
      { ...green, tlp: 'amber' }, [ardenia.xwing, borealia.xwing]),
    asked('among those named', [one], { ...green, among: ['borealia'] }, [first]),
    asked('two members', [one, prekey([theirs], { by: cassia })], green, [ardenia.enc, first, theirs]),
    wrong('for longer than 30 days', [prekey([first], { change: { iat: iat - 1 } })], 'statement.breaks-law',
      '/body/until'),
    wrong('ended when it is made', [prekey([first], { days: 0 })], 'statement.breaks-law', '/body/until'),
    wrong('a key of the charter', [prekey([borealia.enc])], 'charter.repeated-key', '/body/keys/0/kid'),
    wrong('a key of another member', [one, prekey([first], { by: cassia })], 'charter.repeated-key',
      '/body/keys/0/kid'),
    wrong('a prekey once more', [one, prekey([second, first])], 'charter.repeated-key', '/body/keys/1/kid'),
    wrong('a person whom nobody has named', [prekey([{ record: named }])], 'statement.breaks-law',
      '/body/keys/0/person'),
    wrong('a kid of other bytes', [prekey([{ record: { ...first.record, kid: second.record.kid } }])],
      'charter.bad-key', '/body/keys/0/kid'),
    wrong('a key of small order', [prekey([{ record: { ...first.record, jwk: { ...first.record.jwk,
      x: 'A'.repeat(43) } } }])], 'charter.bad-key', '/body/keys/0/jwk'),
    wrong('signed by a root key', [prekey([first], { key: borealia.root })], 'charter.wrong-use', '/header/kid'),
    wrong('for another member', [prekey([first], { key: cassia.sign })], 'statement.not-issuer', '/iss'),
    wrong('restricted', [prekey([first], { change: { chain: { id: 'green', prev: null, seq: 0 },
      handling: { tlp: 'green' } } })], 'statement.breaks-law', '/handling/tlp'),
    wrong('an exercise', [prekey([first], { change: { exercise: true } })], 'statement.breaks-law', '/exercise'),
  ]
}
