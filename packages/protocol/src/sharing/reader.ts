import { type Charter, type Role, isCleared } from '../charter/charter.ts'
import type { CharterState } from '../charter/fold.ts'
import { Tlp, tiers } from '../charter/tiers.ts'

/** What a reader is: spec/11-handling.md#readers. */
export const readerForms = ['anyone', 'tier', 'community', 'constituent', 'body', 'member', 'person'] as const
export type ReaderForm = (typeof readerForms)[number]

/** Who asks, as far as a decision depends on it. Made from a charter, never from what a reader says of itself. */
export type Reader = {
  readonly as: ReaderForm
  /** The coalition in whose charter it stands; null for anyone. */
  readonly coa: string | null
  /** Whose it is: the member itself, or the one that named it. */
  readonly member: string | null
  readonly roles: readonly Role[]
  readonly clearance: Tlp
}

export const anyone: Reader = { as: 'anyone', coa: null, member: null, roles: [], clearance: 'clear' }

/** Whoever holds a folder made for a tier: cleared for it, and nobody by name. */
export const tierReader = (coa: string, tlp: Tlp): Reader => ({
  as: 'tier',
  coa,
  member: null,
  roles: [],
  clearance: tlp,
})

/** Whom a member's own machine reads for: the member, and its persons where it has keys of some. */
export function nodeReaders(state: CharterState, id: string, persons: boolean): readonly Reader[] {
  const member = memberReader(state, id, 'member')
  if (member === undefined) return []
  return persons && hasPerson(state.charter, id) ? [member, { ...member, as: 'person' }] : [member]
}

/** Clearances nest, so the most restricted tier says it all. */
export const clearanceOf = ({ charter }: Pick<CharterState, 'charter'>, member: string): Tlp =>
  tiers.findLast(tier => isCleared(charter, member, tier)) ?? 'clear'

/**
 * A reader by its name: `borealia`, `borealia/grid` for a body, a constituent or a person of it, `community:banks`,
 * `tlp:amber` for whoever holds a folder of that tier, `anyone`. undefined where the charter knows no such reader.
 */
export function readerOf(state: CharterState, name: string): Reader | undefined {
  const { genesis: coa, charter } = state
  const [before = '', ...after] = name.split(/[:/]/)
  const rest = name.slice(before.length + 1)
  if (after.length === 0) return memberReader(state, name, 'member') ?? (name === 'anyone' ? anyone : undefined)
  if (name[before.length] === '/') return ofMember(state, before, rest)
  const tier = before === 'tlp' ? Tlp.safeParse(rest) : undefined
  if (tier?.success) return tierReader(coa, tier.data)
  const registered = before === 'community' && charter.communities?.some(({ id }) => id === rest)
  return registered ? { as: 'community', coa, member: null, roles: [], clearance: 'green' } : undefined
}

/**
 * The reader that an evidence folder is for, as its manifest names it: a tier by its own word, any other by its name.
 * undefined where the charter knows no such reader.
 */
export function folderReader(state: CharterState, name: string): Reader | undefined {
  const tier = Tlp.safeParse(name)
  if (tier.success) return tierReader(state.genesis, tier.data)
  return name.startsWith('tlp:') ? undefined : readerOf(state, name)
}

function memberReader(state: CharterState, id: string, as: ReaderForm): Reader | undefined {
  const found = state.charter.members.find(member => member.id === id)
  if (found === undefined) return undefined
  return { as, coa: state.genesis, member: id, roles: found.roles, clearance: clearanceOf(state, id) }
}

function ofMember(state: CharterState, id: string, name: string): Reader | undefined {
  const found = state.charter.members.find(member => member.id === id)
  const named = (list: readonly { readonly id: string }[] | undefined) => list?.some(one => one.id === name) ?? false
  if (named(found?.bodies)) return memberReader(state, id, 'body')
  if (named(found?.constituents)) return memberReader(state, id, 'constituent')
  return found?.keys.some(({ person }) => person === name) ? memberReader(state, id, 'person') : undefined
}

const hasPerson = ({ members }: Charter, id: string): boolean =>
  members.some(member => member.id === id && member.keys.some(({ person }) => person !== undefined))
