import { type LogView, toBase64url } from '@chancery/protocol'
import type { Session } from './session.ts'

/** The view of everything held, at the size held. */
export function viewOf({ mirror: { store } }: Pick<Session, 'mirror'>): Required<LogView> {
  return {
    size: store.size,
    rootAt: (size: number) => (size <= store.size ? toBase64url(store.rootAt(size)) : undefined),
    withheldBefore: (size: number) => store.unopened(size),
  }
}
