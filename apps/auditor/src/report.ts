import {
  type Absence,
  type AuditReport,
  type AuditedCallOut,
  type AuditedCharter,
  type AuditedKey,
  type AuditedMember,
  type AuditedStatement,
  type Finding,
  type Standing,
  Tlp,
  failures,
  instantOf,
  isKind,
  kinds,
  tlpLabel,
} from '@chancery/protocol'
import { attributionLines, putLines, releaseLine, signatoryHead, signatoryLines } from './said.ts'

/** The report in plain words, for a person at a terminal: findings and the verdict come last. */
export function textReport(report: AuditReport, much: 'whole' | 'findings'): string {
  const body = much === 'whole' ? sectionsOf(report) : []
  const parts = [...body, findingLines(report.findings), untoldLines(report), [verdictLine(report)]]
  return `${parts
    .filter(lines => lines.length > 0)
    .map(lines => lines.join('\n'))
    .join('\n\n')}\n`
}

function sectionsOf(report: AuditReport): readonly (readonly string[])[] {
  if (report.origin === undefined) return []
  return [
    folderLines(report),
    charterLines(report),
    trustLines(report),
    fallLines(report),
    statementLines(report),
    callOutLines(report),
    controlLines(report),
    withheldLines(report),
    proofLines(report),
  ]
}

/** Whether the charter is the one that was asked for, where one was. */
export const isAsNamed = ({ pinned, findings }: AuditReport): boolean =>
  pinned && !findings.some(({ code }) => code === 'charter.not-genesis')

function folderLines(report: AuditReport): string[] {
  const { exportedBy, reader, origin, size, root, genesis, pinned } = report
  return [
    `Evidence folder for ${readersIn(reader)}; it says that ${exportedBy} exported it.`,
    `Log ${origin}, ${counted(size ?? 0, 'entry', 'entries')}, root ${root}`,
    pinned
      ? `Charter ${genesis}, ${isAsNamed(report) ? 'as you named it' : 'which is not the one you named'}.`
      : `Charter fingerprint: ${genesis}\nCompare it by voice with one that you trust, or pass it as --genesis.`,
  ]
}

function charterLines({ charter }: AuditReport): string[] {
  if (charter === undefined) return []
  const { name, version, inForceFrom: from, members, keys } = charter
  const force = from === undefined ? 'not in force: not every founder has adopted it' : `in force from index ${from}`
  return [
    `CHARTER ${name}, version ${version}, ${force}`,
    ...lifeLines(charter).map(line => `  ${line}`),
    ...versionLines(charter).map(line => `  ${line}`),
    ...members.map(member => `  ${member.id} (${member.name}), ${memberWords(member)}`),
    ...keys.map(key => `  key of ${key.member}: ${key.kid}, ${key.use}, ${key.alg}${spanWords(key)}`),
  ]
}

/** What the log goes on from, and that it is closed. Whoever has the folder of the other holds it against these. */
export const lifeLines = ({ follows, closedAt }: Pick<AuditedCharter, 'follows' | 'closedAt'>): readonly string[] => [
  ...(follows === undefined
    ? []
    : [`goes on from the log of ${follows.genesis}, closed at ${follows.size} entries with the root ${follows.root}`]),
  ...(closedAt === undefined ? [] : [`closed: nothing stands on the log from entry ${closedAt} on`]),
]

/** Where there was more than one: which statement holds each, and from where on it is the charter. */
export const versionLines = ({ versions }: Pick<AuditedCharter, 'versions'>): readonly string[] =>
  versions.length < 2
    ? []
    : versions.map(({ version, sid, from }) => `version ${version}: ${sid}, from index ${from} on`)

const absences: Readonly<Record<Absence, string>> = {
  awaited: 'has not acceded',
  suspended: 'suspended',
  left: 'has left',
}

export function memberWords({ adoptedAt, absent }: AuditedMember): string {
  const adopted = adoptedAt === undefined ? 'has not adopted' : `adopted at index ${adoptedAt}`
  if (absent === undefined) return adopted
  return absent === 'awaited' ? absences.awaited : `${adopted}, ${absences[absent]}`
}

/** When a key speaks, where it is not from the beginning without end. */
export function spanWords({ from, revokedAt }: AuditedKey): string {
  const since = from === undefined ? '' : `, from index ${from}`
  return revokedAt === undefined ? since : `${since}, revoked at index ${revokedAt}`
}

