import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { connect } from 'node:net'
import {
  type Json,
  type OpenSubmission,
  type SealedSubmission,
  type SubmitResult,
  canonical,
  formatTierCopy,
  fromBase64url,
  recipientsFor,
  seal,
  signRequest,
  toBase64url,
  utf8,
} from '@chancery/protocol'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Running, type Wrong, attribution, replay, running, sha256, submissionOf, world } from './fixture.ts'

let it: Running
/** Statements that are good, and have not been sent. */
let next: OpenSubmission
let afterNext: OpenSubmission
let size: number

beforeAll(async () => {
  const made = await world({ clearances: { amber: ['aldova', 'borsk'], 'amber+strict': ['aldova'], red: ['aldova'] } })
  it = await running(made, { bodyBytesMax: 400_000 })
  await replay(made, it.api)
  size = made.size
  next = (await submissionOf(made, await attribution(made, 'clear'))) as OpenSubmission
  afterNext = (await submissionOf(made, await attribution(made, 'clear'))) as OpenSubmission
})
afterAll(async () => {
  await it.relay.close()
  it.files.remove()
})

/** The first statement of a member's open chain, which adopts the charter. */
const firstOf = (id: string): string =>
  it.world.logged.find(({ payload }) => payload.iss === id && payload.chain.seq === 0)?.sid ?? ''

const sizeOfLog = async (): Promise<number> =>
  ((await (await fetch(`${it.api.url}/ready`)).json()) as { size: number }).size

describe('a call without a good proof', () => {
  const now = () => Math.floor(Date.now() / 1_000)
  const cases: readonly (readonly [string, () => Wrong, number, string])[] = [
    ['no proof at all', () => ({ authorization: null }), 401, 'auth.missing'],
    ['another scheme', () => ({ authorization: 'Bearer abc' }), 401, 'auth.missing'],
    ['a proof that is no JWS', () => ({ authorization: 'Chancery abc' }), 401, 'auth.missing'],
    ['a proof older than a minute', () => ({ iat: now() - 61 }), 401, 'auth.stale'],
    ['a proof from the future', () => ({ iat: now() + 62 }), 401, 'auth.stale'],
    ['a proof for another path', () => ({ signedPath: '/charter' }), 401, 'auth.wrong-request'],
    ['a proof for the same path with a query', () => ({ signedPath: '/checkpoint?a=1' }), 401, 'auth.wrong-request'],
    ['a proof for another method', () => ({ signedMethod: 'POST' }), 401, 'auth.wrong-request'],
    ['a proof for another body', () => ({ signedBody: 'x' }), 401, 'auth.wrong-request'],
    ['a proof for another relay', () => ({ aud: 'relay.example/log2' }), 401, 'auth.wrong-request'],
    [
      'a proof by the key that signs statements',
      () => ({ signer: it.world.members['aldova']?.signer as never }),
      403,
      'charter.unknown-key',
    ],
    [
      'a proof by the root key',
      () => ({ signer: it.world.members['aldova']?.rootSigner as never }),
      403,
      'charter.unknown-key',
    ],
  ]
  test.each(cases)('%s is refused', async (_name, wrong, status, type) => {
    const answer = await it.api.call('aldova', { path: '/checkpoint', ...wrong() })
    expect([answer.status, answer.body]).toMatchObject([status, { type, status }])
    expect(answer.headers.get('content-type')).toBe('application/problem+json')
  })

  test('a proof is good once', async () => {
    const authorization = await it.api.authorization('aldova', { path: '/checkpoint' })
    expect((await it.api.call('aldova', { path: '/checkpoint', authorization })).status).toBe(200)
    expect((await it.api.call('aldova', { path: '/checkpoint', authorization })).body).toMatchObject({
      type: 'auth.replayed',
    })
  })

  test('a key that is not in the charter, one for another use and a broken signature are one answer', async () => {
    const stranger = {
      ...(it.world.members['aldova']?.authSigner as object),
      kid: toBase64url(randomBytes(32)),
    } as never
    const broken = { ...(it.world.members['aldova']?.authSigner as object), sign: () => new Uint8Array(64) } as never
    const otherUse = it.world.members['aldova']?.signer as never
    const answers = await Promise.all(
      [stranger, broken, otherUse].map(signer => it.api.call('aldova', { path: '/charter', signer })),
    )
    expect(new Set(answers.map(({ text, status }) => `${status} ${text}`)).size).toBe(1)
  })

  test("a statement's signature is no request proof", async () => {
    const answer = await it.api.call('aldova', { path: '/checkpoint', authorization: `Chancery ${next.jws}` })
    expect(answer.body.type).toBe('auth.missing')
  })
})

