import { existsSync, readdirSync, rmSync, rmdirSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import {
  type Exhibit,
  type Placed,
  Tlp,
  assembleEvidence,
  assert,
  isCleared,
  manifestPath,
  selectFor,
} from '@chancery/protocol'
import type { Command } from '../cli.ts'
import { type Readers, addFile, newFolder, writeNew } from '../files.ts'
import { orRefuse, refused, Usage } from '../refusal.ts'
import { decisionsOn, factsOf } from '../release-control.ts'
import { type Session, syncIfReached, withSession } from '../session.ts'
import { standing, viewOf } from '../view.ts'
import { placedIn } from './call-out.ts'

/** Writes an evidence folder: all that a reader of one tier may have, checkable offline. */
export const exportEvidence: Command = {
  verb: 'export',
  usage: '--for clear|green|amber|amber+strict|red --out DIR [--own] [--offline]',
  says: 'writes an evidence folder for readers of a tier',
  args: { min: 0, max: 0 },
  options: { for: { type: 'string' }, out: { type: 'string' }, own: { type: 'boolean' }, offline: { type: 'boolean' } },
  run: async input => {
    const out = input.flags.must('out')
    const reader = Tlp.safeParse(input.flags.must('for'))
    if (!reader.success) throw new Usage('--for is clear, green, amber, amber+strict or red')
    return withSession(input, async session => {
      if (!input.flags.on('offline')) await syncIfReached(session)
      const { mirror } = session
      const files = assemble(session, reader.data, input.flags.on('own') ? 'own' : 'onward')
      writeFolder(out, files, readersOf(reader.data))
      return {
        lines: [`wrote ${files.size} files to ${out}, for ${reader.data} readers`, `check it: chancery-audit ${out}`],
        data: { files: files.size, genesis: mirror.charter.genesis, out, reader: reader.data, size: mirror.store.size },
      }
    })
  },
}

type Purpose = 'own' | 'onward'

function assemble(session: Session, reader: Tlp, purpose: Purpose): ReadonlyMap<string, Uint8Array> {
  const { mirror, keys } = session
  const { store, primitives, origin, vkey, charter } = mirror
  if (!isCleared(charter.charter, keys.member, reader))
    throw refused('draft.above-clearance', '--for', `${keys.member} is not cleared for ${reader}`)
  if (store.head === undefined) throw new Error('nothing of the log is held yet: the relay must be reached once')
  const placed = placedIn(session)
  const { newest } = standing(session)
  const view = viewOf(session)
  const exhibits = selectFor({ reader, placed, view, moment: session.world.now() })
  if (mirror.policy !== undefined && newest === undefined)
    throw refused('log.no-quorum', '--out', 'no quorum has cosigned the log yet: there is nothing that counts')
  if (purpose === 'onward') checkOnward(session, placed, exhibits)
  return assembleEvidence({
    primitives,
    reader,
    exportedBy: keys.member,
    genesis: charter.genesis,
    origin,
    vkey,
    checkpoint: newest?.kept.note ?? store.head.note,
    size: view.size,
    read: store.read,
    entry: index => entryAt(session, index),
    exhibits,
    notes: notesFor(session, placed, exhibits),
  })
}

/**
 * spec/12-release-control.md#duties: a folder for others is handed on. Nobody grants anything to whoever holds one, so
 * what its originator keeps to be asked for is not in it.
 */
function checkOnward(session: Session, placed: readonly Placed[], exhibits: readonly Exhibit[]): void {
  const { member } = session.keys
  const facts = factsOf(session, placed)
  const held = new Map(placed.map(({ statement }) => [statement.sid, statement]))
  for (const { sid, disclosures } of exhibits) {
    const statement = held.get(sid)
    if (statement === undefined || statement.iss === member) continue
    const open = statement.lines.filter(({ disclosure }) => disclosures.includes(disclosure))
    const slots = new Set<string | undefined>([undefined, ...open.map(({ label }) => label)])
    const denied = decisionsOn(session, statement, { facts, name: member, action: 'forward' }).find(
      ({ slot, decision }) => decision === 'deny' && slots.has(slot),
    )
    if (denied === undefined) continue
    const what = denied.slot === undefined ? '' : `tear line ${denied.slot}: `
    const cure = `\`chancery request-release\` asks ${statement.iss} for one reader; --own is for this member alone`
    throw refused('release.no-grant', sid, `${what}${denied.why}; ${cure}`)
  }
}

/** For each statement the note that its author had seen, where it is held, and the first that covers it. */
function notesFor(
  { mirror: { policy, store } }: Session,
  placed: readonly Placed[],
  exhibits: readonly Exhibit[],
): ReadonlyMap<string, string> {
  const notes = new Map<string, string>()
  if (policy === undefined) return notes
  const shown = new Set(exhibits.map(({ index }) => index))
  for (const { statement, index } of placed) {
    const { seen } = statement.claims
    if (!shown.has(index)) continue
    const kept = [seen === null ? undefined : store.cosignedBy(seen.note), store.cosignedOver(index)]
    for (const found of kept) if (found !== undefined) notes.set(found.hash, found.note)
  }
  return notes
}

function entryAt({ mirror: { store } }: Session, index: number): Uint8Array {
  const entry = store.entry(index)?.entry
  if (entry === undefined) throw new Error(`the mirror has no entry ${index}`)
  return entry
}

/** What is public anyone on this machine may read, an auditor of another account too; the rest only its owner. */
const readersOf = (reader: Tlp): Readers => (reader === 'clear' ? 'everyone' : 'owner')

/**
 * The manifest comes last and is durable. It names every byte: what a crash leaves out is found by the audit. Where a
 * file cannot be written nothing stays of what was made here; what was there before is let be.
 */
export function writeFolder(out: string, files: ReadonlyMap<string, Uint8Array>, readers: Readers): void {
  const manifest = files.get(manifestPath)
  assert(manifest !== undefined, 'a folder has a manifest')
  const absent = firstAbsent(resolve(out))
  orRefuse(newFolder(out, readers))
  try {
    for (const [path, bytes] of files) if (path !== manifestPath) addFile(join(out, path), bytes, readers)
    orRefuse(writeNew(join(out, manifestPath), manifest, readers))
  } catch (error) {
    for (const path of files.keys()) rmSync(join(out, path.split('/')[0] ?? path), { recursive: true, force: true })
    removeEmpty(resolve(out), absent)
    throw error
  }
}

/** The topmost of a folder and those above it that is not there yet. */
function firstAbsent(path: string): string | undefined {
  if (existsSync(path)) return undefined
  return firstAbsent(dirname(path)) ?? path
}

/** The folders that were made, while nobody else has put anything into them. */
function removeEmpty(folder: string, absent: string | undefined): void {
  if (absent === undefined || readdirSync(folder).length > 0) return
  rmdirSync(folder)
  if (folder !== absent) removeEmpty(dirname(folder), absent)
}
