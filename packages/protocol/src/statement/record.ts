import { accede, approve, close, leave, propose, suspend } from '../charter/amend.ts'
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
import type { AccedeBody, AmendBody, ApproveBody, SuspendBody } from './kinds/charter.ts'
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
  // The kind's own schema has passed: `verify` came before.
  switch (kind) {
    case 'charter.adopt':
      return adopt(charter, iss, index)
    case 'key.prekey':
      return publishPrekeys(primitives, charter, entered as Recorded<PrekeyBody>)
    case 'charter.amend':
      return propose(primitives, charter, entered as Of<AmendBody>)
    case 'charter.approve':
      return approve(charter, entered as Of<ApproveBody>)
    case 'member.accede':
      return accede(charter, entered as Of<AccedeBody>)
    case 'member.suspend':
      return suspend(charter, entered as Of<SuspendBody>)
    case 'member.withdraw':
      return ok(leave(charter, entered))
    case 'log.close':
      return ok(close(charter, entered))
    case 'key.add':
      return addKeys(primitives, charter, entered as Recorded<KeyAddBody>)
    case 'key.revoke':
      return revokeKey(charter, entered as Recorded<KeyRevokeBody>)
    case 'key.rotate-root':
      return rotateRoot(primitives, charter, entered as Recorded<RotateRootBody>)
    case 'mandate.grant':
      return grantMandate(charter, entered as Recorded<MandateBody>)
    case 'mandate.revoke':
      return revokeMandate(charter, entered as Recorded<MandateRevokeBody>)
    case 'statement.reaffirm':
      return ok(reaffirm(charter, entered as Recorded<ReaffirmBody>))
    default:
      return ok(charter)
  }
}

type Of<Body> = Entered & { readonly body: Body }
