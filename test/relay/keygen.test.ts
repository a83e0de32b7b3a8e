import { spawnSync } from 'node:child_process'
import { createPublicKey } from 'node:crypto'
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { splitVkey, toHex } from '@chancery/protocol'
import { afterAll, describe, expect, test } from 'vitest'

const program = fileURLToPath(new URL('../../apps/relay/src/main.ts', import.meta.url))

describe('making a log key', () => {
  const keygen = (origin: string, out: string) => {
    const args = ['--disable-warning=ExperimentalWarning', program, 'keygen', '--origin', origin, '--out', out]
    const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' })
    return { status, lines: stderr.split('\n').slice(0, -1) }
  }
  const folder = mkdtempSync(join(tmpdir(), 'chancery-keygen-'))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  test.each(['Relay.example/log1', 'relay example', 'relay.example+log1', 'https://relay.example', ''])(
    'for the origin "%s", which no charter may name, is refused in one line and makes no file',
    origin => {
      const out = join(folder, 'refused.pem')
      expect(keygen(origin, out)).toEqual({ status: 2, lines: [expect.stringMatching(/^--origin .*relay\.example/)] })
      expect(existsSync(out)).toBe(false)
    },
  )
  test('makes one of each family in one file, and prints both verifier keys', () => {
    const out = join(folder, 'log.pem')
    const args = ['--disable-warning=ExperimentalWarning', program, 'keygen', '--origin', 'relay.example/log1']
    const { stdout } = spawnSync(process.execPath, [...args, '--out', out], { encoding: 'utf8' })
    const keys = stdout.trim().split('\n').map(splitVkey)
    expect(keys.map(key => [key?.name, key?.type])).toEqual([
      ['relay.example/log1', 1],
      ['relay.example/log1', 6],
    ])
    const blocks = readFileSync(out, 'utf8').split(/(?<=END PRIVATE KEY-----\n)/)
    const jwks = blocks.filter(Boolean).map(block => createPublicKey(block).export({ format: 'jwk' }))
    const bytes = jwks.map(jwk => Buffer.from(String(jwk['x'] ?? jwk['pub']), 'base64url'))
    expect(bytes.map(each => each.toString('hex'))).toEqual(keys.map(key => toHex(key?.key ?? new Uint8Array(0))))
    expect(statSync(out).mode & 0o777).toBe(0o600)
  })
  test('never overwrites a file', () => {
    const out = join(folder, 'there.pem')
    writeFileSync(out, 'kept')
    expect(keygen('relay.example/log1', out)).toEqual({
      status: 3,
      lines: [expect.stringMatching(/^--out .*exists already.*name a new file$/)],
    })
    expect(readFileSync(out, 'utf8')).toBe('kept')
  })
  test('in a folder that is not there says so in one line', () => {
    const { status, lines } = keygen('relay.example/log1', join(folder, 'none', 'log.pem'))
    expect({ status, lines }).toEqual({ status: 3, lines: [expect.stringMatching(/^--out .*cannot be made: ENOENT/)] })
  })
})
