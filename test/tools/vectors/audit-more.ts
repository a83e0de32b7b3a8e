import {
  type Exhibit, type Json, assembleEvidence, canonicalBytes, fromUtf8, kinds, logTilePath, receiptPath, signCheckpoint,
  statementPath, toBase64url, utf8,
} from '@chancery/protocol'
import { doctored, flipped } from '../../audit/doctor.ts'
import { everythingIn, folderFor, logAnyway, partsFor, whenOf } from '../../audit/story.ts'
import { type SignedDraft, type World, derive, makeWorld } from '../../world.ts'
import type { VectorCase } from './vector-file.ts'

type Folder = ReadonlyMap<string, Uint8Array>
const template = kinds['attribution.statement'].template
const bad = (name: string, folder: Folder, expect: string, at: string): VectorCase => ({
  name, expect, at,
  given: { files: Object.fromEntries([...folder].map(([path, bytes]) => [path, toBase64url(bytes)])) },
})
const worldOf = (seed: string) => makeWorld({ members: 1, seed: `audit vectors: ${seed}`, curvesOnly: true })
const place = ({ payload: { kind }, sid }: SignedDraft, at = '') => `${statementPath({ kind, sid })}${at}`
const elsewhere = toBase64url(derive('audit vectors', 'elsewhere'))

/** Each member of a manifest left out or of another shape: a folder of one statement, CLEAR. */
export async function manifestCases(): Promise<VectorCase[]> {
  const folder = folderFor(await worldOf('manifest'), 'clear')
  const manifest = JSON.parse(fromUtf8(folder.get('manifest.json') ?? utf8('')) ?? '') as Record<string, Json>
  const files = manifest['files'] as Record<string, Json>[]
  const [first, ...rest] = files
  const sid = String(manifest['genesis'])
  const charterPath = statementPath({ kind: 'charter.adopt', sid })
  const written = (value: Json) => new Map(folder).set('manifest.json', canonicalBytes(value))
  const wrong = (name: string, change: object, at: string) =>
    bad(`a manifest ${name}`, written({ ...manifest, ...change } as Json), 'evidence.bad-manifest',
      `manifest.json#${at}`)
  const without = (member: string): Json => {
    const { [member]: _, ...others } = manifest
    return others
  }
  const file = (change: object) => ({ files: [{ ...first, ...change }, ...rest] })
  /** A file more, at its place among the others, so that its path alone is at fault. */
  const stray = (path: string) => {
    const all = [...files, { ...first, path }].sort((a, b) => (String(a['path']) < String(b['path']) ? -1 : 1))
    return wrong(`that lists ${path.replace(elsewhere, 'a sid')}`, { files: all },
      `/files/${all.findIndex(each => each['path'] === path)}/path`)
  }
  return [
    ...Object.keys(manifest).map(member => bad(`a manifest without ${member}`, written(without(member)),
      'evidence.bad-manifest', `manifest.json#/${member}`)),
    wrong('with a member more', { note: 'x' }, '/note'),
    wrong('of version 0', { v: 0 }, '/v'),
    wrong('of version 2', { v: 2 }, '/v'),
    wrong('by a name in capitals', { exported_by: 'Aldova' }, '/exported_by'),
    wrong('of an origin of two lines', { origin: 'a\nb' }, '/origin'),
    wrong('of a genesis that is no sid', { genesis: 'x' }, '/genesis'),
    wrong('of a root that is no digest', { root: 'x' }, '/root'),
    wrong('of a root that the checkpoint has not', { root: elsewhere }, '/root'),
    wrong('of a size below nothing', { size: -1 }, '/size'),
    wrong('whose files are one file', { files: first }, '/files'),
    wrong('whose files are not sorted', { files: files.toReversed() }, '/files'),
    wrong('that lists a file twice', { files: [first, first, ...rest] }, '/files'),
    wrong('with a digest that is none', file({ sha256: 'x' }), '/files/0/sha256'),
    wrong('with a file of a size below nothing', file({ size: -1 }), '/files/0/size'),
    wrong('with a file of more members', file({ mode: 1 }), '/files/0/mode'),
    ...['manifest.json', 'notes.txt', '../log/vkey', '/log/vkey', 'log/vkey/', 'log/key', 'log/tile/0/0', 'tile/0/000',
      'charter/x.jws', `statements/${elsewhere}.json`, `statements/${elsewhere}`, `receipts/${elsewhere}.jws`,
      `charter/${elsewhere}.tlog-proof`, `other/${elsewhere}.jws`, `statements/${elsewhere.slice(1)}.jws`].map(stray),
    bad('a manifest that is a list', written([]), 'evidence.bad-manifest', 'manifest.json'),
    bad('a manifest with a new line after', new Map(folder).set('manifest.json',
      utf8(`${fromUtf8(folder.get('manifest.json') ?? utf8('')) ?? ''}\n`)), 'evidence.bad-manifest', 'manifest.json'),
    bad('a file of the size listed and other bytes', new Map(folder).set('log/vkey',
      (folder.get('log/vkey') ?? utf8('')).toReversed()), 'evidence.altered', 'log/vkey'),
    ...['log/vkey', 'log/checkpoint', logTilePath({ level: 0, index: 0, width: 1 }),
      logTilePath({ level: 'entries', index: 0, width: 1 })].map(path =>
      bad(`${path} listed and not there`, new Map([...folder].filter(([each]) => each !== path)), 'evidence.missing',
        path)),
    bad('a verifier key that is none', doctored(folder, copy => copy.set('log/vkey', utf8('ledger'))), 'log.bad-vkey',
      'log/vkey'),
    ...['log/vkey', 'log/checkpoint', charterPath].map(path =>
      bad(`${path.split('/').slice(0, 2).join('/').slice(0, 14)} that is not UTF-8`,
      doctored(folder, copy => copy.set(path, Uint8Array.of(255))), 'bytes.not-utf8', path)),
    bad('a receipt that is not UTF-8', doctored(folder, copy => copy.set(receiptPath(sid), Uint8Array.of(255))),
      'bytes.not-utf8', receiptPath(sid)),
    bad('a checkpoint that is no note', doctored(folder, copy => copy.set('log/checkpoint', utf8('x'))), 'log.bad-note',
      'log/checkpoint'),
  ]
}

