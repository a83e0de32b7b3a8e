import { toBase64url } from '../wire/base64.ts'
import { type Result, fail, ok } from '../wire/failure.ts'
import { thumbprint } from '../wire/native.ts'
import type { Primitives } from '../wire/primitives.ts'
import { readVkey } from '../wire/vkey.ts'
import type { Charter } from './charter.ts'
import { type CharterState, eraAt } from './fold.ts'
import { isKnownKid } from './prekeys.ts'

/**
 * The key that signs a head of a size: that of the version in force at its last entry. So the old key signs the head
 * that has the last approval of its own replacement, and none after it. spec/06-log.md#head
 */
export const vkeyAt = (state: Pick<CharterState, 'eras'>, size: number): string =>
  eraAt(state, Math.max(size - 1, 0)).version.charter.relay.vkey

/** The next size after this one that is the last of its key: another signs every larger head. */
export const keyEndAfter = ({ eras }: Pick<CharterState, 'eras'>, size: number): number | undefined =>
  eras.find(({ from, version }) => from > size && version.charter.relay.vkey !== vkeyAt({ eras }, from))?.from

/** Every key that the log has had so far, in the order of the versions. */
export const vkeysOf = ({ eras }: Pick<CharterState, 'eras'>): readonly string[] => [
  ...new Set(eras.map(({ version }) => version.charter.relay.vkey)),
]

/** spec/03-charter.md#amendment step 5: the log stays the one it is; a key that takes over was nobody's before. */
export function checkLogKey(primitives: Primitives, state: CharterState, { relay }: Charter): Result<true> {
  const before = state.version.charter.relay
  if (relay.origin !== before.origin)
    return fail('statement.breaks-law', '/body/charter/relay/origin', 'the log stays the one it is')
  if (relay.vkey === before.vkey) return ok(true)
  const key = readVkey(primitives.sha256, relay.vkey)
  const kid = key.ok && thumbprint(primitives.sha256, { crv: 'Ed25519', kty: 'OKP', x: toBase64url(key.value.key) })
  const known = vkeysOf(state).includes(relay.vkey) || (kid !== false && isKnownKid(state, kid))
  return known
    ? fail('charter.repeated-key', '/body/charter/relay/vkey', 'a key of the log is new, and no key of a member')
    : ok(true)
}
