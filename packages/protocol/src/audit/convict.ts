import { z } from 'zod'
import type { CharterState } from '../charter/fold.ts'
import type { Policy } from '../charter/policy.ts'
import { ownerOf } from '../charter/quorum.ts'
import { policyOf } from '../charter/witnesses.ts'
import { type Checkpoint, openCheckpoint } from '../log/checkpoint.ts'
import { verifyCosignature } from '../log/cosignature.ts'
import { hashBytes, verifyConsistency } from '../log/merkle.ts'
import { type Note, readNote } from '../log/note.ts'
import { readReceipt } from '../log/proof.ts'
import { type OwnKeys, type Signed, compromisedAmong, keysAmong, signedClaims } from './signed.ts'
import { vkeysAmong } from './versions.ts'
import { verifyGenesis } from '../statement/verify.ts'
import { fromBase64, toBase64url } from '../wire/base64.ts'
import { equalBytes } from '../wire/bytes.ts'
import { check } from '../wire/check.ts'
import { type Result, fail, ok } from '../wire/failure.ts'
import { limits } from '../wire/limits.ts'
import type { Primitives } from '../wire/primitives.ts'
import { Digest, Size } from '../wire/shapes.ts'

/** What an earlier tree was, as a later one of the same log has it: its root, and the proof from it. */
const Earlier = z.object({
  from: Size,
  to: Size,
  root: Digest,
  proof: z.array(z.string().max(64)).max(limits.proofHashesMax),
})
type Earlier = z.infer<typeof Earlier>

/** spec/09-audit.md#convict: a proof file. What else stands in it is for people, and is not read. */
export const Exhibits = z.object({
  genesis: z.string().max(limits.genesisBytesMax).optional(),
  notes: z.array(z.string().max(limits.noteBytesMax)).max(64).optional(),
  statements: z.array(z.string().max(limits.statementBytesMax)).max(64).optional(),
  earlier: z.array(Earlier).max(64).optional(),
})
export type Exhibits = z.infer<typeof Exhibits>

/** Who has signed two things that cannot both be true, and which two. */
export type Conviction = {
  readonly who: { readonly is: 'log' | 'witness' | 'member'; readonly name: string }
  readonly of: string
}
export type Verdict = { readonly genesis: string; readonly convictions: readonly Conviction[] }

