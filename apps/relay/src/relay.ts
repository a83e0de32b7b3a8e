import { RequestError, getRequestListener } from '@hono/node-server'
import { ed25519By, primitives as own } from '@chancery/native'
import { reasonOf } from '@chancery/store'
import { type Failure, type FailureCode, type Primitives, fail } from '@chancery/protocol'
import { createApp } from './app.ts'
import { createAuth } from './auth.ts'
import { createReadBody } from './body.ts'
import { type Config, readConfig } from './config.ts'
import { closeCodes } from './fanout.ts'
import { type Journal, createJournal } from './journal.ts'
import { type Log, openLog, signersAt } from './log.ts'
import { problem, securityHeaders } from './problem.ts'
import { createQuota } from './quota.ts'
import { createSequence } from './sequence.ts'
import { serveReaders } from './readers.ts'
import { openSignaturePool } from './signature-pool.ts'
import { closeServer, createHttpServer, listen, pause, serveStreams } from './server.ts'

export { type Config, ConfigError, knobs, loadConfig, readConfig } from './config.ts'
export { makeLogKeys } from './log-key.ts'

export type Relay = {
  readonly url: string
  readonly port: number
  /** Finishes what is under way, within drainMs, and closes the log. */
  readonly close: () => Promise<void>
}

export type World = {
  /** Milliseconds since 1970. Only request proofs and quotas ask. */
  readonly clock?: () => number
  /** Lines of the journal; nowhere unless given. */
  readonly write?: (line: string) => void
  /** The log can no longer be written: nothing has been acknowledged since, and the process should end. */
  readonly onFault?: (fault: Error) => void
}

/** The log does not open: another key, another charter, or a store that is not what it was. */
export class RelayRefused extends Error {
  override readonly name = 'RelayRefused'
  readonly refusal: Failure

  constructor(refusal: Failure) {
    const { code, at, why } = refusal
    super([code, at, why].filter(part => part !== undefined).join(': '))
    this.refusal = refusal
  }
}

/** Opens the log and serves it: spec/07-relay.md. */
export async function startRelay(given: Readonly<Record<string, unknown>>, world: World = {}): Promise<Relay> {
  const config = readConfig(given)
  const now = world.clock ?? Date.now
  const journal = createJournal(world.write ?? (() => undefined), now)
  const signatures = openSignaturePool(own)
  const { primitives } = signatures
  const log = openOrRefuse(config, primitives, now)

  const state: { closed: FailureCode | undefined } = { closed: undefined }
  const closed = () => state.closed
  const onFault = (fault: Error): void => {
    state.closed = 'relay.store-failed'
    journal({ event: 'store.failed', reason: reasonOf(fault) })
    world.onFault?.(fault)
  }
  const { witnessing, fanout } = serveReaders(log, { config, journal, onFault })
  const sequence = createSequence(log, {
    batchMax: config.batchMax,
    waitingMax: config.waitingMax,
    onAppended(count) {
      journal({ event: 'appended', count, size: log.store.size })
      sayIfKeyless(log, journal)
      fanout.look()
      witnessing.look()
    },
    onFault,
  })
  const authenticate = createAuth({
    origin: log.origin,
    primitives,
    charter: () => log.charter,
    index: () => log.store.size,
    now,
    proofsMax: config.proofsMax,
    quota: requestQuota(config, now),
  })
  const app = createApp({
    log,
    config,
    authenticate,
    quota: statementQuota(config, now),
    sequence,
    witnessing,
    journal,
    now,
    closed,
    readBody: createReadBody({ eachMax: config.bodyBytesMax, allMax: config.bodiesBytesMax }),
  })

  const server = createHttpServer(config)
  server.on('request', getRequestListener(app.fetch, { overrideGlobalObjects: false, errorHandler: answerUnrouted }))
  const streams = serveStreams(server, { config, authenticate, fanout, closed, journal })
  const { port } = await listen(server, config)
  journal({ event: 'listening', host: config.host, port, size: log.store.size, ed25519: ed25519By })

  const close = async (): Promise<void> => {
    state.closed ??= 'relay.busy'
    server.close()
    await Promise.race([sequence.drain(), pause(config.drainMs)])
    witnessing.close()
    fanout.close(closeCodes.goingAway)
    await closeServer(server, config.drainMs)
    streams.close()
    await signatures.close()
    log.store.close()
    journal({ event: 'stopped' })
  }
  let closing: Promise<void> | undefined
  return { url: urlOf(config, port), port, close: () => (closing ??= close()) }
}

/** The operator learns it with the entry that makes it so: from then on nothing more is appended. */
function sayIfKeyless(log: Log, journal: Journal): void {
  const signers = signersAt(log, log.charter, log.store.size + 1)
  if (!signers.ok) journal({ event: 'key.missing', code: 'relay.no-log-key', reason: signers.why ?? '' })
}

function openOrRefuse(config: Config, primitives: Primitives, now: () => number): Log {
  const opened = openLog(config, primitives, now)
  if (!opened.ok) throw new RelayRefused(opened)
  return opened.value
}

const statementQuota = ({ statementsPerSecond: perSecond, statementsBurst: burst }: Config, now: () => number) =>
  createQuota({ perSecond, burst, now, what: 'statements' })

const requestQuota = ({ requestsPerSecond: perSecond, requestsBurst: burst }: Config, now: () => number) =>
  createQuota({ perSecond, burst, now, what: 'requests' })

function urlOf({ host, tlsCert }: Config, port: number): string {
  return `${tlsCert === '' ? 'http' : 'https'}://${host.includes(':') ? `[${host}]` : host}:${port}`
}

/** A request that has no address, by its Host or its target, never comes to the app. */
function answerUnrouted(error: unknown): Response {
  if (error instanceof RequestError) return problem(fail('relay.bad-request', 'host', error.message), 'close')
  return new Response(null, { status: 500, headers: securityHeaders })
}
