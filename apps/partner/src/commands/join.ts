import {
  type Condition,
  type JoinBody,
  type Leaf,
  type Named,
  Authority,
  Likelihood,
  Position,
  type TextBody,
  askedBy,
  check,
  countedBy,
  fromUtf8,
  holds,
  isOf,
  limits,
  partsOf,
} from '@chancery/protocol'
import type { Command, Flags } from '../cli.ts'
import { parseCondition, printCondition, sayCondition } from '../condition.ts'
import { readGiven } from '../files.ts'
import { Usage, orRefuse } from '../refusal.ts'
import { type Session, syncIfReached, withSession } from '../session.ts'
import { sayParty } from './board.ts'
import { heldStatement, publishAnswer, sidArgument, textHeld } from './call-out.ts'
import { reportPublished } from './publish.ts'

/** Joins a call-out, outright or on a condition. How strongly, and in whose name, nobody says but its author. */
export const join: Command = {
  verb: 'join',
  usage:
    'TEXT_SID --stance S --level LEVEL [--if EXPR | --if-file FILE] [--named N] [--basis B] [--confidence C] ' +
    '[--likelihood SCALE:TERM] [--attributed-by ID] [--claim ID]... [--reserve "PASSAGE: TEXT"]... ' +
    '[--declare TEXT] [--organ NAME]',
  says: 'joins a call-out, outright or --if its condition holds',
  args: { min: 1, max: 1 },
  options: {
    if: { type: 'string' },
    'if-file': { type: 'string' },
    stance: { type: 'string' },
    named: { type: 'string' },
    basis: { type: 'string' },
    confidence: { type: 'string' },
    likelihood: { type: 'string' },
    'attributed-by': { type: 'string' },
    claim: { type: 'string', multiple: true },
    reserve: { type: 'string', multiple: true },
    declare: { type: 'string' },
    organ: { type: 'string' },
    level: { type: 'string' },
  },
  run: async input => {
    const { args, flags, world } = input
    const sid = sidArgument(args[0])
    const when = conditionOf(flags)
    for (const name of ['stance', 'level']) flags.must(name)
    return withSession(input, async session => {
      await syncIfReached(session)
      const text = textHeld(session, sid)
      if (when !== undefined) checkCanHold(session, text.body, when)
      const body = bodyOf(session, { flags, sid, when, text: text.body })
      for (const line of signedLines(session, body)) world.say(line)
      const published = await publishAnswer(session, { kind: 'callout.join', body, exercise: text.exercise, text })
      const said = when === undefined ? null : { condition: printCondition(when), inWords: sayCondition(when) }
      const { authority, positions, reservations } = body
      return reportPublished('callout.join', published, { data: { authority, positions, reservations, when: said } })
    })
  },
}

/** All that a join says, shown as a board will show it, before the key is used. */
function signedLines({ keys: { member } }: Session, body: JoinBody): string[] {
  const on = body.when === undefined ? 'outright' : `if ${sayCondition(body.when)}`
  return [`joins ${on}`, ...sayParty({ ...body, member, join: body.text })]
}

function conditionOf(flags: Flags): Condition | undefined {
  const [text, file] = [flags.text('if'), flags.text('if-file')]
  if (text !== undefined && file !== undefined) throw new Usage('--if or --if-file, not both')
  if (text !== undefined) return orRefuse(parseCondition(text))
  if (file === undefined) return undefined
  return orRefuse(parseCondition((fromUtf8(orRefuse(readGiven(file, limits.textMax))) ?? '').trim()))
}

