import { type Charter, canonical } from '@chancery/protocol'
import { refused } from '../refusal.ts'
import type { Keyring } from '../signer.ts'

/** A founder adopts only a charter that has exactly its keys, unchanged: none swapped, none added in its name. */
export function checkOwnKeys({ members }: Charter, { member, records, nextRoot }: Keyring): void {
  const index = members.findIndex(({ id }) => id === member)
  const held = members[index]
  if (held === undefined) throw refused('enrol.altered', '/members', `${member} is not in it`)
  if (held.next_root !== undefined && held.next_root !== nextRoot)
    throw refused('enrol.altered', `/members/${index}/next_root`, 'not the next root key of this member')
  const enrolled = new Map(records.map(record => [record.kid, canonical(record)]))
  const stray = held.keys.findIndex(key => enrolled.get(key.kid) !== canonical(key))
  if (stray >= 0)
    throw refused('enrol.altered', `/members/${index}/keys/${stray}`, 'not a key that this member enrolled')
  const missing = records.find(({ kid }) => !held.keys.some(key => key.kid === kid))
  if (missing !== undefined)
    throw refused('enrol.altered', `/members/${index}/keys`, `the ${missing.use} key is missing`)
}
