import {
  AttributionSlot,
  type AttributionBody,
  type Evidence,
  type Handling,
  type Json,
  type Placed,
  type Slice,
  type Slices,
  type HeldSince,
  assert,
  disputedSpans,
  equalBytes,
  formatReceipt,
  heldSince,
  instantOf,
  inclusionProof,
  isOf,
  kindOf,
  leafHash,
  readEntry,
  sayHandling,
  standingAt,
  tlpLabel,
  toBase64url,
  utf8,
  verifyInclusion,
} from '@chancery/protocol'
import type { Command } from '../cli.ts'
import { evidenceBound, evidenceBytesMax } from '../evidence.ts'
import { checkNew, readGiven, writeNew } from '../files.ts'
import { orRefuse, refused } from '../refusal.ts'
import { type Session, syncIfReached, withSession } from '../session.ts'
import { type Timed, sayTimes, saysStanding, timesOf } from '../trust.ts'
import { standing } from '../view.ts'
import { standingWords } from './board.ts'
import { heldOrRefuse, placedIn, sidArgument } from './call-out.ts'

/** One statement: whose, where, which of its tear lines are open, and the proof that it is on the log. */
export const show: Command = {
  verb: 'show',
  usage: 'SID [--evidence FILE] [--receipt FILE] [--offline]',
  says: 'shows one statement; --evidence: is FILE what it binds?; --receipt: writes the proof that it is on the log',
  args: { min: 1, max: 1 },
  options: { evidence: { type: 'string' }, receipt: { type: 'string' }, offline: { type: 'boolean' } },
  run: async input => {
    const sid = sidArgument(input.args[0])
    const [file, receipt] = [input.flags.text('evidence'), input.flags.text('receipt')]
    if (receipt !== undefined) orRefuse(checkNew(receipt))
    return withSession(input, async session => {
      if (!input.flags.on('offline')) await syncIfReached(session)
      const held = heldOrRefuse(session, sid)
      checkProof(session, held)
      const bound = file === undefined ? undefined : boundBy(session, held, file)
      const since = heldSince(placedIn(session), held)
      const data = { ...dataOf(session, held), held: { ...since } }
      const timed = timesOf(session, held)
      if (receipt !== undefined) orRefuse(writeNew(receipt, utf8(receiptOf(session, held)), 'everyone'))
      return {
        lines: [
          ...saysStanding(session, standing(session)),
          ...linesOf(data, held, timed),
          ...sayHeld(held, since),
          ...sayBound(file, bound),
          ...(receipt === undefined ? [] : [`  its receipt is in ${receipt}`]),
        ],
        data: {
          ...data,
          ...(timed && { time: timed }),
          ...(bound !== undefined && { evidence: bound.id }),
          ...(receipt !== undefined && { receipt }),
        } as unknown as Json,
      }
    })
  },
}

/** Two claims of single members, and no more than claims; what witnesses confirm is said beside them. */
const sayHeld = ({ statement: { iss } }: Placed, { index, notBefore, notAfter }: HeldSince): string[] => {
  const [from, to] = [notBefore, notAfter].map(at => (at === undefined ? 'a time that nobody claims' : instantOf(at)))
  return [`  held by ${iss} since index ${index}, between ${from} and ${to}, as those who signed around it claim`]
}

const sayBound = (file: string | undefined, bound: Evidence | undefined): string[] =>
  bound === undefined ? [] : [`  ${file} is the evidence ${bound.id}: ${bound.title}`]

/** From the stored entry to the root of the signed head, again. */
function checkProof(
  {
    mirror: {
      store,
      primitives: { sha256 },
    },
  }: Session,
  { index }: Placed,
): void {
  const { size } = store
  const entry = store.entry(index)?.entry
  const proof = inclusionProof({ sha256, index, size, read: store.read })
  const holds =
    entry !== undefined &&
    store.head !== undefined &&
    verifyInclusion({ sha256, leaf: leafHash(sha256, entry), index, size, proof, root: store.rootAt(size) }) &&
    equalBytes(store.rootAt(size), store.rootAt(store.head.size))
  if (!holds) throw refused('log.bad-proof', `${index}`)
}

/** Under the newest note that a quorum has cosigned where it covers the entry, else under the log's own head. */
function receiptOf(session: Session, { index }: Placed): string {
  const { store, primitives } = session.mirror
  const { newest } = standing(session)
  const witnessed = newest !== undefined && newest.checkpoint.size > index ? newest : undefined
  const checkpoint = witnessed?.kept.note ?? store.head?.note
  const size = witnessed?.checkpoint.size ?? store.size
  const entry = readEntry(store.entry(index)?.entry ?? new Uint8Array(0))
  assert(entry.ok && checkpoint !== undefined, 'its place on the log has been checked')
  const proof = inclusionProof({ sha256: primitives.sha256, index, size, read: store.read })
  const extra = entry.value.form === 'sealed' && { extra: entry.value.tag }
  return formatReceipt({ index, proof, checkpoint, ...extra })
}

