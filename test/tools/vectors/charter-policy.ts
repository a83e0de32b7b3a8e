import { formatVkey, fromBase64url, mlDsa44Keys, portableSha256 as sha256, signatureTypes } from '@chancery/protocol'
import { ed25519 } from '@noble/curves/ed25519.js'
import { ardenia, bad, charter, good, seed } from './coalition.ts'
import { edKey, torsion } from './signature.ts'
import type { VectorCase, VectorFile } from './vector-file.ts'

export const charterPolicyVectors = (): Record<string, VectorFile> => ({
  'charter/policy.json': { spec: 'spec/03-charter.md#policy', check: 'charterLaws', cases: policyCases() },
})

const { origin, vkey } = charter.relay
const cosigner = (key: Uint8Array, name: string): string =>
  formatVkey({ sha256, name: `${origin}/witness/${name}`, key, type: signatureTypes.cosignature })
const witness = (name: string, key: Uint8Array = ed25519.getPublicKey(seed(`witness ${name}`))): string =>
  `witness ${name} ${cosigner(key, name)}`
const lines = (...all: string[]): string => `${all.join('\n')}\n`
const names = (n: number) => Array.from({ length: n }, (_, i) => `w${i}`)
const of = (n: number, k: number | string, log = `log ${vkey}`): string =>
  lines(log, ...names(n).map(name => witness(name)), `group q ${k} ${names(n).join(' ')}`, 'quorum q')

const postQuantum = (who: string, name: string): string =>
  formatVkey({ sha256, name, key: mlDsa44Keys(seed(`ml-dsa ${who}`)).publicKey, type: signatureTypes.mlDsa44 })
const bothLogs = `log ${vkey}\nlog ${postQuantum('log', origin)}`
const second = (who: string): string => `witness ${who}/ml-dsa-44 ${postQuantum(who, `${origin}/witness/${who}`)}`
const pair = (who: string): string[] =>
  [witness(who), second(who), `group ${who}/both all ${who} ${who}/ml-dsa-44`]
const pairs = (n: number, k: number): string =>
  lines(bothLogs, ...names(n).flatMap(pair), `group q ${k} ${names(n).map(who => `${who}/both`).join(' ')}`, 'quorum q')
const ofMlDsa = (n: number, k: number): string =>
  lines(bothLogs, ...names(n).map(second), `group q ${k} ${names(n).map(who => `${who}/ml-dsa-44`).join(' ')}`,
    'quorum q')

function policyCases(): VectorCase[] {
  const ok = (name: string, more: object) => good(name, { charter: { ...charter, ...more } })
  const no = (name: string, more: object, at = '/policy', code = 'statement.breaks-law') =>
    bad(name, { charter: { ...charter, ...more } }, code, at)
  const otherLog = (name: string) => formatVkey({ sha256, name, key: ed25519.getPublicKey(seed('another log')) })
  const jwk = ardenia.sign.record.jwk
  const signing = jwk.kty === 'OKP' ? (fromBase64url(jwk.x) ?? seed('')) : seed('')
  const logKey = ed25519.getPublicKey(seed('log'))
  const twisted = formatVkey({ sha256, name: origin, key: edKey(seed('another log')).point.add(torsion).toBytes() })
  return [
    ok('two of three', { policy: of(3, 2) }),
    ok('three of four, within ten minutes', { max_age: 600, policy: of(4, 3) }),
    ok('within a second', { max_age: 1, policy: of(3, 2) }),
    ok('within a year', { max_age: 31_536_000, policy: of(3, 2) }),
    ok('thirty-one witnesses and the log', { policy: of(31, 22) }),
    ok('fifteen pairs, and two keys of the log', { policy: pairs(15, 11) }),
    ok('a second key of the log', { policy: of(3, 2, `log ${vkey}\nlog ${otherLog(origin)}`) }),
    no('an age of zero', { max_age: 0, policy: of(3, 2) }, '/max_age', 'statement.bad-schema'),
    no('an age past a year', { max_age: 31_536_001, policy: of(3, 2) }, '/max_age', 'statement.bad-schema'),
    no('an age without a policy', { max_age: 600 }, '/max_age'),
    no('no policy at all', { policy: 'as we please\n' }, '/policy', 'log.bad-policy'),
    no('another log', { policy: of(3, 2, `log ${otherLog(origin)}`) }),
    no('no log', { policy: of(3, 2, '# none') }),
    no('a log of another name beside it', { policy: of(3, 2, `log ${vkey}\nlog ${otherLog('other.example')}`) }),
    no('thirty-two witnesses and the log', { policy: of(32, 22) }),
    no('sixteen witnesses by ML-DSA-44 beside that of the log', { policy: ofMlDsa(16, 11) }),
    no('two quorums without a witness in common', { policy: of(4, 2) }),
    no('no quorum is asked for', { policy: lines(`log ${vkey}`, 'quorum none') }),
    no('the log as its own witness', { policy: lines(`log ${vkey}`, witness('a', logKey), 'quorum a') }),
    no('a witness with a signing key', { policy: lines(`log ${vkey}`, witness('a', signing), 'quorum a') }),
    no('a witness key of small order', { policy: lines(`log ${vkey}`, witness('a', new Uint8Array(32)), 'quorum a') },
      '/policy', 'charter.bad-key'),
    no('a second key of the log with a torsion component', { policy: of(3, 2, `log ${vkey}\nlog ${twisted}`) },
      '/policy', 'charter.bad-key'),
  ]
}
