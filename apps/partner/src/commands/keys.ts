import { type SignatureAlg, type Verified, keyAt, limits } from '@chancery/protocol'
import type { Command, Report } from '../cli.ts'
import { type KeyChange, type OwnUse, addKey, revokeKey, rotateRoot } from '../key-changes.ts'
import { ofRecord } from '../draft-file.ts'
import { outsideUses } from '../outside.ts'
import { publishDraft } from '../publish.ts'
import { Usage, refused } from '../refusal.ts'
import { type Session, syncIfReached, withSession } from '../session.ts'
import { heldOrRefuse, sidArgument } from './call-out.ts'
import { algs } from './init.ts'
import { reportPublished } from './publish.ts'

/** Another key to sign with: the one that is to go is revoked after it. */
export const keyAdd: Command = {
  verb: 'key add',
  usage: 'root|sign|auth [--alg ALG]',
  says: 'makes another key to sign with, and publishes it; it is used from then on',
  args: { min: 1, max: 1 },
  options: { alg: { type: 'string' } },
  run: input => {
    const of = { use: useOf(input.args[0]), alg: algOf(input.flags.text('alg')) }
    return withSession(input, async session => report('key.add', await addKey(session, of), 'added'))
  },
}

/** Ends one key. What it has signed before stays. */
export const keyRevoke: Command = {
  verb: 'key revoke',
  usage: 'KID --reason TEXT [--compromised-since INDEX]',
  says: 'ends a key of this member: what it signs later is refused by everyone',
  args: { min: 1, max: 1 },
  options: { reason: { type: 'string' }, 'compromised-since': { type: 'string' } },
  run: input => {
    const [kid = ''] = input.args
    const reason = input.flags.must('reason')
    const since = indexOf(input.flags.text('compromised-since'))
    const why = { reason, ...(since !== undefined && { compromised_since: since }) }
    return withSession(input, async session => report('key.revoke', await revokeKey(session, kid, why), 'revoked'))
  },
}

/** The root key that was named in advance takes over. */
export const keyRotateRoot: Command = {
  verb: 'key rotate-root',
  usage: '[--compromised-since INDEX]',
  says: 'lets the root key that was named in advance take over, and names the next',
  args: { min: 0, max: 0 },
  options: { 'compromised-since': { type: 'string' } },
  run: input => {
    const since = indexOf(input.flags.text('compromised-since'))
    return withSession(input, async session =>
      report('key.rotate-root', await rotateRoot(session, since), 'the root key is now'),
    )
  },
}

/** The keys of this member, and since when each speaks. */
export const keyList: Command = {
  verb: 'key list',
  usage: '[--offline]',
  says: 'lists the keys of this member, and the log sizes between which each speaks',
  args: { min: 0, max: 0 },
  options: { offline: { type: 'boolean' } },
  run: input =>
    withSession(input, async session => {
      if (!input.flags.on('offline')) await syncIfReached(session)
      const keys = rowsOf(session)
      return { lines: keys.map(lineOf), data: { keys } }
    }),
}

type Row = {
  readonly kid: string
  readonly use: string
  readonly alg: string
  readonly from: number
  readonly to: number | null
  readonly speaks: boolean
}

const rowsOf = ({ mirror: { charter, store }, keys: { member } }: Session): Row[] =>
  [...charter.keys.values()]
    .filter(held => held.member === member)
    .map(({ record: { kid, use, alg }, from, to }) => {
      const speaks = keyAt(charter, kid, store.size) !== undefined
      return { kid, use, alg, from, to: to === Infinity ? null : to, speaks }
    })

const lineOf = ({ kid, use, alg, from, to }: Row): string =>
  `${kid}  ${use.padEnd(8)}${alg.padEnd(8)}${to === null ? `from ${from}` : `from ${from}, revoked at ${to - 1}`}`

function report(kind: Verified['kind'], change: KeyChange, done: string): Report {
  if (change.is === 'waiting')
    return { lines: [`one is in the outbox already: ${change.sid}`], data: { sid: change.sid, waiting: true } }
  const { published, kid } = change
  return reportPublished(kind, published, { lines: [`  ${done} ${kid}`], data: { kid } })
}

/** Says again what was said under a key that is compromised. */
export const reaffirm: Command = {
  verb: 'reaffirm',
  usage: 'SID [SID...]',
  says: 'says again what this member has said under a key that was compromised, so that it counts',
  args: { min: 1, max: limits.refsMax },
  options: {},
  run: input => {
    const statements = [...new Set(input.args.map(sidArgument))].sort()
    return withSession(input, async session => {
      await syncIfReached(session)
      for (const sid of statements) checkOwn(session, sid)
      const published = await publishDraft(session, ofRecord('statement.reaffirm', { statements }))
      return reportPublished('statement.reaffirm', published, { data: { statements } })
    })
  },
}

function checkOwn(session: Session, sid: string): void {
  const { statement } = heldOrRefuse(session, sid)
  if (statement.iss !== session.keys.member)
    throw refused('statement.not-issuer', sid, `${statement.iss} has said it, and only its author says it again`)
}

/** An index of the log, as an option gives it. */
export function indexOf(text: string | undefined, option = 'compromised-since'): number | undefined {
  if (text === undefined) return undefined
  const read = /^\d{1,15}$/.test(text) ? Number(text) : undefined
  if (read === undefined) throw new Usage(`--${option} is an index of the log`)
  return read
}

function useOf(text: string | undefined): OwnUse {
  const use = outsideUses.find(known => known === text)
  if (use === undefined) throw new Usage(`a key is of use ${outsideUses.join(', ')}`)
  return use
}

function algOf(text: string | undefined): SignatureAlg | undefined {
  const alg = algs.find(known => known === text)
  if (text !== undefined && alg === undefined) throw new Usage(`--alg is one of ${algs.join(', ')}`)
  return alg
}
