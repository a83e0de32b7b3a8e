import { describe, expect, test } from 'vitest'
import { type Command, runCli } from './cli.ts'
import { refused } from './refusal.ts'

const sid = `-${'A'.repeat(42)}`
const say: Command = {
  verb: 'say',
  usage: 'WORD [--to ID]',
  says: 'says a word',
  args: { min: 1, max: 1 },
  options: { to: { type: 'string' } },
  run: async ({ world, args: [word = ''], flags }) => {
    if (word === 'stay') world.say('staying')
    if (word === 'stay') world.event({ event: 'staying' })
    if (word === 'no') throw refused('callout.unknown', '/word', 'say another')
    if (word === 'broken') throw new Error('cannot say it', { cause: new Error('the disk is full') })
    return { lines: [`${word} to ${flags.text('to') ?? 'all'}`], data: { to: flags.text('to'), word } }
  },
}
const sayTwice: Command = { ...say, verb: 'say twice', run: async () => ({ lines: ['twice'], data: {}, exit: 3 }) }
const drawLine: Command = { ...say, verb: 'draw line' }

async function run(...argv: string[]) {
  const [out, err]: [string[], string[]] = [[], []]
  const code = await runCli([say, sayTwice, drawLine, { ...drawLine, verb: 'draw circle' }], {
    argv,
    env: {},
    now: () => 0,
    signal: new AbortController().signal,
    out: line => void out.push(line),
    err: line => void err.push(line),
  })
  return { code, out: out.join('\n'), err: err.join('\n') }
}

describe('a command', () => {
  test('prints lines for people, or one object', async () => {
    expect(await run('say', 'hello', '--to', 'arvandia')).toEqual({ code: 0, out: 'hello to arvandia', err: '' })
    expect(await run('say', 'hello', '--json')).toEqual({ code: 0, out: '{"word":"hello"}', err: '' })
  })
  test('that stays says what happens in lines for people, or in one object a line', async () => {
    expect((await run('say', 'stay')).out).toBe('staying\nstay to all')
    expect((await run('say', 'stay', '--json')).out).toBe('{"event":"staying"}\n{"word":"stay"}')
  })
  test('of two words goes before one of one', async () => expect((await run('say', 'twice', 'x')).out).toBe('twice'))
  test('ends as its report says', async () => expect((await run('say', 'twice', 'x')).code).toBe(3))
  test('takes an id that begins with a hyphen', async () => {
    expect(await run('say', sid, '--to', sid)).toEqual({ code: 0, out: `${sid} to ${sid}`, err: '' })
  })
  test('that is refused says the code, the place, the meaning and the cure', async () => {
    const line = 'refused  callout.unknown at /word: no such call-out, or not in this coalition; say another.'
    expect(await run('say', 'no')).toEqual({ code: 1, out: '', err: line })
    const { out } = await run('say', 'no', '--json')
    expect(JSON.parse(out)).toMatchObject({ refused: { at: '/word', why: 'say another' } })
  })
  test('called wrongly says how it is called', async () => {
    const usage = 'usage: chancery say WORD [--to ID]'
    for (const argv of [['say'], ['say', 'a', 'b'], ['say', 'a', '--from', 'b']]) {
      const { code, err } = await run(...argv)
      expect({ code, says: err.includes(usage) }).toEqual({ code: 2, says: true })
    }
  })
  test('that the machine fails ends with 3, and says why as far down as it is known', async () => {
    const fault = 'cannot say it: the disk is full'
    expect(await run('say', 'broken')).toEqual({ code: 3, out: '', err: `fault  ${fault}` })
    const { code, out } = await run('say', 'broken', '--json')
    expect({ code, told: JSON.parse(out) as object }).toEqual({ code: 3, told: { fault } })
  })
  test('says of an option that it does not know nothing but that', async () => {
    const { code, err } = await run('say', 'hello', '--bogus')
    expect({ code, first: err.split('\n')[0] }).toEqual({ code: 2, first: "Unknown option '--bogus'" })
  })
  test('that nobody has is not explained: that is a wrong call', async () => {
    for (const argv of [['help', 'fly'], ['fly']])
      expect(await run(...argv)).toMatchObject({
        code: 2,
        out: '',
        err: expect.stringMatching(/^there is no command fly\n/),
      })
  })
  test('that is the first word of several says which', async () => {
    const words = 'draw is followed by line, circle\n'
    expect(await run('draw')).toMatchObject({ code: 2, out: '', err: expect.stringContaining(words) })
    const { code, out } = await run('help', 'draw')
    expect({ code, verbs: out.match(/^chancery draw \w+/gm) }).toEqual({
      code: 0,
      verbs: ['chancery draw line', 'chancery draw circle'],
    })
    const none = { code: 2, out: '', err: expect.stringMatching(/^there is no command draw dot\n/) }
    expect(await run('help', 'draw', 'dot')).toMatchObject(none)
    expect(await run('draw', 'dot')).toMatchObject(none)
  })
  test('explains itself', async () => {
    expect((await run('help')).out).toContain('say twice')
    const { code, out } = await run('help', 'say')
    expect({ code, begins: out.startsWith('says a word\nusage: chancery say WORD [--to ID]\n') }).toEqual({
      code: 0,
      begins: true,
    })
    expect(await run('say', '-h')).toEqual({ code: 0, out, err: '' })
    expect((await run('fly')).code).toBe(2)
  })
  test('explains itself in one object where that is asked for', async () => {
    const usage = (await run('help', 'say')).out.split('\n')
    const asked = [
      ['help', 'say', '--json'],
      ['say', '--help', '--json'],
    ]
    for (const argv of asked) {
      const { code, out, err } = await run(...argv)
      expect({ code, err, ...(JSON.parse(out) as object) }).toEqual({ code: 0, err: '', usage })
    }
    const short = ['says a word', 'usage: chancery say WORD [--to ID]', 'chancery help say has every option']
    const wrong = await run('say', '--json')
    expect(wrong.code).toBe(2)
    expect(JSON.parse(wrong.out)).toEqual({ usage: short, wrong: 'WORD is missing' })
    expect((await run('say', 'hello', 'again')).err).toContain('one argument too many: again')
    const misspelt = await run('say', 'hello', '--json=1')
    expect(misspelt.code).toBe(2)
    expect(JSON.parse(misspelt.out)).toEqual({ usage: short, wrong: "Option '--json' does not take an argument" })
    for (const [argv, code] of [
      [['help', '--json'], 0],
      [['--json'], 2],
      [['fly', '--json'], 2],
    ] as const) {
      const ran = await run(...argv)
      expect({ code: ran.code, ...(JSON.parse(ran.out) as object) }).toMatchObject({ code, usage: expect.any(Array) })
    }
  })
  test('is not sent to a relay on another machine without TLS', async () => {
    expect(await run('say', 'hello', '--relay', 'http://127.0.0.1:8080/')).toMatchObject({ code: 0 })
    const { code, err } = await run('say', 'hello', '--relay', 'http://evil.example')
    expect(code).toBe(2)
    expect(err).toContain('--relay is like https://relay.example, without a path; plain http only to 127.0.0.1')
  })
})
