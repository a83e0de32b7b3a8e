import type { Amendment } from '../charter/amend.ts'
import type { CharterState } from '../charter/fold.ts'
import { checkBody } from '../statement/draft.ts'
import type { OwnKeys, Signed } from './signed.ts'

type Context = { readonly charter: CharterState; readonly keys: OwnKeys }
/** What a version that an exhibit shows says of its own successor. */
type Known = { readonly threshold: number; readonly members: readonly string[] }

/**
 * spec/09-audit.md#convict: the keys of the log, by the genesis charter and by every version that as many members have
 * approved, with root keys, as the one before and it itself ask for. At which index an approval stands no exhibit
 * shows.
 */
export function vkeysAmong({ charter, keys }: Context, signed: readonly Signed[]): readonly string[] {
  const { amend_threshold: threshold, members, relay } = charter.charter
  const versions = new Map<string, Known>([[charter.genesis, { threshold, members: members.map(({ id }) => id) }]])
  const vkeys = new Set([relay.vkey])
  const byRoot = signed.filter(({ kid }) => keys.get(kid)?.record.use === 'root')
  for (let known = 0; known < versions.size;) {
    known = versions.size
    for (const { sid, claims } of byRoot) {
      const next = claims.kind === 'charter.amend' ? amendmentIn(claims.body) : undefined
      const before = next && versions.get(next.previous)
      if (next === undefined || before === undefined) continue
      const after = { threshold: next.charter.amend_threshold, members: next.charter.members.map(idOf) }
      const by = new Set([claims.iss, ...approversOf(sid, byRoot)])
      if (!isEnough(by, before) || !isEnough(by, after)) continue
      versions.set(sid, after)
      vkeys.add(next.charter.relay.vkey)
    }
  }
  return [...vkeys]
}

const idOf = (member: Amendment['charter']['members'][number]): string =>
  typeof member === 'string' ? member : member.id

const isEnough = (by: ReadonlySet<string>, { threshold, members }: Known): boolean =>
  members.filter(id => by.has(id)).length >= threshold

function amendmentIn(body: unknown): Amendment | undefined {
  const read = checkBody('charter.amend', body)
  return read.ok ? (read.value.body as Amendment) : undefined
}

function approversOf(sid: string, signed: readonly Signed[]): readonly string[] {
  return signed.flatMap(({ claims }) => {
    const read = claims.kind === 'charter.approve' ? checkBody('charter.approve', claims.body) : undefined
    const approves = read?.ok === true ? (read.value.body as { approves: string }).approves : undefined
    return approves === sid ? [claims.iss] : []
  })
}
