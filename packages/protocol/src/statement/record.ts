import { accede, approve, leave, propose, suspend } from '../charter/amend.ts'
import { type CharterState, adopt } from '../charter/fold.ts'
import { type PrekeyBody, type Recorded, publishPrekeys } from '../charter/prekeys.ts'
import { type Result, ok } from '../wire/failure.ts'
import type { Primitives } from '../wire/primitives.ts'
import type { KindName } from './kind.ts'
import { kinds } from './kinds.ts'
import type { AccedeBody, AmendBody, ApproveBody, SuspendBody } from './kinds/charter.ts'

/** The kinds that the charter is folded from, in the order of the table. */
export const recordKinds: readonly KindName[] = (Object.keys(kinds) as KindName[]).filter(
  name => 'ofRecord' in kinds[name],
)

/** What the fold takes of a statement that stands at an index: plain data, which can come from another thread. */
export type Entered = Recorded<unknown> & { readonly sid: string; readonly kind: KindName }

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
    default:
      return ok(charter)
  }
}

type Of<Body> = Entered & { readonly body: Body }
