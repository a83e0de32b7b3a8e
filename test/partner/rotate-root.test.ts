import { afterAll, beforeAll, expect, test } from 'vitest'
import { Coalition } from './coalition.ts'

type Logged = { readonly sid: string; readonly index: number; readonly kid: string }
type Key = { readonly kid: string; readonly use: string; readonly speaks: boolean; readonly to: number | null }

const coalition = new Coalition(['arvandia', 'belmora'])
const keysOf = async (use: string) => {
  const { keys } = await coalition.as<{ keys: readonly Key[] }>('belmora', 'key', 'list')
  return keys.filter(key => key.use === use)
}
const speaking = async () => (await keysOf('root')).filter(({ speaks }) => speaks).map(({ kid }) => kid)

beforeAll(() => coalition.found({ enrol: ['--next-root'] }), 120_000)
afterAll(() => coalition.close())

test("whoever has today's root key alone brings no other", async () => {
  const ran = await coalition.run('belmora', 'key', 'add', 'root')
  expect([ran.code, ran.err]).toEqual([1, expect.stringContaining('statement.breaks-law')])
})

test('the root key that was named takes over, and what the old one signed can be disputed', async () => {
  const [old = ''] = await speaking()
  const added = await coalition.as<Logged>('belmora', 'key', 'add', 'sign')
  const rotated = await coalition.as<Logged>(
    'belmora',
    'key',
    'rotate-root',
    '--compromised-since',
    String(added.index),
  )
  expect(await speaking()).toEqual([rotated.kid])
  expect((await keysOf('root')).find(({ kid }) => kid === old)?.to).toBe(rotated.index + 1)
  expect(await coalition.as('arvandia', 'show', added.sid)).toMatchObject({ standing: 'disputed' })
})

test('it signs from then on, and so does the one that it names', async () => {
  const { index } = await coalition.as<Logged>('belmora', 'key', 'add', 'auth')
  const again = await coalition.as<Logged>('belmora', 'key', 'rotate-root')
  expect(again.index).toBe(index + 1)
  expect(await speaking()).toEqual([again.kid])
  expect(await coalition.as('arvandia', 'show', again.sid)).toMatchObject({ kid: again.kid })
  const folder = coalition.file('evidence')
  await coalition.as('arvandia', 'export', '--for', 'clear', '--out', folder)
  expect(await coalition.audit(folder)).toMatchObject({ ok: true, findings: [] })
})
