import type { ChildProcess } from 'node:child_process'
import { cpSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { kindOf } from '@chancery/protocol'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { publishDraft } from '../../apps/partner/src/publish.ts'
import { Coalition, stop } from './coalition.ts'
import { openHome } from './home.ts'

type Published = { readonly sid: string; readonly index: number }
type Shown = { readonly tear: readonly { readonly label: string; readonly open: boolean }[] }
type Receipts = {
  readonly receipts: readonly { readonly sid: string; readonly member: string; readonly state: string }[]
}

const coalition = new Coalition(['arvandia', 'belmora', 'corvane'])
const body = kindOf('attribution.statement').template
const running: ChildProcess[] = []

const publish = (name: string, handling: object, tear: readonly object[] = []): Promise<Published> =>
  coalition.as(
    'arvandia',
    'publish',
    coalition.draft(`${name}.json`, { kind: 'attribution.statement', exercise: false, body, handling, tear }),
  )
const source = { label: 'source', handling: { tlp: 'amber' }, content: { text: 'In the third bureau.' } }
const openTo = async (id: string, sid: string) =>
  (await coalition.as<Shown>(id, 'show', sid)).tear.filter(({ open }) => open).map(({ label }) => label)
const stateOf = async (sid: string) =>
  (await coalition.as<Receipts>('arvandia', 'receipts')).receipts.find(row => row.sid === sid)?.state

/** A node, and a promise for the first line in which it says these words. */
async function node(id: string, ...more: string[]): Promise<(words: string) => Promise<void>> {
  const child = await coalition.node(id, ...more)
  running.push(child)
  let said = ''
  const waiting = new Set<() => void>()
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (text: string) => {
      said += text
      for (const look of waiting) look()
    })
  return words =>
    new Promise(resolve => {
      const look = () => {
        if (!said.includes(words)) return
        waiting.delete(look)
        resolve()
      }
      waiting.add(look)
      look()
    })
}

beforeAll(() => coalition.found(), 120_000)
afterEach(async () => {
  for (const child of running.splice(0)) await stop(child)
})
afterAll(() => coalition.close())

describe('a node by itself', () => {
  test('confirms what has come, once, and its author sees it', async () => {
    const { sid } = await publish('confirmed', { tlp: 'amber' })
    expect(await stateOf(sid)).toBe('waiting')
    const says = await node('belmora')
    await says('sent a receipt to arvandia')
    expect(await stateOf(sid)).toBe('delivered')
    expect((await coalition.run('belmora', 'receipts', '--send')).out).toContain('nothing is owed')
  })

  test('leaves that to a person where it is told to', async () => {
    const { sid } = await publish('by hand', { tlp: 'amber' })
    const says = await node('belmora', '--no-receipts')
    await coalition.as('corvane', 'publish', coalition.draft('later.json', { ...draftOf('clear') }))
    await says('corvane attribution.statement')
    expect(await stateOf(sid)).toBe('waiting')
    expect((await coalition.run('belmora', 'receipts', '--send')).out).toContain('logged')
  })

  test('says what did not open, gets it again from its author’s node, and then holds it', async () => {
    // Another machine of this member makes keys that this one has not: what is sealed to them does not open here.
    cpSync(coalition.home('belmora'), coalition.home('belmora-other'), { recursive: true })
    await coalition.as('belmora-other', 'rotate')
    const { sid } = await publish('closed', { tlp: 'clear' }, [source])
    expect(await openTo('belmora', sid)).toEqual([])
    await coalition.as('belmora', 'rotate')
    const [author, reader] = [await node('arvandia'), await node('belmora')]
    await reader('sent a nack to arvandia')
    await author('sent a resend to belmora')
    await reader('opened by')
    expect(await openTo('belmora', sid)).toEqual(['source'])
    expect(await openTo('corvane', sid)).toEqual([])
  })

  test('says that a whole statement did not open, to those it is for and in no other ear', async () => {
    // The author's machine spoils the container of one reader on its way out: the relay cannot see that.
    await coalition.stopRelay()
    const draft = { kind: 'attribution.statement', exercise: false, body, handling: { tlp: 'amber' }, tear: [] }
    const kept = await coalition.run('arvandia', 'publish', coalition.draft('spoilt.json', draft), '--json')
    const { sid } = JSON.parse(kept.out) as { sid: string }
    spoil(sid)
    await coalition.startRelay()
    await coalition.as('arvandia', 'publish', '--outbox')
    expect((await coalition.run('belmora', 'show', sid)).code).toBe(1)
    const [author, reader] = [await node('arvandia'), await node('belmora')]
    await reader('sent a nack to its author')
    await author('sent a resend to belmora')
    await reader('opened by')
    expect(await coalition.as('belmora', 'show', sid)).toMatchObject({ sid, tlp: 'amber' })
    expect((await coalition.run('corvane', 'show', sid)).code).toBe(1)
  })
})

