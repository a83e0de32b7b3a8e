import {
  consistencyProof, cosign, createTree, formatVkey, leafHash, mlDsa44Keys, portableSha256 as sha256, signCheckpoint,
  signMlDsa44, signatureTypes,
  splitVkey, toBase64, toBase64url as b64, utf8, withSignatures,
} from '@chancery/protocol'
import { ed25519 } from '@noble/curves/ed25519.js'
import {
  type Holder, ardenia, bad, borealia, charter, claims, genesisClaims, good, holder, jwsOf, seed, sidOf, statement,
} from './coalition.ts'
import type { VectorCase, VectorFile } from './vector-file.ts'

export const convictVectors = (): Record<string, VectorFile> => ({
  'audit/convict.json': { spec: 'spec/09-audit.md#convict', check: 'convict', cases: convictCases() },
})

const { origin, vkey } = charter.relay
const witnessKey = (who: string): string => formatVkey({
  sha256, name: `${origin}/witness/${who}`, key: ed25519.getPublicKey(seed(`witness ${who}`)),
  type: signatureTypes.cosignature,
})
const whos = ['a', 'b', 'c']
const witnessLines = whos.map(who => `witness ${who} ${witnessKey(who)}`)
const policy = [`log ${vkey}`, ...witnessLines, 'group q 2 a b c', 'quorum q', ''].join('\n')

const root3 = await holder('ardenia', 'root', 'EdDSA', 'ardenia root 3')
const [sign2, root2] = [await holder('ardenia', 'sign', 'EdDSA', 'ardenia sign 2'),
  await holder('ardenia', 'root', 'EdDSA', 'ardenia root 2')]
const founding = (more: object) => jwsOf({ key: ardenia.root,
  payload: { ...genesisClaims, body: { charter: { ...charter, policy, ...more } } } })
const genesisBy = (text: string): string => founding({ policy: text })
const genesis = founding({})
/** Ardenia has named its next root key. */
const prepared = founding({ members: charter.members.map(member =>
  (member.id === 'ardenia' ? { ...member, next_root: root2.record.kid } : member)) })
const [genesisSid, preparedSid] = [sidOf(genesis), sidOf(prepared)]

/** The same witnesses, of which a has a second key of another family. */
const second = formatVkey({
  sha256, name: `${origin}/witness/a`, key: mlDsa44Keys(seed('ml-dsa a')).publicKey, type: signatureTypes.mlDsa44,
})
const paired = genesisBy([`log ${vkey}`, ...witnessLines, `witness a/ml-dsa-44 ${second}`,
  'group a/both all a a/ml-dsa-44', 'group q 2 a/both b c', 'quorum q', ''].join('\n'))

/** Two logs of one beginning: the second has another entry at index 3. */
const treeOf = (other?: number) => {
  const tree = createTree(sha256)
  for (let i = 0; i < 9; i++) tree.append(leafHash(sha256, utf8(i === other ? 'another' : `entry ${i}`)))
  return tree
}
const [real, forged] = [treeOf(), treeOf(3)]
type Tree = ReturnType<typeof treeOf>

const vkeyFrom = (key: string): string =>
  formatVkey({ sha256, name: origin, key: ed25519.getPublicKey(seed(key)) })

function note(tree: Tree, size: number, by: string[] = [], key = 'log', named = vkey): string {
  const checkpoint = { origin, size, root: tree.root(size) }
  const signed = signCheckpoint({ checkpoint, vkey: named, sign: message => ed25519.sign(message, seed(key)) })
  const lines = by.map(who => {
    const parts = splitVkey(witnessKey(who))
    if (parts === undefined) throw new Error('a key of ours')
    const sign = (message: Uint8Array) => ed25519.sign(message, seed(`witness ${who}`))
    return cosign(parts, { checkpoint, at: 1_900_000_000, sign })
  })
  return withSignatures(signed, lines)
}

