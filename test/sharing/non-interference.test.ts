import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { admit, openMirror, statementsOf } from '@chancery/client'
import {
  type CharterState,
  type Handling,
  type LogView,
  type OpenKey,
  type Placed,
  type StreamFrame,
  type Submission,
  type Tlp,
  actions,
  alarms,
  assembleEvidence,
  atLeastAsRestricted,
  boardOf,
  decide,
  fromBase64url,
  kinds,
  openedByReleases,
  readerOf,
  releaseControl,
  seal,
  selectFor,
  subjectsOf,
  tiers,
  toldTo,
} from '@chancery/protocol'
import { openStore } from '@chancery/store'
import { afterAll, describe, expect, test } from 'vitest'
import { htmlReport } from '../../apps/auditor/src/html.ts'
import { textReport } from '../../apps/auditor/src/report.ts'
import { boardLines } from '../../apps/partner/src/commands/board.ts'
import { audit } from '../audit/story.ts'
import { running, seed } from '../relay/fixture.ts'
import type { World } from '../world.ts'
import { type Names, named, namesOf, noNames, withoutRandomness } from './normal.ts'
import { type Id, clearanceOf, handedIn, reaches, tell } from './story.ts'
import { type Heard, everythingSent } from './wire.ts'

const folder = mkdtempSync(join(tmpdir(), 'chancery-worlds-'))
afterAll(() => rmSync(folder, { recursive: true }))

type Reader = Id | 'anyone'
const sees = (reader: Reader, marking: Handling): boolean =>
  reader === 'anyone' ? marking.tlp === 'clear' : reaches(marking, 'aldova', reader)

/** One of two worlds. What this reader may not see has other words in the second, and more; the rest is the same. */
function worldOf(which: 0 | 1, reader: Reader): Promise<World> {
  let part = 0
  return tell(seed, (marking, what) => {
    part += 1
    // Any length within the smallest bucket, another for each part.
    return which === 0 || sees(reader, marking) ? `0 ${what}` : `1 ${what} ${'x'.repeat((part * 37) % 300)}`
  })
}

/** What the reader gets to see, in one list: what was asked, how many bytes came, and which. */
type Seen = { readonly asked: string; readonly length: number; readonly shown: string }

type World_ = { readonly world: World; readonly reader: Reader; readonly names: Names }
type Reseal = (submission: Submission) => Promise<Submission>

async function allSeen({ world, reader, names }: World_, reseal: Reseal): Promise<Seen[]> {
  // Small frames: where each ends shows if it depends on more than the reader is sent.
  const it = await running(world, { frameBytesMax: 100_000 })
  try {
    for (const logged of world.logged.slice(1)) {
      const submission = await reseal(await handedIn(world, logged))
      const { body } = await it.api.submit(logged.statement.iss, [submission])
      expect(body.results).toMatchObject([{ index: logged.index }])
    }
    const member = reader === 'anyone' ? null : reader
    const heard = await everythingSent(it, member, await hostile(world))
    const seen: Seen[] = []
    for (const each of heard) seen.push(await seenOf(each, keysOf(world, reader), names))
    for (const each of it.lines) seen.push(plain('a line of the journal', withoutTime(each), names))
    if (member !== null) seen.push(...(await nodeOutputs({ world, reader, names }, heard)))
    return seen
  } finally {
    await it.relay.close()
    it.files.remove()
  }
}

/** Statements of others, of every tier, handed in by this reader as far as it has them: without their containers. */
const hostile = async (world: World): Promise<Submission[]> => {
  const handed = await Promise.all(world.logged.slice(3, 14).map(logged => handedIn(world, logged)))
  return handed.map(submission => ({ ...submission, seals: [] }))
}

const keysOf = (world: World, reader: Reader): OpenKey[] => {
  const member = world.members[reader]
  return member === undefined ? [] : [member.encKey, member.xwingKey, member.personKey]
}

/** The clock of the machine, and the port that it gave. */
const withoutTime = (line: string): string => line.replace(/"at":"[^"]*",?|"ms":\d+|"port":\d+/g, '')

const plain = (asked: string, text: string, names: Names): Seen => ({
  asked: named(asked, names),
  length: text.length,
  shown: named(text, names),
})

const utf8Of = (bytes: string): string => Buffer.from(bytes, 'latin1').toString('utf8')

