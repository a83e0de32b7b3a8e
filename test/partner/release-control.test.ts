import { existsSync, readFileSync } from 'node:fs'
import { kindOf } from '@chancery/protocol'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Coalition } from './coalition.ts'

type Published = { readonly sid: string; readonly index: number }
type Shown = {
  readonly tear: readonly { readonly label: string; readonly open: boolean; readonly content?: unknown }[]
}
type Receipts = {
  readonly receipts: readonly { readonly sid: string; readonly member: string; readonly state: string }[]
}

/** Corvane is cleared for green alone; the two others for amber. */
const coalition = new Coalition(['arvandia', 'belmora', 'corvane'])
const body = kindOf('attribution.statement').template
const content = { text: 'The source sits in the third bureau of the service.' }
const until = '2099-01-01T00:00:00Z'
const purpose = ['--purpose', 'To warn its operators.', '--until', until]
const slot = ['--slot', 'source']
let source: Published
let request: Published

const shown = (id: string, sid = source.sid) => coalition.as<Shown>(id, 'show', sid)
const openTo = async (id: string, sid?: string) =>
  (await shown(id, sid)).tear.filter(line => line.open).map(({ label }) => label)
async function refusal(id: string, ...args: string[]): Promise<[number, string]> {
  const { code, err } = await coalition.run(id, ...args)
  return [code, err]
}

beforeAll(async () => {
  await coalition.found({ enrol: ['--constituent', 'grid=Power grid'] })
  const handling = { tlp: 'green', originator_consent: true }
  const tear = [{ label: 'source', handling: { tlp: 'amber', pap: 'red' }, content }]
  const draft = { kind: 'attribution.statement', exercise: false, body, handling, tear }
  source = await coalition.as<Published>('arvandia', 'publish', coalition.draft('source.json', draft))
}, 120_000)
afterAll(() => coalition.close())

