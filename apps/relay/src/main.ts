#!/usr/bin/env -S node --disable-warning=ExperimentalWarning
import { hash } from 'node:crypto'
import { parseArgs } from 'node:util'
import { setFlagsFromString } from 'node:v8'
import { failures } from '@chancery/protocol'
import { isDamaged, reasonOf } from '@chancery/store'
import { ConfigError, RelayRefused, loadConfig, makeLogKeys, startRelay } from './relay.ts'

const usage = `chancery-relay --config FILE                     serve the log that FILE names
chancery-relay keygen --origin O --out FILE      make the log's keys; prints the verifier keys for the charter
    --json                                       the keys, or what ended it, as one JSON object
Exit codes: 0 ended in good order, 1 the log does not open, 2 usage, 3 fault.`

// Bodies and statements live for one batch: with more room for what is young, they are never moved to what is old.
setFlagsFromString('--max-semi-space-size=64')

const [refused, wrongUsage, fault] = [1, 2, 3]
/** Time for the last answers to leave after a fault: a caller is told 503, and nothing more is promised. */
const lastWordsMs = 250

const usageLines = usage.split('\n')
const asksJson = process.argv.includes('--json')

let whenUnread = (): void => undefined
for (const stream of [process.stdout, process.stderr]) stream.on('error', onBroken)

const { values, positionals } = readArguments()
const [verb, ...more] = positionals
if (values.help === true || verb === 'help') help()
else if (more.length > 0) misused(`${more.join(' ')} is not understood after ${verb}`)
else if (verb === 'keygen') keygen(values.origin, values.out)
else if (verb !== undefined) misused(`there is no verb ${verb}`)
else if (values.config === undefined) misused('--config FILE is needed')
else await serve(values.config)

function readArguments() {
  const text = { type: 'string' } as const
  const flag = { type: 'boolean' } as const
  try {
    const options = { config: text, origin: text, out: text, json: flag, help: flag }
    return parseArgs({ allowPositionals: true, options })
  } catch (error) {
    return misused(firstSentence((error as Error).message))
  }
}

/** What follows it in the words of Node is advice that has nothing to do with this program. */
function firstSentence(text: string): string {
  return text.split(/\.\s/)[0] ?? text
}

/** Whoever reads the first lines, as `head` does, has had enough; a relay, whose lines are its journal, ends. */
function onBroken(error: NodeJS.ErrnoException): void {
  if (error.code === 'EPIPE' || error.code === 'ERR_STREAM_DESTROYED') return whenUnread()
  console.error(`the output cannot be written: ${error.message}`)
  process.exit(fault)
}

function help(): void {
  console.log(asksJson ? JSON.stringify({ usage: usageLines }) : usage)
}

function keygen(origin: string | undefined, out: string | undefined): void {
  if (origin === undefined || out === undefined) return misused('keygen needs --origin O and --out FILE')
  try {
    const vkeys = makeLogKeys({ origin, out, sha256: bytes => hash('sha256', bytes, 'buffer') })
    console.log(asksJson ? JSON.stringify({ file: out, origin, vkeys }) : vkeys.join('\n'))
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
  const close = (code: number): void => void relay.close().then(() => process.exit(code))
  for (const signal of ['SIGTERM', 'SIGINT']) process.once(signal, () => close(0))
  whenUnread = () => {
    whenUnread = () => undefined
    console.error('nobody reads the journal on standard output any more')
    close(fault)
  }
}

/** A call that cannot be read shows how it is called; a wrong value in one that can, only what is wrong. */
function misused(wrong: string): never {
  return end(wrongUsage, { usage: usageLines, wrong }, `${wrong}\n${usage}`)
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
  | { readonly usage: readonly string[]; readonly wrong: string }
  | { readonly refused: object }
  | { readonly fault: string }

/** In words for people, and as one object on the other stream where that is asked for. */
function end(code: number, data: Ended, words = 'fault' in data ? data.fault : ''): never {
  if (asksJson) console.log(JSON.stringify(data))
  console.error(words)
  process.exit(code)
}
