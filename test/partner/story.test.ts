import { existsSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { kindOf } from '@chancery/protocol'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Coalition, hears, stop } from './coalition.ts'

type Published = { readonly sid: string; readonly index: number; readonly entry: string }
type Joined = { readonly authority: object; readonly positions: readonly object[] }
type Line = { readonly label: string; readonly open: boolean }
type Shown = { readonly tear: readonly Line[]; readonly evidence?: string }
type Board = {
  readonly callouts: readonly {
    readonly phase: string
    readonly signatories: readonly { readonly member: string }[]
    readonly excluded: readonly { readonly member: string; readonly why: string }[]
  }[]
}

const uuid = '11111111-1111-4111-8111-111111111111'
const bundle = JSON.stringify({
  type: 'bundle',
  id: `bundle--${uuid}`,
  objects: [{ type: 'intrusion-set', id: `intrusion-set--${uuid}`, spec_version: '2.1', name: 'SLATE HERON' }],
})
const modeOf = (path: string): number => statSync(path).mode & 0o777
const instant = (seconds: number): string => new Date(Date.now() + seconds * 1000).toISOString().replace(/\.\d+Z$/, 'Z')

const coalition = new Coalition(['arvandia', 'belmora', 'corvane'])
const said: { attribution?: Published; proposal?: Published; text?: Published } = {}
const sidOf = (name: keyof typeof said): string => said[name]?.sid ?? ''

beforeAll(() => coalition.found(), 120_000)
afterAll(() => coalition.close())

const attribute = (by: string): Promise<Published> =>
  publish('attribution.statement', kindOf('attribution.statement').template as object, by)

const publish = (kind: string, body: object, by = 'arvandia'): Promise<Published> =>
  coalition.as(
    by,
    'publish',
    coalition.draft('d.json', { kind, handling: { tlp: 'green' }, exercise: false, tear: [], body }),
  )

/** A call-out on the attribution, with its text frozen; three answers have their place before the first cut. */
async function freeze(title: string): Promise<Published> {
  const proposal = await publish('callout.propose', {
    title,
    attributions: [sidOf('attribution')],
    pen_holder: 'arvandia',
    form: 'common-text',
    deputies: ['corvane'],
    invitees: ['belmora', 'corvane'],
    respond_by: instant(0),
    release_window: { from: instant(0), until: instant(86_400) },
  })
  return publish('callout.text', {
    proposal: proposal.sid,
    texts: [{ lang: 'en', title: 'Ports', text: 'We call it out.' }],
    claims: [{ id: 'c1', attribution: sidOf('attribution'), claim: 'c1' }],
    deadline: { at: instant(0), size: proposal.index + 5 },
    lapse: { size: 1_000 },
  })
}

