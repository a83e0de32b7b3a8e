import { describe, expect, test } from 'vitest'
import { faultSaid, helpSaid, readArguments, usage, usageError } from './args.ts'

const wrongOf = (...argv: string[]): string | undefined => {
  const read = readArguments(argv)
  return typeof read === 'object' && 'wrong' in read ? read.wrong : undefined
}

describe('a call of the auditor', () => {
  test('names a folder, and what is trusted and wanted', () => {
    const genesis = 'A'.repeat(43)
    expect(readArguments(['evidence', '--genesis', genesis, '--json'])).toEqual({
      folder: 'evidence',
      genesis,
      without: undefined,
      html: undefined,
      json: true,
      quiet: false,
    })
    expect(readArguments(['--help'])).toBe('help')
    expect(readArguments(['help'])).toBe('help')
    expect(readArguments(['./help'])).toMatchObject({ folder: './help' })
  })
  test('that is wrong says what is needed', () => {
    expect(wrongOf('--json')).toBe('an evidence folder is needed: chancery-audit DIR')
    expect(wrongOf('a', 'b', 'c')).toBe('one evidence folder at a time, and not b c as well')
    expect(wrongOf('a', '--genesis', 'short')).toContain('short is not a fingerprint: the 43 characters')
    expect(wrongOf('a', '--without', 'sha256')).toBe('--without is ed25519 or ml-dsa-44, and not sha256')
    expect(wrongOf('convict', 'a', '--without', 'ed25519')).toBe('--without is for an evidence folder')
    expect(readArguments(['a', '--without', 'ml-dsa-44'])).toMatchObject({ without: 'ml-dsa-44' })
    expect(wrongOf('a', '--fast')).toBe("Unknown option '--fast'")
    expect(wrongOf('a', '--html')).toContain("'--html")
  })
})

describe('a wrong call is answered', () => {
  test('with words for people', () => {
    expect(usageError(['--fast'], 'no such option')).toEqual({ out: '', err: `no such option\n\n${usage}\n` })
  })
  test('with one JSON object as well where that is asked for, whatever is wrong', () => {
    const { out, err } = usageError(['--fast', '--json'], 'no such option')
    expect(out.trimEnd().split('\n')).toHaveLength(1)
    expect(JSON.parse(out)).toEqual({ usage: usage.split('\n'), wrong: 'no such option' })
    expect(err).toContain('no such option')
  })
})

test('help and a fault are one JSON object as well where that is asked for', () => {
  expect(JSON.parse(helpSaid(['--json', '--help']))).toEqual({ usage: usage.split('\n') })
  expect(helpSaid(['--help'])).toBe(`${usage}\n`)
  expect(faultSaid(['x', '--json'], 'no disk')).toEqual({ out: '{"fault":"no disk"}\n', err: 'no disk\n' })
  expect(faultSaid(['x'], 'no disk')).toEqual({ out: '', err: 'no disk\n' })
})
