import { createRequire } from 'node:module'
import { describe, expect, test } from 'vitest'
import { ed25519By } from './index.ts'
import { builtFile, loadBuilt, openSodium } from './sodium.ts'

const require = createRequire(import.meta.url)
const real = require('sodium-native') as { crypto_sign_verify_detached: (...given: Uint8Array[]) => boolean }

describe('libsodium', () => {
  test('is what checks Ed25519 here, from the file that its package has', () => {
    expect(ed25519By).toBe('libsodium')
    const native = Object.keys(require.cache).filter(path => path.endsWith('sodium-native.node'))
    expect(native).toEqual([builtFile()])
  })

  test('is not looked for where its package has no build', () => {
    expect(loadBuilt()).toBe(real)
    expect(loadBuilt(`${builtFile()}.none`)).toBeUndefined()
  })

  test.each<[string, () => unknown]>([
    ['has no build for the machine', () => undefined],
    [
      'does not load',
      () => {
        throw new Error('invalid ELF header')
      },
    ],
    ['is something else', () => ({})],
    [
      'throws when it is asked',
      () => ({
        crypto_sign_verify_detached: () => {
          throw new Error('broken')
        },
      }),
    ],
    ['takes everything', () => ({ crypto_sign_verify_detached: () => true })],
    ['refuses everything', () => ({ crypto_sign_verify_detached: () => false })],
  ])('that %s is done without', (_, load) => {
    expect(openSodium(() => real)).toBe(real)
    expect(openSodium(load)).toBeUndefined()
  })
})
