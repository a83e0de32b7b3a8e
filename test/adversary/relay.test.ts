import { type Seen, assembleEvidence, checkpointPath, kinds, toBase64url, utf8 } from '@chancery/protocol'
import { beforeAll, describe, expect, test } from 'vitest'
import { doctored } from '../audit/doctor.ts'
import { audit, folderFor, found, logAnyway, partsFor, primitives } from '../audit/story.ts'
import { type World, cosignedNote, makeWorld, worldBegins } from '../world.ts'
import { bothSay, codesBothSay, folderGiven, judgedIn, valueBothSay } from './second.ts'

const { template } = kinds['attribution.statement']
const hashOf = (note: string): string => toBase64url(primitives.sha256(utf8(note)))
const everyone = (at: number) => ({ aldova: at, borsk: at + 10, caldria: at + 20 })

/** Three witnesses, of which two make a checkpoint count, and a statement between two notes of theirs. */
async function timed(iat: number) {
  const world = await makeWorld({ members: 3, seed: 'the adversary and time', quorum: 2, curvesOnly: true })
  const seen = cosignedNote(world, 3, everyone(worldBegins))
  const own = { note: hashOf(seen), root: world.rootAt(3) ?? '', size: 3 } satisfies Seen
  const change = (claims: object) => ({ ...claims, seen: own }) as never
  const said = await world.statement('attribution.statement', 'aldova', template, { iat, change })
  const head = cosignedNote(world, world.size, everyone(worldBegins + 5_000))
  const notes = new Map([[hashOf(seen), seen]])
  const folder = assembleEvidence({ ...partsFor(world, 'clear'), checkpoint: head, notes })
  return { world, said, folder }
}

describe('a hostile relay, and time', () => {
  test('8: a statement that is dated back is flagged, and both bounds of its time are shown', async () => {
    const { folder, said, world } = await timed(worldBegins - 86_400)
    const report = await audit(folder, world.charter.genesis)
    const row = report.statements.find(({ sid }) => sid === said.sid)
    expect(row?.flag).toMatch(/before it can have been signed/)
    expect(row?.notBefore).toBeGreaterThanOrEqual(worldBegins)
    const [again] = await bothSay([folderGiven(folder, world.charter.genesis)])
    expect(again?.value).toMatchObject({
      statements: expect.arrayContaining([expect.objectContaining({ sid: said.sid, notBefore: row?.notBefore })]),
    })
  })
  test('9: a statement that is held and logged late shows how long it may have been on its way', async () => {
    const { folder, said, world } = await timed(worldBegins + 60)
    type Times = { statements: { sid: string; notBefore: number; notAfter: number }[] }
    const { statements } = await valueBothSay<Times>(folderGiven(folder, world.charter.genesis))
    const row = statements.find(({ sid }) => sid === said.sid)
    // The order is the log's alone; between the bounds lies what its author claims, and the time it was held.
    expect(row?.notAfter ?? 0).toBeGreaterThan((row?.notBefore ?? 0) + 4_000)
    const ahead = await timed(worldBegins + 200_000)
    const report = await audit(ahead.folder, ahead.world.charter.genesis)
    expect(report.statements.at(-1)?.flag).toMatch(/after it was on the log/)
  })
})

