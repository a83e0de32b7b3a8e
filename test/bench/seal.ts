import * as crypto from 'node:crypto'
import {
  type Jwe,
  type OpenKey,
  assert,
  portableSha256 as sha256,
  seal,
  thumbprint,
  toBase64url,
  unseal,
  xwingJwk,
} from '@chancery/protocol'
import { ml_kem768_x25519 as xwing } from '@noble/post-quantum/hybrid.js'
import { printFigure, race } from './measure.ts'

const recipientCount = 200
const openCount = 40
const random = (length: number) => new Uint8Array(crypto.randomBytes(length))
const aad = random(32)
const plaintext = random(3_000)

/** Sealing to 200 recipients and opening, by both suites, beside what each asks of its primitive. */
export async function benchSeal(): Promise<void> {
  await benchSuite('suite 1', Array.from({ length: recipientCount }, curveKey), {
    name: 'X25519 by OpenSSL',
    wrap: () => void agree(crypto.generateKeyPairSync('x25519').privateKey, theirs),
    open: () => void agree(own, theirs),
  })
  const seed = random(32)
  const publicKey = xwing.getPublicKey(seed)
  const { cipherText } = xwing.encapsulate(publicKey)
  await benchSuite('suite 2', Array.from({ length: recipientCount }, postKey), {
    name: 'X-Wing by noble',
    wrap: () => void xwing.encapsulate(publicKey),
    open: () => void xwing.decapsulate(cipherText, seed),
  })
}

const pair = () => crypto.generateKeyPairSync('x25519')
const [{ privateKey: own }, { publicKey: theirs }] = [pair(), pair()]
const agree = (privateKey: crypto.KeyObject, publicKey: crypto.KeyObject) =>
  crypto.diffieHellman({ privateKey, publicKey })

/** One operation for a recipient of a container, and one to open it. */
type Primitive = { readonly name: string; readonly wrap: () => void; readonly open: () => void }

async function benchSuite(suite: string, keys: readonly OpenKey[], primitive: Primitive): Promise<void> {
  const made = async () => seal({ plaintext, aad, recipients: keys.map(publicPart) })
  const jwe = await made()
  const last = keys.slice(-1)
  const rates = await race(
    [
      { name: 'seal', count: recipientCount, run: async () => void (await made()) },
      { name: 'wrap', count: recipientCount, run: () => times(recipientCount, primitive.wrap) },
      { name: 'unseal', count: openCount, run: () => openAll(jwe, last) },
      { name: 'open', count: openCount, run: () => times(openCount, primitive.open) },
    ],
    5,
  )
  const line = (what: string, ours: string, bare: string, note: string) => {
    const [rate = 0, limit = 0] = [rates.get(ours), rates.get(bare)]
    const beside = `${Math.round(rate)}/s beside ${Math.round(limit)}/s of ${primitive.name}${note}`
    printFigure({ what: `${suite}: ${what}`, value: rate / limit, unit: '× limit', beside })
  }
  const ms = (recipientCount / (rates.get('seal') ?? 1)) * 1_000
  const size = JSON.stringify(jwe).length.toLocaleString('en')
  line('recipients sealed to, 200 at once', 'seal', 'wrap', `; ${ms.toFixed(0)} ms and ${size} bytes a container`)
  line('containers of 200 recipients opened', 'unseal', 'open', '')
}

function times(count: number, run: () => void): void {
  for (let i = 0; i < count; i++) run()
}

async function openAll(jwe: Jwe, keys: readonly OpenKey[]): Promise<void> {
  for (let i = 0; i < openCount; i++) assert((await unseal({ jwe, aad, keys })).ok, 'it opens')
}

function curveKey(): OpenKey {
  const { d = '', x = '' } = pair().privateKey.export({ format: 'jwk' })
  const jwk = { crv: 'X25519', kty: 'OKP', x } as const
  return { kid: thumbprint(sha256, jwk), jwk: { ...jwk, d } }
}

function postKey(): OpenKey {
  const seed = random(32)
  const jwk = xwingJwk(seed)
  return { kid: thumbprint(sha256, jwk), jwk: { ...jwk, priv: toBase64url(seed) } }
}

function publicPart({ kid, jwk }: OpenKey) {
  if (jwk.kty === 'AKP') return { kid, jwk: { alg: jwk.alg, kty: jwk.kty, pub: jwk.pub } }
  return { kid, jwk: { crv: jwk.crv, kty: jwk.kty, x: jwk.x } }
}
