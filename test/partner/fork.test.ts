import type { ChildProcess } from 'node:child_process'
import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Coalition, stop } from './coalition.ts'

type Published = { readonly sid: string; readonly index: number; readonly witnesses?: number }

const ids = ['arvandia', 'belmora', 'corvane', 'drusenia']
const coalition = new Coalition(ids)
const nodes: ChildProcess[] = []
let drafts = 0

async function publish(by: string): Promise<Published> {
  const name = `draft-${drafts++}.json`
  await coalition.as(by, 'draft', 'attribution.statement', '--out', coalition.file(name))
  const written = JSON.parse(readFileSync(coalition.file(name), 'utf8')) as object
  return coalition.as<Published>(by, 'publish', coalition.draft(name, written))
}
const witnesses = async (): Promise<ChildProcess[]> => {
  const started = await Promise.all(ids.slice(0, 3).map(id => coalition.node(id)))
  nodes.push(...started)
  return started
}
const evidenceOf = (id: string): string[] => {
  const folder = join(coalition.home(id), 'evidence')
  return readdirSync(folder).map(name => join(folder, name))
}

beforeAll(() => coalition.found({ assemble: ['--quorum', '3'] }), 120_000)
afterAll(async () => {
  for (const node of nodes) await stop(node)
  await coalition.close()
})

describe('a relay that shows two logs', () => {
  test('gets its second one cosigned by nobody', async () => {
    // The log is copied before the statement that the second log will not have.
    await coalition.stopRelay()
    for (const end of ['', '.head']) cpSync(coalition.file(`relay.sqlite${end}`), coalition.file(`forked.sqlite${end}`))
    await coalition.startRelay()
    const first = await witnesses()
    expect(await publish('arvandia')).toMatchObject({ index: 4, witnesses: 3 })
    for (const node of first) expect(await stop(node)).toBe(0)
    await coalition.stopRelay()

    await coalition.startRelay({ store: coalition.file('forked.sqlite') })
    expect(await publish('drusenia')).toMatchObject({ index: 4, witnesses: 0 })
    // Whoever holds the first log refuses the second, and cosigns nothing of it.
    const runs = await Promise.all(ids.slice(0, 3).map(id => coalition.run(id, 'run')))
    expect(runs.map(({ code }) => code)).toEqual([1, 1, 1])
    expect(runs[0]?.err).toContain('log.forked')
    const { trust } = await coalition.as<{ trust: object }>('drusenia', 'board')
    expect(trust).toMatchObject({ logged: 5, witnessed: 0 })
  })

  test('and is convicted by what each of them has kept, with no one asked', async () => {
    const [file = ''] = evidenceOf('belmora')
    const tried = await coalition.convict(file, '--genesis', coalition.genesis)
    expect([tried.code, tried.err]).toEqual([0, ''])
    expect(tried.out).toMatch(/^CONVICTED: the log relay\.example\/log1 has signed two trees of size 5\./)
    const json = await coalition.convict(file, '--json')
    expect(JSON.parse(json.out)).toMatchObject({ genesis: coalition.genesis, convictions: [{ who: { is: 'log' } }] })
  })

  test('but not by a stranger, under another charter, or with one note alone', async () => {
    const [file = ''] = evidenceOf('belmora')
    const whole = JSON.parse(readFileSync(file, 'utf8')) as { notes: string[]; genesis: string }
    const other = await coalition.convict(file, '--genesis', `${'A'.repeat(42)}A`)
    expect([other.code, other.out]).toEqual([1, expect.stringContaining('and not the one you trust')])
    const alone = coalition.file('alone.json')
    writeFileSync(alone, JSON.stringify({ ...whole, notes: whole.notes.slice(0, 1), ours: null, theirs: null }))
    expect(await coalition.convict(alone)).toMatchObject({
      code: 1,
      out: expect.stringContaining('nobody is convicted'),
    })
    const changed = coalition.file('changed.json')
    const [first = '', second = ''] = whole.notes
    writeFileSync(changed, JSON.stringify({ ...whole, notes: [first, second.replace('\n5\n', '\n6\n')] }))
    expect(await coalition.convict(changed)).toMatchObject({ code: 1 })
  })

  test('as it is by the two receipts and the charter, without a proof file', async () => {
    const receipt = (id: string) => {
      const folder = join(coalition.home(id), 'receipts')
      return readdirSync(folder).map(name => join(folder, name))
    }
    const files = [...receipt('arvandia'), ...receipt('drusenia'), coalition.file('genesis.jws')]
    const tried = await coalition.convict(...files)
    expect([tried.code, tried.out]).toEqual([0, expect.stringContaining('two trees of size 5')])
  })
})

test('a file that is no evidence is named', async () => {
  writeFileSync(coalition.file('poem.txt'), 'no proof of anything')
  const { code, out } = await coalition.convict(coalition.file('poem.txt'))
  expect([code, out]).toEqual([1, expect.stringContaining('poem.txt')])
  expect((await coalition.convict()).code).toBe(2)
  expect((await coalition.convict(coalition.file('absent'))).code).toBe(3)
})
