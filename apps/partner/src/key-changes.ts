import {
  type KeyRecord,
  type KeyRevokeBody,
  type KindName,
  type SignatureAlg,
  assert,
  keyAt,
  signs,
} from '@chancery/protocol'
import { orRefuse, refused } from './refusal.ts'
import { readConfig } from './config.ts'
import { type HeldKey, type Keys, type PrivateKey, makeKey } from './keystore.ts'
import { withLock } from './lock.ts'
import { ofRecord } from './draft-file.ts'
import { makeOutside, openOutside } from './outside.ts'
import { outboxOf } from './outbox.ts'
import { type Published, publishInLock } from './publish.ts'
import { takeKeys } from './rotate.ts'
import { type Session, syncIfReached, unlock } from './session.ts'
import type { Keyring } from './signer.ts'
import { openVault } from './vault.ts'
import type { World } from './world.ts'

export type OwnUse = 'root' | 'sign' | 'auth'
export type KeyChange =
  | { readonly is: 'published'; readonly published: Published; readonly kid: string }
  | { readonly is: 'waiting'; readonly sid: string }

/**
 * One more key to sign with, made where the others of its use are. It is kept, durably, before the statement that names
 * it exists; what a crash left unpublished is published first, before anything new is made.
 */
export function addKey(session: Session, of: { use: OwnUse; alg: SignatureAlg | undefined }): Promise<KeyChange> {
  const { world, vault, mirror } = session
  return withLock(world.home, async () => {
    const reached = await syncIfReached(session)
    const waiting = waitingOf(session, 'key.add')
    if (waiting !== undefined) return waiting
    const { added = [] } = await vault.read()
    const left = added.find(({ record }) => record.use === of.use && !mirror.charter.keys.has(record.kid))
    const { record } = left ?? (await makeOwn(session, of))
    await takeKeys(session)
    const published = await publishInLock(session, ofRecord('key.add', { keys: [record] }), reached)
    return { is: 'published', published, kid: record.kid }
  })
}

function waitingOf({ world }: Session, kind: KindName): KeyChange | undefined {
  const found = outboxOf(world.home).find(({ item }) => item.kind === kind)
  return found && { is: 'waiting', sid: found.item.sid }
}

async function makeOwn(
  session: Session,
  { use, alg: asked }: { use: OwnUse; alg: SignatureAlg | undefined },
): Promise<PrivateKey | HeldKey> {
  const { world, vault } = session
  const keys = await vault.read()
  const current = session.keys.signer(use)
  const alg = asked ?? current.alg
  assert(signs(alg), 'a key of these uses signs')
  const keep = async (key: PrivateKey | HeldKey) => {
    await vault.write({ ...keys, added: [...(keys.added ?? []), key] })
    return key
  }
  const { member, held = [] } = keys
  if (!held.some(({ record }) => record.use === use)) return keep(await makeKey({ member, use, alg }))
  const { signer } = orRefuse(readConfig(world.home))
  if (signer === undefined) throw refused('home.bad-config', '/signer', 'the keys of this use are elsewhere')
  return makeOutside(openOutside(signer, world), [{ use, alg, member }], ([made]) => {
    assert(made !== undefined, 'a key that was asked for')
    return keep(made)
  })
}

/** What a root key says of one key of this member, which is named by its id or a beginning that only one has. */
export async function publishOfKey(
  session: Session,
  kid: string,
  said: (kid: string) => readonly [KindName, unknown],
): Promise<Extract<KeyChange, { is: 'published' }>> {
  return withLock(session.world.home, async () => {
    const reached = await syncIfReached(session)
    const { kid: whole } = ownKey(session, kid)
    const published = await publishInLock(session, ofRecord(...said(whole)), reached)
    return { is: 'published', published, kid: whole }
  })
}

export const revokeKey = (session: Session, kid: string, why: Omit<KeyRevokeBody, 'kid'>): Promise<KeyChange> =>
  publishOfKey(session, kid, whole => ['key.revoke', { kid: whole, ...why }])

function ownKey({ mirror, keys }: Session, kid: string): KeyRecord {
  const { charter, store } = mirror
  const own = [...charter.keys.values()].filter(({ member }) => member === keys.member).map(({ record }) => record)
  const [found, other] = own.filter(record => record.kid.startsWith(kid))
  if (found === undefined || other !== undefined || kid.length < 6)
    throw refused('charter.unknown-key', kid, 'give the id of a key of this member: `chancery key list` has them')
  if (keyAt(charter, found.kid, store.size) === undefined)
    throw refused('charter.unknown-key', found.kid, 'it does not speak any more')
  return found
}

/** Makes the root key that is to take over, or takes the one there is, before the charter is made that names it. */
export async function nameNextRoot(world: World): Promise<Keyring> {
  const vault = await openVault(world)
  const keys = await vault.read()
  if (keys.nextRoot === undefined) await vault.write({ ...keys, nextRoot: await makeRoot(keys) })
  return unlock(world)
}

const makeRoot = ({ member, keys, held = [] }: Keys): Promise<PrivateKey> => {
  const alg = [...keys, ...held].find(({ record }) => record.use === 'root')?.record.alg ?? 'EdDSA'
  return makeKey({ member, use: 'root', alg })
}

/**
 * The root key named in advance takes over, and another is named. Both are kept before the statement exists: after a
 * crash the one that the log has named is among the keys there are, and the one after it is not made anew.
 */
export function rotateRoot(session: Session, since: number | undefined): Promise<KeyChange> {
  const { world, vault, mirror } = session
  return withLock(world.home, async () => {
    const reached = await syncIfReached(session)
    const waiting = waitingOf(session, 'key.rotate-root')
    if (waiting !== undefined) return waiting
    const named = mirror.charter.nextRoots.get(session.keys.member)
    const keys = await vault.read()
    const { added = [], nextRoot } = keys
    const known = [...added, ...(nextRoot === undefined ? [] : [nextRoot])]
    const key = known.find(({ record }) => record.kid === named)
    if (key === undefined)
      throw refused('charter.unknown-key', '/next_root', 'this home has no root key named in advance')
    const after = nextRoot !== undefined && nextRoot.record.kid !== named ? nextRoot : await makeRoot(keys)
    if (after !== nextRoot) await vault.write({ ...keys, added: [...added, key], nextRoot: after })
    await takeKeys(session)
    const { record } = key
    const body = { ...(since !== undefined && { compromised_since: since }), key: record, next_root: after.record.kid }
    const signer = session.keys.signerOf(record.kid)
    const published = await publishInLock(session, ofRecord('key.rotate-root', body), reached, signer)
    return { is: 'published', published, kid: record.kid }
  })
}
