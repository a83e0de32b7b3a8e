import {
  type Hash,
  type Result,
  createTree,
  entryCommitsTo,
  fail,
  followCheckpoint,
  fromBase64url,
  leafHash,
  ok,
  openCheckpoint,
  openTiles,
  parseTilePath,
  portablePrimitives as primitives,
  portableSha256 as sha256,
  readEntry,
  readEntryBundle,
  readReceipt,
  sealedEntry,
  tilePath,
  tilesForSize,
  toBase64url,
  verifyInclusion,
  verifyNote,
  verifyReceipt,
} from '@chancery/protocol'
import { z } from 'zod'

/** How a case of spec/vectors/log is run: `given` to a Result whose value has bytes as base64url. */
export const logChecks: Record<string, (given: unknown) => Result<unknown>> = {
  logRoot: given => {
    const tree = createTree(sha256)
    for (const entry of Root.parse(given).entries) tree.append(leafHash(sha256, entry))
    return ok({ root: toBase64url(tree.root()) })
  },
  logInclusion: given =>
    verifyInclusion({ sha256, ...Inclusion.parse(given) }) ? ok(undefined) : fail('log.bad-proof'),
  logConsistency: given => shown(followCheckpoint({ sha256, ...Consistency.parse(given) }), () => undefined),
  logNote: given => {
    const { note, vkey } = Note.parse(given)
    return shown(verifyNote({ text: note, vkey, primitives }), ({ text }) => ({ text }))
  },
  logCheckpoint: given =>
    shown(openCheckpoint({ ...Checkpoint.parse(given), primitives }), ({ origin, size, root }) => ({
      origin,
      size,
      root: toBase64url(root),
    })),
  logTiles: given => checkTiles(Tiles.parse(given)),
  logReceipt: given => {
    const { receipt, ...rest } = ReceiptGiven.parse(given)
    const read = readReceipt(receipt)
    if (!read.ok) return read
    const held = verifyReceipt({ receipt: read.value, ...rest, primitives })
    return shown(held, ({ index, checkpoint }) => ({ index, size: checkpoint.size }))
  },
  logEntry: given => checkEntry(EntryGiven.parse(given)),
}

const shown = <T>(result: Result<T>, show: (value: T) => unknown): Result<unknown> =>
  result.ok ? ok(show(result.value)) : result

const Bytes = z.string().transform((text, context): Hash => {
  const bytes = fromBase64url(text)
  if (bytes === undefined) context.addIssue('not base64url')
  return bytes ?? new Uint8Array(0)
})
const View = z.strictObject({ origin: z.string(), size: z.number(), root: Bytes })

const Root = z.strictObject({ entries: z.array(Bytes) })
const Inclusion = z.strictObject({
  leaf: Bytes,
  index: z.number(),
  size: z.number(),
  proof: z.array(Bytes),
  root: Bytes,
})
const Consistency = z.strictObject({ known: View, next: View, proof: z.array(Bytes) })
const Note = z.strictObject({ note: z.string(), vkey: z.string() })
const Checkpoint = z.strictObject({ note: z.string(), origin: z.string(), vkey: z.string() })
const ReceiptGiven = z.strictObject({ receipt: z.string(), entry: Bytes, origin: z.string(), vkey: z.string() })

const Tiles = z.union([
  z.strictObject({ path: z.string() }),
  z.strictObject({ bundle: Bytes, width: z.number() }),
  z.strictObject({ size: z.number(), root: Bytes, tiles: z.record(z.string(), Bytes) }),
  z.strictObject({ size: z.number() }),
])

function checkTiles(given: z.infer<typeof Tiles>): Result<unknown> {
  if ('path' in given) return parseTilePath(given.path)
  if ('bundle' in given)
    return shown(readEntryBundle(given.bundle, given.width), entries => ({ entries: entries.map(toBase64url) }))
  if (!('tiles' in given)) return ok({ paths: tilesForSize(given.size).map(tilePath) })
  const { size, root, tiles } = given
  const tile = (level: number, index: number, width: number) => tiles[tilePath({ level, index, width })]
  return shown(openTiles({ sha256, size, root, tile }), () => undefined)
}

const EntryGiven = z.union([
  z.strictObject({ sid: z.string(), signature: Bytes, tagKey: Bytes, kid: z.string() }),
  z.strictObject({ entry: Bytes, jws: z.string(), kid: z.string(), tagKey: Bytes.optional() }),
  z.strictObject({ entry: Bytes }),
])

function checkEntry(given: z.infer<typeof EntryGiven>): Result<unknown> {
  if ('sid' in given) return ok({ entry: toBase64url(sealedEntry({ sha256, ...given })) })
  if ('jws' in given) {
    const { tagKey, ...rest } = given
    return shown(entryCommitsTo({ sha256, ...rest, ...(tagKey !== undefined && { tagKey }) }), () => undefined)
  }
  return shown(readEntry(given.entry), entry => {
    if (entry.form === 'open') return entry
    return { form: entry.form, commitment: toBase64url(entry.commitment), tag: toBase64url(entry.tag) }
  })
}
