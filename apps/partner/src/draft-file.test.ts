import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { checkBody } from '@chancery/protocol'
import { afterAll, describe, expect, test } from 'vitest'
import { allowedValues, draftSchema, draftable, newDraft, readDraft } from './draft-file.ts'

const folder = mkdtempSync(join(tmpdir(), 'draft-'))
afterAll(() => rmSync(folder, { recursive: true }))

const read = (text: string) => {
  const path = join(folder, 'draft.json')
  writeFileSync(path, text)
  return readDraft(path)
}
const refusal = (text: string) => {
  const draft = read(text)
  return draft.ok ? 'read' : `${draft.code} ${draft.at ?? ''}`
}
const badLine = { label: 'source', handling: { tlp: 'amber', pap: 'white' }, content: {} }
const twice = (part: string, by: string) => JSON.stringify(plain).replace(part, by)
const plain = { kind: 'attribution.statement', handling: { tlp: 'green' }, exercise: false, body: {}, tear: [] }

describe('a draft', () => {
  test.each(draftable)('%s: what is written can be read, and its body passes', kind => {
    const draft = newDraft(kind, { handling: { tlp: 'green' }, exercise: true })
    expect(read(JSON.stringify({ $schema: './x', ...draft }, null, 2))).toEqual({ ok: true, value: draft })
    expect(checkBody(kind, draft.body).ok).toBe(true)
    expect(Object.keys(draftSchema(kind))).toContain('properties')
  })
  test('allowed values are shown by their place', () => {
    const reasons = 'no-evidence | no-mandate | timing | legal | policy | other'
    expect(allowedValues('callout.decline')).toEqual([`body.reason: ${reasons}`])
    expect(allowedValues('callout.decline', 'handling')).toContain('handling.pap: clear | green | amber | red')
  })
})

describe('a draft is refused', () => {
  test.each([
    ['{', 'draft.not-json'],
    [JSON.stringify({ ...plain, tlp: 'red' }), 'statement.bad-schema /tlp'],
    [JSON.stringify({ ...plain, handling: { tlp: 'white' } }), 'statement.bad-schema /handling/tlp'],
    [JSON.stringify({ ...plain, handling: { tlp: 'red', releasable_to: [] } }), 'bad-schema /handling/releasable_to'],
    [JSON.stringify({ ...plain, kind: 'attribution.rumour' }), 'statement.unknown-kind /kind'],
    [JSON.stringify({ ...plain, tear: [badLine] }), 'statement.bad-schema /tear/0/handling/pap'],
    [twice('"tlp":"green"', '"tlp":"amber","tlp":"clear"'), 'draft.name-twice /handling/tlp'],
    [twice('"tlp":"green"', '"tlp":"amber","tl\\u0070" : "clear"'), 'draft.name-twice /handling/tlp'],
    [twice('"tear":[]', '"tear":[],"tear":[]'), 'draft.name-twice /tear'],
    [twice('"tear":[]', '"tear":[{"a":"{"},{"b":[{"b":1}],"c\\":":2,"b":3}]'), 'draft.name-twice /tear/1/b'],
  ])('%s', (text, why) => expect(refusal(text)).toContain(why))
})
