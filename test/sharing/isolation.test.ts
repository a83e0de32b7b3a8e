import {
  type Handling,
  type Jwe,
  type OpenKey,
  type Submission,
  fromBase64url,
  subjectOf,
  anyAllowed,
  nodeReaders,
  openedByReleases,
  slotsOf,
  sliceOf,
  fromTheStart,
  unseal,
} from '@chancery/protocol'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Running, running, seed } from '../relay/fixture.ts'
import { type World, makeWorld } from '../world.ts'
import { type Id, handedIn, ids, reaches, tell } from './story.ts'
import { type Heard, everythingSent } from './wire.ts'

let [it, world, strangers] = [
  undefined as unknown as Running,
  undefined as unknown as World,
  undefined as unknown as World,
]
let sent: readonly Submission[] = []
const heard = new Map<string, readonly Heard[]>()
let count = 0
/** Each part has a word of its own, in no other. */
const marked = new Map<string, Handling>()
const words = (marking: Handling, what: string): string => {
  const mark = `mark${String(count++).padStart(4, '0')}x`
  marked.set(mark, marking)
  return `${mark} ${what}`
}

beforeAll(async () => {
  world = await tell(seed, words)
  it = await running(world)
  for (const logged of world.logged.slice(1)) await it.api.submit(logged.statement.iss, [await handedIn(world, logged)])
  strangers = await makeWorld({ members: 2, seed: 'another coalition' })
  const [own] = world.logged.filter(({ statement }) => statement.claims.handling.tlp === 'amber')
  sent = own === undefined ? [] : [await handedIn(world, own)]
  for (const id of [...ids, null]) heard.set(id ?? 'anyone', await everythingSent(it, id, sent))
}, 120_000)
afterAll(async () => {
  await it.relay.close()
  it.files.remove()
})

