import { createInterface } from 'node:readline/promises'

/** One line typed by a person, seen as it is typed; undefined where there is no terminal. */
export async function askTerminal(question: string): Promise<string | undefined> {
  if (!process.stdin.isTTY) return undefined
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  try {
    return await terminal.question(question)
  } finally {
    terminal.close()
  }
}
