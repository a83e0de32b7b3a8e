import type { Tlp } from '@chancery/protocol'
import type { LogStore, StoredEntry } from '@chancery/store'
import { formatDelivery } from './deliver.ts'

/**
 * Bytes of one frame, and the log size that a reader has after it. Every socket it is sent to shares the bytes;
 * `holders` counts those that have not taken them yet, and is the outbox's to change.
 */
export type Frame = { readonly bytes: Buffer; readonly to: number; holders: number }

const entriesMax = 512
const cachedBytesMax = 16 * 1_048_576

/**
 * Frames of the log from a size on, for a clearance. A frame ends where a checkpoint was signed, and carries it, unless
 * the bound on bytes comes first; so readers who began at different places soon share the same frames.
 */
export function createFrames(store: LogStore, frameBytesMax: number) {
  const cached = new Map<string, Frame>()
  let cachedBytes = 0
  const keep = (name: string, frame: Frame): Frame => {
    if (cachedBytes + frame.bytes.length > cachedBytesMax) {
      cached.clear()
      cachedBytes = 0
    }
    cached.set(name, frame)
    cachedBytes += frame.bytes.length
    return frame
  }
  return (from: number, clearance: Tlp): Frame => {
    const name = `${clearance} ${from}`
    const known = cached.get(name)
    // The edge of the log moves: a short frame made there is made again only for who is still behind it.
    return known ?? keep(name, makeFrame(store, { from, clearance, frameBytesMax }))
  }
}

function makeFrame(
  store: LogStore,
  { from, clearance, frameBytesMax }: { from: number; clearance: Tlp; frameBytesMax: number },
): Frame {
  const entries = store.range(from, { countMax: entriesMax, bytesMax: frameBytesMax })
  const { to, note } = endOf(store, from, from + entries.length)
  const text = frameText(note, entries.slice(0, to - from), clearance)
  return { bytes: Buffer.from(text), to, holders: 0 }
}

/** The newest note within reach; where a batch is larger than a frame, the one that covers the frame. */
function endOf(store: LogStore, from: number, reach: number): { to: number; note: string } {
  const note = store.noteUpTo(reach)
  if (note !== undefined && note.size > from) return { to: note.size, note: note.note }
  return { to: reach, note: store.head?.note ?? '' }
}

function frameText(note: string, entries: readonly StoredEntry[], clearance: Tlp): string {
  const deliveries = entries.map(entry => formatDelivery(entry, clearance))
  return `{"checkpoint":${JSON.stringify(note)},"entries":[${deliveries.join(',')}]}`
}