/** Text as it came, and whatever in it is base64 of something, as deep as it goes. */
function* layersOf(bytes: string, depth = 0): Iterable<string> {
  yield bytes
  if (depth > 3) return
  for (const [run] of bytes.matchAll(/[A-Za-z0-9_+/-]{16,}/g)) {
    const decoded = Buffer.from(run, 'base64').toString('latin1')
    if (/[A-Za-z0-9{"]{8}/.test(decoded)) yield* layersOf(decoded, depth + 1)
  }
}

/** Every object with a ciphertext, wherever it stands: in JSON, or in a text that is JSON once it is decoded. */
function* containersIn(value: unknown): Iterable<Jwe> {
  if (typeof value !== 'object' || value === null) return
  if ('ciphertext' in value) yield value as Jwe
  for (const part of Object.values(value)) yield* containersIn(part)
}

function containersOf(sent_: readonly Heard[]): readonly Jwe[] {
  const found = new Map<string, Jwe>()
  for (const { bytes } of sent_) {
    for (const layer of layersOf(bytes)) {
      const json = jsonOf(layer.slice(layer.indexOf('\n\n') < 0 ? 0 : layer.indexOf('\n\n') + 2))
      for (const jwe of containersIn(json)) found.set(`${jwe.ciphertext}${jwe.aad}`, jwe)
    }
  }
  return [...found.values()]
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}

/** Each key on each container: as it is named there, and in the place of each recipient that is named in its stead. */
async function openedBy(keys: readonly OpenKey[], containers: readonly Jwe[]): Promise<string[]> {
  const texts: string[] = []
  for (const jwe of containers) {
    const aad = fromBase64url(jwe.aad) ?? new Uint8Array(0)
    for (const key of keys) {
      const suite = key.jwk.kty === 'AKP' ? 'A256KW' : 'ECDH-ES+A256KW'
      const renamed = jwe.recipients
        .filter(({ header }) => header.alg === suite)
        .map(recipient => ({ ...jwe, recipients: [{ ...recipient, header: { ...recipient.header, kid: key.kid } }] }))
      for (const tried of [jwe, ...renamed]) {
        const opened = await unseal({ jwe: tried, aad, keys: [key] })
        if (opened.ok) texts.push(Buffer.from(opened.value).toString('latin1'))
      }
    }
  }
  return texts
}

const keysOf = (from: World, id: string, person: boolean): OpenKey[] => {
  const member = from.members[id]
  return member === undefined ? [] : [member.encKey, member.xwingKey, ...(person ? [member.personKey] : [])]
}

const marksIn = (texts: readonly string[]): Set<string> =>
  new Set(texts.flatMap(text => [...layersOf(text)].flatMap(layer => layer.match(/mark\d{4}x/g) ?? [])))

/** What a caller reads of all that it was sent, with these keys. */
async function readBy(caller: string, keys: readonly OpenKey[]): Promise<Set<string>> {
  const mine = heard.get(caller) ?? []
  return marksIn([...mine.map(({ bytes }) => bytes), ...(await openedBy(keys, containersOf(mine)))])
}

/** By the one decision, of every part of every statement: what a node of this member may see. */
function allowedTo(id: Id, person: boolean): Set<string> {
  const readers = nodeReaders(world.charter, id, person)
  const opened = openedByReleases(world.logged, { size: world.size, rootAt: world.rootAt })
  const marks = world.logged.flatMap(({ statement, lines }) => {
    const subject = subjectOf(statement, opened.get(statement.sid))
    if (!anyAllowed(subject, readers, 'see', fromTheStart)) return []
    const slots = new Map(slotsOf(statement))
    const open = lines.filter(({ label, to }) => {
      const part = to === undefined ? slots.get(label) : sliceOf(statement, to)
      return part !== undefined && anyAllowed(part, readers, 'see', fromTheStart)
    })
    return [JSON.stringify(statement.body), ...open.map(({ disclosure }) => disclosure)]
  })
  return marksIn(marks)
}

describe('the bytes that a relay has sent to a reader open nothing that is not for it', () => {
  test('there is something to be read in each tier, and something withheld from each but the author', async () => {
    for (const id of ids) {
      const read = await readBy(id, keysOf(world, id, true))
      expect(read.size).toBeGreaterThan(10)
      expect(read.size < marked.size || id === 'aldova').toBe(true)
    }
    expect(containersOf(heard.get('borsk') ?? []).length).toBeGreaterThan(20)
  })
  for (const id of ids) {
    for (const person of [true, false]) {
      test(`${id}${person ? ', with the key of its person' : ''}: exactly what the decision allows`, async () => {
        const read = await readBy(id, keysOf(world, id, person))
        const allowed = allowedTo(id, person)
        // Its author keeps a copy of all; what it is given back of that is sealed to persons of others, too.
        const missing = [...allowed].filter(mark => !read.has(mark))
        expect([...read].filter(mark => !allowed.has(mark))).toEqual([])
        expect(id === 'aldova' ? [] : missing).toEqual([])
      })
    }
    test(`${id}: nothing that the twin of the decision keeps from it, were all other decisions wrong`, async () => {
      const read = await readBy(id, keysOf(world, id, true))
      const beyond = [...read].filter(mark => !reaches(marked.get(mark) ?? { tlp: 'red' }, 'aldova', id))
      const own = world.logged.filter(({ statement }) => statement.iss === id)
      const said = marksIn(own.map(({ statement }) => JSON.stringify(statement.body)))
      expect(beyond.filter(mark => !said.has(mark))).toEqual([])
    })
    test(`${id}: its keys on the bytes of all readers, were it to tap every line`, async () => {
      const opened = marksIn(await openedBy(keysOf(world, id, true), containersOf([...heard.values()].flat())))
      const beyond = [...opened].filter(mark => !reaches(marked.get(mark) ?? { tlp: 'red' }, 'aldova', id))
      expect(beyond).toEqual([])
      expect(opened.size).toBeGreaterThan(id === 'estmark' ? 0 : 10)
    })
  }
  test('another coalition: its keys open no container of ours', async () => {
    const keys = strangers.ids.flatMap(other => keysOf(strangers, other, true))
    expect(await openedBy(keys, containersOf(heard.get('borsk') ?? []))).toEqual([])
  })
  test('anyone without a proof: not a word, and no container but that of the charter', () => {
    const mine = heard.get('anyone') ?? []
    expect(marksIn(mine.map(({ bytes }) => bytes))).toEqual(new Set())
    expect(containersOf(mine)).toEqual([])
  })
  test('another coalition: its proofs are refused, and what it is told has no word in it', async () => {
    for (const id of strangers.ids) {
      const signer = strangers.members[id]?.authSigner
      if (signer === undefined) throw new Error(`${id} has no key`)
      const answer = await it.api.call('aldova', { path: '/checkpoint', signer })
      expect([answer.status, answer.text.includes('mark')]).toEqual([403, false])
    }
  })
})
