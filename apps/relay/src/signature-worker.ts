import { parentPort } from 'node:worker_threads'
import { primitives } from '@chancery/native'
import { type SignatureCheck, assert } from '@chancery/protocol'
import { type Batch, type Verdicts, placeWidth } from './signature-pool.ts'

const { verify } = primitives

parentPort?.on('message', (batch: Batch) => answer(Uint8Array.from(checksOf(batch), check => (verify(check) ? 1 : 0))))
answer(new Uint8Array(0))

function answer(verdicts: Verdicts): void {
  parentPort?.postMessage(verdicts, [verdicts.buffer])
}

function* checksOf({ signers, places, bytes }: Batch): Iterable<SignatureCheck> {
  let start = 0
  for (let place = 0; place < places.length; place += placeWidth) {
    const [signer = 0, middle = 0, end = 0] = places.subarray(place, place + placeWidth)
    const { alg, jwk } = signers[signer] ?? {}
    assert(alg !== undefined && jwk !== undefined, 'a batch names its signers')
    yield { alg, jwk, message: bytes.subarray(start, middle), signature: bytes.subarray(middle, end) }
    start = end
  }
}
