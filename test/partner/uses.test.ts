import { kindOf } from '@chancery/protocol'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Coalition } from './coalition.ts'

type Published = { readonly sid: string }

const coalition = new Coalition(['arvandia', 'belmora', 'corvane'])
const body = kindOf('attribution.statement').template
const content = { text: 'The source sits in the third bureau of the service.' }
const until = ['--until', '2099-01-01T00:00:00Z']
let sid = ''

const grant = async (sidOf: string, to: string, ...more: string[]) => {
  const args = ['--member', 'belmora', '--to', to, '--purpose', 'As was agreed.', ...until, ...more]
  return (await coalition.as<Published>('arvandia', 'grant', sidOf, ...args)).sid
}
const said = async (name: string) => {
  const tear = ['detail', 'source'].map(label => ({ label, handling: { tlp: 'amber' }, content }))
  const handling = { tlp: 'green', originator_consent: true, legal_use: 'ask' }
  const draft = { kind: 'attribution.statement', exercise: false, body, handling, tear }
  return (await coalition.as<Published>('arvandia', 'publish', coalition.draft(name, draft))).sid
}
const use = (...args: string[]) => coalition.run('belmora', 'use', ...args, '--purpose', 'Filed at the court.')

beforeAll(async () => {
  await coalition.found()
  sid = await said('said.json')
}, 120_000)
afterAll(() => coalition.close())

describe('a grant of what is not handing on', () => {
  test('is used once, in one action, by the member that has it, and the audit shows it', async () => {
    const given = await grant(sid, 'belmora', '--action', 'act-openly', '--action', 'use-in-court')
    expect((await use(given)).err).toContain('--action is one of act-openly, use-in-court')
    expect((await use(given, '--action', 'name-source')).err).toContain('it grants act-openly, use-in-court')
    const theirs = await coalition.run('corvane', 'use', given, '--action', 'use-in-court', '--purpose', 'Ours.')
    expect(theirs.code).toBe(1)
    await coalition.as('belmora', 'use', given, '--action', 'use-in-court', '--purpose', 'Filed at the court.')
    expect(await use(given, '--action', 'use-in-court')).toMatchObject({
      code: 1,
      err: expect.stringContaining('it has been used'),
    })
    const out = coalition.file('own')
    await coalition.as('arvandia', 'export', '--for', 'arvandia', '--own', '--out', out)
    const { ok, release } = await coalition.audit(out)
    const uses = [{ action: 'use-in-court', purpose: 'Filed at the court.' }]
    expect([ok, release.grants]).toMatchObject([true, [{ sid: given, is: 'used-up', uses }]])
  })

  test('is used until its end where it is not for once', async () => {
    const given = await grant(sid, 'corvane', '--action', 'name-source', '--uses', 'until')
    for (const purpose of ['In a speech.', 'In an interview.'])
      await coalition.as('belmora', 'use', given, '--purpose', purpose)
    await coalition.as('arvandia', 'deny', given, '--reason', 'It was too much.')
    expect((await use(given)).err).toContain('it was revoked')
  })

  test('while the relay is away is signed once, and judged again before it is sent', async () => {
    const court = ['--action', 'use-in-court', '--uses']
    const [once, lasting] = [
      await grant(sid, 'corvane', ...court, 'once'),
      await grant(sid, 'corvane', ...court, 'until'),
    ]
    await coalition.run('belmora', 'board')
    await coalition.stopRelay()
    for (const given of [once, lasting]) {
      const { code, err } = await use(given)
      // That the relay is away is said once, however often the command asks for it.
      expect([code, err.match(/going on with/g)]).toEqual([3, ['going on with']])
    }
    expect(await use(once)).toMatchObject({ code: 1, err: expect.stringContaining('a use of it waits in the outbox') })
    await coalition.startRelay()
    await coalition.as('arvandia', 'deny', lasting, '--reason', 'It leaked.')
    const sent = await coalition.run('belmora', 'publish', '--outbox')
    expect(sent.code).toBe(1)
    expect(sent.out).toContain('logged statement')
    expect(sent.err).toMatch(/release.no-grant at \S+: .*it was revoked/)
    const [, waits = ''] = /--discard (\S+)`/.exec(sent.err) ?? []
    await coalition.as('belmora', 'publish', '--discard', waits)
    const out = coalition.file('own-2')
    await coalition.as('arvandia', 'export', '--for', 'arvandia', '--own', '--out', out)
    const { ok, release } = await coalition.audit(out)
    expect([ok, release.grants.find(row => row.sid === once)?.uses.length]).toEqual([true, 1])
    expect(release.grants.find(row => row.sid === lasting)?.uses).toEqual([])
  })

  test('what is handed on is handed on by forward', async () => {
    const given = await grant(sid, 'corvane', '--action', 'forward', '--slot', 'source')
    const { code, err } = await use(given)
    expect([code, err]).toEqual([2, expect.stringContaining(`chancery forward ${sid} --to corvane --slot source`)])
  })
})

describe('a grant to publish', () => {
  test('lets out what it is for in a folder for anyone, once its use is on the log', async () => {
    const before = coalition.file('early')
    await coalition.as('belmora', 'export', '--for', 'anyone', '--out', before)
    expect((await coalition.audit(before)).statements.some(row => row.sid === sid)).toBe(false)
    const terms = ['--member', 'belmora', '--to', 'anyone', '--action', 'publish', '--slot', 'source', ...until]
    const made = await coalition.run('arvandia', 'grant', sid, ...terms, '--purpose', 'As was agreed.', '--json')
    const { sid: given } = JSON.parse(made.out) as Published
    // A grant that its recipient can check is one that everybody reads.
    expect(made.err).toContain('this release.grant is TLP:CLEAR: anyone may read it at once')
    expect(made.err).toContain('the words "As was agreed."; the label source; whose statement it is about')
    const out = coalition.file('anyone')
    await coalition.run('belmora', 'board')
    const offline = await coalition.run('belmora', 'export', '--for', 'anyone', '--out', out, '--offline')
    expect([offline.code, offline.err]).toEqual([1, expect.stringContaining(`chancery use ${given} --action publish`)])
    const { out: words } = await coalition.run('belmora', 'export', '--for', 'anyone', '--out', out)
    expect(words).toContain(`used the grant ${given}`)
    const { ok, statements, release } = await coalition.audit(out)
    const tear = statements.find(row => row.sid === sid)?.tear.map(({ label, open }) => [label, open])
    expect([ok, tear]).toEqual([
      true,
      [
        ['detail', false],
        ['source', true],
      ],
    ])
    expect(release.grants).toMatchObject([{ sid: given, is: 'used-up', uses: [{ action: 'publish' }] }])
    // What is public stays so: the same folder again uses nothing.
    const again = await coalition.run('belmora', 'export', '--for', 'anyone', '--out', coalition.file('again'))
    expect([again.code, again.out]).toEqual([0, expect.not.stringContaining('used the grant')])
  })
})
