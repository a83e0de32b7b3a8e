import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { admit, openMirror, statementsOf } from '@chancery/client'
import { commitment, concat, fromBase64url, kindOf, leafHash } from '@chancery/protocol'
import { openStore } from '@chancery/store'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type LoggedStatement, type World, makeWorld } from '../world.ts'
import { deliveryOf } from '../deliveries.ts'

const folder = mkdtempSync(join(tmpdir(), 'mirror-'))
let world: World
let said: LoggedStatement
let opened = 0

beforeAll(async () => {
  world = await makeWorld({ members: 3, seed: 'mirror' })
  const { template } = kindOf('attribution.statement')
  said = await world.statement('attribution.statement', 'aldova', template, { tlp: 'green' })
  await world.statement('attribution.statement', 'borsk', template, { tlp: 'green' })
  // The hash above a whole tile is kept: opening a store does not read what is below it.
  await world.pass(260)
})
afterAll(() => rmSync(folder, { recursive: true }))

function storeAt(path: string) {
  const store = openStore(path, { origin: world.origin, create: true })
  if (!store.ok) throw new Error(store.code)
  return store.value
}

async function mirrorAt(path: string) {
  const member = world.members['borsk']
  const openKeys = member === undefined ? [] : [member.encKey, member.xwingKey]
  const { primitives, logged } = world
  const store = storeAt(path)
  const genesis = logged[0]?.jws ?? ''
  const mirror = await openMirror({ store, genesis, openKeys, primitives })
  if (!mirror.ok) throw new Error(`${mirror.code} ${mirror.at}`)
  return mirror.value
}

/** A mirror of all of it, changed on the disk while nobody has it open, and what reading all of it says then. */
async function readAfter(change: (db: DatabaseSync) => void): Promise<string> {
  const path = join(folder, `${opened++}.db`)
  const mirror = await mirrorAt(path)
  const deliveries = await Promise.all(world.logged.map(logged => deliveryOf(world, logged)))
  const admitted = await admit(mirror, deliveries, world.checkpoint())
  if (!admitted.ok) throw new Error(admitted.code)
  mirror.store.close()
  const db = new DatabaseSync(path)
  change(db)
  db.close()
  const again = await mirrorAt(path)
  const held = statementsOf(again)
  again.store.close()
  return held.ok ? `holds ${held.value.length}` : `${held.code} at ${held.at}`
}

/** The entry and the leaf that go with a statement in the place of the first. */
function entryFor(jws: string, sid: string) {
  const { sha256 } = world.primitives
  const signature = fromBase64url(jws.split('.')[2] ?? '') ?? new Uint8Array(0)
  const entry = concat(Uint8Array.of(1), commitment({ sha256, sid, signature }), said.entry.subarray(33))
  return { entry, leaf: leafHash(sha256, entry) }
}

/** The same words under a signature of nobody. */
function forged() {
  const jws = `${said.jws.slice(0, -86)}${'A'.repeat(86)}`
  return { jws, ...entryFor(jws, said.sid) }
}

describe('a mirror that is read', () => {
  test('holds as it was admitted', async () => expect(await readAfter(() => {})).toBe(`holds ${world.size}`))
  test('is refused with the place where a statement was changed', async () => {
    const { jws } = forged()
    const change = (db: DatabaseSync) => db.prepare('UPDATE entries SET jws = ? WHERE place = ?').run(jws, said.index)
    expect(await readAfter(change)).toBe(`evidence.altered at mirror/${said.index}`)
  })
  test('is refused where entry and leaf were changed with it: they do not lead to the signed head', async () => {
    const { jws, entry, leaf } = forged()
    const change = (db: DatabaseSync) =>
      db.prepare('UPDATE entries SET jws = ?, entry = ?, leaf = ? WHERE place = ?').run(jws, entry, leaf, said.index)
    expect(await readAfter(change)).toBe(`evidence.altered at mirror/${said.index}`)
  })
  test('is refused where another statement that its author signed stands in its place', async () => {
    const { template } = kindOf('attribution.statement')
    const { jws, sid } = await world.draft('attribution.statement', 'aldova', template, { tlp: 'green' })
    const { entry, leaf } = entryFor(jws, sid)
    const change = (db: DatabaseSync) => {
      const set = 'UPDATE entries SET jws = ?, sid = ?, entry = ?, leaf = ? WHERE place = ?'
      db.prepare(set).run(jws, sid, entry, leaf, said.index)
    }
    expect(await readAfter(change)).toBe('evidence.altered at mirror/0')
  })
  test('is refused where a statement would be found as another kind, or as of another tier', async () => {
    for (const set of ["kind = 'callout.join'", "tlp = 'clear'"]) {
      const change = (db: DatabaseSync) => db.exec(`UPDATE entries SET ${set} WHERE place = ${said.index}`)
      expect(await readAfter(change)).toBe(`evidence.altered at mirror/${said.index}`)
    }
  })
})
