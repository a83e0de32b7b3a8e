import { type Sha256, equalBytes } from '../wire/bytes.ts'
import { type Failure, type Result, fail, ok } from '../wire/failure.ts'
import { type SignatureType, type Vkey, hasControl, readVkeyOf, signatureTypes } from '../wire/vkey.ts'

/** C2SP tlog-policy: which logs, which witnesses, and which of them together make a checkpoint count. */
export type Policy = {
  readonly logs: readonly PolicyKey[]
  readonly witnesses: readonly (PolicyKey & { readonly name: string })[]
  readonly groups: readonly Group[]
  /** The name of a witness or group, or `none`. */
  readonly quorum: string
}
export type PolicyKey = { readonly vkey: string; readonly key: Vkey; readonly url?: string }
/** At least `k` of its members; each a witness or a group of an earlier line. */
export type Group = { readonly name: string; readonly k: number; readonly members: readonly string[] }

const linesMax = 32
const logTypes: readonly SignatureType[] = [signatureTypes.ed25519, signatureTypes.mlDsa44]
const witnessTypes: readonly SignatureType[] = [signatureTypes.cosignature, signatureTypes.mlDsa44]

type Draft = {
  logs: PolicyKey[]
  witnesses: (PolicyKey & { name: string })[]
  groups: Group[]
  quorum?: string
  /** Names that some group has: each counts in one way only. */
  used: Set<string>
}

/** spec/14-witnesses.md#policy: one line at a time; the first that is wrong names the failure. */
export function parsePolicy(sha256: Sha256, text: string): Result<Policy> {
  if (hasControl(text.replaceAll('\t', ' ')) || /\u007f/.test(text) || !text.isWellFormed())
    return fail('log.bad-policy', undefined, 'a control character or broken text')
  if (!text.endsWith('\n')) return fail('log.bad-policy', undefined, 'every line ends in a newline')
  const draft: Draft = { logs: [], witnesses: [], groups: [], used: new Set() }
  for (const [i, line] of text.slice(0, -1).split('\n').entries()) {
    const wrong = readLine(sha256, draft, line)
    if (wrong !== undefined) return fail('log.bad-policy', `line ${i + 1}`, wrong)
  }
  const { logs, witnesses, groups, quorum } = draft
  if (quorum === undefined) return fail('log.bad-policy', undefined, 'no quorum line')
  return ok({ logs, witnesses, groups, quorum })
}

/** What is wrong with a line, or undefined. */
function readLine(sha256: Sha256, draft: Draft, line: string): string | undefined {
  const [word, ...items] = line.split(/[ \t]+/).filter(item => item !== '')
  if (word === undefined || word.startsWith('#')) return undefined
  if (word === 'log') return readLog(sha256, draft, items)
  if (word === 'witness') return readWitness(sha256, draft, items)
  if (word === 'group') return readGroup(draft, items)
  return word === 'quorum' ? readQuorum(draft, items) : 'it begins with none of log, witness, group, quorum'
}

function readLog(sha256: Sha256, { logs }: Draft, items: readonly string[]): string | undefined {
  if (items.length < 1 || items.length > 2) return 'a log is `log <vkey> [<url>]`'
  const key = readKey(sha256, items, logTypes)
  if (!key.ok) return 'not the verifier key of a log'
  if (logs.length === linesMax) return `more than ${linesMax} logs`
  return addKey(logs, key.value, key.value)
}

function readWitness(sha256: Sha256, draft: Draft, [name, ...items]: readonly string[]): string | undefined {
  if (name === undefined || items.length < 1 || items.length > 2) return 'a witness is `witness <name> <vkey> [<url>]`'
  const taken = whyNotNew(draft, name)
  if (taken !== undefined) return taken
  const key = readKey(sha256, items, witnessTypes)
  if (!key.ok) return 'not the verifier key of a witness'
  if (draft.witnesses.length === linesMax) return `more than ${linesMax} witnesses`
  return addKey(draft.witnesses, { name, ...key.value }, key.value)
}

function readKey(sha256: Sha256, [vkey = '', url]: readonly string[], types: readonly SignatureType[]) {
  const key = readVkeyOf(sha256, vkey, types)
  return key.ok ? ok<PolicyKey>({ vkey, key: key.value, ...(url !== undefined && { url }) }) : (key satisfies Failure)
}

/** Two names of one key would let it count twice. */
function addKey<T extends PolicyKey>(list: T[], item: T, { key }: PolicyKey): string | undefined {
  if (list.some(other => equalBytes(other.key.key, key.key))) return 'the same key twice'
  list.push(item)
  return undefined
}

const isDefined = ({ witnesses, groups }: Pick<Policy, 'witnesses' | 'groups'>, name: string): boolean =>
  witnesses.some(witness => witness.name === name) || groups.some(group => group.name === name)

function whyNotNew(draft: Draft, name: string): string | undefined {
  if (name === 'none') return 'the name none is taken'
  return isDefined(draft, name) ? `the name ${name} is taken` : undefined
}

function readGroup(draft: Draft, [name, threshold, ...members]: readonly string[]): string | undefined {
  if (name === undefined || threshold === undefined || members.length === 0)
    return 'a group is `group <name> all|any|<k> <name>...`'
  const taken = whyNotNew(draft, name)
  if (taken !== undefined) return taken
  for (const member of members) {
    if (!isDefined(draft, member)) return `${member} is not defined before it`
    if (draft.used.has(member)) return `${member} is a member twice`
    draft.used.add(member)
  }
  const k = thresholdOf(threshold, members.length)
  if (k === undefined) return `the threshold is all, any, or a number from 1 to ${members.length}`
  if (draft.groups.length === linesMax) return `more than ${linesMax} groups`
  draft.groups.push({ name, k, members })
  return undefined
}

function thresholdOf(text: string, n: number): number | undefined {
  if (text === 'all') return n
  if (text === 'any') return 1
  return /^[1-9][0-9]{0,3}$/.test(text) && Number(text) <= n ? Number(text) : undefined
}

function readQuorum(draft: Draft, [name, ...more]: readonly string[]): string | undefined {
  if (name === undefined || more.length > 0) return 'the quorum is `quorum <name>`'
  if (draft.quorum !== undefined) return 'a second quorum line'
  if (name !== 'none' && !isDefined(draft, name)) return `${name} is not defined before it`
  draft.quorum = name
  return undefined
}

/** The one spelling that this code gives a policy; `parsePolicy` reads it back to an equal one. */
export function printPolicy({ logs, witnesses, groups, quorum }: Policy): string {
  const withUrl = ({ vkey, url }: PolicyKey) => (url === undefined ? vkey : `${vkey} ${url}`)
  const lines = [
    ...logs.map(log => `log ${withUrl(log)}`),
    ...witnesses.map(witness => `witness ${witness.name} ${withUrl(witness)}`),
    ...groups.map(({ name, k, members }) => `group ${name} ${k} ${members.join(' ')}`),
    `quorum ${quorum}`,
  ]
  return `${lines.join('\n')}\n`
}
