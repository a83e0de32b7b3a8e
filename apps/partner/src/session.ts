import { join } from 'node:path'
import {
  type Evidence,
  type Mirror,
  NetworkFault,
  type Notices,
  type RelayClient,
  type Unsound,
  catchUp,
  connectRelay,
  isBusy,
  openMirror,
  refreshMirror,
} from '@chancery/client'
import {
  type Charter,
  type CharterState,
  type Exhibits,
  type Json,
  type Signer,
  type Verified,
  canonical,
  consistencyProof,
  fromUtf8,
  keyAt,
  limits,
  openHead,
  saidIn,
  tlpLabel,
  toBase64,
  toBase64url,
  verifyGenesis,
  vkeysOf,
} from '@chancery/protocol'
import { type LogStore, isDamaged, openStore } from '@chancery/store'
import type { Flags, Input, Report } from './cli.ts'
import { type Config, homePaths, readConfig, relayGiven, relayIn } from './config.ts'
import { checkOwn, makeFolder, readGiven, writeDurably } from './files.ts'
import { openOutside } from './outside.ts'
import { isSentFrom } from './outbox.ts'
import { Refused, orRefuse, refused } from './refusal.ts'
import { type Keyring, keyringOf } from './signer.ts'
import { type Vault, openVault } from './vault.ts'
import type { World } from './world.ts'

/** A member at work: its home, its keys, its copy of the log, and the relay it talks to. */
export type Session = {
  readonly world: World
  readonly config: Config
  readonly keys: Keyring
  readonly vault: Vault
  readonly mirror: Mirror
  readonly relay: RelayClient
  readonly close: () => void
}

/** Opens everything, runs the work, and closes the store whatever happens. */
export async function withSession(input: Input, work: (session: Session) => Promise<Report>): Promise<Report> {
  const session = await openSession(input)
  try {
    return await work(session)
  } finally {
    session.close()
  }
}

export async function openSession({ world, flags }: Input): Promise<Session> {
  const stored = orRefuse(readConfig(world.home))
  // For this once. Only a relay that has shown the right log is remembered: `provenRelay`.
  const config = { ...stored, relay: relayGiven(flags.text('relay')) ?? stored.relay }
  const genesis = readGenesis(world, config)
  const { mirror: path } = homePaths(world.home)
  for (const kept of [path, `${path}-wal`]) orRefuse(checkOwn(kept))
  const vault = await openVault(world)
  const keys = await keyringIn(world, vault)
  const { origin } = genesis.charter.relay
  const store = openMirrorStore(world.home, origin)
  try {
    const { primitives } = world
    const { openKeys } = keys
    const mirror = await openMirror({
      store,
      genesis: genesis.statement.jws,
      openKeys,
      reopen: async () => keyringOf(await vault.read()).openKeys,
      primitives,
      isSent: sid => isSentFrom(world.home, sid),
      member: config.member,
    })
    const held = orRefuse(mirror)
    keys.follow(kid => speaks(held, kid))
    const signer = () => currentSigner({ keys, vault, mirror: held }, 'auth')
    const relay = relayOf(world, { config, signer, origin })
    return { world, config, keys, vault, mirror: held, relay, close: () => store.close() }
  } catch (error) {
    store.close()
    throw error
  }
}

const speaks = ({ charter, store }: Mirror, kid: string): boolean => keyAt(charter, kid, store.size) !== undefined

/** The key to sign with now; another command of this home may have made the one that speaks since. */
export async function currentSigner(
  { keys, vault, mirror }: Pick<Session, 'keys' | 'vault' | 'mirror'>,
  use: 'root' | 'sign' | 'auth',
): Promise<Signer> {
  if (!speaks(mirror, keys.signer(use).kid)) keys.take(await vault.read())
  return keys.signer(use)
}

/** It is a copy of the log: where it is damaged, another is to be had. */
function openMirrorStore(home: string, origin: string): LogStore {
  const { mirror: path } = homePaths(home)
  try {
    return orRefuse(openStore(path, { origin, create: true }))
  } catch (cause) {
    if (cause instanceof Refused || !isDamaged(cause)) throw cause
    const cure = `move it and ${path}.head away, and the next command fetches the log anew`
    throw new Error(`the copy of the log in ${path} is damaged; ${cure}`, { cause })
  }
}

export async function unlock(world: World): Promise<Keyring> {
  return keyringIn(world, await openVault(world))
}

/** Keys that are not in the keystore are where the configuration says. */
async function keyringIn(world: World, vault: Vault): Promise<Keyring> {
  const { config: path } = homePaths(world.home)
  const { signer } = orRefuse(readConfig(world.home))
  const keys = await vault.read()
  if (keys.held !== undefined && signer === undefined)
    throw refused('home.bad-config', `${path}/signer`, 'keys of this home are elsewhere, and it does not say where')
  return keyringOf(keys, signer && openOutside(signer, world))
}

/** The genesis statement, its charter, and the state in which it leaves the coalition: adopted by its author alone. */
export type Genesis = { readonly statement: Verified; readonly charter: Charter; readonly founded: CharterState }

