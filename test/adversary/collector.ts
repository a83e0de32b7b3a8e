import {
  type AuditReport,
  type Exhibit,
  type HashReader,
  assembleEvidence,
  hashReaderFromTiles,
  limits,
  logTilePath,
  readEntry,
  readEntryBundle,
  readEnvelope,
  tilePath,
  tileWidth,
} from '@chancery/protocol'
import { doctored } from '../audit/doctor.ts'
import { audit } from '../audit/story.ts'
import { apiOf, sha256 } from '../relay/fixture.ts'
import type { World } from '../world.ts'

/**
 * An evidence folder for anyone, made of what a relay serves and of nothing else, by one who checks none of it: what an
 * auditor has in hand when the relay lies to it alone.
 */
export async function collect(world: World, url: string, member: string): Promise<Map<string, Uint8Array>> {
  const get = reader(world, url, member)
  const checkpoint = Buffer.from(await get('/checkpoint/witnessed')).toString()
  const size = Number(checkpoint.split('\n')[1])
  if (size > tileWidth) throw new Error('a scene fits one tile')
  const address = { level: 'entries', index: 0, width: size } as const
  const bundle = await get(`/${tilePath(address)}`)
  const hashes = await get(`/${tilePath({ level: 0, index: 0, width: size })}`)
  const read = readEntryBundle(bundle, size)
  const entries = read.ok ? read.value : []
  const hash: HashReader = hashReaderFromTiles({ sha256, size, tile: () => hashes })
  const { vkey } = world.charter.charter.relay
  const bytes = (index: number) => entries[index] ?? new Uint8Array(0)
  const exhibits = entries.flatMap((entry, index) => exhibitOf(world, entry, index))
  const made = { primitives: world.primitives, reader: 'clear', exportedBy: member, genesis: world.charter.genesis }
  const log = { origin: world.origin, vkey, checkpoint, size, entry: bytes, read: hash }
  return doctored(assembleEvidence({ ...made, ...log, exhibits }), copy => copy.set(logTilePath(address), bundle))
}

function reader(world: World, url: string, member: string) {
  const { authorization } = apiOf(world, url)
  return async (path: string): Promise<Uint8Array> => {
    const answer = await fetch(url + path, { headers: { authorization: await authorization(member, { path }) } })
    if (!answer.ok) throw new Error(`${path}: ${answer.status}`)
    return new Uint8Array(await answer.arrayBuffer())
  }
}

/** Of what stands open in the log, the statement as it stands there; the genesis statement is pinned. */
function exhibitOf(world: World, entry: Uint8Array, index: number): Exhibit[] {
  const form = readEntry(entry)
  const pinned = index === 0 ? world.logged[0]?.jws : undefined
  const jws = pinned ?? (form.ok && form.value.form === 'open' ? form.value.jws : undefined)
  if (jws === undefined) return []
  const read = readEnvelope(jws, 'chancery-statement+sd-jwt', sha256, limits.genesisBytesMax)
  if (!read.ok) return []
  const { kind } = read.value.payload as { kind: string }
  return [{ index, sid: read.value.sid, kind, jws, disclosures: [] }]
}

/** What the auditor says of it: its codes, each once, or `holds` with the size that the folder shows. */
export async function judge(world: World, folder: ReadonlyMap<string, Uint8Array>): Promise<AuditReport> {
  return audit(folder, world.charter.genesis)
}
