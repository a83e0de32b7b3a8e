import { type KindName } from '@chancery/protocol'
import type { Command, Report } from '../cli.ts'
import { readDraft } from '../draft-file.ts'
import { type Published, publishDraft, sendOutbox } from '../publish.ts'
import { Usage, orRefuse } from '../refusal.ts'
import { type Session, withSession } from '../session.ts'

/** Signs a draft and brings it to the log; with --outbox sends what was kept while the relay was away. */
export const publish: Command = {
  verb: 'publish',
  usage: 'FILE  |  --outbox',
  says: 'signs a draft, seals its tear lines and submits it',
  args: { min: 0, max: 1 },
  options: { outbox: { type: 'boolean' } },
  run: async input => {
    const [file] = input.args
    if ((file === undefined) !== input.flags.on('outbox')) throw new Usage('a draft file, or --outbox')
    if (file === undefined) return withSession(input, flush)
    // Read before the passphrase is asked for: a draft with a wrong field costs nobody a minute.
    const draft = orRefuse(readDraft(file))
    return withSession(input, async session => reportPublished(draft.kind, await publishDraft(session, draft)))
  },
}

async function flush(session: Session): Promise<Report> {
  const sent = await sendOutbox(session)
  const kept = sent.some(({ is }) => is === 'kept')
  const lines = sent.length === 0 ? ['the outbox is empty'] : sent.flatMap(published => linesOf('statement', published))
  return { lines, data: { sent }, ...(kept && { exit: 3 }) }
}

export function reportPublished(kind: KindName, published: Published, more: Partial<Report> = {}): Report {
  const data = dataOf(published)
  return {
    lines: [...linesOf(kind, published), ...(more.lines ?? [])],
    data: { kind, ...data, ...(more.data as object) },
    ...(published.is === 'kept' && { exit: 3 }),
  }
}

const dataOf = ({ is, ...published }: Published) => (is === 'kept' ? { kept: true, ...published } : published)

function linesOf(what: string, published: Published): string[] {
  if (published.is === 'kept')
    return [`kept in outbox: ${published.sid}; will be sent by publish --outbox or run (${published.why})`]
  const form = published.entry === 'open' ? 'in the open' : 'as a sealed commitment'
  return [`logged ${what} ${published.sid}`, `  at index ${published.index}, ${form}; the receipt is checked and kept`]
}
