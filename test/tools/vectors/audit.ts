import {
  type Claims, type Exhibit, type Manifest, assembleEvidence, formatVkey, fromUtf8, kinds, logTilePath, receiptPath,
  signCheckpoint, statementPath, toBase64url, utf8,
} from '@chancery/protocol'
import { ed25519 } from '@noble/curves/ed25519.js'
import { doctored, flipped } from '../../audit/doctor.ts'
import { everythingIn, folderFor, logAnyway, partsFor, primitives, whenOf } from '../../audit/story.ts'
import { auditChecks } from '../../conformance/checks/audit.ts'
import { type SignedDraft, type World, derive, makeWorld } from '../../world.ts'
import { readerCases } from './audit-readers.ts'
import { damageCases, manifestCases, placeCases } from './audit-more.ts'
import type { VectorCase, VectorFile } from './vector-file.ts'

type Folder = Map<string, Uint8Array>

/** All of spec/vectors/audit: whole folders, `files` by path as base64url. */
export const auditVectors = async (): Promise<Record<string, VectorFile>> => ({
  'audit/folder.json': { spec: 'spec/09-audit.md#folder', check: 'auditFolder', cases: await folderCases() },
  'audit/damage.json': { spec: 'spec/09-audit.md#order', check: 'auditFolder', cases: await damageCases() },
  'audit/manifest.json': { spec: 'spec/09-audit.md#folder', check: 'auditFolder', cases: await manifestCases() },
  'audit/readers.json': {
    spec: 'spec/09-audit.md#order', check: 'auditFolder', cases: await readerCases({ good, bad }),
  },
  'audit/log-keys.json': { spec: 'spec/06-log.md#head', check: 'auditFolder', cases: await rotatedCases() },
  'audit/order.json': { spec: 'spec/09-audit.md#order', check: 'auditFolder', cases: await orderCases() },
})

const template = kinds['attribution.statement'].template
const nothing = utf8('')

const given = (folder: ReadonlyMap<string, Uint8Array>, genesis?: string) => ({
  files: Object.fromEntries([...folder].map(([path, bytes]) => [path, toBase64url(bytes)])),
  ...(genesis !== undefined && { genesis }),
})
const bad = (name: string, folder: ReadonlyMap<string, Uint8Array>, expect: string, at: string): VectorCase =>
  ({ name, given: given(folder), expect, at })

async function good(name: string, folder: Folder, genesis?: string): Promise<VectorCase> {
  const result = await auditChecks['auditFolder']?.(given(folder, genesis))
  if (result?.ok !== true) throw new Error(`${name} does not hold: ${JSON.stringify(result)}`)
  return { name, given: given(folder, genesis), expect: 'ok', value: result.value }
}

/** One member, one statement, a tear line for GREEN and one for RED readers: the smallest folder with every part. */
async function smallWorld(seed = 'audit vectors', more: { curvesOnly?: true } = {}): Promise<World> {
  const world = await makeWorld({ members: 1, seed, ...more })
  const tear = [
    { label: 'methods', tlp: 'green', content: { text: 'How it is known' } },
    { label: 'sources', tlp: 'red', content: { text: 'Who told us' } },
  ] as const
  await world.statement('attribution.statement', 'aldova', template, { tear })
  return world
}

