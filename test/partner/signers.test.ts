import { execFileSync, spawnSync } from 'node:child_process'
import { createPublicKey } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Member, type SignatureAlg, kindOf, portableVerify, utf8 } from '@chancery/protocol'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Coalition } from './coalition.ts'
import * as tokens from '../token.ts'

const program = fileURLToPath(new URL('signer-program.ts', import.meta.url))
const openssl = spawnSync('openssl', ['version']).status === 0
const body = kindOf('attribution.statement').template as object
const clear = { kind: 'attribution.statement', handling: { tlp: 'clear' }, exercise: true, body, tear: [] }
type Published = { readonly sid: string; readonly index: number }

const outbox = (of: Coalition, id: string): string[] =>
  existsSync(join(of.home(id), 'outbox')) ? readdirSync(join(of.home(id), 'outbox')) : []
const keyOf = (of: Coalition, id: string, use: string) => {
  const member = JSON.parse(readFileSync(of.file(`${id}.json`), 'utf8')) as Member
  const key = member.keys.find(record => record.use === use)
  if (key === undefined) throw new Error(`no ${use} key of ${id}`)
  return key
}

/** The statement as anyone has it, from a folder that was exported. */
function jwsOf(folder: string, sid: string): string {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  const name = names.find(path => path.includes(sid) && readFileSync(join(folder, path), 'utf8').startsWith('ey'))
  return (
    readFileSync(join(folder, name ?? ''), 'utf8')
      .trim()
      .split('~')[0] ?? ''
  )
}

function derOf(raw: Uint8Array): Buffer {
  const half = raw.length / 2
  const numbers = [raw.subarray(0, half), raw.subarray(half)].map(part => {
    const bare = Buffer.from(part).subarray(part.findIndex(byte => byte !== 0))
    const positive = (bare[0] ?? 0) > 127 ? Buffer.concat([Buffer.of(0), bare]) : bare
    return Buffer.concat([Buffer.of(2, positive.length), positive])
  })
  const inside = Buffer.concat(numbers)
  return Buffer.concat([Buffer.of(0x30, inside.length), inside])
}

/** OpenSSL's own word on a signature. */
function opensslHolds(
  of: Coalition,
  alg: SignatureAlg,
  { jwk, message, raw }: { jwk: object; message: Uint8Array; raw: Uint8Array },
): boolean {
  const pem = createPublicKey({ key: jwk as never, format: 'jwk' }).export({ format: 'pem', type: 'spki' })
  const [key, words, signature] = ['k.pem', 'k.msg', 'k.sig'].map(name => of.file(name)) as [string, string, string]
  writeFileSync(key, pem)
  writeFileSync(words, message)
  writeFileSync(signature, alg === 'EdDSA' ? raw : derOf(raw))
  const ecdsa = ['dgst', alg === 'ES256' ? '-sha256' : '-sha384', '-verify', key, '-signature', signature, words]
  const eddsa = ['pkeyutl', '-verify', '-pubin', '-inkey', key, '-rawin', '-in', words, '-sigfile', signature]
  return spawnSync('openssl', alg === 'EdDSA' ? eddsa : ecdsa).status === 0
}

async function expectStatement(of: Coalition, id: string, alg: SignatureAlg): Promise<void> {
  const { sid } = await of.as<Published>(id, 'publish', of.draft(`${id}.draft.json`, clear))
  const folder = of.file(`${id}.evidence`)
  await of.as(id, 'export', '--for', 'clear', '--out', folder)
  expect((await of.audit(folder)).findings).toEqual([])
  const [header = '', payload = '', signature = ''] = jwsOf(folder, sid).split('.')
  expect(JSON.parse(Buffer.from(header, 'base64url').toString())).toMatchObject({ alg })
  const { jwk } = keyOf(of, id, 'sign')
  const [message, raw] = [utf8(`${header}.${payload}`), Buffer.from(signature, 'base64url')]
  // Longer than what small tools sign in one part.
  expect(message.length).toBeGreaterThan(1_024)
  const verdicts = () => [
    portableVerify({ alg, jwk, message, signature: raw }),
    ...(openssl ? [opensslHolds(of, alg, { jwk, message, raw })] : []),
  ]
  expect(verdicts()).not.toContain(false)
  message.set([(message[20] ?? 0) ^ 1], 20)
  expect(verdicts()).not.toContain(true)
}

