import * as crypto from 'node:crypto'
import { ed25519, x25519 } from '@noble/curves/ed25519.js'
import {
  type Charter, type CharterState, type Checkpoint, type Claims, type Family, type NoteSignature,
  type Draft, type DraftedLine, type Handling, type Json, type KeyRecord,
  type KeyUse, type KindName,
  type Member, type OpenKey, type Primitives, type Referred, type Result, type Role,
  type Signer, type RestrictedTlp, type Tlp, type Tree, type Verified, answerReaders, assert, canonical,
  chainIdOf,
  checkRelations, concat, createTree, domainTag, formatReceipt, formatTierCopy, formatVkey,
  inclusionProof, isOpenEntry, keyRecord, kindOf, leafHash, mlDsa44Keys, nodePrimitives, openEntry, payloadOf,
  restrictedTiers, cosign, enteredOf, sealedEntry, signCheckpoint, signEnvelope, signMlDsa44, signatureTypes,
  splitVkey, tagKeyRecipients, toBase64url, utf8, verify, verifyGenesis, withRecord, withSignatures, xwingJwk,
} from '@chancery/protocol'
import { padTwin, sealTwin } from './tools/vectors/seal-twin.ts'

/**
 * A coalition in one process, with nothing random in it: keys, salts, jti and times come from the seed and a counter,
 * so the same calls make the same bytes. Every statement is signed, verified and appended as a relay would do it.
 *
 *   const world = await makeWorld({ members: 3, seed: 'a story' })
 *   const [first] = world.ids
 *   const said = await world.statement('attribution.statement', first, body, { tlp: 'amber' })
 *   said.statement, said.index, world.rootAt(world.size), world.receipt(said.index)
 */
export async function makeWorld(options: WorldOptions): Promise<World> {
  const { seed } = options
  const members = await makeMembers(options)
  const origin = 'relay.example/log1'
  const relaySecret = derive(seed, 'relay')
  const vkey = formatVkey({ sha256, name: origin, key: ed25519.getPublicKey(relaySecret) })
  const tagKey = derive(seed, 'tag key')
  const bare = charterOf({ options, members, tagKey, origin, vkey })
  const policy = options.quorum === undefined ? undefined : policyFor(options, members, bare.relay)
  const charter = { ...bare, ...(policy !== undefined && { policy }) }
  const book: Book = {
    tree: createTree(sha256), entries: [], logged: [], bySid: new Map(), heads: new Map(), notes: new Map(),
  }
  const ids = members.map(({ id }) => id)
  const state: { charter?: CharterState; count: number } = { count: 0 }

  const world: World = {
    seed, primitives, ids, origin, vkey, tagKey, families: options.pairs === undefined ? ['ed25519'] : bothFamilies,
    members: Object.fromEntries(members.map(member => [member.id, member])),
    relay: { sign: message => ed25519.sign(message, relaySecret) },
    tree: book.tree, entries: book.entries, logged: book.logged,
    get charter() {
      assert(state.charter !== undefined, 'a world begins with its genesis statement')
      return state.charter
    },
    get size() {
      return book.tree.size
    },
    rootAt: size => (size <= book.tree.size ? toBase64url(book.tree.root(size)) : undefined),
    checkpoint(size = book.tree.size) {
      const known = book.notes.get(size)
      if (known !== undefined) return known
      const checkpoint = { origin, size, root: book.tree.root(size) }
      const note = signCheckpoint({ checkpoint, vkey, sign: world.relay.sign })
      const second = world.families.length === 1 ? [] : [secondLine(world, checkpoint)]
      const signed = withSignatures(note, second)
      book.notes.set(size, signed)
      return signed
    },
    receipt(index, size = book.tree.size) {
      const entry = book.entries[index]
      assert(entry !== undefined && index < size, 'a receipt is asked for an entry of the log')
      const proof = inclusionProof({ sha256, index, size, read: book.tree.read })
      const extra = entry.length === 65 && entry[0] === 1 ? entry.subarray(33) : undefined
      return formatReceipt({ index, proof, checkpoint: world.checkpoint(size), ...(extra !== undefined && { extra }) })
    },
    async draft(kind, by, body, opts = {}) {
      return signDraft({ world, book, count: ++state.count, state: state.charter }, { kind, by, body, opts })
    },
    async statement(kind, by, body, opts = {}) {
      const draft = await world.draft(kind, by, body, opts)
      const { statement, charter: begun } = take({ world, book, charter: state.charter }, draft)
      state.charter = begun
      return append({ world, book }, draft, statement)
    },
    async pass(count) {
      const row = kindOf('attribution.statement')
      for (let i = 0; i < count; i++) await world.statement('attribution.statement', ids[0] ?? '', row.template)
    },
  }
  const [first = '', ...others] = ids
  const genesis = await world.statement('charter.adopt', first, { charter })
  for (const id of others) await world.statement('charter.adopt', id, { adopts: genesis.statement.sid })
  return world
}

