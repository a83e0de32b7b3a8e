import { once } from 'node:events'
import { readFileSync, readdirSync } from 'node:fs'
import { type Server, type Socket, connect, createServer } from 'node:net'
import { join } from 'node:path'
import { kindOf } from '@chancery/protocol'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Coalition } from '../partner/coalition.ts'
import { foundInMemory, holds } from './memory.ts'

type Published = { readonly sid: string; readonly index: number }

const marker = 'Kestrel9vQ4wHollow'
const places = [
  'title',
  'summary',
  'claim',
  'incident',
  'evidence',
  'tear-line',
  'proposal',
  'note',
  'text',
  'text-title',
  'reservation',
  'passage',
  'declaration',
  'decline',
  'withdrawal',
  'abort',
  'slice',
  'national-marking',
  'purpose',
  'condition',
  'denial',
  'grant',
  'use',
  'revocation',
  'spill',
  'spill-reader',
  'containment',
] as const
const canary = (place: (typeof places)[number]): string => `${marker} in the ${place}`
const canaries = places.map(canary)
const shown = 'Heron7ZkT2public'
const controls = places.map(place => `${shown} in the ${place}`)

const coalition = new Coalition(['arvandia', 'belmora', 'corvane'])
const wire: Buffer[] = []
let proxy: Server | undefined
let said = ''

/** Every byte between the members and the relay, both ways, is kept. */
async function listenTo(port: number): Promise<number> {
  const pass = (from: Socket, to: Socket): void => {
    from.on('data', data => {
      wire.push(data)
      to.write(data)
    })
    from.on('close', () => to.end())
    from.on('error', () => to.destroy())
  }
  proxy = createServer(socket => {
    const upstream = connect(port, '127.0.0.1')
    pass(socket, upstream)
    pass(upstream, socket)
  })
  proxy.listen(0, '127.0.0.1')
  await once(proxy, 'listening')
  const address = proxy.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}

const instant = (seconds: number): string =>
  new Date(Date.now() + seconds * 1_000).toISOString().replace(/\.\d+Z$/, 'Z')
const publish = (kind: string, body: object, handling: object, more: object = {}): Promise<Published> =>
  coalition.as(
    'arvandia',
    'publish',
    coalition.draft('d.json', { kind, handling, exercise: false, tear: [], body, ...more }),
  )

const { template } = kindOf('attribution.statement') as { template: { claims: object[]; incidents: object[] } }
const evidence = {
  class: 'tradecraft',
  digest: 'A'.repeat(43),
  id: 'e1',
  information_credibility: '6',
  media_type: 'text/plain',
  salt: 'A'.repeat(43),
  size: 1,
  source_reliability: 'F',
  title: canary('evidence'),
}

async function propose(attribution: string, title: string): Promise<{ proposal: Published; text: Published }> {
  const proposal = await publish(
    'callout.propose',
    {
      title,
      note: canary('note'),
      attributions: [attribution],
      pen_holder: 'arvandia',
      form: 'common-text',
      deputies: ['corvane'],
      invitees: ['belmora', 'corvane'],
      respond_by: instant(0),
      release_window: { from: instant(0), until: instant(86_400) },
    },
    { tlp: 'green' },
  )
  const text = await publish(
    'callout.text',
    {
      proposal: proposal.sid,
      texts: [{ lang: 'en', title: canary('text-title'), text: canary('text') }],
      claims: [{ id: 'c1', attribution, claim: 'c1' }],
      deadline: { at: instant(0), size: proposal.index + 4 },
      lapse: { size: 1_000 },
    },
    { tlp: 'green' },
  )
  return { proposal, text }
}

/** Asked for, answered in each way, granted, used, taken back, and spilled. */
async function control(sid: string): Promise<void> {
  const line = ['--to', 'corvane', '--action', 'forward', '--slot', 'line', '--until', '2099-01-01T00:00:00Z']
  const as = (id: string, ...args: string[]) => coalition.as<Published>(id, ...args)
  const request = await as('belmora', 'request-release', sid, ...line, '--purpose', canary('purpose'))
  await as('arvandia', 'deny', request.sid, '--demands', 'sanitise', '--reason', canary('condition'))
  await as('arvandia', 'deny', request.sid, '--reason', canary('denial'))
  const grant = await as('arvandia', 'grant', sid, '--member', 'belmora', ...line, '--purpose', canary('grant'))
  await as('belmora', 'forward', sid, '--to', 'corvane', '--slot', 'line', '--purpose', canary('use'))
  await as('arvandia', 'deny', grant.sid, '--reason', canary('revocation'))
  // Of what has none of these words: a notice that repeats words of its statement is refused.
  const told = [
    '--summary',
    canary('spill'),
    '--to-whom',
    canary('spill-reader'),
    '--containment',
    canary('containment'),
  ]
  await as('corvane', 'spill', coalition.genesis, '--how', 'misdirected', ...told)
}

