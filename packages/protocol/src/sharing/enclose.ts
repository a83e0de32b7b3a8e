/** A statement as this question sees it: `lines` are the tear lines that the copy opens. */
export type Copy = {
  readonly sid: string
  readonly kind: string
  readonly iss: string
  readonly body: unknown
  readonly lines: readonly { readonly label: string }[]
  /** Slices that the copy opens. No copy may: they are for their addressee, who has them from their author. */
  readonly slices?: readonly unknown[]
}

type Find = (sid: string) => { readonly body: unknown } | undefined
type Release = { readonly text: string; readonly joins: readonly string[] }

/**
 * THE table: which statement may carry a copy of which earlier one to its own readers, by the kind that carries it.
 * spec/07-relay.md#enclosures. `find` answers from what the reader holds, the copies before this one among it.
 */
const rows: Readonly<Record<string, (enclosing: Copy, enclosed: Copy, find: Find) => boolean>> = {
  // Whoever joins consents that a valid release opens its join to the readers of the release.
  'callout.release': ({ body }, { sid, lines }, find) => {
    const { text, joins } = body as Release
    const named = sid === text || joins.includes(sid)
    return lines.length === 0 && (named || proposalOf(find(text)) === sid)
  },
  // An author brings what it opens to its new readers.
  'tearline.open': ({ iss, body }, copy) => copy.iss === iss && isPart(body as Part, copy),
  // Whoever holds it may give it again to one that is entitled to it: the digests say that it is the same.
  resend: ({ body }, copy) => isPart(body as Part, copy),
  // What a grant lets its holder hand on, and no more.
  'release.use': ({ body }, copy, find) => {
    const { action, grant } = body as { readonly action: string; readonly grant: string }
    const granted = find(grant)?.body as Part | undefined
    return action === 'forward' && granted !== undefined && isPart(granted, copy)
  },
}

type Part = { readonly sid: string; readonly slots?: readonly string[] }

const isPart = ({ sid, slots = [] }: Part, copy: Copy): boolean =>
  copy.sid === sid && copy.lines.every(({ label }) => slots.includes(label))

const proposalOf = (text: { readonly body: unknown } | undefined): string | undefined =>
  (text?.body as { readonly proposal?: string } | undefined)?.proposal

/** May this copy travel with that statement? What may not is neither kept nor shown. */
export const mayEnclose = (enclosing: Copy, enclosed: Copy, find: Find): boolean =>
  (enclosed.slices ?? []).length === 0 &&
  Object.hasOwn(rows, enclosing.kind) &&
  rows[enclosing.kind]?.(enclosing, enclosed, find) === true

/** Kinds that carry copies at all. */
export const mayEncloseAny = (kind: string): boolean => Object.hasOwn(rows, kind)
