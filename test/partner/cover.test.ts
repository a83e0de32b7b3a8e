import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Coalition, stop } from './coalition.ts'

type Board = {
  readonly size: number
  readonly withheld: { readonly entries: number; readonly chains: readonly object[] }
}

const coalition = new Coalition(['arvandia', 'belmora'])
beforeAll(() => coalition.found(), 120_000)
afterAll(() => coalition.close())

/** Runs the node of one member until the other has seen the log grow by as much; what it said. */
async function coverSeen(entries: number, ...more: string[]): Promise<string> {
  const before = (await coalition.as<Board>('belmora', 'board')).size
  const node = await coalition.node('arvandia', ...more)
  let said = ''
  node.stdout?.on('data', (text: string) => (said += text))
  node.stderr?.on('data', (text: string) => (said += text))
  let { size } = await coalition.as<Board>('belmora', 'board')
  while (size < before + entries) size = (await coalition.as<Board>('belmora', 'board')).size
  expect(await stop(node)).toBe(0)
  return said
}

describe('a node that sends cover', () => {
  test('adds entries that say nothing, at its interval, and nobody misses a statement or is warned', async () => {
    expect(await coverSeen(4, '--cover', '2:1')).not.toMatch(/withheld|warning|signed with/)
    const ran = await coalition.run('belmora', 'board', '--json')
    expect([ran.code, ran.err]).toEqual([0, ''])
    expect((JSON.parse(ran.out) as Board).withheld).toEqual({ entries: 0, chains: [] })
  })
  test('goes on with it until it is told otherwise', async () => {
    await coverSeen(2)
    await stop(await coalition.node('arvandia', '--cover', 'none'))
    expect((await coalition.run('arvandia', 'board')).code).toBe(0)
  })
  test.each(['0:1', '1:0', '65:1', '1:1:clear', '1', 'x:y', '1:1:green:more'])('is not told %s', async given => {
    const ran = await coalition.run('belmora', 'run', '--cover', given)
    expect([ran.code, ran.err]).toEqual([2, expect.stringContaining('--cover is COUNT:SECONDS')])
  })
})
