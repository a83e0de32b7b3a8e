import { readFileSync } from 'node:fs'
import { Authority, Basis, Confidence, Likelihood, named, stances } from '@chancery/protocol'
import { describe, expect, test } from 'vitest'
import { runCli } from '../cli.ts'
import { parseCondition } from '../condition.ts'
import { commands } from './index.ts'

async function helpOf(...words: string[]): Promise<string> {
  const out: string[] = []
  const say = (line: string) => void out.push(line)
  const signal = new AbortController().signal
  await runCli(commands, { argv: ['help', ...words], env: {}, now: () => 0, signal, out: say, err: say })
  return out.join('\n')
}

const ofEvery = ['home', 'passphrase-file', 'relay', 'json', 'help']
const optionsIn = (text: string): string[] => [...text.matchAll(/--([a-z][a-z-]*)/g)].map(([, name = '']) => name)

describe('help', () => {
  test.each(commands)('of `$verb` names every option that it takes, and no other', async ({ verb, options }) => {
    const stated = new Set(optionsIn(await helpOf(verb.split(' ')[0] ?? '', ...verb.split(' ').slice(1))))
    expect([...stated].sort()).toEqual([...new Set([...Object.keys(options), ...ofEvery])].sort())
  })
  test.each(commands)('of `$verb` says of each option what it means, and of none twice', ({ options, explains }) => {
    expect(explains?.map(({ name }) => name).sort()).toEqual(Object.keys(options).sort())
    for (const { takes, says, name } of explains ?? []) {
      expect(says.length).toBeGreaterThan(8)
      expect({ name, takesOne: takes !== undefined }).toEqual({ name, takesOne: options[name]?.type === 'string' })
    }
  })
  test('of `join` has every value that a join may have', async () => {
    const text = (await helpOf('join')).replace(/\s+/g, ' ')
    const terms = Likelihood.options.flatMap(({ shape: { scale, term } }) => [
      `${scale.value}:`,
      ...('options' in term ? term.options : []),
    ])
    const values = [stances, named, Basis.options, Confidence.options, Authority.shape.level.options, terms].flat()
    expect(values.filter(value => !text.includes(value))).toEqual([])
  })
  test('shows conditions that are conditions', async () => {
    const examples = (await helpOf('join')).split('\n').at(-1)?.trim().split(/ {3,}/) ?? []
    expect(examples).toHaveLength(3)
    for (const example of examples) expect(parseCondition(example)).toMatchObject({ ok: true })
  })
  test('names every verb, and every option that all of them take', async () => {
    const help = await helpOf()
    for (const { verb } of commands) expect(help).toContain(`\n  ${verb} `)
    for (const name of ofEvery) expect(help).toContain(`  --${name}`)
  })
})

const readme = readFileSync(new URL('../../../../README.md', import.meta.url), 'utf8')
const [, table = ''] = /### The command `chancery`\n\n([^]*?)\n\n/.exec(readme) ?? []
const calls = table
  .split('\n')
  .flatMap(row => [...(row.split(' | ')[0] ?? '').matchAll(/`([^`]+)`/g)].map(m => m[1] ?? ''))

describe('the table of verbs in the README', () => {
  test('has every verb', () => {
    const firsts = new Set(commands.map(({ verb }) => verb.split(' ')[0] ?? ''))
    for (const first of firsts) expect(calls.some(call => call.split(' ')[0] === first)).toBe(true)
  })
  test('names no option that the verb does not take', () => {
    for (const call of calls) {
      const [first = ''] = call.split(' ')
      const known = commands
        .filter(({ verb }) => verb.split(' ')[0] === first)
        .flatMap(({ options }) => Object.keys(options))
      expect({ call, stray: optionsIn(call).filter(name => !known.includes(name)) }).toEqual({ call, stray: [] })
    }
  })
})
