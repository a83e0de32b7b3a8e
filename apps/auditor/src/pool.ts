import * as crypto from 'node:crypto'
import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import { type Jwk, type Primitives, type SignatureCheck, nodePrimitives } from '@chancery/protocol'

/** Some signatures in one message: `places` has alg, key, and where message and signature end, for each. */
export type Batch = {
  readonly keys: readonly Jwk[]
  readonly places: Int32Array
  readonly bytes: Uint8Array<ArrayBuffer>
}
/** One byte a signature, 1 where it holds. */
export type Verdicts = Uint8Array<ArrayBuffer>

export const placeWidth = 4
export const algs = ['EdDSA', 'ES256', 'ES384'] as const

/** A message between threads costs as much as a third of a signature: one is sent for so many. */
const batchMax = 32

type Waiting = {
  readonly check: SignatureCheck
  readonly settle: (holds: boolean) => void
  readonly fail: (error: Error) => void
}

export type Pool = { readonly primitives: Primitives; readonly close: () => Promise<void> }

/** Signatures on every core, by threads of this program: the same verifier as in this one, called in batches. */
export function openPool(threads = availableParallelism()): Pool {
  const own = nodePrimitives(crypto)
  const workers = Array.from({ length: threads }, openWorker)
  let waiting: Waiting[] = []
  let turn = 0
  const flush = (): void => {
    if (waiting.length === 0) return
    workers[turn++ % threads]?.send(waiting)
    waiting = []
  }
  const verifyLater = (check: SignatureCheck): Promise<boolean> =>
    new Promise((settle, fail) => {
      if (waiting.push({ check, settle, fail }) === 1) setImmediate(flush)
      if (waiting.length >= batchMax) flush()
    })
  const close = async (): Promise<void> => {
    await Promise.all(workers.map(worker => worker.close()))
  }
  return { primitives: { ...own, verifyLater }, close }
}

function openWorker() {
  const worker = new Worker(new URL('pool-worker.ts', import.meta.url))
  const sent: (readonly Waiting[])[] = []
  worker.on('message', (verdicts: Verdicts) => {
    for (const [i, { settle }] of (sent.shift() ?? []).entries()) settle(verdicts[i] === 1)
  })
  worker.on('error', error => {
    for (const { fail } of sent.splice(0).flat()) fail(error as Error)
  })
  return {
    send(batch: readonly Waiting[]): void {
      sent.push(batch)
      const packed = pack(batch.map(({ check }) => check))
      worker.postMessage(packed, [packed.bytes.buffer])
    },
    close: () => worker.terminate(),
  }
}

function pack(checks: readonly SignatureCheck[]): Batch {
  const keys: Jwk[] = []
  const keyOf = new Map<string, number>()
  const places = new Int32Array(checks.length * placeWidth)
  const size = checks.reduce((sum, { message, signature }) => sum + message.length + signature.length, 0)
  const bytes = new Uint8Array(size)
  let at = 0
  for (const [i, { alg, jwk, message, signature }] of checks.entries()) {
    const name = Object.values(jwk).join('.')
    const key = keyOf.get(name) ?? keys.push(jwk) - 1
    keyOf.set(name, key)
    bytes.set(message, at)
    bytes.set(signature, at + message.length)
    places.set([algs.indexOf(alg), key, at + message.length, at + message.length + signature.length], i * placeWidth)
    at += message.length + signature.length
  }
  return { keys, places, bytes }
}