describe('what goes to others goes by its originator’s word', () => {
  test('without a grant nothing is handed on, and the refusal says how to ask for the one missing', async () => {
    const out = coalition.file('grid-early.jws')
    const [code, err] = await refusal('belmora', 'forward', source.sid, '--to', 'belmora/grid', ...slot, '--out', out)
    expect(code).toBe(1)
    expect(err).toContain('release.no-grant')
    expect(err).toContain(`ask arvandia: chancery request-release ${source.sid} --to belmora/grid --slot source`)
    expect(existsSync(out)).toBe(false)
  })

  test('nor exported for others, and for oneself it is', async () => {
    const out = coalition.file('folder')
    const [code, err] = await refusal('belmora', 'export', '--for', 'amber', '--out', out)
    expect([code, existsSync(out)]).toEqual([1, false])
    expect(err).toContain(`release.no-grant at ${source.sid}`)
    await coalition.as('belmora', 'export', '--for', 'amber', '--out', out, '--own')
    expect(await coalition.audit(out)).toMatchObject({ ok: true })
    await coalition.as('arvandia', 'export', '--for', 'amber', '--out', coalition.file('folder-author'))
  })

  test('it is asked for; only the originator answers; a denial, a condition and a grant are told apart', async () => {
    const ask = (...more: string[]) =>
      coalition.as<Published>(
        'belmora',
        'request-release',
        source.sid,
        '--to',
        'belmora/grid',
        '--action',
        'forward',
        ...slot,
        ...purpose,
        ...more,
      )
    const first = await ask()
    expect((await refusal('corvane', 'deny', first.sid, '--reason', 'No.'))[0]).toBe(1)
    await coalition.as('arvandia', 'deny', first.sid, '--reason', 'Not with the names.')
    const second = await ask()
    const condition = await coalition.as<Published>(
      'arvandia',
      'deny',
      second.sid,
      '--demands',
      'sanitise',
      '--reason',
      'Without the bureau.',
    )
    request = await ask('--accepts', condition.sid)
    expect((await refusal('belmora', 'grant', request.sid))[1]).toContain('only its originator grants')
    await coalition.as('arvandia', 'grant', request.sid)
  })

  test('hostile case 31: nobody grants what another wrote', async () => {
    const unasked = ['--member', 'corvane', '--to', 'corvane', '--action', 'forward', ...purpose]
    expect(await refusal('belmora', 'grant', source.sid, ...unasked)).toEqual([
      1,
      expect.stringContaining('only arvandia grants what it wrote'),
    ])
  })

  test('a grant in force decides, for that recipient and no other', async () => {
    const why = (to: string) =>
      coalition.run('belmora', 'why', source.sid, 'belmora', 'forward', '--slot', 'source', '--to', to)
    expect((await why('belmora/grid')).out).toContain('[granted]')
    expect((await why('corvane')).code).toBe(1)
  })

  test('its use is logged, the file has what was granted, and a grant for once is used once', async () => {
    const out = coalition.file('grid.jws')
    const used = await coalition.as<{ kind: string; forwarded: string }>(
      'belmora',
      'forward',
      source.sid,
      '--to',
      'belmora/grid',
      ...slot,
      '--out',
      out,
    )
    expect(used).toMatchObject({ kind: 'release.use', forwarded: source.sid })
    expect(readFileSync(out, 'utf8').trimEnd().split('~')).toHaveLength(3)
    const again = ['forward', source.sid, '--to', 'belmora/grid', ...slot, '--out', coalition.file('grid-2.jws')]
    expect(await refusal('belmora', ...again)).toEqual([1, expect.stringContaining('release.no-grant')])
    expect(existsSync(coalition.file('grid-2.jws'))).toBe(false)
  })

  test('a grant that is revoked lets nothing more out', async () => {
    const given = await coalition.as<Published>(
      'arvandia',
      'grant',
      source.sid,
      '--member',
      'belmora',
      '--to',
      'corvane',
      '--action',
      'forward',
      ...slot,
      ...purpose,
      '--uses',
      'until',
    )
    await coalition.as('arvandia', 'deny', given.sid, '--reason', 'It leaked.')
    expect((await refusal('belmora', 'forward', source.sid, '--to', 'corvane', ...slot))[1]).toContain('no-grant')
    expect(await openTo('corvane')).toEqual([])
  })

  test('hostile case 41: a copy that is handed on is the author’s own words, whoever hands it on', async () => {
    await coalition.as(
      'arvandia',
      'grant',
      source.sid,
      '--member',
      'belmora',
      '--to',
      'corvane',
      '--action',
      'forward',
      ...slot,
      ...purpose,
    )
    await coalition.as('belmora', 'forward', source.sid, '--to', 'corvane', ...slot)
    const [line] = (await shown('corvane')).tear
    expect(line).toMatchObject({ label: 'source', open: true, content })
  })

  test('a folder for one reader has what was handed to it within a grant, and no more', async () => {
    const openIn = async (out: string) => {
      const { ok, statements } = await coalition.audit(out)
      return [ok, statements.find(({ sid }) => sid === source.sid)?.tear.map(({ open }) => open)]
    }
    const [handed, grid] = [coalition.file('for-corvane'), coalition.file('for-grid')]
    await coalition.as('belmora', 'export', '--for', 'corvane', '--out', handed)
    expect(await openIn(handed)).toEqual([true, [true]])
    await coalition.as('belmora', 'export', '--for', 'belmora/grid', '--out', grid)
    expect(await openIn(grid)).toEqual([true, [true]])
    // Corvane may read it, and nobody has let it hand it on.
    const [code, err] = await refusal('corvane', 'export', '--for', 'belmora', '--out', coalition.file('onward'))
    expect([code, err]).toEqual([1, expect.stringContaining(`request-release ${source.sid} --to belmora`)])
    expect((await refusal('belmora', 'export', '--for', 'nobody', '--out', coalition.file('x')))[1]).toContain(
      'reader.unknown at nobody',
    )
  })
})

