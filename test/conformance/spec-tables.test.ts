import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  type KeyRecord,
  type KindName,
  Handling,
  KeyRecord as KeyShape,
  TearSlot,
  brokenLaw,
  canonical,
  checkBody,
  checkKey,
  disclosureDigest,
  kinds,
  limits,
  portablePrimitives as primitives,
  portableVerify,
  readEnvelope,
  readReceipt,
  tooOpenIn,
} from '@chancery/protocol'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { root } from '../tools/steps.ts'
import { anchorOf, failureTable, kindsTable, ruleCells } from '../tools/spec-tables.ts'

const page = (name: string): string => readFileSync(join(root, 'spec', name), 'utf8')
const { sha256 } = primitives
const bytesPage = page('02-bytes.md')
const kindsPage = page('05-kinds.md')
const overview = page('00-overview.md')

describe('the tables of the specification are those of the code', () => {
  test('every failure code, its meaning, status and clause', () => {
    expect(page('10-failures.md')).toContain(failureTable())
  })
  test('every kind, its roles, key and references', () => {
    expect(kindsPage).toContain(kindsTable())
  })
  test('every rule of sharing in its order, its actions, its answer and its words', () => {
    const rows = page('11-handling.md').split('| rule |')[1]?.split('\n\n')[0]?.split('\n').slice(2) ?? []
    const cells = rows.map(row => row.slice(2, -2).split(' | '))
    expect(cells.map(row => row.filter((_, column) => column !== 3))).toEqual(ruleCells())
  })
  test('every member of handling has its row, and the marking shown is a lawful one', () => {
    const text = page('11-handling.md')
    const rows = text.split('| member |')[1]?.split('\n\n')[0]?.split('\n').slice(2) ?? []
    expect(rows.map(row => row.match(/^\| `(\w+)`/)?.[1])).toEqual(Object.keys(Handling.shape))
    const { handling, tear } = JSON.parse(`{${fencesOf(text, 'json')[0]}}`) as { handling: unknown; tear: unknown }
    const marking = Handling.parse(handling)
    const { source } = z.object({ source: TearSlot }).parse(tear)
    expect([brokenLaw(marking), tooOpenIn(source, marking), brokenLaw(source)]).toEqual([
      undefined,
      undefined,
      undefined,
    ])
  })
  test.each(Object.entries(limits))('the limit %s is %i', (name, value) => {
    expect(bytesPage).toContain(`| \`${name}\` | ${value} |`)
  })
  test('no limit is told of that is not there', () => {
    const told = [...bytesPage.matchAll(/^\| `(\w+Max)` \|/gm)].map(found => found[1])
    expect(told).toEqual(Object.keys(limits))
  })
})

describe.each(Object.keys(kinds) as KindName[])('the section of %s', name => {
  const section =
    kindsPage
      .split(`<a id="${anchorOf(name)}"></a>`)[1]
      ?.split('\n## ')
      .slice(0, 2)
      .join('\n## ') ?? ''

  test('has the five headings in their order', () => {
    const headings = [...section.matchAll(/^### (.+)$/gm)].map(found => found[1])
    expect(headings).toEqual(['Purpose', 'Body', 'Tear lines', 'Laws', 'Example'])
  })
  test('has an example that its schema and laws accept', () => {
    const body: unknown = JSON.parse(fencesOf(section, 'json')[0] ?? '')
    expect(checkBody(name, body)).toMatchObject({ ok: true })
  })
  test('names every place at which a law of it can break', () => {
    const laws = section.split('### Laws')[1] ?? ''
    expect(kinds[name].laws.map(({ at }) => at).filter(at => !laws.includes(`\`${at}\``))).toEqual([])
  })
})

describe('the bytes that the pages show are real', () => {
  const record = KeyShape.parse(JSON.parse(fencesOf(page('03-charter.md'), 'json')[0] ?? '')) as KeyRecord
  const jws = overview.match(/^eyJ\S{2000,}$/m)?.[0] ?? ''
  const envelope = readEnvelope(jws, 'chancery-statement+sd-jwt', sha256)

  test('the key record proves its possession', () => {
    expect(checkKey(primitives, 'valdoria', record, '')).toMatchObject({ ok: true })
  })
  test('the statement of the overview is signed with that key and has the sid given', () => {
    expect(envelope).toMatchObject({ ok: true, value: { kid: record.kid } })
    if (!envelope.ok) return
    const { alg, signingInput: message, signature, sid } = envelope.value
    expect(portableVerify({ alg, jwk: record.jwk, message, signature })).toBe(true)
    expect(fencesOf(overview, '')).toContain(sid)
  })
  test('its tear lines have the digests that it commits to', () => {
    const payload = envelope.ok ? canonical(envelope.value.payload) : ''
    const firstLines = fencesOf(overview, '').map(text => text.split('\n')[0] ?? '')
    const disclosures = firstLines.filter(text => /^WyJ[\w-]+$/.test(text))
    expect(disclosures).toHaveLength(2)
    for (const disclosure of disclosures) expect(payload).toContain(disclosureDigest(sha256, disclosure))
  })
  test('its receipt is one, for index 3', () => {
    const receipt = fencesOf(overview, '').find(text => text.startsWith('c2sp.org/'))
    expect(readReceipt(`${receipt}\n`)).toMatchObject({ ok: true, value: { index: 3 } })
  })
  test('the adoption shown whole has the sid given', () => {
    const text = page('04-statements.md')
    const adoption = text.match(/^eyJ\S+~$/m)?.[0].slice(0, -1) ?? ''
    const read = readEnvelope(adoption, 'chancery-statement+sd-jwt', sha256)
    expect(text).toContain(read.ok ? `its sid, \`${read.value.sid}\`` : read.code)
  })
})

/** What stands between fences of one language. */
function fencesOf(text: string, language: string): string[] {
  const blocks = [...text.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)]
  return blocks.filter(found => found[1] === language).map(found => (found[2] ?? '').trimEnd())
}
