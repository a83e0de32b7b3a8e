import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import type { BundleFile, CharterState, Crew, HashedBundle, JudgedLot, Scene } from '@chancery/protocol'

/** What a thread is asked; the lot as JSON. */
export type Asked =
  | { readonly ask: 'hash'; readonly bundle: BundleFile }
  | { readonly ask: 'judge'; readonly lot: string }
  /** What lots are judged by from here on; not answered. */
  | { readonly ask: 'scene'; readonly scene: Scene }
  | { readonly ask: 'charter'; readonly charter: CharterState }

export type Pool = { readonly crew: Crew; readonly close: () => Promise<void> }

/** Parts under way for each thread: one is done, one is sent, one is taken. */
const partsEach = 3

/** An audit on every core, by threads of this program that read the same folder. */
export function openPool(folder: string, threads = availableParallelism()): Pool {
  const workers = Array.from({ length: threads }, () => openWorker(folder))
  const least = () => workers.reduce((best, each) => (each.load() < best.load() ? each : best))
  const crew: Crew = {
    ways: threads * partsEach,
    hash: bundle => least().ask<HashedBundle>({ ask: 'hash', bundle }),
    open: scene => {
      for (const worker of workers) worker.tell({ ask: 'scene', scene: shared(scene) })
      return (charter, lot) => {
        const worker = least()
        worker.judgeBy(charter)
        return worker.ask<JudgedLot>({ ask: 'judge', lot: JSON.stringify(lot) })
      }
    },
  }
  const close = async (): Promise<void> => {
    await Promise.all(workers.map(worker => worker.close()))
  }
  return { crew, close }
}

/** The hashes of the log, which threads read and nobody writes to any more, in memory that all of them have. */
const shared = (scene: Scene): Scene => ({
  ...scene,
  levels: scene.levels.map(level => {
    const copy = new Uint8Array(new SharedArrayBuffer(level.length))
    copy.set(level)
    return copy
  }),
})

/** Many small objects travel faster between threads as text. */
export type Answer = HashedBundle | string
const read = (answer: Answer): unknown => (typeof answer === 'string' ? JSON.parse(answer) : answer)

type Waiting = { readonly settle: (answer: never) => void; readonly fail: (error: Error) => void }

/** One thread. It answers in the order it was asked. */
function openWorker(folder: string) {
  const worker = new Worker(new URL('pool-worker.ts', import.meta.url), { workerData: folder })
  const waiting: Waiting[] = []
  let known: CharterState | undefined
  worker.on('message', answer => waiting.shift()?.settle(read(answer as Answer) as never))
  worker.on('error', error => {
    for (const { fail } of waiting.splice(0)) fail(error as Error)
  })
  const tell = (asked: Asked): void => worker.postMessage(asked)
  return {
    tell,
    load: () => waiting.length,
    judgeBy(charter: CharterState): void {
      if (charter !== known) tell({ ask: 'charter', charter })
      known = charter
    },
    ask: <Done>(asked: Asked): Promise<Done> =>
      new Promise((settle, fail) => {
        waiting.push({ settle, fail })
        tell(asked)
      }),
    close: () => worker.terminate(),
  }
}