/** The same note, cosigned by the second key of a. */
function byMlDsa(tree: Tree, text: string): string {
  const parts = splitVkey(second)
  if (parts === undefined) throw new Error('a key of ours')
  const sign = (message: Uint8Array) => signMlDsa44(mlDsa44Keys(seed('ml-dsa a')).secretKey, message)
  return withSignatures(text, [cosign(parts, { checkpoint: { origin, size: 7, root: tree.root(7) }, at: 1_900_000_000,
    sign })])
}

const earlier = (tree: Tree, from: number, to: number) => [{
  from, proof: consistencyProof({ sha256, from, to, read: tree.read }).map(toBase64), root: b64(tree.root(from)), to,
}]

const here = { charter: { sid: genesisSid, version: 1 }, coa: genesisSid }
const said = (by: typeof ardenia, change: object, key = by.sign) =>
  statement(by, { ...here, chain: { id: 'green', prev: null, seq: 0 }, handling: { tlp: 'green' }, ...change }, key)
const [one, two] = [said(ardenia, {}), said(ardenia, { iat: claims.iat + 1 })]
const afterOne = { id: 'green', prev: sidOf(one), seq: 1 }
const elsewhere = said(ardenia, { chain: afterOne, seen: { ...claims.seen, root: b64(seed('another root')) } })
const twice = { of: 'two statements of number 0 of its chain green', who: { is: 'member', name: 'ardenia' } }
const ok = (name: string, given: object, ...convictions: object[]) =>
  good(name, { genesis, ...given }, { convictions, genesis: genesisSid })

function convictCases(): VectorCase[] {
  const log = (of: string) => ({ of, who: { is: 'log', name: origin } })
  const witness = (name: string, of: string) => ({ of, who: { is: 'witness', name } })
  const same = 'two trees of size 7'
  const later = 'a tree of size 9 that does not extend its tree of size 7'
  return [
    ok('the log, with two trees of one size', { notes: [note(real, 7), note(forged, 7)] }, log(same)),
    ok('the log, with a tree that does not extend its own',
      { notes: [note(forged, 7), note(real, 9)], earlier: earlier(real, 7, 9) }, log(later)),
    ok('the same, from a size that is a power of two',
      { notes: [note(forged, 4), note(real, 9)], earlier: earlier(real, 4, 9) },
      log('a tree of size 9 that does not extend its tree of size 4')),
    ok('the log and the witness that has signed both',
      { notes: [note(real, 7, ['a', 'b']), note(forged, 7, ['b', 'c'])] }, log(same), witness('b', same)),
    ok('a witness of both, in the order of sizes',
      { notes: [note(real, 9, ['c']), note(forged, 7, ['a', 'c'])], earlier: earlier(real, 7, 9) }, log(later),
      witness('c', later)),
    good('a witness, with its key of ML-DSA-44, under the name of its pair',
      { genesis: paired, notes: [byMlDsa(real, note(real, 7, ['b'])), byMlDsa(forged, note(forged, 7, ['c']))] },
      { convictions: [log(same), witness('a/both', same)], genesis: sidOf(paired) }),
    good('a witness, with both of its keys, once',
      { genesis: paired, notes: [byMlDsa(real, note(real, 7, ['a'])), byMlDsa(forged, note(forged, 7, ['a']))] },
      { convictions: [log(same), witness('a/both', same)], genesis: sidOf(paired) }),
    good('no witness, where each key has signed another tree',
      { genesis: paired, notes: [byMlDsa(real, note(real, 7)), note(forged, 7, ['a'])] },
      { convictions: [log(same)], genesis: sidOf(paired) }),
    ok('a member, with two statements of one number', { statements: [one, two] },
      twice),
    ok('a member, with two trees of one size that it says it has seen', { statements: [one, elsewhere] },
      { of: 'two trees of size 3, as it says it has seen them', who: { is: 'member', name: 'ardenia' } }),
    ok('a member that has seen trees of two sizes', { statements: [one,
      said(ardenia, { chain: afterOne, seen: { ...claims.seen, root: b64(seed('another root')), size: 4 } })] }),
    ok('two members that have seen two trees', { statements: [one,
      said(borealia, { seen: { ...claims.seen, root: b64(seed('another root')) } })] }),
    ...keyCases(),
    ...logKeyCases(),
    ok('one note twice', { notes: [note(real, 7), note(real, 7, ['a'])] }),
    ok('two notes of one log', { notes: [note(real, 7), note(real, 9)], earlier: earlier(real, 7, 9) }),
    ok('two sizes of two trees, and nothing that shows it', { notes: [note(forged, 7), note(real, 9)] }),
    ok('a proof that fails', { notes: [note(real, 7), note(real, 9)],
      earlier: earlier(real, 7, 9).map(each => ({ ...each, root: b64(forged.root(7)) })) }),
    ok('a proof of another tree', { notes: [note(real, 7), note(forged, 9)], earlier: earlier(real, 7, 9) }),
    ok('a proof of other sizes', { notes: [note(forged, 7), note(real, 9)], earlier: earlier(real, 6, 9) }),
    ok('a note that a stranger has signed', { notes: [note(real, 7), note(forged, 7, [], 'stranger')] }),
    ok('one statement twice', { statements: [one, one] }),
    ok('two statements of two numbers',
      { statements: [one, said(ardenia, { chain: { id: 'green', prev: sidOf(one), seq: 1 } })] }),
    ok('two statements of two chains', { statements: [one,
      said(ardenia, { chain: { id: 'amber', prev: null, seq: 0 }, handling: { tlp: 'amber' } })] }),
    ok('two statements of two members', { statements: [one, said(borealia, {})] }),
    ok('one that another has signed', { statements: [one, said(ardenia, { iat: 1 }, borealia.sign)] }),
    ok('one of another coalition', { statements: [one, said(ardenia, { coa: b64(seed('other')) })] }),
    bad('no charter to go by', { notes: [note(real, 7), note(forged, 7)] }, 'evidence.bad-proof', '/genesis'),
    bad('a charter whose signature does not hold', { genesis: `${genesis.slice(0, -2)}AA`, notes: [] },
      'evidence.bad-proof', '/genesis'),
  ]
}

