import { kindOf } from '@chancery/protocol'
import { openStore } from '@chancery/store'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { homePaths } from '../../apps/partner/src/config.ts'
import { readArgs } from '../../apps/partner/src/args.ts'
import { makePrekeys, readKeystore } from '../../apps/partner/src/keystore.ts'
import { outboxOf } from '../../apps/partner/src/outbox.ts'
import { publishDraft } from '../../apps/partner/src/publish.ts'
import { destroyEnded, endsAt } from '../../apps/partner/src/rotate.ts'
import { type Session, openSession } from '../../apps/partner/src/session.ts'
import { primitives, random } from '../../apps/partner/src/world.ts'
import { Coalition, hears, origin, stop } from './coalition.ts'

type Rotated = { readonly kids: readonly string[]; readonly until: string; readonly index: number }
type Published = { readonly sid: string; readonly index: number }
type Shown = { readonly tear: readonly { readonly label: string; readonly open: boolean }[] }

const coalition = new Coalition(['arvandia', 'belmora', 'corvane'])
const body = kindOf('attribution.statement').template
const passphrase = 'correct horse battery'
const day = 86_400

const tear = (['green', 'amber'] as const).map(tlp => ({ content: { text: tlp }, handling: { tlp }, label: tlp }))
const publish = (name: string): Promise<Published> =>
  coalition.as(
    'arvandia',
    'publish',
    coalition.draft(`${name}.json`, {
      kind: 'attribution.statement',
      exercise: false,
      body,
      handling: { tlp: 'clear' },
      tear,
    }),
  )
const rotate = (...more: string[]) => coalition.as<Rotated>('belmora', 'rotate', ...more)
const openLines = async (sid: string) => {
  const { tear: lines } = await coalition.as<Shown>('belmora', 'show', sid)
  return lines.filter(({ open }) => open).map(({ label }) => label)
}
const held = async () => {
  const keys = await readKeystore(homePaths(coalition.home('belmora')).keystore, passphrase)
  if (!keys.ok) throw new Error(keys.code)
  return keys.value
}
const heldKids = async () => ((await held()).prekeys ?? []).map(({ record: { kid } }) => kid)

/** The keys that the containers of a statement name, as the relay has them. */
function sealedTo({ index }: Published): string[] {
  const store = openStore(coalition.file('relay.sqlite'), { origin })
  if (!store.ok) throw new Error(store.code)
  const seals = store.value.entry(index)?.seals ?? []
  store.value.close()
  return seals.flatMap(({ jwe }) => jwe.recipients.map(({ header: { kid } }) => kid))
}

/** A member at another hour. */
async function at<T>(id: string, seconds: number, work: (session: Session, said: string[]) => Promise<T>): Promise<T> {
  const said: string[] = []
  const world = {
    home: coalition.home(id),
    now: () => Math.floor(Date.now() / 1_000) + seconds,
    random,
    primitives,
    say: (line: string) => void said.push(line),
    event: () => {},
    warn: (line: string) => void said.push(line),
    passphrase: async () => passphrase,
    pin: async () => '',
    ask: async () => undefined,
    signal: new AbortController().signal,
  }
  const session = await openSession({ world, ...readArgs({}, []) })
  try {
    return await work(session, said)
  } finally {
    session.close()
  }
}

beforeAll(() => coalition.found(), 120_000)
afterAll(() => coalition.close())

