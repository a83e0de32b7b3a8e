import { parseArgs } from 'node:util'
import { type Family, type Json, Sid, canonical } from '@chancery/protocol'
import type { ConvictArguments } from './convict.ts'

export const usage = `chancery-audit DIR [--genesis SID] [--without ed25519|ml-dsa-44] [--json] [--html FILE] [--quiet]
chancery-audit convict FILE... [--genesis SID] [--json]

Checks an evidence folder without any network: signatures, charter, log, tear lines, receipts and releases.
convict holds notes, receipts, statements and proof files against each other, and names who has signed two things
that cannot both be true; the genesis statement must be among them. It exits with 0 if somebody is convicted, else 1.
  --genesis SID  the fingerprint of the charter you trust, as it was read to you
  --without F    judges heads and quorum as if that family of signatures proved nothing: ed25519 or ml-dsa-44
  --json         the report as JSON; a wrong call, a fault and this help as one object too
  --html FILE    the report as one page, written to FILE, a new one outside DIR
  --quiet        nothing but findings and the verdict
Exit codes: 0 it holds, 1 findings, 2 usage, 3 a fault of this machine.`

const families: readonly Family[] = ['ed25519', 'ml-dsa-44']

export type Arguments = {
  readonly folder: string
  readonly genesis: string | undefined
  /** The family of signatures that is to prove nothing about the log. */
  readonly without: Family | undefined
  readonly html: string | undefined
  readonly json: boolean
  readonly quiet: boolean
}

/** What was asked for, or why it is not clear. */
export function readArguments(
  argv: readonly string[],
): Arguments | ConvictArguments | 'help' | { readonly wrong: string } {
  const parsed = parse(argv)
  if ('wrong' in parsed) return parsed
  const {
    values: { genesis, without: named, html, json = false, quiet = false, help },
    positionals: [folder, ...rest],
  } = parsed
  if (help === true || (folder === 'help' && rest.length === 0)) return 'help'
  if (genesis !== undefined && !Sid.safeParse(genesis).success)
    return { wrong: `${genesis} is not a fingerprint: the 43 characters of the genesis charter's id are needed` }
  const without = families.find(family => family === named)
  if (without !== named) return { wrong: `--without is ${families.join(' or ')}, and not ${named}` }
  if (folder === 'convict' && without !== undefined) return { wrong: '--without is for an evidence folder' }
  if (folder === 'convict') {
    if (rest.length === 0) return { wrong: 'a file is needed: chancery-audit convict FILE...' }
    return { files: rest, genesis, json }
  }
  if (folder === undefined) return { wrong: 'an evidence folder is needed: chancery-audit DIR' }
  if (rest.length > 0) return { wrong: `one evidence folder at a time, and not ${rest.join(' ')} as well` }
  return { folder, genesis, without, html, json, quiet }
}

/** What goes to a program and what to a person, where there is no report. */
export type Said = { readonly out: string; readonly err: string }

/** What a wrong call is answered with: words for people, and one JSON object for programs that asked for one. */
export const usageError = (argv: readonly string[], wrong: string): Said => ({
  out: objectFor(argv, { usage: usage.split('\n'), wrong }),
  err: `${wrong}\n\n${usage}\n`,
})

/** The same where this machine failed. */
export const faultSaid = (argv: readonly string[], fault: string): Said => ({
  out: objectFor(argv, { fault }),
  err: `${fault}\n`,
})

export const helpSaid = (argv: readonly string[]): string =>
  objectFor(argv, { usage: usage.split('\n') }) || `${usage}\n`

const objectFor = (argv: readonly string[], data: Json): string =>
  argv.includes('--json') ? `${canonical(data)}\n` : ''

function parse(argv: readonly string[]) {
  const text = { type: 'string' } as const
  const flag = { type: 'boolean' } as const
  const options = { genesis: text, without: text, html: text, json: flag, quiet: flag, help: flag }
  try {
    return parseArgs({ args: [...argv], allowPositionals: true, options })
  } catch (error) {
    return { wrong: firstSentence((error as Error).message) }
  }
}

/** What follows it in the words of Node is advice that has nothing to do with this program. */
const firstSentence = (text: string): string => text.split(/\.\s/)[0] ?? text