/** Statements that stand where they should not, and what is left out of a folder. */
export async function placeCases(): Promise<VectorCase[]> {
  return [...(await originCases()), ...(await repeatedCases()), ...(await chainCases()), ...(await tierCases())]
}

/** The log's key signs for another name than the charter gives the log. */
async function originCases(): Promise<VectorCase[]> {
  const world = await worldOf('origin')
  const origin = 'relay.example/other'
  const { size, tree, vkey, relay } = world
  const checkpoint = signCheckpoint({ checkpoint: { origin, size, root: tree.root() }, vkey, sign: relay.sign })
  const folder = assembleEvidence({ ...partsFor(world, 'clear'), origin, checkpoint })
  return [bad('a checkpoint of another log by the key of ours', folder, 'log.wrong-origin', 'manifest.json#/origin')]
}

async function repeatedCases(): Promise<VectorCase[]> {
  const [closed, lawless] = [await worldOf('repeated'), await worldOf('lawless')]
  const one = await say(closed, 'amber')
  const stranger = await lawless.draft('callout.propose', 'aldova', {
    ...kinds['callout.propose'].template, attributions: [(await lawless.statement('attribution.statement', 'aldova',
      template)).sid],
    pen_holder: 'aldova', invitees: ['nobody'], deputies: [], respond_by: whenOf(10),
    release_window: { from: whenOf(10), until: whenOf(20) },
  })
  return [
    bad('one sealed entry twice', logged(closed, [one, one]), 'statement.duplicate',
      'log/tile/entries/000.p/3'),
    bad('a proposal that invites a stranger', logged(lawless, [stranger]), 'statement.breaks-law',
      place(stranger, '#/body/invitees/0')),
  ]
}

const say = (world: World, tlp: 'clear' | 'amber' | 'red' = 'clear') =>
  world.draft('attribution.statement', 'aldova', template, { tlp })

function logged(world: World, drafts: readonly SignedDraft[]): Folder {
  const exhibits: Exhibit[] = [...partsFor(world, 'red').exhibits]
  for (const draft of drafts) {
    const { sid, payload: { kind }, jws } = draft
    const index = logAnyway(world, draft, 'as asked')
    if (!exhibits.some(each => each.sid === sid)) exhibits.push({ index, sid, kind, jws, disclosures: [] })
  }
  return assembleEvidence({ ...partsFor(world, 'red'), exhibits })
}

