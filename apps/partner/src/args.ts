import { type ParseArgsConfig, parseArgs } from 'node:util'
import { Sid } from '@chancery/protocol'
import { Usage } from './refusal.ts'

export type Options = NonNullable<ParseArgsConfig['options']>

/** Options of every verb. */
const common = {
  home: { type: 'string' },
  'passphrase-file': { type: 'string' },
  relay: { type: 'string' },
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const satisfies Options

/** Options as given; `must` ends the command where one is missing. */
export type Flags = {
  readonly text: (name: string) => string | undefined
  readonly texts: (name: string) => readonly string[]
  readonly on: (name: string) => boolean
  readonly must: (name: string) => string
}

export function readArgs(own: Options, words: readonly string[]): { flags: Flags; args: readonly string[] } {
  try {
    const options = { ...common, ...own }
    const parsed = parseArgs({ args: words.map(guard), options, allowPositionals: true, strict: true })
    const values = Object.entries(parsed.values).map(([name, value]) => [name, unguardAll(value)])
    return { flags: flagsOf(Object.fromEntries(values) as Values), args: parsed.positionals.map(unguard) }
  } catch (error) {
    // What comes after the first sentence is advice for whoever wrote the program.
    throw new Usage((error as Error).message.split(/\.\s/)[0]?.replace(/\.$/, ''), { cause: error })
  }
}

/** Also where it is written `--json=1`, which is refused: whoever wants objects is told so in one. */
export function asksJson(argv: readonly string[]): boolean {
  const end = argv.indexOf('--')
  return argv.slice(0, end < 0 ? argv.length : end).some(word => word === '--json' || word.startsWith('--json='))
}

type Values = Readonly<Record<string, string | boolean | (string | boolean)[] | undefined>>

// One id in 64 begins with a hyphen. It is never an option: none is as long.
const guardMark = 'id:'
const guard = (word: string): string => (word.startsWith('-') && Sid.safeParse(word).success ? guardMark + word : word)
const unguard = (word: string): string => (word.startsWith(`${guardMark}-`) ? word.slice(guardMark.length) : word)

function unguardAll(value: Values[string]): Values[string] {
  if (Array.isArray(value)) return value.map(one => (typeof one === 'string' ? unguard(one) : one))
  return typeof value === 'string' ? unguard(value) : value
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
      if (value.trim() === '') throw new Usage(`--${name} is blank: it says nothing`)
      return value
    },
  }
}
