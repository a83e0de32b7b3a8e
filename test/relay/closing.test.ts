import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { admit, openMirror } from '@chancery/client'
import { auditFolder, createTree, leafHash, signCheckpoint, toBase64url } from '@chancery/protocol'
import { openStore } from '@chancery/store'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { deliveryOf } from '../deliveries.ts'
import { filesOf, folderFor } from '../audit/story.ts'
import { type Running, replay, running, sha256, submissionOf, world } from './fixture.ts'

let it: Running
const folder = mkdtempSync(join(tmpdir(), 'closing-'))

beforeAll(async () => {
  const made = await world()
  it = await running(made)
  await replay(made, it.api)
})
afterAll(async () => {
  await it.relay.close()
  it.files.remove()
  rmSync(folder, { recursive: true })
})

/** As a sealed statement is submitted: nobody but its readers knows what it says. */
const sealed = new Uint8Array(65).fill(9).fill(1, 0, 1)
const submitSealed = async () =>
  (await it.api.submit('borsk', [{ entry: toBase64url(sealed), seals: [] }])).body.results[0]

describe('a log that is closed', () => {
  test('takes statements until the last approval, and then nothing, sealed or open', async () => {
    const { world: made, api } = it
    const [first = '', ...others] = made.ids
    const proposed = await made.statement('log.close', first, { reason: 'The relay changes hands.' })
    for (const id of others) await made.statement('charter.approve', id, { approves: proposed.statement.sid })
    const open = await made.draft('member.withdraw', first, { reason: 'so' })
    await replay(made, api, 3)
    expect(made.charter.closedFrom).toBe(made.size)
    expect(await submitSealed()).toMatchObject({ code: 'log.closed', at: '/entry' })
    expect((await api.submit(first, [{ jws: open.jws, seals: [] }])).body.results[0]).toMatchObject({
      code: 'log.closed',
    })
    // What stands is answered for as ever: the same statement again keeps its index.
    const again = await api.submit(first, [await submissionOf(made, proposed)])
    expect(again.body.results[0]).toMatchObject({ index: proposed.index })
  })

  test('has no entry after it that a reader or an auditor takes, though the log signs it', async () => {
    const { world: made } = it
    const { origin, primitives, vkey } = made
    const list = await Promise.all(made.logged.map(logged => deliveryOf(made, logged)))
    const longer = [...list, { entry: toBase64url(sealed), index: list.length, seals: [] }]
    const tree = createTree(sha256)
    for (const entry of [...made.entries, sealed]) tree.append(leafHash(sha256, entry))
    const checkpoint = { origin, size: longer.length, root: tree.root() }
    const note = signCheckpoint({ checkpoint, vkey, sign: made.relay.sign })
    const store = openStore(join(folder, 'mirror.db'), { origin, create: true })
    const own = made.members['borsk']
    if (!store.ok || own === undefined) throw new Error('a new store opens, and borsk is a member')
    const openKeys = [own.encKey, own.xwingKey]
    const mirror = await openMirror({ store: store.value, genesis: list[0]?.jws ?? '', openKeys, primitives })
    if (!mirror.ok) throw new Error(mirror.code)
    expect(await admit(mirror.value, longer, note)).toMatchObject({ ok: false, code: 'log.closed' })
    expect(await admit(mirror.value, list, made.checkpoint())).toMatchObject({ ok: true })
    store.value.close()
    const before = await auditFolder({ files: filesOf(folderFor(made, 'clear')), primitives })
    expect([before.findings, before.charter?.closedAt]).toEqual([[], made.size])
    const index = made.size
    made.tree.append(leafHash(sha256, sealed))
    ;(made.entries as Uint8Array[]).push(sealed)
    const after = await auditFolder({ files: filesOf(folderFor(made, 'clear')), primitives })
    expect(after.findings).toMatchObject([{ code: 'log.closed', index }])
  })
})
