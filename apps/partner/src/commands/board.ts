import {
  type AttributionRow,
  type Board,
  type CallOutRow,
  type Gap,
  type Json,
  type PositionRow,
  type ProposalRow,
  type Signatory,
  type Standing,
  type TextBody,
  alarms,
  boardOf,
  gapsFor,
  tlpLabel,
} from '@chancery/protocol'
import type { Command } from '../cli.ts'
import { syncIfReached, withSession } from '../session.ts'
import { saysStanding, trustOf } from '../trust.ts'
import { standing, viewOf } from '../view.ts'
import { sayAlarms, watchedIn } from '../watch.ts'
import { placedIn } from './call-out.ts'

/** What the coalition says now, as far as this member may see it. */
export const board: Command = {
  verb: 'board',
  usage: '[--offline]',
  says: 'shows what the coalition says now',
  args: { min: 0, max: 0 },
  options: { offline: { type: 'boolean' } },
  run: input =>
    withSession(input, async session => {
      const synced = input.flags.on('offline') ? 'away' : await syncIfReached(session)
      const { charter } = session.mirror
      const placed = placedIn(session)
      const { callOuts, ...shown } = boardOf({ placed, charter, view: viewOf(session) })
      const { member } = session.keys
      const { store } = session.mirror
      const chains = gapsFor(placed, { charter, member, unopened: size => store.unopened(size) })
      const withheld = { entries: store.unopened(), chains }
      const stands = standing(session)
      const raised = alarms(await watchedIn(session, placed), session.world.now())
      const known = { ...shown, alarms: raised, callouts: callOuts, stale: synced !== 'synced', withheld }
      const data = { ...known, trust: trustOf(session, stands) }
      const said = [...boardLines({ ...shown, callOuts }), ...sayWithheld(withheld)]
      const lines = [...sayAlarms(raised), ...saysStanding(session, stands), ...said]
      return { lines, data: data as unknown as Json }
    }),
}

/** The board as a person reads it. */
export function boardLines({ coalition, members, size, attributions, callOuts }: Board): string[] {
  const which = coalition.version === 1 ? 'the charter' : `version ${coalition.version} of the charter`
  const force = coalition.inForce ? `${which} is in force` : 'the charter is not yet adopted by all'
  return [
    `${coalition.name}: ${members.length} members, ${force}; log of ${size} entries`,
    ...members.flatMap(({ id, absent }) => (absent === undefined ? [] : [`  ${id} ${absences[absent]}`])),
    ...coalition.proposals.map(sayProposal),
    ...sayClosed(coalition),
    '',
    attributions.length === 0 ? 'No attribution is held.' : 'Attributions',
    ...attributions.flatMap(sayAttribution),
    '',
    callOuts.length === 0 ? 'No call-out is held.' : 'Call-outs',
    ...callOuts.flatMap(sayCallOut),
  ]
}

const sayClosed = ({ closed, genesis }: Board['coalition']): string[] =>
  closed === undefined
    ? []
    : [
        `  the log is closed at ${closed.size} entries: nothing more is said here`,
        `  a log that goes on from it is founded with --follows ${genesis}:${closed.size}:${closed.root}`,
      ]

const absences = {
  awaited: 'has not acceded yet, and does not speak',
  suspended: 'is suspended until the next version of the charter',
  left: 'has left',
} as const

function proposedWords(row: ProposalRow): string {
  if ('version' in row) return `version ${row.version} of the charter`
  return 'suspends' in row ? `the suspension of ${row.suspends}` : 'the closing of the log'
}

/** What is to be approved, by whom it is, and who has. */
export function sayProposal(row: ProposalRow): string {
  const what = proposedWords(row)
  const { by, approvedBy, needs, sid } = row
  const who = `proposed by ${by}, approved by ${approvedBy.join(', ')}`
  return `  ${what} waits for approval: ${who}; ${needs} are needed; ${sid}`
}

type Withheld = { readonly entries: number; readonly chains: readonly Gap[] }

/** A stub is somebody else's, or it is a gap in a chain that is for this member. */
function sayWithheld({ entries, chains }: Withheld): string[] {
  const gaps = chains.flatMap(({ iss, chain, missing, undecided }) => [
    ...(missing > 0 ? [`  ${missing} withheld from you in the chain ${chain} of ${iss}`] : []),
    ...(undecided > 0
      ? [`  up to ${undecided} more in the chain ${chain} of ${iss}: from before it was for you, or withheld since`]
      : []),
  ])
  return entries === 0 ? [] : ['', `${entries} entries of the log are sealed to others, or withheld from you`, ...gaps]
}

const exercise = (is: boolean): string => (is ? 'EXERCISE EXERCISE EXERCISE  ' : '')

function sayAttribution(row: AttributionRow): string[] {
  const { title, iss, sid, index, tlp, exercise: drill, summary, claims, tearLines, slices } = row
  return [
    `  ${exercise(drill)}${title}`,
    `    ${iss}, ${tlpLabel(tlp)}, index ${index}, ${sid}`,
    ...(row.standing === null ? [] : [`    ${standingWords[row.standing]}`]),
    ...summary.split('\n').map(line => `    ${line}`),
    ...claims.map(claim => `    ${claim.id}: ${claim.stance} to ${claim.name} (${claim.named}); ${saySurety(claim)}`),
    ...sayTear(tearLines),
    ...saySlices(slices),
  ]
}

