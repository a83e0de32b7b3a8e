import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Exhibit, assembleEvidence, kinds } from '@chancery/protocol'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type KeyPair, type SignedDraft, type World, makeWorld, signerOf } from '../world.ts'
import { bothReports, lay } from './both-ways.ts'
import { audit, everythingIn, folderFor, logAnyway, partsFor } from './story.ts'

const { template } = kinds['attribution.statement']
const lotSize = 256
const folder = mkdtempSync(join(tmpdir(), 'evidence-keys-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** Two members, of whom one adds a key in the middle of the first bundle, and revokes the one it had soon after. */
async function tellKeys(seed: string): Promise<{ world: World; next: KeyPair }> {
  const world = await makeWorld({ members: 2, seed })
  await world.pass(60)
  const next = await signerOf(seed, 'aldova', 'sign', 'the next')
  await world.statement('key.add', 'aldova', { keys: [next.record] })
  await world.statement('attribution.statement', 'aldova', template, { signer: next.signer })
  const { kid = '' } = world.members['aldova']?.signer ?? {}
  await world.statement('key.revoke', 'aldova', { kid, reason: 'A machine was lost.' })
  return { world, next }
}

describe('keys that change in the middle of a bundle', () => {
  let told: { world: World; next: KeyPair }
  beforeAll(async () => {
    told = await tellKeys('keys')
    const { world, next } = told
    for (let i = world.size; i < 2 * lotSize + 40; i++)
      await world.statement('attribution.statement', 'aldova', template, { signer: next.signer })
  }, 60_000)

  test('are those of each index, for threads as for one', async () => {
    lay(folder, folderFor(told.world, 'clear'))
    const { together, alone } = await bothReports(folder)
    expect(together).toEqual(alone)
    expect(together).toMatchObject({ ok: true, findings: [] })
    // The log's own signature is one more.
    expect(together.proofs).toMatchObject({ signatures: told.world.size + 1, relations: told.world.size })
    expect(together.charter?.keys.filter(key => key.from !== undefined || key.revokedAt !== undefined)).toEqual([
      expect.objectContaining({ kid: told.world.members['aldova']?.signer.kid, revokedAt: 64 }),
      expect.objectContaining({ kid: told.next.record.kid, from: 63 }),
    ])
  })
})

describe('a relay that logs what a revoked key signs', () => {
  /** Logs the drafts as they come, and exports all there is. */
  async function auditOf(world: World, drafts: readonly SignedDraft[]): Promise<string[]> {
    const exhibits: Exhibit[] = [...everythingIn(world)]
    for (const draft of drafts) {
      const index = logAnyway(world, draft)
      const { sid, jws, payload } = draft
      exhibits.push({ index, sid, kind: payload.kind, jws, disclosures: [] })
    }
    const { findings } = await audit(assembleEvidence({ ...partsFor(world, 'clear'), exhibits }))
    return findings.map(({ code, at, index }) => `${code} ${index}${at.replace(/^[^#]*/, '')}`)
  }
  const say = (world: World, signer: KeyPair['signer'] | undefined) =>
    world.draft('attribution.statement', 'aldova', template, signer && { signer })

  test('is found out in the same bundle', async () => {
    const { world } = await tellKeys('same bundle')
    const { size } = world
    expect(await auditOf(world, [await say(world, undefined)])).toEqual([`charter.unknown-key ${size}#/header/kid`])
  })
  test('is found out where the bundle was judged before it was known', async () => {
    const { world, next } = await tellKeys('next bundle')
    for (let i = world.size; i < lotSize + 10; i++) await world.statement('attribution.statement', 'borsk', template)
    const { size } = world
    expect(await auditOf(world, [await say(world, undefined)])).toEqual([`charter.unknown-key ${size}#/header/kid`])
    const other = await tellKeys('next bundle')
    expect(await auditOf(other.world, [await say(other.world, next.signer)])).toEqual([])
  })
  test('is found out where a key goes beyond its mandate, from the index after it on', async () => {
    const world = await makeWorld({ members: 2, seed: 'mandate' })
    await world.statement('attribution.statement', 'aldova', template)
    const { kid = '' } = world.members['aldova']?.signer ?? {}
    await world.statement('mandate.grant', 'aldova', { kid, strongest_stance: 'supports' })
    const { size } = world
    const beyond = `charter.beyond-mandate ${size}#/body/claims/0/stance`
    expect(await auditOf(world, [await say(world, undefined)])).toEqual([beyond])
  })
  test('is found out for a key before it was added', async () => {
    const world = await makeWorld({ members: 2, seed: 'too early' })
    const next = await signerOf('too early', 'aldova', 'sign', 'the next')
    const early = await say(world, next.signer)
    expect(await auditOf(world, [early])).toEqual([`charter.unknown-key 2#/header/kid`])
  })
})
