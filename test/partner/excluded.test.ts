import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { kindOf } from '@chancery/protocol'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Coalition } from './coalition.ts'

type Published = { readonly sid: string; readonly index: number }
type Board = {
  readonly root: string
  readonly size: number
  readonly callouts: readonly {
    readonly phase: string
    readonly text: { readonly sid: string } | null
    readonly signatories: readonly { readonly member: string }[]
    readonly release: { readonly verdict: string; readonly withheld: number } | null
    readonly refused: readonly { readonly by: string; readonly code: string }[]
  }[]
}

const instant = (seconds: number): string => new Date(Date.now() + seconds * 1000).toISOString().replace(/\.\d+Z$/, 'Z')
const green = { handling: { tlp: 'green' }, exercise: false, tear: [] }

// Corvane is not cleared for AMBER, and is the deputy.
const coalition = new Coalition(['arvandia', 'belmora', 'corvane'])
beforeAll(() => coalition.found(), 120_000)
afterAll(() => coalition.close())

const publish = (id: string, draft: object): Promise<Published> =>
  coalition.as<Published>(id, 'publish', coalition.draft('draft.json', { ...green, ...draft }))

/** A text of arvandia's that all may join at once, and that may be released as soon as it is there. */
async function freeze(title: string): Promise<string> {
  const { template } = kindOf('attribution.statement')
  const attribution = await publish('arvandia', { kind: 'attribution.statement', body: template })
  const proposed = {
    title,
    attributions: [attribution.sid],
    pen_holder: 'arvandia',
    form: 'common-text',
    deputies: ['corvane'],
    invitees: ['belmora', 'corvane'],
    respond_by: instant(0),
    release_window: { from: instant(0), until: instant(86_400) },
  }
  const proposal = await publish('arvandia', { kind: 'callout.propose', body: proposed })
  const body = {
    proposal: proposal.sid,
    texts: [{ lang: 'en', title, text: 'We call it out.' }],
    claims: [{ id: 'c1', attribution: attribution.sid, claim: 'c1' }],
    deadline: { at: instant(0), size: proposal.index + 3 },
    lapse: { size: 1_000 },
  }
  return (await publish('arvandia', { kind: 'callout.text', body })).sid
}

const plain = ['--stance', 'supports', '--level', 'mfa']

const rowOf = async (id: string, text: string) =>
  (await coalition.as<Board>(id, 'board')).callouts.find(row => row.text?.sid === text)

