import { convict, heldSince, kinds, assembleEvidence } from '@chancery/protocol'
import { describe, expect, test } from 'vitest'
import { makeWorld } from '../world.ts'
import { audit, folderFor, found, partsFor, primitives } from './story.ts'
import { tellUses, useOf } from './uses.ts'

const { template } = kinds['attribution.statement']

describe('the audit of release control', () => {
  test('shows who asked, what was granted, and each use of it', async () => {
    const { world, source, request, grant, uses } = await tellUses('one use', 1)
    const report = await audit(folderFor(world, 'green'))
    const [holder, reader] = world.ids.slice(1)
    expect(report).toMatchObject({ ok: true })
    expect(report.release.requests).toEqual([{ sid: request.sid, by: holder, of: source.sid, is: 'granted' }])
    expect(report.release.grants).toMatchObject([{ sid: grant.sid, to: holder, recipient: reader, is: 'used-up' }])
    expect(report.release.grants[0]?.uses.map(({ sid }) => sid)).toEqual(uses.map(({ sid }) => sid))
  })
  test('hostile case 31: finds the second use of a grant for once, and a use after it was revoked', async () => {
    const { world, grant, uses } = await tellUses('two uses')
    const [author = '', holder = ''] = world.ids
    const path = (sid: string | undefined) => `release.no-grant statements/${sid}.jws#/body/grant`
    expect(found(await audit(folderFor(world, 'green')))).toEqual([path(uses[1]?.sid)])
    const { body } = grant.statement
    const again = { ...(body as object), uses: 'until' as const }
    const lasting = await world.statement('release.grant', author, again as never, { tlp: 'green' })
    await useOf(world, holder, lasting.sid)
    await world.statement('release.revoke', author, { grant: lasting.sid, reason: 'It leaked.' }, { tlp: 'green' })
    const late = await useOf(world, holder, lasting.sid)
    expect(found(await audit(folderFor(world, 'green')))).toEqual([path(uses[1]?.sid), path(late.sid)])
  })
  test('lets a use be whose grant its reader does not hold', async () => {
    const { world, grant } = await tellUses('withheld', 2)
    const parts = partsFor(world, 'green')
    const held = await audit(assembleEvidence({ ...parts, exhibits: parts.exhibits.filter(e => e.sid !== grant.sid) }))
    expect(held.findings.map(({ code }) => code)).not.toContain('release.no-grant')
  })
  test('shows what its author has opened', async () => {
    const world = await makeWorld({ members: 1, seed: 'opened by its author', curvesOnly: true })
    const [by = ''] = world.ids
    const { sid } = await world.statement('attribution.statement', by, template, { tlp: 'green' })
    const opening = await world.statement('tearline.open', by, { sid, to: 'clear' }, { tlp: 'clear' })
    const { release } = await audit(folderFor(world, 'green'))
    expect(release.openings).toEqual([{ sid: opening.sid, by, of: sid, slots: [], to: 'clear' }])
  })
})

describe('hostile case 26: two statements with one number', () => {
  test('convict their author, without a log', async () => {
    const world = await makeWorld({ members: 2, seed: 'equivocation', curvesOnly: true })
    const [by = '', other = ''] = world.ids
    const draft = (who: string, title: string) =>
      world.draft('attribution.statement', who, { ...template, title }, { tlp: 'green' })
    const [one, two, theirs] = [await draft(by, 'One'), await draft(by, 'Another'), await draft(other, 'One')]
    const [genesis] = world.logged
    const held = (...statements: string[]) => {
      const judged = convict(primitives, [{ genesis: genesis?.statement.jws ?? '', statements }])
      return judged.ok ? judged.value.convictions : judged.code
    }
    expect(held(one.jws, two.jws)).toEqual([
      { who: { is: 'member', name: by }, of: 'two statements of number 0 of its chain green' },
    ])
    expect(held(one.jws, one.jws)).toEqual([])
    expect(held(one.jws, theirs.jws)).toEqual([])
    const forged = `${two.jws.slice(0, two.jws.lastIndexOf('.'))}.${one.jws.split('.')[2]}`
    expect(held(one.jws, forged)).toEqual([])
  })
})

describe('held since', () => {
  test('lies between what its author had seen and who has seen it, by their claims', async () => {
    const world = await makeWorld({ members: 1, seed: 'held since', curvesOnly: true })
    const [by = ''] = world.ids
    await world.statement('attribution.statement', by, template)
    const before = world.logged.at(-1)?.statement.claims.iat
    const said = await world.statement('attribution.statement', by, template)
    const placed = () => world.logged.map(({ statement }, index) => ({ statement, index }))
    const held = () => heldSince(placed(), { statement: said.statement, index: said.index })
    expect(held()).toEqual({ index: said.index, notBefore: before, notAfter: undefined })
    await world.statement('attribution.statement', by, template)
    expect(held().notAfter).toBe(world.logged.at(-1)?.statement.claims.iat)
  })
})
