#!/usr/bin/env -S node --disable-warning=ExperimentalWarning
import { hash } from 'node:crypto'
import { parseArgs } from 'node:util'
import { setFlagsFromString } from 'node:v8'
import { failures } from '@chancery/protocol'
import { isDamaged, reasonOf } from '@chancery/store'
import { ConfigError, RelayRefused, loadConfig, makeLogKey, startRelay } from './relay.ts'

const usage = `chancery-relay --config FILE                     serve the log that FILE names
chancery-relay keygen --origin O --out FILE      make a log key; prints the verifier key for the charter
    --json                                       the key, or what ended it, as one JSON object
Exit codes: 0 ended in good order, 1 the log does not open, 2 usage, 3 fault.`

// Bodies and statements live for one batch: with more room for what is young, they are never moved to what is old.
setFlagsFromString('--max-semi-space-size=64')

const [refused, wrongUsage, fault] = [1, 2, 3]
/** Time for the last answers to leave after a fault: a caller is told 503, and nothing more is promised. */
const lastWordsMs = 250

const usageLines = usage.split('\n')
const asksJson = process.argv.includes('--json')

const { values, positionals } = readArguments()
if (values.help === true) help()
else if (positionals[0] === 'keygen' && values.origin !== undefined) keygen(values.origin, values.out)
else if (positionals.length === 0 && values.config !== undefined) await serve(values.config)
else misused()

function readArguments() {
  const text = { type: 'string' } as const
  const flag = { type: 'boolean' } as const
  try {
    const options = { config: text, origin: text, out: text, json: flag, help: flag }
    return parseArgs({ allowPositionals: true, options })
  } catch (error) {
    return misused((error as Error).message)
  }
}

function help(): void {
  console.log(asksJson ? JSON.stringify({ usage: usageLines }) : usage)
}

function keygen(origin: string, out: string | undefined): void {
  if (out === undefined) return misused()
  try {
    const vkey = makeLogKey({ origin, out, sha256: bytes => hash('sha256', bytes, 'buffer') })
    console.log(asksJson ? JSON.stringify({ file: out, origin, vkey }) : vkey)
  } catch (error) {
    explain(error as Error, (error as Error).message)
  }
}

async function serve(path: string): Promise<void> {
  const write = (line: string): void => void process.stdout.write(line)
  const onFault = (error: Error): void => void setTimeout(() => explain(error), lastWordsMs)
  for (const event of ['uncaughtException', 'unhandledRejection']) {
    process.on(event, (error: Error) => end(fault, { fault: `bug: ${error.stack ?? reasonOf(error)}` }))
  }
  const start = async () => startRelay(loadConfig(path, process.env), { write, onFault })
  const relay = await start().catch((error: Error) => explain(error))
  for (const signal of ['SIGTERM', 'SIGINT']) process.once(signal, () => void relay.close().then(() => process.exit(0)))
}

/** A call that cannot be read shows how it is called; a wrong value in one that can, only what is wrong. */
function misused(wrong?: string): never {
  const words = wrong === undefined ? usage : `${wrong}\n${usage}`
  return end(wrongUsage, { usage: usageLines, ...(wrong !== undefined && { wrong }) }, words)
}

function explain(error: Error, why = wordsOf(error)): never {
  if (error instanceof ConfigError) return end(wrongUsage, { usage: usageLines, wrong: why }, why)
  if (!(error instanceof RelayRefused)) return end(fault, { fault: why })
  const { code, at, why: said } = error.refusal
  return end(refused, { refused: { code, at, means: failures[code].means, why: said } }, why)
}

/** The log of a relay is nowhere else whole, so it is never begun anew. */
function wordsOf(error: Error): string {
  return isDamaged(error) ? `${reasonOf(error)}; put back a copy of the store` : reasonOf(error)
}

type Ended =
  | { readonly usage: readonly string[]; readonly wrong?: string }
  | { readonly refused: object }
  | { readonly fault: string }

/** In words for people, and as one object on the other stream where that is asked for. */
function end(code: number, data: Ended, words = 'fault' in data ? data.fault : ''): never {
  if (asksJson) console.log(JSON.stringify(data))
  console.error(words)
  process.exit(code)
}