describe('keys to seal to', () => {
  let first: Rotated
  let before: Published
  let under: Published
  let enrolled: string[]

  test('are those of the charter until a member publishes its own', async () => {
    before = await publish('before')
    expect(await openLines(before.sid)).toEqual(['amber', 'green'])
    enrolled = (await held()).keys.filter(({ record: { use } }) => use === 'enc').map(({ record: { kid } }) => kid)
    expect(enrolled.filter(kid => sealedTo(before).includes(kid))).toHaveLength(2)
  })

  test('are from then on the newest it published, and no longer those of the charter', async () => {
    first = await rotate('--days', '10')
    expect(first.kids).toHaveLength(2)
    under = await publish('under')
    expect(await openLines(under.sid)).toEqual(['amber', 'green'])
    const kids = sealedTo(under)
    expect([first.kids.filter(kid => kids.includes(kid)), enrolled.filter(kid => kids.includes(kid))]).toEqual([
      first.kids,
      [],
    ])
  })

  test('that another command makes are used by a node that runs', async () => {
    const node = await coalition.node('belmora')
    const told = hears(node, 'key.prekey')
    const second = await rotate()
    await told
    const opened = hears(node, '2 tear lines open')
    const after = await publish('after')
    expect(await opened).toContain(after.sid)
    expect(await stop(node)).toBe(0)
    expect(sealedTo(after).filter(kid => second.kids.includes(kid))).toHaveLength(2)
  })

  test('that a crash left unpublished are published before any are made', async () => {
    const left = await at('belmora', 0, async ({ vault }) => {
      const keys = await vault.read()
      const fresh = await makePrekeys(keys)
      await vault.write({ ...keys, prekeys: [...(keys.prekeys ?? []), ...fresh] })
      return fresh.map(({ record: { kid } }) => kid)
    })
    expect((await rotate()).kids).toEqual(left)
    expect(await heldKids()).toHaveLength(6)
  })

  test('wait in the outbox with their statement, and are not made twice', async () => {
    await coalition.stopRelay()
    const kept = await coalition.run('belmora', 'rotate', '--json')
    const again = await coalition.run('belmora', 'rotate', '--json')
    expect(JSON.parse(again.out)).toMatchObject({ waiting: true, sid: (JSON.parse(kept.out) as Published).sid })
    expect(await heldKids()).toHaveLength(8)
    await coalition.startRelay()
    await coalition.as('belmora', 'publish', '--outbox')
  })

  test('are destroyed when their time is over, and never sooner', async () => {
    expect(await at('belmora', 16 * day, destroyEnded)).toEqual([])
    expect(await at('belmora', 18 * day, destroyEnded)).toEqual(first.kids)
    expect((await heldKids()).filter(kid => first.kids.includes(kid))).toEqual([])
    // What was sealed to them is open still: the mirror has the words.
    expect(await openLines(under.sid)).toEqual(['amber', 'green'])
    // The newest stays however long it has ended.
    await at('belmora', 400 * day, destroyEnded)
    expect(await heldKids()).toHaveLength(2)
  })

  test('that end soon are renewed by a node that runs', async () => {
    await rotate('--days', '1')
    const renewed = new Set(await heldKids())
    const node = await coalition.nodeThatSays(/new keys to seal to/, 'belmora')
    expect(await stop(node)).toBe(0)
    expect((await heldKids()).filter(kid => !renewed.has(kid))).toHaveLength(2)
    expect(await at('belmora', 0, async session => endsAt(session))).toBeGreaterThan(Date.now() / 1_000 + 29 * day)
  })

  test("that have ended are nobody's: the author says who is left out", async () => {
    await publish('last')
    await coalition.stopRelay()
    const draft = { kind: 'attribution.statement', handling: { tlp: 'clear' }, exercise: false, body, tear } as const
    const said = await at('arvandia', 31 * day, async (session, warnings) => {
      await publishDraft(session, draft)
      return warnings.join('\n')
    })
    expect(said).toContain('belmora has no key in force for TLP:GREEN')
    expect(said).toContain('belmora has no key in force for TLP:AMBER')
    expect(said).not.toContain('corvane')
    const [waiting] = outboxOf(coalition.home('arvandia'))
    const kids = waiting?.item.submission.seals.map(({ jwe }) => jwe.recipients.length)
    expect(kids).toEqual([2, 1])
  })

  test('a number of days that is none is refused with the range', async () => {
    const ran = await coalition.run('belmora', 'rotate', '--days', '31')
    expect([ran.code, ran.err]).toEqual([2, expect.stringContaining('from 1 to 30')])
  })
})
