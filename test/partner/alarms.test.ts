import { cpSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Json, kindOf } from '@chancery/protocol'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { outboxOf } from '../../apps/partner/src/outbox.ts'
import { type Published, publishDraft } from '../../apps/partner/src/publish.ts'
import { type Session, sync } from '../../apps/partner/src/session.ts'
import { openWatch } from '../../apps/partner/src/watch.ts'
import { Coalition, hears, stop } from './coalition.ts'
import { openHome } from './home.ts'
import { Withholding } from './withholding.ts'

type Alarm = { readonly code: string; readonly member: string; readonly chain: string; readonly since: number }
type Told = Record<string, Json>

const coalition = new Coalition(['arvandia', 'belmora', 'corvane'])
const relay = new Withholding()
const body = kindOf('attribution.statement').template
const [hour, every] = [3_600, 3_600]
/** The clock of those who speak and of those who look; a day behind, so that programs of this machine see it all. */
let clock = Math.floor(Date.now() / 1_000) - 6 * 24 * hour

/** A member's node with that clock, and what it tells. The relay is talked to by the clock of the machine. */
class Node {
  readonly told: Told[] = []
  readonly session: Session
  readonly look: () => Promise<void>

  constructor(opened: Session, beat: number | undefined) {
    const world = { ...opened.world, now: () => clock, event: (data: Json) => void this.told.push(data as Told) }
    const { beat: _, ...config } = opened.config
    this.session = { ...opened, world, config: { ...config, ...(beat !== undefined && { beat }) } }
    this.look = openWatch(this.session, 0)
  }

  async lookAt(time: number): Promise<readonly Alarm[]> {
    clock = time
    const before = this.told.length
    await sync(this.session)
    await this.look()
    const news = this.told.slice(before).filter(({ event }) => event === 'alarm')
    return news.map(({ code, member, chain, since }) => ({ code, member, chain, since }) as Alarm)
  }

  async say(tlp: 'green' | 'amber', time: number): Promise<number> {
    clock = time
    const said = await this.publish(tlp)
    if (said.is !== 'logged') throw new Error(said.why)
    return said.index
  }

  publish(tlp: 'green' | 'amber'): Promise<Published> {
    const draft = { kind: 'attribution.statement', exercise: false, handling: { tlp }, body, tear: [] } as const
    return publishDraft(this.session, draft)
  }
}

const opened: Session[] = []
async function node(id: string, beat?: number): Promise<Node> {
  const session = await openHome(coalition.home(id))
  opened.push(session)
  return new Node(session, beat)
}

const beatsOf = ({ told }: Node): number => told.filter(({ kind }) => kind === 'heartbeat').length
const alarmsOf = async (id: string) => (await coalition.as<{ alarms: Alarm[] }>(id, 'board', '--offline')).alarms

let author: Node
let reader: Node
beforeAll(async () => {
  coalition.front = relay.listen
  await coalition.found()
  author = await node('arvandia', every)
  reader = await node('belmora')
}, 120_000)
afterAll(async () => {
  for (const session of opened) session.close()
  await coalition.close()
  relay.close()
})

describe('a relay that keeps the newest statement from one reader', () => {
  test('is not noticed while there is nothing after it', async () => {
    await author.say('amber', clock)
    await author.lookAt(clock)
    // On green, and on the one other chain in use.
    expect(beatsOf(author)).toBe(2)
    expect(await reader.lookAt(clock)).toEqual([])
    relay.hidden.add(await author.say('amber', clock + hour / 2))
    expect(await reader.lookAt(clock)).toEqual([])
  })

  test('is noticed with the next beat', async () => {
    const withheldAt = clock
    const index = author.session.mirror.store.size
    await author.lookAt(withheldAt + 0.95 * every)
    expect(beatsOf(author)).toBe(4)
    const raised = await reader.lookAt(withheldAt + every)
    expect(raised).toEqual([{ code: 'withheld', member: 'arvandia', chain: 'amber', since: expect.any(Number) }])
    expect(raised[0]?.since).toBeGreaterThanOrEqual(index)
    // Told once, and shown for as long as it lasts; whom the chain is not for is told of nothing.
    expect(await reader.lookAt(clock)).toEqual([])
    expect(await alarmsOf('belmora')).toContainEqual({
      ...raised[0],
      words: expect.stringMatching(/^1 of arvandia on/),
    })
    expect((await coalition.run('belmora', 'board', '--offline')).out).toMatch(/^ALARM .*\n/)
    const other = await node('corvane')
    expect(await other.lookAt(clock)).toEqual([])
  })

  test('and is noticed by the silence where it keeps the beats back as well', async () => {
    const withheldAt = clock
    relay.hidden.add(await author.say('amber', clock))
    const beatKeptBack = async (time: number): Promise<void> => {
      const { store } = author.session.mirror
      const before = store.size
      await author.lookAt(time)
      for (let at = before; at < store.size; at++) if (store.entry(at)?.about?.chain === 'amber') relay.hidden.add(at)
    }
    await beatKeptBack(withheldAt + 0.95 * every)
    // One beat is too early to say so.
    expect(await reader.lookAt(withheldAt + every)).toEqual([])
    await beatKeptBack(withheldAt + 1.9 * every)
    expect(relay.hidden.size).toBe(4)
    const raised = await reader.lookAt(withheldAt + 2 * every)
    expect(raised).toMatchObject([{ code: 'frozen', member: 'arvandia', chain: 'amber' }])
    relay.hidden.clear()
    await author.lookAt(clock + 0.95 * every)
    // What comes through again ends the silence, and not the gap.
    await reader.lookAt(clock)
    expect(await reader.lookAt(clock + 2 * every + 1)).toMatchObject([
      { code: 'frozen', chain: 'amber' },
      { code: 'frozen', chain: 'green' },
    ])
    await author.lookAt(clock)
    expect(await reader.lookAt(clock)).toEqual([])
  })
})

