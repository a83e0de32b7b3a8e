import type { ChildProcess } from 'node:child_process'
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Coalition, stop } from './coalition.ts'

const coalition = new Coalition(['arvandia', 'belmora', 'corvane'])
/** Two of three witnesses are at work throughout: what is logged counts. */
const nodes: ChildProcess[] = []
beforeAll(async () => {
  await coalition.found({ assemble: ['--quorum', '2'] })
  for (const id of ['arvandia', 'belmora']) nodes.push(await coalition.node(id))
}, 180_000)
afterAll(async () => {
  for (const node of nodes) await stop(node)
  await coalition.close()
})

type Board = {
  coalition: { version: number; charter: string; proposals: { sid: string }[] }
  members: { id: string; absent?: string }[]
  attributions: { sid: string }[]
  alarms: unknown[]
  withheld: { chains: unknown[] }
}
const board = (id: string) => coalition.as<Board>(id, 'board')
const logged = (id: string, ...args: string[]) => coalition.as<{ sid: string; index: number }>(id, ...args)
const refusal = async (id: string, ...args: string[]) => {
  const { code, out } = await coalition.run(id, ...args, '--json')
  const { refused } = JSON.parse(out) as { refused?: { code: string; at?: string; why?: string } }
  return { exit: code, ...refused }
}

/** A State with keys of its own, and the file that it hands to the coalition. */
async function enrolled(id: string, home = id): Promise<string> {
  await coalition.as(home, 'init', '--member', id, '--name', `Republic of ${id}`, '--work', '14')
  const file = coalition.file(`${home}.json`)
  await coalition.as(home, 'enrol', '--roles', 'member', '--out', file)
  return file
}

const pinned = (home: string) =>
  coalition.as(
    home,
    'charter',
    'approve',
    '--genesis',
    coalition.file('genesis.jws'),
    '--fingerprint',
    coalition.genesis,
    '--to-accede',
  )

async function attribution(id: string, ...more: string[]): Promise<{ sid: string }> {
  const path = coalition.file(`${id}-draft.json`)
  rmSync(path, { force: true })
  rmSync(coalition.file(`${id}-draft.schema.json`), { force: true })
  await coalition.as(id, 'draft', 'attribution.statement', '--tlp', 'green', '--out', path, ...more)
  coalition.draft(`${id}-draft.json`, JSON.parse(readFileSync(path, 'utf8')) as object)
  return coalition.as<{ sid: string }>(id, 'publish', path)
}

describe('a State that comes later', () => {
  let proposal = ''
  test('is proposed by one member, and waits for the others', async () => {
    const file = await enrolled('drosia')
    const before = await attribution('corvane')
    ;({ sid: proposal } = await logged('arvandia', 'charter', 'amend', '--member', file, '--amend-threshold', '3'))
    expect((await board('belmora')).coalition).toMatchObject({ version: 1, proposals: [{ sid: proposal }] })
    await pinned('drosia')
    expect(await refusal('drosia', 'charter', 'accede', '--relay', coalition.url)).toMatchObject({
      exit: 1,
      code: 'charter.unknown-key',
    })
    expect(await refusal('arvandia', 'charter', 'endorse', proposal)).toMatchObject({
      code: 'charter.already-approved',
    })
    const two = await coalition.run('belmora', 'charter', 'endorse', proposal)
    expect(two.out).toMatch(/brings drosia, Republic of drosia.*clears drosia for green.*amend_threshold: 3, was 2/s)
    // The next version asks for three of those that stay: two are enough for this one, and not for the next.
    expect((await board('belmora')).coalition.version).toBe(1)
    await coalition.as('corvane', 'charter', 'endorse', proposal)
    const { coalition: now, members } = await board('belmora')
    expect(now).toMatchObject({ version: 2, charter: proposal, proposals: [] })
    expect(members.find(({ id }) => id === 'drosia')).toMatchObject({ absent: 'awaited' })
    expect((await board('belmora')).attributions).toMatchObject([{ sid: before.sid }])
  }, 180_000)

  test('follows the log, and says nothing before it has acceded', async () => {
    expect(
      await refusal('drosia', 'charter', 'suspend', 'belmora', '--reason', 'none', '--relay', coalition.url),
    ).toMatchObject({
      exit: 1,
      code: 'charter.not-acceded',
      at: '/iss',
    })
    expect(await coalition.as('drosia', 'charter', 'accede', '--relay', coalition.url)).toMatchObject({ version: 2 })
    expect((await board('drosia')).members.map(({ absent }) => absent)).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ])
  }, 180_000)

  test('reads what is said from then on, and what it says is read', async () => {
    const theirs = await attribution('corvane')
    const own = await attribution('drosia')
    const { attributions, alarms, withheld } = await board('drosia')
    expect(attributions.map(({ sid }) => sid)).toEqual([theirs.sid, own.sid])
    // Number 0 of that chain was said before it came: nothing is withheld from it, and it is not warned for ever.
    expect([alarms, withheld.chains]).toEqual([[], []])
    expect((await board('belmora')).attributions).toHaveLength(3)
  }, 180_000)
})

