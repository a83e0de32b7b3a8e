import { statementPath } from '@chancery/protocol'
import { beforeAll, describe, expect, test } from 'vitest'
import { doctored } from './doctor.ts'
import { folderParts, tellReaders, withAll, without } from './readers.ts'
import { audit, found } from './story.ts'

let told: Awaited<ReturnType<typeof tellReaders>>
let folder: ReturnType<typeof folderParts>
let path = ''

beforeAll(async () => {
  told = await tellReaders('readers of a folder')
  folder = folderParts(told.world)
  path = statementPath({ kind: 'attribution.statement', sid: told.source.sid })
})

/** The tear lines that a folder opens, and what its audit finds. */
async function judged(made: Map<string, Uint8Array>) {
  const report = await audit(made)
  const row = report.statements.find(({ sid }) => sid === told.source.sid)
  return { open: row?.tear.filter(({ open }) => open).map(({ label }) => label), found: found(report) }
}

describe('a folder for one reader', () => {
  test('has what that reader may see, by its marking, by an opening, by a grant, and holds', async () => {
    expect(await judged(folder(told.author))).toEqual({ open: ['late', 'named'], found: [] })
    expect(await judged(folder(told.holder))).toEqual({ open: ['late', 'named'], found: [] })
    expect(await judged(folder(told.recipient))).toEqual({ open: ['late', 'named'], found: [] })
    expect(await judged(folder('green'))).toEqual({ open: ['late'], found: [] })
    expect(await judged(folder('anyone'))).toEqual({ open: undefined, found: [] })
  })
  test('with one disclosure too many is found out', async () => {
    const much = withAll(told.source)
    expect((await judged(folder('green', much))).found).toEqual([`evidence.above-tier ${path}#/tear/named`])
    // Before it was opened, and before the grant, it was above the third member as well.
    const early = [`evidence.above-tier ${path}#/tear/late`, `evidence.above-tier ${path}#/tear/named`]
    expect((await judged(told.before(told.recipient, much))).found).toEqual(early)
    expect((await judged(told.before('green', much))).found).toEqual(early)
    expect((await judged(told.before(told.holder, much))).found).toEqual([])
  })
  test('rests on the grant that is in it: without the grant, what was granted is above its reader', async () => {
    const made = folder(told.recipient, without(told.grant.sid))
    expect((await judged(made)).found).toContain(`evidence.above-tier ${path}#/tear/named`)
  })
  test('with a whole statement too many is found out, under the name of the reader', async () => {
    const report = await audit(doctored(folder(told.author), () => {}, { reader: 'anyone' }))
    expect(found(report)[0]).toBe(`evidence.above-tier ${path}`)
    expect(report.findings[0]?.why).toContain('a folder for anyone')
  })
  test('is for nobody whom the charter does not know', async () => {
    const made = doctored(folder('green'), () => {}, { reader: 'nobody' })
    expect(found(await audit(made))).toEqual(['evidence.bad-manifest manifest.json#/reader'])
  })
})