export type WorldOptions = {
  readonly members: number
  readonly seed: string
  /** Members cleared for each tier; everyone where a tier is not named. */
  readonly clearances?: Partial<Record<RestrictedTlp, readonly string[]>>
  /** Members without X-Wing keys, who are cleared for green alone: a small charter. */
  readonly curvesOnly?: true
  /** Members have named the root key that is to take over: `signerOf(seed, id, 'root', 'next root')`. */
  readonly nextRoots?: true
  /** Roles beside `member`. The first member is coordinator and pen-holder unless this says otherwise. */
  readonly roles?: (id: string, position: number) => readonly Role[]
  /** Every member witnesses, and so many make a checkpoint count; else the log alone does. */
  readonly quorum?: number
  /** Log and members have a key of each family, and so many of a member's two are asked for. Beside a quorum. */
  readonly pairs?: 'all' | 'any'
}

export type WorldMember = {
  readonly id: string
  readonly seed: string
  readonly signer: Signer
  readonly rootSigner: Signer
  readonly authSigner: Signer
  /** What its text is sealed to: by suite 1, and by suite 2. */
  readonly encKey: OpenKey
  readonly xwingKey: OpenKey
  /** Of a named person: what TLP:RED is sealed to. */
  readonly personKey: OpenKey
  /** As the charter holds it. */
  readonly record: Member
}

/** A key, and its record as a charter or a `key.add` has it. */
export type KeyPair = { readonly signer: Signer; readonly record: KeyRecord }

export type StatementOptions = {
  readonly tlp?: Tlp
  /** What the marking says beside the tier. */
  readonly handling?: Omit<Handling, 'tlp'>
  readonly exercise?: boolean
  readonly iat?: number
  readonly tear?: readonly ({ readonly label: string; readonly content: unknown } & Omit<Handling, 'tlp'> & {
      readonly tlp: RestrictedTlp
    })[]
  readonly slices?: Draft['slices']
  /** Its copy has no disclosures: `change` has signed other digests than those of the draft. */
  readonly bare?: true
  /** Another key of the author than the one that the charter began with. */
  readonly signer?: Signer
  /** Last change before signing, for statements that are meant to be refused. */
  readonly change?: (payload: Claims) => Claims
}

/** Signed and not yet on the log. */
export type SignedDraft = {
  readonly jws: string
  readonly sid: string
  readonly kid: string
  readonly payload: Claims
  readonly lines: readonly DraftedLine[]
  /** The author's own copy: with every disclosure. */
  readonly copy: string
}

/** A statement on the log: `Placed`, with its bytes. */
export type LoggedStatement = SignedDraft & {
  readonly statement: Verified
  readonly index: number
  readonly entry: Uint8Array
}

