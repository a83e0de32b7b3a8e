import { portableSha256 as sha256, toBase64url as b64, utf8 } from '@chancery/protocol'
import type { Of } from './kinds.ts'
import type { VectorCase } from './vector-file.ts'

const sid = (name: string) => b64(sha256(utf8(`a statement: ${name}`)))
const labels = (count: number) => Array.from({ length: count }, (_, i) => `m${String(i).padStart(3, '0')}`)

const asked = {
  actions: ['forward', 'name-source'], mode: 'release', purpose: 'To warn the grid.', recipient: 'borealia/grid',
  sid: sid('source'), slots: ['detail', 'source'], until: { at: '2030-06-01T00:00:00Z', size: 400 },
}
const request = { ...asked, accepts: sid('condition') }
const grant = { ...asked, request: sid('request'), to: 'borealia', uses: 'once' }

/** Cases of the kinds by which an originator stays in control, and of those that say what became of a delivery. */
export const releaseKindCases: Readonly<Record<string, (of: Of) => VectorCase[]>> = {
  'release.request': of => {
    const { holds } = of
    return [
      holds('with every member', request, [sid('source'), sid('condition')]),
      holds('with required members only', bare(asked), [sid('source')]),
      ...scopeCases(of, request, [sid('source'), sid('condition')]),
      ...of.wrong(request, [['accepts'], 'x']),
      ...of.missing(request, ...['actions', 'mode', 'purpose', 'recipient', 'sid', 'until'].map(name => [name])),
    ]
  },
  'release.grant': of => {
    const { holds } = of
    return [
      holds('of a request', grant, [sid('source'), sid('request')]),
      holds('unasked, as often as one likes until its end', { ...bare(asked), to: 'borealia', uses: 'until' },
        [sid('source')]),
      ...scopeCases(of, grant, [sid('source'), sid('request')]),
      ...of.enums(grant, ['uses']),
      ...of.wrong(grant, [['to'], 'Borealia'], [['request'], null]),
      ...of.missing(grant, ...['actions', 'mode', 'purpose', 'recipient', 'sid', 'to', 'until', 'uses']
        .map(name => [name])),
    ]
  },
  'release.deny': of => answerCases(of, { reason: 'It would name a source.', request: sid('request') }, ['reason']),
  'release.condition': of => {
    const body = { demands: 'paraphrase', request: sid('request'), text: 'Without dates and places.' }
    return [...answerCases(of, body, ['demands', 'text']), ...of.enums(body, ['demands']),
      ...['sanitise', 'downgrade'].map(demands => of.holds(demands, { ...body, demands }, [sid('request')]))]
  },
  'release.revoke': of => {
    const body = { grant: sid('grant'), reason: 'It leaked.' }
    return [of.holds('with every member', body, [sid('grant')]), ...of.missing(body, ['grant'], ['reason']),
      ...of.unknown(body, []), ...of.wrong(body, [['grant'], 'x'], [['reason'], ''])]
  },
  'release.use': of => {
    const body = { action: 'forward', grant: sid('grant'), purpose: 'To the grid, on paper.' }
    return [of.holds('with every member', body, [sid('grant')]), ...of.enums(body, ['action']),
      ...of.missing(body, ['action'], ['grant'], ['purpose']), ...of.unknown(body, []),
      ...of.wrong(body, [['grant'], 'x'], [['purpose'], ''])]
  },
  'tearline.open': of => {
    const body = { sid: sid('source'), slots: ['detail', 'source'], to: 'green' }
    return [
      of.holds('two tear lines', body, [sid('source')]),
      of.holds('the statement itself', bare(body), [sid('source')]),
      of.holds('to anyone', { ...body, to: 'clear' }, [sid('source')]),
      ...slotCases(of, body, [sid('source')]),
      ...of.enums(body, ['to']), ...of.missing(body, ['sid'], ['to']), ...of.unknown(body, []),
      ...of.wrong(body, [['sid'], 'x'], [['slots'], []]),
    ]
  },
  'receipt': receiptCases,
  'nack': of => {
    const body = { code: 'seal.cannot-open', index: 7, sid: sid('source') }
    return [
      of.holds('of a statement that is held', body, [sid('source')]),
      of.holds('of an entry that says nothing', { code: 'seal.mixed-suites', index: 0 }),
      ...of.missing(body, ['code'], ['index']), ...of.unknown(body, []),
      ...of.wrong(body, [['code'], 'it did not open'], [['code'], 'seal'], [['index'], -1], [['sid'], 'x']),
    ]
  },
  'resend': of => {
    const body = { nack: sid('nack'), sid: sid('source'), slots: ['detail', 'source'], to: 'borealia' }
    const { nack: _, ...unasked } = body
    return [
      of.holds('after a nack', body, [sid('nack'), sid('source')]),
      of.holds('of the statement alone, unasked', { ...unasked, slots: [] }, [sid('source')]),
      ...slotCases(of, body, [sid('nack'), sid('source')]),
      ...of.missing(body, ['sid'], ['slots'], ['to']), ...of.unknown(body, []),
      ...of.wrong(body, [['nack'], 'x'], [['sid'], 'x'], [['to'], 'Borealia']),
    ]
  },
  'heartbeat': of => {
    const body = { every: 3_600 }
    return [
      of.holds('every hour', body),
      of.holds('every minute', { every: 60 }),
      of.holds('every 30 days', { every: 2_592_000 }),
      of.holds('no more', { every: null }),
      ...of.missing(body, ['every']), ...of.unknown(body, []),
      ...of.wrong(body, [['every'], 59], [['every'], 2_592_001], [['every'], 0], [['every'], -60],
        [['every'], '3600'], [['every'], false]),
    ]
  },
  'incident.spill': of => {
    const body = {
      containment: 'The copies were handed back.', discovered_at: '2030-02-01T06:00:00Z', how: 'misdirected',
      sid: sid('source'), slots: ['detail', 'source'], summary: 'A folder went to the wrong desk.',
      to_whom: 'Two clerks',
    }
    const ways = ['over-shared', 'published', 'lost-device', 'intrusion', 'insider', 'unknown']
    return [
      of.holds('with every member', body, [sid('source')]),
      of.holds('of the statement alone', { ...body, slots: [] }, [sid('source')]),
      ...ways.map(how => of.holds(how, { ...body, how }, [sid('source')])),
      ...slotCases(of, body, [sid('source')]),
      ...of.enums(body, ['how']), ...of.missing(body, ...Object.keys(body).map(name => [name])),
      ...of.unknown(body, []),
      ...of.wrong(body, [['discovered_at'], '2030-02-30T06:00:00Z'], [['sid'], 'x'], [['summary'], ''],
        [['to_whom'], ''], [['containment'], '']),
    ]
  },
}

