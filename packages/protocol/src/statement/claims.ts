import { z } from 'zod'
import { Handling } from '../sharing/handling.ts'
import { type Sha256, utf8, toHex } from '../wire/bytes.ts'
import { canonical } from '../wire/canonical.ts'
import { limits } from '../wire/limits.ts'
import { Digest, Index, Label, MemberId, Seconds, Sid, Size } from '../wire/shapes.ts'

/** A tear line as everyone sees it: its handling, and one digest. RFC 9901 calls the digest list `_sd`. */
export const TearSlot = z.strictObject({ _sd: z.tuple([Digest]), ...Handling.shape })
export type TearSlot = z.infer<typeof TearSlot>

/**
 * One part for each of up to 200 addressees, as everyone sees it: a label, a marking, and digests in an order that
 * tells nothing. Who has which, only the disclosure says: spec/04-statements.md#slices.
 */
export const Slices = z.strictObject({
  handling: Handling.omit({ releasable_to: true }),
  label: Label,
  to: z.strictObject({ _sd: z.array(Digest).min(1) }),
})
export type Slices = z.infer<typeof Slices>

/** One author's numbered chain to one audience; `prev` is null at number 0. */
export const Chain = z.strictObject({ id: Label, prev: Sid.nullable(), seq: Index })
export type Chain = z.infer<typeof Chain>

/**
 * The readers of one audience see every number of its chain, so a gap means withheld: spec/04-statements.md#chains. An
 * audience is a tier, or those of its readers that `releasable_to` names. Whoever was given new keys begins its chains
 * anew, for it may have lost their numbers with its keys. `renewals` says how often that was.
 */
export function chainIdOf(
  sha256: Sha256,
  { tlp, releasable_to }: Pick<Handling, 'tlp' | 'releasable_to'>,
  renewals = 0,
): string {
  const tier = tlp.replace('+', '-')
  const some = releasable_to === undefined ? '' : `-${toHex(sha256(utf8(canonical(releasable_to)))).slice(0, 16)}`
  return `${tier}${some}${renewals === 0 ? '' : `-k${renewals}`}`
}

/** The last log view the author accepted; `note` is the SHA-256 of the checkpoint note. */
export const Seen = z.strictObject({ note: Digest, root: Digest, size: Size })
export type Seen = z.infer<typeof Seen>

// zod's record passes over a member named __proto__ in silence: it is refused first, as any other bad label is.
const tear = z
  .custom<object>(value => typeof value !== 'object' || value === null || !Object.hasOwn(value, '__proto__'), {
    message: 'bad label',
    path: ['__proto__'],
  })
  .pipe(z.record(Label, TearSlot))

/** spec/04-statements.md#claims: exactly these, in every statement. null only in the genesis statement. */
export const Claims = z.strictObject({
  body: z.unknown(),
  chain: Chain,
  charter: z.strictObject({ sid: Sid, version: z.int().min(1) }).nullable(),
  coa: Sid.nullable(),
  exercise: z.boolean(),
  handling: Handling,
  iat: Seconds,
  iss: MemberId,
  jti: Digest,
  kind: z.string().max(64),
  refs: z.array(Sid).max(limits.refsMax),
  seen: Seen.nullable(),
  slices: Slices.optional(),
  tear,
  v: z.literal(1),
})
export type Claims = z.infer<typeof Claims>
