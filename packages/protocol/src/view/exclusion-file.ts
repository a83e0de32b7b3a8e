import { z } from 'zod'
import { canonicalBytes, readCanonical } from '../wire/canonical.ts'
import { check } from '../wire/check.ts'
import { type Result, fail, ok } from '../wire/failure.ts'
import { limits } from '../wire/limits.ts'
import { Sid } from '../wire/shapes.ts'
import type { ExclusionProof } from './exclusion.ts'

const Copy = z.strictObject({
  jws: z.string().max(limits.statementBytesMax),
  receipt: z.string().max(limits.noteBytesMax * 2),
})
const copies = z.array(Copy).max(limits.coalitionMembersMax)
/** The file as a whole is bounded as well. */
const ofRecordMax = 4_096

/** spec/08-call-outs.md#exclusion-file: a proof with everything that whoever pinned the charter lacks. */
const ExclusionFile = z.strictObject({
  adoptions: z.array(Copy).max(ofRecordMax),
  excluded: Copy,
  genesis: Sid,
  joins: copies,
  proposal: Copy,
  release: Copy,
  text: Copy,
  v: z.literal(1),
})

export const exclusionBytes = (genesis: string, proof: ExclusionProof): Uint8Array<ArrayBuffer> =>
  canonicalBytes({ adoptions: [], ...proof, genesis, v: 1 })

/** The shape and whose coalition it is; verifyWrongfulExclusion says whether it proves anything. */
export function readExclusion(bytes: Uint8Array, genesis: string): Result<ExclusionProof> {
  const json = readCanonical(bytes, '')
  if (!json.ok) return json
  const file = check(ExclusionFile, json.value, 'statement.bad-schema')
  if (!file.ok) return file
  const { genesis: named, v: _, ...proof } = file.value
  return named === genesis ? ok(proof) : fail('charter.not-genesis', '/genesis', `it is of the coalition ${named}`)
}