export type World = {
  readonly seed: string
  readonly primitives: Primitives
  readonly charter: CharterState
  readonly ids: readonly string[]
  readonly members: Readonly<Record<string, WorldMember>>
  readonly origin: string
  readonly vkey: string
  /** Of what the log and its witnesses have keys. */
  readonly families: readonly Family[]
  readonly tagKey: Uint8Array
  readonly relay: { readonly sign: (message: Uint8Array) => Uint8Array }
  readonly size: number
  readonly tree: Tree
  readonly entries: readonly Uint8Array[]
  readonly logged: readonly LoggedStatement[]
  readonly rootAt: (size: number) => string | undefined
  /** The signed note at a size. */
  readonly checkpoint: (size?: number) => string
  /** tlog-proof text of one entry against the checkpoint of a size. */
  readonly receipt: (index: number, size?: number) => string
  readonly draft: (kind: KindName, by: string, body: unknown, opts?: StatementOptions) => Promise<SignedDraft>
  readonly statement: (kind: KindName, by: string, body: unknown, opts?: StatementOptions) => Promise<LoggedStatement>
  /** Lets the log grow by so many statements that say nothing new. */
  readonly pass: (count: number) => Promise<void>
}

/** When every world begins: 2031-01-01T00:00:00Z. The n-th statement is n minutes later. */
export const worldBegins = 1_924_992_000

const primitives = nodePrimitives(crypto)
const { sha256 } = primitives

/** 32 bytes of a seed for one purpose. */
export const derive = (seed: string, purpose: string): Uint8Array =>
  sha256(utf8(`chancery test world\0${seed}\0${purpose}`))

// States that do not exist.
const names = [
  'aldova', 'borsk', 'caldria', 'dorvane', 'estmark', 'ferrin', 'galvia', 'hestria', 'ilmar', 'jorvane', 'kestria',
  'lunara',
]
const nameOf = (position: number): string => names[position] ?? `state-${String(position + 1).padStart(3, '0')}`

async function makeMembers({ members, seed, roles, curvesOnly, nextRoots }: WorldOptions): Promise<WorldMember[]> {
  const made: WorldMember[] = []
  for (let position = 0; position < members; position++) {
    const more = roles?.(nameOf(position), position) ?? (position === 0 ? (['coordinator', 'pen-holder'] as const) : [])
    const one = await makeMember(seed, nameOf(position), ['member', ...more], curvesOnly)
    const next = (await signerOf(seed, one.id, 'root', 'next root')).record.kid
    made.push(nextRoots ? { ...one, record: { ...one.record, next_root: next } } : one)
  }
  return made
}

export async function makeMember(seed: string, id: string, roles: Role[], curvesOnly = false): Promise<WorldMember> {
  const [root, sign, auth, witness] = [
    await signerOf(seed, id, 'root'), await signerOf(seed, id, 'sign'), await signerOf(seed, id, 'auth'),
    await signerOf(seed, id, 'witness'),
  ]
  const name = `${id.charAt(0).toUpperCase()}${id.slice(1)}`
  const enc = await encOf(seed, id)
  const post = await xwingOf(seed, id)
  const person = await xwingOf(seed, id, `Envoy of ${name}`)
  const enrolled = curvesOnly ? [root, sign, auth, enc, witness] : [root, sign, auth, enc, post, witness, person]
  const keys = enrolled.map(({ record }) => record)
  return {
    id, seed, signer: sign.signer, rootSigner: root.signer, authSigner: auth.signer,
    encKey: enc.key, xwingKey: post.key, personKey: person.key, record: { id, keys, name, roles },
  }
}

async function encOf(seed: string, member: string): Promise<{ key: OpenKey; record: KeyRecord }> {
  const secret = derive(seed, `${member} enc`)
  const jwk = { crv: 'X25519', kty: 'OKP', x: toBase64url(x25519.getPublicKey(secret)) } as const
  const record = await keyRecord({ sha256, member, alg: 'ECDH-ES+A256KW', jwk, use: 'enc' })
  return { key: { kid: record.kid, jwk: { ...jwk, d: toBase64url(secret) } }, record }
}

