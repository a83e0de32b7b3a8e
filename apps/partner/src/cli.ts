import { homedir } from 'node:os'
import { join } from 'node:path'
import { type Json, canonical } from '@chancery/protocol'
import { reasonOf } from '@chancery/store'
import { type Flags, type Options, asksJson, readArgs } from './args.ts'
import { relayGiven } from './config.ts'
import { type Explained, familyHelp, help, helpOf, usageOf } from './help.ts'
import { readPassphrase, readPin } from './passphrase.ts'
import { Refused, type Refusal, Usage, lineOf, meansOf, plainWords } from './refusal.ts'
import { type World, primitives, random } from './world.ts'

export type { Flags, Options }

/** What a command says: lines for people, and the same as data for `--json`. */
export type Report = { readonly lines: readonly string[]; readonly data: Json; readonly exit?: ExitCode }

export type Input = {
  readonly world: World
  readonly args: readonly string[]
  readonly flags: Flags
}

/** One verb of the user: a value with its usage line, so that help, parsing and dispatch read one table. */
export type Command = Explained & {
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
  /** One line from the terminal; undefined, or no way to ask at all, where there is none. */
  readonly ask?: World['ask']
  readonly now: () => number
  readonly signal: AbortSignal
}

export async function runCli(commands: readonly Command[], process: Process): Promise<ExitCode> {
  const { argv } = process
  const [first] = argv
  if (first === undefined || first === '--help' || first === '-h') return sayUsage(process, help(commands))
  if (first === 'help') return explainVerb(commands, process)
  const command = commandOf(commands, argv)
  return command === undefined ? sayUnknown(commands, process, argv) : runCommand(command, process)
}

/** `help`, `help VERB`, and `help charter` for all that begins with this word. */
function explainVerb(commands: readonly Command[], process: Process): ExitCode {
  const words = process.argv.slice(1).filter(word => !word.startsWith('-'))
  if (words.length === 0) return sayUsage(process, help(commands))
  const named = commandOf(commands, words)
  if (named !== undefined) return sayUsage(process, helpOf(named))
  const family = familyOf(commands, words)
  if (words.length > 1 || family.length === 0) return sayUnknown(commands, process, words)
  return sayUsage(process, familyHelp(family))
}

function sayUnknown(commands: readonly Command[], process: Process, words: readonly string[]): ExitCode {
  const family = familyOf(commands, words)
  if (family.length === 0) return sayUsage(process, help(commands), `there is no command ${words[0]}`)
  const [first, second] = words
  const known = family.map(({ verb }) => verb.split(' ')[1]).join(', ')
  const isBare = second === undefined || second.startsWith('-')
  const wrong = isBare ? `${first} is followed by ${known}` : `there is no command ${first} ${second}`
  return sayUsage(process, familyHelp(family), wrong)
}

const familyOf = (commands: readonly Command[], [first]: readonly string[]): readonly Command[] =>
  commands.filter(({ verb }) => verb.startsWith(`${first} `))

async function runCommand(command: Command, process: Process): Promise<ExitCode> {
  try {
    const { flags, args } = readArgs(command.options, process.argv.slice(command.verb.split(' ').length))
    if (flags.on('help')) return sayUsage(process, helpOf(command))
    checkCount(command, args)
    relayGiven(flags.text('relay'))
    const report = await command.run({ world: worldOf(process, flags), args, flags })
    say(asksJson(process.argv) ? [canonical(report.data)] : report.lines, process.out, 0)
    return report.exit ?? 0
  } catch (error) {
    return explain(error, { command, process })
  }
}

/** The first form of a usage begins with what stands before its options, in the order in which it is given. */
function checkCount({ args: { min, max }, usage }: Command, args: readonly string[]): void {
  const extra = args[max]
  if (extra !== undefined) throw new Usage(`one argument too many: ${plainWords(extra)}`)
  if (args.length < min) throw new Usage(`${usage.split(/\s+/)[args.length] ?? 'an argument'} is missing`)
}

function explain(error: unknown, { command, process }: { command: Command; process: Process }): ExitCode {
  const inJson = asksJson(process.argv)
  if (error instanceof Refused) {
    if (inJson) process.out(canonical({ refused: dataOf(error.refusal) }))
    return say([`refused  ${lineOf(error.refusal)}`], process.err, 1)
  }
  if (error instanceof Usage) return sayUsage(process, usageOf(command), error.message)
  const message = reasonOf(error)
  if (inJson) process.out(canonical({ fault: message }))
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
  const inJson = asksJson(argv)
  if (inJson) out(canonical({ usage: [...usage], wrong }))
  if (wrong !== undefined) return say([wrong, ...usage], err, 2)
  return inJson ? 0 : say(usage, out, 0)
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

function worldOf({ env, now, out, err, ask, signal, argv }: Process, flags: Flags): World {
  const home = flags.text('home') ?? env['CHANCERY_HOME'] ?? join(homedir(), '.chancery')
  const file = flags.text('passphrase-file') ?? env['CHANCERY_PASSPHRASE_FILE']
  const inJson = asksJson(argv)
  return {
    home,
    now,
    random,
    primitives,
    say: inJson ? () => {} : out,
    event: inJson ? (data: Json) => out(canonical(data)) : () => {},
    warn: line => err(plainWords(line, Infinity)),
    passphrase: is => readPassphrase(is, file),
    pin: readPin,
    ask: ask ?? (async () => undefined),
    signal,
  }
}