describe('what was signed under the version before', () => {
  test('is dropped from the outbox once another is in force, and its number with it', async () => {
    const { sid } = await logged('corvane', 'charter', 'amend', '--purpose', 'To say together who did what.')
    await coalition.stopRelay()
    const path = coalition.draft('late.json', {})
    rmSync(path)
    const late = await coalition.run('corvane', 'rotate', '--days', '2')
    expect(late.out).toContain('kept in outbox')
    await coalition.startRelay()
    for (const id of ['arvandia', 'drosia']) await coalition.as(id, 'charter', 'endorse', sid)
    const sent = await coalition.run('corvane', 'publish', '--outbox')
    expect(sent.err).toMatch(/statement.wrong-charter.*version 3 of the charter is in force, so it is dropped/s)
    expect(await coalition.as<{ is?: string }>('corvane', 'rotate', '--days', '2')).toMatchObject({
      kind: 'key.prekey',
    })
  }, 180_000)
})

describe('a member that is suspended, or leaves', () => {
  test('is silent, and nothing restricted is carried to it, until the next version keeps it', async () => {
    const { sid } = await logged('arvandia', 'charter', 'suspend', 'corvane', '--reason', 'It does not answer.')
    for (const id of ['belmora', 'drosia']) await coalition.as(id, 'charter', 'endorse', sid)
    expect(await refusal('corvane', 'rotate', '--days', '2')).toMatchObject({ code: 'charter.suspended', at: '/iss' })
    const { sid: quiet } = await attribution('arvandia')
    const seenBy = async (id: string) => (await board(id)).attributions.map(one => one.sid)
    expect(await seenBy('belmora')).toContain(quiet)
    expect(await seenBy('corvane')).not.toContain(quiet)
    const next = await logged('belmora', 'charter', 'amend', '--name', 'Exercise Coalition, renewed')
    for (const id of ['arvandia', 'drosia']) await coalition.as(id, 'charter', 'endorse', next.sid)
    expect((await board('corvane')).members.find(({ id }) => id === 'corvane')?.absent).toBeUndefined()
    const { sid: back } = await attribution('corvane')
    expect(await seenBy('belmora')).toContain(back)
  }, 180_000)

  test('leaves by its own word, and its keys with it', async () => {
    expect(await refusal('drosia', 'charter', 'leave', 'arvandia', '--reason', 'none')).toMatchObject({
      code: 'statement.not-issuer',
    })
    await coalition.as('drosia', 'charter', 'leave', 'drosia', '--reason', 'The government has decided so.')
    expect(await refusal('drosia', 'rotate', '--days', '2')).toMatchObject({ exit: 1 })
    expect((await board('arvandia')).members.find(({ id }) => id === 'drosia')).toMatchObject({ absent: 'left' })
  }, 180_000)
})

describe('whoever lost its keys', () => {
  test('gets new ones from the others, and speaks with them once it has acceded', async () => {
    const file = await enrolled('corvane', 'corvane-anew')
    const { sid } = await logged(
      'arvandia',
      'charter',
      'amend',
      '--member',
      file,
      '--remove',
      'drosia',
      '--amend-threshold',
      '2',
    )
    await coalition.as('belmora', 'charter', 'endorse', sid)
    // The threshold is three: whoever lost its keys has to be asked for, or the old ones used a last time.
    await coalition.as('corvane', 'charter', 'endorse', sid)
    expect(await refusal('corvane', 'rotate', '--days', '2')).toMatchObject({ exit: 1 })
    await pinned('corvane-anew')
    await coalition.as('corvane-anew', 'charter', 'accede', '--relay', coalition.url)
    const { sid: said } = await attribution('corvane-anew')
    expect((await board('arvandia')).attributions.map(one => one.sid)).toContain(said)
  }, 180_000)

  test('and all of it is judged offline, each statement by the charter at its place', async () => {
    const out = join(coalition.folder, 'evidence')
    await coalition.as('arvandia', 'export', '--for', 'green', '--out', out)
    const report = await coalition.audit(out)
    expect(report.findings).toEqual([])
  }, 180_000)
})

describe('a log that is closed', () => {
  test('by as many as amend the charter takes nothing more, and says what a new one goes on from', async () => {
    const { sid } = await logged('arvandia', 'charter', 'close', '--reason', 'The relay changes hands.')
    expect((await coalition.run('belmora', 'board')).out).toContain('the closing of the log waits for approval')
    await coalition.as('belmora', 'charter', 'endorse', sid)
    expect(await refusal('belmora', 'rotate', '--days', '2')).toMatchObject({ exit: 1, code: 'log.closed' })
    const { out } = await coalition.run('arvandia', 'board')
    const [, follows = ''] = /founded with --follows (\S+)/.exec(out) ?? []
    const [genesis, size, root] = follows.split(':')
    expect(genesis).toBe(coalition.genesis)
    const evidence = join(coalition.folder, 'closed')
    await coalition.as('arvandia', 'export', '--for', 'clear', '--out', evidence)
    const closed = await coalition.audit(evidence)
    expect(closed).toMatchObject({ findings: [], root, size: Number(size), charter: { closedAt: Number(size) } })

    const next = new Coalition(['arvandia'])
    try {
      await next.found({ assemble: ['--follows', follows] })
      const folder = join(next.folder, 'evidence')
      await next.as('arvandia', 'export', '--for', 'clear', '--out', folder)
      const report = await next.audit(folder)
      expect(report.charter?.follows).toEqual({ genesis, root, size: Number(size) })
      expect(report.genesis).not.toBe(genesis)
    } finally {
      await next.close()
    }
  }, 180_000)
})
