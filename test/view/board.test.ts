import { boardOf } from '@chancery/protocol'
import { describe, expect, test } from 'vitest'
import { type Story, says, tell } from './story.ts'

const boardAt = ({ world }: Story, size = world.size) =>
  boardOf({ placed: world.logged, charter: world.charter, view: { size, rootAt: world.rootAt } })

describe('the board', () => {
  test('shows members, attributions and call-outs of one log size', async () => {
    const story = await tell('board')
    await story.join('borsk')
    const board = boardAt(story)
    const { genesis } = story.world.charter
    expect(board.coalition).toEqual({
      genesis,
      name: 'Coalition of the test world',
      inForce: true,
      version: 1,
      charter: genesis,
      proposals: [],
    })
    expect(board.root).toBe(story.world.rootAt(story.world.size))
    expect(board.attributions.map(({ title, sid }) => [title, sid])).toEqual([
      ['Intrusion at the Harbour Registry', story.attribution.sid],
    ])
    const [callOut] = board.callOuts
    expect(callOut).toMatchObject({
      phase: 'collecting',
      countedAt: story.world.size,
      declined: [],
      headline: null,
      unanswered: ['caldria', 'dorvane'],
    })
    expect(boardAt(story, story.proposal.index)).toMatchObject({ callOuts: [], size: story.proposal.index })
  })
  test('says of every tear line whether it is open or withheld', async () => {
    const story = await tell('tear lines')
    const { world, attribution } = story
    const tear = [
      { label: 'sources', tlp: 'red', content: { text: 'Who told us.' } },
      { label: 'methods', tlp: 'amber', content: { text: 'How we know.' } },
    ] as const
    await world.statement('attribution.statement', 'borsk', attribution.payload.body, { tear })
    expect(boardAt(story).attributions[1]?.tearLines).toEqual([
      { label: 'methods', tlp: 'amber', open: true },
      { label: 'sources', tlp: 'red', open: true },
    ])
  })
  test('never counts anybody under stronger words than its own', async () => {
    const story = await tell('headline')
    const own = { ...says('attributes', 'state'), basis: 'own-assessment' as const }
    const sealed = { ...own, stance: 'co-seals' as const }
    const joins = [
      await story.join('borsk', undefined, { positions: [own] }),
      await story.join('caldria', undefined, { positions: [says('recognises', 'organ')] }),
      await story.join('dorvane', undefined, { positions: [sealed] }),
    ]
    await story.release(joins.map(({ sid }) => sid))
    const [callOut] = boardAt(story).callOuts
    expect(callOut?.headline).toBe('c1: 1 attributes (state); c1: 1 recognises (organ); c1: 1 co-seals (state)')
    expect(callOut?.tallies.map(({ stance, own: counted }) => [stance, counted])).toEqual([
      ['attributes', ['borsk']],
      ['recognises', []],
      ['co-seals', []],
    ])
    expect(callOut?.positions[1]).toEqual({
      member: 'caldria',
      claim: 'c1',
      stance: 'recognises',
      named: 'organ',
      basis: 'partner-evidence-reviewed',
      attributed_by: null,
      confidence: null,
      likelihood: null,
    })
    expect(callOut?.release).toMatchObject({ by: 'aldova', verdict: 'largest', withheld: 0 })
  })
  test('is the same from the same prefix, whatever came later', async () => {
    const story = await tell('same')
    await story.join('borsk')
    const [then, size] = [boardAt(story), story.world.size]
    await story.join('caldria')
    expect(boardAt(story, size)).toEqual(then)
    expect(JSON.parse(JSON.stringify(then))).toEqual(then)
  })
})