describe('a body that is not a submission', () => {
  const post = (body: string, headers?: Record<string, string>) =>
    it.api.call('aldova', { method: 'POST', path: '/statements', body, ...(headers && { headers }) })
  const many = (count: number) =>
    canonical({ submissions: Array.from({ length: count }, () => ({ jws: 'a.b.c', seals: [] })) } as Json)

  test.each([
    ['not JSON', 'x', 'bytes.not-json'],
    ['white space in it', '{"submissions": []}', 'bytes.not-canonical'],
    ['a member twice', '{"submissions":[],"submissions":[]}', 'bytes.not-canonical'],
    ['nested without end', '['.repeat(5_000), 'bytes.too-deep'],
    ['another member', '{"more":1,"submissions":[]}', 'relay.bad-request'],
    ['none in it', '{"submissions":[]}', 'relay.bad-request'],
    ['65 in it', many(65), 'relay.bad-request'],
    [
      'a submission with an unknown member',
      '{"submissions":[{"jws":"a.b.c","more":1,"seals":[]}]}',
      'relay.bad-request',
    ],
    ['null', 'null', 'relay.bad-request'],
  ])('%s', async (_name, body, type) => {
    expect((await post(body)).body).toMatchObject({ type })
  })

  test('longer than the limit, announced or not', async () => {
    const body = 'x'.repeat(400_001)
    expect(await post(body)).toMatchObject({ status: 413, body: { type: 'bytes.too-large' } })
    const authorization = await it.api.authorization('aldova', { method: 'POST', path: '/statements', body })
    const chunks = new ReadableStream({
      start: controller => {
        for (let i = 0; i < 9; i++) controller.enqueue(utf8('x'.repeat(50_000)))
        controller.close()
      },
    })
    const answer = await fetch(`${it.api.url}/statements`, {
      method: 'POST',
      headers: { authorization },
      body: chunks,
      duplex: 'half',
    } as RequestInit)
    expect(answer.status).toBe(413)
  })

  test('of a stranger is not waited for: the answer comes before the body', async () => {
    const bad = await it.api.authorization('aldova', { method: 'POST', path: '/statements', iat: 1 })
    for (const proof of ['', `Authorization: ${bad}\r\n`]) {
      const head = `POST /statements HTTP/1.1\r\nHost: relay.example\r\n${proof}Content-Length: 300000\r\n\r\n`
      const socket = connect(it.relay.port, '127.0.0.1', () => socket.write(head))
      const [answer] = (await once(socket, 'data')) as [Buffer]
      socket.destroy()
      expect(String(answer).slice(9, 12)).toBe('401')
    }
  })

  test('other than the one that was signed', async () => {
    const answer = await it.api.submit('aldova', [next], { signedBody: 'x' })
    expect([answer.status, answer.body]).toMatchObject([401, { type: 'auth.wrong-request', at: '/bh' }])
  })

  test('compressed', async () => {
    expect((await post('x', { 'content-encoding': 'gzip' })).body.type).toBe('relay.bad-request')
  })
})

