import { once } from 'node:events'
import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import {
  type Delivery,
  type ResumeAnswer,
  type StreamFrame,
  createTree,
  entryBundle,
  fromBase64url,
  leafHash,
  parseTilePath,
  signCheckpoint,
  toBase64url,
} from '@chancery/protocol'
import { WebSocket, WebSocketServer } from 'ws'
import { sha256 } from '../relay/fixture.ts'
import type { Said, Scene } from './scene.ts'

/** What the liar knows when it lies: the true log, what was said on it, and whom it speaks to. */
export type Stage = { readonly scene: Scene; readonly said: Said; readonly size: number }

/**
 * One lie of a relay that holds the log's own key. What a lie leaves out is told as it is. `head` says which one goes
 * with what is shown: the true one, an old one that was true, or one signed anew over what is shown.
 */
export type Lie = {
  readonly entries?: (all: readonly Delivery[], stage: Stage) => readonly Delivery[]
  readonly head?: 'true' | 'old' | 'anew'
  /** The answer to a cursor, in place of the true one. */
  readonly answer?: (answer: ResumeAnswer, stage: Stage) => ResumeAnswer
  /** What a submission is answered with; undefined cuts the line. */
  readonly submit?: (asked: Asked, stage: Stage) => Promise<Reply | undefined>
  /** What is read of the log by path, in place of what the lie about entries makes of it. */
  readonly get?: (path: string, reply: Reply, stage: Stage) => Reply
}

export type Reply = { readonly status: number; readonly type: string; readonly body: Uint8Array }
export type Asked = { readonly body: Uint8Array; readonly forward: () => Promise<Reply> }

/** Lines that a witness sent, and the note that it had been asked about. */
export type Heard = { readonly size: number; readonly lines: string; readonly note: string }

/** A relay between the members and the true one. It is honest while it has no lie to tell. */
export class Liar {
  lie: Lie | undefined
  said: Said | undefined
  readonly scene: Scene
  /** What came up from witnesses while it lied: size and lines. */
  readonly heard: Heard[] = []
  /** Called after each. */
  onHeard: () => void = () => undefined
  readonly #entries: Uint8Array[] = []
  readonly #server: Server
  readonly #streams = new WebSocketServer({ noServer: true })
  url = ''

