import * as crypto from 'node:crypto'
import {
  type CharterState,
  type Jwk,
  type KeyRecord,
  type KeyUse,
  type Member,
  type Primitives,
  type Signer,
  type SignatureAlg,
  type Verified,
  assert,
  beginCharter,
  concat,
  domainTag,
  formatVkey,
  keyRecord,
  nodePrimitives,
  payloadOf,
  seal,
  signEnvelope,
  tagKeyRecipients,
  toBase64url,
  utf8,
  verifyGenesis,
  xwingJwk,
} from '@chancery/protocol'

export const primitives: Primitives = nodePrimitives(crypto)
const { sha256 } = primitives
const random = (length: number): Uint8Array => new Uint8Array(crypto.randomBytes(length))

export type Holder = { readonly id: string; readonly signers: Readonly<Record<'root' | 'sign' | 'auth', Signer>> }
/** A coalition with keys of this machine's own making: its signatures cost what a member's do. */
export type Corpus = {
  readonly charter: CharterState
  readonly genesis: Verified
  readonly members: readonly Holder[]
  readonly origin: string
  readonly vkey: string
  readonly logKey: crypto.KeyObject
}

/** Some statements of one member, to be verified again. */
export type Sample = {
  readonly statements: readonly { readonly jws: string }[]
  readonly corpus: Corpus
  readonly member: Holder
}

export const origin = 'relay.example/bench'

export async function makeCorpus(count: number): Promise<Corpus> {
  const made = await Promise.all(Array.from({ length: count }, (_, i) => makeMember(`m${String(i).padStart(3, '0')}`)))
  const log = crypto.generateKeyPairSync('ed25519')
  const vkey = formatVkey({ sha256, name: origin, key: rawOf(log.publicKey) })
  const [first] = made
  assert(first !== undefined, 'a coalition has a member')
  const { jws } = await sign(first.holder.signers.root, {
    kind: 'charter.adopt',
    iss: first.holder.id,
    coa: null,
    chain: { seq: 0, prev: null },
    seen: null,
    body: { charter: await charterOf(made, vkey) },
  })
  const genesis = verifyGenesis(`${jws}~`, primitives)
  assert(genesis.ok, `the charter of the bench holds: ${JSON.stringify(genesis)}`)
  const { statement, charter } = genesis.value
  return {
    charter,
    genesis: statement,
    members: made.map(({ holder }) => holder),
    origin,
    vkey,
    logKey: log.privateKey,
  }
}

/** Everyone has adopted: what a bench needs where adoption itself is not measured. */
export function inForce(corpus: Corpus): CharterState {
  const begun = beginCharter({
    sid: corpus.charter.genesis,
    iss: corpus.members[0]?.id ?? '',
    charter: corpus.charter.charter,
  })
  return { ...begun, inForceFrom: 1 }
}

type Said = {
  readonly kind: 'charter.adopt' | 'attribution.statement'
  readonly iss: string
  readonly coa: string | null
  readonly chain: { readonly seq: number; readonly prev: string | null }
  readonly seen: { readonly note: string; readonly root: string; readonly size: number } | null
  readonly body: unknown
}

export async function sign(signer: Signer, said: Said): Promise<{ jws: string; sid: string }> {
  const drafted = payloadOf(
    { kind: said.kind, handling: { tlp: 'clear' }, exercise: false, body: said.body, tear: [] },
    {
      iss: said.iss,
      iat: 1_924_992_000,
      coa: said.coa,
      seen: said.seen,
      random,
      sha256,
      charter: said.coa === null ? null : { sid: said.coa, version: 1 },
      chain: { id: 'clear', ...said.chain },
    },
  )
  assert(drafted.ok, `a statement of the bench holds: ${JSON.stringify(drafted)}`)
  return signEnvelope(signer, { typ: 'chancery-statement+sd-jwt', payload: drafted.value.payload as never, sha256 })
}

