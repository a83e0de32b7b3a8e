#!/usr/bin/env -S node --disable-warning=ExperimentalWarning
import { runCli } from './cli.ts'
import { commands } from './commands/index.ts'

const stop = new AbortController()
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => stop.abort())

process.exitCode = await runCli(commands, {
  argv: process.argv.slice(2),
  env: process.env,
  out: line => process.stdout.write(`${line}\n`),
  err: line => process.stderr.write(`${line}\n`),
  now: () => Math.floor(Date.now() / 1000),
  signal: stop.signal,
})