describe('keys behind a program of the member', () => {
  const it = new Coalition(['arvandia', 'belmora'])
  const folder = it.file('keys')
  const mood = (word: string) => writeFileSync(join(folder, 'mood'), word)
  beforeAll(async () => {
    mkdirSync(folder)
    const own = ['--signer', 'command', '--signer-seconds', '5', '--command', process.execPath, program, folder]
    await it.found({ init: id => (id === 'arvandia' ? own : []) })
  }, 120_000)
  afterAll(() => it.close())

  test('found a coalition and sign statements, and the keystore has none of them', async () => {
    await expectStatement(it, 'arvandia', 'ES256')
    const asked = readFileSync(join(folder, 'asked'), 'utf8')
    for (const purpose of ['public-key', 'possession', 'charter', 'statement', 'request'])
      expect(asked).toContain(`"purpose":"${purpose}"`)
  }, 60_000)
  test.each([
    ['wrong', 3, /gave a signature that does not hold under the key [\w-]{43}; it was not used/],
    ['garbage', 3, /answered 13 bytes that are not JSON/],
    ['other', 3, /answered something else than was asked for/],
    ['flood', 3, /answered more than 65536 bytes/],
    ['hang', 3, /gave no answer within 5 s/],
    ['fail', 3, /ended with exit code 7: no card in the reader/],
    ['no', 1, /refused {2}signer\.refused at .*: .*; the minister has not approved it/],
  ])(
    'that is %s: the command says so and loses nothing',
    async (word, code, says) => {
      mood(word)
      const ran = await it.run('arvandia', 'publish', it.draft('again.json', clear))
      mood('')
      expect(ran).toMatchObject({ code, out: '' })
      expect(ran.err).toMatch(says)
      expect(ran.err).toContain(process.execPath)
      expect(outbox(it, 'arvandia')).toEqual([])
      expect((await it.as<Published>('arvandia', 'publish', it.file('again.json'))).index).toBeGreaterThan(0)
    },
    60_000,
  )
  test('a program that others may change is not run', async () => {
    const config = join(it.home('arvandia'), 'config.json')
    const [before, other] = [readFileSync(config, 'utf8'), it.file('other-program')]
    writeFileSync(other, '#!/bin/sh\nexit 0\n')
    execFileSync('chmod', ['777', other])
    writeFileSync(config, before.replace(JSON.stringify(process.execPath), JSON.stringify(other)))
    const ran = await it.run('arvandia', 'publish', it.file('again.json'))
    writeFileSync(config, before)
    expect(ran).toMatchObject({ code: 1, out: '' })
    expect(ran.err).toContain(`home.wrong-mode at ${other}: `)
  })
  test('called wrongly says what goes with what', async () => {
    const init = (...more: string[]) => it.run('corvane', 'init', '--member', 'corvane', '--name', 'C', ...more)
    for (const [words, says] of [
      [['--signer', 'card'], '--signer is one of keystore, pkcs11, command'],
      [['--signer', 'pkcs11', '--module', '/m.so'], '--token is needed'],
      [['--signer', 'command', '--command', 'sign'], '--command is wrong: an absolute path'],
      [['--signer', 'command', '--command', '/s', '--token', 't'], '--token is not for --signer command'],
      [['--module', '/m.so'], '--module is not for --signer keystore'],
      [['--auth-in-keystore'], '--auth-in-keystore and --signer-seconds go with --signer pkcs11 or command'],
      [
        ['--signer', 'command', '--command', '/s', '--signer-seconds', '0'],
        '--signer-seconds is a number from 1 to 300',
      ],
      [['word'], 'one argument too many: word'],
    ] as const) {
      const ran = await init(...words)
      expect({ code: ran.code, first: ran.err.split('\n')[0] }).toEqual({ code: 2, first: says })
    }
    expect(existsSync(it.home('corvane'))).toBe(false)
  }, 60_000)
})