describe('no other way out of a home', () => {
  const grant = (sid: string, slots: readonly string[], ...more: string[]) =>
    coalition.as<Published>(
      'arvandia',
      'grant',
      sid,
      '--member',
      'belmora',
      '--to',
      'corvane',
      '--action',
      'forward',
      ...slots.flatMap(label => ['--slot', label]),
      ...purpose,
      ...more,
    )
  const torn = async (name: string) => {
    const tear = [
      ...['detail', 'source'].map(label => ({ label, handling: { tlp: 'amber' }, content })),
      { label: 'method', handling: { tlp: 'green' }, content },
    ]
    const draft = { kind: 'attribution.statement', exercise: false, body, handling: { tlp: 'clear' }, tear }
    return coalition.as<Published>('arvandia', 'publish', coalition.draft(name, draft))
  }
  const between = { tlp: 'green', releasable_to: ['belmora', 'corvane'] }
  const resend = (sid: string, slots: readonly string[], handling: object = between) =>
    coalition.draft(`resend-${sid}-${slots.join('-')}.json`, {
      kind: 'resend',
      exercise: false,
      body: { sid, slots, to: 'corvane' },
      handling,
      tear: [],
    })
  let sid: string

  test('copies sent once more bring nothing that only a grant lets out, before and after it is given', async () => {
    sid = (await torn('torn.json')).sid
    const early = await refusal('belmora', 'publish', resend(sid, ['source']))
    expect(early).toEqual([1, expect.stringContaining('corvane could read it, tear line source: more restricted')])
    await grant(sid, ['detail', 'source'])
    await coalition.as('belmora', 'receipts', '--resend', sid, '--to', 'corvane')
    expect(await openTo('corvane', sid)).toEqual(['method'])
    expect((await refusal('belmora', 'publish', resend(sid, ['detail', 'source'])))[1]).toContain('release.no-grant')
    expect(await openTo('corvane', sid)).toEqual(['method'])
    // To all members is to corvane too, whatever the body says.
    expect((await refusal('belmora', 'publish', resend(sid, ['source'], { tlp: 'green' })))[1]).toContain('corvane')
    expect((await refusal('belmora', 'publish', resend(sid, ['method'], { tlp: 'clear' })))[1]).toContain('anyone')
    await coalition.as('belmora', 'publish', resend(sid, ['method']))
  })

  test('what the marking lets by itself uses up no grant', async () => {
    await coalition.as('belmora', 'forward', sid, '--to', 'corvane', '--slot', 'method')
    await coalition.as('belmora', 'forward', sid, '--to', 'corvane')
    expect(await openTo('corvane', sid)).toEqual(['method'])
    const { out } = await coalition.run('belmora', 'why', sid, 'belmora', 'forward', ...slot, '--to', 'corvane')
    expect(out).toContain('tear line source (TLP:AMBER): the originator has granted this reader exactly this')
  })

  test('the use of a grant brings all of it, so all of it is named', async () => {
    const some = await refusal('belmora', 'forward', sid, '--to', 'corvane', ...slot)
    expect(some).toEqual([2, expect.stringContaining('name them, --slot detail --slot source')])
    expect(await openTo('corvane', sid)).toEqual(['method'])
    await grant(sid, ['source'])
    await coalition.as('belmora', 'forward', sid, '--to', 'corvane', ...slot)
    expect(await openTo('corvane', sid)).toEqual(['method', 'source'])
  })

  test('what was handed within a grant is sent once more, and a grant that is over is not used again', async () => {
    await coalition.as('belmora', 'publish', resend(sid, ['source']))
    const other = (await torn('torn-2.json')).sid
    const { sid: given } = await grant(other, ['source'])
    await coalition.as('arvandia', 'deny', given, '--reason', 'It leaked.')
    const use = { action: 'forward', grant: given, purpose: 'All the same.' }
    const handling = { tlp: 'green', releasable_to: ['arvandia', 'belmora', 'corvane'] }
    const file = coalition.draft('use.json', { kind: 'release.use', exercise: false, body: use, handling, tear: [] })
    const late = await refusal('belmora', 'publish', file)
    expect(late).toEqual([1, expect.stringContaining('it was revoked')])
    expect(await openTo('corvane', other)).toEqual(['method'])
  })

  test('TLP:AMBER goes by its marking to one’s own constituents and, without a grant, to nobody else’s', async () => {
    const draft = { kind: 'attribution.statement', exercise: false, body, handling: { tlp: 'amber' }, tear: [] }
    const amber = await coalition.as<Published>('arvandia', 'publish', coalition.draft('grids.json', draft))
    const to = (reader: string) => {
      const out = coalition.file(`${reader.replace('/', '-')}.jws`)
      return refusal('belmora', 'forward', amber.sid, '--to', reader, '--out', out)
    }
    expect(await to('arvandia/grid')).toEqual([1, expect.stringContaining("to nobody of another's")])
    expect(existsSync(coalition.file('arvandia-grid.jws'))).toBe(false)
    expect(await to('belmora/grid')).toEqual([0, ''])
    const why = await coalition.run('belmora', 'why', amber.sid, 'belmora', 'forward', '--to', 'arvandia/grid')
    expect([why.code, why.out]).toEqual([1, expect.stringContaining('[others-organisation]')])
    const out = coalition.file('others')
    expect((await refusal('belmora', 'export', '--for', 'arvandia/grid', '--out', out))[1]).toContain(
      'release.no-grant',
    )
    const given = ['--member', 'belmora', '--to', 'arvandia/grid', '--action', 'forward', ...purpose]
    await coalition.as('arvandia', 'grant', amber.sid, ...given)
    expect(await to('arvandia/grid')).toEqual([0, ''])
  })

  test('what is asked or granted wrongly is refused, and nothing is signed', async () => {
    const past = ['--purpose', 'Late.', '--until', '2020-01-01T00:00:00Z', '--action', 'forward', '--to', 'corvane']
    expect(await refusal('belmora', 'request-release', sid, ...past)).toEqual([2, expect.stringContaining('--until')])
    expect((await refusal('arvandia', 'grant', sid, ...past, '--member', 'belmora'))[1]).toContain('has passed')
    const nobody = ['--to', 'corvane', '--action', 'forward', ...purpose, '--member', 'belmra']
    expect((await refusal('arvandia', 'grant', sid, ...nobody))[1]).toContain('reader.unknown at belmra')
    const ask = ['request-release', sid, '--to', 'corvane', '--action', 'forward', ...slot, ...purpose]
    const asked = await coalition.as<Published>('belmora', ...ask)
    // A request is granted as it is: what would narrow it is not passed over.
    for (const narrower of [slot, ['--action', 'forward']])
      expect((await refusal('arvandia', 'grant', asked.sid, ...narrower))[0]).toBe(2)
    // A denial after a grant takes nothing back, and whoever denies is told.
    const { sid: given } = await coalition.as<Published>('arvandia', 'grant', asked.sid)
    const denied = await refusal('arvandia', 'deny', asked.sid, '--reason', 'No more.')
    expect(denied).toEqual([0, expect.stringContaining(`chancery deny ${given} --reason TEXT`)])
    await coalition.as('arvandia', 'deny', given, '--reason', 'It leaked.')
    const again = await refusal('arvandia', 'deny', given, '--reason', 'It leaked.')
    expect(again).toEqual([1, expect.stringContaining('it has been revoked already')])
    expect(await refusal('arvandia', 'deny', asked.sid, '--reason', ' ')).toEqual([
      2,
      expect.stringContaining('--reason is blank'),
    ])
    expect((await refusal('arvandia', 'deny', '--reason', 'x'))[1]).toContain('REQUEST is missing')
    expect((await refusal('belmora', 'why', sid, 'belmora', 'forward', '--to', 'corvne'))[1]).toContain('corvne')
    expect((await refusal('arvandia', 'receipts', '--to', 'belmora'))[1]).toContain('--to goes with --resend')
    const empty = { kind: 'resend', exercise: false, body: {}, handling: between, tear: [] }
    const unread = await refusal('belmora', 'publish', coalition.draft('empty.json', empty))
    expect(unread).toEqual([1, expect.stringContaining('statement.bad-schema at /body/sid')])
  })
})

