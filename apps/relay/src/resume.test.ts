import { type Cursor, ResumeAnswer, toBase64url } from '@chancery/protocol'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { resume } from './resume.ts'

const digest = (n: number): Uint8Array => new Uint8Array(32).fill(n)
const epoch = toBase64url(digest(1))
const log = { epoch, size: 9, oldest: 4, leafAt: digest }
const cursorAt = (size: number, leaf = size - 1): Cursor => ({
  epoch,
  origin: 'relay.example/log1',
  size,
  ...(size > 0 && { leaf: toBase64url(digest(leaf)) }),
})

test('a cursor before what is kept is outdated, and told what is', () => {
  expect(resume(cursorAt(3), log)).toEqual({ answer: 'outdated', epoch, oldest: 4, size: 9 })
  expect(resume(null, log)).toEqual({ answer: 'outdated', epoch, oldest: 4, size: 9 })
  expect(resume(cursorAt(4), log)).toEqual({ answer: 'ok', epoch, size: 9 })
})

test('every cursor has one answer, and ok only where the same entries are held', () => {
  const number = fc.integer({ min: 0, max: 12 })
  fc.assert(
    fc.property(number, number, number, fc.boolean(), (size, leaf, oldest, same) => {
      const cursor = { ...cursorAt(size, leaf), ...(!same && { epoch: toBase64url(digest(2)) }) }
      const answer = resume(cursor, { ...log, oldest: Math.min(oldest, 9) })
      expect(ResumeAnswer.safeParse(answer).success).toBe(true)
      const holds = same && size <= 9 && size >= Math.min(oldest, 9) && (size === 0 || leaf === size - 1)
      expect(answer.answer === 'ok').toBe(holds)
    }),
  )
})