/** The log has had another key since, by an amendment that two of three have approved. */
function logKeyCases(): VectorCase[] {
  const { tag: _, members, ...unchanged } = charter
  const newer = vkeyFrom('log 2')
  const by2 = (tree: Tree, size: number, who: string[] = []) => note(tree, size, who, 'log 2', newer)
  const next = { ...unchanged, members: members.map(({ id }) => id), policy: policy.replace(vkey, newer),
    relay: { origin, vkey: newer }, version: 2 }
  const clear = (seq: number) => ({ chain: { id: 'clear', prev: genesisSid, seq }, handling: { tlp: 'clear' } })
  const amend = (more: object = {}, key = ardenia.root) => said(ardenia, { kind: 'charter.amend', refs: [genesisSid],
    body: { charter: { ...next, ...more }, previous: genesisSid }, ...clear(1) }, key)
  const approve = (jws: string, by = borealia, key = by.root, seq = 2) => said(by, { kind: 'charter.approve',
    refs: [sidOf(jws)], body: { approves: sidOf(jws) }, ...clear(seq) }, key)
  const amended = amend()
  const version = [amended, approve(amended)]
  const third = vkeyFrom('log 3')
  const again = said(ardenia, { kind: 'charter.amend', refs: [sidOf(amended)], ...clear(3),
    body: { charter: { ...next, policy: policy.replace(vkey, third), relay: { origin, vkey: third }, version: 3 },
      previous: sidOf(amended) } }, ardenia.root)
  const later = { of: 'a tree of size 9 that does not extend its tree of size 7', who: { is: 'log', name: origin } }
  const same = { of: 'two trees of size 7', who: { is: 'log', name: origin } }
  const witness = { of: same.of, who: { is: 'witness', name: 'b' } }
  const forks = { notes: [note(forged, 7), by2(real, 9)], earlier: earlier(real, 7, 9) }
  const stricter = amend({ amend_threshold: 3 })
  return [
    ok('the log, across two of its keys', { ...forks, statements: version }, later),
    ok('the same, the approval being named first', { ...forks, statements: version.toReversed() }, later),
    ok('the log, that showed some the old key and others the new one',
      { notes: [note(real, 7, ['a', 'b']), by2(forged, 7, ['b', 'c'])], statements: version }, same, witness),
    ok('the log, with its third key', { notes: [note(forged, 7), note(real, 9, [], 'log 3', third)],
      earlier: earlier(real, 7, 9),
      statements: [approve(again, borealia, borealia.root, 4), again, ...version] }, later),
    ok('two heads of one log by two keys', { notes: [note(real, 7), by2(real, 9)], earlier: earlier(real, 7, 9),
      statements: version }),
    ok('a key that no exhibit shows', forks),
    ok('a key that too few have approved', { ...forks, statements: [amended] }),
    ok('a key that its author has approved twice', { ...forks, statements: [amended, approve(amended, ardenia)] }),
    ok('a key approved by a sign key', { ...forks, statements: [amended, approve(amended, borealia, borealia.sign)] }),
    ok('a key proposed by a sign key', { ...forks, statements: [amend({}, ardenia.sign),
      approve(amend({}, ardenia.sign))] }),
    ok('a key whose version asks for more', { ...forks, statements: [stricter, approve(stricter)] }),
    ok('a key of a version after one that nobody shows', {
      notes: [note(forged, 7), note(real, 9, [], 'log 3', third)],
      earlier: earlier(real, 7, 9), statements: [approve(again), again] }),
  ]
}