/** The pinned genesis statement. The fingerprint in the configuration decides, not the file. */
export function readGenesis(world: World, config: Config): Genesis {
  if (config.genesis === null)
    throw refused('home.no-charter', world.home, 'run `chancery charter approve` or `chancery charter adopt`')
  const { genesis: path } = homePaths(world.home)
  const begun = readGenesisFile(world, path)
  if (begun.statement.sid !== config.genesis) throw refused('charter.not-genesis', path)
  return begun
}

export function readGenesisFile(world: World, path: string): Genesis {
  const text = fromUtf8(orRefuse(readGiven(path, limits.genesisBytesMax + 2)))?.trimEnd() ?? ''
  const begun = verifyGenesis(text.endsWith('~') ? text : `${text}~`, world.primitives)
  const { statement, charter } = orRefuse(begun)
  return { statement, charter: charter.charter, founded: charter }
}

/** Which relay was given, and what it has to show: a head of the log that the charter names. */
type Given = { readonly flags: Flags; readonly keys: Keyring; readonly charter: CharterState }

/**
 * The relay that was given, where it is not the one remembered, and only once it has shown a signed head of the right
 * log: a typing error, or another coalition's relay, does not outlive its command. Throws NetworkFault where it is
 * away.
 */
export async function provenRelay(world: World, { flags, keys, charter }: Given): Promise<string | undefined> {
  const url = relayGiven(flags.text('relay'))
  const config = orRefuse(readConfig(world.home))
  if (url === undefined || url === config.relay) return undefined
  const { origin } = charter.charter.relay
  const signer = async () => keys.signer('auth')
  const relay = relayOf(world, { config: { ...config, relay: url }, signer, origin })
  const note = orRefuse(await relay.checkpoint())
  orRefuse(openHead({ primitives: world.primitives, charter }, note))
  return url
}

/** The same for a command that does not need a relay: says that it is away, and goes on. */
export async function provenIfReached(world: World, given: Given): Promise<string | undefined> {
  try {
    return await provenRelay(world, given)
  } catch (error) {
    if (!(error instanceof NetworkFault)) throw error
    world.warn(`${error.message}; it is not remembered: give it again to \`charter adopt\` or \`run\``)
    return undefined
  }
}

export const sayRemembered = (relay: string | undefined): string[] =>
  relay === undefined ? [] : [`relay remembered: ${relay}`]

function relayOf(
  { now, random, primitives, home }: World,
  { config, signer, origin }: { config: Config; signer: () => Promise<Signer>; origin: string },
): RelayClient {
  const url = relayIn(home, config)
  return connectRelay({ url, origin, signer, primitives, now, random })
}

const epochName = 'relay-epoch'

/** What follow needs of a session: where the relay's epoch is kept, and where evidence against it goes. */
export function followOf({ relay, mirror, world }: Session) {
  const { store } = mirror
  return {
    relay,
    mirror,
    epoch: { read: () => store.recall(epochName), write: (epoch: string) => rememberEpoch(store, epoch) },
    onEvidence: (evidence: Evidence) => keepEvidence(world, mirror, evidence),
    onAdmitted: (admitted: Notices) => warnOf(world, admitted, mirror),
  }
}

/** Each is told once, by the process that stores the entry: a command that catches up tells it as the node does. */
export function warnOf(world: World, notices: Notices, mirror: Pick<Mirror, 'store' | 'primitives'>): void {
  const { warn } = world
  const { badSeals, badTags, notDelivered, foreignUse, badCopies, notOurs } = notices
  for (const { index, kid } of notices.strangeKeys) {
    warn(
      `${index} publishes a key to seal to in your name, ${kid}, whose private part is not in this home. Where no ` +
        'other home of yours made it, your sign key is stolen',
    )
  }
  for (const unsound of notices.unsound) warnOfUnsound(world, unsound, mirror)
  for (const { index, code, at, why } of badCopies)
    warn(`${index} carries a copy that is not kept: ${code} at ${at}${why === undefined ? '' : `; ${why}`}`)
  for (const { index, kid, sid } of notOurs) {
    warn(
      `${index} is signed with your key ${kid}, and this home did not send it: ${sid}. Unless another home of yours ` +
        'did, the key is stolen',
    )
  }
  for (const { index, tlp, code } of badSeals) warn(`${index} the tear lines of ${tlp} do not open: ${code}`)
  for (const { index, label, tlp } of notDelivered)
    warn(`${index} the tear line ${label} is for you, cleared for ${tlpLabel(tlp)}, and is not open; ask its author`)
  for (const { index, iss, sid } of badTags)
    warn(`${index} the tag of this entry is not that of the key ${iss} signed with; the statement itself holds ${sid}`)
  for (const { index, kid } of foreignUse) {
    warn(
      `${index} is tagged with your key ${kid}, and its statement is withheld from you. Unless you sent it, the ` +
        'key may be stolen; it is no proof, for any member can set such a tag',
    )
  }
}

