import { type Policy, parsePolicy } from './policy.ts'
import { toleranceOf } from './quorum.ts'
import { fromBase64url, toBase64url } from '../wire/base64.ts'
import { equalBytes } from '../wire/bytes.ts'
import { type Failure, type Result, assert, fail, ok } from '../wire/failure.ts'
import { limits } from '../wire/limits.ts'
import type { Primitives } from '../wire/primitives.ts'
import { whyNotEnrollable } from '../wire/signature.ts'
import { type Vkey, readVkey, signatureTypes } from '../wire/vkey.ts'
import type { Charter } from './charter.ts'
import { type CharterState, eraAt } from './fold.ts'
import { type KeyRecord, mlDsaKeyOf } from './keys.ts'

/** How old a quorum of cosignatures may be where the charter says nothing: one hour. */
export const maxAgeDefault = 3_600

type Witnessing = Pick<Charter, 'policy' | 'max_age' | 'relay' | 'members'>

/** spec/03-charter.md#policy. A charter without a policy has no witnesses to speak of. */
export function checkWitnesses(primitives: Primitives, charter: Witnessing, at: string): Result<true> {
  const { policy: text, max_age: maxAge, relay } = charter
  if (text === undefined)
    return maxAge === undefined ? ok(true) : broken(`${at}/max_age`, 'there is no policy that it could be for')
  const policy = parsePolicy(primitives.sha256, text)
  const place = `${at}/policy`
  if (!policy.ok) return fail('log.bad-policy', place, [policy.at, policy.why].filter(Boolean).join(': '))
  const { logs, witnesses } = policy.value
  const log = readVkey(primitives.sha256, relay.vkey)
  assert(log.ok, 'the key of the log was checked before')
  if (!logs.some(({ vkey }) => vkey === relay.vkey)) return broken(place, 'the key of the log is among its logs')
  if (logs.some(({ key }) => key.name !== relay.origin)) return broken(place, 'its logs have the name of the log')
  const keys = [...logs, ...witnesses]
  if (keys.length > limits.noteSignaturesMax)
    return broken(place, `one note has room for ${limits.noteSignaturesMax} signatures, the log's among them`)
  if (keys.filter(({ key }) => key.type === signatureTypes.mlDsa44).length > limits.postQuantumKeysMax)
    return broken(
      place,
      `one note has room for ${limits.postQuantumKeysMax} ML-DSA-44 signatures, the log's among them`,
    )
  const others = witnesses.filter(({ key }) => key.type === signatureTypes.cosignature)
  if (others.some(({ key }) => isTaken(charter, log.value.key, key.key)))
    return broken(place, 'a witness has a key of its own, which signs nothing else')
  // One that is not enrolled splits the verifiers, and with them the readers of a note.
  for (const { key } of [...logs.filter(each => each.key.type === signatureTypes.ed25519), ...others]) {
    const why = whyNotEnrollable({ crv: 'Ed25519', kty: 'OKP', x: toBase64url(key.key) })
    if (why !== undefined) return fail('charter.bad-key', place, `${key.name}: ${why}`)
  }
  if (toleranceOf(policy.value).shared === 0)
    return broken(place, 'any two quorums share a witness, or two views could both count')
  return ok(true)
}

const broken = (at: string, why: string): Failure => fail('statement.breaks-law', at, why)

/** The log's own key and keys of another use sign other things: one key, one use. */
function isTaken({ members }: Witnessing, log: Uint8Array, key: Uint8Array): boolean {
  if (equalBytes(log, key)) return true
  const records = members.flatMap(({ keys }) => keys).filter(({ use }) => use !== 'witness')
  return records.some(({ jwk }) => jwk.kty === 'OKP' && equalBytes(fromBase64url(jwk.x) ?? new Uint8Array(0), key))
}

/** What a policy's verifier key has of a witness key of the charter: type and bytes. undefined for any other key. */
export function vkeyPartsOf({ use, jwk }: KeyRecord): Pick<Vkey, 'type' | 'key'> | undefined {
  if (use !== 'witness') return undefined
  const mlDsa = mlDsaKeyOf(jwk)
  if (mlDsa !== undefined) return { type: signatureTypes.mlDsa44, key: mlDsa }
  const key = jwk.kty === 'OKP' ? fromBase64url(jwk.x) : undefined
  return key && { type: signatureTypes.cosignature, key }
}

/** The policy of a charter that was checked; undefined where it has none, and the log's key alone counts. */
export function policyOf(sha256: Primitives['sha256'], { policy: text }: Pick<Charter, 'policy'>): Policy | undefined {
  if (text === undefined) return undefined
  const known = parsed.get(text)
  if (known !== undefined) return known
  const policy = parsePolicy(sha256, text)
  assert(policy.ok, 'the policy of a charter was checked with it')
  parsed.clear()
  parsed.set(text, policy.value)
  return policy.value
}

/** The last one that was asked for: a node asks for the same one with every note. */
const parsed = new Map<string, Policy>()

/**
 * The policy that a checkpoint of a size is judged by: that in force at its last entry. So whoever witnesses a log also
 * witnesses the amendment that puts others in its place. spec/14-witnesses.md#policy
 */
export const policyAt = (sha256: Primitives['sha256'], state: CharterState, size: number): Policy | undefined =>
  policyOf(sha256, eraAt(state, Math.max(size - 1, 0)).charter)

export const maxAgeOf = ({ max_age: maxAge }: Pick<Charter, 'max_age'>): number => maxAge ?? maxAgeDefault
