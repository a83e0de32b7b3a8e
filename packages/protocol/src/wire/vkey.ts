import { fromBase64, toBase64 } from './base64.ts'
import { type Sha256, concat, toHex, utf8 } from './bytes.ts'
import { type Result, assert, fail, ok } from './failure.ts'

/** The verifier key of a log or witness, as C2SP signed-note has it: `name+hexid+base64(0x01 ‖ key)`. */
export type Vkey = { readonly name: string; readonly id: string; readonly key: Uint8Array }

const ed25519 = 1
const keyBytes = 32
const idBytes = 4

// oxlint-disable-next-line no-control-regex -- signed-note forbids exactly these
export const hasControl = (text: string): boolean => /[\0-\t\v-\x1f]/.test(text)
export const isKeyName = (name: string): boolean =>
  /^[^\p{White_Space}+]+$/u.test(name) && name.isWellFormed() && !hasControl(name)

/** The first four bytes of SHA-256(name ‖ newline ‖ 0x01 ‖ key), as hex. */
export const keyId = (sha256: Sha256, name: string, key: Uint8Array): string =>
  toHex(sha256(concat(utf8(`${name}\n`), Uint8Array.of(ed25519), key)).subarray(0, idBytes))

export function formatVkey({ sha256, name, key }: { sha256: Sha256; name: string; key: Uint8Array }): string {
  assert(isKeyName(name) && key.length === keyBytes, 'a log key has a name and 32 bytes')
  return `${name}+${keyId(sha256, name, key)}+${toBase64(concat(Uint8Array.of(ed25519), key))}`
}

/** Ed25519 only. The id is that of the name and key, or the whole is refused. */
export function readVkey(sha256: Sha256, vkey: string): Result<Vkey> {
  const parts = splitVkey(vkey)
  if (parts === undefined) return fail('log.bad-vkey')
  return parts.id === keyId(sha256, parts.name, parts.key) ? ok(parts) : fail('log.bad-vkey', undefined, 'wrong key id')
}

/** The parts of a verifier key, its id not yet checked. */
export function splitVkey(vkey: string): Vkey | undefined {
  // Base64 has plus signs of its own; a name and an id have none.
  const [, name, id, base64] = /^([^+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)$/.exec(vkey) ?? []
  if (name === undefined || id === undefined || base64 === undefined || !isKeyName(name)) return undefined
  const bytes = fromBase64(base64)
  return bytes?.length === 1 + keyBytes && bytes[0] === ed25519 ? { name, id, key: bytes.subarray(1) } : undefined
}