describe('a relay that shows an old view', () => {
  test('is noticed two beats after the last that it shows, on every chain that beats', async () => {
    await author.lookAt(clock)
    await reader.lookAt(clock)
    const frozenAt = clock
    await coalition.stopRelay()
    for (const end of ['', '.head']) cpSync(coalition.file(`relay.sqlite${end}`), coalition.file(`frozen.sqlite${end}`))
    await coalition.startRelay()
    await author.say('amber', frozenAt + 60)
    await author.lookAt(frozenAt + every)
    await coalition.stopRelay()
    await coalition.startRelay({ store: coalition.file('frozen.sqlite') })
    expect(await reader.lookAt(frozenAt + every)).toEqual([])
    expect(await reader.lookAt(frozenAt + 60 + 2 * every)).toMatchObject([
      { code: 'frozen', member: 'arvandia', chain: 'amber' },
      { code: 'frozen', member: 'arvandia', chain: 'green' },
    ])
    await coalition.stopRelay()
    await coalition.startRelay()
    // Who is shown the log again is alarmed no more.
    await author.lookAt(clock)
    await reader.lookAt(clock)
    expect((await reader.lookAt(clock)).length).toBe(0)
    const open = reader.told.filter(({ event }) => event === 'alarm').length
    expect(await reader.lookAt(clock + 60)).toEqual([])
    expect(reader.told.filter(({ event }) => event === 'alarm').length).toBe(open)
  })

  test('and one that showed a member another log, once that member speaks in this one', async () => {
    await coalition.stopRelay()
    for (const end of ['', '.head']) cpSync(coalition.file(`relay.sqlite${end}`), coalition.file(`forked.sqlite${end}`))
    await coalition.startRelay({ store: coalition.file('forked.sqlite') })
    const misled = await node('corvane')
    await misled.say('green', clock)
    await coalition.stopRelay()
    // Signed by what it has seen, and brought to the log that it was not shown.
    expect((await misled.publish('green')).is).toBe('kept')
    const [kept] = outboxOf(coalition.home('corvane'))
    await coalition.startRelay()
    await author.say('amber', clock)
    expect(await reader.lookAt(clock)).toEqual([])
    await misled.session.relay.submit(kept === undefined ? [] : [kept.item.submission])
    const index = reader.session.mirror.store.size
    expect(await reader.lookAt(clock)).toEqual([{ code: 'split', member: 'corvane', chain: 'green', since: index }])
  })
})

test('a receipt that does not come is an alarm of whoever owes it', async () => {
  const from = clock
  // What the reader was told, every reader of that chain is.
  expect(await author.lookAt(from)).toMatchObject([{ code: 'split', member: 'corvane' }])
  expect(await author.lookAt(from + 40 * hour)).toEqual([])
  const raised = await author.lookAt(from + 80 * hour)
  expect(raised).toEqual([{ code: 'overdue', member: 'belmora', chain: 'amber', since: 3 }])
  expect(await author.lookAt(clock + 60)).toEqual([])
})

describe('a node', () => {
  const home = () => JSON.parse(readFileSync(join(coalition.home('belmora'), 'config.json'), 'utf8')) as object

  test('beats as it is told, remembers it, and takes it back', async () => {
    const running = await coalition.node('belmora', '--beat', '60')
    await hears(running, 'sent a heartbeat to green')
    expect(await stop(running)).toBe(0)
    expect(home()).toMatchObject({ beat: 60 })
    const ended = await coalition.node('belmora', '--beat', 'none')
    await hears(ended, 'sent a heartbeat to green')
    expect(await stop(ended)).toBe(0)
    expect(home()).not.toHaveProperty('beat')
    expect((await coalition.run('belmora', 'run', '--beat', '59')).code).toBe(2)
  })

  test('tells each alarm as an object, with what it is of', async () => {
    const running = await coalition.nodeThatSays(/"code":"withheld"[^\n]*"event":"alarm"/, 'belmora', '--json')
    expect(await stop(running)).toBe(0)
  })

  test('signs none while something waits in its outbox', async () => {
    const quiet = await node('belmora', 60)
    await coalition.stopRelay()
    expect((await quiet.publish('green')).is).toBe('kept')
    await coalition.startRelay()
    await quiet.lookAt(clock + 24 * hour)
    expect(beatsOf(quiet)).toBe(0)
    await coalition.as('belmora', 'publish', '--outbox')
    await quiet.lookAt(clock + hour)
    expect(beatsOf(quiet)).toBeGreaterThan(0)
  })
})
