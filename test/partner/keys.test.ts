import { cpSync } from 'node:fs'
import { kindOf } from '@chancery/protocol'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { homePaths } from '../../apps/partner/src/config.ts'
import { type Keys, makeKey, readKeystore, rewriteKeystore } from '../../apps/partner/src/keystore.ts'
import { random } from '../../apps/partner/src/world.ts'
import { Coalition, hears, stop } from './coalition.ts'

type Logged = { readonly sid: string; readonly index: number; readonly kid: string }
type Listed = { readonly keys: readonly { readonly kid: string; readonly use: string; readonly speaks: boolean }[] }

const coalition = new Coalition(['arvandia', 'belmora', 'corvane'])
const body = kindOf('attribution.statement').template
const passphrase = 'correct horse battery'
const draft = () =>
  coalition.draft('said.json', {
    kind: 'attribution.statement',
    exercise: false,
    body,
    handling: { tlp: 'clear' },
    tear: [],
  })
const publish = (id: string): Promise<Logged> => coalition.as(id, 'publish', draft())
const shownKid = async (id: string, sid: string) => (await coalition.as<{ kid: string }>(id, 'show', sid)).kid
const speaking = async (use: string) => {
  const { keys } = await coalition.as<Listed>('belmora', 'key', 'list')
  return keys.filter(key => key.use === use && key.speaks).map(({ kid }) => kid)
}
const keystore = () => homePaths(coalition.home('belmora')).keystore
async function held(): Promise<Keys> {
  const keys = await readKeystore(keystore(), passphrase)
  if (!keys.ok) throw new Error(keys.code)
  return keys.value
}

beforeAll(() => coalition.found(), 120_000)
afterAll(() => coalition.close())

describe('a member that changes its keys', () => {
  let first: string
  let before: Logged

  test('has one of each use at first, and the only one of a use cannot go', async () => {
    const [kid = '', ...others] = await speaking('sign')
    first = kid
    expect(others).toEqual([])
    before = await publish('belmora')
    cpSync(coalition.home('belmora'), coalition.home('thief'), { recursive: true })
    const refused = await coalition.run('belmora', 'key', 'revoke', first, '--reason', 'Lost.')
    expect([refused.code, refused.err]).toEqual([1, expect.stringContaining('statement.breaks-law')])
  })

  test('signs with a new one as soon as it is on the log', async () => {
    const added = await coalition.as<Logged>('belmora', 'key', 'add', 'sign')
    expect(await speaking('sign')).toEqual([first, added.kid])
    const { sid } = await publish('belmora')
    expect(await shownKid('corvane', sid)).toBe(added.kid)
  })

  test('revokes the old one: a copy of it is of no use, and what it said before stays', async () => {
    const revoked = await coalition.as<Logged>('belmora', 'key', 'revoke', first.slice(0, 8), '--reason', 'Lost.')
    expect(revoked.kid).toBe(first)
    expect(await shownKid('corvane', before.sid)).toBe(first)
    const stolen = await coalition.run('thief', 'publish', draft())
    expect([stolen.code, stolen.err]).toEqual([1, expect.stringContaining('it ended with index')])
    const again = await coalition.run('belmora', 'key', 'revoke', first, '--reason', 'Lost.')
    expect([again.code, again.err]).toEqual([1, expect.stringContaining('charter.unknown-key')])
  })

  test('goes on as a node while its auth key is replaced by another command', async () => {
    const node = await coalition.node('belmora')
    const [old = ''] = await speaking('auth')
    await coalition.as('belmora', 'key', 'add', 'auth')
    const told = hears(node, 'key.revoke')
    await coalition.as('belmora', 'key', 'revoke', old, '--reason', 'Replaced.')
    await told
    const heard = hears(node, 'attribution.statement')
    await publish('corvane')
    await heard
    expect(await stop(node)).toBe(0)
    expect(await speaking('auth')).not.toContain(old)
  })

  test('keeps a root key the same way, and what a crash left unpublished comes first', async () => {
    const keys = await held()
    const left = await makeKey({ member: 'belmora', use: 'root', alg: 'ES256' })
    const written = await rewriteKeystore({
      path: keystore(),
      keys: { ...keys, added: [...(keys.added ?? []), left] },
      passphrase,
      random,
    })
    expect(written.ok).toBe(true)
    const added = await coalition.as<Logged>('belmora', 'key', 'add', 'root')
    expect(added.kid).toBe(left.record.kid)
    const [old = ''] = (await speaking('root')).filter(kid => kid !== added.kid)
    await coalition.as('belmora', 'key', 'revoke', old, '--reason', 'Replaced.')
    expect(await speaking('root')).toEqual([added.kid])
    expect((await coalition.as<Logged>('belmora', 'key', 'add', 'sign', '--alg', 'ES384')).index).toBeGreaterThan(0)
  })

  test('is read by a home that fetches the log anew', async () => {
    const folder = coalition.file('evidence')
    await coalition.as('corvane', 'export', '--for', 'clear', '--out', folder)
    const report = await coalition.audit(folder)
    expect(report).toMatchObject({ ok: true, findings: [] })
    expect(
      report.charter?.keys
        .filter(({ revokedAt }) => revokedAt !== undefined)
        .map(({ use }) => use)
        .sort(),
    ).toEqual(['root', 'sign'])
  })

  test('limits one by a mandate, and takes the limit away', async () => {
    const kid = (await speaking('sign')).at(-1) ?? ''
    await coalition.as('belmora', 'mandate', 'grant', kid, '--strongest-stance', 'supports')
    const beyond = await coalition.run('belmora', 'publish', draft())
    expect([beyond.code, beyond.err]).toEqual([1, expect.stringContaining('charter.beyond-mandate')])
    await coalition.as('belmora', 'mandate', 'revoke', kid)
    expect(await shownKid('corvane', (await publish('belmora')).sid)).toBe(kid)
    const nothing = await coalition.run('belmora', 'mandate', 'grant', kid)
    expect([nothing.code, nothing.err]).toEqual([2, expect.stringContaining('a mandate names')])
  })

  test('gets no key of a use that is not its own to add', async () => {
    const ran = await coalition.run('belmora', 'key', 'add', 'enc')
    expect([ran.code, ran.err]).toEqual([2, expect.stringContaining('root, sign, auth')])
  })
})
