import { existsSync, readdirSync, rmSync, rmdirSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import {
  type Exhibit,
  type Placed,
  Tlp,
  type Verified,
  assembleEvidence,
  assert,
  folderReader,
  grantFor,
  isCleared,
  isHanded,
  manifestPath,
  selectFor,
  vkeyFor,
} from '@chancery/protocol'
import type { Command } from '../cli.ts'
import { type Readers, addFile, newFolder, writeNew } from '../files.ts'
import { orRefuse, refused } from '../refusal.ts'
import { type PartDecision, decisionsOn, factsOf } from '../decisions.ts'
import { usePublishing } from '../publishing.ts'
import { type Session, syncIfReached, withSession } from '../session.ts'
import { standing, viewOf } from '../view.ts'
import { placedIn } from './call-out.ts'

/** Writes an evidence folder: all that one reader may have, checkable offline. */
export const exportEvidence: Command = {
  verb: 'export',
  usage: `--for READER --out DIR [--own] [--offline]
    READER: clear, green, amber, amber+strict or red, for all cleared for it; anyone, MEMBER, MEMBER/ID, community:ID`,
  says: 'writes an evidence folder for one reader, or for readers of a tier',
  args: { min: 0, max: 0 },
  options: { for: { type: 'string' }, out: { type: 'string' }, own: { type: 'boolean' }, offline: { type: 'boolean' } },
  run: async input => {
    const out = input.flags.must('out')
    const reader = input.flags.must('for').replace(/^tlp:/, '')
    return withSession(input, async session => {
      if (!input.flags.on('offline')) await syncIfReached(session)
      const { mirror } = session
      checkReader(session, reader)
      const purpose = input.flags.on('own') ? 'own' : 'onward'
      if (purpose === 'onward' && reader === 'anyone' && !input.flags.on('offline')) await usePublishing(session)
      const files = assemble(session, reader, purpose)
      writeFolder(out, files, readersOf(reader))
      return {
        lines: [`wrote ${files.size} files to ${out}, for ${wordsFor(reader)}`, `check it: chancery-audit ${out}`],
        data: { files: files.size, genesis: mirror.charter.genesis, out, reader, size: mirror.store.size },
      }
    })
  },
}

type Purpose = 'own' | 'onward'

const isTier = (reader: string): reader is Tlp => Tlp.safeParse(reader).success
export const wordsFor = (reader: string): string => (isTier(reader) ? `${reader} readers` : reader)

function checkReader({ mirror: { charter }, keys }: Session, reader: string): void {
  const cure = '--for is a tier, anyone, MEMBER, MEMBER/ID or community:ID; `chancery charter show` says who is in it'
  if (folderReader(charter, reader) === undefined) throw refused('reader.unknown', reader, cure)
  if (isTier(reader) && !isCleared(charter.charter, keys.member, reader))
    throw refused('draft.above-clearance', '--for', `${keys.member} is not cleared for ${reader}`)
}

function assemble(session: Session, reader: string, purpose: Purpose): ReadonlyMap<string, Uint8Array> {
  const { mirror, keys } = session
  const { store, primitives, origin, charter } = mirror
  if (store.head === undefined) throw new Error('nothing of the log is held yet: the relay must be reached once')
  const placed = placedIn(session)
  const { newest } = standing(session)
  const view = viewOf(session)
  const exhibits = selectFor({ reader, charter, placed, view, moment: session.world.now() })
  if (mirror.policy !== undefined && newest === undefined)
    throw refused('log.no-quorum', '--out', 'no quorum has cosigned the log yet: there is nothing that counts')
  const checkpoint = newest?.kept.note ?? store.head.note
  if (purpose === 'onward') checkOnward(session, reader, { placed, exhibits })
  return assembleEvidence({
    primitives,
    reader,
    exportedBy: keys.member,
    genesis: charter.genesis,
    origin,
    vkey: vkeyFor(charter, checkpoint),
    checkpoint,
    size: view.size,
    read: store.read,
    entry: index => entryAt(session, index),
    exhibits,
    notes: notesFor(session, placed, exhibits),
  })
}

type Chosen = { readonly placed: readonly Placed[]; readonly exhibits: readonly Exhibit[] }

/**
 * spec/12-release-control.md#duties: a folder for others is handed on. What this member may hand to that reader by a
 * grant alone is in it once the use of the grant is on the log.
 */
function checkOnward(session: Session, reader: string, { placed, exhibits }: Chosen): void {
  const { member } = session.keys
  const facts = factsOf(session, placed)
  const held = new Map(placed.map(({ statement }) => [statement.sid, statement]))
  for (const { sid, disclosures } of exhibits) {
    const statement = held.get(sid)
    if (statement === undefined || statement.iss === member) continue
    const open = statement.lines.filter(({ disclosure }) => disclosures.includes(disclosure))
    const slots = new Set<string | undefined>([undefined, ...open.map(({ label }) => label)])
    const asked = { facts, name: member, action: 'forward', towards: reader } as const
    const barred = decisionsOn(session, statement, asked).find(
      ({ slot, decision, rule }) =>
        slots.has(slot) &&
        (decision === 'deny' || rule === 'granted') &&
        !isHanded(facts.control, { sid, slot }, { by: member, to: reader }),
    )
    if (barred === undefined) continue
    const granted = grantFor(facts.control, { sid, slot: barred.slot }, { reader: member }, 'publish')
    const publishing = reader === 'anyone' ? granted?.grant.sid : undefined
    throw refused('release.no-grant', sid, cureFor(barred, { statement, reader, publishing }))
  }
}

type Barred = { readonly statement: Verified; readonly reader: string; readonly publishing: string | undefined }

function cureFor(
  { slot, decision, why }: PartDecision,
  { statement: { sid, iss }, reader, publishing }: Barred,
): string {
  const what = slot === undefined ? '' : `tear line ${slot}: `
  const flag = slot === undefined ? '' : ` --slot ${slot}`
  if (publishing !== undefined)
    return `${what}a grant lets it, and its use comes first: chancery use ${publishing} --action publish --purpose TEXT`
  if (decision === 'allow')
    return `${what}a grant lets it, and its use comes first: chancery forward ${sid} --to ${reader}${flag}`
  const action = reader === 'anyone' ? 'publish' : 'forward'
  const ask = isTier(reader)
    ? `\`chancery request-release\` asks ${iss} for one reader`
    : `ask ${iss}: chancery request-release ${sid} --to ${reader}${flag} --action ${action} --purpose TEXT --until TIME`
  return `${what}${why}; ${ask}; --own is for this member alone`
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
const readersOf = (reader: string): Readers => (reader === 'clear' || reader === 'anyone' ? 'everyone' : 'owner')

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
