import type { CharterState } from '../charter/fold.ts'
import { type KeyRecord, checkKey, signs } from '../charter/keys.ts'
import { type KeyAddBody, type KeyRevokeBody, type RotateRootBody, rotatedIn } from '../charter/keys-over-time.ts'
import { Claims } from '../statement/claims.ts'
import { checkBody } from '../statement/draft.ts'
import { readEnvelope } from '../statement/envelope.ts'
import { check } from '../wire/check.ts'
import { limits } from '../wire/limits.ts'
import type { Primitives } from '../wire/primitives.ts'

export type OwnKeys = ReadonlyMap<string, { readonly member: string; readonly record: KeyRecord }>
export type Signed = { readonly sid: string; readonly kid: string; readonly claims: Claims }
type Context = { readonly primitives: Primitives; readonly charter: CharterState }

/** What a member has signed, whether it may have said it or not: undefined where none of these keys has. */
export function signedClaims(
  { primitives, charter, keys }: Context & { readonly keys: OwnKeys },
  jws: string,
): Signed | undefined {
  const envelope = readEnvelope(jws, 'chancery-statement+sd-jwt', primitives.sha256, limits.genesisBytesMax)
  if (!envelope.ok) return undefined
  const { kid, alg, signingInput: message, signature, payload, sid } = envelope.value
  const held = keys.get(kid)
  if (held === undefined || !signs(held.record.alg) || held.record.alg !== alg) return undefined
  if (!primitives.verify({ alg, jwk: held.record.jwk, message, signature })) return undefined
  const claims = check(Claims, payload, 'statement.bad-schema', '')
  const own = claims.ok && claims.value.iss === held.member
  const here = own && (claims.value.coa === charter.genesis || sid === charter.genesis)
  return here ? { sid, kid, claims: claims.value } : undefined
}

/** The keys of the charter, and those that a root key of their member vouches for, however it came to be one. */
export function keysAmong(context: Context, jwss: readonly string[]): OwnKeys {
  const { charter, primitives } = context
  const keys = new Map<string, { member: string; record: KeyRecord }>(charter.keys)
  const nextRoots = new Map(charter.nextRoots)
  for (let known = -1; known < keys.size;) {
    known = keys.size
    for (const jws of jwss) {
      const rotated = rotatedBy({ primitives, charter: { ...charter, nextRoots } }, jws)
      if (rotated !== undefined) {
        keys.set(rotated.record.kid, rotated)
        nextRoots.set(rotated.member, rotated.next)
      }
      const signed = signedClaims({ ...context, keys }, jws)
      for (const record of signed === undefined ? [] : addedBy(context, keys, signed))
        if (!keys.has(record.kid)) keys.set(record.kid, { member: signed?.claims.iss ?? '', record })
    }
  }
  return keys
}

/** A root key that its member had named in advance, and whom it names in its turn. */
function rotatedBy(context: Context, jws: string) {
  const envelope = readEnvelope(jws, 'chancery-statement+sd-jwt', context.primitives.sha256, limits.genesisBytesMax)
  if (!envelope.ok) return undefined
  const held = rotatedIn(context.primitives, context.charter, { ...envelope.value, index: 0 })
  const signed = held && signedClaims({ ...context, keys: new Map([[held.record.kid, held]]) }, jws)
  const body = signed && checkBody('key.rotate-root', signed.claims.body)
  if (held === undefined || body?.ok !== true) return undefined
  const { member, record } = held
  return { member, record, next: (body.value.body as RotateRootBody).next_root }
}

function addedBy({ primitives }: Context, keys: OwnKeys, { kid, claims }: Signed): readonly KeyRecord[] {
  if (claims.kind !== 'key.add' || keys.get(kid)?.record.use !== 'root') return []
  const read = checkBody('key.add', claims.body)
  if (!read.ok) return []
  const { keys: added } = read.value.body as KeyAddBody
  return added.filter(record => checkKey(primitives, claims.iss, record, '').ok)
}

/**
 * Keys that their own member has called compromised. An exhibit does not show at which index it stands, so nobody can
 * tell whether the member signed it or the thief.
 */
export function compromisedAmong(keys: OwnKeys, signed: readonly Signed[]): ReadonlySet<string> {
  const kids = new Set<string>()
  for (const { kid, claims } of signed) {
    if (claims.kind !== 'key.revoke' || keys.get(kid)?.record.use !== 'root') continue
    const read = checkBody('key.revoke', claims.body)
    const body = read.ok ? (read.value.body as KeyRevokeBody) : undefined
    const isOwn = body?.compromised_since !== undefined && keys.get(body.kid)?.member === claims.iss
    if (isOwn) kids.add(body.kid)
  }
  return kids
}
