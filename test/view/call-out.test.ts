import {
  type CallOut,
  actOf,
  foldCallOuts,
  judgeRelease,
  judgeReleaseFromPart,
  phaseAt,
  signatoriesAt,
} from '@chancery/protocol'
import { describe, expect, test } from 'vitest'
import { says, tell, textBody } from './story.ts'

describe('the phases of a call-out', () => {
  test('go from proposed over collecting and ready to released', async () => {
    const { world, callOut, join, release, proposal, text, deadline } = await tell('phases', { answers: 2 })
    expect(callOut({ size: proposal.index + 1 }).phase).toBe('proposed')
    expect(callOut({ size: text.index + 1 }).phase).toBe('collecting')
    const joins = [await join('borsk'), await join('caldria')]
    expect(world.size).toBe(deadline)
    expect(callOut().phase).toBe('ready')
    await release(joins.map(({ sid }) => sid))
    expect(callOut().phase).toBe('released')
    expect(callOut({ size: world.size - 1 }).phase).toBe('ready')
  })
  test('stay at collecting after the deadline while nobody can be released', async () => {
    const { callOut, join } = await tell('unmet', { answers: 1 })
    await join('borsk', { member: 'caldria' })
    expect(callOut().phase).toBe('collecting')
    await join('caldria')
    expect(callOut().phase).toBe('ready')
  })
  test('end by lapse at the announced size, not before it', async () => {
    const { world, callOut, join, lapse } = await tell('lapse', { answers: 1, room: 3 })
    await join('borsk')
    await world.pass(lapse - world.size - 1)
    expect(callOut().phase).toBe('ready')
    await world.pass(1)
    expect(callOut().phase).toBe('lapsed')
  })
  test('end by abort, after which neither text nor release counts', async () => {
    const { world, callOut, join, release, proposal } = await tell('abort', { answers: 1 })
    const { sid } = await join('borsk')
    await world.statement('callout.abort', 'borsk', { proposal: proposal.sid, reason: 'It leaked.' })
    await release([sid])
    expect(callOut().phase).toBe('aborted')
    expect(callOut().refused.map(({ failure }) => failure.code)).toEqual(['callout.wrong-phase'])
  })
  test('an exercise never ends the real thing', async () => {
    const { world, callOut, proposal } = await tell('exercise abort')
    await world.statement('callout.abort', 'aldova', { proposal: proposal.sid, reason: 'Drill' }, { exercise: true })
    expect(callOut().phase).toBe('collecting')
  })
  test('the first text is the frozen one, and joins to another count for nothing', async () => {
    const { world, callOut, join, text, proposal, attribution, deadline, lapse } = await tell('texts')
    const texts = [{ lang: 'en', title: 'Other', text: 'Other words.' }]
    const body = { ...textBody({ proposal: proposal.sid, attribution, deadline, lapse }), texts }
    const second = await world.statement('callout.text', 'aldova', body)
    await join('borsk', undefined, { text: second.sid })
    expect(callOut().text?.sid).toBe(text.sid)
    expect(callOut().answers).toEqual([])
  })
  test('do not depend on when one looks: a board of an earlier size is the board of then', async () => {
    const { world, callOut, join } = await tell('prefix')
    await join('borsk')
    const then = callOut()
    const size = world.size
    await join('caldria')
    expect(callOut({ size })).toEqual(then)
  })
})

