import type { Command } from '../cli.ts'
import { abort } from './abort.ts'
import { board } from './board.ts'
import { charterAdopt } from './charter-adopt.ts'
import { charterAmend } from './charter-amend.ts'
import { charterApprove } from './charter-approve.ts'
import { charterAssemble } from './charter-assemble.ts'
import { charterAccede, charterClose, charterEndorse, charterLeave, charterSuspend } from './charter-members.ts'
import { charterShow } from './charter-show.ts'
import { decline } from './decline.ts'
import { deny } from './deny.ts'
import { draft } from './draft.ts'
import { enrol } from './enrol.ts'
import { excluded } from './excluded.ts'
import { exportEvidence } from './export.ts'
import { forward } from './forward.ts'
import { grant } from './grant.ts'
import { handling } from './handling.ts'
import { notesOf, optionsOf } from './help.ts'
import { init } from './init.ts'
import { join } from './join.ts'
import { keyAdd, keyList, keyRevoke, keyRotateRoot, reaffirm } from './keys.ts'
import { mandateGrant, mandateRevoke } from './mandates.ts'
import { open } from './open.ts'
import { publish } from './publish.ts'
import { receipts } from './receipts.ts'
import { release } from './release.ts'
import { requestRelease } from './request-release.ts'
import { rotate } from './rotate.ts'
import { run } from './run.ts'
import { show } from './show.ts'
import { spill } from './spill.ts'
import { use } from './use.ts'
import { why } from './why.ts'
import { withdraw } from './withdraw.ts'

const verbs: readonly Command[] = [
  init,
  enrol,
  charterAssemble,
  charterApprove,
  charterAdopt,
  charterShow,
  charterAmend,
  charterEndorse,
  charterAccede,
  charterSuspend,
  charterLeave,
  charterClose,
  draft,
  publish,
  run,
  rotate,
  keyAdd,
  keyRevoke,
  keyRotateRoot,
  keyList,
  mandateGrant,
  mandateRevoke,
  reaffirm,
  board,
  show,
  handling,
  why,
  join,
  decline,
  withdraw,
  release,
  abort,
  excluded,
  requestRelease,
  grant,
  deny,
  forward,
  use,
  open,
  receipts,
  spill,
  exportEvidence,
]

/** The verbs, in the order in which a member meets them, each with what help says of its options. */
export const commands: readonly Command[] = verbs.map(command => ({
  ...command,
  explains: optionsOf(command.verb),
  notes: notesOf(command.verb),
}))
