/** A verb as help shows it. */
export type Explained = {
  readonly verb: string
  readonly usage: string
  readonly says: string
  /** Each option with what it takes, what that means and what holds without it. */
  readonly explains?: readonly OptionLine[]
  /** Longer than a line: a grammar, for instance. */
  readonly notes?: readonly string[]
}

export type OptionLine = { readonly name: string; readonly takes?: string; readonly says: string }

export const help = (commands: readonly Explained[]): string[] => [
  'chancery: sign, share, join and check statements of a coalition',
  '',
  ...commands.map(({ verb, says }) => `  ${verb.padEnd(18)} ${says}`),
  '',
  'chancery help VERB says how a command is called. Every command takes these:',
  ...common.flatMap(sayOption),
  '',
  'exit codes: 0 holds, 1 refused, 2 called wrongly, 3 the machine or the network failed',
]

export const helpOf = ({ verb, usage, says, explains = [], notes = [] }: Explained): string[] => [
  says,
  `usage: chancery ${verb} ${usage}`.trimEnd(),
  ...explains.flatMap(sayOption),
  ...(explains.length === 0 ? [] : ['as every command:']),
  ...common.flatMap(sayOption),
  ...(notes.length === 0 ? [] : ['', ...notes]),
]

/** What stands below the words that say how a call is wrong. */
export const usageOf = ({ verb, usage, says }: Explained): string[] => [
  says,
  `usage: chancery ${verb} ${usage}`.trimEnd(),
  `chancery help ${verb} has every option`,
]

/** All that begins with one word. */
export const familyHelp = (family: readonly Explained[]): string[] => [
  ...family.flatMap(({ verb, usage, says }) => [`chancery ${verb} ${usage}`.trimEnd(), `  ${says}`]),
  `chancery help ${family[0]?.verb ?? 'VERB'}, and so on, has every option`,
]

const common: readonly OptionLine[] = [
  { name: 'home', takes: 'DIR', says: "the member's home; else $CHANCERY_HOME, else ~/.chancery" },
  {
    name: 'passphrase-file',
    takes: 'FILE',
    says: 'where the passphrase is; else $CHANCERY_PASSPHRASE_FILE, else it is asked for',
  },
  {
    name: 'relay',
    takes: 'URL',
    says:
      'where the relay is, this once: https, or http to this machine. `init` writes it down; `charter approve`, ' +
      "`charter adopt` and `run` do once it has shown a signed head of the coalition's log. Else the one remembered",
  },
  { name: 'json', says: 'one JSON object in place of lines; of `run`, one a line' },
  { name: 'help, -h', says: 'these words' },
]

const [indent, columns] = [28, 110]

function sayOption({ name, takes, says }: OptionLine): string[] {
  const option = `  --${name}${takes === undefined ? '' : ` ${takes}`}`
  const lines = wrapped(says, columns - indent)
  const [first = '', ...more] = lines
  const rest = more.map(line => ' '.repeat(indent) + line)
  if (option.length > indent - 2) return [option, ' '.repeat(indent) + first, ...rest]
  return [option.padEnd(indent) + first, ...rest]
}

function wrapped(text: string, width: number): string[] {
  const lines: string[] = []
  for (const word of text.split(' ')) {
    const last = lines.at(-1)
    if (last === undefined || last.length + 1 + word.length > width) lines.push(word)
    else lines[lines.length - 1] = `${last} ${word}`
  }
  return lines
}