/** About 2 KB as JWS, the size of a plain attribution. */
export const body = {
  title: 'Malicious activity against the ports of Hesparia',
  kind: 'political',
  publicity: 'public',
  summary: 'Intruders disabled the cargo systems of two ports for nine days. '.repeat(8),
  incidents: [{ ref: 'HES-PORTS', title: 'Cargo systems of two ports disabled' }],
  claims: [
    {
      id: 'c1',
      named: 'organ',
      name: 'Directorate 9 of Morvania',
      stance: 'attributes',
      basis: 'own-assessment',
      confidence: 'high',
      likelihood: { scale: 'icd203', term: 'very-likely' },
      evidence: [],
    },
  ],
  evidence: [],
}

/** `count` statements of one member, each continuing its chain. */
export async function statementsOf(
  corpus: Corpus,
  input: { member: Holder; count: number; from?: { seq: number; prev: string | null }; seen: Said['seen'] },
): Promise<readonly { jws: string; sid: string }[]> {
  const made: { jws: string; sid: string }[] = []
  let { seq, prev } = input.from ?? { seq: 0, prev: null }
  for (let i = 0; i < input.count; i++) {
    const { id: iss, signers } = input.member
    const coa = corpus.charter.genesis
    const one = await sign(signers.sign, {
      kind: 'attribution.statement',
      iss,
      coa,
      chain: { seq, prev },
      seen: input.seen,
      body,
    })
    made.push(one)
    seq += 1
    prev = one.sid
  }
  return made
}

const rawOf = (key: crypto.KeyObject): Uint8Array => {
  const { x } = key.export({ format: 'jwk' })
  return new Uint8Array(Buffer.from(x ?? '', 'base64url'))
}

async function makeMember(id: string): Promise<{ holder: Holder; keys: readonly KeyRecord[] }> {
  const of = (use: KeyUse) => makeKey(id, use)
  const [root, signing, auth] = [await of('root'), await of('sign'), await of('auth')]
  const { x } = crypto.generateKeyPairSync('x25519').publicKey.export({ format: 'jwk' })
  const enc = await keyRecord({
    sha256,
    member: id,
    alg: 'ECDH-ES+A256KW',
    use: 'enc',
    jwk: { crv: 'X25519', kty: 'OKP', x: x ?? '' },
  })
  const post = await keyRecord({ sha256, member: id, alg: 'X-Wing', use: 'enc', jwk: xwingJwk(random(32)) })
  const signers = { root: root.signer, sign: signing.signer, auth: auth.signer }
  return { holder: { id, signers }, keys: [root.record, signing.record, auth.record, enc, post] }
}

async function makeKey(member: string, use: KeyUse): Promise<{ record: KeyRecord; signer: Signer }> {
  const pair = crypto.generateKeyPairSync('ed25519')
  const jwk = { crv: 'Ed25519', kty: 'OKP', x: toBase64url(rawOf(pair.publicKey)) } as const satisfies Jwk
  const alg: SignatureAlg = 'EdDSA'
  const made = (message: Uint8Array): Uint8Array => new Uint8Array(crypto.sign(null, message, pair.privateKey))
  const record = await keyRecord({ sha256, member, alg, jwk, use, sign: made })
  return { record, signer: { kid: record.kid, alg, sign: made } }
}

const memberOf = (id: string, keys: readonly KeyRecord[]): Member => ({
  id,
  keys: [...keys],
  name: id,
  roles: ['member', 'coordinator'],
})

async function charterOf(
  made: readonly { holder: Holder; keys: readonly KeyRecord[] }[],
  vkey: string,
): Promise<object> {
  const ids = made.map(({ holder }) => holder.id)
  const tagKey = random(32)
  const commit = toBase64url(sha256(concat(domainTag('tag-key'), tagKey)))
  const members = made.map(({ holder, keys }) => memberOf(holder.id, keys))
  const recipients = tagKeyRecipients(members)
  return {
    amend_threshold: 1,
    clearances: { amber: ids, 'amber+strict': ids, green: ids, red: [] },
    default_tlp: 'green',
    entry: 'By invitation.',
    exit: 'At any time.',
    legal_status: 'Not legally binding.',
    members,
    name: 'Bench',
    organisation: 'The whole government.',
    purpose: 'To be measured.',
    relay: { origin, vkey },
    tag: { commit, seal: await seal({ plaintext: tagKey, aad: utf8(commit), recipients }) },
    version: 1,
  }
}
