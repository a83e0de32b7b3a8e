import { describe, expect, test } from 'vitest'
import { canonicalBytes, readCanonical } from '../../wire/canonical.ts'
import type { Json } from '../../wire/canonical.ts'
import { checkBody, refsOf } from '../draft.ts'
import type { KindName } from '../kind.ts'
import { isKind, kindOf, kinds } from '../kinds.ts'

const names = Object.keys(kinds) as KindName[]

describe.each(names)('the kind %s', name => {
  const { template, refs, laws, issuers, title } = kindOf(name)

  test('has a template that passes its own shape and laws', () => {
    expect(checkBody(name, template)).toMatchObject({ ok: true, value: { body: template } })
  })

  test('has a template that can be signed and read', () => {
    expect(readCanonical(canonicalBytes(template as Json), '').ok).toBe(true)
  })

  test('refuses a member that it does not know', () => {
    expect(checkBody(name, { ...(template as object), zzz: 1 })).toMatchObject({
      ok: false,
      code: 'statement.bad-schema',
    })
    expect(checkBody(name, JSON.parse(`{"__proto__":{},${JSON.stringify(template).slice(1)}`))).toMatchObject({
      ok: false,
    })
  })

  test('names what it refers to at a place of its body, sorted and once each', () => {
    for (const { at, sid, kind } of refs(template)) {
      const found = at
        .split('/')
        .slice(1)
        .reduce<unknown>((value, part) => (value as Record<string, unknown>)[part], template)
      expect(found).toBe(sid)
      expect([...names, null]).toContain(kind)
    }
    const sids = refsOf(name, template)
    expect(sids).toEqual([...new Set(sids)].sort())
  })

  test('says who issues it, and what each law demands', () => {
    expect(title).not.toBe('')
    expect(issuers.length).toBeGreaterThan(0)
    for (const { at, says } of laws) expect([at.startsWith('/'), says === '']).toEqual([true, false])
  })
})

test.each(['', 'constructor', 'toString', '__proto__', 'charter', 'Charter.adopt'])('"%s" is no kind', name => {
  expect(isKind(name)).toBe(false)
})