describe('a coordinator that leaves somebody out', () => {
  const said = { text: '', release: '' }
  const proof = () => coalition.file('proof.json')

  beforeAll(async () => {
    said.text = await freeze('On the ports')
    const own = await coalition.as<Published>('arvandia', 'join', said.text, ...plain)
    await coalition.as('belmora', 'join', said.text, '--if', 'at least 2 and arvandia', ...plain)
    await coalition.as('corvane', 'join', said.text, '--if', 'at least 3 with stance>=attributes', ...plain)
    const { root, size } = await coalition.as<Board>('arvandia', 'board')
    const body = { cut: { root, size }, joins: [own.sid], released_at: instant(0), text: said.text }
    said.release = (await publish('arvandia', { kind: 'callout.release', handling: { tlp: 'clear' }, body })).sid
  }, 60_000)

  test('is named to the member left out, in words, and the proof is a file of its own alone', async () => {
    const ran = await coalition.run('belmora', 'excluded', said.release)
    expect(ran).toMatchObject({ code: 0, err: '' })
    expect(ran.out).toContain('belmora was wrongly left out of a release by arvandia\n')
    expect(ran.out).toContain('the proof is written with --out FILE; it holds statements up to TLP:GREEN')
    const made = await coalition.as('belmora', 'excluded', said.release, '--out', proof())
    expect(made).toMatchObject({ shown: true, member: 'belmora', by: 'arvandia', release: said.release, tlp: 'green' })
    expect(statSync(proof()).mode & 0o777).toBe(0o600)
    const again = await coalition.run('belmora', 'excluded', said.release, '--out', proof())
    expect(again).toMatchObject({ code: 1 })
    // It holds the joins released and its own, and not what others may have answered.
    const own = await rowOf('belmora', said.text)
    expect(own).toMatchObject({ phase: 'released', release: { verdict: 'sound', leftOut: ['belmora'] } })
    // Whoever holds every answer sees more.
    const whole = await rowOf('arvandia', said.text)
    expect(whole?.refused).toMatchObject([{ by: 'arvandia', code: 'callout.not-largest' }])
  })

  test('is convicted by anyone who has the charter, without a key, a mirror or a relay', async () => {
    await coalition.stopRelay()
    const shown = { shown: true, member: 'belmora', by: 'arvandia', genesis: coalition.genesis }
    const wrong = ['--passphrase-file', coalition.file('no such file')]
    expect(await coalition.as('corvane', 'excluded', '--check', proof(), ...wrong)).toMatchObject(shown)
    const genesis = ['--genesis', coalition.file('genesis.jws')]
    expect(await coalition.as('stranger', 'excluded', '--check', proof(), ...genesis)).toMatchObject(shown)
    expect(existsSync(coalition.home('stranger'))).toBe(false)
    const ran = await coalition.run('stranger', 'excluded', '--check', proof(), ...genesis)
    expect(ran.out).toContain(`compare its fingerprint with the one you know: ${coalition.genesis}`)
    await coalition.startRelay()
  })

  test('is not accused by one whose condition does not hold, nor by one that is named', async () => {
    const unmet = await coalition.run('corvane', 'excluded', said.release, '--out', coalition.file('unmet.json'))
    expect(unmet).toMatchObject({ code: 1 })
    expect(unmet.out).toContain('corvane is not shown to be wrongly left out (condition-unmet): ')
    expect(existsSync(coalition.file('unmet.json'))).toBe(false)
    const listed = await coalition.run('arvandia', 'excluded', said.release, '--json')
    expect(listed).toMatchObject({ code: 1 })
    expect(JSON.parse(listed.out)).toMatchObject({ shown: false, member: 'arvandia', why: 'listed' })
  })

  test('a file that was changed, of another coalition, or of no such shape is refused', async () => {
    const told = JSON.parse(readFileSync(proof(), 'utf8')) as { adoptions: object[]; excluded: { jws: string } }
    const refusal = async (change: object) => {
      writeFileSync(coalition.file('changed.json'), JSON.stringify({ ...told, ...change }))
      const ran = await coalition.run('corvane', 'excluded', '--check', coalition.file('changed.json'), '--json')
      expect(ran.code).toBe(1)
      return (JSON.parse(ran.out) as { refused: { code: string; at: string } }).refused
    }
    const jws = told.excluded.jws.replace(/.{4}$/, 'AAAA')
    const altered = { ...told.excluded, jws }
    expect(await refusal({ excluded: altered })).toMatchObject({ code: 'statement.bad-signature' })
    expect(await refusal({ genesis: 'A'.repeat(43) })).toMatchObject({ code: 'charter.not-genesis', at: '/genesis' })
    expect(await refusal({ adoptions: [] })).toMatchObject({ code: 'charter.not-in-force', at: '/excluded/charter' })
    const twice = [...told.adoptions, told.adoptions[0]]
    expect(await refusal({ adoptions: twice })).toMatchObject({ code: 'charter.already-adopted' })
    const { template } = kindOf('attribution.statement')
    await publish('corvane', { kind: 'attribution.statement', body: template })
    await coalition.as('belmora', 'excluded', said.release, '--out', coalition.file('later.json'))
    const later = JSON.parse(readFileSync(coalition.file('later.json'), 'utf8')) as typeof told
    const older = { code: 'log.bad-receipt', at: '/excluded' }
    expect(await refusal({ adoptions: later.adoptions })).toMatchObject(older)
    expect(await refusal({ adoptions: [told.excluded] })).toMatchObject({ at: '/adoptions/0/charter' })
    expect(await refusal({ v: 2 })).toMatchObject({ code: 'statement.bad-schema', at: '/v' })
    writeFileSync(coalition.file('changed.json'), `${readFileSync(proof(), 'utf8')} `)
    const spaced = await coalition.run('corvane', 'excluded', '--check', coalition.file('changed.json'))
    expect(spaced.err).toContain('refused  bytes.not-canonical')
  })

  test('what is no release is refused, and what is no call of the verb shows its usage', async () => {
    const other = await coalition.run('belmora', 'excluded', said.text)
    expect(other).toMatchObject({ code: 1 })
    expect(other.err).toContain('refused  callout.unknown')
    for (const args of [[], [said.release, '--check', proof()], ['--check', proof(), '--out', 'x']]) {
      expect(await coalition.run('belmora', 'excluded', ...args)).toMatchObject({ code: 2 })
    }
  })
})

describe('a deputy from whom entries are withheld, and who releases despite them', () => {
  test('is told how many there are, and releases the largest set if no answer was among them', async () => {
    const text = await freeze('On the pipelines')
    await coalition.as('arvandia', 'join', text, ...plain)
    await coalition.as('belmora', 'join', text, '--if', 'arvandia', ...plain)
    const { template } = kindOf('attribution.statement')
    await publish('belmora', { kind: 'attribution.statement', handling: { tlp: 'amber' }, body: template })
    expect(await coalition.run('corvane', 'release', text)).toMatchObject({ code: 1 })
    expect((await rowOf('corvane', text))?.release).toBeNull()

    const ran = await coalition.run('corvane', 'release', text, '--despite-withheld')
    expect(ran).toMatchObject({ code: 0 })
    expect(ran.err).toBe('1 entry before the cut is withheld from this member: an answer may be among them\n')
    expect(ran.out).toContain('signatories: arvandia, belmora')
    expect(await rowOf('arvandia', text)).toMatchObject({ phase: 'released', release: { verdict: 'largest' } })
    const shown = await rowOf('corvane', text)
    expect(shown).toMatchObject({ phase: 'released', release: { verdict: 'sound', withheld: 1 } })
    expect(shown?.signatories.map(({ member }) => member)).toEqual(['arvandia', 'belmora'])
  })

  test('misses no answer by its marking: one that it could not read is not signed', async () => {
    const text = await freeze('On the cables')
    const body = { ...(kindOf('callout.join').template as object), text }
    const refusal = async (handling: object) => {
      const draft = { kind: 'callout.join', exercise: false, handling, body, tear: [] }
      const ran = await coalition.run('belmora', 'publish', coalition.draft('draft.json', draft))
      return [ran.code, ran.err]
    }
    const named = /^refused  statement\.breaks-law at \/handling\/releasable_to: .* arvandia, belmora, corvane until/
    expect(await refusal({ tlp: 'amber' })).toEqual([1, expect.stringMatching(named)])
    expect(await refusal({ tlp: 'green', releasable_to: ['arvandia', 'belmora'] })).toEqual([
      1,
      expect.stringMatching(named),
    ])
    const all = ['arvandia', 'belmora', 'corvane']
    const uncleared = await refusal({ tlp: 'amber', releasable_to: all })
    expect(uncleared).toEqual([1, expect.stringContaining('corvane is not cleared for amber')])
  })
})
