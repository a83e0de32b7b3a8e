import { type Server, createServer, request as httpRequest } from 'node:http'
import type { AddressInfo } from 'node:net'
import { WebSocket, WebSocketServer } from 'ws'

/** Stands before a relay as the relay itself would, and keeps containers back: the log it shows stays whole. */
export class Withholding {
  /** Indices whose containers no reader is given for now. */
  readonly hidden = new Set<number>()
  #server: Server | undefined
  readonly #sockets = new WebSocketServer({ noServer: true })

  /** Listens before the relay of this port; the port to call. */
  readonly listen = async (relay: number): Promise<number> => {
    this.#server = createServer((asked, answer) => {
      const { method, url, headers } = asked
      const onward = httpRequest({ host: '127.0.0.1', port: relay, method, path: url, headers }, reply => {
        answer.writeHead(reply.statusCode ?? 502, reply.headers)
        reply.pipe(answer)
      })
      onward.once('error', () => answer.destroy())
      asked.pipe(onward)
    })
    this.#server.on('upgrade', (asked, socket, head) => {
      this.#sockets.handleUpgrade(asked, socket, head, reader => {
        const { authorization = '' } = asked.headers
        this.#join(reader, new WebSocket(`ws://127.0.0.1:${relay}${asked.url}`, { headers: { authorization } }))
      })
    })
    await new Promise<void>(resolve => this.#server?.listen(0, '127.0.0.1', resolve))
    return (this.#server.address() as AddressInfo).port
  }

  close(): void {
    for (const socket of this.#sockets.clients) socket.terminate()
    this.#server?.closeAllConnections()
    this.#server?.close()
  }

  #join(reader: WebSocket, relay: WebSocket): void {
    const open = new Promise<void>(resolve => relay.once('open', resolve))
    reader.on('message', data => void open.then(() => relay.send(String(data))))
    relay.on('message', data => reader.send(this.#without(String(data))))
    for (const [one, other] of [[reader, relay] as const, [relay, reader] as const]) {
      one.once('close', () => other.terminate())
      one.once('error', () => other.terminate())
    }
  }

  #without(text: string): string {
    const frame = JSON.parse(text) as { entries?: { index: number }[] }
    if (frame.entries === undefined) return text
    const entries = frame.entries.map(each => (this.hidden.has(each.index) ? { ...each, seals: [] } : each))
    return JSON.stringify({ ...frame, entries })
  }
}
