import { type CharterState, adopt, isInForce } from '../charter/fold.ts'
import type { Referred } from '../statement/kind.ts'
import { formatTierCopy } from '../statement/tearline.ts'
import { type Verified, verify, verifyGenesis, verifyLater } from '../statement/verify.ts'
import { type Act, actOf } from '../view/call-out-state.ts'
import { toBase64url } from '../wire/base64.ts'
import { type Result, fail } from '../wire/failure.ts'
import { type Exhibited, bodyAgain, checkEntry, exhibitReader } from './exhibits.ts'
import { manifestPath, statementPath, vkeyPath } from './folder.ts'
import { note } from './ledger.ts'
import type { AuditContext, LogPart } from './log-part.ts'
import { type ChainPart, checkPartRelations, extendChain } from './relations.ts'
import type { AuditedStatement } from './report.ts'
import { checkTiers, rowOf } from './rows.ts'

/** What the statements of a folder come to, in log order. */
export type StatementsPart = {
  readonly charter: CharterState
  readonly rows: readonly AuditedStatement[]
  readonly acts: ReadonlyMap<string, Act>
  /** Paths of statements above the folder's tier, by sid: only a release can have opened them. */
  readonly above: ReadonlyMap<string, { readonly path: string; readonly index: number }>
  /** Indices of entries that the folder does not open, ascending. */
  readonly unopened: readonly number[]
  /** Root at a size, base64url. */
  readonly rootAt: (size: number) => string | undefined
}

type Pass = {
  readonly context: AuditContext
  readonly log: LogPart
  readonly rows: AuditedStatement[]
  readonly acts: Map<string, Act>
  readonly above: Map<string, { readonly path: string; readonly index: number }>
  readonly unopened: number[]
  readonly rootAt: (size: number) => string | undefined
  readonly known: Map<string, Known>
  readonly chains: Map<string, ChainPart>
  charter: CharterState
}

type Known = { readonly kind: string; readonly iss: string; readonly index: number; readonly path: string }

/** Signatures in flight: while one such lot is checked on other cores, the next is read here. */
const lotSize = 128

type Begun = { readonly exhibited: Exhibited; readonly result: Promise<Result<Verified>> }

/** spec/09-audit.md#order steps 6 to 10. undefined where the log does not begin with a charter to judge the rest by. */
export async function auditStatements(
  context: AuditContext,
  log: LogPart,
  pinned: string | undefined,
): Promise<StatementsPart | undefined> {
  const exhibitAt = exhibitReader(context, log)
  const pass = beginPass(context, log, { genesis: exhibitAt(0), pinned })
  if (pass === undefined) return undefined
  const begun: (Begun | number)[] = []
  for (let index = 1; index < log.size; index++) {
    const exhibited = exhibitAt(index)
    begun.push(exhibited === undefined ? index : begin(pass, exhibited))
    // Until every founder has adopted, a statement changes the charter that the next is judged by; later none does.
    if (!isInForce(pass.charter, index)) await settleAll(pass, begun.splice(0))
    else if (begun.length >= 2 * lotSize) await settleAll(pass, begun.splice(0, lotSize))
  }
  await settleAll(pass, begun)
  return pass
}

type Start = { readonly genesis: Exhibited | undefined; readonly pinned: string | undefined }

function beginPass(context: AuditContext, log: LogPart, { genesis, pinned }: Start): Pass | undefined {
  const { ledger } = context
  if (genesis === undefined) {
    note(ledger, { code: 'charter.not-genesis', path: 'log/tile/entries', index: 0, severity: 'fatal' })
    return undefined
  }
  const begun = verifyGenesis(genesis.text, context.primitives)
  const wrong = begun.ok
    ? whyNotThisLog(context, log, { charter: begun.value.charter, pinned })
    : { failure: begun, path: genesis.path }
  if (wrong !== undefined) note(ledger, { ...wrong.failure, path: wrong.path, index: 0, severity: 'fatal' })
  if (!begun.ok || wrong !== undefined) return undefined
  const pass: Pass = {
    context,
    log,
    charter: begun.value.charter,
    rows: [],
    acts: new Map(),
    above: new Map(),
    unopened: [],
    known: new Map(),
    chains: new Map(),
    rootAt: rootReader(log),
  }
  accept(pass, genesis, begun.value.statement)
  return pass
}

