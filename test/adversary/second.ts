import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { root } from '../tools/steps.ts'

/** A check of the vectors by its name, and what it is given: spec/README.md#vectors. */
export type Ask = { readonly check: string; readonly given: unknown }
export type Answered = { readonly expect: string; readonly at?: string; readonly value?: unknown }

const program = `
import json, sys
sys.dont_write_bytecode = True
sys.path.insert(0, sys.argv[1])
from check import answer
from witness.checks import CHECKS
print(json.dumps([answer(CHECKS[ask["check"]], ask["given"]) for ask in json.load(sys.stdin)]))
`

const run = (command: string, args: readonly string[], input = '') =>
  spawnSync(command, args, { input, encoding: 'utf8', maxBuffer: 256 << 20 })

export const isInstalled = (command: string, ...args: string[]): boolean => run(command, args).status === 0
export const hasPython = isInstalled('python3', '--version')

/** The second witness, which was written from the pages of spec/ alone, in a process of its own: one answer for each. */
export function secondWitness(asks: readonly Ask[]): Answered[] {
  const { status, stdout, stderr } = run('python3', ['-c', program, join(root, 'spec')], JSON.stringify(asks))
  if (status !== 0) throw new Error(`the second witness failed: ${stderr}`)
  const answers = JSON.parse(stdout) as [string, string | null, unknown][]
  return answers.map(([expect, at, value]) => ({
    expect,
    ...(at !== null && { at }),
    ...(value !== null && { value }),
  }))
}
