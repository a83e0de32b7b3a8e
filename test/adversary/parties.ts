import { existsSync, mkdirSync, readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { randomBytes, randomUUID } from 'node:crypto'
import {
  type Mirror,
  NetworkFault,
  type Notices,
  type RelayClient,
  catchUp,
  connectRelay,
  followLog,
  openMirror,
  standingOf,
} from '@chancery/client'
import { type Exhibits, type Result, assert, kinds } from '@chancery/protocol'
import { openStore } from '@chancery/store'
import { homePaths } from '../../apps/partner/src/config.ts'
import { keepInOutbox } from '../../apps/partner/src/outbox.ts'
import { sendOutbox } from '../../apps/partner/src/publish.ts'
import { Refused } from '../../apps/partner/src/refusal.ts'
import { type Session, followOf } from '../../apps/partner/src/session.ts'
import { createWitness } from '../../apps/partner/src/witness.ts'
import { submissionOf } from '../deliveries.ts'
import type { Liar } from './liar.ts'
import { type World, derive } from '../world.ts'
import { ed25519 } from '@noble/curves/ed25519.js'

/** A node at work, and all that it noticed. */
export type Node = {
  readonly member: string
  readonly home: string
  readonly mirror: Mirror
  readonly relay: RelayClient
  readonly notices: string[]
}

export const nowSeconds = (): number => Math.floor(Date.now() / 1_000)

/** Opens a member's node with a mirror of its own. */
export async function nodeOf(
  world: World,
  { member, url, folder }: { member: string; url: string; folder: string },
): Promise<Node> {
  const home = join(folder, `${member}-${randomUUID()}`)
  mkdirSync(home, { mode: 0o700 })
  const { primitives, origin, logged } = world
  const store = openStore(homePaths(home).mirror, { origin, create: true })
  const own = world.members[member]
  assert(store.ok && own !== undefined, 'a new store opens, and it is a member')
  const openKeys = [own.encKey, own.xwingKey, own.personKey]
  const mirror = await openMirror({ store: store.value, genesis: logged[0]?.jws ?? '', openKeys, primitives })
  assert(mirror.ok, 'the genesis statement is the one pinned')
  const relay = connectRelay({
    url,
    origin,
    signer: async () => own.authSigner,
    primitives,
    now: nowSeconds,
    random: randomBytes,
  })
  return { member, home, mirror: mirror.value, relay, notices: [] }
}

/** What the commands of a home hand to what follows the log. */
function sessionOf({ home, mirror, relay, member, notices }: Node): Session {
  const say = (line: string) => void notices.push(line)
  const { primitives } = mirror
  const world = { home, now: nowSeconds, random: randomBytes, primitives, warn: say, say, event: () => undefined }
  return { world, mirror, relay, keys: { member } } as unknown as Session
}

/** Follows as every command does; what it is told of is kept by its name. */
const follows = (node: Node) => ({
  ...followOf(sessionOf(node)),
  onAdmitted: (notices: Notices) => void node.notices.push(...noticed(notices)),
})

/** The files that this node has kept as evidence. */
export function evidenceOf({ home }: Node): Exhibits[] {
  const { evidence: folder } = homePaths(home)
  const names = existsSync(folder) ? readdirSync(folder) : []
  return names.map(name => JSON.parse(readFileSync(join(folder, name), 'utf8')) as Exhibits)
}

/** What was told, by the name that the member hears it under. */
function noticed({ unsound, notDelivered, badSeals, foreignUse, notOurs, badTags }: Notices): string[] {
  return [
    ...unsound.map(({ code }) => code),
    ...badSeals.map(({ code }) => code),
    ...notDelivered.map(() => 'not delivered'),
    ...[...foreignUse, ...notOurs].map(() => 'stolen key'),
    ...badTags.map(() => 'bad tag'),
  ]
}

/** `ok`, a code, or what the network is said to be. */
export async function subscribe(node: Node): Promise<string> {
  try {
    return codeOf(await catchUp(follows(node)))
  } catch (error) {
    if (error instanceof NetworkFault) return /is silent/.test(error.message) ? 'silent' : 'away'
    throw error
  }
}

const codeOf = (result: Result<unknown>): string => (result.ok ? 'ok' : result.code)

/** A node that witnesses, until it has been asked once, or is caught up in a lie. What it signed goes to the relay. */
export async function witness(liar: Liar, node: Node): Promise<string> {
  const { world } = liar.scene
  const { mirror, home, member } = node
  const { record } = world.members[member] ?? {}
  const kid = record?.keys.find(({ use }) => use === 'witness')?.kid ?? ''
  const sign = (message: Uint8Array) => ed25519.sign(message, derive(world.seed, `${member} witness`))
  const warn = (line: string) => void node.notices.push(line)
  const signer = { kid, alg: 'EdDSA' as const, sign }
  const own = createWitness({ path: homePaths(home).witness, mirror, cosigners: [signer], now: nowSeconds, warn })
  const over = new AbortController()
  liar.onHeard = () => over.abort()
  const cosign = async (note: string) => {
    const said = await own?.(note)
    // What is asked about an older size than is on its way is asked again; what is refused is not.
    if (said === undefined && node.notices.some(line => line.startsWith('not cosigned'))) over.abort()
    return said
  }
  const onTrouble = () => over.abort()
  return codeOf(await followLog({ ...follows(node), cosign, signal: over.signal, onTrouble }))
}

/** A statement that its author has signed, on its way out of the outbox: what came of it. */
export async function publish(node: Node): Promise<string> {
  try {
    const sent = await sendOutbox(sessionOf(node))
    const [first] = sent
    return first?.is === 'refused' ? first.refusal.code : (first?.is ?? 'nothing')
  } catch (error) {
    if (error instanceof Refused) return error.refusal.code
    throw error
  }
}

/** Signs a statement in the world of a member, and puts it in its outbox. Its sid. */
export async function signInto(world: World, node: Node): Promise<string> {
  const { template } = kinds['attribution.statement']
  const draft = await world.draft(
    'attribution.statement',
    node.member,
    { ...template, title: 'Ours' },
    { tlp: 'green' },
  )
  const submission = await submissionOf(world, draft)
  const { jws, sid, payload, lines } = draft
  const disclosures = lines.map(({ disclosure }) => disclosure)
  const { id, seq } = payload.chain
  keepInOutbox(node.home, { chain: { id, seq }, disclosures, jws, kind: payload.kind, sid, submission, v: 2 })
  return sid
}

export const standing = (node: Node, now = nowSeconds()) => {
  const stands = standingOf(node.mirror, now)
  assert(stands.ok, 'what is held is sound')
  return stands.value
}
