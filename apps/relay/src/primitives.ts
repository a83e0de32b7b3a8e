import * as crypto from 'node:crypto'
import { createRequire } from 'node:module'
import { type Primitives, type Sodium, nodePrimitives } from '@chancery/protocol'

const require = createRequire(import.meta.url)

/** libsodium is native code: where there is none for the machine, OpenSSL gives the same verdicts in twice the time. */
function sodium(): Sodium | undefined {
  try {
    return require('sodium-native') as Sodium
  } catch {
    return undefined
  }
}

export const primitives: Primitives = nodePrimitives(crypto, sodium())
