import { type Json, type KindName } from '@chancery/protocol'
import { type Command, type ExitCode, type Input, type Report, dataOf as refusalData } from '../cli.ts'
import { checkEdited, readDraft } from '../draft-file.ts'
import { type Discarded, type Published, type Sent, discardFromOutbox, publishDraft, sendOutbox } from '../publish.ts'
import { Usage, lineOf, orRefuse } from '../refusal.ts'
import { type Session, withSession } from '../session.ts'
import { sidArgument } from './call-out.ts'

/** Signs a draft and brings it to the log; with --outbox sends what was kept at home, with --discard drops it. */
export const publish: Command = {
  verb: 'publish',
  usage: 'FILE  |  --outbox  |  --discard SID',
  says: 'signs a draft and submits it, or sends or drops what waits',
  args: { min: 0, max: 1 },
  options: { outbox: { type: 'boolean' }, discard: { type: 'string' } },
  run: async input => {
    const [file] = input.args
    const [isFlush, discarded] = [input.flags.on('outbox'), input.flags.text('discard')]
    if ([file !== undefined, isFlush, discarded !== undefined].filter(Boolean).length !== 1)
      throw new Usage('a draft file, or --outbox, or --discard SID')
    if (discarded !== undefined) return drop(input, sidArgument(discarded))
    if (file === undefined) return withSession(input, flush)
    // Read before the passphrase is asked for: a draft with a wrong field costs nobody a minute.
    const draft = orRefuse(checkEdited(orRefuse(readDraft(file))))
    return withSession(input, async session => reportPublished(draft.kind, await publishDraft(session, draft)))
  },
}

async function flush(session: Session): Promise<Report> {
  const all = await sendOutbox(session)
  for (const sent of all) if (sent.is === 'refused') session.world.warn(`refused  ${lineOf(sent.refusal)}`)
  const lines = all.flatMap(sent => (sent.is === 'refused' ? [] : linesOf('statement', sent)))
  const exit = all.map(exitOf).find(code => code !== 0) ?? 0
  return { lines: all.length === 0 ? ['the outbox is empty'] : lines, data: { sent: all.map(sentData) }, exit }
}

function sentData(sent: Sent): Json {
  return sent.is === 'refused' ? { is: sent.is, sid: sent.sid, refused: refusalData(sent.refusal) } : sent
}

/** What waits behind a refusal waits for a person, not for the network. */
function exitOf(sent: Sent): ExitCode {
  if (sent.is === 'logged') return 0
  return sent.is === 'kept' && sent.behind === undefined ? 3 : 1
}

function drop(input: Input, sid: string): Promise<Report> {
  return withSession(input, async session => {
    const discarded = await discardFromOutbox(session, sid)
    for (const line of discarded.flatMap(warnOf)) session.world.warn(line)
    return { lines: discarded.map(({ sid: dropped }) => `discarded ${dropped}`), data: { discarded } }
  })
}

function warnOf({ chain, loggedAt }: Discarded): string[] {
  if (loggedAt !== undefined) return [`warning: it is on the log at index ${loggedAt}; only its receipt is not kept`]
  return [
    `warning: number ${chain.seq} of the chain ${chain.id} will be signed a second time. If the relay has kept the ` +
      'statement that is dropped, it may still log it, and the two prove equivocation by this member',
  ]
}

export function reportPublished(kind: KindName, published: Published, more: Partial<Report> = {}): Report {
  const data = dataOf(published)
  return {
    lines: [...linesOf(kind, published), ...(more.lines ?? [])],
    data: { kind, ...data, ...(more.data as object) },
    exit: exitOf(published),
  }
}

const dataOf = ({ is, ...published }: Published) => (is === 'kept' ? { kept: true, ...published } : published)

const sayWitnesses = (witnesses: number, of = 0): string =>
  witnesses === 0
    ? '  logged, and not yet witnessed: no quorum has cosigned it so far; `chancery show` says when it has'
    : `  witnessed: the receipt carries the cosignatures of ${witnesses} of ${of} witnesses`

function linesOf(what: string, published: Published): string[] {
  if (published.is === 'kept' && published.behind !== undefined)
    return [`kept in outbox: ${published.sid}; ${published.why}`]
  if (published.is === 'kept')
    return [`kept in outbox: ${published.sid}; will be sent by publish --outbox or run (${published.why})`]
  const form = published.entry === 'open' ? 'in the open' : 'as a sealed commitment'
  const { witnesses, of } = published
  return [
    `logged ${what} ${published.sid}`,
    `  at index ${published.index}, ${form}; the receipt is checked and kept`,
    ...(witnesses === undefined ? [] : [sayWitnesses(witnesses, of)]),
  ]
}
