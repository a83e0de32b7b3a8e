import { type KeyObject, createPrivateKey, createPublicKey, generateKeyPairSync, sign } from 'node:crypto'
import { closeSync, fstatSync, fsyncSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs'
import { Charter, type Sha256, formatVkey, fromBase64url, signatureTypes } from '@chancery/protocol'
import { ConfigError } from './config.ts'

/** The key that signs checkpoints. It signs nothing else, and leaves this object only as signatures. */
export type LogKey = { readonly vkey: string; readonly sign: (message: Uint8Array) => Uint8Array }

const groupOrOthers = 0o077

/** Reads a file that the operator named; what is wrong with it is said by the knob's name. */
export const readKnob = (path: string, knob: string): string => named(knob, () => readFileSync(path, 'utf8'))

/** Reads a file that only its owner may read; anything wider is refused before a byte of it is used. */
export function readSecret(path: string, knob: string): string {
  const file = named(knob, () => openSync(path, 'r'))
  try {
    const mode = fstatSync(file).mode & 0o777
    if ((mode & groupOrOthers) !== 0) {
      throw new ConfigError(`${path} has mode 0${mode.toString(8)}: others may read it; chmod 600`)
    }
    return named(knob, () => readFileSync(file, 'utf8'))
  } finally {
    closeSync(file)
  }
}

function named<T>(knob: string, read: () => T): T {
  try {
    return read()
  } catch (cause) {
    throw new ConfigError(`"${knob}" cannot be read: ${(cause as Error).message}`, { cause })
  }
}

/** The keys of a log: of Ed25519 the one that every charter names, and of ML-DSA-44 the one that its policy may. */
export type LogKeys = { readonly ed25519: LogKey; readonly mlDsa44: LogKey | undefined }

export function readLogKeys(input: {
  readonly path: string
  readonly knob: 'logKey' | 'nextLogKey'
  readonly origin: string
  readonly sha256: Sha256
}): LogKeys {
  const { path, knob, origin, sha256 } = input
  const keys = parse(readSecret(path, knob), path)
  const of = (type: KeyType): LogKey[] =>
    keys
      .filter(key => key.asymmetricKeyType === type)
      .map(key => ({ vkey: vkeyOf(key, origin, sha256), sign: message => sign(null, message, key) }))
  const [[first, ...more], [second, ...others]] = [of('ed25519'), of('ml-dsa-44')]
  const known = keys.every(({ asymmetricKeyType: type }) => type === 'ed25519' || type === 'ml-dsa-44')
  if (first === undefined || more.length > 0 || others.length > 0 || !known) throw new ConfigError(noLogKey(path))
  return { ed25519: first, mlDsa44: second }
}

type KeyType = 'ed25519' | 'ml-dsa-44'
const noLogKey = (path: string): string =>
  `${path} is not one Ed25519 private key in PKCS#8 PEM, with at most one of ML-DSA-44 after it`

function parse(pem: string, path: string): readonly KeyObject[] {
  const blocks = pem.match(/-----BEGIN [A-Z ]+-----[^-]*-----END [A-Z ]+-----/g) ?? []
  try {
    return blocks.map(block => createPrivateKey(block))
  } catch {
    // What was wrong with a secret is not repeated.
    throw new ConfigError(noLogKey(path))
  }
}

function vkeyOf(key: KeyObject, origin: string, sha256: Sha256): string {
  const { x, pub } = createPublicKey(key).export({ format: 'jwk' }) as { x?: string; pub?: string }
  const bytes = fromBase64url(x ?? pub ?? '')
  if (bytes === undefined) throw new Error('a public key has its bytes')
  const type = x === undefined ? signatureTypes.mlDsa44 : signatureTypes.ed25519
  return formatVkey({ sha256, name: origin, key: bytes, type })
}

/**
 * Makes the log's keys in a new file, one of each family, and returns what the charter names: the verifier keys. An
 * origin that no charter may name is a ConfigError; a file that cannot be made, an Error.
 */
export function makeLogKeys(input: {
  readonly out: string
  readonly origin: string
  readonly sha256: Sha256
}): readonly string[] {
  if (!Charter.shape.relay.shape.origin.safeParse(input.origin).success) {
    throw new ConfigError(`--origin ${JSON.stringify(input.origin)} is no name of a log: ${originShape}`)
  }
  const keys = [generateKeyPairSync('ed25519').privateKey, generateKeyPairSync('ml-dsa-44').privateKey]
  writeNew(input.out, keys.map(key => key.export({ format: 'pem', type: 'pkcs8' })).join(''))
  return keys.map(key => vkeyOf(key, input.origin, input.sha256))
}

const originShape = 'say a host in small letters and a path, as in relay.example/log1'

function writeNew(out: string, pem: string): void {
  const file = openNew(out)
  try {
    writeSync(file, pem)
    fsyncSync(file)
  } catch (cause) {
    // Half a key is no key, and would be in the way of the next try.
    rmSync(out)
    throw new Error(`--out ${out} cannot be written: ${(cause as Error).message}; make room and run it again`, {
      cause,
    })
  } finally {
    closeSync(file)
  }
}

function openNew(out: string): number {
  try {
    return openSync(out, 'wx', 0o600)
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException
    const why =
      code === 'EEXIST'
        ? 'exists already, and a key is never overwritten: name a new file'
        : `cannot be made: ${message}; name a file in a folder that you may write to`
    throw new Error(`--out ${out} ${why}`, { cause })
  }
}
