import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { readOptions } from './args.ts'

const program = fileURLToPath(new URL('main.ts', import.meta.url))
const run = (...args: string[]) => {
  const options = { encoding: 'utf8' } as const
  const ran = spawnSync(process.execPath, ['--disable-warning=ExperimentalWarning', program, ...args], options)
  return { status: ran.status, out: ran.stdout, err: ran.stderr }
}

describe('a demo that is called wrongly', () => {
  test('says so in one sentence, and nothing on standard output', () => {
    expect(run('--bogus')).toEqual({
      status: 2,
      out: '',
      err: expect.stringMatching(/^Unknown option '--bogus'\nusage: npm run demo .*\n$/) as string,
    })
  })
  test('answers with one JSON object where that is asked for', () => {
    const { status, out } = run('--bogus', '--json')
    expect(status).toBe(2)
    expect(out.trimEnd().split('\n')).toHaveLength(1)
    expect(JSON.parse(out)).toEqual({ usage: expect.any(String) as string, wrong: "Unknown option '--bogus'" })
  })
  test('names what is not there, and what would be overwritten', async () => {
    expect(await readOptions(['--stix', 'nowhere.json'])).toBe('--stix: no such file: nowhere.json')
    expect(await readOptions(['--out', program])).toBe(`--out: ${program} is not empty; name a new folder`)
  })
})
