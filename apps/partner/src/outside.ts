import { isAbsolute } from 'node:path'
import {
  type KeyRecord,
  type KeyUse,
  type Signer,
  type SignatureAlg,
  checkKey,
  keyRecord,
  signs,
  thumbprint,
} from '@chancery/protocol'
import { reasonOf } from '@chancery/store'
import { z } from 'zod'
import type { HeldKey } from './keystore.ts'
import { orRefuse } from './refusal.ts'
import { commandSigner } from './signer-command.ts'
import { pkcs11Signer } from './signer-pkcs11.ts'
import { type World, primitives } from './world.ts'

const AbsolutePath = z.string().max(4_096).refine(isAbsolute, 'an absolute path')
export const secondsDefault = 30
export const secondsMax = 300
const seconds = z.int().min(1).max(secondsMax)

/** Who holds keys in place of the keystore, as the configuration says it. */
export const OutsideConfig = z.discriminatedUnion('kind', [
  z.strictObject({
    command: z.tuple([AbsolutePath], z.string().max(4_096)).refine(words => words.length <= 32),
    kind: z.literal('command'),
    seconds,
  }),
  z.strictObject({
    kind: z.literal('pkcs11'),
    module: AbsolutePath,
    /** null: asked for on the terminal. */
    pin_file: AbsolutePath.nullable(),
    seconds,
    /** Its label, which PKCS #11 pads to 32 bytes. */
    token: z.string().min(1).max(32),
  }),
])
export type OutsideConfig = z.infer<typeof OutsideConfig>

/** Uses whose keys may be outside. Witness keys sign each checkpoint of the log, and are of two families. */
export const outsideUses = ['root', 'sign', 'auth'] as const satisfies readonly KeyUse[]
export type OutsideUse = (typeof outsideUses)[number]

/** What a signature is for, so that a program may ask a person before it gives one. */
export type Purpose = 'possession' | 'charter' | 'statement' | 'request'

export type Wanted = { readonly use: OutsideUse; readonly alg: SignatureAlg; readonly member: string }
/** A key that exists elsewhere: its public part, and what finds it there. */
export type MadeKey = { readonly jwk: KeyRecord['jwk']; readonly id?: string }
export type ToSign = {
  readonly kid: string
  readonly alg: SignatureAlg
  readonly id?: string | undefined
  readonly message: Uint8Array
  readonly purpose: Purpose
}

/** A holder of keys. Whatever goes wrong in it is an Error that names it, or a refusal with its cure. */
export type Outside = {
  readonly name: string
  readonly make: (wanted: readonly Wanted[]) => Promise<readonly MadeKey[]>
  readonly sign: (to: ToSign) => Promise<Uint8Array>
  /** Takes back what was made, where making the home failed after it. */
  readonly remove: (made: readonly MadeKey[]) => Promise<void>
}

/** One request at a time: a token has one reader, and a person answers one question. */
export function openOutside(config: OutsideConfig, world: Pick<World, 'pin' | 'random'>): Outside {
  const outside = config.kind === 'command' ? commandSigner(config) : pkcs11Signer(config, world)
  let last: Promise<unknown> = Promise.resolve()
  const sign = (to: ToSign): Promise<Uint8Array> => {
    const next = last.then(() => outside.sign(to))
    last = next.catch(() => {})
    return next
  }
  return { ...outside, sign }
}

const purposes: Readonly<Record<OutsideUse, Purpose>> = { root: 'charter', sign: 'statement', auth: 'request' }

const isOutsideUse = (use: KeyUse): use is OutsideUse => outsideUses.some(known => known === use)

/** A key that others hold, as every verb asks it. */
export function outsideSigner(outside: Outside, { id, record }: HeldKey): Signer {
  const { alg, jwk, kid, use } = record
  if (!signs(alg) || !isOutsideUse(use)) throw new Error(`bug: a ${use} key outside the keystore`)
  const purpose = purposes[use]
  return { kid, alg, sign: message => signProven(outside, { kid, alg, id, jwk, message, purpose }) }
}

/** A signature counts once it holds under the key that is enrolled: nothing wrong ever leaves, whoever made it. */
async function signProven(outside: Outside, to: ToSign & { jwk: KeyRecord['jwk'] }): Promise<Uint8Array> {
  const { alg, jwk, kid, message } = to
  const signature = await outside.sign(to)
  if (primitives.verify({ alg, jwk, message, signature })) return signature
  throw new Error(`${outside.name} gave a signature that does not hold under the key ${kid}; it was not used`)
}

/**
 * Makes keys outside, and their records with the proofs that they sign themselves; `keep` writes the home that finds
 * them again. All of it, or nothing.
 */
export async function makeOutside<T>(
  outside: Outside,
  wanted: readonly Wanted[],
  keep: (held: readonly HeldKey[]) => Promise<T>,
): Promise<T> {
  const made = await outside.make(wanted)
  try {
    const held: HeldKey[] = []
    for (const [position, of] of wanted.entries()) {
      const key = made[position]
      if (key === undefined) throw new Error(`${outside.name} made ${made.length} keys in place of ${wanted.length}`)
      held.push(await heldKey(outside, { ...of, ...key }))
    }
    return await keep(held)
  } catch (error) {
    // What failed first is what a person needs to read; keys left behind stand beside it.
    await outside.remove(made).catch(() => {
      throw new Error(`${reasonOf(error)}; and ${outside.name} keeps the keys it made, which no home has`, {
        cause: error,
      })
    })
    throw error
  }
}

async function heldKey(outside: Outside, of: Wanted & MadeKey): Promise<HeldKey> {
  const { sha256 } = primitives
  const { alg, id, jwk, member, use } = of
  const to = { kid: thumbprint(sha256, jwk), alg, id, jwk, purpose: 'possession' } as const
  const sign = (message: Uint8Array) => signProven(outside, { ...to, message })
  const record = await keyRecord({ sha256, member, alg, jwk, use, sign })
  orRefuse(checkKey(primitives, member, record, `${outside.name} ${use}`))
  return { ...(id !== undefined && { id }), record }
}
