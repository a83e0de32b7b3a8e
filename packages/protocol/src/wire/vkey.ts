import { fromBase64, toBase64 } from './base64.ts'
import { type Sha256, concat, toHex, utf8 } from './bytes.ts'
import { type Result, assert, fail, ok } from './failure.ts'

/** Signature types of C2SP signed-note that are known here: what the byte before a key says it signs. */
export const signatureTypes = { ed25519: 1, cosignature: 4, mlDsa44: 6 } as const
export type SignatureType = (typeof signatureTypes)[keyof typeof signatureTypes]

/** The verifier key of a log or witness, as C2SP signed-note has it: `name+hexid+base64(type ‖ key)`. */
export type Vkey = {
  readonly name: string
  readonly id: string
  readonly type: SignatureType
  readonly key: Uint8Array
}

const keyBytes: Readonly<Record<number, number>> = { 1: 32, 4: 32, 6: 1_312 }
const idBytes = 4

// oxlint-disable-next-line no-control-regex -- signed-note forbids exactly these
export const hasControl = (text: string): boolean => /[\0-\t\v-\x1f]/.test(text)
export const isKeyName = (name: string): boolean =>
  /^[^\p{White_Space}+]+$/u.test(name) && name.isWellFormed() && !hasControl(name)

/** The first four bytes of SHA-256(name ‖ newline ‖ type ‖ key), as hex. */
const keyId = (sha256: Sha256, { name, type, key }: Omit<Vkey, 'id'>): string =>
  toHex(sha256(concat(utf8(`${name}\n`), Uint8Array.of(type), key)).subarray(0, idBytes))

type KeyOfType = { sha256: Sha256; name: string; key: Uint8Array; type?: SignatureType }

/** A log's own key where no type is given. */
export function formatVkey({ sha256, name, key, type = signatureTypes.ed25519 }: KeyOfType): string {
  assert(isKeyName(name) && key.length === keyBytes[type], 'a note key has a name, and as many bytes as its type')
  return `${name}+${keyId(sha256, { name, type, key })}+${toBase64(concat(Uint8Array.of(type), key))}`
}

/** A log's key, Ed25519 only. The id is that of the name and key, or the whole is refused. */
export const readVkey = (sha256: Sha256, vkey: string): Result<Vkey> =>
  readVkeyOf(sha256, vkey, [signatureTypes.ed25519])

/** A verifier key of one of these types. */
export function readVkeyOf(sha256: Sha256, vkey: string, types: readonly SignatureType[]): Result<Vkey> {
  const parts = splitVkey(vkey)
  if (parts === undefined) return fail('log.bad-vkey')
  if (!types.includes(parts.type)) return fail('log.bad-vkey', undefined, 'a key of another signature type')
  return parts.id === keyId(sha256, parts) ? ok(parts) : fail('log.bad-vkey', undefined, 'wrong key id')
}

/** The parts of a verifier key, its id not yet checked. */
export function splitVkey(vkey: string): Vkey | undefined {
  // Base64 has plus signs of its own; a name and an id have none.
  const [, name, id, base64] = /^([^+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)$/.exec(vkey) ?? []
  if (name === undefined || id === undefined || base64 === undefined || !isKeyName(name)) return undefined
  const [type, ...key] = fromBase64(base64) ?? []
  if (type === undefined || keyBytes[type] !== key.length) return undefined
  return { name, id, type: type as SignatureType, key: Uint8Array.from(key) }
}