/** Without what may be left out. */
function bare(body: object): object {
  return Object.fromEntries(Object.entries(body).filter(([name]) => name !== 'slots'))
}

const everyAction = ['act-openly', 'act-passively', 'forward', 'name-source', 'publish', 'see', 'store', 'use-in-court']

function scopeCases(of: Of, body: typeof asked & object, refs: string[]): VectorCase[] {
  return [
    of.holds('to show it, and no copy', { ...body, mode: 'disclosure' }, refs),
    of.holds('to publish it', { ...body, actions: ['publish'], recipient: 'anyone' }, refs),
    of.holds('everything that can be asked', { ...body, actions: everyAction, recipient: 'anyone' }, refs),
    of.breaks('to publish it to one reader', { ...body, actions: ['publish'] }, '/body/recipient'),
    of.breaks('actions out of order', { ...body, actions: ['name-source', 'forward'] }, '/body/actions'),
    of.breaks('an action twice', { ...body, actions: ['forward', 'forward'] }, '/body/actions'),
    ...slotCases(of, body, refs),
    ...of.enums(body, ['actions', 0], ['mode']),
    ...of.unknown(body, [], ['until']),
    ...of.wrong(body, [['actions'], []], [['actions'], Array.from({ length: 9 }, () => 'forward')], [['sid'], 'x'],
      [['slots'], []], [['purpose'], ''], [['recipient'], ''], [['recipient'], 'two\nlines'],
      [['until', 'at'], '2030-06-01'], [['until', 'size'], -1]),
  ]
}

function slotCases(of: Of, body: object, refs: string[]): VectorCase[] {
  return [
    of.holds('16 tear lines', { ...body, slots: labels(16) }, refs),
    of.breaks('tear lines out of order', { ...body, slots: ['source', 'detail'] }, '/body/slots'),
    of.breaks('a tear line twice', { ...body, slots: ['source', 'source'] }, '/body/slots'),
    ...of.wrong(body, [['slots'], labels(17)], [['slots', 0], 'Detail']),
  ]
}

function answerCases(of: Of, body: object, required: string[]): VectorCase[] {
  return [
    of.holds('with every member', body, [sid('request')]),
    ...of.missing(body, ['request'], ...required.map(name => [name])),
    ...of.unknown(body, []),
    ...of.wrong(body, [['request'], 'x'], [[required.at(-1) ?? ''], '']),
  ]
}

function receiptCases(of: Of): VectorCase[] {
  const many = (count: number) =>
    Array.from({ length: count }, (_, i) => sid(`${i}`)).sort().map(each => ({ sid: each, slots: [] as string[] }))
  const body = { is: 'delivered', of: many(2) }
  const [first, second] = body.of
  const opened = (slots: string[]) => ({ ...body, of: [{ ...first, slots }] })
  return [
    of.holds('of two statements', body, body.of.map(each => each.sid)),
    of.holds('that it was read', { ...opened(['detail', 'source']), is: 'read' }, [first?.sid ?? '']),
    of.holds('of 64 statements', { ...body, of: many(64) }, many(64).map(each => each.sid)),
    of.holds('of 16 tear lines', opened(labels(16)), [first?.sid ?? '']),
    of.breaks('out of order', { ...body, of: [second, first] }, '/body/of'),
    of.breaks('of one twice', { ...body, of: [first, first] }, '/body/of'),
    of.breaks('tear lines out of order', opened(['source', 'detail']), '/body/of'),
    ...of.enums(body, ['is']),
    ...of.missing(body, ['is'], ['of'], ['of', 0, 'sid'], ['of', 0, 'slots']),
    ...of.unknown(body, [], ['of', 0]),
    ...of.wrong(body, [['of'], []], [['of'], many(65)], [['of', 0, 'sid'], 'x'], [['of', 0, 'slots'], labels(17)],
    ),
    ...of.wrong(opened(['detail']), [['of', 0, 'slots', 0], 'Detail']),
    of.anywhere('that it was agreed to', { ...body, is: 'agreed' }),
  ]
}
