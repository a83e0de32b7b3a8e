import {
  type Exhibit,
  assembleEvidence,
  formatTierCopy,
  fromUtf8,
  kinds,
  logTilePath,
  receiptPath,
  selectFor,
  signCheckpoint,
  statementPath,
  utf8,
  formatVkey,
} from '@chancery/protocol'
import { ed25519 } from '@noble/curves/ed25519.js'
import { beforeAll, describe, expect, test } from 'vitest'
import { type SignedDraft, type World, derive, makeWorld, worldBegins } from '../world.ts'
import { doctored, flipped } from './doctor.ts'
import { audit, everythingIn, folderFor, found, logAnyway, partsFor, primitives, tellStory } from './story.ts'

const template = kinds['attribution.statement'].template
let world: World
let folders: Readonly<Record<'clear' | 'green' | 'amber' | 'red', Map<string, Uint8Array>>>

beforeAll(async () => {
  world = await tellStory()
  const of = (reader: 'clear' | 'green' | 'amber' | 'red') => folderFor(world, reader)
  folders = { clear: of('clear'), green: of('green'), amber: of('amber'), red: of('red') }
})

const sidAt = (index: number) => world.logged[index]?.sid ?? ''
const pathAt = (index: number) => statementPath({ kind: world.logged[index]?.statement.kind ?? '', sid: sidAt(index) })
const textOf = (folder: ReadonlyMap<string, Uint8Array>, path: string) => fromUtf8(folder.get(path) ?? utf8('')) ?? ''
const genesis = () => world.charter.genesis

describe('a folder as it was exported', () => {
  test.each(['clear', 'green', 'amber', 'red'] as const)('holds for a reader of the tier %s', async reader => {
    const report = await audit(folders[reader], genesis())
    expect(found(report)).toEqual([])
    expect(report).toMatchObject({ ok: true, pinned: true, reader, exportedBy: 'aldova', size: world.size })
  })
  test('says who signed what, in which order, under which charter and keys', async () => {
    const { statements, charter } = await audit(folders.red)
    // What declines is for two members by name, and in no folder for a tier.
    const told = world.logged.filter(({ statement }) => statement.kind !== 'callout.decline')
    expect(statements.map(({ index, sid, iss, kid }) => [index, sid, iss, kid])).toEqual(
      told.map(({ statement, index }) => [index, statement.sid, statement.iss, statement.kid]),
    )
    expect(charter?.members.map(({ id, adoptedAt }) => [id, adoptedAt])).toEqual(world.ids.map((id, i) => [id, i]))
    expect(charter?.inForceFrom).toBe(4)
    expect(charter?.keys).toHaveLength(8)
  })
  test('opens to each reader what it may have, and names what it may not', async () => {
    const rows = async (reader: keyof typeof folders) => {
      const { statements, withheld } = await audit(folders[reader])
      return { open: statements.flatMap(({ tear }) => tear.map(line => line.open)), withheld }
    }
    expect(await rows('clear')).toEqual({ open: [false, false], withheld: { entries: 1, slots: 2, slices: 0 } })
    expect(await rows('green')).toEqual({ open: [true, false], withheld: { entries: 1, slots: 1, slices: 0 } })
    expect(await rows('red')).toEqual({ open: [true, true], withheld: { entries: 1, slots: 0, slices: 0 } })
  })
  test('shows that a release is the largest set, or only that it is sound', async () => {
    const whole = assembleEvidence({ ...partsFor(world, 'red'), exhibits: everythingIn(world) })
    const [clear, all] = [await audit(folders.clear), await audit(whole)]
    const members = ['aldova', 'borsk', 'caldria']
    expect(clear.callouts[0]?.release).toMatchObject({ verdict: 'sound', withheld: 1, leftOut: [] })
    expect(all.callouts[0]?.release).toMatchObject({ verdict: 'largest', withheld: 0 })
    expect(found(all)).toEqual([`evidence.above-tier ${pathAt(10)}`])
    expect(clear.callouts[0]?.release?.signatories.map(({ member }) => member).sort()).toEqual(members)
  })
  test('counts every proof', async () => {
    const { proofs } = await audit(folders.red)
    const count = world.size - 1
    expect(proofs).toEqual({
      digests: folders.red.size - 1,
      entries: world.size,
      tiles: 1,
      signatures: count + 1,
      relations: count,
      disclosures: 2,
      receipts: count,
    })
  })
  test('is made of the same bytes each time', () => {
    expect(folderFor(world, 'green')).toEqual(folders.green)
  })
})

