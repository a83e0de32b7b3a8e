import { homedir } from 'node:os'
import { join } from 'node:path'
import { type ParseArgsConfig, parseArgs } from 'node:util'
import { type Json, Sid, canonical } from '@chancery/protocol'
import { relayGiven } from './config.ts'
import { readPassphrase } from './passphrase.ts'
import { reasonOf } from './reason.ts'
import { Refused, type Refusal, Usage, lineOf, meansOf, plainWords } from './refusal.ts'
import { type World, primitives, random } from './world.ts'

export type Options = NonNullable<ParseArgsConfig['options']>

/** What a command says: lines for people, and the same as data for `--json`. */
export type Report = { readonly lines: readonly string[]; readonly data: Json; readonly exit?: ExitCode }

export type Input = {
  readonly world: World
  readonly args: readonly string[]
  readonly flags: Flags
}

/** One verb of the user: a value with its usage line, so that help, parsing and dispatch read one table. */
export type Command = {
  readonly verb: string
  readonly usage: string
  readonly says: string
  readonly args: { readonly min: number; readonly max: number }
  readonly options: Options
  readonly run: (input: Input) => Promise<Report>
}

/** 0 holds, 1 refused, 2 called wrongly, 3 the machine or the network failed. */
export type ExitCode = 0 | 1 | 2 | 3

export type Process = {
  readonly argv: readonly string[]
  readonly env: Readonly<Record<string, string | undefined>>
  readonly out: (line: string) => void
  readonly err: (line: string) => void
  readonly now: () => number
  readonly signal: AbortSignal
}

