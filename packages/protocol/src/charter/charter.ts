import { z } from 'zod'
import { type Result, assert, fail, ok } from '../wire/failure.ts'
import { toBase64url } from '../wire/base64.ts'
import { limits } from '../wire/limits.ts'
import type { Primitives } from '../wire/primitives.ts'
import { Jwe, type SealKey } from '../wire/seal.ts'
import { Digest, Label, Line, MemberId, Sid, Size, Text, ascending, distinct } from '../wire/shapes.ts'
import { whyNotEnrollable } from '../wire/signature.ts'
import { readVkey } from '../wire/vkey.ts'
import { KeyRecord, type SealingAlg, checkKey } from './keys.ts'
import { checkWitnesses } from './witnesses.ts'
import { type RestrictedTlp, Tlp, restrictedTiers } from './tiers.ts'

export const roles = [
  'member',
  'coordinator',
  'pen-holder',
  'secretariat',
  'observer',
  'witness',
  'auditor',
  'guest',
] as const
export const Role = z.enum(roles)
export type Role = z.infer<typeof Role>

/** Readers without keys of their own, whom a member or the charter answers for: spec/03-charter.md#readers. */
const named = z
  .array(z.strictObject({ id: Label, name: Line }))
  .min(1)
  .max(limits.namedReadersMax)
type Named = z.infer<typeof named>

export const Member = z.strictObject({
  /** The rest of what the charter calls its one organisation: readers of AMBER+STRICT beside the member itself. */
  bodies: named.optional(),
  /** Whom it warns: readers of AMBER. */
  constituents: named.optional(),
  id: MemberId,
  keys: z.array(KeyRecord).min(1).max(limits.keysPerMemberMax),
  name: Line,
  /** The kid of the root key that will take over, whose private part has signed nothing yet. */
  next_root: Digest.optional(),
  roles: z.array(Role).min(1).max(roles.length),
})
export type Member = z.infer<typeof Member>

const memberIds = z.array(MemberId).max(limits.coalitionMembersMax)

/** spec/03-charter.md#charter: the root of trust, one object that every founding member adopts. */
export const Charter = z.strictObject({
  /** Members that must approve an amendment; counted by root key bytes. */
  amend_threshold: z.int().min(1).max(limits.coalitionMembersMax),
  clearances: z.strictObject({ amber: memberIds, 'amber+strict': memberIds, green: memberIds, red: memberIds }),
  /** Readers of GREEN beside the members. */
  communities: named.optional(),
  default_tlp: Tlp,
  entry: Text,
  exit: Text,
  /** The closed log that this one goes on from, whole: spec/06-log.md#closing. */
  follows: z.strictObject({ genesis: Sid, root: Digest, size: Size }).optional(),
  legal_status: Line,
  /** How old a quorum of cosignatures may be, in seconds; only beside a policy. */
  max_age: z.int().min(1).max(31_536_000).optional(),
  members: z.array(Member).min(1).max(limits.coalitionMembersMax),
  name: Line,
  /** What AMBER+STRICT means by one organisation. */
  organisation: Text,
  /** A C2SP tlog-policy, verbatim: which witnesses make a checkpoint count. Without it the log's key alone does. */
  policy: Text.optional(),
  purpose: Text,
  relay: z.strictObject({ origin: z.string().regex(/^[a-z0-9.-]{1,128}(\/[a-z0-9._-]{1,64}){0,4}$/), vkey: Line }),
  /** The epoch tag key: its commitment, and the key sealed to every member's enc key. */
  tag: z.strictObject({ commit: Digest, seal: Jwe }),
  version: z.int().min(1),
})
export type Charter = z.infer<typeof Charter>

/**
 * The next version of a charter as an amendment has it: a member that stays as it is stands there by its id alone, so
 * that the text grows with what changes. The tag key is not among what may.
 */
export const NextCharter = Charter.omit({ members: true, tag: true }).extend({
  members: z
    .array(z.union([MemberId, Member]))
    .min(1)
    .max(limits.coalitionMembersMax),
})
export type NextCharter = z.infer<typeof NextCharter>