const standingWords: Readonly<Record<Standing, string>> = {
  disputed: 'DISPUTED: its key was compromised, and its author has not said it again; it does not count',
  reaffirmed: 're-affirmed by its author, after its key was found to be compromised',
}

/** What became of a statement whose key was compromised when it was made. */
export const standingLines = ({ standing }: Pick<AuditedStatement, 'standing'>): readonly string[] =>
  standing === undefined ? [] : [standingWords[standing]]

/** Of a call-out, what is so said in it. */
export const disputedLines = ({ disputed = {} }: AuditedCallOut): readonly string[] =>
  Object.entries(disputed).map(([sid, standing]) => `${sid}: ${standingWords[standing]}`)

const slotWords = (slots: readonly string[]) => (slots.length === 0 ? '' : `, tear lines ${slots.join(', ')}`)

export const controlTitle = 'Release control: who asked, what its originator granted, each use, and what was opened'

/** Words of a person, each line marked as such: none passes for a line of the report. */
const quoted = (text: string): string[] => text.split('\n').map(line => `| ${line}`)

/** One group for each request, grant, opening, receipt and spill; its first line says which, the others its uses. */
export function controlGroups({ release }: AuditReport): readonly (readonly string[])[] {
  const { requests, grants, openings, receipts, spills } = release
  return [
    ...requests.map(({ by, of, is, sid }) => [`${sid} ${by} asked for ${of}: ${is}`]),
    ...grants.map(({ sid, by, of, slots, to, recipient, actions, is, uses }) => [
      `${sid} ${by} granted ${to}: ${actions.join(', ')} ${of}${slotWords(slots)}, for ${recipient}: ${is}`,
      ...uses.flatMap(use => [`used at index ${use.index} to ${use.action}:`, ...quoted(use.purpose)]),
    ]),
    ...openings.map(({ sid, by, of, slots, to }) => [
      `${sid} ${by} opened ${of}${slotWords(slots)} to ${tlpLabel(to)}`,
    ]),
    ...receipts.map(({ sid, by, is, of }) => [
      `${sid} ${by} confirms that it has ${is === 'read' ? 'read' : 'received'} ${of.join(', ')}`,
    ]),
    ...spills.map(({ sid, by, of, how }) => [`${sid} ${by} tells of a spill of ${of}: ${how}`]),
  ]
}

function controlLines(report: AuditReport): string[] {
  const groups = controlGroups(report)
  if (groups.length === 0) return []
  const lines = groups.flatMap(([first = '', ...more]) => [`  ${first}`, ...more.map(line => `      ${line}`)])
  return [controlTitle.toUpperCase().replace(/:.*/, '') + controlTitle.replace(/^[^:]*/, ''), ...lines]
}

/** Who has cosigned the log, and what is left of it when one family of signatures is broken. */
function trustLines(report: AuditReport): string[] {
  const [first, ...more] = trustWords(report)
  return first === undefined ? [] : [`WITNESSES ${first}`, ...more.map(line => `  ${line}`)]
}

export function trustWords({ trust }: AuditReport): readonly string[] {
  if (trust === undefined) return []
  const { quorum, witnesses, faulty, by, standsOn, asOf } = trust
  return [
    `${quorum} of ${witnesses} make it count; ${faulty} of them may be corrupt`,
    `cosigned by ${by.join(', ')}`,
    ...(asOf === undefined ? [] : [`it shows the log as it was at ${instantOf(asOf)} or later`]),
    standsOn.length === 0
      ? 'it counts by both families together, and by neither alone'
      : `it counts by ${standsOn.map(familyName).join(' alone, and by ')} alone`,
  ]
}

const familyName = (family: 'ed25519' | 'ml-dsa-44'): string => (family === 'ed25519' ? 'Ed25519' : 'ML-DSA-44')

/** Until when the record stands without its first family of signatures. undefined where no charter is known. */
export function fallWords({ ifEd25519Falls: standing, size = 0 }: AuditReport): string | undefined {
  if (standing === undefined) return undefined
  if (standing === null) return 'nothing of this record stands by itself: no quorum has cosigned it with ML-DSA-44'
  const those =
    standing.size === size
      ? `all ${counted(size, 'entry', 'entries')}`
      : `the first ${standing.size} of ${size} entries`
  return `after ${instantOf(standing.at)}, ${those} stand: by then a quorum had cosigned them with ML-DSA-44`
}

