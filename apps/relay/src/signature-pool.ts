import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import type { Jwk, Primitives, SignatureAlg, SignatureCheck } from '@chancery/protocol'

/** Some signatures in one message: for each, whose it is, and where its message and itself end in the bytes. */
export type Batch = {
  readonly signers: readonly { readonly alg: SignatureAlg; readonly jwk: Jwk }[]
  readonly places: Int32Array
  readonly bytes: Uint8Array<ArrayBuffer>
}
/** One byte a signature, 1 where it holds; none at all when the thread has begun. */
export type Verdicts = Uint8Array<ArrayBuffer>

export const placeWidth = 3
/** A message between threads costs some microseconds, as much as Node's own way of checking one signature aside. */
const [batchMin, batchMax] = [8, 32]

type Waiting = {
  readonly check: SignatureCheck
  readonly settle: (holds: boolean | Promise<boolean>) => void
}

export type SignaturePool = {
  readonly primitives: Primitives
  /** Resolves when the threads that were begun are running. */
  readonly ready: () => Promise<void>
  readonly close: () => Promise<void>
}

/**
 * Signatures that come together are checked by threads of this program, one core left to the only writer; those that
 * come alone, and all while no thread runs, by Node's own pool. Whoever verifies, the verdict is the same.
 */
export function openSignaturePool(own: Primitives, threads = Math.max(1, availableParallelism() - 1)): SignaturePool {
  let workers: readonly Thread[] | undefined
  let waiting: Waiting[] = []
  const flush = (): void => {
    const batch = waiting
    waiting = []
    if (batch.length >= batchMin) workers ??= Array.from({ length: threads }, () => openThread(own))
    const idlest = workers?.filter(worker => worker.isRunning()).reduce(idler, undefined)
    if (batch.length >= batchMin && idlest !== undefined) idlest.send(batch)
    else for (const { check, settle } of batch) settle(own.verifyLater(check))
  }
  const verifyLater = (check: SignatureCheck): Promise<boolean> =>
    new Promise(settle => {
      if (waiting.push({ check, settle }) === 1) setImmediate(flush)
      if (waiting.length >= batchMax) flush()
    })
  const all = async (work: (thread: Thread) => Promise<unknown>): Promise<void> => {
    await Promise.all((workers ?? []).map(work))
  }
  return {
    primitives: { ...own, verifyLater },
    ready: () => all(thread => thread.ready),
    close: () => all(thread => thread.close()),
  }
}

type Thread = ReturnType<typeof openThread>
const idler = (a: Thread | undefined, b: Thread): Thread => (a === undefined || b.load() < a.load() ? b : a)

/** One thread, and what it was sent and has not answered. When it ends, what it leaves is checked without it. */
function openThread(own: Primitives) {
  const worker = new Worker(new URL('signature-worker.ts', import.meta.url))
  worker.unref()
  const sent: (readonly Waiting[])[] = []
  let running = false
  let began = (): void => {}
  const ready = new Promise<void>(resolve => (began = resolve))
  worker.on('message', (verdicts: Verdicts) => {
    if (verdicts.length === 0) {
      running = true
      return began()
    }
    for (const [i, { settle }] of (sent.shift() ?? []).entries()) settle(verdicts[i] === 1)
  })
  const end = (): void => {
    running = false
    began()
    for (const { check, settle } of sent.splice(0).flat()) settle(own.verifyLater(check))
  }
  worker.on('error', end)
  worker.on('exit', end)
  return {
    ready,
    isRunning: () => running,
    load: () => sent.length,
    send(batch: readonly Waiting[]): void {
      sent.push(batch)
      const packed = pack(batch.map(({ check }) => check))
      worker.postMessage(packed, [packed.bytes.buffer])
    },
    close: () => worker.terminate(),
  }
}

function pack(checks: readonly SignatureCheck[]): Batch {
  const signers: { alg: SignatureAlg; jwk: Jwk }[] = []
  const places = new Int32Array(checks.length * placeWidth)
  const bytes = new Uint8Array(
    checks.reduce((sum, { message, signature }) => sum + message.length + signature.length, 0),
  )
  let [at, place] = [0, 0]
  for (const { alg, jwk, message, signature } of checks) {
    const last = signers.at(-1)
    if (last?.jwk !== jwk || last.alg !== alg) signers.push({ alg, jwk })
    bytes.set(message, at)
    bytes.set(signature, at + message.length)
    places[place] = signers.length - 1
    places[place + 1] = at + message.length
    places[place + 2] = at += message.length + signature.length
    place += placeWidth
  }
  return { signers, places, bytes }
}
