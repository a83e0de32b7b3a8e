import { kindOf } from '@chancery/protocol'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Coalition } from './coalition.ts'

type Logged = { readonly sid: string; readonly index: number; readonly kid: string }
type Board = {
  readonly attributions: readonly { readonly sid: string; readonly standing: string | null }[]
  readonly callouts: readonly {
    readonly phase: string
    readonly signatories: readonly { readonly member: string }[]
    readonly excluded: readonly { readonly member: string; readonly why: string }[]
    readonly disputed: readonly { readonly sid: string; readonly is: string }[]
  }[]
}

const coalition = new Coalition(['arvandia', 'belmora', 'corvane'])
const body = kindOf('attribution.statement').template
const publish = (id: string, name: string, draft: object): Promise<Logged> =>
  coalition.as(id, 'publish', coalition.draft(name, draft))
const open = { exercise: false, handling: { tlp: 'green' }, tear: [] }
const boardOf = (id: string) => coalition.as<Board>(id, 'board')
const keyOf = async (id: string, sid: string) => (await coalition.as<{ kid: string }>(id, 'show', sid)).kid

let text: Logged
let joined: Logged
let said: Logged

beforeAll(async () => {
  await coalition.found()
  const attribution = await publish('arvandia', 'a.json', { kind: 'attribution.statement', body, ...open })
  const proposal = await publish('arvandia', 'p.json', {
    kind: 'callout.propose',
    body: {
      ...(kindOf('callout.propose').template as object),
      attributions: [attribution.sid],
      pen_holder: 'arvandia',
      invitees: ['belmora', 'corvane'],
      deputies: [],
      respond_by: '2020-01-01T00:00:00Z',
    },
    ...open,
  })
  text = await publish('arvandia', 't.json', {
    kind: 'callout.text',
    body: {
      proposal: proposal.sid,
      texts: [{ lang: 'en', title: 'On the case', text: 'We name the organ.' }],
      claims: [{ id: 'c1', attribution: attribution.sid, claim: 'c1' }],
      deadline: { size: 8, at: '2020-01-01T00:00:00Z' },
      lapse: { size: 500 },
    },
    ...open,
  })
  joined = await coalition.as('belmora', 'join', text.sid, '--stance', 'supports', '--level', 'mfa')
  await coalition.as('corvane', 'join', text.sid, '--stance', 'supports', '--level', 'mfa', '--if', 'belmora')
  said = await publish('belmora', 's.json', { kind: 'attribution.statement', body, ...open })
}, 180_000)
afterAll(() => coalition.close())

describe('what a compromised key has signed', () => {
  test('counts until its member says that the key was compromised, and then no more', async () => {
    const before = (await boardOf('arvandia')).callouts[0]
    expect(before?.signatories.map(({ member }) => member)).toEqual(['belmora', 'corvane'])
    const kid = await keyOf('belmora', joined.sid)
    await coalition.as('belmora', 'key', 'add', 'sign')
    const since = ['--compromised-since', String(joined.index)]
    await coalition.as('belmora', 'key', 'revoke', kid, '--reason', 'Found on another machine.', ...since)
    const { callouts, attributions } = await boardOf('arvandia')
    expect(callouts[0]?.signatories).toEqual([])
    expect(callouts[0]?.excluded.map(({ member, why }) => [member, why])).toEqual([
      ['belmora', 'disputed'],
      ['corvane', 'condition-unmet'],
    ])
    expect(callouts[0]?.disputed.map(({ sid, is }) => [sid, is])).toEqual([[joined.sid, 'disputed']])
    expect(attributions.map(({ standing }) => standing)).toEqual([null, 'disputed'])
    expect(await coalition.as('corvane', 'show', said.sid)).toMatchObject({ standing: 'disputed' })
    const shown = await coalition.run('corvane', 'board')
    expect(shown.out).toContain('DISPUTED, and does not count until its author says it again')
  })

  test('is said again by its author alone', async () => {
    const ran = await coalition.run('corvane', 'reaffirm', said.sid)
    expect([ran.code, ran.err]).toEqual([1, expect.stringContaining('statement.not-issuer')])
  })

  test('counts again once it is, and the folder says so', async () => {
    await coalition.as('belmora', 'reaffirm', joined.sid, said.sid)
    const { callouts, attributions } = await boardOf('arvandia')
    expect(callouts[0]?.signatories.map(({ member }) => member)).toEqual(['belmora', 'corvane'])
    expect(callouts[0]?.disputed.map(({ is }) => is)).toEqual(['reaffirmed'])
    expect(attributions.map(({ standing }) => standing)).toEqual([null, 'reaffirmed'])
    await coalition.as('arvandia', 'release', text.sid)
    const folder = coalition.file('evidence')
    await coalition.as('arvandia', 'export', '--for', 'arvandia', '--out', folder, '--own')
    const report = await coalition.audit(folder)
    expect(report).toMatchObject({ ok: true, findings: [] })
    const standings = report.statements.flatMap(({ sid, standing }) =>
      standing === undefined ? [] : [[sid, standing]],
    )
    expect(standings).toEqual([
      [joined.sid, 'reaffirmed'],
      [said.sid, 'reaffirmed'],
    ])
    expect(report.callouts[0]).toMatchObject({ phase: 'released', disputed: { [joined.sid]: 'reaffirmed' } })
  })
})
