import * as crypto from 'node:crypto'
import { type Primitives, nodePrimitives } from '@chancery/protocol'
import { openSodium } from './sodium.ts'

const sodium = openSodium()

/** The machine's crypto for programs that check many signatures: the same verdicts, whoever gives them. */
export const primitives: Primitives = nodePrimitives(crypto, sodium)

/** Who checks Ed25519 on a thread that waits for it. */
export const ed25519By = sodium === undefined ? 'OpenSSL' : 'libsodium'