/** One file of any sort that can be evidence: a proof file, a note, a receipt, a statement or a genesis statement. */
export function readExhibit(text: string): Result<Exhibits> {
  if (text.startsWith('{')) return check(Exhibits, parse(text), 'evidence.bad-proof', '')
  if (text.startsWith('c2sp.org/tlog-proof@')) {
    const receipt = readReceipt(text)
    return receipt.ok ? ok({ notes: [receipt.value.checkpoint] }) : receipt
  }
  const jws = text.trim().split('~')[0] ?? ''
  if (/^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/.test(jws)) return ok({ statements: [jws] })
  const note = readNote(text)
  return note.ok ? ok({ notes: [text] }) : fail('evidence.bad-proof', undefined, 'no proof, note, receipt or statement')
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

type Scene = {
  readonly primitives: Primitives
  readonly charter: CharterState
  readonly policy: Policy | undefined
  /** Keys that the log has had, by versions among the exhibits. At which size one signs does not matter here. */
  readonly vkeys: readonly string[]
  /** Whose key each is: of the charter, and of what its members have added. When one speaks does not matter here. */
  readonly keys: OwnKeys
}

/**
 * Holds all exhibits against each other, with the keys of the charter among them and no one asked. Whoever is named has
 * signed both; a stranger's signature convicts nobody. evidence.bad-proof where there is no charter to go by.
 */
export function convict(primitives: Primitives, exhibits: readonly Exhibits[]): Result<Verdict> {
  const jwss = exhibits.flatMap(({ genesis, statements = [] }) => [
    ...(genesis === undefined ? [] : [genesis]),
    ...statements,
  ])
  const begun = jwss.map(jws => verifyGenesis(`${jws}~`, primitives)).find(read => read.ok)
  if (begun === undefined)
    return fail('evidence.bad-proof', '/genesis', 'the genesis statement is needed: it has the keys of all')
  const { charter } = begun.value
  const policy = policyOf(primitives.sha256, charter.charter)
  const keys = keysAmong({ primitives, charter }, jwss)
  const signed = jwss.flatMap(jws => signedClaims({ primitives, charter, keys }, jws) ?? [])
  const scene = { primitives, charter, policy, keys, vkeys: vkeysAmong({ charter, keys }, signed) }
  const heads = exhibits.flatMap(({ notes = [] }) => notes).flatMap(note => headOf(scene, note) ?? [])
  const earlier = exhibits.flatMap(each => each.earlier ?? [])
  const compromised = compromisedAmong(keys, signed)
  const convictions = [
    ...pairsOf(heads).flatMap(([a, b]) => contradiction(scene, [a, b], earlier)),
    ...pairsOf(signed.filter(({ kid }) => !compromised.has(kid))).flatMap(pair => [
      ...equivocation(pair),
      ...twoViews(pair),
    ]),
  ]
  return ok({ genesis: charter.genesis, convictions: distinctOf(convictions) })
}

const pairsOf = <T>(all: readonly T[]): [T, T][] => all.flatMap((a, i) => all.slice(i + 1).map((b): [T, T] => [a, b]))

function distinctOf(convictions: readonly Conviction[]): Conviction[] {
  const named = new Map(convictions.map(each => [`${each.who.is} ${each.who.name} ${each.of}`, each]))
  return [...named.values()]
}

type Head = { readonly note: Note; readonly checkpoint: Checkpoint }

/** undefined for a note that the log has not signed: it proves nothing about the log. */
function headOf({ primitives, charter, vkeys }: Scene, text: string): Head | undefined {
  const { origin } = charter.charter.relay
  const opened = vkeys.map(vkey => openCheckpoint({ note: text, origin, vkey, primitives })).find(each => each.ok)
  const note = readNote(text)
  return opened !== undefined && note.ok ? { note: note.value, checkpoint: opened.value } : undefined
}

/** Two signed heads that cannot be of one log: the log, and every witness that cosigned both, has signed two trees. */
function contradiction(scene: Scene, pair: [Head, Head], earlier: readonly Earlier[]): Conviction[] {
  const [small, large] = pair.toSorted((a, b) => a.checkpoint.size - b.checkpoint.size) as [Head, Head]
  if (!exclude(scene, [small, large], earlier)) return []
  const { size } = small.checkpoint
  const of =
    size === large.checkpoint.size
      ? `two trees of size ${size}`
      : `a tree of size ${large.checkpoint.size} that does not extend its tree of size ${size}`
  const name = scene.charter.charter.relay.origin
  const both = cosignersOf(scene, small).filter(who => cosignersOf(scene, large).includes(who))
  const owners = both.map(who => (scene.policy === undefined ? who : ownerOf(scene.policy, who)))
  return [{ who: { is: 'log', name }, of }, ...owners.map(who => ({ who: { is: 'witness', name: who }, of }) as const)]
}

/** That a proof fails says nothing, for anyone can spoil one. That one holds from another root does. */
function exclude(
  { primitives: { sha256 } }: Scene,
  [small, large]: [Head, Head],
  earlier: readonly Earlier[],
): boolean {
  const [a, b] = [small.checkpoint, large.checkpoint]
  if (a.size === b.size) return !equalBytes(a.root, b.root)
  return earlier.some(({ from, to, root, proof }) => {
    const hashes = proof.map(fromBase64).filter(hash => hash?.length === hashBytes)
    const whole = hashes.filter(hash => hash !== undefined)
    const fromRoot = fromBase64(`${root.replaceAll('-', '+').replaceAll('_', '/')}=`)
    if (from !== a.size || to !== b.size || whole.length !== proof.length || fromRoot === undefined) return false
    const shown = verifyConsistency({ sha256, from, fromRoot, to, toRoot: b.root, proof: whole })
    return shown && from > 0 && toBase64url(a.root) !== root
  })
}

function cosignersOf({ primitives, policy }: Scene, { note, checkpoint }: Head): string[] {
  return (policy?.witnesses ?? []).flatMap(({ name, key }) => {
    const line = note.signatures.find(each => each.name === key.name && each.id === key.id)
    const signed = line && verifyCosignature(primitives, key, { checkpoint, signature: line.signature })
    return signed?.ok === true ? [name] : []
  })
}

/** One author, one chain, one number, two statements. */
function equivocation([a, b]: [Signed, Signed]): Conviction[] {
  const { iss, chain } = a.claims
  const same = iss === b.claims.iss && chain.id === b.claims.chain.id && chain.seq === b.claims.chain.seq
  if (!same || a.sid === b.sid) return []
  return [{ who: { is: 'member', name: iss }, of: `two statements of number ${chain.seq} of its chain ${chain.id}` }]
}

/** One author, one size, two trees: whoever checks a head before accepting it has seen one of them at most. */
function twoViews([a, b]: [Signed, Signed]): Conviction[] {
  const [{ iss, seen: one }, { iss: other, seen: two }] = [a.claims, b.claims]
  if (iss !== other || one === null || two === null || one.size !== two.size || one.root === two.root) return []
  return [{ who: { is: 'member', name: iss }, of: `two trees of size ${one.size}, as it says it has seen them` }]
}
