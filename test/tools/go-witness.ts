import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { assembleEvidence } from '@chancery/protocol'
import { lay } from '../audit/both-ways.ts'
import { partsFor, tellStory } from '../audit/story.ts'
import { goReads } from './go.ts'

/** Past one full tile of each sort, so that Go reads whole tiles, partial ones, and a second level. */
const sizes = [0, 300]

const held = []
for (const more of sizes) held.push(await witness(more))
process.exitCode = held.every(Boolean) ? 0 : 1

async function witness(more: number): Promise<boolean> {
  const world = await tellStory(`go ${more}`)
  await world.pass(more)
  const folder = mkdtempSync(join(tmpdir(), 'chancery-go-'))
  const files = assembleEvidence(partsFor(world, 'clear'))
  lay(folder, files)
  const good = goReads(folder)
  // The same folder with one bit of one tile changed: a witness that cannot say no is none.
  const tile = [...files.keys()].find(path => path.startsWith('log/tile/0/')) ?? ''
  const altered = Uint8Array.from(files.get(tile) ?? [])
  altered[0] = (altered[0] ?? 0) ^ 1
  writeFileSync(join(folder, tile), altered)
  const bad = goReads(folder)
  rmSync(folder, { recursive: true })
  console.log(`${world.size} entries: Go ${good ? 'agrees' : 'differs'}; one bit changed: ${bad ? 'not seen' : 'seen'}`)
  return good && !bad
}
