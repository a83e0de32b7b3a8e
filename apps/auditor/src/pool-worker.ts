import * as crypto from 'node:crypto'
import { parentPort } from 'node:worker_threads'
import { type SignatureCheck, assert, nodePrimitives } from '@chancery/protocol'
import { type Batch, type Verdicts, algs, placeWidth } from './pool.ts'

const { verify } = nodePrimitives(crypto)

parentPort?.on('message', (batch: Batch) => {
  const verdicts = verdictsOf(batch)
  parentPort?.postMessage(verdicts, [verdicts.buffer])
})

function verdictsOf(batch: Batch): Verdicts {
  return Uint8Array.from(checksOf(batch), check => (verify(check) ? 1 : 0))
}

function* checksOf({ keys, places, bytes }: Batch): Iterable<SignatureCheck> {
  let start = 0
  for (let i = 0; i < places.length; i += placeWidth) {
    const [alg = 0, key = 0, middle = 0, end = 0] = places.subarray(i, i + placeWidth)
    const [jwk, name] = [keys[key], algs[alg]]
    assert(jwk !== undefined && name !== undefined, 'a batch names its keys and algorithms')
    yield { alg: name, jwk, message: bytes.subarray(start, middle), signature: bytes.subarray(middle, end) }
    start = end
  }
}
