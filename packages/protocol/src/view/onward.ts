import type { CharterState } from '../charter/fold.ts'
import { type Marked, decide, fromTheStart, isAllowed } from '../sharing/decide.ts'
import type { Handling } from '../sharing/handling.ts'
import { readerOf } from '../sharing/reader.ts'
import { type Result, fail, ok } from '../wire/failure.ts'
import { type Facts, subjectsOf } from './facts.ts'
import { type GrantState, isHandedOn } from './release-control.ts'

/** What of a `resend` says to whom it goes, and what. */
export type Resend = {
  readonly iss: string
  readonly handling: Handling
  readonly body: { readonly sid: string; readonly slots: readonly string[] }
}

/** Of all the facts those by which this member's resend at an index lets anything out. */
export function onwardFacts(facts: Facts, { by, before }: { readonly by: string; readonly before: number }): Facts {
  const { control } = facts
  const grants = control.grants.flatMap((state): GrantState[] => {
    const uses = state.uses.filter(use => use.index < before && isHandedOn(use.body.action))
    return state.grant.body.to === by && uses.length > 0 ? [{ ...state, is: 'used-up', uses }] : []
  })
  const openings = control.openings.filter(({ index }) => index < before)
  return { ...facts, control: { ...control, grants, openings } }
}

type Going = {
  readonly charter: CharterState
  readonly resend: Resend
  /** The statement that it brings. */
  readonly about: Marked
  /** Those of `onwardFacts`. */
  readonly facts: Facts
  /** Judged for these readers, by name; else for all to whom it goes. */
  readonly among?: (name: string) => boolean
}

/** spec/12-release-control.md#resends: whether each to whom it goes may see what goes to it. */
export function checkResend({ charter, resend, about, facts, among }: Going): Result<true> {
  if (resend.iss === about.claims.iss) return ok(true)
  const { slots } = resend.body
  const denied = readersOfResend(charter, resend)
    .filter(among ?? (() => true))
    .flatMap(name => deniedTo({ charter, about, facts }, name))
    .filter(({ slot }) => slot === undefined || slots.includes(slot))
  const first = denied.find(({ slot }) => slot === undefined) ?? denied[0]
  if (first === undefined) return ok(true)
  const { name, slot, why } = first
  const [at, what] = slot === undefined ? ['/body/sid', ''] : ['/body/slots', `, tear line ${slot}`]
  return fail('release.no-grant', at, `${name} could read it${what}: ${why}`)
}

function deniedTo({ charter, about, facts }: Pick<Going, 'charter' | 'about' | 'facts'>, name: string) {
  const reader = readerOf(charter, name)
  if (reader === undefined) return []
  return subjectsOf(about, facts, { reader: name }).flatMap(({ slot, subject }) => {
    const { decision, why } = decide(subject, reader, 'see', facts.at)
    return decision === 'deny' ? [{ name, slot, why }] : []
  })
}

/** All by name, but its issuer, to whom a statement with this marking brings what it carries. */
function readersOfResend(charter: CharterState, { iss, handling }: Resend): readonly string[] {
  const others = charter.charter.members.filter(({ id }) => id !== iss)
  const named = others.flatMap(({ id, keys }) => [
    id,
    ...keys.flatMap(({ person }) => (person === undefined ? [] : [`${id}/${person}`])),
  ])
  const subject = { coa: charter.genesis, iss, handling }
  return ['anyone', ...named].filter(name => {
    const reader = readerOf(charter, name)
    return reader !== undefined && isAllowed(subject, reader, 'see', fromTheStart)
  })
}