function saySlices(slices: AttributionRow['slices']): string[] {
  if (slices === null) return []
  const { label, tlp, count, open } = slices
  const yours = open.length === 0 ? 'none open to you' : `open to you: ${open.join(', ')}`
  return [`    ${label} (${tlpLabel(tlp)}) for ${count} addressees, each its own; ${yours}`]
}

type Sure = Pick<PositionRow, 'basis'> & {
  readonly [Name in 'confidence' | 'likelihood']?: PositionRow[Name] | undefined
}

function saySurety({ basis, confidence, likelihood }: Sure): string {
  const words = [basis.replaceAll('-', ' ')]
  if (likelihood) words.push(`${likelihood.term.replaceAll('-', ' ')} on the scale ${likelihood.scale}`)
  if (confidence) words.push(`${confidence} confidence`)
  return words.join(', ')
}

function sayTear(lines: AttributionRow['tearLines']): string[] {
  const open = lines.filter(line => line.open)
  const withheld = lines.filter(line => !line.open)
  const list = (some: typeof lines) => some.map(({ label, tlp }) => `${label} (${tlpLabel(tlp)})`).join(', ')
  return [
    ...(open.length > 0 ? [`    tear lines open to you: ${list(open)}`] : []),
    ...(withheld.length > 0 ? [`    ${withheld.length} withheld from you: ${list(withheld)}`] : []),
  ]
}

/** What became of a statement whose key was compromised when it was made. */
export const standingWords: Readonly<Record<Standing, string>> = {
  disputed: 'DISPUTED, and does not count until its author says it again',
  reaffirmed: 're-affirmed by its author after it was disputed',
}

const phases: Readonly<Record<CallOutRow['phase'], string>> = {
  proposed: 'proposed, no text frozen yet',
  collecting: 'collecting answers',
  ready: 'ready to be released',
  released: 'RELEASED',
  aborted: 'aborted',
  lapsed: 'lapsed without a release',
  disputed: 'DISPUTED: its proposal is by a key that was compromised',
}

function sayCallOut(row: CallOutRow): string[] {
  const { title, iss, sid, index, text, phase, signatories, excluded, declined, unanswered, refused, abort } = row
  return [
    `  ${exercise(row.exercise)}${title}: ${phases[phase]}`,
    `    proposed by ${iss}, index ${index}, ${sid}`,
    ...(text === null
      ? []
      : [
          `    text ${text.sid}, frozen at index ${text.index}`,
          ...text.texts.flatMap(sayText),
          `    released from size ${text.deadline.size} and ${text.deadline.at} on, and before size ${text.lapse.size}`,
        ]),
    ...(row.headline === null || row.headline === '' ? [] : [`    ${row.headline}`]),
    sayCount(phase, signatories.length),
    ...signatories.flatMap(sayParty),
    ...sayNames(
      'joined, and not among them',
      excluded.map(({ member, why }) => `${member} (${why})`),
    ),
    ...sayNames('declined', declined),
    ...sayNames('no answer held', unanswered),
    ...sayRelease(row),
    ...(abort === null ? [] : [`    aborted by ${abort.by}: ${abort.reason}`]),
    ...row.disputed.map(one => `    ${standingWords[one.is]}: ${one.kind} by ${one.by}, ${one.sid}`),
    ...refused.map(({ by, code, why }) => `    a release by ${by} released nothing: ${code}, ${why ?? 'see the code'}`),
  ]
}

/** What all say together; each language is as authentic as the others. */
const sayText = ({ lang, title, text }: TextBody['texts'][number]): string[] => [
  `      [${lang}] ${title}`,
  ...text.split('\n').map(line => `      ${line}`),
]

function sayCount(phase: CallOutRow['phase'], count: number): string {
  if (count === 0) return '    nobody signs'
  return `    ${phase === 'released' ? 'signed by' : 'would sign now'} ${count}:`
}

const sayNames = (what: string, names: readonly string[]): string[] =>
  names.length === 0 ? [] : [`    ${what}: ${names.join(', ')}`]

export function sayParty(signatory: Signatory): string[] {
  const { member, positions, reservations, authority, interpretive_declaration: declared } = signatory
  return [
    `      ${member}, ${authority.organ} (${authority.level})`,
    ...positions.map(sayPosition),
    ...reservations.map(({ passage, text }) => `        reservation on ${passage}: ${text}`),
    ...(declared === undefined ? [] : [`        declares: ${declared}`]),
  ]
}

function sayPosition({ claim, stance, named, attributed_by: quoted, ...sure }: Signatory['positions'][number]): string {
  const as = quoted === undefined ? '' : `, as ${quoted} assesses`
  return `        ${claim}: ${stance} (${named})${as}; ${saySurety(sure)}`
}

function sayRelease({ release }: CallOutRow): string[] {
  if (release === null) return []
  const shown =
    release.verdict === 'largest'
      ? 'checked: it is the largest set whose conditions all hold'
      : `checked: nobody stands in it against its condition; ${release.withheld} entries are withheld from you`
  return [
    `    released by ${release.by} at ${release.releasedAt}, cut at size ${release.cut}`,
    `    ${shown}`,
    ...sayNames('its join is held here and would belong, and the release does not list it', release.leftOut),
  ]
}
