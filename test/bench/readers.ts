import { once } from 'node:events'
import { type Socket, connect } from 'node:net'

/**
 * Many WebSocket readers in one process, as cheap as can be: they take bytes off the socket, step from frame to frame
 * and look at no more than says how far they are. Started by the bench; the same readers serve both sides.
 */
export type Task = {
  readonly port: number
  /** The upgrade request of each reader, as sent. */
  readonly upgrades: readonly string[]
  /** The first message to a relay; then progress is the size in each checkpoint. Without it, progress is bytes. */
  readonly hello?: string
  /** Rising; each is reported when all readers have come so far. */
  readonly marks: readonly number[]
}
/** Bytes that all readers together have read since they were opened. */
export type Report = { readonly bytes: number }

type Reader = {
  readonly socket: Socket
  upgraded: boolean
  /** Bytes of a frame's beginning, and bytes of a frame that are still to come. */
  rest: Buffer
  skip: number
  bytes: number
  /** Size that the last frame says, and that was reached when all of it was here. */
  size: number
  progress: number
}
type Frame = { readonly opcode: number; readonly head: number; readonly length: number }

/** One buffer for all: what is read is looked at before the next read. */
const shared = Buffer.allocUnsafe(1_048_576)
const none = Buffer.alloc(0)
const opcodes = { close: 8, ping: 9 }
/** Of a payload, enough to hold the size in a checkpoint of the bench. */
const glance = 160

process.on('message', (task: Task) => {
  const readers: Reader[] = []
  const behind = task.marks.map(() => task.upgrades.length)
  const moved = (reader: Reader, progress: number): void => {
    for (const [i, mark] of task.marks.entries()) {
      if (reader.progress >= mark || progress < mark) continue
      behind[i] = (behind[i] ?? 0) - 1
      if (behind[i] === 0) report({ bytes: readers.reduce((sum, { bytes }) => sum + bytes, 0) })
    }
    reader.progress = progress
  }
  void openAll({ task, moved }, readers)
})

const report = (said: Report): void => void process.send?.(said)

/** One after the other: the backlog of a listener is short. */
async function openAll(follow: Follow, readers: Reader[]): Promise<void> {
  for (const upgrade of follow.task.upgrades) {
    const onread = {
      buffer: shared,
      callback(length: number): boolean {
        take(reader, shared.subarray(0, length), follow)
        return true
      },
    }
    const socket = connect({ port: follow.task.port, host: '127.0.0.1', noDelay: true, onread })
    const reader: Reader = { socket, upgraded: false, rest: none, skip: 0, bytes: 0, size: -1, progress: -1 }
    readers.push(reader)
    await once(socket, 'connect')
    socket.on('close', () => process.exit(1))
    socket.write(upgrade)
  }
}

type Follow = { readonly task: Task; readonly moved: (reader: Reader, progress: number) => void }

function take(reader: Reader, chunk: Buffer, follow: Follow): void {
  if (!reader.upgraded) return upgraded(reader, chunk, follow)
  if (follow.task.hello === undefined) {
    reader.bytes += chunk.length
    return follow.moved(reader, reader.bytes)
  }
  step(reader, reader.rest.length === 0 ? chunk : Buffer.concat([reader.rest, chunk]), follow)
}

function upgraded(reader: Reader, chunk: Buffer, follow: Follow): void {
  const said = Buffer.concat([reader.rest, chunk])
  const end = said.indexOf('\r\n\r\n')
  reader.rest = end < 0 ? said : none
  if (end < 0) return
  if (!said.toString('latin1').startsWith('HTTP/1.1 101 ')) throw new Error(said.toString('latin1', 0, 400))
  reader.upgraded = true
  const { hello } = follow.task
  if (hello === undefined) return follow.moved(reader, 0)
  reader.socket.write(masked(1, hello))
}

/** From one frame to the next; what of a frame's beginning has not come yet waits for the next read. */
function step(reader: Reader, bytes: Buffer, { moved }: Follow): void {
  let at = Math.min(reader.skip, bytes.length)
  reader.skip -= at
  reader.rest = none
  const arrived = (): void => {
    if (reader.skip === 0 && reader.size > reader.progress) moved(reader, reader.size)
  }
  arrived()
  while (at < bytes.length) {
    const frame = frameAt(bytes, at)
    if (frame === undefined || bytes.length - at < frame.head + Math.min(frame.length, glance)) break
    const { opcode, head, length } = frame
    if (opcode === opcodes.close) throw new Error(`a reader was cut: ${bytes.toString('latin1', at, at + 200)}`)
    if (opcode === opcodes.ping) reader.socket.write(masked(10, ''))
    const text = bytes.toString('latin1', at + head, at + head + Math.min(length, glance))
    const size = Number(/^\{"checkpoint":"[^\\]*\\n(\d+)\\n/.exec(text)?.[1] ?? -1)
    if (size >= 0) reader.bytes += head + length
    const here = Math.min(head + length, bytes.length - at)
    reader.skip = head + length - here
    reader.size = size
    at += here
    arrived()
  }
  if (at < bytes.length) reader.rest = Buffer.from(bytes.subarray(at))
}

function frameAt(bytes: Buffer, at: number): Frame | undefined {
  if (bytes.length - at < 10) return undefined
  const [opcode, short] = [bytes.readUInt8(at) & 15, bytes.readUInt8(at + 1) & 127]
  if (short < 126) return { opcode, head: 2, length: short }
  if (short === 126) return { opcode, head: 4, length: bytes.readUInt16BE(at + 2) }
  return { opcode, head: 10, length: Number(bytes.readBigUInt64BE(at + 2)) }
}

/** A client's frame is masked; with zeros, which change nothing. */
function masked(opcode: number, text: string): Buffer {
  const payload = Buffer.from(text)
  const head = payload.length < 126 ? [payload.length | 128] : [126 | 128, payload.length >> 8, payload.length & 255]
  return Buffer.concat([Buffer.of(opcode | 128, ...head, 0, 0, 0, 0), payload])
}