/** The charter is the root of trust: it names the log and the key that the folder has only claimed so far. */
function whyNotThisLog(
  { folder }: AuditContext,
  { vkey }: LogPart,
  { charter, pinned }: Omit<Start, 'genesis'> & { charter: CharterState },
) {
  const {
    genesis,
    charter: { relay },
  } = charter
  const { manifest } = folder
  if (pinned !== undefined && genesis !== pinned) {
    return { failure: fail('charter.not-genesis', '', `the one you trust is ${pinned}`), path: manifestPath }
  }
  if (manifest.genesis !== genesis) return { failure: fail('charter.not-genesis', '/genesis'), path: manifestPath }
  if (manifest.origin !== relay.origin) {
    return { failure: fail('log.wrong-origin', '/origin', `the charter names ${relay.origin}`), path: manifestPath }
  }
  if (vkey === relay.vkey) return undefined
  return { failure: fail('log.bad-vkey', '', `the charter names ${relay.vkey}`), path: vkeyPath }
}

const begin = (pass: Pass, exhibited: Exhibited): Begun => ({
  exhibited,
  result: verifyLater(exhibited.text, contextOf(pass, exhibited)),
})

const contextOf = ({ context: { primitives }, charter }: Pass, { index }: Exhibited) => ({ primitives, charter, index })

async function settleAll(pass: Pass, lot: readonly (Begun | number)[]): Promise<void> {
  for (const each of lot) await settle(pass, each)
}

async function settle(pass: Pass, begun: Begun | number): Promise<void> {
  if (typeof begun === 'number') {
    pass.unopened.push(begun)
    return
  }
  const { exhibited } = begun
  const result = await begun.result
  const statement = result.ok ? result.value : refuse(pass, exhibited, result)
  if (statement === undefined) pass.unopened.push(exhibited.index)
  else accept(pass, exhibited, statement)
}

/** A bad tear line spoils the copy and not the statement: what follows in the log is judged by the statement alone. */
function refuse(pass: Pass, exhibited: Exhibited, failure: Result<Verified> & { ok: false }): Verified | undefined {
  const { path, index, text } = exhibited
  note(pass.context.ledger, { ...failure, path, index })
  const [jws = ''] = text.split('~')
  const alone = text.length > jws.length + 1 ? verify(formatTierCopy(jws, []), contextOf(pass, exhibited)) : failure
  return alone.ok ? alone.value : undefined
}

/** In log order: the statement has been verified, and everything before it has been accepted. */
function accept(pass: Pass, exhibited: Exhibited, statement: Verified): void {
  const {
    context: { ledger, primitives, folder },
    known,
    acts,
    above,
  } = pass
  const { path, index } = exhibited
  const { sid, iss, kind } = statement
  ledger.proofs.signatures++
  const entry = checkEntry(primitives.sha256, exhibited, statement)
  if (!entry.ok) note(ledger, { ...entry, path, index })
  if (path !== statementPath(statement)) {
    note(ledger, { code: 'evidence.unreferenced', why: `${kind} has another place`, path, index })
  }

  const related = checkPartRelations(statement, prefixOf(pass, statement))
  if (related.ok) ledger.proofs.relations++
  else note(ledger, { ...related, path, index })
  if (!related.ok && related.code === 'statement.duplicate') return
  if (kind === 'charter.adopt' && index > 0) adoptAt(pass, exhibited, statement)

  const tiers = checkTiers(folder.manifest, exhibited, statement, ledger)
  if (tiers === 'above') above.set(sid, { path, index })
  known.set(sid, { kind, iss, index, path })
  const name = chainName(statement)
  pass.chains.set(name, extendChain(pass.chains.get(name), statement, pass.unopened.length))
  const act = actOf({ statement, index })
  if (act !== undefined && isUsable(related)) acts.set(sid, act)
  pass.rows.push(rowOf(statement, index))
}

/** A gap in its chain is a fault of the folder; the statement itself stands. */
const isUsable = (related: Result<Verified>): boolean => related.ok || related.code === 'evidence.missing'

const chainName = ({ iss, claims }: Verified): string => `${iss} ${claims.chain.id}`

function adoptAt(pass: Pass, { path, index }: Exhibited, { iss }: Verified): void {
  const adopted = adopt(pass.charter, iss, index)
  if (adopted.ok) pass.charter = adopted.value
  else note(pass.context.ledger, { ...adopted, path, index })
}

function prefixOf(pass: Pass, statement: Verified) {
  const { charter, rootAt, unopened, chains, context } = pass
  return {
    charter,
    rootAt,
    unopened: unopened.length,
    reader: context.folder.manifest.reader,
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
      index: found.index,
      get body() {
        return acts.get(sid)?.body ?? bodyAgain(context, log, { sid, path: found.path, index: found.index })
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
