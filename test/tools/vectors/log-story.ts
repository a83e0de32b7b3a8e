import {
  type Hash, type HashReader, type Receipt, createTree, emptyRoot, formatVkey, inclusionProof, leafHash, nodeHash,
    openEntry,
  portableSha256 as sha256, sealedEntry, signCheckpoint, signNote, toBase64url, utf8,
} from '@chancery/protocol'
import { ed25519 } from '@noble/curves/ed25519.js'
import type { VectorCase } from './vector-file.ts'

/** One log with its key, from fixed seeds, of which the vectors of the log are made. */
export const b64 = toBase64url
export const seed = (name: string): Uint8Array => sha256(utf8(`chancery vectors: ${name}`))
export const origin = 'ledger.example/coalition'
export const max = Number.MAX_SAFE_INTEGER
export const vkeyOf = (name: string, key = name): string =>
  formatVkey({ sha256, name, key: ed25519.getPublicKey(seed(key)) })
export const signWith = (key: string) => (message: Uint8Array): Uint8Array => ed25519.sign(message, seed(key))
export const vkey = vkeyOf(origin)

export const good = (name: string, given: unknown, value?: unknown): VectorCase =>
  ({ name, given, expect: 'ok', ...(value !== undefined && { value }) })
export const bad = (name: string, given: unknown, expect: string, at?: string): VectorCase =>
  ({ name, given, expect, ...(at !== undefined && { at }) })

export const signatureOf = (name: string): Uint8Array => signWith(name)(utf8(name))
/** Shaped as a compact JWS; the log never looks further. */
export const jwsOf = (name: string): string =>
  [utf8(`{"alg":"EdDSA","name":"${name}"}`), utf8('{}'), signatureOf(name)].map(b64).join('.')
export const sidOf = (jws: string): string => b64(sha256(utf8(jws.slice(0, jws.lastIndexOf('.')))))
export const kid = b64(seed('kid'))
export const tagKey = seed('tag key')
export const sealed = (name: string): Uint8Array =>
  sealedEntry({ sha256, sid: sidOf(jwsOf(name)), signature: signatureOf(name), tagKey, kid })
/** A log in which every third entry is open. */
export const entryAt = (index: number): Uint8Array =>
  (index % 3 === 0 ? openEntry(jwsOf(`${index}`)) : sealed(`${index}`))
export const tree = createTree(sha256)
for (let index = 0; index < 300; index++) tree.append(leafHash(sha256, entryAt(index)))
export function checkpointAt(size: number, key = origin, name = origin): string {
  const checkpoint = { origin: name, size, root: tree.root(size) }
  return signCheckpoint({ checkpoint, vkey: vkeyOf(origin, key), sign: signWith(key) })
}

/** A log of equal leaves has one hash a level, so that it can be of any size. */
const equalLevels: Hash[] = [leafHash(sha256, utf8('equal'))]
for (const below of equalLevels) if (equalLevels.length < 54) equalLevels.push(nodeHash(sha256, below, below))
export const equalLog: HashReader = level => equalLevels[level] ?? emptyRoot(sha256)

export const noteText = `${origin}\nof two lines\n`
export const signed = (text: string, key = origin): string => signNote({ text, vkey: vkeyOf(key), sign: signWith(key) })
export const lineOf = (note: string): string => note.slice(note.lastIndexOf('\n\n') + 2)

export const receiptOf = (index: number): Receipt => ({
  index,
  proof: inclusionProof({ sha256, index, size: 11, read: tree.read }),
  checkpoint: checkpointAt(11),
  ...(index % 3 !== 0 && { extra: entryAt(index).subarray(33) }),
})
