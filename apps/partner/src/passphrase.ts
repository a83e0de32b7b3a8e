import { createInterface } from 'node:readline/promises'
import { Writable } from 'node:stream'
import { fromUtf8, limits } from '@chancery/protocol'
import { readGiven } from './files.ts'
import { orRefuse, refused, Usage } from './refusal.ts'
import { passphraseMin } from './keystore.ts'

/** From the file named, or asked for on the terminal; without either the command was called wrongly. */
export async function readPassphrase(is: 'new' | 'known', file: string | undefined): Promise<string> {
  const passphrase = file === undefined ? await ask('Passphrase: ') : fromFile(file)
  if (is === 'known') return passphrase
  if (passphrase.length < passphraseMin)
    throw refused('home.weak-passphrase', file, `at least ${passphraseMin} characters`)
  if (file === undefined && (await ask('Again: ')) !== passphrase) throw new Usage('the two passphrases differ')
  return passphrase
}

/** The PIN of a token, in the same two ways. Never as an option, which every account of the machine can read. */
export async function readPin(token: string, file: string | null): Promise<string> {
  if (file !== null) return fromFile(file, 'PIN')
  if (!process.stdin.isTTY) throw refused('signer.no-pin', token, 'make the home with --pin-file, or use a terminal')
  return ask(`PIN of the token ${token}: `)
}

/** The first line: editors end a file with a newline. */
function fromFile(file: string, is = 'passphrase'): string {
  const text = fromUtf8(orRefuse(readGiven(file, limits.lineMax * 4, 'given')))
  const [line] = (text ?? '').split(/\r?\n/)
  if (line === undefined || line === '') throw refused('file.unreadable', file, `its first line is the ${is}`)
  return line
}

async function ask(question: string): Promise<string> {
  if (!process.stdin.isTTY) throw new Usage('--passphrase-file is needed where there is no terminal')
  process.stderr.write(question)
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() })
  const terminal = createInterface({ input: process.stdin, output: nowhere, terminal: true })
  try {
    return await terminal.question('')
  } finally {
    terminal.close()
    process.stderr.write('\n')
  }
}
