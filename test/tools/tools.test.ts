import { describe, expect, test } from 'vitest'
import { differences, generate } from './make-vectors.ts'
import { closingLine, countVitest, runStep, sum } from './steps.ts'

const none = { numPassedTests: 0, numFailedTests: 0, numPendingTests: 0, numTodoTests: 0 }
const report = (files: object[], counts: object) => JSON.stringify({ ...none, testResults: files, ...counts })

describe('what the test command counts', () => {
  test('a good run counts its tests', () => {
    const count = countVitest(report([], { numPassedTests: 7, numTodoTests: 1 }), 0)
    expect(count).toEqual({ passed: 7, failed: 0, skipped: 1 })
  })
  test('a file that does not load is a failure', () => {
    const broken = { status: 'failed', assertionResults: [] }
    expect(countVitest(report([broken], { numPassedTests: 7 }), 1).failed).toBe(1)
  })
  test('a failed test is counted once, not again for its file', () => {
    const file = { status: 'failed', assertionResults: [{ status: 'failed' }] }
    expect(countVitest(report([file], { numFailedTests: 1 }), 1).failed).toBe(1)
  })
  test('a crash is a failure, with or without a report', () => {
    expect(countVitest('', 1).failed).toBe(1)
    expect(countVitest('', 0).failed).toBe(1)
    expect(countVitest(report([], { numPassedTests: 7 }), 134).failed).toBe(1)
  })
  test('the closing line names what was skipped, and only then', () => {
    const counts = [
      { passed: 1, failed: 0, skipped: 0 },
      { passed: 2, failed: 1, skipped: 1 },
    ]
    expect(closingLine(sum(counts))).toBe('3 passed, 1 failed, 1 skipped')
    expect(closingLine({ passed: 3, failed: 0, skipped: 0 })).toBe('3 passed, 0 failed')
  })
  test('a command that fails or is not there is a failure', async () => {
    for (const run of [['node', '-e', 'process.exit(3)'], ['no-such-command']]) {
      expect(await runStep({ name: 'x', run }, 'kept')).toMatchObject({ passed: 0, failed: 1 })
    }
  })
})

describe('vectors', () => {
  test('a missing, a different and an extra file are each named', () => {
    const made = new Map([
      ['a.json', '1\n'],
      ['b.json', '2\n'],
      ['d.json', '4\n'],
    ])
    const held = new Map([
      ['b.json', 'x\n'],
      ['c.json', '3\n'],
      ['d.json', '4\n'],
    ])
    expect(differences(made, held)).toEqual([
      'differs  spec/vectors/b.json',
      'extra    spec/vectors/c.json',
      'missing  spec/vectors/a.json',
    ])
  })
  test('no generators make no files', async () => {
    expect((await generate('no/such/folder')).size).toBe(0)
  })
})