/** A gap in a chain: what a reader of the tier must have, and what another may lack. */
async function chainCases(): Promise<VectorCase[]> {
  const world = await worldOf('chain')
  const said = []
  for (let i = 0; i < 3; i++) said.push(await world.statement('attribution.statement', 'aldova', template,
    { tlp: 'amber' }))
  const [first, second, third] = said
  const parts = partsFor(world, 'red')
  const without = (...gone: (SignedDraft | undefined)[]) => assembleEvidence({ ...parts,
    exhibits: parts.exhibits.filter(({ sid }) => !gone.some(each => each?.sid === sid)) })
  const moved = doctored(folderFor(world, 'red'), copy => {
    const path = statementPath({ kind: 'attribution.statement', sid: second?.sid ?? '' })
    copy.set(`charter/${second?.sid}.jws`, copy.get(path) ?? utf8(''))
    copy.delete(path)
  })
  const at = (of: SignedDraft | undefined, within = '') =>
    `${statementPath({ kind: 'attribution.statement', sid: of?.sid ?? '' })}${within}`
  const bare = doctored(folderFor(world, 'red'), copy => copy.delete(receiptPath(third?.sid ?? '')))
  return [
    bad('the first of a chain left out', without(first), 'evidence.missing', at(second, '#/chain')),
    bad('one in the middle of a chain left out', without(second), 'evidence.missing', at(third, '#/chain')),
    bad('two in the middle of a chain left out', without(first, second), 'evidence.missing', at(third, '#/chain')),
    bad('a sealed statement in the folder of another kind', moved, 'evidence.unreferenced',
      `charter/${second?.sid}.jws`),
    bad('a sealed statement without its receipt', bare, 'evidence.missing', receiptPath(third?.sid ?? '')),
    bad('a sealed statement above the tier', assembleEvidence({ ...parts, reader: 'green' }), 'evidence.above-tier',
      at(first)),
  ]
}

/** One file of a folder is not as it was: that file is found, and none that is whole. */
export async function damageCases(): Promise<VectorCase[]> {
  const { world, proposal, text, first } = await tellOpened()
  const folder = folderFor(world, 'clear')
  const lost = (of: SignedDraft) => new Map([...folder].filter(([path]) => path !== place(of)))
  const bent = (of: SignedDraft, at: (bytes: Uint8Array) => number) => {
    const bytes = folder.get(place(of)) ?? utf8('')
    return new Map(folder).set(place(of), flipped(bytes, at(bytes)))
  }
  const inSignature = (bytes: Uint8Array) => bytes.lastIndexOf('.'.charCodeAt(0)) + 10
  const inBody = () => 1_000
  return Object.entries({ proposal, text, join: first }).flatMap(([what, of]) => [
    bad(`a released ${what} that is listed and not there`, lost(of), 'evidence.missing', place(of)),
    bad(`a released ${what}, one bit of whose signature is another`, bent(of, inSignature), 'evidence.altered',
      place(of)),
    bad(`a released ${what}, one bit of whose body is another`, bent(of, inBody), 'evidence.altered', place(of)),
  ])
}

/** A release opens its proposal, its text and its joins, and nothing else. */
async function tierCases(): Promise<VectorCase[]> {
  const { world, attribution, proposal, text, decline, release } = await tellOpened()
  const parts = partsFor(world, 'clear')
  const all = everythingIn(world)
  const withOne = (sid: string) => assembleEvidence({ ...parts,
    exhibits: all.filter(each => each.sid === sid || parts.exhibits.some(held => held.sid === each.sid)) })
  const without = (sid: string) => assembleEvidence({ ...parts, exhibits: parts.exhibits.filter(each =>
    each.sid !== sid) })
  return [
    bad('a decline beside a release that does not open it', withOne(decline.sid), 'evidence.above-tier',
      place(decline)),
    bad('an attribution beside a release that does not open it', withOne(attribution.sid), 'evidence.above-tier',
      place(attribution)),
    bad('a release without its text', without(text.sid), 'evidence.missing', place(release, '#/body/text')),
    bad('a release without its proposal', without(proposal.sid), 'evidence.missing', place(release, '#/body/text')),
  ]
}

/** One member joins, the other declines, and the release opens the join to the public. */
async function tellOpened() {
  const world = await makeWorld({ members: 2, seed: 'audit vectors: opened', curvesOnly: true })
  const attribution = await world.statement('attribution.statement', 'aldova', template, { tlp: 'red' })
  const proposal = await world.statement('callout.propose', 'aldova', {
    ...kinds['callout.propose'].template, attributions: [attribution.sid], pen_holder: 'aldova', invitees: ['borsk'],
    deputies: [], respond_by: whenOf(3), release_window: { from: whenOf(10), until: whenOf(20) },
  }, { tlp: 'green' })
  const text = await world.statement('callout.text', 'aldova', {
    ...kinds['callout.text'].template, proposal: proposal.sid,
    claims: [{ id: 'c1', attribution: attribution.sid, claim: template.claims[0]?.id ?? '' }],
    deadline: { size: world.size + 3, at: whenOf(3) }, lapse: { size: 100 },
  }, { tlp: 'green' })
  const join = { ...kinds['callout.join'].template, text: text.sid }
  const first = await world.statement('callout.join', 'aldova', join, { tlp: 'green' })
  const decline = await world.statement('callout.decline', 'borsk', { text: text.sid, reason: 'timing' },
    { tlp: 'green' })
  const release = await world.statement('callout.release', 'aldova', {
    text: text.sid, cut: { size: world.size, root: world.rootAt(world.size) }, joins: [first.sid],
      released_at: whenOf(12),
  })
  return { world, attribution, proposal, text, first, decline, release }
}
