import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { checkKey, mlDsaKeyOf, seal, sealKeyOf, unseal, utf8 } from '@chancery/protocol'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Keys, makeKeys, readKeystore, workMin, writeKeystore } from './keystore.ts'
import { keyringOf } from './signer.ts'
import { primitives, random } from './world.ts'

const passphrase = 'correct horse battery'
let folder: string
let path: string
let keys: Keys

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'keystore-'))
  path = join(folder, 'keystore.json')
  keys = await makeKeys('arvandia', 'ES384')
  await writeKeystore({ path, keys, passphrase, work: workMin, random })
})
afterAll(() => rmSync(folder, { recursive: true }))

const codeOf = async (words: string, file = path) => {
  const read = await readKeystore(file, words)
  return read.ok ? 'opened' : `${read.code} ${read.why ?? ''}`
}
const changed = (change: (file: Record<string, unknown>) => void): string => {
  const file = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>
  change(file)
  const other = join(folder, 'changed.json')
  writeFileSync(other, JSON.stringify(file), { mode: 0o600 })
  return other
}

describe('a keystore', () => {
  test('gives its keys back for its passphrase', async () => {
    expect(await readKeystore(path, passphrase)).toEqual({ ok: true, value: keys })
  })
  test('holds keys that may be enrolled, and that sign', async () => {
    for (const { record } of keys.keys) expect(checkKey(primitives, 'arvandia', record, '').ok).toBe(true)
    const signer = keyringOf(keys).signer('sign')
    const [message, jwk] = [utf8('words'), keys.keys.find(({ record }) => record.use === 'sign')?.record.jwk]
    const signature = await signer.sign(message)
    expect(jwk && primitives.verify({ alg: signer.alg, jwk, message, signature })).toBe(true)
  })
  test('cosigns with a key of each family', () => {
    const [ed25519, mlDsa] = keys.keys.filter(({ record: { use } }) => use === 'witness')
    const message = utf8('a checkpoint')
    const [first, second] = keyringOf(keys).cosigners.map(({ sign }) => sign(message))
    const [jwk, own] = [ed25519?.record.jwk, mlDsa && mlDsaKeyOf(mlDsa.record.jwk)]
    expect(jwk && first && primitives.verify({ alg: 'EdDSA', jwk, message, signature: first })).toBe(true)
    expect(own && second && primitives.verifyMlDsa44(own, message, second)).toBe(true)
    expect(own && second && primitives.verifyMlDsa44(own, utf8('another'), second)).toBe(false)
  })
  test('holds a key of each suite, and opens what is sealed to it', async () => {
    const { openKeys } = keyringOf(keys)
    expect(openKeys.map(({ jwk }) => jwk.kty)).toEqual(['OKP', 'AKP'])
    for (const { record } of keys.keys.filter(({ record: { use } }) => use === 'enc')) {
      const [plaintext, aad] = [utf8('words'), utf8('aad')]
      const jwe = await seal({ plaintext, aad, recipients: [sealKeyOf(record)] })
      expect(await unseal({ jwe, aad, keys: openKeys })).toEqual({ ok: true, value: plaintext })
    }
  })
  test('names a person on X-Wing keys alone', async () => {
    const { keys: made } = await makeKeys('arvandia', 'EdDSA', ['Envoy', 'Consul'])
    const named = made.filter(({ record: { person } }) => person !== undefined)
    expect(named.map(({ record: { alg, person } }) => [person, alg])).toEqual([
      ['Envoy', 'X-Wing'],
      ['Consul', 'X-Wing'],
    ])
  })
  test('is readable by its owner alone', () => expect(statSync(path).mode & 0o777).toBe(0o600))
  test('shows nothing of a private key', () => {
    const text = readFileSync(path, 'utf8')
    for (const { d } of keys.keys) expect(text).not.toContain(d)
  })
})

describe('a keystore is refused', () => {
  test('with another passphrase', async () => expect(await codeOf('correct horse')).toContain('home.wrong-passphrase'))
  test('where others may read it, with the cure', async () => {
    chmodSync(path, 0o644)
    expect(await codeOf(passphrase)).toBe(`home.wrong-mode its mode is 0644; run: chmod 600 ${path}`)
    chmodSync(path, 0o600)
  })
  test('where it is not there', async () => {
    expect(await codeOf(passphrase, join(folder, 'none'))).toContain('home.missing')
  })
  test('where it asks for more work than the bound', async () => {
    const other = changed(file => Object.assign(file['kdf'] as object, { N: 2 ** 24 }))
    expect(await codeOf(passphrase, other)).toContain('home.bad-keystore')
  })
  test('where it asks for less work than the bound', async () => {
    const other = changed(file => Object.assign(file['kdf'] as object, { N: 2 ** 10 }))
    expect(await codeOf(passphrase, other)).toContain('home.bad-keystore')
  })
  test('where one byte of it was changed', async () => {
    const flip = (text: string) => text.replace(/^./, first => (first === 'A' ? 'B' : 'A'))
    const other = changed(file => Object.assign(file, { sealed: flip(file['sealed'] as string) }))
    expect(await codeOf(passphrase, other)).toContain('home.wrong-passphrase')
  })
})