function fallLines(report: AuditReport): string[] {
  const words = fallWords(report)
  return words === undefined ? [] : [`IF ED25519 FALLS ${words}`]
}

/** Since when it was held: by the clocks of witnesses, and where there are none by what others claim. */
export function heldWords({ iss, index, notBefore, notAfter, flag, held }: AuditedStatement): readonly string[] {
  const isWitnessed = notBefore !== undefined || notAfter !== undefined
  const [from, to] = isWitnessed ? [notBefore, notAfter] : [held?.notBefore, held?.notAfter]
  const by = isWitnessed ? 'by the clocks of its witnesses' : 'as those who signed around it claim'
  const since = `held by ${iss} since index ${index}`
  const when = from === undefined && to === undefined ? [] : [`${since}, ${between(from, to)}, ${by}`]
  return [...when, ...(flag === undefined ? [] : [`FLAG its author says ${flag}`])]
}

function between(from: number | undefined, to: number | undefined): string {
  if (from !== undefined && to !== undefined) return `between ${instantOf(from)} and ${instantOf(to)}`
  return from === undefined ? `not after ${instantOf(to ?? 0)}` : `not before ${instantOf(from)}`
}

function statementLines({ statements, reader }: AuditReport): string[] {
  if (statements.length === 0) return []
  return [
    'STATEMENTS in log order: index, when its author says, who, what, tier',
    ...statements.flatMap(row => statementLine(row, reader)),
  ]
}

function statementLine(statement: AuditedStatement, reader: AuditReport['reader']): string[] {
  const { index, iat, iss, kind, title, exercise, sid, kid, tear, slices } = statement
  const what = title === undefined ? kindTitle(kind) : `${kindTitle(kind)}: ${title}`
  return [
    `  ${index}  ${instantOf(iat)}  ${iss}  ${what}  ${tierWords(statement, reader)}${exercise ? '  EXERCISE' : ''}`,
    `      ${sid} signed with ${kid}`,
    ...standingLines(statement).map(line => `      ${line}`),
    ...heldWords(statement).map(line => `      ${line}`),
    ...tear.map(line => `      ${tearLine(line)}`),
    ...(slices === undefined ? [] : [`      ${slicesLine(slices)}`]),
  ]
}

/** Why a statement above the folder's reader is in it is said beside its tier. */
export function tierWords({ tlp, openedBy }: AuditedStatement, reader: AuditReport['reader']): string {
  if (openedBy === undefined) return tlpLabel(tlp)
  return `${tlpLabel(tlp)}, ${reader === 'clear' ? 'made public' : 'opened to these readers'} by a later statement`
}

export const tearLine = ({ label, tlp, open }: AuditedStatement['tear'][number]): string =>
  `tear line ${label}, ${tlpLabel(tlp)}: ${open ? 'open here' : 'withheld'}`

/** Whom the others are for nobody is told: only that there are so many. */
export function slicesLine({ label, tlp, count, open }: NonNullable<AuditedStatement['slices']>): string {
  const here = open.length === 0 ? '' : `, ${open.length} open here`
  return `slices ${label}, ${tlpLabel(tlp)}, for one addressee each: ${count - open.length} withheld${here}`
}

export const kindTitle = (kind: string): string => (isKind(kind) ? kinds[kind].title : kind)

function callOutLines({ callouts }: AuditReport): string[] {
  return callouts.length === 0 ? [] : ['CALL-OUTS', ...callouts.flatMap(callOutLine)]
}

function callOutLine(callOut: AuditedCallOut): string[] {
  const { title, phase, exercise, proposal, by, form, attributions, text, texts = [] } = callOut
  return [
    `  ${title}${exercise ? ' (EXERCISE)' : ''}: ${phase}`,
    `      proposal ${proposal} by ${by}: ${form}${text === undefined ? '' : `, text ${text}`}`,
    ...attributions.flatMap(attributionLines).map(line => `      ${line}`),
    ...texts.flatMap(wordLines).map(line => `      ${line}`),
    ...putLines(callOut).map(line => `      ${line}`),
    ...disputedLines(callOut).map(line => `      ${line}`),
    ...releaseLines(callOut),
  ]
}

/** What is signed is set off from what the audit says of it. */
const wordLines = ({ lang, title, text }: NonNullable<AuditedCallOut['texts']>[number]): string[] => [
  `TEXT in ${lang}: ${title}`,
  ...text.split('\n').map(line => `  | ${line}`),
]