/**
 * The rules a schema cannot say. Key bytes are unique across the whole charter: a key belongs to one member, once.
 * `version` is the one that it has to be: 1 at the genesis, and one more at every amendment.
 */
export function checkCharter(primitives: Primitives, charter: Charter, at: string, version = 1): Result<Charter> {
  const members = checkMembers(primitives, charter, at)
  if (!members.ok) return members
  const ids = new Set(charter.members.map(({ id }) => id))
  for (const tier of restrictedTiers) {
    const cleared = charter.clearances[tier]
    const place = `${at}/clearances/${tier}`
    if (!ascending(cleared)) return fail('statement.breaks-law', place, 'sorted ids, none twice')
    if (!cleared.every(id => ids.has(id))) return fail('statement.breaks-law', place, 'only members are cleared')
  }
  const unsealable = checkSealable(charter, at)
  if (!unsealable.ok) return unsealable
  if (!ascending((charter.communities ?? []).map(({ id }) => id)))
    return fail('statement.breaks-law', `${at}/communities`, 'sorted ids, none twice')
  const relay = checkRelay(primitives, charter, at)
  if (!relay.ok) return relay
  const witnessed = checkWitnesses(primitives, charter, at)
  return witnessed.ok ? checkNesting(charter, at, version) : witnessed
}

/** The log key passes the same checks as a member's, under the log's own name: spec/06-log.md#checkpoint. */
function checkRelay(primitives: Primitives, { relay, ...charter }: Charter, at: string): Result<Charter> {
  const place = `${at}/relay/vkey`
  const vkey = readVkey(primitives.sha256, relay.vkey)
  if (!vkey.ok) return fail('charter.bad-key', place, 'a verifier key: name, id and Ed25519 key')
  if (vkey.value.name !== relay.origin)
    return fail('charter.bad-key', place, `the key's name is the origin, ${relay.origin}`)
  const why = whyNotEnrollable({ crv: 'Ed25519', kty: 'OKP', x: toBase64url(vkey.value.key) })
  return why === undefined ? ok({ relay, ...charter }) : fail('charter.bad-key', place, why)
}

function checkMembers(primitives: Primitives, charter: Charter, at: string): Result<Charter> {
  const { members } = charter
  if (!ascending(members.map(({ id }) => id)))
    return fail('statement.breaks-law', `${at}/members`, 'sorted ids, none twice')
  const kids = members.flatMap(({ keys }) => keys.map(({ kid }) => kid))
  if (!distinct(kids)) return fail('charter.repeated-key', `${at}/members`)
  const nextRoots = members.flatMap(({ next_root: kid }) => (kid === undefined ? [] : [kid]))
  for (const [m, member] of members.entries()) {
    const place = `${at}/members/${m}`
    if (member.next_root !== undefined && !isNew(member.next_root, kids, nextRoots))
      return fail('charter.repeated-key', `${place}/next_root`)
    if (!distinct(member.roles)) return fail('statement.breaks-law', `${place}/roles`, 'no role twice')
    // Only a member may adopt, and the charter is in force when all have.
    if (!member.roles.includes('member')) return fail('statement.breaks-law', `${place}/roles`, 'a founder is a member')
    const strays = whyNotReaders(member, place)
    if (!strays.ok) return strays
    for (const use of ['root', 'sign', 'auth'] as const) {
      if (!member.keys.some(key => key.use === use))
        return fail('statement.breaks-law', `${place}/keys`, `a ${use} key is needed`)
    }
    if (sealKeysOf(member, 'ECDH-ES+A256KW').length === 0)
      return fail('statement.breaks-law', `${place}/keys`, 'an enc key of suite 1 is needed')
    for (const [k, key] of member.keys.entries()) {
      const checked = checkKey(primitives, member.id, key, `${place}/keys/${k}`)
      if (!checked.ok) return checked
    }
  }
  return ok(charter)
}