  constructor(scene: Scene) {
    this.scene = scene
    this.#server = createServer((request, response) => void this.#answer(request, response))
    this.#server.on('upgrade', (request, socket, head) =>
      this.#streams.handleUpgrade(request, socket, head, client => this.#stream(client, request)),
    )
  }

  async open(): Promise<this> {
    this.#server.listen(0, '127.0.0.1')
    await once(this.#server, 'listening')
    this.url = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
    return this
  }

  async close(): Promise<void> {
    for (const client of this.#streams.clients) client.terminate()
    this.#server.closeAllConnections()
    this.#server.close()
    await once(this.#server, 'close')
  }

  get #stage(): Stage {
    if (this.said === undefined) throw new Error('a lie needs something to be lied about')
    return { scene: this.scene, said: this.said, size: this.#entries.length }
  }

  /** The entries that this lie shows, of a log of this many. */
  #shown(size: number): Uint8Array[] {
    const { known, world } = this.scene
    const stored = this.said?.stored ?? []
    const later = this.lie?.entries?.(stored.slice(known), this.#stage) ?? stored.slice(known)
    const bytes = later.map(({ entry }) => fromBase64url(entry) ?? new Uint8Array(0))
    return [...world.entries.slice(0, known), ...bytes, ...this.#entries.slice(stored.length)].slice(0, size)
  }

  /** The head that goes with what is shown. */
  head(size: number): string {
    const { known, notes, world } = this.scene
    const { head = 'true' } = this.lie ?? {}
    if (head === 'old') return notes.get(known) ?? world.checkpoint(known)
    if (head === 'anew') return this.sign(this.#shown(size))
    return notes.get(size) ?? this.sign([...world.entries, ...this.#entries.slice(world.size)].slice(0, size))
  }

  sign(entries: readonly Uint8Array[]): string {
    const { origin, vkey, relay } = this.scene.world
    const tree = createTree(sha256)
    for (const entry of entries) tree.append(leafHash(sha256, entry))
    return signCheckpoint({ checkpoint: { origin, size: tree.size, root: tree.root() }, vkey, sign: relay.sign })
  }

  /** Up goes what a reader says, down what the lie makes of the true stream. */
  #stream(client: WebSocket, { headers }: IncomingMessage): void {
    const { authorization = '' } = headers
    const upstream = new WebSocket(`${this.scene.run.api.url.replace('http', 'ws')}/stream`, {
      headers: { authorization },
    })
    const pending: Delivery[] = []
    let [answered, from, asked] = [false, 0, '']
    const ask = (note: string) => {
      asked = note
      client.send(JSON.stringify({ cosign: note }))
    }
    for (const end of [client, upstream]) {
      end.on('error', () => undefined)
      end.on('close', () => [client, upstream].forEach(each => each.terminate()))
    }
    client.on('message', data => {
      const said = JSON.parse(String(data)) as { resume?: { leaf?: string; size: number } | null }
      if (!('resume' in said)) {
        this.heard.push({ ...(said as unknown as Heard), note: asked })
        return this.onHeard()
      }
      from = said.resume?.size ?? 0
      const hello = JSON.stringify({ resume: this.#trueCursor(said.resume ?? null) })
      if (upstream.readyState === WebSocket.OPEN) upstream.send(hello)
      else upstream.once('open', () => upstream.send(hello))
    })
    upstream.on('message', data => {
      const said = JSON.parse(String(data)) as object
      if (!answered) {
        answered = true
        const answer = this.#answerOf(said as ResumeAnswer)
        client.send(JSON.stringify(answer))
        if (answer.answer !== 'ok') client.close(1000)
        // A relay asks its witnesses about what they hold when nothing is new to them.
        else if (answer.size <= from) ask(this.head(answer.size))
      } else if ('entries' in said) {
        const frame = this.#frame(pending, said as StreamFrame)
        if (frame === undefined) return
        client.send(JSON.stringify(frame))
        ask(frame.checkpoint)
      } else if ('cosigned' in said && this.lie === undefined) client.send(String(data))
    })
  }

  /** A cursor that was made under a lie is put right, or the true relay would call it a fork. */
  #trueCursor(cursor: { leaf?: string; size: number } | null) {
    const { entries } = this.scene.world
    const last = cursor === null ? undefined : (this.#entries[cursor.size - 1] ?? entries[cursor.size - 1])
    if (cursor === null || last === undefined || this.lie === undefined) return cursor
    return { ...cursor, leaf: toBase64url(leafHash(sha256, last)) }
  }

  #answerOf(answer: ResumeAnswer): ResumeAnswer {
    if (this.lie === undefined) return answer
    return this.lie.answer?.(answer, this.#stage) ?? answer
  }

  /** What the reader gets in place of what has come; undefined while more of it is to come. */
  #frame(pending: Delivery[], { checkpoint, entries }: StreamFrame): StreamFrame | undefined {
    for (const delivery of entries) {
      this.#entries[delivery.index] = fromBase64url(delivery.entry) ?? new Uint8Array(0)
      pending.push(delivery)
    }
    const size = Number(checkpoint.split('\n')[1])
    const { known } = this.scene
    const end = this.said?.stored.length ?? known
    // A lie is about all that was said: it waits until all of it is here.
    const until = this.lie === undefined ? size : Math.max(size, end)
    if ((pending.at(-1)?.index ?? -1) + 1 < until) return undefined
    const all = pending.splice(0)
    const lied = all.filter(({ index }) => index >= known && index < end)
    const edited = lied.length === 0 ? [] : (this.lie?.entries?.(lied, this.#stage) ?? lied)
    const shown = [...all.filter(({ index }) => index < known), ...edited, ...all.filter(({ index }) => index >= end)]
    return { checkpoint: this.lie === undefined ? checkpoint : this.head(until), entries: shown }
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const body = new Uint8Array(Buffer.concat(chunks))
    const path = request.url ?? ''
    // Whoever waits for a quorum is not kept waiting: a relay may cut any line.
    if (path.includes('?wait=')) return void response.destroy()
    const forward = () => this.#forward(request, path, body)
    const reply =
      request.method === 'POST' ? await this.#submitted({ body, forward }) : this.#read(path, await forward())
    if (reply === undefined) return void response.destroy()
    response.writeHead(reply.status, { 'content-type': reply.type }).end(reply.body)
  }

  async #forward({ method, headers }: IncomingMessage, path: string, body: Uint8Array): Promise<Reply> {
    const { authorization = '', 'content-type': type = '' } = headers
    const sent = { method: method ?? 'GET', headers: { authorization, 'content-type': type } }
    const init = body.length > 0 ? { ...sent, body: Buffer.from(body) } : sent
    const answer = await fetch(this.scene.run.api.url + path, init)
    const bytes = new Uint8Array(await answer.arrayBuffer())
    return { status: answer.status, type: answer.headers.get('content-type') ?? '', body: bytes }
  }

  async #submitted(asked: Asked): Promise<Reply | undefined> {
    return this.lie?.submit === undefined ? asked.forward() : this.lie.submit(asked, this.#stage)
  }

  #read(path: string, reply: Reply): Reply {
    if (this.lie === undefined) return reply
    const told = this.#told(path, reply)
    return this.lie.get?.(path, told, this.#stage) ?? told
  }

  /** The log by its tiles and notes, as it is shown. */
  #told(path: string, reply: Reply): Reply {
    const good = (body: Uint8Array, type: string) => ({ status: 200, type, body })
    const size = this.said?.stored.length ?? this.scene.known
    if (path.startsWith('/checkpoint')) return good(Buffer.from(this.head(size)), 'text/plain')
    if (path.startsWith('/notes/')) return good(Buffer.from('{"notes":[]}'), 'application/json')
    const tile = parseTilePath(path.slice(1))
    if (!tile.ok) return reply
    const { level, width } = tile.value
    const shown = this.#shown(width)
    if (level === 'entries') return good(entryBundle(shown), 'application/octet-stream')
    if (level !== 0 || this.lie?.head !== 'anew') return reply
    return good(Buffer.concat(shown.map(entry => leafHash(sha256, entry))), 'application/octet-stream')
  }
}
