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

/** The first line: editors end a file with a newline. */
function fromFile(file: string): string {
  const text = fromUtf8(orRefuse(readGiven(file, limits.lineMax * 4, 'given')))
  const [line] = (text ?? '').split(/\r?\n/)
  if (line === undefined || line === '') throw refused('file.unreadable', file, 'its first line is the passphrase')
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
