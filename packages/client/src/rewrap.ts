import { formatTierCopy, openSlots, verify } from '@chancery/protocol'
import type { StoredStatement } from '@chancery/store'
import { type Mirror, inOrder, storedOf } from './mirror.ts'

export type Rewrapped = { readonly opened: number; readonly closed: number }

/**
 * Before a private key is destroyed: opens what is held, names one of these keys, and was not opened when it came, as
 * by a node that had not heard of the key. What is opened stands in the mirror, under the home's own protection.
 */
export async function rewrap(mirror: Mirror, kids: ReadonlySet<string>): Promise<Rewrapped> {
  let [opened, closed] = [0, 0]
  for (const stored of storedOf(mirror)) {
    for (const disclosures of await openedBy(mirror, stored, kids)) {
      if (disclosures === undefined) closed++
      else if (add(mirror, stored, disclosures)) opened++
      else closed++
    }
  }
  return { opened, closed }
}

type Opened = readonly string[] | undefined

/** What each container for these keys gives that is not open yet; undefined for one that gives nothing. */
async function openedBy(mirror: Mirror, { about, seals, disclosures }: StoredStatement, kids: ReadonlySet<string>) {
  const all: Opened[] = []
  for (const { jwe } of seals) {
    if (!jwe.recipients.some(({ header: { kid } }) => kids.has(kid))) continue
    const opened = await openSlots({ sid: about.sid, jwe, keys: mirror.openKeys })
    if (!opened.ok) all.push(undefined)
    else if (opened.value.some(one => !disclosures.includes(one))) all.push(opened.value)
  }
  return all
}

/** As when it is admitted: a mere claim, until it is what the slots are signed for. */
function add(mirror: Mirror, { about, jws, index, disclosures }: StoredStatement, more: readonly string[]): boolean {
  const { primitives, charter, store } = mirror
  const text = formatTierCopy(jws, inOrder(mirror, jws, [...disclosures, ...more]))
  if (!verify(text, { primitives, charter, index }).ok) return false
  store.addDisclosures(about.sid, more)
  return true
}