describe('a statement that does not hold is refused, with its code and place', () => {
  const submit = async (submission: unknown, member = 'aldova'): Promise<{ status: number; result: SubmitResult }> => {
    const { status, body } = await it.api.submit(member, [submission])
    return { status, result: body.results?.[0] ?? (body as unknown as SubmitResult) }
  }
  const tampered = (part: 0 | 1 | 2, change: (bytes: Uint8Array) => void): OpenSubmission => {
    const parts = next.jws.split('.')
    const bytes = fromBase64url(parts[part] ?? '') ?? new Uint8Array(0)
    change(bytes)
    return { ...next, jws: parts.map((text, i) => (i === part ? toBase64url(bytes) : text)).join('.') }
  }
  const drafted = async (change: Parameters<typeof attribution>[3], by = 'aldova'): Promise<OpenSubmission> => {
    const row = it.world.logged[size]?.payload.body
    const draft = await it.world.draft('attribution.statement', by, row, change)
    return { jws: draft.jws, seals: [] }
  }

  test('nothing of what follows changes the log', async () => expect(await sizeOfLog()).toBe(size))

  test('not a JWS', async () =>
    expect((await submit({ ...next, jws: 'a.b' })).result).toMatchObject({ code: 'bytes.bad-alphabet' }))
  test('one bit of the signature', async () =>
    expect((await submit(tampered(2, bytes => (bytes[0] = (bytes[0] ?? 0) ^ 1)))).result).toMatchObject({
      code: 'statement.bad-signature',
    }))
  test('one letter of the text', async () => {
    const changed = tampered(1, bytes => bytes.set(utf8('J'), Buffer.from(bytes).indexOf('Intrusion')))
    expect((await submit(changed)).result).toMatchObject({ code: 'statement.bad-signature' })
  })
  test('a request proof in place of a statement', async () => {
    const signer = it.world.members['aldova']?.authSigner as never
    const jws = await signRequest(signer, {
      aud: it.world.origin,
      htm: 'GET',
      htu: '/',
      body: utf8(''),
      iat: 1,
      jti: randomBytes(32),
      sha256,
    })
    expect((await submit({ jws, seals: [] })).result).toMatchObject({ code: 'statement.wrong-type' })
  })
  test("signed with another member's key", async () => {
    const signer = it.world.members['borsk']?.signer
    const aldova = it.world.members['aldova'] as { signer: unknown }
    const own = aldova.signer
    aldova.signer = signer
    const forged = await drafted({})
    aldova.signer = own
    expect((await submit(forged)).result).toMatchObject({ code: 'statement.not-issuer' })
  })
  test('issued by another member than the one that calls', async () =>
    expect((await submit(next, 'borsk')).result).toMatchObject({ code: 'statement.not-issuer', at: '/iss' }))
  test('made for another coalition', async () => {
    const foreign = await drafted({ change: claims => ({ ...claims, coa: toBase64url(sha256(utf8('another'))) }) })
    expect((await submit(foreign)).result).toMatchObject({ code: 'statement.wrong-coalition' })
  })
  test('a number of the chain left out', async () =>
    expect((await submit(afterNext)).result).toMatchObject({ code: 'statement.chain-broken' }))
  test('a view of the log that this log never had', async () => {
    const seen = { note: toBase64url(randomBytes(32)), root: toBase64url(randomBytes(32)), size: 2 }
    const first = await drafted({
      change: claims => ({ ...claims, chain: { id: 'clear', prev: firstOf('aldova'), seq: 1 }, seen }),
    })
    expect((await submit(first)).result).toMatchObject({ code: 'statement.seen-mismatch' })
  })
  test('a reference to what is not on the log', async () => {
    const draft = await it.world.draft(
      'callout.propose',
      'aldova',
      {
        attributions: [toBase64url(randomBytes(32))],
        deputies: [],
        form: 'common-text',
        invitees: ['borsk'],
        pen_holder: 'aldova',
        release_window: { from: '2031-01-01T00:00:00Z', until: '2031-02-01T00:00:00Z' },
        respond_by: '2031-01-02T00:00:00Z',
        title: 'A call-out about nothing',
      },
      {},
    )
    expect((await submit({ jws: draft.jws, seals: [] })).result).toMatchObject({
      code: 'statement.unknown-ref',
    })
  })
  test('a tear line in the clear', async () => {
    const copy = formatTierCopy(next.jws, ['WyJhIl0'])
    expect((await submit({ ...next, jws: copy })).result).toMatchObject({ code: 'bytes.bad-alphabet', at: '/jws' })
    expect((await submit({ ...next, jws: copy.slice(0, -1) })).result).toMatchObject({
      code: 'bytes.bad-alphabet',
      at: '/jws',
    })
  })
  test('an open entry with a tag, one that is too long for an open entry without', async () => {
    const tag = toBase64url(randomBytes(32))
    expect((await submit({ ...next, tag })).result).toMatchObject({ code: 'log.bad-entry', at: '/tag' })
    const row = it.world.logged[size]?.payload.body as object
    const body = { ...row, summary: 'x'.repeat(60_000) }
    const long = await it.world.draft('attribution.statement', 'aldova', body)
    expect((await submit({ jws: long.jws, seals: [] })).result).toMatchObject({ code: 'log.bad-entry', at: '/tag' })
  })
  test('one that only some may read, in the clear: the relay must not have it', async () => {
    for (const tlp of ['green', 'red'] as const) {
      const [restricted, tag] = [await drafted({ tlp }), toBase64url(randomBytes(32))]
      expect((await submit(restricted)).result).toMatchObject({ code: 'log.bad-entry', at: '/jws' })
      expect((await submit({ ...restricted, tag })).result).toMatchObject({ code: 'log.bad-entry', at: '/jws' })
    }
  })
  test('copies beside a kind that carries none', async () => {
    const enclosed = [{ disclosures: [], jws: next.jws }]
    expect((await submit({ ...next, enclosed })).result).toMatchObject({
      code: 'statement.breaks-law',
      at: '/enclosed',
    })
  })
  test('adopting a charter twice', async () => {
    const draft = await it.world.draft(
      'charter.adopt',
      'borsk',
      { adopts: it.world.charter.genesis },
      {
        change: claims => ({
          ...claims,
          seen: { note: toBase64url(randomBytes(32)), root: it.world.rootAt(size) ?? '', size },
        }),
      },
    )
    expect((await submit({ jws: draft.jws, seals: [] }, 'borsk')).result).toMatchObject({
      code: 'charter.already-adopted',
    })
  })

  describe('sealed containers of an open statement', () => {
    const torn = async () => {
      const tear = [{ label: 'source', tlp: 'amber' as const, content: { text: 'For amber readers' } }]
      const draft = await it.world.draft('attribution.statement', 'aldova', it.world.logged[size]?.payload.body, {
        tear,
      })
      return submissionOf(it.world, draft)
    }
    const codeOf = async (submission: unknown) => (await submit(submission)).result
    test('made for another statement', async () => {
      const [one, other] = [await torn(), await torn()]
      expect(await codeOf({ ...one, seals: other.seals })).toMatchObject({ code: 'seal.wrong-statement' })
    })
    test('of a tier that no tear line has', async () => {
      const one = await torn()
      expect(await codeOf({ ...one, seals: one.seals.map(tier => ({ ...tier, tlp: 'red' })) })).toMatchObject({
        code: 'tear.unreferenced',
      })
    })
    test('twice', async () => {
      const one = await torn()
      expect(await codeOf({ ...one, seals: [...one.seals, ...one.seals] })).toMatchObject({ code: 'tear.repeated' })
    })
    test('sealed to a member that is not cleared', async () => {
      const one = await torn()
      const [tier] = one.seals
      const recipients = tier?.jwe.recipients.map(recipient => ({
        ...recipient,
        header: { ...recipient.header, kid: it.world.members['caldria']?.xwingKey.kid },
      }))
      const seals = [{ ...tier, jwe: { ...tier?.jwe, recipients } }]
      expect(await codeOf({ ...one, seals })).toMatchObject({ code: 'seal.malformed' })
    })
    test('above GREEN, to an X25519 key of a member that is cleared', async () => {
      const one = await torn()
      const [tier] = one.seals
      const aad = fromBase64url(tier?.jwe.aad ?? '') ?? new Uint8Array(0)
      const recipients = recipientsFor(it.world.charter, 'green', ['borsk'])
      const old = await seal({ plaintext: utf8('x'), aad, recipients })
      const only = { ...one, seals: [{ ...tier, jwe: old }] }
      expect(await codeOf(only)).toMatchObject({ code: 'seal.malformed', at: '/seals/0/jwe/recipients/0' })
      const both = [...(tier?.jwe.recipients ?? []), ...old.recipients]
      const mixed = { ...one, seals: [{ ...tier, jwe: { ...tier?.jwe, recipients: both } }] }
      expect(await codeOf(mixed)).toMatchObject({ code: 'seal.mixed-suites', at: '/seals/0/jwe/recipients' })
    })
  })

  describe('a sealed statement', () => {
    const sealed = async (tlp: 'green' | 'amber' = 'amber', releasable_to?: string[]): Promise<SealedSubmission> => {
      const row = it.world.logged[size]?.payload.body
      const handling = releasable_to === undefined ? {} : { releasable_to }
      const draft = await it.world.draft('attribution.statement', 'aldova', row, { tlp, handling })
      return (await submissionOf(it.world, draft)) as SealedSubmission
    }
    const codeOf = async (submission: unknown) => (await submit(submission)).result
    const with0 = (one: SealedSubmission, change: object) => ({ ...one, seals: [{ ...one.seals[0], ...change }] })

    test('is 65 bytes of the sealed form', async () => {
      const one = await sealed()
      const bytes = fromBase64url(one.entry) ?? new Uint8Array(0)
      const at = '/submissions/0/entry'
      expect(await codeOf({ ...one, entry: one.entry.slice(0, -1) })).toMatchObject({ type: 'relay.bad-request', at })
      expect(await codeOf({ ...one, jws: next.jws })).toMatchObject({ type: 'relay.bad-request' })
      const open = toBase64url(Uint8Array.from(bytes, (byte, i) => (i === 0 ? 2 : byte)))
      expect(await codeOf({ ...one, entry: open })).toMatchObject({ code: 'log.bad-entry', at: '/entry' })
      expect(await codeOf({ ...one, entry: `${one.entry.slice(0, -1)}_` })).toMatchObject({
        code: 'bytes.not-base64url',
      })
    })
    test('has containers of its own commitment, one for each audience', async () => {
      const [one, other] = [await sealed(), await sealed()]
      const wrong = { code: 'seal.wrong-statement', at: '/seals/0/jwe/aad' }
      expect(await codeOf({ ...one, seals: other.seals })).toMatchObject(wrong)
      const twice = { ...one, seals: [...one.seals, ...one.seals] }
      expect(await codeOf(twice)).toMatchObject({ code: 'tear.repeated', at: '/seals/1/tlp' })
    })
    test('is for readers whom the charter clears, in one order', async () => {
      const one = await sealed('amber', ['aldova', 'borsk'])
      const at = '/seals/0/releasable_to'
      const to = (releasable_to: string[]) => codeOf(with0(one, { releasable_to }))
      expect(await to(['borsk', 'aldova'])).toMatchObject({ code: 'seal.malformed', at })
      expect(await to(['aldova', 'aldova'])).toMatchObject({ code: 'seal.malformed', at })
      expect(await to(['aldova', 'caldria'])).toMatchObject({ code: 'seal.malformed', at })
      expect(await to(['freedonia'])).toMatchObject({ code: 'seal.malformed', at })
    })
    test('is sealed to keys of those readers and of its sender, and to no other', async () => {
      const one = await sealed('amber', ['borsk'])
      const recipients = one.seals[0]?.jwe.recipients ?? []
      expect(recipients.map(({ header }) => header.kid).sort()).toEqual(
        ['aldova', 'borsk'].map(id => it.world.members[id]?.xwingKey.kid).sort(),
      )
      const kid = it.world.members['caldria']?.xwingKey.kid
      const strange = recipients.map(recipient => ({ ...recipient, header: { ...recipient.header, kid } }))
      const jwe = { ...one.seals[0]?.jwe, recipients: strange }
      expect(await codeOf(with0(one, { jwe }))).toMatchObject({
        code: 'seal.malformed',
        at: '/seals/0/jwe/recipients/0',
      })
      // Of a container for borsk alone, a key of the sender is one that the relay knows as such; another's is not.
      const { result } = await submit(one, 'borsk')
      expect(result).toMatchObject({ code: 'seal.malformed', at: '/seals/0/jwe/recipients/1' })
    })
  })

  test('after all this the next good statement is taken, and the one after it', async () => {
    const { status, body } = await it.api.submit('aldova', [{ ...next, jws: 'a.b' }, next])
    expect(status).toBe(400)
    expect(body.results).toMatchObject([{ code: 'bytes.bad-alphabet' }, { index: size }])
    expect((await submit(afterNext)).result).toMatchObject({ index: size + 1 })
    expect(await sizeOfLog()).toBe(size + 2)
  })

  test('a second statement with a number that is taken', async () => {
    const twin = await drafted({
      change: claims => ({ ...claims, chain: { id: 'clear', prev: firstOf('aldova'), seq: 1 } }),
    })
    expect((await submit(twin)).result).toMatchObject({ code: 'statement.equivocation' })
  })
})

