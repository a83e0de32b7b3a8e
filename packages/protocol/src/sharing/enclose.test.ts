import { describe, expect, test } from 'vitest'
import { type Copy, mayEnclose } from './enclose.ts'

const copy = (sid: string, iss: string, ...labels: string[]): Copy => ({
  sid,
  iss,
  kind: 'attribution.statement',
  body: {},
  lines: labels.map(label => ({ label })),
})
const by = (kind: string, iss: string, body: object): Copy => ({ sid: 'e', iss, kind, body, lines: [] })
const none = () => undefined

describe('a copy travels', () => {
  test('with its opening, by its own author and with the tear lines that are opened', () => {
    const open = by('tearline.open', 'a', { sid: 's', slots: ['x'], to: 'green' })
    const may = (each: Copy) => mayEnclose(open, each, none)
    expect([copy('s', 'a', 'x'), copy('s', 'a')].map(may)).toEqual([true, true])
    expect([copy('s', 'a', 'x', 'y'), copy('t', 'a', 'x'), copy('s', 'b', 'x')].map(may)).toEqual([false, false, false])
  })
  test('with an opening of the statement without any tear line', () => {
    const open = by('tearline.open', 'a', { sid: 's', to: 'green' })
    expect([copy('s', 'a'), copy('s', 'a', 'x')].map(each => mayEnclose(open, each, none))).toEqual([true, false])
  })
  test('hostile case 42: once more, whoever holds it, with the tear lines named and no other', () => {
    const resend = by('resend', 'b', { sid: 's', slots: ['x'], to: 'c' })
    const may = (each: Copy) => mayEnclose(resend, each, none)
    expect([copy('s', 'a', 'x'), copy('s', 'a', 'y'), copy('t', 'a')].map(may)).toEqual([true, false, false])
  })
  test('with the use of a grant, as far as that goes', () => {
    const find = (sid: string) => (sid === 'g' ? { body: { sid: 's', slots: ['x'] } } : undefined)
    const use = (action: string, grant = 'g') => by('release.use', 'b', { action, grant })
    expect(mayEnclose(use('forward'), copy('s', 'a', 'x'), find)).toBe(true)
    expect(mayEnclose(use('forward'), copy('s', 'a', 'y'), find)).toBe(false)
    expect(mayEnclose(use('forward'), copy('t', 'a'), find)).toBe(false)
    expect(mayEnclose(use('use-in-court'), copy('s', 'a', 'x'), find)).toBe(false)
    expect(mayEnclose(use('forward', 'h'), copy('s', 'a', 'x'), find)).toBe(false)
  })
  test('with nothing else', () => {
    expect(mayEnclose(by('receipt', 'b', { sid: 's' }), copy('s', 'b'), none)).toBe(false)
  })
})
