import { X509Certificate, createPrivateKey } from 'node:crypto'
import { type IncomingMessage, type Server, createServer } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { type FailureCode, fail } from '@chancery/protocol'
import { WebSocketServer } from 'ws'
import type { Authenticate } from './auth.ts'
import { type Config, ConfigError } from './config.ts'
import type { Fanout, Opener } from './fanout.ts'
import type { Journal } from './journal.ts'
import { readKnob, readSecret } from './log-key.ts'
import { type Refusal, rawProblem, statusOf } from './problem.ts'

/** spec/07-relay.md#limits: the bounds of the HTTP server itself. */
export function createHttpServer(config: Config): Server {
  const limits = {
    headersTimeout: 5_000,
    requestTimeout: 10_000,
    connectionsCheckingInterval: 1_000,
    keepAliveTimeout: 15_000,
    maxHeaderSize: 8_192,
    insecureHTTPParser: false,
    // Node's own answer to a request without Host has none of the headers: answerUnrouted refuses it.
    requireHostHeader: false,
    noDelay: true,
  }
  const server =
    config.tlsCert === ''
      ? createServer(limits)
      : createTlsServer({
          ...limits,
          minVersion: 'TLSv1.3',
          ...certificateOf(config),
        })
  server.maxHeadersCount = 64
  server.maxConnections = config.connectionsMax
  server.on('clientError', (error: Error & { code?: string }, socket) => {
    const gone = !socket.writable || error.code === 'ECONNRESET'
    const status = error.code === 'HPE_HEADER_OVERFLOW' ? 431 : error.code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 408 : 400
    if (gone) socket.destroy()
    else socket.end(rawProblem(fail('relay.bad-request'), status))
  })
  // Answers that hono never sees (an Expect header it does not meet) carry the headers and a code as well.
  server.on('checkExpectation', ({ socket }: IncomingMessage) => {
    socket.end(rawProblem(fail('relay.bad-request', 'expect'), 417))
  })
  return server
}

/** Both are tried before the port is open: a pair that does not fit would refuse every caller, one by one. */
function certificateOf({ tlsCert, tlsKey }: Config): { readonly cert: string; readonly key: string } {
  const [cert, key] = [readKnob(tlsCert, 'tlsCert'), readSecret(tlsKey, 'tlsKey')]
  const certificate = parsed(`"tlsCert" is no certificate in PEM: ${tlsCert}`, () => new X509Certificate(cert))
  const own = parsed(`"tlsKey" is no private key in PEM: ${tlsKey}`, () => createPrivateKey(key))
  if (certificate.checkPrivateKey(own)) return { cert, key }
  throw new ConfigError(`"tlsKey" is not the key of the certificate in "tlsCert": ${tlsKey}`)
}

/** What was wrong with a secret is not repeated. */
function parsed<T>(wrong: string, parse: () => T): T {
  try {
    return parse()
  } catch {
    throw new ConfigError(wrong)
  }
}

export function listen(server: Server, { host, port }: Config): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      resolve(server.address() as AddressInfo)
    })
  })
}

/** Connections that are idle end now, those at work when they are done, all of them when the time is over. */
export async function closeServer(server: Server, drainMs: number): Promise<void> {
  const ended = new Promise<void>(resolve => server.close(() => resolve()))
  server.closeIdleConnections()
  const over = setTimeout(() => server.closeAllConnections(), drainMs)
  await Promise.race([ended, pause(drainMs + 1_000)])
  clearTimeout(over)
}

export const pause = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms).unref())

type Streams = {
  readonly config: Config
  readonly authenticate: Authenticate
  readonly fanout: Fanout
  readonly closed: () => FailureCode | undefined
  readonly journal: Journal
}

/** ws with limits far below its defaults: what a reader says is one short message. */
export function serveStreams(server: Server, deps: Streams): WebSocketServer {
  const sockets = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: 262_144,
    maxFragments: 16,
    maxBufferedChunks: 256,
    closeTimeout: 3_000,
    skipUTF8Validation: false,
  } as ConstructorParameters<typeof WebSocketServer>[0])
  // What has a good proof and is no WebSocket: ws would answer in its own words, without the headers.
  sockets.on('wsClientError', (error, socket) => {
    socket.end(rawProblem(fail('relay.bad-request', 'upgrade', error.message)))
  })
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => socket.destroy())
    const caller = callerOf(request, deps)
    const code = 'code' in caller ? caller.code : undefined
    deps.journal({ event: 'stream', ...(code === undefined ? { status: 101 } : { status: statusOf(code), code }) })
    if ('code' in caller) socket.end(rawProblem(caller))
    else sockets.handleUpgrade(request, socket, head, stream => deps.fanout.join(stream, caller))
  })
  return sockets
}

/** A browser sends Origin on its own; no page is a reader of this relay. */
function callerOf(request: IncomingMessage, deps: Streams): Opener | Refusal {
  const code = deps.closed()
  if (code !== undefined) return fail(code)
  if (request.url !== '/stream') return fail('auth.not-entitled')
  if (request.headers.origin !== undefined) return fail('relay.bad-request', 'origin', 'no page may read the stream')
  const { authorization } = request.headers
  const caller = deps.authenticate({ authorization, htm: 'GET', htu: '/stream' })
  if (!caller.ok) return caller
  const { member, kid, signed } = caller.value
  const empty = signed(new Uint8Array(0))
  if (!empty.ok) return empty
  if (deps.fanout.hasRoom(member)) return { member, kid }
  return fail('relay.busy', undefined, `${deps.config.socketsPerMember} streams a member`)
}