function boundBy({ world }: Session, held: Placed, file: string): Evidence {
  const bytes = orRefuse(readGiven(file, evidenceBytesMax))
  const bound = evidenceBound(world.primitives.sha256, evidenceIn(held), bytes)
  if (bound === undefined) throw refused('evidence.altered', file, 'no evidence open to you has these bytes')
  return bound
}

/** Evidence of the body and of the tear lines that are open. */
function evidenceIn({ statement }: Placed): readonly Evidence[] {
  if (!isOf(statement, 'attribution.statement')) return []
  const torn = [...statement.lines, ...statement.slices].flatMap(
    ({ content }) => AttributionSlot.safeParse(content).data?.evidence ?? [],
  )
  return [...(statement.body satisfies AttributionBody).evidence, ...torn]
}

type Shown = ReturnType<typeof dataOf>

function dataOf({ mirror: { store, charter } }: Session, { statement, index }: Placed) {
  const { sid, kind, iss, kid, body, claims, lines, slices } = statement
  const open = new Map(lines.map(({ label, content }) => [label, content]))
  const tear = Object.entries(claims.tear).map(([label, { tlp }]) => ({
    label,
    tlp,
    open: open.has(label),
    ...(open.has(label) && { content: open.get(label) }),
  }))
  const entry = store.entry(index)?.entry[0] === 2 ? 'open' : 'sealed'
  const stands = standingAt({ disputed: disputedSpans(charter, { sid, iss, kid, index }) }, store.size)
  return {
    sid,
    kind,
    iss,
    kid,
    index,
    body,
    entry,
    tear,
    ...(stands && { standing: stands }),
    ...(claims.slices && { slices: slicesData(claims.slices, slices) }),
    chain: claims.chain,
    exercise: claims.exercise,
    iat: claims.iat,
    refs: claims.refs,
    seen: claims.seen?.size ?? null,
    handling: claims.handling,
    tlp: claims.handling.tlp,
    proof: { size: store.size, root: toBase64url(store.rootAt(store.size)) },
  }
}

/** Whose the others are is told to nobody but their author, who holds them all. */
const slicesData = ({ label, handling, to: { _sd } }: Slices, open: readonly Slice[]) => ({
  label,
  tlp: handling.tlp,
  count: _sd.length,
  open: open.map(({ to, content }) => ({ to, content })),
})

function sliceLines({ label, tlp, count, open }: ReturnType<typeof slicesData>): string[] {
  const others = count - open.length
  const rest = `${others} other ${others === 1 ? 'addressee' : 'addressees'}`
  const said = open.length === 0 ? `none open to you, ${rest}` : `${open.length} open to you, ${rest}`
  return [
    `  slices ${label} (${tlpLabel(tlp)}): ${said}`,
    ...open.map(({ to, content }) => `    for ${to}: ${JSON.stringify(content)}`),
  ]
}

/** What a marking says beside its tier; `chancery handling` says all of it. */
const sayMore = (handling: Handling): readonly string[] =>
  Object.keys(handling).length === 1
    ? []
    : sayHandling(handling)
        .slice(1)
        .map(line => `  ${line}`)

function linesOf(shown: Shown, { statement }: Placed, timed?: Timed): string[] {
  const { sid, iss, kid, index, tlp, entry, chain, tear, proof, exercise } = shown
  const seen = shown.seen === null ? 'nothing: it founds the log' : `the log at size ${shown.seen}`
  const form = entry === 'open' ? 'in the open' : 'as a sealed commitment'
  return [
    `${exercise ? 'EXERCISE EXERCISE EXERCISE  ' : ''}${kindOf(statement.kind).title}  ${sid}`,
    `  signed by ${iss} with key ${kid}`,
    ...(shown.standing === undefined ? [] : [`  ${standingWords[shown.standing]}`]),
    `  ${tlpLabel(tlp)}, number ${chain.seq} of its chain ${chain.id}; its author had seen ${seen}`,
    `  at index ${index}, ${form}; proof checked against size ${proof.size}`,
    ...sayTimes(timed),
    ...sayMore(shown.handling),
    ...tear.map(
      ({ label, tlp: tier, open }) =>
        `  tear line ${label} (${tlpLabel(tier)}): ${open ? 'open to you' : 'withheld from you'}`,
    ),
    ...tear.filter(line => line.open).map(line => `    ${line.label}: ${JSON.stringify(line.content)}`),
    ...(shown.slices === undefined ? [] : sliceLines(shown.slices)),
    ...JSON.stringify(shown.body, null, 2)
      .split('\n')
      .map(line => `  ${line}`),
  ]
}