describe('a folder in which the manifest and the files differ', () => {
  test('an altered file is found', async () => {
    const folder = new Map(folders.clear)
    folder.set(receiptPath(sidAt(4)), utf8('altered'))
    const path = receiptPath(sidAt(4))
    expect(found(await audit(folder))).toEqual([`evidence.altered ${path}`, `log.bad-proof ${path}`])
  })
  test('a missing file is found, of any sort', async () => {
    for (const path of folders.clear.keys()) {
      const folder = new Map(folders.clear)
      folder.delete(path)
      const report = await audit(folder)
      expect(report.ok).toBe(false)
      const code = path === 'manifest.json' ? 'evidence.bad-manifest' : 'evidence.missing'
      expect(found(report)).toContain(`${code} ${path}`)
    }
  })
  test('a file that the manifest does not list is found', async () => {
    const folder = new Map(folders.clear).set('notes.txt', utf8('hello'))
    expect(found(await audit(folder))).toEqual(['evidence.unreferenced notes.txt'])
  })
})

describe('a folder by somebody who knows the format', () => {
  test('no file can be left out, with or without its receipt', async () => {
    for (const path of folders.clear.keys()) {
      if (path === 'manifest.json') continue
      const report = await audit(doctored(folders.clear, copy => copy.delete(path)))
      expect([path, report.ok]).toEqual([path, false])
    }
    for (const {
      sid,
      statement: { kind },
      index,
    } of world.logged) {
      const report = await audit(
        doctored(folders.clear, copy => {
          copy.delete(statementPath({ kind, sid }))
          copy.delete(receiptPath(sid))
        }),
      )
      // The decline is not in a public folder.
      expect([index, report.ok]).toEqual([index, index === 10])
    }
  })
  test('a statement that is not on the log is found', async () => {
    const stranger = await makeWorld({ members: 1, seed: 'stranger' })
    const { sid, jws } = await stranger.draft('attribution.statement', 'aldova', template, { tlp: 'green' })
    const path = statementPath({ kind: 'attribution.statement', sid })
    const folder = doctored(folders.green, copy => copy.set(path, utf8(`${jws}~`)))
    expect(found(await audit(folder))).toEqual([`evidence.unreferenced ${path}`])
  })
  test('a copy in another place is found', async () => {
    const other = pathAt(4).replace('statements/', 'charter/')
    const twice = doctored(folders.clear, copy => copy.set(other, copy.get(pathAt(4)) ?? utf8('')))
    expect(found(await audit(twice))).toContain(`evidence.unreferenced ${other}`)
  })
  test('another signature of the same statement is not the one on the log', async () => {
    const change = (text: string) => text.replace(/\.([^.~]*)~/, (_, signature: string) => `.B${signature.slice(1)}~`)
    const open = doctored(folders.clear, copy => copy.set(pathAt(4), utf8(change(textOf(copy, pathAt(4))))))
    expect(found(await audit(open))).toEqual([`log.entry-mismatch ${pathAt(4)}`])
    const sealed = doctored(folders.red, copy => copy.set(pathAt(10), utf8(change(textOf(copy, pathAt(10))))))
    expect(found(await audit(sealed))).toContain(`evidence.unreferenced ${pathAt(10)}`)
  })
  test('a tear line above the tier, or not there, or of another statement is found', async () => {
    const [all, green, clear] = [folders.red, folders.green, folders.clear].map(folder => textOf(folder, pathAt(4)))
    const withText = (text = '') => doctored(folders.green, copy => copy.set(pathAt(4), utf8(text)))
    expect(found(await audit(withText(all)))).toEqual([`evidence.above-tier ${pathAt(4)}#/tear/sources`])
    expect(found(await audit(withText(clear)))).toEqual([`evidence.missing ${pathAt(4)}#/tear/methods`])
    const [jws = '', line = ''] = green?.split('~') ?? []
    const [first] = found(await audit(withText(formatTierCopy(jws, [line, line]))))
    expect(first).toBe(`tear.repeated ${pathAt(4)}#/disclosures/1`)
    const moved = doctored(folders.green, copy => copy.set(pathAt(5), utf8(`${textOf(copy, pathAt(5))}${line}~`)))
    expect(found(await audit(moved))).toEqual([`tear.unreferenced ${pathAt(5)}#/disclosures/0`])
  })
  test('a statement above the tier is there only by a release', async () => {
    const exhibits = everythingIn(world).map(each => ({ ...each, disclosures: [] }))
    const folder = assembleEvidence({ ...partsFor(world, 'clear'), exhibits })
    expect(found(await audit(folder))).toEqual([`evidence.above-tier ${pathAt(10)}`])
  })
  test('a join that a release lists cannot be left out', async () => {
    const exhibits = partsFor(world, 'clear').exhibits.filter(({ index }) => index !== 8)
    const [finding, ...more] = (await audit(assembleEvidence({ ...partsFor(world, 'clear'), exhibits }))).findings
    expect(finding).toMatchObject({ code: 'evidence.missing', index: 11, why: `${sidAt(8)} is not held` })
    expect(more.map(({ code }) => code)).toEqual(Array.from(more, () => 'evidence.above-tier'))
  })
  test('the text of a release cannot be left out', async () => {
    const exhibits = partsFor(world, 'clear').exhibits.filter(({ index }) => index !== 6)
    const { findings } = await audit(assembleEvidence({ ...partsFor(world, 'clear'), exhibits }))
    expect(findings[0]).toMatchObject({ code: 'evidence.missing', index: 11 })
  })
  test('a chain within the tier has no gap', async () => {
    const exhibits = partsFor(world, 'green').exhibits.filter(({ index }) => index !== 5)
    const { findings } = await audit(assembleEvidence({ ...partsFor(world, 'green'), exhibits }))
    expect(findings).toContainEqual({
      code: 'evidence.missing',
      at: `${pathAt(6)}#/chain`,
      index: 6,
      severity: 'error',
      why: 'numbers 0 to 0 of the chain green by aldova',
    })
  })
  test('a folder for one tier is not one for another', async () => {
    expect(found(await audit(doctored(folders.clear, () => {}, { reader: 'green' })))).not.toEqual([])
    expect(found(await audit(doctored(folders.green, () => {}, { reader: 'clear' })))).toEqual([
      `evidence.above-tier ${pathAt(4)}#/tear/methods`,
    ])
  })
  test('a tile that is not of these entries, or too many, is found', async () => {
    const tile = logTilePath({ level: 0, index: 0, width: world.size })
    const wrong = doctored(folders.clear, copy => copy.set(tile, flipped(copy.get(tile) ?? utf8(''), 40)))
    expect(found(await audit(wrong))).toEqual([`log.bad-tile ${tile}`])
    const smaller = logTilePath({ level: 0, index: 0, width: world.size - 1 })
    const more = doctored(folders.clear, copy => copy.set(smaller, (copy.get(tile) ?? utf8('')).slice(0, -32)))
    expect(found(await audit(more))).toEqual([`evidence.unreferenced ${smaller}`])
  })
  test('entries that the checkpoint does not cover are found', async () => {
    const bundle = logTilePath({ level: 'entries', index: 0, width: world.size })
    const folder = doctored(folders.clear, copy => copy.set(bundle, flipped(copy.get(bundle) ?? utf8(''), 300)))
    expect(found(await audit(folder))).toEqual(['log.bad-tile log/tile/entries'])
  })
  test('the manifest says what the checkpoint says', async () => {
    const claims = async (claim: object) => found(await audit(doctored(folders.clear, () => {}, claim)))
    expect(await claims({ size: world.size - 1 })).toEqual(['evidence.bad-manifest manifest.json#/size'])
    expect(await claims({ root: sidAt(3) })).toEqual(['evidence.bad-manifest manifest.json#/root'])
    expect(await claims({ genesis: sidAt(3) })).toEqual(['charter.not-genesis manifest.json#/genesis'])
    expect(await claims({ origin: 'relay.example/log2' })).toEqual(['log.wrong-origin log/checkpoint#origin'])
  })
  test('a log key of the forger is not the one that the charter names', async () => {
    const secret = derive('forger', 'log')
    const vkey = formatVkey({ sha256: primitives.sha256, name: world.origin, key: ed25519.getPublicKey(secret) })
    const sign = (message: Uint8Array) => ed25519.sign(message, secret)
    const { origin, size } = world
    const checkpoint = signCheckpoint({ checkpoint: { origin, size, root: world.tree.root() }, vkey, sign })
    const report = await audit(assembleEvidence({ ...partsFor(world, 'clear'), vkey, checkpoint }))
    expect(found(report)).toEqual(['log.bad-vkey log/vkey'])
  })
  test('a coalition of the forger is not the one that the reader pinned', async () => {
    const other = await makeWorld({ members: 2, seed: 'forger' })
    expect((await audit(folderFor(other, 'clear'))).ok).toBe(true)
    expect(found(await audit(folderFor(other, 'clear'), genesis()))).toEqual(['charter.not-genesis manifest.json'])
  })
  test('a fatal finding leaves nothing to be believed', async () => {
    const report = await audit(doctored(folders.clear, () => {}, { genesis: sidAt(3) }))
    expect(report).toMatchObject({ ok: false, statements: [], callouts: [] })
    expect(report.findings[0]?.severity).toBe('fatal')
  })
})

