import { createPrivateKey, createPublicKey, generateKeyPairSync, sign } from 'node:crypto'
import { closeSync, fstatSync, fsyncSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs'
import { Charter, type Sha256, formatVkey, fromBase64url } from '@chancery/protocol'
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

export function readLogKey(input: { readonly path: string; readonly origin: string; readonly sha256: Sha256 }): LogKey {
  const { path, origin, sha256 } = input
  const key = parse(readSecret(path, 'logKey'), path)
  return { vkey: vkeyOf(key, origin, sha256), sign: message => sign(null, message, key) }
}

function parse(pem: string, path: string) {
  try {
    const key = createPrivateKey(pem)
    if (key.asymmetricKeyType === 'ed25519') return key
  } catch {
    // What was wrong with a secret is not repeated.
  }
  throw new ConfigError(`${path} is not an Ed25519 private key in PKCS#8 PEM`)
}

function vkeyOf(key: ReturnType<typeof createPrivateKey>, origin: string, sha256: Sha256): string {
  const x = fromBase64url(createPublicKey(key).export({ format: 'jwk' }).x ?? '')
  if (x === undefined) throw new Error('an Ed25519 key has an x')
  return formatVkey({ sha256, name: origin, key: x })
}

/**
 * Makes a log key in a new file, and returns what the charter names: the verifier key. An origin that no charter may
 * name is a ConfigError; a file that cannot be made, an Error.
 */
export function makeLogKey(input: { readonly out: string; readonly origin: string; readonly sha256: Sha256 }): string {
  if (!Charter.shape.relay.shape.origin.safeParse(input.origin).success) {
    throw new ConfigError(`--origin ${JSON.stringify(input.origin)} is no name of a log: ${originShape}`)
  }
  const { privateKey } = generateKeyPairSync('ed25519')
  const vkey = vkeyOf(privateKey, input.origin, input.sha256)
  writeNew(input.out, String(privateKey.export({ format: 'pem', type: 'pkcs8' })))
  return vkey
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
