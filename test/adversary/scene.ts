import {
  type Claims,
  type Delivery,
  type Handling,
  type KindName,
  canonical,
  cosign,
  formatLine,
  kinds,
  openCheckpoint,
  policyOf,
  toBase64url,
  utf8,
} from '@chancery/protocol'
import { ed25519 } from '@noble/curves/ed25519.js'
import { WebSocket } from 'ws'
import { whenOf } from '../audit/story.ts'
import { deliveryOf, submissionOf } from '../deliveries.ts'
import { type Running, running, sha256 } from '../relay/fixture.ts'
import { type LoggedStatement, type World, derive, makeWorld } from '../world.ts'

/** Who looks on. The subscriber is the coordinator: it reads the joins, and has most to lose. */
export const cast = { subscriber: 'aldova', author: 'borsk', witness: 'caldria', publisher: 'dorvane' } as const

/** What is said once every party has seen the log as it was: each in its own chain, so that any order is lawful. */
export const sayings = ['forAll', 'open', 'join', 'forOthers'] as const
export type Saying = (typeof sayings)[number]

/** A real relay, and a coalition of which all but one of the witnesses cosign whatever is its true log. */
export type Scene = {
  readonly run: Running
  readonly world: World
  /** The call-out text that a join answers. */
  readonly text: string
  /** Log size that every party has seen before anybody lies. */
  readonly known: number
  /** The note of a quorum over the true log, by its size. */
  readonly notes: ReadonlyMap<number, string>
  readonly close: () => Promise<void>
}

const { template } = kinds['attribution.statement']

export async function beginScene(seed: string): Promise<Scene> {
  const world = await makeWorld({ members: 4, seed, quorum: 3, curvesOnly: true })
  const text = await tellUntilText(world)
  const run = await running(world)
  const notes = new Map<number, string>()
  const others = await othersWitness(run, notes)
  for (const logged of world.logged.slice(1)) await handIn(run, logged)
  const close = async () => {
    others.terminate()
    await run.relay.close()
    run.files.remove()
  }
  const scene = { run, world, text, known: world.size, notes, close }
  await isWitnessed(scene, world.size)
  return scene
}

async function tellUntilText(world: World): Promise<string> {
  const { subscriber, author, witness, publisher } = cast
  const { sid } = await world.statement('attribution.statement', subscriber, { ...template, title: 'The harbour case' })
  const invitees = [author, witness, publisher]
  const more = { title: 'On the harbour case', attributions: [sid], pen_holder: subscriber, invitees, deputies: [] }
  const when = { respond_by: whenOf(100), release_window: { from: whenOf(120), until: whenOf(600) } }
  const proposed = { ...kinds['callout.propose'].template, ...more, ...when }
  const proposal = await world.statement('callout.propose', subscriber, proposed, { tlp: 'green' })
  const texts = [{ lang: 'en', title: 'On the harbour case', text: 'We name the organ.' }]
  const claims = [{ id: 'c1', attribution: sid, claim: template.claims[0]?.id ?? '' }]
  const deadline = { size: world.size + 40, at: whenOf(100) }
  const body = { proposal: proposal.sid, texts, claims, deadline, lapse: { size: world.size + 500 } }
  return (await world.statement('callout.text', subscriber, body, { tlp: 'green' })).sid
}

const handIn = async ({ api, world }: Running, logged: LoggedStatement): Promise<void> => {
  const { body } = await api.submit(logged.statement.iss, [await submissionOf(world, logged)])
  const [result] = body.results
  if (result === undefined || 'code' in result) throw new Error(`not logged: ${JSON.stringify(result)}`)
}

type Words = { readonly kind: KindName; readonly handling: Handling; readonly body: unknown; readonly tear?: true }

function wordsOf({ text }: Scene, saying: Saying): Words {
  const { subscriber, author, witness } = cast
  const attribution = { kind: 'attribution.statement', body: { ...template, title: `Said ${saying}` } } as const
  switch (saying) {
    case 'forAll':
      return { ...attribution, handling: { tlp: 'green' }, tear: true }
    case 'open':
      return { ...attribution, handling: { tlp: 'clear' } }
    case 'forOthers':
      return { ...attribution, handling: { tlp: 'green', releasable_to: [author, witness] } }
    case 'join': {
      const body = { ...kinds['callout.join'].template, text }
      return { kind: 'callout.join', handling: { tlp: 'green', releasable_to: [subscriber, author] }, body }
    }
  }
}

