import {
  type Cosigned,
  type Failure,
  type Policy,
  type Result,
  assert,
  equalBytes,
  fail,
  isFresh,
  maxAgeOf,
  ok,
  openQuorum,
  policyAt,
  saidIn,
} from '@chancery/protocol'
import type { CosignedNote } from '@chancery/store'
import type { Mirror } from './mirror.ts'
import type { RelayClient } from './relay.ts'

/** A note that a quorum has cosigned, held, what it says, and by whose policy. */
export type Witnessed = Under & { readonly kept: CosignedNote }

type Under = Cosigned & { readonly policy: Policy }

/** Opens a note under the policy that was in force at its size, and holds its root against the log that is held. */
function openHeld(mirror: Mirror, note: string): Result<Under> {
  const { store, origin, primitives, charter } = mirror
  const said = saidIn(note)
  if (!said.ok) return said
  const policy = policyAt(primitives.sha256, charter, said.value.size)
  if (policy === undefined) return fail('log.no-quorum', undefined, 'the charter has no policy there')
  const opened = openQuorum({ primitives, policy, origin }, note)
  if (!opened.ok) return opened
  const { size, root } = opened.value.checkpoint
  if (size <= store.size && !equalBytes(store.rootAt(size), root))
    return fail('log.forked', 'root', `another root at size ${size}`)
  return ok({ ...opened.value, policy })
}

/**
 * spec/07-relay.md#witnesses: keeps a note that came. `ahead` where it covers more than is held: nothing of it can be
 * shown yet, and it comes again. A note that forks is refused and is evidence, for a quorum has signed it.
 */
export function takeCosigned(mirror: Mirror, note: string): Result<'kept' | 'ahead' | 'needless'> {
  const { store } = mirror
  if (!isWitnessed(mirror)) return ok('needless')
  // Another key of the log, or another policy, may be in force there: nothing can be said of it yet.
  const said = saidIn(note)
  if (said.ok && said.value.size > store.size) return ok('ahead')
  const opened = openHeld(mirror, note)
  if (!opened.ok) return opened
  store.keepCosigned(note, opened.value.checkpoint.size)
  return ok('kept')
}

/** Some version of the charter has had a policy. */
const isWitnessed = ({ charter: { eras } }: Mirror): boolean => eras.some(({ charter }) => charter.policy !== undefined)

const nextName = (epoch: string): string => `cosigned-next ${epoch}`

/** The number of the next note that has not been taken; a relay begins with 1. */
export const nextCosigned = ({ store }: Mirror, epoch: string): number => Number(store.recall(nextName(epoch)) ?? 1)

/** The notes that the relay has kept since: numbers are its own, and begin anew with its epoch. */
export async function fetchCosigned({
  mirror,
  relay,
  epoch,
  onRefused,
}: {
  readonly mirror: Mirror
  readonly relay: RelayClient
  readonly epoch: string
  /** Told of a note that does not hold, before the failure is returned. */
  readonly onRefused?: (failure: Failure, note: string) => void
}): Promise<Result<true>> {
  if (!isWitnessed(mirror)) return ok(true)
  for (;;) {
    const from = nextCosigned(mirror, epoch)
    const notes = await relay.notes(from)
    if (!notes.ok) return notes
    for (const { cosigned, number } of notes.value) {
      const taken = takeNumbered(mirror, { note: cosigned, number, epoch })
      if (!taken.ok) {
        onRefused?.(taken, cosigned)
        return taken
      }
      if (taken.value === 'ahead') return ok(true)
    }
    const last = notes.value.at(-1)
    if (last === undefined) return ok(true)
    if (last.number < from) return fail('relay.nonsense', '/notes', 'numbers that go back')
  }
}

export function takeNumbered(
  mirror: Mirror,
  { note, number, epoch }: { readonly note: string; readonly number: number; readonly epoch: string },
): ReturnType<typeof takeCosigned> {
  const taken = takeCosigned(mirror, note)
  if (!taken.ok || taken.value !== 'kept') return taken
  mirror.store.remember(nextName(epoch), String(number + 1))
  return taken
}

/** The largest prefix of the log that counts, with the newest note over it. undefined before there is any. */
export const newestWitnessed = (mirror: Mirror): Result<Witnessed | undefined> =>
  openKept(mirror, mirror.store.newestCosigned())

/** The first note that covers an index. */
export const witnessedOver = (mirror: Mirror, index: number): Result<Witnessed | undefined> =>
  openKept(mirror, mirror.store.cosignedOver(index))

/** The note of this hash, as a statement has it in `seen`. */
export const witnessedBy = (mirror: Mirror, hash: string): Result<Witnessed | undefined> =>
  openKept(mirror, mirror.store.cosignedBy(hash))

/** Nothing is believed because it lies on our own disk: every signature is checked again. */
function openKept(mirror: Mirror, kept: CosignedNote | undefined): Result<Witnessed | undefined> {
  if (kept === undefined) return ok(undefined)
  const opened = openHeld(mirror, kept.note)
  if (!opened.ok) return fail('evidence.altered', `mirror/cosigned/${kept.number}`, opened.code)
  assert(opened.value.checkpoint.size <= mirror.store.size, 'a note is kept once the log is held that far')
  return ok({ ...opened.value, kept })
}

/** How far the log counts, and whether that is fresh: spec/14-witnesses.md#freshness. */
export type Standing = {
  readonly logged: number
  /** Entries that count. Without a policy, all. */
  readonly witnessed: number
  readonly stale: boolean
  readonly newest: Witnessed | undefined
}

export function standingOf(mirror: Mirror, now: number): Result<Standing> {
  const { store, charter } = mirror
  const logged = store.size
  if (mirror.policy === undefined) return ok({ logged, witnessed: logged, stale: false, newest: undefined })
  const newest = newestWitnessed(mirror)
  if (!newest.ok) return newest
  const { value } = newest
  const maxAge = maxAgeOf(charter.charter)
  const stale = value === undefined || !isFresh(value.policy, value.cosigned, { now, maxAge })
  return ok({ logged, witnessed: value?.checkpoint.size ?? 0, stale, newest: value })
}
