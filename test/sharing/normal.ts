import {
  type HashReader,
  type Jwe,
  type OpenKey,
  fromBase64url,
  leafHash,
  nodeHash,
  rootAt,
  toBase64,
  toBase64url,
  unseal,
  utf8,
} from '@chancery/protocol'
import { sha256 } from '../relay/fixture.ts'
import type { World } from '../world.ts'

/**
 * What must differ where something hidden differs is a hash of it: digests of slots, ids, signatures, entries, hashes
 * of the log, heads. Each is known here by its place, and only a text that is exactly one of them is put under its
 * name.
 */
export type Names = ReadonlyMap<string, string>

export const noNames: Names = new Map()

export function namesOf(world: World): Names {
  const names = new Map<string, string>()
  const name = (value: Uint8Array | string, as: string): void => {
    if (typeof value === 'string') return void names.set(value, as)
    names.set(toBase64url(value), as)
    names.set(toBase64(value), as)
  }
  for (const { index, sid, entry, payload } of world.logged) {
    name(sid, `<sid ${index}>`)
    if (entry.length === 65) name(entry, `<entry ${index}>`)
    if (entry.length === 65) name(entry.subarray(1, 33), `<commitment ${index}>`)
    if (entry.length === 65) name(entry.subarray(33), `<tag ${index}>`)
    for (const [label, slot] of Object.entries(payload.tear)) name(slot._sd[0], `<digest ${index} ${label}>`)
    // Sorted, they change places.
    for (const digest of payload.slices?.to._sd ?? []) name(digest, `<slice ${index}>`)
  }
  for (let size = 1; size <= world.size; size++) {
    const note = world.checkpoint(size)
    name(sha256(utf8(note)), `<note ${size}>`)
    name(note.trimEnd().split(' ').at(-1) ?? '', `<head ${size}>`)
    for (let from = 0; from < size; from++) name(rangeHash(world, from, size), `<hash of ${from} to ${size}>`)
  }
  return names
}

/** The Merkle hash of some entries by themselves. */
function rangeHash({ entries }: World, from: number, to: number): Uint8Array {
  const read: HashReader = (level, index) => {
    if (level === 0) return leafHash(sha256, entries[from + index] ?? new Uint8Array(0))
    return nodeHash(sha256, read(level - 1, index * 2), read(level - 1, index * 2 + 1))
  }
  return rootAt({ sha256, size: to - from, read })
}

/** A text with every hash under its name, inside of JWS and entries too. Everything else is as it came. */
export function named(text: string, names: Names): string {
  // The n of a line's end in JSON is no letter of what follows.
  const lines = text.replaceAll('\\n', '\n').replace(/"epoch":"[^"]{43}"/g, '"epoch"')
  const said = lines.replace(/[A-Za-z0-9_+/.=-]{40,}/g, token => nameOf(token, names))
  // Sids stand sorted in lists, so their places follow the hashes.
  return said.replace(/\[("<sid \d+>",?)+\]/g, list => `[${list.slice(1, -1).split(',').sort().join(',')}]`)
}

const jws = /^([A-Za-z0-9_-]{10,})\.([A-Za-z0-9_-]{10,})\.([A-Za-z0-9_-]{10,})$/

function nameOf(token: string, names: Names): string {
  const known = names.get(token)
  if (known !== undefined || names === noNames) return known ?? token
  const [, header, payload, signature] = jws.exec(token) ?? []
  if (header !== undefined)
    return `<${textOf(header)}|${named(textOf(payload), names)}|${signature?.length} characters>`
  // An open entry is 0x02 and a JWS; a path or a file has one in its name.
  const bytes = fromBase64url(token)
  if (bytes?.[0] === 2) return `<open ${nameOf(Buffer.from(bytes.subarray(1)).toString('latin1'), names)}>`
  const parts = token.split(/([/.])/)
  return parts.length > 1 ? parts.map(part => names.get(part) ?? part).join('') : token
}

const textOf = (part = ''): string => Buffer.from(part, 'base64url').toString('utf8')

/** Sealing takes randomness that no test can fix: of a container its form, its sizes, and what these keys open. */
export async function withoutRandomness(value: unknown, keys: readonly OpenKey[]): Promise<unknown> {
  if (typeof value !== 'object' || value === null) return value
  if ('ciphertext' in value) return formOf(value as Jwe, keys)
  if (Array.isArray(value)) return Promise.all(value.map(part => withoutRandomness(part, keys)))
  const parts = Object.entries(value).map(async ([key, part]) => [key, await withoutRandomness(part, keys)] as const)
  return Object.fromEntries(await Promise.all(parts))
}

async function formOf(jwe: Jwe, keys: readonly OpenKey[]): Promise<object> {
  const opened = await unseal({ jwe, aad: fromBase64url(jwe.aad) ?? new Uint8Array(0), keys })
  return {
    aad: jwe.aad,
    sizes: [jwe.ciphertext, jwe.iv, jwe.protected, jwe.tag].map(({ length }) => length),
    recipients: jwe.recipients.map(({ encrypted_key, header }) => ({
      alg: header.alg,
      kid: header.kid,
      sizes: [encrypted_key.length, JSON.stringify(header).length],
    })),
    opened: opened.ok ? Buffer.from(opened.value).toString('utf8') : opened.code,
  }
}
