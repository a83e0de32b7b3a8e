import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import { primitives } from '@chancery/native'
import {
  type BundleFile,
  type CharterState,
  type Crew,
  type HashedBundle,
  type JudgedLot,
  type Placement,
  type Scene,
  ownCrew,
} from '@chancery/protocol'
import { partsOf } from './evidence.ts'

/** What a thread is asked; the lot as JSON. */
export type Asked =
  | { readonly ask: 'hash'; readonly bundle: BundleFile }
  | { readonly ask: 'judge'; readonly lot: string }
  /** What lots are judged by from here on; not answered. */
  | { readonly ask: 'scene'; readonly scene: Scene }
  | { readonly ask: 'charter'; readonly charter: CharterState }

export type Pool = { readonly crew: Crew; readonly close: () => Promise<void> }

const threadProgram = new URL('pool-worker.ts', import.meta.url)
/** Parts that another thread has at once: one is done and one lies ready, for as long as a part takes here. */
const partsThere = 2
/** Parts under way for each thread: with some that nobody has begun, whoever is done takes the next. */
const partsEach = 3

/** A part of the audit, which can be done by another thread or by this one. */
type Part<Done> = { readonly there: (thread: Thread) => Promise<Done>; readonly here: () => Promise<Done> }

/** An audit on every core: by the calling thread, and by others of this program that read the same folder. */
export function openPool(folder: string, threads = availableParallelism(), program = threadProgram): Pool {
  const open = () => openThread(new Worker(program, { workerData: folder }), () => give())
  const others = Array.from({ length: Math.max(threads, 1) - 1 }, open)
  const own = ownCrew({ files: partsOf(folder), primitives })
  const { take, give, drop } = queueOf(others)
  const crew: Crew = {
    ways: (others.length + 1) * partsEach,
    hash: bundle =>
      take({ there: thread => thread.ask<HashedBundle>({ ask: 'hash', bundle }), here: () => own.hash(bundle) }),
    open: scene => {
      const asked: Asked = { ask: 'scene', scene: shared(scene) }
      for (const thread of others) thread.tell(asked)
      const judge = own.open(scene)
      return (charter, lot) =>
        take({ there: thread => thread.judge(charter, lot), here: async () => judge(charter, lot) })
    },
  }
  const close = async (): Promise<void> => {
    drop()
    await Promise.all(others.map(thread => thread.close()))
  }
  return { crew, close }
}

/** Parts in the order they are asked for. One is done here only while the other threads have enough. */
function queueOf(others: readonly Thread[]) {
  /** Each is begun by a thread, or here where there is none. */
  const waiting: ((thread?: Thread) => void)[] = []
  let isBusy = false
  const give = (): void => {
    for (const thread of others) while (waiting.length > 0 && thread.load() < partsThere) waiting.shift()?.(thread)
    if (waiting.length === 0 || isBusy) return
    isBusy = true
    // Between two parts the answers of the others are heard.
    setImmediate(() => {
      isBusy = false
      waiting.shift()?.()
      give()
    })
  }
  const take = <Done>({ there, here }: Part<Done>): Promise<Done> =>
    new Promise((settle, fail) => {
      waiting.push(thread => void (thread === undefined ? here() : there(thread)).then(settle, fail))
      give()
    })
  return { take, give, drop: () => void waiting.splice(0) }
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

type Thread = ReturnType<typeof openThread>

/** One thread. It answers in the order it was asked; when it has ended, it is given nothing more. */
function openThread(worker: Worker, onAnswer: () => void) {
  const waiting: Waiting[] = []
  let known: CharterState | undefined
  let isOver = false
  worker.on('message', answer => {
    waiting.shift()?.settle(read(answer as Answer) as never)
    onAnswer()
  })
  const end = (error: Error): void => {
    isOver = true
    for (const { fail } of waiting.splice(0)) fail(error)
    onAnswer()
  }
  worker.on('error', error => end(error as Error))
  worker.on('exit', code => end(new Error(`a thread of the audit has ended with ${code}`)))
  const tell = (asked: Asked): void => worker.postMessage(asked)
  const ask = <Done>(asked: Asked): Promise<Done> =>
    new Promise((settle, fail) => {
      waiting.push({ settle, fail })
      tell(asked)
    })
  return {
    tell,
    ask,
    load: () => (isOver ? Infinity : waiting.length),
    judge(charter: CharterState, lot: readonly Placement[]): Promise<JudgedLot> {
      if (charter !== known) tell({ ask: 'charter', charter })
      known = charter
      return ask({ ask: 'judge', lot: JSON.stringify(lot) })
    },
    close: () => worker.terminate(),
  }
}
