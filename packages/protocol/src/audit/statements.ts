import { type DisputedSpan, disputedSpans, standingAt } from '../charter/disputes.ts'
import { type CharterState, isClosed, isInForce, judgesAlike } from '../charter/fold.ts'
import { vkeyAt } from '../charter/log-key.ts'
import type { Tlp } from '../charter/tiers.ts'
import { folderReader } from '../sharing/reader.ts'
import type { Claims } from '../statement/claims.ts'
import type { Referred } from '../statement/kind.ts'
import { type Entered, withRecord } from '../statement/record.ts'
import type { Related } from '../statement/relate.ts'
import { verifyGenesis } from '../statement/verify.ts'
import type { Act } from '../view/call-out-state.ts'
import { toBase64url } from '../wire/base64.ts'
import { type Result, fail } from '../wire/failure.ts'
import { tileWidth } from '../log/tiles.ts'
import { type Scene, inTurn } from './crew.ts'
import { manifestPath, vkeyPath } from './folder.ts'
import { add, note } from './ledger.ts'
import type { AuditContext, LogPart } from './log-part.ts'
import {
  type Placement,
  type Judged,
  type JudgedLot,
  type Standing,
  judge,
  openCopies,
  openLots,
  scopeOf,
} from './lots.ts'
import { claimsAgain, placeStatements } from './placing.ts'
import { type ChainPart, checkPartRelations, extendChain } from './relations.ts'
import type { AuditedStatement, Finding } from './report.ts'
import type { Above } from './rows.ts'

/** What the statements of a folder come to, in log order. */
export type StatementsPart = {
  readonly charter: CharterState
  readonly rows: readonly AuditedStatement[]
  readonly acts: ReadonlyMap<string, Act>
  /** Log sizes at which a statement is disputed, by sid. */
  readonly disputed: ReadonlyMap<string, readonly DisputedSpan[]>
  /** What is here and the marking alone does not let the folder's reader see, by sid, in log order. */
  readonly above: ReadonlyMap<string, Above & { readonly placement: Placement }>
  /** Releases that are for some of their tier: they open nothing to it. */
  readonly forSome: ReadonlySet<string>
  /** Indices of entries that the folder does not open, ascending. */
  readonly unopened: readonly number[]
  /** Root at a size, base64url. */
  readonly rootAt: (size: number) => string | undefined
  /** A statement that the folder holds. */
  readonly find: (sid: string) => Referred | undefined
  readonly holds: (sid: string) => boolean
  /** What was signed in a statement that the folder holds. */
  readonly claimsOf: (sid: string) => Claims | undefined
  readonly tlpOf: (sid: string) => Tlp | undefined
  /** Sealed statements whose file is listed and is not there as listed. */
  readonly lost: number
}

/** What is remembered of each statement: its body is read again when it is asked for. */
type Known = { readonly placement: Placement } & Pick<Referred, 'kind' | 'iss' | 'tlp'>

type Pass = {
  readonly context: AuditContext
  readonly log: LogPart
  readonly scene: Scene
  readonly placementAt: (index: number) => Placement | undefined
  readonly rows: AuditedStatement[]
  readonly acts: Map<string, Act>
  readonly above: Map<string, Above & { readonly placement: Placement }>
  readonly forSome: Set<string>
  readonly unopened: number[]
  readonly rootAt: (size: number) => string | undefined
  readonly known: Map<string, Known>
  readonly chains: Map<string, ChainPart>
  charter: CharterState
  lost: number
}

/** spec/09-audit.md#order steps 6 to 10. undefined where the log does not begin with a charter to judge the rest by. */
export async function auditStatements(
  context: AuditContext,
  log: LogPart,
  pinned: string | undefined,
): Promise<StatementsPart | undefined> {
  const pass = beginPass(context, log, pinned)
  if (pass === undefined) return undefined
  const next = settleFirst(pass)
  const judgeLot = context.crew.open(pass.scene)
  await inTurn(context.crew.ways, lotsOf(pass, next), {
    start: async ({ placements }) => {
      const under = pass.charter
      return { under, judged: await judgeLot(under, placements) }
    },
    take: (judged, lot) => settleAnew(pass, lot, judged),
  })
  if (!isOwnKey(context, log, pass.charter)) return undefined
  const { charter, above, forSome, unopened, rootAt, lost, known } = pass
  const { rows, acts, disputed } = withStandings(pass)
  const shared = { charter, rows, acts, disputed, above, forSome, unopened, rootAt, lost }
  const tlpOf = (sid: string) => known.get(sid)?.tlp
  const claimsOf = (sid: string) => {
    const found = known.get(sid)
    return found && claimsAgain(context, log, found.placement)
  }
  return { ...shared, tlpOf, claimsOf, find: sid => findIn(pass, sid), holds: sid => known.has(sid) }
}

