import {
  type Seen, assembleEvidence, checkpointPath, kinds, notePath, toBase64url, utf8,
} from '@chancery/protocol'
import { doctored } from '../../audit/doctor.ts'
import { partsFor, primitives } from '../../audit/story.ts'
import { auditChecks } from '../../conformance/checks/audit.ts'
import { type World, cosignedNote, makeWorld } from '../../world.ts'
import type { VectorCase, VectorFile } from './vector-file.ts'

type Folder = ReadonlyMap<string, Uint8Array>

/** Folders of a coalition whose checkpoints count by a quorum: two of three. */
export const witnessedVectors = async (): Promise<Record<string, VectorFile>> => ({
  'audit/witnessed.json': { spec: 'spec/09-audit.md#order', check: 'auditFolder', cases: await cases() },
})

const given = (folder: Folder) =>
  ({ files: Object.fromEntries([...folder].map(([path, bytes]) => [path, toBase64url(bytes)])) })
const bad = (name: string, folder: Folder, expect: string, at: string): VectorCase =>
  ({ name, given: given(folder), expect, at })
async function good(name: string, folder: Folder): Promise<VectorCase> {
  const result = await auditChecks['auditFolder']?.(given(folder))
  if (result?.ok !== true) throw new Error(`${name} does not hold: ${JSON.stringify(result)}`)
  return { name, given: given(folder), expect: 'ok', value: result.value }
}

const hashOf = (note: string): string => toBase64url(primitives.sha256(utf8(note)))
const times = (at: number) => ({ aldova: at, borsk: at + 10, caldria: at + 20 })
const begins = 1_924_992_000

/** A statement whose author has seen the log of three entries as witnesses had cosigned it. */
async function story(): Promise<{ world: World; seen: string; first: string; head: string }> {
  const world = await makeWorld({ members: 3, seed: 'audit witnessed', quorum: 2, curvesOnly: true })
  const seen = cosignedNote(world, 3, times(begins))
  const change = { note: hashOf(seen), root: toBase64url(world.tree.root(3)), size: 3 } satisfies Seen
  const { template } = kinds['attribution.statement']
  await world.statement('attribution.statement', 'aldova', template,
    { iat: begins + 60, change: claims => ({ ...claims, seen: change }) })
  const first = cosignedNote(world, 4, { aldova: begins + 100, borsk: begins + 110 })
  return { world, seen, first, head: cosignedNote(world, 4, times(begins + 900)) }
}

async function cases(): Promise<VectorCase[]> {
  const { world, seen, first, head } = await story()
  const folder = (checkpoint: string, ...notes: string[]): Map<string, Uint8Array> =>
    assembleEvidence({ ...partsFor(world, 'clear'), checkpoint,
      notes: new Map(notes.map(note => [hashOf(note), note])) })
  const whole = folder(head, seen, first)
  const two = (...by: string[]) =>
    cosignedNote(world, 4, Object.fromEntries(by.map((id, i) => [id, begins + 500 + i])))
  const spoilt = head.replace(/(— relay\.example\/log1\/witness\/borsk .{40})(.)/, (_all, a: string, b: string) =>
    `${a}${b === 'A' ? 'B' : 'A'}`)
  const other = await makeWorld({ members: 3, seed: 'audit witnessed', quorum: 2, curvesOnly: true })
  await other.statement('attribution.statement', 'borsk', kinds['attribution.statement'].template)
  const [fork, alone] = [cosignedNote(other, 4, times(begins)), cosignedNote(world, 3, { aldova: begins })]
  const later = cosignedNote(other, 4, times(begins)).replace('\n4\n', '\n5\n')
  const misnamed = doctored(whole, copy => {
    copy.delete(notePath(hashOf(first)))
    copy.set(notePath(hashOf('another')), utf8(first))
  })
  return [
    await good('with the note that was seen, and the first over it', whole),
    await good('without the note that was seen', folder(head, first)),
    await good('with no notes', folder(head)),
    await good('with a quorum of two', folder(two('borsk', 'caldria'), seen)),
    bad('cosigned by one of three', folder(two('borsk')), 'log.no-quorum', checkpointPath),
    bad('signed by the log alone', folder(world.checkpoint(4)), 'log.no-quorum', checkpointPath),
    bad('a bad cosignature beside a quorum', folder(spoilt), 'log.bad-cosignature',
      `${checkpointPath}#relay.example/log1/witness/borsk`),
    bad('a note of another tree', folder(head, fork), 'log.forked', notePath(hashOf(fork))),
    bad('a note that too few have cosigned', folder(head, alone), 'log.no-quorum', notePath(hashOf(alone))),
    bad('a note whose text was changed', folder(head, later), 'log.bad-signature', notePath(hashOf(later))),
    bad('a note under the name of another', misnamed, 'evidence.altered', notePath(hashOf('another'))),
  ]
}
