import { type Submission, canonical, tilePath, tilesForSize, toBase64url } from '@chancery/protocol'
import type { Running } from '../relay/fixture.ts'

/** One thing a reader was sent, by what it asked for. Bytes are characters: nothing of them is lost. */
export type Heard = { readonly asked: string; readonly bytes: string }

const latin1 = (buffer: ArrayBuffer | Buffer): string => Buffer.from(buffer as ArrayBuffer).toString('latin1')

/** What a socket said, frame by frame, until the log has this size. */
export async function streamBytes({ api, world }: Running, member: string): Promise<Heard[]> {
  const stream = await api.stream(member, null)
  const heard: Heard[] = []
  stream.socket.on('message', data => heard.push({ asked: 'stream', bytes: latin1(data as Buffer) }))
  await stream.answer()
  await stream.until(world.size)
  stream.socket.close()
  return heard
}

/** `member` null: somebody without a proof. The whole answer, headers too, but for the date. */
async function fetched(it: Running, member: string | null, path: string, body?: string): Promise<Heard> {
  const method = body === undefined ? 'GET' : 'POST'
  const asked = { path, method, ...(body !== undefined && { body }) } as const
  const authorization = member === null ? undefined : await it.api.authorization(member, asked)
  const headers = { ...(authorization !== undefined && { authorization }) }
  const response = await fetch(it.api.url + path, { method, headers, ...(body !== undefined && { body }) })
  const lines = [...response.headers].filter(([name]) => name !== 'date').map(line => line.join(': '))
  const content = latin1(await response.arrayBuffer())
  return { asked: `${method} ${path}`, bytes: [String(response.status), ...lines, '', content].join('\n') }
}

const pathsOf = ({ world }: Running): string[] => {
  const { size } = world
  return [
    '/checkpoint',
    '/charter',
    ...tilesForSize(size).map(address => `/${tilePath(address)}`),
    ...world.logged.map(({ index }) => `/receipt/${index}`),
    `/proof/consistency?from=1&to=${size}`,
    `/proof/consistency?from=${size - 3}&to=${size}`,
  ]
}

/** By each name: whoever knows one may ask, and what it is told must not depend on what it may not see. */
const byName = ({ world }: Running): string[] =>
  world.logged.flatMap(({ index, sid, entry }) => {
    const names = [String(index), sid, ...(entry.length === 65 ? [toBase64url(entry.subarray(1, 33))] : [])]
    return names.map(name => `/statements/${name}`)
  })

/** All that one caller can get out of a relay: the stream, every route, every id, and refusals of what it sends. */
export async function everythingSent(
  it: Running,
  member: string | null,
  sent: readonly Submission[],
): Promise<Heard[]> {
  const heard = member === null ? [] : await streamBytes(it, member)
  for (const path of [...pathsOf(it), ...byName(it)]) heard.push(await fetched(it, member, path))
  for (const submission of sent) {
    heard.push(await fetched(it, member, '/statements', canonical({ submissions: [submission] } as never)))
  }
  return heard
}
