import {
  type Condition,
  type JoinBody,
  Authority,
  Likelihood,
  Position,
  type TextBody,
  check,
  fromUtf8,
  limits,
} from '@chancery/protocol'
import type { Command, Flags } from '../cli.ts'
import { parseCondition, printCondition, sayCondition } from '../condition.ts'
import { readGiven } from '../files.ts'
import { Usage, orRefuse } from '../refusal.ts'
import { syncIfReached, withSession } from '../session.ts'
import { publishAct, sidArgument, textHeld } from './call-out.ts'
import { reportPublished } from './publish.ts'

/** Joins a call-out, outright or on a condition. */
export const join: Command = {
  verb: 'join',
  usage:
    'TEXT_SID [--if EXPR | --if-file FILE] [--stance S] [--named N] [--basis B] [--confidence C] ' +
    '[--likelihood SCALE:TERM] [--attributed-by ID] [--claim ID]... [--reserve "PASSAGE: TEXT"]... ' +
    '[--declare TEXT] [--organ NAME] [--level LEVEL]',
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
    if (when !== undefined) world.say(`joins if ${sayCondition(when)}`)
    return withSession(input, async session => {
      await syncIfReached(session)
      const text = textHeld(session, sid)
      const body = bodyOf({ flags, sid, when, text: text.body, name: session.config.name })
      const published = await publishAct(session, { kind: 'callout.join', body, exercise: text.exercise })
      const said = when === undefined ? null : { condition: printCondition(when), inWords: sayCondition(when) }
      return reportPublished('callout.join', published, { data: { positions: body.positions, when: said } })
    })
  },
}

function conditionOf(flags: Flags): Condition | undefined {
  const [text, file] = [flags.text('if'), flags.text('if-file')]
  if (text !== undefined && file !== undefined) throw new Usage('--if or --if-file, not both')
  if (text !== undefined) return orRefuse(parseCondition(text))
  if (file === undefined) return undefined
  return orRefuse(parseCondition((fromUtf8(orRefuse(readGiven(file, limits.textMax))) ?? '').trim()))
}

type Asked = { flags: Flags; sid: string; when: Condition | undefined; text: TextBody; name: string }

function bodyOf({ flags, sid, when, text, name }: Asked): JoinBody {
  const claims = flags.texts('claim').length > 0 ? flags.texts('claim') : text.claims.map(({ id }) => id)
  const declared = flags.text('declare')
  const authority = { level: flags.text('level') ?? 'mfa', organ: flags.text('organ') ?? name }
  return {
    authority: orRefuse(check(Authority, authority, 'statement.bad-schema', '/authority')),
    positions: claims.map(claim => positionOf(flags, claim)),
    reservations: flags.texts('reserve').map(reservationOf),
    text: sid,
    ...(declared !== undefined && { interpretive_declaration: declared }),
    ...(when !== undefined && { when }),
  }
}

function positionOf(flags: Flags, claim: string): Position {
  const [confidence, likelihood] = [flags.text('confidence'), flags.text('likelihood')]
  const quoted = flags.text('attributed-by')
  return orRefuse(
    check(
      Position,
      {
        claim,
        stance: flags.text('stance') ?? 'supports',
        named: flags.text('named') ?? 'organ',
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