async function xwingOf(seed: string, member: string, person?: string): Promise<{ key: OpenKey; record: KeyRecord }> {
  const secret = derive(seed, `${member} ${person ?? 'X-Wing'}`)
  const own = { sha256, member, alg: 'X-Wing', jwk: xwingJwk(secret), use: 'enc' } as const
  const record = await keyRecord(person === undefined ? own : { ...own, person })
  return { key: { kid: record.kid, jwk: { ...own.jwk, priv: toBase64url(secret) } }, record }
}

/** `name` makes another of the same use. */
export async function signerOf(seed: string, id: string, use: KeyUse, name = use as string): Promise<KeyPair> {
  const secret = derive(seed, `${id} ${name}`)
  const sign = (message: Uint8Array): Uint8Array => ed25519.sign(message, secret)
  const jwk = { crv: 'Ed25519', kty: 'OKP', x: toBase64url(ed25519.getPublicKey(secret)) } as const
  const record = await keyRecord({ sha256, member: id, alg: 'EdDSA', jwk, use, sign })
  return { signer: { kid: record.kid, alg: 'EdDSA', sign }, record }
}

function charterOf({ options, members, tagKey, origin, vkey }: {
  options: WorldOptions; members: readonly WorldMember[]; tagKey: Uint8Array; origin: string; vkey: string
}): Charter {
  const ids = members.map(({ id }) => id)
  const most = (tier: Tlp) => (options.curvesOnly && tier !== 'green' ? [] : ids)
  const cleared = restrictedTiers.map(tier => [tier, [...(options.clearances?.[tier] ?? most(tier))].sort()])
  const commit = toBase64url(sha256(concat(domainTag('tag-key'), tagKey)))
  return {
    amend_threshold: members.length,
    clearances: Object.fromEntries(cleared) as Charter['clearances'],
    default_tlp: 'amber',
    entry: 'By agreement of all members.',
    exit: 'By notice.',
    legal_status: 'Not legally binding',
    members: members.map(({ record }) => record),
    name: 'Coalition of the test world',
    organisation: 'The government of the member.',
    purpose: 'To tell stories that never happened.',
    relay: { origin, vkey },
    tag: {
      commit,
      seal: sealTwin({
        plaintext: padTwin(tagKey, 1_024), aad: utf8(commit), seed: derive(options.seed, 'tag seal'),
        recipients: tagKeyRecipients(members.map(({ record }) => record)),
      }),
    },
    version: 1,
  }
}

const bothFamilies = ['ed25519', 'ml-dsa-44'] as const satisfies readonly Family[]

/** The seed of a key of ML-DSA-44: a member's witness key, or the log's. */
export const mlDsaSeed = (seed: string, who: string): Uint8Array => derive(seed, `${who} ml-dsa-44`)
const mlDsaVkey = (seed: string, who: string, name: string): string => formatVkey({
  sha256, name, key: mlDsa44Keys(mlDsaSeed(seed, who)).publicKey, type: signatureTypes.mlDsa44,
})
/** The second key of the log. */
export const secondVkey = ({ seed, origin }: Pick<World, 'seed' | 'origin'>): string => mlDsaVkey(seed, 'log', origin)

function cosignerOf(seed: string, id: string, origin: string, family: Family): string {
  const name = `${origin}/witness/${id}`
  if (family === 'ml-dsa-44') return mlDsaVkey(seed, id, name)
  const key = ed25519.getPublicKey(derive(seed, `${id} witness`))
  return formatVkey({ sha256, name, key, type: signatureTypes.cosignature })
}

type Quorate = Pick<WorldOptions, 'quorum' | 'pairs'>