describe('opening', () => {
  test('hostile case 32: by its author alone, and the text was held since the old signature', async () => {
    const handling = { tlp: 'green' }
    const tear = ['detail', 'source'].map(label => ({ label, handling: { tlp: 'amber' }, content }))
    const draft = { kind: 'attribution.statement', exercise: false, body, handling, tear }
    const { sid, index } = await coalition.as<Published>('arvandia', 'publish', coalition.draft('old.json', draft))
    expect(await openTo('corvane', sid)).toEqual([])
    expect((await refusal('belmora', 'open', sid, ...slot, '--to', 'green'))[1]).toContain('only arvandia opens')
    expect((await refusal('arvandia', 'open', sid, ...slot, '--to', 'clear'))[1]).toContain('open the statement first')
    expect((await refusal('arvandia', 'open', sid, ...slot, '--to', 'amber'))[1]).toContain('TLP:AMBER already')
    const narrower = await refusal('arvandia', 'open', sid, ...slot, '--to', 'amber+strict')
    expect(narrower[1]).toContain('it is TLP:AMBER, and TLP:AMBER+STRICT is narrower')
    expect((await refusal('arvandia', 'open', sid, '--to', 'red'))[1]).toContain('nothing opens to red')
    await coalition.as('arvandia', 'open', sid, ...slot, '--to', 'green')
    expect(await openTo('corvane', sid)).toEqual(['source'])
    expect(await coalition.as('corvane', 'show', sid)).toMatchObject({ index })
    const { code } = await coalition.run('corvane', 'why', sid, 'corvane', 'see', '--slot', 'source')
    expect(code).toBe(0)
    // Hostile case 27: two slots are two labels for everyone, and opening one shows that there is another.
    const labels = (await shown('corvane', sid)).tear.map(({ label, open }) => [label, open])
    expect(labels).toEqual([
      ['detail', false],
      ['source', true],
    ])
  })

  test('a whole statement is opened to the public and is read by those to whom it was sealed from', async () => {
    const draft = { kind: 'attribution.statement', exercise: false, body, handling: { tlp: 'amber' }, tear: [] }
    const { sid } = await coalition.as<Published>('arvandia', 'publish', coalition.draft('whole.json', draft))
    expect((await coalition.run('corvane', 'show', sid)).code).toBe(1)
    await coalition.as('arvandia', 'open', sid, '--to', 'clear')
    expect(await coalition.as('corvane', 'show', sid)).toMatchObject({ sid, tlp: 'amber' })
    expect((await coalition.run('corvane', 'why', sid, 'anyone', 'see')).out).toContain('[open]')
    const out = coalition.file('for-anyone')
    await coalition.as('corvane', 'export', '--for', 'anyone', '--out', out)
    const { ok, statements } = await coalition.audit(out)
    expect([ok, statements.find(row => row.sid === sid)?.tlp]).toEqual([true, 'amber'])
  })
})