describe('a node of which something waits in the outbox', () => {
  test('signs nothing more by itself, and goes on once a person has dropped it', async () => {
    await coalition.stopRelay()
    const kept = await coalition.run('belmora', 'publish', coalition.draft('bad.json', draftOf('amber')), '--json')
    const { sid: bad } = JSON.parse(kept.out) as { sid: string }
    // No entry: the relay refuses it, and it stays.
    spoil(bad, 'belmora', 'A'.repeat(87))
    await coalition.startRelay()
    const { sid } = await publish('owed', { tlp: 'amber' })
    const reader = await node('belmora')
    await coalition.as('corvane', 'publish', coalition.draft('between.json', draftOf('clear')))
    await reader('corvane attribution.statement')
    expect(await stateOf(sid)).toBe('waiting')
    await coalition.as('belmora', 'publish', '--discard', bad)
    await coalition.as('corvane', 'publish', coalition.draft('after.json', draftOf('clear')))
    await reader('sent a receipt to arvandia')
    expect(await stateOf(sid)).toBe('delivered')
  })
})

/** Another first character in each ciphertext of what waits in an outbox, or another entry. */
function spoil(sid: string, id = 'arvandia', entry?: string): void {
  const folder = join(coalition.home(id), 'outbox')
  const name = readdirSync(folder).find(each => each.includes(sid)) ?? ''
  const item = JSON.parse(readFileSync(join(folder, name), 'utf8')) as {
    submission: { entry: string; seals: { jwe: { ciphertext: string } }[] }
  }
  for (const { jwe } of item.submission.seals)
    jwe.ciphertext = `${jwe.ciphertext.startsWith('A') ? 'B' : 'A'}${jwe.ciphertext.slice(1)}`
  item.submission.entry = entry ?? item.submission.entry
  writeFileSync(join(folder, name), JSON.stringify(item))
}

describe('a member that says all day that nothing opens', () => {
  test('is sent what it may see, 32 times a day at most, and nothing that it may not', async () => {
    const { sid, index } = await publish('asked for', { tlp: 'clear' }, [source])
    const before = await resends('belmora', 'before')
    await nacks('corvane', { index, sid }, 1)
    await nacks('belmora', { index, sid }, 40)
    const [author, reader] = [await node('arvandia'), await node('belmora')]
    await author('sent a resend to belmora')
    await reader('arvandia resend')
    for (const child of running.splice(0)) await stop(child)
    // A node that comes again, and one that was stopped in the middle, repeats nothing.
    const again = await node('arvandia')
    await coalition.as('corvane', 'publish', coalition.draft('last.json', draftOf('clear')))
    await again('corvane attribution.statement')
    for (const child of running.splice(0)) await stop(child)
    expect(await resends('belmora', 'after')).toBe(32)
    expect(before).toBe(2)
    expect(await resends('corvane', 'corvane')).toBe(0)
    expect(await openTo('corvane', sid)).toEqual([])
  })
})

/** As fast as a member can. */
async function nacks(id: string, about: object, times: number): Promise<void> {
  const session = await openHome(coalition.home(id))
  const said = { code: 'seal.not-for-you', ...about }
  for (let i = 0; i < times; i++)
    await publishDraft(session, { kind: 'nack', exercise: false, handling: { tlp: 'green' }, body: said, tear: [] })
  session.close()
}

const draftOf = (tlp: string) => ({ kind: 'attribution.statement', exercise: false, body, handling: { tlp }, tear: [] })

/** How often the author has sent something again, by what the member's own folder holds. */
async function resends(id: string, name: string): Promise<number> {
  const out = coalition.file(`resends-${name}`)
  await coalition.as(id, 'export', '--for', id, '--own', '--out', out)
  const { statements } = await coalition.audit(out)
  return statements.filter(({ kind, iss }) => kind === 'resend' && iss === 'arvandia').length
}
