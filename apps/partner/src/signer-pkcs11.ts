import { createHash } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { type KeyRecord, type SignatureAlg, check, concat, toBase64url, toHex } from '@chancery/protocol'
import { z } from 'zod'
import type { Outside, OutsideConfig } from './outside.ts'
import { askProgram, checkProgram } from './program.ts'
import { Refused, orRefuse, refused } from './refusal.ts'
import type { World } from './world.ts'

type Pkcs11Config = Extract<OutsideConfig, { kind: 'pkcs11' }>

/** Isolated (-I -S): no folder, variable or package of the machine changes what it imports. */
const driver = ['python3', '-ISB', fileURLToPath(new URL('pkcs11.py', import.meta.url))]

const Hex = z
  .string()
  .regex(/^([0-9a-f]{2})*$/)
  .max(1_024)
const Made = z.strictObject({ points: z.array(Hex) })
const Signed = z.strictObject({ signature: Hex })
const Removed = z.strictObject({ removed: z.int() })
const Failed = z.strictObject({ error: z.string().max(64), says: z.string().max(4_096) })

/** Keys on a PKCS#11 token, asked through a process of its own: what a module does, it does there. */
export function pkcs11Signer(config: Pkcs11Config, { pin, random }: Pick<World, 'pin' | 'random'>): Outside {
  const { module, seconds, token } = config
  const name = `the token ${token} (${module})`
  let asked: Promise<string> | undefined
  let closed: Refused | undefined
  const ask = async <T>(request: object, schema: z.ZodType<T>): Promise<T> => {
    // A wrong PIN is tried once: tokens lock themselves after a few.
    if (closed !== undefined) throw closed
    orRefuse(checkProgram(module, 'module'))
    asked ??= pin(token, config.pin_file)
    const whole = { ...request, module, pin: await asked, token }
    const answer = await askProgram({ command: driver, request: whole, seconds, name })
    const failed = Failed.safeParse(answer)
    const error = failed.success ? errorOf(name, config, failed.data) : undefined
    if (error instanceof Refused) closed = error
    if (error !== undefined) throw error
    const read = check(schema, answer, 'statement.bad-schema', '')
    if (read.ok) return read.value
    throw new Error(`${name} answered something else than was asked for, at ${read.at ?? '/'}: ${read.why ?? ''}`)
  }
  return {
    name,
    make: async wanted => {
      const keys = wanted.map(({ use, alg, member }) => ({
        alg,
        id: toHex(random(16)),
        label: `chancery ${member} ${use}`,
      }))
      const { points } = await ask({ do: 'make', keys }, Made)
      return keys.map(({ alg, id }, position) => ({ id, jwk: jwkOf(name, alg, bytesOf(points[position] ?? '')) }))
    },
    sign: async ({ alg, id, message }) => {
      const input = toHex(inputOf(alg, message))
      const { signature } = await ask({ alg, do: 'sign', id, input }, Signed)
      return alg === 'EdDSA' ? bytesOf(signature) : rawOf(alg, bytesOf(signature))
    },
    remove: async made => void (await ask({ do: 'remove', ids: made.map(({ id }) => id) }, Removed)),
  }
}

/** Only what the member itself can cure is a refusal; a token that is away or broken is a fault. */
function errorOf(name: string, { pin_file, token }: Pkcs11Config, { error, says }: z.infer<typeof Failed>): Error {
  const at = pin_file ?? token
  if (error === 'CKR_PIN_INCORRECT' || error === 'CKR_PIN_LEN_RANGE' || error === 'CKR_PIN_INVALID')
    return refused('signer.wrong-pin', at, 'it is not tried again by this command: a token locks after a few')
  if (error === 'CKR_PIN_LOCKED') return refused('signer.locked', at, "unlock it with the token's own tool")
  if (error === 'final-try')
    return refused('signer.locked', at, "one try is left; log in once with the token's own tool, and try again")
  const words: Readonly<Record<string, string>> = {
    'no-token': 'is not there',
    'two-tokens': 'is not the only one of this label: give each its own',
    'no-module': 'cannot be asked: the module does not load',
    'no-key': 'does not hold the key',
  }
  return new Error(`${name} ${words[error] ?? `fails with ${error}`}: ${says}`)
}

const bytesOf = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, 'hex'))

const hashes = { ES256: 'sha256', ES384: 'sha384' } as const

/** CKM_ECDSA signs a digest, which every token can; CKM_EDDSA signs the message itself, in one part. */
export const inputOf = (alg: SignatureAlg, message: Uint8Array): Uint8Array =>
  alg === 'EdDSA' ? message : createHash(hashes[alg]).update(message).digest()

const coordinateBytes = { ES256: 32, ES384: 48 } as const

/** r‖s at its full width. PKCS #11 lets a token give both halves as short as the longer of the two is. */
export function rawOf(alg: 'ES256' | 'ES384', signature: Uint8Array): Uint8Array {
  const [half, width] = [signature.length / 2, coordinateBytes[alg]]
  if (!Number.isInteger(half) || half > width) return signature
  const padding = new Uint8Array(width - half)
  return concat(padding, signature.subarray(0, half), padding, signature.subarray(half))
}

/** CKA_EC_POINT: in an OCTET STRING, as PKCS #11 has it; bare, as some tokens do, those of 3.0 for Edwards. */
export function jwkOf(name: string, alg: SignatureAlg, point: Uint8Array): KeyRecord['jwk'] {
  const length = alg === 'EdDSA' ? 32 : 1 + 2 * coordinateBytes[alg]
  const isWrapped = point.length === length + 2 && point[0] === 4 && point[1] === length
  const bare = isWrapped ? point.subarray(2) : point
  if (bare.length !== length || (alg !== 'EdDSA' && bare[0] !== 4))
    throw new Error(`${name} gave a public key of another form, ${toHex(point)}`)
  if (alg === 'EdDSA') return { crv: 'Ed25519', kty: 'OKP', x: toBase64url(bare) }
  const width = coordinateBytes[alg]
  const [x, y] = [bare.subarray(1, 1 + width), bare.subarray(1 + width)].map(toBase64url)
  return { crv: alg === 'ES256' ? 'P-256' : 'P-384', kty: 'EC', x: x ?? '', y: y ?? '' }
}
