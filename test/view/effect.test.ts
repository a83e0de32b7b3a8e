import { type Act, type CallOut, actOf, checkEffect, foldCallOuts } from '@chancery/protocol'
import { describe, expect, test } from 'vitest'
import type { LoggedStatement } from '../world.ts'
import { type Story, says, tell } from './story.ts'

/** The code that a node gives before it signs an act like this one, at the end of the story's log. */
function why(story: Story, like: LoggedStatement, change: Partial<Act> = {}): string {
  const { size, rootAt, logged } = story.world
  const act = actOf(like)
  if (act === undefined) throw new Error('not an act')
  const callOuts: ReadonlyMap<string, CallOut> = foldCallOuts(logged, { size, rootAt })
  const judged = checkEffect({ ...act, index: size, ...change } as Act, callOuts)
  return judged.ok ? 'ok' : `${judged.code} ${judged.at ?? ''}`.trim()
}

describe('before it signs, a node tells its member that an act can change nothing', () => {
  test('an answer and a withdrawal, once the call-out is released', async () => {
    const story = await tell('effect-released', { answers: 1 })
    const join = await story.join('borsk')
    expect(why(story, join)).toBe('ok')
    await story.release([join.sid])
    expect(story.callOut().phase).toBe('released')
    expect(why(story, join)).toBe('callout.wrong-phase')
    expect(why(story, join, { kind: 'callout.withdraw', body: { join: join.sid } })).toBe('callout.wrong-phase')
  })
  test('an answer and an abort after the lapse', async () => {
    const story = await tell('effect-lapsed', { answers: 1, room: 2 })
    const join = await story.join('borsk')
    for (let i = 0; i < 3; i++) await story.join('borsk', undefined, { positions: [says()] })
    expect(story.callOut().phase).toBe('lapsed')
    expect(why(story, join)).toBe('callout.wrong-phase')
    expect(why(story, join, { kind: 'callout.abort', body: { proposal: story.proposal.sid, reason: 'Late' } })).toBe(
      'callout.wrong-phase',
    )
  })
  test('a second text, an exercise of a real one, and an answer nobody asked for', async () => {
    const story = await tell('effect-text')
    const join = await story.join('borsk')
    expect(why(story, story.text)).toBe('callout.wrong-phase /body/proposal')
    expect(why(story, join, { exercise: true })).toBe('callout.wrong-text /exercise')
    expect(why(story, join, { iss: 'estmark' })).toBe('callout.wrong-phase /iss')
  })
  test('what names a call-out that is not held is not judged', async () => {
    const story = await tell('effect-unknown')
    const join = await story.join('borsk')
    expect(why(story, join, { body: { text: story.attribution.sid } } as Partial<Act>)).toBe('ok')
  })
})