describe('a hostile relay, and what it serves', () => {
  let world: World
  beforeAll(async () => {
    world = await makeWorld({ members: 3, seed: 'the adversary serves', curvesOnly: true })
    await world.statement('attribution.statement', 'aldova', template)
  })

  test('16: a co-signature that it makes up is not one, in any reader’s folder', async () => {
    const forged = await makeWorld({ members: 3, seed: 'a co-signature made up', curvesOnly: true })
    const said = await forged.draft('attribution.statement', 'borsk', template)
    const [header, payload] = said.jws.split('.')
    const jws = `${header}.${payload}.${toBase64url(forged.relay.sign(utf8(`${header}.${payload}`)))}`
    expect(await codesBothSay([judgedIn(forged, `${said.jws}~`), judgedIn(forged, `${jws}~`)])).toEqual([
      'ok',
      'statement.bad-signature',
    ])
    const index = logAnyway(forged, { ...said, jws })
    const parts = partsFor(forged, 'clear')
    const exhibit = { index, sid: said.sid, kind: 'attribution.statement', jws, disclosures: [] }
    const folder = assembleEvidence({ ...parts, exhibits: [...parts.exhibits, exhibit] })
    expect(found(await audit(folder))[0]).toContain('statement.bad-signature')
    expect(await codesBothSay([folderGiven(folder)])).toEqual(['statement.bad-signature'])
  })
  test('19: a key that the log does not have speaks for nobody, whoever serves it', async () => {
    const stranger = await makeWorld({ members: 3, seed: 'keys that a relay serves', curvesOnly: true })
    const said = await stranger.draft('attribution.statement', 'borsk', template)
    const own = await world.draft('attribution.statement', 'borsk', template)
    // The relay cannot put its own key into the charter either: the genesis statement would have another sid.
    const swapped = { ...world.charter.charter, relay: stranger.charter.charter.relay }
    const genesis = await stranger.draft('charter.adopt', 'aldova', { charter: swapped })
    expect(await codesBothSay([judgedIn(world, `${own.jws}~`), judgedIn(world, `${said.jws}~`)])).toEqual([
      'ok',
      'charter.unknown-key',
    ])
    const given = { copy: `${genesis.jws}~`, pinned: world.charter.genesis }
    expect((await codesBothSay([{ check: 'genesis', given }]))[0]).toMatch(/^(charter|statement)\./)
  })
  test('23: a bundle that is not of its tiles is refused, and so is a tile of other entries', async () => {
    const folder = folderFor(world, 'clear')
    const [bundle = ''] = [...folder.keys()].filter(path => path.includes('tile/entries'))
    const [tile = ''] = [...folder.keys()].filter(path => path.includes('tile/0/'))
    const changed = (path: string) =>
      doctored(folder, copy => {
        const bytes = Uint8Array.from(copy.get(path) ?? [])
        bytes[bytes.length - 1] = (bytes[bytes.length - 1] ?? 0) ^ 1
        copy.set(path, bytes)
      })
    expect(await codesBothSay([bundle, tile].map(path => folderGiven(changed(path))))).toEqual([
      'log.bad-tile',
      'log.bad-tile',
    ])
  })
  test('25: the auditor to whom alone it lies counts what a quorum has cosigned, and nothing else', async () => {
    const { folder, world: counted } = await timed(worldBegins + 60)
    const other = await makeWorld({ members: 3, seed: 'the adversary and time', quorum: 2, curvesOnly: true })
    await other.statement('attribution.statement', 'borsk', template)
    const { genesis } = counted.charter
    const head = cosignedNote(other, other.size, { caldria: worldBegins + 5_000 })
    const lied = assembleEvidence({ ...partsFor(other, 'clear'), checkpoint: head })
    expect(other.charter.genesis).toBe(genesis)
    expect(await codesBothSay([folderGiven(folder, genesis), folderGiven(lied, genesis)])).toEqual([
      'ok',
      'log.no-quorum',
    ])
    // With the two heads in one hand the log is convicted, and so is the witness that signed both.
    const [genesisJws, heads] = [counted.logged[0]?.jws, [folder, lied].map(each => textOf(each, checkpointPath))]
    const given = { genesis: genesisJws, notes: heads }
    const { convictions } = await valueBothSay<{ convictions: { who: object }[] }>({ check: 'convict', given })
    expect(convictions.map(({ who }) => who)).toEqual([
      { is: 'log', name: counted.origin },
      { is: 'witness', name: 'caldria' },
    ])
  })
})

const textOf = (folder: ReadonlyMap<string, Uint8Array>, path: string): string =>
  Buffer.from(folder.get(path) ?? []).toString()