describe.skipIf(!tokens.hasToken)(`keys on a token of SoftHSM (${tokens.whyNoToken})`, () => {
  const it = new Coalition(['arvandia', 'belmora', 'corvane'])
  const algs = { arvandia: 'ES256', belmora: 'ES384', corvane: 'EdDSA' } as const
  const before = process.env['SOFTHSM2_CONF']
  beforeAll(async () => {
    tokens.makeTokens(it.folder, it.ids)
    await it.found({
      init: id => {
        const more = id === 'belmora' ? ['--auth-in-keystore'] : []
        return [
          ...tokens.tokenOptions(it.folder, id),
          '--alg',
          algs[id as keyof typeof algs],
          '--signer-seconds',
          '5',
          ...more,
        ]
      },
    })
  }, 120_000)
  afterAll(async () => {
    if (before === undefined) delete process.env['SOFTHSM2_CONF']
    else process.env['SOFTHSM2_CONF'] = before
    await it.close()
  })
  const publish = (id = 'arvandia') => it.run(id, 'publish', it.draft('again.json', clear))

  test.each(Object.entries(algs))(
    '%s founds the coalition and signs by %s',
    (id, alg) => expectStatement(it, id, alg),
    60_000,
  )
  test.skipIf(!tokens.hasTool)(
    'the keys are sensitive, sign and do nothing else, and only those asked for are there',
    () => {
      const tool = (label: string) =>
        execFileSync(
          'pkcs11-tool',
          ['--module', tokens.module, '--token-label', label, '--login', '--pin', 'env:PIN', '-O', '--type', 'privkey'],
          {
            encoding: 'utf8',
            env: { ...process.env, PIN: '314159' },
          },
        )
      expect(tool('arvandia').match(/label: .*/g)).toHaveLength(3)
      expect(tool('belmora').match(/label: .*/g)).toHaveLength(2)
      for (const usage of tool('arvandia').match(/Usage: .*/g) ?? []) expect(usage).toMatch(/^Usage: +sign$/)
      expect(tool('arvandia').match(/never extractable/g)).toHaveLength(3)
    },
  )
  test('the PIN is in no argument and no variable of any process', async () => {
    const back = tokens.standBetween(
      it.folder,
      'cat /proc/$$/cmdline /proc/$$/environ >> "$folder/seen"; exec "$real" "$@"',
    )
    const ran = await publish()
    back()
    expect(ran.code).toBe(0)
    const seen = readFileSync(it.file('seen'), 'utf8')
    expect(seen).toContain('pkcs11.py')
    expect(seen).not.toContain('314159')
  }, 60_000)
  test('a wrong PIN is tried once, and refused with what to do', async () => {
    tokens.writePin(it.folder, '000000')
    const back = tokens.standBetween(it.folder, 'echo tried >> "$folder/tries"; exec "$real" "$@"')
    // The node asks for two signatures at once: for the stream, and for the relay that is to be remembered.
    const node = await it.run('arvandia', 'run', '--relay', it.url.replace('127.0.0.1', 'localhost'))
    const tries = readFileSync(it.file('tries'), 'utf8')
    const ran = await publish()
    back()
    tokens.rightPin(it.folder)
    expect({ code: node.code, tries }).toEqual({ code: 1, tries: 'tried\n' })
    expect(ran).toMatchObject({ code: 1, out: '' })
    expect(ran.err).toContain(`refused  signer.wrong-pin at ${it.file('pin')}: `)
    expect(readFileSync(it.file('tries'), 'utf8')).toBe('tried\ntried\n')
    expect((await publish()).code).toBe(0)
  }, 60_000)
  test('a PIN that others may read is refused', async () => {
    execFileSync('chmod', ['644', it.file('pin')])
    const ran = await publish()
    execFileSync('chmod', ['600', it.file('pin')])
    expect(ran.err).toContain(`refused  home.wrong-mode at ${it.file('pin')}`)
  })
  test('a token that is away: a fault that names it, and what waits is still there', async () => {
    await it.stopRelay()
    expect(await publish()).toMatchObject({ code: 3, err: expect.stringContaining('going on with') as string })
    const waits = outbox(it, 'arvandia')
    expect(waits).toHaveLength(1)
    tokens.useTokens(it.folder, 'no-tokens')
    const ran = await publish()
    const other = await publish('belmora')
    tokens.useTokens(it.folder, 'tokens')
    for (const [id, { code, err }] of [
      ['arvandia', ran],
      ['belmora', other],
    ] as const) {
      expect(code).toBe(3)
      expect(err).toContain(`fault  the token ${id} (${tokens.module}) is not there: `)
    }
    expect(outbox(it, 'arvandia')).toEqual(waits)
    await it.startRelay()
    expect((await it.run('arvandia', 'publish', '--outbox')).code).toBe(0)
    expect(outbox(it, 'arvandia')).toEqual([])
    expect(outbox(it, 'belmora')).toEqual([])
  }, 60_000)
  test.each([
    ['hangs', 'exec sleep 60', /gave no answer within 5 s/],
    ['crashes', 'kill -SEGV $$', /was ended by SIGSEGV/],
    [
      'gives a wrong signature',
      `printf '{"signature": "%s"}' $("$real" "$@" | cut -d '"' -f 4 | tr 0-9a-f 1-9a-f0)`,
      /gave a signature that does not hold/,
    ],
    ['answers something else', 'echo "{}"', /answered something else than was asked for, at \/signature: /],
  ])(
    'a token that %s',
    async (_what, script, says) => {
      const back = tokens.standBetween(it.folder, script)
      const ran = await publish()
      back()
      expect(ran).toMatchObject({ code: 3, out: '' })
      expect(ran.err).toMatch(says)
      expect(ran.err).toContain(`fault  the token arvandia (${tokens.module}) `)
      expect(outbox(it, 'arvandia')).toEqual([])
      expect((await publish()).code).toBe(0)
    },
    60_000,
  )
  test('no program takes the last try of a PIN', () => {
    const driver = fileURLToPath(new URL('../../apps/partner/src', import.meta.url))
    // SoftHSM never locks: the flags are those that PKCS #11 gives to a token before and after its last try.
    const flags = '(0x40D, 0x1040D, 0x2040D, 0x4040D)'
    const code = `import pkcs11; print([getattr(pkcs11.why_no_login(f), "code", None) for f in ${flags}])`
    const said = execFileSync('python3', ['-B', '-c', code], { cwd: driver, encoding: 'utf8' })
    expect(said.trim()).toBe("[None, None, 'final-try', 'CKR_PIN_LOCKED']")
  })
  test('keys are not left on the token where the home cannot be made', async () => {
    const count = () => readdirSync(it.file('tokens'), { recursive: true }).length
    const held = count()
    // The token makes the keys, and then signs nothing that holds.
    const lies = `*'"do":"sign"'*) echo '{"signature": "00"}';;`
    const asks = `*) printf %s "$in" | "$real" "$@"; echo made >> "$folder/made";;`
    const script = `in=$(cat); case $in in ${lies} ${asks} esac`
    const back = tokens.standBetween(it.folder, script)
    const words = ['init', '--member', 'dorvane', '--name', 'D', ...tokens.tokenOptions(it.folder, 'arvandia')]
    const ran = await it.run('dorvane', ...words)
    back()
    expect(ran).toMatchObject({ code: 3, out: '' })
    expect(ran.err).toMatch(/gave a signature that does not hold/)
    // Made, and taken back.
    expect(readFileSync(it.file('made'), 'utf8')).toBe('made\nmade\n')
    expect(existsSync(join(it.home('dorvane'), 'keystore.json'))).toBe(false)
    expect(count()).toBe(held)
  }, 60_000)
})
