import { WebSocket, WebSocketServer } from 'ws'

/** What a plain broadcast does: one `send` a message and socket. Started by the bench in a process of its own. */
const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false })
server.on('listening', () => process.send?.({ port: (server.address() as { port: number }).port }))

const burst = 64
const bufferedBytesMax = 1_048_576

process.on('message', ({ bytes, count }: { bytes: number; count: number }) => {
  // Bytes, so that no time goes into turning a text into them.
  const message = Buffer.alloc(bytes, 'x')
  let left = count
  // As a server under load does: what has arrived in one turn goes out, the next turn reads again.
  const turn = (): void => {
    const full = [...server.clients].some(({ bufferedAmount }) => bufferedAmount > bufferedBytesMax)
    const now = full ? 0 : Math.min(burst, left)
    left -= now
    for (let i = 0; i < now; i++) {
      for (const client of server.clients) {
        if (client.readyState === WebSocket.OPEN) client.send(message, { binary: false })
      }
    }
    if (left > 0) setImmediate(turn)
  }
  turn()
})
