import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { kindOf } from '@chancery/protocol'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Coalition } from './coalition.ts'

type Shown = {
  readonly slices?: {
    readonly label: string
    readonly count: number
    readonly open: readonly { readonly to: string; readonly content: { readonly text: string } }[]
  }
}

const coalition = new Coalition(['arvandia', 'belmora', 'corvane', 'dorvane'])
const all = coalition.ids.join(',')
const kind = 'attribution.statement'
const { template } = kindOf(kind)
const draftOf = (slices: object, more: object = {}) => ({
  kind,
  exercise: false,
  body: template,
  handling: { tlp: 'green' },
  tear: [],
  slices: { label: 'addresses', handling: { tlp: 'amber' }, ...slices },
  ...more,
})
const publish = async (name: string, draft: object) =>
  (await coalition.as<{ sid: string }>('arvandia', 'publish', coalition.draft(name, draft))).sid
const openTo = async (id: string, sid: string) => (await coalition.as<Shown>(id, 'show', sid)).slices

let sid = ''

beforeAll(async () => {
  await coalition.found({ assemble: ['--clear', `amber=${all}`] })
  const to = { belmora: { text: '198.51.100.7' }, corvane: { text: '203.0.113.9' } }
  sid = await publish('map.json', draftOf({ to }))
}, 120_000)
afterAll(() => coalition.close())

describe('a draft with a part for each State', () => {
  test('each addressee reads its own addresses, and of the others learns how many there are', async () => {
    const belmora = await openTo('belmora', sid)
    expect(belmora).toMatchObject({ count: 2, open: [{ to: 'belmora', content: { text: '198.51.100.7' } }] })
    expect(await openTo('corvane', sid)).toMatchObject({ count: 2, open: [{ to: 'corvane' }] })
    expect(await openTo('dorvane', sid)).toMatchObject({ count: 2, open: [] })
    expect(await openTo('arvandia', sid)).toMatchObject({ open: [{ to: 'belmora' }, { to: 'corvane' }] })
    const { out } = await coalition.run('belmora', 'show', sid)
    expect(out).toContain('slices addresses (TLP:AMBER): 1 open to you, 1 other addressee')
    expect(out).toContain('for belmora: {"text":"198.51.100.7"}')
    expect(out).not.toContain('corvane')
  })
  test('a board says how many there are, and whose is open', async () => {
    const rows = (board: { out: string }) => board.out.split('\n').filter(line => line.includes('addresses ('))
    expect(rows(await coalition.run('belmora', 'board'))).toEqual([
      '    addresses (TLP:AMBER) for 2 addressees, each its own; open to you: belmora',
    ])
    expect(rows(await coalition.run('dorvane', 'board'))).toEqual([
      '    addresses (TLP:AMBER) for 2 addressees, each its own; none open to you',
    ])
    const { attributions } = await coalition.as<{ attributions: { slices: unknown }[] }>('corvane', 'board')
    expect(attributions[0]?.slices).toEqual({ label: 'addresses', tlp: 'amber', count: 2, open: ['corvane'] })
  })
  test('the parts may lie in a folder beside the draft, a file for each member', async () => {
    mkdirSync(coalition.file('parts'))
    for (const id of ['belmora', 'dorvane'])
      writeFileSync(join(coalition.file('parts'), `${id}.json`), JSON.stringify({ text: `for ${id}` }))
    const from = await publish('folder.json', draftOf({ to: 'parts' }))
    expect(await openTo('dorvane', from)).toMatchObject({ count: 2, open: [{ content: { text: 'for dorvane' } }] })
    expect(await openTo('corvane', from)).toMatchObject({ count: 2, open: [] })
  })
  test('what cannot be sent is refused by the field at fault, and nothing is signed', async () => {
    const refused = async (slices: object) => {
      const ran = await coalition.run('arvandia', 'publish', coalition.draft('bad.json', draftOf(slices)))
      return [ran.code, ran.err.split('\n')[0]]
    }
    const says = (text: string) => [1, expect.stringContaining(text)]
    expect(await refused({ to: 'nowhere' })).toEqual(says('there is no folder'))
    expect(await refused({ to: {} })).toEqual(says('/slices/to'))
    expect(await refused({ to: { freedonia: { text: 'x' } } })).toEqual(says('freedonia is not cleared'))
    expect(await refused({ to: { belmora: {} } })).toEqual(says('/slices/to/belmora/text'))
    expect(await refused({ to: { Belmora: { text: 'x' } } })).toEqual(says('/slices/to'))
    writeFileSync(join(coalition.file('parts'), 'notes.txt'), 'x')
    expect(await refused({ to: 'parts' })).toEqual(says('holds MEMBER.json for each addressee and nothing else'))
    expect(await coalition.as('arvandia', 'publish', '--outbox')).toEqual({ sent: [] })
  })
  test('marking and decision are told of the slice that is open here', async () => {
    const said = await coalition.run('belmora', 'handling', sid)
    expect(said.out).toContain('slices addresses  TLP:AMBER  one for each of 2 members')
    expect(said.out).toContain('open here: for belmora')
    const asked = async (reader: string) =>
      (await coalition.run('belmora', 'why', sid, reader, 'see', '--slot', 'addresses/belmora')).code
    expect([await asked('belmora'), await asked('corvane'), await asked('arvandia')]).toEqual([0, 1, 0])
  })
  test('a folder for the tier has none of them, and the audit counts what is withheld', async () => {
    const out = coalition.file('amber')
    await coalition.as('arvandia', 'export', '--for', 'amber', '--out', out)
    const report = await coalition.audit(out)
    expect(report).toMatchObject({ ok: true, withheld: { slices: 4 } })
    expect(report.statements.at(-1)?.slices).toEqual({ label: 'addresses', tlp: 'amber', count: 2, open: [] })
  })
})
