import { assembleEvidence, instantOf } from '@chancery/protocol'
import { beforeAll, describe, expect, test } from 'vitest'
import { partsFor, tellStory } from '../audit/story.ts'
import { type Story, tell } from '../view/story.ts'
import { worldBegins } from '../world.ts'
import { actsIn, atDeadline, phaseOf, releaseOf } from './acts.ts'
import { bothSay, codesBothSay, folderGiven, judgedIn, valueBothSay } from './second.ts'

let story: Story
let joins: string[]
beforeAll(async () => {
  const made = await atDeadline('a hostile coordinator')
  ;[story, joins] = [made.story, made.joins]
})

type Release = { text?: string; joins?: readonly string[]; size?: number; root?: string }

/** A release that the coordinator signs, whatever it is worth. */
async function signed({ text = story.text.sid, joins: named = joins, size = story.world.size, root }: Release) {
  const cut = { size, root: root ?? story.world.rootAt(size) }
  const body = { text, cut, joins: [...named].sort(), released_at: instantOf(worldBegins + 7_200) }
  return releaseOf(story, await story.world.draft('callout.release', 'aldova', body))
}
const worth = async (...releases: Release[]): Promise<string[]> =>
  codesBothSay(await Promise.all(releases.map(release => signed(release))))

describe('a hostile coordinator, whose release is judged by two', () => {
  test('15: strips no co-signature, and 16: adds none', async () => {
    expect(await worth({}, { joins: joins.slice(0, 2) }, { joins: joins.slice(1) })).toEqual([
      'ok',
      'callout.not-largest',
      'callout.not-largest',
    ])
    const [stranger] = await worth({ joins: [...joins, story.attribution.sid] })
    expect(stranger).not.toBe('ok')
  })
  test('17: drops no join before the cut, though its author has no friend', async () => {
    const [first = '', second = '', third = ''] = joins
    expect(await worth({ joins: [first, second] }, { joins: [third] })).toEqual([
      'callout.not-largest',
      'callout.not-largest',
    ])
  })
  test('34: takes no join at the cut, and 35: loses none to a withdrawal after it', async () => {
    const own = await atDeadline('late and gone')
    const { size } = own.story.world
    await own.story.join('estmark')
    await own.story.world.statement('callout.withdraw', 'borsk', { join: own.joins[0] })
    const cut = { size, root: own.story.world.rootAt(size) }
    const body = { text: own.story.text.sid, cut, joins: [...own.joins].sort(), released_at: instantOf(worldBegins) }
    const draft = await own.story.world.draft('callout.release', 'aldova', body)
    const released = await valueBothSay<{ signatories: string[] }>(releaseOf(own.story, draft))
    expect(released.signatories).toEqual(['borsk', 'caldria', 'dorvane'])
  })
  test('45: releases no other text than the one that was joined', async () => {
    expect(await worth({ text: story.proposal.sid })).toEqual(['callout.wrong-text'])
  })
  test('46: releases nobody against its condition', async () => {
    const small = await tell('no quorum', { answers: 2 })
    const joined = [await small.join('borsk'), await small.join('caldria', { atLeast: [3] })]
    const cut = { size: small.world.size, root: small.world.rootAt(small.world.size) }
    const both = joined.map(({ sid }) => sid).sort()
    const body = { text: small.text.sid, cut, joins: both, released_at: instantOf(worldBegins) }
    const draft = await small.world.draft('callout.release', 'aldova', body)
    expect(await codesBothSay([releaseOf(small, draft)])).toEqual(['callout.not-largest'])
  })
  test('47: cuts no earlier than announced, and at no log that was not', async () => {
    const { deadline, world } = story
    const root = world.rootAt(deadline - 1) ?? ''
    const early = { joins: joins.slice(0, 2), size: deadline - 1, root }
    expect(await worth(early, { root })).toEqual(['callout.too-early', 'callout.wrong-cut'])
  })
  test('49: releases once, and 50: not at all once the call-out has lapsed', async () => {
    const own = await atDeadline('twice')
    await own.story.release(own.joins)
    const cut = { size: own.story.world.size, root: own.story.world.rootAt(own.story.world.size) }
    const body = { text: own.story.text.sid, cut, joins: [...own.joins].sort(), released_at: instantOf(worldBegins) }
    const again = await own.story.world.draft('callout.release', 'aldova', body)
    expect(await codesBothSay([releaseOf(own.story, again)])).toEqual(['callout.wrong-phase'])
    const silent = await atDeadline('never')
    await silent.story.world.pass(silent.story.lapse - silent.story.world.size)
    const phase = await valueBothSay<{ phase: string }>(phaseOf(silent.story))
    expect(phase.phase).toBe('lapsed')
  })
})

describe('a hostile coordinator, and the words of others', () => {
  test('28: a join is to the text with all its languages, by its sid', async () => {
    const acts = actsIn(story).filter(({ kind }) => kind === 'callout.join')
    expect(acts.map(({ body }) => (body as { text: string }).text)).toEqual([0, 1, 2].map(() => story.text.sid))
    const { jws } = story.text
    const [header, payload = '', signature] = jws.split('.')
    const said = Buffer.from(payload, 'base64url').toString().replace('We say together', 'We say alone')
    const altered = `${header}.${Buffer.from(said).toString('base64url')}.${signature}~`
    expect(await codesBothSay([judgedIn(story.world, `${jws}~`), judgedIn(story.world, altered)])).toEqual([
      'ok',
      'statement.bad-signature',
    ])
  })
  test('48: hides no reservation: a folder without the join that has it does not hold', async () => {
    const world = await tellStory('a reservation')
    const parts = partsFor(world, 'clear')
    const reserved = world.logged.find(
      ({ statement: { body } }) => ((body as { reservations?: object[] }).reservations ?? []).length > 0,
    )
    const without = { ...parts, exhibits: parts.exhibits.filter(({ sid }) => sid !== reserved?.sid) }
    const [whole, hidden] = await bothSay([parts, without].map(each => folderGiven(assembleEvidence(each))))
    expect([whole?.expect, hidden?.expect]).toEqual(['ok', 'evidence.missing'])
  })
})
