import { closeSync, openSync, readFileSync, readSync } from 'node:fs'

/** A text in every form in which a program of ours holds it: as it is, as UTF-16, and inside base64url. */
export function formsOf(text: string): readonly Buffer[] {
  const bytes = Buffer.from(text)
  const inside = [0, 1, 2].map(shift => {
    const padded = Buffer.concat([Buffer.alloc(shift), bytes])
    const whole = padded.subarray(0, padded.length - (padded.length % 3))
    // Characters that are made of these bytes alone.
    return Buffer.from(whole.toString('base64url').slice([0, 2, 3][shift]))
  })
  return [bytes, Buffer.from(text, 'utf16le'), ...inside]
}

export const holds = (haystack: Buffer, text: string): boolean =>
  formsOf(text).some(form => haystack.indexOf(form) >= 0)

const pieceBytes = 16 * 1_048_576
/** Longer than any form that is looked for: what lies across two pieces is found in one of them. */
const overlap = 4_096

/** Which of the texts stand in the memory of a running process: all of it that can be written to. */
export function foundInMemory(pid: number, texts: readonly string[]): ReadonlySet<string> {
  const found = new Set<string>()
  const memory = openSync(`/proc/${pid}/mem`, 'r')
  try {
    for (const piece of piecesOf(pid, memory)) {
      for (const text of texts) if (!found.has(text) && holds(piece, text)) found.add(text)
    }
  } finally {
    closeSync(memory)
  }
  return found
}

function* piecesOf(pid: number, memory: number): Iterable<Buffer> {
  for (const line of readFileSync(`/proc/${pid}/maps`, 'latin1').split('\n')) {
    const [, first, last, mode] = /^([0-9a-f]+)-([0-9a-f]+) (\S+)/.exec(line) ?? []
    if (first === undefined || last === undefined || mode?.startsWith('rw') !== true) continue
    const [from, to] = [parseInt(first, 16), parseInt(last, 16)]
    for (let at = from; at < to; at += pieceBytes) yield readAt(memory, at, Math.min(pieceBytes + overlap, to - at))
  }
}

/** As far as it can be read: a page that is gone meanwhile holds nothing. */
function readAt(memory: number, at: number, length: number): Buffer {
  const piece = Buffer.alloc(length)
  try {
    return piece.subarray(0, readSync(memory, piece, 0, length, at))
  } catch {
    return piece.subarray(0, 0)
  }
}
