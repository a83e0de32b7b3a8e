import { z } from 'zod'
import type { CharterState } from '../charter/fold.ts'
import { type When, newest } from '../charter/prekeys.ts'
import type { Handling } from '../sharing/handling.ts'
import { canonicalBytes, readCanonical } from '../wire/canonical.ts'
import { check } from '../wire/check.ts'
import { type Result, assert, ok } from '../wire/failure.ts'
import { limits } from '../wire/limits.ts'
import { type OpenKey, seal, unseal } from '../wire/seal.ts'
import type { DraftedLine } from './draft.ts'
import {
  type Sealable,
  SealedLines,
  type SealedTier,
  audienceName,
  recipientsOf,
  sealSlots,
  sealedDisclosuresMax,
  sealedFor,
} from './slots.ts'

const disclosures = z.array(z.string().max(limits.disclosureBytesMax)).max(sealedDisclosuresMax)
const jws = z.string().max(limits.statementBytesMax)

/** A copy of an earlier statement that travels beside a later one, with the tear lines that come with it. */
export const EnclosedCopy = z.strictObject({ disclosures, jws })
export type EnclosedCopy = z.infer<typeof EnclosedCopy>

/** spec/04-statements.md#sealed-statements: the plaintext of the container that holds the statement itself. */
const SealedStatement = z.strictObject({
  disclosures,
  enclosed: z.array(EnclosedCopy).min(1).max(limits.enclosedMax).optional(),
  jws,
})
const Cover = z.strictObject({ cover: z.string() })

/** What a container of a sealed entry turned out to hold: claims, until they are verified against the entry. */
export type SealedContents =
  | ({ readonly is: 'statement' } & z.infer<typeof SealedStatement>)
  | ({ readonly is: 'lines' } & z.infer<typeof SealedLines>)
  | { readonly is: 'cover' }

/** First the statement, with the tear lines of its own audience; then a container for each further audience. */
export async function sealStatement(input: {
  /** C of the entry: what all its containers are bound to. */
  readonly commitment: Uint8Array
  readonly sid: string
  readonly iss: string
  readonly jws: string
  readonly handling: Handling
  readonly lines: readonly DraftedLine[]
  readonly enclosed?: readonly EnclosedCopy[]
  readonly charter: CharterState
  /** What the author has seen of the log, and when it signs: whose keys are in force then. */
  readonly when?: When
}): Promise<readonly SealedTier[]> {
  const { commitment: aad, sid, iss, handling, charter, enclosed = [], when = newest } = input
  const isOwn = (line: DraftedLine): boolean => audienceName(line.handling) === audienceName(handling)
  const plaintext = canonicalBytes({
    disclosures: input.lines.filter(isOwn).map(({ disclosure }) => disclosure),
    ...(enclosed.length > 0 && { enclosed: enclosed.map(copy => ({ ...copy, disclosures: [...copy.disclosures] })) }),
    jws: input.jws,
  })
  const audience = audienceOf(handling)
  const jwe = await seal({ plaintext, aad, recipients: recipientsOf(charter, audience, iss, when) })
  const lines = input.lines.filter(line => !isOwn(line))
  return [sealedFor(audience, jwe), ...(await sealSlots({ sid, iss, lines, charter, aad, when }))]
}

function audienceOf({ tlp, releasable_to }: Handling): Sealable {
  assert(tlp !== 'clear', 'what anyone may read is not sealed')
  return { tlp, releasable_to }
}

/** spec/07-relay.md#cover: a container like any other, that says to those who open it that nothing was said. */
export async function sealCover(input: {
  readonly commitment: Uint8Array
  readonly iss: string
  readonly audience: Sealable
  /** Bytes of plaintext to fill; the bucket is all that shows. */
  readonly fill: number
  readonly charter: CharterState
  /** As of a statement signed now: else the two are told apart where a member's keys have ended. */
  readonly when?: When
}): Promise<SealedTier> {
  const { commitment: aad, iss, audience, fill, charter, when = newest } = input
  const plaintext = canonicalBytes({ cover: '0'.repeat(fill) })
  return sealedFor(audience, await seal({ plaintext, aad, recipients: recipientsOf(charter, audience, iss, when) }))
}

/** Opens one container of a sealed entry. Whoever opens it still has to verify all of it against the entry. */
export async function openSealed(input: {
  readonly commitment: Uint8Array
  readonly jwe: unknown
  readonly keys: readonly OpenKey[]
}): Promise<Result<SealedContents>> {
  const plaintext = await unseal({ jwe: input.jwe, aad: input.commitment, keys: input.keys })
  if (!plaintext.ok) return plaintext
  const json = readCanonical(plaintext.value, '/plaintext')
  return json.ok ? readContents(json.value) : json
}

/** Which of the three it is its members say: `jws`, `cover`, or neither. */
function readContents(value: unknown): Result<SealedContents> {
  const has = (name: string): boolean => typeof value === 'object' && value !== null && Object.hasOwn(value, name)
  if (has('cover')) {
    const cover = check(Cover, value, 'seal.malformed', '/plaintext')
    return cover.ok ? ok({ is: 'cover' }) : cover
  }
  if (has('jws')) {
    const statement = check(SealedStatement, value, 'seal.malformed', '/plaintext')
    return statement.ok ? ok({ is: 'statement', ...statement.value }) : statement
  }
  const lines = check(SealedLines, value, 'seal.malformed', '/plaintext')
  return lines.ok ? ok({ is: 'lines', ...lines.value }) : lines
}
