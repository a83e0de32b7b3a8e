import { toBase64url } from '../wire/base64.ts'
import { concat, utf8 } from '../wire/bytes.ts'
import { type Result, assert, fail, ok } from '../wire/failure.ts'
import { limits } from '../wire/limits.ts'
import { mlDsa44 } from '../wire/ml-dsa.ts'
import type { Primitives } from '../wire/primitives.ts'
import { type SignatureType, type Vkey, signatureTypes } from '../wire/vkey.ts'
import type { Checkpoint } from './checkpoint.ts'
import { formatCheckpoint } from './checkpoint.ts'
import type { NoteSignature } from './note.ts'

const timeBytes = 8
const signatureBytes: Readonly<Record<number, number>> = { 4: 64, 6: mlDsa44.signature }
const subtreeLabel = 'subtree/v1\n\0'

type Cosigned = { readonly checkpoint: Checkpoint; readonly cosigner: string; readonly at: number }

/** What a cosigner signs: spec/14-witnesses.md#cosignatures. Only the ML-DSA-44 form binds the cosigner's name. */
export function cosignedMessage(type: SignatureType, { checkpoint, cosigner, at }: Cosigned): Uint8Array {
  if (type === signatureTypes.cosignature) return utf8(`cosignature/v1\ntime ${at}\n${formatCheckpoint(checkpoint)}`)
  const { origin, size, root } = checkpoint
  return concat(utf8(subtreeLabel), short(cosigner), u64(at), short(origin), u64(0), u64(size), root)
}

/** A text of at most 255 bytes, its length before it. */
function short(text: string): Uint8Array {
  const bytes = utf8(text)
  assert(bytes.length >= 1 && bytes.length <= 255, 'a name in a cosigned message has 1 to 255 bytes')
  return concat(Uint8Array.of(bytes.length), bytes)
}

const isShort = (text: string): boolean => utf8(text).length <= 255

function u64(value: number): Uint8Array {
  const bytes = new Uint8Array(timeBytes)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(value))
  return bytes
}

/** When it was made, once it is shown to be this key's over this checkpoint. POSIX seconds, never zero. */
export function verifyCosignature(
  { verify, verifyMlDsa44 }: Primitives,
  key: Vkey,
  { checkpoint, signature }: { readonly checkpoint: Checkpoint; readonly signature: Uint8Array },
): Result<number> {
  const refuse = (why: string) => fail('log.bad-cosignature', key.name, why)
  if (signature.length !== timeBytes + (signatureBytes[key.type] ?? Infinity)) return refuse('of another length')
  const time = new DataView(signature.buffer, signature.byteOffset).getBigUint64(0)
  if (time === 0n || time > BigInt(limits.logSizeMax)) return refuse('its time is not of this age')
  const at = Number(time)
  if (!isShort(key.name) || !isShort(checkpoint.origin)) return refuse('a name of more than 255 bytes')
  const message = cosignedMessage(key.type, { checkpoint, cosigner: key.name, at })
  const raw = signature.subarray(timeBytes)
  const holds =
    key.type === signatureTypes.cosignature
      ? verify({ alg: 'EdDSA', jwk: ed25519Jwk(key.key), message, signature: raw })
      : verifyMlDsa44(key.key, message, raw)
  return holds ? ok(at) : refuse('the signature does not hold')
}

const ed25519Jwk = (key: Uint8Array) => ({ kty: 'OKP', crv: 'Ed25519', x: toBase64url(key) }) as const

type CosignerName = Pick<Vkey, 'name' | 'id' | 'type'>

/**
 * A signature line for the note of a checkpoint. Whoever calls it has made the checkpoint durable as its newest first,
 * and never calls it for a smaller or another tree: spec/14-witnesses.md#witnessing.
 */
export const cosign = (
  key: CosignerName,
  { checkpoint, at, sign }: Omit<Cosigned, 'cosigner'> & { readonly sign: (message: Uint8Array) => Uint8Array },
): NoteSignature => cosignatureLine(key, at, sign(cosignedMessage(key.type, { checkpoint, cosigner: key.name, at })))

/** The same line, of a signature that was made elsewhere. */
export function cosignatureLine({ name, id }: CosignerName, at: number, signature: Uint8Array): NoteSignature {
  assert(Number.isSafeInteger(at) && at > 0, 'a cosignature has its time')
  return { name, id, signature: concat(u64(at), signature) }
}
