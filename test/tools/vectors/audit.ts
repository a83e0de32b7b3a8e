import {
  type Exhibit, type Manifest, assembleEvidence, auditFolder, fromUtf8, kinds, logTilePath, nodePrimitives, receiptPath,
  statementPath, toBase64url, utf8,
} from '@chancery/protocol'
import * as crypto from 'node:crypto'
import { doctored, flipped } from '../../audit/doctor.ts'
import { folderFor, logAnyway, partsFor, tellStory } from '../../audit/story.ts'
import { type World, makeWorld } from '../../world.ts'
import { auditChecks } from '../../conformance/checks/audit.ts'
import type { VectorCase, VectorFile } from './vector-file.ts'

type Folder = Map<string, Uint8Array>

/** All of spec/vectors/audit: whole folders, `files` by path as base64url. */
export const auditVectors = async (): Promise<Record<string, VectorFile>> => ({
  'audit/folder.json': { spec: 'spec/09-audit.md#folder', check: 'auditFolder', cases: await folderCases() },
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

/** One member, one statement with a tear line for GREEN and one for RED readers: the smallest folder with every part. */
async function smallWorld(seed = 'audit vectors'): Promise<World> {
  const world = await makeWorld({ members: 1, seed })
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
  const claim = (claims: Partial<Manifest>) => doctored(green, () => {}, claims)
  const without = (path: string) => new Map([...green].filter(([each]) => each !== path))
  const text = (folder: Folder) => folder.get(statement) ?? nothing
  const manifest = fromUtf8(green.get('manifest.json') ?? nothing) ?? ''
  return [
    await good('for a CLEAR reader', clear, world.charter.genesis),
    await good('for a GREEN reader', green, world.charter.genesis),
    await good('for a RED reader, whose charter is not pinned', red),
    bad('no manifest', without('manifest.json'), 'evidence.bad-manifest', 'manifest.json'),
    bad('a manifest with a space in it', new Map(green).set('manifest.json', utf8(manifest.replace(':', ': '))),
      'evidence.bad-manifest', 'manifest.json'),
    bad('a manifest for a tier that is none', new Map(green).set('manifest.json', utf8(manifest.replace('"green"', '"greed"'))),
      'evidence.bad-manifest', 'manifest.json#/reader'),
    bad('a size that the checkpoint has not', claim({ size: 1 }), 'evidence.bad-manifest', 'manifest.json#/size'),
    bad('a listed receipt that is not there', without(receipt), 'evidence.missing', receipt),
    bad('a receipt that nobody lists or has', doctored(green, copy => copy.delete(receipt)), 'evidence.missing', receipt),
    bad('a statement in the open that is not there', doctored(green, copy => copy.delete(statement)),
      'evidence.missing', statement),
    bad('a tear line within the tier that is not there', doctored(green, copy => copy.set(statement, text(clear))),
      'evidence.missing', `${statement}#/tear/methods`),
    bad('one bit of a statement', new Map(green).set(statement, flipped(text(green), 100)), 'evidence.altered', statement),
    bad('a file that the manifest does not list', new Map(green).set('notes.txt', utf8('hello')),
      'evidence.unreferenced', 'notes.txt'),
    bad('a tile that the tree has not', doctored(green, copy =>
      copy.set(logTilePath({ level: 0, index: 0, width: 1 }), (copy.get('log/tile/0/000.p/2') ?? nothing).slice(0, 32))),
    'evidence.unreferenced', logTilePath({ level: 0, index: 0, width: 1 })),
    bad('a statement that is not on the log', await withStranger(green), 'evidence.unreferenced', await strangerPath()),
    bad('a tear line above the tier', doctored(green, copy => copy.set(statement, text(red))),
      'evidence.above-tier', `${statement}#/tear/sources`),
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
