import type { CharterState } from '../charter/fold.ts'
import type { Primitives } from '../wire/primitives.ts'
import { type BundleFile, type HashedBundle, hashBundle } from './bundles.ts'
import type { FolderFiles } from './files.ts'
import { type Placement, type JudgedLot, openLots } from './lots.ts'

/** What a part of an audit is done with. */
export type Desk = { readonly files: FolderFiles; readonly primitives: Primitives }

/** The log that has led to the signed root: the same for all lots of an audit. It can be sent to another thread. */
export type Scene = {
  /** Whom the folder is for, as its manifest says. */
  readonly reader: string
  /** The signed checkpoint, as it came. */
  readonly checkpoint: string
  readonly size: number
  /** Hashes of complete subtrees, level by level, each level side by side. */
  readonly levels: readonly Uint8Array[]
}

/**
 * Who does the work of an audit that can be done in parts: a program with threads hands its own in. Parts are
 * functions of what they are given and of the folder's files, so where they are done is not seen in the report.
 */
export type Crew = {
  /** How many parts may be under way at once. */
  readonly ways: number
  readonly hash: (bundle: BundleFile) => Promise<HashedBundle>
  readonly open: (scene: Scene) => (charter: CharterState, lot: readonly Placement[]) => Promise<JudgedLot>
}

/** All of it on the calling thread. */
export const ownCrew = (desk: Desk): Crew => ({
  ways: 1,
  hash: async bundle => hashBundle(desk, bundle),
  open: scene => {
    const judge = openLots(desk, scene)
    return async (charter, lot) => judge(charter, lot)
  },
})

/** Does parts as they become free, and takes the results in the order of the parts. A result of false ends it. */
export async function inTurn<Part, Done>(
  ways: number,
  parts: Iterable<Part>,
  work: { readonly start: (part: Part) => Promise<Done>; readonly take: (done: Done, part: Part) => boolean | void },
): Promise<boolean> {
  const waiting: { readonly part: Part; readonly done: Promise<Done> }[] = []
  const takeFirst = async (): Promise<boolean> => {
    const first = waiting.shift()
    return first === undefined || work.take(await first.done, first.part) !== false
  }
  for (const part of parts) {
    const done = work.start(part)
    // A part that throws is heard when its turn comes; until then it is not unhandled.
    done.catch(() => undefined)
    waiting.push({ part, done })
    if (waiting.length >= ways && !(await takeFirst())) return false
  }
  while (waiting.length > 0) if (!(await takeFirst())) return false
  return true
}