/** JSON is read for its containers; hash tiles and bundles are cut into their parts; all else is text. */
async function seenOf({ asked, bytes }: Heard, keys: readonly OpenKey[], names: Names): Promise<Seen> {
  const [head, content] = asked === 'stream' ? ['', bytes] : splitAt(bytes, '\n\n')
  const body = content.startsWith('{') ? JSON.stringify(await withoutRandomness(JSON.parse(content), keys)) : content
  const shown = asked.includes('/tile/') ? partsOf(asked, body) : body
  return { ...plain(asked, `${head}\n${shown}`, names), length: bytes.length }
}

function splitAt(text: string, mark: string): [string, string] {
  const at = text.indexOf(mark)
  return [text.slice(0, at), text.slice(at + mark.length)]
}

function partsOf(asked: string, body: string): string {
  const bytes = Buffer.from(body, 'latin1')
  const parts: string[] = []
  for (let at = 0; at < bytes.length;) {
    const isBundle = asked.includes('/entries/')
    const [from, length] = isBundle ? [at + 2, bytes.readUInt16BE(at)] : [at, 32]
    parts.push(bytes.subarray(from, from + length).toString('base64url'))
    at = from + length
  }
  return parts.join('\n')
}

/** What the reader's own node makes of the very frames that it was sent: notices, board, folders, reports. */
async function nodeOutputs({ world, reader, names }: World_, heard: readonly Heard[]): Promise<Seen[]> {
  const store = openStore(join(folder, `${crypto.randomUUID()}.db`), { origin: world.origin, create: true })
  if (!store.ok) throw new Error(store.code)
  const genesis = world.logged[0]?.jws ?? ''
  const mirror = await openMirror({
    store: store.value,
    genesis,
    openKeys: keysOf(world, reader),
    primitives: world.primitives,
  })
  if (!mirror.ok) throw new Error(mirror.code)
  const [, ...frames] = heard
    .filter(({ asked }) => asked === 'stream')
    .map(({ bytes }) => JSON.parse(utf8Of(bytes)) as StreamFrame)
  const seen: Seen[] = []
  for (const { entries, checkpoint } of frames) {
    const admitted = await admit(mirror.value, entries, checkpoint)
    if (!admitted.ok) throw new Error(`${admitted.code} ${admitted.at}`)
    const { placed, openedLate, ...notices } = admitted.value
    const held = [...placed, ...openedLate].map(({ index }) => index)
    seen.push(plain('notices', JSON.stringify([notices, held]), names))
  }
  const placed = statementsOf(mirror.value)
  if (!placed.ok) throw new Error(placed.code)
  const { charter } = mirror.value
  const view = { size: world.size, rootAt: world.rootAt }
  const held = placed.value.map(({ statement, index }) => ({ ...statement, jws: '', signature: '', index }))
  seen.push(plain('statements', JSON.stringify(held), names))
  // Of whatever has been silent for a century.
  const told = toldTo(placed.value, charter, reader)
  const unopened = (size: number) => mirror.value.store.unopened(size)
  const raised = alarms({ told, strays: [], owed: [], rootAt: view.rootAt, unopened }, 2 ** 32)
  expect(raised.map(({ code }) => code)).toContain('frozen')
  seen.push(plain('alarms', JSON.stringify(raised), names))
  const board = boardOf({ placed: placed.value, charter, view })
  seen.push(plain('board', JSON.stringify(board), names), plain('board, as read', boardLines(board).join('\n'), names))
  seen.push(plain('decisions', JSON.stringify(decisionsOn(placed.value, charter, view)), names))
  for (const tier of tiers.filter(each => atLeastAsRestricted(clearanceOf[reader as Id], each))) {
    const exhibits = selectFor({ reader: tier, charter, placed: placed.value, view, moment: 0 })
    seen.push(...(await folderSeen({ world, reader, names }, tier, exhibits)))
  }
  return seen
}

/** What this node answers to `why`, of every reader and action, with all that it holds of openings and grants. */
function decisionsOn(placed: readonly Placed[], charter: CharterState, view: LogView) {
  const at = { size: view.size, moment: 0 }
  const facts = { control: releaseControl(placed, at), released: openedByReleases(placed, view), at }
  return placed.flatMap(({ statement }) =>
    [...Object.keys(clearanceOf), 'anyone'].flatMap(name => {
      const asked = readerOf(charter, name)
      const subjects = asked === undefined ? [] : subjectsOf(statement, facts, { reader: name })
      return subjects.flatMap(({ slot, subject }) =>
        actions.map(action => [slot, name, action, asked && decide(subject, asked, action, at).rule]),
      )
    }),
  )
}

