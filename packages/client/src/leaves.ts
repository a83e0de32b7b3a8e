import { type Hash, type HashReader, type Sha256, assert, equalBytes, nodeHash, rootAt } from '@chancery/protocol'

/** A leaf as the signed root has it; undefined where the hashes held do not lead there. */
export type LeafOf = (index: number) => Hash | undefined

type Tree = { readonly sha256: Sha256; readonly size: number; readonly root: Hash; readonly read: HashReader }

/**
 * Leaves by their way down from a signed root. A hash is believed once it and its sibling give the one above them, so
 * each is checked once: all leaves cost two hashes each, and a single one as many as its proof.
 */
export function signedLeaves({ sha256, size, root, read }: Tree): LeafOf {
  const known = new Map<number, Hash>()
  const readPeak: HashReader = (level, index) => {
    const hash = read(level, index)
    known.set(placeOf(level, index), hash)
    return hash
  }
  const leads = equalBytes(rootAt({ sha256, size, read: readPeak }), root)

  function hashAt(level: number, index: number): Hash | undefined {
    const place = placeOf(level, index)
    const hash = known.get(place)
    if (hash !== undefined) return hash
    const above = hashAt(level + 1, Math.floor(index / 2))
    if (above === undefined) return undefined
    const first = index - (index % 2)
    const [left, right] = [read(level, first), read(level, first + 1)]
    if (!equalBytes(nodeHash(sha256, left, right), above)) return undefined
    known.set(placeOf(level, first), left).set(placeOf(level, first + 1), right)
    return known.get(place)
  }

  return index => {
    assert(index < size, 'a leaf is asked for that the log has')
    return leads ? hashAt(0, index) : undefined
  }
}

/** One number for a node of the tree: an index has 53 bits at most, and a log in one file far fewer. */
const placeOf = (level: number, index: number): number => index * 64 + level