describe('the signatories at a cut', () => {
  test('are those whose last answer is a join that counts', async () => {
    const { world, callOut, join, text } = await tell('answers', { answers: 8 })
    const early = await join('borsk', { member: 'dorvane' })
    const late = await join('borsk')
    const taken = await join('caldria')
    await world.statement('callout.withdraw', 'caldria', { join: taken.sid })
    const declined = await join('dorvane')
    await world.statement('callout.decline', 'dorvane', { text: text.sid, reason: 'legal' })
    const stranger = await join('estmark')
    const drill = await join('aldova', undefined, { exercise: true })
    const { signatories, excluded } = signatoriesAt(callOut(), world.size)
    expect(signatories.map(({ member, join: sid }) => [member, sid])).toEqual([['borsk', late.sid]])
    expect(excluded).toEqual([
      { member: 'aldova', join: drill.sid, why: 'other-exercise' },
      { member: 'caldria', join: taken.sid, why: 'withdrawn' },
      { member: 'dorvane', join: declined.sid, why: 'declined' },
      { member: 'estmark', join: stranger.sid, why: 'not-invited' },
    ])
    const before = signatoriesAt(callOut(), late.index).excluded.find(({ member }) => member === 'borsk')
    expect(before).toEqual({ member: 'borsk', join: early.sid, why: 'condition-unmet' })
  })
  test('a join at the cut is too late, and one before it is not', async () => {
    const { callOut, join } = await tell('cut')
    const { index, sid } = await join('borsk')
    expect(signatoriesAt(callOut(), index).excluded).toEqual([{ member: 'borsk', join: sid, why: 'after-cut' }])
    expect(signatoriesAt(callOut(), index + 1).signatories.map(({ member }) => member)).toEqual(['borsk'])
  })
  test('keep their own words and reservations', async () => {
    const { world, callOut, join } = await tell('words')
    const likelihood = { scale: 'phia', term: 'likely' } as const
    const positions = [{ ...says('recognises', 'territory'), likelihood }]
    await join('borsk', undefined, { positions })
    const [signatory] = signatoriesAt(callOut(), world.size).signatories
    expect(signatory?.positions).toEqual(positions)
    expect(signatory?.reservations).toEqual([{ passage: 'together', text: 'In our own words.' }])
  })
})

describe('a release', () => {
  const refusedCodes = ({ refused }: CallOut): string[] => refused.map(({ failure }) => failure.code)

  test('holds when it is the largest set, and says who is in it', async () => {
    const { callOut, join, release } = await tell('mutual')
    const joins = [await join('borsk', { member: 'caldria' }), await join('caldria', { member: 'borsk' })]
    await join('dorvane', { atLeast: [4] })
    await release(joins.map(({ sid }) => sid))
    const { verdict } = callOut()
    expect(verdict?.is).toBe('largest')
    expect(verdict?.signatories.map(({ member }) => member)).toEqual(['borsk', 'caldria'])
  })
  test('is refused when it leaves one out or takes one in against its condition', async () => {
    const { callOut, join, release } = await tell('not largest')
    const [borsk, caldria] = [await join('borsk'), await join('caldria')]
    const dorvane = await join('dorvane', { atLeast: [4] })
    await release([borsk.sid])
    await release([borsk.sid, caldria.sid, dorvane.sid])
    await release([borsk.sid, caldria.sid])
    expect(refusedCodes(callOut())).toEqual(['callout.not-largest', 'callout.not-largest'])
    expect(callOut().phase).toBe('released')
  })
  test('is refused before the deadline, by size and by time', async () => {
    const { world, callOut, join, release, deadline } = await tell('early', { answers: 3 })
    const { sid } = await join('borsk')
    await release([sid])
    await world.pass(deadline - world.size)
    await release([sid], { iat: 1_924_991_999 })
    expect(refusedCodes(callOut())).toEqual(['callout.too-early', 'callout.too-early'])
    expect(callOut().refused.map(({ failure }) => failure.at)).toEqual(['/body/cut/size', '/iat'])
    await release([sid], { iat: 1_924_992_000 })
    expect(callOut().phase).toBe('released')
  })
  test('is refused over a cut that this log never had', async () => {
    const { world, callOut, join, release } = await tell('cuts', { answers: 1 })
    const { sid } = await join('borsk')
    await release([sid], { root: world.rootAt(1) ?? '' })
    await release([sid], { size: world.size + 1, root: world.rootAt(world.size) ?? '' })
    expect(refusedCodes(callOut())).toEqual(['callout.wrong-cut', 'callout.wrong-cut'])
  })
  test('is refused from the lapse on, and a second one after the first', async () => {
    const { callOut, join, release } = await tell('late', { answers: 1 })
    const { sid } = await join('borsk')
    await release([sid])
    await release([sid])
    expect(refusedCodes(callOut())).toEqual(['callout.wrong-phase'])
    const other = await tell('later', { answers: 1, room: 2 })
    const joined = await other.join('borsk')
    await other.world.pass(other.lapse - other.world.size)
    await other.release([joined.sid])
    expect(refusedCodes(other.callOut())).toEqual(['callout.wrong-phase'])
    expect(other.callOut().phase).toBe('lapsed')
  })
  test('of another text, or as an exercise, releases nothing', async () => {
    const story = await tell('other text', { answers: 1 })
    const { world, callOut, join, release, proposal, attribution, deadline, lapse } = story
    const { sid } = await join('borsk')
    const body = textBody({ proposal: proposal.sid, attribution, deadline, lapse })
    const second = await world.statement('callout.text', 'aldova', body)
    await release([sid], { text: second.sid })
    await release([sid], { exercise: true })
    expect(refusedCodes(callOut())).toEqual(['callout.wrong-text', 'callout.wrong-text'])
  })
  test('reads the same when it is judged again later', async () => {
    const { world, callOut, join, release } = await tell('again', { answers: 1 })
    const { sid } = await join('borsk')
    const act = actOf(await release([sid]))
    await join('caldria')
    const again = act?.kind === 'callout.release' && judgeRelease(callOut(), act, world)
    expect(again).toEqual({ ok: true, value: callOut().verdict })
  })
  test('keeps a withdrawal after its cut from undoing it', async () => {
    const { world, callOut, join, release } = await tell('after', { answers: 1 })
    const { sid } = await join('borsk')
    await release([sid])
    await world.statement('callout.withdraw', 'borsk', { join: sid })
    expect(callOut().verdict?.signatories.map(({ member }) => member)).toEqual(['borsk'])
    expect(phaseAt(callOut(), world.size)).toBe('released')
  })
})

