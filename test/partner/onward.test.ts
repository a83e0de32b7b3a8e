import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Mirror, admit, openMirror, readHeld } from '@chancery/client'
import type { Delivery } from '@chancery/protocol'
import { openStore } from '@chancery/store'
import { afterAll, describe, expect, test } from 'vitest'
import { tellResend } from '../audit/resends.ts'
import { deliveryOf } from '../deliveries.ts'
import type { LoggedStatement, World } from '../world.ts'

const folder = mkdtempSync(join(tmpdir(), 'onward-'))
afterAll(() => rmSync(folder, { recursive: true }))
let opened = 0

async function mirrorOf(world: World, id: string): Promise<Mirror> {
  const store = openStore(join(folder, `${opened++}.db`), { origin: world.origin, create: true })
  if (!store.ok) throw new Error(store.code)
  const { encKey } = world.members[id] as World['members'][string]
  const input = { store: store.value, genesis: world.logged[0]?.jws ?? '', openKeys: [encKey] }
  const mirror = await openMirror({ ...input, primitives: world.primitives })
  if (!mirror.ok) throw new Error(mirror.code)
  return mirror.value
}

/** The whole log, in which this statement brings a copy of that one with all of its tear lines. */
function deliveries(world: World, by: LoggedStatement, { jws, lines }: LoggedStatement): Promise<Delivery[]> {
  const copy = { disclosures: lines.map(({ disclosure }) => disclosure), jws }
  return Promise.all(world.logged.map(logged => deliveryOf(world, logged, logged === by ? [copy] : [])))
}

/** What a member is told of the copy, and the tear lines that it holds then. */
async function received(world: World, id: string, [by, of]: readonly [LoggedStatement, LoggedStatement]) {
  const mirror = await mirrorOf(world, id)
  const admitted = await admit(mirror, await deliveries(world, by, of), world.checkpoint())
  if (!admitted.ok) throw new Error(`${admitted.code} ${admitted.at ?? ''}`)
  const stored = mirror.store.statement(of.sid)
  const held = stored && readHeld(mirror, stored)
  const [told] = admitted.value.badCopies
  const lines = held?.ok ? held.value.statement.lines.map(({ label }) => label) : []
  mirror.store.close()
  return { told: told && [told.index, told.code, told.at, told.why], lines }
}

describe('a node that is sent on the words of another than the sender', () => {
  test('takes them within a grant that the sender has used', async () => {
    const { world, source, resend, recipient } = await tellResend('sent on: used', { grant: 'used' })
    expect(await received(world, recipient, [resend, source])).toEqual({ told: undefined, lines: ['named'] })
  })
  test('takes nothing without one, or before its use, and says so', async () => {
    for (const grant of ['none', 'unused'] as const) {
      const { world, source, resend, recipient } = await tellResend(`sent on: ${grant}`, { grant })
      const rule = 'releasable to named members only, and this reader is of none of them'
      const why = `${recipient} could read it, tear line named: ${rule}`
      const told = [resend.index, 'release.no-grant', '/enclosed/0', why]
      expect(await received(world, recipient, [resend, source])).toEqual({ told, lines: [] })
    }
  })
  test('judges for itself alone: who may have them takes them, whoever else was sent them', async () => {
    const { world, source, resend, recipient, other } = await tellResend('sent on: wide', { grant: 'used', wide: true })
    expect(await received(world, recipient, [resend, source])).toEqual({ told: undefined, lines: ['named'] })
    expect((await received(world, other, [resend, source])).lines).toEqual([])
  })
  test('takes what its marking lets it have, from any holder', async () => {
    const { world, source, author, holder, recipient } = await tellResend('sent on: marked', { grant: 'used' })
    const body = { sid: source.sid, slots: ['named'], to: holder }
    const back = await world.statement('resend', recipient, body, {
      tlp: 'green',
      handling: { releasable_to: [author, holder, recipient].sort() },
    })
    expect(await received(world, holder, [back, source])).toEqual({ told: undefined, lines: ['named'] })
  })
  test('takes nothing with the use of a grant that was revoked', async () => {
    const { world, source, grant, author, holder, recipient } = await tellResend('sent on: late', { grant: 'unused' })
    const sid = grant?.sid ?? ''
    await world.statement('release.revoke', author, { grant: sid, reason: 'It leaked.' }, { tlp: 'green' })
    const late = { action: 'forward' as const, grant: sid, purpose: 'Handed over.' }
    const use = await world.statement('release.use', holder, late, { tlp: 'green' })
    const why = `the grant was revoked before: ${sid}`
    const told = [use.index, 'release.no-grant', '/enclosed/0', why]
    expect(await received(world, recipient, [use, source])).toEqual({ told, lines: [] })
  })
  test('takes what comes with the use of a grant in force', async () => {
    const { world, source, grant, holder, recipient } = await tellResend('sent on: in force', { grant: 'unused' })
    const now = { action: 'forward' as const, grant: grant?.sid ?? '', purpose: 'Handed over.' }
    const use = await world.statement('release.use', holder, now, { tlp: 'green' })
    expect(await received(world, recipient, [use, source])).toEqual({ told: undefined, lines: ['named'] })
  })
})
