import * as crypto from 'node:crypto'
import {
  type Cosigned,
  type Policy,
  type Result,
  assert,
  fail,
  fromBase64,
  loggedNotAfter,
  nodePrimitives,
  ok,
  openCosigned,
  openQuorum,
  parsePolicy,
  policyOn,
  portablePrimitives as primitives,
  printPolicy,
  quorumHolds,
  readCheckpoint,
  readNote,
  readVkeyOf,
  seenNotBefore,
  toleranceOf,
  verifyCosignature,
} from '@chancery/protocol'
import { z } from 'zod'

const { sha256 } = primitives

/** How a case of spec/vectors/witness is run. */
export const witnessChecks: Record<string, (given: unknown) => Result<unknown>> = {
  cosignature: given => {
    const parsed = CosignatureGiven.parse(given)
    return 'note' in parsed ? foreignParts(parsed.note) : checkCosignature(parsed)
  },
  policy: given => {
    const policy = parsePolicy(sha256, z.strictObject({ policy: z.string() }).parse(given).policy)
    if (!policy.ok) return policy
    const again = parsePolicy(sha256, printPolicy(policy.value))
    if (!again.ok || printPolicy(again.value) !== printPolicy(policy.value)) return fail('log.bad-policy', 'print')
    return ok(toleranceOf(policy.value))
  },
  quorum: given => {
    const { note, origin, policy: text } = QuorumGiven.parse(given)
    const policy = parsePolicy(sha256, text)
    if (!policy.ok) return policy
    const opened = openQuorum({ primitives, policy: policy.value, origin }, note)
    return opened.ok ? ok(shown(policy.value, origin, note, opened.value)) : opened
  },
}

const CosignatureGiven = z.union([
  z.strictObject({ checkpoint: z.string(), key: z.string(), signature: z.string() }),
  z.strictObject({ note: z.string() }),
])
const QuorumGiven = z.strictObject({ note: z.string(), origin: z.string(), policy: z.string() })

function checkCosignature(given: { checkpoint: string; key: string; signature: string }): Result<unknown> {
  const checkpoint = readCheckpoint(given.checkpoint)
  if (!checkpoint.ok) return checkpoint
  const key = readVkeyOf(sha256, given.key, [4, 6])
  if (!key.ok) return key
  const signature = fromBase64(given.signature) ?? new Uint8Array(0)
  const verdicts = [primitives, nodePrimitives(crypto)].map(by =>
    verifyCosignature(by, key.value, { checkpoint: checkpoint.value, signature }),
  )
  const [at, native] = verdicts
  assert(at !== undefined && at.ok === native?.ok, 'one verdict, whoever computes it')
  return at.ok ? ok({ at: at.value }) : at
}

/** The page that prints it does not print the key: the reading of its parts is what can be compared. */
function foreignParts(text: string): Result<unknown> {
  const note = readNote(text)
  if (!note.ok) return note
  const checkpoint = readCheckpoint(note.value.text)
  if (!checkpoint.ok) return checkpoint
  const signature = note.value.signatures[1]?.signature ?? new Uint8Array(8)
  const at = Number(new DataView(signature.buffer, signature.byteOffset).getBigUint64(0))
  return ok({ at, origin: checkpoint.value.origin, size: checkpoint.value.size })
}

function shown(policy: Policy, origin: string, note: string, { checkpoint, cosigned }: Cosigned): unknown {
  const standsOn = (['ed25519', 'ml-dsa-44'] as const).filter(family => {
    const left = policyOn(policy, family)
    const opened = left && openCosigned({ primitives, policy: left, origin }, note)
    return left !== undefined && opened?.ok === true && quorumHolds(left, name => opened.value.cosigned.has(name))
  })
  return {
    cosigned: Object.fromEntries(cosigned),
    notAfter: loggedNotAfter(policy, cosigned) ?? null,
    notBefore: seenNotBefore(policy, cosigned) ?? null,
    size: checkpoint.size,
    standsOn,
  }
}