function policyFor({ quorum, pairs }: Quorate, members: readonly WorldMember[], relay: Charter['relay']): string {
  const { origin, vkey } = relay
  const [seed = ''] = members.map(member => member.seed)
  const lines = members.flatMap(({ id }) => {
    if (pairs === undefined) return [`witness ${id} ${cosignerOf(seed, id, origin, 'ed25519')}`]
    const each = bothFamilies.map(family => `witness ${id}/${family} ${cosignerOf(seed, id, origin, family)}`)
    return [...each, `group ${id} ${pairs} ${bothFamilies.map(family => `${id}/${family}`).join(' ')}`]
  })
  const second = pairs === undefined ? [] : [`log ${secondVkey({ seed, origin })}`]
  const group = `group quorum ${quorum} ${members.map(({ id }) => id).join(' ')}`
  return `${[`log ${vkey}`, ...second, ...lines, group, 'quorum quorum'].join('\n')}\n`
}

/** The log signs a minute after each entry. */
function secondLine(world: Pick<World, 'seed' | 'origin'>, checkpoint: Checkpoint): NoteSignature {
  const [at, secret] = [worldBegins + 60 * checkpoint.size, mlDsaSeed(world.seed, 'log')]
  return lineOf(secondVkey(world), { checkpoint, at, secret })
}

function lineOf(
  vkey: string,
  { secret, ...of }: { readonly checkpoint: Checkpoint; readonly at: number; readonly secret: Uint8Array },
): NoteSignature {
  const key = splitVkey(vkey)
  assert(key !== undefined, 'a verifier key of ours')
  const sign = (message: Uint8Array) => key.type === signatureTypes.mlDsa44
    ? signMlDsa44(mlDsa44Keys(secret).secretKey, message) : ed25519.sign(message, secret)
  return cosign(key, { ...of, sign })
}

/** The note of a size with the cosignatures of these members, each at its time and with its key of each family. */
export function cosignedNote(
  world: World, size: number, by: Readonly<Record<string, number>>, families = world.families,
): string {
  const { origin, seed } = world
  const checkpoint = { origin, size, root: world.tree.root(size) }
  const lines = Object.entries(by).flatMap(([id, at]) => families.map(family => {
    const secret = family === 'ml-dsa-44' ? mlDsaSeed(seed, id) : derive(seed, `${id} witness`)
    return lineOf(cosignerOf(seed, id, origin, family), { checkpoint, at, secret })
  }))
  return withSignatures(world.checkpoint(size), lines)
}

type Book = {
  readonly tree: Tree
  readonly entries: Uint8Array[]
  readonly logged: LoggedStatement[]
  readonly bySid: Map<string, Referred>
  readonly heads: Map<string, { readonly seq: number; readonly sid: string }>
  readonly notes: Map<number, string>
}

type Asked = { readonly kind: KindName; readonly by: string; readonly body: unknown; readonly opts: StatementOptions }

async function signDraft(
  { world, book, count, state }: { world: World; book: Book; count: number; state: CharterState | undefined },
  { kind, by, body, opts }: Asked,
): Promise<SignedDraft> {
  const member = world.members[by]
  assert(member !== undefined, `${by} is a member of this world`)
  const { exercise = false, iat = worldBegins + 60 * count } = opts
  const handling = handlingFor(book, { kind, by, body, opts })
  const tear = (opts.tear ?? []).map(({ label, content, ...line }) => ({ label, content, handling: line }))
  const id = chainIdOf(sha256, handling, state?.renewed.get(by))
  const head = book.heads.get(`${by} ${id}`)
  let salts = 0
  const drafted = payloadOf({ kind, handling, exercise, body, tear, ...(opts.slices && { slices: opts.slices }) }, {
    iss: by, iat, coa: state?.genesis ?? null,
    charter: state === undefined ? null : { sid: state.version.sid, version: state.version.number },
    chain: head === undefined ? { id, prev: null, seq: 0 } : { id, prev: head.sid, seq: head.seq + 1 },
    seen: state === undefined ? null : seenOf(world),
    random: length => derive(world.seed, `statement ${count} random ${salts++}`).subarray(0, length), sha256,
  })
  const { payload: lawful, disclosures: lines } = must(drafted, `a draft of ${kind}`)
  const payload = opts.change?.(lawful) ?? lawful
  const signer = opts.signer ?? (kindOf(kind).use === 'root' ? member.rootSigner : member.signer)
  const typ = 'chancery-statement+sd-jwt'
  const { jws, sid } = await signEnvelope(signer, { typ, payload: payload as Json, sha256 })
  const copy = formatTierCopy(jws, opts.bare === true ? [] : lines.map(({ disclosure }) => disclosure))
  return { jws, sid, kid: signer.kid, payload, lines, copy }
}

