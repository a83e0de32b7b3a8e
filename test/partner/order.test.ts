import { boardOf } from '@chancery/protocol'
import { expect, test } from 'vitest'
import { tell } from '../view/story.ts'

test('a reader of part of the log names those released in the same order as one who holds all of it', async () => {
  const { world, proposal, join, release } = await tell('out of turn')
  const joins = [await join('dorvane'), await join('borsk'), await join('caldria')]
  const sids = joins.map(({ sid }) => sid).sort()
  const released = await release(sids)
  const bySid = sids.map(sid => joins.find(each => each.sid === sid)?.statement.iss)
  expect(bySid).not.toEqual(bySid.toSorted())

  const { size, rootAt, charter, logged } = world
  const shownTo = (withheld: number) => {
    const open = new Set([proposal.sid, released.sid, ...sids])
    const placed = logged.filter(({ statement, sid }) => statement.claims.handling.tlp === 'clear' || open.has(sid))
    return boardOf({ placed, charter, view: { size, rootAt, withheldBefore: () => withheld } }).callOuts[0]
  }
  const [whole, part] = [shownTo(0), shownTo(1)]
  expect([whole?.release?.verdict, part?.release?.verdict]).toEqual(['largest', 'sound'])
  expect(part?.signatories.map(({ member }) => member)).toEqual(['borsk', 'caldria', 'dorvane'])
  expect(part?.signatories).toEqual(whole?.signatories)
  expect([part?.positions, part?.tallies]).toEqual([whole?.positions, whole?.tallies])
})
