import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { assembleEvidence } from '@chancery/protocol'
import { partsFor, tellStory } from '../audit/story.ts'
import { goPath, root } from './steps.ts'

/** Go's own log and note packages read what we write: golang.org/x/mod, as Debian packages it. */
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
  for (const [path, bytes] of files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), bytes)
  }
  const good = run(folder)
  // The same folder with one bit of one tile changed: a witness that cannot say no is none.
  const tile = [...files.keys()].find(path => path.startsWith('log/tile/0/')) ?? ''
  const altered = Uint8Array.from(files.get(tile) ?? [])
  altered[0] = (altered[0] ?? 0) ^ 1
  writeFileSync(join(folder, tile), altered)
  const bad = run(folder)
  rmSync(folder, { recursive: true })
  console.log(`${world.size} entries: Go ${good ? 'agrees' : 'differs'}; one bit changed: ${bad ? 'not seen' : 'seen'}`)
  return good && !bad
}

function run(folder: string): boolean {
  const env = {
    ...process.env,
    GO111MODULE: 'off',
    GOPATH: goPath,
    GOFLAGS: '',
    GOCACHE: join(tmpdir(), 'chancery-go-cache'),
  }
  const ran = spawnSync('go', ['run', join(root, 'test/go/main.go'), folder], { env, encoding: 'utf8' })
  return ran.status === 0 && ran.stdout.startsWith('ok ')
}
