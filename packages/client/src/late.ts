import {
  type Enclosed,
  type EnclosedCopy,
  type Failure,
  type Referred,
  type Result,
  type Verified,
  checkLateRelations,
  entryCommitsTo,
  equalBytes,
  ok,
  readEnclosed,
  referredBy,
} from '@chancery/protocol'
import type { NewEntry } from '@chancery/store'
import { type Batch, aboutOf, headIn, prefixOf } from './batch.ts'
import type { BadCopy } from './notice.ts'
import { checkOnward } from './onward.ts'

/** A copy that holds, and its place: kept only once the statement that carries it is. */
export type Late = { readonly statement: Verified; readonly index: number; readonly disclosures: readonly string[] }

/** spec/07-relay.md#enclosures. What may not travel with the statement, or does not hold, is told and not kept. */
export function openEnclosed(
  batch: Batch,
  by: Verified,
  index: number,
  copies: readonly EnclosedCopy[],
): readonly Late[] {
  const { mirror, charter, late } = batch
  late.clear()
  const results = readEnclosed(by, copies, {
    primitives: mirror.primitives,
    charter,
    placeOf: commitment => placeOf(batch, commitment),
    find: sid => prefixOf(batch).find(sid),
  })
  const opened: Late[] = []
  for (const [i, result] of results.entries()) {
    const onward = result.ok ? checkOnward(batch, { by: { statement: by, index }, copy: result.value }) : result
    if (!onward.ok) batch.badCopies.push(badCopy(index, `/enclosed/${i}`, onward))
    if (!result.ok || !onward.ok) continue
    const judged = judgeLate(batch, result.value)
    if (!judged.ok) batch.badCopies.push(badCopy(index, `/enclosed/${i}`, judged))
    else if (judged.value !== undefined) {
      opened.push(judged.value)
      late.set(judged.value.statement.sid, referredBy(judged.value.statement, judged.value.index))
    }
  }
  return opened
}

function badCopy(index: number, place: string, { code, at = place, why }: Failure): BadCopy {
  // What may not be handed on is said of the statement that brings the copy: of the copy, where it is.
  return code === 'release.no-grant' ? { index, code, at: place, ...(why && { why }) } : { index, code, at }
}

function placeOf(batch: Batch, commitment: Uint8Array): number | undefined {
  const known = batch.mirror.store.indexOfCommitment(commitment)
  if (known !== undefined) return known
  const own = batch.entries.findIndex(
    ({ entry }) => entry.length === 65 && equalBytes(entry.subarray(1, 33), commitment),
  )
  return own < 0 ? undefined : batch.from + own
}

/** Against the log before its own place. undefined: it is held already, with all that the copy opens. */
function judgeLate(batch: Batch, { statement, index, copy }: Enclosed): Result<Late | undefined> {
  const { mirror } = batch
  const prefix = prefixOf(batch)
  const held = prefix.find(statement.sid)
  if (held !== undefined) {
    return ok(
      held.index === index && copy.disclosures.length > 0
        ? { statement, index, disclosures: copy.disclosures }
        : undefined,
    )
  }
  const entry = batch.entries[index - batch.from]?.entry ?? mirror.store.entry(index)?.entry ?? new Uint8Array(0)
  const { primitives, tagKey } = mirror
  const { jws, kid } = statement
  const committed = entryCommitsTo({ sha256: primitives.sha256, entry, jws, kid, tagKey })
  if (!committed.ok) return committed
  const before = (sid: string): Referred | undefined => {
    const found = prefix.find(sid)
    return found !== undefined && found.index < index ? found : undefined
  }
  const related = checkLateRelations(statement, { ...prefix, find: before })
  return related.ok ? ok({ statement, index, disclosures: copy.disclosures }) : related
}

/** Opened in the batch itself where it came in it, else in the store, together with the batch. */
export function keepLate(batch: Batch, { statement, index, disclosures }: Late, by: number): void {
  const about = aboutOf(statement)
  const own = batch.entries[index - batch.from]
  const isHeld = batch.found.has(about.sid) || batch.mirror.store.indexOf(about.sid) !== undefined
  if (own !== undefined) batch.entries[index - batch.from] = openedIn(own, { statement, index, disclosures })
  else (isHeld ? batch.relined : batch.opened).push({ index, jws: statement.jws, about, disclosures })
  batch.openedLate.push({ index, by, statement })
  if (isHeld) return
  batch.found.set(statement.sid, referredBy(statement, index))
  batch.numbers.set(`${about.iss} ${about.chain} ${about.seq}`, about.sid)
  const head = headIn(batch, about.iss, about.chain)
  if (head === undefined || head.seq < about.seq) {
    batch.heads.set(`${about.iss} ${about.chain}`, { seq: about.seq, sid: about.sid })
  }
}

function openedIn({ entry, leaf, ...before }: NewEntry, { statement, disclosures }: Late): NewEntry {
  const all = [...new Set([...before.disclosures, ...disclosures])]
  return { entry, leaf, jws: statement.jws, about: aboutOf(statement), seals: [], disclosures: all }
}
