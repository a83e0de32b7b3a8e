import { fromBase64, toBase64, toBase64url } from '../wire/base64.ts'
import { concat, toHex, utf8 } from '../wire/bytes.ts'
import { type Result, assert, fail, ok } from '../wire/failure.ts'
import { limits } from '../wire/limits.ts'
import type { Primitives } from '../wire/primitives.ts'
import { hasControl, isKeyName, readVkey, splitVkey } from '../wire/vkey.ts'

/** One signature line: who is said to have signed, the key id as eight hex digits, and the signature. */
export type NoteSignature = { readonly name: string; readonly id: string; readonly signature: Uint8Array }
/** `text` is what is signed and ends in a newline. Nothing in it is believed before verifyNote. */
export type Note = { readonly text: string; readonly signatures: readonly NoteSignature[] }

const idBytes = 4

/** spec/06-log.md#checkpoint: the shape of C2SP signed-note; the signatures are not checked here. */
export function readNote(note: string): Result<Note> {
  if (note.length > limits.noteBytesMax || utf8(note).length > limits.noteBytesMax) return refuse('too long')
  if (!note.isWellFormed() || hasControl(note)) return refuse('a control character or broken text')
  // The text may have blank lines of its own: the last one ends it.
  const split = note.lastIndexOf('\n\n')
  if (split < 0) return refuse('no blank line before the signatures')
  if (!note.endsWith('\n') || split + 2 === note.length) return refuse('no signature line at its end')
  const lines = note.slice(split + 2, -1).split('\n')
  if (lines.length > limits.noteSignaturesMax) return refuse('too many signatures')
  const signatures: NoteSignature[] = []
  for (const line of lines) {
    const signature = readLine(line)
    if (signature === undefined) return refuse(`signature line ${signatures.length + 1}`)
    if (signatures.some(other => other.name === signature.name && other.id === signature.id))
      return refuse('two signatures of one key')
    signatures.push(signature)
  }
  return ok({ text: note.slice(0, split + 1), signatures })
}

const refuse = (why: string) => fail('log.bad-note', undefined, why)

function readLine(line: string): NoteSignature | undefined {
  const [dash, name, base64, ...rest] = line.split(' ')
  if (dash !== '—' || name === undefined || !isKeyName(name) || base64 === undefined || rest.length > 0)
    return undefined
  const bytes = fromBase64(base64)
  if (bytes === undefined || bytes.length <= idBytes) return undefined
  return { name, id: toHex(bytes.subarray(0, idBytes)), signature: bytes.subarray(idBytes) }
}

export function formatNote({ text, signatures }: Note): string {
  assert(text.endsWith('\n') && text.isWellFormed() && !hasControl(text), 'the text of a note ends in a newline')
  assert(signatures.length >= 1 && signatures.length <= limits.noteSignaturesMax, 'a note has 1 to 32 signatures')
  return `${text}\n${signatures.map(formatLine).join('')}`
}

export function formatLine({ name, id, signature }: NoteSignature): string {
  assert(isKeyName(name), 'a key name has no space and no plus')
  return `— ${name} ${toBase64(concat(idToBytes(id), signature))}\n`
}

const idToBytes = (id: string): Uint8Array => Uint8Array.from(id.match(/../g) ?? [], pair => Number.parseInt(pair, 16))

/** The note, once its signature by this key holds. Strangers' lines are let be; a bad line of this key spoils it. */
export function verifyNote({
  text,
  vkey,
  primitives,
}: {
  text: string
  vkey: string
  primitives: Primitives
}): Result<Note> {
  const key = readVkey(primitives.sha256, vkey)
  if (!key.ok) return key
  const note = readNote(text)
  if (!note.ok) return note
  const line = note.value.signatures.find(({ name, id }) => name === key.value.name && id === key.value.id)
  if (line === undefined) return fail('log.bad-signature', undefined, `no signature by ${key.value.name}`)
  const holds = primitives.verify({
    alg: 'EdDSA',
    jwk: { kty: 'OKP', crv: 'Ed25519', x: toBase64url(key.value.key) },
    message: utf8(note.value.text),
    signature: line.signature,
  })
  return holds ? note : fail('log.bad-signature', undefined, `the signature by ${key.value.name} does not hold`)
}

/** Signs with a key of ours: `sign` is the Ed25519 signature by the key that `vkey` shows. */
export function signNote({
  text,
  vkey,
  sign,
}: {
  text: string
  vkey: string
  sign: (message: Uint8Array) => Uint8Array
}): string {
  const key = splitVkey(vkey)
  assert(key !== undefined, 'our own verifier key is well-formed')
  return formatNote({ text, signatures: [{ name: key.name, id: key.id, signature: sign(utf8(text)) }] })
}
