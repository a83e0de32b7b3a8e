import {
  chmodSync,
  copyFileSync,
  existsSync,
  readFileSync,
  readdirSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { type Server, createServer, request as httpRequest } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { kindOf } from '@chancery/protocol'
import { WebSocketServer } from 'ws'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Coalition, hears, stop } from './coalition.ts'

const coalition = new Coalition(['arvandia', 'belmora', 'corvane'])
beforeAll(() => coalition.found(), 120_000)
afterAll(() => coalition.close())

type Published = { readonly sid: string; readonly index: number }
const body = kindOf('attribution.statement').template as object
const draft = { kind: 'attribution.statement', handling: { tlp: 'green' }, exercise: true, body, tear: [] }
const good = (): string => coalition.draft('good.json', draft)
const waiting = (id: string): number =>
  existsSync(join(coalition.home(id), 'outbox')) ? readdirSync(join(coalition.home(id), 'outbox')).length : 0

describe('a command that is not to be done says why, and ends with 1', () => {
  test('a keystore that others may read', async () => {
    const path = join(coalition.home('corvane'), 'keystore.json')
    chmodSync(path, 0o640)
    const ran = await coalition.run('corvane', 'board')
    chmodSync(path, 0o600)
    expect(ran).toMatchObject({ code: 1, out: '' })
    expect(ran.err).toContain(
      `refused  home.wrong-mode at ${path}: other users of this machine may read or change it; `,
    )
    expect(ran.err).toContain(`chmod 600 ${path}`)
  })
  test("a passphrase, a mirror or a home that is not its owner's alone", async () => {
    const home = coalition.home('corvane')
    for (const [path, wide, own] of [
      [coalition.file('pass'), 0o644, 0o600],
      [join(home, 'mirror.db'), 0o666, 0o600],
      [home, 0o777, 0o700],
    ] as const) {
      chmodSync(path, wide)
      const ran = await coalition.run('corvane', 'board')
      chmodSync(path, own)
      expect(ran).toMatchObject({ code: 1, out: '' })
      expect(ran.err).toContain(`refused  home.wrong-mode at ${path}: `)
      expect(ran.err).toContain(`run: chmod ${own.toString(8)} ${path}`)
      expect((await coalition.run('corvane', 'board')).code).toBe(0)
    }
  })
  test('a file that is there already, and a place that is not', async () => {
    const keystore = join(coalition.home('corvane'), 'keystore.json')
    const kept = readFileSync(keystore)
    const charter = ['charter', 'adopt', '--charter', coalition.file('charter.json')]
    const verbs = [['enrol'], charter, ['excluded', 'A'.repeat(43)], ['draft', 'callout.abort']]
    for (const verb of verbs) {
      const over = await coalition.run('corvane', ...verb, '--out', keystore)
      expect(over).toMatchObject({ code: 1, out: '' })
      expect(over.err).toContain(`refused  home.exists at ${keystore}: `)
    }
    expect(readFileSync(keystore)).toEqual(kept)
    const typo = await coalition.run('corvane', 'enrol', '--out', coalition.file('typo/m.json'))
    expect(typo).toMatchObject({ code: 1, out: '' })
    expect(typo.err).toBe(
      `refused  file.unwritable at ${coalition.file('typo/m.json')}: the file cannot be written; ` +
        `there is no folder ${coalition.file('typo')}.\n`,
    )
    expect(readdirSync(coalition.folder).filter(name => name.startsWith('.'))).toEqual([])
  })
  test('a draft whose schema would be written over what has only its name', async () => {
    await coalition.as('arvandia', 'draft', 'callout.abort', '--out', coalition.file('one.json'))
    const schema = coalition.file('one.schema.json')
    const written = readFileSync(schema, 'utf8')
    rmSync(coalition.file('one.json'))
    await coalition.as('arvandia', 'draft', 'callout.abort', '--out', coalition.file('one.json'))
    rmSync(coalition.file('one.json'))
    writeFileSync(schema, `${written} `)
    const ran = await coalition.run('arvandia', 'draft', 'callout.abort', '--out', coalition.file('one.json'))
    expect(ran).toMatchObject({ code: 1 })
    expect(ran.err).toContain(`refused  home.exists at ${schema}`)
    expect(readFileSync(schema, 'utf8')).toBe(`${written} `)
    expect(existsSync(coalition.file('one.json'))).toBe(false)
  })
  test('a wrong passphrase', async () => {
    writeFileSync(coalition.file('wrong'), 'another passphrase', { mode: 0o600 })
    const ran = await coalition.run('corvane', 'board', '--passphrase-file', coalition.file('wrong'))
    expect(ran).toMatchObject({ code: 1, out: '' })
    expect(ran.err).toContain('refused  home.wrong-passphrase')
  })
  test('a draft with a wrong field names the field', async () => {
    const wrong = coalition.draft('wrong.json', { ...draft, body: { ...body, maturity: 'm9' } })
    const ran = await coalition.run('arvandia', 'publish', wrong)
    expect(ran).toMatchObject({ code: 1 })
    expect(ran.err).toMatch(/^refused {2}statement\.bad-schema at \/body\/maturity: /)
  })
  test("a tear line more open than its statement, and a tier above the author's own", async () => {
    const tear = [{ label: 'method', handling: { tlp: 'green' }, content: { text: 'words' } }]
    const handling = { tlp: 'amber' }
    const open = await coalition.run('arvandia', 'publish', coalition.draft('o.json', { ...draft, handling, tear }))
    expect(open).toMatchObject({ code: 1 })
    expect(open.err).toContain('tear.too-open at /tear/0/handling/tlp')
    const above = await coalition.run('corvane', 'publish', coalition.draft('r.json', { ...draft, handling }))
    expect(above).toMatchObject({ code: 1 })
    expect(above.err).toContain('draft.above-clearance')
  })
  test('a kind its author has no role for, before anything leaves', async () => {
    const named = { attributions: [coalition.genesis], invitees: ['belmora'], pen_holder: 'belmora' }
    const propose = { ...(kindOf('callout.propose').template as object), ...named }
    const path = coalition.draft('k.json', { ...draft, kind: 'callout.propose', body: propose })
    const ran = await coalition.run('belmora', 'publish', path)
    expect(ran).toMatchObject({ code: 1 })
    expect(ran.err).toContain('statement.not-issuer')
    expect(waiting('belmora')).toBe(0)
  })
  test("a charter in which a key of one's own was swapped", async () => {
    const path = join(coalition.home('corvane'), 'keystore.json')
    const kept = readFileSync(path)
    const stranger = coalition.file('stranger')
    await coalition.as('stranger', 'init', '--member', 'corvane', '--name', 'Corvane again', '--work', '14')
    copyFileSync(join(stranger, 'keystore.json'), path)
    const given = ['--genesis', coalition.file('genesis.jws'), '--fingerprint', coalition.genesis]
    const ran = await coalition.run('corvane', 'charter', 'approve', ...given)
    writeFileSync(path, kept)
    expect(ran).toMatchObject({ code: 1 })
    expect(ran.err).toContain('enrol.altered at /members/2/keys/0')
  })
  test('a fingerprint that was read aloud differently', async () => {
    const ran = await coalition.run(
      'corvane',
      'charter',
      'approve',
      '--genesis',
      coalition.file('genesis.jws'),
      '--fingerprint',
      'A'.repeat(43),
    )
    expect(ran).toMatchObject({ code: 1 })
    expect(ran.err).toContain('enrol.wrong-fingerprint')
  })
  test('a home with a relay that may not be used, until it is given anew', async () => {
    const path = join(coalition.home('corvane'), 'config.json')
    const kept = readFileSync(path, 'utf8')
    writeFileSync(path, kept.replace(/"relay":"[^"]*"/, '"relay":"http://relay.example"'))
    const ran = await coalition.run('corvane', 'board', '--offline')
    expect(ran).toMatchObject({ code: 1, out: '' })
    expect(ran.err).toContain(`refused  home.bad-config at ${path}/relay: `)
    expect(ran.err).toContain('like https://relay.example, without a path')
    expect(ran.err).toContain('; chancery run --relay URL remembers another.')
    await coalition.as('corvane', 'board', '--relay', coalition.url)
    expect(readFileSync(path, 'utf8')).not.toBe(kept)
    const node = await coalition.nodeThatSays(/relay remembered: http/, 'corvane', '--relay', coalition.url)
    expect(await stop(node)).toBe(0)
    expect(readFileSync(path, 'utf8')).toBe(kept)
  })
  test('as one JSON object where that is asked for', async () => {
    const ran = await coalition.run('arvandia', 'show', 'A'.repeat(43), '--json')
    expect(ran).toMatchObject({ code: 1 })
    expect(JSON.parse(ran.out)).toMatchObject({ refused: { code: 'auth.not-entitled' } })
  })
})

test('a command called wrongly shows its usage and ends with 2', async () => {
  for (const args of [['join'], ['fly'], ['board', '--fast'], ['publish'], ['draft', 'rumour'], ['show', 'short']]) {
    const ran = await coalition.run('arvandia', ...args)
    expect({ args, code: ran.code }).toEqual({ args, code: 2 })
    expect(ran.err).toMatch(/usage: chancery|chancery: sign, share/)
  }
})

describe('while the relay is away', () => {
  test('what is signed waits in the outbox and goes out later, in order, each once', async () => {
    await coalition.as('belmora', 'board')
    await coalition.stopRelay()
    const sids: string[] = []
    for (let i = 0; i < 2; i++) {
      const ran = await coalition.run('belmora', 'publish', good(), '--json')
      expect(ran.code).toBe(3)
      sids.push((JSON.parse(ran.out) as Published).sid)
    }
    const words = await coalition.run('belmora', 'publish', good())
    expect(words).toMatchObject({ code: 3 })
    expect(words.out).toMatch(/kept in outbox: .{43}; will be sent by publish --outbox or run/)
    expect(waiting('belmora')).toBe(3)
    const { size } = JSON.parse((await coalition.run('belmora', 'board', '--offline', '--json')).out) as {
      size: number
    }
    expect(await coalition.as('belmora', 'board')).toMatchObject({ stale: true, size })

    await coalition.startRelay()
    expect(await coalition.as('belmora', 'board')).toMatchObject({ stale: false, size })
    const { sent } = await coalition.as<{ sent: readonly Published[] }>('belmora', 'publish', '--outbox')
    expect(sent.map(({ index }) => index)).toEqual([3, 4, 5])
    expect(sent.slice(0, 2).map(({ sid }) => sid)).toEqual(sids)
    expect(waiting('belmora')).toBe(0)
    expect(await coalition.as('belmora', 'publish', '--outbox')).toEqual({ sent: [] })
  })
  test('the node sends it when the relay is back', async () => {
    await coalition.stopRelay()
    expect((await coalition.run('belmora', 'publish', good())).code).toBe(3)
    await coalition.startRelay()
    const node = await coalition.node('belmora')
    await hears(node, 'logged from the outbox')
    expect(await stop(node)).toBe(0)
    expect(waiting('belmora')).toBe(0)
  })
})

describe('a relay that lies', () => {
  test('answers that are not of the protocol are nonsense, and what was signed is kept', async () => {
    const size = (await coalition.as<{ size: number }>('arvandia', 'board')).size
    const html = { 'content-type': 'text/html' }
    const fake = createServer((_request, response) => response.writeHead(200, html).end('<p>hello'))
    const streams = new WebSocketServer({ server: fake })
    streams.on('connection', socket =>
      socket.on('message', () => socket.send(JSON.stringify({ answer: 'ok', epoch: 'A'.repeat(43), size }))),
    )
    await new Promise<void>(resolve => fake.listen(0, '127.0.0.1', resolve))
    const url = `http://127.0.0.1:${(fake.address() as AddressInfo).port}`
    const ran = await coalition.run('arvandia', 'publish', good(), '--relay', url)
    expect(ran).toMatchObject({ code: 1 })
    expect(ran.err).toContain('refused  relay.nonsense')
    expect(waiting('arvandia')).toBe(1)
    for (const socket of streams.clients) socket.terminate()
    fake.close()
    await coalition.as('arvandia', 'publish', '--outbox')
    expect(waiting('arvandia')).toBe(0)
  })

  test('sends entries without end under a checkpoint that nobody signed: the first is the last', async () => {
    const { size } = await coalition.as<{ size: number }>('arvandia', 'board')
    const entry = { entry: 'AAAA', index: size, jws: 'x'.repeat(250_000), seals: [] }
    const frame = JSON.stringify({ checkpoint: 'x\n99999999\n', entries: Array.from({ length: 16 }, () => entry) })
    const fake = createServer()
    const streams = new WebSocketServer({ server: fake })
    streams.on('connection', socket => {
      const more = (): void => {
        if (socket.readyState === socket.OPEN) socket.send(frame, more)
      }
      socket.on('error', () => undefined)
      socket.on('message', () => {
        socket.send(JSON.stringify({ answer: 'ok', epoch: 'A'.repeat(43), size: 99_999_999 }))
        more()
      })
    })
    await new Promise<void>(resolve => fake.listen(0, '127.0.0.1', resolve))
    const url = `http://127.0.0.1:${(fake.address() as AddressInfo).port}`
    const ran = await coalition.run('arvandia', 'board', '--relay', url)
    expect(ran).toMatchObject({ code: 1, out: '' })
    expect(ran.err).toMatch(/^refused {2}log\.bad-note/)
    for (const socket of streams.clients) socket.terminate()
    fake.close()
    expect((await coalition.as<{ size: number }>('arvandia', 'board')).size).toBe(size)
  })

  describe('refuses what holds', () => {
    const place = { relay: undefined as Server | undefined, url: '' }
    const why = `\u001b[2Jno\u202e${'!'.repeat(500)}`
    const results = JSON.stringify({ results: [{ code: 'statement.breaks-law', at: '/body', why }] })
    beforeAll(async () => {
      place.relay = refuser(coalition.url, results)
      await new Promise<void>(resolve => place.relay?.listen(0, '127.0.0.1', resolve))
      place.url = `http://127.0.0.1:${(place.relay.address() as AddressInfo).port}`
    })
    afterAll(() => place.relay?.close())

    const discards = (sid = '') => `\`chancery publish --discard ${sid}\` drops it`
    const outbox = () => join(coalition.home('belmora'), 'outbox')
    const itemsOf = (folder: string) =>
      readdirSync(folder)
        .sort()
        .map(name => JSON.parse(readFileSync(join(folder, name), 'utf8')) as { sid: string; chain: { seq: number } })

    test('and no number is used twice: it waits, its chain behind it, until an honest relay logs both', async () => {
      const first = await coalition.run('belmora', 'publish', good(), '--relay', place.url)
      expect(first).toMatchObject({ code: 1, out: '' })
      const [item] = itemsOf(outbox())
      expect(first.err).toContain('refused  statement.breaks-law at /body: ')
      expect(first.err).toContain(`it stays in the outbox, and its chain behind it; ${discards(item?.sid)}`)
      expect(first.err).toMatch(/the relay says: \[2Jno !+…\.\n$/)
      expect(first.err).not.toMatch(/[\u001b\u202e]/)

      const second = await coalition.run('belmora', 'publish', good(), '--relay', place.url)
      expect(second).toMatchObject({ code: 1 })
      expect(second.out).toContain(`it waits behind ${item?.sid}, which the relay refuses; ${discards(item?.sid)}`)
      const items = itemsOf(outbox())
      expect(items.map(({ chain }) => chain.seq)).toEqual([0, 1].map(more => (item?.chain.seq ?? NaN) + more))

      const { sent } = await coalition.as<{ sent: readonly Published[] }>('belmora', 'publish', '--outbox')
      expect(sent.map(({ sid }) => sid)).toEqual(items.map(({ sid }) => sid))
      expect(waiting('belmora')).toBe(0)
    })

    test('and its author drops it knowing what that means', async () => {
      await coalition.run('belmora', 'publish', good(), '--relay', place.url)
      await coalition.run('belmora', 'publish', good(), '--relay', place.url)
      const flushed = await coalition.run('belmora', 'publish', '--outbox', '--json', '--relay', place.url)
      expect(flushed).toMatchObject({ code: 1 })
      expect(JSON.parse(flushed.out)).toMatchObject({
        sent: [{ is: 'refused', refused: { code: 'statement.breaks-law' } }, { is: 'kept' }],
      })
      const [first, second] = itemsOf(outbox())
      const unknown = await coalition.run('belmora', 'publish', '--discard', 'A'.repeat(43))
      expect(unknown).toMatchObject({ code: 2 })
      const dropped = await coalition.run('belmora', 'publish', '--discard', first?.sid ?? '')
      expect(dropped).toMatchObject({ code: 0, out: `discarded ${first?.sid}\ndiscarded ${second?.sid}\n` })
      const warning = `warning: number ${first?.chain.seq} of the chain green will be signed a second time. `
      expect(dropped.err).toContain(warning)
      expect(waiting('belmora')).toBe(0)
    })

    test('and what the log itself shows to be impossible is dropped without asking', async () => {
      const discarded = join(coalition.home('belmora'), 'discarded')
      const [old] = itemsOf(discarded).toSorted((a, b) => a.chain.seq - b.chain.seq)
      await coalition.as('belmora', 'publish', good())
      copyFileSync(join(discarded, `${old?.sid}.json`), join(outbox(), `000000000001-${old?.sid}.json`))
      const ran = await coalition.run('belmora', 'publish', '--outbox')
      expect(ran).toMatchObject({ code: 1 })
      expect(ran.err).toContain('refused  statement.equivocation')
      expect(ran.err).toContain('has another statement of this member at its number, so it is dropped')
      expect(waiting('belmora')).toBe(0)
    })
  })

  test('a log that went back, and one that was forked, are refused, and the evidence is kept', async () => {
    await coalition.as('corvane', 'board')
    await coalition.stopRelay()
    for (const name of ['relay.sqlite', 'relay.sqlite.head']) {
      copyFileSync(coalition.file(name), coalition.file(`old-${name}`))
    }
    await coalition.startRelay()
    await coalition.as('arvandia', 'publish', good())
    await coalition.stopRelay()

    await coalition.startRelay({ store: coalition.file('old-relay.sqlite') })
    const back = await coalition.run('arvandia', 'board')
    expect(back).toMatchObject({ code: 1 })
    expect(back.err).toContain('refused  log.went-back')
    await coalition.as('corvane', 'publish', good())
    const fork = await coalition.run('arvandia', 'publish', good())
    expect(fork).toMatchObject({ code: 1 })
    expect(fork.err).toContain('refused  log.forked')
    expect(waiting('arvandia')).toBe(0)
    const evidence = join(coalition.home('arvandia'), 'evidence')
    const kept = readdirSync(evidence).map(name => JSON.parse(readFileSync(join(evidence, name), 'utf8')) as object)
    expect(kept).toMatchObject([{ code: 'log.went-back' }, { code: 'log.forked' }])
    expect(JSON.stringify(kept[1])).toContain('relay.example/log1')
    expect((await coalition.run('arvandia', 'board', '--offline')).code).toBe(0)
  })
})

test('a mirror with one changed statement is noticed, with its place', async () => {
  const path = join(coalition.home('belmora'), 'mirror.db')
  const db = new DatabaseSync(path)
  db.exec(`UPDATE entries SET jws = (SELECT jws FROM entries WHERE place = 4) WHERE place = 3`)
  db.close()
  const ran = await coalition.run('belmora', 'board', '--offline')
  expect(ran).toMatchObject({ code: 1 })
  expect(ran.err).toContain('refused  evidence.altered at mirror/3')
})

test('a mirror that was cut short says what it is and what cures it, and the cure cures it', async () => {
  const path = join(coalition.home('corvane'), 'mirror.db')
  truncateSync(path, 20_000)
  const ran = await coalition.run('corvane', 'board', '--json')
  expect(ran).toMatchObject({ code: 3 })
  const { fault } = JSON.parse(ran.out) as { fault: string }
  expect(fault).toContain(`the copy of the log in ${path} is damaged; move it and ${path}.head away`)
  expect(fault).toContain('database disk image is malformed')
  for (const name of readdirSync(coalition.home('corvane'))) {
    if (name.startsWith('mirror.db')) rmSync(join(coalition.home('corvane'), name))
  }
  expect(await coalition.run('corvane', 'board')).toMatchObject({ code: 0 })
})

test('a node that fails at its own disk ends with that fault, and does not take it for the network', async () => {
  const outbox = join(coalition.home('corvane'), 'outbox')
  rmSync(outbox, { recursive: true, force: true })
  writeFileSync(outbox, 'not a folder')
  const ran = await coalition.run('corvane', 'run', '--json')
  rmSync(outbox)
  expect(ran).toMatchObject({ code: 3 })
  const told = ran.out.trimEnd().split('\n')
  const [first, last] = [told[0], told.at(-1)].map(line => JSON.parse(line ?? '') as object)
  expect(first).toMatchObject({ event: 'following', member: 'corvane' })
  expect(last).toEqual({ fault: expect.stringContaining('ENOTDIR') as string })
})

/** Everything of the relay behind it, except that it takes no statement. */
function refuser(behind: string, results: string): Server {
  const { hostname, port } = new URL(behind)
  const server = createServer((asked, response) => {
    if (asked.method === 'POST') {
      asked.resume().on('end', () => response.writeHead(200, { 'content-type': 'application/json' }).end(results))
      return
    }
    const { headers, url: path } = asked
    asked.pipe(
      httpRequest({ headers, hostname, path, port }, answer => {
        response.writeHead(answer.statusCode ?? 502, answer.headers)
        answer.pipe(response)
      }),
    )
  })
  return server.on('upgrade', ({ url, rawHeaders }, socket) => {
    const pairs = rawHeaders.flatMap((name, i) => (i % 2 === 0 ? [`${name}: ${rawHeaders[i + 1]}`] : []))
    const upstream = connect(Number(port), hostname)
    upstream.write([`GET ${url} HTTP/1.1`, ...pairs, '', ''].join('\r\n'))
    for (const end of [socket, upstream]) end.on('error', () => [socket, upstream].forEach(each => each.destroy()))
    socket.pipe(upstream).pipe(socket)
  })
}