/** One that can never hold says no while it reads as a yes, and a name that is misspelt makes one. */
function checkCanHold({ mirror }: Session, { proposal: sid, claims }: TextBody, when: Condition): void {
  const proposal = mirror.store.referred(sid)
  if (proposal === undefined) return
  const able = [...askedBy(proposal)].toSorted()
  const stray = idsIn(when).find(id => !able.includes(id))
  if (stray !== undefined) throw new Usage(`--if: ${stray} is not invited and cannot sign; who can: ${able.join(', ')}`)
  const strongest = claims.map(({ id }): Position => ({
    claim: id,
    stance: 'attributes',
    named: 'state',
    basis: 'own-assessment',
  }))
  if (holds(when, new Map(able.map(id => [id, strongest])))) return
  throw new Usage(`--if: it cannot hold, though all who can sign do and go as far as can be: ${able.join(', ')}`)
}

function idsIn(condition: Condition): readonly string[] {
  const parts = partsOf(condition)
  return parts.length > 0 ? parts.flatMap(idsIn) : countedBy(condition as Leaf).listed
}

type Asked = { flags: Flags; sid: string; when: Condition | undefined; text: TextBody }

function bodyOf(session: Session, { flags, sid, when, text }: Asked): JoinBody {
  const claims = claimsOf(flags, text)
  const declared = flags.text('declare')
  const authority = { level: flags.must('level'), organ: flags.text('organ') ?? session.config.name }
  return {
    authority: orRefuse(check(Authority, authority, 'statement.bad-schema', '/authority')),
    positions: claims.map(claim => positionOf(flags, { claim: claim.id, named: namedIn(session, claim) })),
    reservations: flags.texts('reserve').map(reservationOf),
    text: sid,
    ...(declared !== undefined && { interpretive_declaration: declared }),
    ...(when !== undefined && { when }),
  }
}

type Claim = TextBody['claims'][number]

/** Those asked for, or all of the text. */
function claimsOf(flags: Flags, { claims }: TextBody): readonly Claim[] {
  const asked = flags.texts('claim')
  const known = claims.map(({ id }) => id)
  const stray = asked.find(id => !known.includes(id))
  if (stray !== undefined) throw new Usage(`the text has no claim ${stray}; it has ${known.join(', ')}`)
  return asked.length === 0 ? claims : asked.flatMap(id => claims.filter(claim => claim.id === id))
}

/** What the attribution itself names: no join is stronger than that unless its author types it. */
function namedIn(session: Session, { attribution, claim }: Claim): Named | undefined {
  const held = heldStatement(session, attribution)?.statement
  if (held === undefined || !isOf(held, 'attribution.statement')) return undefined
  return held.body.claims.find(({ id }) => id === claim)?.named
}

function positionOf(flags: Flags, { claim, named }: { claim: string; named: Named | undefined }): Position {
  const [confidence, likelihood] = [flags.text('confidence'), flags.text('likelihood')]
  const quoted = flags.text('attributed-by')
  const names = flags.text('named') ?? named
  if (names === undefined) throw new Usage(`--named is needed: the attribution behind ${claim} is withheld from you`)
  return orRefuse(
    check(
      Position,
      {
        claim,
        stance: flags.must('stance'),
        named: names,
        basis: flags.text('basis') ?? 'none-stated',
        ...(confidence !== undefined && { confidence }),
        ...(likelihood !== undefined && { likelihood: likelihoodOf(likelihood) }),
        ...(quoted !== undefined && { attributed_by: quoted }),
      },
      'statement.bad-schema',
      '/position',
    ),
  )
}

/** Each yardstick keeps its own words: the scale is said with the term. */
function likelihoodOf(text: string): NonNullable<Position['likelihood']> {
  const [scale, ...term] = text.split(':')
  return orRefuse(check(Likelihood, { scale, term: term.join(':') }, 'statement.bad-schema', '/likelihood'))
}

function reservationOf(text: string): { passage: string; text: string } {
  const split = text.indexOf(':')
  const [passage, words] = [text.slice(0, split).trim(), text.slice(split + 1).trim()]
  if (split < 0 || passage === '' || words === '') throw new Usage('--reserve is like "paragraph 2: its words"')
  return { passage, text: words }
}
