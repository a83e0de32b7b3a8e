/** A statement as this question sees it: `lines` are the tear lines that the copy opens. */
export type Copy = {
  readonly sid: string
  readonly kind: string
  readonly iss: string
  readonly body: unknown
  readonly lines: readonly unknown[]
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
}

const proposalOf = (text: { readonly body: unknown } | undefined): string | undefined =>
  (text?.body as { readonly proposal?: string } | undefined)?.proposal

/** May this copy travel with that statement? What may not is neither kept nor shown. */
export const mayEnclose = (enclosing: Copy, enclosed: Copy, find: Find): boolean =>
  Object.hasOwn(rows, enclosing.kind) && rows[enclosing.kind]?.(enclosing, enclosed, find) === true

/** Kinds that carry copies at all. */
export const mayEncloseAny = (kind: string): boolean => Object.hasOwn(rows, kind)
