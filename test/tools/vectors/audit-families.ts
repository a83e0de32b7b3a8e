import { type Family, assembleEvidence, checkpointPath, kinds, notePath, toBase64url, utf8 } from '@chancery/protocol'
import { partsFor, primitives } from '../../audit/story.ts'
import { auditChecks } from '../../conformance/checks/audit.ts'
import { type World, cosignedNote, makeWorld } from '../../world.ts'
import type { VectorCase, VectorFile } from './vector-file.ts'

type Folder = ReadonlyMap<string, Uint8Array>

/** Folders of a coalition whose log and members sign with two families, judged as if one of them proved nothing. */
export const familyVectors = async (): Promise<Record<string, VectorFile>> => ({
  'audit/families.json': { spec: 'spec/09-audit.md#without-a-family', check: 'auditFolder', cases: await cases() },
})

const given = (folder: Folder, without?: Family) => ({
  files: Object.fromEntries([...folder].map(([path, bytes]) => [path, toBase64url(bytes)])),
  ...(without !== undefined && { without }),
})
const bad = (name: string, folder: Folder, without: Family | undefined, expect: string, at: string): VectorCase =>
  ({ name, given: given(folder, without), expect, at })
async function good(name: string, folder: Folder, without?: Family): Promise<VectorCase> {
  const result = await auditChecks['auditFolder']?.(given(folder, without))
  if (result?.ok !== true) throw new Error(`${name} does not hold: ${JSON.stringify(result)}`)
  return { name, given: given(folder, without), expect: 'ok', value: result.value }
}

const begins = 1_924_992_000
const times = (at: number) => ({ aldova: at, borsk: at + 10 })
const one = (at: number) => ({ aldova: at })
const hashOf = (note: string): string => toBase64url(primitives.sha256(utf8(note)))

/** So many members, all asked for, and one statement after their adoptions. A note of ML-DSA-44 is long, so few. */
async function story(members: 1 | 2, pairs?: 'all' | 'any'): Promise<World> {
  const world = await makeWorld({ members, seed: 'audit families', quorum: members, curvesOnly: true,
    ...(pairs !== undefined && { pairs }) })
  await world.statement('attribution.statement', 'aldova', kinds['attribution.statement'].template)
  return world
}

const folderOf = (world: World, checkpoint: string, ...notes: string[]): Folder =>
  assembleEvidence({ ...partsFor(world, 'clear'), checkpoint, notes: new Map(notes.map(note => [hashOf(note), note])) })

/** Every signature of a family in a note, with one bit changed. */
function spoilt(note: string, family: Family): string {
  const lines = note.split('\n').map(line => {
    const isMlDsa = line.length > 1_000
    if (!line.startsWith('— ') || isMlDsa !== (family === 'ml-dsa-44')) return line
    const at = line.lastIndexOf(' ') + 40
    return `${line.slice(0, at)}${line[at] === 'A' ? 'B' : 'A'}${line.slice(at + 1)}`
  })
  return lines.join('\n')
}

async function cases(): Promise<VectorCase[]> {
  const [all, any, bare] = [await story(1, 'all'), await story(2, 'any'), await story(1)]
  const head = cosignedNote(all, 2, one(begins + 900))
  const seen = cosignedNote(any, 2, times(begins + 300))
  const first = cosignedNote(any, 2, times(begins + 200), ['ml-dsa-44'])
  const edOnly = cosignedNote(any, 3, times(begins + 900), ['ed25519'])
  const mlOnly = cosignedNote(any, 3, times(begins + 900), ['ml-dsa-44'])
  const fork = cosignedNote(all, 1, one(begins)).replace('\n1\n', '\n2\n')
  const alone = await makeWorld({ members: 1, seed: 'audit families', curvesOnly: true })
  return [
    await good('both families asked for, and there', folderOf(all, head)),
    await good('the same without Ed25519', folderOf(all, head), 'ed25519'),
    await good('without Ed25519, none of whose signatures holds', folderOf(all, spoilt(head, 'ed25519')), 'ed25519'),
    await good('without ML-DSA-44, none of whose signatures holds', folderOf(all, spoilt(head, 'ml-dsa-44')),
      'ml-dsa-44'),
    bad('without Ed25519, and no signature of ML-DSA-44 holds', folderOf(all, spoilt(head, 'ml-dsa-44')), 'ed25519',
      'log.bad-signature', checkpointPath),
    bad('without ML-DSA-44, and no signature of Ed25519 holds', folderOf(all, spoilt(head, 'ed25519')), 'ml-dsa-44',
      'log.bad-signature', checkpointPath),
    bad('one family where both are asked for', folderOf(all, cosignedNote(all, 2, one(begins), ['ml-dsa-44'])),
      undefined, 'log.no-quorum', checkpointPath),
    await good('either will do: stands as far as the first note by ML-DSA-44 of the largest size',
      folderOf(any, edOnly, seen, first)),
    bad('the same without Ed25519', folderOf(any, edOnly, seen, first), 'ed25519', 'log.no-quorum', checkpointPath),
    await good('a note that counts by Ed25519 alone is left out without it', folderOf(any, mlOnly,
      cosignedNote(any, 2, times(begins), ['ed25519'])), 'ed25519'),
    bad('a note under the name of another, without Ed25519', misnamed(all, head, cosignedNote(all, 1, one(begins))),
      'ed25519', 'evidence.altered', notePath(hashOf('another'))),
    await good('a note of another text counts for nothing without Ed25519', folderOf(all, head, fork), 'ed25519'),
    bad('another origin, without Ed25519', folderOf(all, head.replace('/log1\n', '/log2\n')), 'ed25519',
      'log.wrong-origin', `${checkpointPath}#origin`),
    await good('witnesses of Ed25519 alone', folderOf(bare, cosignedNote(bare, 2, one(begins)))),
    bad('the same without Ed25519', folderOf(bare, cosignedNote(bare, 2, one(begins))), 'ed25519', 'log.no-quorum',
      checkpointPath),
    bad('no witnesses, without Ed25519', folderOf(alone, alone.checkpoint()), 'ed25519', 'log.no-quorum',
      checkpointPath),
    await good('no witnesses, without ML-DSA-44', folderOf(alone, alone.checkpoint()), 'ml-dsa-44'),
  ]
}

function misnamed(world: World, head: string, note: string): Folder {
  const parts = { ...partsFor(world, 'clear'), checkpoint: head }
  return assembleEvidence({ ...parts, notes: new Map([[hashOf('another'), note]]) })
}
