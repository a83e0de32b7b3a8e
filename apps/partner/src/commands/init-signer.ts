import { resolve } from 'node:path'
import type { Flags, Options } from '../args.ts'
import { OutsideConfig, type OutsideUse, outsideUses, secondsDefault, secondsMax } from '../outside.ts'
import { Usage } from '../refusal.ts'

export const outsideOptions = {
  signer: { type: 'string' },
  module: { type: 'string' },
  token: { type: 'string' },
  'pin-file': { type: 'string' },
  command: { type: 'string' },
  'auth-in-keystore': { type: 'boolean' },
  'signer-seconds': { type: 'string' },
} as const satisfies Options

const ofSigner: Readonly<Record<string, readonly string[]>> = {
  keystore: [],
  pkcs11: ['module', 'token', 'pin-file'],
  command: ['command'],
}

/** Who is to hold the keys, as the options say it; undefined for the keystore. */
export function outsideGiven(flags: Flags, args: readonly string[]): OutsideConfig | undefined {
  const kind = flags.text('signer') ?? 'keystore'
  const own = ofSigner[kind]
  if (own === undefined) throw new Usage(`--signer is one of ${Object.keys(ofSigner).join(', ')}`)
  const other = Object.values(ofSigner)
    .flat()
    .find(name => !own.includes(name) && flags.text(name) !== undefined)
  if (other !== undefined) throw new Usage(`--${other} is not for --signer ${kind}`)
  if (args[0] !== undefined && kind !== 'command') throw new Usage(`one argument too many: ${args[0]}`)
  if (kind === 'keystore') return checkAlone(flags)
  const seconds = Number(flags.text('signer-seconds') ?? secondsDefault)
  const pin = flags.text('pin-file')
  const given =
    kind === 'command'
      ? { command: [flags.must('command'), ...args], kind, seconds }
      : {
          kind,
          module: flags.must('module'),
          pin_file: pin === undefined ? null : resolve(pin),
          seconds,
          token: flags.must('token'),
        }
  const read = OutsideConfig.safeParse(given)
  if (read.success) return read.data
  const {
    path: [field = 'signer'],
    message,
  } = read.error.issues[0] ?? { path: [], message: 'wrong' }
  if (field === 'seconds') throw new Usage(`--signer-seconds is a number from 1 to ${secondsMax}`)
  throw new Usage(`--${String(field)} is wrong: ${message}`)
}

function checkAlone(flags: Flags): undefined {
  const isOfOthers = flags.on('auth-in-keystore') || flags.text('signer-seconds') !== undefined
  if (isOfOthers) throw new Usage('--auth-in-keystore and --signer-seconds go with --signer pkcs11 or command')
  return undefined
}

/** The keys that are made outside. */
export const usesGiven = (flags: Flags): OutsideUse[] =>
  outsideUses.filter(use => use !== 'auth' || !flags.on('auth-in-keystore'))
