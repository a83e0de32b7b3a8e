import { createPrivateKey, sign } from 'node:crypto'
import {
  type KeyRecord,
  type KeyUse,
  type OpenKey,
  type SignatureAlg,
  type Signer,
  sealKeyOf,
  signs,
} from '@chancery/protocol'
import type { HeldKey, Keys, PrivateKey } from './keystore.ts'
import { type Outside, outsideSigner } from './outside.ts'

/** Keys that can be asked and not read, wherever they are: here, on a token, behind a program. */
export type Keyring = {
  readonly member: string
  readonly records: readonly KeyRecord[]
  readonly signer: (use: Exclude<KeyUse, 'enc'>) => Signer
  /** For JOSE, which opens containers itself. */
  readonly openKeys: readonly OpenKey[]
}

/** `outside` holds the keys that are not here. */
export function keyringOf({ member, keys, held = [], prekeys = [] }: Keys, outside?: Outside): Keyring {
  const keyFor = (use: KeyUse): PrivateKey => {
    const key = keys.find(({ record }) => record.use === use)
    if (key === undefined) throw new Error(`bug: a keystore without a ${use} key`)
    return key
  }
  const heldFor = (use: KeyUse): HeldKey | undefined => held.find(({ record }) => record.use === use)
  return {
    member,
    records: [...keys, ...held].map(({ record }) => record),
    signer: use => {
      const key = heldFor(use)
      if (key === undefined) return signerOf(keyFor(use))
      if (outside === undefined) throw new Error(`bug: a ${use} key outside, and nobody to ask`)
      return outsideSigner(outside, key)
    },
    openKeys: [...keys.filter(({ record }) => record.use === 'enc'), ...prekeys].map(openKeyOf),
  }
}

function openKeyOf({ d, record }: PrivateKey): OpenKey {
  const { kid, jwk } = sealKeyOf(record)
  return { kid, jwk: jwk.kty === 'AKP' ? { ...jwk, priv: d } : { ...jwk, d } }
}

function signerOf({ d, record: { alg, jwk, kid } }: PrivateKey): Signer {
  if (!signs(alg)) throw new Error('bug: an enc key does not sign')
  return { kid, alg, sign: signWith({ alg, d, jwk }) }
}

const digests: Readonly<Record<SignatureAlg, string | null>> = { EdDSA: null, ES256: 'sha256', ES384: 'sha384' }

export function signWith({
  alg,
  d,
  jwk,
}: {
  readonly alg: SignatureAlg
  readonly d: string
  readonly jwk: KeyRecord['jwk']
}): (message: Uint8Array) => Uint8Array {
  const key = createPrivateKey({ key: { ...jwk, d }, format: 'jwk' })
  return message => sign(digests[alg], message, { key, dsaEncoding: 'ieee-p1363' })
}
