import { readdir, stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { hasToken, whyNoToken } from '../token.ts'

/** `npm run demo -- --out DIR [--json] [--stix FILE] [--token]`; with --stay, `npm start`, it is left running. */
const usage = 'npm run demo -- --out DIR [--json] [--stix FILE] [--token]      npm start'

export type Options = {
  readonly out: string | undefined
  readonly json: boolean
  readonly stay: boolean
  readonly stix: string | undefined
  /** One member's keys on a token. */
  readonly token: boolean
}

/** What was asked for, or in words why it is not clear. */
export async function readOptions(args: readonly string[]): Promise<Options | string> {
  const text = { type: 'string' } as const
  const flag = { type: 'boolean' } as const
  try {
    const { values } = parseArgs({
      args: [...args],
      options: { out: text, json: flag, stay: flag, stix: text, token: flag },
    })
    const out = values.out === undefined ? undefined : resolve(values.out)
    if (out !== undefined && (await isTaken(out))) return `--out: ${out} is not empty; name a new folder`
    if (values.stix !== undefined && !(await isFile(values.stix))) return `--stix: no such file: ${values.stix}`
    const token = values.token ?? false
    if (token && !hasToken) return `--token ${whyNoToken}`
    return { token, out, json: values.json ?? false, stay: values.stay ?? false, stix: values.stix }
  } catch (error) {
    // What follows the first sentence of Node is advice that has nothing to do with this program.
    return (error as Error).message.split(/\.\s/)[0] ?? ''
  }
}

/** What goes to a program that asked for one object, and what to a person. */
export type Said = { readonly out: string; readonly err: string }

export const wrongCall = (args: readonly string[], wrong: string): Said => ({
  out: objectFor(args, { usage, wrong }),
  err: `${wrong}\nusage: ${usage}\n`,
})

export const failed = (args: readonly string[], fault: string): Said => ({
  out: objectFor(args, { fault }),
  err: `${fault}\n`,
})

const objectFor = (args: readonly string[], data: object): string =>
  args.includes('--json') ? `${JSON.stringify(data)}\n` : ''

const isFile = (path: string): Promise<boolean> =>
  stat(path).then(
    found => found.isFile(),
    () => false,
  )
const isTaken = (path: string): Promise<boolean> =>
  readdir(path).then(
    names => names.length > 0,
    () => isFile(path),
  )
