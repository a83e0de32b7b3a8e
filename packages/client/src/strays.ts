import { type Stray, entryCommitsTo, formatTierCopy, openSealed, toBase64url, verify } from '@chancery/protocol'
import type { StoredEntry } from '@chancery/store'
import type { Mirror } from './mirror.ts'

const rowsAtOnce = 1_000

/**
 * spec/14-witnesses.md#alarms: entries for this member, signed and bound to their place, whose authors had seen another
 * log than this one. They are not held: each is read anew from the containers that a mirror keeps of what fails.
 */
export async function straysOf(mirror: Mirror): Promise<readonly Stray[]> {
  const { store } = mirror
  const found: Stray[] = []
  for (let from = 0; from < store.size; from += rowsAtOnce) {
    const countMax = Math.min(rowsAtOnce, store.size - from)
    for (const stored of store.range(from, { countMax })) {
      if (stored.about === undefined && stored.seals.length > 0) found.push(...(await strayIn(mirror, stored)))
    }
  }
  return found
}

async function strayIn(mirror: Mirror, { index, entry, seals }: StoredEntry): Promise<Stray[]> {
  const { primitives, charter, tagKey, openKeys: keys, store } = mirror
  for (const { jwe } of seals) {
    const opened = await openSealed({ commitment: entry.subarray(1, 33), jwe, keys })
    if (!opened.ok || opened.value.is !== 'statement') continue
    const { jws } = opened.value
    const read = verify(formatTierCopy(jws, []), { primitives, charter, index })
    if (!read.ok) return []
    const { kid, iss, claims } = read.value
    const { chain, seen } = claims
    if (!entryCommitsTo({ sha256: primitives.sha256, entry, jws, kid, tagKey }).ok || seen === null) return []
    if (seen.size <= index && toBase64url(store.rootAt(seen.size)) === seen.root) return []
    return [{ iss, chain: chain.id, index, seen }]
  }
  return []
}
