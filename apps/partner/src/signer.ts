import { createPrivateKey, sign } from 'node:crypto'
import {
  type KeyAlg,
  type KeyRecord,
  type KeyUse,
  type OpenKey,
  type SealingAlg,
  type Signer,
  sealKeyOf,
  seals,
  signs,
} from '@chancery/protocol'
import type { HeldKey, Keys, PrivateKey } from './keystore.ts'
import { type Outside, outsideSigner } from './outside.ts'

/** Keys that can be asked and not read, wherever they are: here, on a token, behind a program. */
export type Keyring = {
  readonly member: string
  readonly records: readonly KeyRecord[]
  readonly signer: (use: Exclude<KeyUse, 'enc' | 'witness'>) => Signer
  /** What signs checkpoints: a key of each family. */
  readonly cosigners: readonly Cosigner[]
  /** For JOSE, which opens containers itself. */
  readonly openKeys: readonly OpenKey[]
}

export type Cosigner = {
  readonly kid: string
  readonly sign: (message: Uint8Array) => Uint8Array
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
    cosigners: keys.filter(({ record }) => record.use === 'witness').map(cosignerOf),
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

function cosignerOf({ d, record: { alg, jwk, kid } }: PrivateKey): Cosigner {
  if (seals(alg)) throw new Error('bug: an enc key does not sign')
  return { kid, sign: signWith({ alg, d, jwk }) }
}

type SigningAlg = Exclude<KeyAlg, SealingAlg>
const digests: Readonly<Record<SigningAlg, string | null>> = {
  EdDSA: null,
  ES256: 'sha256',
  ES384: 'sha384',
  'ML-DSA-44': null,
}

export function signWith({
  alg,
  d,
  jwk,
}: {
  readonly alg: SigningAlg
  readonly d: string
  readonly jwk: KeyRecord['jwk']
}): (message: Uint8Array) => Uint8Array {
  const key = createPrivateKey({ key: { ...jwk, ...(jwk.kty === 'AKP' ? { priv: d } : { d }) }, format: 'jwk' })
  return message => sign(digests[alg], message, { key, dsaEncoding: 'ieee-p1363' })
}
