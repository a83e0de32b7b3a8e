import { z } from 'zod'
import { sealKeyOf } from '../charter/charter.ts'
import type { Charter } from '../charter/charter.ts'
import type { CharterState } from '../charter/fold.ts'
import { type When, encKeysOf, newest, recipientsFor } from '../charter/prekeys.ts'
import { type RestrictedTlp, restrictedTiers } from '../charter/tiers.ts'
import type { Handling } from '../sharing/handling.ts'
import { fromBase64url, toBase64url } from '../wire/base64.ts'
import { concat, domainTag, portableSha256, utf8 } from '../wire/bytes.ts'
import { canonical, canonicalBytes, readCanonical } from '../wire/canonical.ts'
import { check } from '../wire/check.ts'
import { type Result, assert, fail, ok } from '../wire/failure.ts'
import { limits } from '../wire/limits.ts'
import { Jwe, type OpenKey, type SealKey, seal, unseal } from '../wire/seal.ts'
import { MemberId, Sid } from '../wire/shapes.ts'
import type { DraftedLine } from './draft.ts'
import type { Disclosure } from './tearline.ts'

/** The tear lines of one audience, sealed to it: a tier, or those of its members that `releasable_to` names. */
export const SealedTier = z.strictObject({
  jwe: Jwe,
  releasable_to: z.array(MemberId).min(1).max(limits.coalitionMembersMax).optional(),
  tlp: z.enum(restrictedTiers),
})
export type SealedTier = z.infer<typeof SealedTier>

/** Tear lines of one audience travel in one container. */
export type Audience = Pick<Handling, 'tlp' | 'releasable_to'>
export const audienceName = ({ tlp, releasable_to }: Audience): string => canonical([tlp, ...(releasable_to ?? [])])

/** Of one audience there are all slots at most, and the slice of the one member where it is that. */
export const sealedDisclosuresMax = limits.slotsMax + 1
/** Plaintext of a container that holds tear lines alone, a slice among them. */
export const SealedLines = z.strictObject({
  disclosures: z.array(z.string()).min(1).max(sealedDisclosuresMax),
  sid: Sid,
})

/** spec/04-statements.md#sealing: one container an audience. The author always keeps its own copy unsealed. */
export async function sealSlots(input: {
  readonly sid: string
  readonly iss: string
  readonly lines: readonly DraftedLine[]
  readonly charter: CharterState
  /** What the containers are bound to: the sid, unless the statement is sealed as well. */
  readonly aad?: Uint8Array
  /** What the author has seen of the log, and when it signs: whose keys are in force then. */
  readonly when?: When
}): Promise<readonly SealedTier[]> {
  const { sid, iss, lines, charter, aad = aadOf(sid), when = newest } = input
  // Side by side: of 200 audiences the runtime does the arithmetic of several at once.
  const sealing = [...byAudience(lines)].flatMap(([audience, disclosures]) => {
    const recipients = recipientsOf(charter, audience, iss, when)
    if (recipients.length === 0) return []
    const plaintext = canonicalBytes({ disclosures: [...disclosures], sid })
    return [seal({ plaintext, aad, recipients }).then(jwe => sealedFor(audience, jwe))]
  })
  return Promise.all(sealing)
}

export type Sealable = Audience & { readonly tlp: RestrictedTlp }

export const sealedFor = ({ tlp, releasable_to }: Sealable, jwe: Jwe): SealedTier => ({
  jwe,
  ...(releasable_to !== undefined && { releasable_to: [...releasable_to] }),
  tlp,
})

/** Those of the audience, and the author: its other machines, and a copy that it restores, read what it wrote. */
export function recipientsOf(
  state: CharterState,
  { tlp, releasable_to }: Sealable,
  iss: string,
  when: When = newest,
): readonly SealKey[] {
  const own = encKeysOf(state, iss, tlp, when).map(sealKeyOf)
  const all = [...recipientsFor(state, tlp, releasable_to, when), ...own]
  return [...new Map(all.map(key => [key.kid, key])).values()]
}

/** Least restricted first, and within a tier in the order of the first label. */
function byAudience(lines: readonly DraftedLine[]): Iterable<readonly [Sealable, readonly Disclosure[]]> {
  const groups = new Map<string, [Sealable, Disclosure[]]>()
  for (const tlp of restrictedTiers) {
    for (const { handling, disclosure } of lines.filter(line => line.handling.tlp === tlp)) {
      const name = audienceName(handling)
      const group = groups.get(name) ?? [{ ...handling, tlp }, []]
      group[1].push(disclosure)
      groups.set(name, group)
    }
  }
  return groups.values()
}

/** Disclosures of one container: mere claims about slots until readDisclosures matches them to the signed digests. */
export async function openSlots(input: {
  readonly sid: string
  readonly jwe: unknown
  readonly keys: readonly OpenKey[]
}): Promise<Result<readonly Disclosure[]>> {
  const plaintext = await unseal({ jwe: input.jwe, aad: aadOf(input.sid), keys: input.keys })
  if (!plaintext.ok) return plaintext
  const json = readCanonical(plaintext.value, '/plaintext')
  if (!json.ok) return json
  const contents = check(SealedLines, json.value, 'seal.malformed', '/plaintext')
  if (!contents.ok) return contents
  if (contents.value.sid !== input.sid) return fail('seal.wrong-statement', '/plaintext/sid')
  return ok(contents.value.disclosures)
}

/** The epoch tag key of the charter, opened with a member's enc key: spec/03-charter.md#tag-key. */
export async function openTagKey(
  { tag: { commit, seal: jwe } }: Pick<Charter, 'tag'>,
  keys: readonly OpenKey[],
): Promise<Result<Uint8Array>> {
  const opened = await unseal({ jwe, aad: utf8(commit), keys })
  if (!opened.ok) return opened
  // A container can open differently for each recipient; the commitment, which all adopt, settles which is meant.
  const holds = toBase64url(portableSha256(concat(domainTag('tag-key'), opened.value))) === commit
  return holds && opened.value.length === 32 ? opened : fail('seal.malformed', '/tag')
}

function aadOf(sid: string): Uint8Array {
  const bytes = fromBase64url(sid)
  assert(bytes?.length === 32, 'a sid is 32 bytes')
  return bytes
}
