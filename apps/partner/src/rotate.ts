import { type KeyRecord, type Prekey, type PrekeyBody, assert, instantOf } from '@chancery/protocol'
import { ofRecord } from './draft-file.ts'
import { type PrivateKey, makePrekeys } from './keystore.ts'
import { withLock } from './lock.ts'
import { outboxOf } from './outbox.ts'
import { type Published, publishInLock } from './publish.ts'
import { type Session, syncIfReached } from './session.ts'

export const daySeconds = 86_400
export const prekeyDays = 30
/** A prekey that ends within this time and has no successor is told, and renewed by a node that runs. */
export const renewDays = 7
/** How long a private key outlives its moment: statements that were sealed in time may be late on the log. */
export const graceDays = 7

export type Rotated =
  | {
      readonly is: 'published'
      readonly published: Published
      readonly until: string
      readonly kids: readonly string[]
    }
  | { readonly is: 'waiting'; readonly sid: string }

/**
 * New keys to seal to. They are in the keystore, durably, before the statement that names them exists; what a crash
 * left there unpublished is published first, before anything new is made.
 */
export function rotate(session: Session, days: number): Promise<Rotated> {
  const { world, vault, keys } = session
  return withLock(world.home, async () => {
    const reached = await syncIfReached(session)
    const waiting = outboxOf(world.home).find(({ item: { kind } }) => kind === 'key.prekey')
    if (waiting !== undefined) return { is: 'waiting', sid: waiting.item.sid }
    const held = await vault.read()
    const kept = (held.prekeys ?? []).filter(({ record }) => publishedAs(session, record.kid) === undefined)
    const fresh = kept.length > 0 ? kept : await makePrekeys(held)
    if (kept.length === 0) await vault.write({ ...held, prekeys: [...(held.prekeys ?? []), ...fresh] })
    await takeKeys(session)
    const until = instantOf(world.now() + days * daySeconds)
    const body: PrekeyBody = { keys: fresh.map(({ record }) => record), until }
    const published = await publishInLock(session, ofRecord('key.prekey', body), reached)
    assert(keys.member === held.member, 'a home is of one member')
    return { is: 'published', published, until, kids: fresh.map(({ record: { kid } }) => kid) }
  })
}

/** What is sealed to keys that another command has made since is opened with them as well. */
export async function takeKeys({ vault, keys, mirror }: Session): Promise<void> {
  keys.take(await vault.read())
  mirror.openKeys = keys.openKeys
}

const ownPrekeys = ({ mirror, keys }: Session): readonly Prekey[] => mirror.charter.prekeys.get(keys.member) ?? []

const publishedAs = (session: Session, kid: string): Prekey | undefined =>
  ownPrekeys(session).find(({ record }) => record.kid === kid)

const sameKind = (a: KeyRecord, b: KeyRecord): boolean => a.alg === b.alg && a.person === b.person

/** Seconds since 1970 at which the first of the keys in use ends; undefined where none was ever published. */
export function endsAt(session: Session): number | undefined {
  const own = ownPrekeys(session)
  const last = own.filter((key, i) => !own.slice(i + 1).some(({ record }) => sameKind(record, key.record)))
  return last.length === 0 ? undefined : Math.min(...last.map(({ until }) => until))
}

/**
 * spec/13-keys-over-time.md#prekeys: private keys whose time is over go. Whoever calls has the whole log: what was
 * sealed to them was opened when it came, and the mirror holds the words. A crash before the write leaves them for the
 * next time. The ids of those that are gone.
 */
export function destroyEnded(session: Session): Promise<readonly string[]> {
  const { world, vault } = session
  return withLock(world.home, async () => {
    const held = await vault.read()
    const ended = (held.prekeys ?? []).filter(key => isOver(session, key))
    if (ended.length === 0) return []
    const kids = ended.map(({ record: { kid } }) => kid)
    await vault.write({ ...held, prekeys: (held.prekeys ?? []).filter(({ record }) => !kids.includes(record.kid)) })
    await takeKeys(session)
    return kids
  })
}

function isOver(session: Session, { record }: PrivateKey): boolean {
  const own = ownPrekeys(session)
  const place = own.findIndex(key => key.record.kid === record.kid)
  const known = own[place]
  if (known === undefined) return false
  const isReplaced = own.slice(place + 1).some(newer => sameKind(newer.record, record) && newer.from > known.from)
  return isReplaced && session.world.now() >= known.until + graceDays * daySeconds
}

/** Renews what a person has once begun; whoever has published none goes on with the keys of the charter. */
export async function renewInTime(session: Session, days: number): Promise<void> {
  const { world } = session
  const end = endsAt(session)
  const left = end === undefined ? Infinity : end - world.now()
  if (left <= Math.min(renewDays, days / 2) * daySeconds) sayRotated(session, await rotate(session, days))
  if ((await syncIfReached(session)) === 'away') return
  const kids = await destroyEnded(session)
  if (kids.length === 0) return
  world.say(`${kids.length} private keys whose time is over are destroyed`)
  world.event({ event: 'destroyed', kids: [...kids] })
}

function sayRotated({ world }: Session, rotated: Rotated): void {
  if (rotated.is === 'waiting') return
  world.say(`new keys to seal to, until ${rotated.until}`)
  world.event({ event: 'rotated', kids: [...rotated.kids], sid: rotated.published.sid, until: rotated.until })
}

/** Said by every command that syncs: a member without a key in force is sent nothing. */
export function warnOfEnd(session: Session): void {
  const { world } = session
  const end = endsAt(session)
  if (end === undefined || end - world.now() > renewDays * daySeconds) return
  const isPast = end <= world.now()
  const when = isPast ? 'ended at' : 'end at'
  const then = isPast ? 'nothing is sealed to you' : 'from then on nothing is sealed to you'
  world.warn(`your keys to seal to ${when} ${instantOf(end)}; ${then} until you run \`chancery rotate\``)
}
