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
  /** Those that the home began with, which its member enrols. */
  readonly records: readonly KeyRecord[]
  /** Of several keys of a use the newest that speaks by the log; the first one before there is a log to ask. */
  readonly signer: (use: Exclude<KeyUse, 'enc' | 'witness'>) => Signer
  /** What signs checkpoints: a key of each family. */
  readonly cosigners: readonly Cosigner[]
  /** A key of this id, whether it speaks or not; undefined where it is not in the keystore. */
  readonly signerOf: (kid: string) => Signer | undefined
  /** The root key named in advance. */
  readonly nextRoot: string | undefined
  /** Asks this from now on whether a key speaks. */
  readonly follow: (speaks: (kid: string) => boolean) => void
  /** The keystore as another command has left it. */
  readonly take: (keys: Keys) => void
  /** For JOSE, which opens containers itself. */
  readonly openKeys: readonly OpenKey[]
}

export type Cosigner = {
  readonly kid: string
  readonly sign: (message: Uint8Array) => Uint8Array
}

/** `outside` holds the keys that are not here. */
export function keyringOf(first: Keys, outside?: Outside): Keyring {
  let keys = first
  let speaks: (kid: string) => boolean = () => false
  const signerFor = (key: PrivateKey | HeldKey): Signer => {
    if ('d' in key) return signerOf(key)
    if (outside === undefined) throw new Error(`bug: a ${key.record.use} key outside, and nobody to ask`)
    return outsideSigner(outside, key)
  }
  return {
    member: first.member,
    get records() {
      return [...first.keys, ...(first.held ?? [])].map(({ record }) => record)
    },
    signer: use => {
      const own = signingKeys(keys).filter(({ record }) => record.use === use)
      const key = own.findLast(({ record }) => speaks(record.kid)) ?? own[0]
      if (key === undefined) throw new Error(`bug: a keystore without a ${use} key`)
      return signerFor(key)
    },
    signerOf: kid => {
      const key = [...signingKeys(keys), keys.nextRoot].find(one => one?.record.kid === kid)
      return key && signerFor(key)
    },
    get nextRoot() {
      return keys.nextRoot?.record.kid
    },
    follow: asked => (speaks = asked),
    take: taken => (keys = taken),
    get openKeys() {
      const { keys: own, prekeys = [] } = keys
      return [...own.filter(({ record }) => record.use === 'enc'), ...prekeys].map(openKeyOf)
    },
    get cosigners() {
      return keys.keys.filter(({ record }) => record.use === 'witness').map(cosignerOf)
    },
  }
}

/** Those the home began with, then those added since, in the order in which they were made. */
const signingKeys = ({ keys, held = [], added = [] }: Keys): readonly (PrivateKey | HeldKey)[] => [
  ...keys,
  ...held,
  ...added,
]

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
