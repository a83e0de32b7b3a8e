import { keyEndAfter } from '@chancery/protocol'
import type { LogStore } from '@chancery/store'
import type { Log } from './log.ts'
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
 * different places soon share the same frames. None reaches past the end of a key of the log.
 */
export function createFrames(log: Pick<Log, 'store' | 'charter'>, frameBytesMax: number) {
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
    const { frame, isOwn } = makeFrame(log, { from, carrier, frameBytesMax })
    return keep(isOwn ? own : shared, frame)
  }
}

function makeFrame(
  { store, charter }: Pick<Log, 'store' | 'charter'>,
  { from, carrier, frameBytesMax }: { from: number; carrier: Carrier; frameBytesMax: number },
): { frame: Frame; isOwn: boolean } {
  const deliveries = deliveriesFrom(store, { from, carrier, frameBytesMax })
  const reach = Math.min(from + deliveries.length, keyEndAfter(charter, from) ?? Infinity)
  const { to, note } = endOf(store, from, reach)
  const within = deliveries.slice(0, to - from)
  const text = `{"checkpoint":${JSON.stringify(note)},"entries":[${within.map(each => each.text).join(',')}]}`
  return { frame: { bytes: Buffer.from(text), to, holders: 0 }, isOwn: within.some(each => each.isForSome) }
}

type Delivered = { readonly text: string; readonly isForSome: boolean }

/**
 * As many as fit. Only what the reader is sent is counted: a frame that ended where the stored bytes are many would
 * tell how large something is that the reader may not see.
 */
function deliveriesFrom(
  store: LogStore,
  { from, carrier, frameBytesMax }: { from: number; carrier: Carrier; frameBytesMax: number },
): readonly Delivered[] {
  const deliveries: Delivered[] = []
  let bytes = 0
  while (deliveries.length < entriesMax) {
    const countMax = entriesMax - deliveries.length
    const entries = store.range(from + deliveries.length, { countMax, bytesMax: frameBytesMax })
    if (entries.length === 0) break
    for (const entry of entries) {
      const text = formatDelivery(entry, carrier)
      bytes += text.length
      if (bytes > frameBytesMax && deliveries.length > 0) return deliveries
      deliveries.push({ text, isForSome: isForSome(entry) })
    }
  }
  return deliveries
}

/** The newest note within reach; where a batch is larger than a frame, the one that ends the batch. */
function endOf(store: LogStore, from: number, reach: number): { to: number; note: string } {
  const note = store.noteUpTo(reach)
  if (note !== undefined && note.size > from) return { to: note.size, note: note.note }
  return { to: reach, note: store.noteOver(reach)?.note ?? '' }
}
