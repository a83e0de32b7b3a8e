import { assembleEvidence, kinds, manifestPath } from '@chancery/protocol'
import { beforeAll, describe, expect, test } from 'vitest'
import { doctored } from '../audit/doctor.ts'
import { audit, folderFor, partsFor } from '../audit/story.ts'
import { type World, cosignedNote, makeWorld, worldBegins } from '../world.ts'
import { seededRandom } from './random.ts'
import { type Ask, bothSay, folderGiven, valueBothSay } from './second.ts'

const { template } = kinds['attribution.statement']
// SEED=… replays a run.
const seed = process.env.SEED ?? String(Date.now())
let world: World
let folder: Map<string, Uint8Array>
beforeAll(async () => {
  world = await makeWorld({ members: 2, seed: 'a hostile auditor', quorum: 2, curvesOnly: true })
  await world.statement('attribution.statement', 'aldova', template)
  folder = folderAt(world.size, worldBegins + 1_000)
})

const witnessed = (size: number, at: number): string => cosignedNote(world, size, { aldova: at, borsk: at + 5 })
const folderAt = (size: number, at: number): Map<string, Uint8Array> => {
  const parts = partsFor(world, 'clear', size)
  return assembleEvidence({ ...parts, checkpoint: witnessed(size, at) })
}

describe(`whoever hands over a folder (SEED=${seed})`, () => {
  test('65: passes no old one off as the present: it says how large the log was, and when', async () => {
    await world.statement('attribution.statement', 'borsk', template)
    const now = folderAt(world.size, worldBegins + 9_000)
    const [old, present] = [await audit(folder, world.charter.genesis), await audit(now, world.charter.genesis)]
    expect([old.ok, present.ok]).toEqual([true, true])
    expect([old.size, present.size]).toEqual([world.size - 1, world.size])
    expect(old.trust?.asOf).toBeLessThan(present.trust?.asOf ?? 0)
    const sizes = [folder, now].map(each => valueBothSay<{ size: number }>(folderGiven(each)))
    expect((await Promise.all(sizes)).map(({ size }) => size)).toEqual([old.size, present.size])
    // To write a later date on it takes the keys of a quorum.
    const dated = doctored(folder, copy =>
      copy.set('checkpoint', Buffer.from(cosignedNote(world, 3, { aldova: worldBegins + 9_000 }))),
    )
    expect((await bothSay([folderGiven(dated)]))[0]?.expect).not.toBe('ok')
  })

  test('66: doctors no part of it unseen, and two auditors name the same fault', async () => {
    const random = seededRandom(seed)
    const paths = [...folder.keys()].filter(path => path !== manifestPath)
    const asks: Ask[] = []
    const what: string[] = []
    for (let i = 0; i < 24; i++) {
      const path = paths[random(paths.length)] ?? ''
      const how = random(3)
      what.push(`${['drops', 'alters', 'adds beside'][how]} ${path}`)
      const changed = doctored(folder, copy => {
        const bytes = Uint8Array.from(copy.get(path) ?? [])
        const at = random(bytes.length)
        if (how === 0) copy.delete(path)
        else if (how === 1) copy.set(path, bytes.with(at, (bytes[at] ?? 0) ^ (1 << random(8))))
        else copy.set(`${path}x`, bytes)
      })
      asks.push(folderGiven(changed, world.charter.genesis))
    }
    const answers = await bothSay(asks)
    expect(answers.flatMap(({ expect: code }, i) => (code === 'ok' ? [what[i]] : []))).toEqual([])
  })

  test('66: nor the manifest that lists them', async () => {
    const bare = new Map(folder)
    bare.delete(manifestPath)
    const listed = folderFor(world, 'clear')
    const wrong = new Map(folder).set(manifestPath, listed.get(manifestPath) ?? new Uint8Array())
    expect((await bothSay([bare, wrong].map(each => folderGiven(each)))).map(({ expect: code }) => code)).not.toContain(
      'ok',
    )
  })
})
