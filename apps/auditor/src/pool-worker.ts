import { parentPort, workerData } from 'node:worker_threads'
import { primitives } from '@chancery/native'
import { type CharterState, type Desk, type Placement, assert, hashBundle, openLots } from '@chancery/protocol'
import { partsOf } from './evidence.ts'
import type { Asked } from './pool.ts'

const desk: Desk = { files: partsOf(workerData as string), primitives }

let judge: ReturnType<typeof openLots> | undefined
let charter: CharterState | undefined

parentPort?.on('message', (asked: Asked) => {
  if (asked.ask === 'scene') judge = openLots(desk, asked.scene)
  else if (asked.ask === 'charter') charter = asked.charter
  else if (asked.ask === 'hash') {
    const bundle = hashBundle(desk, asked.bundle)
    parentPort?.postMessage(bundle, [bundle.leaves.buffer])
  } else {
    assert(judge !== undefined && charter !== undefined, 'a scene and a charter are told before a lot is asked for')
    const lot = JSON.parse(asked.lot) as readonly Placement[]
    parentPort?.postMessage(JSON.stringify(judge(charter, lot)))
  }
})
