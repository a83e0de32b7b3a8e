import { type CharterState, adopt } from '../charter/fold.ts'
import { type ReaffirmBody, reaffirm } from '../charter/disputes.ts'
import {
  type KeyAddBody,
  type KeyRevokeBody,
  type RotateRootBody,
  addKeys,
  revokeKey,
  rotateRoot,
} from '../charter/keys-over-time.ts'
import { type MandateBody, type MandateRevokeBody, grantMandate, revokeMandate } from '../charter/mandates.ts'
import { type PrekeyBody, type Recorded, publishPrekeys } from '../charter/prekeys.ts'
import { type Result, ok } from '../wire/failure.ts'
import type { Primitives } from '../wire/primitives.ts'
import type { KindName } from './kind.ts'
import { kinds } from './kinds.ts'
import type { Verified } from './verify.ts'

/** The kinds that the charter is folded from, in the order of the table. */
export const recordKinds: readonly KindName[] = (Object.keys(kinds) as KindName[]).filter(
  name => 'ofRecord' in kinds[name],
)

/** What the fold takes of a statement that stands at an index: plain data, which can come from another thread. */
export type Entered = Recorded<unknown> & { readonly kind: KindName }

/** What the fold takes of a statement. */
export const enteredOf = ({ sid, kind, iss, kid, body, claims: { iat } }: Verified, index: number): Entered => ({
  sid,
  kind,
  iss,
  kid,
  iat,
  index,
  body,
})

/** The charter after one more statement. The same at relay, node and auditor: spec/13-keys-over-time.md#fold. */
export function withRecord(primitives: Primitives, charter: CharterState, entered: Entered): Result<CharterState> {
  const { sid, kind, iss, index } = entered
  if (sid === charter.genesis) return ok(charter)
  if (kind === 'charter.adopt') return adopt(charter, iss, index)
  // The kind's own schema has passed: `verify` came before.
  if (kind === 'key.prekey') return publishPrekeys(primitives, charter, entered as Recorded<PrekeyBody>)
  if (kind === 'key.add') return addKeys(primitives, charter, entered as Recorded<KeyAddBody>)
  if (kind === 'key.revoke') return revokeKey(charter, entered as Recorded<KeyRevokeBody>)
  if (kind === 'key.rotate-root') return rotateRoot(primitives, charter, entered as Recorded<RotateRootBody>)
  if (kind === 'mandate.grant') return grantMandate(charter, entered as Recorded<MandateBody>)
  if (kind === 'mandate.revoke') return revokeMandate(charter, entered as Recorded<MandateRevokeBody>)
  if (kind === 'statement.reaffirm') return ok(reaffirm(charter, entered as Recorded<ReaffirmBody>))
  return ok(charter)
}
