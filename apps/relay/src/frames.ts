import type { LogStore, StoredEntry } from '@chancery/store'
import { type Carrier, formatDelivery, isForSome } from './deliver.ts'

/**
 * Bytes of one frame, and the log size that a reader has after it. Every socket it is sent to shares the bytes;
 * `holders` counts those that have not taken them yet, and is the outbox's to change.
 */
export type Frame = { readonly bytes: Buffer; readonly to: number; holders: number }

const entriesMax = 512
const cachedBytesMax = 16 * 1_048_576

/**
 * Frames of the log from a size on, for all of one clearance, or for one member where some of it is for some. A frame
 * ends where a checkpoint was signed, and carries it, unless the bound on bytes comes first; so readers who began at
 * different places soon share the same frames.
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
  return (from: number, carrier: Carrier): Frame => {
    const [shared, own] = [`${carrier.clearance} ${from}`, `${carrier.clearance} ${from} ${carrier.member}`]
    const known = cached.get(shared) ?? cached.get(own)
    // The edge of the log moves: a short frame made there is made again only for who is still behind it.
    if (known !== undefined) return known
    const { frame, isOwn } = makeFrame(store, { from, carrier, frameBytesMax })
    return keep(isOwn ? own : shared, frame)
  }
}

function makeFrame(
  store: LogStore,
  { from, carrier, frameBytesMax }: { from: number; carrier: Carrier; frameBytesMax: number },
): { frame: Frame; isOwn: boolean } {
  const entries = store.range(from, { countMax: entriesMax, bytesMax: frameBytesMax })
  const { to, note } = endOf(store, from, from + entries.length)
  const within = entries.slice(0, to - from)
  const text = frameText(note, within, carrier)
  return { frame: { bytes: Buffer.from(text), to, holders: 0 }, isOwn: within.some(isForSome) }
}

/** The newest note within reach; where a batch is larger than a frame, the one that covers the frame. */
function endOf(store: LogStore, from: number, reach: number): { to: number; note: string } {
  const note = store.noteUpTo(reach)
  if (note !== undefined && note.size > from) return { to: note.size, note: note.note }
  return { to: reach, note: store.head?.note ?? '' }
}

function frameText(note: string, entries: readonly StoredEntry[], carrier: Carrier): string {
  const deliveries = entries.map(entry => formatDelivery(entry, carrier))
  return `{"checkpoint":${JSON.stringify(note)},"entries":[${deliveries.join(',')}]}`
}