async function folderSeen(
  { world, reader, names }: World_,
  tier: Tlp,
  exhibits: ReturnType<typeof selectFor>,
): Promise<Seen[]> {
  const { primitives, origin, vkey, size, tree, entries } = world
  const files = assembleEvidence({
    primitives,
    reader: tier,
    exportedBy: reader,
    genesis: world.charter.genesis,
    origin,
    vkey,
    checkpoint: world.checkpoint(),
    size,
    entry: index => entries[index] ?? new Uint8Array(0),
    read: tree.read,
    exhibits,
  })
  const report = await audit(files)
  expect(report.findings).toEqual([])
  const parts = [...files].map(([path, bytes]) => {
    const text = Buffer.from(bytes).toString('latin1')
    if (path === 'manifest.json') return manifestSeen(text, names)
    return plain(`/${path}`, path.includes('/tile/') ? partsOf(path, text) : text, names)
  })
  const sorted = parts.sort((a, b) => (a.asked < b.asked ? -1 : 1))
  return [
    ...sorted,
    plain('report', JSON.stringify(report), names),
    plain('text', textReport(report, 'whole'), names),
    plain('page', htmlReport(report), names),
  ]
}

/** It has the digest of each file, in the order of paths, which are hashes too. */
function manifestSeen(text: string, names: Names): Seen {
  const seen = plain('/manifest.json', text.replace(/"sha256":"[^"]{43}"/g, '"sha256"'), names)
  const listed = seen.shown.match(/\{"path":[^}]*\}/g) ?? []
  return { ...seen, shown: [seen.shown.replace(/\[.*\]/, ''), ...listed.sort()].join('\n') }
}

const asItIs: Reseal = async submission => submission

/** The containers that do not reach the reader hold other bytes, sealed to the same keys, in the same bucket. */
const otherInside =
  (world: World, reader: Reader): Reseal =>
  async submission => {
    const seals = submission.seals.map(async tier => {
      if (sees(reader, tier)) return tier
      const aad = fromBase64url(tier.jwe.aad) ?? new Uint8Array(0)
      const kids = new Set(tier.jwe.recipients.map(({ header }) => header.kid))
      const recipients = [...world.charter.keys.values()]
        .map(({ record }) => record)
        .filter(({ kid }) => kids.has(kid))
        .map(({ kid, jwk }) => ({ kid, jwk }) as OpenKey)
      return { ...tier, jwe: await seal({ plaintext: new Uint8Array(700).fill(7), aad, recipients }) }
    })
    return { ...submission, seals: await Promise.all(seals) }
  }

const readers: readonly Reader[] = ['anyone', 'estmark', 'dorvane', 'caldria', 'borsk']

describe('two worlds that differ only in what a reader may not see', () => {
  for (const reader of readers) {
    test(`show ${reader} the same bytes, but for the hashes of what differs`, async () => {
      const seen: Seen[][] = []
      for (const which of [0, 1] as const) {
        const world = await worldOf(which, reader)
        seen.push(await allSeen({ world, reader, names: namesOf(world) }, asItIs))
      }
      expect(seen[1]).toEqual(seen[0])
      expect(seen[0]?.length).toBeGreaterThan(50)
    }, 120_000)
    test(`under the same signed statements show ${reader} the same bytes, hashes too`, async () => {
      const world = await worldOf(0, reader)
      const same = { world, reader, names: noNames }
      expect(await allSeen(same, otherInside(world, reader))).toEqual(await allSeen(same, asItIs))
    }, 120_000)
  }
  test('tell of every kind that not anyone may read, in every tier that its parties can have', async () => {
    const world = await worldOf(0, 'anyone')
    const hidden = tiers.filter(tlp => tlp !== 'clear')
    const told = (kind: string) =>
      hidden.filter(tlp => world.logged.some(({ statement: s }) => s.kind === kind && s.claims.handling.tlp === tlp))
    for (const [kind, { ofRecord }] of Object.entries(kinds)) {
      if (ofRecord === true) continue
      // TLP:RED is for named persons: what is between members has no such readers.
      const wanted = kind === 'attribution.statement' ? hidden : hidden.filter(tlp => tlp !== 'red')
      expect([kind, told(kind)]).toEqual([kind, wanted])
    }
  })
  test('are two: what differs is seen by whoever may see it', async () => {
    const [one, other] = [await worldOf(0, 'estmark'), await worldOf(1, 'estmark')]
    const of = (world: World) => allSeen({ world, reader: 'dorvane', names: namesOf(world) }, asItIs)
    const [a, b] = [await of(one), await of(other)]
    expect(b).not.toEqual(a)
    expect(JSON.stringify(b)).toContain('1 tear line amber')
    expect(one.logged.map(({ sid }) => sid)).not.toEqual(other.logged.map(({ sid }) => sid))
  }, 120_000)
})