export type Said = { readonly at: Readonly<Record<Saying, number>>; readonly stored: readonly Delivery[] }

/**
 * The author says it all on the true log, in this order, and a quorum counts it. `late`: the last of them was signed
 * before the others, and its author had seen no more than was known then.
 */
export async function sayOn(scene: Scene, order: readonly Saying[], late = false): Promise<Said> {
  const { world, run } = scene
  const seen = seenNow(world)
  const iat = world.logged.at(-1)?.payload.iat ?? 0
  const at = {} as Record<Saying, number>
  for (const [i, saying] of order.entries()) {
    const { kind, handling, body, tear } = wordsOf(scene, saying)
    const { tlp, ...more } = handling
    const wasEarly = late && i === order.length - 1
    const change = (claims: Claims) => (wasEarly ? { ...claims, iat, seen } : claims)
    const line = { label: 'method', tlp: 'green' as const, content: { text: 'How it is known' } }
    const opts = { tlp, handling: more, change, ...(tear && { tear: [line] }) }
    const logged = await world.statement(kind, cast.author, body, opts)
    at[saying] = logged.index
    await handIn(run, logged)
  }
  await isWitnessed(scene, world.size)
  return { at, stored: await Promise.all(world.logged.map(logged => deliveryOf(world, logged))) }
}

/** Lets the log of the relay grow by one that nobody was told of. */
export async function passOne(scene: Scene): Promise<void> {
  await scene.world.pass(1)
  const last = scene.world.logged.at(-1)
  if (last !== undefined) await handIn(scene.run, last)
}

/** What whoever looks now has seen. */
const seenNow = (world: World): Claims['seen'] => ({
  note: toBase64url(sha256(utf8(world.checkpoint()))),
  root: world.rootAt(world.size) ?? '',
  size: world.size,
})

const witnessedLine = (size: number): RegExp => new RegExp(`"event":"witnessed".*"size":${size}[,}]`)
export const isWitnessed = ({ run }: Scene, size: number): Promise<void> => run.heard(witnessedLine(size))

/** Three members whose nodes follow the true log alone: they cosign what the relay itself asks them to. */
async function othersWitness(run: Running, notes: Map<number, string>): Promise<WebSocket> {
  const { world, api } = run
  const { subscriber, author, publisher } = cast
  const authorization = await api.authorization(author, { path: '/stream' })
  const socket = new WebSocket(`${api.url.replace('http', 'ws')}/stream`, { headers: { authorization } })
  socket.on('error', () => undefined)
  socket.on('open', () => socket.send(canonical({ resume: null })))
  socket.on('message', data => {
    const { cosign: note, cosigned } = JSON.parse(String(data)) as { cosign?: string; cosigned?: string }
    if (cosigned !== undefined) notes.set(Number(cosigned.split('\n')[1]), cosigned)
    if (note === undefined) return
    const lines = [subscriber, author, publisher].map(id => lineOver(world, id, note))
    socket.send(canonical({ lines: lines.join(''), size: Number(note.split('\n')[1]) }))
  })
  await new Promise<void>(resolve => socket.once('message', () => resolve()))
  return socket
}

/** The cosignature of a member over the checkpoint of a note. */
export function lineOver(world: World, id: string, note: string, at = Math.floor(Date.now() / 1_000)): string {
  const { origin, vkey, primitives, charter, seed } = world
  const opened = openCheckpoint({ note, origin, vkey, primitives })
  const key = policyOf(sha256, charter.charter)?.witnesses.find(({ name }) => name === id)?.key
  if (!opened.ok || key === undefined) throw new Error(`${id} cannot cosign that`)
  const sign = (message: Uint8Array) => ed25519.sign(message, derive(seed, `${id} witness`))
  return formatLine(cosign(key, { checkpoint: opened.value, at, sign }))
}
