import {
  type Charter,
  type KeyRecord,
  type Member,
  type Policy,
  asksFor,
  formatVkey,
  fromUtf8,
  limits,
  signatureTypes,
  toleranceOf,
  vkeyPartsOf,
} from '@chancery/protocol'
import type { Flags } from '../cli.ts'
import { readGiven } from '../files.ts'
import { Usage, orRefuse } from '../refusal.ts'
import { primitives } from '../world.ts'

export type Policed = {
  readonly members: readonly Member[]
  readonly relay: Charter['relay']
  /** Verifier keys of the log. */
  readonly logs: readonly string[]
}

/** How many of a member's two keys make it count. */
const asked = ['all', 'any'] as const
type Asked = (typeof asked)[number]

/** The policy of a file as it stands, or the one where every member witnesses and so many of them suffice. */
export function policyGiven(flags: Flags, policed: Policed): string | undefined {
  const [file, quorum, families] = [flags.text('policy'), flags.text('quorum'), flags.text('families')]
  if (file !== undefined && quorum !== undefined) throw new Usage('--policy or --quorum, not both')
  if (families !== undefined && quorum === undefined) throw new Usage('--families goes with --quorum')
  if (file !== undefined) return fromUtf8(orRefuse(readGiven(file, limits.textMax))) ?? ''
  if (quorum === undefined) return undefined
  const of = asked.find(known => known === (families ?? 'all'))
  if (of === undefined) throw new Usage(`--families is one of ${asked.join(', ')}`)
  const lines = policed.members.flatMap(member => witnessLines(member, policed.relay, of))
  const group = `group quorum ${quorum} ${policed.members.map(({ id }) => id).join(' ')}`
  return `${[...policed.logs.map(vkey => `log ${vkey}`), ...lines, group, 'quorum quorum'].join('\n')}\n`
}

/** A member is one party under its own id, whether it has one key or one of each family. */
function witnessLines({ id, keys }: Member, { origin }: Charter['relay'], of: Asked): string[] {
  const own = keys.filter(({ use }) => use === 'witness')
  const [first, second] = [own.find(({ alg }) => alg === 'EdDSA'), own.find(({ alg }) => alg === 'ML-DSA-44')]
  if (first === undefined) throw new Usage(`--quorum needs a witness key of every member, and ${id} has none`)
  const line = (name: string, key: KeyRecord) => `witness ${name} ${vkeyOf(key, `${origin}/witness/${id}`)}`
  if (second === undefined) return [line(id, first)]
  const names = [`${id}/ed25519`, `${id}/ml-dsa-44`] as const
  return [line(names[0], first), line(names[1], second), `group ${id} ${of} ${names.join(' ')}`]
}

function vkeyOf(record: KeyRecord, name: string): string {
  const parts = vkeyPartsOf(record)
  if (parts === undefined) throw new Error('bug: a witness key of no family')
  return formatVkey({ sha256: primitives.sha256, name, ...parts })
}

/** What the coalition can bear, for programs. */
export const bearsOf = (policy: Policy) => ({
  ...toleranceOf(policy),
  asks_for: (['ed25519', 'ml-dsa-44'] as const).filter(family => asksFor(policy, family)),
})

/** The same in words that a founder can object to. */
export function sayTolerance(policy: Policy | undefined): string[] {
  if (policy === undefined) return ['  no witnesses: what the log signs counts, and a relay could show two views']
  const { parties, quorum, faulty, away } = toleranceOf(policy)
  const small = faulty === 0 ? '; it bears no corrupt one: only four or more can' : ''
  return [
    `  ${quorum} of ${parties} witnesses make a checkpoint count${small}`,
    `  ${faulty} of them may be corrupt and no second view counts; ${away} may be away and the log still counts`,
    `  ${sayFamilies(policy)}`,
  ]
}

function sayFamilies(policy: Policy): string {
  if (asksFor(policy, 'ml-dsa-44')) return 'nothing counts without ML-DSA-44: what is on record stands if Ed25519 falls'
  return policy.witnesses.some(({ key }) => key.type === signatureTypes.mlDsa44)
    ? 'a checkpoint may count without ML-DSA-44, and would then not stand if Ed25519 falls'
    : 'Ed25519 alone: if it falls, what is on record does not stand by itself'
}
