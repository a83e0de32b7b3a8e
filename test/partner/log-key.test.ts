import type { ChildProcess } from 'node:child_process'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Coalition, hears, stop } from './coalition.ts'

const coalition = new Coalition(['arvandia', 'belmora', 'corvane'])
const nodes: ChildProcess[] = []
/** Two of three witnesses are at work throughout: what is logged counts. */
beforeAll(async () => {
  await coalition.found({ assemble: ['--quorum', '2'] })
  for (const id of ['arvandia', 'belmora']) nodes.push(await coalition.node(id))
}, 180_000)
afterAll(async () => {
  for (const node of nodes) await stop(node)
  await coalition.close()
})

const logged = (id: string, ...args: string[]) =>
  coalition.as<{ sid: string; index: number; witnesses: number }>(id, ...args)
const version = async (id: string) =>
  (await coalition.as<{ coalition: { version: number } }>(id, 'board')).coalition.version
const receipt = (id: string, sid: string): string =>
  readFileSync(join(coalition.home(id), 'receipts', `${sid}.tlog-proof`), 'utf8')
/** Id of the key of the log of type Ed25519, as a line of a note has it in its first four bytes. */
const signedBy = (note: string, vkey: string): boolean => {
  const id = Buffer.from(vkey.split('+')[1] ?? '', 'hex')
    .toString('base64')
    .slice(0, 5)
  return note.includes(`— ${vkey.split('+')[0]} ${id}`)
}
const sizeOf = (note: string): number => Number(note.split('\n\n').at(-2)?.split('\n')[1])
const evidence = async (id: string, name: string): Promise<string> => {
  const out = join(coalition.folder, name)
  await coalition.as(id, 'export', '--for', 'green', '--out', out)
  return out
}
const vkeyOf = (folder: string): string => readFileSync(join(folder, 'log', 'vkey'), 'utf8')
const findings = async (folder: string) => (await coalition.audit(folder)).findings

describe('the key of a log, replaced by an amendment', () => {
  let [before, old, proposal] = ['', '', '']
  let next: string[] = []

  test('is proposed with the next one, which the relay is given beside the old', async () => {
    before = await evidence('arvandia', 'before')
    old = vkeyOf(before)
    next = await coalition.logKeys('next.pem')
    const { sid, witnesses } = await logged('arvandia', 'charter', 'amend', '--relay-vkey', next.join('\n'))
    proposal = sid
    expect(witnesses).toBeGreaterThanOrEqual(2)
    await coalition.stopRelay()
    await coalition.startRelay({ nextLogKey: coalition.file('next.pem') })
  }, 180_000)

  test('signs the head that has the last approval, and the new one every head after it', async () => {
    const last = await logged('belmora', 'charter', 'endorse', proposal)
    const enacting = receipt('belmora', last.sid)
    expect(sizeOf(enacting)).toBe(last.index + 1)
    expect([old, next[0] ?? ''].map(vkey => signedBy(enacting, vkey))).toEqual([true, false])
    expect(await version('belmora')).toBe(2)
    const { sid, index, witnesses } = await logged('belmora', 'rotate', '--days', '2')
    expect(witnesses).toBeGreaterThanOrEqual(2)
    const proven = receipt('belmora', sid)
    expect(sizeOf(proven)).toBeGreaterThan(index)
    expect([old, next[0] ?? ''].map(vkey => signedBy(proven, vkey))).toEqual([false, true])
    expect(enacting).not.toBe('')
  }, 180_000)

  test('a member that was away reads on past the change, and so does one that reads all anew', async () => {
    const { sid } = await logged('corvane', 'rotate', '--days', '2')
    expect(signedBy(receipt('corvane', sid), next[0] ?? '')).toBe(true)
    for (const end of ['', '-wal', '-shm', '.head'])
      rmSync(join(coalition.home('corvane'), `mirror.db${end}`), { force: true })
    expect(await version('corvane')).toBe(2)
  }, 180_000)

  test('what was exported before holds, and so does what is exported now', async () => {
    const now = await evidence('arvandia', 'now')
    expect(vkeyOf(now)).toBe(next[0])
    expect(await findings(before)).toEqual([])
    expect(await findings(now)).toEqual([])
    const forged = await evidence('arvandia', 'forged')
    writeFileSync(join(forged, 'log', 'vkey'), old)
    expect(await findings(forged)).toMatchObject([
      { code: 'evidence.altered', at: 'log/vkey' },
      { code: 'log.bad-signature', at: 'log/checkpoint' },
    ])
  }, 180_000)

  test('the relay begins with the new key alone, and with the old one alone it does not', async () => {
    await coalition.stopRelay()
    await expect(coalition.startRelay({})).rejects.toThrow(/log.bad-vkey: logKey: the charter names .*, and given are/)
    await coalition.startRelay({ logKey: coalition.file('next.pem') })
    expect((await logged('arvandia', 'rotate', '--days', '2')).witnesses).toBeGreaterThanOrEqual(2)
  }, 180_000)
})

describe('a version whose key the relay has not', () => {
  test('comes in force, and what is said under it waits until the relay has that key', async () => {
    const third = await coalition.logKeys('third.pem')
    const { sid } = await logged('arvandia', 'charter', 'amend', '--relay-vkey', third.join('\n'))
    const missing = hears(coalition.relay, 'key.missing')
    await coalition.as('belmora', 'charter', 'endorse', sid)
    expect(await missing).toContain('relay.no-log-key')
    const late = await coalition.run('corvane', 'rotate', '--days', '2')
    expect(late.out + late.err).toContain('kept in outbox')
    await coalition.stopRelay()
    await coalition.startRelay({ logKey: coalition.file('third.pem') })
    await coalition.as('corvane', 'publish', '--outbox')
    expect(await version('arvandia')).toBe(3)
    expect(await findings(await evidence('corvane', 'third'))).toEqual([])
  }, 180_000)
})
