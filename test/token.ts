import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Where Debian's libsofthsm2 is. */
const places = ['/usr/lib/softhsm/libsofthsm2.so', '/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so']
const modulePath = places.find(path => existsSync(path))
const isProgram = (name: string): boolean =>
  (process.env['PATH'] ?? '').split(':').some(folder => existsSync(join(folder, name)))

export const hasToken = modulePath !== undefined && isProgram('softhsm2-util') && isProgram('python3')
/** A second tool, which is not ours, to look into a token with: opensc. */
export const hasTool = isProgram('pkcs11-tool')
export const whyNoToken = 'needs softhsm2 and python3: apt-get install softhsm2 python3'
export const module = modulePath ?? ''

const pin = '314159'

/** Fresh tokens of SoftHSM in a folder of their own. What is started from here on finds these and no others. */
export function makeTokens(folder: string, labels: readonly string[]): void {
  for (const name of ['tokens', 'no-tokens']) mkdirSync(join(folder, name))
  for (const name of ['tokens', 'no-tokens'])
    writeFileSync(join(folder, `${name}.conf`), `directories.tokendir = ${join(folder, name)}\nlog.level = ERROR\n`)
  useTokens(folder, 'tokens')
  writePin(folder, pin)
  for (const label of labels)
    execFileSync('softhsm2-util', ['--init-token', '--free', '--label', label, '--so-pin', '27182818', '--pin', pin])
}

export function useTokens(folder: string, which: 'tokens' | 'no-tokens'): void {
  process.env['SOFTHSM2_CONF'] = join(folder, `${which}.conf`)
}

export const rightPin = (folder: string): void => writePin(folder, pin)
export const writePin = (folder: string, words: string): void =>
  writeFileSync(join(folder, 'pin'), `${words}\n`, { mode: 0o600 })

export const tokenOptions = (folder: string, label: string): string[] => [
  '--signer',
  'pkcs11',
  '--module',
  module,
  '--token',
  label,
  '--pin-file',
  join(folder, 'pin'),
]

/** Puts a shell script in the place of `python3`, between the node and the token; the way back is returned. */
export function standBetween(folder: string, script: string): () => void {
  const [bin, before] = [join(folder, 'bin'), process.env['PATH'] ?? '']
  const real =
    before
      .split(':')
      .map(place => join(place, 'python3'))
      .find(path => existsSync(path)) ?? ''
  mkdirSync(bin, { recursive: true })
  writeFileSync(join(bin, 'python3'), `#!/bin/sh\nreal=${real}\nfolder=${folder}\n${script}\n`)
  chmodSync(join(bin, 'python3'), 0o755)
  process.env['PATH'] = `${bin}:${before}`
  return () => (process.env['PATH'] = before)
}