describe('a relay that logs what it should not', () => {
  type Logged = { readonly draft: SignedDraft; readonly form?: 'open' | 'sealed' }

  /** Logs the drafts as they come, and exports all of it to a RED reader. */
  async function auditOf(other: World, logged: readonly Logged[]) {
    const exhibits: Exhibit[] = [
      ...selectFor({
        reader: 'red',
        charter: other.charter,
        placed: other.logged,
        view: { size: other.logged.length, rootAt: other.rootAt },
        moment: worldBegins,
      }),
    ]
    for (const { draft, form } of logged) {
      const index = logAnyway(other, draft, form)
      const {
        sid,
        payload: { kind },
        jws,
        lines,
      } = draft
      exhibits.push({ index, sid, kind, jws, disclosures: lines.map(({ disclosure }) => disclosure) })
    }
    const report = await audit(assembleEvidence({ ...partsFor(other, 'red'), exhibits }))
    return report.findings.map(({ code, at, index }) => `${code} ${index ?? ''}${at.replace(/^[^#]*/, '')}`)
  }
  const say = (other: World, opts: Parameters<World['draft']>[3] = {}, body: object = template) =>
    other.draft('attribution.statement', 'aldova', body, opts)

  test('two statements with one chain number prove that their author said both', async () => {
    const other = await makeWorld({ members: 2, seed: 'twice' })
    const [one, two] = [await say(other), await say(other)]
    expect(await auditOf(other, [{ draft: one }, { draft: two }])).toEqual(['statement.equivocation 3#/chain/seq'])
  })
  test('a signature that does not hold is found', async () => {
    const other = await makeWorld({ members: 2, seed: 'signature' })
    const draft = await say(other)
    const jws = draft.jws.replace(/[^.]*$/, signature => `B${signature.slice(1)}`)
    expect(await auditOf(other, [{ draft: { ...draft, jws } }])).toEqual(['statement.bad-signature 2#/signature'])
  })
  test('a statement of another coalition is found', async () => {
    const other = await makeWorld({ members: 1, seed: 'other coalition' })
    const draft = await say(other, { change: payload => ({ ...payload, coa: genesis() }) })
    expect(await auditOf(other, [{ draft }])).toEqual(['statement.wrong-coalition 1#/coa'])
  })
  test('a reference to nothing is found where nothing is withheld', async () => {
    const other = await makeWorld({ members: 2, seed: 'reference' })
    const body = { ...kinds['callout.decline'].template, text: genesis() }
    const draft = await other.draft('callout.decline', 'borsk', body)
    expect(await auditOf(other, [{ draft }])).toEqual(['statement.unknown-ref 2#/body/text'])
  })
  test('a gap in a chain is found where nothing is withheld', async () => {
    const other = await makeWorld({ members: 2, seed: 'gap' })
    const draft = await say(other, { change: payload => ({ ...payload, chain: { ...payload.chain, seq: 5 } }) })
    expect(await auditOf(other, [{ draft }])).toEqual(['statement.chain-broken 2#/chain'])
  })
  test('a view of the log that never was is found', async () => {
    const other = await makeWorld({ members: 2, seed: 'seen' })
    const draft = await say(other, {
      change: payload => ({ ...payload, seen: payload.seen && { ...payload.seen, root: payload.seen.note } }),
    })
    expect(await auditOf(other, [{ draft }])).toEqual(['statement.seen-mismatch 2#/seen'])
  })
  test('the same statement twice is found, open or sealed', async () => {
    const other = await makeWorld({ members: 2, seed: 'duplicate' })
    const draft = await say(other)
    expect(await auditOf(other, [{ draft }, { draft }])).toContain('statement.duplicate 3')
    const sealed = await say(other, { tlp: 'amber' })
    expect(await auditOf(other, [{ draft: sealed }, { draft: sealed }])).toContain('statement.duplicate 5')
  })
  test('a restricted statement in the open is found, and a public one under seal', async () => {
    const other = await makeWorld({ members: 2, seed: 'forms' })
    const amber = await say(other, { tlp: 'amber' })
    expect(await auditOf(other, [{ draft: amber, form: 'open' }])).toEqual(['log.bad-entry 2'])
    const third = await makeWorld({ members: 2, seed: 'forms' })
    expect(await auditOf(third, [{ draft: await say(third), form: 'sealed' }])).toEqual(['log.bad-entry 2'])
  })
})

describe('a release that is not what it says', () => {
  test('a member left out is found by a reader that holds every answer', async () => {
    const other = await tellStory('left out')
    const text = other.logged[6]?.sid ?? ''
    const joins = other.logged
      .slice(7, 10)
      .map(({ sid }) => sid)
      .sort()
    const cut = { size: 11, root: other.rootAt(11) ?? '' }
    const body = { text, cut, joins: joins.slice(1), released_at: '2031-01-01T01:00:00Z' }
    const { index } = await other.statement('callout.release', 'aldova', body)
    const { findings, callouts } = await audit(folderFor(other, 'red'))
    expect(findings).toMatchObject([{ code: 'callout.wrong-phase', index }])
    expect(callouts[0]?.release?.index).toBe(11)
  })
})
