import { kindOf } from '@chancery/protocol'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Coalition } from './coalition.ts'

type Published = { readonly sid: string; readonly index: number }
type Shown = {
  readonly chain: { readonly id: string; readonly seq: number }
  readonly tear: readonly { readonly label: string; readonly open: boolean }[]
}
type Why = {
  readonly decision: string
  readonly rule: string
  readonly slots: readonly { readonly slot: string; readonly rule: string }[]
}

const coalition = new Coalition(['arvandia', 'belmora', 'corvane', 'dorvane'])
const all = coalition.ids.join(',')
const body = kindOf('attribution.statement').template
const said: Record<string, Published> = {}

async function publish(name: string, handling: object, tear: readonly object[] = []): Promise<Published> {
  const draft = { kind: 'attribution.statement', exercise: false, body, handling, tear }
  const published = await coalition.as<Published>('arvandia', 'publish', coalition.draft(`${name}.json`, draft))
  said[name] = published
  return published
}
const sidOf = (name: string): string => said[name]?.sid ?? ''
const shown = (id: string, name: string) => coalition.as<Shown>(id, 'show', sidOf(name))

async function why(id: string, name: string, ...question: string[]): Promise<Why & { exit: number }> {
  const ran = await coalition.run(id, 'why', sidOf(name), ...question, '--json')
  return { exit: ran.code, ...(JSON.parse(ran.out) as Why) }
}

beforeAll(async () => {
  await coalition.found({
    init: ['--person', 'Envoy at large'],
    enrol: ['--body', 'cert=Emergency team', '--constituent', 'grid=Power grid'],
    // The last --clear of a tier holds.
    assemble: ['amber', 'amber+strict', 'red']
      .flatMap(tier => ['--clear', `${tier}=${all}`])
      .concat('--community', 'banks=Banks of all'),
  })
}, 120_000)
afterAll(() => coalition.close())