/** As told; an answer that says no more than a tier is for those who may read it before the release. */
function handlingFor({ bySid }: Book, { kind, by, body, opts }: Asked): Handling {
  const isAnswer = kind === 'callout.join' || kind === 'callout.decline' || kind === 'callout.withdraw'
  const { tlp = isAnswer ? 'green' : 'clear' } = opts
  const named = body as { text?: string; join?: string }
  const text = named.text ?? (bySid.get(named.join ?? '')?.body as typeof named | undefined)?.text
  const proposal = bySid.get((bySid.get(text ?? '')?.body as { proposal?: string } | undefined)?.proposal ?? '')
  if (!isAnswer || proposal === undefined || tlp === 'clear') return { ...opts.handling, tlp }
  return { releasable_to: [...answerReaders(proposal, by)], ...opts.handling, tlp }
}

function seenOf(world: World): Claims['seen'] {
  const note = toBase64url(sha256(utf8(world.checkpoint())))
  return { note, root: toBase64url(world.tree.root()), size: world.size }
}

/** What a relay asks of a statement before it is appended, and the charter after it. */
function take(
  { world, book, charter }: { world: World; book: Book; charter: CharterState | undefined },
  draft: SignedDraft,
): { statement: Verified; charter: CharterState } {
  const copy = draft.copy.replace(/^[^~]*/, draft.jws)
  if (charter === undefined) return must(verifyGenesis(copy, primitives), 'the genesis statement')
  const index = book.tree.size
  const statement = must(verify(copy, { primitives, charter, index }), `statement ${index}, ${draft.payload.kind}`)
  const prefix = {
    charter, rootAt: world.rootAt, find: (sid: string) => book.bySid.get(sid),
    chainHead: (iss: string, chain: string) => book.heads.get(`${iss} ${chain}`),
  }
  must(checkRelations(statement, prefix), `relations of statement ${index}, ${statement.kind}`)
  const entered = withRecord(primitives, charter, enteredOf(statement, index))
  return { statement, charter: must(entered, `the charter after statement ${index}, ${statement.kind}`) }
}

function append(
  { world, book }: { world: World; book: Book },
  draft: SignedDraft,
  statement: Verified,
): LoggedStatement {
  const { sid, jws, kid, iss, kind, body, claims, signature } = statement
  const index = book.tree.size
  const open = isOpenEntry(claims.handling.tlp, jws)
  const sealed = sealedEntry({ sha256, sid, signature, tagKey: world.tagKey, kid })
  // The genesis statement is older than the tag key that it carries: its T is zeros.
  if (index === 0) sealed.fill(0, 33)
  const entry = open ? openEntry(jws) : sealed
  book.tree.append(leafHash(sha256, entry))
  book.entries.push(entry)
  book.bySid.set(sid, { kind, iss, index, body, tlp: claims.handling.tlp })
  book.heads.set(`${iss} ${claims.chain.id}`, { seq: claims.chain.seq, sid })
  const logged = { ...draft, statement, index, entry }
  book.logged.push(logged)
  return logged
}

function must<T>(result: Result<T>, what: string): T {
  if (result.ok) return result.value
  throw new Error(`${what} is refused: ${canonical(result)}`)
}