/** Keys that came and went: whose they are the exhibits say themselves. */
function keyCases(): VectorCase[] {
  const newer = said(ardenia, { iat: claims.iat + 1 }, sign2)
  const adds = (keys: Holder[], seq: number) => ({ kind: 'key.add', body: { keys: keys.map(({ record }) => record) },
    chain: { id: 'clear', prev: genesisSid, seq }, handling: { tlp: 'clear' } })
  const add = (keys: Holder[], key = ardenia.root, seq = 1) => said(ardenia, adds(keys, seq), key)
  const revokes = (more: object) => ({ kind: 'key.revoke', body: { kid: ardenia.sign.record.kid, reason: 'x', ...more },
    chain: { id: 'clear', prev: genesisSid, seq: 1 }, handling: { tlp: 'clear' } })
  const revoked = (more: object, key = ardenia.root) => said(ardenia, revokes(more), key)
  const there = { charter: { sid: preparedSid, version: 1 }, coa: preparedSid }
  const rotated = (named: Holder) => [
    said(ardenia, { ...adds([sign2], 1), ...there }, named), said(ardenia, there),
    said(ardenia, { ...there, iat: claims.iat + 1 }, sign2),
    said(ardenia, { ...there, kind: 'key.rotate-root', body: { key: root2.record, next_root: root3.record.kid },
      chain: { id: 'clear', prev: preparedSid, seq: 3 }, handling: { tlp: 'clear' } }, root2)]
  return [
    ok('a member, by a key that it has added', { statements: [add([sign2]), one, newer] }, twice),
    ok('the same, the key being named last', { statements: [one, newer, add([sign2], root2, 2), add([root2])] }, twice),
    good('a member, by a key of a root key that it had named', { genesis: prepared, statements: rotated(root2) },
      { convictions: [twice], genesis: preparedSid }),
    good('by a key of a root key that it has not brought', { genesis: prepared, statements: rotated(root3) },
      { convictions: [], genesis: preparedSid }),
    ok('by a key that nobody has added', { statements: [one, newer] }),
    ok('by a key that another member has added', { statements: [one, newer, said(borealia, adds([sign2], 1),
      borealia.root)] }),
    ok('by a key that a sign key has added', { statements: [one, newer, add([sign2], ardenia.sign)] }),
    ok('a member, by a key that it has revoked', { statements: [one, two, revoked({})] }, twice),
    ok('by a key that it says was compromised', { statements: [one, two, revoked({ compromised_since: 4 })] }),
    ok('a member, by a key that another says was compromised', { statements: [one, two,
      said(borealia, revokes({ compromised_since: 4 }), borealia.root)] }, twice),
    ok('a member, by a key that its sign key says was compromised', { statements: [one, two,
      revoked({ compromised_since: 4 }, ardenia.sign)] }, twice),
  ]
}