/** What has come to be disputed is known only when all keys are. A log without a compromised key is as it was. */
function withStandings({ charter, rows, acts, log }: Pass): Pick<StatementsPart, 'rows' | 'acts' | 'disputed'> {
  const disputed = new Map<string, readonly DisputedSpan[]>()
  for (const row of charter.disputes.length === 0 ? [] : rows) {
    const spans = disputedSpans(charter, row)
    if (spans.length > 0) disputed.set(row.sid, spans)
  }
  if (disputed.size === 0) return { rows, acts, disputed }
  const spansOf = (sid: string) => ({ ...(disputed.has(sid) && { disputed: disputed.get(sid) ?? [] }) })
  const standing = (sid: string) => standingAt(spansOf(sid), log.size)
  return {
    disputed,
    acts: new Map([...acts].map(([sid, act]) => [sid, { ...act, ...spansOf(sid) }])),
    rows: rows.map(row => {
      const stands = standing(row.sid)
      return stands === undefined ? row : { ...row, standing: stands }
    }),
  }
}

/** Until every founder has adopted, each statement changes the charter that the next is judged by. */
function settleFirst(pass: Pass): number {
  const judgeLot = openLots(pass.context, pass.scene)
  let index = 1
  for (; index < pass.log.size && !isInForce(pass.charter, index); index++) {
    const lot = lotOf(pass, index, index + 1)
    const judged = judgeLot(pass.charter, lot.placements)
    settle(pass, lot, judged)
    add(pass.context.ledger, { findings: [], proofs: judged.proofs })
  }
  return index
}

/** Statements that are judged together; what has no placement is not opened. */
type Lot = { readonly from: number; readonly to: number; readonly placements: readonly Placement[] }

/** As many statements as a bundle has entries: both are then read once. */
function* lotsOf(pass: Pass, from: number): Iterable<Lot> {
  const { size } = pass.log
  for (let at = from; at < size;) {
    const to = Math.min(size, (Math.floor(at / tileWidth) + 1) * tileWidth)
    yield lotOf(pass, at, to)
    at = to
  }
}

function lotOf({ placementAt }: Pass, from: number, to: number): Lot {
  const placements: Placement[] = []
  for (let index = from; index < to; index++) {
    const placement = placementAt(index)
    if (placement !== undefined) placements.push(placement)
  }
  return { from, to, placements }
}

type JudgedUnder = { readonly under: CharterState; readonly judged: JudgedLot }

/**
 * A lot is judged by the charter at its start, and others are under way meanwhile. What comes after a statement that
 * changed the verdict on others is judged again, here: that is rare, and the report is the same whoever judges.
 */
function settleAnew(pass: Pass, lot: Lot, { under, judged }: JudgedUnder): void {
  let judgeLot: ReturnType<typeof openLots> | undefined
  const again = (charter: CharterState, { placements }: Lot): JudgedLot =>
    (judgeLot ??= openLots(pass.context, pass.scene))(charter, placements)
  let [rest, known] = [lot, judgesAlike(under, pass.charter) ? judged : again(pass.charter, lot)]
  for (;;) {
    const { charter } = pass
    const next = settle(pass, rest, known)
    const { proofs } = next === rest.to ? known : again(charter, lotOf(pass, rest.from, next))
    add(pass.context.ledger, { findings: [], proofs })
    if (next === rest.to) return
    rest = lotOf(pass, next, rest.to)
    known = again(pass.charter, rest)
  }
}

/** Up to a statement that changes the verdict on those after it; the index of the next. */
function settle(pass: Pass, { from, to, placements }: Lot, { judged }: JudgedLot): number {
  const { charter } = pass
  let next = 0
  for (let index = from; index < to; index++) {
    const [placement, result] = [placements[next], judged[next]]
    if (placement?.index !== index || result === undefined) passOver(pass, index)
    else {
      accept(pass, placement, result)
      next++
    }
    if (!judgesAlike(charter, pass.charter)) return index + 1
  }
  return to
}

/** Nobody need open an entry to see that it stands on a closed log. */
function passOver(pass: Pass, index: number): void {
  pass.unopened.push(index)
  if (isClosed(pass.charter, index)) note(pass.context.ledger, { code: 'log.closed', path: 'log/tile/entries', index })
}

function beginPass(context: AuditContext, log: LogPart, pinned: string | undefined): Pass | undefined {
  const { ledger, folder, primitives } = context
  const { placementAt, lost } = placeStatements(context, log)
  const placement = placementAt(0)
  if (placement === undefined) {
    note(ledger, { code: 'charter.not-genesis', path: 'log/tile/entries', index: 0, severity: 'fatal' })
    return undefined
  }
  const levels = log.tree.levels()
  const scene = { reader: folder.manifest.reader, checkpoint: log.signed, size: log.size, levels }
  const shown = openCopies(context, scene)(ledger, placement)
  const begun = verifyGenesis(shown.text ?? '', primitives)
  const wrong = begun.ok
    ? whyNotThisLog(context, { charter: begun.value.charter, pinned })
    : { failure: begun, path: placement.path }
  if (wrong !== undefined) note(ledger, { ...wrong.failure, path: wrong.path, index: 0, severity: 'fatal' })
  if (!begun.ok || wrong !== undefined) return undefined
  const pass: Pass = {
    context,
    log,
    scene,
    placementAt,
    charter: begun.value.charter,
    lost,
    rows: [],
    acts: new Map(),
    above: new Map(),
    forSome: new Set(),
    unopened: [],
    known: new Map(),
    chains: new Map(),
    rootAt: rootReader(log),
  }
  const scope = scopeOf(scene, begun.value.charter)
  accept(pass, placement, judge({ desk: context, scope, ledger }, shown, begun.value.statement))
  return pass
}

