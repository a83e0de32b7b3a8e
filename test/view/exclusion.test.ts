import {
  type Condition,
  type ExclusionProof,
  type LoggedCopy,
  type Result,
  actOf,
  proveWrongfulExclusion,
  verifyWrongfulExclusion,
} from '@chancery/protocol'
import { describe, expect, test } from 'vitest'
import type { LoggedStatement } from '../world.ts'
import { type Story, tell } from './story.ts'

/** Borsk is released alone; caldria has joined as well. */
async function wronged(seed: string, when?: Condition, then?: (story: Story, join: LoggedStatement) => unknown) {
  const story = await tell(seed, { answers: 2 })
  const joined = await story.join('borsk')
  const leftOut = await story.join('caldria', when)
  const size = story.world.size
  const after = await then?.(story, leftOut)
  const released = await story.release([joined.sid], after === undefined ? { size } : {})
  await story.world.pass(3)
  return { story, joined, leftOut, released }
}

type Wronged = Awaited<ReturnType<typeof wronged>>

const copyIn =
  ({ world }: Story) =>
  (sid: string): LoggedCopy | undefined => {
    const found = world.logged.find(logged => logged.sid === sid)
    return found && { jws: found.jws, receipt: world.receipt(found.index) }
  }

function proofOf({ story, released }: Wronged, member = 'caldria'): Result<ExclusionProof> {
  const release = actOf(released)
  if (release?.kind !== 'callout.release') throw new Error('the story ends with a release')
  return proveWrongfulExclusion({ callOut: story.callOut(), release, member, copyOf: copyIn(story) })
}

function must(proof: Result<ExclusionProof>): ExclusionProof {
  if (!proof.ok) throw new Error(proof.code)
  return proof.value
}

const check = ({ story }: Wronged, proof: ExclusionProof, later: readonly LoggedCopy[] = []) =>
  verifyWrongfulExclusion({ primitives: story.world.primitives, charter: story.world.charter, proof, later })

describe('a member that was wrongly left out', () => {
  test('proves it alone, from bytes, and names who released', async () => {
    const told = await wronged('left out')
    const { leftOut, released } = told
    expect(check(told, must(proofOf(told)))).toEqual({
      ok: true,
      value: { shown: true, wronged: 'caldria', by: 'aldova', join: leftOut.sid, release: released.sid },
    })
  })
  test('proves it where its condition holds with those released and itself', async () => {
    const told = await wronged('condition', { all: [{ member: 'borsk' }, { atLeast: [2] }] })
    expect(check(told, must(proofOf(told)))).toMatchObject({ ok: true, value: { shown: true } })
  })
  test('proves nothing where its condition does not hold', async () => {
    const told = await wronged('unmet', { atLeast: [3] })
    expect(check(told, must(proofOf(told)))).toMatchObject({ value: { shown: false, why: 'condition-unmet' } })
  })
  test('proves nothing once its later withdrawal is presented', async () => {
    const told = await wronged('withdrawn', undefined, ({ world }, { sid }) =>
      world.statement('callout.withdraw', 'caldria', { join: sid }),
    )
    expect(proofOf(told)).toMatchObject({ ok: false, code: 'callout.unknown' })
    const { proposal: proposed, text: frozen } = told.story
    const parts = [proposed, frozen, told.released, told.leftOut, told.joined]
    const [proposal, text, release, excluded, join] = parts.map(({ sid }) => copyIn(told.story)(sid))
    if (!proposal || !text || !release || !excluded || !join) throw new Error('all of it is logged')
    const proof = { proposal, text, release, excluded, joins: [join] }
    expect(check(told, proof)).toMatchObject({ ok: true, value: { shown: true } })
    const withdrawal = told.story.world.logged.find(({ statement }) => statement.kind === 'callout.withdraw')
    const later = [copyIn(told.story)(withdrawal?.sid ?? '')].filter(copy => copy !== undefined)
    expect(check(told, proof, later)).toMatchObject({ ok: true, value: { shown: false, why: 'withdrawn' } })
  })
  test('proves nothing with a join at or after the cut', async () => {
    const story = await tell('too late', { answers: 1 })
    const joined = await story.join('borsk')
    const size = story.world.size
    const leftOut = await story.join('caldria')
    const told = { story, joined, leftOut, released: await story.release([joined.sid], { size }) }
    expect(proofOf(told)).toMatchObject({ ok: false, code: 'callout.unknown' })
    const proof = must(proofOf({ ...told, released: await story.release([joined.sid]) }))
    const release = copyIn(story)(told.released.sid)
    if (!release) throw new Error('the release is logged')
    expect(check(told, { ...proof, release, ...atNow(story, proof) })).toMatchObject({ value: { why: 'after-cut' } })
  })
  test('who is listed was not left out', async () => {
    const told = await wronged('listed')
    expect(check(told, must(proofOf(told, 'borsk')))).toMatchObject({ value: { shown: false, why: 'listed' } })
  })
})

describe('a proof of wrongful exclusion is refused', () => {
  test('when a join of the release is missing', async () => {
    const told = await wronged('missing')
    expect(check(told, { ...must(proofOf(told)), joins: [] })).toMatchObject({ ok: false, code: 'evidence.missing' })
  })
  test('when a receipt is of another statement, or of another checkpoint', async () => {
    const told = await wronged('receipts')
    const proof = must(proofOf(told))
    const moved = { ...proof, excluded: { ...proof.excluded, receipt: proof.text.receipt } }
    expect(check(told, moved)).toMatchObject({ ok: false, code: 'log.bad-proof', at: '/excluded/proof' })
    const receipt = told.story.world.receipt(told.leftOut.index, told.story.world.size - 1)
    const older = { ...proof, excluded: { ...proof.excluded, receipt } }
    expect(check(told, older)).toMatchObject({ ok: false, code: 'log.bad-receipt', at: '/excluded' })
  })
  test('when a signature was altered, or a part is of another kind', async () => {
    const told = await wronged('altered')
    const proof = must(proofOf(told))
    const altered = { ...proof.excluded, jws: proof.excluded.jws.replace(/.{4}$/, 'AAAA') }
    expect(check(told, { ...proof, excluded: altered })).toMatchObject({ ok: false, code: 'statement.bad-signature' })
    expect(check(told, { ...proof, text: proof.proposal })).toMatchObject({ ok: false, code: 'callout.unknown' })
  })
})

/** The same copies with receipts of the log as it is now. */
function atNow(story: Story, proof: ExclusionProof): Pick<ExclusionProof, 'proposal' | 'text' | 'joins' | 'excluded'> {
  const again = ({ jws }: LoggedCopy): LoggedCopy => {
    const index = story.world.logged.findIndex(logged => logged.jws === jws)
    return { jws, receipt: story.world.receipt(index) }
  }
  const { proposal, text, joins, excluded } = proof
  return { proposal: again(proposal), text: again(text), joins: joins.map(again), excluded: again(excluded) }
}