async function folderCases(): Promise<VectorCase[]> {
  const world = await smallWorld()
  const [clear, green, red] = [folderFor(world, 'clear'), folderFor(world, 'green'), folderFor(world, 'red')]
  const sid = world.logged[1]?.sid ?? ''
  const [statement, receipt] = [statementPath({ kind: 'attribution.statement', sid }), receiptPath(sid)]
  const adoption = statementPath({ kind: 'charter.adopt', sid: world.charter.genesis })
  const claim = (claims: Partial<Manifest>) => doctored(green, () => {}, claims)
  const without = (path: string) => new Map([...green].filter(([each]) => each !== path))
  const lost = (path: string) => doctored(green, copy => copy.delete(path))
  const tile = logTilePath({ level: 0, index: 0, width: 1 })
  const text = (folder: Folder) => folder.get(statement) ?? nothing
  const manifest = fromUtf8(green.get('manifest.json') ?? nothing) ?? ''
  return [
    await good('for a CLEAR reader', clear, world.charter.genesis),
    await good('for a GREEN reader', green, world.charter.genesis),
    await good('for a RED reader, whose charter is not pinned', red),
    bad('no manifest', without('manifest.json'), 'evidence.bad-manifest', 'manifest.json'),
    bad('a manifest with a space in it', new Map(green).set('manifest.json', utf8(manifest.replace(':', ': '))),
      'evidence.bad-manifest', 'manifest.json'),
    ...['greed', 'tlp:green', 'aldova/nobody', 'community:nobody'].map(name =>
      bad(`a manifest for the reader ${name}, whom the charter does not know`,
        new Map(green).set('manifest.json', utf8(manifest.replace('"green"', `"${name}"`))),
        'evidence.bad-manifest', 'manifest.json#/reader')),
    bad('a size that the checkpoint has not', claim({ size: 1 }), 'evidence.bad-manifest', 'manifest.json#/size'),
    bad('a listed receipt that is not there', without(receipt), 'evidence.missing', receipt),
    bad('a receipt that nobody lists or has', lost(receipt), 'evidence.missing', receipt),
    bad('a statement in the open that is not there', lost(statement), 'evidence.missing', statement),
    bad('an adoption in the open that is not there', lost(adoption), 'evidence.missing', adoption),
    bad('a tear line within the tier that is not there', doctored(green, copy => copy.set(statement, text(clear))),
      'evidence.missing', `${statement}#/tear/methods`),
    bad('one bit of a statement', new Map(green).set(statement, flipped(text(green), 100)),
      'evidence.altered', statement),
    bad('a file that the manifest does not list', new Map(green).set('notes.txt', utf8('hello')),
      'evidence.unreferenced', 'notes.txt'),
    bad('a tile that the tree has not',
      doctored(green, copy => copy.set(tile, (copy.get('log/tile/0/000.p/2') ?? nothing).slice(0, 32))),
      'evidence.unreferenced', tile),
    bad('a statement that is not on the log', await withStranger(green), 'evidence.unreferenced', await strangerPath()),
    bad('a tear line above the tier', doctored(green, copy => copy.set(statement, text(red))),
      'evidence.above-tier', `${statement}#/tear/sources`),
    ...await sliceCases(),
  ]
}

/** A statement with slices for two members, which no folder for a tier has. */
async function sliceCases(): Promise<VectorCase[]> {
  const world = await makeWorld({ members: 2, seed: 'audit vectors: slices', curvesOnly: true })
  const to = { aldova: { text: 'For aldova' }, borsk: { text: 'For borsk' } }
  const slices = { label: 'addresses', handling: { tlp: 'green' }, to } as const
  const { sid, copy } = await world.statement('attribution.statement', 'aldova', template, { slices })
  const path = statementPath({ kind: 'attribution.statement', sid })
  const folder = folderFor(world, 'green')
  return [
    await good('whose slices are withheld and counted', folder),
    bad('a slice for one member in a folder for its tier', doctored(folder, files => files.set(path, utf8(copy))),
      'evidence.above-tier', `${path}#/slices/aldova`),
  ]
}

const stranger = async () => {
  const world = await makeWorld({ members: 1, seed: 'audit vectors: stranger' })
  return world.draft('attribution.statement', 'aldova', template, { tlp: 'green' })
}
const strangerPath = async () => statementPath({ kind: 'attribution.statement', sid: (await stranger()).sid })

async function withStranger(folder: Folder): Promise<Folder> {
  const [path, { jws }] = [await strangerPath(), await stranger()]
  return doctored(folder, copy => copy.set(path, utf8(`${jws}~`)))
}

