#!/usr/bin/env -S node --disable-warning=ExperimentalWarning
import { hash } from 'node:crypto'
import { parseArgs } from 'node:util'
import { setFlagsFromString } from 'node:v8'
import { ConfigError, type Relay, RelayRefused, loadConfig, makeLogKey, startRelay } from './relay.ts'

const usage = `chancery-relay --config FILE                     serve the log that FILE names
chancery-relay keygen --origin O --out FILE      make a log key; prints the verifier key for the charter
               --json                            the same as one JSON object
Exit codes: 0 ended in good order, 1 the log does not open, 2 usage, 3 fault.`

// Bodies and statements live for one batch: with more room for what is young, they are never moved to what is old.
setFlagsFromString('--max-semi-space-size=64')

const [refused, wrongUsage, fault] = [1, 2, 3]
/** Time for the last answers to leave after a fault: a caller is told 503, and nothing more is promised. */
const lastWordsMs = 250

const { values, positionals } = readArguments()
if (values.help === true) console.log(usage)
else if (positionals[0] === 'keygen' && values.origin !== undefined) keygen(values.origin, values.out)
else if (positionals.length === 0 && values.config !== undefined) await serve(values.config)
else end(wrongUsage, usage)

function readArguments() {
  const text = { type: 'string' } as const
  const flag = { type: 'boolean' } as const
  try {
    const options = { config: text, origin: text, out: text, json: flag, help: flag }
    return parseArgs({ allowPositionals: true, options })
  } catch (error) {
    return end(wrongUsage, `${(error as Error).message}\n${usage}`)
  }
}

function keygen(origin: string, out: string | undefined): void {
  if (out === undefined) return end(wrongUsage, usage)
  try {
    const vkey = makeLogKey({ origin, out, sha256: bytes => hash('sha256', bytes, 'buffer') })
    console.log(values.json === true ? JSON.stringify({ file: out, origin, vkey }) : vkey)
  } catch (error) {
    refuse(error as Error)
  }
}

async function serve(path: string): Promise<void> {
  const write = (line: string): void => void process.stdout.write(line)
  const onFault = (): void => void setTimeout(() => process.exit(fault), lastWordsMs)
  for (const event of ['uncaughtException', 'unhandledRejection']) {
    process.on(event, (error: Error) => end(fault, `bug: ${error.stack ?? error.message}`))
  }
  const start = async () => startRelay(loadConfig(path, process.env), { write, onFault })
  const relay = await start().catch(refuse)
  for (const signal of ['SIGTERM', 'SIGINT']) process.once(signal, () => void relay.close().then(() => process.exit(0)))
}

function refuse(error: Error): Relay {
  return end(error instanceof ConfigError ? wrongUsage : error instanceof RelayRefused ? refused : fault, error.message)
}

function end(code: number, why: string): never {
  console.error(why)
  process.exit(code)
}