/** A whole story above CLEAR, with a canary in every field that people write. */
async function tell(): Promise<void> {
  const attribution = await publish(
    'attribution.statement',
    {
      ...template,
      title: canary('title'),
      summary: canary('summary'),
      claims: template.claims.map(claim => ({ ...claim, name: canary('claim'), evidence: ['e1'] })),
      incidents: template.incidents.map(incident => ({ ...incident, title: canary('incident') })),
      evidence: [evidence],
    },
    { tlp: 'green', national_marking: { system: 'Arvandia', marking: canary('national-marking') } },
    {
      tear: [{ label: 'line', handling: { tlp: 'amber' }, content: { text: canary('tear-line') } }],
      slices: { label: 'hosts', handling: { tlp: 'amber' }, to: { belmora: { text: canary('slice') } } },
    },
  )
  await control(attribution.sid)
  const { text } = await propose(attribution.sid, canary('proposal'))
  const level = ['--level', 'mfa']
  const reserve = ['--reserve', `${canary('passage')}: ${canary('reservation')}`, '--declare', canary('declaration')]
  await coalition.as('arvandia', 'join', text.sid, '--stance', 'attributes', '--basis', 'own-assessment', ...level)
  await coalition.as('belmora', 'join', text.sid, '--stance', 'supports', ...level, ...reserve)
  await coalition.as('corvane', 'decline', text.sid, '--reason', 'other', '--note', canary('decline'))
  await coalition.as('arvandia', 'release', text.sid, '--tlp', 'green', '--despite-withheld')
  const other = await propose(attribution.sid, canary('proposal'))
  const again = ['join', other.text.sid, '--stance', 'supports', ...level]
  const joined = await coalition.as<Published>('belmora', ...again)
  await coalition.as('belmora', 'withdraw', joined.sid, '--reason', canary('withdrawal'))
  await coalition.as('arvandia', 'abort', other.proposal.sid, '--reason', canary('abort'))
  for (const id of coalition.ids) await coalition.as(id, 'board')
}

const onDisk = (): Buffer => {
  const names = readdirSync(coalition.folder).filter(name => name.startsWith('relay.sqlite'))
  return Buffer.concat(names.map(name => readFileSync(join(coalition.folder, name))))
}

/** What anybody, or a member that asks for what is not its own, is told. */
async function answers(): Promise<Buffer> {
  const asked = ['/health', '/ready', '/checkpoint', '/nothing', '/statements/5', `/statements/${'A'.repeat(43)}`]
  const replies = await Promise.all(asked.map(async path => (await fetch(coalition.url + path)).text()))
  return Buffer.from(replies.join('\n'))
}

beforeAll(async () => {
  coalition.front = listenTo
  await coalition.found()
  coalition.relay.stdout?.on('data', (text: string) => (said += text))
  coalition.relay.stderr?.on('data', (text: string) => (said += text))
  await tell()
}, 240_000)
afterAll(async () => {
  await coalition.close()
  proxy?.close()
})

describe('after a whole story above CLEAR the relay holds none of its words', () => {
  test('and each member that it was for holds them', async () => {
    const { callouts } = await coalition.as<{ callouts: { phase: string; title: string }[] }>('belmora', 'board')
    expect(callouts.map(({ phase, title }) => [phase, title])).toEqual([
      ['released', canary('proposal')],
      ['aborted', canary('proposal')],
    ])
  })
  test('in its memory', () => {
    expect([...foundInMemory(coalition.relay.pid ?? 0, [marker])]).toEqual([])
  })
  test('on its disk, in its journal, in what it answers, and in what passed over its sockets', async () => {
    expect(wire.length).toBeGreaterThan(50)
    const told = { disk: onDisk(), journal: Buffer.from(said), answers: await answers(), wire: Buffer.concat(wire) }
    for (const [where, bytes] of Object.entries(told)) expect([where, holds(bytes, marker)]).toEqual([where, false])
    expect(told.disk.length).toBeGreaterThan(100_000)
  })
})

describe('the same search finds each word of what anyone may read', () => {
  test('in memory, on disk and on the wire', async () => {
    const body = { ...template, title: shown, summary: controls.join('\n') }
    await publish('attribution.statement', body, { tlp: 'clear' })
    const [disk, passed] = [onDisk(), Buffer.concat(wire)]
    const missing = (bytes: Buffer) => controls.filter(text => !holds(bytes, text))
    expect([missing(disk), missing(passed)]).toEqual([[], []])
    const found = foundInMemory(coalition.relay.pid ?? 0, [...controls, ...canaries])
    expect([...found].sort()).toEqual([...controls].sort())
  })
})