async function orderCases(): Promise<VectorCase[]> {
  const world = await smallWorld('audit vectors: order', { curvesOnly: true })
  const clear = folderFor(world, 'clear')
  const entries = logTilePath({ level: 'entries', index: 0, width: 2 })
  const tile = logTilePath({ level: 0, index: 0, width: 2 })
  const sid = world.logged[1]?.sid ?? ''
  const [path, receipt] = [statementPath({ kind: 'attribution.statement', sid }), receiptPath(sid)]
  const part = (file: string) => clear.get(file) ?? nothing
  const change = (file: string, bytes: Uint8Array) => doctored(clear, copy => copy.set(file, bytes))
  const bend = (file: string, at: number) => change(file, flipped(part(file), at))
  const otherJws = utf8((fromUtf8(part(path)) ?? '').replace(/.~$/, '~'))
  const other = await smallWorld('audit vectors: another coalition', { curvesOnly: true })
  return [
    { ...bad('not the coalition that the reader pinned', clear, 'charter.not-genesis', 'manifest.json'),
      given: given(clear, other.charter.genesis) },
    bad('a manifest of another coalition', doctored(clear, () => {}, { genesis: other.charter.genesis }),
      'charter.not-genesis', 'manifest.json#/genesis'),
    bad('a manifest of another log', doctored(clear, () => {}, { origin: 'relay.example/log2' }),
      'log.wrong-origin', 'log/checkpoint#origin'),
    bad('a checkpoint by a key that the charter does not name', forged(world), 'log.bad-vkey', 'log/vkey'),
    bad('a checkpoint whose signature does not hold', bend('log/checkpoint', 25),
      'log.bad-signature', 'log/checkpoint'),
    bad('an entry that does not lead to the root', bend(entries, 5_000), 'log.bad-tile', 'log/tile/entries'),
    bad('a tile that is not of the entries', bend(tile, 40), 'log.bad-tile', tile),
    bad('a statement that is not the one in the open', change(path, otherJws), 'log.entry-mismatch', path),
    bad('the receipt of another entry', change(receipt, part(receiptPath(world.charter.genesis))),
      'log.bad-proof', receipt),
    ...(await logCases()),
    ...(await releaseCases()),
    ...(await placeCases()),
  ]
}

function forged(world: World): Folder {
  const secret = derive('audit vectors', 'forger')
  const { origin, size, tree } = world
  const vkey = formatVkey({ sha256: primitives.sha256, name: origin, key: ed25519.getPublicKey(secret) })
  const sign = (message: Uint8Array) => ed25519.sign(message, secret)
  const checkpoint = signCheckpoint({ checkpoint: { origin, size, root: tree.root() }, vkey, sign })
  return assembleEvidence({ ...partsFor(world, 'clear'), vkey, checkpoint })
}

/** One member, which is enough to give its log another key: the last entry of size 2 is the amendment. */
async function rotatedCases(): Promise<VectorCase[]> {
  const world = await makeWorld({ members: 1, seed: 'audit vectors: another log key', curvesOnly: true })
  const { origin, charter: { genesis, charter } } = world
  const old = charter.relay.vkey
  const secret = derive('audit vectors', 'the next log key')
  const vkey = formatVkey({ sha256: primitives.sha256, name: origin, key: ed25519.getPublicKey(secret) })
  const { tag: _, members, ...unchanged } = charter
  const next = { ...unchanged, members: members.map(({ id }) => id), relay: { origin, vkey }, version: 2 }
  const { sid } = await world.statement('charter.amend', 'aldova', { charter: next, previous: genesis })
  const folder = (by: 'old' | 'new', size: number) => {
    const sign = by === 'old' ? world.relay.sign : (message: Uint8Array) => ed25519.sign(message, secret)
    const named = by === 'old' ? old : vkey
    const checkpoint = signCheckpoint({ checkpoint: { origin, size, root: world.tree.root(size) }, vkey: named, sign })
    return assembleEvidence({ ...partsFor(world, 'clear', size), vkey: named, checkpoint })
  }
  const [before, early] = [folder('old', 2), folder('new', 2)]
  const change = (payload: Claims): Claims => ({ ...payload, charter: { sid, version: 2 } })
  await world.statement('attribution.statement', 'aldova', template, { change })
  return [
    await good('up to the amendment that gives the log another key', before),
    bad('the same by the new key', early, 'log.bad-vkey', 'log/vkey'),
    await good('a log that has another key', folder('new', 3)),
    bad('the same by the old key', folder('old', 3), 'log.bad-vkey', 'log/vkey'),
    await good('as it was before, judged later', folder('old', 1)),
  ]
}

