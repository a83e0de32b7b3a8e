import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { root } from './steps.ts'

/** A clone on which nothing has been installed, as far as the bootstrap looks. */
const clone = mkdtempSync(join(tmpdir(), 'chancery-clone-'))
const parts = ['package.json', 'pnpm-lock.yaml', 'pnpm-workspace.yaml', 'test/package.json', 'test/tools/bootstrap.mjs']
const holdsNoModules = (path: string): boolean => !path.includes('node_modules') && !path.endsWith('/src')
for (const part of parts) cpSync(join(root, part), join(clone, part))
for (const part of ['packages', 'apps'])
  cpSync(join(root, part), join(clone, part), { recursive: true, filter: holdsNoModules })
afterAll(() => rmSync(clone, { recursive: true, force: true }))

function bootstrap(env: Record<string, string>) {
  const home = join(clone, 'home')
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(clone, 'test/tools/bootstrap.mjs')], {
    encoding: 'utf8',
    env: { HOME: home, npm_config_cache: join(home, 'npm'), ...env },
  })
  return { status, stdout, lines: stderr.trim().split('\n') }
}

describe('a machine that lacks something', () => {
  test('is told in one line that it has no npm', () => {
    const { status, stdout, lines } = bootstrap({ PATH: '/nowhere' })
    expect([status, stdout]).toEqual([3, ''])
    expect(lines.at(-1)).toMatch(/^chancery: npx does not run \(.*ENOENT.*\); install npm$/)
    expect(lines).toHaveLength(2)
  })

  test('is told in one line that the registry is not reached, and nothing is left behind', () => {
    const npm = (process.env['PATH'] ?? '').split(delimiter).find(folder => existsSync(join(folder, 'npx'))) ?? ''
    const PATH = [dirname(process.execPath), npm, '/usr/bin', '/bin'].join(delimiter)
    const { status, stdout, lines } = bootstrap({ PATH, npm_config_registry: 'http://127.0.0.1:9' })
    expect([status, stdout]).toEqual([3, ''])
    expect(lines.at(-1)).toMatch(
      /^chancery: pnpm@[\d.]+ cannot be fetched .*check the network and the registry, then run this again$/,
    )
    expect(lines).toHaveLength(2)
    expect(existsSync(join(clone, 'node_modules'))).toBe(false)
  }, 60_000)
})
