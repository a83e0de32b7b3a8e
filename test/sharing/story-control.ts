import { type Handling, type Tlp, instantOf } from '@chancery/protocol'
import { type LoggedStatement, type World, worldBegins } from '../world.ts'
import type { Words } from './story.ts'

type Cast = { readonly tlp: Exclude<Tlp, 'clear' | 'red'>; readonly holder: string; readonly recipient: string }

const author = 'aldova'
const until = { at: instantOf(worldBegins + 60 * 60_000), size: 100_000 }

/**
 * What is asked, answered, granted, used, taken back, opened, confirmed, sent again and spilled, of one statement and
 * within one tier. Whoever the tier does not reach may see nothing of any of it.
 */
export async function control(world: World, source: LoggedStatement, cast: Cast, words: Words): Promise<void> {
  const { tlp, holder, recipient } = cast
  const marking: Handling = { tlp }
  const { sid, index } = source
  const other = (what: string): boolean => words(marking, what).startsWith('1')
  const say = (kind: Parameters<World['statement']>[0], by: string, body: object) =>
    world.statement(kind, by, body as never, { tlp })
  const scope = { actions: ['forward'], mode: 'release', recipient, sid, until }
  const asked = (what: string, more: object = {}) => ({ ...scope, purpose: words(marking, what), ...more })

  const first = await say('release.request', holder, asked('purpose'))
  const condition = await say('release.condition', author, {
    demands: other('demands') ? 'paraphrase' : 'sanitise',
    request: first.sid,
    text: words(marking, 'condition on a release'),
  })
  const second = await say('release.request', holder, asked('purpose again', { accepts: condition.sid }))
  await say('release.deny', author, { reason: words(marking, 'denial'), request: first.sid })
  const granted = asked('purpose granted', { request: second.sid, to: holder, uses: other('uses') ? 'until' : 'once' })
  const grant = await say('release.grant', author, granted)
  const purpose = words(marking, 'purpose of a use')
  await say('release.use', holder, { action: 'forward', grant: grant.sid, purpose })
  await say('release.revoke', author, { grant: grant.sid, reason: words(marking, 'revocation') })
  await say('tearline.open', author, { sid, slots: [tlp.replace('+', '-')], to: tlp })
  await say('receipt', holder, { is: other('receipt') ? 'read' : 'delivered', of: [{ sid, slots: [] }] })
  const code = other('code') ? 'seal.cannot-open' : 'seal.not-for-you'
  const nack = await say('nack', recipient, { code, index, sid })
  await say('resend', author, { nack: nack.sid, sid, slots: [], to: recipient })
  await say('heartbeat', author, { every: other('every') ? 3_600 : 86_400 })
  await say('incident.spill', holder, {
    containment: words(marking, 'containment'),
    discovered_at: instantOf(worldBegins),
    how: other('how') ? 'lost-device' : 'misdirected',
    sid,
    slots: [],
    summary: words(marking, 'what was spilled'),
    to_whom: words(marking, 'to whom it was spilled'),
  })
}