type Begun = { readonly charter: CharterState; readonly pinned: string | undefined }

/** The charter is the root of trust: it names the log and the key that the folder has only claimed so far. */
function whyNotThisLog({ folder }: AuditContext, { charter, pinned }: Begun) {
  const { genesis } = charter
  const { relay } = charter.charter
  const { manifest } = folder
  if (pinned !== undefined && genesis !== pinned) {
    return { failure: fail('charter.not-genesis', '', `the one you trust is ${pinned}`), path: manifestPath }
  }
  if (manifest.genesis !== genesis) return { failure: fail('charter.not-genesis', '/genesis'), path: manifestPath }
  if (manifest.origin !== relay.origin) {
    return { failure: fail('log.wrong-origin', '/origin', `the charter names ${relay.origin}`), path: manifestPath }
  }
  if (folderReader(charter, manifest.reader) !== undefined) return undefined
  return { failure: fail('evidence.bad-manifest', '/reader', 'the charter knows no such reader'), path: manifestPath }
}

/** spec/09-audit.md#order step 10: known only once every version of the charter is. */
function isOwnKey({ ledger }: AuditContext, { vkey, size }: LogPart, charter: CharterState): boolean {
  const named = vkeyAt(charter, size)
  if (vkey === named) return true
  note(ledger, { code: 'log.bad-vkey', why: `the charter names ${named}`, path: vkeyPath, severity: 'fatal' })
  return false
}

/** In log order: everything before it has been accepted. */
function accept(pass: Pass, placement: Placement, { findings, stands }: Judged): void {
  const { ledger } = pass.context
  ledger.findings.push(...findings)
  if (stands === undefined) {
    pass.unopened.push(placement.index)
    if (isAltered(pass, placement, findings)) pass.lost++
    return
  }
  const { index, path } = placement
  const related = checkPartRelations(stands.related, prefixOf(pass, stands.related))
  if (related.ok) ledger.proofs.relations++
  else note(ledger, { ...related, path, index })
  if (!related.ok && related.code === 'statement.duplicate') return
  if (stands.record !== undefined && isUsable(related)) enterRecord(pass, placement, stands.record)
  ledger.findings.push(...stands.findings)
  enter(pass, placement, stands, isUsable(related))
}

/** What stands open on the log is judged by the log's own copy, and is not lost with a file. */
const isAltered = ({ log }: Pass, { index, path }: Placement, findings: readonly Finding[]): boolean =>
  !log.names.sids.has(index) && findings.some(({ code, at }) => code === 'evidence.altered' && at === path)

/** A gap in its chain is a fault of the folder; the statement itself stands. */
const isUsable = (related: Result<true>): boolean => related.ok || related.code === 'evidence.missing'

function enter(pass: Pass, placement: Placement, { row, related, act, above }: Standing, usable: boolean): void {
  const { sid, kind, iss } = related
  if (above !== undefined) pass.above.set(sid, { ...above, placement })
  if (kind === 'callout.release' && related.handling.releasable_to !== undefined) pass.forSome.add(sid)
  pass.known.set(sid, { placement, kind, iss, tlp: related.handling.tlp })
  const name = chainName(related)
  pass.chains.set(name, extendChain(pass.chains.get(name), related, pass.unopened.length))
  if (act !== undefined && usable) pass.acts.set(sid, act)
  pass.rows.push(row)
}

const chainName = ({ iss, chain }: Related): string => `${iss} ${chain.id}`

function enterRecord(pass: Pass, { path, index }: Placement, record: Entered): void {
  const entered = withRecord(pass.context.primitives, pass.charter, record)
  if (entered.ok) pass.charter = entered.value
  else note(pass.context.ledger, { ...entered, path, index })
}

function prefixOf(pass: Pass, statement: Related) {
  const { charter, rootAt, unopened, chains, scene } = pass
  const { reader } = scopeOf(scene, charter)
  return {
    charter,
    rootAt,
    unopened: unopened.length,
    reader,
    chain: chains.get(chainName(statement)),
    find: (sid: string) => findIn(pass, sid),
  }
}

/** Bodies are read when they are asked for: few statements are referred to, and all of them do not fit. */
function findIn({ known, acts, context, log }: Pass, sid: string): Referred | undefined {
  const found = known.get(sid)
  return (
    found && {
      kind: found.kind,
      iss: found.iss,
      tlp: found.tlp,
      index: found.placement.index,
      get body() {
        return acts.get(sid)?.body ?? claimsAgain(context, log, found.placement).body
      },
    }
  )
}

function rootReader({ tree }: LogPart): (size: number) => string | undefined {
  const known = new Map<number, string>()
  return size => {
    if (size > tree.size) return undefined
    const root = known.get(size) ?? toBase64url(tree.root(size))
    known.set(size, root)
    return root
  }
}
