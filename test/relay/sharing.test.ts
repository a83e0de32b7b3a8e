import type { Submission } from '@chancery/protocol'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Running, attribution, replay, running, submissionOf, world } from './fixture.ts'

let it: Running
const [past, future] = ['2020-01-01T00:00:00Z', '2999-01-01T00:00:00Z']
// aldova founds; each founder adopts; then these, in this order.
const [named, whole, opened, closed, torn] = [3, 4, 5, 6, 7]

beforeAll(async () => {
  const made = await world({ clearances: { amber: ['aldova', 'borsk'], 'amber+strict': ['aldova', 'borsk'], red: [] } })
  await attribution(made, 'amber', 0, { handling: { releasable_to: ['aldova'] } })
  await attribution(made, 'amber')
  await attribution(made, 'amber', 0, { handling: { declassify_on: { at: past, size: 8 } } })
  await attribution(made, 'amber', 0, { handling: { declassify_on: { at: future, size: 1 } } })
  await attribution(made, 'green', 0, {
    tear: [
      { label: 'aldova', tlp: 'amber', releasable_to: ['aldova'], content: { text: 'For its author' } },
      { label: 'borsk', tlp: 'amber', releasable_to: ['borsk'], content: { text: 'For borsk' } },
      { label: 'both', tlp: 'amber', content: { text: 'For amber readers' } },
    ],
  })
  it = await running(made)
  await replay(made, it.api)
})
afterAll(async () => {
  await it.relay.close()
  it.files.remove()
})

async function streamOf(member: string) {
  const stream = await it.api.stream(member, null)
  await stream.answer()
  const frames = await stream.until(8)
  stream.socket.close()
  return frames.flatMap(({ entries }) => entries)
}

describe('a relay hands to each member what it may see, and to nobody else', () => {
  test('a statement for one of two members of a clearance, in whatever order they read', async () => {
    for (const member of ['borsk', 'aldova', 'borsk', 'aldova']) {
      const entries = await streamOf(member)
      expect(entries[named]?.seals).toHaveLength(member === 'aldova' ? 1 : 0)
      expect(entries[whole]?.seals).toHaveLength(1)
    }
  })
  test('a container to its audience alone, though the tier is one', async () => {
    const audiences = async (member: string) =>
      (await streamOf(member))[torn]?.seals.map(({ releasable_to, tlp }) => releasable_to ?? tlp)
    // Its author is given back all that it sent, and can open its own.
    expect(await audiences('aldova')).toEqual(['green', ['aldova'], ['borsk'], 'amber'])
    expect(await audiences('borsk')).toEqual(['green', ['borsk'], 'amber'])
    expect(await audiences('caldria')).toEqual(['green'])
  })
  test('nothing that is due to open: the relay has no key to open it, and does not know', async () => {
    const asked = async (member: string, index: number) => (await it.api.get(member, `/statements/${index}`)).status
    for (const index of [named, whole, opened, closed]) expect(await asked('caldria', index)).toBe(404)
    expect([await asked('borsk', whole), await asked('borsk', named)]).toEqual([200, 404])
    expect((await streamOf('caldria'))[opened]?.seals).toEqual([])
  })
  test('a container is taken for an audience that a tear line has, sealed to its keys', async () => {
    const tear = [{ label: 'one', tlp: 'amber' as const, releasable_to: ['borsk'], content: { text: 'For borsk' } }]
    const said = it.world.logged[torn]?.payload.body
    const draft = await it.world.draft('attribution.statement', 'aldova', said, { tear })
    const own = await submissionOf(it.world, draft)
    const seals = own.seals as [Submission['seals'][0]]
    const answer = async (changed: readonly object[]) => {
      const { body } = await it.api.submit('aldova', [{ ...own, seals: changed } as Submission])
      return body.results[0]
    }
    const [{ jwe, tlp }] = seals
    expect(await answer([{ jwe, tlp }])).toMatchObject({ code: 'tear.unreferenced', at: '/seals/0/tlp' })
    expect(await answer([{ jwe, releasable_to: ['aldova'], tlp }])).toMatchObject({ code: 'tear.unreferenced' })
    const recipients = jwe.recipients.map(recipient => ({
      ...recipient,
      header: { ...recipient.header, kid: it.world.members['caldria']?.xwingKey.kid },
    }))
    expect(await answer([{ jwe: { ...jwe, recipients }, releasable_to: ['borsk'], tlp }])).toMatchObject({
      code: 'seal.malformed',
    })
  })
})
