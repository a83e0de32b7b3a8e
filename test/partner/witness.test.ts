import type { ChildProcess } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  nodePrimitives,
  openQuorum,
  parsePolicy,
  partiesOf,
  policyOn,
  readReceipt,
  toleranceOf,
} from '@chancery/protocol'
import * as crypto from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Coalition, origin, stop } from './coalition.ts'

type Published = { readonly sid: string; readonly index: number; readonly witnesses?: number; readonly of?: number }
type Trust = {
  readonly trust: {
    readonly logged: number
    readonly witnessed: number
    readonly stale: boolean
    readonly quorum: number
    readonly witnesses: number
    readonly faulty: number
    readonly cosigned: Readonly<Record<string, number>>
  }
  readonly size: number
  readonly attributions: readonly object[]
}
type Shown = { readonly time: { readonly standing: string; readonly notBefore?: number; readonly notAfter?: number } }

const ids = ['arvandia', 'belmora', 'corvane', 'drusenia'] as const
const coalition = new Coalition(ids)
const nodes = new Map<string, ChildProcess>()
const maxAge = 3

const start = async (id: string): Promise<void> => void nodes.set(id, await coalition.node(id))
async function end(id: string): Promise<void> {
  const node = nodes.get(id)
  if (node !== undefined && (await stop(node)) !== 0) throw new Error(`the node of ${id} did not end in good order`)
  nodes.delete(id)
}

beforeAll(() => coalition.found({ assemble: ['--quorum', '3', '--max-age', String(maxAge)] }), 120_000)
afterAll(async () => {
  for (const id of nodes.keys()) await end(id)
  await coalition.close()
})

let drafts = 0
async function publish(by = 'arvandia'): Promise<Published> {
  const name = `draft-${drafts++}.json`
  await coalition.as(by, 'draft', 'attribution.statement', '--out', coalition.file(name))
  const written = JSON.parse(readFileSync(coalition.file(name), 'utf8')) as object
  return coalition.as<Published>(by, 'publish', coalition.draft(name, written))
}
const board = (by = 'arvandia') => coalition.as<Trust>(by, 'board')

/** Looks until something is so: what is waited for is the other processes' work. */
async function until<T>(look: () => Promise<T>, holds: (seen: T) => boolean): Promise<T> {
  for (const over = Date.now() + 30_000; ;) {
    const seen = await look()
    if (holds(seen)) return seen
    if (Date.now() > over) throw new Error(`it never was so: ${JSON.stringify(seen)}`)
  }
}

