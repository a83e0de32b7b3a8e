#!/usr/bin/env -S node --disable-warning=ExperimentalWarning
import { runCli } from './cli.ts'
import { commands } from './commands/index.ts'
import { askTerminal } from './terminal.ts'

const stop = new AbortController()
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => stop.abort())
for (const stream of [process.stdout, process.stderr]) stream.on('error', onBroken)

process.exitCode = await runCli(commands, {
  argv: process.argv.slice(2),
  env: process.env,
  out: line => process.stdout.write(`${line}\n`),
  err: line => process.stderr.write(`${line}\n`),
  ask: askTerminal,
  now: () => Math.floor(Date.now() / 1000),
  signal: stop.signal,
})

/** A reader who has enough, as `head`, ends a node in good order; a verb finishes its work, and nobody is told. */
function onBroken(error: NodeJS.ErrnoException): void {
  if (error.code === 'EPIPE' || error.code === 'ERR_STREAM_DESTROYED') return stop.abort()
  process.stderr.write(`fault  the output cannot be written: ${error.message}\n`)
  process.exit(3)
}
