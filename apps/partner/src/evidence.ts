import { basename } from 'node:path'
import {
  type Evidence,
  type Sha256,
  concat,
  domainTag,
  fromBase64url,
  fromUtf8,
  instantOf,
  limits,
  toBase64url,
} from '@chancery/protocol'
import { readGiven } from './files.ts'
import { type Answer, ok } from './refusal.ts'
import { readStix } from './stix.ts'
import type { World } from './world.ts'

/** Evidence is read whole, once. */
export const evidenceBytesMax = 512 * 1024 * 1024

/** spec/04-statements.md#evidence: a salted digest, so that it tells nothing of bytes that can be guessed. */
export const blobDigest = (sha256: Sha256, salt: Uint8Array, bytes: Uint8Array): string =>
  toBase64url(sha256(concat(domainTag('blob'), salt, bytes)))

/** The record of one STIX bundle. Its grades say "cannot be judged" until a person judges. */
export function stixEvidence(world: World, path: string, id: string): Answer<Evidence> {
  const bytes = readGiven(path, evidenceBytesMax)
  if (!bytes.ok) return bytes
  const bundle = readStix(fromUtf8(bytes.value))
  if (!bundle.ok) return { ...bundle, at: `${basename(path)}${bundle.at ?? ''}` }
  const { id: name, objects, types, title } = bundle.value
  const salt = world.random(32)
  return ok({
    class: 'tradecraft',
    digest: blobDigest(world.primitives.sha256, salt, bytes.value),
    id,
    information_credibility: '6',
    media_type: 'application/stix+json;version=2.1',
    obtained_at: instantOf(world.now()),
    salt: toBase64url(salt),
    size: bytes.value.length,
    source_reliability: 'F',
    stix: { bundle: name, objects, types: [...types] },
    title: titleLine(title ?? `STIX bundle of ${objects} objects`),
  })
}

/** A name from outside, as one line that people may be shown. */
function titleLine(text: string): string {
  const plain = text
    .toWellFormed()
    .normalize('NFC')
    .replace(/[\p{Cc}\u202a-\u202e\u2066-\u2069]+/gu, ' ')
    .trim()
  return plain.slice(0, limits.lineMax).toWellFormed() || 'STIX bundle'
}

/** Which of the records binds exactly these bytes. */
export function evidenceBound(sha256: Sha256, records: readonly Evidence[], bytes: Uint8Array): Evidence | undefined {
  return records.find(({ digest, salt, size }) => {
    const saltBytes = fromBase64url(salt)
    return size === bytes.length && saltBytes !== undefined && blobDigest(sha256, saltBytes, bytes) === digest
  })
}