/** Kept as withheld: of what it says nothing is shown. What is evidence of it is kept for good. */
function warnOfUnsound(world: World, unsound: Unsound, mirror: Pick<Mirror, 'store' | 'primitives'>): void {
  const { index, code, at } = unsound
  const place = at === undefined || at === '' ? '' : ` at ${at}`
  const exhibits = exhibitsOf(unsound, mirror)
  const file = exhibits && keepJson(world, `${index}-${code}`, exhibits)
  const kept = file === undefined ? '' : keptWords(unsound, file)
  world.warn(`${index} is sealed to you and does not hold: ${code}${place}; it stays withheld${kept}`)
}

/** Two statements of one number; or one of which the author had seen another log, beside the head of this one. */
function exhibitsOf({ twins, sawOther }: Unsound, mirror: Pick<Mirror, 'store' | 'primitives'>): Exhibits | undefined {
  const { store } = mirror
  const jws = store.entry(0)?.jws
  const genesis = jws !== undefined && { genesis: jws }
  if (twins !== undefined) return { ...genesis, statements: [twins.first, twins.second] }
  const head = store.head?.note
  if (sawOther === undefined || head === undefined) return undefined
  return { ...genesis, statements: [sawOther.jws], notes: [head], earlier: earlierFrom(mirror, sawOther.size) }
}

const keptWords = ({ twins }: Unsound, file: string): string =>
  twins === undefined
    ? `; its author has seen another log. It is in ${file} with the head held here: ask its author for the note that ` +
      'it names, and chancery-audit convict says from both who has signed two logs'
    : `; both statements are in ${file}; chancery-audit convict checks it`

function rememberEpoch(store: LogStore, epoch: string): void {
  if (store.recall(epochName) !== epoch) store.remember(epochName, epoch)
}

/** Two signed heads that exclude each other are kept for good: they convict the log before anyone. */
function keepEvidence(world: World, { store, founded, charter, primitives }: Mirror, evidence: Evidence): void {
  const { ours, theirs } = evidence
  const notes = [ours, theirs].filter(note => note !== null)
  const genesis = store.entry(0)?.jws
  const exhibits: Exhibits = {
    notes,
    earlier: earlierOf({ store, primitives, theirs }),
    ...(genesis && { genesis }),
    ...(vkeysOf(charter).length > 1 && { statements: versionsOf(store, charter) }),
  }
  const said = { at: world.now(), coalition: founded.genesis, ...evidence, ...exhibits }
  const path = keepJson(world, `${world.now()}-${evidence.code}`, said)
  world.warn(`the relay contradicts the log that is held; the evidence is in ${path}; chancery-audit convict checks it`)
}

/** As many as one file has. */
const exhibitsMax = 64

/** Who holds the file learns from them which keys the log has had: spec/09-audit.md#convict. */
function versionsOf(store: LogStore, { eras }: CharterState): string[] {
  const sids = new Set(eras.map(({ version }) => version.sid))
  const amendments = store.ofKinds('charter.amend').filter(({ about }) => sids.has(about.sid))
  return [...amendments, ...store.ofKinds('charter.approve')].map(({ jws }) => jws).slice(0, exhibitsMax)
}

function keepJson(world: World, name: string, value: object): string {
  const { evidence: folder } = homePaths(world.home)
  makeFolder(folder)
  const path = join(folder, `${name}.json`)
  writeDurably(path, canonical(value as Json))
  return path
}

/** Where their head is of a smaller size: what the log held then, and that it leads to the head held now. */
function earlierOf({ store, primitives, theirs }: Pick<Mirror, 'store' | 'primitives'> & Pick<Evidence, 'theirs'>) {
  const head = theirs === null ? undefined : saidIn(theirs)
  return head?.ok === true ? earlierFrom({ store, primitives }, head.value.size) : []
}

function earlierFrom({ store, primitives: { sha256 } }: Pick<Mirror, 'store' | 'primitives'>, from: number) {
  if (from === 0 || from >= store.size) return []
  const to = store.size
  const proof = consistencyProof({ sha256, from, to, read: store.read }).map(toBase64)
  return [{ from, proof, root: toBase64url(store.rootAt(from)), to }]
}

/** The mirror at the size the relay has. A refusal ends the command, a broken network throws NetworkFault. */
export async function sync(session: Session): Promise<number> {
  orRefuse(refreshMirror(session.mirror))
  return orRefuse(await catchUp(followOf(session)))
}

/** The same, where its caller can do without: why the relay was not reached, or has no time; undefined where it was. */
export async function whyNotReached(session: Session): Promise<string | undefined> {
  try {
    await sync(session)
    return undefined
  } catch (error) {
    if (error instanceof NetworkFault || (error instanceof Refused && isBusy(error.refusal))) return error.message
    throw error
  }
}

/** What was last said of a relay that is away, until it is there again: a command asks for it more than once. */
const saidAway = new WeakMap<Session, string>()

/** For a command: says so, and goes on with what is held. */
export async function syncIfReached(session: Session): Promise<'synced' | 'away'> {
  const why = await whyNotReached(session)
  if (why === undefined) {
    saidAway.delete(session)
    return 'synced'
  }
  const says = `${why.replace(/\.$/, '')}; going on with the ${session.mirror.store.size} entries held`
  if (saidAway.get(session) !== says) session.world.warn(says)
  saidAway.set(session, says)
  return 'away'
}
