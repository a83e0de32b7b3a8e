import { z } from 'zod'
import { toBase64url } from '../wire/base64.ts'
import { type Result, fail, ok } from '../wire/failure.ts'
import { limits } from '../wire/limits.ts'
import { thumbprint } from '../wire/native.ts'
import type { Primitives } from '../wire/primitives.ts'
import { Digest, Index, MemberId, Text } from '../wire/shapes.ts'
import { readVkey, signatureTypes } from '../wire/vkey.ts'
import type { CharterState, HeldKey } from './fold.ts'
import { vkeysOf } from './log-key.ts'
import { KeyRecord, type KeyUse, checkKey } from './keys.ts'
import { type Recorded, isKnownKid } from './prekeys.ts'
import { policyOf } from './witnesses.ts'

/** Uses of the keys that come and go by these statements. Those to seal to are prekeys; the policy has witnesses. */
export const ownUses: readonly KeyUse[] = ['root', 'sign', 'auth']

/** spec/13-keys-over-time.md#adding */
export const KeyAddBody = z.strictObject({ keys: z.array(KeyRecord).min(1).max(limits.keysPerMemberMax) })
export type KeyAddBody = z.infer<typeof KeyAddBody>

/** spec/13-keys-over-time.md#revoking */
export const KeyRevokeBody = z.strictObject({
  /** The first index at which what the key has signed may not be its member's. */
  compromised_since: Index.optional(),
  kid: Digest,
  reason: Text,
})
export type KeyRevokeBody = z.infer<typeof KeyRevokeBody>

/** spec/13-keys-over-time.md#rotating */
export const RotateRootBody = z.strictObject({
  /** The first index at which what the root keys before it have signed may not be their member's. */
  compromised_since: Index.optional(),
  key: KeyRecord,
  next_root: Digest,
})
export type RotateRootBody = z.infer<typeof RotateRootBody>

/** A key speaks from the index after the statement that adds it. */
export function addKeys(
  primitives: Primitives,
  state: CharterState,
  { iss, index, body }: Recorded<KeyAddBody>,
): Result<CharterState> {
  const taken = kidsOfTheLog(primitives, state)
  const keys = new Map(state.keys)
  for (const [k, record] of body.keys.entries()) {
    const at = `/body/keys/${k}`
    const checked = checkKey(primitives, iss, record, at)
    if (!checked.ok) return checked
    if (isKnownKid(state, record.kid) || taken.has(record.kid)) return fail('charter.repeated-key', `${at}/kid`)
    if (record.use === 'root' && state.nextRoots.has(iss))
      return fail('statement.breaks-law', `${at}/use`, 'the next root key of this member is named already')
    keys.set(record.kid, { member: iss, record, from: index + 1, to: Infinity })
  }
  const speaking = ownKeysAt(keys, iss, index + 1)
  if (speaking.length <= limits.keysPerMemberMax) return ok({ ...state, keys })
  return fail('statement.breaks-law', '/body/keys', `at most ${limits.keysPerMemberMax} that speak at once`)
}

/** What a key has signed before it is revoked stays as it was: only what it signs later is refused. */
export function revokeKey(state: CharterState, revocation: Recorded<KeyRevokeBody>): Result<CharterState> {
  const { sid, iss, kid: signedWith, index, body } = revocation
  const held = state.keys.get(body.kid)
  if (held?.member !== iss || index < held.from || index >= held.to)
    return fail('charter.unknown-key', '/body/kid', 'no key of its issuer that speaks')
  const { use } = held.record
  if (!ownUses.includes(use)) return fail('charter.wrong-use', '/body/kid', `a ${use} key is not revoked`)
  const keys = new Map(state.keys).set(body.kid, { ...held, to: index + 1 })
  if (!ownKeysAt(keys, iss, index + 1).some(({ record }) => record.use === use))
    return fail('statement.breaks-law', '/body/kid', `its issuer has no other ${use} key: the new one is added first`)
  const { compromised_since: since } = body
  if (since === undefined) return ok({ ...state, keys })
  if (since >= index) return fail('statement.breaks-law', '/body/compromised_since', 'an index before the revocation')
  const by = { sid, iss, kid: signedWith, index }
  return ok({ ...state, keys, disputes: [...state.disputes, { kid: body.kid, since, by }] })
}

/**
 * The one key that is not known before its statement: the member has named it in advance, by its kid, so whoever holds
 * today's root key cannot bring another. undefined where a statement is no such thing.
 */
export function rotatedIn(
  primitives: Primitives,
  state: CharterState,
  { payload, kid, index }: { readonly payload: unknown; readonly kid: string; readonly index: number },
): HeldKey | undefined {
  const { success, data } = Rotating.safeParse(payload)
  if (!success || data.body.key.kid !== kid || state.nextRoots.get(data.iss) !== kid) return undefined
  const { key: record } = data.body
  const checked = checkKey(primitives, data.iss, record, '')
  return checked.ok ? { member: data.iss, record, from: index, to: Infinity } : undefined
}

const Rotating = z.object({
  body: z.object({ key: KeyRecord }),
  iss: MemberId,
  kind: z.literal('key.rotate-root'),
})

/** The new root key signs its own statement, so it speaks from that index on; those before it end with it. */
export function rotateRoot(
  primitives: Primitives,
  state: CharterState,
  { sid, iss, kid, index, body }: Recorded<RotateRootBody>,
): Result<CharterState> {
  const { key: record, next_root: next, compromised_since: since } = body
  if (record.kid !== kid || state.nextRoots.get(iss) !== kid) return fail('charter.unknown-key', '/body/key/kid')
  const checked = checkKey(primitives, iss, record, '/body/key')
  if (!checked.ok) return checked
  const taken = kidsOfTheLog(primitives, state)
  if (isKnownKid(state, kid) || taken.has(kid)) return fail('charter.repeated-key', '/body/key/kid')
  if (next === kid || isKnownKid(state, next)) return fail('charter.repeated-key', '/body/next_root')
  if (since !== undefined && since >= index)
    return fail('statement.breaks-law', '/body/compromised_since', 'an index before the rotation')
  const old = ownKeysAt(state.keys, iss, index).filter(held => held.record.use === 'root')
  const keys = new Map(state.keys)
  for (const held of old) keys.set(held.record.kid, { ...held, to: index + 1 })
  keys.set(kid, { member: iss, record, from: index, to: Infinity })
  const by = { sid, iss, kid, index }
  const disputes = since === undefined ? [] : old.map(held => ({ kid: held.record.kid, since, by }))
  const nextRoots = new Map(state.nextRoots).set(iss, next)
  return ok({ ...state, keys, nextRoots, disputes: [...state.disputes, ...disputes] })
}

const ownKeysAt = (keys: CharterState['keys'], member: string, index: number): readonly HeldKey[] =>
  [...keys.values()].filter(
    held => held.member === member && ownUses.includes(held.record.use) && index >= held.from && index < held.to,
  )

/** Keys of the log and of witnesses sign other things, whoever holds them: one key, one use. */
function kidsOfTheLog({ sha256 }: Primitives, state: CharterState): ReadonlySet<string> {
  const { charter } = state
  const { logs = [], witnesses = [] } = policyOf(sha256, charter) ?? {}
  const keys = [...logs, ...witnesses].map(({ key }) => key).filter(({ type }) => type !== signatureTypes.mlDsa44)
  for (const vkey of vkeysOf(state)) {
    const log = readVkey(sha256, vkey)
    if (log.ok) keys.push(log.value)
  }
  return new Set(keys.map(({ key }) => thumbprint(sha256, { crv: 'Ed25519', kty: 'OKP', x: toBase64url(key) })))
}
