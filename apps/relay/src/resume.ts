import { type Cursor, type ResumeAnswer, toBase64url } from '@chancery/protocol'

/** What a cursor is held against. `oldest` is the first index still kept. */
export type Resumable = {
  readonly epoch: string
  readonly size: number
  readonly oldest: number
  readonly leafAt: (index: number) => Uint8Array
}

/** spec/07-relay.md#stream: every cursor has exactly one of five answers. */
export function resume(cursor: Cursor | null, { epoch, size, oldest, leafAt }: Resumable): ResumeAnswer {
  const from = cursor?.size ?? 0
  if (cursor !== null && cursor.epoch !== epoch) return { answer: 'epoch-changed', epoch, size }
  if (from > size) return { answer: 'future', epoch, size }
  if (from < oldest) return { answer: 'outdated', epoch, oldest, size }
  const leaf = from === 0 ? undefined : toBase64url(leafAt(from - 1))
  if (leaf !== undefined && leaf !== cursor?.leaf) return { answer: 'fork', epoch, leaf, size }
  return { answer: 'ok', epoch, size }
}
