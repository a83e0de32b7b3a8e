import {
  type Delivery,
  type Hash,
  type Placed,
  type Result,
  type Sha256,
  equalBytes,
  fail,
  fromBase64url,
  leafHash,
  ok,
  openHead,
  vkeyAt,
} from '@chancery/protocol'
import type { LogStore } from '@chancery/store'
import { type Batch, batchRoot, beginBatch, nothingNoted } from './batch.ts'
import { type Mirror, setCharter, takeTagKey } from './mirror.ts'
import type { Notices } from './notice.ts'
import { take } from './take.ts'

export type Admitted = Notices & {
  /** Log size after it. */
  readonly size: number
  readonly placed: readonly Placed[]
}

/** spec/07-relay.md#follow: entries and the checkpoint that covers exactly them. All of it is kept, or none. */
export async function admit(mirror: Mirror, deliveries: readonly Delivery[], note: string): Promise<Result<Admitted>> {
  const { store, primitives } = mirror
  const checkpoint = openHead(mirror, note)
  if (!checkpoint.ok) return checkpoint
  const fresh = newDeliveries(store, primitives.sha256, deliveries)
  if (!fresh.ok) return fresh
  const { size, root } = checkpoint.value
  if (fresh.value.length === 0) return checkKnown(store, size, root)
  const batch = beginBatch(mirror)
  for (const delivery of fresh.value) {
    const taken = await take(batch, delivery)
    if (!taken.ok) return taken
  }
  const after = batch.from + batch.entries.length
  if (size !== after) return fail('relay.nonsense', 'size', `a checkpoint of ${size} over ${after} entries`)
  if (!equalBytes(batchRoot(batch, after), root)) return fail('log.forked', 'root', `another root at size ${size}`)
  // A key ends with a head of its own, so what is beneath this one has named no other.
  if (vkeyAt(batch.charter, size) !== vkeyAt(mirror.charter, size))
    return fail('log.bad-signature', undefined, 'another key of the log is in force before this head')
  keep(batch, note, root)
  // The batch may have brought the version that has it: what comes next is judged with it.
  const tagged = await takeTagKey(mirror)
  if (!tagged.ok) return tagged
  const { placed, badSeals, badTags, notDelivered, foreignUse, unsound, badCopies, openedLate, notOurs, strangeKeys } =
    batch
  return ok({
    size,
    placed,
    badSeals,
    badTags,
    notDelivered,
    foreignUse,
    unsound,
    badCopies,
    openedLate,
    notOurs,
    strangeKeys,
  })
}

/** Nothing new: the checkpoint must still be one of the log that is held. */
function checkKnown(store: LogStore, size: number, root: Hash): Result<Admitted> {
  if (size > store.size) return fail('relay.nonsense', 'size', `a checkpoint of ${size} over ${store.size} entries`)
  if (!equalBytes(store.rootAt(size), root)) return fail('log.forked', 'root', `another root at size ${size}`)
  return ok({ size: store.size, placed: [], ...nothingNoted() })
}

function keep(batch: Batch, note: string, root: Hash): void {
  const { mirror, from, entries, charter } = batch
  mirror.store.append({ expectedSize: from, entries, note, root, opened: [...batch.opened, ...batch.relined] })
  setCharter(mirror, charter)
}

/** At least once means some come again: those must be what is held, and are dropped. */
function newDeliveries(store: LogStore, sha256: Sha256, deliveries: readonly Delivery[]): Result<readonly Delivery[]> {
  const fresh: Delivery[] = []
  for (const delivery of deliveries) {
    const { index, entry } = delivery
    if (index >= store.size) {
      const due = store.size + fresh.length
      if (index !== due) return fail('relay.nonsense', '/entries', `index ${index} is out of turn`)
      fresh.push(delivery)
      continue
    }
    const bytes = fromBase64url(entry)
    const same = bytes !== undefined && equalBytes(leafHash(sha256, bytes), store.read(0, index))
    if (!same) return fail('log.forked', `/entries/${index}`, 'another entry than the one held')
  }
  return ok(fresh)
}