function releaseLines(callOut: AuditedCallOut): string[] {
  const { release } = callOut
  if (release === undefined) return []
  const { verdict, signatories, withheld, leftOut } = release
  return [
    releaseLine(release),
    ...signatories.flatMap(each => [signatoryHead(each), ...signatoryLines(callOut, each).map(line => `    ${line}`)]),
    ...verdictOf(verdict, withheld),
    ...leftOut.map(member => `${member} has joined and is not in it; a withheld answer may have taken that back`),
  ].map(line => `      ${line}`)
}

export function verdictOf(verdict: 'largest' | 'sound', withheld: number): string[] {
  if (verdict === 'largest') return ['It is the largest set whose conditions all hold.']
  const [entries, are] = [counted(withheld, 'entry', 'entries'), withheld === 1 ? 'is' : 'are']
  return [
    'It is sound: no signatory stands against its own condition.',
    `Whether it is the largest such set cannot be shown here: ${entries} before the cut ${are} withheld.`,
  ]
}

function withheldLines({ withheld: { entries, slots, slices } }: AuditReport): string[] {
  const parts = [`${counted(entries, 'entry', 'entries')} of the log`, withheldParts(slots, slices)]
  return [`WITHHELD from this reader: ${parts.join(', ')}.`]
}

export const withheldParts = (slots: number, slices: number): string =>
  [counted(slots, 'tear line'), ...(slices === 0 ? [] : [counted(slices, 'slice')])].join(', ')

const proofLines = ({ proofs }: AuditReport): string[] => [
  'PROOFS that hold',
  ...proofWords(proofs).map(line => `  ${line}`),
]

export function proofWords({
  digests,
  entries,
  tiles,
  signatures,
  relations,
  disclosures,
  receipts,
}: AuditReport['proofs']): string[] {
  return [
    `${counted(digests, 'file')} of the digest in the manifest`,
    `${counted(entries, 'entry', 'entries')} of the log under the signed root, and ${counted(tiles, 'tile')}`,
    `${counted(signatures, 'signature')}, the checkpoint's among them`,
    `${counted(relations, 'statement')} in order: references, chain and view of the log`,
    `${counted(disclosures, 'tear line or slice', 'tear lines and slices')} of the digest that its statement signed`,
    `${counted(receipts, 'receipt')} of inclusion`,
  ]
}

function findingLines(findings: readonly Finding[]): string[] {
  return findings.length === 0 ? [] : ['FINDINGS', ...findings.map(findingLine)]
}

export function findingLine({ code, at, index, why, severity }: Finding): string {
  const place = index === undefined ? at : `${at} (index ${index})`
  const told = `${place}: ${failures[code].means}${why === undefined ? '' : `; ${why}`}`
  return `  ${severity === 'fatal' ? 'FATAL ' : ''}${code} at ${told.replace(unshown, '?')}`
}

/** A folder can have file names that move the cursor; whatever came past a schema has no such characters. */
const unshown = /[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g

/** Once for all of them: no finding says of a statement what cannot be told of it. */
export function untoldLines({ untold, reader }: AuditReport): string[] {
  if (untold === 0) return []
  const above = `${counted(untold, 'text')} above ${labelOf(reader)}`
  return [`Whether ${above} may be here cannot be told: what may have opened it is missing or altered.`]
}

export function verdictLine({ ok, findings, statements, pinned, withheld, without, size = 0 }: AuditReport): string {
  const by = without === undefined ? '' : ` without ${familyName(without)}`
  if (!ok) return `DOES NOT HOLD${by}: ${counted(findings.length, 'finding')}.`
  const unless = pinned ? '' : ', if the charter fingerprint is the one you trust'
  const { entries } = withheld
  const closed = `${entries} of ${counted(size, 'log entry', 'log entries')} withheld`
  return `HOLDS${by}: ${counted(statements.length, 'statement')}, every part checked, ${closed}${unless}.`
}

const isTier = (reader: string): reader is AuditedStatement['tlp'] => Tlp.safeParse(reader).success

/** Whom a folder is for: a tier by its label, any other reader by its name. */
export const labelOf = (reader = 'unknown'): string => (isTier(reader) ? tlpLabel(reader) : reader)
export const readersIn = (reader = 'unknown'): string => (isTier(reader) ? `${tlpLabel(reader)} readers` : reader)

export const counted = (count: number, one: string, many = `${one}s`): string => `${count} ${count === 1 ? one : many}`