describe('three members and one call-out', () => {
  test('an attribution with evidence and tear lines is drafted, signed and logged', async () => {
    writeFileSync(coalition.file('bundle.json'), bundle)
    const out = coalition.file('attribution.json')
    const stix = coalition.file('bundle.json')
    await coalition.as('arvandia', 'draft', 'attribution.statement', '--stix', stix, '--out', out)
    const draft = JSON.parse(readFileSync(out, 'utf8')) as { body: { claims: object[] } }
    const body = { ...draft.body, claims: draft.body.claims.map(claim => ({ ...claim, named: 'group' })) }
    const tear = [
      { label: 'method', handling: { tlp: 'green' }, content: { text: 'Entry was through an update server.' } },
      { label: 'source', handling: { tlp: 'amber' }, content: { text: 'A service saw the operators at work.' } },
    ]
    const filled = coalition.draft('a.json', { ...draft, body, handling: { tlp: 'clear' }, tear })
    const published = await coalition.as<Published>('arvandia', 'publish', filled)
    expect(published).toMatchObject({ entry: 'open', index: 3 })
    said.attribution = published
  })

  test('each reader sees the lines of its tier, and that the others are withheld', async () => {
    const open = async (id: string) => {
      const { tear } = await coalition.as<Shown>(id, 'show', sidOf('attribution'))
      return tear.map(line => `${line.label} ${line.open ? 'open' : 'withheld'}`)
    }
    expect(await open('arvandia')).toEqual(['method open', 'source open'])
    expect(await open('belmora')).toEqual(['method open', 'source open'])
    expect(await open('corvane')).toEqual(['method open', 'source withheld'])
  })

  test('a file is the evidence that was bound, or it is not', async () => {
    const sid = sidOf('attribution')
    const bound = await coalition.as<Shown>('corvane', 'show', sid, '--evidence', coalition.file('bundle.json'))
    expect(bound.evidence).toBe('e1')
    writeFileSync(coalition.file('other.json'), `${bundle} `)
    const other = await coalition.run('corvane', 'show', sid, '--evidence', coalition.file('other.json'))
    expect(other).toMatchObject({ code: 1 })
    expect(other.err).toMatch(/^refused {2}evidence\.altered at .*other\.json: /)
  })

  test('a text is frozen and answered, outright, on a condition, and by declining', async () => {
    said.text = await freeze('Statement on ports')
    const text = sidOf('text')
    const early = await coalition.run('arvandia', 'release', text)
    expect(early).toMatchObject({ code: 1 })

    const own = [
      '--level',
      'foreign-minister',
      '--stance',
      'attributes',
      '--basis',
      'own-assessment',
      '--likelihood',
      'icd203:likely',
    ]
    await coalition.as('arvandia', 'join', text, ...own)
    const joined = await coalition.run(
      'belmora',
      'join',
      text,
      '--if',
      'at least 2 with stance>=supports and arvandia',
      '--stance',
      'supports',
      '--level',
      'mfa',
      '--reserve',
      'paragraph 1: no view on the law',
    )
    expect(joined).toMatchObject({ code: 0 })
    const inWords = 'at least 2 sign, this member counted, saying "supports" or stronger, and arvandia signs'
    // All that is signed is said before it is: what the attribution names, and no more, where nothing else is typed.
    expect(joined.out.split('\n').slice(0, 5)).toEqual([
      `joins if ${inWords}`,
      '      belmora, Republic of belmora (mfa)',
      '        c1: supports (group); none stated',
      '        reservation on paragraph 1: no view on the law',
      expect.stringMatching(/^logged /) as string,
    ])
    const third = await coalition.as<Joined>(
      'corvane',
      'join',
      text,
      '--if',
      'at least 3 with stance>=attributes',
      '--stance',
      'recognises',
      '--level',
      'mfa',
      '--named',
      'organ',
    )
    expect(third.authority).toEqual({ level: 'mfa', organ: 'Republic of corvane' })
    expect(third.positions).toEqual([{ basis: 'none-stated', claim: 'c1', named: 'organ', stance: 'recognises' }])
  })

  test('a condition that can never hold is not signed, and the name that makes it so is said', async () => {
    const plain = ['--stance', 'supports', '--level', 'mfa']
    const wrong: [string, RegExp][] = [
      ['arvandya', /--if: arvandya is not invited and cannot sign; who can: arvandia, belmora, corvane/],
      ['arvandia or 2 of (belmora, morvania)', /--if: morvania is not invited/],
      ['at least 4', /--if: it cannot hold, though all who can sign do and go as far as can be: arvandia, belmora/],
    ]
    for (const [condition, words] of wrong) {
      const ran = await coalition.run('belmora', 'join', sidOf('text'), '--if', condition, ...plain)
      expect({ code: ran.code, err: ran.err }).toEqual({ code: 2, err: expect.stringMatching(words) as string })
    }
  })

  test('a join whose strength, level or claim nobody has given is not signed', async () => {
    const { size } = await coalition.as<{ size: number }>('corvane', 'board')
    const text = sidOf('text')
    for (const [words, given] of [
      ['--stance is needed', []],
      ['--level is needed', ['--stance', 'supports']],
      ['the text has no claim c9; it has c1', ['--stance', 'supports', '--level', 'mfa', '--claim', 'c9']],
    ] as const) {
      const ran = await coalition.run('corvane', 'join', text, ...given)
      expect(ran).toMatchObject({ code: 2, out: '' })
      expect(ran.err).toContain(words)
    }
    expect(await coalition.as('corvane', 'board')).toMatchObject({ size })
  })

  test('a board says of a call-out that is not released who would sign now', async () => {
    const { out } = await coalition.run('corvane', 'board')
    expect(out.slice(out.indexOf('Call-outs'))).toMatch(
      new RegExp(
        [
          '^Call-outs',
          '  Statement on ports: ready to be released',
          '    proposed by arvandia, index 4, .{43}',
          '    text .{43}, frozen at index 5',
          '      \\[en\\] Ports',
          '      We call it out\\.',
          '    released from size 9 and .* on, and before size 1000',
          '    would sign now 2:',
          '      arvandia, Republic of arvandia \\(foreign-minister\\)',
          '        c1: attributes \\(group\\); .*',
        ].join('\n'),
      ),
    )
    expect(out).not.toContain('null')
  })

  test('a deputy from whom entries are withheld does not release unasked', async () => {
    const { template } = kindOf('attribution.statement')
    const amber = {
      kind: 'attribution.statement',
      handling: { tlp: 'amber' },
      exercise: false,
      body: template,
      tear: [],
    }
    await coalition.as('belmora', 'publish', coalition.draft('amber.json', amber))
    const ran = await coalition.run('corvane', 'release', sidOf('text'))
    expect(ran).toMatchObject({ code: 1, out: '' })
    expect(ran.err).toContain('refused  callout.not-largest at /body/joins: ')
    expect(ran.err).toContain('1 entry before the cut is withheld from this member: an answer may be among them')
    expect(ran.err).toContain('--despite-withheld')
  })

  test('the release is the largest set whose conditions hold, and every board says so', async () => {
    const released = await coalition.as('arvandia', 'release', sidOf('text'))
    expect(released).toMatchObject({ signatories: ['arvandia', 'belmora'], excluded: ['corvane'] })
    for (const id of coalition.ids) {
      const {
        callouts: [callOut],
      } = await coalition.as<Board>(id, 'board')
      expect(callOut?.phase).toBe('released')
      expect(callOut?.signatories.map(({ member }) => member).sort()).toEqual(['arvandia', 'belmora'])
    }
    const words = await coalition.run('corvane', 'board')
    expect(words.out).toContain('signed by 2')
    expect(words.out).toContain('reservation on paragraph 1: no view on the law')
    expect(words.out).toContain('1 withheld from you: source (TLP:AMBER)')
  })

  test('a second release, and one by a member that may not, are refused', async () => {
    expect((await coalition.run('arvandia', 'release', sidOf('text'))).err).toContain('callout.wrong-phase')
    expect(await coalition.run('belmora', 'release', sidOf('text'))).toMatchObject({ code: 1 })
  })

  test('the evidence folder holds what its readers may have, and no more', async () => {
    const out = coalition.file('evidence')
    await coalition.as('belmora', 'export', '--for', 'clear', '--out', out)
    // The attribution and the release in the open, and what the release made public: proposal, text, two joins.
    expect(readdirSync(join(out, 'statements'))).toHaveLength(6)
    const copy = readFileSync(join(out, 'statements', `${sidOf('attribution')}.jws`), 'utf8')
    expect(copy.split('~')).toHaveLength(2)
    expect(existsSync(join(out, 'manifest.json'))).toBe(true)
    const modes = (folder: string) => ['', 'statements', 'manifest.json'].map(name => modeOf(join(folder, name)))
    expect(modes(out)).toEqual([0o755, 0o755, 0o644])
    // The receipt that is shown is the one of the folder, byte for byte: both stand on the same head.
    const receipt = coalition.file('attribution.tlog-proof')
    await coalition.as('belmora', 'show', sidOf('attribution'), '--receipt', receipt)
    const name = `${sidOf('attribution')}.tlog-proof`
    expect(readFileSync(receipt, 'utf8')).toBe(readFileSync(join(out, 'receipts', name), 'utf8'))
    expect((await coalition.run('belmora', 'show', sidOf('attribution'), '--receipt', receipt)).code).toBe(1)
    const green = coalition.file('green')
    await coalition.as('belmora', 'export', '--for', 'green', '--out', green)
    expect(modes(green)).toEqual([0o700, 0o700, 0o600])
    const again = await coalition.run('belmora', 'export', '--for', 'clear', '--out', out)
    expect(again).toMatchObject({ code: 1 })
    expect(again.err).toContain('file.not-empty')
    expect((await coalition.run('corvane', 'export', '--for', 'amber', '--out', coalition.file('more'))).code).toBe(1)
  })

  test('what can change nothing any more is not signed', async () => {
    for (const words of [
      ['decline', sidOf('text'), '--reason', 'timing'],
      ['join', sidOf('text'), '--stance', 'supports', '--level', 'mfa'],
    ]) {
      const ran = await coalition.run('belmora', ...words)
      expect(ran).toMatchObject({ code: 1 })
      expect(ran.err).toMatch(/^refused {2}callout\.wrong-phase: .*; released by .{43}\.\n/)
    }
  })

  test('a draft in which words of the template still stand is not signed', async () => {
    const { template: body } = kindOf('attribution.statement')
    const draft = { kind: 'attribution.statement', handling: { tlp: 'green' }, exercise: false, tear: [], body }
    const ran = await coalition.run('belmora', 'publish', coalition.draft('hints.json', draft, 'as-is'))
    expect(ran).toMatchObject({ code: 1 })
    expect(ran.err).toContain('draft.unedited at /body/title')
  })

  test('a node follows, prints what comes, and ends in good order', async () => {
    const node = await coalition.node('corvane')
    const heard = hears(node, 'attribution.statement')
    await attribute('belmora')
    expect(await heard).toMatch(/belmora attribution\.statement TLP:GREEN/)
    // The same member signs while its node is at work: both store what comes, and neither is in the other's way.
    await attribute('corvane')
    await attribute('corvane')
    expect(await stop(node)).toBe(0)
  })

  test('a node tells a program what happens, one object a line, and ends with one', async () => {
    const node = await coalition.node('corvane', '--json')
    let told = ''
    node.stdout?.on('data', (text: string) => (told += text))
    const heard = hears(node, '"event":"entry"')
    const { sid, index } = await attribute('belmora')
    await heard
    expect(await stop(node)).toBe(0)
    const events = told
      .trimEnd()
      .split('\n')
      .map(line => JSON.parse(line) as { readonly event: string })
    const entry = { event: 'entry', index, iss: 'belmora', kind: 'attribution.statement', open: 0, sid, tlp: 'green' }
    expect(events).toContainEqual({ ...entry, withheld: false })
    expect(events.at(-1)).toEqual({ event: 'stopped', size: index + 1 })
  })

  test('a join that a newer one has replaced is not taken back alone, and its author is told', async () => {
    const { sid: text } = await freeze('On the rivers')
    const plain = ['--stance', 'supports', '--level', 'mfa']
    const first = await coalition.as<Published>('belmora', 'join', text, ...plain)
    const second = await coalition.as<Published>('belmora', 'join', text, ...plain, '--basis', 'public-evidence')
    const ran = await coalition.run('belmora', 'withdraw', first.sid)
    expect(ran).toMatchObject({ code: 0 })
    expect(ran.err).toBe(`warning: ${second.sid} is a newer join of yours; it is taken back as well\n`)
    const board = await coalition.as<Board>('belmora', 'board')
    expect(board.callouts.at(-1)?.signatories).toEqual([])
    const last = await coalition.as<Published>('belmora', 'join', text, ...plain)
    expect(await coalition.run('belmora', 'withdraw', last.sid)).toMatchObject({ code: 0, err: '' })
  })
})