/** Of a key that has signed nothing yet, and that one member alone has named. */
const isNew = (kid: string, kids: readonly string[], nextRoots: readonly string[]): boolean =>
  !kids.includes(kid) && nextRoots.filter(other => other === kid).length === 1

/** Whoever is cleared for a tier has a key of its suite, so no container has to mix suites or leave someone out. */
function checkSealable(charter: Charter, at: string): Result<Charter> {
  for (const tier of restrictedTiers) {
    const cleared = charter.members.filter(({ id }) => charter.clearances[tier].includes(id))
    const without = cleared.find(member => sealKeysFor(member, tier).length === 0)
    if (without === undefined) continue
    const why = `${without.id} has no X-Wing key${tier === 'red' ? ' of a named person' : ''}`
    return fail('statement.breaks-law', `${at}/clearances/${tier}`, why)
  }
  return ok(charter)
}

/** spec/04-statements.md#suites: what a member's text of a tier is sealed to; of RED, the keys of its named persons. */
export const sealKeysFor = (member: Member, tlp: RestrictedTlp): readonly KeyRecord[] =>
  tlp === 'green' ? sealKeysOf(member, 'ECDH-ES+A256KW') : sealKeysOf(member, 'X-Wing', tlp === 'red')

function sealKeysOf({ keys }: Member, alg: SealingAlg, personal = false): readonly KeyRecord[] {
  return keys.filter(key => key.use === 'enc' && key.alg === alg && (key.person !== undefined) === personal)
}

/** spec/03-charter.md#tag-key: to every member, by suite 2 if all can open it, and else by suite 1. */
export function tagKeyRecipients(members: readonly Member[]): readonly SealKey[] {
  const post = members.map(member => sealKeysOf(member, 'X-Wing'))
  const keys = post.every(held => held.length > 0) ? post : members.map(member => sealKeysOf(member, 'ECDH-ES+A256KW'))
  return keys.flat().map(sealKeyOf)
}

/** An enc key that has been enrolled is of a suite. */
export function sealKeyOf({ kid, jwk }: KeyRecord): SealKey {
  assert(jwk.kty === 'OKP' || (jwk.kty === 'AKP' && jwk.alg === 'X-Wing'), 'an enc key is X25519 or X-Wing')
  return { kid, jwk }
}

/** Each is named by one id, so that a decision about `member/id` is about one reader. */
function whyNotReaders({ bodies = [], constituents = [] }: Member, at: string): Result<true> {
  const idsOf = (list: Named): string[] => list.map(({ id }) => id)
  if (!ascending(idsOf(bodies))) return fail('statement.breaks-law', `${at}/bodies`, 'sorted ids, none twice')
  if (!ascending(idsOf(constituents)) || !distinct(idsOf([...bodies, ...constituents])))
    return fail('statement.breaks-law', `${at}/constituents`, 'sorted ids, none twice, and none a body')
  return ok(true)
}

/** Whoever is cleared for a tier is cleared for every less restricted one, so a tier copy is never a patchwork. */
function checkNesting(charter: Charter, at: string, version: number): Result<Charter> {
  for (const [i, tier] of restrictedTiers.entries()) {
    const below = restrictedTiers[i - 1]
    if (below === undefined) continue
    const open = new Set(charter.clearances[below])
    if (!charter.clearances[tier].every(id => open.has(id))) {
      return fail(
        'statement.breaks-law',
        `${at}/clearances/${tier}`,
        `who is cleared for ${tier} is cleared for ${below}`,
      )
    }
  }
  if (charter.amend_threshold > charter.members.length) {
    return fail('statement.breaks-law', `${at}/amend_threshold`, 'not more than there are members')
  }
  return charter.version === version
    ? ok(charter)
    : fail('statement.breaks-law', `${at}/version`, `this is the charter of version ${version}`)
}

/** Whether the charter lets a member read a tier. */
export function isCleared(charter: Charter, member: string, tlp: Tlp): boolean {
  return tlp === 'clear' || charter.clearances[tlp].includes(member)
}
