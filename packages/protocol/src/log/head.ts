import type { CharterState } from '../charter/fold.ts'
import { vkeyAt } from '../charter/log-key.ts'
import type { Result } from '../wire/failure.ts'
import type { Primitives } from '../wire/primitives.ts'
import { type Checkpoint, openCheckpoint, readCheckpoint } from './checkpoint.ts'

/** What a note says before anything vouches for it: its size names the key that it is then judged by. */
export const saidIn = (note: string): Result<Checkpoint> => readCheckpoint(note.slice(0, note.lastIndexOf('\n\n') + 1))

/** The key that a note is judged by; beyond what the charter was folded over, the newest that is known. */
export function vkeyFor(charter: Pick<CharterState, 'eras'>, note: string): string {
  const said = saidIn(note)
  return vkeyAt(charter, said.ok ? said.value.size : Infinity)
}

/** spec/06-log.md#head: a head of the log that a charter names, by the key at its size. */
export function openHead(
  { primitives, charter }: { readonly primitives: Primitives; readonly charter: CharterState },
  note: string,
): Result<Checkpoint> {
  const { origin } = charter.charter.relay
  return openCheckpoint({ note, origin, vkey: vkeyFor(charter, note), primitives })
}