const common = {
  home: { type: 'string' },
  'passphrase-file': { type: 'string' },
  relay: { type: 'string' },
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const satisfies Options

export async function runCli(commands: readonly Command[], process: Process): Promise<ExitCode> {
  const { argv } = process
  const command = commandOf(commands, argv)
  const asksHelp = argv.length === 0 || argv[0] === 'help' || argv[0] === '--help' || argv[0] === '-h'
  if (command === undefined) {
    const named = commandOf(commands, argv.slice(1))
    const lines = argv[0] === 'help' && named !== undefined ? helpOf(named) : help(commands)
    if (asksHelp) return sayUsage(process, lines)
    return sayUsage(process, help(commands), `there is no command ${argv[0]}`)
  }
  return runCommand(command, process)
}

async function runCommand(command: Command, process: Process): Promise<ExitCode> {
  const asksJson = process.argv.includes('--json')
  try {
    const { values, positionals } = parse(command, process.argv.slice(command.verb.split(' ').length))
    if (values['help'] === true) return sayUsage(process, helpOf(command))
    const { min, max } = command.args
    if (positionals.length < min || positionals.length > max) throw new Usage('wrong number of arguments')
    const flags = flagsOf(values)
    relayGiven(flags.text('relay'))
    const report = await command.run({ world: worldOf(process, flags), args: positionals, flags })
    say(asksJson ? [canonical(report.data)] : report.lines, process.out, 0)
    return report.exit ?? 0
  } catch (error) {
    return explain(error, { command, process, asksJson })
  }
}

function explain(
  error: unknown,
  { command, process, asksJson }: { command: Command; process: Process; asksJson: boolean },
): ExitCode {
  if (error instanceof Refused) {
    if (asksJson) process.out(canonical({ refused: dataOf(error.refusal) }))
    return say([`refused  ${lineOf(error.refusal)}`], process.err, 1)
  }
  if (error instanceof Usage) return sayUsage(process, helpOf(command), error.message)
  const message = reasonOf(error)
  if (asksJson) process.out(canonical({ fault: message }))
  return say([`fault  ${plainWords(message, Infinity)}`], process.err, 3)
}

export const dataOf = ({ code, at, why }: Refusal): Json => ({
  code,
  at: at && plainWords(at),
  means: meansOf(code),
  why: why && plainWords(why),
})

/** How it is called: asked for, or because it was called wrongly. */
function sayUsage({ argv, out, err }: Process, usage: readonly string[], wrong?: string): ExitCode {
  if (argv.includes('--json')) out(canonical({ usage: [...usage], wrong }))
  if (wrong !== undefined) return say([wrong, ...usage], err, 2)
  return argv.includes('--json') ? 0 : say(usage, out, 0)
}

function say(lines: readonly string[], to: (line: string) => void, exit: ExitCode): ExitCode {
  for (const line of lines) to(line)
  return exit
}

/** The longest verb that the words begin with: `charter adopt` before `charter`. */
function commandOf(commands: readonly Command[], words: readonly string[]): Command | undefined {
  const fits = commands.filter(({ verb }) => verb.split(' ').every((word, i) => words[i] === word))
  return fits.toSorted((a, b) => b.verb.length - a.verb.length)[0]
}

type Values = Readonly<Record<string, string | boolean | (string | boolean)[] | undefined>>

function parse(command: Command, args: readonly string[]): { values: Values; positionals: string[] } {
  try {
    const options = { ...common, ...command.options }
    const parsed = parseArgs({ args: args.map(guard), options, allowPositionals: true, strict: true })
    const values = Object.entries(parsed.values).map(([name, value]) => [name, unguardAll(value)])
    return { values: Object.fromEntries(values) as Values, positionals: parsed.positionals.map(unguard) }
  } catch (error) {
    throw new Usage((error as Error).message, { cause: error })
  }
}

// One id in 64 begins with a hyphen. It is never an option: none is as long.
const guardMark = 'id:'
const guard = (word: string): string => (word.startsWith('-') && Sid.safeParse(word).success ? guardMark + word : word)
const unguard = (word: string): string => (word.startsWith(`${guardMark}-`) ? word.slice(guardMark.length) : word)

function unguardAll(value: Values[string]): Values[string] {
  if (Array.isArray(value)) return value.map(one => (typeof one === 'string' ? unguard(one) : one))
  return typeof value === 'string' ? unguard(value) : value
}

/** Options as given; `must` ends the command where one is missing. */
export type Flags = {
  readonly text: (name: string) => string | undefined
  readonly texts: (name: string) => readonly string[]
  readonly on: (name: string) => boolean
  readonly must: (name: string) => string
}

function flagsOf(values: Values): Flags {
  const texts = (name: string) => [values[name] ?? []].flat().filter(value => typeof value === 'string')
  const text = (name: string) => texts(name).at(-1)
  return {
    text,
    texts,
    on: name => values[name] === true,
    must: name => {
      const value = text(name)
      if (value === undefined) throw new Usage(`--${name} is needed`)
      return value
    },
  }
}

function worldOf({ env, now, out, err, signal, argv }: Process, flags: Flags): World {
  const home = flags.text('home') ?? env['CHANCERY_HOME'] ?? join(homedir(), '.chancery')
  const file = flags.text('passphrase-file') ?? env['CHANCERY_PASSPHRASE_FILE']
  const asksJson = argv.includes('--json')
  const lines = asksJson ? () => {} : out
  const event = asksJson ? (data: Json) => out(canonical(data)) : () => {}
  const warn = (line: string) => err(plainWords(line, Infinity))
  return { home, now, random, primitives, say: lines, event, warn, passphrase: is => readPassphrase(is, file), signal }
}

const help = (commands: readonly Command[]): string[] => [
  'chancery: sign, share, join and check statements of a coalition',
  '',
  ...commands.map(({ verb, says }) => `  ${verb.padEnd(18)} ${says}`),
  '',
  'chancery help VERB says how a command is called. Every command takes these:',
  ...commonHelp,
  '',
  'exit codes: 0 holds, 1 refused, 2 called wrongly, 3 the machine or the network failed',
]

const commonHelp = [
  "  --home DIR              the member's home; else $CHANCERY_HOME, else ~/.chancery",
  '  --passphrase-file FILE  where the passphrase is; else $CHANCERY_PASSPHRASE_FILE, else it is asked for',
  '  --relay URL             where the relay is, kept in the home; https, or http to this machine',
  '  --json                  one JSON object in place of lines; of `run`, one a line',
  '  --help, -h              these words',
]

const helpOf = ({ verb, usage, says }: Command): string[] => [
  says,
  `usage: chancery ${verb} ${usage}`.trimEnd(),
  ...commonHelp,
]