/** Logs that a relay should not have made. */
async function logCases(): Promise<VectorCase[]> {
  const place = ({ payload: { kind }, sid }: SignedDraft, at = '') => `${statementPath({ kind, sid })}${at}`
  const bare = (seed: string) => makeWorld({ members: 1, seed: `audit vectors: ${seed}`, curvesOnly: true })
  const say = (world: World, opts: Parameters<World['draft']>[3] = {}) =>
    world.draft('attribution.statement', 'aldova', template, opts)
  const signature = await bare('signature')
  const wrong = await say(signature)
  const wrongJws = { ...wrong, jws: wrong.jws.replace(/[^.]*$/, text => `B${text.slice(1)}`) }
  const twice = await bare('twice')
  const [one, two] = [await say(twice), await say(twice)]
  const seen = await bare('seen')
  const never = { note: seen.charter.genesis, root: seen.charter.genesis, size: 1 }
  const unseen = await say(seen, { change: payload => ({ ...payload, seen: never }) })
  const gap = await bare('gap')
  const fifth = await say(gap, { change: payload => ({ ...payload, chain: { ...payload.chain, seq: 5 } }) })
  const ref = await bare('reference')
  const decline = await ref.draft('callout.decline', 'aldova', { text: ref.charter.genesis, reason: 'timing' })
  const open = await bare('open')
  const amber = await say(open, { tlp: 'amber' })
  return [
    bad('a signature that does not hold', logged(signature, [wrongJws]),
      'statement.bad-signature', place(wrong, '#/signature')),
    bad('two statements with one chain number', logged(twice, [one, two]),
      'statement.equivocation', place(two, '#/chain/seq')),
    bad('a view that the log never had', logged(seen, [unseen]), 'statement.seen-mismatch', place(unseen, '#/seen')),
    bad('a gap where nothing is withheld', logged(gap, [fifth]), 'statement.chain-broken', place(fifth, '#/chain')),
    bad('a reference to what is not a text', logged(ref, [decline]),
      'statement.unknown-ref', place(decline, '#/body/text')),
    bad('an AMBER statement in the open', logged(open, [amber], 'open'), 'log.bad-entry', place(amber)),
  ]
}

function logged(world: World, drafts: readonly SignedDraft[], form: 'as asked' | 'open' = 'as asked'): Folder {
  const exhibits: Exhibit[] = [...partsFor(world, 'red').exhibits]
  for (const draft of drafts) {
    const { sid, payload: { kind }, jws } = draft
    exhibits.push({ index: logAnyway(world, draft, form), sid, kind, jws, disclosures: [] })
  }
  return assembleEvidence({ ...partsFor(world, 'red'), exhibits })
}

async function releaseCases(): Promise<VectorCase[]> {
  const { world, joins } = await release('all')
  const short = await release('left out', all => all.slice(1))
  const place = (of: World) => statementPath({ kind: 'callout.release', sid: of.logged.at(-1)?.sid ?? '' })
  const parts = partsFor(world, 'clear')
  const exhibits = parts.exhibits.filter(({ sid }) => sid !== joins[0])
  return [
    await good('a release for a CLEAR reader: sound', folderFor(world, 'clear')),
    await good('a release for a RED reader: the largest set', folderFor(world, 'red')),
    bad('a release that leaves a member out',
      assembleEvidence({ ...partsFor(short.world, 'red'), exhibits: everythingIn(short.world) }), 'callout.not-largest',
      `${place(short.world)}#/body/joins/${short.differs}`),
    bad('a release without one of its joins', assembleEvidence({ ...parts, exhibits }), 'evidence.missing',
      `${place(world)}#/body/joins/0`),
  ]
}

/** Two members join at AMBER, a third entry stays sealed, and the first member releases those whom `choose` leaves. */
async function release(seed: string, choose = (joins: string[]): string[] => joins) {
  const world = await makeWorld({ members: 2, seed: `audit vectors: release ${seed}`, curvesOnly: true })
  const attribution = await world.statement('attribution.statement', 'aldova', template, { tlp: 'red' })
  const proposal = await world.statement('callout.propose', 'aldova', {
    ...kinds['callout.propose'].template, attributions: [attribution.sid], pen_holder: 'aldova', invitees: ['borsk'],
    respond_by: whenOf(3), release_window: { from: whenOf(10), until: whenOf(20) },
  }, { tlp: 'green' })
  const text = await world.statement('callout.text', 'aldova', {
    ...kinds['callout.text'].template, proposal: proposal.sid,
    claims: [{ id: 'c1', attribution: attribution.sid, claim: template.claims[0]?.id ?? '' }],
    deadline: { size: world.size + 3, at: whenOf(3) }, lapse: { size: 100 },
  }, { tlp: 'green' })
  const body = { ...kinds['callout.join'].template, text: text.sid }
  const first = await world.statement('callout.join', 'aldova', body, { tlp: 'green' })
  const second = await world.statement('callout.join', 'borsk', body, { tlp: 'green' })
  const joins = [first.sid, second.sid].sort()
  const released = choose(joins)
  await world.statement('callout.release', 'aldova', {
    text: text.sid, cut: { size: world.size, root: world.rootAt(world.size) }, joins: released, released_at: whenOf(12),
  })
  return { world, joins, differs: joins.findIndex((sid, i) => sid !== released[i]) }
}
