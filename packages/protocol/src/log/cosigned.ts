import { toBase64url } from '../wire/base64.ts'
import { utf8 } from '../wire/bytes.ts'
import { type Result, fail, ok } from '../wire/failure.ts'
import type { Primitives } from '../wire/primitives.ts'
import { type Vkey, signatureTypes } from '../wire/vkey.ts'
import { type Checkpoint, checkpointIn } from './checkpoint.ts'
import { verifyCosignature } from './cosignature.ts'
import { type Note, type NoteSignature, formatNote, readNote } from './note.ts'
import type { Policy, PolicyKey } from '../charter/policy.ts'
import { type CosignedAt, type Family, policyOn, quorumHolds } from '../charter/quorum.ts'

/** A checkpoint with everyone that the policy knows and that has signed it; every one of these signatures holds. */
export type Cosigned = {
  readonly checkpoint: Checkpoint
  /** Verifier keys of the log that have signed. */
  readonly logs: readonly string[]
  readonly cosigned: CosignedAt
}

/**
 * spec/14-witnesses.md#quorum steps 1 to 6: reads a note by a policy. A bad signature by a key that the policy names
 * refuses the note; whoever else has signed it is let be.
 */
export function openCosigned(
  { primitives, policy, origin }: { readonly primitives: Primitives; readonly policy: Policy; readonly origin: string },
  text: string,
): Result<Cosigned> {
  const note = readNote(text)
  if (!note.ok) return note
  const checkpoint = checkpointIn({ text: note.value.text, origin, sha256: primitives.sha256 })
  if (!checkpoint.ok) return checkpoint
  const logs = signedLogs(primitives, policy, { note: note.value, checkpoint: checkpoint.value })
  if (!logs.ok) return logs
  const cosigned = signedWitnesses(primitives, policy, { note: note.value, checkpoint: checkpoint.value })
  return cosigned.ok ? ok({ checkpoint: checkpoint.value, logs: logs.value, cosigned: cosigned.value }) : cosigned
}

/** The same, and step 7: a quorum is among them. */
export function openQuorum(context: Parameters<typeof openCosigned>[0], text: string): Result<Cosigned> {
  const opened = openCosigned(context, text)
  if (!opened.ok) return opened
  const { cosigned } = opened.value
  if (quorumHolds(context.policy, name => cosigned.has(name))) return opened
  return fail(
    'log.no-quorum',
    undefined,
    `${cosigned.size} of ${context.policy.witnesses.length} keys have cosigned it`,
  )
}

/** The policy on one family, where what was opened counts by it; every signature was checked when it was opened. */
export function standingOn(policy: Policy, { logs, cosigned }: Cosigned, family: Family): Policy | undefined {
  const left = policyOn(policy, family)
  if (left === undefined || !left.logs.some(({ vkey }) => logs.includes(vkey))) return undefined
  return quorumHolds(left, name => cosigned.has(name)) ? left : undefined
}

type Read = { readonly note: Note; readonly checkpoint: Checkpoint }

const lineBy = ({ signatures }: Note, { name, id }: Vkey): NoteSignature | undefined =>
  signatures.find(line => line.name === name && line.id === id)

function signedLogs(primitives: Primitives, { logs }: Policy, { note, checkpoint }: Read): Result<readonly string[]> {
  const signed: string[] = []
  for (const log of logs) {
    const line = lineBy(note, log.key)
    if (line === undefined) continue
    if (!logSigned(primitives, log, { note, checkpoint, line }))
      return fail('log.bad-signature', undefined, log.key.name)
    signed.push(log.vkey)
  }
  return signed.length > 0 ? ok(signed) : fail('log.bad-signature', undefined, 'no signature by a log of the policy')
}

/** With ML-DSA-44 a log signs as a cosigner does, under its own name: C2SP tlog-checkpoint. */
function logSigned(
  primitives: Primitives,
  { key }: PolicyKey,
  { note, checkpoint, line }: Read & { readonly line: NoteSignature },
): boolean {
  if (key.type !== signatureTypes.ed25519)
    return verifyCosignature(primitives, key, { checkpoint, signature: line.signature }).ok
  const jwk = { kty: 'OKP', crv: 'Ed25519', x: toBase64url(key.key) } as const
  return primitives.verify({ alg: 'EdDSA', jwk, message: utf8(note.text), signature: line.signature })
}

function signedWitnesses(
  primitives: Primitives,
  { witnesses }: Policy,
  { note, checkpoint }: Read,
): Result<ReadonlyMap<string, number>> {
  const cosigned = new Map<string, number>()
  for (const { name, key } of witnesses) {
    const line = lineBy(note, key)
    if (line === undefined) continue
    const at = verifyCosignature(primitives, key, { checkpoint, signature: line.signature })
    if (!at.ok) return at
    cosigned.set(name, at.value)
  }
  return ok(cosigned)
}

/** A note with more signature lines: of one key the newest stands, for a note has one line of each. */
export function withSignatures(text: string, more: readonly NoteSignature[]): string {
  const note = readNote(text)
  if (!note.ok) return text
  const named = ({ name, id }: NoteSignature) => `${name} ${id}`
  const lines = new Map([...note.value.signatures, ...more].map(line => [named(line), line]))
  return formatNote({ text: note.value.text, signatures: [...lines.values()] })
}