describe('what HTTP lets in', () => {
  const raw = (request: string): Promise<string> =>
    new Promise((resolve, reject) => {
      const socket = connect(it.relay.port, '127.0.0.1', () => socket.write(request))
      let text = ''
      socket.on('data', data => (text += String(data)))
      socket.on('close', () => resolve(text))
      socket.on('error', reject)
    })
  const guarded = (text: string): void => {
    expect(text.toLowerCase()).toContain("content-security-policy: default-src 'none'")
    expect(text.toLowerCase()).toContain('x-content-type-options: nosniff')
    expect(text.toLowerCase()).toContain('strict-transport-security: ')
    expect(text.toLowerCase()).not.toMatch(/\nserver:|x-powered-by/)
  }

  test.each([
    ['no such route', 'GET /nothing HTTP/1.1', '404'],
    ['a path that can be read in two ways', 'GET /statements/..%2fcheckpoint HTTP/1.1', '404'],
    ['two slashes', 'GET //checkpoint HTTP/1.1', '404'],
    ['another method', 'DELETE /statements HTTP/1.1', '404'],
    ['health', 'GET /health HTTP/1.1', '200'],
    ['no proof', 'GET /checkpoint HTTP/1.1', '401'],
    ['not HTTP', 'HELLO', '400'],
    ['headers too long', `GET /health HTTP/1.1\r\nx-long: ${'a'.repeat(20_000)}`, '431'],
    ['an expectation', 'GET /health HTTP/1.1\r\nExpect: miracles', '417'],
  ])('%s: every answer carries the security headers, and every refusal a code', async (_name, request, status) => {
    const text = await raw(`${request}\r\nHost: relay.example\r\nConnection: close\r\n\r\n`)
    expect(text.slice(9, 12)).toBe(status)
    guarded(text)
    expect(/"type":"(relay|auth)\.[a-z-]+"/.test(text)).toBe(status !== '200')
  })

  test.each([
    ['no Host', 'GET /health HTTP/1.1'],
    ['no Host, and a body', 'POST /statements HTTP/1.1\r\nContent-Length: 2'],
    ['no Host, in the older HTTP', 'GET /health HTTP/1.0'],
    ['a Host that is no name', 'GET /health HTTP/1.1\r\nHost: a/b?c'],
    ['a target that is no path', 'GET health HTTP/1.1\r\nHost: relay.example'],
    ['a target at another scheme', 'GET http://[/ HTTP/1.1\r\nHost: relay.example'],
  ])('%s is refused with the headers and a code', async (_name, request) => {
    const text = await raw(`${request}\r\n\r\n`)
    expect(text.slice(9, 12)).toBe('400')
    expect(text).toContain('"type":"relay.bad-request"')
    guarded(text)
  })

  test('a good proof for what is no WebSocket is refused with the headers and a code', async () => {
    const authorization = await it.api.authorization('aldova', { path: '/stream' })
    const lines = ['GET /stream HTTP/1.1', 'Host: relay.example', `Authorization: ${authorization}`]
    const text = await raw([...lines, 'Upgrade: websocket', 'Connection: Upgrade', '', ''].join('\r\n'))
    expect(text.slice(9, 12)).toBe('400')
    expect(text).toContain('"type":"relay.bad-request"')
    guarded(text)
  })

  test('a page may not open the stream', async () => {
    const stream = await it.api.stream('aldova', null, { headers: { origin: 'https://relay.example' } })
    expect((await stream.closed).code).toBe(400)
  })

  test('a stream without a proof is refused before it begins', async () => {
    const text = await raw(
      [
        'GET /stream HTTP/1.1',
        'Host: relay.example',
        'Upgrade: websocket',
        'Connection: Upgrade',
        'Sec-WebSocket-Version: 13',
        'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
        '',
        '',
      ].join('\r\n'),
    )
    expect(text.slice(9, 12)).toBe('401')
    guarded(text)
  })
})