describe('four witnesses, of which three make a checkpoint count', () => {
  let first: Published = { sid: '', index: 0 }

  test('before anyone has witnessed, nothing counts and the board says so', async () => {
    const { trust, size } = await board()
    expect(trust).toMatchObject({ logged: 4, witnessed: 0, stale: true, quorum: 3, witnesses: 4, faulty: 1 })
    expect(size).toBe(0)
    expect((await coalition.run('arvandia', 'board')).out).toMatch(/^STALE: fewer than 3 of 4 witnesses/)
  })

  test('a statement counts once a quorum has cosigned it, and its receipt carries the quorum', async () => {
    for (const id of ids) await start(id)
    await until(board, ({ trust }) => trust.witnessed === 4)
    first = await publish()
    expect(first.of).toBe(4)
    expect(first.witnesses).toBeGreaterThanOrEqual(3)
    const text = readFileSync(join(coalition.home('arvandia'), 'receipts', `${first.sid}.tlog-proof`), 'utf8')
    const charter = JSON.parse(readFileSync(coalition.file('charter.json'), 'utf8')) as { policy: string }
    const primitives = nodePrimitives(crypto as never)
    const [receipt, policy] = [readReceipt(text), parsePolicy(primitives.sha256, charter.policy)]
    if (!receipt.ok || !policy.ok) throw new Error('a receipt and a policy')
    for (const family of ['ed25519', 'ml-dsa-44'] as const) {
      const left = policyOn(policy.value, family)
      if (left === undefined) throw new Error(`a policy on ${family}`)
      const opened = openQuorum({ primitives, policy: left, origin }, receipt.value.checkpoint)
      expect(opened).toMatchObject({ ok: true })
      expect(opened.ok && opened.value.cosigned.size).toBe(first.witnesses)
    }
  })

  test('its members cosign with a key of each family, at one time, and count once', () => {
    const charter = JSON.parse(readFileSync(coalition.file('charter.json'), 'utf8')) as { policy: string }
    const policy = parsePolicy(nodePrimitives(crypto as never).sha256, charter.policy)
    if (!policy.ok) throw new Error('a policy')
    expect([policy.value.logs.length, policy.value.witnesses.length]).toEqual([2, 8])
    expect(partiesOf(policy.value).map(({ name }) => name)).toEqual([...ids])
    expect(toleranceOf(policy.value)).toMatchObject({ parties: 4, quorum: 3, faulty: 1, away: 1 })
  })

  test('the board shows it, fresh, and `show` when it was made, from both sides', async () => {
    const { trust, attributions } = await board('belmora')
    expect(trust).toMatchObject({ logged: 5, witnessed: 5, stale: false })
    expect(ids).toEqual(expect.arrayContaining(Object.keys(trust.cosigned)))
    expect(Object.keys(trust.cosigned).length).toBeGreaterThanOrEqual(3)
    expect(attributions).toHaveLength(1)
    const { time } = await coalition.as<Shown>('belmora', 'show', first.sid)
    expect(time.standing).toBe('witnessed')
    const now = Math.floor(Date.now() / 1_000)
    expect(time.notBefore).toBeGreaterThan(now - 60)
    expect(time.notAfter).toBeLessThanOrEqual(now)
    expect(time.notBefore).toBeLessThanOrEqual(time.notAfter ?? 0)
  })

  test('one witness may be away', async () => {
    await end('drusenia')
    expect(await publish()).toMatchObject({ of: 4, witnesses: 3 })
  })

  test('with two away a statement is logged and does not count, and the view grows stale', async () => {
    await end('corvane')
    const { index, witnesses } = await publish()
    expect(witnesses).toBe(0)
    const { trust, size, attributions } = await until(board, seen => seen.trust.stale)
    expect(trust).toMatchObject({ logged: index + 1, witnessed: index, stale: true })
    expect([size, attributions.length]).toEqual([index, 2])
    expect((await coalition.run('arvandia', 'board')).out).toContain('1 entry is logged and not yet witnessed')
  })

  test('and counts again when they are back, though nothing new is said', async () => {
    await start('corvane')
    const { trust } = await until(board, seen => !seen.trust.stale && seen.trust.witnessed === seen.trust.logged)
    expect(trust.logged).toBe(7)
  })

  test('an idle log is cosigned again before it grows stale', async () => {
    const seen = async () => (await board()).trust.stale
    for (const over = Date.now() + (maxAge + 2) * 1_000; Date.now() < over;) expect(await seen()).toBe(false)
  })

  test('a witness stopped between its record and its signatures signs nothing smaller by any key', async () => {
    const path = join(coalition.home('corvane'), 'witness.json')
    await end('corvane')
    const last = JSON.parse(readFileSync(path, 'utf8')) as { size: number }
    // As if it had made a larger checkpoint durable, and never sent its signature.
    writeFileSync(path, JSON.stringify({ ...last, size: last.size + 2 }), { mode: 0o600 })
    const node = await coalition.node('corvane')
    nodes.set('corvane', node)
    const refused = new Promise<string>(resolve =>
      node.stderr?.on('data', (text: Buffer) => String(text).includes('not cosigned') && resolve(String(text))),
    )
    expect(await refused).toContain(`${last.size + 2} were cosigned before`)
    expect((await publish()).witnesses).toBe(0)
    await end('corvane')
  })
})
