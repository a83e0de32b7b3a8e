import type { IncomingMessage } from 'node:http'
import { type Result, fail, ok } from '@chancery/protocol'

export type ReadBody = (request: IncomingMessage) => Promise<Result<Uint8Array>>

/**
 * Reads a body up to the bound, counting bytes as they come: what a header says of the length is only good for an early
 * no. All bodies together have a bound as well, so that many callers cannot fill the memory that one may not.
 */
export function createReadBody({ eachMax, allMax }: { readonly eachMax: number; readonly allMax: number }): ReadBody {
  let held = 0
  return async request => {
    const announced = Number(request.headers['content-length'] ?? 0)
    const encoded = request.headers['content-encoding'] !== undefined
    if (encoded) return fail('relay.bad-request', 'content-encoding', 'send it plain')
    if (!(announced <= eachMax)) return tooLarge(eachMax)
    const chunks: Uint8Array[] = []
    let size = 0
    try {
      for await (const chunk of request as AsyncIterable<Uint8Array>) {
        size += chunk.length
        held += chunk.length
        if (size > eachMax) return tooLarge(eachMax)
        if (held > allMax) return fail('relay.busy', undefined, 'too many bodies at once')
        chunks.push(chunk)
      }
      return ok(chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks))
    } catch {
      return fail('relay.bad-request', undefined, 'the body ended early')
    } finally {
      held -= size
    }
  }
}

const tooLarge = (max: number) => fail('bytes.too-large', '', `a body has at most ${max} bytes`)