describe('four members and what each may do', () => {
  test('a statement for named members reaches those, and nobody else sees its number', async () => {
    await publish('two', { tlp: 'amber', releasable_to: ['arvandia', 'belmora'], originator_consent: true, pap: 'red' })
    await publish('whole', { tlp: 'amber' })
    expect((await shown('belmora', 'two')).chain).toMatchObject({ id: expect.stringMatching(/^amber-[0-9a-f]{16}$/) })
    const stub = await coalition.run('corvane', 'show', sidOf('two'))
    expect([stub.code, stub.err]).toEqual([1, expect.stringContaining('auth.not-entitled')])
    // The chain of the whole tier has no gap for whoever is not named.
    expect((await shown('corvane', 'whole')).chain).toEqual({ id: 'amber', prev: null, seq: 0 })
  })

  test('tear lines of one tier are sealed to two audiences, and RED to the persons of each', async () => {
    const content = { text: 'words' }
    await publish('torn', { tlp: 'green', legal_use: 'deny' }, [
      { label: 'both', handling: { tlp: 'amber' }, content },
      { label: 'one', handling: { tlp: 'amber', releasable_to: ['belmora'] }, content },
      { label: 'person', handling: { tlp: 'red', releasable_to: ['corvane'] }, content },
    ])
    const open = async (id: string) =>
      (await shown(id, 'torn')).tear.filter(line => line.open).map(({ label }) => label)
    expect(await open('arvandia')).toEqual(['both', 'one', 'person'])
    expect(await open('belmora')).toEqual(['both', 'one'])
    expect(await open('corvane')).toEqual(['both', 'person'])
    expect(await open('dorvane')).toEqual(['both'])
  })

  test('a marking is said in plain words, and a tear line takes over what its author left out', async () => {
    const { out, code } = await coalition.run('dorvane', 'handling', sidOf('torn'))
    expect(code).toBe(0)
    expect(out).toContain('  TLP:GREEN: for members and registered communities')
    expect(out).toContain('  tear line person  TLP:RED')
    expect(out).toContain('    releasable to corvane, and to no other member')
    const { tear } = await coalition.as<{ tear: Record<string, object> }>('dorvane', 'handling', sidOf('torn'))
    expect(tear['both']).toMatchObject({ handling: { tlp: 'amber', legal_use: 'deny' } })
  })

  test('the deciding rule is named, the same at every node that holds the statement', async () => {
    for (const node of ['arvandia', 'belmora']) {
      expect(await why(node, 'two', 'belmora', 'see')).toMatchObject({ exit: 0, rule: 'within-reach' })
      expect(await why(node, 'two', 'belmora', 'forward')).toMatchObject({ exit: 1, rule: 'originator-consent' })
      expect(await why(node, 'two', 'belmora', 'act-openly')).toMatchObject({ exit: 1, rule: 'pap' })
      expect(await why(node, 'two', 'dorvane', 'see')).toMatchObject({ exit: 1, rule: 'not-releasable' })
    }
    expect(await why('arvandia', 'two', 'arvandia', 'publish')).toMatchObject({ exit: 0, rule: 'author' })
    expect(await why('corvane', 'whole', 'corvane/grid', 'forward')).toMatchObject({ exit: 1, rule: 'one-step' })
    expect(await why('corvane', 'whole', 'community:banks', 'see')).toMatchObject({ exit: 1, rule: 'not-cleared' })
    expect(await why('corvane', 'whole', 'anyone', 'see')).toMatchObject({ exit: 1, rule: 'stranger' })
    expect(await why('corvane', 'torn', 'community:banks', 'see')).toMatchObject({ exit: 0 })
  })

  test('a tear line is asked about by its label', async () => {
    const asked = await why('belmora', 'torn', 'corvane', 'see', '--slot', 'person')
    expect(asked).toMatchObject({ exit: 1, decision: 'allow' })
    expect(asked.slots).toEqual([
      expect.objectContaining({ slot: 'both', rule: 'within-reach' }),
      expect.objectContaining({ slot: 'one', rule: 'not-releasable' }),
      expect.objectContaining({ slot: 'person', rule: 'red-persons' }),
    ])
    const person = await why('belmora', 'torn', 'corvane/Envoy at large', 'see', '--slot', 'person')
    expect(person).toMatchObject({ exit: 0, slots: expect.arrayContaining([]) })
    const ran = await coalition.run(
      'belmora',
      'why',
      sidOf('torn'),
      'corvane/Envoy at large',
      'forward',
      '--slot',
      'person',
    )
    expect([ran.code, ran.out]).toEqual([1, expect.stringContaining('[red-nobody-else]')])
  })

  test('a reader or an action that there is not is refused', async () => {
    const nobody = await coalition.run('belmora', 'why', sidOf('torn'), 'freedonia', 'see')
    expect([nobody.code, nobody.err]).toEqual([1, expect.stringContaining('reader.unknown')])
    expect((await coalition.run('belmora', 'why', sidOf('torn'), 'corvane', 'burn')).code).toBe(2)
    expect((await coalition.run('belmora', 'why', sidOf('torn'), 'corvane', 'see', '--slot', 'x')).code).toBe(2)
  })

  test('what is marked for a stranger, or contradicts itself, is not signed', async () => {
    const refused = async (handling: object) => {
      const path = coalition.draft('bad.json', {
        kind: 'attribution.statement',
        exercise: false,
        body,
        handling,
        tear: [],
      })
      const ran = await coalition.run('arvandia', 'publish', path)
      return [ran.code, ran.err.split(':')[0]]
    }
    const at = (place: string) => [1, `refused  statement.breaks-law at /handling/${place}`]
    expect(await refused({ tlp: 'amber', releasable_to: ['freedonia'] })).toEqual(at('releasable_to'))
    expect(await refused({ tlp: 'clear', originator_consent: true })).toEqual(at('originator_consent'))
    expect(await refused({ tlp: 'green', chatham_house: true, provider_attribution: 'must' })).toEqual(
      at('chatham_house'),
    )
  })

  test('a folder for a tier has nothing that is for named members, and holds', async () => {
    const out = coalition.file('amber')
    await coalition.as('belmora', 'export', '--for', 'amber', '--out', out)
    const audited = await coalition.audit(out)
    expect(audited).toMatchObject({ ok: true, findings: [] })
    const of = (name: string) => audited.statements.find(({ sid }) => sid === sidOf(name))
    expect([of('two'), of('whole') !== undefined]).toEqual([undefined, true])
    expect(
      of('torn')
        ?.tear.filter(({ open }) => open)
        .map(({ label }) => label),
    ).toEqual(['both'])
  })

  test('what opens at a size and a moment that have passed is in a folder for anyone', async () => {
    const past = { at: '2020-01-01T00:00:00Z', size: 1 }
    await publish('opened', { tlp: 'amber', declassify_on: past })
    await publish('later', { tlp: 'amber', declassify_on: { at: '2999-01-01T00:00:00Z', size: 1 } })
    expect(await why('dorvane', 'opened', 'anyone', 'publish')).toMatchObject({ exit: 0, rule: 'public' })
    expect(await why('dorvane', 'later', 'anyone', 'see')).toMatchObject({ exit: 1, rule: 'stranger' })
    const out = coalition.file('clear')
    await coalition.as('dorvane', 'export', '--for', 'clear', '--out', out)
    const audited = await coalition.audit(out)
    expect(audited).toMatchObject({ ok: true, findings: [] })
    const sids = audited.statements.map(({ sid }) => sid)
    expect([sids.includes(sidOf('opened')), sids.includes(sidOf('later'))]).toEqual([true, false])
  })

  test('the charter shows the readers that its members answer for', async () => {
    const { out } = await coalition.run('corvane', 'charter', 'show')
    for (const name of ['corvane/cert', 'belmora/grid', 'community:banks', 'dorvane/Envoy at large'])
      expect(out).toContain(name)
  })
})