describe('receipts and spills', () => {
  const stateOf = async (sid: string) =>
    (await coalition.as<Receipts>('arvandia', 'receipts')).receipts.filter(row => row.sid === sid)

  test('hostile case 43: who does not confirm is listed, and a receipt is never consent', async () => {
    expect(await stateOf(source.sid)).toEqual([
      { sid: source.sid, member: 'belmora', state: 'waiting' },
      { sid: source.sid, member: 'corvane', state: 'waiting' },
    ])
    await coalition.as('belmora', 'receipts', '--send')
    expect((await stateOf(source.sid))[0]).toMatchObject({ member: 'belmora', state: 'delivered' })
    await coalition.as('belmora', 'receipts', '--read', source.sid)
    expect((await stateOf(source.sid))[0]).toMatchObject({ member: 'belmora', state: 'read' })
    const again = await coalition.run('belmora', 'receipts', '--read', source.sid)
    expect([again.code, again.out]).toEqual([0, 'this member has said so already\n'])
    expect((await coalition.run('arvandia', 'receipts')).out).toContain('a receipt is never consent')
    // What was confirmed is not confirmed again.
    expect((await coalition.run('belmora', 'receipts', '--send')).out).toContain('nothing is owed')
  })

  test('hostile case 42: copies go once more to whom they are for, and to nobody else', async () => {
    await coalition.as('arvandia', 'receipts', '--resend', source.sid, '--to', 'belmora')
    expect(await openTo('belmora')).toEqual(['source'])
    const draft = { kind: 'attribution.statement', exercise: false, body, handling: { tlp: 'amber' }, tear: [] }
    const { sid } = await coalition.as<Published>('arvandia', 'publish', coalition.draft('amber.json', draft))
    expect((await coalition.run('belmora', 'receipts', '--resend', sid, '--to', 'corvane')).code).toBe(2)
  })

  test('a spill is told to the originator, without the words that were spilled', async () => {
    const spill = (summary: string) => [
      'spill',
      source.sid,
      ...slot,
      '--how',
      'misdirected',
      '--to-whom',
      'Two clerks',
      '--summary',
      summary,
      '--containment',
      'Handed back.',
    ]
    const [code, err] = await refusal('belmora', ...spill('They read: the source sits in the third bureau of it.'))
    expect([code, err]).toEqual([1, expect.stringContaining('it repeats words of the statement')])
    const early = await refusal('belmora', ...spill('A folder went astray.'), '--discovered', '2099-01-01T00:00:00Z')
    expect(early).toEqual([2, expect.stringContaining('which is still to come')])
    await coalition.as('belmora', ...spill('A folder went to the wrong desk.'))
  })
})