describe('a reader of part of the log', () => {
  test('sees that nobody stands in a release against its condition, and how much it cannot see', async () => {
    const { world, join, release, proposal } = await tell('part')
    const joins = [await join('borsk', { member: 'caldria' }), await join('caldria')]
    await join('dorvane', { atLeast: [5] })
    const released = await release(joins.map(({ sid }) => sid))
    const open = new Set([proposal.sid, released.sid, ...joins.map(({ sid }) => sid)])
    const held = world.logged.filter(({ statement, sid }) => statement.claims.handling.tlp === 'clear' || open.has(sid))
    const view = { size: world.size, rootAt: world.rootAt, withheldBefore: () => 1 }
    const callOut = foldCallOuts(held, view).get(proposal.sid)
    expect(callOut?.verdict).toMatchObject({ is: 'sound', withheld: 1, leftOut: [] })
    expect(callOut?.phase).toBe('released')
  })
  test('sees a condition that does not hold, and a join that is missing', async () => {
    const { world, callOut, join, release } = await tell('unsound', { answers: 2 })
    const [borsk, caldria] = [await join('borsk', { member: 'dorvane' }), await join('caldria')]
    const act = actOf(await release([borsk.sid, caldria.sid]))
    const view = { rootAt: world.rootAt, withheldBefore: () => 7 }
    const judged = (record = callOut()) => act?.kind === 'callout.release' && judgeReleaseFromPart(record, act, view)
    expect(judged()).toMatchObject({ ok: false, code: 'callout.not-largest' })
    const without = { ...callOut(), answers: callOut().answers.filter(({ sid }) => sid !== caldria.sid) }
    expect(judged(without)).toMatchObject({ ok: false, code: 'evidence.missing' })
  })
})
