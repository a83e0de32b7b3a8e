import type { CharterState } from '../../charter/fold.ts'
import { fromTheStart, isAllowed } from '../../sharing/decide.ts'
import type { Handling } from '../../sharing/handling.ts'
import { readerOf } from '../../sharing/reader.ts'
import type { RequestBody } from './release-control.ts'

/** A statement as far as who may read it depends on it. */
type Marked = { readonly charter: CharterState; readonly iss: string; readonly handling: Handling }

/** Whom one can ask for: a folder's tier is nobody to whom something is released. */
export function isReader(charter: CharterState, name: string): boolean {
  const reader = readerOf(charter, name)
  return reader !== undefined && reader.as !== 'tier'
}

/** Whether a reader, by its name, may see a statement from the moment it is logged. */
export function mayRead({ charter, iss, handling }: Marked, name: string): boolean {
  const reader = readerOf(charter, name)
  if (reader === undefined || reader.as === 'tier') return false
  return isAllowed({ coa: charter.genesis, iss, handling }, reader, 'see', fromTheStart)
}

export type Asked = Omit<RequestBody, 'accepts' | 'purpose'>

/** A grant of a request is as wide as what was asked, or narrower, and ends no later. */
export function grantsNoMore(granted: Asked, asked: Asked): boolean {
  return (
    granted.sid === asked.sid &&
    granted.recipient === asked.recipient &&
    granted.actions.every(action => asked.actions.includes(action)) &&
    (granted.slots ?? []).every(label => asked.slots?.includes(label)) &&
    (granted.mode === 'disclosure' || asked.mode === 'release') &&
    granted.until.size <= asked.until.size &&
    granted.until.at <= asked.until.at
  )
}
