import { describe, expect, test } from 'vitest'
import { readStix } from './stix.ts'

const uuid = '11111111-1111-4111-8111-111111111111'
const group = { type: 'intrusion-set', id: `intrusion-set--${uuid}`, spec_version: '2.1', name: 'SLATE HERON' }
const bundle = (changes: object = {}) =>
  JSON.stringify({ type: 'bundle', id: `bundle--${uuid}`, objects: [group], ...changes })
const refusal = (text: string) => {
  const read = readStix(text)
  return read.ok ? 'read' : `${read.code} ${read.at}`
}

describe('a STIX bundle', () => {
  test('is counted by type and named by its authors', () => {
    const address = { type: 'ipv4-addr', id: `ipv4-addr--${uuid}`, value: '192.0.2.1' }
    expect(readStix(bundle({ objects: [group, address, group] }))).toEqual({
      ok: true,
      value: {
        id: `bundle--${uuid}`,
        objects: 3,
        title: 'SLATE HERON',
        types: [
          { type: 'intrusion-set', count: 2 },
          { type: 'ipv4-addr', count: 1 },
        ],
      },
    })
  })
  test.each([
    ['{', 'stix.malformed '],
    ['[]', 'stix.malformed '],
    [bundle({ type: 'report' }), 'stix.malformed /type'],
    [bundle({ id: 'bundle--1' }), 'stix.malformed /id'],
    [bundle({ spec_version: '2.0' }), 'stix.malformed /spec_version'],
    [bundle({ objects: {} }), 'stix.malformed /objects'],
    [bundle({ objects: [group, 7] }), 'stix.malformed /objects/1'],
    [bundle({ objects: [{ ...group, id: `malware--${uuid}` }] }), 'stix.malformed /objects/0/id'],
    [bundle({ objects: [{ ...group, type: 'X' }] }), 'stix.malformed /objects/0/type'],
    [bundle({ objects: [{ ...group, spec_version: '2.0' }] }), 'stix.malformed /objects/0/spec_version'],
  ])('malformed, says what is wrong: %s', (text, why) => expect(refusal(text)).toBe(why))
})
