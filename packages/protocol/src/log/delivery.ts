import { z } from 'zod'
import type { Tlp } from '../charter/tiers.ts'
import { EnclosedCopy } from '../statement/sealed.ts'
import { SealedTier } from '../statement/slots.ts'
import { disclosuresMax } from '../statement/tearline.ts'
import { Base64url, Digest, Index, Line } from '../wire/shapes.ts'
import { limits } from '../wire/limits.ts'

/** 65 bytes as base64url. */
const sealedEntryChars = 87

const enclosed = z.array(EnclosedCopy).min(1).max(limits.enclosedMax).optional()

/**
 * A statement that anyone may read, as its author hands it to a relay: spec/07-relay.md#submission. `tag` is T of its
 * entry where it does not fit an open one.
 */
export const OpenSubmission = z.strictObject({
  enclosed,
  jws: z.string().max(limits.statementBytesMax),
  seals: z.array(SealedTier).max(disclosuresMax),
  tag: Digest.optional(),
})
export type OpenSubmission = z.infer<typeof OpenSubmission>

/** Any other: the entry, made by its author, and containers; the first, where there is one, holds the statement. */
export const SealedSubmission = z.strictObject({
  entry: Base64url.length(sealedEntryChars),
  seals: z.array(SealedTier).max(disclosuresMax + 1),
})
export type SealedSubmission = z.infer<typeof SealedSubmission>

export const Submission = z.union([OpenSubmission, SealedSubmission])
export type Submission = z.infer<typeof Submission>

/** One entry as one reader gets it: always the leaf; all else only where the charter clears the reader. */
export const Delivery = z.strictObject({
  enclosed,
  entry: Base64url,
  index: Index,
  /** At index 0 the genesis statement; verification holds every other to its own limit. */
  jws: z.string().max(limits.genesisBytesMax).optional(),
  seals: z.array(SealedTier).max(disclosuresMax + 1),
})
export type Delivery = z.infer<typeof Delivery>

/** Where a reader stands: spec/07-relay.md#stream. `leaf` is the hash of the last entry held; absent at size 0. */
export const Cursor = z.strictObject({
  epoch: Digest,
  leaf: Digest.optional(),
  origin: Line,
  size: Index,
})
export type Cursor = z.infer<typeof Cursor>

/** The first thing a stream says: exactly one of five. */
export const ResumeAnswer = z.discriminatedUnion('answer', [
  z.strictObject({ answer: z.literal('ok'), epoch: Digest, size: Index }),
  z.strictObject({ answer: z.literal('outdated'), epoch: Digest, oldest: Index, size: Index }),
  z.strictObject({ answer: z.literal('future'), epoch: Digest, size: Index }),
  z.strictObject({ answer: z.literal('epoch-changed'), epoch: Digest, size: Index }),
  z.strictObject({ answer: z.literal('fork'), epoch: Digest, leaf: Digest, size: Index }),
])
export type ResumeAnswer = z.infer<typeof ResumeAnswer>

/** One frame: what queued since the last, in order, and the checkpoint that covers it. */
export const StreamFrame = z.strictObject({
  checkpoint: z.string().max(limits.noteBytesMax),
  entries: z.array(Delivery),
})
export type StreamFrame = z.infer<typeof StreamFrame>

/** Asks a witness to cosign the checkpoint that it holds: spec/07-relay.md#witnesses. */
export const AskFrame = z.strictObject({ cosign: z.string().max(limits.noteBytesMax) })
/** A note that a quorum has cosigned, and which of those that the relay keeps it is. */
export const CosignedFrame = z.strictObject({ cosigned: z.string().max(limits.noteBytesMax), number: Index })
export type CosignedFrame = z.infer<typeof CosignedFrame>
export const AnyFrame = z.union([StreamFrame, AskFrame, CosignedFrame])

/** What a witness answers: signature lines of the note whose size this is, each as C2SP signed-note has it. */
export const Cosignatures = z.strictObject({
  lines: z.string().max(limits.noteBytesMax),
  size: Index,
})
export type Cosignatures = z.infer<typeof Cosignatures>

/** Notes that a relay keeps, from a number on, in order. */
export const CosignedNotes = z.strictObject({ notes: z.array(CosignedFrame).max(64) })

/** What became of one submission. */
export const SubmitResult = z.union([
  z.strictObject({ index: Index, receipt: z.string() }),
  z.strictObject({ at: z.string().optional(), code: z.string(), why: z.string().optional() }),
])
export type SubmitResult = z.infer<typeof SubmitResult>

/** Whether a statement stands on the log as itself: anyone may read it and it fits. Otherwise as a commitment. */
export const isOpenEntry = (tlp: Tlp, jws: string): boolean => tlp === 'clear' && jws.length < limits.entryBytesMax
