import {
  type CharterState,
  type Entry,
  type FailureCode,
  type Tlp,
  type Verified,
  anyAllowed,
  fromTheStart,
  isOf,
  keysFor,
  nodeReaders,
  slotsOf,
  tagScanner,
  toBase64url,
} from '@chancery/protocol'
import type { Mirror } from './mirror.ts'

/** A sealed container that gave nothing although it was for us. It holds nobody up: the tear lines stay withheld. */
export type BadSeal = { readonly index: number; readonly tlp: string; readonly code: string }

/** A statement that holds under a tag that is not its signer's. The relay cannot check tags: refusing would stop us. */
export type BadTag = { readonly index: number; readonly iss: string; readonly sid: string }

/** A tear line that the charter clears us for and that did not open, whoever left it out. */
export type NotDelivered = { readonly index: number; readonly label: string; readonly tlp: Tlp }

/** An entry tagged with a key of ours whose statement is withheld from us. */
export type ForeignUse = { readonly index: number; readonly kid: string }

/** Keys to seal to that were published in our name, and whose private part is not here. */
export type StrangeKey = { readonly index: number; readonly kid: string }
/** A sealed entry for us that does not hold. It is kept as withheld, and nothing of it is acted on or shown as said. */
export type Unsound = {
  readonly index: number
  readonly code: FailureCode
  readonly at?: string
  /** Two statements of one number of one chain: with their entries they convict their author before anyone. */
  readonly twins?: { readonly first: string; readonly second: string }
  /** A statement whose author had seen another log than this one: with the note that it names it shows who lied. */
  readonly sawOther?: { readonly jws: string; readonly size: number }
}

/** A copy beside a statement that is not one of what it may carry. */
export type BadCopy = {
  readonly index: number
  readonly code: FailureCode
  readonly at: string
  /** Of what may not be handed on: to whom, and by which rule. */
  readonly why?: string
}

/** A statement that a later one has opened to us. */
export type OpenedLate = { readonly index: number; readonly by: number; readonly statement: Verified }

/** A statement signed with a key of ours that this node did not send. */
export type NotOurs = { readonly index: number; readonly kid: string; readonly sid: string }

/** What a member is told of entries that are kept: spec/07-relay.md#follow. */
export type Notices = {
  readonly badSeals: readonly BadSeal[]
  readonly badTags: readonly BadTag[]
  readonly notDelivered: readonly NotDelivered[]
  readonly foreignUse: readonly ForeignUse[]
  readonly strangeKeys: readonly StrangeKey[]
  readonly unsound: readonly Unsound[]
  readonly badCopies: readonly BadCopy[]
  readonly openedLate: readonly OpenedLate[]
  readonly notOurs: readonly NotOurs[]
}

/** Slots for a reader whose keys are held here that this copy does not open. */
export function unopened(
  { member, charter, openKeys }: Pick<Mirror, 'member' | 'charter' | 'openKeys'>,
  statement: Verified,
  index: number,
): NotDelivered[] {
  // An author keeps its own copy, whole.
  if (statement.iss === member) return []
  const open = new Set(statement.lines.map(({ label }) => label))
  const persons = openKeys.some(({ kid }) => charter.keys.get(kid)?.record.person !== undefined)
  const readers = nodeReaders(charter, member, persons)
  return slotsOf(statement)
    .filter(([label, slot]) => !open.has(label) && anyAllowed(slot, readers, 'see', fromTheStart))
    .map(([label, { handling }]) => ({ index, label, tlp: handling.tlp }))
}

/** The keys of a member that sign statements. */
export const signingKids = (charter: CharterState, member: string): string[] =>
  [...keysFor(charter, [member], 'root'), ...keysFor(charter, [member], 'sign')].map(({ record }) => record.kid)

/** Those of our keys that a withheld entry is tagged with. */
export function usesOf(
  mirror: Pick<Mirror, 'primitives' | 'tagKey' | 'member'>,
  { entry, charter, index }: { entry: Entry; charter: CharterState; index: number },
): ForeignUse[] {
  if (entry.form === 'open') return []
  return scannerOf(mirror, charter)(entry).map(kid => ({ index, kid }))
}

type Scanner = ReturnType<typeof tagScanner>
/** A charter state is never changed in place, and a node reads thousands of entries under one. */
const scanners = new WeakMap<CharterState, { readonly by: string; readonly scan: Scanner }>()

function scannerOf({ primitives, tagKey, member }: Parameters<typeof usesOf>[0], charter: CharterState): Scanner {
  if (tagKey === undefined) return () => []
  const by = `${member} ${toBase64url(tagKey)}`
  const known = scanners.get(charter)
  if (known?.by === by) return known.scan
  const scan = tagScanner({ sha256: primitives.sha256, tagKey }, signingKids(charter, member))
  scanners.set(charter, { by, scan })
  return scan
}

/** Another process of this node may have made them: all keys are asked for before one is called strange. */
export async function strangersIn(mirror: Mirror, statement: Verified, index: number): Promise<StrangeKey[]> {
  if (!isOf(statement, 'key.prekey') || statement.iss !== mirror.member) return []
  const strangers = (): StrangeKey[] => {
    const held = new Set(mirror.openKeys.map(({ kid }) => kid))
    return statement.body.keys.flatMap(({ kid }) => (held.has(kid) ? [] : [{ index, kid }]))
  }
  if (strangers().length > 0 && mirror.reopen !== undefined) mirror.openKeys = await mirror.reopen()
  return strangers()
}
