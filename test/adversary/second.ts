import * as crypto from 'node:crypto'
import { spawn, spawnSync } from 'node:child_process'
import { createInterface } from 'node:readline'
import { join } from 'node:path'
import { type Result, nodePrimitives, toBase64url, verify } from '@chancery/protocol'
import { auditChecks, convictChecks } from '../conformance/checks/audit.ts'
import { callOutChecks } from '../conformance/checks/call-outs.ts'
import { bytesChecks } from '../conformance/checks/bytes.ts'
import { charterChecks, foldAdoptions } from '../conformance/checks/charter.ts'
import { logChecks } from '../conformance/checks/log.ts'
import { witnessChecks } from '../conformance/checks/witness.ts'
import { root } from '../tools/steps.ts'
import type { World } from '../world.ts'

/** A check of the vectors by its name, and what it is given: spec/README.md#vectors. */
export type Ask = { readonly check: string; readonly given: unknown }
export type Answered = { readonly expect: string; readonly at?: string; readonly value?: unknown }

// Beside the checks of the vectors: a statement under any charter, given by its genesis statement and its adoptions.
const program = `
import json, sys
sys.dont_write_bytecode = True
sys.path.insert(0, sys.argv[1])
from check import answer
from witness.adoption import adopt, begin
from witness.checks import CHECKS
from witness.statements import named_lines, verify
states = {}
def judged(given):
    key = json.dumps(given["charter"])
    if key not in states:
        states[key] = begin(given["charter"]["genesis"])
        for one in given["charter"]["adoptions"]:
            adopt(states[key], one["copy"], one["index"])
    read, lines = verify(given["copy"], states[key], given["index"])
    return {"lines": sorted(named_lines(lines)), "sid": read.sid}
checks = {**CHECKS, "judged": judged}
for line in sys.stdin:
    asks = json.loads(line)
    print(json.dumps([answer(checks[ask["check"]], ask["given"]) for ask in asks]), flush=True)
`

export const isInstalled = (command: string, ...args: string[]): boolean => spawnSync(command, args).status === 0
export const hasPython = isInstalled('python3', '--version')

/** Started once in a test file, and gone with it: a line of questions in, a line of answers out. */
let witness: { readonly ask: (line: string) => Promise<string> } | undefined

function startWitness(): NonNullable<typeof witness> {
  const child = spawn('python3', ['-c', program, join(root, 'spec')], { stdio: ['pipe', 'pipe', 'inherit'] })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  child.unref()
  for (const pipe of [child.stdin, child.stdout]) (pipe as unknown as { unref: () => void }).unref()
  let last: Promise<unknown> = Promise.resolve()
  const next = async (line: string): Promise<string> => {
    child.stdin.write(`${line}\n`)
    const answer = await lines.next()
    if (answer.done === true) throw new Error('the second witness has ended')
    return answer.value
  }
  return {
    ask: line => {
      const mine = last.then(() => next(line))
      last = mine.catch(() => undefined)
      return mine
    },
  }
}

/** The second witness, written from the pages of spec/ alone, in a process of its own: one answer for each question. */
export async function secondWitness(asks: readonly Ask[]): Promise<Answered[]> {
  witness ??= startWitness()
  const answers = JSON.parse(await witness.ask(JSON.stringify(asks))) as [string, string | null, unknown][]
  return answers.map(([expect, at, value]) => ({
    expect,
    ...placeIn(at),
    ...(value !== null && { value }),
  }))
}

/** No place and the empty place are one. */
const placeIn = (at: string | null | undefined) => (at ? { at } : {})

type Check = (given: never) => Result<unknown> | Promise<Result<unknown>>

const ours = {
  ...auditChecks,
  ...convictChecks,
  ...callOutChecks,
  ...bytesChecks,
  ...charterChecks,
  ...logChecks,
  ...witnessChecks,
  judged,
} as Readonly<Record<string, Check>>

type Judged = { readonly charter: CharterGiven; readonly copy: string; readonly index: number }
type CharterGiven = { readonly genesis: string; readonly adoptions: readonly { copy: string; index: number }[] }

function judged({ charter, copy, index }: Judged): Result<unknown> {
  const state = foldAdoptions(charter)
  if (!state.ok) return state
  const read = verify(copy, { primitives: nodePrimitives(crypto), charter: state.value, index })
  if (!read.ok) return read
  const lines = read.value.lines.map(({ label }) => label).sort()
  return { ok: true, value: { lines, sid: read.value.sid } }
}

/** A copy of a statement, judged under the charter of a world as it stands at its end. */
export function judgedIn(world: World, copy: string): Ask {
  const [genesis, ...others] = world.logged.filter(({ statement }) => statement.kind === 'charter.adopt')
  const adoptions = others.map(({ jws, index }) => ({ copy: `${jws}~`, index }))
  return { check: 'judged', given: { charter: { genesis: `${genesis?.jws}~`, adoptions }, copy, index: world.size } }
}

/** A folder, as the checks of the vectors take it. */
export const folderGiven = (folder: ReadonlyMap<string, Uint8Array>, genesis?: string): Ask => ({
  check: 'auditFolder',
  given: {
    files: Object.fromEntries([...folder].map(([path, bytes]) => [path, toBase64url(bytes)])),
    ...(genesis !== undefined && { genesis }),
  },
})

async function answerOf({ check, given }: Ask): Promise<Answered> {
  const result = await ours[check]?.(given as never)
  if (result === undefined) throw new Error(`there is no check ${check}`)
  if (!result.ok) return { expect: result.code, ...placeIn(result.at) }
  return { expect: 'ok', ...(result.value !== undefined && result.value !== null && { value: result.value }) }
}

/**
 * What this implementation and the second witness both say to each: they are asked alike, and where they differ that is
 * thrown. Where Python is missing the answer is of one of them; `test/adversary/differential.test.ts` counts the lack.
 */
export async function bothSay(asks: readonly Ask[]): Promise<Answered[]> {
  const mine = await Promise.all(asks.map(answerOf))
  const theirs = hasPython ? await secondWitness(asks) : mine
  for (const [i, own] of mine.entries()) {
    if (plain(own) !== plain(theirs[i]))
      throw new Error(`two verdicts on ${asks[i]?.check}: ${plain(own)} and ${plain(theirs[i])}`)
  }
  return mine
}

/** Members in one order, so that two programs can be compared. */
const plain = (value: unknown): string =>
  JSON.stringify(value, (_, each: unknown) =>
    typeof each === 'object' && each !== null && !Array.isArray(each)
      ? Object.fromEntries(Object.entries(each).sort(([a], [b]) => (a < b ? -1 : 1)))
      : each,
  )

/** The codes alone: `ok`, or why not. */
export const codesBothSay = async (asks: readonly Ask[]): Promise<string[]> =>
  (await bothSay(asks)).map(({ expect }) => expect)

/** The value that both give to one question, where both say that it holds. */
export async function valueBothSay<T>(ask: Ask): Promise<T> {
  const [said] = await bothSay([ask])
  if (said?.expect !== 'ok') throw new Error(`${ask.check}: ${said?.expect ?? 'nothing'} at ${said?.at ?? ''}`)
  return said.value as T
}
